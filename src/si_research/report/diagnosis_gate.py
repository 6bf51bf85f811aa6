"""Which units of a diagnosis may be told, how finely, and by which name.

A unit with few people is not shown, nor are as many more as would give it away, by the rule of
:func:`si_research.privacy.disclosure.gate_counts`. What a unit says is shown with its count or not at all
(decision 0017).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.privacy.complementary import hide_in_tree
from si_research.privacy.disclosure import PUBLICATION, profile_in_force
from si_research.privacy.disclosure_audit import ALL, N
from si_research.report.suppression import is_small

Row = Mapping[str, Any]
WHOLE: Final = -1
"""Parent of the outermost units."""
PEOPLE_WITHOUT: Final = -2
"""In place of the number of a unit: people of a unit who are in none of those within it."""
COARSE: Final = {
    **dict.fromkeys(("estimate", "conf_low", "conf_high", "gap", "gap_low", "gap_high", "required"), 0),
    **dict.fromkeys(("mean_of_minima", "minimum_of_means"), 0),
    **dict.fromkeys(("normed", "normed_low", "normed_high"), 1),
    **dict.fromkeys(("p_lowest", "p_lowest_normed", "p_short", "p_bottleneck", "p_bottleneck_normed"), 2),
    **dict.fromkeys(("expected_change", "regression"), 0),
    **dict.fromkeys(("p_rise", "p_above"), 2),
    **dict.fromkeys(("ten_points", "ten_points_low", "ten_points_high"), 2),
}
"""Decimals of figures in a publication: no mean is then one that only so many people can have."""


def is_published() -> bool:
    """Whether the pages are for everybody, so that no unit is named."""
    return profile_in_force() == PUBLICATION


def told_units(units: Sequence[Row]) -> frozenset[int]:
    """Return the units whose figures may be told.

    Parameters
    ----------
    units : sequence of Mapping
        Of all levels, an outer unit with a lower number than those within it: ``unit``, ``parent`` (-1 on
        top), ``n_people`` and ``state``. Without ``n_people`` (organisations without people) all may be told.

    Returns
    -------
    frozenset of int
        A small unit is hidden, and the smallest beside it until nobody can work it out from the whole; so is
        everything within a hidden unit. People without a unit below count among those who are hidden.

    Examples
    --------
    >>> firm = {"unit": 0, "parent": -1, "n_people": 27, "state": ""}
    >>> teams = [{"unit": 1 + at, "parent": 0, "n_people": n, "state": ""} for at, n in enumerate((12, 9, 6))]
    >>> sorted(told_units([firm, *teams])), sorted(told_units([firm | {"n_people": 30}, *teams]))
    ([0, 1, 2, 3], [0, 1, 2])
    """
    if not units or "n_people" not in units[0]:
        return frozenset(unit["unit"] for unit in units if not unit["state"])
    paths = _paths(units)
    table, numbers = _tree(units, paths)
    n = table[N].to_numpy(dtype=float)
    few = np.array([is_small(each) for each in n]) & (n > 0)
    hidden = hide_in_tree(table, few, profile_in_force().smallest_cell)
    kept = {number for number, is_hidden in zip(numbers, hidden, strict=True) if not is_hidden}
    with_figures = (unit["unit"] for unit in units if not unit["state"])
    return frozenset(
        number for number in with_figures if number in paths and kept.issuperset((WHOLE, *paths[number]))
    )


def told_n(n: float) -> int:
    """Return a count as finely as the profile tells it."""
    return profile_in_force().rounded(n)


def coarse(row: Row) -> dict[str, Any]:
    """Return figures as finely as the profile tells them."""
    if not is_published():
        return dict(row)
    return {
        name: round(float(value), COARSE[name]) + 0.0 if name in COARSE and math.isfinite(value) else value
        for name, value in row.items()
    }


def _paths(units: Sequence[Row]) -> dict[int, tuple[int, ...]]:
    """Return each unit with those that it is in, outermost first; none of those within a nameless one."""
    paths: dict[int, tuple[int, ...]] = {WHOLE: ()}
    for unit in sorted(units, key=lambda each: each["unit"]):
        if unit["parent"] in paths:
            paths[unit["unit"]] = (*paths[unit["parent"]], unit["unit"])
    return paths


def _tree(units: Sequence[Row], paths: Mapping[int, tuple[int, ...]]) -> tuple[pd.DataFrame, list[int]]:
    """Return every unit and the whole as a table of counts, and the number of each row's unit."""
    named: dict[int, float] = defaultdict(float)
    units = [unit for unit in units if unit["unit"] in paths]
    for unit in units:
        named[unit["parent"]] += unit["n_people"]
    rows: list[tuple[tuple[object, ...], float, int]] = [((), named[WHOLE], WHOLE)]
    for unit in units:
        number, n = unit["unit"], unit["n_people"]
        rows.append((paths[number], n, number))
        if number in named and n > named[number]:
            rows.append(((*paths[number], "without"), n - named[number], PEOPLE_WITHOUT))
    depth = max(len(path) for path, _, _ in rows)
    cells = [[*map(str, path), *[ALL] * (depth - len(path))] for path, _, _ in rows]
    table = pd.DataFrame(cells, columns=[f"level {at}" for at in range(depth)], dtype=object)
    return table.assign(n=[n for _, n, _ in rows]), [number for _, _, number in rows]
