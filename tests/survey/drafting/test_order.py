"""The order of answers, given by a person: whose it is, and what it does to a direction seen before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.decide import DIRECTION_AFTER_ORDER, decide
from si_research.survey.drafting.questions import OpenQuestion, open_questions
from si_research.survey.undecided import ORDER_UNKNOWN

STEPS = ("zeer moeilijk", "moeilijk", "neutraal", "makkelijk", "zeer makkelijk")
TURNED = tuple(reversed(STEPS))
BOOK = f"""\
title: Four questions
formats:
  easy: {{labels: {{nl: [{", ".join(STEPS)}]}}}}  # as printed
  easy_2: {{labels: {{nl: [nee, ja]}}}}
items:
  k1: {{format: easy}}
  k2: {{format: easy, confirm: false, proposed: two ways}}
  k3: {{format: easy, confirm: false, proposed: two ways}}
  k4: {{format: easy, reverse: true, confirm: false, proposed: it runs against the others}}
scales:
  kunnen: {{construct: kunnen, items: [k1, k2, k3, k4]}}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "codebook.yml"
    path.write_text(BOOK, "utf-8")
    return path


def about(path: Path, name: str) -> OpenQuestion:
    (found,) = [each for each in open_questions(read_codebook(path)) if name in each.names]
    return found.about([name])


def order_of(path: Path, name: str) -> tuple[str, ...]:
    codebook = read_codebook(path)
    return codebook.formats[codebook.items[name].format].labels["nl"]


def test_an_order_for_one_question_leaves_the_others_theirs(book: Path) -> None:
    decide(book, about(book, "k4"), "order", list(TURNED))
    assert [order_of(book, name) for name in ("k1", "k2", "k3", "k4")] == [STEPS, STEPS, STEPS, TURNED]
    assert read_codebook(book).items["k4"].format == "easy_3"  # easy_2 is taken
    assert "# as printed" in book.read_text("utf-8")


def test_an_order_for_all_that_use_a_format_stays_one_format(book: Path) -> None:
    text = book.read_text("utf-8")
    book.write_text(re.sub(r"k(\d): .*", r"k\1: {format: easy, confirm: false}", text), "utf-8")
    (question,) = open_questions(read_codebook(book))
    decide(book, question, "order", list(TURNED))
    assert {order_of(book, name) for name in ("k1", "k2", "k3", "k4")} == {TURNED}
    assert set(read_codebook(book).formats) == {"easy", "easy_2"}


def test_an_order_stays_out_of_a_format_that_borrows_the_labels(book: Path) -> None:
    text = book.read_text("utf-8").replace("{nl: [zeer", "&steps {nl: [zeer")
    text = text.replace("items:\n", "  other: {labels: *steps}\nitems:\n", 1)
    text = re.sub(r"k(\d): .*", r"k\1: {format: easy, confirm: false}", text)
    book.write_text(text.replace("k1: {format: easy, confirm: false}", "k1: {format: other}"), "utf-8")
    (question,) = [each for each in open_questions(read_codebook(book)) if "k2" in each.names]
    decide(book, question, "order", list(TURNED))
    assert (order_of(book, "k1"), order_of(book, "k2")) == (STEPS, TURNED)


def test_a_direction_seen_in_another_order_is_asked_again(book: Path) -> None:
    decide(book, about(book, "k4"), "order", list(TURNED))
    item = read_codebook(book).items["k4"]
    assert (item.reverse, item.confirm) == (False, False)
    assert "against" not in item.proposed
    again = about(book, "k4")
    assert "not looked at in this order" in again.reason
    decide(book, again, "turn")
    item = read_codebook(book).items["k4"]
    assert (item.reverse, item.confirm) == (True, True)


def test_the_order_as_it_stands_is_a_yes(book: Path) -> None:
    decide(book, about(book, "k4"), "order", list(STEPS))
    item = read_codebook(book).items["k4"]
    assert (item.reverse, item.confirm, item.format) == (True, True, "easy")


def test_an_order_that_nobody_knew_is_given_and_then_the_direction_is_asked(book: Path) -> None:
    text = book.read_text("utf-8").replace("two ways", f"5 answers {ORDER_UNKNOWN}")
    book.write_text(text, "utf-8")
    (question,) = [each for each in open_questions(read_codebook(book)) if "k2" in each.names]
    assert (question.names, question.choices) == (("k2", "k3"), ("order", "out"))
    with pytest.raises(ValueError, match="order"):
        decide(book, question, "yes")
    decide(book, question, "order", list(STEPS))
    after = read_codebook(book)
    assert not after.items["k2"].confirm
    (again,) = [each for each in open_questions(after) if "k2" in each.names]
    assert "yes" in again.choices
    assert DIRECTION_AFTER_ORDER in after.items["k2"].proposed


def test_no_direction_is_proposed_in_an_order_that_nobody_knows(
    draft_of: Callable[[dict[str, list[str]]], Codebook],
) -> None:
    colours = ("Blauw", "Groen", "Geel", "Oranje", "Rood")
    rng = np.random.default_rng(
        0
    )  # all five agree; taken as they first occur, the first seems to run against
    truth = rng.normal(size=150)
    columns = {}
    for number in range(1, 6):
        points = np.clip(np.round(3 + (number - 3) / 2 + truth + 0.5 * rng.normal(size=150)), 1, 5)
        columns[f"kunnen_{number}"] = [colours[int(point) - 1] for point in points]
    codebook = draft_of(columns)
    assert {item.format for item in codebook.items.values()} == {"words"}
    assert set(codebook.scales["kunnen"].items) == set(columns)
    assert not any(item.reverse or item.confirm for item in codebook.items.values())
    assert not any("other items" in item.proposed for item in codebook.items.values())
