"""Waves and sources in the names of columns: found by structure, and left alone where that is not clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import pandas as pd

from si_research.survey.response_format import normalise
from si_research.survey.waves.markers import MARKERS, Marked, Marker
from si_research.survey.waves.numbers import numbered_waves
from si_research.survey.waves.sources import sources_of

COLUMNS: Final = ("column", "stem", "wave", "source", "construct", "item")


@dataclass(frozen=True, slots=True, eq=False)
class WaveColumns:
    """The waves that the names of columns tell. Made by :func:`find_waves`.

    Attributes
    ----------
    pattern : str or None
        How the names say it, such as ``x_t1`` or ``x_2015``; None when they do not, or not clearly.
    waves : tuple of str
        In order of time, as the names write them (in lower case).
    columns : pandas.DataFrame
        A row a column of a wave: column, stem (the name without its wave), wave, source (``self``,
        ``teacher``, ... or empty), construct and item (letters and number of the stem, where it has both).
    left_over : tuple of str
        Columns of no wave.
    how : str
        How it is known, or why nothing was picked.
    """

    pattern: str | None
    waves: tuple[str, ...]
    columns: pd.DataFrame = field(repr=False)
    left_over: tuple[str, ...]
    how: str

    def table(self) -> pd.DataFrame:
        """Return a copy of the columns with their wave."""
        return self.columns.copy()

    def by_stem(self) -> dict[str, dict[str, str]]:
        """Return the column of each stem by wave: what `columns` in a codebook says."""
        found: dict[str, dict[str, str]] = {}
        for row in self.columns.itertuples():
            found.setdefault(str(row.stem), {})[str(row.wave)] = str(row.column)
        order = {wave: place for place, wave in enumerate(self.waves)}
        return {
            stem: dict(sorted(cells.items(), key=lambda each: order[each[0]]))
            for stem, cells in found.items()
        }

    def __str__(self) -> str:
        if self.pattern is None:
            return f"no waves in the names: {self.how}"
        return (
            f"{self.pattern}: waves {', '.join(self.waves)}; {len(self.columns)} columns of "
            f"{self.columns['stem'].nunique()} variables, {len(self.left_over)} left over\n{self.how}"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def find_waves(names: Sequence[str], texts: Mapping[str, str] | None = None) -> WaveColumns:
    """Find the waves, and the sources, that the names of columns tell.

    Use it on a file that holds several measurements side by side, before writing `columns` in the codebook.
    It changes nothing, and picks nothing where a number may as well be that of an item.

    Parameters
    ----------
    names : sequence of str
        The columns, in the order of the file: order is evidence.
    texts : Mapping of str to str, optional
        The question by column, where the file says so.

    Returns
    -------
    WaveColumns

    Notes
    -----
    A marker that says wave by itself (``_t1``, ``T1_``, ``_after`` and ``_before``, ``_pre`` and ``_post``,
    ``_voor`` and ``_na``, ``nulmeting``, ``meting1``, a year) counts when a variable bears it for two waves
    or more. A bare number (``X1``, ``X2``) counts only when all variables with numbers have the same ones,
    from 0 or 1, the waves follow one another in the file, and something besides says that it is a wave: the
    same question, an array question with the number before its bracket, or names that have their own item
    number already. Two markers that both fit are ambiguous: then nothing is picked.

    Examples
    --------
    >>> found = find_waves(["id", "sEM01t1", "sEM02t1", "tEM01t1", "tEM02t1",
    ...                     "sEM01t2", "sEM02t2", "tEM01t2", "tEM02t2"])
    >>> found.pattern, found.waves, found.left_over
    ('xt1', ('t1', 't2'), ('id',))
    >>> found.columns.iloc[2].tolist()
    ['tEM01t1', 'tEM01', 't1', 'teacher', 'EM', '01']
    >>> find_waves([f"k{number}" for number in range(1, 9)]).pattern is None
    True
    """
    unique = tuple(dict.fromkeys(names))
    by_marker = [(marker, _by_marker(marker, unique)) for marker in MARKERS]
    candidates = [(marker, marked) for marker, marked in by_marker if marked]
    if len(candidates) > 1:
        each = " and ".join(
            f"{_pattern(*candidate)} ({len(candidate[1])} columns)" for candidate in candidates
        )
        return _nothing(unique, f"ambiguous: the names fit {each}; nothing was picked")
    if candidates:
        marker, marked = candidates[0]
        n_waves = Counter(mark.stem for mark in marked.values())
        shared = sum(count > 1 for count in n_waves.values())
        how = f"the names say it themselves; {shared} of {len(n_waves)} variables stand in two waves or more"
        return _found(unique, _pattern(marker, marked), marked, how)
    numbered = numbered_waves(unique, {name: normalise(text) for name, text in (texts or {}).items()})
    if numbered.marked:
        return _found(unique, numbered.pattern, numbered.marked, numbered.how)
    return _nothing(unique, numbered.how)


def _by_marker(marker: Marker, names: Sequence[str]) -> dict[str, Marked]:
    """Return the columns that one marker marks, when a variable bears it for two waves or more."""
    marked = {name: mark for name in names if (mark := marker.read(name)) is not None}
    twice = Counter((mark.stem, mark.wave) for mark in marked.values())
    waves = Counter(stem for stem, _ in twice)
    if not marked or max(waves.values()) < 2 or max(twice.values()) > 1:
        return {}
    stems = frozenset(waves)
    rivals = any(marker.is_rival(name, stems) for name in names if name not in marked)
    return {} if rivals else marked


def _pattern(marker: Marker, marked: Mapping[str, Marked]) -> str:
    return marker.pattern.format(wave=min(marked.values(), key=lambda mark: mark.order).wave)


def _found(names: Sequence[str], pattern: str, marked: Mapping[str, Marked], how: str) -> WaveColumns:
    order = {mark.wave: mark.order for mark in marked.values()}
    sources = sources_of(tuple(dict.fromkeys(mark.stem for mark in marked.values())))
    rows = [(name, mark.stem, mark.wave, *sources[mark.stem]) for name, mark in marked.items()]
    return WaveColumns(
        pattern=pattern,
        waves=tuple(sorted(order, key=lambda wave: order[wave])),
        columns=pd.DataFrame(rows, columns=list(COLUMNS)),
        left_over=tuple(name for name in names if name not in marked),
        how=how,
    )


def _nothing(names: Sequence[str], how: str) -> WaveColumns:
    return WaveColumns(None, (), pd.DataFrame(columns=list(COLUMNS), dtype="str"), tuple(names), how)
