"""Parquet: typed columns, read as numbers or as text."""

from __future__ import annotations

import io

import pandas as pd

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.cells import typed_column
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.header import header_of
from si_research.survey.reading.recognise import layout_of, no_header
from si_research.survey.survey_data import RawSurvey


def read_parquet(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read a Parquet file.

    Parameters
    ----------
    file : RawFile
        The file.
    options : SourceOptions
        Not used: a Parquet file says itself how it is written.

    Returns
    -------
    RawSurvey
        Numbers as float64, all else as text (dates as ``2026-11-23``).

    Raises
    ------
    SurveyDataError
        The file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as arrow_parquet

    try:
        table = arrow_parquet.read_table(io.BytesIO(file.content), page_checksum_verification=True)
        header = header_of(table.column_names)
        columns = [typed_column(column.to_pandas()) for column in table.columns]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise file.problem(
            expected="a Parquet file", found="one that is damaged", todo="export the file again"
        ) from error
    frame = pd.DataFrame(dict(zip(header.names, columns, strict=True)))
    layout = layout_of([table.column_names], options)
    if layout is None:
        raise no_header(file, options)
    how = (layout.how,) if layout.how else ()
    facts = file.facts(frame, tool=layout.tool, detected=(*how, *header.remarks), repairs=header.repairs)
    return RawSurvey(frame, facts, options, repeated=header.repeated, roles=layout.roles_of(header))
