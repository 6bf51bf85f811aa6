"""Holm's correction, by hand and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from si_research.model.holm import holm


def test_by_hand() -> None:
    """The smallest counts for all four, the next for three, and none falls below the one before it."""
    np.testing.assert_allclose(holm([0.01, 0.5, 0.015, 0.3]), [0.04, 0.6, 0.045, 0.6], rtol=1e-15)
    assert holm([0.4, 0.9]).tolist() == [0.8, 0.9]
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("n", [0, 1, 6, 40])
def test_as_statsmodels_has_it(n: int) -> None:
    p = np.random.default_rng(n).random(n).round(2) ** 3
    np.testing.assert_array_equal(holm(p), multipletests(p, method="holm")[1])


def test_a_missing_p_stays_missing() -> None:
    np.testing.assert_array_equal(holm([np.nan, 0.01, 0.4]), [np.nan, 0.03, 0.8])
