"""SPSS and Stata: codes, with the labels and the missing values that the file itself declares.

Codes that the file declares missing stay in the data here. They become missing later, with their
reason: whoever said *weet niet* is not the one who skipped the question.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.header import header_of
from si_research.survey.survey_data import RawSurvey, SourceFacts


def read_spss(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read an SPSS file (``.sav``, ``.zsav``).

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

    frame, meta = _read(file, pyreadstat.read_sav, options)
    ranges = {
        name: tuple((part["lo"], part["hi"]) for part in parts) for name, parts in meta.missing_ranges.items()
    }
    labels = {name: dict(words) for name, words in meta.variable_value_labels.items()}
    return RawSurvey(frame, _facts(file, frame, meta), options, labels, ranges)


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

    frame, meta = _read(file, pyreadstat.read_dta, options)
    tags = {
        name: {letter: f".{letter}" for letter in used} for name, used in meta.missing_user_values.items()
    }
    columns = {str(name): _stata_column(frame[name], tags.get(str(name), {})) for name in frame}
    labels = {
        name: {tags.get(name, {}).get(code, code): word for code, word in words.items()}
        for name, words in meta.variable_value_labels.items()
    }
    ranges = {name: tuple((tag, tag) for tag in of.values()) for name, of in tags.items()}
    return RawSurvey(frame.assign(**columns), _facts(file, frame, meta), options, labels, ranges)


def _read(file: RawFile, reader: Any, options: SourceOptions) -> tuple[pd.DataFrame, Any]:
    """Read with the codes kept; dates stay numbers, since some lie outside what Python can hold."""
    import pyreadstat

    try:
        frame, meta = reader(
            str(file.path),
            user_missing=True,
            disable_datetime_conversion=True,
            encoding=options.encoding,
        )
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


def _facts(file: RawFile, frame: pd.DataFrame, meta: Any) -> SourceFacts:
    declared = len(meta.missing_ranges) or len(meta.missing_user_values)
    labelled = len(meta.variable_value_labels)
    return file.facts(
        frame,
        encoding=meta.file_encoding,
        detected=(
            f"columns with value labels: {labelled}",
            f"columns with missing values declared in the file: {declared}",
        ),
    )
