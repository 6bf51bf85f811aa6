"""The codebook in the formats that others use.

Table Schema and XLSForm both ways, DDI-Codebook out, structures of LimeSurvey in.
"""

from si_research.survey.exchange.convert import exchange_codebook, read_exchanged
from si_research.survey.exchange.ddi import write_ddi
from si_research.survey.exchange.imported import ImportedCodebook
from si_research.survey.exchange.limesurvey_reading import read_limesurvey_structure
from si_research.survey.exchange.table_schema import table_schema_of, write_table_schema
from si_research.survey.exchange.table_schema_reading import read_table_schema
from si_research.survey.exchange.xlsform import write_xlsform
from si_research.survey.exchange.xlsform_reading import read_xlsform

__all__ = [
    "ImportedCodebook",
    "exchange_codebook",
    "read_exchanged",
    "read_limesurvey_structure",
    "read_table_schema",
    "read_xlsform",
    "table_schema_of",
    "write_ddi",
    "write_table_schema",
    "write_xlsform",
]
