"""The Table Schema of data that leave: the columns of the codebook, and those of the reasons."""

from __future__ import annotations

from typing import Any

from si_research.survey.data_out.outgoing import Outgoing
from si_research.survey.exchange.imported import OWN_KEY, digest_of
from si_research.survey.exchange.table_schema import table_schema_of
from si_research.survey.survey_data import REASON_SUFFIX, REASONS


def schema_of(outgoing: Outgoing, language: str) -> dict[str, Any]:
    """Return the Table Schema of the table as written, in the order of its columns."""
    schema = table_schema_of(outgoing.codebook, language)
    own = schema.pop(OWN_KEY)
    schema.pop("primaryKey", None)  # who answered stays behind
    companions = [
        {
            "name": f"{name}{REASON_SUFFIX}",
            "type": "string",
            "description": f"Why {name} has no answer; empty where it has one.",
            "categories": list(REASONS),
        }
        for name in outgoing.columns_with_reasons
    ]
    standard = {**schema, "fields": [*schema["fields"], *companions]}
    return {**standard, OWN_KEY: {**own, "digest": digest_of(standard)}}
