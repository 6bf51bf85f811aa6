"""The small study with departments and teams of the same names in every firm."""

from __future__ import annotations

from pathlib import Path

from small_survey import change_text, with_column

FIRM_ROLES = "organisation: bedrijf, department: afdeling, team: ploeg"


def firms_and_departments(folder: Path) -> Path:
    """Two departments a firm, the first of two teams; nobody of department Hal is in a team."""
    with_column(folder / "survey.csv", "afdeling", lambda row: ("Kantoor", "Hal")[row % 5 > 2])
    with_column(folder / "survey.csv", "ploeg", lambda row: ("A", "B", "A", "", "")[row % 5])
    change_text(folder / "codebook.yml", "organisation: bedrijf", FIRM_ROLES)
    return folder
