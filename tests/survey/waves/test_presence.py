"""The same respondents over waves, against a count by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.reading import read_survey
from si_research.survey.waves.instruments import waves_in_order
from si_research.survey.waves.presence import describe_waves

# a: 1 2 3; b: 1 3; c: 2; d: 3; e: 1; one row without a respondent
LONG = "id;wave;k1\na;1;1\na;2;1\na;3;1\nb;1;2\nb;3;2\nc;2;3\nd;3;3\ne;1;4\n;3;3\n"
BOOK = Codebook(
    title="t",
    items={"k1": Item(format="agree_5")},
    scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    roles=Roles(respondent="id", wave="wave"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "long.csv"
    file.write_text(LONG, "utf-8")
    return file


def test_who_was_there_how_often_and_who_left(path: Path) -> None:
    found = describe_waves(read_survey(path, BOOK), BOOK)
    assert found.times.to_dict("list") == {"n_waves": [1, 2, 3], "n_respondents": [3, 1, 1]}
    assert found.table().to_dict("list") == {
        "wave": ["1", "2", "3"],
        "n": [3, 2, 3],
        "n_new": [3, 1, 1],
        "n_dropped": [0, 2, 1],
        "n_back": [0, 0, 1],
    }
    assert (found.n_respondents, found.n_unknown) == (5, 1)
    assert str(found) == "5 respondents in 3 waves (1 3, 2 2, 3 3)"


def test_a_row_that_holds_codes_for_no_answer_is_nobody_who_was_there(tmp_path: Path) -> None:
    """b has -99 in the second wave and c an empty cell: both left. d refused to answer, and was there."""
    path = tmp_path / "long.csv"
    rows = "a;1;1\na;2;2\nb;1;3\nb;2;-99\nc;1;4\nc;2;\nd;1;5\nd;2;-88\ne;2;-99\n"
    path.write_text(f"id;wave;k1\n{rows}", "utf-8")
    book = BOOK.model_copy(update={"missing_codes": {"-99": "unanswered", "-88": "refused"}})
    found = describe_waves(read_survey(path, book), book)
    assert found.waves[["wave", "n", "n_dropped"]].to_numpy().tolist() == [["1", 4, 0], ["2", 2, 2]]
    assert (found.n_respondents, found.n_empty, found.n_unknown) == (4, 3, 0)
    assert found.times["n_respondents"].tolist() == [2, 2]


def test_without_a_respondent_the_row_of_a_wide_file_is_one(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("k1_a;k1_b\n1;2\n3;\n4;5\n", "utf-8")
    book = Codebook(
        title="t",
        items={"k1": Item(format="agree_5", columns={"b": "k1_b", "a": "k1_a"})},
        scales=BOOK.scales,
        waves=("a", "b"),
    )
    found = describe_waves(read_survey(path, book), book)
    assert found.times["n_respondents"].tolist() == [1, 2]
    assert found.waves[["wave", "n", "n_dropped"]].to_numpy().tolist() == [["a", 3, 0], ["b", 2, 1]]


@pytest.mark.parametrize("roles", [Roles(respondent="id"), Roles(wave="wave")])
def test_who_and_when_must_be_known(path: Path, roles: Roles) -> None:
    book = BOOK.model_copy(update={"roles": roles})
    with pytest.raises(SurveyDataError, match="under `roles`"):
        describe_waves(read_survey(path, book), book)


def test_the_order_of_waves_is_that_of_the_labels_or_of_numbers() -> None:
    values = pd.Series(["na", "voor"])
    labelled = BOOK.model_copy(update={"variables": {"wave": Variable(labels={"voor": "nul", "na": "een"})}})
    assert list(waves_in_order(labelled, values)) == ["voor", "na"]
    assert list(waves_in_order(BOOK, values)) == ["na", "voor"]
    assert list(waves_in_order(BOOK, pd.Series(["10", "9"]))) == ["9", "10"]
