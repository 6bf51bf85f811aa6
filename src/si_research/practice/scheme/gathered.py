"""What an evaluation gathers from the effects on its outcomes: one table, checks, the bottleneck, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONSTRUCTS
from si_research.model.fit_notes import Note
from si_research.model.holm import holm
from si_research.practice.scheme.adjusted import firm_changes, firm_levels
from si_research.practice.scheme.balance import attrition, balance, overlap
from si_research.practice.scheme.binding import BINDING, BINDING_NORM, binding_counts, only_where_binding
from si_research.practice.scheme.cost import cost_per_effect
from si_research.practice.scheme.difference import same_firms
from si_research.practice.scheme.estimates import Asked, OutcomeEffects, outcome_effects
from si_research.practice.scheme.panel import SchemePanel

PLANNED, EXPLORATORY = "planned", "exploratory"
COLUMNS: Final = [
    *("role", "family", "estimator", "method", "recommended", "estimate", "std_error", "statistic", "df"),
    *("p_value", "conf_low", "conf_high", "p_holm", "effect_sd", "n_used", "n_firms", "n_treated", "note"),
]


def has_before(panel: SchemePanel) -> bool:
    """Return whether there is a wave before any firm starts."""
    start = panel.firms["start"].to_numpy(dtype="float64")
    return len(panel.waves) > 1 and bool(start.min() > 0)


def all_effects(
    panel: SchemePanel, found: Mapping[str, OutcomeEffects], planned: Sequence[str]
) -> pd.DataFrame:
    """Return all rows, with Holm's p on the recommended ones of the planned outcomes."""
    tables = []
    for name, effects in found.items():
        role = PLANNED if name in planned else EXPLORATORY
        family = "binding" if name in (BINDING, BINDING_NORM) else _family(name)
        sd = float(panel.spread[name])
        shown = effects.rows["estimate"] / sd if sd > 0 else np.nan
        tables.append(effects.rows.assign(outcome=name, role=role, family=family, effect_sd=shown))
    if not tables:
        return pd.DataFrame(columns=COLUMNS, index=pd.Index([], name="outcome"))
    table = pd.concat(tables, ignore_index=True)
    family_rows = (table["role"] == PLANNED) & table["recommended"].astype("bool")
    p = table.loc[family_rows, "p_value"].astype("float64")
    missing = len(planned) - len(p)
    corrected = holm([*p.fillna(1.0), *[1.0] * missing])[: len(p)]
    table.loc[family_rows, "p_holm"] = np.where(p.notna(), corrected, np.nan)
    return table.set_index("outcome").reindex(columns=COLUMNS)


def _family(name: str) -> str:
    if name not in CONSTRUCTS:
        return "other"
    return "condition" if CONSTRUCTS[name].family == "condition" else name


def stacked(found: Mapping[str, OutcomeEffects], part: str) -> pd.DataFrame:
    """Return one part of the effects on all outcomes in one table, with ``outcome``."""
    tables: dict[str, pd.DataFrame] = {name: getattr(effects, part) for name, effects in found.items()}
    there = [
        table.reset_index(drop=part != "event").assign(outcome=name)
        for name, table in tables.items()
        if len(table)
    ]
    return pd.concat(there, ignore_index=True) if there else pd.DataFrame()


def checks(
    panel: SchemePanel, found: Mapping[str, OutcomeEffects], planned: Sequence[str], *, drawn: bool
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Return balance, overlap and attrition, on the first outcome that has an effect."""
    alike = balance(panel, [name for name in planned if name not in (BINDING, BINDING_NORM)])
    names = [name for name in planned if name in found]
    if not names:
        return alike, pd.DataFrame(), pd.DataFrame(), ()
    seen = drawn or has_before(panel)
    lost = attrition(panel, names[0], drawn=drawn) if seen else pd.DataFrame()
    if drawn or not panel.covariates:
        return alike, pd.DataFrame(), lost, ()
    both = same_firms(panel, names[0]) if has_before(panel) else None
    table, notes = overlap(firm_levels(panel, names[0]) if both is None else firm_changes(panel, both))
    return alike, table, lost, notes


def bottleneck_view(
    panel: SchemePanel, asked: Asked, effects: pd.DataFrame, conditions: Sequence[str]
) -> pd.DataFrame:
    """Return the effect on each condition, in all firms and where it was binding (exploratory)."""
    if not conditions:
        return pd.DataFrame()
    table = binding_counts(panel, conditions)
    figures = ["estimate", "conf_low", "conf_high", "p_value", "n_used"]
    for condition in conditions:
        own = effects[effects["recommended"].astype("bool") & (effects.index == condition)]
        for name in figures:
            table.loc[condition, name] = float(own[name].iloc[0]) if len(own) else np.nan
        where = outcome_effects(only_where_binding(panel, conditions, condition), condition, asked).rows
        where = where[where["recommended"].astype("bool")] if len(where) else where
        for name in [*figures, "n_firms", "n_treated"]:
            value = float(where[name].iloc[0]) if len(where) else np.nan
            table.loc[condition, f"{name}_where_binding"] = value
    return table


def costs_of(
    panel: SchemePanel, effects: pd.DataFrame, cost: float | None, conf_level: float
) -> pd.DataFrame:
    """Return the cost of a unit of each effect, by the row with errors over firms.

    ``cost`` is that of one firm; without, the mean of the column of costs over the firms with the scheme.
    """
    error = 0.0
    if cost is None and "cost" in panel.firms:
        own = panel.firms.loc[np.isfinite(panel.firms["start"]), "cost"].dropna()
        cost, error = float(own.mean()), float(own.std(ddof=1) / np.sqrt(len(own)))
    if cost is None or not len(effects):
        return pd.DataFrame()
    shown = effects[effects["recommended"].astype("bool")]
    by_lot = shown["std_error"].isna()
    over_firms = effects[(effects["method"] == "CR1S") & (effects["estimator"] == "itt")]
    over_firms = over_firms[over_firms.index.isin(shown.index[by_lot])]
    shown = pd.concat([shown[~by_lot], over_firms, shown[by_lot]])
    shown = shown[~shown.index.duplicated()]
    return cost_per_effect(shown, cost, cost_error=error, conf_level=conf_level)


def described(panel: SchemePanel, names: Sequence[str]) -> pd.DataFrame:
    """Return the mean of each arm in each wave."""
    tables = []
    for name in names:
        cells = panel.cells(name)
        arm = np.where(np.isfinite(cells["start"]), "treated", "comparison")
        cells = cells.assign(arm=arm, total=cells["y"] * cells["weight"])
        sums = cells.groupby(["arm", "wave"]).agg(
            total=("total", "sum"), weight=("weight", "sum"), n=("n", "sum"), n_firms=("firm", "count")
        )
        sums = sums.reset_index()
        tables.append(
            pd.DataFrame(
                {
                    "outcome": name,
                    "arm": sums["arm"],
                    "wave": [panel.waves[int(wave)] for wave in sums["wave"]],
                    "mean": sums["total"] / sums["weight"],
                    "n": sums["n"].astype("int64"),
                    "n_firms": sums["n_firms"],
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def all_notes(found: Mapping[str, OutcomeEffects]) -> tuple[Note, ...]:
    """Return the notes on every outcome, each with its name."""
    return tuple(
        Note(note.code, {"outcome": name, **note.values})
        for name, effects in found.items()
        for note in effects.notes
    )
