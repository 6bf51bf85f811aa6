"""A draft on which nobody decided: an order that nobody knows gives no score, and a survey says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import CodebookError
from si_research.survey.cleaning import clean_survey
from si_research.survey.codebook import Codebook
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_survey
from si_research.survey.reading.raw import read_raw
from si_research.survey.scoring import score_scales

SOME = ("te veel", "precies goed", "aan de lage kant")


@pytest.fixture
def drafted(tmp_path: Path) -> tuple[Path, Codebook]:
    """A file of answers in words that no ladder holds, and its draft."""
    path = tmp_path / "survey.csv"
    rows = [";".join(SOME[(row + column) % 3] for column in range(3)) for row in range(30)]
    path.write_text("\n".join(["kunnen_1;kunnen_2;kunnen_3", *rows]) + "\n", "utf-8")
    return path, draft_codebook(read_raw(path))


def test_an_order_that_nobody_decided_gives_no_score(drafted: tuple[Path, Codebook]) -> None:
    path, codebook = drafted
    survey = clean_survey(read_survey(path), codebook)
    with pytest.raises(CodebookError, match="codebook --confirm") as raised:
        score_scales(survey, codebook)
    (problem,) = raised.value.problems
    assert problem.where == "scales.kunnen"
    assert "kunnen_1, kunnen_2, kunnen_3" in problem.found
    decided = {name: item.model_copy(update={"confirm": True}) for name, item in codebook.items.items()}
    assert score_scales(survey, codebook.model_copy(update={"items": decided})).n_rows == 30


def test_a_survey_says_what_is_not_decided_on(drafted: tuple[Path, Codebook]) -> None:
    path, codebook = drafted
    said = "not decided on: 4 proposals that nobody decided on, which touch the scale kunnen"
    assert said in str(read_survey(path))
    assert said in str(clean_survey(read_survey(path), codebook))
    parts = {
        part: {
            name: each.model_copy(update={"confirm": True}) for name, each in getattr(codebook, part).items()
        }
        for part in ("items", "scales")
    }
    assert "not decided on" not in str(read_survey(path, codebook.model_copy(update=parts)))
