"""Headers and questions that tell of a person: the column goes by its place, the text is shown nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from si_research.privacy.cells import cells_of
from si_research.privacy.headers import hold_a_person
from si_research.privacy.name_shapes import are_mostly_names, have_names_shape
from si_research.survey.survey_data import RawSurvey, rename_columns

_AGAIN: Final = re.compile(r" \(\d+\)$")
_LISTED: Final = 5


def withhold_people(raw: RawSurvey) -> RawSurvey:
    """Return a file in which no header and no question tells of a person.

    Parameters
    ----------
    raw : RawSurvey
        The file as it stands.

    Returns
    -------
    RawSurvey
        Such a column is called by its place (``column 8``), its question is left out, and both are kept as
        ``withheld``, by which a codebook that names the header still finds it.
    """
    old = [str(name) for name in raw.frame]
    personal = {
        name
        for name, found in zip(old, hold_a_person([_AGAIN.sub("", name) for name in old]), strict=True)
        if found or (name not in raw.roles and _is_a_first_row(raw.frame[name]))
    }
    asked = list(raw.texts)
    questions = {
        name
        for name, found in zip(asked, hold_a_person([raw.texts[name] for name in asked]), strict=True)
        if found
    }
    if not personal | questions:
        return raw
    names = dict(_places(old, personal))
    withheld = {
        names[name]: raw.texts[name] if name in questions else _AGAIN.sub("", name)
        for name in old
        if name in personal | questions
    }
    texts = {name: text for name, text in raw.texts.items() if name not in questions}
    renamed = rename_columns(replace(raw, texts=texts), names)
    return replace(
        renamed,
        facts=replace(raw.facts, detected=(*raw.facts.detected, *_said(personal, questions, names))),
        repeated=tuple(name for name in raw.repeated if name not in personal),
        withheld=withheld,
    )


def _is_a_first_row(column: pd.Series[Any]) -> bool:
    """Whether a header is a name above more names: the first row of a file without a header."""
    header = cells_of(pd.Series([str(column.name)], dtype="str"))
    return bool(have_names_shape(header).any()) and are_mostly_names(cells_of(column))


def _places(names: list[str], personal: set[str]) -> Iterator[tuple[str, str]]:
    """Give each column its name: its place where its own tells of a person, and none is called so."""
    taken = set(names) - personal
    for place, name in enumerate(names, start=1):
        new = f"column {place}"
        while new in taken:
            new = f"{new} (of the file)"
        yield name, new if name in personal else name


def _said(personal: set[str], questions: set[str], names: dict[str, str]) -> Iterator[str]:
    if personal:
        listed = [new for old, new in names.items() if old in personal]
        more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
        yield (
            "columns of which the header tells of a person, and that go by their place: "
            f"{', '.join(listed[:_LISTED])}{more}"
        )
    if questions - personal:
        yield f"questions that tell of a person, and that are shown nowhere: {len(questions - personal)}"
