"""What the names of columns tell of a changed instrument: variables that stop, start, or seem renamed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.waves.names import WaveColumns

COLUMNS: Final = ("stem", "change", "first", "last", "other")
_ALIKE: Final = 0.85
"""Likeness from which two names may be one renamed variable (share of characters in common)."""


def check_wave_columns(found: WaveColumns) -> CheckResult:
    """Tell which variables are not there in every wave, and which seem to go on under another name.

    Use it on a file with the waves side by side. It joins nothing: whether a renamed variable is still the
    same, only who made it can say.

    Parameters
    ----------
    found : WaveColumns
        From :func:`find_waves`.

    Returns
    -------
    CheckResult
        Table: stem, change (``stops``, ``starts``, ``gap``, ``only``: in one wave; ``renamed``), first and
        last (wave), other (the name under which it seems to go on). Passed when all variables are in all
        waves; None without waves.

    Notes
    -----
    Renamed: one variable stops in a wave, another starts in the next, and their names share 85 per cent of
    their characters.
    """
    waves = found.waves
    there = {stem: [wave in cells for wave in waves] for stem, cells in found.by_stem().items()}
    rows = [row for stem in there for row in _changes(stem, there, waves)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return CheckResult(
        name="wave_columns",
        question="Is every variable there in every wave?",
        passed=table.empty if waves else None,
        table_=table,
        text=_text(table, found),
        rule=f"a column in each wave; renamed: one stops, another starts, {_ALIKE:.0%} of the name alike",
    )


def _changes(
    stem: str, there: dict[str, list[bool]], waves: tuple[str, ...]
) -> Iterator[tuple[str, str, str, str, str]]:
    places = [place for place, known in enumerate(there[stem]) if known]
    first, last = places[0], places[-1]
    ends = waves[first], waves[last]
    if len(places) == len(waves):
        return
    other = _goes_on_as(stem, last, there)
    if other:
        yield stem, "renamed", *ends, other
    elif len(places) == 1:
        yield stem, "only", *ends, ""
    elif last < len(waves) - 1:
        yield stem, "stops", *ends, ""
    elif first > 0:
        yield stem, "starts", *ends, ""
    if len(places) < last - first + 1:
        yield stem, "gap", *ends, ""


def _goes_on_as(stem: str, last: int, there: dict[str, list[bool]]) -> str:
    """Return the variable that starts in the next wave under nearly the same name."""
    starting = [other for other, known in there.items() if other != stem and known.index(True) == last + 1]
    alike = difflib.get_close_matches(stem, starting, n=1, cutoff=_ALIKE)
    return alike[0] if alike else ""


def _text(table: pd.DataFrame, found: WaveColumns) -> str:
    if not found.waves:
        return f"No waves to compare: {found.how}."
    lines = []
    renamed = table[table["change"] == "renamed"]
    lines += [
        f"`{row.stem}` ends in {row.last}, and `{row.other}` begins in the next wave: perhaps one variable "
        "under another name; not joined"
        for row in renamed.itertuples()
    ]
    lines += [
        f"`{row.stem}` stops after {row.last}" for row in table[table["change"] == "stops"].itertuples()
    ]
    goes_on = set(renamed["other"])
    for change, words in (("starts", "starts in {0.first}"), ("only", "is there in {0.first} only")):
        for row in table[(table["change"] == change) & ~table["stem"].isin(goes_on)].itertuples():
            lines.append(f"`{row.stem}` {words.format(row)}")
    lines += [
        f"`{row.stem}` misses a wave in between" for row in table[table["change"] == "gap"].itertuples()
    ]
    lines += _years_not_there(found.waves)
    return "\n".join(lines) or "Every variable is there in every wave."


def _years_not_there(waves: tuple[str, ...]) -> list[str]:
    """Say which years a yearly survey has no columns for."""
    if not all(wave.isdecimal() and len(wave) == 4 for wave in waves):
        return []
    years = sorted(map(int, waves))
    absent = [str(year) for year in range(years[0], years[-1]) if year not in years]
    return [f"no column is about {', '.join(absent)}"] if absent else []
