"""Parquet: typed columns with their labels, the codebook in the metadata, reasons in columns of their own."""

from __future__ import annotations

from pathlib import Path

from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.data_out.outgoing import Outgoing


def write_parquet(outgoing: Outgoing, path: Path, language: str) -> Codebook:
    """Write a survey as Parquet, and return the codebook that reads it."""
    import pyarrow as pa
    import pyarrow.parquet as arrow_parquet

    del language
    table = pa.Table.from_pandas(outgoing.side_by_side(), preserve_index=False)
    arrow_parquet.write_table(table, path)
    return outgoing.codebook.model_copy(update={"source": SourceOptions(tool="plain")})
