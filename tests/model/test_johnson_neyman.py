"""Johnson-Neyman: against R, against a search by brute force, and against refits from other origins."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from si_research.errors import ModelSpecificationError
from si_research.model.design import Roles
from si_research.model.inference import Method, covariance, reference_df
from si_research.model.interaction import InteractionFit, fit_interaction, regress
from si_research.model.johnson_neyman import JohnsonNeyman, johnson_neyman
from si_research.model.probing import simple_slopes
from si_research.simulation.worlds import simulate_scores

EXACT = 1e-8
CLAIMED = {
    "gw_jn_two_way_by_age",
    *(f"gw_two_way_jn_{name}" for name in ("interactions", "interactions_fdr", "byhand")),
    *("bh_jn", "bh_two_way_jn_interactions_cluster"),
}
GW = {"outcome": "govact", "predictors": ["negemot", "sex", "age"], "controls": ["posemot", "ideology"]}
GW_TWO = {
    "outcome": "govact",
    "predictors": ["negemot", "age"],
    "controls": ["posemot", "ideology", "sex"],
}
BH = {"outcome": "WBEING", "predictors": ["HRS", "LEAD", "COHES"], "cluster": "GRP"}


def by_method(fit: InteractionFit, method: Method, **change: Any) -> InteractionFit:
    """The same fit with the covariance and degrees of freedom of another method."""
    raw = regress(fit.rows, Roles(fit.outcome, fit.predictors, fit.controls, fit.cluster))
    V = pd.DataFrame(covariance(raw, method), index=fit.covariance.index, columns=fit.covariance.columns)
    return replace(fit, covariance=V, **{"method": method, "df": reference_df(raw, method), **change})


def result(shared: Path, file: str, case: str) -> dict[str, Any]:
    content = json.loads((shared / f"reference/regression/{file}.json").read_text("utf-8"))
    return dict(next(each["result"] for each in content["cases"] if each["id"] == case))


@pytest.fixture(scope="module")
def gw(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/data/global_warming.csv")


@pytest.fixture(scope="module")
def bh(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/data/bh1996.csv")


def check(found: JohnsonNeyman, theirs: dict[str, Any], *, centre: float = 0.0) -> None:
    """Bounds to 1e-8, relative; R says "outside the roots" and "between the roots"."""
    np.testing.assert_allclose(found.bounds["bound"] - centre, theirs["roots"], rtol=EXACT)
    line = found.lines.iloc[0]
    assert line["significant_where"] == theirs["significant_where"].replace("roots", "bounds")
    assert line["critical"] == pytest.approx(theirs["t_crit"], rel=EXACT)


@pytest.mark.parametrize(
    ("key", "method", "level"), [("ols", "OLS", 0.95), ("HC3", "HC3", 0.95), ("ols_alpha10", "OLS", 0.90)]
)
def test_the_two_way_over_the_third(
    shared: Path, gw: pd.DataFrame, key: str, method: Method, level: float
) -> None:
    """Hayes' example: 38.1138 years. The other bound is hundreds of years away, and marked so."""
    theirs = result(shared, "three_way_global_warming", "gw_jn_two_way_by_age")
    fit = by_method(fit_interaction(gw, conf_level=level, **GW), method)
    found = johnson_neyman(fit, of="negemot:sex", over="age")
    check(found, theirs[key])
    assert list(found.bounds["outside_data"]) == [True, False]
    assert list(found.regions["outside_data"]) == [True, False, False]
    assert list(found.regions["direction"]) == ["negative", "none", "positive"]
    assert theirs["age_range"] == [gw["age"].min(), gw["age"].max()]
    bound = found.bounds["bound"].iloc[1]
    assert found.regions["n"].to_list() == [0, int((gw["age"] < bound).sum()), int((gw["age"] > bound).sum())]


def test_a_slope_over_the_only_other(shared: Path, gw: pd.DataFrame) -> None:
    """The R package interactions and a few lines of algebra give the same bounds."""
    fit = by_method(fit_interaction(gw, **GW_TWO), "OLS")
    found = johnson_neyman(fit, of="negemot", over="age")
    file = "three_way_global_warming"
    check(found, result(shared, file, "gw_two_way_jn_byhand"))
    theirs = result(shared, file, "gw_two_way_jn_interactions")
    np.testing.assert_allclose(found.bounds["bound"], theirs["bounds"], rtol=EXACT)
    coefficients = pd.DataFrame(theirs["coefficients"]).set_index("term")
    at_zero = simple_slopes(fit, of="negemot", at={"age": [0]}).iloc[0]
    assert at_zero["estimate"] == pytest.approx(coefficients["estimate"]["negemot"], rel=EXACT)
    assert at_zero["std_error"] == pytest.approx(coefficients["se"]["negemot"], rel=EXACT)
    low, high = theirs["modrange"]
    assert found.curve["age"].iloc[[0, -1]].to_list() == [low, high]
    assert found.curve["significant"].all()


def test_false_discovery_rate_against_r(shared: Path, gw: pd.DataFrame) -> None:
    """Significant at every age asked, so that nothing need be corrected: R keeps the critical value, too."""
    theirs = result(shared, "three_way_global_warming", "gw_two_way_jn_interactions_fdr")
    fit = by_method(fit_interaction(gw, **GW_TWO), "OLS")
    found = johnson_neyman(fit, of="negemot", over="age", fdr=True)
    np.testing.assert_allclose(found.bounds["bound"], theirs["bounds"], rtol=EXACT)
    assert found.lines["critical"].iloc[0] == pytest.approx(theirs["t_value"], rel=EXACT)


@pytest.mark.parametrize(
    ("key", "of", "over", "spreads", "method"),
    [
        ("two_way_by_z", "HRS:LEAD", "COHES", None, "OLS"),
        ("slope_HRS_by_LEAD_at_COHES_minus_sd", "HRS", "LEAD", -1, "OLS"),
        ("slope_HRS_by_LEAD_at_COHES_0", "HRS", "LEAD", 0, "OLS"),
        ("slope_HRS_by_LEAD_at_COHES_plus_sd", "HRS", "LEAD", 1, "OLS"),
        ("slope_HRS_by_LEAD_at_COHES_0_cluster", "HRS", "LEAD", 0, "CR1S"),
    ],
)
def test_soldiers_in_99_groups(
    shared: Path, bh: pd.DataFrame, key: str, of: str, over: str, spreads: int | None, method: Method
) -> None:
    """R centred the conditions itself: its bounds move by the mean."""
    fit = by_method(fit_interaction(bh, **BH), method)
    held = None if spreads is None else {"COHES": [fit.centres["COHES"] + spreads * fit.std_devs["COHES"]]}
    found = johnson_neyman(fit, of=of, over=over, at=held)
    assert len(found.lines) == 1  # of one value of the third condition at most
    check(
        found,
        result(shared, "cluster_robust_bh1996", "bh_jn")[key],
        centre=fit.centres[over],
    )


def test_the_package_with_a_covariance_of_firms(shared: Path, bh: pd.DataFrame) -> None:
    """It takes the t of n - k beside a covariance over firms, as the toolkit never does by itself."""
    theirs = result(shared, "cluster_robust_bh1996", "bh_two_way_jn_interactions_cluster")
    two = {"outcome": "WBEING", "predictors": ["HRS", "LEAD"], "cluster": "GRP"}
    fit = fit_interaction(bh, **two)
    found = johnson_neyman(by_method(fit, "CR1S", df=float(len(bh) - 4)), of="HRS", over="LEAD")
    np.testing.assert_allclose(found.bounds["bound"], theirs["bounds"], rtol=EXACT)


def tied(seed: int, *, firms: bool = False) -> pd.DataFrame:
    """Scores on quarter points, with ties, and some not given."""
    scores = simulate_scores(
        200, main=0.15, two_way=0.1, three_way=0.2, n_firms=12 if firms else None, seed=seed
    )
    named = ["kunnen", "willen", "mogen"]
    scores[named] = (scores[named] * 4).round() / 4
    scores.loc[scores.index[::17], "mogen"] = np.nan
    return scores


@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    effect=st.sampled_from([("kunnen:willen", "mogen"), ("willen", "kunnen"), ("mogen", "willen")]),
    fdr=st.booleans(),
    firms=st.booleans(),
)
def test_brute_force_finds_the_same_regions(
    seed: int, effect: tuple[str, str], fdr: bool, firms: bool
) -> None:
    """A fine search of |t| over the moderator, far beyond the data, finds no other crossing."""
    of, over = effect
    scores = tied(seed, firms=firms)
    fit = fit_interaction(scores, cluster="firm_id" if firms else None)
    found = johnson_neyman(fit, of=of, over=over, at={} if ":" in of else {third(of, over): [3.0]}, fdr=fdr)
    grid = np.linspace(fit.centres[over] - 40, fit.centres[over] + 40, 80_001)
    terms, b, V = (
        list(fit.covariance.index),
        fit.coefficients["estimate"].to_numpy(),
        fit.covariance.to_numpy(),
    )
    c = np.zeros((len(grid), len(terms)))
    own = tuple(of.split(":"))
    for place, term in enumerate(terms):
        parts = term.split(":")
        if set(own) <= set(parts):
            c[:, place] = 1.0
            for other in set(parts) - set(own):
                c[:, place] *= (grid if other == over else 3.0) - fit.centres[other]
    t = c @ b / np.sqrt(np.einsum("ij,jk,ik->i", c, V, c))
    critical = float(found.lines["critical"].iloc[0])
    hit = np.abs(t) > critical
    crossed = (grid[1:] + grid[:-1])[np.flatnonzero(hit[1:] != hit[:-1])] / 2
    bounds = found.bounds["bound"].to_numpy()
    inside = bounds[np.abs(bounds - fit.centres[over]) < 40]
    np.testing.assert_allclose(inside, crossed, atol=0.001)
    flags = found.regions["significant"].to_numpy()[np.searchsorted(bounds, grid)]
    far = np.abs(grid[:, None] - bounds).min(axis=1, initial=np.inf) > 0.01
    np.testing.assert_array_equal(flags[far], hit[far])
    signs = np.array(["negative", "none", "positive"])[(np.sign(t) * hit).astype(int) + 1]
    named = found.regions["direction"].to_numpy()[np.searchsorted(bounds, grid)]
    np.testing.assert_array_equal(named[far], signs[far])


def third(of: str, over: str) -> str:
    return next(name for name in ("kunnen", "willen", "mogen") if name not in (of, over))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), fdr=st.booleans())
def test_at_a_bound_the_refit_from_there_is_just_significant(seed: int, fdr: bool) -> None:
    """|t| of the coefficient after moving the origin to the bound is the critical value."""
    import statsmodels.formula.api as smf

    scores = tied(seed)
    found = johnson_neyman(fit_interaction(scores), of="kunnen:willen", over="mogen", fdr=fdr)
    for bound in found.bounds["bound"]:
        if abs(bound) > 100:  # so far from everyone that the refit is all rounding
            continue
        moved = scores.assign(mogen=scores["mogen"] - bound).dropna()
        again = smf.ols("innovative_behaviour ~ kunnen * willen * mogen", moved).fit(
            cov_type="HC3", use_t=True
        )
        critical = float(found.lines["critical"].iloc[0])
        assert abs(float(again.tvalues["kunnen:willen"])) == pytest.approx(critical, rel=1e-5)
        assert critical >= stats.t.isf(0.025, again.df_resid) - 1e-9
    np.testing.assert_allclose(found.bounds["statistic"].abs(), found.lines["critical"].iloc[0], rtol=1e-7)


@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shift=st.floats(-30, 30),
    scale=st.sampled_from([0.01, 1.0, 25.0]),
    fdr=st.booleans(),
)
def test_bounds_move_with_the_scale_and_not_with_the_order_of_rows(
    seed: int, shift: float, scale: float, fdr: bool
) -> None:
    scores = tied(seed)
    other = scores.assign(mogen=scores["mogen"] * scale + shift, kunnen=scores["kunnen"] - shift)
    other = other.sample(frac=1, random_state=seed)
    first, second = (
        johnson_neyman(fit_interaction(data), of="kunnen:willen", over="mogen", fdr=fdr)
        for data in (scores, other)
    )
    np.testing.assert_allclose((second.bounds["bound"] - shift) / scale, first.bounds["bound"], rtol=1e-5)
    same = ["significant", "direction", "n", "share", "outside_data"]
    pd.testing.assert_frame_equal(first.regions[same], second.regions[same])


@pytest.fixture(scope="module")
def fit() -> InteractionFit:
    return fit_interaction(tied(1))


def with_line(fit: InteractionFit, b: tuple[float, float], V: tuple[float, float, float]) -> InteractionFit:
    """The fit of two predictors with a made slope of kunnen: b0 + b1·mogen, mogen counted from its mean."""
    estimate, W = fit.coefficients["estimate"].copy(), fit.covariance.copy()
    estimate["kunnen"], estimate["kunnen:mogen"] = b
    W.loc["kunnen", "kunnen"], W.loc["kunnen:mogen", "kunnen:mogen"] = V[0], V[2]
    W.loc["kunnen", "kunnen:mogen"] = W.loc["kunnen:mogen", "kunnen"] = V[1]
    return replace(fit, coefficients=fit.coefficients.assign(estimate=estimate), covariance=W, df=1e9)


Z = float(stats.t.isf(0.025, 1e9))


@pytest.mark.parametrize(
    ("b", "V", "where", "bounds"),
    [
        # (b0 + b1 z)² = Z²(v00 + 2 v01 z + v11 z²), by hand
        ((0.0, 1.0), (4 / Z**2, 0.0, 0.0), "outside the bounds", [-2.0, 2.0]),
        ((4.0, 0.0), (4 / Z**2, 0.0, 4 / Z**2), "between the bounds", [-(3**0.5), 3**0.5]),
        ((0.0, 0.1), (1.0, 0.0, 1.0), "nowhere", []),
        ((5.0, 0.0), (1.0, 0.0, 0.0), "everywhere", []),
        ((1.0, 0.0), (1.0, 0.0, 0.0), "nowhere", []),
        # b1² = Z² v11: 1 + 2·2·z = 4 leaves z = 3/4 (and its mirror)
        ((1.0, 1.0), (4 / Z**2, -1 / Z**2, 1 / Z**2), "above the bound", [0.75]),
        ((1.0, -1.0), (4 / Z**2, 1 / Z**2, 1 / Z**2), "below the bound", [-0.75]),
        # the same but for rounding, which would put a second bound at 1e14
        ((1.0, 1.0), (4 / Z**2, -1 / Z**2, (1 + 3e-14) / Z**2), "above the bound", [0.75]),
        ((1.0, -1.0), (4 / Z**2, 1 / Z**2, (1 - 3e-14) / Z**2), "below the bound", [-0.75]),
    ],
)
def test_every_kind_of_quadratic(
    b: tuple[float, float], V: tuple[float, float, float], where: str, bounds: list[float]
) -> None:
    plain = fit_interaction(tied(1), predictors=["kunnen", "mogen"])
    found = johnson_neyman(with_line(plain, b, V), of="kunnen", over="mogen", scale=(-1, 8))
    assert found.lines["significant_where"].iloc[0] == where
    at_bound = found.curve["mogen"].isin(found.bounds["bound"])
    assert at_bound.sum() == len(bounds)
    assert not found.curve["significant"][at_bound].any()
    np.testing.assert_allclose(found.bounds["bound"] - plain.centres["mogen"], bounds, atol=1e-6)
    assert len(found.regions) == len(bounds) + 1
    assert found.regions["n"].sum() == plain.n_used
    assert found.regions["share"].sum() == pytest.approx(1)
    hits = found.regions["n"][found.regions["significant"]].sum()
    assert found.lines["n_significant"].iloc[0] == hits
    assert found.lines["share_significant"].iloc[0] == pytest.approx(hits / plain.n_used)


def test_regions_without_any_of_the_data_are_marked() -> None:
    """Bounds 4 points from the mean on both sides: nobody is there."""
    plain = fit_interaction(tied(1), predictors=["kunnen", "mogen"])
    found = johnson_neyman(with_line(plain, (0.0, 1.0), (16 / Z**2, 0.0, 0.0)), of="kunnen", over="mogen")
    assert found.regions["outside_data"].to_list() == [True, False, True]
    assert found.bounds["outside_data"].all()
    assert found.regions["n"].to_list() == [0, plain.n_used, 0]


@pytest.mark.parametrize("fdr", [False, True])
def test_table_and_curve_cannot_disagree(fit: InteractionFit, fdr: bool) -> None:
    """The interval excludes 0 in the significant regions and nowhere else; at a bound it touches 0."""
    found = johnson_neyman(
        fit, of="kunnen", over="mogen", at={"willen": [2.0, 3.5, 4.5]}, fdr=fdr, scale=(1, 5)
    )
    assert found.curve["mogen"].min() == 1
    assert found.curve["mogen"].max() == 5
    assert len(found.lines) == 3
    for held, curve in found.curve.groupby("willen"):
        bounds = found.bounds.loc[found.bounds["willen"] == held, "bound"].to_numpy()
        drawn = bounds[(bounds > 1) & (bounds < 5)]
        assert np.isin(drawn, curve["mogen"]).all()
        at_bound = np.isin(curve["mogen"], drawn)
        excludes = ((curve["conf_low"] > 0) | (curve["conf_high"] < 0)).to_numpy()
        np.testing.assert_array_equal(excludes[~at_bound], curve["significant"][~at_bound])
        nearest = np.minimum(curve["conf_low"].abs(), curve["conf_high"].abs())[at_bound]
        np.testing.assert_allclose(nearest, 0, atol=1e-9)
    observed = fit.rows["mogen"]
    beyond = (found.curve["mogen"] < observed.min()) | (found.curve["mogen"] > observed.max())
    assert (found.curve["outside_data"] == beyond).all()


def test_the_curve_is_that_of_simple_slopes(fit: InteractionFit) -> None:
    found = johnson_neyman(fit, of="willen", over="kunnen", at={"mogen": [3.0]}).curve.iloc[::40]
    slopes = simple_slopes(fit, of="willen", at={"kunnen": list(found["kunnen"]), "mogen": [3.0]})
    for column in ("estimate", "std_error", "p_value", "conf_low", "conf_high"):
        np.testing.assert_allclose(found[column], slopes[column], rtol=1e-8)


def test_false_discoveries_by_hand(fit: InteractionFit) -> None:
    """The largest i of 1,001 p in order with p_i <= i/1001·.05; found for slopes significant in part."""
    plain = fit_interaction(tied(1), predictors=["kunnen", "mogen"])
    made = replace(with_line(plain, (0.0, 0.5), (0.01, 0.0, 0.0)), df=plain.df)
    found = johnson_neyman(made, of="kunnen", over="mogen", fdr=True)
    observed = plain.rows["mogen"]
    steps = np.linspace(observed.min(), observed.max(), 1001) - plain.centres["mogen"]
    p = np.sort(2 * stats.t.sf(np.abs(0.5 * steps / 0.1), plain.df))
    i = max(place for place in range(1, 1002) if p[place - 1] <= place / 1001 * 0.05)
    assert 1 < i < 1001
    assert found.lines["critical"].iloc[0] == pytest.approx(
        stats.t.isf(0.025 * i / 1001, plain.df), rel=1e-10
    )
    nothing = johnson_neyman(
        replace(with_line(plain, (0.0, 0.0), (1.0, 0.0, 1.0)), df=plain.df),
        of="kunnen",
        over="mogen",
        fdr=True,
    )
    assert nothing.lines["critical"].iloc[0] == pytest.approx(stats.t.isf(0.025 / 1001, plain.df), rel=1e-10)
    assert nothing.lines["significant_where"].iloc[0] == "nowhere"


def test_the_third_is_held_at_its_percentiles_or_at_both_values() -> None:
    scores = tied(2)
    found = johnson_neyman(fit_interaction(scores), of="kunnen", over="mogen")
    expected = np.percentile(scores.dropna()["willen"], [16, 50, 84])
    np.testing.assert_allclose(found.lines["willen"], np.unique(expected))
    scores["willen"] = (scores["willen"] > 3.4).astype(float)
    binary = fit_interaction(scores)
    assert johnson_neyman(binary, of="kunnen", over="mogen").lines["willen"].to_list() == [0, 1]
    assert len(johnson_neyman(binary, of="willen:kunnen", over="mogen").lines) == 1
    far = johnson_neyman(binary, of="kunnen", over="mogen", at={"willen": [0, 7]}).lines
    assert far["outside_data"].to_list() == [False, True]
    with pytest.raises(ModelSpecificationError, match="which has two"):
        johnson_neyman(binary, of="kunnen", over="willen")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"of": "leeftijd", "over": "mogen"}, "leeftijd"),
        ({"of": "kunnen", "over": "leeftijd"}, "leeftijd"),
        ({"of": "kunnen", "over": "kunnen"}, "kunnen over kunnen"),
        ({"of": "kunnen:mogen", "over": "mogen"}, "over mogen"),
        ({"of": "kunnen:willen:mogen", "over": "mogen"}, "over mogen"),
        ({"of": "kunnen", "over": "mogen", "at": {"willen": [np.inf]}}, "values of willen"),
        ({"of": "kunnen", "over": "mogen", "at": {"willen": [np.nan]}}, "values of willen"),
        ({"of": "kunnen", "over": "mogen", "at": {"willen": []}}, "values of willen"),
        ({"of": "kunnen", "over": "mogen", "at": {"mogen": [3]}}, "mogen"),
        ({"of": "kunnen:willen", "over": "mogen", "at": {"willen": [3]}}, "no further predictor"),
        ({"of": "kunnen", "over": "mogen", "scale": (5, 1)}, "`scale` of"),
        ({"of": "kunnen", "over": "mogen", "scale": (1, np.inf)}, "`scale` of"),
    ],
)
def test_what_cannot_be_asked(fit: InteractionFit, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelSpecificationError, match=words):
        johnson_neyman(fit, **arguments)


def test_one_firm_is_tested_over_people() -> None:
    scores = tied(5).assign(firm_id="F001")
    whole, plain = (
        johnson_neyman(fit_interaction(scores, cluster=cluster), of="kunnen:willen", over="mogen")
        for cluster in ("firm_id", None)
    )
    pd.testing.assert_frame_equal(whole.regions, plain.regions)


def test_printing_and_copies(fit: InteractionFit) -> None:
    found = johnson_neyman(fit, of="kunnen:willen", over="mogen")
    copy = found.table()
    copy["n"] = 0
    assert found.regions["n"].sum() == fit.n_used
    assert str(found).startswith("kunnen:willen over mogen\n")
    page = replace(found, of="<b>")._repr_html_()
    assert "<b>" not in page
    assert "<table" in page
