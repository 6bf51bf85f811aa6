"""LimeSurvey structures, made up here: three forms of one questionnaire, and the exports of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

import limesurvey_files as made
from si_research.errors import SurveyDataError
from si_research.survey.codebook_checks import findings_in
from si_research.survey.codebook_file import read_codebook
from si_research.survey.codebook_writer import write_codebook
from si_research.survey.reading.limesurvey_codebook import codebook_from_structure
from si_research.survey.reading.limesurvey_structure import SurveyStructure, read_structure
from si_research.survey.reading.read import read_survey

NAN = float("nan")
FORMS = {
    "survey.lss": made.structure_xml,
    "group.lsg": lambda: made.structure_xml("Group"),
    "s.txt": made.structure_table,
}
EXPORTS = [(texts, full) for texts in (False, True) for full in (False, True)]
VALUES = {
    "KUN_SQ001": [4, 5, 2],
    "KUN_SQ002": [1, 2, NAN],
    "KUN_SQ003": [NAN, 3, NAN],
    "ACT_a_1": [0, 1, 2],
    "ACT_a_2": [3, 2, NAN],
    "ACT_b_1": [2, 1, NAN],
    "ACT_b_2": [1, 2, 3],
    "SEC": ["bouw", "-oth-", "ind"],
    "W1": [5, NAN, NAN],
    "W2": [2, 4, 1],
    "JN": ["Y", "N", "Y"],
    "UREN": [32, NAN, 7.5],
    "PCT_p": [80, 0, 100],
    "VIJF": [4, 1, 5],
    "MID_mail": [1, NAN, 1],
    "MID_tel": [0, NAN, 1],
}
"""Worked out by hand from ``limesurvey_files.ANSWERS``: the place of the answer, or its number."""


def structure(folder: Path, name: str) -> SurveyStructure:
    (folder / name).write_text(FORMS[name](), encoding="utf-8")
    return read_structure(folder / name)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_holds_the_questions_in_order_with_texts_rows_answers_and_conditions(
    tmp_path: Path, name: str
) -> None:
    found = structure(tmp_path, name)
    assert [question.code for question in found.questions] == [each.code for each in made.QUESTIONS]
    assert set(found.languages) == {"nl", "en"}
    kun, act, uren = found.question("KUN"), found.question("ACT"), found.question("UREN")
    assert kun.texts == {"nl": "Hoe is het op uw werk?", "en": "How is it at work?"}
    assert [row.code for row in kun.sub_questions] == ["SQ001", "SQ002", "SQ003"]
    assert [answer.code for answer in kun.answers] == ["A1", "A2", "A3", "A4", "A5", "A9"]
    assert kun.answers[0].texts["nl"] == "Helemaal niet mee eens"
    assert kun.answers[0].assessment == 1
    assert [answer.texts["en"] for answer in act.answers_of(1)] == ["Less", "As it is", "More"]
    assert (kun.relevance, uren.relevance) == ("", 'JN.NAOK == "Y"')
    assert found.question("SEC").has_other
    assert kun.group["nl"] == "Werk"
    if name != "group.lsg":
        assert (found.languages[0], found.titles["nl"]) == ("nl", "Verzonnen onderzoek")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_all_exports_are_read_to_the_same_values_by_the_codebook_of_the_structure(
    tmp_path: Path, name: str, language: str
) -> None:
    structure(tmp_path, name)
    codebook = codebook_from_structure(tmp_path / name)
    assert not findings_in(codebook)
    again = read_codebook(write_codebook(codebook, tmp_path / "codebook.yml"))
    assert again.model_dump() == codebook.model_dump()
    for texts, full in EXPORTS:
        path = tmp_path / f"export{texts}{full}.csv"
        path.write_text(made.export(texts=texts, full=full, language=language), encoding="utf-8")
        survey = read_survey(path, codebook)
        assert survey.facts.tool == "limesurvey"
        got = survey.values.astype(object).where(survey.values.notna(), NAN).to_dict("list")
        assert {key: repr(value) for key, value in got.items()} == {
            key: repr([float(v) if isinstance(v, int) else v for v in value]) for key, value in VALUES.items()
        }
        assert survey.reasons.loc[1, "KUN_SQ003"] == "does_not_know"
        assert survey.reasons.loc[2, "UREN"] == "routed_past"
        assert survey.reasons.loc[3, "KUN_SQ002"] == "unanswered"


def test_the_codebook_says_what_the_structure_knows_and_claims_no_more(tmp_path: Path) -> None:
    structure(tmp_path, "survey.lss")
    codebook = codebook_from_structure(tmp_path / "survey.lss")
    assert codebook.title == "Verzonnen onderzoek"
    assert {name: (scale.construct_name, scale.items) for name, scale in codebook.scales.items()} == {
        "KUN": ("other", ("KUN_SQ001", "KUN_SQ002", "KUN_SQ003")),
        "ACT_1": ("other", ("ACT_a_1", "ACT_b_1")),
        "ACT_2": ("other", ("ACT_a_2", "ACT_b_2")),
    }
    assert not any(scale.confirm for scale in codebook.scales.values())
    assert all("one array" in scale.proposed for scale in codebook.scales.values())
    item = codebook.items["KUN_SQ002"]
    assert item.column == "KUN[SQ002]"
    assert item.aliases[0] == "KUN_SQ002"
    assert "Hoe is het op uw werk? [Ik kan ze uitwerken ]" in item.aliases
    assert (item.wording_nl, item.wording_en) == ("Ik kan ze uitwerken", "I can work them out")
    assert codebook.items["W1"].format == item.format
    assert codebook.format_of("ACT_a_1").values == (0, 1, 2)
    assert codebook.format_of("KUN_SQ001").values == (1, 2, 3, 4, 5)
    assert codebook.variables["SEC"].labels == {
        "ind": "Industrie",
        "bouw": "Bouw & wonen",
        "-oth-": "Anders",
    }
    assert codebook.variables["SEC"].spellings["ind"] == ("Industry",)
    assert [question.items for question in codebook.multiple_choice] == [("MID_mail", "MID_tel")]
    share = codebook.variables["PCT_p"]
    assert (share.kind, share.lowest, share.highest) == ("number", 0, 100)
    assert not {"OPM", "WELKOM", "SEC_other", "MID_other"} & {*codebook.items, *codebook.variables}
    assert not any(item.reverse for item in codebook.items.values())


def test_a_text_that_stands_above_two_columns_names_neither(tmp_path: Path) -> None:
    text = made.structure_table().replace("Overleggen", "Proberen")
    (tmp_path / "s.txt").write_text(text, encoding="utf-8")
    codebook = codebook_from_structure(tmp_path / "s.txt")
    assert not [alias for alias in codebook.items["ACT_a_1"].aliases if "Proberen" in alias]
    assert [alias for alias in codebook.items["ACT_a_1"].aliases if "Trying" in alias]


def test_the_older_xml_with_texts_in_the_rows_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "old.lss").write_text(
        "<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>178</DBVersion>"
        "<languages><language>nl</language><language>en</language></languages>"
        + made.rows_of("groups", [{"gid": "1", "group_order": "0", "group_name": "g", "language": "nl"}])
        + made.rows_of(
            "questions",
            [
                {"qid": "1", "gid": "1", "type": "F", "title": "K", "question": text, "language": language}
                for language, text in (("nl", "Vraag"), ("en", "Question"))
            ],
        )
        + made.rows_of(
            "subquestions",
            [{"qid": "2", "parent_qid": "1", "title": "a", "question": "Rij", "language": "nl"}],
        )
        + made.rows_of(
            "answers",
            [
                {
                    "qid": "1",
                    "code": code,
                    "answer": text,
                    "sortorder": order,
                    "language": "nl",
                    "scale_id": "0",
                }
                for code, text, order in (("2", "Vaak", "2"), ("1", "Nooit", "1"))
            ],
        )
        + "</document>",
        encoding="utf-8",
    )
    (question,) = read_structure(tmp_path / "old.lss").questions
    assert question.texts == {"nl": "Vraag", "en": "Question"}
    assert [row.texts for row in question.sub_questions] == [{"nl": "Rij"}]
    assert [answer.code for answer in question.answers] == ["1", "2"]


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<document><LimeSurveyDocType>&b;</LimeSurveyDocType></document>"
)
FETCHED = '<!DOCTYPE d SYSTEM "file:///etc/hostname"><document/>'


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("bomb.lss", BOMB, "a document type or entities of its own"),
        ("fetched.lss", FETCHED, "a document type or entities of its own"),
        ("cut.lss", made.structure_xml()[:900], "damaged or cut off"),
        ("other.lss", "<html><body/></html>", "LimeSurvey did not write"),
        (
            "labels.lss",
            "<document><LimeSurveyDocType>Label set</LimeSurveyDocType></document>",
            "did not write",
        ),
        (
            "none.lsg",
            "<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>",
            "without questions",
        ),
        ("data.txt", "id\tk1\n1\t2\n", "without the columns class, language, name, text, type/scale"),
        ("empty.tsv", "", "without the columns"),
        ("bytes.txt", "\0\1\2", "no text"),
        ("s.csv", "id", "a file whose name ends in .csv"),
    ],
)
def test_what_is_no_structure_is_refused(tmp_path: Path, name: str, content: str, found: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SurveyDataError, match=found):
        read_structure(tmp_path / name)


def test_a_structure_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveyDataError, match="no file of that name"):
        read_structure(tmp_path / "absent.lss")


def test_a_structure_cut_off_anywhere_is_refused_or_read_never_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "cut.lss"
    for whole, name in ((made.structure_xml(), "cut.lss"), (made.structure_table(), "cut.txt")):
        path = tmp_path / name
        path.write_text(whole, encoding="utf-8")
        items = set(codebook_from_structure(path).items)
        n_refused = 0
        for length in range(0, len(whole), 97):
            path.write_text(whole[:length], encoding="utf-8")
            try:
                part = codebook_from_structure(path)
            except SurveyDataError:
                n_refused += 1
                continue
            assert len(part.items) <= len(items)
        assert n_refused


def test_values_in_frames_do_not_depend_on_the_separator(tmp_path: Path) -> None:
    structure(tmp_path, "survey.lss")
    codebook = codebook_from_structure(tmp_path / "survey.lss")
    frames = []
    for sign in ",;\t":
        (tmp_path / "e.csv").write_text(made.export(texts=True, full=True, separator=sign), encoding="utf-8")
        frames.append(read_survey(tmp_path / "e.csv", codebook).values)
    assert_frame_equal(frames[0], frames[1])
    assert_frame_equal(frames[0], frames[2])
