"""CSV: commas, decimal points, UTF-8; the reason of a missing answer in a column of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.data_out.outgoing import Outgoing, schema_beside
from si_research.survey.data_out.schema import schema_of

_SOURCE: Final = SourceOptions(encoding="utf-8", separator=",", decimal=".", header_row=1, tool="plain")


def write_delimited(outgoing: Outgoing, path: Path, language: str) -> Codebook:
    """Write a survey as CSV, and return the codebook that reads it.

    Text stays as it is: a spreadsheet may take a text that begins with ``=`` for a formula. Give
    people who use one the workbook instead.
    """
    outgoing.side_by_side().to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    schema = json.dumps(schema_of(outgoing, language), indent=2, ensure_ascii=False) + "\n"
    schema_beside(path).write_text(schema, "utf-8", newline="\n")
    return outgoing.codebook.model_copy(update={"source": _SOURCE})
