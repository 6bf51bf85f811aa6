"""What every test may ask for: the reference material beside the project, and a quiet matplotlib."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from si_research import study
from worked_out import WorkedOut

settings.register_profile("busy", deadline=None)  # a slow machine is no fault of the code
settings.load_profile("busy")
os.environ.setdefault("MPLBACKEND", "Agg")
PROJECT = Path(__file__).resolve().parent.parent
MODELS = ("si_research.model.", "si_research.measurement.")
STATE = ["words"]
"""What is made of figures now, the last counts: their words, also built, or also rendered."""


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
def simulated_n() -> Iterator[Any]:
    """Leave out the simulation of how many people would decide, which takes longer than all of a small study.

    Gives the real function to the test that is about it. The models of a study are fitted once for the same
    scores and options: hundreds of small studies differ in their files only.
    """
    from si_research.study import combination

    real, found = combination.needed_n, WorkedOut()
    with pytest.MonkeyPatch.context() as patch:
        for name in [each.name for each in pkgutil.iter_modules(study.__path__, "si_research.study.")]:
            module = importlib.import_module(name)
            for key, function in vars(module).copy().items():
                if inspect.isfunction(function) and function.__module__.startswith(MODELS):
                    patch.setattr(module, key, found.once(function))
        patch.setattr(combination, "needed_n", lambda verdict, **options: None)
        yield real


@pytest.fixture(scope="session", autouse=True)
def _quick_figures(request: pytest.FixtureRequest) -> Iterator[None]:
    """Render figures only where a test is about pictures, which takes most of a run.

    The tests of the report build every figure of a study once, so that none can fail unseen; other tests
    have its words only.
    """
    import matplotlib as mpl

    from si_research.report import figures

    STATE[0] = "rendered" if request.config.getoption("markexpr") == "browser" else "words"
    real, built = figures._drawn, set[tuple[int, object]]()

    def drawn(draw: Any, findings: Any, labels: Any) -> tuple[bytes, bytes]:
        if STATE[-1] == "rendered":
            return real(draw, findings, labels)
        if STATE[-1] == "built" and (id(findings), draw) not in built:
            built.add((id(findings), draw))
            with mpl.rc_context(figures.STYLE):
                draw(findings, labels)
        return b"<svg xmlns='http://www.w3.org/2000/svg'/>", b""

    figures._drawn = drawn
    yield
    figures._drawn = real


@pytest.fixture(autouse=True)
def _rendering(request: pytest.FixtureRequest) -> Iterator[None]:
    report = request.node.path.is_relative_to(PROJECT / "tests" / "report")
    pictures = STATE[0] == "rendered" or request.node.get_closest_marker("pictures") is not None
    STATE.append("rendered" if pictures else "built" if report else "words")
    yield
    STATE.pop()


@pytest.fixture(scope="session")
def only_built() -> Callable[[], AbstractContextManager[None]]:
    """Figures are built and not rendered, whatever the test is about that happens to run a study first."""

    @contextmanager
    def building() -> Iterator[None]:
        STATE.append("built")
        yield
        STATE.pop()

    return building


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
