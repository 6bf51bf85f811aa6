"""The attack on counts of a publication: the bounds of each group of people, by linear programming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from published_files import numbers_of
from si_research.privacy.disclosure_audit import ALL, Cell, cells_of, sums_of

CELL, BASE = 10, 5


NOT_PEOPLE = frozenset(
    {
        *("n_items", "n_terms", "n_parameters", "n_folds", "n_levels", "n_draws", "n_times"),
        "n_imputations",
    }
)


class Bounds(NamedTuple):
    """Between how many people a group has."""

    lower: float
    upper: float

    @property
    def tells(self) -> bool:
        """Whether a reader knows that there is somebody, and fewer than the smallest cell."""
        return self.lower >= 1 and self.upper < CELL


def told(n: float | None, *, of_all: bool = False, base: int = BASE) -> tuple[float, float]:
    """Return what a number that is told leaves possible; ``of_all``: it may stand for up to nine fewer."""
    if n is None or np.isnan(n):
        return 0.0, np.inf
    half = (base - 1) / 2 if base > 1 else 0.0
    return max(0.0, n - half - (CELL - 1 if of_all else 0)), n + half


def attacked(tables: Iterable[pd.DataFrame]) -> dict[Cell, Bounds]:
    """Return the bounds of every group in tables with the columns of their parts, ``low`` and ``high``.

    A total (``*``) is the sum of its parts; what two tables tell of one group holds together.
    """
    frames = list(tables)
    limits: dict[Cell, tuple[float, float]] = {}
    for frame in frames:
        parts = frame.drop(columns=["low", "high"])
        for cell, low, high in zip(cells_of(parts), frame["low"], frame["high"], strict=True):
            before = limits.get(cell, (0.0, np.inf))
            limits[cell] = max(before[0], float(low)), min(before[1], float(high))
    numbers = {cell: at for at, cell in enumerate(limits)}
    sums = [each for frame in frames for each in sums_of(frame.drop(columns=["low", "high"]), numbers)]
    matrix = np.zeros((len(sums), len(limits)))
    for at, each in enumerate(sums):
        matrix[at, list(each.parts)], matrix[at, each.total] = 1.0, -1.0
    box = list(limits.values())
    return {cell: _bounds(matrix, box, at) for cell, at in numbers.items()}


def _bounds(matrix: np.ndarray, box: list[tuple[float, float]], at: int) -> Bounds:
    goal = np.zeros(len(box))
    goal[at] = 1.0
    equal: dict[str, Any] = {"A_eq": matrix, "b_eq": np.zeros(len(matrix))} if len(matrix) else {}
    least = linprog(goal, **equal, bounds=box, method="highs")
    most = linprog(-goal, **equal, bounds=box, method="highs")
    assert least.success, "the numbers contradict each other"
    upper = -most.fun if most.success else np.inf
    return Bounds(float(np.ceil(least.fun - 1e-6)), float(np.floor(upper + 1e-6)))


def counts_of(folders: Iterable[Path]) -> Iterator[tuple[str, float]]:
    """Yield every number of people or organisations in the files, with its place."""
    for place, value in (each for folder in folders for each in numbers_of(folder)):
        key = place.rsplit(".", 1)[-1].removesuffix("[]")
        if (key == "n" or key.startswith("n_") or key == "firms") and key not in NOT_PEOPLE:
            yield place, value


def parts_of(
    name: str, groups: Mapping[str, tuple[float, float]], whole: tuple[float, float], **within: str
) -> pd.DataFrame:
    """Return a table of groups by one characteristic; whoever is in none is a group too.

    ``within``: the characteristics of all people of the table, where they are not everybody.
    """
    rows = {ALL: whole, **groups, "none of these": (0.0, np.inf)}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high"])
    return frame.rename_axis(name).reset_index().assign(**within)


def of_run(results: Mapping[str, Any], base: int = BASE) -> list[pd.DataFrame]:
    """Return the tables of people that ``results.json`` of a run tells."""
    n_rows = results["fit"]["n_rows"]
    whole, used = told(n_rows, base=base), results["fit"]["n_used"]
    of_all = base > 1
    in_tests = told(used, of_all=of_all, base=base)
    tables = [parts_of("tested", {"yes": in_tests}, whole)]
    for scale in results["scales"]:
        groups = {"yes": told(scale["n_scored"], of_all=of_all, base=base)}
        tables.append(parts_of(f"score on {scale['name']}", groups, whole))
    levels: dict[str, dict[str, tuple[float, float]]] = {}
    for row in results["sample"]:
        if row["level"]:
            levels.setdefault(row["variable"], {})[row["level"]] = told(row["n"], base=base)
    tables += [parts_of(name, groups, in_tests, tested="yes") for name, groups in levels.items()]
    rows = results["combination"]["configurations"]["rows"]
    configurations = {row["configuration"]: told(row["n"], base=base) for row in rows}
    return [*tables, parts_of("configuration", configurations, in_tests, tested="yes")]


def of_units(rows: Iterable[Mapping[str, str]], whole: tuple[float, float], base: int = BASE) -> pd.DataFrame:
    """Return the table of people by organisation and team that ``units.csv`` tells; others are a group."""
    found: dict[tuple[str, str], tuple[float, float]] = {(ALL, ALL): whole}
    for row in rows:
        unit = row["firm_id"], row["team_id"] or ALL
        found[unit] = told(float(row["n_people"]) if row["n_people"] else None, base=base)
    for firm in {firm for firm, team in found if team != ALL}:
        found[firm, "rest"] = (0.0, np.inf)
    found["rest", ALL] = (0.0, np.inf)
    frame = pd.DataFrame([(*unit, *limits) for unit, limits in found.items()])
    return frame.set_axis(["firm", "team", "low", "high"], axis=1)
