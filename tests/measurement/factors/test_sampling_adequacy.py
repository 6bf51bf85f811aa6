"""Sampling adequacy and Bartlett's test: against psych, by hand, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.measurement.factors.sampling_adequacy import sampling_adequacy

CLAIMED = {"kmo_bartlett"}
EXACT = 1e-8


def test_against_psych(psych: Mapping[str, Any], raw_bfi: pd.DataFrame) -> None:
    case, found = psych["kmo_bartlett"], sampling_adequacy(raw_bfi)
    assert found.n_used == case["n"]
    assert found.overall == pytest.approx(case["MSA"], abs=EXACT)
    np.testing.assert_allclose(found.items, list(case["MSAi"].values()), atol=EXACT)
    assert found.chi_square == pytest.approx(case["chisq"], rel=EXACT)
    assert (found.df, found.p_value) == (case["df"], case["p"])


def test_three_items_by_hand() -> None:
    """Correlations of .5 throughout: partial ones are (.5 - .25)/.75 = 1/3, so .25/(.25 + 1/9)."""
    x = np.random.default_rng(1).normal(size=(50, 3))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x)).T @ np.linalg.cholesky(0.5 + 0.5 * np.eye(3)).T
    found = sampling_adequacy(pd.DataFrame(x, columns=["a", "b", "c"]))
    assert found.overall == pytest.approx(0.25 / (0.25 + 1 / 9))
    assert found.chi_square == pytest.approx(-(49 - 11 / 6) * np.log(0.5))


def test_unrelated_items_have_nothing_to_find() -> None:
    found = sampling_adequacy(
        pd.DataFrame(np.random.default_rng(2).normal(size=(500, 6)), columns=list("abcdef"))
    )
    assert found.overall < 0.6
    assert found.p_value > 0.01


def test_items_that_cannot_be_fitted_are_refused() -> None:
    items = pd.DataFrame(np.random.default_rng(3).normal(size=(50, 3)), columns=["a", "b", "c"])
    with pytest.raises(SurveyDataError, match="two items or more"):
        sampling_adequacy(items[["a"]])
    with pytest.raises(SurveyDataError, match="items on which the answers differ"):
        sampling_adequacy(items.assign(c=1.0))
    with pytest.raises(SurveyDataError, match="none follows from the others"):
        sampling_adequacy(items.assign(c=items["a"]))
