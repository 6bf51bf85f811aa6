"""What `check` says before anything is run: problems together, slips, and what a run will do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from si_research import check_study
from small_survey import answers, with_column, write_csv
from small_survey import change_text as change

Invoke = Callable[..., Result]


def test_a_wrong_separator_is_named(small_study: Path, si_research: Invoke) -> None:
    codebook = small_study / "codebook.yml"
    codebook.write_text(codebook.read_text("utf-8") + 'source: {separator: ","}\n', "utf-8")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "one, whose header holds a semicolon 13 times" in result.output
    assert 'write `separator: ";"`' in result.output


def test_problems_of_the_study_and_of_the_file_come_together(small_study: Path, si_research: Invoke) -> None:
    change(small_study / "study.yml", "bootstrap_draws: 199", "predictors: [kunnn, willen, mogen]")
    change(small_study / "codebook.yml", "  k1: {format: agree_5}", "  k1: {format: agree_5, column: kk1}")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "line 7, analysis.predictors" in result.output
    assert "Did you mean `kunnen`?" in result.output
    assert "the column `kk1`" in result.output


def test_a_control_needs_its_role_first(small_study: Path, si_research: Invoke) -> None:
    with_column(small_study / "survey.csv", "Leeftijd", lambda index: str(20 + index % 40))
    with (small_study / "codebook.yml").open("a", encoding="utf-8") as file:
        file.write("variables: {Leeftijd: {kind: number}}\n")
    change(small_study / "study.yml", "bootstrap_draws: 199", "controls: [leeftijd]")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "Write `controls: [Leeftijd]` under `roles` in the codebook" in result.output


def test_problems_of_both_files_come_together(small_study: Path, si_research: Invoke) -> None:
    change(small_study / "study.yml", "seed: 7", "sed: 7")
    change(small_study / "codebook.yml", "  k1: {format: agree_5}", "  k1: {format: agree5}")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "Did you mean `seed`?" in result.output
    assert "`agree5`" in result.output


@pytest.mark.parametrize(
    ("selection", "found", "todo"),
    [
        ("keep: [B01, B2]", "`B2`", "Did you mean `B02`?"),
        ("drop: [B99x]", "`B99x`", ""),
    ],
)
def test_a_slip_in_a_selection_changes_nobody_silently(
    small_study: Path, si_research: Invoke, selection: str, found: str, todo: str
) -> None:
    rule = f"\ncleaning: {{select: [{{variable: bedrijf, {selection}, reason: test}}]}}\n"
    with (small_study / "study.yml").open("a", encoding="utf-8") as file:
        file.write(rule)
    for command in ("check", "run"):
        result = si_research(command, small_study)
        assert result.exit_code == 2
        assert "selections on values that occur" in result.output
        assert found in result.output
        assert todo in result.output


def test_a_selection_on_a_declared_value_that_nobody_has_is_no_mistake(
    small_study: Path, si_research: Invoke
) -> None:
    """The same study file serves a file in which that answer does not occur."""
    text = (small_study / "survey.csv").read_text("utf-8")
    (small_study / "survey.csv").write_text(text.replace("helemaal mee oneens", "mee oneens"), "utf-8")
    values = "[zeer mee oneens, 1]"
    rule = f"\ncleaning: {{select: [{{variable: k1, drop: {values}, reason: test}}]}}\n"
    with (small_study / "study.yml").open("a", encoding="utf-8") as file:
        file.write(rule)
    assert si_research("check", small_study).exit_code == 0


def test_a_control_of_the_codebook_is_in_the_tests_unless_the_study_says_no(small_study: Path) -> None:
    ages = ["dertig", "199", *(str(20 + row % 40) for row in range(2, 240))]
    with_column(small_study / "survey.csv", "leeftijd", ages.__getitem__)
    change(small_study / "codebook.yml", "bedrijf}", "bedrijf, controls: [leeftijd]}")
    variable = "variables: {leeftijd: {kind: number, lowest: 15, highest: 80}}\n"
    change(small_study / "codebook.yml", "scales:\n", f"{variable}scales:\n")
    text = check_study(small_study).text
    assert "controls: leeftijd" in text
    assert "cells that should be a number and are not: 1 (leeftijd 1)" in text
    assert "numbers outside their format or range: 1 (leeftijd 1)" in text
    change(small_study / "study.yml", "bootstrap_draws: 199", "controls: []")
    text = check_study(small_study).text
    assert "controls: none" in text
    assert "not taken into account in the tests: leeftijd" in text


def test_check_says_that_a_run_will_refuse(small_study: Path, si_research: Invoke) -> None:
    change(small_study / "codebook.yml", "  k1: {format: agree_5}", "  k1: {format: agree_5, reverse: true}")
    change(small_study / "codebook.yml", "items: [k1, k2, k3]", "items: [k1, k2]")
    result = si_research("check", small_study)
    assert result.exit_code == 3
    assert "A run will refuse to answer: the reliability lies below 0.50: kunnen: alpha -" in result.output
    assert check_study(small_study).passed is False


def test_check_tells_what_organisations_mean(small_study: Path) -> None:
    assert "organisations: 12" in check_study(small_study).text
    change(small_study / "codebook.yml", ", organisation: bedrijf", "")
    assert "people are taken as independent" in check_study(small_study).text


@pytest.mark.parametrize(("n_without", "told"), [(16, "16"), (3, "fewer than 5")])
def test_check_tells_of_how_many_the_organisation_is_not_known(
    small_study: Path, n_without: int, told: str
) -> None:
    rows = answers(240, 12, seed=3)
    for row in rows[:n_without]:
        row[1] = ""
    write_csv(small_study / "survey.csv", rows)
    text = check_study(small_study).text
    assert f"without an organisation: {told}, whom the tests leave out" in text


def test_check_counts_who_leaves(small_study: Path) -> None:
    with (small_study / "survey.csv").open("a", encoding="utf-8") as file:
        file.write("900;B01" + ";" * 12 + "\r\n")
    result = check_study(small_study)
    assert "after cleaning: 240 rows (left out: unfinished 1)" in result.text
    assert list(result.table().columns) == ["scale", "n_items", "n_used", "alpha", "omega"]
    assert result.passed is True


def test_the_line_of_a_file_of_which_nothing_is_told_ends_where_it_ends(
    small_study: Path, si_research: Invoke
) -> None:
    table = pd.read_csv(small_study / "survey.csv", sep=";", dtype="str")
    table.to_parquet(small_study / "survey.parquet")
    change(small_study / "study.yml", "data: survey.csv", "data: survey.parquet")
    result = si_research("check", small_study)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == "survey.parquet: 240 rows, 14 columns"


@pytest.mark.parametrize(
    ("n_stopped", "rules", "said"),
    [
        (0, "", None),
        (3, "", "fewer than 5 of 240 rows; of these fewer than 5 answered enough and stay: `unfinished: "
         "{finished_only: true}` under `cleaning` in study.yml"),
        (30, "", "30 of 240 rows; of these 30 answered enough and stay: `unfinished: {finished_only: true}`"),
        (30, "finished_only: true", "30 of 240 rows, who leave"),
        (30, "drop: false", "and stay: `unfinished: {drop: true, finished_only: true}`"),
    ],
)  # fmt: skip
def test_who_never_sent_the_questionnaire_in_is_told(
    small_study: Path, si_research: Invoke, n_stopped: int, rules: str, said: str | None
) -> None:
    path = small_study / "survey.csv"
    for name, cell in (("id", str), ("lastpage", lambda row: "3"), ("startlanguage", lambda row: "nl")):
        with_column(path, name, cell)
    with_column(path, "submitdate", lambda row: "" if row < n_stopped else "2026-01-05 10:00:00")
    with (small_study / "study.yml").open("a", encoding="utf-8") as file:
        file.write(f"\ncleaning: {{unfinished: {{{rules}}}}}\n")
    result = si_research("check", small_study)
    assert result.exit_code == 0, result.output
    assert "LimeSurvey" in result.output
    if said is None:
        assert "never sent in" not in result.output
    else:
        assert said in result.output.split("never sent in, by the account of the survey tool: ")[1]
