"""SPSS and Stata: codes, with the labels and the missing values that the file itself declares.

Codes that the file declares missing stay in the data here. They become missing later, with their
reason: whoever said *weet niet* is not the one who skipped the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.header import header_of
from si_research.survey.reading.layout import Layout, one_line
from si_research.survey.reading.recognise import layout_of, no_header
from si_research.survey.survey_data import Code, RawSurvey, SourceFacts


def read_spss(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read an SPSS file (``.sav``, ``.zsav``, ``.por``).

    Parameters
    ----------
    file : RawFile
        The file.
    options : SourceOptions
        Encoding, where the file names a wrong one.

    Returns
    -------
    RawSurvey
        Numbers as float64 (dates as SPSS counts them), texts without the spaces on the right.

    Raises
    ------
    SurveyDataError
        The file is damaged.
    """
    import pyreadstat

    if _is_portable(file):
        frame, meta = _read(file, pyreadstat.read_por)
    else:
        frame, meta = _read(file, pyreadstat.read_sav, user_missing=True, encoding=options.encoding)
    ranges = {
        name: tuple((part["lo"], part["hi"]) for part in parts) for name, parts in meta.missing_ranges.items()
    }
    labels = {name: dict(words) for name, words in meta.variable_value_labels.items()}
    return _raw(file, frame, meta, options, labels, ranges)


def read_stata(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read a Stata file (``.dta``).

    Parameters
    ----------
    file : RawFile
        The file.
    options : SourceOptions
        Encoding, where the file names a wrong one.

    Returns
    -------
    RawSurvey
        Numbers as float64; an extended missing value is the text ``.a`` to ``.z`` and stands among
        the ranges that the file declares missing.

    Raises
    ------
    SurveyDataError
        The file is damaged.
    """
    import pyreadstat

    frame, meta = _read(file, pyreadstat.read_dta, user_missing=True, encoding=options.encoding)
    tags = {
        name: {letter: f".{letter}" for letter in used} for name, used in meta.missing_user_values.items()
    }
    columns = {str(name): _stata_column(frame[name], tags.get(str(name), {})) for name in frame}
    labels = {
        name: {tags.get(name, {}).get(code, code): word for code, word in words.items()}
        for name, words in meta.variable_value_labels.items()
    }
    ranges = {name: tuple((tag, tag) for tag in of.values()) for name, of in tags.items()}
    return _raw(file, frame.assign(**columns), meta, options, labels, ranges)


def _is_portable(file: RawFile) -> bool:
    return file.path.suffix.lower() == ".por"


def _read(file: RawFile, reader: Any, **options: Any) -> tuple[pd.DataFrame, Any]:
    """Read with the codes kept; dates stay numbers, since some lie outside what Python can hold."""
    import pyreadstat

    try:
        frame, meta = reader(str(file.path), disable_datetime_conversion=True, **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError) as error:
        raise file.problem(
            expected=f"a file that can be read as {file.kind.upper()}",
            found="one that is damaged, or text in another encoding",
            todo="save it again in the statistics program, or state its `encoding` in the codebook",
        ) from error
    names = header_of(list(frame.columns)).names
    return frame.set_axis(list(names), axis=1), meta


def _stata_column(column: pd.Series[Any], tags: dict[str, str]) -> pd.Series[Any]:
    """Return numbers as float64, or numbers and the texts of extended missing values together."""
    if tags:
        return column.astype(object).map(lambda cell: tags[cell] if cell in tags else float(cell))
    return column if column.dtype == "str" else column.astype("float64")


def _raw(
    file: RawFile,
    frame: pd.DataFrame,
    meta: Any,
    options: SourceOptions,
    labels: Mapping[str, Mapping[Code, str]],
    ranges: Mapping[str, tuple[tuple[Code, Code], ...]],
) -> RawSurvey:
    """Put together what was read, with the questions, and the columns of a tool if it kept its names."""
    names = [str(name) for name in frame]
    layout = layout_of([names], options)
    if layout is None:
        raise no_header(file, options)
    texts = {name: one_line(label) for name, label in zip(names, meta.column_labels, strict=True) if label}
    roles = {name: role for name, role in zip(names, layout.roles, strict=True) if role}
    return RawSurvey(
        frame, _facts(file, frame, meta, layout), options, labels, ranges, texts=texts, roles=roles
    )


def _facts(file: RawFile, frame: pd.DataFrame, meta: Any, layout: Layout) -> SourceFacts:
    declared = len(meta.missing_ranges) or len(meta.missing_user_values)
    labelled = len(meta.variable_value_labels)
    return file.facts(
        frame,
        encoding=meta.file_encoding,
        tool=layout.tool,
        detected=(
            *((layout.how,) if layout.how else ()),
            f"columns with value labels: {labelled}",
            "a portable file: values that it declares missing come as empty cells, without their reason; "
            "save it as .sav to keep the reasons"
            if _is_portable(file)
            else f"columns with missing values declared in the file: {declared}",
        ),
    )
