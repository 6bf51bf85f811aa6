"""Random effects of firms against lme4, lmerTest and nlme, and against the likelihood written out in full.

Estimates to 1e-4 relative and log-likelihoods to 1e-4, as far as lme4's own search goes (ours agree to about
1e-6); Satterthwaite's degrees of freedom to 1e-4 relative, as lmerTest differentiates by numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from si_research.errors import ModelSpecificationError
from si_research.model.inference import LeastSquares, least_squares, linear_combinations
from si_research.model.mixed_model import MixedModel, mixed_combinations, mixed_model

CLAIMED = {
    *(
        "bh_null_REML",
        "bh_three_way_REML",
        "bh_three_way_ML",
        "bh_within_between_REML",
        "bh_cross_level_REML",
    ),
    *("bh_three_way_random_slope_REML", "bh_three_way_random_slope_uncorrelated_REML"),
    *("bh_lrt_three_way_ML", "bh_three_way_nlme_REML", "bh_slope_differences_lmer_z"),
    *("bh_r2_nakagawa_byhand", "bh_blups_first_20"),
}
NAMES = ("HRS", "LEAD", "COHES")
SEARCH = 1e-4


def three_way(a: str, b: str, c: str) -> list[str]:
    return [a, b, c, f"{a}:{b}", f"{a}:{c}", f"{b}:{c}", f"{a}:{b}:{c}"]


WITHIN = [*three_way("W.HRS", "W.LEAD", "W.COHES"), "G.HRS", "G.LEAD", "G.COHES"]
CROSS = [*three_way("W.HRS", "W.LEAD", "G.COHES"), "G.HRS", "G.LEAD"]


@pytest.fixture(scope="module")
def figures(shared: Path) -> dict[str, Any]:
    content = json.loads((shared / "reference/mixed/mixed_bh1996.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="module")
def bh(shared: Path) -> pd.DataFrame:
    raw = pd.read_csv(shared / "reference/data/bh1996.csv")
    data = raw.copy()
    for name in NAMES:
        mean = raw.groupby("GRP")[name].transform("mean")
        data[name] = raw[name] - raw[name].mean()
        data[f"W.{name}"], data[f"G.{name}"] = raw[name] - mean, mean - raw[name].mean()
    return data


def fitted(data: pd.DataFrame, terms: Sequence[str]) -> LeastSquares:
    design = pd.DataFrame({"intercept": np.ones(len(data))})
    for term in terms:
        design[term] = data[term.split(":")].prod(axis=1).to_numpy()
    return least_squares(design, data["WBEING"], data["GRP"])


@pytest.mark.parametrize(
    ("case", "terms", "options"),
    [
        ("bh_null_REML", [], {}),
        ("bh_three_way_REML", three_way(*NAMES), {}),
        ("bh_three_way_ML", three_way(*NAMES), {"reml": False}),
        ("bh_three_way_random_slope_REML", three_way(*NAMES), {"random": ["HRS"]}),
        (
            "bh_three_way_random_slope_uncorrelated_REML",
            three_way(*NAMES),
            {"random": ["HRS"], "correlated": False},
        ),
        ("bh_within_between_REML", WITHIN, {}),
        ("bh_cross_level_REML", CROSS, {"random": ["W.LEAD"]}),
    ],
)
def test_models_of_lme4(
    bh: pd.DataFrame, figures: dict[str, Any], case: str, terms: list[str], options: dict[str, Any]
) -> None:
    model, theirs = mixed_model(fitted(bh, terms), **options), figures[case]
    names = [name.replace("(Intercept)", "intercept") for name in theirs["fixed"]["term"]]
    ours = model.coefficients.loc[names]
    for column, name in (
        ("estimate", "Estimate"),
        ("std_error", "Std. Error"),
        ("df", "df"),
        ("statistic", "t value"),
    ):
        np.testing.assert_allclose(ours[column], theirs["fixed"][name], rtol=SEARCH, err_msg=column)
    np.testing.assert_allclose(ours["p_value"], theirs["fixed"]["Pr(>|t|)"], rtol=0.01, atol=1e-12)
    vcov = pd.DataFrame(theirs["vcov"]["values"], theirs["vcov"]["rownames"], theirs["vcov"]["colnames"])
    largest = float(np.abs(vcov.to_numpy()).max())
    np.testing.assert_allclose(
        model.covariance.loc[names, names], vcov, rtol=SEARCH, atol=SEARCH * SEARCH * largest
    )
    assert model.log_likelihood == pytest.approx(theirs["logLik"], abs=SEARCH)
    assert (model.aic, model.bic) == pytest.approx((theirs["AIC"], theirs["BIC"]), abs=SEARCH)
    assert (model.n_used, model.n_clusters) == (theirs["n"], theirs["groups"]["GRP"])
    assert (model.status == "singular") is theirs["singular"]
    for one, other, value in zip(*(theirs["random"][name] for name in ("var1", "var2", "vcov")), strict=True):
        first = one.replace("(Intercept)", "intercept")
        second = other.replace("(Intercept)", "intercept") or first
        found = model.random_covariance.loc[first, second] if first else model.residual_variance
        assert found == pytest.approx(value, rel=SEARCH)


def test_the_likelihood_ratio_of_two_models(bh: pd.DataFrame, figures: dict[str, Any]) -> None:
    case, terms = figures["bh_lrt_three_way_ML"], three_way(*NAMES)
    small, large = (mixed_model(fitted(bh, each), reml=False) for each in (terms[:-1], terms))
    assert [small.deviance, large.deviance] == pytest.approx(case["deviance"], abs=SEARCH)
    assert small.deviance - large.deviance == pytest.approx(case["chi2"], abs=SEARCH)
    assert stats.chi2.sf(small.deviance - large.deviance, 1) == pytest.approx(case["p"], rel=SEARCH)


@pytest.fixture(scope="module")
def model(bh: pd.DataFrame) -> MixedModel:
    return mixed_model(fitted(bh, three_way(*NAMES)))


def test_a_second_program_for_the_same_model(model: MixedModel, figures: dict[str, Any]) -> None:
    case = figures["bh_three_way_nlme_REML"]
    np.testing.assert_allclose(model.coefficients["estimate"], case["fixed"]["Value"], rtol=SEARCH)
    np.testing.assert_allclose(model.coefficients["std_error"], case["fixed"]["Std.Error"], rtol=SEARCH)
    assert model.residual_variance**0.5 == pytest.approx(case["sigma"], rel=SEARCH)
    assert model.random_covariance.iloc[0, 0] ** 0.5 == pytest.approx(case["tau"], rel=SEARCH)
    assert model.log_likelihood == pytest.approx(case["logLik"], abs=SEARCH)


def test_explained_variance_and_the_effects_of_firms(
    model: MixedModel, bh: pd.DataFrame, figures: dict[str, Any]
) -> None:
    case = figures["bh_r2_nakagawa_byhand"]
    assert model.r2_marginal == pytest.approx(case["r2_marginal"], rel=SEARCH)
    assert model.r2_conditional == pytest.approx(case["r2_conditional"], rel=SEARCH)
    effects = pd.Series(model.firm_effects[:, 0], index=sorted(bh["GRP"].unique()))
    theirs = figures["bh_blups_first_20"]
    np.testing.assert_allclose(
        effects.loc[[int(each) for each in theirs["group"]]], theirs["intercept"], rtol=SEARCH
    )


def test_differences_of_slopes(model: MixedModel, figures: dict[str, Any]) -> None:
    case = figures["bh_slope_differences_lmer_z"]
    at = case["values"]
    corners = {
        f"{place}_{w}W_{z}Z": (at[f"w_{w}"], at[f"z_{z}"])
        for place, (w, z) in enumerate(
            [("high", "high"), ("high", "low"), ("low", "high"), ("low", "low")], 1
        )
    }
    rows = {name: np.array([0, 1, 0, 0, w, z, 0, w * z]) for name, (w, z) in corners.items()}
    names = list(rows)
    rows |= {
        f"{i + 1}_minus_{j + 1}": rows[names[i]] - rows[names[j]] for i in range(4) for j in range(i + 1, 4)
    }
    estimate, V = model.coefficients["estimate"].to_numpy(), model.covariance.to_numpy()
    table = linear_combinations(
        np.array(list(rows.values())), list(rows), estimate, V, df=np.inf, conf_level=0.95
    )
    for name, theirs in {**case["slopes"], **case["differences"]}.items():
        ours = table.loc[name]
        assert (ours["estimate"], ours["std_error"]) == pytest.approx(
            (theirs["estimate"], theirs["se"]), rel=SEARCH
        )
        assert ours["p_value"] == pytest.approx(theirs["p"], rel=0.001)
        assert (ours["conf_low"], ours["conf_high"]) == pytest.approx(
            (theirs["ci_low"], theirs["ci_high"]), rel=0.001
        )


def balanced(G: int, n: int, seed: int) -> LeastSquares:
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(G), n)
    y = rng.normal(size=G)[firm] + rng.normal(size=G * n).round(1)
    return least_squares(pd.DataFrame({"intercept": np.ones(G * n)}), pd.Series(y), pd.Series(firm))


def test_equal_firms_have_the_closed_form_of_the_analysis_of_variance() -> None:
    fit = balanced(9, 6, 4)
    model = mixed_model(fit)
    means = fit.y.reshape(9, 6).mean(axis=1)
    within = fit.y.reshape(9, 6).var(axis=1, ddof=1).mean()
    assert model.residual_variance == pytest.approx(within, rel=1e-7)
    assert model.random_covariance.iloc[0, 0] == pytest.approx(means.var(ddof=1) - within / 6, rel=1e-6)
    row = model.coefficients.loc["intercept"]
    assert (row["estimate"], row["std_error"]) == pytest.approx(
        (means.mean(), means.std(ddof=1) / 3), rel=1e-7
    )
    assert row["df"] == pytest.approx(8, rel=1e-6)


def small(seed: int = 11) -> tuple[LeastSquares, pd.DataFrame]:
    """Forty people of nine unequal firms, coarse answers: ties everywhere."""
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(9), [1, 1, 2, 3, 4, 5, 6, 8, 10])
    x = rng.integers(1, 6, size=(40, 2)).astype(float)
    y = x @ [0.4, 0.2] + rng.normal(size=9)[firm] + rng.normal(size=9)[firm] * 0.5 * x[:, 0]
    y = np.rint(y + rng.normal(size=40))
    design = pd.DataFrame({"intercept": np.ones(40), "a": x[:, 0], "b": x[:, 1]})
    return least_squares(design, pd.Series(y), pd.Series(firm)), design


def full_deviance(fit: LeastSquares, L: np.ndarray, places: list[int], *, reml: bool) -> float:
    """Minus twice the log-likelihood with the covariance of all rows written out."""
    assert fit.clusters is not None
    same = fit.clusters[:, None] == fit.clusters[None, :]
    W = np.eye(fit.n) + same * (fit.X[:, places] @ L @ L.T @ fit.X[:, places].T)
    inverse = np.linalg.inv(W)
    XWX = fit.X.T @ inverse @ fit.X
    e = fit.y - fit.X @ np.linalg.solve(XWX, fit.X.T @ inverse @ fit.y)
    m = fit.n - fit.X.shape[1] if reml else fit.n
    price = np.linalg.slogdet(XWX)[1] if reml else 0.0
    rss = e @ inverse @ e
    return float(np.linalg.slogdet(W)[1] + price + m * (1 + np.log(2 * np.pi * rss / m)))


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("random", [[], ["a"]])
def test_the_likelihood_written_out_has_its_top_at_the_same_place(reml: bool, random: list[str]) -> None:
    fit, _ = small()
    model = mixed_model(fit, random=random, reml=reml)
    places = [0, *(fit.terms.index(name) for name in random)]
    lower = np.tril_indices(len(places))

    def deviance(theta: np.ndarray) -> float:
        L = np.zeros((len(places), len(places)))
        L[lower] = theta
        return full_deviance(fit, L, places, reml=reml)

    starts = [np.where(lower[0] == lower[1], size, 0.0) for size in (0.3, 1.0)]
    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    best = min(
        (optimize.minimize(deviance, each, method="Nelder-Mead", options=options) for each in starts),
        key=lambda found: found.fun,
    )
    assert model.deviance == pytest.approx(best.fun, abs=1e-7)
    L = np.zeros((len(places), len(places)))
    L[lower] = best.x
    np.testing.assert_allclose(
        model.random_covariance, model.residual_variance * L @ L.T, rtol=1e-3, atol=1e-5
    )


def test_units_and_the_order_of_rows_change_nothing() -> None:
    fit, design = small()
    model = mixed_model(fit, random=["a"])
    order = np.random.default_rng(1).permutation(fit.n)
    shifted = design.assign(b=design["b"] * 1e4)
    other = mixed_model(
        least_squares(
            shifted.iloc[order], pd.Series(fit.y[order] * 1e-5), pd.Series(np.asarray(fit.clusters)[order])
        ),
        random=["a"],
    )
    a, b = model.coefficients, other.coefficients
    np.testing.assert_allclose(b["estimate"] * [1e5, 1e5, 1e9], a["estimate"], rtol=1e-6)
    for column in ("statistic", "df", "p_value"):
        np.testing.assert_allclose(b[column], a[column], rtol=1e-5)


def test_firms_that_do_not_differ_give_least_squares_and_say_so() -> None:
    firm = np.repeat(np.arange(12), 5)
    y = np.random.default_rng(2).normal(size=60)
    y -= (np.bincount(firm, y) / 5)[firm]
    fit = least_squares(pd.DataFrame({"intercept": np.ones(60)}), pd.Series(y), pd.Series(firm))
    model = mixed_model(fit)
    assert model.status == "singular"
    assert model.random_covariance.iloc[0, 0] == 0
    row = model.coefficients.loc["intercept"]
    assert row["std_error"] == pytest.approx(fit.y.std(ddof=1) / fit.n**0.5, rel=1e-9)
    assert row["df"] == pytest.approx(fit.n - 1, rel=1e-6)


def test_combinations_have_their_own_degrees_of_freedom(model: MixedModel) -> None:
    table = mixed_combinations(model, np.eye(8), model.terms)
    pd.testing.assert_frame_equal(table, model.coefficients)


def test_what_cannot_be_fitted_is_refused() -> None:
    fit, _ = small()
    with pytest.raises(ModelSpecificationError, match="random terms among"):
        mixed_model(fit, random=["nowhere"])
    alone = least_squares(
        pd.DataFrame({"intercept": np.ones(6)}), pd.Series([1.0, 2, 3, 4, 5, 7]), pd.Series(range(6))
    )
    with pytest.raises(ModelSpecificationError, match="two people or more"):
        mixed_model(alone)
    two = least_squares(
        pd.DataFrame({"intercept": np.ones(4)}), pd.Series([1.0, 2, 3, 5]), pd.Series([0, 0, 1, 1])
    )
    with pytest.raises(ModelSpecificationError, match="at least 3 firms"):
        mixed_model(two)


def test_a_firm_with_nearly_all_rows_is_fitted() -> None:
    rng = np.random.default_rng(5)
    firm = np.repeat(np.arange(6), [900, 20, 20, 20, 20, 20])
    x = rng.normal(size=1000)
    y = 0.5 * x + rng.normal(size=6)[firm] + rng.normal(size=1000)
    fit = least_squares(pd.DataFrame({"intercept": np.ones(1000), "x": x}), pd.Series(y), pd.Series(firm))
    model = mixed_model(fit)
    assert model.status == "estimated"
    assert 3 < model.coefficients.loc["intercept", "df"] < 6
