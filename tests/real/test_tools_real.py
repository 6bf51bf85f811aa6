"""Real exports of survey tools: the facts that their READMEs state. The data stay in the shared folder."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.cleaning import CleaningRules, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Scale, SourceOptions, Variable
from si_research.survey.drafting import draft_codebook
from si_research.survey.ledger import counts_of
from si_research.survey.reading import read_raw
from si_research.survey.reading.limesurvey_headers import match_twin, name_by_codes
from si_research.survey.reading.read import read_survey
from si_research.survey.reading.responses import responses_of
from si_research.survey.reading.special_questions import special_questions
from si_research.survey.survey_data import RawSurvey

GERMAN = "limesurvey_german_jobcrafting"
CODES, TEXTS = "export_question_codes.csv", "export_full_question_text.csv"
APPLIES = (
    "Trifft gar nicht zu",
    "Trifft eher nicht zu",
    "Teils, teils",
    "Trifft teilweise zu",
    "Trifft voll zu",
)


@pytest.fixture
def real(shared: Path) -> Path:
    return shared / "real_data"


def n_of(raw: RawSurvey, role: str) -> int:
    return list(raw.roles.values()).count(role)


def german_codebook(names_from: str | None = None) -> Codebook:
    rows = [f"NEO[{code}]" for code in ("E1R", "E2", "E3R", "E4")]
    return Codebook(
        title="Job crafting",
        source=SourceOptions(names_from=names_from),
        formats={"applies": ResponseFormat(labels={"de": APPLIES})},
        items={f"e{n}": Item(column=row, format="applies") for n, row in enumerate(rows)},
        variables={
            "work": Variable(column="WORK", kind="number", lowest=0, highest=100),
            "se1": Variable(column="SE1", kind="number", lowest=0, highest=100),
            "se2": Variable(column="SE2", kind="number", lowest=0, highest=100),
        },
        scales={"e": Scale.model_validate({"construct": "other", "items": ("e0", "e1", "e2", "e3")})},
    )


def test_dutch_limesurvey_of_which_51_of_60_were_never_sent_in(real: Path) -> None:
    raw = read_raw(real / "limesurvey_dutch" / "export_dutch_headers_masked.csv")
    assert (raw.facts.tool, raw.frame.shape) == ("limesurvey", (60, 46))
    assert {name: role for name, role in raw.roles.items() if role != "timing"} == {
        "Respons ID": "respondent",
        "Datum verstuurd": "submitted",
        "Laatste pagina": "page",
        "Begin taal": "language",
        "Startdatum": "started",
        "Datum laatste actie": "recorded",
        "IP-adres": "ip_address",
        "Verwijzer-URL": "other",
        "Totaaltijd": "duration",
    }
    assert set(raw.frame["Begin taal"]) == {"nl-informal"}
    responses = responses_of(raw)
    assert responses is not None
    assert responses["finished"].eq(False).sum() == 51
    assert (raw.frame.loc[~responses["finished"].astype(bool), "Laatste pagina"] == "0").all()
    assert not any("\n" in text for text in raw.texts.values())


@pytest.mark.parametrize("name", [CODES, TEXTS])
def test_german_limesurvey_has_33_timings_behind_its_questions(real: Path, name: str) -> None:
    raw = read_raw(real / GERMAN / name)
    assert (raw.facts.tool, raw.frame.shape) == ("limesurvey", (17, 127))
    timings = [place for place, column in enumerate(raw.frame) if raw.roles.get(column) == "timing"]
    total = [place for place, column in enumerate(raw.frame) if raw.roles.get(column) == "duration"]
    assert total == [127 - len(timings) - 1]
    assert timings == list(range(127 - len(timings), 127))
    assert len(total) + len(timings) == 33


def test_both_german_headers_are_one_survey_and_give_one_result(real: Path) -> None:
    codes, texts = (read_raw(real / GERMAN / name) for name in (CODES, TEXTS))
    assert texts.facts.encoding == codes.facts.encoding == "utf-8-sig"
    assert not any(set(name) & set("\t\n\r\xa0") for name in texts.frame), "headers became one line"
    assert texts.repeated, "and the same stem stands there more than once"
    assert codes.frame["VPNCode"].tolist() == [f"VP{n:02d}" for n in range(1, 18)]
    match = match_twin(texts, codes)
    assert len(match.codes) == 127
    named = name_by_codes(texts, match)
    assert named.frame.equals(codes.frame)
    assert named.roles == codes.roles
    assert named.texts["JC2[AC]"].endswith('[Bitte wähle Option "trifft teilweise zu" aus ]')
    by_codes = read_survey(real / GERMAN / CODES, german_codebook())
    by_texts = read_survey(real / GERMAN / TEXTS, german_codebook(names_from=CODES))
    assert by_texts.values.equals(by_codes.values)


def test_german_percentages_are_numbers_however_they_were_typed(real: Path) -> None:
    survey = read_survey(real / GERMAN / CODES, german_codebook())
    assert survey.values["work"].tolist() == [
        40,
        20,
        10,
        0,
        10,
        50,
        30,
        60,
        70,
        10,
        20,
        60,
        25,
        70,
        80,
        40,
        60,
    ]
    assert counts_of(survey.ledger, list(survey.ledger.steps["step"]).index("tidy"))["cells"]["percent"] == 6


def test_the_german_attention_check_is_recognised_by_its_text_and_proposed_by_its_name(real: Path) -> None:
    (by_text,) = special_questions(read_raw(real / GERMAN / TEXTS))
    assert (by_text.kind, by_text.certain) == ("attention_check", True)
    assert by_text.expected == ("Trifft teilweise zu",)
    codes = read_raw(real / GERMAN / CODES)
    (by_name,) = special_questions(codes)
    assert (by_name.column, by_name.certain) == ("JC2[AC]", False)
    assert (codes.frame["JC2[AC]"] == "Trifft teilweise zu").sum() == 15


def test_limonaid_with_646_columns_and_a_name_that_is_empty(real: Path) -> None:
    raw = read_raw(real / "limesurvey_limonaid" / "survey_100001_R_data_file.csv")
    assert (raw.facts.tool, raw.frame.shape) == ("limesurvey", (3, 646))
    assert "columns without a name: 1" in raw.facts.detected
    assert len(set(raw.frame)) == 646
    assert raw.repeated


def test_limonaid_with_two_scales_an_item_and_consent(real: Path) -> None:
    raw = read_raw(real / "limesurvey_limonaid" / "survey_998192_R_data_file.csv")
    assert (raw.facts.tool, raw.frame.shape) == ("limesurvey", (7, 71))
    for scale in ("[Scale 1]", "[Scale 2]"):
        assert sum(name.endswith(scale) for name in raw.frame) == 6
    (consent,) = special_questions(raw)
    assert (consent.kind, consent.expected) == ("consent", ("yes",))


def test_limonaid_has_one_abandoned_response_which_is_counted(real: Path) -> None:
    path = real / "limesurvey_limonaid" / "survey_100001_R_data_file.csv"
    responses = responses_of(read_raw(path))
    assert responses is not None
    assert responses["finished"].tolist() == [True, False, True]
    codebook = draft_codebook(read_raw(path))
    survey = read_survey(path, codebook)
    by_tool = (codebook.roles.respondent, codebook.roles.duration)
    asked = [name for name in codebook.used_names if name not in by_tool]
    assert survey.values.loc[2, asked].isna().all(), "whoever left on the first page answered nothing"
    rules = CleaningRules(unfinished=Unfinished(finished_only=True))
    assert list(clean_survey(survey, codebook, rules).values.index) == [1, 3]


def test_limonaid_ranking_upload_equation_choices_and_address(real: Path) -> None:
    """What is of a kind of its own is no question with a scale of answers, and tells nothing of a person."""
    path = real / "limesurvey_limonaid" / "survey_998192_R_data_file.csv"
    raw = read_raw(path)
    codebook = draft_codebook(raw)
    kept = {codebook.column_names(name)[0]: entry.kind for name, entry in codebook.variables.items()}
    ranks = [name for name in raw.frame if name.endswith(tuple(f"[Rank {n}]" for n in range(1, 6)))]
    choices = [name for name in raw.frame if name.startswith("Which educations")]
    assert (len(ranks), len(choices)) == (5, 4)
    assert {kept[name] for name in (*ranks, *choices)} == {"category"}
    (equation,) = (name for name in raw.frame if name.startswith("{if("))
    assert kept[equation] == "category"
    survey = read_survey(path, codebook)
    ticked = {name for name in survey.values if codebook.column_names(name)[0] in choices}
    assert (survey.values[list(ticked)] == "0").any(axis=None), "a box that was left empty is an answer"
    address = [name for name in raw.frame if name.startswith("Please enter your address")]
    upload = "Upload an image of your plant for example"
    assert len(address) == 4
    assert {*address, upload} <= set(codebook.kept_out)
    assert "free text" in codebook.kept_out[upload], "a title and a name that the respondent gave"
    assert kept[f"filecount - {upload}"] == "category"
    assert codebook.items == {}


def test_surveymonkey_in_two_rows(real: Path) -> None:
    raw = read_raw(real / "surveymonkey_xlsx" / "Raw_data.xlsx")
    assert (raw.facts.tool, raw.frame.shape) == ("surveymonkey", (198, 100))
    assert list(raw.roles.values()) == [
        "respondent", "started", "recorded", "email", "name", "name", "other",
    ]  # fmt: skip
    for name in ("Email Address", "First Name", "Last Name", "Custom Data 1"):
        assert raw.frame[name].isna().all()
    other = "Identify which division you work in. | Other (please specify)"
    assert raw.frame[other].notna().sum() == 2
    assert raw.frame["Identify which division you work in."].notna().sum() == 197
    assert [name for name in raw.frame if name.startswith("Question 29 | ")] == [
        f"Question 29 | Response {n}" for n in range(1, 15)
    ]
    assert raw.frame["Respondent ID"].is_unique


def test_surveymonkey_s_merged_header_goes_with_every_column_and_the_answers_stay_under_it(
    real: Path,
) -> None:
    """Each of the 30 question blocks, counted in the workbook itself: its name, its columns, their cells."""
    path = real / "surveymonkey_xlsx" / "Raw_data.xlsx"
    with closing(openpyxl.load_workbook(path, read_only=True)) as workbook:
        top, below, *rows = workbook.worksheets[0].iter_rows(values_only=True)
    blocks: dict[str, list[int]] = {}
    for place, text in enumerate(top):
        blocks.setdefault(str(text or [*blocks][-1]), []).append(place)
    questions = {name: places for name, places in blocks.items() if name.startswith("Question ")}
    assert [*questions] == [f"Question {n}" for n in range(1, 31)]
    assert sum(map(len, questions.values())) == 100 - 14
    raw = read_raw(path)
    for question, places in questions.items():
        for place in places:
            alone = str(below[place]) in ("Response", "Open-Ended Response")
            name = question if alone else f"{question} | {below[place]}"
            assert raw.frame.columns[place] == name
            assert raw.frame[name].fillna("").tolist() == [row[place] or "" for row in rows], name
    assert len(rows) == 198
    several = [name for name in raw.frame if name.startswith("Question 29 | ")]
    first = ["3", "2", "5", "6", "", "6", "1", "", "8", "8", "4", "", "", "5"]  # as read in the first row
    assert raw.frame.loc[1, several].fillna("").str.removeprefix("Answer ").tolist() == first


@pytest.mark.parametrize(
    ("name", "n_header_rows", "n_columns", "cells"),
    [
        ("sample.csv", 3, 20, {"UserLanguage": "DE", "LocationLatitude": "52.37", "Progress": "100"}),
        (
            "sample_legacy.csv",
            2,
            16,
            {"ResponseSet": "Standard-Antwortsatz", "Name": "Anonym", "LocationAccuracy": "-1"},
        ),
    ],
)
def test_qualtrics_with_three_header_rows_and_with_two(
    real: Path, name: str, n_header_rows: int, n_columns: int, cells: dict[str, str]
) -> None:
    raw = read_raw(real / "qualtrics_fixtures" / name)
    assert raw.facts.tool == "qualtrics"
    assert (raw.facts.header_row, raw.facts.repairs["rows_above"]) == (1, n_header_rows - 1)
    assert raw.frame.shape == (raw.facts.n_rows, len(raw.frame.columns)) == (1, n_columns)
    (row,) = raw.frame.to_dict("records")
    (number,) = (column for column, role in raw.roles.items() if role == "respondent")
    both = {number: "R_2YPOQ602ER1jkf1", "IPAddress": "192.0.2.1", "Status": "0", "Finished": "1"}
    both |= {"StartDate": "2017-07-18 08:28:09", "EndDate": "2017-07-18 08:28:48"}
    expected = {**both, **cells, "Q1": "2", "Q2": "Hello World!"}
    assert {column: row[column] for column in expected} == expected
    assert raw.texts["Q1"] == "This is a multiple choice question."
    assert raw.texts["Q2"] == "This is a free text question."
    assert n_of(raw, "ip_address") == 1
    assert ("legacy form" in raw.facts.detected[0]) == ("legacy" in name)


@pytest.mark.parametrize("name", ["engagement_choice_text.csv", "engagement_numeric.csv"])
def test_qualtrics_consent_with_the_code_that_accepting_has(real: Path, name: str) -> None:
    (consent,) = special_questions(read_raw(real / "qualtrics_choice_vs_numeric" / name))
    assert consent.kind == "consent"
    assert consent.expected == (("4",) if "numeric" in name else ("Accept",))


@pytest.mark.parametrize(
    ("name", "sheet", "notes"),
    [
        ("raw_2013.xlsx", "Table 2.1 - Question scores", "Contents"),
        ("raw_2019.xlsx", "Table 2 - Question scores", "Contents, Table 3.1 - Table 1 metadata"),
    ],
)
def test_csps_workbooks_pick_the_question_scores_and_say_so(
    real: Path, name: str, sheet: str, notes: str
) -> None:
    raw = read_raw(real / "csps_uk_orgs" / name)
    assert raw.facts.sheet == sheet
    assert f"sheet {sheet}, the largest beside notes: {notes}" in raw.facts.detected
    assert {"B01", "B05", "W01"} <= set(raw.frame)
    other = "Table 1 - EEI and theme scores"
    assert read_raw(real / "csps_uk_orgs" / name, SourceOptions(sheet=other)).facts.sheet == other
    with pytest.raises(SurveyDataError, match="a sheet Tabel 1"):
        read_raw(real / "csps_uk_orgs" / name, SourceOptions(sheet="Tabel 1"))
