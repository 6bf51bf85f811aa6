"""Parquet: typed columns with their labels, the codebook in the metadata, reasons in columns of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.data_out.outgoing import Outgoing
from si_research.survey.data_out.schema import schema_of

SCHEMA_KEY: Final = b"table_schema"
"""Under which the metadata of the file hold its Table Schema, as JSON."""


def write_parquet(outgoing: Outgoing, path: Path, language: str) -> Codebook:
    """Write a survey as Parquet, and return the codebook that reads it."""
    import pyarrow as pa
    import pyarrow.parquet as arrow_parquet

    table = pa.Table.from_pandas(outgoing.side_by_side(), preserve_index=False)
    schema = schema_of(outgoing, language)
    labelled = [
        _with_label(field, described) for field, described in zip(table.schema, schema["fields"], strict=True)
    ]
    table = pa.Table.from_arrays(
        table.columns,
        schema=pa.schema(
            labelled, metadata={**(table.schema.metadata or {}), SCHEMA_KEY: json.dumps(schema)}
        ),
    )
    arrow_parquet.write_table(table, path)
    return outgoing.codebook.model_copy(update={"source": SourceOptions(tool="plain")})


def _with_label(field: Any, described: Mapping[str, Any]) -> Any:
    """Return a column of Parquet that says itself what it is and what its answers stand for."""
    told = {key: described[key] for key in ("title", "categories", "description") if key in described}
    return field.with_metadata(
        {key: text if isinstance(text, str) else json.dumps(text) for key, text in told.items()}
    )
