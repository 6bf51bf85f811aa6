"""Rows of a table for two sides of each unit: their raw means, the shrunken difference, who is too few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.model.fit_notes import Note
from si_research.practice.diagnosis.evidence import Array, Numbers
from si_research.practice.diagnosis.posterior import squared
from si_research.practice.diagnosis.profile import TOO_FEW, unit_frame
from si_research.practice.diagnosis.two_sides import TwoSides
from si_research.practice.diagnosis.unit_tree import UnitTree

COUNTS: Final = ("n_first", "n_second", "n_both", "n_used", "state")
ORDER: Final = [
    *("n_first", "n_second", "n_both", "n_used", "raw_first", "raw_second", "raw_change", "raw_gap"),
    *("estimate", "std_error", "conf_low", "conf_high", "p_rise", "p_above"),
    *("expected_change", "regression", "beyond_expected", "state"),
]


def sides_of_level(
    both: TwoSides, at: Numbers, values: Array, level: int, sign: int, conf_level: float
) -> dict[str, Any]:
    """Return counts, raw means and the difference of both sides: first minus second times ``sign``."""
    from scipy import special, stats

    posterior = both.posteriors[level]
    n_units = len(posterior.mean)
    counts, means = [], []
    for column in values.T:
        has = ~np.isnan(column)
        n = np.bincount(at[has], minlength=n_units)
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append(np.bincount(at[has], weights=column[has], minlength=n_units) / n)
        counts.append(n)
    difference = sign * (posterior.mean[:, 0] - posterior.mean[:, 1])
    V = posterior.cov
    error = np.sqrt(np.maximum(V[:, 0, 0] + V[:, 1, 1] - 2 * V[:, 0, 1], 0))
    z = stats.norm.ppf((1 + conf_level) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = special.ndtr(difference / error)
    return {
        "n_first": counts[0],
        "n_second": counts[1],
        "n_used": counts[0] + counts[1],
        "raw_first": means[0],
        "raw_second": means[1],
        "estimate": difference,
        "std_error": error,
        "conf_low": difference - z * error,
        "conf_high": difference + z * error,
        "p_above": above,
    }


def side_overall(both: TwoSides, condition: str, sign: int, conf_level: float) -> pd.DataFrame:
    """Return the difference of the grand means, and how alike the units' sides are."""
    from scipy import stats

    scale, centre, T = both.evidence.scale, both.evidence.centre, both.fit.T[0]
    mean = both.fit.passed.mean * scale + centre
    V = both.fit.passed.cov * np.outer(scale, scale) + squared(both.posteriors[0].grand_moves)
    estimate = sign * float(mean[0] - mean[1])
    error = float(np.sqrt(V[0, 0] + V[1, 1] - 2 * V[0, 1]))
    n_units = int((both.evidence.n_scores() > 0).all(axis=1).sum())
    t = stats.t.ppf((1 + conf_level) / 2, max(n_units - 1, 1))
    spread = float(np.sqrt(T[0, 0] * T[1, 1]))
    row = {
        "estimate": estimate if both.fit.shrunk else np.nan,
        "std_error": error if both.fit.shrunk else np.nan,
        "conf_low": estimate - t * error if both.fit.shrunk else np.nan,
        "conf_high": estimate + t * error if both.fit.shrunk else np.nan,
        "stable": float(T[0, 1]) / spread if both.fit.shrunk and spread > 1e-6 else np.nan,
        "linked": both.linked,
        "n_units": n_units,
        "n_used": int(both.evidence.n.sum()),
    }
    return pd.DataFrame([row], index=pd.Index([condition], name="condition"))


def notes_on_sides(both: TwoSides, condition: str) -> list[Note]:
    """Return notes on a condition: ``people_not_linked``, ``same_spread_assumed`` and ``not_shrunken``.

    ``same_spread_assumed``: hardly a unit has several people on the second side, so that they are taken to
    differ as much as those on the first.
    """
    codes = {
        "people_not_linked": not both.linked,
        "same_spread_assumed": both.same_spread,
        "not_shrunken": not both.fit.shrunk,
    }
    return [Note(code, {"condition": condition}) for code, holds in codes.items() if holds]


def side_frames(
    tree: UnitTree, levels: Sequence[Mapping[str, Any]], condition: str, minimum: int
) -> pd.DataFrame:
    """Return the rows of all named units on one condition, without figures of units with too few people."""
    first = np.cumsum([0, *(len(each) for each in tree.units)])
    frames = []
    for level, columns in enumerate(levels):
        few = np.minimum(columns["n_first"], columns["n_second"]) < minimum
        frame = unit_frame(
            tree, level, [int(each) for each in first], {**columns, "state": np.where(few, TOO_FEW, "")}
        )
        figures = [name for name in columns if name not in COUNTS]
        frame.loc[few, figures] = np.nan
        frames.append(frame[tree.known(level)])
    whole = pd.concat(frames).drop(columns="parent").assign(condition=condition)
    order = [*tree.names, "level", *(name for name in ORDER if name in whole)]
    return whole.set_index("condition", append=True)[order]
