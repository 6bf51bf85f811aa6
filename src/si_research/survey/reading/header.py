"""The header of a file: one name a column, also where the file repeats one or leaves it empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from si_research.privacy.headers import hold_a_person

_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, made unique.

    Attributes
    ----------
    names : tuple of str
        Unique names: the second ``Q63`` is ``Q63 (2)``, the third column without one ``column 3``.
    repeated : tuple of str
        Names that stand more than once in the file.
    remarks : tuple of str
        A sentence on each kind of repair.
    repairs : dict
        Columns by what was done to their name: ``renamed``, ``unnamed``, ``trimmed_names``.
    """

    names: tuple[str, ...]
    repeated: tuple[str, ...]
    remarks: tuple[str, ...]
    repairs: dict[str, int]


def header_of(cells: Sequence[str]) -> Header:
    """Make a header of the cells of the row with names.

    Examples
    --------
    >>> header_of(["id", "Q63", " Q63 ", ""]).names
    ('id', 'Q63', 'Q63 (2)', 'column 4')
    """
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    counts = Counter(names)
    repeated = tuple(name for name, count in counts.items() if count > 1)
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    nameless = sum(not cell.strip() for cell in cells)
    remarks = []
    if repeated:
        listed = (
            f"column {names.index(name) + 1}" if personal else _short(name)
            for name, personal in zip(repeated, hold_a_person(repeated), strict=True)
        )
        remarks.append(f"column names that occur more than once: {', '.join(listed)}")
    if nameless:
        remarks.append(f"columns without a name: {nameless}")
    repairs = {
        "renamed": sum(count - 1 for count in counts.values()),
        "unnamed": nameless,
        "trimmed_names": sum(cell != cell.strip() and bool(cell.strip()) for cell in cells),
    }
    done = {what: count for what, count in repairs.items() if count}
    return Header(tuple(unique), repeated, tuple(remarks), done)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
