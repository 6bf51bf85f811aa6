"""The proportional-odds model: against R's polr, the likelihood written out, statsmodels, and copies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.miscmodels.tests.results import results_ordinal_model as published

from si_research.model.proportional_odds import proportional_odds


@pytest.fixture(scope="module")
def made() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 3)) * [1, 10, 0.1] + [0, 5, 2]
    latent = X @ [0.8, -0.05, 3] + rng.logistic(size=300)
    return X, np.digitize(latent, np.quantile(latent, [0.1, 0.4, 0.7, 0.95]))


def minus_log_likelihood(parameters: np.ndarray, X: np.ndarray, levels: np.ndarray) -> float:
    """Each person's share between the thresholds around their level, written out."""
    k = X.shape[1]
    edges = np.array([-np.inf, *parameters[k:], np.inf])
    place = X @ parameters[:k]
    return -float(np.log(expit(edges[levels + 1] - place) - expit(edges[levels] - place)).sum())


def test_against_polr_of_r() -> None:
    """MASS polr on the data of statsmodels' own tests, whose search stops a thousandth of an error early."""
    data, theirs = published.data_store.df, published.res_ord_logit
    X = data[["pared", "public", "gpa"]].to_numpy(dtype="float64")
    found = proportional_odds(X, data["apply"].cat.codes.to_numpy().astype(int))
    np.testing.assert_allclose(found.estimate, theirs.coefficients_val, atol=3e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), theirs.coefficients_stdE, atol=1e-4)
    np.testing.assert_allclose(found.thresholds, theirs.thresholds, atol=1e-3)


def test_against_the_likelihood_written_out(made: tuple[np.ndarray, np.ndarray]) -> None:
    X, levels = made
    found = proportional_odds(X, levels)
    ours = np.concatenate([found.estimate, found.thresholds])
    assert minus_log_likelihood(ours, X, levels) == pytest.approx(-found.log_likelihood, rel=1e-12)
    start = ours + 0.05 * np.abs(ours) * np.arange(1, 8) / 8
    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 40000, "maxfev": 40000}
    best = optimize.minimize(minus_log_likelihood, start, (X, levels), method="Nelder-Mead", options=options)
    assert best.fun >= -found.log_likelihood - 1e-9
    np.testing.assert_allclose(best.x, ours, rtol=1e-3, atol=1e-3)


def test_against_statsmodels_over_people_and_over_firms(made: tuple[np.ndarray, np.ndarray]) -> None:
    """Whose derivatives are numerical; its sandwich over firms is made here from its own parts."""
    X, levels = made
    theirs = OrderedModel(levels, X, distr="logit").fit(method="bfgs", disp=0, maxiter=500, gtol=1e-8)
    found = proportional_odds(X, levels)
    np.testing.assert_allclose(found.estimate, theirs.params[:3], rtol=1e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), theirs.bse[:3], rtol=1e-4)
    assert found.log_likelihood == pytest.approx(theirs.llf, rel=1e-9)
    firm = np.arange(300) % 11
    sums = np.stack([theirs.model.score_obs(theirs.params)[firm == g].sum(axis=0) for g in range(11)])
    bread = np.linalg.inv(-theirs.model.hessian(theirs.params))
    V = 11 / 10 * bread @ sums.T @ sums @ bread
    over_firms = proportional_odds(X, levels, clusters=firm)
    np.testing.assert_allclose(np.sqrt(np.diag(over_firms.covariance)), np.sqrt(np.diag(V)[:3]), rtol=1e-3)
    np.testing.assert_allclose(over_firms.estimate, found.estimate, rtol=1e-12)


def test_weights_are_copies_of_rows_with_robust_errors(made: tuple[np.ndarray, np.ndarray]) -> None:
    X, levels = made
    weights = 1.0 + np.arange(300) % 3
    found = proportional_odds(X, levels, weights=weights)
    copies = np.repeat(np.arange(300), weights.astype(int))
    same = proportional_odds(X[copies], levels[copies], clusters=copies)
    np.testing.assert_allclose(found.estimate, same.estimate, rtol=1e-7)
    np.testing.assert_allclose(found.covariance, same.covariance, rtol=1e-6)
    times_seven = proportional_odds(X, levels, weights=7 * weights)
    np.testing.assert_allclose(times_seven.covariance, found.covariance)
    assert times_seven.log_likelihood == pytest.approx(found.log_likelihood)


def test_levels_that_a_column_separates_are_not_converged() -> None:
    x = np.linspace(-1, 1, 60)
    found = proportional_odds(np.column_stack([x, x**2]), (x > 0).astype(int))
    assert not found.converged
    assert np.isnan(found.estimate).all()
    assert np.isnan(found.covariance).all()
