"""What a typed answer means: a letter or a word, the number of a scale, the numbers of some items."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import click

if TYPE_CHECKING:
    from si_research.survey.drafting.questions import OpenQuestion

LETTERS: Final[Mapping[str, str]] = {
    "yes": "y",
    "turn": "t",
    "order": "o",
    "construct": "c",
    "split": "p",
    "kind": "k",
    "out": "x",
    "apart": "i",
    "skip": "s",
    "stop": "q",
}
_ALSO: Final[Mapping[str, str]] = {"quit": "stop"}
_EXAMPLE: Final = "1 3 5-7"
_NO_ORDER: Final = (
    "Nobody can say yes to an order that nobody knows: the numbers would be wrong, and nothing would show it."
)


class StopError(Exception):
    """The person wants no more questions now."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed: a choice (or apart, skip, stop), and the members that it is about; none: all."""

    what: str
    members: tuple[str, ...] = ()


def of_list(n_scales: int) -> Callable[[str], tuple[int, str]]:
    """Return what reads an answer to the list: the number of a scale (0: of all), and a word."""
    whole = {"y": "yes", "yes": "yes", "s": "skip", "skip": "skip"}

    def meant(typed: str) -> tuple[int, str]:
        words = re.findall(r"\w+", typed.casefold())
        if len(words) == 1 and words[0] in whole:
            return 0, whole[words[0]]
        if len(words) == 1 and words[0] in ("q", "quit", "stop"):
            raise StopError
        numbers = [int(word) for word in words if word.isdecimal() and 1 <= int(word) <= n_scales]
        named = [each for word in words for each in construct_names() if each.startswith(word)]
        if len(numbers) == 1 and len(words) == len(numbers) + len(named) <= 2:
            return numbers[0], (named or [""])[0]
        raise click.UsageError(
            f"Type the number of a scale (1 to {n_scales}), a number and what it measures (3 kunnen), y when "
            "the list is right, s to skip or q to stop; then Enter."
        )

    return meant


def meant_by(question: OpenQuestion, words: Mapping[str, str]) -> Callable[[str], Answer]:
    """Return what reads an answer: a letter or a word, and perhaps the numbers of some members."""
    known = {**{LETTERS[what]: what for what in words}, **{what: what for what in words}, **_ALSO}
    keys = ", ".join(LETTERS[what] for what in words)

    def meant(typed: str) -> Answer:
        letter, *rest = re.findall(r"[^\s,]+", typed.casefold()) or [""]
        what = known.get(letter)
        if what is None:
            no_order = f"{_NO_ORDER} " if "yes" not in words and letter in ("", "y", "yes") else ""
            raise click.UsageError(f"{no_order}One of {keys}, or the word itself, and then Enter, please.")
        if not rest and (question.section != "scales" or what != "turn"):
            return Answer(what)
        members = members_of(question, rest) if what in words and _takes(question, what) else ()
        if not members or (what == "split" and len(members) == len(question.members)):
            form = f" {how_to_number(question)}" if what in words and _takes(question, what) else ""
            raise click.UsageError(f"`{LETTERS[what]}` goes with no such numbers here.{form}")
        return Answer(what, members)

    return meant


def _takes(question: OpenQuestion, what: str) -> bool:
    return any(what == choice and question.takes_numbers(choice) for choice in question.choices)


def members_of(question: OpenQuestion, typed: list[str]) -> tuple[str, ...]:
    """Return the members that numbers and ranges (``5-15``) stand for; none when one is of no member."""
    numbers = _numbers(" ".join(typed), len(question.members))
    if not numbers <= set(range(1, len(question.members) + 1)):
        return ()
    return tuple(question.members[number - 1] for number in sorted(numbers))


def how_to_number(question: OpenQuestion) -> str:
    """Say how members are typed."""
    n = len(question.members)
    return f"Numbers from 1 to {n}, with spaces or commas, and ranges with a hyphen: {_EXAMPLE}." if n else ""


def _numbers(typed: str, n_members: int) -> set[int]:
    """Return the numbers that were typed; 0 stands for what is no number, or a range that is none."""
    numbers: set[int] = set()
    for each in re.sub(r"\s*[-–—]\s*", "-", typed).split():
        found = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", each)
        low, high = (0, 0) if found is None else (int(found[1]), int(found[2] or found[1]))
        numbers |= set(range(low, high + 1)) if 1 <= low <= high <= n_members else {0}
    return numbers


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """Return what reads one of some words, in capitals or not."""

    def meant(typed: str) -> str:
        if typed.strip().casefold() not in words:
            raise click.UsageError(f"One of {', '.join(words)}, please.")
        return typed.strip().casefold()

    return meant


def construct_names() -> list[str]:
    """Return what a scale can measure."""
    from si_research.survey.codebook import ConstructName

    return list(get_args(ConstructName))
