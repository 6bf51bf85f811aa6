"""Columns that are one question in several waves: taken together before anything else is asked of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.drafting.ladders import ladders_of
from si_research.survey.drafting.missing import MissingCells, missing_by_column
from si_research.survey.drafting.names import Stem, stem_of
from si_research.survey.survey_data import Code
from si_research.survey.waves.names import find_waves
from si_research.survey.waves.unmarked import unmarked_first_wave

_MOST_NUMBERS: Final = 11
_OFTEN: Final = 0.05
"""Share of the answers in one wave beyond all answers of another that chance does not make."""


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide:
    """The columns of a file, those of one question in several waves as one.

    Attributes
    ----------
    waves : tuple of str
        In order of time; empty where the names tell none.
    cells : Mapping of str to Mapping of str to str
        By what is taken as one column: wave to column.
    facts, missing : Mapping
        Of all columns, by that name.
    open : tuple of str
        Columns that are questions or other facts, by that name.
    is_first_unmarked : bool
        Whether the column of the first wave bears no marker, and is taken for it.
    """

    facts: Mapping[str, ColumnFacts]
    missing: Mapping[str, MissingCells]
    open: tuple[str, ...]
    waves: tuple[str, ...] = ()
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_first_unmarked: bool = False

    def said(self, name: str) -> str:
        """Why a column is said to be of waves; empty where it is of none."""
        waves = self.cells.get(name, {})
        if len(waves) == 1:
            how = "taken for" if self.is_first_unmarked else "its name says"
            return f"{how} {next(iter(waves))}; no other wave has it with the same answers"
        if not waves:
            return ""
        if self.is_first_unmarked:
            first, *later = waves
            return (
                f"perhaps one question at several times: `{waves[first]}` names no wave and is taken for the "
                f"first (`{first}`), beside {', '.join(later)}"
            )
        return f"one question, with a column in {', '.join(waves)}, as their names say"


def side_by_side(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> SideBySide:
    """Take the columns of one question in several waves as one, where names say the wave by themselves.

    A bare number may as well be that of an item, so it joins nothing. Waves that are answered in another way
    stay apart.
    """
    unchanged = SideBySide(facts, missing, tuple(names))
    unmarked = unmarked_first_wave(names)
    found = find_waves(names)
    if not unmarked and (
        found.pattern is None or any(re.fullmatch(r"\d{1,2}", wave) for wave in found.waves)
    ):
        return unchanged
    joined: dict[str, ColumnFacts] = {}
    cells: dict[str, dict[str, str]] = {}
    by_stem = unmarked or found.by_stem()
    other_steps = _with_other_steps(by_stem, facts, missing)
    for stem, columns in by_stem.items():
        parts = [facts[column] for column in columns.values()]
        is_free = stem not in facts or stem in columns.values()
        is_one = is_free and stem_of(stem) not in other_steps and _are_alike(parts, missing)
        if len(parts) > 1 and is_one:
            joined[stem], cells[stem] = _joined(stem, parts), columns
        else:
            cells |= {column: {wave: column} for wave, column in columns.items()}
    if unmarked and not joined:
        return unchanged
    inside = {column for stem in joined for column in cells[stem].values()}
    together = {name: each for name, each in facts.items() if name not in inside} | joined
    together = dict(sorted(together.items(), key=lambda each: each[1].place))
    of_names = {*names} - inside | {*joined}
    return SideBySide(
        facts=together,
        missing=missing_by_column(together),
        open=tuple(name for name in together if name in of_names),
        waves=max(map(tuple, by_stem.values()), key=len) if unmarked else found.waves,
        cells=cells,
        is_first_unmarked=bool(unmarked),
    )


def _are_alike(parts: Sequence[ColumnFacts], missing: Mapping[str, MissingCells]) -> bool:
    first = parts[0]
    if any((each.labels, each.missing_ranges) != (first.labels, first.missing_ranges) for each in parts):
        return False
    words = [{cell for cell in each.texts if not missing[each.name].holds(cell)} for each in parts]
    asked = [each for each, part in zip(words, parts, strict=True) if part.n_filled]
    if not any(asked):
        return True
    return bool(set[str].intersection(*asked)) or bool(ladders_of(set[str]().union(*asked)))


def _with_other_steps(
    by_stem: Mapping[str, Mapping[str, str]],
    facts: Mapping[str, ColumnFacts],
    missing: Mapping[str, MissingCells],
) -> frozenset[Stem]:
    """Return the stems whose questions, taken together, go to another highest number in another wave.

    A highest number that few chose may be lacking elsewhere by chance.
    """
    counts: dict[Stem, dict[str, Counter[float]]] = {}
    for stem, columns in by_stem.items():
        for wave, column in columns.items():
            each = facts[column]
            kept = {cell: n for cell, n in each.numbers.items() if not missing[column].holds(cell)}
            if kept and len(kept) <= _MOST_NUMBERS:
                of_wave = counts.setdefault(stem_of(stem), {}).setdefault(wave, Counter())
                for cell, number in kept.items():
                    of_wave[number] += each.counts[cell]
    return frozenset(stem for stem, waves in counts.items() if _goes_further(list(waves.values())))


def _goes_further(waves: Sequence[Counter[float]]) -> bool:
    lowest = min(map(max, waves))
    return any(
        sum(n for number, n in wave.items() if number > lowest) >= _OFTEN * wave.total() for wave in waves
    )


def _joined(stem: str, parts: Sequence[ColumnFacts]) -> ColumnFacts:
    counts: Counter[Code] = Counter()
    numbers: dict[Code, float] = {}
    for each in parts:
        counts.update(each.counts)
        numbers |= each.numbers
    return replace(
        parts[0],
        name=stem,
        n_rows=sum(each.n_rows for each in parts),
        n_filled=sum(each.n_filled for each in parts),
        n_distinct=len(counts),
        counts=dict(counts.most_common()),
        numbers=numbers,
        has_percent=any(each.has_percent for each in parts),
    )
