"""Findings to render: the embedded example, and small studies made on the spot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from si_research.report.findings import StudyFindings
from si_research.study.run import run_study
from small_survey import answers, write_csv, write_study

Small = Callable[..., StudyFindings]
OnlyBuilt = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def example(project: Path, tmp_path_factory: pytest.TempPathFactory, only_built: OnlyBuilt) -> StudyFindings:
    """The findings of the embedded example."""
    with only_built():
        return run_study(project / "data/example", output=tmp_path_factory.mktemp("example") / "out").findings


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, only_built: OnlyBuilt) -> Small:
    """Run a small study of so many people in so many firms; ``change`` edits its folder first."""
    known: dict[str, StudyFindings] = {}

    def run(n: int = 240, n_firms: int = 12, change: Callable[[Path], None] | None = None) -> StudyFindings:
        folder = write_study(tmp_path_factory.mktemp("small") / "study")
        write_csv(folder / "survey.csv", answers(n, n_firms, seed=3))
        if change is not None:
            change(folder)
        key = content(folder)
        if key not in known:
            with only_built():
                known[key] = run_study(folder).findings
        return known[key]

    return run


def content(folder: Path) -> str:
    """What is in a study's files: equal studies run once, and no other study is taken for one of them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    names = [path.relative_to(folder).as_posix() for path in files]
    return repr(list(zip(names, digests, strict=True)))
