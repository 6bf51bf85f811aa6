"""The tables of what stands beside the profile of a unit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

    from si_research.report.diagnosis_beside import Beside, GroupRows
    from si_research.report.diagnosis_figures import UnitFigures
    from si_research.report.diagnosis_words import DiagnosisWords

SIZE: Final = "size_class"
GROUP_COLUMNS: Final = {
    "group_mean": "mean",
    "estimate": "difference",
    "conf_low": "difference_low",
    "conf_high": "difference_high",
    "p_below": "p_below",
}
"""Figures of a comparison, and what they are called after the name of the group."""


WAVE: Final = "wave"
ESTIMATE: Final = ("estimate", "conf_low", "conf_high")
CHANGE_COLUMNS: Final = {
    "n_first": "n_wave_before",
    "n_second": "n_wave",
    "estimate": "change",
    "conf_low": "change_low",
    "conf_high": "change_high",
    "p_rise": "p_rise",
    "expected_change": "expected_change",
    "regression": "regression_to_mean",
}
GAP_COLUMNS: Final = {
    "n_employees": "n_employees",
    "n_managers": "n_managers",
    "estimate": "employees_minus_managers",
    "conf_low": "employees_minus_managers_low",
    "conf_high": "employees_minus_managers_high",
    "p_above": "p_employees_above",
}


def group_table(unit: UnitFigures, found: Beside, words: DiagnosisWords) -> dict[str, Any] | None:
    """Return the table of a unit beside others of its groups; None where the codebook names no groups."""
    groups = found.groups.get(unit.unit, ())
    if not groups:
        return None
    names = words.findings.found.predictors
    head = [words.say("groups.group"), words.say("groups.n_units")]
    head += [words.labels.of(name) for name in names]
    rows = []
    for group in groups:
        cells = [_cell(group, name, words) for name in names] if not group.note else []
        n = words.labels.voice.count(group.n_units) if not group.note else ""
        told = words.say(f"groups.{group.note}") if group.note else ""
        rows.append({"name": words.group(group.by, group.values), "n": n, "cells": cells, "told": told})
    sizes = [name for group in groups for name in group.by if words.has(f"groups.{name}_note")]
    note = words.say("groups.note", level=words.level)
    return {"head": head, "rows": rows, "note": " ".join([note, *_definitions(sizes, words)])}


def _definitions(names: list[str], words: DiagnosisWords) -> Iterator[str]:
    for name in dict.fromkeys(names):
        yield words.say(f"groups.{name}_note")


def _cell(group: GroupRows, condition: str, words: DiagnosisWords) -> dict[str, str]:
    row = group.conditions[condition]
    return {
        "difference": words.with_interval(row, ("estimate", "conf_low", "conf_high"), 0),
        "mean": words.say("groups.others", mean=words.points(row["group_mean"])),
    }


def change_table(unit: UnitFigures, found: Beside, words: DiagnosisWords) -> dict[str, Any] | None:
    """Return the table of the change since the wave before; None where there is none to tell of.

    Without ``rows`` where too few people of this unit answered in one of the waves.
    """
    change = words.findings.change
    if change is None:
        return None
    before, wave = (words.labels.level(WAVE, name) for name in change.waves)
    if unit.unit not in found.change:
        return {
            "title": words.say("change.title", before=before),
            "rows": [],
            "note": words.say("change.few"),
        }
    keys = ("n_first", "n_second", "change", "p_rise", "expected", "regression")
    head = [words.say(f"change.{key}", before=before, wave=wave, level=words.level) for key in keys]
    rows = []
    for name, row in found.change[unit.unit].items():
        cells = [words.labels.of(name), *(words.labels.voice.count(row[key]) for key in keys[:2])]
        cells += [words.with_interval(row, ESTIMATE, 0), words.probability(row["p_rise"])]
        rows.append([*cells, words.points(row["expected_change"]), words.points(row["regression"])])
    note = [words.say("change.note"), _of_all("change.all", change.overall, words)]
    linked = all(note.code != "people_not_linked" for note in change.notes)
    note += [] if linked else [words.say("change.people_not_linked")]
    return {
        "title": words.say("change.title", before=before),
        "head": [words.say("profile.condition"), *head],
        "rows": rows,
        "note": " ".join(filter(None, note)),
    }


def gap_table(unit: UnitFigures, found: Beside, words: DiagnosisWords) -> dict[str, Any] | None:
    """Return the table of employees and managers; None where there are no roles to tell of."""
    gap = words.findings.role_gap
    if gap is None:
        return None
    title = words.say("gap.title")
    if unit.unit not in found.role_gap:
        return {"title": title, "rows": [], "note": words.say("gap.few")}
    keys = ("n_employees", "n_managers", "gap", "p_above")
    head = [words.say("profile.condition"), *(words.say(f"gap.{key}", level=words.level) for key in keys)]
    rows = []
    for name, row in found.role_gap[unit.unit].items():
        cells = [words.labels.of(name), *(words.labels.voice.count(row[key]) for key in keys[:2])]
        rows.append([*cells, words.with_interval(row, ESTIMATE, 0), words.probability(row["p_above"])])
    note = [words.say("gap.note"), _of_all("gap.all", gap.overall, words)]
    return {"title": title, "head": head, "rows": rows, "note": " ".join(filter(None, note))}


def _of_all(key: str, overall: pd.DataFrame, words: DiagnosisWords) -> str:
    """Return the sentence on all organisations together; empty where there are too few."""
    rows: list[Any] = overall.reset_index().to_dict("records")
    told = [
        f"{words.labels.of(str(row['condition']))} {words.with_interval(row, ESTIMATE, 0)}"
        for row in rows
        if math.isfinite(row["estimate"])
    ]
    return words.say(key, values=words.labels.voice.listed(told)) if told else ""


def side_columns(unit: UnitFigures, found: Beside, condition: str) -> dict[str, Any]:
    """Return what the table for machines says of the change and the roles of a unit."""
    columns: dict[str, Any] = {}
    for sides, names in ((found.change, CHANGE_COLUMNS), (found.role_gap, GAP_COLUMNS)):
        row = sides.get(unit.unit, {}).get(condition, {})
        columns |= {told: row.get(name) for name, told in names.items()} if sides else {}
    return columns


def group_columns(unit: UnitFigures, found: Beside, condition: str) -> dict[str, Any]:
    """Return what the table for machines says of the groups of a unit."""
    columns: dict[str, Any] = {}
    for group in found.groups.get(unit.unit, ()):
        for name, value in zip(group.by, group.values, strict=True):
            if name.startswith(SIZE):
                columns["size_class_by"] = name.removeprefix(SIZE).removeprefix("_") or "file"
            columns[SIZE if name.startswith(SIZE) else name] = value
        key = "_".join("size" if name.startswith(SIZE) else name for name in group.by)
        columns |= {f"{key}_n_others": group.n_units, f"{key}_note": group.note}
        row = group.conditions[condition]
        columns |= {f"{key}_{told}": row[name] for name, told in GROUP_COLUMNS.items()}
    return columns
