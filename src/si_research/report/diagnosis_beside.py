"""What stands beside the profile of a unit, as it may be told: others like it, an earlier wave, managers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.report.diagnosis_gate import WHOLE, coarse, told_n, told_units
from si_research.report.suppression import told_of_all

if TYPE_CHECKING:
    from si_research.report.diagnosis_findings import DiagnosisFindings

Row = Mapping[str, Any]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GroupRows:
    """A unit beside the others of one group.

    Attributes
    ----------
    by : tuple of str
    values : tuple of str or None
        Of the unit.
    n_units : int
        Others.
    note : str
        Empty, or why there is no comparison.
    conditions : Mapping of str to Mapping
        Figures by condition.
    """

    by: tuple[str, ...]
    values: tuple[Any, ...]
    n_units: int
    note: str
    conditions: Mapping[str, Row] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What stands beside the profiles, by the number of the unit in the diagnosis. Made by :func:`beside`."""

    groups: Mapping[int, tuple[GroupRows, ...]] = field(repr=False)
    change: Mapping[int, Mapping[str, Row]] = field(repr=False)
    role_gap: Mapping[int, Mapping[str, Row]] = field(repr=False)


def beside(findings: DiagnosisFindings) -> Beside:
    """Return what stands beside the profile of each unit, by condition."""
    change, gap = findings.change, findings.role_gap
    return Beside(
        groups=_groups(findings),
        change=_sides(findings, None if change is None else change.changes, ("n_first", "n_second")),
        role_gap=_sides(findings, None if gap is None else gap.gaps, ("n_employees", "n_managers")),
    )


def _groups(findings: DiagnosisFindings) -> dict[int, tuple[GroupRows, ...]]:
    groups: dict[int, list[GroupRows]] = defaultdict(list)
    for compared in findings.groups:
        rows: dict[int, dict[str, Row]] = defaultdict(dict)
        records: list[Any] = compared.comparisons.reset_index().to_dict("records")
        for row in records:
            rows[row["unit"]][row["condition"]] = row
        for unit, own in rows.items():
            first = next(iter(own.values()))
            values = tuple(first[name] if isinstance(first[name], str) else None for name in compared.by)
            n, note = int(first["n_units"]), str(first["note"])
            groups[unit].append(GroupRows(compared.by, values, n, note, own))
    return {unit: tuple(found) for unit, found in groups.items()}


def _sides(
    findings: DiagnosisFindings, table: pd.DataFrame | None, counts: tuple[str, str]
) -> dict[int, dict[str, Row]]:
    """Return the figures of units that are told of on both sides: two waves, or two roles."""
    if table is None:
        return {}
    levels = findings.levels
    records: list[Any] = table.reset_index().to_dict("records")
    rows: dict[Key, dict[str, Row]] = defaultdict(dict)
    for row in records:
        rows[_key(row, levels)][row["condition"]] = row
    told = set.intersection(*(_told_of(rows, count) for count in counts))
    units: list[Any] = findings.found.units.reset_index().to_dict("records")
    numbers = {_key(unit, levels): (unit["unit"], unit["n_people"]) for unit in units}
    found = {}
    for key in told & set(numbers):
        number, n = numbers[key]
        found[number] = {name: _side(row, counts, n) for name, row in rows[key].items()}
    return found


def _key(row: Row, levels: Sequence[str]) -> Key:
    """Return the names of a unit and of those that it is in."""
    return tuple(str(row[name]) for name in levels[: levels.index(row["level"]) + 1])


def _told_of(rows: Mapping[Key, Mapping[str, Row]], count: str) -> set[Key]:
    """Return the units whose people on one side may be told of, by the rule for all people of a unit."""
    numbers: dict[Key, int] = {(): WHOLE}
    tree: list[Row] = []
    for key in sorted(rows, key=len):
        if key[:-1] in numbers:  # else what it is in has no name
            numbers[key] = len(tree)
            n = min(row[count] for row in rows[key].values())
            tree.append({"unit": numbers[key], "parent": numbers[key[:-1]], "n_people": n, "state": ""})
    told = told_units(tree)
    return {key for key, number in numbers.items() if number in told}


def _side(row: Row, counts: tuple[str, str], n: float) -> Row:
    """Return the figures of a condition, with no count from which fewer than the smallest group follows."""
    first, second = counts
    second_n = told_of_all(row[second], n)
    # of two roles together, whoever has none is counted with the first; the waves are two groups of people
    first_n = told_of_all(row[first], n - row[second]) if first == "n_employees" else row[first]
    return coarse(row) | {first: told_n(first_n), second: told_n(second_n)}
