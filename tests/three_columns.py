"""A codebook of three columns, and how a survey read with it looks: for the tests of reading."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from si_research.survey.codebook import Codebook, Item, ResponseFormat, Scale, Variable
from si_research.survey.survey_data import Survey

LABELS = ("oneens", "neutraal", "eens")
THREE = {"three": ResponseFormat(labels={"nl": LABELS}, lowest=1)}


def codebook(**changes: object) -> Codebook:
    """A codebook with one item, one number and one category."""
    parts: dict[str, object] = {
        "title": "three columns",
        "formats": THREE,
        "items": {"k1": Item(format="three")},
        "variables": {"hours": Variable(kind="number"), "sector": Variable()},
        "scales": {"kunnen": Scale(construct="kunnen", items=("k1",))},
        "missing_codes": {"weet niet": "does_not_know", "n.v.t.": "does_not_apply", "99": "refused"},
    }
    return Codebook.model_validate({**parts, **changes})


def write(folder: Path, text: str | bytes, name: str = "survey.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def answers(survey: Survey, name: str) -> list[object]:
    """The answers of a column, each missing one replaced by its reason."""
    values, reasons = survey.values[name], survey.reasons[name]
    assert (values.isna() == reasons.notna()).all(), "an answer or a reason, never both or neither"
    return [reason if pd.notna(reason) else value for value, reason in zip(values, reasons, strict=True)]
