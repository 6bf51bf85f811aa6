"""Nobody can be worked out: no group under five, and none that a total gives away."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from si_research.report.suppression import (
    hide_small,
    is_small,
    merge_small_groups,
    merge_small_neighbours,
)

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=9)


@given(COUNTS)
def test_merged_groups_are_large_or_the_whole(counts: list[int]) -> None:
    table = pd.Series(counts, index=[f"level {place}" for place in range(len(counts))])
    groups = merge_small_groups(table)
    assert sorted(label for group in groups for label in group) == sorted(table.index)
    sizes = [int(table.loc[list(group)].sum()) for group in groups]
    assert all(size >= 5 for size in sizes) or len(groups) == 1
    small = [label for label in table.index if table[label] < 5]
    assert all((label,) not in groups for label in small) or len(table) == 1


@given(COUNTS)
def test_no_single_small_group_can_be_worked_out(counts: list[int]) -> None:
    """What is not shown by itself is at least two levels, so that total minus shown names none of them."""
    table = pd.Series(counts, index=[str(place) for place in range(len(counts))])
    groups = merge_small_groups(table)
    hidden = [group for group in groups if any(table[label] < 5 for label in group)]
    assert all(len(group) > 1 for group in hidden) or len(table) == 1


@given(COUNTS)
def test_bars_hold_five_and_nobody_is_lost(counts: list[int]) -> None:
    runs = merge_small_neighbours(counts)
    if sum(counts) < 5:
        assert runs == []
        return
    assert [runs[0].start, *(run.stop for run in runs)] == [*(run.start for run in runs), len(counts)]
    assert all(sum(counts[run]) >= 5 for run in runs)


@pytest.mark.parametrize(("count", "small"), [(0, True), (4, True), (5, False), (float("nan"), True)])
def test_small(count: float, small: bool) -> None:
    assert is_small(count) is small
    assert hide_small(pd.Series([count])).isna().item() is small
