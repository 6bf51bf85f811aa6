"""The walk through a draft codebook at a terminal: scales, then doubts; each answer is saved at once."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from si_research.codebook_answers import (
    LETTERS,
    Answer,
    StopError,
    construct_names,
    how_to_number,
    meant_by,
    members_of,
    of_list,
    one_of,
)
from si_research.errors import CodebookError, SurveyDataError

if TYPE_CHECKING:
    from si_research.survey.codebook import Codebook
    from si_research.survey.drafting.questions import Choice, OpenQuestion

_T = TypeVar("_T")
_KINDS: Final = ("number", "category", "identifier")


class _NoAnswerError(SurveyDataError):
    """Nobody is there to answer."""


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """A codebook on which somebody decides: what was skipped, and what is asked one by one."""

    path: Path
    skipped: set[tuple[str, ...]] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)

    def book(self) -> Codebook:
        from si_research.survey.codebook_file import read_codebook

        return read_codebook(self.path)

    def ask(self, text: str, meant: Callable[[str], _T]) -> _T:
        """Ask until the answer can be read; Enter alone is no answer, and is told what would be."""
        answer = _asked(
            lambda: click.prompt(text, default="", show_default=False, value_proc=meant), self.path
        )
        return cast("_T", answer)

    def left(self) -> list[OpenQuestion]:
        from si_research.survey.drafting.questions import open_questions

        asked = open_questions(self.book(), apart=self.apart)
        return [each for each in asked if each.places not in self.skipped]


def walk_through(path: Path, place: Path) -> None:
    """Ask until nothing is open, or the person stops.

    Parameters
    ----------
    path : Path
        The codebook.
    place : Path
        What the person named: the folder of a study, or the codebook.
    """
    from si_research.survey.whole_file import refuse_write_protected

    walk = _Walk(path)
    walk.book()
    refuse_write_protected(path)
    was = path.read_bytes()
    try:
        if not _look_again(walk):
            _look_at_scales(walk)
        _ask_while(walk, lambda each: each.is_used)
        if _wants_the_rest(walk):
            _ask_while(walk, lambda each: True)
    except StopError:
        pass
    _say_what_is_left(path, place, is_changed=path.read_bytes() != was)


def _asked(ask: Callable[[], Any], path: Path) -> Any:
    """Ask, and say what to do when no answer can come."""
    try:
        return ask()
    except click.Abort:
        raise _NoAnswerError(
            expected="an answer, typed in a terminal",
            found="none",
            where=path.name,
            todo="go on with the same command, or decide in the file: mend the part and delete "
            "`confirm: false`; what was decided so far is saved",
        ) from None


def _ask_while(walk: _Walk, is_wanted: Callable[[OpenQuestion], bool]) -> None:
    """Ask what is left, and what an answer opens: a scale that is named, an order that is given."""
    while left := [each for each in walk.left() if is_wanted(each)]:
        _decide_on(walk, left[0], f"{len(left)} left")


def _wants_the_rest(walk: _Walk) -> bool:
    """Say where the parts begin that no test uses; what was skipped before is not decided."""
    from si_research.survey.drafting.questions import open_questions

    left = walk.left()
    if not left:
        return False
    n_needed = sum(each.is_used for each in open_questions(walk.book(), apart=walk.apart))
    needed = f"Skipped, and needed for a run: {n_needed}." if n_needed else "What a run needs is decided."
    questions = "1 question" if len(left) == 1 else f"{len(left)} questions"
    click.echo(f"\n{needed} Left: {questions} on parts that no test uses.")
    return bool(_asked(lambda: click.confirm("Decide on these too?", default=False), walk.path))


def _look_at_scales(walk: _Walk) -> None:
    """List the scales once; whoever finds the list right says so with one key."""
    from si_research.survey.drafting.questions import scale_in_short, scales_to_look_at

    book = walk.book()
    listed = [each.names[0] for each in scales_to_look_at(book)]
    if len(listed) == 1 and book.scales[listed[0]].confirm:
        _decide_on(walk, scales_to_look_at(book)[0], "1 left")
    if len(listed) < 2:
        return
    click.echo("\nThe scales, as names, questions and answers suggest them:")
    for number, name in enumerate(listed, start=1):
        click.echo(f"  {number}. {scale_in_short(book, name)}\n     why: {_why(book, name)}")
    _say_absent(book)
    _say_keys_of_list()
    while _one_of_the_list(walk, listed):
        pass


def _why(book: Codebook, name: str) -> str:
    from si_research.survey.drafting.outcome import FOR_YOU

    return book.scales[name].proposed.replace(f"; {FOR_YOU}", "") or "it stands in the codebook"


def _say_absent(book: Codebook) -> None:
    from si_research.survey.drafting import unmeasured_constructs

    absent = unmeasured_constructs(book)
    if absent:
        click.echo(f"no scale measures {', '.join(absent)}; perhaps one of these does.")


def _look_again(walk: _Walk) -> bool:
    """List the scales where nothing that a run needs is open, so that each can be changed after all."""
    from si_research.survey.drafting.questions import scale_in_short, scales_to_look_at

    book = walk.book()
    if not book.scales or scales_to_look_at(book) or any(each.is_used for each in walk.left()):
        return False
    listed = list(book.scales)
    click.echo("\nWhat a run needs is decided. The scales, to look at again:")
    for number, name in enumerate(listed, start=1):
        click.echo(f"  {number}. {scale_in_short(book, name)}")
    _say_keys_of_list(also="turn items, ")
    with suppress(_NoAnswerError):  # nothing had to be answered
        while _one_of_the_list(walk, listed):
            pass
    return True


def _say_glosses() -> None:
    from si_research.survey.drafting.by_hand import glosses

    for line in glosses():
        click.echo(f"    {line}")


def _say_keys_of_list(also: str = "") -> None:
    _say_glosses()
    others = ", ".join(name for name in construct_names() if name != "kunnen")
    click.echo(f"  [3 kunnen] scale 3 measures kunnen (or {others})")
    click.echo(f"  [3] look at scale 3: all its items, to {also}split it or leave some out")
    click.echo("  [y] yes, the list is right\n  [s] skip, decide later\n  [q] stop")


def _one_of_the_list(walk: _Walk, listed: list[str]) -> bool:
    """Take one answer to the list of scales; False when the list is done with."""
    from si_research.survey.drafting.questions import scale_question

    number, word = walk.ask("Scales (3 kunnen, 3, y, s, q)", of_list(len(listed)))
    book = walk.book()
    if not number:
        _done_with_list(walk, book, listed, word)
        return False
    name = listed[number - 1]
    if name not in book.scales:
        click.echo(f"Scale {number} was left out.")
        return True
    question = scale_question(book, name, _why(book, name))
    if word:
        _save(walk, question, "construct", word)
    else:
        _decide_on(walk, question, "1 scale")
    _say_changes(book, walk.book(), listed)
    return True


def _done_with_list(walk: _Walk, book: Codebook, listed: list[str], word: str) -> None:
    """Confirm what is open in the list, or leave it open."""
    from si_research.survey.drafting.questions import scale_question

    places = {name: (f"scales.{name}",) for name in listed}
    if word == "skip":
        walk.skipped.update(places.values())
        return
    is_open = [name for name in listed if name in book.scales and not book.scales[name].confirm]
    right = [name for name in is_open if places[name] not in walk.skipped]
    if right:
        _save(walk, scale_question(book, right[0], "").about(right), "yes")


def _say_changes(before: Codebook, after: Codebook, listed: list[str]) -> None:
    """Say what an answer made of the list; a scale that was split off gets the next number."""
    from si_research.survey.drafting.questions import scale_in_short

    listed.extend(name for name in after.scales if name not in before.scales)
    for number, name in enumerate(listed, start=1):
        if name in before.scales and name not in after.scales:
            click.echo(f"  {number}. `{name}` is left out")
        elif name in after.scales and after.scales[name] != before.scales.get(name):
            click.echo(f"  {number}. {scale_in_short(after, name)}")


def _decide_on(walk: _Walk, question: OpenQuestion, how_many: str) -> None:
    """Put one question, and save its answer."""
    from si_research.survey.drafting.questions import items_of_scale

    answer = _answer(walk, question, how_many)
    if answer.what == "stop":
        raise StopError
    if answer.what == "apart":
        walk.apart.update(question.names)
    elif answer.what == "skip" or (answer.what == "yes" and _is_decided(walk, question)):
        walk.skipped.add(question.places)
    elif question.section == "scales" and answer.what == "turn":
        _save(walk, items_of_scale(walk.book(), question.names[0], answer.members), "turn")
    elif question.section == "scales":
        _save(walk, question, answer.what, _value(walk, question, answer))
    else:
        some = question.about(answer.members or question.names)
        _save(walk, some, answer.what, _value(walk, some, answer))


def _is_decided(walk: _Walk, question: OpenQuestion) -> bool:
    scales = walk.book().scales
    return question.section == "scales" and scales[question.names[0]].confirm


def _answer(walk: _Walk, question: OpenQuestion, how_many: str) -> Answer:
    click.echo(f"\n{question.title}\n  why: {question.reason}")
    for number, shown in enumerate(question.shown, start=1):
        click.echo(f"  {number:>3}. {shown}")
    words: dict[str, str] = {str(choice): text for choice, text in question.in_words().items()}
    if question.section == "items" and question.members:
        words["apart"] = "one by one"
    words |= {"skip": "skip, decide later", "stop": "stop"}
    for what, text in words.items():
        click.echo(f"  [{LETTERS[what]}] {text}")
    some = [LETTERS[each] for each in question.choices if question.takes_numbers(each) and each != "split"]
    if some:
        letters = " or ".join(some)
        click.echo(f"  {letters} with numbers ({some[-1]} 1 2): for these alone; the others are asked again.")
    keys = ", ".join(LETTERS[what] for what in words)
    return walk.ask(f"{how_many} ({keys})", meant_by(question, words))


def _value(walk: _Walk, question: OpenQuestion, answer: Answer) -> Any:
    """Ask what a choice needs besides."""
    if answer.what == "construct":
        _say_glosses()
        return walk.ask(f"It measures ({', '.join(construct_names())})", one_of(construct_names()))
    if answer.what == "kind":
        return walk.ask(f"It is a ({', '.join(_KINDS)})", one_of(_KINDS))
    if answer.what == "order":
        return _order(walk, question)
    if answer.what == "split":
        return list(answer.members or _second_scale(walk, question))
    return list(answer.members) or None


def _second_scale(walk: _Walk, question: OpenQuestion) -> tuple[str, ...]:
    """Ask which items make the second scale: some, and not all."""

    def meant(typed: str) -> tuple[str, ...]:
        members = members_of(question, re.findall(r"[^\s,]+", typed))
        if not 0 < len(members) < len(question.members):
            raise click.UsageError(f"Some of the items, not all, please. {how_to_number(question)}")
        return members

    return walk.ask("The numbers of the items of the second scale (such as 3 4 5, or 3-5)", meant)


def _order(walk: _Walk, question: OpenQuestion) -> list[str]:
    """Ask for the labels from low to high, by their numbers."""
    book = walk.book()
    (steps,) = book.formats[book.items[question.names[0]].format].labels.values()
    for number, step in enumerate(steps, start=1):
        click.echo(f"    {number}. {step}")

    def meant(typed: str) -> list[str]:
        numbers = [int(part) for part in re.findall(r"[^\s,]+", typed) if part.isdecimal()]
        if sorted(numbers) != list(range(1, len(steps) + 1)):
            raise click.UsageError(f"Each number from 1 to {len(steps)} once, please.")
        return [str(steps[number - 1]) for number in numbers]

    return walk.ask("Their numbers, the lowest answer first (such as 3 1 2)", meant)


def _save(walk: _Walk, question: OpenQuestion, what: str, value: Any = None) -> None:
    from si_research.survey.drafting.decide import decide

    try:
        decide(walk.path, question, cast("Choice", what), value)
    except CodebookError as error:
        click.echo(f"That does not fit the rest of the codebook, so nothing was changed.\n{error}", err=True)


def _say_what_is_left(path: Path, place: Path, *, is_changed: bool) -> None:
    from si_research.survey.drafting import unmeasured_constructs
    from si_research.survey.drafting.by_hand import how_to_make_a_scale
    from si_research.survey.drafting.heading import survey_file_of
    from si_research.survey.drafting.questions import open_questions

    book = _Walk(path).book()
    left = sum(each.is_used for each in open_questions(book))
    saved = f"Saved in {path.name}." if is_changed else f"Nothing was changed in {path.name}."
    click.echo(f"{saved} Left to decide for a run: {left}.")
    absent = unmeasured_constructs(book)
    if absent:
        click.echo(f"No scale measures {', '.join(absent)}; a run then ends in a report that says so.")
    for line in how_to_make_a_scale(book):
        click.echo(line)
    if place != path:
        typed = shlex.quote(str(place))
        click.echo(f"Next: si-research check {typed}\nThen: si-research run {typed}")
        return
    say_how_to_a_report(survey_file_of(path), path)


def say_how_to_a_report(file: Path | None, codebook: Path, first: str = "Next") -> None:
    """Say how a codebook becomes a study, and the study a report."""
    data = "FILE" if file is None else shlex.quote(str(file))
    click.echo(f"{first}: si-research new my-study --data {data} --codebook {shlex.quote(str(codebook))}")
    click.echo("Then: si-research check my-study\nThen: si-research run my-study")
    if file is None:
        click.echo("FILE is the survey file; where a study uses this codebook already, go on with its check.")
