"""The walk through a draft: what may be typed, and which files it does not touch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from si_research.cli import main
from si_research.survey.codebook_file import read_codebook
from small_survey import answers, write_csv

BOOK = """\
title: Two scales
items:
  k1: {format: agree_5}
  k2: {format: agree_5}
  w1: {format: agree_5}
scales:
  first: {construct: other, items: [k1, k2], confirm: false}
  second: {construct: other, items: [w1], confirm: false}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "codebook.yml"
    path.write_text(BOOK, "utf-8")
    return path


def confirm(path: Path, typed: str) -> Result:
    return CliRunner().invoke(main, ["codebook", "--confirm", str(path)], input=typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2\nC\nKunnen\nY\n",
        "2\nconstruct\nkunnen\nyes\n",
        "nee\n2\nConstruct\nKUNNEN\nYES\n",
        "2 Kunnen\ny\n",
        "kun 2\ny\n",
    ],
)
def test_capitals_and_whole_words_are_answers(book: Path, typed: str) -> None:
    result = confirm(book, typed)
    assert result.exit_code == 0, result.output
    scales = read_codebook(book).scales
    assert all(scale.confirm for scale in scales.values())
    assert [scale.construct_name for scale in scales.values()] == ["other", "kunnen"]


@pytest.mark.parametrize("typed", ["skip\n", "S\n", "1\ns\nQ\n", "stop\n", "quit\n"])
def test_skip_and_stop_change_nothing(book: Path, typed: str) -> None:
    assert confirm(book, typed).exit_code == 0
    assert book.read_text("utf-8") == BOOK


def test_an_answer_that_is_not_offered_is_asked_again(book: Path) -> None:
    result = confirm(book, "1\nturn\nq\n")  # a scale cannot be turned
    assert result.exit_code == 0
    assert "One of y, c, p, x, s, q" in result.output
    assert book.read_text("utf-8") == BOOK


def test_a_write_protected_codebook_is_left_alone(book: Path) -> None:
    book.chmod(0o444)
    result = confirm(book, "y\n" * 2)
    assert result.exit_code == 2
    assert "write-protected" in result.output
    assert book.read_text("utf-8") == BOOK
    assert [path.name for path in book.parent.iterdir()] == [book.name]


def test_a_draft_does_not_replace_a_write_protected_codebook(book: Path) -> None:
    write_csv(book.parent / "survey.csv", answers(60, 6, seed=3))
    book.chmod(0o444)
    command = ["codebook", str(book.parent / "survey.csv"), "--output", str(book), "--force"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "write-protected" in result.output
    assert book.read_text("utf-8") == BOOK


def test_who_may_read_a_codebook_stays_as_it_was(book: Path) -> None:
    book.chmod(0o600)
    assert confirm(book, "y\n" * 2).exit_code == 0
    assert book.stat().st_mode & 0o777 == 0o600


def test_no_folder_is_made_for_a_draft(tmp_path: Path) -> None:
    write_csv(tmp_path / "survey.csv", answers(60, 6, seed=3))
    output = tmp_path / "nodir" / "codebook.yml"
    result = CliRunner().invoke(main, ["codebook", str(tmp_path / "survey.csv"), "--output", str(output)])
    assert result.exit_code == 2
    assert "a folder that is there" in result.output
    assert not output.parent.exists()


def _confirm(path: Path) -> Result:
    return confirm(path, "")


def _check(path: Path) -> Result:
    return CliRunner().invoke(main, ["check", str(path)])


@pytest.mark.parametrize("ask", [_confirm, _check])
@pytest.mark.parametrize("text", ["Jan Wiersma;0612345678\nPiet;5\n", "- Jan Wiersma\n- Piet\n"])
def test_nothing_of_a_file_without_keys_is_repeated(
    tmp_path: Path, ask: Callable[[Path], Result], text: str
) -> None:
    path = tmp_path / "codebook.yml"
    path.write_text(text, "utf-8")
    result = ask(path)
    assert result.exit_code == 2
    assert "Wiersma" not in result.output
    assert "a text without keys" in result.output or "a list" in result.output


@pytest.mark.parametrize("text", ["Jan Wiersma;0612345678\nPiet;5\n", "- Jan Wiersma\n- Piet\n"])
def test_nothing_of_a_survey_file_given_to_decide_on_is_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(text, "utf-8")
    result = _confirm(path)
    assert result.exit_code == 2
    assert "a survey file" in result.output
    assert "Wiersma" not in result.output


@pytest.fixture
def decided(book: Path) -> Path:
    """A codebook of which nothing is open, with a scale for each construct."""
    text = BOOK.replace(", confirm: false", "").replace("construct: other", "construct: kunnen", 1)
    for name, scale in (("third", "mogen"), ("fourth", "innovative_behaviour")):
        text += f"  {name}: {{construct: {scale}, items: [{name[0]}1]}}\n"
        text = text.replace("scales:", f"  {name[0]}1: {{format: agree_5}}\nscales:", 1)
    book.write_text(text.replace("construct: other", "construct: willen"), "utf-8")
    return book


def test_a_decided_codebook_can_be_looked_at_again_and_an_item_turned(decided: Path) -> None:
    result = confirm(decided, "1\nt 2\ny\n")
    assert result.exit_code == 0, result.output
    assert [name for name, item in read_codebook(decided).items.items() if item.reverse] == ["k2"]
    assert "kunnen (ability)" in result.output


@pytest.mark.parametrize("typed", ["", "1\n", "1\nt\n", "1\nt 9\n", "1\nt 2\n", "1\nc\n", "1\np\n", "nee\n"])
def test_a_look_again_ends_where_nobody_types_on(decided: Path, typed: str) -> None:
    result = confirm(decided, typed)
    assert result.exit_code == 0, result.output
    assert "to look at again" in result.output
    turned = [name for name, item in read_codebook(decided).items.items() if item.reverse]
    assert turned == (["k2"] if typed == "1\nt 2\n" else [])


def test_a_codebook_without_a_scale_says_what_to_write(book: Path) -> None:
    book.write_text("title: None\nitems:\n  k1: {format: agree_5}\nscales: {}\n", "utf-8")
    result = confirm(book, "")
    assert result.exit_code == 0, result.output
    assert "kunnen: {construct: kunnen, items: [v1, v2]}" in result.output
