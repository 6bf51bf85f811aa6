"""R's data on personality (psych's bfi), and the figures that psych gives for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


@pytest.fixture(scope="session")
def raw_bfi(shared: Path) -> pd.DataFrame:
    """The 25 items as they were answered."""
    data = pd.read_csv(shared / "reference/data/bfi.csv")
    return data[[f"{letter}{i}" for letter in "ACENO" for i in range(1, 6)]]


@pytest.fixture(scope="session")
def bfi(raw_bfi: pd.DataFrame) -> pd.DataFrame:
    """The 25 items, keyed in one direction."""
    return raw_bfi.assign(**{name: 7 - raw_bfi[name] for name in REVERSED})


@pytest.fixture(scope="session")
def psych(shared: Path) -> Mapping[str, Any]:
    """Case to result."""
    content = json.loads((shared / "reference/reliability/reliability_bfi.json").read_text("utf-8"))
    return {each["id"]: each["result"] for each in content["cases"]}
