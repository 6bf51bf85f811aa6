"""Waves of which the first bears no marker: proposed, and never where a bare name may be another thing."""

from __future__ import annotations

import pytest

from si_research.survey.waves.unmarked import unmarked_first_wave


@pytest.mark.parametrize(
    ("names", "waves"),
    [
        ("id kan kan_after wil wil_after", ["before", "after"]),
        ("kan_na kan", ["voor", "na"]),
        ("score score_T2 score_T3 age", ["t1", "t2", "t3"]),
        ("k1 k2 k1_w2 k2_w2", ["w1", "w2"]),
    ],
)
def test_a_bare_name_beside_a_marked_one_is_taken_for_the_first_wave(names: str, waves: list[str]) -> None:
    found = unmarked_first_wave(names.split())
    assert {tuple(each) for each in found.values()} == {tuple(waves)}
    assert all(columns[waves[0]] == stem for stem, columns in found.items())


@pytest.mark.parametrize(
    "names",
    [
        "kan kan_after wil_after",  # wil has no first wave
        "kan kan_before kan_after",  # the first wave is there
        "kan kan_T1",
        "kan kan_T3",  # a second wave may be lacking
        "kan kan_2015",
        "kan kan_T2 wil wil_T3",  # no variable in all waves
        "kan kan_T2 kan_after",  # two markers
        "kan wil mag",
    ],
)
def test_nothing_is_taken_where_it_is_not_clear(names: str) -> None:
    assert unmarked_first_wave(names.split()) == {}
