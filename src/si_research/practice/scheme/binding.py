"""Which condition was the bottleneck of each firm before the scheme, and what the scheme did to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.practice.scheme.panel import SchemePanel, first_wave

BINDING, BINDING_NORM = "binding_condition", "binding_condition_norm"
"""The condition that was lowest, in scale points, and in standard deviations from the mean of all people."""
NONE: Final = -1


def binding_before(
    panel: SchemePanel, conditions: Sequence[str], *, norm: bool = False
) -> npt.NDArray[np.intp]:
    """Return the place of the condition that was lowest in each firm in the first wave; -1 where unknown.

    Parameters
    ----------
    panel : SchemePanel
    conditions : sequence of str
    norm : bool
        Whether conditions are compared as standard deviations (between people) from the mean of all people,
        as scales differ in difficulty, instead of in scale points.
    """
    first = first_wave(panel.means).reindex(panel.firms.index)
    n = first_wave(panel.counts).reindex(panel.firms.index).fillna(0)
    values = first[list(conditions)].to_numpy(dtype="float64")
    if norm:
        people = n[list(conditions)].to_numpy(dtype="float64")
        mean = np.nansum(values * people, axis=0) / people.sum(axis=0)
        spread = panel.spread[list(conditions)].to_numpy(dtype="float64")
        values = (values - mean) / np.where(spread > 0, spread, np.nan)
    known = ~np.isnan(values).any(axis=1)
    lowest = np.where(known, np.where(np.isnan(values), np.inf, values).argmin(axis=1), NONE)
    return np.asarray(lowest, dtype=np.intp)


def seen_before(panel: SchemePanel, conditions: Sequence[str]) -> list[str]:
    """Return the conditions that somebody answered in the first wave."""
    first = first_wave(panel.counts)
    return [name for name in conditions if int(first[name].sum()) > 0]


def with_binding(panel: SchemePanel, conditions: Sequence[str]) -> SchemePanel:
    """Return the panel with two more outcomes: the score on the condition that was binding in each firm.

    A firm keeps its condition through all waves, so that a score that was low by chance rises in both arms
    alike: against the comparison that is no effect.
    """
    firm = panel.means.index.get_level_values("firm").to_numpy()
    means, counts = panel.means.copy(), panel.counts.copy()
    spread = panel.spread.copy()
    values, people = means[list(conditions)].to_numpy(), counts[list(conditions)].to_numpy()
    rows = np.arange(len(firm))
    for name, norm in ((BINDING, False), (BINDING_NORM, True)):
        own = binding_before(panel, conditions, norm=norm)[firm]
        means[name] = np.where(own == NONE, np.nan, values[rows, own])
        counts[name] = np.where(own == NONE, 0, people[rows, own])
        spread[name] = float(panel.spread[list(conditions)].mean())
    return replace(panel, means=means, counts=counts, spread=spread)


def binding_counts(panel: SchemePanel, conditions: Sequence[str]) -> pd.DataFrame:
    """Return in how many firms of each arm each condition was binding before, in both readings.

    Returns
    -------
    pandas.DataFrame, indexed by ``condition``
        n_treated, n_comparison, n_treated_norm, n_comparison_norm.
    """
    treated = np.isfinite(panel.firms["start"].to_numpy(dtype="float64"))
    table = pd.DataFrame(index=pd.Index(conditions, name="condition"))
    for suffix, norm in (("", False), ("_norm", True)):
        binding = binding_before(panel, conditions, norm=norm)
        for arm, who in (("treated", treated), ("comparison", ~treated)):
            table[f"n_{arm}{suffix}"] = [int(((binding == k) & who).sum()) for k in range(len(conditions))]
    return table


def only_where_binding(panel: SchemePanel, conditions: Sequence[str], condition: str) -> SchemePanel:
    """Return the panel with the scores of the firms in which this condition was binding (scale points)."""
    own = binding_before(panel, conditions) == list(conditions).index(condition)
    keep = own[panel.means.index.get_level_values("firm").to_numpy()]
    counts = panel.counts.where(pd.Series(keep, index=panel.counts.index), 0)
    return replace(panel, counts=counts, covariates=())
