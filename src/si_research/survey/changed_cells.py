"""Which cells a step changed: found by distinct value, a column at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from si_research.survey.codebook import normalise
from si_research.survey.reading.answers import reader_of
from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.column import CellReader, CellReading
from si_research.survey.reading.rules import ReadingRules
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import REASONS, Code, RawSurvey, Survey, rows_in_file

_FEWEST_SHOWN: Final = 5
"""A text that fewer respondents typed, and that the codebook does not know, is somebody's own words."""
_MOST_DIGITS: Final = 7
"""Digits of the longest number that is shown: longer ones may be a telephone or bank number."""
_READING_STEPS: Final = ("missing_codes", "map_labels", "tidy")
Integers = np.ndarray[Any, np.dtype[Any]]


class ChangedCells(NamedTuple):
    """Cells of one variable that one step changed; texts as dictionaries of Arrow."""

    step: str
    variable: str
    rows: Integers
    before: Any
    after: Any
    reason: Any


@dataclass(frozen=True, slots=True)
class Cloak:
    """Hides what somebody typed behind its length and a hash that means nothing without the raw file."""

    sha256: str

    def show(self, text: str, count: int, is_known: bool) -> str:
        """Return the text, or what stands for it."""
        if is_known or count >= _FEWEST_SHOWN or not text.strip() or _is_short_number(text):
            return text
        key = bytes.fromhex(self.sha256)
        digest = hashlib.blake2b(text.encode(), key=key, digest_size=8).hexdigest()
        return f"<{len(text)} characters, {digest}>"


def _is_short_number(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return digits <= _MOST_DIGITS and any(read_number(text, sign) is not None for sign in (",", "."))


def cells_of_reading(raw: RawSurvey, rules: ReadingRules, cloak: Cloak) -> Iterator[ChangedCells]:
    """Give the cells that reading changed, by variable."""
    for name in rules.answers:
        column = _Column.of(raw, rules, name)
        for step in _READING_STEPS:
            chosen = np.array([_step_of(reading) == step for reading in column.readings] + [False])
            yield from column.changed(step, np.flatnonzero(chosen[column.places]), cloak)


def _step_of(reading: CellReading) -> str | None:
    """Return the step of reading that changed a cell."""
    if reading.how == "coded":
        return "missing_codes"
    if reading.how not in ("as_is", "empty"):
        return "map_labels"
    return None if reading.written is None else "tidy"


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """A raw column by its distinct cells; an empty cell has place -1."""

    name: str
    reader: CellReader
    index: Integers
    places: Integers
    texts: list[str]
    readings: list[CellReading]
    counts: Integers

    @classmethod
    def of(cls, raw: RawSurvey, rules: ReadingRules, name: str) -> _Column:
        reader = reader_of(raw, rules, name)
        places, distinct = pd.factorize(raw.frame[rules.answers[name].column])
        return cls(
            name,
            reader,
            raw.frame.index.to_numpy(),
            places,
            [_text(cell) for cell in distinct],
            [reader.read(cell) for cell in distinct],
            np.bincount(places + 1, minlength=len(distinct) + 1)[1:],
        )

    def changed(self, step: str, at: Integers, cloak: Cloak) -> Iterator[ChangedCells]:
        """Give the cells at some places in the column as a step of reading changed them."""
        if not len(at):
            return
        used, codes = _distinct(self.places[at])
        readings = [self.readings[place] for place in used]
        after = [self._after(place, cloak) for place in used]
        yield ChangedCells(
            step,
            self.name,
            self.index[at],
            _dictionary(codes, self._before(used, cloak)),
            _dictionary(codes, after),
            _dictionary(codes, [each.reason for each in readings]),
        )

    def before_at(self, at: Integers, cloak: Cloak) -> Any:
        """Return the texts of the file at some places in the column."""
        used, codes = _distinct(self.places[at])
        return _dictionary(codes, self._before(used, cloak))

    def _before(self, places: Sequence[int] | Integers, cloak: Cloak) -> list[str]:
        return [
            "" if place < 0 else cloak.show(self.texts[place], int(self.counts[place]), self._is_known(place))
            for place in places
        ]

    def _after(self, place: int, cloak: Cloak) -> str | None:
        value = self.readings[place].value
        if value is None or isinstance(value, float):
            return None if value is None else text_of_number(value)
        return cloak.show(value, int(self.counts[place]), self._is_known(place))

    def _is_known(self, place: int) -> bool:
        """Whether the codebook holds a text: as a label, the beginning of one, a code or a word."""
        how = self.readings[place].how
        return how in ("label", "cut_off", "coded") or normalise(self.texts[place]) in self.reader.words


def cells_of_step(
    raw: RawSurvey, rules: ReadingRules, before: Survey, after: Survey, cloak: Cloak
) -> Iterator[ChangedCells]:
    """Give the cells that a later step changed in the rows that stay, by variable (and wave)."""
    step, rows = str(after.ledger.steps["step"].iloc[-1]), after.values.index
    file_rows = rows_in_file(after).to_numpy()
    for name in after.values.columns.intersection(before.values.columns):
        was, now = before.values[name].loc[rows], after.values[name]
        why_was, why = before.reasons[name].loc[rows].cat.codes, after.reasons[name].cat.codes
        other = (was.ne(now) & ~(was.isna() & now.isna())) | why_was.ne(why)
        changed = np.flatnonzero(other.to_numpy())
        for read_as, at in _by_name_in_file(str(name), changed, after, rules):
            codes, distinct = pd.factorize(now.iloc[at])
            yield ChangedCells(
                step,
                read_as,
                file_rows[at],
                _Column.of(raw, rules, read_as).before_at(file_rows[at] - 1, cloak),  # rows count from 1
                _dictionary(codes, [_text(value) for value in distinct]),
                _dictionary(why.to_numpy()[at], list(REASONS)),
            )


def _by_name_in_file(
    name: str, at: Integers, survey: Survey, rules: ReadingRules
) -> Iterator[tuple[str, Integers]]:
    """Give the places of changed cells by the name under which they were read: one a wave, if stacked."""
    if rules.waves is None or name not in rules.waves.columns:
        if len(at) and name in rules.answers:
            yield name, at
        return
    waves = survey.values[rules.waves.variable].to_numpy()[at]
    for wave, read_as in rules.waves.columns[name].items():
        if (waves == wave).any():
            yield read_as, at[waves == wave]


def _distinct(places: Integers) -> tuple[Integers, Integers]:
    """Return the places that occur, in order, and which of them each one is; -1 may be among them."""
    used = np.flatnonzero(np.bincount(places + 1))
    code = np.zeros(used[-1] + 1, dtype="int64")
    code[used] = np.arange(len(used))
    return used - 1, code[places + 1]


def _text(cell: Code) -> str:
    return text_of_number(cell) if isinstance(cell, float) else str(cell)


def _dictionary(codes: Integers, texts: Sequence[str | None]) -> Any:
    """Return codes into texts as a dictionary without repeats; -1 and None are missing."""
    words = sorted({text for text in texts if text is not None})
    place = {word: number for number, word in enumerate(words)}
    mapped = np.array([*(-1 if text is None else place[text] for text in texts), -1], dtype="int32")[codes]
    return pa.DictionaryArray.from_arrays(
        pa.array(mapped, mask=mapped < 0), pa.array(words, type=pa.string())
    )
