"""One measure stored twice, as a column a wave and as a row a wave: then rows are no respondents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.waves.names import find_waves
from si_research.survey.waves.numbers import numbers_in

COLUMNS: Final = ("column", "wide_columns", "wave_column", "n_rows", "n_respondents", "n_compared")
FEWEST_COMPARED: Final = 20
"""Rows in which two measures do not agree to the last answer by chance."""
_MOST_WAVES: Final = 10
_FEWEST_ANSWERS: Final = 3
_FEWEST_ROWS_EACH: Final = 1.5
_FIRST_LOOK: Final = 500
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


def check_stored_twice(frame: pd.DataFrame, *, respondent: str | None = None) -> CheckResult:
    """Tell whether a table holds a measure both as a row a wave and as a column a wave.

    Use it on a panel from elsewhere: counting its rows counts each respondent once a wave.

    Parameters
    ----------
    frame : pandas.DataFrame
        The file as it stands, such as ``read_raw(path).frame``.
    respondent : str, optional
        Column that says who; default: looked for.

    Returns
    -------
    CheckResult
        Table: column (with a row a wave), wide_columns, wave_column, n_rows, n_respondents, n_compared (rows
        known in both). Passed when nothing is stored twice.

    Notes
    -----
    A column is the same measure as a set of columns when in each wave all rows known in both agree, at least
    20 of them with three answers or more, and the set says the same in all rows of a respondent. Who the
    respondents are, and which column holds the wave, is told by two columns that no two rows share.
    """
    names = tuple(str(name) for name in frame)
    rows = [
        (column, ", ".join(wide), wave, len(frame), int(frame[person].nunique()), compared)
        for person, wave in _people_and_waves(frame, respondent)
        for wide in _sets(names)
        if _is_wide(frame, person, wave, wide)
        for column, compared in _same(frame, wide, person, wave)
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS)).drop_duplicates("column", ignore_index=True)
    return CheckResult(
        name="stored_twice",
        question="Is each measure in the file once?",
        passed=found.empty,
        table_=found,
        text=_text(found),
        rule="no column equals, wave by wave, a set of columns in all rows known in both "
        f"({FEWEST_COMPARED} or more)",
    )


def _people_and_waves(frame: pd.DataFrame, respondent: str | None) -> Iterator[tuple[str, str]]:
    """Give pairs of columns that together tell the rows apart: who, and in which of a few waves."""
    distinct = frame.nunique()
    waves = list(distinct.index[(distinct >= 2) & (distinct <= _MOST_WAVES)])
    several = distinct.index[
        (distinct * _MOST_WAVES >= len(frame)) & (distinct * _FEWEST_ROWS_EACH <= len(frame))
    ]
    people = [respondent] if respondent is not None else list(several)
    codes = {name: pd.factorize(frame[name])[0].astype("int64") for name in {*people, *waves}}
    for person in people:
        if frame[person].value_counts().max() > _MOST_WAVES:
            continue  # more rows than waves: no respondent
        for wave in waves:
            if person != wave and _tell_apart(codes[person], codes[wave]):
                yield str(person), str(wave)


def _tell_apart(first: Whole, second: Whole) -> bool:
    """Whether no two rows known in both columns are alike in both."""
    known = (first >= 0) & (second >= 0)
    pairs = first[known] * (second.max() + 1) + second[known]
    return len(np.unique(pairs)) == len(pairs)


def _is_wide(frame: pd.DataFrame, person: str, wave: str, wide: tuple[str, ...]) -> bool:
    """Whether columns say of each person the same in every row, one for each wave."""
    if person in wide or wave in wide or frame[wave].nunique() != len(wide):
        return False
    cells = frame[[person, *wide]]
    return len(cells.drop_duplicates()) == cells[person].nunique(dropna=False)


def _sets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give sets of columns that may be one variable in several waves, in order of the waves."""
    by_stem: dict[str, dict[float, str]] = {}
    for name, each in numbers_in(names).items():
        by_stem.setdefault(each.stem, {})[each.number] = name
    marked = find_waves(names)
    for stem, columns in marked.by_stem().items():
        by_stem[stem] = {place: columns[wave] for place, wave in enumerate(marked.waves) if wave in columns}
    for cells in by_stem.values():
        if 2 <= len(cells) <= _MOST_WAVES:
            yield tuple(cells[number] for number in sorted(cells))


def _same(frame: pd.DataFrame, wide: tuple[str, ...], person: str, wave: str) -> Iterator[tuple[str, int]]:
    """Give the columns that equal the columns of a set, each in its own wave, with how many rows tell so."""
    waves = sorted(frame[wave].dropna().unique(), key=_as_number)
    marks = [(frame[wave] == each).to_numpy() for each in waves]
    picked = np.select(marks, [_numbers(frame[name]) for name in wide], default=np.nan)
    for name in frame:
        if name not in (*wide, person, wave):
            compared = _agreeing(_numbers(frame[name]), picked)
            if compared:
                yield str(name), compared


def _numbers(column: pd.Series[Any]) -> Numbers:
    """Return a column as numbers; what is no number is unknown."""
    numbers: Numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64")
    return numbers


def _agreeing(answers: Numbers, picked: Numbers) -> int:
    """Return in how many rows two columns agree, when they do in all that both know; else 0."""
    for part in (slice(0, _FIRST_LOOK), slice(None)):
        first, second = answers[part], picked[part]
        known = ~np.isnan(first) & ~np.isnan(second)
        if not np.array_equal(first[known], second[known]):
            return 0
    enough = known.sum() >= FEWEST_COMPARED and len(np.unique(first[known])) >= _FEWEST_ANSWERS
    return int(known.sum()) if enough else 0


def _as_number(value: Any) -> tuple[float, str]:
    number = pd.to_numeric(value, errors="coerce")
    return (float("inf") if pd.isna(number) else float(number), str(value))


def _text(table: pd.DataFrame) -> str:
    if table.empty:
        return "No measure is in the file twice."
    lines = [
        f"`{row.column}` holds, by `{row.wave_column}`, what {row.wide_columns} hold side by side "
        f"({row.n_compared} rows known in both)"
        for row in table.itertuples()
    ]
    first = table.iloc[0]
    return "\n".join(
        [
            *lines,
            f"the {first['n_rows']} rows are no respondents: those are {first['n_respondents']}; use one of "
            "the two forms, and name the respondent and the wave under `roles`",
        ]
    )
