"""Adjusted least squares: by hand, by brute force, with a known truth, and at its edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.model.interaction import fit_interaction
from si_research.model.measurement_error import correct_measurement_error

NAMES = ("kunnen", "willen", "mogen")
TESTED = "kunnen:willen:mogen"
TRUE = 0.10


def scores(n: int, reliability: float, *, n_firms: int = 60, seed: int | list[int]) -> pd.DataFrame:
    """Return normal scores with error, correlated .30 without it, and a true three-way coefficient of .10."""
    rng = np.random.default_rng(seed)
    covariance = np.full((3, 3), 0.3)
    np.fill_diagonal(covariance, 1.0)
    true = rng.multivariate_normal(np.zeros(3), covariance, n)
    outcome = 0.35 * true.sum(axis=1) + TRUE * true.prod(axis=1) + rng.normal(0, 0.8, n)
    frame = pd.DataFrame(true + rng.normal(0, np.sqrt(1 / reliability - 1), true.shape), columns=list(NAMES))
    return frame.assign(innovative_behaviour=outcome, firm=rng.integers(n_firms, size=n).astype(str))


def alike(reliability: float) -> dict[str, float]:
    return dict.fromkeys(NAMES, reliability)


@pytest.mark.parametrize("cluster", [None, "firm"])
@pytest.mark.parametrize("squares", [False, True])
def test_scores_without_error_are_left_as_they_are(cluster: str | None, squares: bool) -> None:
    fit = fit_interaction(scores(500, 0.8, seed=1), cluster=cluster)
    found = correct_measurement_error(fit, alike(1.0), squares=squares)
    if squares:
        with_squares = fit.highest_order.loc["with squares"]
        row = found.coefficients.loc[TESTED]
        assert row["estimate"] == pytest.approx(with_squares["estimate"], abs=1e-10)
        return
    np.testing.assert_allclose(found.coefficients["estimate"], fit.coefficients["estimate"], atol=1e-10)
    if cluster:  # the same jackknife as the plain estimate, whose own is CR3
        np.testing.assert_allclose(found.coefficients["std_error"], fit.coefficients["std_error"], rtol=1e-8)


def test_a_line_by_hand() -> None:
    """Two predictors that do not vary together: slope = covariance / (variance - error variance)."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["kunnen", "willen"])
    frame["innovative_behaviour"] = 0.5 * frame["kunnen"] + rng.normal(size=4000)
    fit = fit_interaction(frame, predictors=["kunnen", "willen"])
    found = correct_measurement_error(fit, {"kunnen": 0.5, "willen": 1.0}).coefficients
    plain = fit.coefficients.loc["kunnen", "estimate"]
    assert found.loc["kunnen", "estimate"] == pytest.approx(2 * plain, rel=0.02)  # r of the two is .01
    assert found.loc["willen", "estimate"] == pytest.approx(
        fit.coefficients.loc["willen", "estimate"], abs=0.02
    )


def brute_force(frame: pd.DataFrame, reliability: float) -> np.ndarray:
    """Solve the corrected normal equations of the seven terms, person by person and power by power."""
    x = frame[list(NAMES)].to_numpy()
    s2 = (1 - reliability) * x.var(axis=0, ddof=1)
    x = x - x.mean(axis=0)
    powers = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]

    def expected(value: float, power: int, noise: float) -> float:
        return {0: 1.0, 1: value, 2: value**2 - noise}[power]

    M, v = np.zeros((8, 8)), np.zeros(8)
    for person, outcome in zip(x, frame["innovative_behaviour"], strict=True):
        for i, first in enumerate(powers):
            v[i] += outcome * np.prod([person[p] ** first[p] for p in range(3)])
            for j, second in enumerate(powers):
                M[i, j] += np.prod([expected(person[p], first[p] + second[p], s2[p]) for p in range(3)])
    return np.linalg.solve(M, v)


def test_against_brute_force() -> None:
    frame = scores(300, 0.8, n_firms=10, seed=5)
    found = correct_measurement_error(fit_interaction(frame), alike(0.9))
    np.testing.assert_allclose(found.coefficients["estimate"], brute_force(frame, 0.9), atol=1e-9)


def test_the_jackknife_leaves_out_one_firm_at_a_time() -> None:
    """With centres and error variances kept, it is the corrected equations of the other firms."""
    frame = scores(400, 0.8, n_firms=8, seed=6)
    fit = fit_interaction(frame, cluster="firm")
    found = correct_measurement_error(fit, alike(0.9)).coefficients
    x, y = frame[list(NAMES)].to_numpy(), frame["innovative_behaviour"].to_numpy()
    s2 = 0.1 * x.var(axis=0, ddof=1)
    k, w, m = (x - x.mean(axis=0)).T
    design = np.column_stack([np.ones(len(y)), k, w, m, k * w, k * m, w * m, k * w * m])
    squares = [
        np.column_stack([np.ones(len(y)), each, each**2 - noise])
        for each, noise in zip((k, w, m), s2, strict=True)
    ]
    powers = np.array(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]]
    )

    def solved(rows: np.ndarray) -> np.ndarray:
        M = np.array(
            [
                [np.prod([squares[p][rows, a[p] + b[p]] for p in range(3)], axis=0).sum() for b in powers]
                for a in powers
            ]
        )
        return np.linalg.solve(M, design[rows].T @ y[rows])

    firms = frame["firm"].to_numpy()
    whole = solved(np.ones(len(y), dtype=bool))
    changes = np.array([whole - solved(firms != firm) for firm in np.unique(firms)])
    V = 7 / 8 * changes.T @ changes
    np.testing.assert_allclose(found["std_error"], np.sqrt(np.diag(V)), rtol=1e-8)
    assert (found["df"] == 7).all()


@pytest.mark.parametrize("squares", [False, True])
def test_the_truth_comes_back_from_very_many_people(squares: bool) -> None:
    fit = fit_interaction(scores(200_000, 0.7, seed=7), cluster="firm")
    found = correct_measurement_error(fit, alike(0.7), squares=squares).coefficients.loc[TESTED]
    assert abs(found["estimate"] - TRUE) < 3 * found["std_error"]
    assert found["std_error"] < 0.01
    assert fit.coefficients.loc[TESTED, "estimate"] < 0.6 * TRUE


def test_controls_without_error_stay_in() -> None:
    frame = scores(3000, 0.8, seed=8)
    frame["age"] = frame["kunnen"] * 3 + np.random.default_rng(1).normal(40, 8, len(frame))
    frame["job"] = np.where(np.arange(len(frame)) % 3 == 0, "monteur", "planner")
    fit = fit_interaction(frame, controls=["age", "job"], cluster="firm")
    found = correct_measurement_error(fit, alike(0.8))
    assert list(found.coefficients.index) == list(fit.coefficients.index)
    assert found.status == "estimated"
    exact = correct_measurement_error(fit, alike(1.0)).coefficients["estimate"]
    np.testing.assert_allclose(exact, fit.coefficients["estimate"], atol=1e-9)


def test_a_scale_that_is_nearly_all_error_is_not_corrected() -> None:
    fit = fit_interaction(scores(400, 0.3, seed=9))
    found = correct_measurement_error(fit, alike(0.05))
    assert found.status in ("not identified", "unstable")
    assert found.coefficients["estimate"].isna().all()
    assert "no correction" in str(found)
    assert found.table()["model"].tolist() == ["plain"] * 8 + ["corrected"] * 8


@pytest.mark.parametrize("wrong", [{"mogen": 0.0}, {"mogen": 1.2}, {"mogen": float("nan")}, {"mogen": -0.4}])
def test_a_reliability_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    fit = fit_interaction(scores(200, 0.8, seed=10))
    with pytest.raises(ModelSpecificationError, match="above 0 and up to 1"):
        correct_measurement_error(fit, alike(0.8) | wrong)


@pytest.mark.slow
@pytest.mark.parametrize(("reliability", "bias"), [(0.7, 0.12), (0.8, 0.06)])
def test_500_surveys_of_2000_people(reliability: float, bias: float) -> None:
    """Bias and coverage of the corrected coefficient; the plain one keeps less than 60 % at .7."""
    corrected, plain, held = [], [], 0
    for run in range(500):
        fit = fit_interaction(scores(2000, reliability, seed=[77, run]), cluster="firm")
        row = correct_measurement_error(fit, alike(reliability)).coefficients.loc[TESTED]
        corrected.append(row["estimate"])
        plain.append(fit.coefficients.loc[TESTED, "estimate"])
        held += row["conf_low"] <= TRUE <= row["conf_high"]
    error = np.std(corrected) / np.sqrt(500)
    print(
        f"\nmean {np.mean(corrected):.4f} (error {error:.4f}), held {held / 500:.3f}, "
        f"plain {np.mean(plain):.4f}"
    )
    assert abs(np.mean(corrected) - TRUE) < bias * TRUE + 2 * error
    assert held / 500 > 0.92 - 2 * np.sqrt(0.92 * 0.08 / 500)
    assert np.mean(plain) < 0.6 * TRUE + 2 * np.std(plain) / np.sqrt(500)
