"""Which answers are missing together."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.missing.reasons import NO_ANSWER_TO_HAVE

ANSWERED: Final = 1
MISSING: Final = 0
ABSENT: Final = -1
"""How a cell is marked for which there is no answer to have: not asked, routed past, does not apply."""
AT_ONCE: Final = 36
"""Columns whose marks fit in one whole number of 64 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class MissingPatterns:
    """Which columns are missing together, and how often. Made by :func:`missing_patterns`.

    Attributes
    ----------
    patterns : pandas.DataFrame
        One row a pattern. First the columns, least missing first: 1 answered, 0 missing, -1 where there is no
        answer to have; then n_missing (columns without an answer), n_rows and share of the rows. Ordered as
        R's ``md.pattern``.
    variables : pandas.DataFrame, indexed by ``variable``
        n_answered, n_missing, n_absent, in the same order.
    n_rows, n_complete : int
        Rows, and those with an answer in every column.
    """

    patterns: pd.DataFrame = field(repr=False)
    variables: pd.DataFrame = field(repr=False)
    n_rows: int
    n_complete: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the patterns."""
        return self.patterns.copy()

    def __str__(self) -> str:
        return (
            f"{len(self.patterns)} patterns of missing answers; "
            f"{self.n_complete} of {self.n_rows} rows are complete"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.variables.to_html()}"


def missing_patterns(values: pd.DataFrame, reasons: pd.DataFrame | None = None) -> MissingPatterns:
    """Count which columns are missing together.

    Use it on items, to see blocks, and on scores, to see what an analysis will lack. A pattern of few people
    may tell who they are: a report hides it.

    Parameters
    ----------
    values : pandas.DataFrame
        Answers or scores; missing where there is none.
    reasons : pandas.DataFrame, optional
        Of the same shape: why. Tells apart what was not asked, was routed past or does not apply.

    Returns
    -------
    MissingPatterns

    Raises
    ------
    SurveyDataError
        For a table without columns, or reasons of other rows or columns.

    Examples
    --------
    >>> found = missing_patterns(pd.DataFrame({"k": [1.0, None, None], "w": [1.0, 2.0, 3.0]}))
    >>> found.table()[["w", "k", "n_missing", "n_rows"]].to_numpy().tolist()
    [[1, 1, 0, 1], [1, 0, 1, 2]]
    """
    _check(values, reasons)
    marks = np.where(values.notna(), ANSWERED, MISSING).astype("int8")
    if reasons is not None:
        absent = reasons[list(values)].isin(NO_ANSWER_TO_HAVE).to_numpy() & (marks == MISSING)
        marks[absent] = ABSENT
    counts = {
        name: (marks == mark).sum(axis=0)
        for name, mark in (("n_answered", ANSWERED), ("n_missing", MISSING), ("n_absent", ABSENT))
    }
    order = np.argsort(-counts["n_answered"], kind="stable")
    variables = pd.DataFrame(counts, index=pd.Index(values.columns, name="variable")).iloc[order]
    patterns, n_rows = _distinct(marks[:, order])
    table = pd.DataFrame(patterns, columns=list(variables.index))
    table["n_missing"] = (patterns != ANSWERED).sum(axis=1)
    table["n_rows"] = n_rows
    table["share"] = n_rows / max(len(values), 1)
    complete = int(n_rows[(patterns == ANSWERED).all(axis=1)].sum())
    return MissingPatterns(table, variables, len(values), complete)


def _check(values: pd.DataFrame, reasons: pd.DataFrame | None) -> None:
    alike = reasons is None or (reasons.index.equals(values.index) and set(values) <= set(reasons))
    if values.shape[1] == 0 or not alike or not values.columns.is_unique:
        raise SurveyDataError(
            expected="at least one column, each of its own name, and reasons for the same rows and columns",
            found=f"{values.shape[1]} column(s)" + ("" if alike else " and reasons of others"),
            where="patterns of missing answers",
            todo="take answers and reasons from one survey",
        )


def _distinct(marks: npt.NDArray[np.int8]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int_]]:
    """Return the distinct rows and their counts; answered before missing before absent, from the left."""
    keys = np.zeros(len(marks), dtype="int64")
    for first in range(0, marks.shape[1], AT_ONCE):
        key, _ = pd.factorize(keys)
        block = _keys_of(marks[:, first : first + AT_ONCE])
        numbers, _ = pd.factorize(block)
        keys = key * (int(numbers.max(initial=0)) + 1) + numbers
    numbers, _ = pd.factorize(keys)
    _, firsts = np.unique(numbers, return_index=True)
    patterns, counts = marks[firsts], np.bincount(numbers, minlength=len(firsts))
    order = np.lexsort(-patterns.T[::-1]) if len(patterns) else np.arange(0)
    return patterns[order], counts[order]


def _keys_of(marks: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    """Return one whole number for each row of at most 36 marks."""
    keys = np.zeros(len(marks), dtype="int64")
    for column in marks.T:
        keys = keys * 3 + (column + 1)
    return keys
