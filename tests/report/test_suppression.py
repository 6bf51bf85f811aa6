"""Nobody can be worked out: no group under the cell of the profile, and none that a total gives away."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from si_research.privacy.profiles import (
    INTERNAL,
    PUBLICATION,
    DisclosureProfile,
    disclosing,
    profile_in_force,
)
from si_research.report.suppression import (
    hide_small,
    is_small,
    merge_small_groups,
    merge_small_neighbours,
    told_of_all,
)

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=9)
PROFILES = st.sampled_from([INTERNAL, PUBLICATION])


@given(COUNTS, PROFILES)
def test_merged_groups_are_large_or_the_whole(counts: list[int], profile: DisclosureProfile) -> None:
    table = pd.Series(counts, index=[f"level {place}" for place in range(len(counts))])
    with disclosing(profile):
        groups = merge_small_groups(table)
    assert sorted(label for group in groups for label in group) == sorted(table.index)
    sizes = [int(table.loc[list(group)].sum()) for group in groups]
    assert all(size >= profile.smallest_cell for size in sizes) or len(groups) == 1
    small = [label for label in table.index if table[label] < profile.smallest_cell]
    assert all((label,) not in groups for label in small) or len(table) == 1


@given(COUNTS, PROFILES)
def test_no_single_small_group_can_be_worked_out(counts: list[int], profile: DisclosureProfile) -> None:
    """What is not shown by itself is at least two levels, so that total minus shown names none of them."""
    table = pd.Series(counts, index=[str(place) for place in range(len(counts))])
    with disclosing(profile):
        groups = merge_small_groups(table)
    hidden = [group for group in groups if any(table[label] < profile.smallest_cell for label in group)]
    assert all(len(group) > 1 for group in hidden) or len(table) == 1


@given(COUNTS, PROFILES)
def test_bars_hold_the_cell_and_nobody_is_lost(counts: list[int], profile: DisclosureProfile) -> None:
    with disclosing(profile):
        runs = merge_small_neighbours(counts)
    if sum(counts) < profile.smallest_cell:
        assert runs == []
        return
    assert [runs[0].start, *(run.stop for run in runs)] == [*(run.start for run in runs), len(counts)]
    assert all(sum(counts[run]) >= profile.smallest_cell for run in runs)


@pytest.mark.parametrize(("count", "small"), [(0, True), (4, True), (5, False), (float("nan"), True)])
def test_small(count: float, small: bool) -> None:
    assert is_small(count) is small
    assert hide_small(pd.Series([count])).isna().item() is small


@given(st.integers(0, 60), st.integers(0, 30), PROFILES)
def test_no_number_told_falls_just_short_of_its_total(n: int, rest: int, profile: DisclosureProfile) -> None:
    cell = profile.smallest_cell
    with disclosing(profile):
        told = told_of_all(n, n + rest)
    assert told == (n + rest if n >= cell and rest < cell else n)


def test_the_profile_in_force_ends_where_it_was_put_in_force() -> None:
    with disclosing(PUBLICATION):
        assert is_small(9)
        with disclosing(INTERNAL):
            assert not is_small(9)
        assert hide_small(pd.Series([9, 10])).tolist()[1] == 10
        assert profile_in_force() is PUBLICATION
    with pytest.raises(KeyError), disclosing(PUBLICATION):
        raise KeyError
    assert profile_in_force() is INTERNAL
