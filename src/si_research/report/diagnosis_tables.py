"""The tables on the pages of a diagnosis, and the file that machines read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.report.diagnosis_beside_tables import group_columns, side_columns

if TYPE_CHECKING:
    from si_research.report.diagnosis_beside import Beside
    from si_research.report.diagnosis_figures import UnitFigures
    from si_research.report.diagnosis_words import DiagnosisWords

BANDS: Final = (0.2, 0.5, 0.8)
"""Probabilities at which a cell of the heat map is darker."""
COLUMNS: Final = (
    *("estimate", "conf_low", "conf_high", "p_lowest", "normed", "normed_low", "normed_high"),
    *("p_lowest_normed", "ten_points", "ten_points_low", "ten_points_high", "required", "code"),
    *("gap", "gap_low", "gap_high", "p_short"),
)
POINTS: Final = ("estimate", "conf_low", "conf_high", "gap", "gap_low", "gap_high")
POINTS_OF_GROUPS: Final = ("_mean", "_difference", "_difference_low", "_difference_high")
POINTS_BESIDE: Final = ("change", "employees_minus_managers", "expected_change", "regression_to_mean")
COUNTS: Final = (
    *("n_people", "n_years", "n_used", "n_waves", "n_wave_before", "n_wave"),
    *("n_employees", "n_managers"),
)
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""With which a cell begins that a spreadsheet would work out."""


def profile_table(unit: UnitFigures, words: DiagnosisWords) -> dict[str, Any]:
    """Return the table of the conditions of a unit."""
    level, normed = words.level, math.isfinite(unit.p_normed)
    ten = any(math.isfinite(row.get("ten_points", math.nan)) for row in unit.conditions)
    keys = ["condition", "n_years" if words.of_years else "n_people", "score", "p_lowest"]
    keys += [*(["normed", "p_lowest_normed"] if normed else []), *(["ten_points"] if ten else [])]
    head = [words.say(f"profile.{key}", level=level) for key in keys]
    rows = []
    for row in unit.conditions:
        cells = [words.labels.of(row["condition"]), words.labels.voice.count(row["n_used"])]
        cells += [words.with_interval(row, ("estimate", "conf_low", "conf_high"), 0)]
        cells += [words.probability(row["p_lowest"])]
        if normed:
            cells.append(words.with_interval(row, ("normed", "normed_low", "normed_high"), 2))
            cells.append(words.probability(row["p_lowest_normed"]))
        if ten:
            cells.append(words.with_interval(row, ("ten_points", "ten_points_low", "ten_points_high"), 2))
        rows.append(cells)
    kind = "plain" if not normed else "shrunk_years" if words.of_years else "shrunk"
    note = [words.say(f"profile.{kind}")]
    note += [words.ten_points()] if ten else []
    return {"head": head, "rows": rows, "note": " ".join(note)}


def target_table(unit: UnitFigures, words: DiagnosisWords) -> dict[str, Any] | None:
    """Return what a unit lacks at the outcome that is aimed at; None where nobody asked."""
    target = getattr(words.findings.found, "target", None)
    if target is None:
        return None
    head = [words.say("profile.condition")]
    head += [words.say(f"target.{key}", level=words.level) for key in ("required", "gap", "p_short")]
    rows = []
    for row in unit.conditions:
        code = row["code"]
        required = words.say(f"target.{code}") if code else words.points(row["required"])
        gap = words.with_interval(row, ("gap", "gap_low", "gap_high"), 0)
        rows.append([words.labels.of(row["condition"]), required, gap, words.probability(row["p_short"])])
    aim = words.labels.voice.number(target, 0 if float(target).is_integer() else 2)
    outcome = words.labels.of(str(getattr(words.findings.found, "outcome", "")))
    return {
        "title": words.say("target.title", target=aim),
        "head": head,
        "rows": rows,
        "note": words.say("target.caption", target=aim, outcome=outcome),
    }


def heat_row(unit: UnitFigures, words: DiagnosisWords) -> dict[str, Any]:
    """Return a row of the heat map: what each cell says, and how dark it is."""
    cells = []
    for row in unit.conditions:
        clear = row["condition"] == unit.bottleneck
        band = sum(row["p_lowest"] >= each for each in BANDS)
        cells.append(
            {
                "p": words.probability(row["p_lowest"]),
                "mean": words.points(row["estimate"]),
                "kind": "clear" if clear else f"band{min(band, 2)}",
                "marked": clear,
            }
        )
    return {
        "name": words.name(unit),
        "n": "" if unit.state else words.labels.voice.count(unit.n),
        "cells": cells,
        "told": words.short(unit),
        "kind": "hidden" if unit.state else "single" if any(cell["marked"] for cell in cells) else "several",
        "p": words.probability(unit.p) if not unit.state else "",
        "normed": "" if unit.state else words.short(unit, unit.bottleneck_normed),
        "number": unit.number,
    }


def heat_rows(unit: UnitFigures, words: DiagnosisWords, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Return the row of a unit and of those within it that have figures; the others are one row, in words."""
    yield heat_row(unit, words) | {"depth": depth}
    for part in unit.parts:
        if not part.state:
            yield from heat_rows(part, words, depth + 1)
    if unit.n_rolled_up:
        yield {
            "kind": "rolled",
            "depth": depth + 1,
            "name": words.others_within(unit),
            "n": words.labels.voice.count(unit.n_rolled_up),
            "told": words.say("parts.rolled_up", name=words.name(unit)),
        }


def machine_table(
    units: Sequence[UnitFigures], around: Beside, levels: Sequence[str], *, of_years: bool
) -> str:
    """Return a CSV with a row a unit and condition; a unit without figures has one row that says why."""
    rows = [row for unit in units for row in _rows(unit, around, {}, levels, unit.number, of_years=of_years)]
    frame = pd.DataFrame(rows)
    counts = [name for name in map(str, frame) if name.endswith("_n_others") or name in COUNTS]
    frame[counts] = frame[counts].astype("Int64")
    return frame.to_csv(index=False, lineterminator="\n")


def _rows(
    unit: UnitFigures,
    around: Beside,
    above: Mapping[str, str],
    levels: Sequence[str],
    page: int,
    *,
    of_years: bool,
) -> Iterator[dict[str, Any]]:
    names = {**above, unit.level: _safe(unit.name)}
    head: dict[str, Any] = {"page": page, "level": unit.level}
    head |= {level: names.get(level, "") for level in levels}
    head |= {"state": unit.state, "n_years" if of_years else "n_people": unit.n if not unit.state else None}
    head |= {"bottleneck": unit.bottleneck, "p_bottleneck": _rounded("p", unit.p)}
    head |= {"bottleneck_normed": unit.bottleneck_normed, "p_bottleneck_normed": _rounded("p", unit.p_normed)}
    for name, place in (("mean_of_minima", 0), ("minimum_of_means", 1)):
        head[name] = round(unit.minima[place], 1) if unit.minima else None
    if unit.state:
        yield head | {"condition": ""}
    shares = {names_[0]: share for names_, share in unit.binding if len(names_) == 1}
    for row in unit.conditions:
        found = {name: _rounded(name, row[name]) for name in COLUMNS if name in row}
        share = (
            {} if of_years else {"share_binding": _rounded("share", shares.get(row["condition"], math.nan))}
        )
        yield head | {
            "condition": row["condition"],
            "n_used": row["n_used"],
            **found,
            **share,
            **_around(unit, around, row),
        }
    for part in unit.parts:
        yield from _rows(part, around, names, levels, page, of_years=of_years)


def _around(unit: UnitFigures, found: Beside, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands beside the profile of a unit on a condition."""
    condition = row["condition"]
    columns = group_columns(unit, found, condition) | side_columns(unit, found, condition)
    return {name: _told(name, value) for name, value in columns.items()}


def _told(name: str, value: Any) -> Any:
    return _safe(value) if isinstance(value, str) else None if value is None else _rounded(name, value)


def _rounded(name: str, value: Any) -> Any:
    if isinstance(value, str) or not math.isfinite(value):
        return value if isinstance(value, str) else None
    return round(float(value), 1 if _in_points(name) else 3)


def _in_points(name: str) -> bool:
    """Whether a column is in points from 0 to 100."""
    own = name.removesuffix("_low").removesuffix("_high")
    return name in POINTS or name.endswith(POINTS_OF_GROUPS) or own in POINTS_BESIDE


def _safe(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(RISKY) else name
