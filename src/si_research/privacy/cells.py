"""The cells of one column, each distinct text once: what recognising by content looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]
SHORTEST: Final = 5
"""A text of fewer characters tells of nobody: no address, number, moment or place fits in it."""
_NUMBER: Final = r"^[+-]?[0-9]+([.,][0-9]+)?$"
_FEW: Final = 12
_MANY: Final = 1000
"""Texts above which arrow's search is faster than Python's, for all that it compiles each pattern anew."""
_ANSWER: Final = (
    r"(?i)^(ja|nee|yes|no|nein|true|false|waar|onwaar|wahr|falsch|x|y|n|j|n\.?v\.?t\.?|n/?a|"
    r"niet van toepassing|"
    r"weet (ik )?niet|don'?t know|do not know|.*\b(eens|oneens|agree|disagree|zufrieden|tevreden|ontevreden|"
    r"satisfied|dissatisfied|trifft|stimme|nooit|zelden|soms|vaak|meestal|altijd|never|rarely|seldom|"
    r"sometimes|"
    r"often|always|nie|selten|manchmal|oft|immer|neutraal|neutral|teils)\b.*)$"
)
"""Texts that are the answer to a closed question, however few people there are."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The filled cells of a column.

    Attributes
    ----------
    texts : pyarrow.Array of str
        Each distinct text, without the spaces around it.
    counts : numpy.ndarray
        How many cells hold it.
    numbers : numpy.ndarray
        The cells that are numbers already, as they stand.
    """

    texts: pa.Array
    counts: np.ndarray[Any, np.dtype[np.int64]]
    numbers: Numbers

    @property
    def n_filled(self) -> int:
        """How many cells hold something."""
        return int(self.counts.sum()) + len(self.numbers)

    def matching(self, pattern: str) -> Mask:
        """Mark the texts in which a pattern is found; one that RE2 and Python's ``re`` read alike."""
        if len(self.texts) > _MANY:
            return as_mask(pc.match_substring_regex(self.texts, pattern))
        search = _compiled(pattern).search
        return np.array([search(text) is not None for text in self.as_list], dtype=bool)

    def found(self, pattern: str) -> list[str]:
        """Return the first thing in each text that fits a pattern; empty where nothing does."""
        search = _compiled(pattern).search
        return [match.group() if (match := search(text)) else "" for text in self.as_list]

    @cached_property
    def as_list(self) -> list[str]:
        """The texts as a list."""
        return list(self.texts.to_pylist())

    def n_cells(self, marked: Mask) -> int:
        """Count the cells that hold one of the marked texts."""
        return int(self.counts[marked].sum())

    def only(self, marked: Mask) -> Cells:
        """Return the marked texts; the numbers stay behind."""
        return Cells(self.texts.filter(pa.array(marked)), self.counts[marked], np.empty(0))

    @cached_property
    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Characters of each text."""
        return np.asarray(pc.utf8_length(self.texts).to_numpy(zero_copy_only=False), dtype=np.int64)

    @cached_property
    def is_number(self) -> bool:
        """Whether every filled cell is a number, written or stored."""
        return self.n_filled > 0 and bool(self.matching(_NUMBER).all())

    @cached_property
    def as_numbers(self) -> Numbers:
        """The numbers of a column that :attr:`is_number`, each distinct text once."""
        written = pc.cast(pc.replace_substring(self.texts, ",", "."), pa.float64())
        return np.concatenate([written.to_numpy(zero_copy_only=False), self.numbers])

    @cached_property
    def is_closed(self) -> bool:
        """Whether these are the answers to a closed question by their words: yes, no, agree, often."""
        return len(self.texts) > 0 and bool(self.matching(_ANSWER).all())

    @property
    def is_repeated(self) -> bool:
        """Whether a few texts are given again and again, as the options of a question are."""
        return 2 <= len(self.texts) <= _FEW and int(self.counts.sum()) >= 3 * len(self.texts)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def cells_of(column: pd.Series[Any]) -> Cells:
    """Return the filled cells of a column: text, numbers, or both."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.to_numpy(dtype="float64", na_value=np.nan)
        return Cells(pa.array([], pa.string()), np.empty(0, np.int64), numbers[~np.isnan(numbers)])
    if column.dtype == "object":
        as_number = column.map(lambda cell: isinstance(cell, int | float))
        numbers = np.asarray(column[as_number].astype("float64").dropna(), dtype=np.float64)
        column = column[~as_number]
    else:
        numbers = np.empty(0)
    if column.dtype != "str":
        column = column.dropna().astype("str")
    return _distinct(pa.array(column, from_pandas=True), numbers)


def _distinct(texts: pa.Array | pa.ChunkedArray, numbers: Numbers) -> Cells:
    counted = pc.value_counts(texts)
    values = pc.utf8_trim_whitespace(counted.field("values").cast(pa.string()))
    filled = pc.fill_null(pc.greater(pc.utf8_length(values), 0), False)
    counts = counted.field("counts").to_numpy(zero_copy_only=False)
    return Cells(values.filter(filled), np.asarray(counts[as_mask(filled)], dtype=np.int64), numbers)


def is_short(column: pd.Series[Any]) -> bool:
    """Whether no cell can tell of anybody: codes, marks, amounts and years, seen without counting them."""
    if column.dtype == "float64":
        numbers = column.to_numpy()
        highest = np.fmax.reduce(np.abs(numbers), initial=0.0)
        return bool(highest < 1e6) and not has_places(numbers)
    if column.dtype != "str":
        return False
    longest = pc.max(pc.binary_length(pa.array(column, from_pandas=True))).as_py()
    return longest is None or longest < SHORTEST


def has_places(numbers: Numbers) -> bool:
    """Whether most of the first filled cells have three decimals or more, as degrees do."""
    sample = numbers[:2000]
    sample = sample[~np.isnan(sample)]
    near = sample[np.abs(sample) < 1e9] * 100  # infinite values have no decimals
    return bool(np.sum(np.abs(near - np.round(near)) > 1e-6) > 0.5 * len(sample))


def as_mask(marked: Any) -> Mask:
    """Return an array of pyarrow as booleans."""
    return np.asarray(marked.to_numpy(zero_copy_only=False), dtype=bool)
