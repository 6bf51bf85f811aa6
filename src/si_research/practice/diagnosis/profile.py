"""The profile of each unit as rows of a table: means, which condition is the lowest, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.practice.diagnosis.evidence import Array, Evidence
from si_research.practice.diagnosis.lowest import probability_lowest
from si_research.practice.diagnosis.posterior import LevelPosterior
from si_research.practice.diagnosis.tree_fit import TreeFit
from si_research.practice.diagnosis.unit_tree import UnitTree

NOT_DISTINGUISHABLE: Final = "not_distinguishable"
TOO_FEW, MISSING, NO_SCORES = "too_few_people", "condition_missing", "no_scores"
CLEAR: Final = 0.80
"""Probability of being the lowest from which a condition is called the bottleneck."""
FEW_UNITS: Final = 10
"""Outermost units below which no condition is called the bottleneck: stated probabilities are too high."""
FIGURES_OF_UNIT: Final = (
    *("bottleneck", "p_bottleneck", "bottleneck_normed", "p_bottleneck_normed"),
    *("mean_of_minima", "minimum_of_means", "n_tied"),
)


def person_spread(evidence: Evidence, fit: TreeFit) -> Array:
    """Return the standard deviation of people over all units, in scale points; missing without shrinkage.

    The yardstick of the norm-referenced version. Not the spread between units: that may be 0 on a condition
    on which units hardly differ, and would blow such differences up until they looked like the others'.
    """
    if not fit.shrunk:
        return np.full(len(evidence.scale), np.nan)
    total = fit.S + sum(fit.T)
    return np.asarray(np.sqrt(np.diagonal(total)) * evidence.scale)


def profile_columns(posterior: LevelPosterior, spread: Array, conf_level: float) -> dict[str, Array]:
    """Return means with intervals, and probabilities of being the lowest, each of shape (u, k)."""
    from scipy import stats

    z = stats.norm.ppf((1 + conf_level) / 2)
    mean, error = posterior.mean, np.sqrt(np.diagonal(posterior.cov, axis1=1, axis2=2))
    away, away_cov = posterior.from_grand()
    with np.errstate(invalid="ignore"):
        normed, normed_cov = away / spread, away_cov / np.outer(spread, spread)
    normed_error = np.sqrt(np.diagonal(normed_cov, axis1=1, axis2=2))
    return {
        "estimate": mean,
        "std_error": error,
        "conf_low": mean - z * error,
        "conf_high": mean + z * error,
        "p_lowest": probability_lowest(mean, posterior.cov),
        "normed": normed,
        "normed_low": normed - z * normed_error,
        "normed_high": normed + z * normed_error,
        "p_lowest_normed": probability_lowest(normed, normed_cov),
    }


def bottleneck_of(
    probability: Array, names: Sequence[str], n_units: int
) -> tuple[npt.NDArray[np.object_], Array]:
    """Return the condition that is the lowest, where that is clear, and its probability.

    With fewer than ten outermost units (``n_units``) it is clear of none.
    """
    known = np.asarray(~np.isnan(probability).any(axis=1))
    filled = np.where(known[:, None], probability, 0.0)
    best = filled.max(axis=1)
    name = np.array(names, dtype=object)[filled.argmax(axis=1)]
    clear = np.where((best >= CLEAR) & (n_units >= FEW_UNITS), name, NOT_DISTINGUISHABLE).astype(object)
    clear[~known] = None
    return clear, np.where(known, best, np.nan)


def state_of(n_people: Array, n_scores: Array, minimum: int) -> npt.NDArray[np.object_]:
    """Return why a unit has no figures: nobody, a condition that nobody has, too few people; else empty."""
    fewest = np.where(n_people == 0, 0, n_scores.min(axis=1))
    states = np.select(
        [n_people == 0, n_people < minimum, fewest == 0, fewest < minimum],
        [NO_SCORES, TOO_FEW, MISSING, TOO_FEW],
        "",
    )
    return states.astype(object)


def unit_frame(tree: UnitTree, level: int, first: Sequence[int], columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row a unit of a level: names, level, place of the unit above, and the columns."""
    frame = tree.units[level].reindex(columns=list(tree.names)).copy()
    n_units = len(frame)
    own = first[level] + np.arange(n_units)
    frame["level"] = tree.names[level]
    frame["parent"] = -1 if level == 0 else first[level - 1] + tree.parents[level]
    for name, values in columns.items():
        frame[name] = values
    frame.index = pd.Index(own, name="unit")
    return frame


def condition_frame(units: pd.Index, names: Sequence[str], columns: Mapping[str, Array]) -> pd.DataFrame:
    """Return a row a unit and condition from columns of shape (units, conditions)."""
    index = pd.MultiIndex.from_product([units, list(names)], names=["unit", "condition"])
    return pd.DataFrame(
        {name: np.asarray(values).reshape(-1) for name, values in columns.items()}, index=index
    )
