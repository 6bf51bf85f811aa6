"""The interaction of factors by LMS against modsem, brute force and known truth."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from made_factor_answers import noisy, of
from si_research.measurement.factors.latent_interaction import fit_latent_interaction
from si_research.measurement.factors.lms import LatentModeration, fit_lms
from si_research.measurement.factors.lms_effects import outcome_variance
from si_research.measurement.factors.lms_likelihood import (
    ModeratedLikelihood,
    ModeratedParameters,
    quadrature,
)

CLAIMED = {"oneint_lms"}
INTEGRATION = (
    2e-4  # what modsem's 24 nodes leave of the estimates: its log-likelihood is .009 from the integral
)


@pytest.fixture(scope="module")
def two_way(shared: Path) -> tuple[pd.DataFrame, LatentModeration, dict[str, Any]]:
    content = json.loads((shared / "reference/sem/latent_two_way_modsem.json").read_text("utf-8"))
    data = pd.read_csv(shared / "reference/data/modsem_oneint.csv")
    case = next(case["result"] for case in content["cases"] if case["id"] == "oneint_lms")
    X, Z, Y = ([f"{letter}{i}" for i in (1, 2, 3)] for letter in "xzy")
    return data[X + Z + Y], fit_lms(data, {"X": X, "Z": Z}, {"Y": Y}, estimator="ML"), case


def test_the_effects_are_those_of_modsem(
    two_way: tuple[pd.DataFrame, LatentModeration, dict[str, Any]],
) -> None:
    _, found, case = two_way
    assert (found.status, found.n_used, found.findings) == ("estimated", 2000, ())
    assert found.effects["term"].tolist() == case["structural"]["rhs"]
    np.testing.assert_allclose(found.effects["estimate"], case["structural"]["est"], atol=INTEGRATION)
    np.testing.assert_allclose(found.effects["std_error"], case["structural"]["std.error"], atol=1e-5)


def test_the_log_likelihood_is_that_of_a_hundred_nodes_that_lie_the_same_for_all(
    two_way: tuple[pd.DataFrame, LatentModeration, dict[str, Any]],
) -> None:
    """As Klein and Moosbrugger write it: each row is normal at each node of the first factor."""
    data, found, case = two_way
    own = found.parameters
    assert own is not None
    L = np.linalg.cholesky(own.factors)
    places, log_weights = quadrature(100, 1)
    lam, total = own.loadings, []
    for z, log_weight in zip(places[:, 0], log_weights, strict=True):
        if log_weight < -60:
            continue
        x, a, b = L[0, 0] * z, L[1, 0] * z, L[1, 1]
        level = own.effects[0] * x + (own.effects[1] + own.effects[2] * x) * a
        slope = (own.effects[1] + own.effects[2] * x) * b
        mean = own.intercepts + lam * np.repeat([x, a, level], 3)
        among = np.zeros((3, 3))
        among[1:, 1:] = np.outer([b, slope], [b, slope]) + np.diag([0, own.unexplained])
        cov = np.outer(lam, lam) * np.kron(among, np.ones((3, 3))) + np.diag(own.residuals)
        total.append(log_weight + stats.multivariate_normal(mean, cov).logpdf(data))
    assert found.log_likelihood == pytest.approx(np.logaddexp.reduce(total).sum(), abs=1e-3)
    assert found.log_likelihood == pytest.approx(case["logLik"], abs=0.01)  # modsem's 24 nodes


def three_way(n: int, n_nodes: int = 8) -> tuple[ModeratedLikelihood, ModeratedParameters]:
    """Two items a factor, parameters that are nobody's estimates."""
    data = noisy(n, 4, 0.6)[[f"{letter}{i}" for letter in "kwmy" for i in (1, 2)]].to_numpy()
    names = range(3)
    parts = [each for size in (1, 2, 3) for each in combinations(names, size)]
    nodes, log_weights = quadrature(n_nodes, 2)
    likelihood = ModeratedLikelihood(
        answers=data,
        owner=np.repeat(np.arange(4), 2),
        terms=tuple(tuple(int(name in each) for name in names) for each in parts),
        least=np.full(9, 1e-5),
        nodes=nodes,
        log_weights=log_weights,
    )
    own = ModeratedParameters(
        intercepts=np.linspace(-0.2, 0.2, 8),
        loadings=np.array([1, 0.8, 1, 1.1, 1, 0.9, 1, 1.2]),
        residuals=np.linspace(0.5, 0.9, 8),
        factors=np.array([[1.0, 0.3, 0.2], [0.3, 0.8, -0.1], [0.2, -0.1, 1.2]]),
        effects=np.array([0.4, 0.3, -0.2, 0.1, 0.2, -0.1, 0.15]),
        unexplained=0.5,
    )
    return likelihood, own


def test_the_likelihood_is_the_integral_over_all_three_factors() -> None:
    likelihood, own = three_way(4, n_nodes=14)
    side = np.linspace(-6, 6, 61)
    grid = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    log_f = stats.multivariate_normal(np.zeros(3), own.factors).logpdf(grid) + 3 * np.log(side[1] - side[0])
    k, w, m = grid.T
    eta = np.stack([k, w, m, k * w, k * m, w * m, k * w * m], axis=1) @ own.effects
    total = 0.0
    for row in likelihood.answers:
        log_row = log_f.copy()
        for place in range(6):
            centre = own.intercepts[place] + own.loadings[place] * grid[:, place // 2]
            log_row += stats.norm(centre, np.sqrt(own.residuals[place])).logpdf(row[place])
        lam = own.loadings[6:]
        cov = own.unexplained * np.outer(lam, lam) + np.diag(own.residuals[6:])
        off = row[6:] - own.intercepts[6:] - lam * eta[:, None]
        log_row += stats.multivariate_normal([0, 0], cov).logpdf(off)
        total += np.logaddexp.reduce(log_row)
    assert likelihood.expected(own)[0] == pytest.approx(total, abs=1e-5)


def test_the_scores_are_the_derivatives_of_the_likelihood() -> None:
    likelihood, own = three_way(60, n_nodes=14)
    theta = likelihood.packed(own)
    scores = likelihood.evaluate(theta)[1]
    assert scores.shape == (60, len(theta))
    for place in range(len(theta)):
        step = np.zeros_like(theta)
        step[place] = 1e-5
        ahead, behind = (likelihood.evaluate(theta + sign * step)[0] for sign in (1, -1))
        assert scores[:, place].sum() == pytest.approx((ahead - behind) / 2e-5, rel=1e-4, abs=1e-3)


def test_the_variance_of_the_outcome_is_that_of_many_people() -> None:
    likelihood, own = three_way(4)
    f = np.random.default_rng(1).multivariate_normal(np.zeros(3), own.factors, 400_000)
    k, w, m = f.T
    eta = np.stack([k, w, m, k * w, k * m, w * m, k * w * m], axis=1) @ own.effects
    assert outcome_variance(own, likelihood.terms) == pytest.approx(eta.var() + own.unexplained, rel=0.01)


def test_the_variance_of_the_outcome_of_two_factors_by_hand() -> None:
    """var(g1 x + g2 z + w x z) = g'Fg + w²(F11 F22 + F12²): normal factors have no third moments."""
    F, g, w = np.array([[1.0, 0.6], [0.6, 0.8]]), np.array([0.4, -0.2]), 0.7
    own = ModeratedParameters(np.zeros(6), np.ones(6), np.ones(6), F, np.append(g, w), 0.5)
    by_hand = g @ F @ g + w**2 * (F[0, 0] * F[1, 1] + F[0, 1] ** 2) + 0.5
    assert outcome_variance(own, ((1, 0), (0, 1), (1, 1))) == pytest.approx(by_hand, rel=1e-12)


@pytest.fixture(scope="module")
def pair() -> tuple[pd.DataFrame, LatentModeration]:
    data = noisy(500, 11, 0.6)
    return data, fit_lms(data, of("km"), of("y"))


def test_the_order_of_the_factors_makes_no_difference(pair: tuple[pd.DataFrame, LatentModeration]) -> None:
    data, found = pair
    turned = fit_lms(data, of("mk"), of("y")).table().set_index("term")
    table = found.table().set_index("term")
    for term, other in (("k", "k"), ("m", "m"), ("k:m", "m:k")):
        for column in ("estimate", "std_error", "standardised"):
            assert table.loc[term, column] == pytest.approx(turned.loc[other, column], abs=1e-4)


def test_points_of_the_scales_do_not_hang_on_which_item_comes_first(
    pair: tuple[pd.DataFrame, LatentModeration],
) -> None:
    """The unit of a factor is that of its first item; the mean of its items is the same whichever that is."""
    data, found = pair
    weaker = data.assign(k2=data["k2"] / 2, y3=data["y3"] * 3)
    one, other = (
        fit_lms(weaker, {"k": k, "m": ["m1", "m2", "m3"]}, {"y": y}).effects_in_points
        for k, y in ((["k1", "k2", "k3"], ["y1", "y2", "y3"]), (["k2", "k1", "k3"], ["y3", "y2", "y1"]))
    )
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(one[column], other[column], rtol=2e-3, atol=1e-4)
    own = found.parameters
    assert own is not None
    k, m, y = own.loadings.reshape(3, 3).mean(axis=1)
    table = found.effects_in_points.set_index("term")
    assert table.loc["k:m", "estimate"] == pytest.approx(own.effects[2] * y / (k * m))


def test_rows_with_something_missing_are_counted(pair: tuple[pd.DataFrame, LatentModeration]) -> None:
    data, found = pair
    more = pd.concat([data, data.iloc[:20].assign(k2=np.nan)], ignore_index=True)
    again = fit_lms(more, of("km"), of("y"))
    assert (again.n_rows, again.n_used) == (520, 500)
    np.testing.assert_allclose(again.effects["estimate"], found.effects["estimate"], atol=1e-10)
    assert "n = 500 of 520" in str(again)


def test_people_who_are_in_twice_tell_no_more_than_once(pair: tuple[pd.DataFrame, LatentModeration]) -> None:
    data, found = pair
    twice = pd.concat([data, data], ignore_index=True)
    people = pd.Series(np.tile(np.arange(500), 2))
    clustered = fit_lms(twice, of("km"), of("y"), clusters=people)
    error = found.effects["std_error"] * np.sqrt(500 / 499)
    np.testing.assert_allclose(clustered.effects["std_error"], error, rtol=2e-4)
    assert (clustered.effects["df"] == 499).all()
    apart = fit_lms(twice, of("km"), of("y"))
    np.testing.assert_allclose(apart.effects["std_error"], found.effects["std_error"] / 2**0.5, rtol=1e-3)


def test_a_fit_that_is_of_no_use_says_why_and_shows_no_numbers() -> None:
    rng, data = np.random.default_rng(0), noisy(300, 1, 0.5)
    noise = pd.DataFrame(rng.normal(size=data.shape), columns=data.columns)
    lost = fit_lms(noise, of("km"), of("y"))
    assert lost.status in {"not converged", "not identified"}
    k, m = rng.normal(size=(2, 600))
    parts = {"k": k, "m": m, "y": 0.5 * k + 0.5 * m + 0.3 * k * m}  # nothing is left unexplained
    items = {f"{name}{i}": f + 0.7 * rng.normal(size=600) for name, f in parts.items() for i in (1, 2, 3)}
    full = fit_lms(pd.DataFrame(items), of("km"), of("y"))
    assert full.status == "improper"
    assert [(each.name, each.where) for each in full.findings] == [("negative_variance", ("y",))]
    for found in (lost, full):
        assert not found.usable
        for table in (found.effects, found.effects_in_points):
            assert table[["estimate", "std_error", "p_value"]].isna().all().all()
    few = fit_lms(noisy(60, 3, 0.5), of("kwm"), of("y"))
    assert not few.usable or "few_rows" in {each.name for each in few.findings}


def test_a_search_that_swings_from_side_to_side_still_ends() -> None:
    found = fit_lms(noisy(1000, 5009, 0.5), of("kwm"), of("y"))
    assert found.status == "estimated"


@pytest.mark.slow
def test_answers_on_five_points_make_it_too_small() -> None:
    """Why it is asked for and never the main estimate: cut off at the ends, half of the effect is gone."""
    found = []
    for seed in range(20):
        data = (noisy(1000, 5000 + seed, 0.5) / 2**0.5 + 3).round().clip(1, 5)
        lms = fit_lms(data, of("kwm"), of("y"))
        if lms.usable:
            found.append(lms.effects["estimate"].iloc[-1])
    assert len(found) > 15
    assert 0.1 < np.mean(found) < 0.3  # of .4


@pytest.mark.slow
def test_the_bias_and_coverage_of_the_three_way_effect_beside_product_indicators() -> None:
    """N = 1,000, items of reliability .5 (scales .75), 60 samples."""
    rows = []
    for seed in range(60):
        data = noisy(1000, 5000 + seed, 0.5)
        lms = fit_lms(data, of("kwm"), of("y"))
        indicators = fit_latent_interaction(data, of("kwm"), of("y"))
        for method, usable, table in (
            ("lms", lms.usable, lms.table()),
            ("indicators", indicators.fit.usable, indicators.table()),
        ):
            rows.append({"method": method, "usable": usable, **table.set_index("term").loc["k:w:m"]})
    table = pd.DataFrame(rows)
    found = table[table["usable"]].groupby("method")
    error = found["estimate"].std() / np.sqrt(found.size())
    covered = found.apply(lambda part: ((part["conf_low"] < 0.2) & (part["conf_high"] > 0.2)).mean())
    print(pd.DataFrame({"n": found.size(), "mean": found["estimate"].mean(), "error": error}), covered)
    assert found.size()["lms"] >= 57
    assert abs(found["estimate"].mean()["lms"] - 0.2) < 0.01 + 3 * error["lms"]
    assert covered["lms"] > 0.86  # .95 less three Monte Carlo errors
    assert found["estimate"].std()["lms"] < found["estimate"].std()["indicators"]
