"""A small survey, made up here, that the tests of the study and the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

LABELS = ("helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens")
ITEMS = tuple(f"{letter}{number}" for letter in ("k", "w", "m", "ig") for number in (1, 2, 3))
CODEBOOK = """\
title: Een kleine vragenlijst
missing_codes: {weet niet: does_not_know}
items:
"""
SCALES = """\
scales:
  kunnen: {construct: kunnen, items: [k1, k2, k3]}
  willen: {construct: willen, items: [w1, w2, w3]}
  mogen: {construct: mogen, items: [m1, m2, m3]}
  innovative_behaviour: {construct: innovative_behaviour, items: [ig1, ig2, ig3]}
roles: {respondent: nummer, organisation: bedrijf}
"""
STUDY = """\
study: 1
title: Een klein onderzoek
data: survey.csv
codebook: codebook.yml
language: nl
seed: 7
analysis: {bootstrap_draws: 199, needed_n_runs: 0}
"""


def answers(n: int, n_firms: int, seed: int) -> list[list[str]]:
    """Coherent answers: three independent conditions that add up to the outcome."""
    rng = np.random.default_rng(seed)
    conditions = rng.normal(size=(n, 3))
    outcome = conditions.sum(axis=1) * 0.5 + rng.normal(size=n)
    truth = np.column_stack([conditions, outcome]).repeat(3, axis=1)
    points = np.clip(np.round(3 + truth + 0.6 * rng.normal(size=truth.shape)), 1, 5).astype(int) - 1
    firms = rng.integers(n_firms, size=n)
    return [
        [str(row + 1), f"B{firms[row]:02d}", *(LABELS[point] for point in points[row])] for row in range(n)
    ]


def write_csv(path: Path, rows: list[list[str]]) -> None:
    lines = [";".join(row) for row in [["nummer", "bedrijf", *ITEMS], *rows]]
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8")


def write_study(folder: Path) -> Path:
    """Write a study of 240 people in 12 firms that runs to a report."""
    folder.mkdir()
    items = "".join(f"  {item}: {{format: agree_5}}\n" for item in ITEMS)
    (folder / "codebook.yml").write_text(CODEBOOK + items + SCALES, "utf-8")
    (folder / "study.yml").write_text(STUDY, "utf-8")
    write_csv(folder / "survey.csv", answers(240, 12, seed=3))
    return folder


def change_text(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text("utf-8")
    assert old in text, f"{path.name}: {old}"
    path.write_text(text.replace(old, new), "utf-8")


def with_column(path: Path, name: str, answer: Callable[[int], str]) -> None:
    """Add a column; ``answer`` gives the cell of each row, counted from 0."""
    header, *rows = path.read_text("utf-8").splitlines()
    lines = [f"{header};{name}", *(f"{row};{answer(index)}" for index, row in enumerate(rows))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
