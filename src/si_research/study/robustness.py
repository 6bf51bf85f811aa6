"""How firm the result of a study is: without each firm, how large, curves, ends of scales, diagnostics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from si_research.model.effect_sizes import EffectSizes, effect_sizes
from si_research.model.influence import LeaveOneFirmOut, leave_one_firm_out
from si_research.model.model_checks import (
    SQUARES,
    WITH_SQUARES,
    WITHOUT_SQUARES,
    check_ceiling,
    check_curvature,
)
from si_research.model.regression_diagnostics import regression_diagnostics
from si_research.report.robustness_findings import (
    CurvatureStatus,
    FirmsStatus,
    RobustnessFindings,
    SizesStatus,
)
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.interaction import InteractionFit
    from si_research.survey.check_result import CheckResult
    from si_research.survey.scoring import ScaleFacts

FEWEST_LEFT_OUT: Final = 3
"""Firms below which leaving one out leaves no firms to compare."""
FEWEST_DRAWN: Final = 5
"""Firms below which samples of firms are nearly all alike, so that their limits say nothing."""
PEOPLE_A_TERM: Final = 3
"""People a term, squares with them, below which samples of people determine the outcome by chance."""
TINY: Final = 1e-9
MOST_DEFICIENT: Final = 0.05
"""Share of draws in which some term could not be told from the others, above which no limits are given."""


def robustness(
    fit: InteractionFit, scales: Mapping[str, ScaleFacts], *, draws: int, seed: int
) -> RobustnessFindings:
    """Return what is found when the result is put to the test.

    Parameters
    ----------
    fit : InteractionFit
    scales : mapping of str to ScaleFacts
        By column of the scores; their response formats say where a scale ends.
    draws : int, at least 199
        Bootstrap samples for the intervals of sizes.
    seed : int

    Returns
    -------
    RobustnessFindings
        What this file does not allow has a status that says why.
    """
    firms_status, firms = _firms(fit)
    sizes_status, sizes = _sizes(fit, draws, seed)
    curvature = check_curvature(fit)
    return RobustnessFindings(
        firms=firms,
        firms_status=firms_status,
        small_firms=None if firms is None else _small_firms(fit, firms),
        sizes=sizes,
        sizes_status=sizes_status,
        curvature=curvature,
        curvature_status=_curvature_status(curvature, 1 - fit.conf_level),
        ceiling=check_ceiling(fit, ranges=_known_ends(fit, scales)),
        diagnostics=regression_diagnostics(fit),
    )


def _firms(fit: InteractionFit) -> tuple[FirmsStatus, LeaveOneFirmOut | None]:
    if fit.cluster is None:
        return "no_firms", None
    if fit.rows[fit.cluster].nunique() < FEWEST_LEFT_OUT:
        return "too_few_firms", None
    found = leave_one_firm_out(fit)
    return ("not_possible", None) if (found.firms["note"] != "").all() else ("estimated", found)


def _small_firms(fit: InteractionFit, found: LeaveOneFirmOut) -> pd.DataFrame | None:
    """Return what is found without all firms of fewer than five people together, where that may be told."""
    assert fit.cluster is not None
    sizes = found.firms.loc[[found.terms[0]]].set_index("firm")["n_left_out"]
    small = sizes[sizes.map(is_small)]
    if len(small) < 2 or is_small(int(small.sum())) or len(small) == len(sizes):
        return None
    firms = fit.rows[fit.cluster]
    merged = fit.rows.assign(**{fit.cluster: firms.mask(firms.isin(small.index), small.index[0])})
    left = leave_one_firm_out(replace(fit, rows=merged), terms=found.terms).firms
    rows: pd.DataFrame = left[(left["firm"] == small.index[0]).to_numpy()]
    known, whole, alpha = rows["note"] == "", found.whole.loc[rows.index], 1 - found.conf_level
    turns = np.sign(rows["estimate"]) != np.sign(whole["estimate"])
    estimates: pd.DataFrame = rows[["estimate", "p_value"]]
    return estimates.assign(
        sign_turns=rows["estimate"].notna() & turns,
        conclusion_turns=known & ((rows["p_value"] < alpha) != (whole["p_value"] < alpha)),
        missing=~known,
    )


def _sizes(fit: InteractionFit, draws: int, seed: int) -> tuple[SizesStatus, EffectSizes | None]:
    if fit.cluster is not None and fit.rows[fit.cluster].nunique() < FEWEST_DRAWN:
        return "too_few_firms", None
    if fit.n_used < PEOPLE_A_TERM * (len(fit.coefficients) + len(fit.squares)):
        return "too_few_people", None
    found = effect_sizes(fit, draws=draws, seed=seed)
    unknown = bool(found.sizes[["conf_low", "conf_high"]].isna().any(axis=None))
    if unknown or found.n_deficient > MOST_DEFICIENT * found.n_draws:
        return "not_told_apart", None
    return "estimated", found


def _curvature_status(found: CheckResult, alpha: float) -> CurvatureStatus:
    rejected = {str(test): bool(p < alpha) for test, p in found.table_["p_value"].items()}
    if SQUARES not in rejected:
        return "no_squares"
    if found.passed is None:
        return "no_test"
    turns = rejected[WITH_SQUARES] != rejected[WITHOUT_SQUARES]
    if rejected[SQUARES]:
        return "curved_turns" if turns else "curved"
    return "straight_turns" if turns else "straight"


def _known_ends(fit: InteractionFit, scales: Mapping[str, ScaleFacts]) -> dict[str, tuple[float, float]]:
    """Return the ends of the response formats that are known, with all scores between them."""
    known = {}
    for name in (fit.outcome, *fit.predictors):
        facts = scales.get(name)
        if facts is not None and fit.rows[name].between(facts.lowest - TINY, facts.highest + TINY).all():
            known[name] = (facts.lowest, facts.highest)
    return {name: ends for name, ends in known.items() if all(map(math.isfinite, ends))}
