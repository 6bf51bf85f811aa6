"""What was kept out of the analysis: the columns that could tell who somebody is, by kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from si_research.report.tables import Table, make_table

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.report.labels import Labels

_LONGEST: Final = 40
_BY_PLACE: Final = re.compile(r"column (\d+)")
"""A column without a name, or whose name tells of a person."""
_LISTED: Final = 5


def kept_out_sentences(findings: StudyFindings, labels: Labels) -> tuple[str, ...]:
    """Return how many columns the codebook does not name, and which that tell of a person it lets in."""
    speak, door = labels.voice, findings.door
    n_columns = findings.source.n_columns
    if not door.n_outside:
        said = [speak.say("kept_out.all_used", columns=n_columns)]
    else:
        said = [speak.say("kept_out.lead", columns=n_columns, outside=door.n_outside)]
    if door.n_outside and not door.kept_out:
        said.append(speak.say("kept_out.nobody"))
    if door.let_in:
        columns = speak.listed(
            [_shown(name, labels) for name in dict.fromkeys(each.column for each in door.let_in)]
        )
        said.append(speak.say("kept_out.let_in", columns=columns))
    return tuple(said)


def kept_out_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return one row a kind and way of recognising: columns, never a value; None when there is nothing."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in findings.door.kept_out:
        groups.setdefault((each.kind, each.recognised_by), []).append(each.column)
    if not groups:
        return None
    speak = labels.voice
    rows = [
        (speak.say(f"personal.{kind}"), _some(names, labels), speak.say(f"recognised_by.{way}"))
        for (kind, way), names in groups.items()
    ]
    return make_table(
        "kept_out", ("personal", "columns", "recognised_by"), rows, labels=labels, words=(0, 1, 2)
    )


def _some(names: Iterable[str], labels: Labels) -> str:
    listed = [_shown(name, labels) for name in names]
    more = len(listed) - _LISTED
    text = ", ".join(listed[:_LISTED])
    return f"{text} {labels.voice.say('kept_out.more', more=more)}" if more > 0 else text


def _shown(name: str, labels: Labels) -> str:
    place = _BY_PLACE.fullmatch(name)
    if place is not None:
        return labels.voice.say("kept_out.by_place", place=place[1])
    text = " ".join(name.split())
    return f"`{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}`"
