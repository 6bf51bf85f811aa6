"""The scales of the question as factors: which models, on whose answers, and what stands in their way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.measurement.factors.answers import Missing, constant_items, hindrance_in
from si_research.measurement.factors.confirmatory import fit_factors, fit_models
from si_research.measurement.factors.factor_fit import FactorFit, Finding
from si_research.measurement.factors.factor_model import one_factor
from si_research.measurement.factors.hints import modification_hints
from si_research.measurement.factors.validity import factor_validity, heterotrait_monotrait
from si_research.report.factor_findings import MAIN, StudyFactors
from si_research.report.findings import Refusal
from si_research.study.instruments import compare_instruments
from si_research.study.study_file import StudyFile
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.scoring import Scores, keyed_items
from si_research.survey.survey_data import Survey

FEWEST_PEOPLE: Final = 20
"""Fewer people say nothing about factors."""
FEWEST_CLUSTERS: Final = 20
"""Below this number of firms, errors that allow for them come out too small themselves."""
MOST_WORK: Final = 100_000_000
"""Patterns of missing answers times the fourth power of the items: some seconds of full information."""


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """The answers that models are fitted to.

    Attributes
    ----------
    answers : pandas.DataFrame
        Keyed answers, a column an item.
    factors : Mapping of str to tuple of str
        Scale of the question -> its items.
    findings : tuple of Finding
        Scales and items that are left out.
    missing : {"fiml", "listwise"}
    complete : bool
        Whether no answer is missing.
    """

    answers: pd.DataFrame = field(repr=False)
    factors: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    missing: Missing
    complete: bool

    @property
    def items(self) -> list[str]:
        """The items, one factor after the other."""
        return [item for items in self.factors.values() for item in items]

    @property
    def used(self) -> pd.DataFrame:
        """The rows that a model rests on."""
        known = self.answers[self.items].notna()
        return self.answers.loc[
            known.all(axis=1) if self.missing == "listwise" else known.any(axis=1), self.items
        ]


def fit_study_factors(
    study: StudyFile, codebook: Codebook, survey: Survey, scores: Scores, refusal: Refusal | None
) -> StudyFactors | None:
    """Fit the models that the scales of the question allow, and compare the groups that the study has.

    Returns
    -------
    StudyFactors or None
        None where a row is an organisation, or the file has no scale of the question. With a reason, and no
        model, where a refusal or the answers stand in the way.
    """
    names = scales_of_question(study, scores)
    if codebook.unit != "respondent" or not names:
        return None
    if refusal is not None and refusal.code in {"unreliable_scales", "instrument_changed"}:
        return StudyFactors(reason=refusal.code, n_rows=scores.n_rows)
    offered = offered_answers(study, codebook, survey, scores)
    reason, findings = _hindrance(offered)
    findings = (*offered.findings, *findings)
    if reason:
        return StudyFactors(reason=reason, findings=findings, n_rows=scores.n_rows)
    clusters, whose, few = _clusters(study, scores.table())
    models = _models(offered, study, clusters)
    main = models[MAIN]
    validity = factor_validity(main)
    htmt, too_few = _ratios(offered)
    return StudyFactors(
        findings=(*findings, *few, *too_few),
        models=models,
        validity=validity,
        htmt=htmt,
        hints=modification_hints(main) if main.status in {"estimated", "improper"} else None,
        instruments=compare_instruments(study, codebook, survey, offered, main, clusters),
        missing="complete" if offered.complete else offered.missing,
        clusters=whose,
        n_rows=scores.n_rows,
    )


def scales_of_question(study: StudyFile, scores: Scores) -> list[str]:
    """Return the conditions and the outcome, as far as the file has them."""
    return [name for name in (*study.analysis.predictors, study.analysis.outcome) if name in scores.scales]


def offered_answers(study: StudyFile, codebook: Codebook, survey: Survey, scores: Scores) -> Offered:
    """Return the items of the question that can be in a model, and say what cannot."""
    factors: dict[str, tuple[str, ...]] = {}
    columns, findings = [], []
    for name in scales_of_question(study, scores):
        facts = scores.scales[name]
        if facts.kind == "score" or len(facts.items) < 2:
            findings.append(Finding("single_score" if facts.kind == "score" else "single_item", (name,)))
            continue
        keyed = keyed_items(survey, codebook, facts.name)
        keyed.columns = pd.Index(
            [item if item not in scores.scales else f"{item} (item)" for item in facts.items]
        )
        columns.append(keyed)
        factors[name] = tuple(keyed.columns)
    answers = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=survey.values.index)
    missing, complete, late = _missing(study, answers)
    kept, constant = _varying(answers, factors, missing)
    empty = tuple(item for item in constant if not answers[item].notna().any())
    alike = tuple(item for item in constant if item not in empty)
    findings += [Finding("no_answers", empty)] if empty else []
    findings += [Finding("no_variance", alike)] if alike else []
    short = tuple(name for name in factors if name not in kept)
    findings += [Finding("no_scale_left", short)] if short else []
    return Offered(answers, kept, (*findings, *late), missing, complete)


def _missing(study: StudyFile, answers: pd.DataFrame) -> tuple[Missing, bool, tuple[Finding, ...]]:
    """Return how missing answers are handled: with full information, unless that would take minutes."""
    holes = answers[answers.notna().any(axis=1)].isna().to_numpy()
    if not holes.any():
        return "listwise", True, ()
    asked = study.factors.missing
    n_patterns = len(np.unique(np.packbits(holes, axis=1), axis=0))
    if asked is None and n_patterns * float(holes.shape[1]) ** 4 > MOST_WORK:
        return "listwise", False, (Finding("too_many_patterns"),)
    return asked or "fiml", False, ()


def _varying(
    answers: pd.DataFrame, factors: Mapping[str, tuple[str, ...]], missing: Missing
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return the factors without the items on which everybody answered the same, and those items."""
    kept, constant = dict(factors), list[str]()
    while kept:
        items = [item for each in kept.values() for item in each]
        values = answers[items].dropna() if missing == "listwise" else answers[items]
        found = constant_items(values.to_numpy(dtype="float64"), items) if len(values) else ()
        if not found:
            break
        constant += found
        kept = {name: tuple(item for item in each if item not in found) for name, each in kept.items()}
        kept = {name: each for name, each in kept.items() if len(each) > 1}
    return kept, tuple(constant)


def _hindrance(offered: Offered) -> tuple[str, tuple[Finding, ...]]:
    """Return why no model can be fitted, if so."""
    if not offered.factors:
        return "no_scales", ()
    if len(offered.items) < 3:
        return "two_items", ()
    used = offered.used
    found = hindrance_in(used.to_numpy(dtype="float64"), offered.items)
    if found is not None:
        return found.code, (Finding(found.code, found.items),) if found.items else ()
    return ("too_few_people", ()) if len(used) < FEWEST_PEOPLE else ("", ())


def _models(offered: Offered, study: StudyFile, clusters: pd.Series[Any] | None) -> dict[str, FactorFit]:
    """Fit all items as one factor, the conditions with the outcome aside, and all scales apart."""
    how: dict[str, Any] = {
        "missing": offered.missing,
        "clusters": clusters,
        "conf_level": study.analysis.confidence,
    }
    factors = offered.factors
    models = {"one": one_factor(factors)} if len(factors) > 1 else {}
    found = fit_models(offered.answers, {**models, MAIN: factors}, **how)
    aside = {name: items for name, items in factors.items() if name != study.analysis.outcome}
    if 1 < len(aside) < len(factors):
        found["conditions"] = fit_factors(offered.answers, aside, **how)
    return {name: found[name] for name in ("one", "conditions", MAIN) if name in found}


def _ratios(offered: Offered) -> tuple[Any, tuple[Finding, ...]]:
    """Return how alike factors are by correlations of items, from people who answered all of these."""
    if len(offered.factors) < 2:
        return None, ()
    complete = offered.answers[offered.items].dropna()
    if len(complete) < FEWEST_PEOPLE or hindrance_in(complete.to_numpy(dtype="float64"), offered.items):
        return None, (Finding("few_complete"),)
    return heterotrait_monotrait(complete, offered.factors), ()


def _clusters(
    study: StudyFile, table: pd.DataFrame
) -> tuple[pd.Series[Any] | None, str, tuple[Finding, ...]]:
    """Return whose answers may be alike; people of whom that is not known stand alone."""
    firm, person = (ROLE_COLUMNS[role] for role in ("organisation", "respondent"))
    few: tuple[Finding, ...] = ()
    if firm in table and study.analysis.cluster == "organisation" and table[firm].nunique() > 1:
        if table[firm].nunique() >= FEWEST_CLUSTERS:
            return _numbered(table[firm]), "organisation", ()
        few = (Finding("few_firms"),)
    if person in table and table[person].dropna().duplicated().any():
        return _numbered(table[person]), "respondent", few
    return None, "", few


def _numbered(column: pd.Series[Any]) -> pd.Series[Any]:
    number, names = pd.factorize(column)
    alone = len(names) + np.arange(len(number))
    return pd.Series(np.where(number < 0, alone, number), index=column.index)


def lines_on_factors(
    study: StudyFile, codebook: Codebook, survey: Survey, scores: Scores, refusal: Refusal | None
) -> Iterator[str]:
    """Say which factor models a run will fit, and to whose answers."""
    if codebook.unit != "respondent" or not scales_of_question(study, scores):
        return
    if refusal is not None and refusal.code in {"unreliable_scales", "instrument_changed"}:
        yield "factor models: none, for the same reason as the tests"
        return
    offered = offered_answers(study, codebook, survey, scores)
    reason, _ = _hindrance(offered)
    if reason:
        yield f"factor models: none ({reason.replace('_', ' ')})"
        return
    how = "nothing missing" if offered.complete else f"missing: {offered.missing}"
    aside = [each.where[0] for each in offered.findings if each.name in {"single_score", "single_item"}]
    yield (
        f"factor models: {len(offered.items)} questions of {_listed(offered.factors)}, "
        f"n = {len(offered.used)} ({how})"
        + (f"; not in them, because they are one score or question: {_listed(aside)}" if aside else "")
    )


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    return ", ".join(names)
