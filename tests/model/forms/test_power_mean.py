"""The power mean against hand calculations, and the laws that it keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.forms.power_mean import power_mean, power_mean_slope

SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3)
POWERS = [-np.inf, -300.0, -30.0, -1.0, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 0.5, 1.0, 4.0, 300.0, np.inf]


def test_named_means_of_one_row() -> None:
    """Of .2, .4 and .8, by hand: 1.4/3, cube root of .064, 3/(5 + 2.5 + 1.25), ends, root of .84/3."""
    x = [[0.2, 0.4, 0.8]]
    by_hand = {1: 1.4 / 3, 0: 0.4, -1: 3 / 8.75, -np.inf: 0.2, np.inf: 0.8, 2: 0.28**0.5}
    for p, expected in by_hand.items():
        assert power_mean(x, p)[0] == pytest.approx(expected, abs=1e-14)


def test_weights_count_as_so_many_conditions() -> None:
    doubled = power_mean([[0.2, 0.2, 0.8]], -2)
    assert power_mean([[0.2, 0.8]], -2, [2, 1]) == pytest.approx(doubled)
    assert power_mean([[0.1, 0.8]], -np.inf, [0, 1]).tolist() == [0.8]


@pytest.mark.parametrize("p", POWERS)
def test_a_zero_makes_the_whole_zero_up_to_p_of_0(p: float) -> None:
    found = power_mean([[0.0, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], p)
    assert (found[0] == 0) == (p < 1e-6)  # so near 0, (2/3)^(1/p) is none either
    assert found[1:].tolist() == [0, 1]


@settings(max_examples=30)
@given(SHARES)
def test_it_grows_with_p_and_stays_within_the_row(row: list[float]) -> None:
    found = [power_mean([row], p)[0] for p in POWERS]
    assert (np.diff(found) >= -1e-12).all()
    assert (min(found), max(found)) == (min(row), max(row))


@settings(max_examples=50)
@given(SHARES, st.sampled_from(POWERS), st.floats(0.1, 1))
def test_it_scales_with_its_conditions(row: list[float], p: float, factor: float) -> None:
    scaled = power_mean([[value * factor for value in row]], p)
    assert scaled == pytest.approx(factor * power_mean([row], p), abs=1e-12)


@pytest.mark.parametrize("p", [-4.0, -1.0, 0.0, 0.005, 0.5, 1.0, 3.0])
def test_its_slope_is_the_difference_of_near_powers(p: float) -> None:
    x, w, step = np.array([[0.2, 0.4, 0.8], [0.9, 0.1, 0.3]]), [0.5, 0.3, 0.2], 1e-5
    apart = (power_mean(x, p + step, w) - power_mean(x, p - step, w)) / (2 * step)
    assert power_mean_slope(x, p, w) == pytest.approx(apart, abs=1e-7)
    assert power_mean_slope([[0.0, 0.5]], min(p, 0.0)).tolist() == [0]


@pytest.mark.parametrize("weights", [[1, 1], [1, -1, 1], [0, 0, 0], [1, np.nan, 1]])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(ModelSpecificationError, match="3 weights"):
        power_mean([[0.2, 0.4, 0.8]], 1, weights)


def test_no_power_and_no_share_are_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="a power"):
        power_mean([[0.2, 0.4]], np.nan)
    with pytest.raises(SurveyDataError, match="scale from 0 to 1"):
        power_mean([[-0.2, 0.4]], 1)
