"""The small study with departments and teams of the same names in every firm, and what firms are like."""

from __future__ import annotations

from pathlib import Path

from small_survey import change_text, with_column

FIRM_ROLES = "organisation: bedrijf, department: afdeling, team: ploeg, sector: branche, headcount: omvang"
SMALL = (1, 2, 3)
"""Rows of the file that work at the firm of three."""


def firms_and_departments(folder: Path) -> Path:
    """Two departments a firm, the first of two teams; nobody of department Hal is in a team.

    Firms with an even number and the one of three are in the care sector; the twelve are medium-sized.
    """
    survey = folder / "survey.csv"
    header, *rows = survey.read_text("utf-8").splitlines()
    cells = [row.split(";") for row in rows]
    for row in SMALL:
        cells[row][1] = "Klein"
    survey.write_text("\n".join([header, *map(";".join, cells)]) + "\n", "utf-8")
    firms = [cell[1] for cell in cells]
    with_column(survey, "afdeling", lambda row: ("Kantoor", "Hal")[row % 5 > 2])
    with_column(survey, "ploeg", lambda row: ("A", "B", "A", "", "")[row % 5])
    with_column(survey, "branche", lambda row: "bouw" if firms[row][-1] in "13579" else "zorg")
    with_column(survey, "omvang", lambda row: "3" if firms[row] == "Klein" else "60")
    change_text(folder / "codebook.yml", "organisation: bedrijf", FIRM_ROLES)
    return folder
