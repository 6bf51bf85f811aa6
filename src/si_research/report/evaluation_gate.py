"""How finely the figures of an evaluation are told: as they are inside the house, coarse for everybody."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.practice.scheme.design import DOSE
from si_research.practice.scheme.fixed_effects import CLASSICAL
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
    """Return figures as finely as the profile in force tells them: for everybody, all are rounded.

    Numbers of people or organisations that differ by fewer than the smallest cell are told as one number,
    in both profiles: their difference would tell of few. ``told_before``: the effects of
    another evaluation on the same page; ``kind`` of its design.
    """
    alike = Alike()
    _tell_design(figures, alike)
    if told_before is not None:
        _counted(told_before, alike)
    if not is_published():
        inside: dict[str, Any] = {name: _counted(getattr(figures, name), alike) for name in _tables(figures)}
        return replace(figures, **inside)
    arms = {arm: n if n is None else alike.told("n_arms", n) for arm, n in figures.n_arms.items()}
    binding = {
        arm: tuple((names, told_n(n)) for names, n in groups) for arm, groups in figures.binding.items()
    }
    tables: dict[str, Any] = {
        name: _coarse(getattr(figures, name), alike, line=kind == DOSE)
        for name in _tables(figures)
        if name != "costs"
    }
    costs = _counted(figures.costs.map(_significant), alike) if len(figures.costs) else figures.costs
    return replace(figures, n_arms=arms, binding=binding, costs=costs, **tables)


def _tables(figures: EvaluationFigures) -> list[str]:
    return [each.name for each in fields(figures) if isinstance(getattr(figures, each.name), pd.DataFrame)]


def _tell_design(figures: EvaluationFigures, alike: Alike) -> None:
    """Note the numbers that the page tells of everybody: what lies close to them is told as them."""
    table = figures.description
    there = table[table["n"].notna()] if len(table) else table
    if len(there):
        people = there.groupby(["wave", "arm"])["n"].max()
        alike.note("n_used of", float(people.sum()), *map(float, people.groupby("wave").sum()))
    known = {arm: n for arm, n in figures.n_arms.items() if n}
    for arm, n in known.items():
        alike.note(f"n_{arm} of", n)
        alike.note(f"n_before of {arm}", n)
        for wave in table["wave"].unique() if len(table) else ():
            alike.note(f"n_firms of {arm} {wave}", n)
    if len(known) == len(figures.n_arms):
        alike.note("n_firms of", sum(known.values()))


class Alike:
    """Numbers that were told already, so that another one close to them is told as the same."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}

    def note(self, name: str, *numbers: float) -> None:
        """Note numbers that are told."""
        self.seen.setdefault(name, []).extend(numbers)

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
            table[name] = _rounded(values, 3).mask(values < SMALLEST_P, SMALLEST_P / 2).mask(small)
        elif name in a_unit:
            table[name] = a_unit[name].mask(small) + 0.0
        elif pd.api.types.is_float_dtype(values):
            table[name] = _rounded(values, DECIMALS).mask(small) + 0.0
    return table


def _rounded(values: pd.Series, digits: int) -> pd.Series:
    """Return figures rounded as a page writes them: from what they are, not from a multiple of them."""
    return values.map(lambda value: round(float(value), digits))


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
    """Return a table with its counts as they are told; those of an arm in a wave are a group of their own.

    Degrees of freedom that count organisations or people go with these.
    """
    table = table.copy()
    groups = ["of"] * len(table)
    for name in ("start",) if "start" in table else ("arm", "wave"):
        if name in table.reset_index():
            groups = [f"{each} {own}" for each, own in zip(groups, table.reset_index()[name], strict=True)]
    for name in [name for name in COUNTS if name in table]:
        told = [
            math.nan if pd.isna(n) else float(alike.told(f"{name} {group}", float(n)))
            for n, group in zip(table[name], groups, strict=True)
        ]
        beyond = np.array(told) - table[name].to_numpy(dtype="float64")
        degrees = "df_residual" if "df_residual" in table else "df"
        if degrees in table and name in ("n_used", "n_firms"):
            table[degrees] = table[degrees].astype("float64") + np.where(_count(table, name), beyond, 0.0)
        table[name] = pd.Series(told, index=table.index)
    return table


def _count(table: pd.DataFrame, name: str) -> Any:
    """Say of which rows the degrees of freedom are those of the people, or organisations, of a column."""
    if "method" not in table:
        return np.full(len(table), name == "n_firms")
    whole = table["df"].astype("float64") % 1 == 0
    return (whole & ((table["method"] == CLASSICAL) == (name == "n_used"))).to_numpy()


def _significant(value: Any) -> Any:
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return value
    return round(value, SIGNIFICANT - 1 - math.floor(math.log10(abs(value))))
