"""The disclosure gate: nothing that was hidden can be worked out, and no more is hidden than asked."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import SurveyDataError
from si_research.privacy.disclosure import (
    INTERNAL,
    PUBLICATION,
    DisclosureProfile,
    dominated,
    gate_counts,
    may_tell_fit,
    rounded_counts,
)
from si_research.privacy.disclosure_audit import after_growth, audit

TREE = ("organisation", "department", "team")
CROSS = ("sector", "answer")
PROFILES = st.sampled_from((INTERNAL, PUBLICATION))
PEOPLE = st.one_of(st.integers(0, 12), st.integers(13, 60))
few = settings(max_examples=6, deadline=None, derandomize=True, database=None)


def tree(counts: list[list[list[int]]]) -> pd.DataFrame:
    rows = [
        (f"o{o}", f"d{d}", f"t{t}", n)
        for o, departments in enumerate(counts)
        for d, teams in enumerate(departments)
        for t, n in enumerate(teams)
    ]
    return pd.DataFrame(rows, columns=[*TREE, "n"])


def cross(counts: np.ndarray) -> pd.DataFrame:
    at = list(np.ndindex(*counts.shape))
    return pd.DataFrame(
        {"sector": [f"s{i}" for i, _ in at], "answer": [f"a{j}" for _, j in at], "n": counts.ravel()}
    )


trees = st.lists(
    st.lists(st.lists(PEOPLE, min_size=1, max_size=4), min_size=1, max_size=3), min_size=1, max_size=3
)
crosses = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(PEOPLE, min_size=math.prod(shape), max_size=math.prod(shape)).map(
        lambda counts: np.array(counts).reshape(shape)
    )
)


def true_counts(table: pd.DataFrame, released: pd.DataFrame) -> np.ndarray:
    """Every cell counted from the groups, by hand: everybody who fits the row."""
    parts = [name for name in released.columns if name != "n"]
    fits = [
        np.logical_and.reduce([(table[part] == row[part]) | (row[part] == "*") for part in parts])
        for _, row in released.iterrows()
    ]
    return np.array([table.loc[fit, "n"].sum() for fit in fits], dtype=float)


def narrowest(
    table: pd.DataFrame, parts: tuple[str, ...], profile: DisclosureProfile, *, zeros: bool
) -> float:
    """Return how closely the attack comes to a hidden cell, after all else that must be true of the table."""
    gated = gate_counts(table, parts=parts, profile=profile, nested=parts == TREE, zeros_are_small=zeros)
    released, true = gated.released, true_counts(table, gated.released)
    hidden = released["n"].isna().to_numpy()
    np.testing.assert_array_equal(released["n"].to_numpy()[~hidden], true[~hidden])
    assert not ((true < profile.smallest_cell) & (zeros | (true > 0)) & ~hidden).any()
    assert (gated.withheld["n"].to_numpy() == true[hidden]).all()
    attacked = audit(released)
    assert attacked["lower"].le(true[hidden]).all()
    assert attacked["upper"].ge(true[hidden]).all()
    if not (gated.withheld["reason"] != "complementary").any():
        assert not hidden.any()
    assert len(attacked) == hidden.sum()
    return float(attacked["width"].min()) if len(attacked) else math.inf


@few
@given(trees, PROFILES, st.booleans())
def test_no_unit_of_a_hierarchy_can_be_told_from_the_others(
    counts: list[list[list[int]]], profile: DisclosureProfile, zeros: bool
) -> None:
    assert narrowest(tree(counts), TREE, profile, zeros=zeros) >= profile.smallest_cell


@few
@given(crosses, PROFILES, st.booleans())
def test_no_cell_of_a_cross_table_can_be_told_from_its_margins(
    counts: np.ndarray, profile: DisclosureProfile, zeros: bool
) -> None:
    assert narrowest(cross(counts), CROSS, profile, zeros=zeros) >= profile.smallest_cell


@pytest.mark.parametrize("reason", ["dominance", "few_df"])
def test_a_large_unit_hidden_for_another_reason_is_guarded_as_well(reason: str) -> None:
    """The only team of a department: department and organisation would tell it too."""
    table = tree([[[40], [30, 20]], [[25]]]).assign(reason=[reason, None, None, None])
    gated = gate_counts(table, parts=TREE, profile=PUBLICATION)
    assert gated.withheld["reason"].value_counts().to_dict() == {reason: 1, "complementary": 3}
    assert set(gated.withheld["n"]) == {40, 50, 20}
    assert (audit(gated.released)["width"] == 60).all()


def possible(released: pd.DataFrame, shape: tuple[int, int], most: int) -> list[tuple[int, int]]:
    """Least and most of each hidden inner cell over every cross table that shows the same: brute force."""
    shown = released["n"].to_numpy()
    inner = np.indices((most + 1,) * math.prod(shape)).reshape(math.prod(shape), -1).T.reshape(-1, *shape)
    rows, columns = inner.sum(axis=2), inner.sum(axis=1)
    cells = np.column_stack([rows.sum(axis=1), rows, columns, inner.reshape(len(inner), -1)])
    hidden = np.isnan(shown)
    found = cells[(cells[:, ~hidden] == shown[~hidden]).all(axis=1)][:, hidden]
    return list(zip(found.min(axis=0).tolist(), found.max(axis=0).tolist(), strict=True))


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([[1, 3], [2, 2]], "s0,a0 s0,a1 s1,a0 s1,a1"),
        ([[1, 3], [2, 2]], "s0,a0 s1,a0"),
        ([[0, 3], [2, 1]], "s0,a0 s0,a1 s1,a0 s1,a1 s0,* s1,*"),
        ([[1, 2, 0], [2, 0, 3]], "s0,a0 s0,a1 s1,a0 s1,a1"),
        ([[1, 2, 0], [2, 0, 3]], "s0,a0 s0,a1 s0,a2 s1,a0 s1,a1 s1,a2"),
        ([[1, 2, 0], [2, 0, 3]], "s0,a0 s0,a2 s1,a1 s1,a2"),
    ],
)
def test_the_attack_finds_what_trying_every_table_finds(counts: list[list[int]], hidden: str) -> None:
    """Up to 5: what the shown rows or columns leave for one cell is never more."""
    shape = (len(counts), len(counts[0]))
    nothing_small = DisclosureProfile("all", 0, 0, None, 1)
    released = gate_counts(cross(np.array(counts)), parts=CROSS, profile=nothing_small, nested=False).released
    names = released["sector"] + "," + released["answer"]
    released["n"] = cross_cells(np.array(counts))
    released.loc[names.isin(hidden.split()), "n"] = np.nan
    found = audit(released)
    assert list(zip(found["lower"], found["upper"], strict=True)) == possible(released, shape, 5)


def cross_cells(inner: np.ndarray) -> np.ndarray:
    return np.concatenate([[inner.sum()], inner.sum(axis=1), inner.sum(axis=0), inner.ravel()]).astype(float)


def test_a_table_without_small_cells_is_left_as_it_is() -> None:
    for table, parts in (
        (tree([[[12, 30], [18]], [[25]]]), TREE),
        (cross(np.array([[10, 20], [30, 11]])), CROSS),
    ):
        gated = gate_counts(table, parts=parts, profile=PUBLICATION, nested=parts == TREE)
        assert gated.withheld.empty
        np.testing.assert_array_equal(gated.released["n"], true_counts(table, gated.released))
        assert audit(gated.released).empty


@few
@given(st.lists(PEOPLE, min_size=1, max_size=8))
def test_what_is_hidden_inside_the_house_is_hidden_outside_too(counts: list[int]) -> None:
    table = pd.DataFrame({"team": [f"t{at}" for at in range(len(counts))], "n": counts})
    inside, outside = (
        gate_counts(table, parts=["team"], profile=profile).released["n"].isna()
        for profile in (INTERNAL, PUBLICATION)
    )
    assert (outside | ~inside).all()


def test_nobody_and_everybody_tell_on_all() -> None:
    table = cross(np.array([[30, 0], [20, 25]]))
    strict = gate_counts(table, parts=CROSS, profile=INTERNAL, nested=False)
    reasons = {(row.sector, row.answer): row.reason for row in strict.withheld.itertuples()}
    assert (reasons["s0", "a0"], reasons["s0", "a1"]) == ("hundred_percent", "small")
    loose = gate_counts(table, parts=CROSS, profile=INTERNAL, nested=False, zeros_are_small=False)
    assert loose.withheld.empty


def test_a_hidden_margin_is_not_worked_out_of_the_cells_beside_it() -> None:
    """Every line hides two cells with enough people, yet 10 + 11 would tell one margin, and so the other."""
    gated = gate_counts(
        cross(np.array([[20, 10, 4], [7, 11, 4]])), parts=CROSS, profile=PUBLICATION, nested=False
    )
    assert (audit(gated.released)["width"] >= 10).all()
    hidden = {(row.sector, row.answer) for row in gated.withheld.itertuples()}
    assert {("*", "a1"), ("*", "a2")} <= hidden
    assert hidden & {("s0", "a1"), ("s1", "a1")}


def test_two_tables_of_the_same_people_are_attacked_together() -> None:
    """What teams hide, a table of departments by shift gives away: they share the departments."""
    teams = gate_counts(tree([[[3, 9], [40]], [[30]]]), parts=TREE, profile=INTERNAL).released
    assert (audit(teams)["width"] >= 5).all()
    leak = pd.DataFrame({"organisation": ["o0"], "department": ["d0"], "team": ["t1"], "n": [9.0]})
    together = audit(teams, leak)
    assert together[["team", "lower", "upper"]].to_numpy().tolist() == [["t0", 3.0, 3.0]]


def test_two_releases_tell_who_joined_in_between() -> None:
    before, after = (
        gate_counts(tree([[[n, 20]]]), parts=TREE, profile=PUBLICATION).released for n in (12, 13)
    )
    joined = audit(after_growth(before, after))
    assert (joined["width"] == 0).all()
    assert joined.loc[joined["team"] == "t0", "upper"].tolist() == [1.0]


def test_tables_of_different_people_are_refused() -> None:
    teams = pd.DataFrame({"team": ["*", "a", "b"], "n": [30.0, 12.0, np.nan]})
    for wrong in ([30.0, 13.0, np.nan], [30.0, 12.0, 17.0]):
        with pytest.raises(SurveyDataError, match="contradict"):
            audit(teams, teams.assign(n=wrong))
    with pytest.raises(SurveyDataError, match="contradict"):
        audit(teams.assign(n=[11.0, 12.0, np.nan]))


@pytest.mark.parametrize(
    "broken",
    [
        {"n": [3.5, 4]},
        {"n": [-1, 4]},
        {"n": [None, 4]},
        {"team": ["*", "b"]},
        {"team": [None, "b"]},
        {"reason": ["secret", None]},
    ],
)
def test_a_table_that_cannot_be_counted_is_refused(broken: dict[str, list[object]]) -> None:
    table = pd.DataFrame({"team": ["a", "b"], "n": [3, 4]}).assign(**broken)
    with pytest.raises(SurveyDataError, match="table of counts"):
        gate_counts(table, parts=["team"], profile=INTERNAL)


def test_what_is_shown_of_the_result_holds_nothing_that_was_withheld() -> None:
    gated = gate_counts(tree([[[37, 4, 8]]]), parts=TREE, profile=INTERNAL)
    for shown in (str(gated), repr(gated), gated._repr_html_(), gated.table().to_csv()):
        assert "37" in shown
        assert not {" 4", "4.0", "8.0", "small", "complementary"} & _words(shown)


def _words(text: str) -> set[str]:
    return set(text.replace("<td>", " ").replace("</td>", " ").replace(",", " ").split())


def test_few_contributions_decide_a_sum() -> None:
    """The rule (2, 90 %): 90 of 100 is not more than 90 %, 91 of 101 is."""
    assert not dominated([50, 40, 4, 3, 3], PUBLICATION)
    assert dominated([51, 40, 4, 3, 3], PUBLICATION)
    assert dominated([-51, 40, 4, 3, 3, math.nan], PUBLICATION)
    assert dominated([5, 5], PUBLICATION)
    assert not dominated([5, 5, 5], PUBLICATION)
    assert not dominated([0.0] * 10, PUBLICATION)


def test_counts_are_rounded_half_upwards_and_fits_need_degrees_of_freedom() -> None:
    assert rounded_counts(pd.Series([0, 2, 2.5, 7, 8, 100]), PUBLICATION).tolist() == [0, 0, 5, 5, 10, 100]
    assert rounded_counts(pd.Series([0, 2, 7]), INTERNAL).tolist() == [0, 2, 7]
    assert [may_tell_fit(df, INTERNAL) for df in (0, 1)] == [False, True]
