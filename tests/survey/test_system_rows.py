"""Previews, tests, unfinished responses and copies: what the survey tool itself says of a row."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from si_research.errors import SurveyDataError
from si_research.survey.cleaning import CleaningRules, Consent, SystemRows, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, Scale, SourceOptions, Variable
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.reading.responses import responses_of
from si_research.survey.replay import replay
from si_research.survey.survey_data import Survey
from tool_exports import qualtrics

K1 = [("Q1", "I can", "QID1"), ("Q2", "Do you take part?", "QID2")]


def book() -> Codebook:
    return Codebook(
        title="Made up",
        items={"k1": Item(column="Q1", format="agree_5")},
        variables={"agreed": Variable(column="Q2", labels={"4": "Accept"})},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    )


def export(folder: Path, rows: list[tuple[str, str, str, str, str, str]]) -> Path:
    """Rows of (status, progress, finished, response id, k1, consent), in the form of Qualtrics."""
    answers = [
        ["2026-01-05 10:00:00", status, "10.0.0.1", progress, finished, response, k1, consent]
        for status, progress, finished, response, k1, consent in rows
    ]
    path = folder / "export.csv"
    path.write_text(qualtrics(answers, K1))
    return path


def kept(survey: Survey) -> list[int]:
    return [int(row) for row in survey.values.index]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("0", "answer"), ("IP Address", "answer"), ("4", "answer"), ("Imported", "answer"), ("16", "answer"),
        ("1", "preview"), ("Survey Preview", "preview"), ("17", "preview"), ("9", "preview"),
        ("2", "test"), ("Survey Test", "test"), ("8", "spam"), ("Spam", "spam"), ("12", "spam"),
        ("24", "spam"),
        ("Enquêtevoorbeeld", "unknown"), ("-1", "unknown"), ("", "answer"),
    ],
)  # fmt: skip
def test_the_status_of_a_response(tmp_path: Path, status: str, kind: str) -> None:
    responses = responses_of(read_raw(export(tmp_path, [(status, "100", "1", "R_1", "4", "Accept")])))
    assert responses is not None
    assert responses["kind"].tolist() == [kind]


def test_previews_and_tests_leave_with_a_count_and_an_unknown_status_is_said(tmp_path: Path) -> None:
    rows = [
        (status, "100", "1", f"R_{n}", "4", "Accept") for n, status in enumerate(("0", "1", "2", "8", "x"))
    ]
    path = export(tmp_path, rows)
    survey = clean_survey(read_survey(path, book()), book())
    assert kept(survey) == [1, 5]
    step = survey.ledger.steps.set_index("step").loc["system_rows"]
    assert step["rule"] == (
        "left out as no answer of a respondent: preview 1, spam 1, test 1; of another status, and kept: 1; "
        "stored more than once, of which the latest complete one stays: 0"
    )
    rules = CleaningRules(system_rows=SystemRows(drop=("unknown",)))
    assert kept(clean_survey(read_survey(path, book()), book(), rules)) == [1, 2, 3, 4]
    again = replay(survey.ledger, path, book())
    assert again.values.equals(survey.values)
    assert again.reasons.equals(survey.reasons)


def test_of_overlapping_downloads_the_latest_complete_copy_stays(tmp_path: Path) -> None:
    header = ("_id", "_uuid", "_submission_time", "Q1")
    cells = [
        ("7", "a", "2026-01-05T10:00:00", "1"),
        ("7", "a", "2026-01-07T10:00:00", "3"),  # the latest, though not the last in the file
        ("7", "a", "2026-01-06T10:00:00", "2"),
        ("8", "b", "2026-01-05T10:00:00", "5"),
        ("", "c", "2026-01-05T10:00:00", "4"),  # two without a number are two responses
        ("", "d", "2026-01-05T10:00:00", "4"),
    ]
    path = tmp_path / "kobo.csv"
    path.write_text("\n".join(";".join(row) for row in (header, *cells)) + "\n")
    codebook = Codebook(
        title="Made up",
        items={"k1": Item(column="Q1", format="agree_5")},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    )
    assert kept(clean_survey(read_survey(path, codebook), codebook)) == [2, 4, 5, 6]
    all_of_them = CleaningRules(system_rows=SystemRows(downloads="keep_all"))
    assert kept(clean_survey(read_survey(path, codebook), codebook, all_of_them)) == [1, 2, 3, 4, 5, 6]


def test_a_finished_copy_goes_before_a_later_one_that_is_not(tmp_path: Path) -> None:
    rows = [("0", "100", "1", "R_1", "4", "Accept"), ("0", "40", "0", "R_1", "2", "Accept")]
    path = export(tmp_path, rows)
    assert kept(clean_survey(read_survey(path, book()), book())) == [1]


def test_who_did_not_send_it_in_is_counted_and_leaves_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "limesurvey.csv"
    path.write_text(
        "id,submitdate,lastpage,startlanguage,Q1\n"
        "1,2026-01-05 10:00:00,2,nl,4\n2,,1,nl,5\n3,N/A,1,nl,\n4,1980-01-01 00:00:00,2,nl,2\n"
    )
    codebook = Codebook(
        title="Made up",
        items={"k1": Item(column="Q1", format="agree_5")},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    )
    survey = clean_survey(read_survey(path, codebook), codebook)
    assert kept(survey) == [1, 2, 4]
    assert "(not finished by the tool's own account, and kept: 1)" in survey.ledger.steps["rule"].iloc[-1]
    strict = CleaningRules(unfinished=Unfinished(finished_only=True))
    assert kept(clean_survey(read_survey(path, codebook), codebook, strict)) == [1, 4]


def test_consent_by_its_label_or_its_code_and_no_answer_is_none(tmp_path: Path) -> None:
    rows = [("0", "100", "1", f"R_{n}", "4", answer) for n, answer in enumerate(("4", "1", "", "Accept"))]
    path = export(tmp_path, rows)
    rules = CleaningRules(consent=Consent(variable="agreed", given=("Accept",)))
    survey = clean_survey(read_survey(path, book()), book(), rules)
    assert kept(survey) == [1, 4]
    step = survey.ledger.steps.set_index("step").loc["consent"]
    assert (step["rows_before"], step["rows_after"]) == (4, 2)
    assert json.loads(step["parameters"])["keep"] == ["4"]
    assert replay(survey.ledger, path, book()).values.equals(survey.values)


def test_a_plain_table_has_no_such_step_and_a_ledger_that_has_one_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path, [("1", "100", "1", "R_1", "4", "4"), ("0", "100", "1", "R_2", "4", "4")])
    survey = clean_survey(read_survey(path, book()), book())
    plain_book = book().model_copy(update={"source": SourceOptions(tool="plain")})
    with pytest.raises(SurveyDataError):
        replay(survey.ledger, path, plain_book.model_copy(update={"items": {}, "scales": {}}))
    plain = tmp_path / "plain.csv"
    plain.write_text("Q1,Q2\n4,4\n")
    assert "system_rows" not in set(clean_survey(read_survey(plain, book()), book()).ledger.steps["step"])


def test_unipark_says_who_is_a_tester_and_who_came_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "unipark.csv"
    path.write_text(
        "lfdn;tester;dispcode;lastpage;duration;v_1\n1;0;31;9;61;4\n2;1;31;9;60;4\n3;0;22;2;5;1\n4;0;32;9;70;2\n"
    )
    responses = responses_of(read_raw(path))
    assert responses is not None
    assert responses["kind"].tolist() == ["answer", "test", "answer", "answer"]
    assert responses["finished"].tolist() == [True, True, False, True]
    assert responses["duration"].tolist() == [61.0, 60.0, 5.0, 70.0]
    assert responses["response_id"].tolist() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("moments", "stays", "is_read"),
    [
        (("09/05/2024 10:00", "30/04/2024 10:00", "10/05/2024 10:00"), 3, True),
        (("5/13/2024 1:00 PM", "5/13/2024 11:00 AM", "5/13/2024 12:30 AM"), 1, True),
        (
            ("2024/05/02 1:00:00 AM GMT+2", "2024/05/01 9:00:00 PM GMT+2", "2024/04/30 9:00:00 PM GMT+2"),
            1,
            True,
        ),
        (("13800000000", "9800000000", "9900000000"), 1, True),
        (("09/05/2024 10:00", "08/05/2024 10:00", "07/06/2024 10:00"), 3, False),
    ],
)
def test_the_latest_copy_however_the_time_is_written(
    tmp_path: Path, moments: tuple[str, ...], stays: int, is_read: bool
) -> None:
    questions = [("RecordedDate", "Vastgelegd", "recordedDate"), *K1]
    rows = [["x", "0", "", "100", "1", "R_1", moment, "4", "Accept"] for moment in moments]
    path = tmp_path / "export.csv"
    path.write_text(qualtrics(rows, questions))
    survey = clean_survey(read_survey(path, book()), book())
    assert kept(survey) == [stays]
    rule = survey.ledger.steps.set_index("step").loc["system_rows", "rule"]
    assert ("without a time that can be read" in rule) != is_read


@pytest.mark.parametrize(("n_previews", "counted"), [(0, {120}), (3, {117}), (120, set())])
def test_a_draft_counts_no_preview_as_a_person(tmp_path: Path, n_previews: int, counted: set[int]) -> None:
    questions = [(f"K{n}", f"Ik kan het {n}", f"QID{n}") for n in (1, 2, 3, 4)]
    rows = []
    for row in range(120):
        answer = row * 7 % 5 + 1
        status = "1" if row < n_previews else "0"
        given = (
            answer,
            answer if row % 3 else 3,
            3 if row % 4 == 1 else answer,
            2 if row % 7 < 3 else 6 - answer,
        )
        rows.append(["2026-01-05 10:00:00", status, "10.0.0.1", "100", "1", f"R_{row}", *map(str, given)])
    path = tmp_path / "export.csv"
    path.write_text(qualtrics(rows, questions))
    said = " ".join(item.proposed or "" for item in draft_codebook(read_raw(path)).items.values())
    assert {int(count) for count in re.findall(r"(\d+) people", said)} == counted
