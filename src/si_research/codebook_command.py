"""``si-research codebook``: a draft from a file, and the walk through what a person has to decide."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from si_research.errors import CodebookError, SurveyDataError

if TYPE_CHECKING:
    from si_research.survey.codebook import Codebook
    from si_research.survey.drafting.questions import OpenQuestion

_LETTERS = {"yes": "y", "turn": "t", "order": "o", "construct": "c", "kind": "k", "out": "x"}
_SKIP, _QUIT = "s", "q"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--confirm", is_flag=True, help="Decide on the proposals. FILE is a study folder or a codebook."
)
@click.option(
    "--output", type=click.Path(path_type=Path), default="codebook.yml", help="Where to write the draft."
)
@click.option("--force", is_flag=True, help="Write over a codebook that is there.")
def codebook(file: Path, confirm: bool, output: Path, force: bool) -> None:
    """Draft a codebook from a survey FILE, or decide on its proposals (--confirm)."""
    if confirm:
        _confirm(file)
    else:
        _draft(file, output, force)


def _draft(file: Path, output: Path, force: bool) -> None:
    from si_research.survey.codebook_writer import write_codebook
    from si_research.survey.drafting import describe_draft, draft_codebook
    from si_research.survey.drafting.heading import HEADING
    from si_research.survey.reading import read_raw

    if output.exists() and not force:
        raise SurveyDataError(
            expected="a name that is free",
            found="a file of that name",
            where=output.name,
            todo="choose another --output, or write over it with --force; nothing was changed",
        )
    if not output.parent.is_dir():
        raise SurveyDataError(
            expected="a folder that is there",
            found="none of that name",
            where=str(output.parent),
            todo="make the folder, or choose another --output; nothing was changed",
        )
    raw = read_raw(file)
    drafted = draft_codebook(raw)
    write_codebook(drafted, output, heading=HEADING[1:], overwrite=force)
    for line in raw.facts.detected:
        click.echo(line)
    click.echo(f"Made {output}: {describe_draft(drafted)}")
    click.echo(f"Next: si-research codebook --confirm {shlex.quote(str(output))}")


def _codebook_path(place: Path) -> Path:
    """The codebook of a study, or the file itself."""
    from si_research.study.study_file import STUDY_FILE, read_study, study_path
    from si_research.survey.reading.detect import SURVEY_ENDINGS

    if place.is_dir() or place.name == STUDY_FILE:
        study = study_path(place)
        return study.parent / read_study(study).codebook
    if place.is_file() and place.suffix.casefold() in SURVEY_ENDINGS:
        raise SurveyDataError(
            expected="a study folder or a codebook, to decide on",
            found="a survey file",
            where=place.name,
            todo=f"draft a codebook first: si-research codebook {shlex.quote(str(place))}",
        )
    return place


def _confirm(place: Path) -> None:
    """Ask until nothing is open, or the user stops; each answer is saved at once."""
    from si_research.survey.codebook_file import read_codebook
    from si_research.survey.drafting.questions import open_questions, scales_to_look_at_again
    from si_research.survey.whole_file import refuse_write_protected

    path = _codebook_path(place)
    read_codebook(path)
    refuse_write_protected(path)
    was = path.read_bytes()
    earlier = {each.places for each in scales_to_look_at_again(read_codebook(path))}
    skipped: set[tuple[str, ...]] = set()
    told_rest = False
    while True:
        book = read_codebook(path)
        asked = open_questions(book)
        again = [each for each in scales_to_look_at_again(book) if each.places in earlier]
        left = [each for each in (*again, *asked) if each.places not in skipped]
        if not left:
            break
        if not left[0].is_used and not told_rest:
            told_rest = True
            _say_the_rest(sum(each.is_used for each in asked), len(left))
            if not _asked(lambda: click.confirm("Decide on these too?", default=False), path):
                break
        answer = _answer(left[0], len(left), path)
        if answer == _QUIT:
            break
        is_as_it_was = answer == "yes" and left[0].places in earlier
        if answer == _SKIP or is_as_it_was:
            skipped.add(left[0].places)
        else:
            _save(path, book, left[0], answer)
    _say_what_is_left(path, place, is_changed=path.read_bytes() != was)


def _say_the_rest(n_needed: int, n_left: int) -> None:
    """Say where the parts begin that no test uses; what was skipped before is not decided."""
    needed = f"Skipped, and needed for a run: {n_needed}." if n_needed else "What a run needs is decided."
    click.echo(f"\n{needed} Left: {n_left} questions on parts that no test uses.")


def _asked(ask: Any, path: Path) -> Any:
    """Ask, and say what to do when no answer can come."""
    try:
        return ask()
    except click.Abort:
        raise SurveyDataError(
            expected="an answer, typed in a terminal",
            found="none",
            where=path.name,
            todo="go on with the same command, or decide in the file: mend the part and delete "
            "`confirm: false`; what was decided so far is saved",
        ) from None


def _answer(question: OpenQuestion, n_left: int, path: Path) -> str:
    click.echo(f"\n{question.title}\n  why: {question.reason}")
    words = {_LETTERS[choice]: text for choice, text in question.in_words().items()}
    words |= {_SKIP: "skip, decide later", _QUIT: "stop"}
    for letter, text in words.items():
        click.echo(f"  [{letter}] {text}")
    prompt = f"{n_left} left"
    full = {choice: choice for choice in question.choices} | {"skip": _SKIP, "stop": _QUIT, "quit": _QUIT}
    full |= {_LETTERS[choice]: choice for choice in question.choices} | {_SKIP: _SKIP, _QUIT: _QUIT}

    def meant(typed: str) -> str:
        try:
            return full[typed.strip().casefold()]
        except KeyError:
            raise click.UsageError(f"One of {', '.join(words)}, or the word itself, please.") from None

    return str(_asked(lambda: click.prompt(f"{prompt} ({', '.join(words)})", value_proc=meant), path))


def _save(path: Path, book: Codebook, question: OpenQuestion, answer: Any) -> None:
    from si_research.survey.drafting.decide import decide

    value = None
    if answer == "construct":
        value = _asked(
            lambda: click.prompt("It measures", type=click.Choice(_constructs(), case_sensitive=False)), path
        )
    elif answer == "kind":
        kinds = click.Choice(["number", "category", "identifier"], case_sensitive=False)
        value = _asked(lambda: click.prompt("It is a", type=kinds), path)
    elif answer == "order":
        value = _order(path, book, question)
    try:
        decide(path, question, answer, value)
    except CodebookError as error:
        click.echo(f"That does not fit the rest of the codebook, so nothing was changed.\n{error}", err=True)


def _constructs() -> list[str]:
    from si_research.survey.codebook import ConstructName

    return list(get_args(ConstructName))


def _order(path: Path, book: Codebook, question: OpenQuestion) -> list[str]:
    """Ask for the labels from low to high, by their numbers."""
    (steps,) = book.formats[book.items[question.names[0]].format].labels.values()
    for number, step in enumerate(steps, start=1):
        click.echo(f"    {number}. {step}")
    wanted = list(range(1, len(steps) + 1))
    while True:
        typed = _asked(lambda: click.prompt("Their numbers, the lowest answer first (such as 3 1 2)"), path)
        numbers = [int(part) for part in str(typed).replace(",", " ").split() if part.isdigit()]
        if sorted(numbers) == wanted:
            return [str(steps[number - 1]) for number in numbers]
        click.echo(f"Each number from 1 to {len(steps)} once, please.")


def _say_what_is_left(path: Path, place: Path, *, is_changed: bool) -> None:
    from si_research.survey.codebook_file import read_codebook
    from si_research.survey.drafting import unmeasured_constructs
    from si_research.survey.drafting.questions import open_questions

    book = read_codebook(path)
    left = sum(each.is_used for each in open_questions(book))
    saved = f"Saved in {path.name}." if is_changed else f"Nothing was changed in {path.name}."
    click.echo(f"{saved} Left to decide for a run: {left}.")
    absent = unmeasured_constructs(book)
    if absent:
        click.echo(f"No scale measures {', '.join(absent)}; a run then ends in a report that says so.")
    if place != path:
        click.echo(f"Next: si-research check {shlex.quote(str(place))}")
    else:
        click.echo(
            "Next: si-research check STUDY, where STUDY is the folder of the study that uses this codebook"
        )
