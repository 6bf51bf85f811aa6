"""From a survey file to a report as a new user would: no codebook, and only what the commands say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner, Result

from command_walk import Walk, started, yes_to_what_a_run_needs
from si_research.cli import main
from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.questions import open_questions
from small_survey import ITEMS, answers, write_csv

MOST = 5
AMO = ("innovative_behaviour", "kunnen", "willen", "mogen")
GLOSSES = ("innovatief gedrag", "kunnen", "willen", "mogen")


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


REAL = (
    "qualtrics_choice_vs_numeric/engagement_choice_text.csv",
    "limesurvey_german_jobcrafting/export_question_codes.csv",
    "csps_uk_orgs/raw_2013.xlsx",
)


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_ends_in_the_refusal_that_names_what_it_lacks(
    in_folder: Path, shared: Path, name: str
) -> None:
    walk = started(shared / "real_data" / name)
    assert "not measured" in walk.said
    run = walk.said
    answers = yes_to_what_a_run_needs(in_folder / "my-study" / "codebook.yml")
    assert walk.type(walk.proposed("codebook --confirm"), answers).exit_code == 0, walk.said
    assert "Left to decide for a run: 0" in walk.said
    assert walk.type(walk.proposed("check")).exit_code == 3, walk.said
    assert all(construct in walk.said for construct in AMO)
    walk.said = run
    assert walk.type(walk.proposed("run")).exit_code == 3, walk.said
    report = (in_folder / "my-study" / "output" / "report.html").read_text("utf-8")
    text = re.sub(r"<[^>]+>|\s+", " ", report)
    assert all(gloss in text for gloss in GLOSSES)
    assert walk.n_commands <= MOST


def _excel(folder: Path) -> Path:
    path = folder / "antwoorden.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    names = [
        "nummer",
        "bedrijf",
        *(f"{stem}_{n}" for stem in ("kunnen", "willen", "mogen", "innovatief_gedrag") for n in (1, 2, 3)),
    ]
    sheet.append(names)
    for row in answers(240, 12, seed=3):
        sheet.append(row)
    book.save(path)
    return path


def test_a_plain_workbook_ends_in_an_answer(in_folder: Path) -> None:
    walk = started(_excel(in_folder))
    codebook = in_folder / "my-study" / "codebook.yml"
    assert set(read_codebook(codebook).scales) == {"kunnen", "willen", "mogen", "innovative_behaviour"}
    confirm = walk.proposed("codebook --confirm")
    run = walk.said
    assert walk.type(confirm, "y\n" * 20).exit_code == 0, walk.said
    assert "Left to decide for a run: 0" in walk.said
    assert walk.type(walk.proposed("check")).exit_code == 0, walk.said
    walk.said = run
    study = (in_folder / "my-study" / "study.yml").read_text("utf-8")
    (in_folder / "my-study" / "study.yml").write_text(f"{study}  bootstrap_draws: 199\n", "utf-8")
    assert walk.type(walk.proposed("run")).exit_code == 0, walk.said
    assert walk.n_commands <= MOST


def test_a_run_before_anybody_decided_is_refused_with_each_place(in_folder: Path) -> None:
    walk = started(_excel(in_folder))
    run = walk.proposed("run")
    assert walk.type(run).exit_code == 2
    for place in ("scales.kunnen", "scales.innovative_behaviour", "variables.bedrijf"):
        assert re.search(rf"line \d+, {re.escape(place)}:", walk.said), walk.said
    assert "si-research codebook --confirm" in walk.said
    assert not (in_folder / "my-study" / "output").exists()


def test_nothing_is_made_of_a_file_that_cannot_be_read(in_folder: Path) -> None:
    (in_folder / "leeg.csv").write_text("", "utf-8")
    result = Walk().type("si-research new my-study --data leeg.csv")
    assert result.exit_code == 2
    assert not (in_folder / "my-study").exists()


@pytest.fixture
def drafted(in_folder: Path) -> Path:
    """A draft with a reversed item, two scales and an open role."""
    rows = answers(240, 12, seed=3)
    write_csv(in_folder / "survey.csv", rows)
    result = CliRunner().invoke(main, ["codebook", "survey.csv"])
    assert result.exit_code == 0, result.output
    assert "Next: si-research codebook --confirm codebook.yml" in result.output
    return in_folder / "codebook.yml"


def confirm(path: Path, typed: str) -> Result:
    return CliRunner().invoke(main, ["codebook", "--confirm", str(path)], input=typed)


def test_a_draft_is_never_written_over_unasked(drafted: Path) -> None:
    drafted.write_text("title: mine\n", "utf-8")
    result = CliRunner().invoke(main, ["codebook", "survey.csv"])
    assert result.exit_code == 2
    assert drafted.read_text("utf-8") == "title: mine\n"
    assert CliRunner().invoke(main, ["codebook", "survey.csv", "--force"]).exit_code == 0
    assert set(read_codebook(drafted).items) == set(ITEMS)


def test_each_answer_is_saved_and_comments_stay(drafted: Path) -> None:
    text = drafted.read_text("utf-8").replace("scales:\n", "scales:\n  # my own note\n")
    drafted.write_text(text, "utf-8")
    result = confirm(drafted, "1 kunnen\n2\nx\nq\n")
    assert result.exit_code == 0, result.output
    after = read_codebook(drafted)
    first, *others = after.scales.values()
    assert (first.construct_name, first.confirm) == ("kunnen", True)
    assert len(others) == 2
    assert "2. `w` is left out" in result.output
    assert not any(scale.confirm for scale in others)
    assert "# my own note" in drafted.read_text("utf-8")
    assert "A draft, made from the file itself" in drafted.read_text("utf-8")


def test_no_answers_is_one_clear_message_and_keeps_what_was_decided(drafted: Path) -> None:
    result = confirm(drafted, "1 mogen\n")
    assert result.exit_code == 2
    assert "typed in a terminal" in result.output
    first = next(iter(read_codebook(drafted).scales.values()))
    assert (first.construct_name, first.confirm) == ("mogen", True)


def test_what_was_skipped_is_not_decided_and_nothing_is_said_to_be_saved(drafted: Path) -> None:
    text = drafted.read_text("utf-8").replace(
        "items:\n", "items:\n  extra: {format: agree_5, confirm: false}\n", 1
    )
    drafted.write_text(text, "utf-8")
    n_needed = sum(each.is_used for each in open_questions(read_codebook(drafted)))
    n_scales = len(read_codebook(drafted).scales)
    result = confirm(drafted, "s\n" * (n_needed - n_scales + 1) + "n\n")
    assert result.exit_code == 0, result.output
    assert "is decided" not in result.output
    assert f"Skipped, and needed for a run: {n_needed}. Left: 1 question on" in result.output
    assert "Saved" not in result.output
    assert f"Left to decide for a run: {n_needed}." in result.output
    assert drafted.read_text("utf-8") == text
    assert "Saved in codebook.yml" in confirm(drafted, "y\nq\n").output


def test_a_scale_decided_as_other_is_asked_again_while_a_construct_is_absent(drafted: Path) -> None:
    n_scales = len(read_codebook(drafted).scales)
    others = "".join(f"{number} other\n" for number in range(1, n_scales + 1))
    confirm(drafted, f"{others}y\nq\n")
    assert {scale.construct_name for scale in read_codebook(drafted).scales.values()} == {"other"}
    result = confirm(drafted, "2 mogen\nq\n")
    assert result.exit_code == 0, result.output
    assert "no scale measures kunnen, willen, mogen, innovative_behaviour" in result.output
    first, second, *rest = read_codebook(drafted).scales.values()
    assert (first.construct_name, second.construct_name) == ("other", "mogen")
    assert {scale.construct_name for scale in rest} <= {"other"}


def test_a_survey_file_cannot_be_decided_on_and_the_draft_is_named(in_folder: Path) -> None:
    result = confirm(_excel(in_folder), "")
    assert result.exit_code == 2
    assert "survey file" in result.output
    assert "draft a codebook first: si-research codebook " in result.output


def test_leaving_out_a_role_lists_it_as_kept_out(drafted: Path) -> None:
    result = confirm(drafted, "y\nx\nq\n")
    assert result.exit_code == 0, result.output
    after = read_codebook(drafted)
    assert after.roles.organisation is None
    assert after.kept_out["bedrijf"] == "left out by hand"
    assert "bedrijf" not in after.variables


def test_an_item_is_turned_or_not_by_its_answer(in_folder: Path) -> None:
    noise = np.random.default_rng(5).integers(-1, 2, size=(60, 4))
    answered = np.clip(3 + noise + np.arange(60)[:, None] % 5 - 2, 1, 5)
    answered[:, 1] = 6 - answered[:, 1]
    rows = [",".join(map(str, row)) for row in answered]
    (in_folder / "s.csv").write_text("\n".join(["A1,A2,A3,A4", *rows]) + "\n", "utf-8")
    assert CliRunner().invoke(main, ["codebook", "s.csv"]).exit_code == 0
    path = in_folder / "codebook.yml"
    assert read_codebook(path).items["A2"].reverse
    result = confirm(path, "y\ny\nt\n")
    assert result.exit_code == 0, result.output
    item = read_codebook(path).items["A2"]
    assert (item.reverse, item.confirm) == (False, True)


def test_an_unknown_order_is_given_by_numbers(in_folder: Path) -> None:
    labels = ["te veel", "precies goed", "te weinig"]
    rows = [",".join([labels[n % 3]] * 3) for n in range(30)]
    (in_folder / "s.csv").write_text("\n".join(["A1,A2,A3", *rows]) + "\n", "utf-8")
    assert CliRunner().invoke(main, ["codebook", "s.csv"]).exit_code == 0
    path = in_folder / "codebook.yml"
    result = confirm(path, "c\nmogen\n\ny\no\n3 2\n3 2 1\ny\n")
    assert result.output.count("Nobody can say yes to an order that nobody knows") == 2
    assert result.exit_code == 0, result.output
    after = read_codebook(path)
    assert all(item.confirm for item in after.items.values())
    assert [after.format_of("A1").value_of(label) for label in labels] == [3, 2, 1]


def test_read_survey_without_a_codebook_uses_the_draft(in_folder: Path) -> None:
    from si_research import read_survey

    write_csv(in_folder / "survey.csv", answers(60, 6, seed=3))
    survey = read_survey(in_folder / "survey.csv")
    assert set(ITEMS) < set(survey.values)
    assert survey.values["k1"].between(1, 5).all()
    plain = read_survey(in_folder / "survey.csv", source="plain")
    assert plain.values.equals(survey.values)
    assert plain.facts.tool == "plain"


@pytest.fixture
def two_sheets(in_folder: Path) -> Path:
    path = _excel(in_folder)
    book = openpyxl.load_workbook(path)
    book.copy_worksheet(book.worksheets[0]).title = "Tweede golf"
    book.save(path)
    return path


@pytest.mark.parametrize("command", ("new my-study --data", "codebook"))
def test_two_sheets_of_answers_lead_on(two_sheets: Path, command: str) -> None:
    walk = Walk()
    assert walk.type(f"si-research {command} {two_sheets.name}").exit_code == 2
    assert "--sheet" in walk.said
    assert not Path("my-study").exists()
    assert not Path("codebook.yml").exists()
    assert walk.type(f"si-research {command} {two_sheets.name} --sheet 'Tweede golf'").exit_code == 0
    if command == "codebook":
        assert walk.type(walk.proposed("new")).exit_code == 0, walk.said
    assert read_codebook(Path("my-study/codebook.yml")).source.sheet == "Tweede golf"


@pytest.mark.parametrize(
    "command",
    (
        "new my-study --sheet A",
        "new my-study --data antwoorden.xlsx --codebook c.yml --sheet A",
        "codebook --confirm antwoorden.xlsx --sheet A",
        "new my-study --data a.csv --sheet A",
        "codebook antwoorden.xlsx --sheet A",
    ),
)
def test_a_sheet_that_cannot_be_is_refused(two_sheets: Path, command: str) -> None:
    Path("a.csv").write_text("nr;k1\n1;2\n", "utf-8")
    assert Walk().type(f"si-research {command}").exit_code == 2
    assert not Path("my-study").exists()
