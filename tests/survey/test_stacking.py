"""Waves side by side in a file: one row a respondent and wave, traceable, and replayable."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import CodebookError, SurveyDataError
from si_research.survey.cleaning import CleaningRules, Selection, clean_survey
from si_research.survey.codebook import Codebook, Item, Roles, Route, Scale, Variable
from si_research.survey.codebook_checks import findings_in
from si_research.survey.codebook_file import read_codebook
from si_research.survey.codebook_parts import MissingReason
from si_research.survey.ledger import read_ledger
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from si_research.survey.scoring import score_scales
from si_research.survey.survey_data import rows_in_file
from si_research.survey.waves.presence import describe_waves
from tool_exports import qualtrics

# Person 11: both waves. 12: only before. 13: only after. 14: nothing at all. 15: a refusal after.
EXPORT = """\
id;bedrijf;k1_voor;k2_voor;uren_voor;k1_na;k2_na;k3_na
11;A;mee eens;oneens;36;oneens;neutraal;mee eens
12;A;mee eens;mee eens;;;;
13;B;;;;oneens;oneens;oneens
14;B;;;;;;
15;C;neutraal;neutraal;20;-99;;
"""
BOOK = Codebook(
    title="two waves",
    missing_codes={"-99": "refused"},
    items={
        "k1": Item(format="agree_5", columns={"voor": "k1_voor", "na": "k1_na"}),
        "k2": Item(format="agree_5", columns={"voor": "k2_voor", "na": "k2_na"}, reverse=True),
        "k3": Item(format="agree_5", columns={"na": "k3_na"}),
    },
    variables={"uren": Variable(kind="number", columns={"voor": "uren_voor"})},
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    roles=Roles(respondent="id", organisation="bedrijf"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "export.csv"
    file.write_text(EXPORT, "utf-8")
    return file


def test_one_row_a_respondent_and_wave(path: Path) -> None:
    survey = read_survey(path, BOOK)
    values = survey.values
    assert values.index.tolist() == [
        "1 (voor)",
        "1 (na)",
        "2 (voor)",
        "3 (na)",
        "4 (voor)",
        "5 (voor)",
        "5 (na)",
    ]
    assert values.index.name == "row"
    assert values["id"].tolist() == ["11", "11", "12", "13", "14", "15", "15"]
    assert values["bedrijf"].tolist() == ["A", "A", "A", "B", "B", "C", "C"]
    assert values["wave"].tolist() == ["voor", "na", "voor", "na", "voor", "voor", "na"]
    assert values["k1"].fillna(0).tolist() == [4, 2, 4, 2, 0, 3, 0]
    assert values["k2"].fillna(0).tolist() == [2, 3, 4, 2, 0, 3, 0]
    assert rows_in_file(survey).tolist() == [1, 1, 2, 3, 4, 5, 5]


def test_reasons_travel_and_what_a_wave_did_not_ask_says_so(path: Path) -> None:
    reasons = read_survey(path, BOOK).reasons
    assert reasons.loc["5 (na)", "k1"] == "refused"
    assert reasons.loc["5 (na)", "k2"] == "unanswered"
    assert reasons.loc["1 (voor)", "k3"] == "not_asked"
    assert reasons.loc["1 (na)", "uren"] == "not_asked"
    assert reasons.loc["2 (voor)", "uren"] == "unanswered"
    assert reasons["wave"].isna().all()


def test_the_step_counts_what_it_did_not_make(path: Path) -> None:
    (step,) = (s for s in read_survey(path, BOOK).ledger.steps.itertuples() if s.step == "stack_waves")
    assert (step.rows_before, step.rows_after) == (5, 7)
    assert "not made, because it holds no answer: 3 (voor 1, na 2)" in step.rule
    # before: 10 cells of id and bedrijf and 14 answers; after: three a row carried or filled in, and the 14
    assert (step.cells_before, step.cells_after) == (24, 35)


def test_a_replay_is_exact_also_with_routes(path: Path, tmp_path: Path) -> None:
    book = BOOK.model_copy(update={"routing": (Route(items=("k2",), variable="k1", values=("4",)),)})
    rules = CleaningRules(select=(Selection(variable="wave", keep=("na",), reason="de nameting"),))
    clean = clean_survey(read_survey(path, book), book, rules)
    assert clean.values.index.tolist() == ["1 (na)", "3 (na)", "5 (na)"]
    assert clean.reasons.loc["1 (na)", "k2"] != "routed_past"  # an answer stays an answer
    clean.ledger.to_csv(tmp_path / "ledger.csv")
    again = replay(read_ledger(tmp_path / "ledger.csv"), path, book)
    pd.testing.assert_frame_equal(again.values, clean.values, check_exact=True)
    pd.testing.assert_frame_equal(again.reasons, clean.reasons, check_exact=True)
    pd.testing.assert_frame_equal(again.ledger.steps, clean.ledger.steps, check_exact=True)


def test_a_replay_notices_waves_that_were_swapped(path: Path) -> None:
    ledger = read_survey(path, BOOK).ledger
    other = BOOK.model_copy(update={"waves": ("na", "voor")})
    with pytest.raises(SurveyDataError, match="the waves"):
        replay(ledger, path, other)


def test_the_same_respondent_in_two_waves_is_no_duplicate(path: Path) -> None:
    clean = clean_survey(read_survey(path, BOOK), BOOK)
    assert clean.values["id"].tolist() == ["11", "11", "12", "13", "15", "15"]  # 14 answered nothing
    scores = score_scales(clean, BOOK).table()
    assert scores["wave"].tolist() == ["voor", "na", "voor", "na", "voor", "na"]
    assert scores["kunnen"].fillna(0).tolist() == [4.0, 2.5, 3.0, 3.0, 3.0, 0.0]


def test_the_order_of_the_waves_can_be_said(path: Path) -> None:
    book = BOOK.model_copy(update={"waves": ("na", "voor")})
    assert read_survey(path, book).values["wave"].tolist()[:2] == ["na", "voor"]


def test_a_copy_of_a_response_leaves_in_each_of_its_waves(tmp_path: Path) -> None:
    questions = [("k1_1", "Kan ik het?", "QID1"), ("k1_2", "Kan ik het?", "QID2")]
    rows = [
        ["2024-01-01 10:00:00", "IP Address", "", "100", "True", who, first, second]
        for who, first, second in (("R_1", "1", "2"), ("R_1", "3", "4"), ("R_2", "5", ""))
    ]
    path = tmp_path / "export.csv"
    path.write_text(qualtrics(rows, questions), "utf-8")
    book = Codebook(
        title="copies",
        items={"k1": Item(format="agree_5", columns={"1": "k1_1", "2": "k1_2"})},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    )
    clean = clean_survey(read_survey(path, book), book)
    assert clean.values["k1"].to_dict() == {"2 (1)": 3.0, "2 (2)": 4.0, "3 (1)": 5.0}


def test_a_column_of_one_wave_that_is_not_there_is_named(path: Path) -> None:
    path.write_text(EXPORT.replace("k2_na", "K2_na"), "utf-8")
    with pytest.raises(CodebookError, match=r"items\.k2\.columns\.na: .*`k2_na`.*Did you mean `K2_na`"):
        read_survey(path, BOOK)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"waves": ("voor", "na", "later")}, "a wave that `columns` name"),
        ({"waves": ("voor",)}, "a wave listed in `waves`"),
        ({"waves": ("voor", "na", "na")}, "each wave once"),
        ({"variables": {"wave": Variable(column="meting")}}, "a wave without a column of its own"),
        (
            {"items": {"k1": Item(format="agree_5")}, "waves": ("voor", "na")},
            "items or variables with `columns`",
        ),
        (
            {"items": {"k1": Item(format="agree_5", columns={"voor": "a", "na": "a"})}},
            "a column for each wave",
        ),
        (
            {"items": {"k1": Item(format="agree_5", columns={"voor": "a"})}, "variables": {}},
            "two waves or more",
        ),
        ({"items": {"wave": Item(format="agree_5"), **BOOK.items}}, "another name than `wave`"),
    ],
)
def test_waves_that_do_not_fit_are_found(change: dict[str, object], expected: str) -> None:
    if "items" in change and "waves" in change:
        change = {**change, "variables": {}}
    found = [finding.expected for finding in findings_in(BOOK.model_copy(update=change))]
    assert any(expected in each for each in found), found


def test_a_codebook_file_says_column_or_columns(tmp_path: Path) -> None:
    text = (
        "title: t\nitems:\n  k1: {format: agree_5, columns: {1: k1_1, 2: k1_2}}\n"
        "scales: {kunnen: {construct: kunnen, items: [k1]}}\n"
    )
    path = tmp_path / "codebook.yml"
    path.write_text(text, "utf-8")
    assert read_codebook(path).wave_order == ("1", "2")
    path.write_text(text.replace("agree_5,", "agree_5, column: k1,"), "utf-8")
    with pytest.raises(CodebookError, match=r"line 3, items\.k1: expected either `column`"):
        read_codebook(path)


@pytest.mark.parametrize(("reason", "n_after"), [("not_asked", 1), ("declared_missing", 1), ("refused", 3)])
def test_a_code_in_every_cell_of_a_wave_is_a_dropout(path: Path, reason: MissingReason, n_after: int) -> None:
    path.write_text(
        "id;bedrijf;k1_voor;k2_voor;uren_voor;k1_na;k2_na;k3_na\n"
        "11;A;eens;oneens;36;oneens;neutraal;eens\n"
        "12;A;eens;eens;36;-99;-99;-99\n"
        "13;B;eens;eens;36;-99;-99;-99\n",
        "utf-8",
    )
    book = BOOK.model_copy(update={"missing_codes": {"-99": reason}})
    survey = read_survey(path, book)
    assert (survey.values["wave"] == "na").sum() == n_after
    waves = describe_waves(survey, book).table().set_index("wave")
    assert waves.loc["na", ["n", "n_dropped"]].tolist() == [n_after, 3 - n_after]
