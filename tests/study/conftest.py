"""A small study on disk that every test may spoil in its own way, and the command line to run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from si_research.cli import main
from small_survey import write_study


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    """A study folder of 240 people in 12 firms that runs to a report."""
    return write_study(tmp_path / "studie")


@pytest.fixture
def si_research() -> Callable[..., Result]:
    """Call the command line in this process."""

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke
