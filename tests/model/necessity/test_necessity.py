"""Describing necessity: what goes in, what is named, outliers, joint necessity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nca_cases import cases, data, described, twelve_rows
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.necessity.joint_necessity import joint_necessity
from si_research.model.necessity.necessity import Necessity, describe_necessity
from si_research.model.necessity.outliers import necessity_outliers

CLAIMED = {
    "example_outliers_ce_fdh_k1",
    "example_outliers_cr_fdh_k1",
    "example_outliers_cr_fdh_k2_condensed",
    "example_outliers_risk_ce_fdh_corner1_k1_min10",
}
OUTCOME = "innovative_behaviour"


def scores(n: int = 60, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(1, 6, (n, 4)), columns=["kunnen", "willen", "mogen", OUTCOME])
    return table.astype("float64")


def codes(found: Necessity) -> set[str]:
    return {note.code for note in found.notes}


@pytest.mark.parametrize("name", sorted(CLAIMED))
def test_outliers_of_r(shared: Path, name: str) -> None:
    case = cases(shared, "nca_other.json")[name]
    ceiling = "cr_fdh" if "cr_fdh" in name else "ce_fdh"
    condition = "Risk taking" if "risk" in name else "Individualism"
    people = data(shared, "nca_example.csv").index
    table = necessity_outliers(
        described(shared, {**case, "result": {}}, [ceiling]),
        ceiling=ceiling,
        k=2 if "k2" in name else 1,
        smallest_percent=10 if "min10" in name else 0,
        name_rows=True,
    ).outliers
    table = table[table["condition"] == condition]
    theirs = pd.DataFrame(case["result"])
    assert len(table) == len(theirs)
    ours = table.set_index(table["rows"].map(lambda rows: frozenset(people[list(rows)])))
    theirs.index = theirs["outliers"].map(lambda names: frozenset(names.split(" - ")))
    ours = ours.loc[theirs.index]
    np.testing.assert_allclose(ours["effect_without"].round(2), theirs["eff.nw"], atol=1e-9)
    np.testing.assert_allclose(ours["change_percent"].round(1), theirs["dif.rel"], atol=1e-9)
    assert (ours["on_ceiling"] == (theirs["ceiling"] == "X")).all()
    assert (ours["sets_scope"] == (theirs["scope"] == "X")).all()


def test_outliers_are_what_leaving_out_gives_and_name_nobody() -> None:
    table = scores(25).add(np.random.default_rng(2).random((25, 4)))
    found = describe_necessity(table, predictors=["kunnen"])
    listed = necessity_outliers(found, k=2, name_rows=True).outliers
    assert len(listed) > 5
    for row in listed.itertuples():
        left = describe_necessity(table.drop(index=list(row.rows)), predictors=["kunnen"])
        assert left.effects["effect"].iloc[0] == pytest.approx(row.effect_without, abs=1e-12)
    single = {
        place: describe_necessity(table.drop(index=place), predictors=["kunnen"]).effects["effect"].iloc[0]
        for place in table.index
    }
    changing = {place for place, effect in single.items() if abs(effect - row.effect) > 1e-12}
    assert {rows[0] for rows in listed["rows"] if len(rows) == 1} == changing
    assert "rows" not in necessity_outliers(found).outliers


def test_who_is_not_alone_at_an_end_does_not_set_the_scope() -> None:
    table = pd.DataFrame({"kunnen": [1, 2, 3, 5, 5], OUTCOME: [1, 2, 4, 5, 1]}, dtype="float64")
    listed = necessity_outliers(describe_necessity(table, predictors=["kunnen"]), name_rows=True).outliers
    setters = listed.set_index(listed["rows"].map(lambda rows: rows[0]))["sets_scope"]
    assert setters.to_dict() == {0: True, 2: False, 3: True, 1: False}


def test_people_without_a_firm_are_left_out_where_firms_are_asked_for() -> None:
    table = scores().assign(firm=["a", None, "b"] * 20)
    found = describe_necessity(table, cluster="firm")
    assert found.dropped.to_dict() == {"firm": 20}
    assert found.effects["n_used"].eq(40).all()
    alone = describe_necessity(table[table["firm"].notna()], cluster="firm")
    pd.testing.assert_frame_equal(found.effects, alone.effects)


def test_missing_scores_are_left_out_for_each_condition_alone() -> None:
    table = scores()
    table.loc[:4, "kunnen"] = np.nan
    table.loc[3:9, "willen"] = np.nan
    table.loc[[20], OUTCOME] = np.nan
    found = describe_necessity(table)
    assert found.effects["n_used"].to_list() == [54, 54, 52, 52, 59, 59]
    assert found.dropped.to_dict() == {OUTCOME: 1, "kunnen": 5, "willen": 7}
    assert "different_people" in codes(found)
    alone = describe_necessity(table[["mogen", OUTCOME]].dropna(), predictors=["mogen"])
    pd.testing.assert_series_equal(
        found.effects.loc["mogen"].loc["cr_fdh"], alone.effects.loc["mogen"].loc["cr_fdh"]
    )


def test_findings_are_named() -> None:
    table = scores(15).assign(kunnen=3.0)
    found = describe_necessity(table)
    assert {"few_people", "no_variance"} <= codes(found)
    assert found.effects.loc["kunnen", "effect"].isna().all()
    turned = pd.DataFrame({"kunnen": range(30), OUTCOME: range(30, 0, -1)}, dtype="float64")
    one = describe_necessity(turned, predictors=["kunnen"], ceilings=["ce_fdh", "cr_fdh", "qr"])
    assert {"one_peer", "no_effect", "line_not_rising"} >= codes(one) >= {"one_peer", "line_not_rising"}
    assert one.effects["effect"].to_list() == pytest.approx([0, 0, np.nan], nan_ok=True)
    assert "no_effect" in codes(describe_necessity(turned, predictors=["kunnen"]))
    single = describe_necessity(scores(1))
    assert {"few_people", "no_variance"} <= codes(single)


def test_a_constant_condition_in_a_theoretical_scope_has_its_empty_strips() -> None:
    found = describe_necessity(
        scores().assign(kunnen=3.0), predictors=["kunnen"], scope="theoretical", ceilings=["ce_fdh", "qr"]
    )
    assert found.effects["effect"].to_list() == [0.5, 0.0]
    assert "no_variance" in codes(found)


def test_scores_beyond_the_ends_widen_the_scope_and_missing_ends_are_those_of_the_data() -> None:
    table = scores()
    wider = describe_necessity(table, predictors=["kunnen"], scope="theoretical", ends=(1, 4))
    assert "scope_widened" in codes(wider)
    assert wider.effects["scope_area"].to_list() == [16, 16]
    open_ = describe_necessity(
        table, predictors=["kunnen"], scope="theoretical", ends={"kunnen": (0, np.nan)}, ceilings=["ce_fdh"]
    )
    assert open_.effects["scope_area"].to_list() == [20]
    assert not {"scope_widened", "no_variance"} & codes(open_)


@pytest.mark.parametrize(
    "wrong",
    [
        {"predictors": []},
        {"predictors": ["kunnen", "kunnen"]},
        {"predictors": ["courage"]},
        {"ceilings": []},
        {"ceilings": ["ce_fdh", "ce_fdh"]},
        {"ceilings": ["step"]},
        {"scope": "wide"},
        {"scope": "theoretical", "ends": (5, 1)},
        {"scope": "theoretical", "ends": ("low", "high")},
        {"corner": 5},
        {"corner": {"kunnen": 1, "willen": 4, "mogen": 1}},
        {"corner": {"kunnen": 1}},
        {"quantile": 95},
        {"cluster": OUTCOME},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelSpecificationError):
        describe_necessity(scores(), **wrong)


def test_data_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(SurveyDataError, match="nobody among 60 with both willen"):
        describe_necessity(scores().assign(willen=np.nan))
    with pytest.raises(SurveyDataError, match="infinite"):
        describe_necessity(scores().replace({"mogen": {3: np.inf}}))
    with pytest.raises(ModelSpecificationError, match="numbers"):
        describe_necessity(scores().assign(mogen="much"))


def test_who_meets_the_required_levels_counted_by_hand() -> None:
    table = scores(300, seed=3)
    table[OUTCOME] = (table[OUTCOME] + table["kunnen"] + table["willen"]) / 3
    found = describe_necessity(table.assign(mogen=3.0), ceilings=["qr"], quantile=0.7)
    shares = joint_necessity(found, level=4, ceiling="qr").shares
    high, met = table[OUTCOME] >= 4, pd.Series(True, index=table.index)
    for name in ("kunnen", "willen"):
        fit = found.ceilings[name, "qr"]
        meets = table[name] >= (4 - fit.intercept) / fit.slope - 1e-9
        assert 0 < shares.loc[name, "estimate"] < 1
        assert shares.loc[name, "estimate"] == pytest.approx(meets[high].mean())
        assert shares.loc[name, "share_of_others"] == pytest.approx(meets[~high].mean())
        met &= meets
    assert shares["code"].to_list() == ["", "", "-", "-"]
    assert np.isnan(shares.loc["mogen", "estimate"])
    assert shares.loc["all", "estimate"] == pytest.approx(met[high].mean())
    assert shares["n_high"].unique().tolist() == [int(high.sum())]


@pytest.mark.parametrize(
    ("name", "zone", "slope", "intercept", "accuracy", "inefficiency"),
    [
        ("kunnen", 5.75, 1.085714, -0.2904762, 75, (14.286, 0)),
        ("willen", 4.95, 1.331429, -1.377143, 75, (16.667, 0)),
        ("mogen", 4.75, 0.84, 0.7, 83.333, (0, 17.647)),
    ],
)
def test_twelve_rows_in_r(
    name: str,
    zone: float,
    slope: float,
    intercept: float,
    accuracy: float,
    inefficiency: tuple[float, float],
) -> None:
    effects = describe_necessity(twelve_rows()).effects
    steps, line = effects.loc[(name, "ce_fdh")], effects.loc[(name, "cr_fdh")]
    assert steps["zone"] == pytest.approx(zone)
    assert (line["slope"], line["intercept"]) == pytest.approx((slope, intercept), abs=1e-6)
    assert line["accuracy"] == pytest.approx(accuracy, abs=1e-3)
    assert (steps["condition_inefficiency"], steps["outcome_inefficiency"]) == pytest.approx(
        inefficiency, abs=1e-3
    )


def test_nobody_is_above_steps_so_that_everybody_meets_them() -> None:
    table = scores(80, seed=5)
    table[["kunnen", "willen", "mogen"]] = np.maximum(
        table[["kunnen", "willen", "mogen"]], table[[OUTCOME]].to_numpy() - 1
    )
    for corner, level in ((1, 5), (1, 4)):
        found = describe_necessity(table, corner=corner)
        shares = joint_necessity(found, level=level, ceiling="ce_fdh").shares
        assert (shares["estimate"] == 1).all()
        assert (shares["required"].dropna() >= level - 1).all()
        assert (shares["share_of_others"] < 1).any()


def test_joint_necessity_without_anybody_is_refused() -> None:
    found = describe_necessity(scores())
    with pytest.raises(SurveyDataError, match="nobody with an outcome of 9"):
        joint_necessity(found, level=9)
    table = scores()
    table.loc[:29, "kunnen"] = np.nan
    table.loc[30:, "willen"] = np.nan
    with pytest.raises(SurveyDataError, match="every condition"):
        joint_necessity(describe_necessity(table), level=4)
    with pytest.raises(ModelSpecificationError):
        joint_necessity(found, level=4, ceiling="qr")


def test_results_print_their_tables() -> None:
    found = describe_necessity(scores())
    for result in (found, necessity_outliers(found), joint_necessity(found, level=4)):
        assert "mogen" in str(result)
        assert "<table" in result._repr_html_()
        assert "n_used" in result.table()
