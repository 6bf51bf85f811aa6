"""Columns that enter nothing, and the parts that others play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import check_codebook_against
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.read import survey_of
from si_research.survey.reading.rules import rules_for
from tool_exports import qualtrics

Draft = Callable[[dict[str, Sequence[object]]], Codebook]
N = 40


def test_roles_are_proposed_with_their_reason_and_open(draft_of: Draft) -> None:
    codebook = draft_of(
        {
            "respondent_id": range(N),
            "bedrijf": [f"B{row % 8}" for row in range(N)],
            "meting": [1, 2] * (N // 2),
            "gewicht": [0.5 + row / 100 for row in range(N)],
            "k1": [1, 2, 3, 4, 5] * (N // 5),
            "k2": [1, 2, 3, 4, 5] * (N // 5),
        }
    )
    roles = codebook.roles
    assert (roles.respondent, roles.organisation, roles.wave, roles.weight) == (
        "respondent_id",
        "bedrijf",
        "meting",
        "gewicht",
    )
    assert codebook.variables["respondent_id"].kind == "identifier"
    assert codebook.variables["gewicht"].kind == "number"
    assert not codebook.variables["bedrijf"].confirm
    assert "organisation" in codebook.variables["bedrijf"].proposed
    assert set(codebook.items) == {"k1", "k2"}


def test_a_question_about_the_organisation_is_no_organisation(draft_of: Draft) -> None:
    question = "Ik ben trots op deze organisatie en haar mensen"
    codebook = draft_of({question: ["mee eens", "neutraal"] * 10})
    assert codebook.roles.organisation is None
    assert codebook.items["q1"].format == "agree_5"
    assert codebook.items["q1"].column == question


def test_what_enters_nothing_is_listed_with_its_reason(draft_of: Draft) -> None:
    codebook = draft_of(
        {
            "k1": [1, 2, 3, 4, 5] * 8,
            "k2": [1, 2, 3, 4, 5] * 8,
            "leeg": [""] * N,
            "attention_check": [4] * N,
            "datum": [f"2026-11-{day % 28 + 1:02d}" for day in range(N)],
            "toelichting": [f"iets anders van persoon {chr(97 + row % 26)}{row}" for row in range(N)],
        }
    )
    assert set(codebook.kept_out) == {"leeg", "attention_check", "datum", "toelichting"}
    assert all(codebook.kept_out.values())
    assert "attention check" in codebook.kept_out["attention_check"]


def test_columns_of_the_tool_and_names_that_stand_twice(tmp_path: Path) -> None:
    questions = [("Q1", "I may try things", "QID1"), ("Q1", "I may fail", "QID2"), ("Q2", "Age", "QID3")]
    rows = [
        ["2026-01-01", "IP Address", "192.0.2.1", "100", "True", f"R_{n}", first, second, "30"]
        for n, (first, second) in enumerate([("Agree", "Disagree"), ("Disagree", "Agree")] * 3)
    ]
    path = tmp_path / "survey.csv"
    path.write_text(qualtrics(rows, questions), "utf-8")
    raw = read_raw(path)
    codebook = draft_codebook(raw)
    assert codebook.roles.respondent == "ResponseId"
    assert set(codebook.kept_out) >= {"StartDate", "Status", "IPAddress", "Progress"}
    assert codebook.roles.completed == "Finished"
    assert "Finished" not in codebook.kept_out
    assert codebook.variables["Finished"].confirm
    assert check_codebook_against((*raw.frame.columns, *raw.repeated), codebook, raw.texts) == ()
    values = survey_of(raw, rules_for(raw, codebook)).values
    assert (values["Q1"].tolist()[:2], values["Q1_2"].tolist()[:2]) == ([3, 2], [2, 3])


def test_an_attention_check_is_named_with_its_right_answer(draft_of: Draft) -> None:
    question = 'Kies hier "mee oneens"'
    answers = ["mee oneens", "mee oneens", "mee eens", "mee oneens"] * 10
    codebook = draft_of({"k1": [1, 2, 3, 4, 5] * 8, "k2": [1, 2, 3, 4, 5] * 8, question: answers})
    ((name, right),) = codebook.attention_checks.items()
    assert codebook.column_names(name) == (question,)
    assert right == ("mee oneens",)
    assert name in codebook.variables


def test_consent_says_what_to_write_in_the_study(draft_of: Draft) -> None:
    question = "Ik geef toestemming voor deelname aan het onderzoek"
    codebook = draft_of({question: ["ja", "ja", "nee", "ja"] * 10, "leeftijd": range(20, 60)})
    variable = next(each for each in codebook.variables.values() if each.column == question)
    assert "given: [ja]" in variable.proposed


def test_no_cell_of_a_respondent_stands_in_the_draft(draft_of: Draft) -> None:
    secrets = [f"geheim{row}" for row in range(N)]
    codebook = draft_of({"k1": [1, 2, 3, 4, 5] * 8, "k2": [1, 2, 3, 4, 5] * 8, "vrij": secrets})
    written = codebook.model_dump_json()
    assert not any(secret in written for secret in secrets)


def test_names_of_colleagues_are_kept_out_and_are_no_labels(draft_of: Draft) -> None:
    """Five names that come back in three columns look like the labels of a question, and are people."""
    people = ["Okke Veenstra", "Pleun Postma", "Hidde van der Terp", "Yara Okafor", "Sybren Bouma"]
    columns = {f"V{place}": [people[(row * place) % 5] for row in range(N)] for place in (1, 2, 3)}
    columns |= {"collega": [people[row % 5] for row in range(N)]}
    codebook = draft_of({**columns, "k1": [1, 2, 3, 4, 5] * 8, "k2": [1, 2, 3, 4, 5] * 8})
    assert set(codebook.kept_out) == {"V1", "V2", "V3", "collega"}
    assert "Veenstra" not in repr(codebook)


def test_what_hardly_anybody_typed_is_no_label(draft_of: Draft) -> None:
    """Eleven texts in three columns are a format when five people gave each, else somebody's words."""
    words = ["aap", "noot", "mies", "wim", "zus", "jet", "teun", "vuur", "gijs", "lam", "kees"]
    often = {f"q_{place}": words * 5 for place in (1, 2, 3)}
    assert draft_of(often).items["q_1"].format == "words"
    seldom = {name: [*cells[:-1], "aap"] for name, cells in often.items()}
    codebook = draft_of(seldom)
    assert "q_1" in codebook.variables
    assert "kees" not in repr(codebook)


LIMESURVEY = ("id", "submitdate", "lastpage", "startlanguage", "k1", "k2", "k3", "interviewtime")


@pytest.mark.parametrize("separator", [",", ";"])
def test_the_time_that_a_tool_took_down_is_the_duration_in_its_own_decimals(
    tmp_path: Path, separator: str
) -> None:
    rows = [
        [n, "2026-01-01 10:00:00", 4, "nl", 1 + n % 5, 1 + n % 4, 5 - n % 5, f"{100 + n}.25"]
        for n in range(12)
    ]
    lines = [separator.join(f'"{cell}"' for cell in row) for row in [LIMESURVEY, *rows]]
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    raw = read_raw(path)
    codebook = draft_codebook(raw)
    assert codebook.roles.duration == "interviewtime"
    assert codebook.variables["interviewtime"].confirm
    assert codebook.roles.completed is None
    assert "submitdate" in codebook.kept_out  # it says who finished, and the reader knows that
    values = survey_of(raw, rules_for(raw, codebook)).values
    assert values["interviewtime"].tolist() == [100.25 + n for n in range(12)]


def test_a_last_page_says_who_finished_only_where_nothing_else_does(tmp_path: Path) -> None:
    rows = [[n, "", n % 4, "nl", 1 + n % 5, 1 + n % 4, 5 - n % 5, 0] for n in range(12)]
    lines = [",".join(map(str, row)) for row in [LIMESURVEY, *rows]]
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    codebook = draft_codebook(read_raw(path))
    assert codebook.roles.completed == "lastpage"
    assert not codebook.variables["lastpage"].confirm
    assert codebook.roles.duration is None
