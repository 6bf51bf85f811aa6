"""The walk through a draft: scales that are split, items that leave one, groups that are parted."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from si_research.cli import main
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.reversals import MOST_AT_ONCE
from si_research.survey.undecided import ORDER_UNKNOWN

BOOK = """\
title: A block of two scales
formats:
  printed: {labels: {nl: [nooit, zelden, soms, vaak, altijd]}}
items:
  k1: {format: agree_5, wording_nl: Ik kan het}
  k2: {format: printed, reverse: true, proposed: runs against}
  m1: {format: agree_5, wording_nl: Ik mag het}
  m2: {format: agree_5}
  m3: {format: agree_5}
scales:
  block: {construct: other, items: [k1, k2, m1, m2, m3], confirm: false, proposed: one block}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "codebook.yml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return written(tmp_path, BOOK)


def confirm(path: Path, typed: str) -> Result:
    return CliRunner().invoke(main, ["codebook", "--confirm", str(path)], input=typed)


def items_of(codebook: Codebook) -> dict[str, tuple[str, ...]]:
    return {scale.construct_name: scale.items for scale in codebook.scales.values()}


@pytest.mark.parametrize(
    "split",
    [
        "p 3 4 5\n",
        "p\n3 4 5\n",
        "split 5, 4, 3\n",
        "p\n1 2 3 4 5\n3 4 5\n",
        "p 3-5\n",
        "p\n3, 4-5\n",
        "p 3 4 - 5\n",
    ],
)
def test_a_scale_is_split_and_both_parts_are_asked(book: Path, split: str) -> None:
    result = confirm(book, f"{split}c\nkunnen\nc\nmogen\ny\ny\ny\n")
    assert result.exit_code == 0, result.output
    after = read_codebook(book)
    assert items_of(after) == {"kunnen": ("k1", "k2"), "mogen": ("m1", "m2", "m3")}
    assert after.items["k2"].format == "printed"
    assert all(each.confirm for each in (*after.items.values(), *after.scales.values()))


def test_the_direction_of_what_was_split_is_asked_in_the_same_walk(book: Path) -> None:
    result = confirm(book, "p 3 4 5\nc\nkunnen\nc\nmogen\nt\ny\nt 1 3\ny\n")
    assert result.exit_code == 0, result.output
    assert "you split its scale" in result.output
    items = read_codebook(book).items
    assert {name for name, item in items.items() if item.reverse} == {"k1", "k2", "m1", "m3"}
    assert all(item.confirm for item in items.values())


def test_what_was_split_stays_split_when_the_walk_is_stopped(book: Path) -> None:
    result = confirm(book, "p 3 4 5\n")
    assert result.exit_code == 2
    assert "what was decided so far is saved" in result.output
    after = read_codebook(book)
    assert [scale.items for scale in after.scales.values()] == [("k1", "k2"), ("m1", "m2", "m3")]
    assert not any(scale.confirm for scale in after.scales.values())
    assert not any(item.confirm for item in after.items.values())


def test_one_item_leaves_a_scale_and_stays_a_question(book: Path) -> None:
    result = confirm(book, "x 2\ny\n")
    assert result.exit_code == 0, result.output
    after = read_codebook(book)
    assert after.scales["block"].items == ("k1", "m1", "m2", "m3")
    assert after.scales["block"].confirm
    assert "k2" in after.items
    assert after.kept_out == {}


@pytest.mark.parametrize(
    "typed", ["p 1 9\n", "p 0\n", "y 1\n", "c 2\n", "p 1 2 3 4 5\n", "p 1-5\n", "p 5-3\n", "p 2-9\n"]
)
def test_numbers_that_fit_nothing_change_nothing(book: Path, typed: str) -> None:
    output = confirm(book, f"{typed}q\n").output
    assert "no such numbers" in output
    assert ("ranges with a hyphen: 1 3 5-7" in output) == typed.startswith("p")
    assert book.read_text("utf-8") == BOOK


OPEN = """\
title: Three doubts
items:
  k1: {format: agree_5, confirm: false, reverse: true, proposed: against; r is -0.4}
  k2: {format: agree_5, confirm: false, proposed: against; weak}
  k3: {format: agree_5, confirm: false, proposed: against; weaker, wording_nl: Ik kan het niet}
scales:
  kunnen: {construct: kunnen, items: [k1, k2, k3]}
"""


@pytest.mark.parametrize(
    ("typed", "turned"),
    [
        ("y\n", {"k1"}),
        ("t\n", {"k2", "k3"}),
        ("t 3\ny\n", {"k1", "k3"}),
        ("t 1 3\ny\n", {"k3"}),
        ("y 1\nt 2\ny\n", {"k1", "k3"}),
        ("i\ny\nt\ny\n", {"k1", "k2"}),
    ],
)
def test_a_group_is_shown_and_parted(tmp_path: Path, typed: str, turned: set[str]) -> None:
    path = written(tmp_path, OPEN)
    result = confirm(path, typed)
    assert result.exit_code == 0, result.output
    assert "`k3` not turned: Ik kan het niet" in result.output
    items = read_codebook(path).items
    assert {name for name, item in items.items() if item.reverse} == turned
    assert all(item.confirm for item in items.values())


def test_one_of_a_group_is_left_out_and_the_others_are_asked_again(tmp_path: Path) -> None:
    path = written(tmp_path, OPEN)
    assert confirm(path, "x 2\nq\n").exit_code == 0
    after = read_codebook(path)
    assert after.kept_out == {"k2": "left out by hand"}
    assert after.scales["kunnen"].items == ("k1", "k3")
    assert not any(item.confirm for item in after.items.values())


def test_enter_alone_is_told_the_keys(tmp_path: Path) -> None:
    path = written(tmp_path, OPEN)
    result = confirm(path, "\n\nq\n")
    assert result.output.count("One of y, t, x, i, s, q, or the word itself, and then Enter") == 2
    assert path.read_text("utf-8") == OPEN


def test_an_unknown_order_takes_no_yes_and_its_direction_is_asked_after_it(tmp_path: Path) -> None:
    labels = "labels: {nl: [soms, nooit, vaak]}"
    items = "".join(
        f"  k{n}: {{format: words, confirm: false, proposed: 3 answers {ORDER_UNKNOWN}}}\n" for n in (1, 2)
    )
    text = f"title: ''\nformats:\n  words: {{{labels}}}\nitems:\n{items}"
    path = written(tmp_path, f"{text}scales:\n  kunnen: {{construct: kunnen, items: [k1, k2]}}\n")
    before = path.read_text("utf-8")
    refused = confirm(path, "y\nYES\n\nt\nq\n")
    assert refused.output.count("Nobody can say yes to an order that nobody knows") == 3
    assert path.read_text("utf-8") == before
    given = confirm(path, "o\n2 1 3\nt 2\ny\n")
    assert given.exit_code == 0, given.output
    after = read_codebook(path)
    assert [after.format_of("k1").value_of(label) for label in ("nooit", "soms", "vaak")] == [1, 2, 3]
    assert {name: item.reverse for name, item in after.items.items()} == {"k1": False, "k2": True}
    assert all(item.confirm for item in after.items.values())


@pytest.mark.parametrize(("n_items", "is_asked"), [(MOST_AT_ONCE, False), (MOST_AT_ONCE + 1, True)])
def test_a_block_too_long_to_have_been_looked_at_asks_its_direction_once_it_is_named(
    tmp_path: Path, n_items: int, is_asked: bool
) -> None:
    names = [f"k{n}" for n in range(n_items)]
    items = "".join(f"  {name}: {{format: agree_5}}\n" for name in names)
    scale = f"  block: {{construct: other, items: [{', '.join(names)}], confirm: false}}"
    path = written(tmp_path, f"title: ''\nitems:\n{items}scales:\n{scale}\n")
    result = confirm(path, "c\nkunnen\nt 2\ny\n" if is_asked else "c\nkunnen\n")
    assert result.exit_code == 0, result.output
    assert ("so long a block" in result.output) == is_asked
    turned = [name for name, item in read_codebook(path).items.items() if item.reverse]
    assert turned == (["k1"] if is_asked else [])
