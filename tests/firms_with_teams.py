"""The small study with teams in its firms, and what the pages of its diagnosis say."""

from __future__ import annotations

import csv
from pathlib import Path

from si_research.study.diagnose import DiagnosedStudy
from small_survey import LABELS, change_text, with_column

NASTY = "<script>alert(1)</script>"
SMALL = (1, 2, 3)
"""Rows of the file that work at the firm of three."""


def firms_and_teams(folder: Path) -> Path:
    """The small study with teams, a firm of three, one that is low on kunnen, and a name that is no name."""
    header, *rows = (folder / "survey.csv").read_text("utf-8").splitlines()
    cells = [row.split(";") for row in rows]
    for place, cell in enumerate(cells):
        cell[2:5] = [LABELS[0]] * 3 if cell[1] == "B05" else cell[2:5]
        cell[1] = "Klein" if place in SMALL else NASTY if cell[1] == "B04" else cell[1]
    text = "\n".join([header, *(";".join(cell) for cell in cells)]) + "\n"
    (folder / "survey.csv").write_text(text, "utf-8")
    seen: dict[str, int] = {}

    def team(row: int) -> str:
        firm = cells[row][1]
        seen[firm] = seen.get(firm, 0) + 1
        return "trio" if seen[firm] <= 3 else f"team {seen[firm] % 2}"

    with_column(folder / "survey.csv", "ploeg", team)
    change_text(folder / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, team: ploeg")
    return folder


def pages(done: DiagnosedStudy) -> dict[str, str]:
    folder = done.index.parent
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.html")}


def table_of(done: DiagnosedStudy) -> list[dict[str, str]]:
    return list(csv.DictReader((done.index.parent / "units.csv").read_text("utf-8").splitlines()))
