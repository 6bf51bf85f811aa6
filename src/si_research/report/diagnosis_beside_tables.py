"""The tables of what stands beside the profile of a unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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
