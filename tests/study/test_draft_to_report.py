"""From `codebook FILE` to a report, each command as the one before it said: at most five."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from command_walk import Walk, yes_to_what_a_run_needs
from si_research.survey.codebook_file import read_codebook
from small_survey import answers

MOST = 5
STEMS = ("kunnen", "willen", "mogen", "innovatief_gedrag")


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def workbook(path: Path) -> str:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["nummer", "bedrijf", *(f"{stem}_{n}" for stem in STEMS for n in (1, 2, 3))])
    for row in answers(240, 12, seed=3):
        sheet.append(row)
    book.save(path)
    return path.name


def with_few_draws(study: Path) -> None:
    text = (study / "study.yml").read_text("utf-8")
    (study / "study.yml").write_text(f"{text}  bootstrap_draws: 199\n", "utf-8")


def walked(folder: Path, file: str) -> tuple[Walk, int]:
    """Type each proposed command, and return the exit code of the last one."""
    walk = Walk()
    assert walk.type(f"si-research codebook '{file}'").exit_code == 0, walk.said
    first = yes_to_what_a_run_needs(folder / "codebook.yml")
    assert walk.type(walk.proposed("codebook --confirm"), first).exit_code == 0, walk.said
    assert walk.type(walk.proposed("new")).exit_code == 0, walk.said
    with_few_draws(folder / "my-study")
    told = walk.said
    assert walk.type(walk.proposed("check")).exit_code in (0, 3), walk.said
    walk.said = told
    return walk, walk.type(walk.proposed("run")).exit_code


def test_a_plain_workbook_ends_in_an_answer(in_folder: Path) -> None:
    walk, code = walked(in_folder, workbook(in_folder / "mijn antwoorden.xlsx"))
    assert code == 0, walk.said
    assert walk.n_commands == MOST
    assert (in_folder / "my-study" / "output" / "report.html").exists()
    kept = read_codebook(in_folder / "my-study" / "codebook.yml")
    assert kept == read_codebook(in_folder / "codebook.yml")
    assert kept.title == "Mijn antwoorden"
    assert 'title: "My study"' in (in_folder / "my-study" / "study.yml").read_text("utf-8")


def test_an_export_of_a_tool_ends_in_the_refusal_that_names_what_it_lacks(
    in_folder: Path, shared: Path
) -> None:
    name = "qualtrics_choice_vs_numeric/engagement_choice_text.csv"
    (in_folder / Path(name).name).write_bytes((shared / "real_data" / name).read_bytes())
    walk, code = walked(in_folder, Path(name).name)
    assert code == 3, walk.said
    assert walk.n_commands == MOST
    assert (in_folder / "my-study" / "output" / "report.html").exists()


def test_a_draft_from_elsewhere_says_where_the_survey_file_goes(in_folder: Path) -> None:
    (in_folder / "data").mkdir()
    workbook(in_folder / "data" / "a.xlsx")
    walk = Walk()
    walk.type("si-research codebook data/a.xlsx")
    assert "--data data/a.xlsx --codebook codebook.yml" in walk.said
    walk.type("si-research codebook --confirm codebook.yml", "q\n")
    assert "--data FILE --codebook codebook.yml" in walk.said
    assert "FILE is the survey file" in walk.said


def test_a_codebook_without_its_survey_file_makes_no_study(in_folder: Path) -> None:
    (in_folder / "codebook.yml").write_text("title: mine\n", "utf-8")
    walk = Walk()
    assert walk.type("si-research new my-study --codebook codebook.yml").exit_code == 2
    workbook(in_folder / "a.xlsx")
    assert walk.type("si-research new my-study --data a.xlsx --codebook codebook.yml").exit_code == 2
    assert not (in_folder / "my-study").exists()
