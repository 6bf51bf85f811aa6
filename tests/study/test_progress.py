"""A run tells each of its main steps to whoever listens; on no terminal it stays silent until the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from si_research.study.run import run_study

STEPS = (
    *("reading", "cleaning", "screening", "scoring", "fitting", "testing", "comparing"),
    *(
        "other outcomes",
        "correcting for error",
        "weighing the readings",
        "fitting factors",
        "missing answers",
    ),
    *("drawing", "writing", "done"),
)


def test_every_main_step_is_told_in_order(small_study: Path) -> None:
    told: list[tuple[str, float]] = []
    run_study(small_study, progress=lambda step, done: told.append((step, done)))
    assert [step for step, _ in told] == list(STEPS)
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_without_a_terminal_nothing_but_the_result_is_printed(
    small_study: Path, si_research: Callable[..., Result]
) -> None:
    result = si_research("run", small_study)
    assert result.stderr == ""
    assert result.stdout.startswith("report: ")
