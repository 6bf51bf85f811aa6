"""One LimeSurvey survey under question codes and under full texts, made up here: one result."""

from __future__ import annotations

from pathlib import Path

import pytest

import limesurvey_files as made
from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, ResponseFormat, SourceOptions
from si_research.survey.reading import read_raw
from si_research.survey.reading.limesurvey_headers import match_structure, match_twin, name_by_codes
from si_research.survey.reading.limesurvey_structure import read_structure
from si_research.survey.reading.read import read_survey
from si_research.survey.replay import replay


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """An export under full texts of which two rows have the same text."""
    text = made.export(texts=True, full=True).replace("[Overleggen]", "[Proberen]")
    return write(tmp_path, "full.csv", text)


@pytest.mark.parametrize("texts", [True, False])
def test_the_twin_under_codes_names_every_column_also_where_texts_repeat(
    tmp_path: Path, full: Path, texts: bool
) -> None:
    twin = read_raw(write(tmp_path, "codes.csv", made.export(texts=texts, full=False)))
    raw = read_raw(full)
    assert raw.repeated
    named = name_by_codes(raw, match_twin(raw, twin))
    assert list(named.frame) == list(twin.frame)
    assert named.roles == twin.roles
    assert not named.repeated
    assert named.texts["ACT[b][1]"] == "Wat doet u, en wat wilt u? [Proberen][Schaal 1]"
    if texts:
        assert named.frame.equals(twin.frame)


def test_columns_that_hold_other_answers_prove_nothing(tmp_path: Path, full: Path) -> None:
    for name, old, new in (("a.csv", '"A5"', '"A4"'), ("b.csv", '"3","2026', '"4","2026')):
        twin = read_raw(write(tmp_path, name, made.export(texts=False, full=False).replace(old, new)))
        assert not match_twin(read_raw(full), twin).codes


def test_the_structure_names_columns_and_needs_no_twin(tmp_path: Path) -> None:
    write(tmp_path, "s.lss", made.structure_xml().replace("Overleggen", "Proberen"))
    raw = read_raw(
        write(tmp_path, "full.csv", made.export(texts=True, full=True).replace("Overleggen", "Proberen"))
    )
    match = match_structure(raw, read_structure(tmp_path / "s.lss"))
    assert not match.unmatched
    assert list(name_by_codes(raw, match).frame)[4:-2] == [code for code, *_ in made.columns()]


def test_answers_that_do_not_fit_the_question_leave_a_column_its_text(tmp_path: Path) -> None:
    write(tmp_path, "s.lss", made.structure_xml())
    text = made.export(texts=True, full=True).replace('"Mee eens"', '"Prima"')
    match = match_structure(read_raw(write(tmp_path, "full.csv", text)), read_structure(tmp_path / "s.lss"))
    assert "Hoe is het op uw werk? [Ik kan nieuwe dingen bedenken]" in match.unmatched


@pytest.mark.parametrize("name", ["codes.csv", "s.lss", "s.txt"])
def test_a_codebook_may_say_which_file_names_the_columns_and_a_replay_does_the_same(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, "codes.csv", made.export(texts=False, full=False))
    write(tmp_path, "s.lss", made.structure_xml())
    write(tmp_path, "s.txt", made.structure_table())
    path = write(tmp_path, "full.csv", made.export(texts=True, full=True))
    codebook = Codebook(
        title="One",
        source=SourceOptions(names_from=name),
        formats={"often": ResponseFormat(labels={"nl": ("Nooit", "Soms", "Vaak")}, lowest=0)},
        items={"a": Item(column="ACT[a][1]", format="often")},
        scales={},
    )
    survey = read_survey(path, codebook)
    assert survey.values["a"].tolist() == [0, 1, 2]
    assert any(each.startswith("question codes: ") for each in survey.facts.detected)
    assert replay(survey.ledger, path, codebook).values.equals(survey.values)


def test_a_file_of_another_survey_is_refused(tmp_path: Path, full: Path) -> None:
    write(tmp_path, "other.csv", "id,submitdate,lastpage,startlanguage,k1\n1,,1,nl,2\n")
    with pytest.raises(SurveyDataError, match=r"the columns of other\.csv"):
        read_raw(full, SourceOptions(names_from="other.csv"))
    with pytest.raises(SurveyDataError, match="no file of that name"):
        read_raw(full, SourceOptions(names_from="absent.lss"))
