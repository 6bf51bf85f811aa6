"""Text with its SPSS syntax beside it, made up here, in the ways in which LimeSurvey has written it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from limesurvey_files import structure_xml
from limesurvey_spss_files import DATA, SYNTAX, Style, spss_data, spss_syntax
from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, Scale
from si_research.survey.reading import read_raw
from si_research.survey.reading.limesurvey_codebook import codebook_from_structure
from si_research.survey.reading.read import read_survey
from si_research.survey.reading.spss_syntax import SyntaxRefusedError, parse_syntax
from si_research.survey.replay import replay

STYLES: tuple[Style, ...] = ("new", "old", "list")


def write(folder: Path, style: Style = "new", data: str | None = None, syntax: str | None = None) -> Path:
    (folder / DATA).write_text(spss_data(style) if data is None else data, encoding="utf-8")
    (folder / SYNTAX).write_text(spss_syntax(style) if syntax is None else syntax, encoding="utf-8")
    return folder / DATA


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("half", [DATA, SYNTAX])
def test_a_pair_is_read_from_either_half_with_names_types_labels_and_roles(
    tmp_path: Path, style: Style, half: str
) -> None:
    write(tmp_path, style)
    raw = read_raw(tmp_path / half)
    assert raw.facts.tool == "limesurvey"
    assert raw.roles == {
        "id": "respondent",
        "submitdate": "submitted",
        "lastpage": "page",
        "startlanguage": "language",
    }
    assert raw.frame["ACT_a#0"].tolist() == [0, 1, 2]
    assert raw.frame["KUN_SQ001"].tolist() == ["A4", "A5", "A2"]
    assert raw.frame["UREN"].fillna(-1).tolist() == [32, -1, 7.5]
    assert raw.frame["OPM"].fillna("").tolist() == ['niets; of "toch"', "", ""]
    assert raw.frame["submitdate"].tolist() == ["2026-01-05 10:00:00"] * 3
    assert raw.value_labels["JN"] == {1.0: "Ja", 2.0: "Nee"}
    assert raw.value_labels["KUN_SQ001"]["A9"] == "Weet niet"
    assert raw.texts["W1"] == 'Ik wil het - zeg "ja"'
    assert any(SYNTAX in each for each in raw.facts.detected)
    content = (tmp_path / DATA).read_bytes() + (tmp_path / SYNTAX).read_bytes()
    assert raw.facts.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("style", STYLES)
def test_the_codebook_of_the_structure_reads_the_pair_as_the_csv(tmp_path: Path, style: Style) -> None:
    (tmp_path / "s.lss").write_text(structure_xml(), encoding="utf-8")
    codebook = codebook_from_structure(tmp_path / "s.lss")
    survey = read_survey(write(tmp_path, style), codebook)
    assert survey.values["JN"].tolist() == ["Y", "N", "Y"]
    assert survey.values["SEC"].tolist() == ["bouw", "-oth-", "ind"]
    assert survey.values["KUN_SQ001"].tolist() == [4, 5, 2]
    assert survey.values["ACT_a_2"].fillna(-1).tolist() == [3, 2, -1]
    assert survey.values["PCT_p"].tolist() == [80, 0, 100]
    assert survey.values["MID_tel"].fillna(-1).tolist() == [0, -1, 1]
    assert survey.reasons.loc[1, "KUN_SQ003"] == "does_not_know"


def test_a_replay_notices_another_syntax(tmp_path: Path) -> None:
    codebook = Codebook(
        title="One",
        items={"VIJF": Item(format="mark_10"), "PCT_p": Item(format="mark_10")},
        scales={"s": Scale.model_validate({"construct": "other", "items": ("VIJF",)})},
    )
    path = write(tmp_path)
    survey = read_survey(path, codebook)
    assert replay(survey.ledger, path, codebook).values.equals(survey.values)
    write(tmp_path, syntax=spss_syntax("new") + "\n")
    with pytest.raises(SurveyDataError, match="another one, sha256"):
        replay(survey.ledger, path, codebook)


def test_the_syntax_may_name_a_data_file_of_another_name(tmp_path: Path) -> None:
    (tmp_path / "gegevens.dat").write_text("'a'\n", encoding="utf-8")
    file = "'D:\\x\\gegevens.dat'"
    text = f'GET DATA /TYPE=TXT /FILE={file} /DELIMITERS="," /QUALIFIER="\'" /VARIABLES= V1 A5.\n'
    (tmp_path / "lezen.sps").write_text(text, encoding="utf-8")
    raw = read_raw(tmp_path / "lezen.sps")
    assert raw.frame.to_dict("list") == {"V1": ["a"]}
    assert raw.facts.tool == "plain"


def test_a_last_question_that_is_only_shown_leaves_its_comma(tmp_path: Path) -> None:
    path = write(tmp_path, data="".join(f"{line},\n" for line in spss_data("new").splitlines()))
    assert read_raw(path).frame["VIJF"].tolist() == [4, 1, 5]


def test_missing_values_are_those_of_the_syntax(tmp_path: Path) -> None:
    text = spss_syntax("new").replace(
        "RESTORE LOCALE.", "MISSING VALUES VIJF (9) UREN (LOWEST THRU -1, 99) KUN_SQ001 TO KUN_SQ003 ('A9')."
    )
    ranges = read_raw(write(tmp_path, syntax=text)).missing_ranges
    assert ranges["VIJF"] == ((9.0, 9.0),)
    assert ranges["UREN"] == ((float("-inf"), -1.0), (99.0, 99.0))
    assert ranges["KUN_SQ002"] == ranges["KUN_SQ003"] == (("A9", "A9"),)


def test_an_unexplained_zero_is_pointed_out(tmp_path: Path) -> None:
    data = spss_data("new").replace(",1,32.00", ",0,32.00")
    assert any(
        "a 0 that no label explains" in each for each in read_raw(write(tmp_path, data=data)).facts.detected
    )
    assert not any("no label" in each for each in read_raw(write(tmp_path)).facts.detected)


def test_the_answer_other_stays_the_word_that_the_csv_has(tmp_path: Path) -> None:
    more = (
        'RECODE SEC ("-oth-" = "666666").\nEXECUTE.\nADD VALUE LABELS SEC 666666 "other".\n'
        "ALTER TYPE SEC (F6.0).\nRESTORE LOCALE."
    )
    raw = read_raw(write(tmp_path, syntax=spss_syntax("new").replace("RESTORE LOCALE.", more)))
    assert raw.frame["SEC"].tolist() == ["bouw", "-oth-", "ind"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda text: text + "COMPUTE VIJF = 6 - VIJF.\n",
            "the command COMPUTE VIJF, which may change the data",
        ),
        (lambda text: text + "SELECT IF (VIJF > 2).\n", "the command SELECT IF"),
        (lambda text: text + "RECODE VIJF (5=1).\n", "the command RECODE VIJF"),
        (lambda text: text + "HOST COMMAND=['del x'].\n", "the command HOST COMMAND"),
        (lambda text: text[:-40], "cut off|do not have"),
        (lambda text: text.replace(" V5 A40\n", "\n"), "do not have"),
        (lambda text: text.replace("= KUN_SQ002 )", "= KUN_SQ001 )"), "two variables of one name"),
        (lambda text: "VARIABLE LABELS a 'b'.\n", "no GET DATA or DATA LIST"),
        (
            lambda text: "DATA LIST LIST / i0(A1) d1(N7).\nBEGIN DATA\nA '1'\nEND DATA.\n",
            "no FILE that holds the data",
        ),
        (lambda text: text.replace(' "A1" ', " A1 "), "value labels that are not"),
    ],
)
def test_a_syntax_that_cannot_be_followed_is_refused(tmp_path: Path, change: object, found: str) -> None:
    assert callable(change)
    with pytest.raises(SurveyDataError, match=found):
        read_raw(write(tmp_path, syntax=change(spss_syntax("new"))))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("1,'x'\n", "1 of 1 rows of another length, such as 2"),
        (spss_data("new").replace("\n", ",5\n", 1), "1 of 3 rows of another length"),
        (spss_data("new").replace("'nl'", "'nl", 1), "quote|length"),
    ],
)
def test_data_that_do_not_fit_their_syntax_are_refused(tmp_path: Path, data: str, found: str) -> None:
    with pytest.raises(SurveyDataError, match=found):
        read_raw(write(tmp_path, data=data))


@pytest.mark.parametrize("half", [DATA, SYNTAX])
def test_half_a_pair_is_refused_not_read_without_a_header(tmp_path: Path, half: str) -> None:
    write(tmp_path)
    (tmp_path / (SYNTAX if half == DATA else DATA)).unlink()
    with pytest.raises(SurveyDataError, match="only this half"):
        read_raw(tmp_path / half)


def test_a_text_file_that_only_ends_in_dat_is_read_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "k.dat").write_text("k1;k2\n1;2\n", encoding="utf-8")
    assert read_raw(tmp_path / "k.dat").frame.to_dict("list") == {"k1": ["1"], "k2": ["2"]}


def test_labels_with_quotes_of_any_kind() -> None:
    head = "GET DATA /TYPE=TXT /FILE='a.dat' /VARIABLES= V1 F1.\n"
    raw = parse_syntax(head + 'VALUE LABELS  V1\n 1 "zeg "ja""\n 2 "zeg ""nee"""\n 3 "3. \'t gaat".\n')
    assert raw.variables[0].value_labels == {1.0: 'zeg "ja"', 2.0: 'zeg "nee"', 3.0: "3. 't gaat"}
    line = parse_syntax(head + 'VALUE LABELS V1 1 "Ja" 2 "Nee".\n')
    assert line.variables[0].value_labels == {1.0: "Ja", 2.0: "Nee"}


def test_syntax_cut_off_anywhere_is_refused_or_read_never_another_error() -> None:
    for style in STYLES:
        text = spss_syntax(style)
        whole = [variable.name for variable in parse_syntax(text).variables]
        n_refused = 0
        for length in range(0, len(text), 13):
            try:
                part = parse_syntax(text[:length])
            except SyntaxRefusedError:
                n_refused += 1
                continue
            assert len(part.variables) == len(whole)
        assert n_refused
