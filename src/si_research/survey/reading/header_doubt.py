"""Columns that a file lacks because its names stand on another row than the one taken as the header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from si_research.errors import Problem
from si_research.survey.codebook import Codebook
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import RawSurvey

_NAMELESS: Final = re.compile(r"column \d+|unnamed(:? \d+)?(_level_\d+)?|\.{3}\d+", re.IGNORECASE)
_MANY: Final = 3
"""One column in so many without a name makes a header doubtful."""


def doubt_about_header(raw: RawSurvey, codebook: Codebook) -> tuple[Problem, ...]:
    """Return what speaks against the row that was taken as the header; empty where nothing does.

    Parameters
    ----------
    raw : RawSurvey
        The file, with its first rows.
    codebook : Codebook
        Which names are looked for.
    """
    taken = raw.facts.header_row
    wanted = {
        one_line(column)
        for name in codebook.used_names
        for names in codebook.columns_of(name).values()
        for column in names
    }
    found = [len({one_line(cell) for cell in row} & wanted) for row in raw.top]
    best = max(range(len(found)), key=found.__getitem__, default=0)
    there = found[taken - 1] if 0 < taken <= len(found) else 0
    if found and best + 1 != taken and found[best] > there and found[best] >= min(2, len(wanted)):
        return (
            _problem(
                f"{found[best]} names that the codebook uses in row {best + 1}, and {there} there",
                f"Write `source: {{header_row: {best + 1}}}` in the codebook.",
                taken,
            ),
        )
    nameless = _nameless(list(raw.frame.columns))
    if nameless * _MANY >= raw.frame.shape[1]:
        return (
            _problem(
                f"{nameless} of {raw.frame.shape[1]} columns without a name there",
                "Look in the file on which row the names stand, and write it as `header_row` under "
                "`source` in the codebook.",
                taken,
            ),
        )
    return ()


def _problem(found: str, todo: str, taken: int) -> Problem:
    return Problem("source.header_row", f"the names of the columns in row {taken}", found, todo)


def _nameless(names: Sequence[str]) -> int:
    return sum(_NAMELESS.fullmatch(name.strip()) is not None for name in names)
