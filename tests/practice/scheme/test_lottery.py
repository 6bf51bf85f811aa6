"""The lottery: enumeration by hand, the interval against the test, refusals, laws."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from si_research.practice.scheme.evaluation import evaluate_scheme
from si_research.practice.scheme.lottery import EXACT, RANDOMISATION, drawn_firms, intention_to_treat
from si_research.practice.scheme.panel import SchemeRoles, scheme_panel
from si_research.practice.scheme.permuted import assignments, n_assignments

ROLES = SchemeRoles(firm="firm", wave="wave", treated="drawn", stratum="sector")


def lottery(n_firms: int, effect: float, *, seed: int = 1, waves: int = 2) -> pd.DataFrame:
    """Firms of 1 to 5 people in two sectors, every second one drawn."""
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(n_firms), rng.integers(1, 6, n_firms))
    level = rng.normal(0, 0.5, n_firms)[firm]
    parts = [
        pd.DataFrame(
            {
                "firm": firm,
                "wave": wave,
                "drawn": firm // 2 % 2,
                "sector": np.where(firm % 2 == 0, "a", "b"),
                "mogen": level + rng.normal(size=len(firm)) + effect * wave * (firm // 2 % 2),
            }
        )
        for wave in range(waves)
    ]
    return pd.concat(parts)


def by_method(scores: pd.DataFrame, **options: object) -> pd.DataFrame:
    lots = drawn_firms(scheme_panel(scores, ROLES, ["mogen"]), "mogen")
    return intention_to_treat(lots, **{"seed": 1} | options).set_index("method")  # type: ignore[arg-type]


def test_the_p_of_a_small_lottery_is_the_share_of_all_assignments() -> None:
    """Every assignment within the two strata is refitted by statsmodels, with HC0 errors."""
    scores = lottery(8, 1.0, waves=1)
    found = by_method(scores, conf_level=0.80).loc[EXACT]
    firms = scores.groupby("firm").agg(
        y=("mogen", "mean"), n=("mogen", "size"), drawn=("drawn", "first"), sector=("sector", "first")
    )
    strata = pd.get_dummies(firms["sector"], dtype="float64")

    def t(drawn: np.ndarray) -> float:
        X = strata.assign(drawn=drawn.astype("float64"))
        return float(sm.WLS(firms["y"], X, weights=firms["n"]).fit(cov_type="HC0").tvalues["drawn"])

    choices = [
        combinations(
            np.flatnonzero(firms["sector"] == each), int(firms.query("sector == @each")["drawn"].sum())
        )
        for each in ("a", "b")
    ]
    every = [np.isin(np.arange(8), np.concatenate(both)) for both in product(*choices)]
    assert len(every) == 36
    real = abs(t(firms["drawn"].to_numpy() == 1))
    expected = np.mean([abs(t(each)) >= real - 1e-9 for each in every])
    assert found["p_value"] == pytest.approx(expected)
    assert found["estimate"] == pytest.approx(
        sm.WLS(firms["y"], strata.assign(drawn=firms["drawn"]), weights=firms["n"]).fit().params["drawn"]
    )


def test_random_lots_stay_in_their_strata_and_never_give_zero() -> None:
    treated = np.array([True, False, False, True, True, False] * 4)
    strata = np.repeat([0, 1, 2], 8)
    drawn, exact = assignments(treated, strata, draws=300, seed=1)
    assert not exact
    for each in range(3):
        members = strata == each
        assert (drawn[:, members].sum(axis=1) == treated[members].sum()).all()
    assert drawn.mean(axis=0) == pytest.approx(0.5, abs=0.15)
    found = by_method(lottery(60, 5.0), draws=199)
    assert found.loc[RANDOMISATION, "p_value"] == pytest.approx(1 / 200)


def test_the_number_of_assignments_is_the_product_over_strata() -> None:
    treated, strata = np.array([True, False, True, False, False]), np.array([0, 0, 1, 1, 1])
    assert n_assignments(treated, strata) == 2 * 3
    drawn, exact = assignments(treated, strata, draws=199, seed=0)
    assert exact
    assert len(np.unique(drawn, axis=0)) == 6


def test_the_interval_holds_what_the_lots_do_not_reject() -> None:
    scores = lottery(30, 0.6, seed=4)
    found = by_method(scores, draws=499).loc[RANDOMISATION]
    for end, outside in ((found["conf_low"], -0.01), (found["conf_high"], 0.01)):
        for shift, inside in ((-outside, True), (outside, False)):
            moved = scores.assign(
                mogen=scores["mogen"] - (end + shift) * scores["drawn"] * (scores["wave"] == 1)
            )
            assert (by_method(moved, draws=499).loc[RANDOMISATION, "p_value"] > 0.05) == inside


def test_errors_over_firms_are_those_of_statsmodels() -> None:
    scores = lottery(40, 0.5, waves=1)
    firm = scores.groupby("firm").agg(
        y=("mogen", "mean"), n=("mogen", "size"), drawn=("drawn", "first"), sector=("sector", "first")
    )
    X = pd.get_dummies(firm["sector"], dtype="float64").assign(drawn=firm["drawn"])
    expected = sm.WLS(firm["y"], X, weights=firm["n"]).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(40)}
    )
    found = by_method(scores, draws=199).loc["CR1S"]
    assert found["estimate"] == pytest.approx(expected.params["drawn"])
    assert found["std_error"] == pytest.approx(expected.bse["drawn"])
    assert found["n_used"] == len(scores)


def test_few_drawn_firms_are_left_to_the_lots_alone() -> None:
    few = lottery(24, 3.0)
    few = few[(few["drawn"] == 0) | few["firm"].isin([2, 3, 6])]
    found = by_method(few)
    assert found.index.to_list() == ["CR1S", EXACT]
    assert found.loc["CR1S", "note"] == "few_treated_refused"
    assert np.isnan(found.loc["CR1S", "p_value"])
    assert 0 < found.loc[EXACT, "p_value"] <= 1
    two = lottery(24, 3.0)
    two = two[two["firm"].isin([0, 1, 2, 3, 4])]
    alone = by_method(two).loc[EXACT]
    assert alone["note"] == "cannot_reach_level"
    assert np.isnan(alone["p_value"])


def test_lots_that_strata_say_all_about_give_no_effect() -> None:
    scores = lottery(12, 1.0).assign(drawn=lambda d: (d["sector"] == "a").astype("int64"))
    assert by_method(scores)["note"].to_list() == ["no_comparison"]
    few = lottery(4, 1.0)
    assert by_method(few)["note"].to_list() == ["too_few_firms"]


@pytest.mark.parametrize("change", ["rows", "names", "scale"])
def test_order_names_and_scale_change_nothing(change: str) -> None:
    scores = lottery(40, 0.4, seed=7)
    other = scores.copy()
    if change == "rows":
        other = other.sample(frac=1, random_state=3)
    elif change == "names":
        other["firm"] = (other["firm"] * 13 % 40).astype("str") + "x"
    else:
        other["mogen"] = other["mogen"] * 100 - 3
    tables = [by_method(each, draws=299) for each in (scores, other)]
    factor = 100 if change == "scale" else 1
    for column in ("estimate", "conf_low", "conf_high"):
        pd.testing.assert_series_equal(tables[0][column] * factor, tables[1][column], rtol=1e-7)
    pd.testing.assert_series_equal(tables[0]["p_value"], tables[1]["p_value"], rtol=1e-7)


def one_sided(scores: pd.DataFrame) -> pd.DataFrame:
    """The same lottery, and firms of strata that were drawn as a whole, or not at all, or are unknown."""
    parts = [scores]
    for place, (sector, drawn) in enumerate([("c", 1), ("d", 0), (None, 1), (None, 0)], 1):
        more = lottery(12, 0.5, seed=place + 20)
        parts.append(more.assign(firm=more["firm"] + 1000 * place, sector=sector, drawn=drawn))
    return pd.concat(parts, ignore_index=True)


def test_firms_that_lots_say_nothing_of_change_no_figure_and_are_counted_apart() -> None:
    own = lottery(14, 0.6, seed=3)
    pd.testing.assert_frame_equal(by_method(one_sided(own), draws=199), by_method(own, draws=199))
    lots = drawn_firms(scheme_panel(one_sided(own), ROLES, ["mogen"]), "mogen")
    assert (lots.n_left_out, lots.n_one_sided, lots.n_stratum_unknown) == (48, 24, 24)
    found = evaluate_scheme(
        one_sided(own),
        firm="firm",
        wave="wave",
        treated="drawn",
        stratum="sector",
        outcomes=["mogen"],
        seed=1,
    )
    notes = {note.code: note.values.get("n_firms") for note in found.notes}
    assert (notes["strata_one_sided"], notes["stratum_unknown"]) == (24, 24)
    assert "firms_left_out" not in notes


def test_two_against_two_get_no_errors_over_firms_whoever_else_is_there() -> None:
    own = lottery(8, 1.0)
    own = own[own["sector"] == "a"]
    found = by_method(one_sided(own))
    assert found.loc["CR1S", ["note", "n_firms", "n_treated"]].to_list() == ["few_treated_refused", 4, 2]
    assert found.loc[EXACT, "note"] == "cannot_reach_level" and found["p_value"].isna().all()


@pytest.mark.parametrize("sector", ["firm", "drawn", None])
def test_without_a_stratum_of_both_there_is_no_effect(sector: str | None) -> None:
    scores = lottery(24, 1.0)
    scores["sector"] = scores[sector] if sector else None
    found = evaluate_scheme(
        scores, firm="firm", wave="wave", treated="drawn", stratum="sector", outcomes=["mogen"], seed=1
    )
    assert found.refused == {"mogen": "strata_one_sided"} and found.effects.empty


def test_a_stratum_known_in_one_wave_is_that_of_the_firm() -> None:
    scores = lottery(24, 0.5)
    some = scores.assign(sector=scores["sector"].where(scores["wave"] == 0))
    pd.testing.assert_frame_equal(by_method(some), by_method(scores))
