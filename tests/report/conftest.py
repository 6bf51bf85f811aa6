"""Findings to render: the embedded example, and small studies made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from si_research.report.findings import StudyFindings
from si_research.study.run import run_study
from small_survey import answers, write_csv, write_study

Small = Callable[..., StudyFindings]


@pytest.fixture(scope="session")
def example(project: Path, tmp_path_factory: pytest.TempPathFactory) -> StudyFindings:
    """The findings of the embedded example."""
    return run_study(project / "data/example", output=tmp_path_factory.mktemp("example") / "out").findings


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Run a small study of so many people in so many firms; ``change`` edits its folder first."""
    known: dict[tuple[int, int, str], StudyFindings] = {}

    def run(n: int = 240, n_firms: int = 12, change: Callable[[Path], None] | None = None) -> StudyFindings:
        key = (n, n_firms, "" if change is None else f"{change.__module__}.{change.__qualname__}")
        if key not in known:
            folder = write_study(tmp_path_factory.mktemp("small") / "study")
            write_csv(folder / "survey.csv", answers(n, n_firms, seed=3))
            if change is not None:
                change(folder)
            known[key] = run_study(folder).findings
        return known[key]

    return run
