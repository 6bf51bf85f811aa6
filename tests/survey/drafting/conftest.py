"""A draft codebook of a file that a test makes up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.codebook_checks import findings_in
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.read import survey_of
from si_research.survey.reading.rules import rules_for

Columns = Mapping[str, Sequence[object]]


@pytest.fixture
def draft_of(tmp_path: Path) -> Callable[[Columns], Codebook]:
    """Write columns to a file, and return its draft, which must fit the file."""

    def draft(columns: Columns) -> Codebook:
        path = tmp_path / "survey.csv"
        rows = zip(*columns.values(), strict=True)
        lines = [";".join(map(str, row)) for row in [list(columns), *rows]]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        raw = read_raw(path)
        codebook = draft_codebook(raw)
        assert findings_in(codebook) == ()
        survey_of(raw, rules_for(raw, codebook))  # no answer without its label
        return codebook

    return draft
