"""The diagnosis of units: figures by hand, and what must not change it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.practice.diagnosis.diagnosis import Diagnosis, diagnose
from si_research.simulation.worlds import World, simulate_world_scores

NAMES = ["kunnen", "willen", "mogen"]
OUTCOME = "innovative_behaviour"


def made(n_firms: int = 12, n: int = 15, seed: int = 1, lift: float = 0.5) -> pd.DataFrame:
    """Firms that differ on each condition; mogen is a little lower everywhere."""
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(n_firms), n)
    level = 3.3 + lift * rng.normal(size=(n_firms, 3)) - [0, 0, 0.3]
    answers = np.clip(np.round((level[firm] + 0.6 * rng.normal(size=(len(firm), 3))) * 4) / 4, 1, 5)
    frame = pd.DataFrame(answers, columns=NAMES)
    frame[OUTCOME] = np.clip(answers @ [0.3, 0.2, 0.4] + 0.3 + 0.4 * rng.normal(size=len(firm)), 1, 5)
    frame["organisation"] = [f"F{each:02d}" for each in firm]
    frame["team"] = [f"t{each % 2}" for each in range(len(firm))]
    return frame


def found_of(scores: pd.DataFrame, **options: Any) -> Diagnosis:
    return diagnose(scores, **{"form": "additive", "seed": 1, **options})


@cache
def usual() -> Diagnosis:
    """The diagnosis of ``made()``; nothing here writes into it."""
    return found_of(made(), target=3.5)


def assert_alike(first: Diagnosis, second: Diagnosis) -> None:
    for one, other in ((first.units, second.units), (first.conditions, second.conditions)):
        assert_frame_equal(one, other, rtol=1e-5, atol=1e-6)


def wide(found: Diagnosis, figure: str) -> pd.DataFrame:
    """A row a unit, a column a condition."""
    table = found.conditions[[figure]].reset_index().pivot_table(figure, "unit", "condition")
    return table[list(found.predictors)]


def test_the_order_of_people_changes_nothing() -> None:
    scores = made()
    assert_alike(usual(), found_of(scores.sample(frac=1, random_state=3), target=3.5))


def test_names_of_units_are_only_names() -> None:
    scores = made()
    renamed = scores.assign(organisation="x" + scores["organisation"])
    second = found_of(renamed, target=3.5)
    second.units["organisation"] = second.units["organisation"].str[1:]
    assert_alike(usual(), second)


def test_the_response_format_changes_nothing() -> None:
    scores = made()
    wide = scores.assign(**{name: 1.5 * scores[name] - 0.5 for name in NAMES})
    ends = dict.fromkeys(NAMES, (1, 7))
    assert_alike(usual(), found_of(wide, ends=ends, target=3.5))


def test_the_order_of_conditions_changes_nothing() -> None:
    scores = made()
    other = found_of(scores, predictors=NAMES[::-1], target=3.5)
    first = usual()
    assert_frame_equal(first.units, other.units, rtol=1e-5, atol=1e-6)
    other_rows = other.conditions.reindex(first.conditions.index)
    assert_frame_equal(first.conditions, other_rows, rtol=1e-5, atol=1e-6)


def test_a_person_at_the_mean_leaves_the_mean_and_adds_certainty() -> None:
    scores = made()
    own = scores["organisation"] == "F03"
    middle = scores[own][[*NAMES, OUTCOME]].mean().to_frame().T.assign(organisation="F03", team="t0")
    first = usual().table().loc[3]
    more = found_of(pd.concat([scores, *[middle] * 15], ignore_index=True)).table().loc[3]
    assert_allclose(more["raw_mean"], first["raw_mean"])
    assert (more["n_used"] == first["n_used"] + 15).all()
    assert (more["std_error"] < first["std_error"]).all()


def test_shrunken_means_lie_between_the_units_own_and_the_grand_mean() -> None:
    found = found_of(made(lift=0.2))
    table = found.conditions.join(found.spread["grand_mean"].droplevel("level"), on="condition")
    own, shrunk = (table[name] - table["grand_mean"] for name in ("raw_mean", "estimate"))
    assert own.abs().mean() > 1.2 * shrunk.abs().mean()
    # nearly one condition at a time here: the units' conditions are independent
    assert (np.sign(own) == np.sign(shrunk)).mean() > 0.8


def test_two_conditions_and_no_outcome() -> None:
    found = found_of(made(), predictors=["kunnen", "mogen"], outcome=None, form=None)
    p = wide(found, "p_lowest")
    assert_allclose(p.sum(axis=1), 1)
    assert [note.code for note in found.notes] == ["no_outcome"]
    assert "ten_points" not in found.conditions


def test_minima_ties_and_for_whom_a_condition_binds_by_hand() -> None:
    scores = made()
    scores.loc[:14, NAMES] = [[1, 2, 3], [3, 1, 3], [2, 2, 5]] + [[5, 4, 5]] * 12
    found = found_of(scores)
    row = found.units.loc[0]
    # lowest of each: 0, 0, 25, 75 twelve times; means: 62/15, 53/15 and 71/15 points
    assert_allclose(row["mean_of_minima"], (25 + 12 * 75) / 15)
    assert_allclose(row["minimum_of_means"], (53 / 15 - 1) * 25)
    assert row["n_tied"] == 1
    binding = found.conditions.loc[0]
    assert_allclose(binding["share_binding"], np.array([1.5, 13.5, 0]) / 15)
    # Wilson, 13.5 of 15
    assert_allclose(
        binding.loc["willen", ["share_low", "share_high"]].astype(float), [0.660, 0.977], atol=6e-4
    )
    whole = usual().units
    assert (whole["mean_of_minima"] <= whole["minimum_of_means"] + 1e-9).all()


def test_an_organisation_is_its_teams() -> None:
    scores = made(n=14)
    scores.loc[scores.index[:5], "team"] = None
    found = found_of(scores, unit=["organisation", "team"], minimum=1)
    firms, teams = (found.units[found.units["level"] == name] for name in ("organisation", "team"))
    assert (len(firms), len(teams)) == (12, 24)  # t0 and t1 of each, whoever else has these names
    rows = found.conditions.reset_index()
    rows = rows[rows["unit"].isin(teams.index)]
    rows["parent"] = rows["unit"].map(teams["parent"])
    rows["n"] = rows["unit"].map(teams["n_people"])
    rows["part"] = rows["n"] * rows["estimate"]
    sums = rows[rows["parent"] != 0].groupby(["parent", "condition"])[["part", "n"]].sum()
    rolled = sums["part"] / sums["n"]
    assert_allclose(found.conditions.loc[rolled.index, "estimate"], rolled)
    assert [(note.code, note.values["n"]) for note in found.notes] == [("unit_below_unknown", 5)]
    assert firms.loc[0, "n_people"] == 14  # also those whose team is not known


def test_people_and_units_that_lack_something_are_counted() -> None:
    scores = made()
    firm = scores["organisation"]
    scores.loc[firm == "F00", "mogen"] = np.nan
    scores.loc[firm == "F01", NAMES] = np.nan
    scores = scores.drop(index=scores.index[firm == "F02"][1:])
    scores.loc[scores.index[-1], "organisation"] = None
    scores.loc[scores.index[-2], NAMES] = np.nan
    found = found_of(scores)
    assert found.units["state"].to_list()[:4] == ["condition_missing", "no_scores", "too_few_people", ""]
    assert found.units["bottleneck"].to_list()[:3] == ["condition_missing", "no_scores", "too_few_people"]
    counts = {note.code: note.values["n"] for note in found.notes}
    assert counts == {
        "no_unit": 1, "no_scores_of_person": 16, "too_few_people": 1, "condition_missing": 1, "no_scores": 1,
    }  # fmt: skip
    assert found.n_rows == found.n_used + found.n_no_unit + found.n_no_score
    assert found.conditions.loc[[0, 1, 2], "estimate"].isna().all()
    shown = found_of(scores, minimum=1)
    assert shown.units.loc[2, "state"] == ""
    assert shown.conditions.loc[2, "estimate"].notna().all()
    # one person says little: pulled nearly all the way to the grand mean, and the wider interval
    assert shown.conditions.loc[2, "std_error"].min() > shown.conditions.loc[3, "std_error"].max()


def test_a_name_under_another_parent_is_another_unit() -> None:
    found = found_of(made(n=20), unit=["organisation", "team"])
    teams = found.units[found.units["level"] == "team"]
    assert len(teams) == 24
    assert set(teams["team"]) == {"t0", "t1"}
    assert (teams["parent"].value_counts() == 2).all()


def test_few_units_are_not_shrunken() -> None:
    scores = made(n_firms=3)
    found = found_of(scores)
    assert "not_shrunken" in [note.code for note in found.notes]
    assert_allclose(found.conditions["estimate"], found.conditions["raw_mean"], atol=1e-3)
    left = scores[NAMES] - scores.groupby("organisation")[NAMES].transform("mean")
    error = 25 * np.sqrt((left**2).sum() / (45 - 3) / 15)
    assert_allclose(found.conditions.loc[0, "std_error"], error, rtol=1e-4)
    assert found.conditions["p_lowest_normed"].isna().all()
    assert found.units["bottleneck_normed"].isna().all()
    assert found_of(made(n_firms=1, n=30)).units["bottleneck"].notna().all()


def test_raw_and_norm_referenced_ask_different_things() -> None:
    scores = made(n_firms=30, n=25)
    scores["mogen"] = np.clip(scores["mogen"] - 1.2, 1, 5)  # harder questions: lowest nearly everywhere
    found = found_of(scores)
    raw, normed = (found.units[name].value_counts() for name in ("bottleneck", "bottleneck_normed"))
    assert raw.get("mogen", 0) > 20
    assert normed.get("mogen", 0) < 15
    assert abs(found.conditions["normed"].groupby("condition").mean()).max() < 0.05
    spread = found.spread.droplevel("level")
    people = np.hypot(spread["sd_between"], spread["sd_within"])  # of people over all units
    own = found.conditions.loc[3]
    assert_allclose(own["normed"], (own["estimate"] - spread["grand_mean"]) / people)


def test_the_gap_to_what_the_ceiling_asks_for() -> None:
    scores = made()
    scores[OUTCOME] = scores["mogen"]  # nobody has more of the outcome than of mogen
    found = found_of(scores, target=4.0)
    rows = found.conditions.loc[3]
    above = scores.loc[scores[OUTCOME] >= 4.0, "mogen"].min()  # steps: the first peer as high
    assert_allclose(rows.loc["mogen", "required"], (above - 1) * 25)
    assert_allclose(rows["gap"].astype(float), rows["required"] - rows["estimate"])
    own = scores.loc[scores["organisation"] == "F03", "mogen"]
    assert_allclose(rows.loc["mogen", "share_below"], (own < above).mean())
    from scipy import stats

    z = rows.loc["mogen", "gap"] / rows.loc["mogen", "std_error"]
    assert_allclose(rows.loc["mogen", "p_short"], stats.norm.cdf(z))


def test_not_necessary_and_not_available() -> None:
    scores = made()
    low = found_of(scores, target=1.0).conditions
    assert set(low["code"]) == {"NN"}
    assert low["gap"].isna().all()
    assert (low["share_below"] == 0).all()
    scores[OUTCOME] = scores[OUTCOME].clip(upper=4.5)
    assert set(found_of(scores, target=4.8).conditions["code"]) == {"NA"}
    with pytest.raises(ModelSpecificationError, match="level of innovative_behaviour"):
        found_of(scores, target=80)


def test_ten_points_more_by_hand() -> None:
    scores = made()
    scores.loc[:14, "kunnen"] = 4.8  # 95 of 100: five points to go
    scores.loc[:4, "kunnen"] = 5.0
    found = found_of(scores)
    b = np.linalg.lstsq(np.column_stack([np.ones(180), scores[NAMES]]), scores[OUTCOME], rcond=None)[0][1:]
    rows = wide(found, "ten_points")
    left = np.minimum(5 - scores.loc[scores["organisation"] == "F05", NAMES], 0.4)  # ten of 100 points
    assert (left < 0.4).to_numpy().any()
    assert_allclose(rows.loc[5], left.mean() * b)
    assert_allclose(rows.loc[0, "kunnen"], 0.4 * b[0] * (10 * 5 / 10) / 15)
    lowest = wide(found_of(scores, form="minimum"), "ten_points")
    x = (scores.loc[scores["organisation"] == "F05", NAMES].to_numpy() - 1) / 4
    raised = np.stack([np.minimum(x + np.eye(3)[c] / 10, 1).min(axis=1) - x.min(axis=1) for c in range(3)])
    form = ((scores[NAMES] - 1) / 4).min(axis=1)
    slope = np.polyfit(form, scores[OUTCOME], 1)[0]
    assert_allclose(lowest.loc[5], slope * raised.mean(axis=1))


def test_a_form_is_used_by_default_where_it_is_told_from_the_others() -> None:
    worlds = [
        World(form=form, n_employees=900, n_firms=30, r_squared=0.8, reliability=1)
        for form in ("minimum", "nothing")
    ]
    wide = {OUTCOME: (-10, 20)}
    clear, none = (
        diagnose(simulate_world_scores(world, seed=4), unit="firm_id", ends=wide, seed=1) for world in worlds
    )
    assert (clear.form, [note.code for note in clear.notes]) == ("minimum", ["form_supported"])
    assert none.form == "additive"
    assert [note.code for note in none.notes] == ["form_undecided"]
    assert 0 < none.notes[0].values["share_best"] <= 1


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"unit": []}, "column that names the unit"),
        ({"unit": "level"}, "name that the tables do not use"),
        ({"unit": "company"}, "columns of the scores"),
        ({"unit": ["organisation", "organisation"]}, "each once"),
        ({"predictors": ["kunnen"]}, "two or three"),
        ({"form": "cobb"}, "one of additive"),
        ({"minimum": 0}, "1 or more"),
        ({"seed": -1}, "a seed"),
        ({"conf_level": 95}, "between 0 and 1"),
        ({"target": 3, "outcome": None}, "only where there is an outcome"),
        ({"ends": (1, 4)}, "scores of"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: dict[str, Any], match: str) -> None:
    with pytest.raises((ModelSpecificationError, SurveyDataError), match=match):
        found_of(made(), **options)


def test_scores_that_cannot_tell_people_from_units_are_refused() -> None:
    scores = made(n=1, n_firms=40)
    with pytest.raises(SurveyDataError, match="several people"):
        found_of(scores)
    alike = made()
    with pytest.raises(SurveyDataError, match="follows from the others"):
        found_of(alike.assign(willen=6 - alike["kunnen"]))
    alike["mogen"] = alike.groupby("organisation")["mogen"].transform("mean")
    with pytest.raises(SurveyDataError, match="who differ on mogen"):
        found_of(alike)


def test_what_is_shown_is_a_copy_and_is_ranked() -> None:
    found = found_of(made(n_firms=15, lift=0.3))
    table = found.table()
    table["estimate"] = 0.0
    assert (found.conditions["estimate"] > 0).all()
    ranked = found.ranked()
    clear = ranked["bottleneck"] != "not_distinguishable"
    assert clear.any()
    assert not clear.all()
    assert clear.is_monotonic_decreasing
    assert ranked["p_bottleneck"][clear].is_monotonic_decreasing
    assert ranked["p_bottleneck"][clear].min() >= 0.8 > ranked["p_bottleneck"][~clear].max()
    assert "15 of organisation; n = 225 of 225" in str(found)
    assert "<table" in found._repr_html_()


def test_a_level_of_which_hardly_anybody_shares_a_unit_is_left_out() -> None:
    scores = made()
    alone = scores["organisation"] + np.arange(len(scores)).astype(str)
    scores = scores.assign(desk=alone.where(scores.index >= 10, "F00 together"))  # ten people: nine too few
    found = found_of(scores, unit=["organisation", "team", "desk"])
    assert found.unit == ("organisation", "team")
    assert_alike(found, found_of(scores, unit=["organisation", "team"]))
    assert [note.values for note in found.notes if note.code == "level_left_out"] == [{"level": "desk"}]


@pytest.mark.parametrize("n_firms", [1, 8, 9, 10])
def test_with_fewer_than_ten_organisations_no_condition_is_called_the_bottleneck(n_firms: int) -> None:
    scores = made(n_firms=n_firms, n=30)
    scores["mogen"] = 1 + (scores["mogen"] - 1) / 5  # beyond any doubt
    found = found_of(scores, unit=["organisation", "team"])
    told = set(found.units["bottleneck"])
    normed = set(found.units["bottleneck_normed"].dropna())
    notes = {note.code: note.values for note in found.notes}
    assert (found.units["p_bottleneck"] > 0.99).all()
    assert notes.get("bottleneck_not_told") == (None if n_firms == 10 else {"n_units": n_firms, "needed": 10})
    assert ("mogen" in told) is (n_firms == 10)
    assert n_firms == 10 or told | normed == {"not_distinguishable"}
    assert found.ranked()["p_bottleneck"].is_monotonic_decreasing
