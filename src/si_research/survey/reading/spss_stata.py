"""SPSS and Stata: codes, with the labels and the missing values that the file itself declares.

Codes that the file declares missing stay in the data here. They become missing later, with their
reason: whoever said *weet niet* is not the one who skipped the question.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from si_research.privacy.stored_moments import StoredMoment, stored_moment
from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.header import header_of
from si_research.survey.reading.layout import Layout, one_line
from si_research.survey.reading.recognise import layout_of, no_header
from si_research.survey.survey_data import Code, RawSurvey, SourceFacts

_PROCESS: Final = Path(__file__).with_name("readstat_process.py")
_SECONDS: Final = 30.0
_SECONDS_PER_MEGABYTE: Final = 2.0
"""How long a file may take: many times what it needs, so that only a damaged one runs into it."""


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
    reader = "read_por" if _is_portable(file) else "read_sav"
    frame, meta = _read(file, reader, options.encoding)
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
    frame, meta = _read(file, "read_dta", options.encoding)
    tags: dict[str, dict[Code, Code]] = {
        name: {letter: f".{letter}" for letter in used} for name, used in meta.missing_user_values.items()
    }
    columns = {str(name): _stata_column(frame[name], tags.get(str(name), {})) for name in frame}
    labels = {
        name: {_stata_code(tags.get(name, {}).get(code, code)): word for code, word in words.items()}
        for name, words in meta.variable_value_labels.items()
    }
    ranges = {name: tuple((tag, tag) for tag in of.values()) for name, of in tags.items()}
    return _raw(file, frame.assign(**columns), meta, options, labels, ranges)


def _is_portable(file: RawFile) -> bool:
    return file.path.suffix.lower() == ".por"


@dataclass(frozen=True, slots=True)
class _Meta:
    """What the file says of its columns."""

    column_labels: list[str | None]
    variable_value_labels: dict[str, dict[Code, str]]
    missing_ranges: dict[str, list[dict[str, Code]]]
    missing_user_values: dict[str, list[str]]
    moments: dict[str, StoredMoment]
    file_encoding: str | None


def _read(file: RawFile, reader: str, encoding: str | None) -> tuple[pd.DataFrame, _Meta]:
    """Read with the codes kept; dates stay numbers, since some lie outside what Python can hold."""
    command = [sys.executable, "-P", str(_PROCESS), str(file.path.resolve()), reader, encoding or ""]
    limit = _SECONDS + _SECONDS_PER_MEGABYTE * len(file.content) / 1e6
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=limit)  # noqa: S603
        if done.returncode:
            raise _damaged(file)
        with pa.ipc.open_stream(pa.py_buffer(done.stdout)) as stream:
            table = stream.read_all()
    except (subprocess.TimeoutExpired, pa.ArrowInvalid) as error:
        raise _damaged(file) from error
    known = json.loads(table.schema.metadata[b"meta"])
    names = header_of(known["names"]).names
    frame = pd.DataFrame(
        {name: _cells(column) for name, column in zip(names, table.columns, strict=True)},
        index=pd.RangeIndex(table.num_rows),
    )
    return frame, _meta_of(known)


def _cells(column: pa.ChunkedArray) -> pd.Series[Any]:
    if not pa.types.is_struct(column.type):
        dtype = "str" if pa.types.is_large_string(column.type) else "float64"
        return pd.Series(column.to_pandas(), dtype=dtype)
    numbers, letters = (part.to_pandas() for part in column.flatten())
    return pd.Series(np.where(letters.notna(), letters, numbers), dtype=object)


def _meta_of(known: Mapping[str, Any]) -> _Meta:
    labels = {str(name): dict(words) for name, words in known["variable_value_labels"]}
    return _Meta(
        column_labels=known["column_labels"],
        variable_value_labels={
            name: {_code(code): word for code, word in words.items()} for name, words in labels.items()
        },
        missing_ranges=dict(known["missing_ranges"]),
        missing_user_values=dict(known["missing_user_values"]),
        moments={
            str(name): kind
            for name, shown in known["original_variable_types"] or ()
            if (kind := stored_moment(str(shown))) is not None
        },
        file_encoding=known["file_encoding"],
    )


def _code(code: Any) -> Code:
    return code if isinstance(code, str) else float(code)


def _damaged(file: RawFile) -> Exception:
    return file.problem(
        expected=f"a file that can be read as {file.kind.upper()}",
        found="one that is damaged, or text in another encoding",
        todo="save it again in the statistics program, or state its `encoding` in the codebook",
    )


def _stata_column(column: pd.Series[Any], tags: Mapping[Code, Code]) -> pd.Series[Any]:
    """Return numbers as float64, or numbers and the texts of extended missing values together."""
    if tags:
        return column.astype(object).map(lambda cell: tags[cell] if cell in tags else float(cell))
    return column if column.dtype == "str" else column.astype("float64")


def _stata_code(code: Any) -> Code:
    """Return a code as its cells have it: Stata labels whole numbers, which are read as floats."""
    return code if isinstance(code, str) else float(code)


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
        frame,
        _facts(file, frame, meta, layout),
        options,
        labels,
        ranges,
        texts=texts,
        roles=roles,
        moments={name: meta.moments[name] for name in names if name in meta.moments},
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
