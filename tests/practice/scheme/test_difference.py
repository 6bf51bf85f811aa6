"""Difference-in-differences: the textbook's figures, a hand calculation, people against firm-wave means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from si_research.errors import SurveyDataError
from si_research.practice.scheme.difference import (
    event_study,
    pre_trend_test,
    same_firms,
    sample,
    seen_twice,
    two_by_two,
)
from si_research.practice.scheme.fixed_effects import event_time_terms, within_fit, within_table
from si_research.practice.scheme.panel import SchemeRoles, scheme_panel

ROLES = SchemeRoles(firm="firm", wave="wave", treated="scheme")
GRANTS = SchemeRoles(firm="fcode", wave="year", treated="grant")


@pytest.fixture(scope="module")
def grants(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "real_data" / "jtrain_grants" / "jtrain.csv")


def test_scrap_of_the_training_grants_is_the_textbooks(grants: pd.DataFrame) -> None:
    firms = seen_twice(scheme_panel(grants, GRANTS, ["lscrap"]), "lscrap")
    assert (firms.n_used, firms.n_firms) == (162, 54)
    classical = event_study(firms, [0, 1], method="classical")
    assert classical["estimate"].round(3).to_list() == [-0.252, -0.422]
    assert classical["std_error"].round(3).to_list() == [0.151, 0.210]
    assert event_study(firms, [0, 1])["std_error"].round(3).to_list() == [0.143, 0.282]


def test_hours_of_the_training_grants_are_the_textbooks(grants: pd.DataFrame) -> None:
    panel = scheme_panel(grants, GRANTS, ["hrsemp", "lemploy"])
    size = panel.cells("lemploy").rename(columns={"y": "lemploy"})[["firm", "wave", "lemploy"]]
    cells = sample(panel.cells("hrsemp").merge(size, on=["firm", "wave"])).cells
    terms = event_time_terms(cells, [0, 1]).assign(lemploy=cells["lemploy"])
    model = within_fit(cells, terms)
    assert (model.n, model.n_clusters) == (390, 135)
    found = within_table(model, ["event[0]"], "classical").loc["event[0]"]
    assert (round(found["estimate"], 2), round(found["std_error"], 2)) == (34.23, 2.86)
    assert round(within_table(model, ["event[0]"])["std_error"]["event[0]"], 2) == 3.75


def test_the_first_difference_of_scrap_is_the_textbooks(grants: pd.DataFrame) -> None:
    two_years = grants[grants["year"] < 1989]
    found = two_by_two(same_firms(scheme_panel(two_years, GRANTS, ["lscrap"]), "lscrap"), seed=1)
    classical = found.set_index("method").loc["classical"]
    assert classical[["estimate", "std_error", "p_value"]].astype("float64").round(3).to_list() == [
        -0.317,
        0.164,
        0.058,
    ]
    assert found.loc[found["recommended"], "method"].to_list() == ["CR1S"]


def small() -> pd.DataFrame:
    """Two people in each of twelve firms and two waves; by hand the difference of changes is 2."""
    firm = np.repeat([f"f{i}" for i in range(12)], 4)
    wave = np.tile([0, 0, 1, 1], 12)
    scheme = np.repeat([1] * 6 + [0] * 6, 4)
    change = np.repeat([1.0, 2, 3, 3, 4, 5, 0, 1, 1, 1, 2, 1], 4)
    level = np.repeat(np.arange(12.0), 4)
    y = level + change * wave + np.tile([0.5, -0.5, 0.25, -0.25], 12)
    return pd.DataFrame({"firm": firm, "wave": wave, "scheme": scheme, "mogen": y})


def test_two_by_two_is_the_difference_of_changes_by_hand() -> None:
    found = two_by_two(same_firms(scheme_panel(small(), ROLES, ["mogen"]), "mogen"), seed=1)
    by = found.set_index("method")
    # Changes have mean 3 and 1; squared deviations sum to 10 and 2, over 6 firms each.
    assert by["estimate"].to_list() == pytest.approx([2.0] * 3)
    plain = np.sqrt(10 / 36 + 2 / 36)
    assert by.loc["CR1S", "std_error"] == pytest.approx(plain * np.sqrt(12 / 11 * 23 / 22))
    assert by.loc["CR2", "std_error"] == pytest.approx(plain * np.sqrt(6 / 5))
    assert by.loc[by["recommended"]].index.to_list() == ["CR2"]
    assert (by["n_used"] == 48).all()
    assert (by["note"] == "few_treated").all()


def unequal(seed: int = 1, waves: int = 4) -> pd.DataFrame:
    """A panel of people: 24 firms of 1 to 6 people a wave, some waves missing."""
    rng = np.random.default_rng(seed)
    sizes = pd.DataFrame([(i, w) for i in range(24) for w in range(waves)], columns=["firm", "wave"])
    rows = sizes.loc[np.repeat(sizes.index, rng.integers(1, 7, len(sizes)))].reset_index(drop=True)
    rows = rows[~((rows["firm"] % 5 == 3) & (rows["wave"] == 1))].reset_index(drop=True)
    rows["start"] = np.where(rows["firm"] < 12, 2.0, np.nan)
    rows["mogen"] = rng.normal(size=len(rows)) + rows["firm"] / 9 + 0.4 * (rows["wave"] >= rows["start"])
    return rows


STARTS = SchemeRoles(firm="firm", wave="wave", start="start")


def test_firm_wave_means_give_what_a_regression_over_people_gives() -> None:
    people = unequal()
    firms = same_firms(scheme_panel(people, STARTS, ["mogen"]), "mogen")
    found = two_by_two(firms, draws=199, seed=1).set_index("method").loc["CR1S"]
    scheme = (people["wave"] >= people["start"]).astype("float64").rename("scheme")
    dummies = pd.get_dummies(people[["firm", "wave"]].astype("str"), dtype="float64")
    X = pd.concat([scheme, dummies.drop(columns="wave_0")], axis=1)
    plain = sm.OLS(people["mogen"], X).fit(
        cov_type="cluster", cov_kwds={"groups": people["firm"], "use_correction": False}
    )
    n, k, G = len(firms.cells), 4, 24
    assert found["estimate"] == pytest.approx(plain.params["scheme"])
    assert found["std_error"] == pytest.approx(
        plain.bse["scheme"] * np.sqrt(G / (G - 1) * (n - 1) / (n - k)), rel=1e-9
    )
    assert found["n_used"] == len(people)


def test_the_pre_trend_test_sees_a_trend_and_says_when_there_is_none_to_see() -> None:
    people = unequal(waves=5)
    people["start"] = people["start"] + 1
    firms = same_firms(scheme_panel(people, STARTS, ["mogen"]), "mogen")
    quiet, note = pre_trend_test(firms)
    assert note is None
    assert quiet["df"].to_list() == [2.0]
    bent = people.assign(mogen=people["mogen"] + 0.8 * people["wave"] * people["start"].notna())
    loud, _ = pre_trend_test(same_firms(scheme_panel(bent, STARTS, ["mogen"]), "mogen"))
    assert loud["p_value"].item() < 0.01 < quiet["p_value"].item()
    none, note = pre_trend_test(same_firms(scheme_panel(small(), ROLES, ["mogen"]), "mogen"))
    assert none.empty
    assert note is not None
    assert note.code == "no_pre_trend"


def test_firms_must_be_the_same_before_and_after() -> None:
    gone = small()
    gone = gone[~((gone["firm"] == "f0") & (gone["wave"] == 1))]
    gone = gone[~((gone["firm"] == "f11") & (gone["wave"] == 0))]
    firms = same_firms(scheme_panel(gone, ROLES, ["mogen"]), "mogen")
    assert (firms.n_firms, firms.n_treated, firms.n_left_out) == (10, 5, 2)
    found = two_by_two(firms, draws=199, seed=1)
    assert found["estimate"].iloc[0] == pytest.approx(17 / 5 - 1)


def test_three_firms_with_the_scheme_get_an_estimate_and_no_errors() -> None:
    few = small()
    few = few[few["firm"].isin(["f0", "f1", "f2"]) | (few["scheme"] == 0)]
    found = two_by_two(same_firms(scheme_panel(few, ROLES, ["mogen"]), "mogen"), seed=1)
    assert found["note"].to_list() == ["few_treated_refused", "exchangeable_firms"]
    figures = ["std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
    assert found.iloc[0][figures].isna().all()
    assert found["estimate"].to_list() == pytest.approx([1.0, 1.0])
    # Of the 84 ways to choose three of the changes 1, 2, 3, 0, 1, 1, 1, 2, 1: sums far from 4 by 2 or more.
    from itertools import combinations

    sums = np.array([sum(each) for each in combinations([1, 2, 3, 0, 1, 1, 1, 2, 1], 3)])
    away = np.abs(sums / 3 - (12 - sums) / 6)
    assert found["p_value"].iloc[1] == pytest.approx(np.mean(away >= 1 - 1e-9))


def test_firms_that_all_change_alike_leave_no_error() -> None:
    scores = small().assign(mogen=lambda d: d["wave"] * (1 + d["scheme"]) + d["firm"].str[1:].astype(int))
    found = two_by_two(same_firms(scheme_panel(scores, ROLES, ["mogen"]), "mogen"), seed=1)
    assert found["note"].to_list() == ["no_error"]
    assert found["estimate"].item() == pytest.approx(1)
    assert np.isnan(found["p_value"].item())


def test_two_firms_in_all_cannot_reach_the_level() -> None:
    few = small()
    few = few[few["firm"].isin(["f0", "f7", "f8"])]
    found = two_by_two(same_firms(scheme_panel(few, ROLES, ["mogen"]), "mogen"), seed=1)
    assert found["note"].to_list() == ["few_treated_refused"]


def test_a_scheme_that_all_firms_start_at_once_is_refused() -> None:
    cells = same_firms(scheme_panel(small(), ROLES, ["mogen"]), "mogen").cells
    with pytest.raises(SurveyDataError, match="firm and wave effects say all"):
        within_fit(cells, (cells["wave"] == 1).astype("float64").rename("scheme").to_frame())


@pytest.mark.parametrize("change", ["rows", "names", "scale"])
def test_order_names_and_scale_change_nothing(change: str) -> None:
    people = unequal(3)
    other = people.copy()
    if change == "rows":
        other = other.sample(frac=1, random_state=2)
    elif change == "names":
        other["firm"] = (other["firm"] * 7 % 24).astype("str") + "x"
    else:
        other["mogen"] = other["mogen"] * 100 + 7
    tables = [
        two_by_two(same_firms(scheme_panel(each, STARTS, ["mogen"]), "mogen"), draws=199, seed=5)
        for each in (people, other)
    ]
    factor = 100 if change == "scale" else 1
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        pd.testing.assert_series_equal(tables[0][column] * factor, tables[1][column], rtol=1e-7)
    pd.testing.assert_series_equal(tables[0]["p_value"], tables[1]["p_value"], rtol=1e-7)
