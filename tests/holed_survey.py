"""A small survey with missing answers of every kind, made up here, for the tests of study and report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.missing_section import missing_blocks
from si_research.study.analysis import analyse_study
from si_research.study.inputs import read_inputs
from small_survey import LABELS, answers, change_text, write_csv, write_study

N = 400
NOT_ASKED = range(0, N, 8)
"""Places of the people to whom mogen was not put."""


def write_holed_study(folder: Path, *, n_firms: int = 20, seed: int = 3, more: str = "") -> Path:
    """400 people: single questions open, kunnen as a block where the outcome is high, mogen not asked of 50.

    ``more`` is added to the study file.
    """
    write_study(folder)
    rows, rng = answers(N, n_firms, seed=seed), np.random.default_rng(5)
    for place, row in enumerate(rows):
        for item, chance in enumerate(rng.random(12)):
            if chance < 0.05:
                row[2 + item] = "" if chance < 0.03 else "weet niet"
        if rng.random() < (0.25 if row[-1] in LABELS[3:] else 0.08):
            row[2:5] = [""] * 3
        if place in NOT_ASKED:
            row[8:11] = ["niet gevraagd"] * 3
    write_csv(folder / "survey.csv", rows)
    change_text(folder / "codebook.yml", "does_not_know}", "does_not_know, niet gevraagd: not_asked}")
    with (folder / "study.yml").open("a", encoding="utf-8") as file:
        file.write(more)
    return folder


def analysed(folder: Path, progress: Callable[[str, float], None] = lambda step, done: None) -> StudyFindings:
    """The findings of a study, without drawing and writing."""
    inputs = read_inputs(folder, None)
    return analyse_study(inputs.study, inputs.codebook, inputs.data, progress)


def section_of(findings: StudyFindings, language: str) -> str:
    """The section on missing answers as text."""
    blocks = missing_blocks(findings, labels_of(findings, language))
    parts = [f"{block.text} {' '.join(block.lines)} {block.table or ''}" for block in blocks]
    return re.sub(r"\s+", " ", " ".join(parts))
