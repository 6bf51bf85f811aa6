"""What stands beside the profile of a unit, as it may be told: others like it, an earlier wave, managers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from si_research.report.diagnosis_findings import DiagnosisFindings

Row = Mapping[str, Any]


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


def beside(findings: DiagnosisFindings) -> Beside:
    """Return what stands beside the profile of each unit."""
    groups: dict[int, list[GroupRows]] = defaultdict(list)
    for compared in findings.groups:
        rows: dict[int, dict[str, Row]] = defaultdict(dict)
        records: list[Any] = compared.comparisons.reset_index().to_dict("records")
        for row in records:
            rows[row["unit"]][row["condition"]] = row
        for unit, own in rows.items():
            first = next(iter(own.values()))
            values = tuple(first[name] if isinstance(first[name], str) else None for name in compared.by)
            groups[unit].append(
                GroupRows(compared.by, values, int(first["n_units"]), str(first["note"]), own)
            )
    return Beside({unit: tuple(found) for unit, found in groups.items()})
