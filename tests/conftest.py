"""What every test may ask for: the reference material beside the project, and a quiet matplotlib."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """The top folder of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with R's figures and the real data; absent on most machines, never in CI."""
    folder = Path(os.environ.get("SI_SHARED", PROJECT.parent / "shared"))
    if not (folder / "reference").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the reference material (SI_SHARED, or ../shared) must be there in CI")
        pytest.skip("the reference material is not on this machine (set SI_SHARED to its folder)")
    return folder


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
