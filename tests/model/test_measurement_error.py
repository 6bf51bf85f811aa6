"""Adjusted least squares: by hand, by brute force, with a known truth, and at its edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from noisy_scores import TRUE
from noisy_scores import noisy_scores as scores
from si_research.errors import ModelSpecificationError
from si_research.model.interaction import fit_interaction
from si_research.model.measurement_error import correct_measurement_error

NAMES = ("kunnen", "willen", "mogen")
TESTED = "kunnen:willen:mogen"


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


def brute_force_own(frame: pd.DataFrame, errors: pd.DataFrame) -> np.ndarray:
    """The corrected normal equations with an error variance of each person's own."""
    x = frame[list(NAMES)].to_numpy() - frame[list(NAMES)].to_numpy().mean(axis=0)
    powers = np.array(
        [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]
    )
    M, v = np.zeros((8, 8)), np.zeros(8)
    for person, own, outcome in zip(x, errors.to_numpy(), frame["innovative_behaviour"], strict=True):
        steps = np.array([np.ones(3), person, person**2 - own])
        v += outcome * np.prod(np.where(powers == 1, person, 1.0), axis=1)
        M += np.array([[np.prod(steps[a + b, range(3)]) for b in powers] for a in powers])
    return np.linalg.solve(M, v)


def test_errors_of_each_person_against_brute_force() -> None:
    """Scaled so that their mean is what the reliability says; who has none gets the mean."""
    frame = scores(300, 0.8, n_firms=10, seed=11)
    own = pd.DataFrame(np.random.default_rng(1).uniform(0, 3, (300, 2)), columns=list(NAMES[:2]))
    own.loc[:9, "kunnen"] = np.nan
    found = correct_measurement_error(
        fit_interaction(frame), alike(0.9), own_errors=own.sample(frac=1, random_state=1)
    )
    variances = 0.1 * frame[list(NAMES)].var()
    filled = (own / own.mean()).fillna(1.0).assign(mogen=1.0) * variances
    np.testing.assert_allclose(found.coefficients["estimate"], brute_force_own(frame, filled), atol=1e-9)


def test_equal_errors_of_each_person_are_errors_that_are_alike() -> None:
    fit = fit_interaction(scores(300, 0.8, seed=12), cluster="firm")
    own = pd.DataFrame(0.4, index=fit.rows.index, columns=list(NAMES))
    plain, same = (correct_measurement_error(fit, alike(0.8), own_errors=each) for each in (None, own))
    pd.testing.assert_frame_equal(plain.coefficients, same.coefficients, rtol=1e-12)
    nothing = correct_measurement_error(fit, alike(0.8), own_errors=own * 0)
    pd.testing.assert_frame_equal(plain.coefficients, nothing.coefficients)
    with pytest.raises(ModelSpecificationError, match="powers above two"):
        correct_measurement_error(fit, alike(0.8), own_errors=own, squares=True)


@pytest.mark.parametrize("cluster", [None, "firm"])
def test_two_predictors(cluster: str | None) -> None:
    """Closed form of unrelated normal scores: the product keeps the product of the reliabilities."""
    rng = np.random.default_rng(13)
    true = rng.normal(size=(40_000, 2))
    frame = pd.DataFrame(true + 0.5 * rng.normal(size=true.shape), columns=["kunnen", "willen"])
    frame["innovative_behaviour"] = 0.3 * true.prod(axis=1) + rng.normal(size=len(true))
    frame["firm"] = (np.arange(len(true)) % 50).astype(str)
    fit = fit_interaction(frame, predictors=["kunnen", "willen"], cluster=cluster)
    found = correct_measurement_error(fit, {"kunnen": 0.8, "willen": 0.8}).coefficients.loc["kunnen:willen"]
    assert fit.coefficients.loc["kunnen:willen", "estimate"] == pytest.approx(0.3 * 0.64, abs=0.02)
    assert abs(found["estimate"] - 0.3) < 3 * found["std_error"] < 0.05


def test_few_firms_have_an_interval_of_few_firms() -> None:
    fit = fit_interaction(scores(400, 0.9, n_firms=4, seed=14), cluster="firm")
    found = correct_measurement_error(fit, alike(0.9))
    assert (found.status, found.n_groups, found.coefficients.loc[TESTED, "df"]) == ("estimated", 4, 3)


def test_scales_that_would_be_one_without_error_are_not_corrected() -> None:
    """Correlated .8 with reliability .6: the correlation without error would be 1.33."""
    rng = np.random.default_rng(15)
    common = rng.normal(size=(1000, 1))
    frame = pd.DataFrame(2 * common + rng.normal(size=(1000, 3)), columns=list(NAMES))
    frame["innovative_behaviour"] = common[:, 0] + rng.normal(size=1000)
    found = correct_measurement_error(fit_interaction(frame), alike(0.6))
    assert found.status == "not identified"
    assert found.coefficients["estimate"].isna().all()
