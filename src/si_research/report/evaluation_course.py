"""The effect over time as it may be told: by waves since the start, and by wave of start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from si_research.report.evaluation_gate import too_few_df
from si_research.report.suppression import is_small, merge_small_groups

if TYPE_CHECKING:
    from collections.abc import Collection

FIGURES: Final = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
EVENT: Final = ["outcome", "event_time", *FIGURES, "n_used", "n_firms", "n_treated"]
GROUP_TIME: Final = ["outcome", "start", "wave", *FIGURES, "n_treated", "n_comparison"]


def told_event_study(table: pd.DataFrame, outcomes: Collection[str]) -> pd.DataFrame:
    """Return the effect so many waves from the start, without the times that few organisations are seen at.

    The effect over all waves is the mean of those after the start, so that one that is hidden alone could be
    worked out: the one of the fewest others is hidden with it.
    """
    if not len(table):
        return pd.DataFrame(columns=EVENT)
    table = table[table["outcome"].isin(list(outcomes))].reset_index(drop=True)
    hidden = table["n_treated"].map(is_small) | too_few_df(table)
    for _, own in table[table["event_time"] >= 0].groupby("outcome"):
        others = own[~hidden[own.index]]
        if hidden[own.index].any() and len(others):
            hidden |= hidden.index == others.index[int(others["n_treated"].to_numpy().argmin())]
    return table[~hidden][EVENT].reset_index(drop=True)


def told_group_time(table: pd.DataFrame, outcomes: Collection[str]) -> pd.DataFrame:
    """Return the effect in each wave on the organisations that started together, where these are many.

    Waves of start with few organisations are hidden together with the next smallest, as the effect over all
    is the mean of theirs; where few are left to compare with, all that started then are hidden.
    """
    if not len(table):
        return pd.DataFrame(columns=GROUP_TIME)
    table = table[table["outcome"].isin(list(outcomes))]
    kept = [own[own["start"].isin(_told_starts(own))] for _, own in table.groupby("outcome", sort=False)]
    told = pd.concat(kept) if kept else table
    return told[GROUP_TIME].reset_index(drop=True)


def _told_starts(own: pd.DataFrame) -> set[str]:
    """Return the waves of start of which every cell may be told."""
    sizes = own.groupby("start", sort=False)["n_treated"].min()
    alone = own.assign(small=own["n_comparison"].map(is_small) | too_few_df(own))
    few = alone.groupby("start", sort=False)["small"].any()
    counts = sizes.where(~few, 0)
    groups = merge_small_groups(counts)
    return {names[0] for names in groups if len(names) == 1 and not is_small(float(counts[names[0]]))}
