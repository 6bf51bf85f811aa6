"""Real LimeSurvey structures: the facts that their READMEs state, and what the files show."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import CodebookError
from si_research.survey.codebook_checks import findings_in
from si_research.survey.reading.limesurvey_codebook import codebook_of
from si_research.survey.reading.limesurvey_structure import read_structure
from si_research.survey.reading.read import read_survey

DUTCH = "limesurvey_dutch/limesurvey_survey_559363.lss"
LIMONAID = "limesurvey_limonaid"


@pytest.fixture
def real_data(shared: Path) -> Path:
    return shared / "real_data"


def test_a_dutch_structure_has_its_answers_in_order_although_the_file_shuffles_them(real_data: Path) -> None:
    structure = read_structure(real_data / DUTCH)
    assert structure.languages == ("nl-informal",)
    assert len(structure.questions) == 75
    habit = structure.question("epcHabit")
    assert [answer.texts["nl-informal"] for answer in habit.answers] == [
        "Dat klopt zeker niet",
        "Dat klopt niet",
        "Dat klopt eigenlijk niet",
        "Soms wel maar soms ook niet",
        "Dat klopt een beetje",
        "Dat klopt",
        "Dat klopt zeker",
    ]
    behaviour = structure.question("epcBehavior")
    words = [answer.texts["nl-informal"] for answer in behaviour.answers]
    assert words == ["Nooit", "Zelden", "Soms", "Geregeld", "Vaak", "Meestal", "Altijd"]
    rows = {row.code: row.texts["nl-informal"] for row in structure.question("epcAttDirect").sub_questions}
    assert rows["good"] == "Slecht | Goed"
    assert not any("<" in text for question in structure.questions for text in question.texts.values())


def test_its_codebook_claims_no_direction_and_keeps_not_wanting_to_say_apart(real_data: Path) -> None:
    codebook = codebook_of(read_structure(real_data / DUTCH))
    assert not findings_in(codebook)
    assert codebook.format_of("epcHabit_automatic").values == (1, 2, 3, 4, 5, 6, 7)
    assert codebook.format_of("epcHabit_automatic").value_of("Dat klopt niet") == 2
    assert not any(item.reverse for item in codebook.items.values())
    assert codebook.scales["epcHabit"].construct_name == "other"
    assert "goingOutFreqPeriod" not in codebook.scales  # its answers, 26, 6 and 1, are not steps of a scale
    country = codebook.variables["country"]
    assert country.missing_codes["NONE"] == "refused"
    assert set(country.labels) == {"NL", "BE", "-oth-"}


def test_a_group_and_three_tabbed_structures(real_data: Path) -> None:
    group = read_structure(real_data / LIMONAID / "limesurvey_group_1370.lsg")
    assert [(question.code, question.type) for question in group.questions] == [
        ("questionCode1", "L"),
        ("questionCode2", "F"),
    ]
    assert [row.code for row in group.questions[1].sub_questions] == [
        "subQuestion1",
        "subQuestion2",
        "subQuestion3",
    ]
    slider = read_structure(real_data / LIMONAID / "testing-multilingual-slider-export.txt")
    assert slider.languages == ("en", "nl")
    assert [(question.code, question.type) for question in slider.questions] == [
        ("q1", "L"),
        ("sliderQuestion", "K"),
    ]
    assert slider.question("q1").texts == {"en": "Q1 question text", "nl": "Q1 vraagtekst"}
    number = codebook_of(slider).variables["sliderQuestion_nr"]
    assert (number.kind, number.column) == ("number", "sliderQuestion[nr]")
    assert (number.lowest, number.highest) == (1, 25)
    for name in (
        "testing-multilingual-export.txt",
        "export-of-en-and-nl-survey-with-one-question-as-tsv.txt",
    ):
        structure = read_structure(real_data / LIMONAID / name)
        (question,) = structure.questions
        assert structure.languages == ("en", "nl")
        assert [answer.code for answer in question.answers] == ["1", "2"]


def test_the_codebook_of_a_structure_finds_no_column_of_a_survey_that_is_another_one(real_data: Path) -> None:
    codebook = codebook_of(read_structure(real_data / DUTCH))
    export = real_data / "limesurvey_dutch" / "export_dutch_headers_masked.csv"
    with pytest.raises(CodebookError) as raised:
        read_survey(export, codebook)
    assert len(raised.value.problems) == len(codebook.used_names)
