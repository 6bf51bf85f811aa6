"""Texts where the format knows numbers only: read where they say their number, else refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import LabelError
from si_research.survey.codebook import Codebook, Item, ResponseFormat
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from si_research.survey.survey_data import Survey

LOW, HIGH = "helemaal mee oneens", "helemaal mee eens"


def book(highest: float = 5, **item: object) -> Codebook:
    return Codebook(
        title="Gemaakt",
        formats={"vijf": ResponseFormat(lowest=1, highest=highest)},
        items={"k1": Item.model_validate({"format": "vijf", **item})},
        scales={},
    )


def read(folder: Path, cells: list[str], codebook: Codebook) -> Survey:
    path = folder / "export.csv"
    path.write_text("k1;x\n" + "".join(f"{cell};a\n" for cell in cells), "utf-8")
    return read_survey(path, codebook)


def counted(survey: Survey) -> str:
    return str(survey.ledger.steps.set_index("step").loc["map_labels", "rule"])


@pytest.mark.parametrize("written", ["{} {}", "{} = {}", "{}. {}", "{} ({})", "{}: {}", "{} - {}", "({}) {}"])
def test_a_label_with_its_number_is_that_number_and_counted(tmp_path: Path, written: str) -> None:
    cells = [written.format(1, LOW), "2", "3", "4", written.format(5, HIGH)] * 6
    survey = read(tmp_path, cells, book())
    assert survey.values["k1"].tolist() == [1, 2, 3, 4, 5] * 6
    assert "of which by the number before it: 12" in counted(survey)
    again = replay(survey.ledger, tmp_path / "export.csv", book())
    assert again.values.equals(survey.values)


@pytest.mark.parametrize(
    "other",
    [
        f"4 {HIGH}",  # one label, two numbers
        "5 anders",  # one number, two labels
    ],
)
def test_numbers_and_labels_that_contradict_one_another_are_refused(tmp_path: Path, other: str) -> None:
    with pytest.raises(LabelError) as raised:
        read(tmp_path, [f"1 {LOW}", "2", "3", other, f"5 {HIGH}"] * 6, book())
    assert "texts in 18 of 30 cells" in raised.value.problems[0].found


def test_what_one_person_wrote_behind_a_number_is_no_label(tmp_path: Path) -> None:
    survey = read(tmp_path, ["1", "2", "3", "4", "5"] * 20 + ["3 maar liever niet", "2 of 3"], book())
    assert survey.values["k1"].isna().sum() == 2
    assert "1.234" not in counted(survey), "no number here has two readings"


def test_a_numbered_label_for_no_answer_keeps_its_reason(tmp_path: Path) -> None:
    cells = [f"1 {LOW}", "2", "3", "4", f"5 {HIGH}", "6 = weet niet"] * 6
    survey = read(tmp_path, cells, book(highest=6))
    assert (survey.reasons["k1"] == "does_not_know").sum() == 6


def test_the_ends_of_a_scale_in_words_are_refused_with_the_format_to_write(tmp_path: Path) -> None:
    cells = [LOW, "2", "3", "4", HIGH] * 6
    with pytest.raises(LabelError) as raised:
        read(tmp_path, cells, book())
    (problem,) = raised.value.problems
    assert f"texts in 12 of 30 cells: `{HIGH}` 6 times, `{LOW}` 6 times" in problem.found
    between = "{value: 2}, {value: 3}, {value: 4}"
    assert f"[{{value: 1, labels: [{LOW}]}}, {between}, {{value: 5, labels: [{HIGH}]}}]" in problem.todo
    options = [
        {"value": 1, "labels": [LOW]},
        *({"value": value} for value in (2, 3, 4)),
        {"value": 5, "labels": [HIGH]},
    ]
    own = book().model_copy(update={"formats": {"vijf": ResponseFormat.model_validate({"options": options})}})
    assert read(tmp_path, cells, own).values["k1"].tolist() == [1, 2, 3, 4, 5] * 6


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1", "2", "3"] * 200 + ["te veel"] * 5, "texts in 5 of 605 cells: `te veel` 5 times"),
        (["1", "2", "3"] * 10 + ["te veel", "geen tijd"], "texts in 2 of 32 cells"),
        (["te veel", "geen tijd", "hangt ervan af"], "texts in 3 of 3 cells, and no number"),
    ],
)
def test_texts_too_many_for_slips_are_refused(tmp_path: Path, cells: list[str], said: str) -> None:
    with pytest.raises(LabelError) as raised:
        read(tmp_path, cells, book())
    (problem,) = raised.value.problems
    assert problem.found == said, "what fewer than five wrote is not shown"
    assert "missing_codes" in problem.todo


def test_a_few_slips_and_words_for_no_answer_are_not(tmp_path: Path) -> None:
    survey = read(tmp_path, ["1", "2", "3"] * 20 + ["geen tijd"], book())
    assert (survey.reasons["k1"] == "unreadable").sum() == 1
    known = book(missing_codes={"n.v.t.": "does_not_apply"})
    assert (read(tmp_path, ["1", "2", "n.v.t."] * 10, known).reasons["k1"] == "does_not_apply").sum() == 10
