"""Slope differences: against R, against refits from other origins, and by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.design import Roles
from si_research.model.inference import Method, covariance, reference_df
from si_research.model.interaction import InteractionFit, fit_interaction, regress
from si_research.model.slope_differences import SlopeDifferences, slope_differences
from si_research.simulation.worlds import simulate_scores

EXACT = 1e-8
NAMES = {
    "estimate": "estimate",
    "se": "std_error",
    "t": "statistic",
    "df": "df",
    "p": "p_value",
    "ci_low": "conf_low",
    "ci_high": "conf_high",
}
CLAIMED = {
    *(f"gw_slope_differences_{name}" for name in ("ols", "HC3")),
    *(f"bh_slope_differences_{name}" for name in ("ols", "CR1S_df_G_minus_1", "LEAD_focal")),
}
GW = {"outcome": "govact", "predictors": ["negemot", "sex", "age"], "controls": ["posemot", "ideology"]}
BH = {"outcome": "WBEING", "predictors": ["HRS", "LEAD", "COHES"], "cluster": "GRP"}
ORDER = ("high high", "high low", "low high", "low low")


def by_method(fit: InteractionFit, method: Method) -> InteractionFit:
    """The same fit with the covariance and degrees of freedom of another method."""
    raw = regress(fit.rows, Roles(fit.outcome, fit.predictors, fit.controls, fit.cluster))
    V = pd.DataFrame(covariance(raw, method), index=fit.covariance.index, columns=fit.covariance.columns)
    return replace(fit, covariance=V, method=method, df=reference_df(raw, method))


@pytest.mark.parametrize(
    ("case", "data", "model", "method", "of"),
    [
        ("gw_slope_differences_ols", "global_warming", GW, "OLS", "negemot"),
        ("gw_slope_differences_HC3", "global_warming", GW, "HC3", "negemot"),
        ("bh_slope_differences_ols", "bh1996", BH, "OLS", "HRS"),
        ("bh_slope_differences_CR1S_df_G_minus_1", "bh1996", BH, "CR1S", "HRS"),
        ("bh_slope_differences_LEAD_focal", "bh1996", BH, "OLS", "LEAD"),
    ],
)
def test_all_six_against_r(
    shared: Path, case: str, data: str, model: dict[str, Any], method: Method, of: str
) -> None:
    """Relative tolerance 1e-8; R centred bh1996 itself, so that its points move back by the mean."""
    scores = pd.read_csv(shared / f"reference/data/{data}.csv")
    file = "three_way_global_warming" if data == "global_warming" else "cluster_robust_bh1996"
    content = json.loads((shared / f"reference/regression/{file}.json").read_text("utf-8"))
    theirs = next(each["result"] for each in content["cases"] if each["id"] == case)
    fit = by_method(fit_interaction(scores, **model), method)
    others = [name for name in fit.predictors if name != of]
    moved = 0.0 if data == "global_warming" else 1.0
    points = theirs["values"]
    ends = {
        name: tuple(points[f"{short}_{end}"] + moved * fit.centres[name] for end in ("low", "high"))
        for name, short in zip(others, "wz", strict=True)
    }
    found = slope_differences(fit, of=of, at=ends)
    assert list(found.slopes["combination"]) == list(ORDER)
    numbers = range(1, 5)
    pairs = [f"{a}_minus_{b}" for a, b in combinations(numbers, 2)]
    assert list(theirs["differences"]) == pairs
    for their, our in NAMES.items():
        expected = [row[their] for row in theirs["slopes"].values()]
        np.testing.assert_allclose(found.slopes[our], expected, rtol=EXACT, err_msg=our)
        expected = [theirs["differences"][pair][their] for pair in pairs]
        np.testing.assert_allclose(found.differences[our], expected, rtol=EXACT, err_msg=our)
    expected = [theirs["p_holm"][pair] for pair in pairs]
    np.testing.assert_allclose(found.differences["p_holm"], expected, rtol=EXACT)
    assert [tuple(pair) for pair in found.differences[["first", "second"]].to_numpy()] == list(
        combinations(ORDER, 2)
    )


def tied(seed: int, *, n: int = 160, firms: bool = False, missing: bool = True) -> pd.DataFrame:
    """Scores on half points, with ties, and some not given."""
    scores = simulate_scores(n, three_way=0.2, n_firms=12 if firms else None, seed=seed)
    named = ["kunnen", "willen", "mogen"]
    scores[named] = (scores[named] * 2).round() / 2
    if missing:
        scores.loc[scores.index[::17], "willen"] = np.nan
        scores.loc[scores.index[5::31], "innovative_behaviour"] = np.nan
    return scores


def refitted(scores: pd.DataFrame, of: str, place: dict[str, float]) -> tuple[float, Any]:
    """Fit by formula from an origin at the place; return the slope there and the fit."""
    import statsmodels.formula.api as smf

    moved = scores.assign(**{name: scores[name] - value for name, value in place.items()})
    model = smf.ols("innovative_behaviour ~ kunnen * willen * mogen", moved.dropna())
    again = model.fit(cov_type="HC3", use_t=True)
    return float(again.params[of]), again


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), of=st.sampled_from(["kunnen", "willen", "mogen"]))
def test_a_difference_is_the_contrast_of_two_refits(seed: int, of: str) -> None:
    """Each slope is a coefficient after moving the origin there; so is what differs between two."""
    scores = tied(seed)
    found = slope_differences(fit_interaction(scores), of=of)
    others = [name for name in ("kunnen", "willen", "mogen") if name != of]
    slopes = found.slopes.set_index("combination")
    refits = {
        name: refitted(scores, of, {other: float(slopes[other][name]) for other in others}) for name in ORDER
    }
    for _, row in found.differences.iterrows():
        (a, fit_a), (b, _) = refits[row["first"]], refits[row["second"]]
        assert row["estimate"] == pytest.approx(a - b, abs=1e-8)
        # the second slope, written in the terms of the first refit
        step = {x: float(slopes[x][row["second"]] - slopes[x][row["first"]]) for x in others}
        c = pd.Series(0.0, index=fit_a.params.index)
        for term in c.index:
            parts = term.split(":")
            if of in parts and len(parts) > 1:
                c[term] = -np.prod([step[x] for x in parts if x != of])
        tested = fit_a.t_test(c.to_numpy())
        assert row["std_error"] == pytest.approx(float(tested.sd.item()), rel=1e-7)
        assert row["p_value"] == pytest.approx(float(tested.pvalue), rel=1e-6)


@settings(max_examples=4, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shift=st.integers(-50, 50),
    scale=st.sampled_from([0.0625, 1.0, 32.0]),
    firms=st.booleans(),
)
def test_neither_origin_unit_nor_order_of_rows_matters(
    seed: int, shift: int, scale: float, firms: bool
) -> None:
    """Moved by whole points and powers of two, so that nobody rounds to the other side of a middle."""
    scores = tied(seed, firms=firms)
    model: dict[str, Any] = {"cluster": "firm_id"} if firms else {}
    first = fit_interaction(scores, **model)
    other = scores.assign(willen=scores["willen"] * scale + shift, mogen=scores["mogen"] - 2 * shift)
    second = fit_interaction(other.sample(frac=1, random_state=seed), **model)
    term = "kunnen:willen:mogen"
    for column in ("estimate", "std_error"):
        assert float(second.coefficients[column][term]) * scale == pytest.approx(
            float(first.coefficients[column][term]), rel=1e-7
        )
    assert second.r2_gain == pytest.approx(first.r2_gain, rel=1e-7, abs=1e-12)
    before, after = (slope_differences(fit, of="kunnen") for fit in (first, second))
    columns = [*NAMES.values(), "p_holm"]
    np.testing.assert_allclose(after.differences[columns], before.differences[columns], rtol=1e-6, atol=1e-9)
    same = ["first", "second", "outside_data", "supported"]
    pd.testing.assert_frame_equal(after.differences[same], before.differences[same])


def test_holm_by_hand() -> None:
    """The smallest of six p times 6, the next times 5, and never below the one before."""
    found = slope_differences(fit_interaction(tied(3))).differences
    ranked = found.sort_values("p_value")
    steps = ranked["p_value"].to_numpy() * np.arange(6, 0, -1)
    np.testing.assert_allclose(ranked["p_holm"], np.minimum(np.maximum.accumulate(steps), 1), rtol=1e-12)


@pytest.fixture(scope="module")
def fit() -> InteractionFit:
    return fit_interaction(tied(1))


def test_two_predictors_have_one_difference() -> None:
    """Its test is that of the product, its size the product times the distance."""
    fit = fit_interaction(tied(1), predictors=["kunnen", "mogen"])
    found = slope_differences(fit, of="mogen")
    assert list(found.slopes["combination"]) == ["high", "low"]
    assert len(found.differences) == 1
    row, product = found.differences.iloc[0], fit.coefficients.loc["kunnen:mogen"]
    distance = found.points["high"]["kunnen"] - found.points["low"]["kunnen"]
    assert row["estimate"] == pytest.approx(product["estimate"] * distance)
    assert row["p_value"] == pytest.approx(product["p_value"])
    assert row["p_holm"] == row["p_value"]


def test_a_binary_condition_has_its_two_values() -> None:
    scores = tied(2)
    scores["mogen"] = (scores["mogen"] > 3.4).astype(float)
    found = slope_differences(fit_interaction(scores), of="kunnen")
    assert found.points.loc["mogen"].to_list() == [0.0, 1.0, "both values"]
    assert found.slopes["n_nearest"].sum() == fit_interaction(scores).n_used
    assert not found.differences["outside_data"].any()


def test_points_outside_the_data_and_without_people_are_marked(fit: InteractionFit) -> None:
    found = slope_differences(fit, of="kunnen", at={"willen": (3, 9), "mogen": (2.5, 3.5)})
    where = found.slopes.set_index("combination")
    assert list(where["outside_data"]) == [True, True, False, False]
    assert list(found.differences["outside_data"]) == [True] * 5 + [False]
    assert not found.differences["supported"].iloc[:5].any()
    below = slope_differences(fit, of="kunnen", at={"mogen": (-3, -2)}).slopes
    assert below["outside_data"].all()
    wide = slope_differences(fit, at={"willen": tuple(np.percentile(fit.rows["willen"], [0, 100]))})
    assert not wide.slopes["outside_data"].any()


def test_people_near_a_combination_by_hand(fit: InteractionFit) -> None:
    found = slope_differences(fit, of="kunnen", at={"willen": (2, 4), "mogen": (2, 4)})
    rows = fit.rows
    high_low = int(((rows["willen"] > 3) & (rows["mogen"] <= 3)).sum())
    row = found.slopes.set_index("combination").loc["high low"]
    assert row["n_nearest"] == high_low
    assert found.slopes["n_nearest"].sum() == fit.n_used


@pytest.mark.parametrize("n", [4, 5])
def test_a_combination_is_supported_by_five_people(n: int) -> None:
    """Low and low by n people, and both comparisons with it, made so on purpose."""
    scores = tied(6, missing=False)
    scores["willen"] = scores["willen"].clip(lower=2.5)
    scores.loc[scores.index[:n], ["willen", "mogen"]] = 1.0, 1.0
    found = slope_differences(fit_interaction(scores), of="kunnen", at={"willen": (1, 3.5), "mogen": (1, 5)})
    here = found.slopes.set_index("combination").loc["low low"]
    assert here["n_nearest"] == n
    assert here["supported"] == (n == 5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"of": "leeftijd"}, "leeftijd"),
        ({"at": {"leeftijd": (1, 2)}}, "leeftijd"),
        ({"of": "kunnen", "at": {"kunnen": (1, 2)}}, "kunnen"),
        ({"at": {"willen": (1, np.inf)}}, "not finite"),
        ({"at": {"willen": (np.nan, 3)}}, "not finite"),
        ({"at": {"willen": (4, 2)}}, "low below high"),
        ({"at": {"willen": (3, 3)}}, "low below high"),
        ({"at": {"willen": (1, 2, 3)}}, "low below high"),
    ],
)
def test_what_cannot_be_compared(fit: InteractionFit, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelSpecificationError, match=words):
        slope_differences(fit, **arguments)


def test_a_constant_or_collinear_condition_is_refused_by_the_fit() -> None:
    scores = tied(4)
    with pytest.raises(SurveyDataError, match="mogen"):
        slope_differences(fit_interaction(scores.assign(mogen=3.0)))
    with pytest.raises(SurveyDataError, match="follow from others"):
        slope_differences(fit_interaction(scores.assign(mogen=scores["kunnen"] * 2 + 1)))


def test_one_firm_is_tested_over_people() -> None:
    scores = tied(5).assign(firm_id="F001")
    whole = slope_differences(fit_interaction(scores, cluster="firm_id")).differences
    pd.testing.assert_frame_equal(whole, slope_differences(fit_interaction(scores)).differences)


def test_printing_and_copies(fit: InteractionFit) -> None:
    found = slope_differences(fit)
    copy = found.table()
    copy["estimate"] = 0.0
    assert found.differences["estimate"].abs().max() > 0
    assert str(found) == str(slope_differences(fit))
    assert "smallest p after Holm" in str(found)
    page = SlopeDifferences("<b>", found.differences, found.slopes, found.points, 0.95)._repr_html_()
    assert "<b>" not in page
    assert "<table" in page
