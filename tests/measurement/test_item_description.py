"""The description of items: against psych, and of items of which there is little to tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.item_description import describe_items

CLAIMED = {"describe_25"}
THEIRS = {"n_used": "n", "std_dev": "sd", "trimmed_mean": "trimmed", "lowest": "min", "highest": "max"} | {
    "skewness": "skew",
    "std_error": "se",
}


def test_against_psych(psych: Mapping[str, Any], raw_bfi: pd.DataFrame) -> None:
    case, found = psych["describe_25"], describe_items(raw_bfi)
    assert list(found.index) == case[".rownames"]
    for column in found:
        np.testing.assert_allclose(
            found[column], case[THEIRS.get(column, column)], atol=1e-10, err_msg=str(column)
        )


def test_items_that_nobody_differs_on_or_nobody_answered() -> None:
    items = pd.DataFrame({"same": [3.0, 3, 3], "nobody": [np.nan] * 3, "one": [2.0, np.nan, np.nan]})
    found = describe_items(items)
    assert found["n_used"].tolist() == [3, 0, 1]
    assert found.loc["same", ["mean", "std_dev"]].tolist() == [3.0, 0.0]
    assert found["skewness"].isna().all()
    assert found.loc["nobody"].drop("n_used").isna().all()


def test_skewness_by_hand() -> None:
    """0, 0, 0, 4: mean 1, squares 12, cubes 24; s = 2, so (24/4)/8."""
    found = describe_items(pd.DataFrame({"a": [0.0, 0, 0, 4]})).loc["a"]
    assert found["skewness"] == pytest.approx(0.75)
    assert found["kurtosis"] == pytest.approx((84 / 4) / 16 - 3)
