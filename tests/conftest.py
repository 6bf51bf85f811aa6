"""What every test may ask for: the reference material beside the project, and a quiet matplotlib."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

os.environ.setdefault("MPLBACKEND", "Agg")
PROJECT = Path(__file__).resolve().parent.parent
RENDERED = [False]
"""Whether figures are rendered now; the last counts."""


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


@pytest.fixture(scope="session", autouse=True)
def _quick_figures(request: pytest.FixtureRequest) -> Iterator[None]:
    """Build every figure, but render it only where a test is about pictures: that takes most of a run."""
    from si_research.report import figures

    RENDERED[0] = request.config.getoption("markexpr") == "browser"
    real = figures._rendered

    def rendered(figure: Figure) -> tuple[bytes, bytes]:
        return real(figure) if RENDERED[-1] else (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"")

    figures._rendered = rendered
    yield
    figures._rendered = real


@pytest.fixture(autouse=True)
def _rendering(request: pytest.FixtureRequest) -> Iterator[None]:
    RENDERED.append(RENDERED[0] or request.node.get_closest_marker("pictures") is not None)
    yield
    RENDERED.pop()


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
