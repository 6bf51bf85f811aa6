"""Bad input: one clear message in four parts, exit code 2, no traceback, nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from small_survey import LABELS, answers, write_csv

Invoke = Callable[..., Result]


def codebook_names_a_strange_column(folder: Path) -> None:
    text = (folder / "codebook.yml").read_text("utf-8")
    (folder / "codebook.yml").write_text(text.replace("  k1: {", "  k1: {column: kunde1, "), "utf-8")


def empty_file(folder: Path) -> None:
    (folder / "survey.csv").write_bytes(b"")


def only_a_header(folder: Path) -> None:
    write_csv(folder / "survey.csv", [])


def nul_bytes(folder: Path) -> None:
    data = (folder / "survey.csv").read_bytes()
    (folder / "survey.csv").write_bytes(data[:500] + b"\0\0\0" + data[500:])


def a_directory(folder: Path) -> None:
    (folder / "survey.csv").unlink()
    (folder / "survey.csv").mkdir()


def no_file(folder: Path) -> None:
    (folder / "survey.csv").unlink()


def csv_named_xlsx(folder: Path) -> None:
    (folder / "survey.csv").rename(folder / "survey.xlsx")
    text = (folder / "study.yml").read_text("utf-8")
    (folder / "study.yml").write_text(text.replace("survey.csv", "survey.xlsx"), "utf-8")


def three_respondents(folder: Path) -> None:
    write_csv(folder / "survey.csv", answers(3, 1, seed=1))


def all_answers_missing(folder: Path) -> None:
    rows = answers(50, 5, seed=1)
    write_csv(folder / "survey.csv", [[*row[:2], *["weet niet"] * 12] for row in rows])


def strange_label(folder: Path) -> None:
    text = (folder / "survey.csv").read_text("utf-8")
    (folder / "survey.csv").write_text(text.replace("neutraal", "neutrale"), "utf-8")


def broken_yaml(folder: Path) -> None:
    (folder / "study.yml").write_text("title: [een", "utf-8")


def unknown_key(folder: Path) -> None:
    with (folder / "study.yml").open("a") as file:
        file.write("langauge: nl\n")


def unknown_outcome(folder: Path) -> None:
    text = (folder / "study.yml").read_text("utf-8")
    (folder / "study.yml").write_text(text.replace("analysis: {", "analysis: {outcome: inovation, "), "utf-8")


def outcome_named_twice(folder: Path) -> None:
    text = (folder / "study.yml").read_text("utf-8")
    twice = "analysis: {outcomes: {planned: [ideas, ideas]}, "
    (folder / "study.yml").write_text(text.replace("analysis: {", twice), "utf-8")


def nobodys_firm_is_known(folder: Path) -> None:
    write_csv(folder / "survey.csv", [[row[0], "", *row[2:]] for row in answers(100, 5, seed=1)])


def one_predictor(folder: Path) -> None:
    text = (folder / "study.yml").read_text("utf-8")
    (folder / "study.yml").write_text(
        text.replace("analysis: {", "analysis: {predictors: [kunnen], "), "utf-8"
    )


SPOILED = [
    (codebook_names_a_strange_column, ["kunde1"]),
    (empty_file, ["empty"]),
    (only_a_header, ["header"]),
    (nul_bytes, ["NUL"]),
    (a_directory, ["folder"]),
    (no_file, ["survey.csv"]),
    (csv_named_xlsx, ["survey.xlsx"]),
    (three_respondents, ["3"]),
    (all_answers_missing, []),
    (strange_label, ["neutrale", "neutraal"]),
    (broken_yaml, ["line 1"]),
    (unknown_key, ["langauge", "language"]),
    (unknown_outcome, ["inovation", "innovative_behaviour"]),
    (outcome_named_twice, ["line 7", "analysis.outcomes.planned[1]", "`ideas` a second time"]),
    (nobodys_firm_is_known, ["firm_id (100)", "cluster: none"]),
    (one_predictor, ["a list of 2 or more"]),
]


@pytest.mark.parametrize(("spoil", "words"), SPOILED, ids=lambda case: getattr(case, "__name__", ""))
def test_bad_input_ends_in_one_message(
    small_study: Path, si_research: Invoke, spoil: Callable[[Path], None], words: list[str]
) -> None:
    spoil(small_study)
    before = sorted(small_study.rglob("*"))
    result = si_research("run", small_study)
    assert result.exit_code == 2, result.output
    for part in ("expected:", "found:", "where:", "what to do:", *words):
        assert part in result.output
    assert "Traceback" not in result.output
    assert str(small_study.parent) not in result.output
    assert sorted(small_study.rglob("*")) == before, "something was written"


def test_the_earlier_output_survives_bad_input(small_study: Path, si_research: Invoke) -> None:
    assert si_research("run", small_study, "--quiet").exit_code == 0
    output = small_study / "output"
    before = {path.name: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    empty_file(small_study)
    assert si_research("run", small_study).exit_code == 2
    assert {path.name: path.read_bytes() for path in output.rglob("*") if path.is_file()} == before


def test_files_of_somebody_else_are_never_overwritten(small_study: Path, si_research: Invoke) -> None:
    output = small_study / "output"
    output.mkdir()
    (output / "thesis.docx").write_text("years of work")
    result = si_research("run", small_study)
    assert result.exit_code == 2
    assert "thesis.docx" in result.output
    assert [path.name for path in output.iterdir()] == ["thesis.docx"]


def test_a_study_that_is_not_there(si_research: Invoke, tmp_path: Path) -> None:
    for place, found in ((tmp_path / "nergens", "nothing of that name"), (tmp_path, "without study.yml")):
        result = si_research("run", place)
        assert result.exit_code == 2
        assert found in result.output
        assert "si-research new" in result.output


@pytest.mark.parametrize("command", ["check", "run", "clean", "diagnose", "evaluate"])
def test_a_survey_file_is_no_study_and_the_way_to_one_is_said(
    command: str, small_study: Path, si_research: Invoke
) -> None:
    result = si_research(command, small_study / "survey.csv")
    assert result.exit_code == 2
    assert "a file of answers" in result.output
    assert "si-research new NAME --data FILE" in result.output


def test_an_output_that_cannot_be_written_is_said(small_study: Path, si_research: Invoke) -> None:
    (small_study / "file").write_text("no folder")
    result = si_research("run", small_study, "--output", small_study / "file" / "output")
    assert result.exit_code == 2, result.output
    assert "--output" in result.output


@pytest.mark.parametrize("moment", ["si_research.report.html.render_report", "pathlib.Path.rename"])
def test_a_run_that_is_broken_off_leaves_nothing(
    small_study: Path, si_research: Invoke, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = sorted(small_study.rglob("*"))
    monkeypatch.setattr(moment, stop)
    result = si_research("run", small_study)
    assert result.exit_code == 1
    assert "Aborted" in result.output
    assert sorted(small_study.rglob("*")) == before


def test_an_item_that_runs_the_wrong_way_is_named_in_the_refusal(
    small_study: Path, si_research: Invoke
) -> None:
    turned = dict(zip(LABELS, reversed(LABELS), strict=True))
    rows = [[*row[:3], turned[row[3]], *row[4:]] for row in answers(240, 12, seed=3)]
    write_csv(small_study / "survey.csv", rows)
    assert si_research("run", small_study, "--language", "en").exit_code == 3
    page = (small_study / "output/report.html").read_text("utf-8")
    warnings = [part for part in page.split("<p ") if part.startswith('class="warning"')]
    assert any("k2" in warning for warning in warnings)


def test_every_problem_of_a_codebook_is_shown_at_once(small_study: Path, si_research: Invoke) -> None:
    text = (small_study / "codebook.yml").read_text("utf-8")
    text = text.replace("k1: {format: agree_5}", "k1: {format: agre_5}")
    text = text.replace("items: [w1, w2, w3]", "items: [w1, w2, w33]")
    (small_study / "codebook.yml").write_text(text + "rolls: {}\n", "utf-8")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    for word in ("agre_5", "agree_5", "w33", "rolls", "roles", "line "):
        assert word in result.output


def test_a_pipe_that_nobody_reads_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "si_research", "completion", "bash"]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, b"")
