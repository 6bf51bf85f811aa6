"""Reliability of products: by hand, by published formula, and by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.measurement.product_reliability import (
    attenuation_curve,
    normal_moment,
    product_reliability,
)

NAMES = ["kunnen", "willen", "mogen"]


def alike(r: float) -> pd.DataFrame:
    matrix = np.full((3, 3), r)
    np.fill_diagonal(matrix, 1.0)
    return pd.DataFrame(matrix, NAMES, NAMES)


def test_unrelated_scales_keep_the_product_of_their_reliabilities() -> None:
    found = product_reliability(pd.Series([0.9, 0.8, 0.7], index=NAMES)).table().set_index("term")
    expected = {
        "kunnen:willen": 0.72,
        "kunnen:mogen": 0.63,
        "willen:mogen": 0.56,
        "kunnen:willen:mogen": 0.504,
    }
    for term, value in expected.items():
        assert found.loc[term, "reliability"] == pytest.approx(value)
        assert found.loc[term, "share_kept"] == pytest.approx(value)
        # The product has variance 1 in the scores and `value` in the true ones: n grows as 1/value.
        assert found.loc[term, "n_times"] == pytest.approx(1 / value)


def test_two_related_scales_by_the_formula_of_busemeyer_and_jones() -> None:
    """(reliability of each multiplied, plus the squared correlation) / (1 + the squared correlation)."""
    names = NAMES[:2]
    correlations = pd.DataFrame([[1, 0.4], [0.4, 1]], names, names)
    found = product_reliability(pd.Series([0.8, 0.7], index=names), correlations).table()
    assert found["reliability"].tolist() == pytest.approx([(0.8 * 0.7 + 0.16) / 1.16])


def test_scores_without_error_keep_everything() -> None:
    found = product_reliability(pd.Series(1.0, index=NAMES), alike(0.3)).table()
    np.testing.assert_allclose(found[["reliability", "share_kept", "n_times"]], 1.0)


def test_the_share_kept_is_what_a_regression_finds() -> None:
    """Brute force, 400,000 people, reliability .7, r = .35: the plain coefficient over the true one."""
    rng, n, rel, r = np.random.default_rng(5), 400_000, 0.7, 0.35
    covariance = np.full((3, 3), r)
    np.fill_diagonal(covariance, rel)
    true = rng.multivariate_normal(np.zeros(3), covariance, n)
    scores = true + rng.normal(0, np.sqrt(1 - rel), true.shape)

    def design(x: np.ndarray) -> np.ndarray:
        a, b, c = x.T
        return np.column_stack([np.ones(n), a, b, c, a * b, a * c, b * c, a * b * c])

    outcome = true.prod(axis=1)
    found = np.linalg.lstsq(design(scores), outcome, rcond=None)[0][-1]
    expected = product_reliability(pd.Series(rel, index=NAMES), alike(r)).table().iloc[-1]
    assert found == pytest.approx(expected["share_kept"], abs=0.01)  # twice the Monte Carlo error and more
    reliability = np.var(outcome) / np.var(scores.prod(axis=1))
    assert reliability == pytest.approx(expected["reliability"], abs=0.02)


def test_normal_moments_by_hand() -> None:
    S = np.array([[2.0, 0.5], [0.5, 3.0]])
    assert normal_moment(S, [0, 0, 0, 0]) == 3 * 2.0**2
    assert normal_moment(S, [0, 0, 1, 1]) == 2 * 3 + 2 * 0.5**2
    assert normal_moment(S, [0, 0, 1]) == 0
    assert normal_moment(S, [0] * 6) == 15 * 2.0**3


def test_the_curve_rises_and_has_no_value_where_scales_would_be_one() -> None:
    curve = attenuation_curve(0.5, points=13)
    known = curve[curve["reliability"] > 0.5001]
    assert known["share_kept"].is_monotonic_increasing
    assert known["share_kept"].iloc[-1] == pytest.approx(1.0)
    assert curve.loc[curve["reliability"] <= 0.5, "share_kept"].isna().all()


@pytest.mark.parametrize(
    ("reliabilities", "r", "message"),
    [
        ([0.8, 0.0, 0.7], 0.0, "above 0 and up to 1"),
        ([0.8, -0.2, 0.7], 0.0, "above 0 and up to 1"),
        ([0.8, np.nan, 0.7], 0.0, "above 0 and up to 1"),
        ([0.5, 0.5, 0.5], 0.6, "measure one thing"),
    ],
)
def test_what_no_correction_can_be_made_for_is_refused(
    reliabilities: list[float], r: float, message: str
) -> None:
    with pytest.raises(SurveyDataError, match=message):
        product_reliability(pd.Series(reliabilities, index=NAMES), alike(r))


def test_the_curve_of_two_scales_is_their_reliability_squared() -> None:
    curve = attenuation_curve(0.0, n_scales=2, points=4)
    assert curve["share_kept"].tolist() == pytest.approx([0.4**2, 0.6**2, 0.8**2, 1.0])


def test_scales_that_run_against_each_other_have_a_curve_too() -> None:
    """Three scales that correlate -.45 cannot do so with a reliability of .90 or less."""
    curve = attenuation_curve(-0.45, points=13)
    assert curve["share_kept"].notna().tolist() == (curve["reliability"] > 0.9001).tolist()
