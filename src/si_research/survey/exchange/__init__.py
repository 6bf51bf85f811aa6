"""The codebook in the formats that others use: Table Schema and XLSForm both ways, DDI-Codebook out."""

from si_research.survey.exchange.imported import ImportedCodebook
from si_research.survey.exchange.table_schema import table_schema_of, write_table_schema
from si_research.survey.exchange.table_schema_reading import read_table_schema
from si_research.survey.exchange.xlsform import write_xlsform
from si_research.survey.exchange.xlsform_reading import read_xlsform

__all__ = [
    "ImportedCodebook",
    "read_table_schema",
    "read_xlsform",
    "table_schema_of",
    "write_table_schema",
    "write_xlsform",
]
