"""What a raw column shows before anybody says what it means: its cells, its numbers, its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.written_numbers import decimal_of, read_number
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import Code, RawSurvey, SystemRole

MOST_LOOKED_AT: Final = 2000
"""Different cells of a column that are looked at, the most frequent first."""


@dataclass(frozen=True, slots=True, eq=False)
class ColumnFacts:
    """One column of a raw file.

    Attributes
    ----------
    name : str
        In the file.
    place : int
        Counted from 0.
    text : str
        The question, where the file has one that is not the name itself.
    n_rows, n_filled, n_distinct : int
        Rows of the file, cells that are not empty, and different ones among these.
    counts : Mapping
        How often each cell occurs, the most frequent first.
    numbers : Mapping
        The cells that are numbers or percentages, with the number.
    has_percent : bool
        Whether a cell ends in a percentage sign.
    labels : Mapping
        The labels that the file gives to codes.
    missing_ranges : tuple
        What the file declares missing.
    role : str or None
        What it is to the survey tool.
    """

    name: str
    place: int
    text: str
    n_rows: int
    n_filled: int
    n_distinct: int
    counts: Mapping[Code, int] = field(repr=False)
    numbers: Mapping[Code, float] = field(repr=False)
    has_percent: bool
    labels: Mapping[Code, str] = field(repr=False)
    missing_ranges: tuple[tuple[Code, Code], ...]
    role: SystemRole | None

    @property
    def question(self) -> str:
        """The question, or else the name."""
        return self.text or self.name

    @property
    def texts(self) -> list[str]:
        """The cells that are no numbers, as they stand there."""
        return [cell for cell in self.counts if isinstance(cell, str) and cell not in self.numbers]

    def is_declared_missing(self, code: Code) -> bool:
        """Whether the file itself says that a value is no answer."""
        return any(_within(code, low, high) for low, high in self.missing_ranges)


def facts_of(raw: RawSurvey) -> dict[str, ColumnFacts]:
    """Return the facts of every column, in the order of the file."""
    return {str(name): _facts(raw, str(name), place) for place, name in enumerate(raw.frame)}


def _facts(raw: RawSurvey, name: str, place: int) -> ColumnFacts:
    cells = raw.frame[name]
    counts = cells.value_counts()
    if cells.dtype != "float64":
        blank = [cell for cell in counts.index if isinstance(cell, str) and not cell.strip()]
        counts = counts.drop(blank)
    top = counts.iloc[:MOST_LOOKED_AT]
    looked_at: dict[Code, int] = {_cell(cell): int(n) for cell, n in zip(top.index, top, strict=True)}
    text = one_line(raw.texts.get(name, ""))
    return ColumnFacts(
        name=name,
        place=place,
        text="" if text == one_line(name) else text,
        n_rows=len(cells),
        n_filled=int(counts.sum()),
        n_distinct=len(counts),
        counts=looked_at,
        numbers=_numbers(looked_at),
        has_percent=any(isinstance(cell, str) and cell.strip().endswith("%") for cell in looked_at),
        labels={_cell(code): label for code, label in raw.value_labels.get(name, {}).items()},
        missing_ranges=tuple(raw.missing_ranges.get(name, ())),
        role=raw.roles.get(name),
    )


def _cell(cell: Any) -> Code:
    return cell if isinstance(cell, str) else float(cell)


def _numbers(counts: Mapping[Code, int]) -> dict[Code, float]:
    bare = {cell: cell.strip().removesuffix("%").strip() for cell in counts if isinstance(cell, str)}
    sign = decimal_of(bare.values())
    numbers: dict[Code, float] = {}
    for cell in counts:
        number = read_number(bare[cell], sign) if isinstance(cell, str) else cell
        if number is not None:
            numbers[cell] = number
    return numbers


def _within(code: Code, low: Code, high: Code) -> bool:
    if isinstance(code, str) or isinstance(low, str) or isinstance(high, str):
        return code == low == high
    return low <= code <= high


def written(code: Code) -> str:
    """Return a code as a codebook writes it.

    Examples
    --------
    >>> written(9.0), written("weet niet ")
    ('9', 'weet niet')
    """
    return text_of_number(code) if isinstance(code, float) else one_line(code)
