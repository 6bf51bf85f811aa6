"""The interaction of a study from more sides: slopes, regions, a map, every method, and firms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.design import term_name
from si_research.model.inference_comparison import compare_inference
from si_research.model.johnson_neyman import JohnsonNeyman, johnson_neyman
from si_research.model.mixed_model import FEWEST_FIRMS
from si_research.model.significance_map import significance_map
from si_research.model.slope_differences import slope_differences
from si_research.model.within_between import WithinBetween, within_between
from si_research.report.describe import scale_ends
from si_research.report.probing_findings import Levels, ProbingFindings

if TYPE_CHECKING:
    from si_research.model.interaction import InteractionFit
    from si_research.study.study_file import StudyFile
    from si_research.survey.scoring import ScaleFacts


def probe_interaction(
    study: StudyFile, fit: InteractionFit, scales: Mapping[str, ScaleFacts]
) -> ProbingFindings:
    """Return what is found when the interaction is looked at from more sides.

    Parameters
    ----------
    study : StudyFile
    fit : InteractionFit
    scales : mapping of str to ScaleFacts
        By column of the scores; curve and map span their response formats.

    Returns
    -------
    ProbingFindings
    """
    ends = {name: scale_ends(fit.rows[name], scales.get(name)) for name in fit.predictors}
    levels, split = _within_and_between(fit)
    return ProbingFindings(
        differences=tuple(slope_differences(fit, of=name) for name in fit.predictors),
        regions=tuple(_regions(fit, ends)),
        maps=tuple(
            significance_map(fit, of=name, scales={each: ends[each] for each in ends if each != name})
            for name in (fit.predictors if len(fit.predictors) > 2 else ())
        ),
        inference=compare_inference(fit, draws=study.analysis.bootstrap_draws, seed=study.seed),
        split=split,
        levels=levels,
        ends=ends,
    )


def _regions(fit: InteractionFit, ends: Mapping[str, tuple[float, float]]) -> Iterator[JohnsonNeyman]:
    """Give the product of all predictors but one over that one, where it has more than two values."""
    for parts in combinations(fit.predictors, len(fit.predictors) - 1):
        (over,) = set(fit.predictors) - set(parts)
        if over not in fit.squares_left_out:
            yield johnson_neyman(fit, of=term_name(parts), over=over, scale=ends[over])


def _within_and_between(fit: InteractionFit) -> tuple[Levels, WithinBetween | None]:
    if fit.cluster is None:
        return "no_firms", None
    if fit.rows[fit.cluster].nunique() < FEWEST_FIRMS:
        return "too_few_firms", None
    if fit.weight is not None:
        return "weights", None
    try:
        split = within_between(fit)
    except (SurveyDataError, ModelSpecificationError):
        return "not_possible", None
    return ("estimated", split) if split.status != "not converged" else ("not_possible", None)
