"""The codebook in the formats that others use: Table Schema and XLSForm both ways, DDI-Codebook out."""

from si_research.survey.exchange.imported import ImportedCodebook
from si_research.survey.exchange.table_schema import table_schema_of, write_table_schema
from si_research.survey.exchange.table_schema_reading import read_table_schema

__all__ = [
    "ImportedCodebook",
    "read_table_schema",
    "table_schema_of",
    "write_table_schema",
]
