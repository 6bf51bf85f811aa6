"""Input that runs without a sound elsewhere and answers another question: refused or named here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from si_research import check_study
from si_research.study.run import run_study
from small_survey import ITEMS, LABELS, answers, change_text, with_column, write_csv

Invoke = Callable[..., Result]


def add_rule(study: Path, rule: str) -> None:
    with (study / "study.yml").open("a", encoding="utf-8") as file:
        file.write(f"\ncleaning: {{{rule}}}\n")


def n_after_cleaning(study: Path) -> int:
    return int(check_study(study).text.split("after cleaning: ")[1].split(" rows")[0])


@pytest.mark.parametrize("values", ["[helemaal mee eens]", "[5]", "['5,0']", "[Helemaal mee eens.]"])
def test_a_selection_by_label_is_one_by_number(small_study: Path, values: str) -> None:
    survey = pd.read_csv(small_study / "survey.csv", sep=";", dtype=str)
    leave = int((survey["k1"] == "helemaal mee eens").sum())
    assert leave > 5
    add_rule(small_study, f"select: [{{variable: k1, drop: {values}, reason: proef}}]")
    assert n_after_cleaning(small_study) == len(survey) - leave


def test_keeping_by_label_keeps_those(small_study: Path) -> None:
    survey = pd.read_csv(small_study / "survey.csv", sep=";", dtype=str)
    add_rule(small_study, "select: [{variable: k1, keep: [mee eens, helemaal mee eens], reason: proef}]")
    expected = survey["k1"].isin(["mee eens", "helemaal mee eens"]).sum()
    assert n_after_cleaning(small_study) == expected


def each_firm_counts_from_one(rows: list[list[str]]) -> list[list[str]]:
    seen: dict[str, int] = {}
    numbered = []
    for _, firm, *given in rows:
        seen[firm] = seen.get(firm, 0) + 1
        numbered.append([str(seen[firm]), firm, *given])
    return numbered


def test_numbers_that_start_again_in_each_firm_are_no_duplicates(
    small_study: Path, si_research: Invoke
) -> None:
    rows = each_firm_counts_from_one(answers(240, 30, seed=3))
    write_csv(small_study / "survey.csv", [*rows, rows[0]])
    result = si_research("run", small_study)
    assert result.exit_code == 2
    assert "numbers of respondents that occur in several" in result.output
    add_rule(small_study, "respondent_within: organisation")
    assert n_after_cleaning(small_study) == 240


def test_the_same_people_in_two_firms_count_once_when_the_study_says_so(small_study: Path) -> None:
    rows = answers(240, 12, seed=3)
    write_csv(small_study / "survey.csv", [*rows, ["1", "B99", *rows[0][2:]]])
    add_rule(small_study, "respondent_within: survey")
    assert n_after_cleaning(small_study) == 240


def test_a_number_that_many_rows_share_is_nobodys(small_study: Path, si_research: Invoke) -> None:
    rows = answers(240, 12, seed=3)
    write_csv(
        small_study / "survey.csv", [["anoniem", *row[1:]] if n % 6 else row for n, row in enumerate(rows)]
    )
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "rows share in one organisation" in result.output
    assert "anoniem" not in result.output
    change_text(
        small_study / "codebook.yml",
        "{weet niet: does_not_know}",
        "{weet niet: does_not_know, anoniem: refused}",
    )
    assert n_after_cleaning(small_study) == 240


@pytest.mark.parametrize("shift", [-1, 1])
def test_numbers_that_are_one_off_are_refused(small_study: Path, si_research: Invoke, shift: int) -> None:
    number = {label: str(place + 1 + shift) for place, label in enumerate(LABELS)}
    rows = [[*row[:2], *(number[answer] for answer in row[2:])] for row in answers(240, 12, seed=3)]
    write_csv(small_study / "survey.csv", rows)
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert f"found numbers from {1 + shift} to {5 + shift}" in result.output
    assert result.output.count("found numbers from") == len(ITEMS)


def test_what_few_answered_is_in_no_output(small_study: Path) -> None:
    """Two answers follow from their mean and spread."""
    with_column(small_study / "survey.csv", "z1", lambda row: LABELS[row] if row < 2 else "weet niet")
    with_column(small_study / "survey.csv", "z2", lambda row: LABELS[row % 5])
    change_text(
        small_study / "codebook.yml",
        "scales:",
        "  z1: {format: agree_5}\n  z2: {format: agree_5}\nscales:\n"
        "  extra: {construct: other, items: [z1, z2]}",
    )
    outcome = run_study(small_study, language="en")
    results = json.loads((outcome.report.parent / "results.json").read_text("utf-8"))
    (item,) = [row for row in results["items"] if row["item"] == "z1"]
    assert (item["n_used"], item["mean"], item["std_dev"]) == (None, None, None)
    (extra,) = [each for each in results["reliabilities"] if each["scale"] == "extra"]
    assert extra["status"] == "too few"
    assert [row["mean"] for row in extra["items"] if row["n_used"] is None] == [None]
    assert "Too few people answered all questions of extra" in outcome.report.read_text("utf-8")


def test_alpha_of_a_few_is_no_alpha_of_the_scale(small_study: Path) -> None:
    with_column(small_study / "survey.csv", "k4", lambda row: LABELS[row % 5] if row < 30 else "")
    change_text(small_study / "codebook.yml", "scales:", "  k4: {format: agree_5}\nscales:")
    change_text(small_study / "codebook.yml", "items: [k1, k2, k3]", "items: [k1, k2, k3, k4]")
    text = check_study(small_study).text
    assert "(n = 30)" in text
    page = run_study(small_study, language="en").report.read_text("utf-8")
    assert "rests on fewer than half of the people who have a score" in page


def test_two_scales_of_a_test_share_no_question(small_study: Path, si_research: Invoke) -> None:
    change_text(small_study / "codebook.yml", "items: [w1, w2, w3]", "items: [w1, w2, k3]")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "k3, in kunnen and in willen" in result.output


def with_control(study: Path, answer: Callable[[int], str], variable: str = "") -> None:
    with_column(study / "survey.csv", "uren", answer)
    change_text(study / "codebook.yml", "bedrijf}", "bedrijf, controls: [uren]}")
    if variable:
        change_text(study / "codebook.yml", "scales:\n", f"variables: {{uren: {variable}}}\nscales:\n")


def test_a_control_of_which_no_cell_is_a_number_is_refused(small_study: Path, si_research: Invoke) -> None:
    with_control(small_study, lambda row: f"{row % 40},5%", "{kind: number}")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "240 cells that are no number" in result.output


def test_a_number_is_no_category_of_forty_groups(small_study: Path, si_research: Invoke) -> None:
    with_control(small_study, lambda row: str(row % 40))
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "40 different numbers in a control that the codebook does not describe" in result.output
    assert "`uren: {kind: number}`" in result.output


def test_firms_that_differ_in_capitals_are_named(small_study: Path) -> None:
    rows = answers(240, 12, seed=3)
    changed = [[row[0], row[1].lower() if n % 2 else row[1], *row[2:]] for n, row in enumerate(rows)]
    write_csv(small_study / "survey.csv", changed)
    text = check_study(small_study).text
    assert "`bedrijf`: 12 names are perhaps written in 24 ways, in 240 rows" in text


def test_answers_out_of_range_are_noted_in_the_report(small_study: Path) -> None:
    rows = answers(240, 12, seed=3)
    write_csv(
        small_study / "survey.csv",
        [[*row[:2], "99" if n < 6 else row[2], *row[3:]] for n, row in enumerate(rows)],
    )
    page = run_study(small_study, language="en").report.read_text("utf-8")
    assert "Of the answers, 6 lay outside their response format or range" in page


def test_check_says_who_is_in_twice_and_whether_weights_are_used(small_study: Path) -> None:
    rows = answers(240, 12, seed=3)
    write_csv(small_study / "survey.csv", rows + rows)
    with_column(small_study / "survey.csv", "meting", lambda row: "1" if row < 240 else "2")
    with_column(small_study / "survey.csv", "gewicht", lambda row: "1,5")
    change_text(small_study / "codebook.yml", "bedrijf}", "bedrijf, wave: meting, weight: gewicht}")
    text = check_study(small_study).text
    assert "rows of people who are in more than once: 480" in text
    assert "the tests weigh people by the weight of the codebook" in text
    change_text(small_study / "study.yml", "analysis: {", "analysis: {weighted: false, ")
    assert "the weight of the codebook is not used" in check_study(small_study).text


def test_a_selection_does_not_tell_who_one_person_was(small_study: Path) -> None:
    with_column(small_study / "survey.csv", "functie", lambda row: "directeur" if row == 7 else "medewerker")
    change_text(
        small_study / "codebook.yml", "scales:\n", "variables: {functie: {kind: category}}\nscales:\n"
    )
    add_rule(small_study, "select: [{variable: functie, drop: [directeur], reason: geen directie}]")
    page = run_study(small_study, language="en").report.read_text("utf-8")
    assert "outside the selection" not in page
    assert "Not in: reason not shown" in page


def test_a_question_that_may_be_stored_twice_is_told_by_check_and_report(small_study: Path) -> None:
    answered = [row[2 + ITEMS.index("w1")] for row in answers(240, 12, seed=3)]
    turned = dict(zip(LABELS, ("mee eens", *LABELS[-2::-1]), strict=True))  # two answers taken together
    with_column(small_study / "survey.csv", "w1_r", lambda row: turned[answered[row]])
    change_text(
        small_study / "codebook.yml",
        "scales:\n",
        "  w1_r: {format: agree_5, reverse: true}\nscales:\n  rest: {construct: other, items: [w1_r]}\n",
    )
    assert "`w1_r` and `w1` may be one question stored twice, turned" in check_study(small_study).text
    page = run_study(small_study, language="en").report.read_text("utf-8")
    assert "w1_r and w1 may be one question that the file holds twice" in page


def name_firms(study: Path, names: list[str]) -> None:
    """Give the first people other firms."""
    rows = answers(240, 12, seed=3)
    write_csv(
        study / "survey.csv",
        [[row[0], names[n], *row[2:]] if n < len(names) else row for n, row in enumerate(rows)],
    )


def test_people_in_a_firm_called_unknown_are_told_by_check_and_report(small_study: Path) -> None:
    name_firms(small_study, ["onbekend"] * 7 + ["?"] * 2)
    assert "9 rows hold a name that reads as no answer (`onbekend` 7, `?` 2)" in check_study(small_study).text
    page = run_study(small_study, language="en").report.read_text("utf-8")
    assert "The answer of 9 people to bedrijf reads as none" in page
    page = run_study(small_study, language="nl").report.read_text("utf-8")
    assert "Het antwoord van 9 mensen op bedrijf leest als geen antwoord" in page
    variables = "variables: {bedrijf: {missing_codes: {onbekend: does_not_know, '?': does_not_know}}}\n"
    change_text(small_study / "codebook.yml", "scales:\n", f"{variables}scales:\n")
    assert "reads as no answer" not in check_study(small_study).text
    outcome = run_study(small_study, language="en")
    assert "reads as none" not in outcome.report.read_text("utf-8")
    assert outcome.findings.fit is not None and outcome.findings.fit.clusters is not None
    assert outcome.findings.fit.clusters.n_clusters == 12


def test_a_firm_in_two_spellings_is_told_with_its_rows_and_not_shown(small_study: Path) -> None:
    name_firms(small_study, ["B.V. Eén"] * 6 + ["b.v. een", "BV Een"])
    text = check_study(small_study).text
    assert "1 name is perhaps written in 3 ways, in 8 rows: `B.V. Eén` (6 rows)" in text
    assert "first in row 7" in text and "first in row 8" in text
    assert "spellings: {the right one: [the others]}" in text
    page = run_study(small_study, language="en").report.read_text("utf-8")
    assert "differ only in the way they are written" in page
    assert not {"BV Een", "b.v. een"} & set(text.split("`"))
