"""Change between waves and the gap between roles: closed forms, brute force, what must not change them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.practice.diagnosis.change import WaveChange, diagnose_change
from si_research.practice.diagnosis.people import people_of
from si_research.practice.diagnosis.role_gap import diagnose_role_gap
from si_research.practice.diagnosis.two_sides import TwoSides, from_first, two_sides

NAMES = ["kunnen", "willen", "mogen"]
WIDE = (-100, 100)


def panel(n_firms: int = 24, n: int = 12, lift: float = 4.0, seed: int = 2) -> pd.DataFrame:
    """The same people twice; a third of the second wave is new. Units keep .6 of where they stand."""
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(n_firms), n)
    u = rng.multivariate_normal([0, 0], [[25, 15], [15, 25]], size=(n_firms, 3))
    e = rng.multivariate_normal([0, 0], [[100, 50], [50, 100]], size=(len(firm), 3))
    frames = []
    for wave, name in enumerate(("later_than_t", "t")):  # not in alphabetical order on purpose
        values = 50 + lift * (1 - wave) + u[firm, :, 1 - wave] + e[:, :, 1 - wave]
        frame = pd.DataFrame(values, columns=NAMES)
        frame["person"] = [f"p{each}" for each in range(len(firm))]
        if name == "later_than_t":
            frame.loc[::3, "person"] = [f"new{each}" for each in range(len(frame.loc[::3]))]
        frames.append(frame.assign(wave=name, organisation=[f"F{each:02d}" for each in firm]))
    return pd.concat(frames, ignore_index=True)


def change_of(scores: pd.DataFrame, **options: Any) -> WaveChange:
    given = {"wave": "wave", "waves": ["t", "later_than_t"], "ends": WIDE, "person": "person", **options}
    return diagnose_change(scores, **given)


@cache
def usual(person: str | None = "person") -> WaveChange:
    """The change of ``panel()``; nothing here writes into it."""
    return change_of(panel(), person=person)


def sides(scores: pd.DataFrame, *, linked: bool) -> tuple[TwoSides, np.ndarray, np.ndarray]:
    """Kunnen of the panel by person, first and second wave, worked out apart from the code."""
    key = scores["person"] if linked else pd.Series(np.arange(len(scores)).astype(str))
    table = scores.assign(key=key).pivot_table("kunnen", ["organisation", "key"], "wave", sort=True)
    people = people_of(
        table.reset_index().assign(a=1.0, b=1.0),
        unit="organisation", predictors=["a", "b"], outcome=None, ends=(0, 2), where="test",
    )  # fmt: skip
    values = table[["t", "later_than_t"]].to_numpy() / 2 + 50  # from -100..100 to 0..100
    units = people.tree.of_rows[0]
    return two_sides(people.tree, units, values, "kunnen"), units, values


def test_change_and_its_interval_are_those_of_the_joint_posterior() -> None:
    scores = panel()
    found = usual().changes.xs("kunnen", level="condition")
    both, _, _ = sides(scores, linked=True)
    scale = np.outer(both.evidence.scale, both.evidence.scale)
    T, S = both.fit.T[0] * scale, both.fit.S * scale
    assert_allclose(S[0, 1] / np.sqrt(S[0, 0] * S[1, 1]), 0.5, atol=0.1)
    # unit 0 by hand: 8 people on both sides, 4 on each alone
    rows = scores[scores["organisation"] == "F00"]
    P = 8 * np.linalg.inv(S) + 4 * np.diag(1 / np.diag(S))
    wide = rows.pivot_table("kunnen", "person", "wave")[["t", "later_than_t"]].to_numpy() / 2 + 50
    linked = ~np.isnan(wide).any(axis=1)
    assert linked.sum() == 8
    h = np.linalg.inv(S) @ wide[linked].sum(axis=0) + np.nansum(wide[~linked], axis=0) / np.diag(S)
    V = np.linalg.inv(P + np.linalg.inv(T))
    grand = both.posteriors[0].grand
    mean = V @ (h + np.linalg.inv(T) @ grand)
    assert_allclose(found.loc[0, "estimate"], mean[1] - mean[0], rtol=1e-4)
    c = np.array([-1, 1])
    shrink = V @ np.linalg.inv(T)
    given = c @ (V + shrink @ both.posteriors[0].grand_cov @ shrink.T) @ c
    error = np.sqrt(given + ((c @ both.posteriors[0].moves[0]) ** 2).sum())
    assert_allclose(found.loc[0, "std_error"], error, rtol=1e-4)


def test_what_is_expected_from_the_first_wave_alone() -> None:
    """Without links: grand change plus (T12/(T11 + S11/n) - 1) times the distance from the grand mean."""
    scores = panel()
    found = usual(None).changes.xs("kunnen", level="condition")
    both, _, _ = sides(scores, linked=False)
    scale = np.outer(both.evidence.scale, both.evidence.scale)
    T, S, grand = both.fit.T[0] * scale, both.fit.S * scale, both.posteriors[0].grand
    assert S[0, 1] == 0
    keeps = T[0, 1] / (T[0, 0] + S[0, 0] / 12)
    expected = grand[1] - grand[0] + (keeps - 1) * (found["raw_first"] - grand[0])
    assert_allclose(found["expected_change"], expected, rtol=1e-6)
    assert_allclose(found["regression"], (keeps - 1) * (found["raw_first"] - grand[0]), rtol=1e-5, atol=1e-8)
    assert_allclose(found["beyond_expected"], found["raw_change"] - expected, rtol=1e-6)


def test_what_is_expected_of_people_who_are_linked_by_brute_force() -> None:
    scores = panel(n_firms=12)
    both, units, values = sides(scores, linked=True)
    people = people_of(
        pd.DataFrame({"organisation": units.astype(str), "a": 1.0, "b": 1.0}),
        unit="organisation", predictors=["a", "b"], outcome=None, ends=(0, 2), where="test",
    )  # fmt: skip
    found = from_first(both, people.tree, people.tree.of_rows[0], values, 0)
    scale = np.outer(both.evidence.scale, both.evidence.scale)
    T, S, grand = both.fit.T[0] * scale, both.fit.S * scale, both.posteriors[0].grand
    own = people.tree.of_rows[0] == 3
    y = values[own]
    first, second = np.flatnonzero(~np.isnan(y[:, 0])), np.flatnonzero(~np.isnan(y[:, 1]))
    V = T[0, 0] + S[0, 0] * np.eye(len(first))
    cross = T[0, 1] + S[0, 1] * (second[:, None] == first)
    expected = grand[1] + cross @ np.linalg.solve(V, y[first, 0] - grand[0])
    assert_allclose(found[3], expected.mean(), rtol=1e-8)


def test_units_chosen_because_they_were_lowest_rise_as_much_as_expected() -> None:
    scores = panel(n_firms=100, lift=0.0, seed=8)
    found = change_of(scores, person=None, predictors=["willen", "mogen"]).changes.xs(
        "mogen", level="condition"
    )
    lowest = found.nsmallest(20, "raw_first")
    assert lowest["raw_change"].mean() > 1.0  # rose, while nothing changed on the whole
    assert abs(found["raw_change"].mean()) < 0.6
    assert_allclose(lowest["raw_change"].mean(), lowest["expected_change"].mean(), atol=0.6)
    assert abs(lowest["estimate"].mean()) < lowest["raw_change"].mean()


def test_the_change_of_all_units_is_found_with_its_interval() -> None:
    found = change_of(panel(n_firms=80)).overall
    assert ((found["conf_low"] < 2) & (found["conf_high"] > 2)).all()  # four of two hundred points
    assert (found["conf_high"] - found["conf_low"] < 1.2).all()
    assert (found["n_units"] == 80).all()
    assert_allclose(found["stable"], 0.6, atol=0.25)
    assert found["linked"].all()


def test_people_are_linked_and_rows_may_come_in_any_order() -> None:
    scores = panel()
    linked, apart = usual(), usual(None)
    assert {note.code for note in apart.notes} == {"people_not_linked"}
    shuffled = change_of(scores.sample(frac=1, random_state=1))
    assert_frame_equal(linked.changes, shuffled.changes, rtol=1e-5, atol=1e-6)
    assert linked.changes["n_both"].eq(8).all()
    assert apart.changes["n_both"].eq(0).all()


def test_teams_of_an_organisation_have_changes_of_their_own() -> None:
    scores = panel(n_firms=20)
    scores["team"] = np.where(np.arange(len(scores)) % 2, "a", "b")
    found = change_of(scores, person=None, unit=["organisation", "team"], minimum=1, predictors=NAMES[1:])
    assert found.table("organisation").shape[0] == 40
    teams = found.table("team").xs("mogen", level="condition")
    whole = found.table("organisation").xs("mogen", level="condition")
    assert_allclose(teams.groupby("organisation")["estimate"].mean(), whole["estimate"], rtol=1e-6)


def test_small_units_have_no_change_and_odd_waves_are_refused() -> None:
    scores = panel(n_firms=10)
    small = scores.drop(index=scores.index[(scores["organisation"] == "F01") & (scores["wave"] == "t")][:9])
    found = change_of(small)
    assert found.changes.loc[1, "state"].eq("too_few_people").all()
    assert found.changes.loc[1, ["raw_first", "estimate", "expected_change"]].isna().all(axis=None)
    assert [(note.code, note.values) for note in found.notes] == [("too_few_people", {"n": 1})]
    with pytest.raises(ModelSpecificationError, match="first and the second"):
        change_of(scores, waves=["t", "t2"])
    with pytest.raises(SurveyDataError, match="once a wave"):
        change_of(pd.concat([scores, scores[:1]]))
    few = change_of(panel(n_firms=3, n=30), person=None)
    assert {note.code for note in few.notes} == {"not_shrunken", "people_not_linked"}
    assert few.changes["expected_change"].isna().all()
    assert_allclose(few.changes["estimate"], few.changes["raw_change"], atol=1e-3)
    assert "Change from t to later_than_t" in str(few)
    assert "<table" in few._repr_html_()


def roles(n_firms: int = 30, n: int = 16, managers: int = 6, gap: float = 6.0) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    firm = np.repeat(np.arange(n_firms), n)
    manages = np.tile(np.arange(n) < managers, n_firms)
    u = 5 * rng.normal(size=(n_firms, 3))
    values = 60 + u[firm] - gap * ~manages[:, None] + 10 * rng.normal(size=(len(firm), 3))
    frame = pd.DataFrame(values, columns=NAMES).assign(organisation=[f"F{each:02d}" for each in firm])
    return frame.assign(role=np.where(manages, "leidinggevend", "medewerker"))


def gap_of(scores: pd.DataFrame, **options: Any) -> Any:
    given = {"role": "role", "employees": "medewerker", "managers": "leidinggevend", "ends": (0, 100)}
    return diagnose_role_gap(scores, **{**given, **options})


def test_the_gap_between_employees_and_managers() -> None:
    scores = roles()
    found = gap_of(scores)
    assert ((found.overall["conf_low"] < -6) & (found.overall["conf_high"] > -6)).all()
    assert (found.overall["conf_high"] < 0).all()
    own = scores[scores["organisation"] == "F03"].groupby("role")[NAMES].mean()
    raw = found.gaps.loc[3, "raw_gap"]
    assert_allclose(raw, own.loc["medewerker"] - own.loc["leidinggevend"])
    assert found.gaps["raw_gap"].std() > 1.5 * found.gaps["estimate"].std()  # firms have one gap here
    turned = gap_of(scores, employees="leidinggevend", managers="medewerker")
    assert_allclose(turned.gaps["estimate"], -found.gaps["estimate"], rtol=1e-4)
    assert_allclose(turned.gaps["p_above"], 1 - found.gaps["p_above"], atol=1e-5)
    assert found.n_used == len(scores)
    assert "Employees minus managers" in str(found)
    assert "<table" in found._repr_html_()


def test_the_answers_of_a_few_managers_are_not_shown() -> None:
    found = gap_of(roles(managers=4))
    assert found.gaps["estimate"].isna().all()
    assert found.gaps["raw_managers"].isna().all()
    assert found.overall["estimate"].notna().all()
    assert [(note.code, note.values["n"]) for note in found.notes] == [("too_few_people", 30)]


def test_one_manager_a_unit_is_taken_to_differ_as_employees_do() -> None:
    found = gap_of(roles(managers=1), minimum=1)
    assert {note.code for note in found.notes} == {"same_spread_assumed"}
    assert_allclose(found.overall["estimate"], -6, atol=3 * 10 / np.sqrt(30))
    # a gap rests on one manager: between that of units and that of a single person
    assert (found.gaps["std_error"] < 10.5).all()


def test_roles_that_are_not_there_are_refused() -> None:
    for options in ({"employees": "staff"}, {"employees": "leidinggevend"}):
        with pytest.raises(ModelSpecificationError, match="values of 'role'"):
            gap_of(roles(), **options)
