"""How finely the figures of an evaluation are told: as they are inside the house, coarse for everybody."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.privacy.disclosure import may_tell_fit, profile_in_force
from si_research.report.diagnosis_gate import is_published, told_n
from si_research.report.suppression import is_small, smallest_cell

if TYPE_CHECKING:
    from si_research.report.evaluation_figures import EvaluationFigures

COUNTS: Final = ("n", "n_used", "n_firms", "n_treated", "n_comparison", "n_before", "n_lost")
COARSE: Final = {"p_value": 3, "p_holm": 3}
DECIMALS: Final = 2
"""Decimals of all other figures in a publication."""
SIGNIFICANT: Final = 2
"""Digits of costs in a publication: an exact cost would tell the effect exactly."""


def too_few_df(effects: pd.DataFrame) -> pd.Series:
    """Say which rows rest on too few degrees of freedom; those without any, such as of a lottery, do not."""
    profile = profile_in_force()
    df = effects["df"].astype("float64")
    return df.notna() & ~df.map(lambda each: may_tell_fit(each, profile))


def as_published(figures: EvaluationFigures, told_before: pd.DataFrame | None = None) -> EvaluationFigures:
    """Return figures as finely as the profile in force tells them: for everybody, counts are rounded.

    Numbers of people or organisations that differ by fewer than the smallest cell are told as one number,
    here as in the report of a run: their difference would tell of few. ``told_before``: the effects of
    another evaluation on the same page.
    """
    if not is_published():
        return figures
    alike = Alike()
    if told_before is not None:
        _counted(told_before, alike)
    arms = {arm: n if n is None else alike.told("n_arms", n) for arm, n in figures.n_arms.items()}
    binding = {
        arm: tuple((names, told_n(n)) for names, n in groups) for arm, groups in figures.binding.items()
    }
    tables: dict[str, Any] = {
        each.name: _coarse(getattr(figures, each.name), alike)
        for each in fields(figures)
        if isinstance(getattr(figures, each.name), pd.DataFrame) and each.name != "costs"
    }
    costs = _counted(figures.costs.map(_significant), alike) if len(figures.costs) else figures.costs
    return replace(figures, n_arms=arms, binding=binding, costs=costs, **tables)


class Alike:
    """Numbers that were told already, so that another one close to them is told as the same."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}

    def told(self, name: str, n: float) -> int:
        """Return a number as one of the same name that was told, where they differ by few; rounded."""
        before = self.seen.setdefault(name, [])
        close = [each for each in before if abs(each - n) < smallest_cell()]
        if not close:
            before.append(n)
        return told_n(close[0] if close else n)


def _coarse(table: pd.DataFrame, alike: Alike) -> pd.DataFrame:
    """Return a table with rounded counts and figures; a row with a count of few has no figures."""
    if not len(table):
        return table
    there = [name for name in COUNTS if name in table]
    small = table[there].map(lambda n: pd.notna(n) and n > 0 and is_small(n)).any(axis=1)
    table = _counted(table, alike)
    for name in table.columns:
        values = table[name]
        if name in there:
            table[name] = values.mask(small)
        elif name == "df":
            keys = table["method"] if "method" in table else pd.Series("", index=table.index)
            told = [_told_df(alike, key, df) for key, df in zip(keys, values, strict=True)]
            table[name] = pd.Series(told, index=table.index).mask(small)
        elif pd.api.types.is_float_dtype(values):
            table[name] = values.round(COARSE.get(name, DECIMALS)).mask(small) + 0.0
    return table


def _counted(table: pd.DataFrame, alike: Alike) -> pd.DataFrame:
    """Return a table with its counts as they are told; those of an arm in a wave are a group of their own."""
    table = table.copy()
    groups = ["of"] * len(table)
    for name in ("arm", "wave"):
        if name in table.reset_index():
            groups = [f"{each} {own}" for each, own in zip(groups, table.reset_index()[name], strict=True)]
    for name in [name for name in COUNTS if name in table]:
        told = [
            math.nan if pd.isna(n) else float(alike.told(f"{name} {group}", float(n)))
            for n, group in zip(table[name], groups, strict=True)
        ]
        table[name] = pd.Series(told, index=table.index)
    return table


def _told_df(alike: Alike, method: str, df: float) -> float:
    """Return degrees of freedom like a count: they tell how many organisations there are."""
    return float(df) if pd.isna(df) else float(alike.told(f"df of {method}", float(df)))


def _significant(value: Any) -> Any:
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return value
    return round(value, SIGNIFICANT - 1 - math.floor(math.log10(abs(value))))
