"""The door: columns that the codebook does not name stay outside, and no person comes in unasked.

What stays outside is looked at all the same, so that a ledger and a report can say which columns
could tell who somebody is. A column that the codebook does use, and that tells of a person, is refused
unless the codebook says that it may come in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from si_research.errors import CodebookError, Problem
from si_research.privacy.finding import IdentifierFinding, IdentifierKind
from si_research.privacy.identifiers import find_identifiers
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_checks import place_of
from si_research.survey.reading.rules import ReadingRules
from si_research.survey.reading.stacking import name_of_cell
from si_research.survey.survey_data import AtTheDoor, RawSurvey
from si_research.survey.yaml_file import place
from si_research.survey.yaml_model import shown

_LONGEST_COLUMN: Final = 60
_LISTED: Final = 5
IN_WORDS: Final[Mapping[IdentifierKind, str]] = {
    "name": "names of people",
    "email": "e-mail addresses",
    "telephone": "telephone numbers",
    "bank_account": "bank account numbers",
    "citizen_number": "citizen numbers",
    "respondent_code": "codes under which people are known",
    "ip_address": "IP addresses",
    "location": "places on the map",
    "address": "addresses",
    "birth_date": "dates of birth",
    "exact_time": "exact times",
    "device": "descriptions of devices",
    "web_address": "web addresses",
    "free_text": "text in people's own words",
}
_IN_AN_ITEM: Final = frozenset(
    {"email", "telephone", "bank_account", "ip_address", "address", "birth_date", "exact_time", "device"}
)
"""Kinds that no answer to a closed question looks like; whatever else stands there, its labels refuse."""
_IN_A_NUMBER: Final = frozenset(
    {"telephone", "bank_account", "citizen_number", "respondent_code", "location", "exact_time", "birth_date"}
)
"""Kinds that can be read as a number; the others would be unreadable, and missing."""


def look_at(raw: RawSurvey, rules: ReadingRules) -> AtTheDoor:
    """Return what stays outside, and what of it and of the columns that come in could tell of a person.

    Parameters
    ----------
    raw : RawSurvey
    rules : ReadingRules
        They name the columns that come in.

    Returns
    -------
    AtTheDoor
    """
    used = {rule.column for rule in rules.answers.values()}
    found = find_identifiers(raw.frame, texts=raw.asked, roles=raw.roles, moments=raw.moments)
    return AtTheDoor(
        n_outside=sum(column not in used for column in raw.frame.columns),
        kept_out=tuple(each for each in found if each.column not in used),
        let_in=tuple(each for each in found if each.column in used),
    )


def refuse_people(door: AtTheDoor, raw: RawSurvey, rules: ReadingRules, codebook: Codebook) -> None:
    """Refuse columns that the codebook uses and that tell of a person, unless it says that they may.

    Raises
    ------
    CodebookError
        All of them at once, each with its column, its kind and how it was recognised; never a value.
    """
    by_cell = {
        name_of_cell(name, wave): name for name in codebook.used_names for wave in codebook.columns_of(name)
    }
    name_of = {rule.column: by_cell[cell] for cell, rule in rules.answers.items()}
    problems = [
        _problem(codebook, name, each)
        for each in door.let_in
        if not _may_come_in(codebook, name := name_of[each.column], each)
    ]
    if problems:
        raise CodebookError(
            problems, where=raw.facts.name, expected="columns that do not tell who somebody is"
        )


def _may_come_in(codebook: Codebook, name: str, found: IdentifierFinding) -> bool:
    by_content = found.recognised_by == "content"
    if name in codebook.items:
        return not (by_content and found.kind in _IN_AN_ITEM)
    variable = codebook.variable(name)
    if variable.allow_personal or variable.kind == "identifier":
        return True
    if variable.kind == "number" and found.kind not in _IN_A_NUMBER:
        return True
    if found.recognised_by == "shape" and name in codebook.roles.named_units:
        return True
    if name == codebook.roles.organisation:
        return found.kind == "web_address" or (found.kind == "name" and not by_content)
    return name in (codebook.roles.completed, codebook.roles.duration) and found.kind == "exact_time"


def _problem(codebook: Codebook, name: str, found: IdentifierFinding) -> Problem:
    steps = place_of(codebook, name)
    if name in codebook.items:
        todo = "Leave the item out, or mend its column."
    else:
        todo = (
            f"Leave it out; or write under variables.{name}: `kind: identifier`, if it says who answered, or "
        )
        todo += "`allow_personal: true`, if it must come in."
    return Problem(
        where=place(steps),
        expected="a column that does not tell who somebody is",
        found=f"{IN_WORDS[found.kind]} in {shown(found.column, _LONGEST_COLUMN)} ({found.reason})",
        todo=todo,
        line=codebook.line_of(place(steps)),
    )


def in_words(door: AtTheDoor) -> Iterator[str]:
    """Give a line on what stays outside and, where there is any, one on what comes in.

    Examples
    --------
    >>> mail = IdentifierFinding("Q9", "email", "content", 12, "cells hold an e-mail address")
    >>> for line in in_words(AtTheDoor(3, kept_out=(), let_in=(mail,))):
    ...     print(line)
    columns that the codebook does not name, and that stay out: 3
    let in, since the codebook names them: e-mail addresses (`Q9`)
    """
    outside = f"columns that the codebook does not name, and that stay out: {door.n_outside}"
    if door.kept_out:
        outside += f"; of these may tell who somebody is: {_by_kind(door.kept_out)}"
    yield outside
    if door.let_in:
        yield f"let in, since the codebook names them: {_by_kind(door.let_in)}"


def _by_kind(found: Iterable[IdentifierFinding]) -> str:
    columns: dict[IdentifierKind, list[str]] = {}
    for each in found:
        columns.setdefault(each.kind, []).append(shown(each.column, _LONGEST_COLUMN))
    return "; ".join(f"{IN_WORDS[kind]} ({_some(names)})" for kind, names in columns.items())


def _some(names: list[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def parameters_of_door(door: AtTheDoor) -> dict[str, Any]:
    """Return what the ledger keeps: each column with its kinds and how each was recognised."""
    return {part: _kinds_by_column(getattr(door, part)) for part in ("kept_out", "let_in")}


def _kinds_by_column(found: Iterable[IdentifierFinding]) -> dict[str, dict[str, str]]:
    kinds: dict[str, dict[str, str]] = {}
    for each in found:
        kinds.setdefault(each.column, {})[each.kind] = each.recognised_by
    return kinds


def counts_of_door(door: AtTheDoor) -> dict[str, dict[str, int]]:
    """Return how many columns stay outside, and how many of them and of the others tell of a person."""
    kinds = {part: Counter(each.kind for each in getattr(door, part)) for part in ("kept_out", "let_in")}
    return {"columns": {"outside": door.n_outside}, **{part: dict(n) for part, n in kinds.items() if n}}
