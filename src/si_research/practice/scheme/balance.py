"""Were the arms alike before the start, do they overlap, and who was lost?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.fit_notes import Note
from si_research.model.inference import Array
from si_research.practice.scheme.adjusted import POOR, Changes, propensity
from si_research.practice.scheme.difference import after_start
from si_research.practice.scheme.panel import SchemePanel, first_wave

LARGE: Final = 0.25
"""Standardised difference above which regression on the covariate depends on its form (Imbens & Rubin)."""


def balance(panel: SchemePanel, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return how far apart the arms were before the start, firm by firm.

    Parameters
    ----------
    panel : SchemePanel
    outcomes : sequence of str
        Their mean in each firm's first wave, if that is before any start.

    Returns
    -------
    pandas.DataFrame, indexed by ``variable``
        mean_treated, mean_comparison, standardised_difference (difference over the root of the mean of both
        variances), variance_ratio, n_treated, n_comparison (firms), large (beyond .25 either way).

    Notes
    -----
    No p: whether a difference is chance says nothing about how much it matters.

    References
    ----------
    Imbens & Rubin (2015), Causal inference, ch. 14. Austin (2009), https://doi.org/10.1002/sim.3697.
    """
    start = panel.firms["start"].to_numpy(dtype="float64")
    columns = {
        name: panel.firms[name].to_numpy(dtype="float64") + panel.centres.get(name, 0.0)
        for name in panel.covariates
    }
    earliest = start[np.isfinite(start)].min(initial=np.inf)
    if earliest > 0:
        first = first_wave(panel.means).reindex(panel.firms.index)
        columns |= {name: first[name].to_numpy(dtype="float64") for name in outcomes if name not in columns}
    rows = {name: _compared(values, np.isfinite(start)) for name, values in columns.items()}
    names = ["mean_treated", "mean_comparison", "standardised_difference", "variance_ratio"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*names, "n_treated", "n_comparison"])
    table.index.name = "variable"
    return table.assign(large=table["standardised_difference"].abs() > LARGE)


def _compared(values: Array, treated: Array) -> tuple[float, float, float, float, int, int]:
    one, other = (values[(treated == arm) & ~np.isnan(values)] for arm in (True, False))
    if len(one) < 2 or len(other) < 2:
        return np.nan, np.nan, np.nan, np.nan, len(one), len(other)
    v1, v0 = float(one.var(ddof=1)), float(other.var(ddof=1))
    spread = np.sqrt((v1 + v0) / 2)
    apart = float(one.mean() - other.mean())
    difference = apart / spread if spread > 0 else np.nan if apart else 0.0
    return (
        float(one.mean()),
        float(other.mean()),
        difference,
        v1 / v0 if v0 > 0 else np.nan,
        len(one),
        len(other),
    )


def overlap(changes: Changes) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the propensities of the arms, and whether one can be compared with the other.

    Returns
    -------
    pandas.DataFrame, indexed by ``arm``
        lowest, q25, median, q75, highest, n (firms), n_effective: the number of firms of equal weight that
        would tell as much as the weighted comparison, after Kish.
    tuple of Note
        ``separation`` (covariates tell the arms apart), ``poor_overlap`` (more than 5 % of the firms with the
        scheme lie beyond the comparison).
    """
    ps = propensity(changes)
    if ps is None:
        return pd.DataFrame(), (Note("separation", {}),)
    D = changes.treated
    weight = np.where(D, changes.weight, changes.weight * ps / (1 - ps))
    rows = {
        name: [*np.percentile(ps[arm], [0, 25, 50, 75, 100]), int(arm.sum()), _effective(weight[arm])]
        for name, arm in (("treated", D), ("comparison", ~D))
    }
    columns = ["lowest", "q25", "median", "q75", "highest", "n", "n_effective"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index.name = "arm"
    beyond = float(np.mean((ps[D] > ps[~D].max()) | (ps[D] < ps[~D].min())))
    notes = (Note("poor_overlap", {"share": beyond}),) if beyond > POOR else ()
    return table, notes


def _effective(weight: Array) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())


def attrition(panel: SchemePanel, outcome: str, *, drawn: bool = False) -> pd.DataFrame:
    """Return which share of the firms of each arm was lost after the start, and whether the arms differ.

    Parameters
    ----------
    panel : SchemePanel
    outcome : str
        A firm is seen where somebody has this.
    drawn : bool
        Whether all firms of the file count as being there before, also those that never answer, as in a
        lottery; else those that are seen before the start.

    Returns
    -------
    pandas.DataFrame, indexed by ``arm``
        n_before, n_lost (firms), share, and p_value of Fisher's exact test of the difference, the same in
        both rows. People are not followed: new ones may take the place of those who left.
    """
    from scipy import stats

    cells = panel.cells(outcome)
    firm, after = cells["firm"].to_numpy(), after_start(cells)
    n = len(panel.firms)
    seen = pd.DataFrame(
        {
            "before": drawn | (np.bincount(firm[~after], minlength=n) > 0),
            "after": np.bincount(firm[after], minlength=n) > 0,
            "treated": np.isfinite(panel.firms["start"].to_numpy(dtype="float64")),
        }
    )
    seen = seen[seen["before"]]
    lost = ~seen["after"]
    rows = {}
    for name, arm in (("treated", True), ("comparison", False)):
        own = lost[seen["treated"] == arm]
        rows[name] = [len(own), int(own.sum()), float(own.mean()) if len(own) else np.nan]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n_before", "n_lost", "share"])
    table.index.name = "arm"
    both = np.column_stack([table["n_lost"], table["n_before"] - table["n_lost"]])
    p = float(stats.fisher_exact(both)[1]) if (both.sum(axis=1) > 0).all() else np.nan
    return table.assign(p_value=p)
