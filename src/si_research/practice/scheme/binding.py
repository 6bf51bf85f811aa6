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
TIED: Final = "tied"
"""Firms in which several conditions were equally low, which count for none of them."""
EQUAL: Final = 1e-9
"""Distance between two means below which they are one: sums of the same answers may differ by rounding."""


def binding_before(
    panel: SchemePanel, conditions: Sequence[str], *, norm: bool = False
) -> npt.NDArray[np.float64]:
    """Return for each firm which condition was the lowest in the first wave, as shares that add up to 1.

    Parameters
    ----------
    panel : SchemePanel
    conditions : sequence of str
    norm : bool
        Whether conditions are compared as standard deviations (between people) from the mean of all people,
        as scales differ in difficulty, instead of in scale points.

    Returns
    -------
    numpy.ndarray, shape (firms, conditions)
        1 for the lowest; equal shares where several are equally low; zeros where one of them is unknown.
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
    lowest = np.where(known, np.where(np.isnan(values), np.inf, values).min(axis=1), -np.inf)
    shares = (values <= lowest[:, None] + EQUAL) & known[:, None]
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1), dtype="float64")


def seen_before(panel: SchemePanel, conditions: Sequence[str]) -> list[str]:
    """Return the conditions that somebody answered in the first wave."""
    first = first_wave(panel.counts)
    return [name for name in conditions if int(first[name].sum()) > 0]


def with_binding(panel: SchemePanel, conditions: Sequence[str]) -> SchemePanel:
    """Return the panel with two more outcomes: the score on the condition that was binding in each firm.

    A firm keeps its condition through all waves, so that a score that was low by chance rises in both arms
    alike: against the comparison that is no effect. Where several were equally low it is their mean.
    """
    firm = panel.means.index.get_level_values("firm").to_numpy()
    means, counts = panel.means.copy(), panel.counts.copy()
    spread = panel.spread.copy()
    values, people = means[list(conditions)].to_numpy(), counts[list(conditions)].to_numpy()
    for name, norm in ((BINDING, False), (BINDING_NORM, True)):
        own = binding_before(panel, conditions, norm=norm)[firm]
        known = (own > 0).any(axis=1)
        parts = np.where(own > 0, own * values, 0.0).sum(axis=1)
        means[name] = np.where(known, parts, np.nan)
        fewest = np.where(own > 0, people, np.inf).min(axis=1)
        counts[name] = np.where(known & ~np.isnan(means[name]), fewest, 0).astype("int64")
        spread[name] = float(panel.spread[list(conditions)].mean())
    return replace(panel, means=means, counts=counts, spread=spread)


def binding_counts(panel: SchemePanel, conditions: Sequence[str]) -> pd.DataFrame:
    """Return in how many firms of each arm each condition was binding before, in both readings.

    Returns
    -------
    pandas.DataFrame, indexed by ``condition``
        n_treated, n_comparison, n_treated_norm, n_comparison_norm; with a row ``tied`` where several
        conditions were equally low in some firm, which then counts for none of them.
    """
    treated = np.isfinite(panel.firms["start"].to_numpy(dtype="float64"))
    table = pd.DataFrame(index=pd.Index([*conditions, TIED], name="condition"))
    for suffix, norm in (("", False), ("_norm", True)):
        shares = binding_before(panel, conditions, norm=norm)
        own = np.column_stack([shares == 1, ((shares > 0) & (shares < 1)).any(axis=1)])
        for arm, who in (("treated", treated), ("comparison", ~treated)):
            table[f"n_{arm}{suffix}"] = own[who].sum(axis=0)
    return table if table.loc[TIED].any() else table.drop(index=TIED)


def only_where_binding(panel: SchemePanel, conditions: Sequence[str], condition: str) -> SchemePanel:
    """Return the panel with the scores of the firms in which this condition was binding (scale points)."""
    own = binding_before(panel, conditions)[:, list(conditions).index(condition)] == 1
    keep = own[panel.means.index.get_level_values("firm").to_numpy()]
    counts = panel.counts.where(pd.Series(keep, index=panel.counts.index), 0)
    return replace(panel, counts=counts, covariates=())
