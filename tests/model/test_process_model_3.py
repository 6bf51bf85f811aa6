"""PROCESS model 3 on the global warming data of Hayes, line by line, from the toolkit's own output.

PROCESS multiplies scores as they are; ours are centred first. What it prints for a term without the third
condition is the effect where that condition is 0, so that its lines are simple slopes at 0. Figures: R
(`reference/regression`), and where it has none, a regression on raw products written out here with the
textbook formula of each covariance. Relative tolerance 1e-8, as both sides solve the same equations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research.errors import ModelSpecificationError
from si_research.model.inference import Array, Method, linear_combinations
from si_research.model.inference_comparison import compare_inference
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.johnson_neyman import johnson_neyman
from si_research.model.model_summary import model_summary
from si_research.model.probing import simple_slopes
from si_research.simulation.worlds import simulate_scores

EXACT = 1e-8
NAMES = {"se": "std_error", "t": "statistic", "p": "p_value", "ci_low": "conf_low", "ci_high": "conf_high"}
GW = {"outcome": "govact", "predictors": ["negemot", "sex", "age"], "controls": ["posemot", "ideology"]}
METHODS: tuple[Method, ...] = ("OLS", "HC0", "HC1", "HC2", "HC3", "HC4")
X, W, Z = GW["predictors"]
AGES = (30.0, 51.0, 67.0)
"""16th, 50th and 84th percentile, as PROCESS prints them."""


class ByHand:
    """The regression on raw products, in the most literal way."""

    def __init__(self, data: pd.DataFrame) -> None:
        design = pd.DataFrame({"(Intercept)": 1.0, **data[[X, W, Z, *GW["controls"]]]})
        for first, second in ((X, W), (X, Z), (W, Z)):
            design[f"{first}:{second}"] = data[first] * data[second]
        design[f"{X}:{W}:{Z}"] = data[X] * data[W] * data[Z]
        self.terms, self.X = list(design.columns), design.to_numpy(dtype="float64")
        self.y = data[GW["outcome"]].to_numpy(dtype="float64")
        self.inverse = np.linalg.inv(self.X.T @ self.X)
        self.b, *_ = np.linalg.lstsq(self.X, self.y, rcond=None)
        self.u = self.y - self.X @ self.b
        self.n, self.k = self.X.shape

    def covariance(self, method: str) -> Array:
        h = np.einsum("ij,jk,ik->i", self.X, self.inverse, self.X)
        weight = {
            "HC0": 1.0,
            "HC1": self.n / (self.n - self.k),
            "HC2": 1 / (1 - h),
            "HC3": 1 / (1 - h) ** 2,
            "HC4": 1 / (1 - h) ** np.minimum(4, self.n * h / self.k),
        }
        if method == "OLS":
            return np.asarray(self.u @ self.u / (self.n - self.k) * self.inverse)
        meat = self.X.T @ (self.X * (self.u**2 * weight[method])[:, None])
        return np.asarray(self.inverse @ meat @ self.inverse)

    def line(self, method: str, **weights: float) -> list[float]:
        """Return estimate, standard error, t, p and both limits of a sum of coefficients."""
        c = np.array([weights.get(term.replace(":", "_"), 0.0) for term in self.terms])
        estimate, error = float(c @ self.b), float(np.sqrt(c @ self.covariance(method) @ c))
        t, df = estimate / error, self.n - self.k
        width = float(stats.t.isf(0.025, df)) * error
        return [estimate, error, t, 2 * float(stats.t.sf(abs(t), df)), estimate - width, estimate + width]


LINE = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


@pytest.fixture(scope="module")
def data(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/data/global_warming.csv")


@pytest.fixture(scope="module")
def hand(data: pd.DataFrame) -> ByHand:
    return ByHand(data)


@pytest.fixture(scope="module")
def fits(data: pd.DataFrame) -> dict[str, InteractionFit]:
    return {method: fit_interaction(data, errors=method, **GW) for method in METHODS}


@pytest.fixture(scope="module")
def theirs(shared: Path) -> dict[str, Any]:
    content = json.loads((shared / "reference/regression/three_way_global_warming.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


def test_model_summary(fits: dict[str, InteractionFit], hand: ByHand, theirs: dict[str, Any]) -> None:
    """R, R-sq, MSE, F(HC), df1, df2, p."""
    whole = theirs["gw_model3_ols"]
    for method, fit in fits.items():
        found = model_summary(fit)
        row = found.loc["classical"]
        assert row["r"] == pytest.approx(whole["r2"] ** 0.5, rel=EXACT)
        assert (row["r2"], row["r2_adjusted"]) == pytest.approx((whole["r2"], whole["adj_r2"]), rel=EXACT)
        assert row["mse"] == pytest.approx(whole["sigma"] ** 2, rel=EXACT)
        np.testing.assert_allclose(row[["statistic", "df", "df_residual"]], whole["f"], rtol=EXACT)
        assert row["p_value"] == pytest.approx(stats.f.sf(*whole["f"]), rel=1e-6)
        V, b = hand.covariance(method)[1:, 1:], hand.b[1:]
        F = b @ np.linalg.solve(V, b) / 9
        assert found["statistic"]["robust"] == pytest.approx(F, rel=1e-7)  # raw products lose two digits
        assert found["p_value"]["robust"] == pytest.approx(stats.f.sf(F, 9, 805), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_coefficients(fits: dict[str, InteractionFit], theirs: dict[str, Any], method: Method) -> None:
    """Every line of the table but the constant: coeff, se (HC), t, p, LLCI, ULCI."""
    fit = fits[method]
    case = theirs["gw_model3_ols"]["coefficients"] if method == "OLS" else theirs[f"gw_model3_{method}"]
    expected = pd.DataFrame(case).set_index("term")
    zero = {name: [0.0] for name in (X, W, Z)}
    slopes = {
        name: simple_slopes(fit, of=name, at={other: zero[other] for other in (X, W, Z) if other != name})
        for name in (X, W, Z)
    }
    slopes |= {
        of: simple_slopes(fit, of=of, at={third: [0.0]})
        for of, third in ((f"{X}:{W}", Z), (f"{X}:{Z}", W), (f"{W}:{Z}", X))
    }
    whole = [f"{X}:{W}:{Z}", *GW["controls"]]
    rows = {term: fit.coefficients.loc[term] for term in whole}
    rows |= {term: table.iloc[0] for term, table in slopes.items()}
    assert {*rows} == {*expected.index} - {"(Intercept)"}
    for term, row in rows.items():
        for their, our in {"estimate": "estimate", **NAMES}.items():
            assert row[our] == pytest.approx(expected[their][term], rel=1e-7), (term, our)


@pytest.mark.parametrize("method", METHODS)
def test_the_constant(fits: dict[str, InteractionFit], theirs: dict[str, Any], method: Method) -> None:
    """The prediction where everything, the controls too, is 0: from the coefficients and their covariance."""
    fit = fits[method]
    case = theirs["gw_model3_ols"]["coefficients"] if method == "OLS" else theirs[f"gw_model3_{method}"]
    means = {**fit.centres, **fit.rows[GW["controls"]].mean()}
    parts = [[] if term == "intercept" else term.split(":") for term in fit.covariance.index]
    weights = np.array([[np.prod([-means[name] for name in each]) for each in parts]])
    table = linear_combinations(
        weights,
        ["constant"],
        fit.coefficients["estimate"].to_numpy(),
        fit.covariance.to_numpy(),
        df=fit.df,
        conf_level=0.95,
    )
    for their, our in {"estimate": "estimate", **NAMES}.items():
        assert table[our].iloc[0] == pytest.approx(case[their][0], rel=1e-7), our


def test_highest_order_interaction(
    fits: dict[str, InteractionFit], hand: ByHand, theirs: dict[str, Any]
) -> None:
    """X*W*Z: R2-chng, F (HC), df1, df2, p."""
    case = theirs["gw_model3_delta_r2_three_way"]
    for method, fit in fits.items():
        row = fit.steps.loc["three-way"]
        assert (row["r2_gain"], row["statistic"]) == pytest.approx((case["delta_r2"], case["F"]), rel=EXACT)
        assert (row["df"], row["df_residual"]) == (case["df1"], case["df2"])
        assert row["p_value"] == pytest.approx(case["p"], rel=EXACT)
        _, _, t, p, *_ = hand.line(method, negemot_sex_age=1.0)
        assert (row["robust_statistic"], row["robust_p_value"]) == pytest.approx((t**2, p), rel=1e-7)
        assert (row["robust_df"], row["robust_df_residual"]) == (1, 805)
    robust = fits["HC3"].steps.loc["three-way"]
    assert robust["robust_statistic"] == pytest.approx(case["wald_HC3"]["F"], rel=EXACT)
    assert robust["robust_p_value"] == pytest.approx(case["wald_HC3"]["p"], rel=EXACT)


@pytest.mark.parametrize("method", METHODS)
def test_conditional_interaction_at_values_of_the_third(
    fits: dict[str, InteractionFit], hand: ByHand, method: Method
) -> None:
    """Test of conditional X*W at values of Z: effect, F, df1, df2, p."""
    found = simple_slopes(fits[method], of=f"{W}:{X}")
    assert list(found.index) == [f"{X}:{W}"] * 3
    assert tuple(found[Z]) == AGES
    for age, (_, row) in zip(AGES, found.iterrows(), strict=True):
        line = hand.line(method, negemot_sex=1.0, negemot_sex_age=age)
        np.testing.assert_allclose(row[LINE].astype("float64"), line, rtol=1e-7)
        F = float(row["statistic"]) ** 2
        assert stats.f.sf(F, 1, row["df"]) == pytest.approx(float(row["p_value"]), rel=1e-9)


def test_conditional_interaction_at_mean_and_one_sd_against_r(
    data: pd.DataFrame, fits: dict[str, InteractionFit], theirs: dict[str, Any]
) -> None:
    mean, spread = data[Z].mean(), data[Z].std()
    case = theirs["gw_conditional_two_way_at_age"]
    at = {Z: [mean - spread, mean, mean + spread]}
    for name, key in (("OLS", "ols"), ("HC3", "HC3")):
        found = simple_slopes(fits[name], of=f"{X}:{W}", at=at)
        for their, our in {"estimate": "estimate", **NAMES}.items():
            expected = [case[each][key][their] for each in ("mean_minus_sd", "mean", "mean_plus_sd")]
            np.testing.assert_allclose(found[our], expected, rtol=EXACT, err_msg=our)


@pytest.mark.parametrize("method", METHODS)
def test_conditional_effects_of_the_focal_predictor(
    fits: dict[str, InteractionFit], hand: ByHand, theirs: dict[str, Any], method: Method
) -> None:
    """At both values of W and the percentiles of Z: effect, se, t, p, LLCI, ULCI."""
    found = simple_slopes(fits[method])
    assert [*found[[W, Z]].itertuples(index=False, name=None)] == [(w, z) for w in (0, 1) for z in AGES]
    for _, row in found.iterrows():
        w, z = float(row[W]), float(row[Z])
        line = hand.line(method, negemot=1.0, negemot_sex=w, negemot_age=z, negemot_sex_age=w * z)
        np.testing.assert_allclose(row[LINE].astype("float64"), line, rtol=1e-7)
    if method == "OLS":
        case = pd.DataFrame(theirs["gw_conditional_effects_percentiles_ols"]).T.sort_values(
            ["w_value", "z_value"]
        )
        for their, our in {"estimate": "estimate", **NAMES}.items():
            np.testing.assert_allclose(found[our], case[their].astype("float64"), rtol=EXACT, err_msg=our)


@pytest.mark.parametrize("method", METHODS)
def test_johnson_neyman(
    data: pd.DataFrame,
    fits: dict[str, InteractionFit],
    hand: ByHand,
    theirs: dict[str, Any],
    method: Method,
) -> None:
    """Value of Z, % below, % above; and the conditional X*W at values of the moderator."""
    found = johnson_neyman(fits[method], of=f"{X}:{W}", over=Z)
    (inside,) = found.bounds.loc[~found.bounds["outside_data"], "bound"]
    if method in ("OLS", "HC3"):
        expected = theirs["gw_jn_two_way_by_age"]["ols" if method == "OLS" else method]["roots"]
        np.testing.assert_allclose(found.bounds["bound"], expected, rtol=EXACT)
    if method == "OLS":
        assert round(inside, 4) == 38.1138  # as PROCESS prints it
    _, _, t, p, *_ = hand.line(method, negemot_sex=1.0, negemot_sex_age=inside)
    assert (abs(t), p) == pytest.approx((stats.t.isf(0.025, 805), 0.05), rel=1e-7)
    below = float((data[Z] < inside).mean())
    shares = found.regions[~found.regions["outside_data"]]["share"]
    assert shares.to_list() == pytest.approx([below, 1 - below])
    curve = found.curve
    assert (curve[Z].min(), curve[Z].max()) == (17, 87)
    for _, row in curve.iloc[::40].iterrows():
        line = hand.line(method, negemot_sex=1.0, negemot_sex_age=float(row[Z]))
        np.testing.assert_allclose(row[LINE].astype("float64"), line, rtol=1e-6)


def test_what_is_recommended_does_not_follow_what_was_asked(fits: dict[str, InteractionFit]) -> None:
    for method, fit in fits.items():
        assert fit.method == method
        recommended = fit.methods[fit.methods["recommended"]]["method"]
        assert set(recommended) == {"HC3"}
        three_way = fit.methods.query("method == @method and view == 'raw'")["std_error"].iloc[-1]
        assert fit.coefficients["std_error"].iloc[-1] == three_way
    assert compare_inference(fits["OLS"], seed=1).recommended == "HC3"


def test_standard_errors_that_cannot_be_asked(data: pd.DataFrame) -> None:
    with pytest.raises(ModelSpecificationError, match="for a model without firms"):
        fit_interaction(data, errors="CR1", **GW)
    scores = simulate_scores(100, n_firms=10, seed=1)
    with pytest.raises(ModelSpecificationError, match="HC0, with firms"):
        fit_interaction(scores, cluster="firm_id", errors="HC0")


@pytest.mark.parametrize("of", ["negemot:sex:age", "negemot:ideology", "negemot:negemot"])
def test_products_that_cannot_be_probed(fits: dict[str, InteractionFit], of: str) -> None:
    with pytest.raises(ModelSpecificationError, match="one of negemot, sex, age"):
        simple_slopes(fits["HC3"], of=of)


def test_a_product_of_the_only_two_conditions_is_no_slope() -> None:
    fit = fit_interaction(simulate_scores(100, seed=1), predictors=("kunnen", "willen"))
    with pytest.raises(ModelSpecificationError, match="one of kunnen, willen"):
        simple_slopes(fit, of="kunnen:willen")
