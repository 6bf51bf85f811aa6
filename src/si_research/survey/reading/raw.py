"""A survey file as it stands, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

import pandas as pd

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.detect import RawFile, open_raw
from si_research.survey.reading.rows_below import leave_out_rows_below
from si_research.survey.reading.withheld import withhold_people
from si_research.survey.survey_data import RawSurvey, SourceKind

_Reader = Callable[[RawFile, SourceOptions], RawSurvey]
_READERS: Final[Mapping[SourceKind, tuple[str, str]]] = {
    "delimited": ("delimited", "read_delimited"),
    "excel": ("excel", "read_excel"),
    "spss": ("spss_stata", "read_spss"),
    "spss_syntax": ("text_with_syntax", "read_text_with_syntax"),
    "stata": ("spss_stata", "read_stata"),
    "parquet": ("parquet", "read_parquet"),
}


def read_raw(path: Path, source_options: SourceOptions | None = None) -> RawSurvey:
    """Read a survey file as it stands: nothing recoded, nothing dropped, the file untouched.

    To look into a file before there is a codebook. With one, use :func:`read_survey`.

    Parameters
    ----------
    path : Path
        Delimited text, a workbook, SPSS, Stata or Parquet; the ending of the name says which.
    source_options : SourceOptions, optional
        How the file is written, where that should not be detected.

    Returns
    -------
    RawSurvey
        All columns, one row a respondent, numbered from 1. A column whose header tells of a person goes by
        its place: ``column 8``.

    Raises
    ------
    SurveyDataError
        The file is absent, empty, damaged, a folder, without rows, or not what its name says.
    """
    file = open_raw(Path(path))
    module, function = _READERS[file.kind]
    reader: _Reader = getattr(import_module(f"si_research.survey.reading.{module}"), function)
    stated = source_options or SourceOptions()
    raw = reader(file, stated)
    if raw.frame.empty:
        raise file.problem(
            expected="a header and at least one row of answers",
            found=f"a header of {raw.frame.shape[1]} columns and no rows",
            todo="export the survey again, with its answers",
        )
    if raw.options.names_from is not None:
        from si_research.survey.reading.limesurvey_headers import named_from

        raw = named_from(file, raw, raw.options.names_from)
    raw = withhold_people(leave_out_rows_below(raw))
    numbered = raw.frame.set_axis(pd.RangeIndex(1, len(raw.frame) + 1, name="row"))
    return replace(raw, frame=numbered, stated=stated)
