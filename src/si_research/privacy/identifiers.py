"""Who is in this file? Names, addresses, numbers, places, times and own words, recognised at the door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from si_research.privacy.by_content import signs_in
from si_research.privacy.by_name import cells_contradict, kinds_by_name, words_of
from si_research.privacy.cells import Cells, Mask, cells_of, is_short
from si_research.privacy.coordinates import are_coordinates, degrees_of
from si_research.privacy.finding import KINDS, IdentifierFinding, IdentifierKind, RecognisedBy
from si_research.privacy.known_names import known_names, name_somebody
from si_research.privacy.name_shapes import asked_for, asks_for_a_person, differ_as_names_do
from si_research.privacy.single_words import (
    asks_who_it_is,
    first_names,
    said_to_be_people,
    single_own_words,
)
from si_research.privacy.stored_moments import StoredMoment, written_out

__all__ = ["KINDS", "IdentifierFinding", "IdentifierKind", "RecognisedBy", "find_identifiers"]

_KIND_OF_ROLE: Final[Mapping[str, IdentifierKind]] = {
    "respondent": "respondent_code",
    "started": "exact_time",
    "submitted": "exact_time",
    "recorded": "exact_time",
    "ip_address": "ip_address",
    "location": "location",
    "name": "name",
    "email": "email",
    "device": "device",
}
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_MOMENTS: Final[Mapping[str, StoredMoment]] = MappingProxyType({})


def find_identifiers(
    frame: pd.DataFrame,
    *,
    texts: Mapping[str, str] = _NOTHING,
    roles: Mapping[str, str] = _NOTHING,
    moments: Mapping[str, StoredMoment] = _NO_MOMENTS,
) -> tuple[IdentifierFinding, ...]:
    """Find the columns that may tell who somebody is: by what the survey tool says, by name and by content.

    Use it on a survey as it stands in the file, before anything is recoded. It errs on the side of
    finding too much; what it finds is kept out unless the codebook names it.

    Parameters
    ----------
    frame : pandas.DataFrame
        Texts or numbers a column.
    texts : Mapping of str to str, optional
        By column: the question as asked.
    roles : Mapping of str to str, optional
        By column that the survey tool adds: what it is about (``SystemRole``).
    moments : Mapping of str to str, optional
        By column of which the file says that its numbers are moments: what they count.

    Returns
    -------
    tuple of IdentifierFinding
        In the order of the columns; a column may have several kinds, each once. No finding holds a
        value of a cell.

    Notes
    -----
    By name: Dutch, English and German words in the name of a column or in its question, unless its cells
    contradict (answers to choose from, numbers too small). Empty columns are found by name.
    By content: e-mail addresses (RFC 5322), telephone numbers (E.164), bank accounts (ISO 13616),
    burgerservicenummers, IP addresses (RFC 791, RFC 4291), degrees of latitude and longitude, user
    agents, dates with a time of day, dates of birth, addresses, web addresses, names and free text; every
    distinct cell is looked at, so that one e-mail address among a million cells is found.
    A firm's name is no person's. People's full names are found by content with a title, with initials or
    with a first name that many people bear. Other names are found by their shape (two or three words with a
    capital): where the column asks for a person (who, colleague, manager), or where nearly all of at
    least 10 texts have it and hardly any is repeated. A column of single words is found where its name is
    only a word for a person, where first names that many people bear are among them, or where at least 15
    words differ, a fifth of the cells; not where places, firms or jobs are among them. Fewer names, or names
    that are repeated more often, are not found.

    Examples
    --------
    >>> frame = pd.DataFrame({"Q1": ["4", "5"], "Q2": ["", "ann@example.org"], "Voornaam": ["", ""]})
    >>> for finding in find_identifiers(frame):
    ...     print(finding, f"({finding.recognised_by})")
    Q2: email, cells hold an e-mail address (content)
    Voornaam: name, its name says so (name)
    """
    known = dict(_places(frame, roles))
    return tuple(
        finding
        for position, column in enumerate(frame.columns)
        for finding in _findings(
            str(column),
            _as_shown(frame.iloc[:, position], moments),
            texts.get(column, ""),
            roles.get(column),
            known.get(position),
        )
    )


def _as_shown(column: pd.Series[Any], moments: Mapping[str, StoredMoment]) -> pd.Series[Any]:
    kind = moments.get(str(column.name))
    return column if kind is None else written_out(column, kind)


def _findings(
    name: str, column: pd.Series[Any], question: str, role: str | None, place: int | None
) -> Iterator[IdentifierFinding]:
    if role is not None and role != "other":
        kind = _KIND_OF_ROLE.get(role)
        if kind is not None:
            yield IdentifierFinding(name, kind, "tool", cells_of(column).n_filled, "the survey tool says so")
        return
    said = kinds_by_name(name, question)
    asks = asks_who_it_is(words_of(name)) or asks_for_a_person(words_of(name))
    if not said and place is None and is_short(column) and not asks:
        return
    cells, by_name = cells_of(column), set[IdentifierKind]()
    for kind, where in said.items():
        if not cells_contradict(kind, cells, name, where):
            by_name.add(kind)
            yield IdentifierFinding(name, kind, "name", cells.n_filled, f"its {where} says so")
    if place is not None and "location" not in by_name:
        yield IdentifierFinding(
            name, "location", "content", place, "its cells and those beside it are degrees of a place"
        )
    by_content = [each for each in signs_in(cells) if each.kind not in by_name]
    for kind, n_cells, reason in by_content:
        yield IdentifierFinding(name, kind, "content", n_cells, reason)
    if not by_name and not by_content:
        yield from _names_by_shape(name, cells, question)


def _names_by_shape(name: str, cells: Cells, question: str) -> Iterator[IdentifierFinding]:
    """Give the finding that cells are shaped as names of people, where a name or question asks for these."""
    if len(cells.texts) == 0 or cells.is_closed:
        return
    marked = name_somebody(cells)
    if marked.any():
        yield IdentifierFinding(name, "free_text", "shape", cells.n_cells(marked), "its texts name somebody")
        return
    marked = known_names(cells, words_of(name))
    if marked.any():
        reason = "its cells are names that many people bear"
        yield IdentifierFinding(name, "name", "shape", cells.n_cells(marked), reason)
        return
    for text in (name, question):
        marked = asked_for(cells, words_of(text))
        if marked.any():
            reason = "it asks for a person, and its cells look like names"
            yield IdentifierFinding(name, "name", "name", cells.n_cells(marked), reason)
            return
    for kind, marked, reason in _single_words(cells, words_of(name), words_of(f"{name} {question}")):
        if marked.any():
            yield IdentifierFinding(name, kind, "shape", cells.n_cells(marked), reason)
            return
    marked = differ_as_names_do(cells, words_of(f"{name} {question}"))
    if marked.any():
        n_cells = cells.n_cells(marked)
        yield IdentifierFinding(name, "name", "shape", n_cells, "its cells have the shape of names of people")


def _single_words(cells: Cells, name: str, words: str) -> Iterator[tuple[IdentifierKind, Mask, str]]:
    yield (
        "name",
        said_to_be_people(cells, name),
        "it is called by a word for a person, and holds single words",
    )
    yield "name", first_names(cells), "its cells are single words, and first names are among them"
    reason = "its cells are single words that hardly two people share: names, or own words"
    yield "free_text", single_own_words(cells, words), reason


def _places(frame: pd.DataFrame, roles: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Give the columns that are latitude and longitude side by side, and how many cells each fills."""
    before = None
    for position, name in enumerate(frame.columns):
        degrees = None if name in roles else degrees_of(frame.iloc[:, position])
        if degrees is not None and before is not None and are_coordinates(before, degrees):
            for place in (position - 1, position):
                yield place, int(frame.iloc[:, place].notna().sum())
        before = degrees
