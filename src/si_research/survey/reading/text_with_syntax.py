"""A text file with its SPSS syntax beside it, as LimeSurvey exports for SPSS: ``.dat`` and ``.sps``."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.cells import typed_column
from si_research.survey.reading.detect import RawFile, decode
from si_research.survey.reading.header import header_of
from si_research.survey.reading.recognise import layout_of, no_header
from si_research.survey.reading.spss_syntax import (
    SpssSyntax,
    SyntaxRefusedError,
    SyntaxVariable,
    parse_syntax,
)
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import RawSurvey

_DATA, _SYNTAX = "_SPSS_data_file", "_SPSS_syntax_file"
"""How LimeSurvey names the two halves: ``survey_123_SPSS_data_file.dat``."""
_DAY_FIRST: Final = re.compile(r"(\d\d)-(\d\d)-(\d{4})(?: (\d\d:\d\d(?::\d\d)?))?", re.ASCII)
_NUMBERS: Final = ("F", "N", "COMMA", "DOT", "PCT", "E")


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two files of one survey."""

    file: RawFile
    """The one that was asked for."""
    data: RawFile
    syntax: RawFile


def pair_of(path: Path) -> Path | None:
    """Return the file beside a ``.dat`` or ``.sps`` file that belongs to it; None when there is none.

    Parameters
    ----------
    path : Path
        One half of a pair, by the endings of the names.

    Returns
    -------
    Path or None
        For a ``.dat``: the syntax of the same name, or of the name that LimeSurvey gives it. For a ``.sps``:
        the data of such a name, else the file that the syntax itself names, in the same folder.
    """
    is_syntax = path.suffix.lower() == ".sps"
    wanted = ".dat" if is_syntax else ".sps"
    old, new = (_SYNTAX, _DATA) if is_syntax else (_DATA, _SYNTAX)
    stems = dict.fromkeys((path.stem, path.stem.replace(old, new)))
    there = (path.with_name(stem + ending) for stem in stems for ending in (wanted, wanted.upper()))
    return next((each for each in there if each.is_file()), None)


def belongs_to_syntax(path: Path) -> bool:
    """Whether a ``.dat`` file is half of a pair: it has no header, and cannot be read without the other."""
    return path.suffix.lower() == ".dat" and (_DATA in path.stem or pair_of(path) is not None)


def read_text_with_syntax(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read a text file by the SPSS syntax beside it.

    Parameters
    ----------
    file : RawFile
        Either half.
    options : SourceOptions
        Encoding, where it should not be detected.

    Returns
    -------
    RawSurvey
        As an SPSS file: numbers as float64 where a variable is one, texts elsewhere, dates with the year
        first; names, questions, value labels and missing values of the syntax. Its hash and its size are
        those of the data followed by the syntax.

    Raises
    ------
    SurveyDataError
        The other half is absent, the two do not fit, or the syntax holds what could change the data.
    """
    pair = _pair(file)
    text, encoding = decode(pair.data, options.encoding)
    syntax = _syntax(pair)
    variables = syntax.variables
    names = header_of([variable.name for variable in variables]).names
    rows = _rows(pair, text.decode(), syntax)
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    frame = pd.DataFrame(
        {
            name: _column(variable, pd.Series(list(cells), dtype="str"))
            for name, variable, cells in zip(names, variables, columns, strict=True)
        }
    )
    layout = layout_of([list(names)], options)
    if layout is None:
        raise no_header(file, options)
    by_name = dict(zip(names, variables, strict=True))
    return RawSurvey(
        frame,
        replace(
            file.facts(frame, encoding=encoding, separator=syntax.separator, tool=layout.tool),
            sha256=hashlib.sha256(pair.data.content + pair.syntax.content).hexdigest(),
            n_bytes=len(pair.data.content) + len(pair.syntax.content),
            detected=tuple(_remarks(pair, syntax, layout.how, frame)),
        ),
        options.model_copy(update={"encoding": encoding}),
        value_labels={name: each.value_labels for name, each in by_name.items() if each.value_labels},
        missing_ranges={name: each.missing for name, each in by_name.items() if each.missing},
        texts={name: each.label for name, each in by_name.items() if each.label},
        roles={name: role for name, role in zip(names, layout.roles, strict=True) if role},
    )


def _pair(file: RawFile) -> _Pair:
    """Find the other half and read it."""
    other = pair_of(file.path)
    is_syntax = file.path.suffix.lower() == ".sps"
    if other is None and is_syntax:
        named = _syntax(_Pair(file, file, file)).data_file
        other = file.path.with_name(named) if named and file.path.with_name(named).is_file() else None
    if other is None:
        raise file.problem(
            expected=f"the {'data (.dat)' if is_syntax else 'syntax (.sps)'} of this export beside it",
            found="only this half in the folder",
            todo="export both files for SPSS, and keep them together under the names that they were given",
        )
    half = RawFile(other, "spss_syntax", other.read_bytes())
    return _Pair(file, half, file) if is_syntax else _Pair(file, file, half)


def _syntax(pair: _Pair) -> SpssSyntax:
    try:
        return parse_syntax(decode(pair.syntax)[0].decode())
    except SyntaxRefusedError as error:
        raise pair.syntax.problem(
            expected="SPSS syntax that names the data, their variables and labels, and does no more",
            found=str(error),
            todo="export the syntax again, or run it in SPSS and save the data as .sav",
        ) from error


def _rows(pair: _Pair, text: str, syntax: SpssSyntax) -> list[list[str]]:
    """Cut the data into cells; every row must have one for each variable."""
    width = len(syntax.variables)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=syntax.separator, quotechar=syntax.quote, strict=True
    )
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise _misfit(pair, width, "a quote that is not closed, or not doubled") from error
    if rows and all(len(row) == width + 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]  # a last question that is only shown leaves its comma
    wrong = [len(row) for row in rows if len(row) != width]
    if wrong:
        raise _misfit(pair, width, f"{len(wrong)} of {len(rows)} rows of another length, such as {wrong[0]}")
    return rows


def _misfit(pair: _Pair, width: int, found: str) -> Exception:
    return pair.data.problem(
        expected=f"rows of {width} cells, one for each variable of {pair.syntax.name}",
        found=found,
        todo="export both files for SPSS again, at the same moment; one of them belongs to another export",
    )


def _column(variable: SyntaxVariable, cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return the cells of a variable by its type; what is no number in a column of numbers stays text."""
    places, distinct = pd.factorize(cells)
    read = _number_or_text if variable.type in _NUMBERS else _time if "DATE" in variable.type else _text
    values = np.array([*(read(cell) for cell in distinct), None], dtype=object)
    return typed_column(pd.Series(values[places], index=cells.index, dtype=object))


def _number_or_text(cell: str) -> float | str | None:
    number = read_number(cell, ".")
    return (cell.strip() or None) if number is None else number


def _time(cell: str) -> str | None:
    """Return a date with the year first, so that the order of the texts is the order in time.

    Examples
    --------
    >>> _time("05-01-2026 10:09:08"), _time("later")
    ('2026-01-05 10:09:08', 'later')
    """
    found = _DAY_FIRST.fullmatch(cell.strip())
    if found is None:
        return cell.strip() or None
    day, month, year, time = found.groups()
    return f"{year}-{month}-{day}" + (f" {time}" if time else "")


def _text(cell: str) -> str | None:
    return cell.strip() or None


def _remarks(pair: _Pair, syntax: SpssSyntax, how: str, frame: pd.DataFrame) -> Iterator[str]:
    """Give what was found, and what looks like the 0 that old versions write where nothing was answered."""
    if how:
        yield how
    yield f"data {pair.data.name}, with names and labels of {pair.syntax.name}"
    yield f"columns with value labels: {sum(bool(each.value_labels) for each in syntax.variables)}"
    odd = sum(
        bool(each.value_labels) and 0.0 not in each.value_labels and bool((frame.iloc[:, place] == 0).any())
        for place, each in enumerate(syntax.variables)
    )
    if odd:
        yield f"columns with a 0 that no label explains, as old versions write for no answer: {odd}"
