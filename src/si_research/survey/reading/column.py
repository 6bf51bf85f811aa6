"""One raw column to answers: every distinct cell is read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import MissingReason, ResponseFormat, normalise
from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.numbered_labels import number_before
from si_research.survey.reading.reason_words import reason_in_words
from si_research.survey.reading.rules import AnswerRule, MissingRule
from si_research.survey.reading.written_numbers import Writing, read_number, without_percent, writing_of
from si_research.survey.survey_data import REASON_DTYPE, REASONS, Code

How = Literal[
    "as_is", "label", "cut_off", "numbered", "other_code", "empty", "coded", "unreadable", "unknown"
]
"""What a cell turned out to be: ``cut_off`` is the long beginning of one label, ``numbered`` a label that is
read by the number before it, ``other_code`` a number that
the codebook gives to another answer, ``unknown`` fits no label."""


class CellReading(NamedTuple):
    """What one distinct cell turned out to be; ``written`` where its text is not how the value is kept."""

    value: float | str | None
    reason: MissingReason | None
    how: How
    written: Writing | None = None


_UNKNOWN_CODE: Final = CellReading(None, "unreadable", "unknown")


@dataclass(frozen=True, slots=True, eq=False)
class ColumnReading:
    """One column read: its distinct cells, what they are, how often they occur."""

    answers: pd.Series[Any]
    reasons: pd.Series[Any]
    distinct: list[Code]
    readings: list[CellReading]
    counts: list[int]
    n_empty: int


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads one cell of one column."""

    missing: MissingRule
    answer: AnswerRule
    form: ResponseFormat | None
    labels: Mapping[Code, str]
    words: Mapping[str, str]

    def read_all(self, cells: Iterable[Code]) -> list[CellReading]:
        """Return what each cell is; words that can be nothing but themselves take the short way."""
        if self.answer.kind in ("item", "number") or self.words or not self.missing.has_only_words:
            return [self.read(cell) for cell in cells]
        codes = self.missing.codes
        return [
            CellReading(cell, None, "as_is")
            if isinstance(cell, str) and cell.isascii() and cell.isalnum() and cell.lower() not in codes
            else self.read(cell)
            for cell in cells
        ]

    def read(self, cell: Code) -> CellReading:
        """Return what a cell is; a missing code goes before an answer."""
        if isinstance(cell, str) and not cell.strip():
            return CellReading(None, "unanswered", "empty")
        reason = self.missing.reason_of(cell)
        if reason is not None:
            return CellReading(None, reason, "coded")
        if self.answer.kind in ("item", "number"):
            reading = self._number(cell)
            if reading.how != "as_is" or isinstance(cell, float):
                return reading
            return reading._replace(written=writing_of(cell, self.answer.decimal))
        return self._text(text_of_number(cell) if isinstance(cell, float) else cell)

    def _text(self, cell: str) -> CellReading:
        """Return a text without the spaces around it, or the value that its word stands for."""
        text = cell.strip()
        value = self.words.get(normalise(text), text) if self.words else text
        if value == cell:
            return CellReading(value, None, "as_is")
        if normalise(value) != normalise(text):
            return CellReading(value, None, "label")
        return CellReading(value, None, "as_is", "trimmed")

    def _number(self, cell: Code) -> CellReading:
        if self.answer.percent and isinstance(cell, str):
            cell = without_percent(cell)
        number = cell if isinstance(cell, float) else read_number(cell, self.answer.decimal)
        if self.answer.share and isinstance(cell, str) and cell.strip().endswith("%"):
            percentage = read_number(without_percent(cell), self.answer.decimal)
            number = None if percentage is None else percentage / 100
        if self.answer.codes and number is not None:
            value = self.answer.answer_of_code.get(number)
            if value is None:
                return _UNKNOWN_CODE
            return CellReading(value, None, "as_is" if value == number else "other_code")
        if isinstance(cell, float):
            return CellReading(cell, None, "as_is")
        if self.form is not None and self.form.options:
            value = self.form.value_of(self.words.get(normalise(cell), cell) if self.words else cell)
            if value is None and cell in self.labels:
                value = self.form.value_of(self.labels[cell])
            if value is not None:
                return CellReading(value, None, "as_is" if value == number else "label")
            value = self.form.value_of_cut_off(cell) if number is None else None
            if value is not None:
                return CellReading(value, None, "cut_off")
        if number is not None:
            return CellReading(number, None, "as_is")
        if self.answer.numbered and self.form is not None:
            found = number_before(cell)
            if found is not None and self.form.holds(found[0]):
                reason = reason_in_words(found[1])
                return (
                    CellReading(None, reason, "coded") if reason else CellReading(found[0], None, "numbered")
                )
        is_closed = self.form is not None and bool(self.form.options)
        return CellReading(None, "unreadable", "unknown" if is_closed else "unreadable")


def read_column(cells: pd.Series[Any], reader: CellReader) -> ColumnReading:
    """Read a column through its distinct cells."""
    places, distinct = pd.factorize(cells)  # an empty cell has place -1: the last of each list below
    readings = reader.read_all(distinct)
    dtype = "float64" if reader.answer.kind in ("item", "number") else "str"
    values = pd.Series(
        [*(np.nan if each.value is None else each.value for each in readings), np.nan], dtype=dtype
    )
    codes = [-1 if each.reason is None else REASONS.index(each.reason) for each in readings]
    reasons = np.array([*codes, REASONS.index("unanswered")], dtype=np.int8)[places]
    counts = np.bincount(places + 1, minlength=len(distinct) + 1)
    return ColumnReading(
        answers=pd.Series(values.array.take(places), index=cells.index, copy=False),
        reasons=pd.Series(
            pd.Categorical.from_codes(reasons, dtype=REASON_DTYPE, validate=False), index=cells.index
        ),
        distinct=list(distinct),
        readings=readings,
        counts=[int(count) for count in counts[1:]],
        n_empty=int(counts[0]),
    )


def with_reasons(column: ColumnReading, reasons: pd.Series[Any], file: str) -> ColumnReading:
    """Return a column whose empty cells have the reasons that another column of the file states.

    Raises
    ------
    SurveyDataError
        A reason stands beside an answer: one of the two is wrong, and nobody should guess which.
    """
    stated = reasons.where(reasons.isin(REASONS)).astype(REASON_DTYPE)
    both = stated.notna() & column.answers.notna()
    if both.any():
        raise SurveyDataError(
            expected="a reason only where the answer is missing",
            found=f"{int(both.sum())} cells with an answer and a reason",
            where=f"column {reasons.name} of {file}",
            todo="empty the one or the other; a column of reasons belongs to the answers beside it",
        )
    return replace(column, reasons=stated.fillna(column.reasons))
