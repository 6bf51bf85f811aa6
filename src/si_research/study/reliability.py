"""The reliability of every scale of a study, by every way that it can be known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.alpha_bootstrap import bootstrap_alpha
from si_research.measurement.omega import omega_total, unknown_omega
from si_research.measurement.polychoric import PolychoricCorrelations, polychoric_correlations
from si_research.measurement.reliability import (
    Reliability,
    Status,
    cronbach_alpha,
    unknown_reliability,
)
from si_research.measurement.scale_reliability import (
    ScaleReliability,
    holding,
    known_figures,
    unreliable_scales,
)
from si_research.measurement.two_halves import spearman_brown
from si_research.report.findings import Refusal
from si_research.study.study_file import StudyFile
from si_research.survey.codebook import Codebook
from si_research.survey.scoring import keyed_items, score_columns
from si_research.survey.survey_data import Survey

FEWEST_FOR_ALPHA: Final = 5
"""Complete rows below which alpha tells of these few people and not of the scale."""


def reliability_of_scales(
    survey: Survey, codebook: Codebook, study: StudyFile
) -> tuple[ScaleReliability, ...]:
    """Return what is known of the reliability of each scale, in the order of the codebook."""
    firm = codebook.variable_of_role("organisation")
    by_firm = firm is not None and study.analysis.cluster == "organisation"
    firms = survey.values[firm] if by_firm and firm is not None else None
    return tuple(
        _of_scale(survey, codebook, column, scale, study, firms)
        for column, scale in score_columns(codebook).items()
    )


def refusal_of_unreliable(
    study: StudyFile, scales: Iterable[ScaleReliability], used: set[str]
) -> Refusal | None:
    """Return the refusal of a test on scales of which every known figure is below the floor, or None."""
    floor = study.analysis.reliability_floor
    low = unreliable_scales([each for each in scales if each.scale in used], floor)
    if not low or study.analysis.test_unreliable_scales:
        return None
    return Refusal(
        "unreliable_scales",
        {
            "scales": tuple(each.scale for each in low),
            "floor": floor,
            "reliabilities": {each.scale: known_figures(each) for each in low},
            "open": tuple(each.scale for each in low if holding(each, floor) is not None),
        },
    )


def _of_scale(
    survey: Survey,
    codebook: Codebook,
    column: str,
    scale: str,
    study: StudyFile,
    firms: pd.Series[Any] | None,
) -> ScaleReliability:
    level, rules = study.analysis.confidence, study.reliability
    score = codebook.scales[scale].score
    if score is not None:
        return _unknown(survey.values[[score]], column, "single score", study)
    items = keyed_items(survey, codebook, scale)
    status = _obstacle(items, rules.missing)
    if status is not None:
        return _unknown(items, column, status, study)
    known = {"scale": column, "conf_level": level}
    alpha = cronbach_alpha(items, missing=rules.missing, **known)  # type: ignore[arg-type]
    return ScaleReliability(
        alpha=alpha,
        omega=omega_total(items, clusters=firms, **known),  # type: ignore[arg-type]
        two_items=spearman_brown(items, **known) if items.shape[1] == 2 else None,  # type: ignore[arg-type]
        bootstrap=_bootstrap(items, column, study, firms) if rules.bootstrap_draws else None,
        ordinal=_ordinal(items, study) if rules.ordinal else None,
    )


def _unknown(items: pd.DataFrame, column: str, status: Status, study: StudyFile) -> ScaleReliability:
    level, missing = study.analysis.confidence, study.reliability.missing
    return ScaleReliability(
        unknown_reliability(items, scale=column, status=status, missing=missing, conf_level=level),
        unknown_omega(items, scale=column, status=status, conf_level=level),  # type: ignore[arg-type]
    )


def _obstacle(items: pd.DataFrame, missing: str) -> Status | None:
    """Return why there is no alpha, or None."""
    if items.shape[1] < 2:
        return "one item"
    there = items.notna().to_numpy("float64")
    rows = items.dropna() if missing == "listwise" else items
    enough = len(rows) if missing == "listwise" else int((there.T @ there).min())
    if enough < FEWEST_FOR_ALPHA:
        return "too few"
    return "no variance" if int((rows.max() > rows.min()).sum()) < 2 else None


def _bootstrap(
    items: pd.DataFrame, column: str, study: StudyFile, firms: pd.Series[Any] | None
) -> Reliability | None:
    """Return alpha with a bootstrap interval; of people where there are too few firms."""
    rules = study.reliability
    for clusters in (firms, None):
        try:
            return bootstrap_alpha(
                items,
                seed=study.seed,
                draws=rules.bootstrap_draws,
                clusters=clusters,
                scale=column,
                missing=rules.missing,
                conf_level=study.analysis.confidence,
            )
        except SurveyDataError:
            continue
    return None


def _ordinal(items: pd.DataFrame, study: StudyFile) -> PolychoricCorrelations | None:
    """Return polychoric correlations; None for fine answers, or too few of them."""
    try:
        return polychoric_correlations(items, missing=study.reliability.missing)
    except SurveyDataError:
        return None
