"""The verdict of a study: when it is asked how many people would decide, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from si_research.report.labels import Labels
from si_research.report.verdict_words import needed_sentences, rounded
from si_research.report.voice import voice
from si_research.report.words import sentence
from si_research.study import combination
from si_research.study.run import run_study


@pytest.fixture
def undecided(small_study: Path) -> Path:
    """A study of so few reliable answers that nothing is decided."""
    file = small_study / "survey.csv"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(lines[:151]) + "\n", "utf-8")
    return small_study


def test_how_many_people_would_decide_is_simulated_and_told(
    undecided: Path, simulated_n: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(combination, "needed_n", simulated_n)
    study = undecided / "study.yml"
    study.write_text(study.read_text("utf-8").replace("needed_n_runs: 0", "needed_n_runs: 10"), "utf-8")
    found = run_study(undecided, progress=lambda step, done: seen.append(step)).findings.combination
    assert found is not None
    assert found.verdict.code == "undecided"
    assert found.needed is not None
    assert {"additive", "product", "minimum"} <= set(found.needed.worlds.index)
    assert any("how many people would decide" in step for step in seen)
    for language in ("nl", "en"):
        said = list(needed_sentences(found.needed, Labels(voice(language))))
        assert len(said) > 1
    needed = replace(found.needed, n_employees=1834.0, n_firms=61.0)
    assert "1,900 people in 61 organisations" in next(needed_sentences(needed, Labels(voice("en"))))
    assert sentence(needed).startswith("About 1,900 people in 61 organisations would decide")
    enough = replace(found.needed, n_employees=float(found.needed.n_used))
    assert "none of the three is the whole" in " ".join(needed_sentences(enough, Labels(voice("en"))))
    page = (undecided / "output" / "report.html").read_text("utf-8")
    assert next(needed_sentences(found.needed, Labels(voice("nl"))))[:30] in page


@pytest.mark.parametrize(("n", "told"), [(9.2, 10), (87.2, 88), (1234, 1300), (12_000, 12_000)])
def test_a_simulated_number_is_rounded_upward(n: float, told: int) -> None:
    assert rounded(n) == told
