"""Which units of a diagnosis are told: no hidden one can be told from the whole and those that are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.privacy.disclosure import INTERNAL, PUBLICATION, DisclosureProfile, disclosing
from si_research.privacy.disclosure_audit import ALL, audit
from si_research.report.diagnosis_gate import told_units

Units = list[dict[str, Any]]


def made_units(seed: int) -> Units:
    """Organisations, departments and teams of any size, with people who are in no department or team."""
    rng = np.random.default_rng(seed)
    units: Units = []
    for _ in range(int(rng.integers(2, 6))):
        firm = _unit(units, -1)
        for _ in range(int(rng.integers(0, 4))):
            department = _unit(units, firm["unit"])
            for _ in range(int(rng.integers(0, 4))):
                _unit(units, department["unit"])["n_people"] = int(rng.integers(1, 20))
            department["n_people"] = _within(units, department) + int(rng.choice([0, 0, 2, 8, 25]))
        firm["n_people"] = _within(units, firm) + int(rng.choice([0, 1, 3, 12, 40]))
    return [unit for unit in units if unit["n_people"]]


def _unit(units: Units, parent: int) -> dict[str, Any]:
    units.append({"unit": len(units), "parent": parent, "n_people": 0, "state": ""})
    return units[-1]


def _within(units: Units, unit: dict[str, Any]) -> int:
    return sum(each["n_people"] for each in units if each["parent"] == unit["unit"])


def released(units: Units, told: frozenset[int]) -> pd.DataFrame:
    """What a reader has: the total, and every unit with its people where they are told."""
    parents = {unit["unit"]: unit["parent"] for unit in units}

    def path(number: int) -> list[str]:
        return [] if number == -1 else [*path(parents[number]), str(number)]

    rows = [([], float(sum(unit["n_people"] for unit in units if unit["parent"] == -1)))]
    for unit in units:
        own = path(unit["unit"])
        rows.append((own, float(unit["n_people"]) if unit["unit"] in told else np.nan))
        if 0 < _within(units, unit) < unit["n_people"]:
            rows.append(([*own, "without"], np.nan))
    cells = [[*own, *[ALL] * (3 - len(own)), n] for own, n in rows]
    return pd.DataFrame(cells, columns=["firm", "department", "team", "n"])


@pytest.mark.parametrize("profile", [INTERNAL, PUBLICATION], ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", range(12))
def test_no_small_unit_can_be_told_from_the_others(seed: int, profile: DisclosureProfile) -> None:
    units = made_units(seed)
    with disclosing(profile):
        told = told_units(units)
    assert all(unit["n_people"] >= profile.smallest_cell for unit in units if unit["unit"] in told)
    table = released(units, told)
    if not told:
        return
    bounds = audit(table)
    small = {str(unit["unit"]) for unit in units if unit["n_people"] < profile.smallest_cell}
    hidden = bounds[[name in small or name == "without" for name in _lowest(bounds)]]
    narrow = hidden[hidden["width"] < profile.smallest_cell]
    assert (narrow["lower"] >= profile.smallest_cell).all(), "only people enough to be told of"


def _lowest(bounds: pd.DataFrame) -> list[str]:
    rows = bounds[["firm", "department", "team"]].to_numpy()
    return [[name for name in row if name != ALL][-1] if (row != ALL).any() else ALL for row in rows]


def test_without_the_second_one_the_audit_tells_a_small_unit() -> None:
    units = [{"unit": at, "parent": -1, "n_people": n, "state": ""} for at, n in enumerate((3, 40, 30))]
    bounds = audit(released(units, frozenset({1, 2})))
    assert bounds[["lower", "upper"]].to_numpy().tolist() == [[3, 3]]
    assert told_units(units) == frozenset({1})
