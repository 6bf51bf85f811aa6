"""How finely the figures of an evaluation are told: as they are inside the house, coarse for everybody."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.practice.scheme.design import DOSE
from si_research.privacy.disclosure import may_tell_fit, profile_in_force
from si_research.report.diagnosis_gate import is_published, told_n
from si_research.report.suppression import is_small, smallest_cell

if TYPE_CHECKING:
    from si_research.report.evaluation_figures import EvaluationFigures

COUNTS: Final = ("n", "n_used", "n_firms", "n_treated", "n_comparison", "n_before", "n_lost")
DEGREES: Final = ("df", "df_residual")
"""They tell how many organisations there are: a publication leaves them out."""
P_VALUES: Final = ("p_value", "p_holm")
SMALLEST_P: Final = 0.001
"""A p below it stands in a publication as half of it: no p is 0, and a small one would tell the degrees."""
DECIMALS: Final = 2
"""Decimals of all other figures in a publication."""
SIGNIFICANT: Final = 2
"""Digits of costs in a publication: an exact cost would tell the effect exactly."""
LINE: Final = ("estimate", "std_error", "conf_low", "conf_high")
"""Figures a unit of the dose, told to the decimals that show their interval."""


def too_few_df(effects: pd.DataFrame) -> pd.Series:
    """Say which rows rest on too few degrees of freedom; those without any, such as of a lottery, do not."""
    profile = profile_in_force()
    df = effects["df"].astype("float64")
    return df.notna() & ~df.map(lambda each: may_tell_fit(each, profile))


def line_digits(value: float, low: float, high: float) -> int:
    """Return the decimals of a figure a unit of the dose: two, or two digits of an error that is small.

    An effect a euro is small only because a euro is. Without an interval the figure itself counts.

    Examples
    --------
    >>> line_digits(0.31, 0.11, 0.51), line_digits(0.000016, -0.000004, 0.000036)
    (2, 6)
    """
    error = (high - low) / 4
    size = error if math.isfinite(error) and error > 0 else abs(value)
    if not math.isfinite(size) or size == 0:
        return DECIMALS
    first = -math.floor(math.log10(size))
    return first + SIGNIFICANT - 1 if first > DECIMALS else DECIMALS


def as_published(
    figures: EvaluationFigures, told_before: pd.DataFrame | None = None, kind: str = ""
) -> EvaluationFigures:
    """Return figures as finely as the profile in force tells them: for everybody, counts are rounded.

    Numbers of people or organisations that differ by fewer than the smallest cell are told as one number,
    here as in the report of a run: their difference would tell of few. ``told_before``: the effects of
    another evaluation on the same page; ``kind`` of its design.
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
        each.name: _coarse(getattr(figures, each.name), alike, line=kind == DOSE)
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


def _coarse(table: pd.DataFrame, alike: Alike, *, line: bool) -> pd.DataFrame:
    """Return a table with rounded counts and figures; a row with a count of few has no figures."""
    if not len(table):
        return table
    there = [name for name in COUNTS if name in table]
    small = table[there].map(lambda n: pd.notna(n) and n > 0 and is_small(n)).any(axis=1)
    table = _counted(table, alike)
    a_unit = _of_line(table) if line else {}
    for name in table.columns:
        values = table[name]
        if name in there:
            table[name] = values.mask(small)
        elif name in DEGREES:
            table[name] = math.nan
        elif name in P_VALUES:
            table[name] = values.round(3).mask(values < SMALLEST_P, SMALLEST_P / 2).mask(small)
        elif name in a_unit:
            table[name] = a_unit[name].mask(small) + 0.0
        elif pd.api.types.is_float_dtype(values):
            table[name] = values.round(DECIMALS).mask(small) + 0.0
    return table


def _of_line(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the figures a unit of the dose, each to the decimals of its own row."""
    told = {"effect_sd": table["effect_sd"].map(_small_kept)} if "effect_sd" in table else {}
    for end in ("", "_where_binding"):
        where = [f"{name}{end}" for name in ("estimate", "conf_low", "conf_high")]
        if set(where) <= set(table):
            digits = [line_digits(*map(float, row)) for row in table[where].to_numpy()]
            for name in (f"{each}{end}" for each in LINE):
                if name in table:
                    rounded = [round(float(v), n) for v, n in zip(table[name], digits, strict=True)]
                    told[name] = pd.Series(rounded, index=table.index, dtype="float64")
    return told


def _small_kept(value: float) -> float:
    return round(float(value), line_digits(float(value), math.nan, math.nan))


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


def _significant(value: Any) -> Any:
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return value
    return round(value, SIGNIFICANT - 1 - math.floor(math.log10(abs(value))))
