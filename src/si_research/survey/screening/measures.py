"""Each index as it stands in a study: on the right questions, with its line, or why it is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from si_research.survey.listed_values import is_one_of
from si_research.survey.screening.cut_offs import IndexName
from si_research.survey.screening.indices import (
    average_longstring,
    even_odd,
    item_pairs,
    longstring,
    mahalanobis,
    person_total,
    psychometric_synonyms,
    response_variability,
)
from si_research.survey.screening.plan import FEWEST_ITEMS, ScreeningPlan
from si_research.survey.survey_data import Survey

FEWEST_SCALES: Final = 5
"""Scales below which even-odd is left out: over four points any correlation comes by chance."""
FEWEST_PAIRS: Final = 5
"""Pairs of synonyms or antonyms below which these are left out."""
SECONDS: Final[Mapping[str, float]] = {"seconds": 1.0, "minutes": 60.0, "milliseconds": 0.001}
_NOT_PUT: Final = ("not_asked", "routed_past")


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What the indices are computed from.

    Attributes
    ----------
    survey : Survey
    plan : ScreeningPlan
    answers : pandas.DataFrame
        The items as given and in the order asked; empty for who answered fewer than five.
    asked : pandas.Series
        How many of the items were put to each person.
    """

    survey: Survey
    plan: ScreeningPlan
    answers: pd.DataFrame
    asked: pd.Series[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One index over all people, or why there is none.

    Attributes
    ----------
    values : pandas.Series or None
    cut_off : float
        The line, in the unit of the index; missing where there is none.
    lines : pandas.Series or None
        The line of each person, where that is not the same for all.
    status : str
        ``used``, ``no_cut_off``, or the reason why the index is not there.
    """

    values: pd.Series[Any] | None = field(default=None, repr=False)
    cut_off: float = np.nan
    lines: pd.Series[Any] | None = field(default=None, repr=False)
    status: str = "used"


def material_of(survey: Survey, plan: ScreeningPlan) -> Material:
    """Return the answers that are compared, and how many questions each person got."""
    items = list(plan.items)
    answers = survey.values[items]
    enough = answers.notna().sum(axis=1) >= FEWEST_ITEMS
    asked = len(items) - survey.reasons[items].isin(_NOT_PUT).sum(axis=1)
    return Material(survey, plan, answers if enough.all() else answers.where(enough), asked)


def _longstring(material: Material) -> Measure:
    share = material.plan.rules.longstring_share
    values = longstring(material.answers).where(material.answers.notna().any(axis=1))
    return Measure(values, share * len(material.plan.items), share * material.asked)


def _average_longstring(material: Material) -> Measure:
    values = average_longstring(material.answers).where(material.answers.notna().any(axis=1))
    return Measure(values, status="no_cut_off")


def _response_variability(material: Material) -> Measure:
    values = response_variability(material.answers)
    known = values.dropna()
    if known.empty:
        return Measure(status="too_few_people")
    return Measure(values, float(np.percentile(known, material.plan.rules.variability_percentile)))


def _mahalanobis(material: Material) -> Measure:
    people, items = material.answers.notna().any(axis=1).sum(), len(material.plan.items)
    if people < items + 2:
        return Measure(status="too_few_people")
    found = mahalanobis(material.answers)
    df = float(found["df"].iloc[0])
    if df == 0:
        return Measure(status="too_few_people")
    return Measure(found["distance_squared"], float(stats.chi2.isf(material.plan.rules.mahalanobis_p, df)))


def _person_total(material: Material) -> Measure:
    return Measure(person_total(material.answers), material.plan.rules.person_total)


def _even_odd(material: Material) -> Measure:
    plan = material.plan
    if len(plan.scales) < FEWEST_SCALES:
        return Measure(status="too_few_scales")
    turned = {item: both - material.answers[item] for item, both in plan.turned.items()}
    return Measure(even_odd(material.answers.assign(**turned), plan.scales), plan.rules.even_odd)


def _synonyms(material: Material) -> Measure:
    return _pairs(material, material.plan.rules.pairs_from, material.plan.rules.synonyms)


def _antonyms(material: Material) -> Measure:
    return _pairs(material, -material.plan.rules.pairs_from, material.plan.rules.antonyms)


def _pairs(material: Material, beyond: float, cut_off: float) -> Measure:
    pairs = item_pairs(material.answers, beyond=beyond)
    if len(pairs) < FEWEST_PAIRS:
        return Measure(status="too_few_pairs")
    return Measure(psychometric_synonyms(material.answers, pairs)["correlation"], cut_off)


def _seconds_per_item(material: Material) -> Measure:
    """Time taken over questions answered; other parts of the questionnaire only make it longer."""
    survey, plan = material.survey, material.plan
    if plan.duration is not None:
        seconds = survey.values[plan.duration] * SECONDS[plan.rules.duration_unit]
    elif survey.responses is not None and survey.responses["duration"].notna().any():
        seconds = survey.responses["duration"].loc[survey.values.index]
    else:
        return Measure(status="no_duration")
    answered = survey.values[list(plan.questions)].notna().sum(axis=1)
    values = seconds.astype("float64") / answered.where(answered >= FEWEST_ITEMS)
    return Measure(values, plan.rules.seconds_per_item)


def _failed_checks(material: Material) -> Measure:
    """Checks that were put and answered otherwise; one that was left open says nothing."""
    checks = material.plan.checks
    if not checks:
        return Measure(status="no_checks")
    answers = material.survey.values[list(checks)]
    wrong = pd.DataFrame(
        {name: answers[name].notna() & ~is_one_of(answers[name], right) for name, right in checks.items()}
    )
    values = wrong.sum(axis=1).astype("float64").where(answers.notna().any(axis=1))
    return Measure(values, float(material.plan.rules.failed_checks))


def _share_missing(material: Material) -> Measure:
    reasons = material.survey.reasons[list(material.plan.questions)]
    put = reasons.shape[1] - reasons.isin(_NOT_PUT).sum(axis=1)
    values = (reasons == "unanswered").sum(axis=1) / put.where(put >= FEWEST_ITEMS)
    return Measure(values, material.plan.rules.share_missing)


MEASURES: Final[Mapping[IndexName, Callable[[Material], Measure]]] = {
    "longstring": _longstring,
    "average_longstring": _average_longstring,
    "response_variability": _response_variability,
    "mahalanobis": _mahalanobis,
    "person_total": _person_total,
    "even_odd": _even_odd,
    "synonyms": _synonyms,
    "antonyms": _antonyms,
    "seconds_per_item": _seconds_per_item,
    "failed_checks": _failed_checks,
    "share_missing": _share_missing,
}
