"""The starter questionnaire: complete, in both forms, and what comes back is read with no mapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from pyxform.xls2xform import convert

from questionnaire_exports import (
    KOBO,
    LIMESURVEY_CODES,
    LIMESURVEY_TEXTS,
    ODK,
    as_it_is,
    export,
    people,
    words_of,
)
from si_research.cli import main
from si_research.constructs import CONDITIONS
from si_research.study.check import check_study
from si_research.study.new import new_study
from si_research.study.run import run_study
from si_research.study.study_file import read_study
from si_research.survey.cleaning import clean_survey
from si_research.survey.codebook_checks import findings_in
from si_research.survey.codebook_file import read_codebook
from si_research.survey.questionnaire import codebook_of_questionnaire, starter_questionnaire
from si_research.survey.questionnaire.limesurvey import array_code
from si_research.survey.questionnaire.questionnaire import Question, Section
from si_research.survey.reading import read_survey
from si_research.survey.reading.limesurvey_structure import read_structure
from si_research.survey.scoring import score_scales

QUESTIONNAIRE = starter_questionnaire()
PEOPLE = people(QUESTIONNAIRE, 240)
NL, EN = (words_of(QUESTIONNAIRE, language) for language in ("nl", "en"))


def by_code(section: Section, question: Question) -> str:
    return f"{array_code(section)}[{question.name}]" if section.format else question.name


def by_text(language: str) -> Callable[[Section, Question], str]:
    def header(section: Section, question: Question) -> str:
        text = question.words.in_language(language)
        return f"{section.intro.in_language(language)} [{text}]" if section.intro else text

    return header


def by_label(language: str, *, grouped: bool) -> Callable[[Section, Question], str]:
    def header(section: Section, question: Question) -> str:
        text = question.words.in_language(language)
        return f"{section.title.in_language(language)}/{text}" if grouped else text

    return header


def by_name(sign: str) -> Callable[[Section, Question], str]:
    return lambda section, question: f"{section.name}{sign}{question.name}" if sign else question.name


EXPORTS = {
    "LimeSurvey, codes": export(QUESTIONNAIRE, PEOPLE, by_code, as_it_is, LIMESURVEY_CODES),
    "LimeSurvey, codes and answers in words": export(
        QUESTIONNAIRE, PEOPLE, by_code, NL, LIMESURVEY_CODES, separator=";"
    ),
    "LimeSurvey, full texts": export(QUESTIONNAIRE, PEOPLE, by_text("nl"), as_it_is, LIMESURVEY_TEXTS),
    "LimeSurvey, full texts and answers in words": export(
        QUESTIONNAIRE, PEOPLE, by_text("nl"), NL, LIMESURVEY_TEXTS
    ),
    "LimeSurvey, English": export(
        QUESTIONNAIRE,
        PEOPLE,
        by_text("en"),
        EN,
        dict(zip(["Response ID", "Date submitted", "Last page", "Start language", "Seed"],
                 LIMESURVEY_TEXTS.values(), strict=True)),
    ),
    "KoboToolbox, XML values": export(QUESTIONNAIRE, PEOPLE, by_name(""), as_it_is, KOBO, after=True),
    "KoboToolbox, XML values in groups": export(
        QUESTIONNAIRE, PEOPLE, by_name("/"), as_it_is, KOBO, after=True, separator=";"
    ),
    "KoboToolbox, labels": export(
        QUESTIONNAIRE, PEOPLE, by_label("nl", grouped=False), NL, KOBO, after=True
    ),
    "KoboToolbox, English labels in groups": export(
        QUESTIONNAIRE, PEOPLE, by_label("en", grouped=True), EN, KOBO, after=True
    ),
    "ODK Central": export(QUESTIONNAIRE, PEOPLE, by_name("-"), as_it_is, ODK, after=True),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_study(tmp_path_factory.mktemp("q") / "mijn onderzoek", questionnaire=True)


@pytest.mark.parametrize("name", EXPORTS)
def test_what_comes_back_is_read_without_a_mapping(folder: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(EXPORTS[name], "utf-8-sig")
    codebook = read_codebook(folder / "codebook.yml")
    survey = read_survey(path, codebook)
    for asked in codebook.items:
        expected = [float(row[asked]) if row[asked] else np.nan for row in PEOPLE]
        np.testing.assert_array_equal(survey.values[asked], expected, err_msg=asked)
    for asked in ("consent", "manager", "organisation", "team", "language"):
        found = survey.values[asked].fillna("").tolist()
        assert found == [row[asked] for row in PEOPLE], asked
    cleaned = clean_survey(survey, codebook, read_study(folder).cleaning)
    assert len(cleaned.values) == 240, "only the one who did not agree has left"


def test_reversed_items_are_turned_once(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(EXPORTS["LimeSurvey, codes"], "utf-8")
    codebook = read_codebook(folder / "codebook.yml")
    scores = score_scales(read_survey(path, codebook), codebook).table()
    first = PEOPLE[0]
    turned = [float(first[name]) for name in ("k1", "k2", "k3", "k5")] + [6 - float(first["k4"])]
    assert scores["kunnen"].iloc[0] == pytest.approx(np.mean(turned))


def test_every_part_is_there() -> None:
    codebook = codebook_of_questionnaire(QUESTIONNAIRE)
    assert findings_in(codebook) == ()
    for scale, least in (*((each, 5) for each in CONDITIONS), ("innovative_behaviour", 6)):
        items = codebook.items_of(scale)
        assert len(items) >= least
        assert sum(codebook.items[item].reverse for item in items) == 1
    assert codebook.attention_checks == {"attention": ("2",)}
    assert {"consent", "language", "organisation", "team", "manager"} <= set(codebook.variables)
    assert all(each.wording_nl and each.wording_en for each in codebook.items.values())


def test_not_validated_stands_everywhere(folder: Path) -> None:
    for name in ("README.md", "codebook.yml", "study.yml", "questionnaire_limesurvey.txt"):
        text = (folder / name).read_text("utf-8-sig").lower()
        assert "not validated" in text or "niet gevalideerd" in text, name
    workbook = openpyxl.load_workbook(folder / "questionnaire_xlsform.xlsx")
    assert "not validated" in workbook["settings"]["A2"].value
    assert "niet gevalideerd" in workbook["settings"]["A2"].value
    assert "NOT VALIDATED" in (folder / "README.md").read_text("utf-8")


def test_the_form_passes_pyxform(folder: Path) -> None:
    made = convert(folder / "questionnaire_xlsform.xlsx")
    assert made.warnings == []
    for text in (
        "relevant=\" /data/start/consent  = 'yes'\"",
        "Nederlands (nl)",
        "English (en)",
    ):
        assert text in made.xform


def test_the_structure_is_one_of_limesurvey(folder: Path) -> None:
    path = folder / "questionnaire_limesurvey.txt"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid\trelated_id\tclass\ttype/scale\tname\t")
    structure = read_structure(path)
    assert structure.languages == ("nl", "en")
    arrays = [question for question in structure.questions if question.type == "F"]
    assert [len(question.rows()) for question in arrays] == [5, 5, 6, 7]
    assert [answer.code for answer in arrays[0].answers_of(0)] == ["1", "2", "3", "4", "5"]
    rows = [line.split("\t") for line in path.read_text("utf-8-sig").splitlines()]
    assert all(len(row) == len(rows[0]) for row in rows)
    assert {row[2] for row in rows[1:]} == {"S", "SL", "G", "Q", "SQ", "A"}
    codes = [row[4] for row in rows if row[2] == "A"]
    assert max(map(len, codes)) <= 5, "LimeSurvey takes answer codes of five characters"


def test_from_questionnaire_to_report(folder: Path) -> None:
    (folder / "data" / "survey.csv").write_text(EXPORTS["KoboToolbox, labels"], "utf-8")
    assert check_study(folder).passed
    outcome = run_study(folder)
    assert outcome.refusal is None
    assert "niet gevalideerd" in outcome.report.read_text("utf-8")


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", str(tmp_path / "s"), "--questionnaire"])
    assert done.exit_code == 0
    assert "not validated" in done.output
    assert "questionnaire_limesurvey.txt" in done.output
    both = CliRunner().invoke(main, ["new", str(tmp_path / "t"), "--questionnaire", "--example"])
    assert both.exit_code == 2
    assert "expected:   one of --data, --example and --questionnaire" in both.output
    assert "what comes back of the questionnaire belongs in its `data` folder" in both.output
    assert not (tmp_path / "t").exists()
