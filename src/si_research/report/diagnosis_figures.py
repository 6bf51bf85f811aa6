"""The figures of each unit as they may be told: what would tell of few people stays out, by the profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.report.diagnosis_gate import WHOLE, coarse, is_published, told_n, told_units
from si_research.report.suppression import (
    is_small,
    merge_small_groups,
    told_of_all,
    told_shares,
    told_step,
)

if TYPE_CHECKING:
    from si_research.practice.diagnosis.diagnosis import Diagnosis
    from si_research.practice.diagnosis.organisations import OrganisationDiagnosis

TOO_FEW: Final = "too_few_people"
REQUIRED_STEP: Final = 10.0
"""Points to which a required level is rounded: the ceiling goes through the score of one person."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class UnitFigures:
    """A unit, and those within it.

    Attributes
    ----------
    unit : int
        Its number in the diagnosis.
    number : int
        Of its page, from 1 in the order of the names; of a unit within another one the place in it. In a
        publication in the order of what is told, which gives no name away.
    name, level : str
        In a publication the number is the name.
    state : str
        Empty, or why there are no figures.
    n : int
        People, or years; 0 where there are no figures.
    bottleneck, bottleneck_normed : str
        A condition, or ``not_distinguishable``; empty without figures, normed also without an average.
    p, p_normed : float
    minima : (float, float), optional
        Mean of minima and minimum of means.
    conditions : tuple of Mapping
        A row a condition, as in the tables of the diagnosis.
    binding : tuple of (names, share)
        For which share of the people one of these conditions is the lowest; empty where it may not be told.
    parts : tuple of UnitFigures
    n_rolled_up : int
        People of the unit who are in none of the parts with figures, where it has parts.
    """

    unit: int
    number: int
    name: str
    level: str
    state: str
    n: int
    bottleneck: str
    bottleneck_normed: str
    p: float
    p_normed: float
    minima: tuple[float, float] | None
    conditions: tuple[Row, ...] = field(repr=False)
    binding: tuple[tuple[tuple[str, ...], float], ...] = field(repr=False)
    parts: tuple[UnitFigures, ...] = field(repr=False)
    n_rolled_up: int

    def probability(self, condition: str) -> float:
        """Return the probability that a condition is the lowest."""
        return float(next(row["p_lowest"] for row in self.conditions if row["condition"] == condition))


def unit_figures(found: Diagnosis | OrganisationDiagnosis) -> tuple[UnitFigures, ...]:
    """Return the outermost units in the order of their names, each with those within it."""
    units: list[Any] = found.units.reset_index().to_dict("records")
    rows: dict[int, list[Row]] = defaultdict(list)
    conditions: list[Any] = found.conditions.reset_index().to_dict("records")
    for row in conditions:
        rows[row["unit"]].append(row)
    within: dict[int, list[Row]] = defaultdict(list)
    for unit in units:
        within[unit.get("parent", -1)].append(unit)
    told = told_units(units)
    return _numbered(_unit(unit, within, rows, told) for unit in within[-1])


def _numbered(units: Iterable[UnitFigures]) -> tuple[UnitFigures, ...]:
    """Number units; for everybody only those with figures, by what is told of them, and nameless."""
    if not is_published():
        return tuple(replace(unit, number=place) for place, unit in enumerate(units, start=1))
    shown = sorted((unit for unit in units if not unit.state), key=_order)
    return tuple(replace(unit, number=place, name=str(place)) for place, unit in enumerate(shown, start=1))


def _order(unit: UnitFigures) -> tuple[object, ...]:
    """Return what units are put in order by: only what is told of them."""
    rows = [tuple(row.get(name, 0.0) for name in ("p_lowest", "estimate")) for row in unit.conditions]
    return unit.bottleneck, -unit.p, -unit.n, *rows


def _unit(
    unit: Row, within: Mapping[int, Sequence[Row]], rows: Mapping[int, list[Row]], shown: frozenset[int]
) -> UnitFigures:
    """Return a unit with its parts; nothing of the parts of a unit that is not shown."""
    told = unit["unit"] in shown
    n = int(unit.get("n_people", unit.get("n_years", 0)))
    own = rows[unit["unit"]] if told else []
    figures = coarse(unit)
    of_people = told and "n_people" in unit
    return UnitFigures(
        unit=int(unit["unit"]),
        number=0,
        name=str(unit[unit["level"]]),
        level=str(unit["level"]),
        state="" if told else str(unit["state"]) or TOO_FEW,
        n=0 if not told else told_n(n) if of_people else n,
        bottleneck=_named(unit["bottleneck"]) if told else "",
        bottleneck_normed=_named(unit["bottleneck_normed"]) if told else "",
        p=float(figures["p_bottleneck"]) if told else float("nan"),
        p_normed=float(figures["p_bottleneck_normed"]) if told else float("nan"),
        minima=(figures["mean_of_minima"], figures["minimum_of_means"]) if of_people else None,
        conditions=tuple(_condition(row, n, of_people=of_people) for row in own),
        binding=told_binding(own, unit["n_complete"]) if of_people and unit["parent"] == WHOLE else (),
        parts=_numbered(_unit(part, within, rows, shown) for part in within[unit["unit"]] if told),
        n_rolled_up=_rolled_up(n, within[unit["unit"]], shown) if of_people else 0,
    )


def _named(bottleneck: Any) -> str:
    """Return a bottleneck; empty where there is none to tell, as beside an average that there is not."""
    return bottleneck if isinstance(bottleneck, str) else ""


def _rolled_up(n: int, parts: Sequence[Row], shown: frozenset[int]) -> int:
    """Return how many people of a unit are told of in the whole of it only; 0 without parts."""
    rest = n - sum(int(part["n_people"]) for part in parts if part["unit"] in shown)
    return told_n(rest) if parts and not is_small(rest) else 0


def told_binding(rows: Sequence[Row], n_complete: int) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return for which share of people each condition is the lowest; of fewer than five, merged."""
    counts = pd.Series({row["condition"]: row["share_binding"] * n_complete for row in rows})
    if counts.isna().any() or is_small(n_complete):
        return ()
    groups = merge_small_groups(counts)
    sums = [float(counts.loc[list(group)].sum()) for group in groups]
    if len(groups) == 1 or any(is_small(each) for each in sums):
        return ()
    shares = told_shares([each / n_complete for each in sums], told_step(n_complete))
    return tuple(zip(groups, shares, strict=True))


def _condition(row: Row, n: int, *, of_people: bool) -> Row:
    """Return the figures of a condition; a required level in steps, and what follows from it anew."""
    told = dict(row)
    if of_people:
        told["n_used"] = told_n(told_of_all(row["n_used"], n))
    for name in ("raw_mean", "share_below", "share_binding", "share_low", "share_high"):
        told.pop(name, None)
    if "required" in row:
        told |= _gap(row)
    return coarse(told)


def _gap(row: Row) -> Row:
    from scipy import special

    required = round(row["required"] / REQUIRED_STEP) * REQUIRED_STEP if row["code"] == "" else float("nan")
    gap = required - row["estimate"]
    half = (row["conf_high"] - row["conf_low"]) / 2
    return {
        "required": required,
        "gap": gap,
        "gap_low": gap - half,
        "gap_high": gap + half,
        "p_short": float(special.ndtr(gap / row["std_error"])) if row["std_error"] > 0 else float("nan"),
    }
