"""The figures of an evaluation as they may be told: nothing of few people or organisations."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.practice.scheme.binding import TIED
from si_research.practice.scheme.design import DESCRIPTION, DOSE, STAGGERED
from si_research.report.evaluation_course import told_event_study, told_group_time
from si_research.report.evaluation_gate import as_published, too_few_df
from si_research.report.suppression import is_small, merge_small_groups, told_figure, told_of_all

if TYPE_CHECKING:
    from si_research.practice.scheme.evaluation import SchemeEvaluation

ARMS: Final = ("treated", "comparison")
TOO_FEW: Final = "too_few_firms"
FIGURES: Final = (
    *("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "p_holm"),
    *("effect_sd", "n_used", "n_firms", "n_treated"),
)
HEAD: Final = ("outcome", "state", "role", "estimator", "method", "recommended")
WHERE: Final = ("estimate", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationFigures:
    """What may be told of an evaluation.

    Attributes
    ----------
    refusals : tuple of str
        Why there is no effect at all; empty where there is one.
    n_arms : mapping of arm to int or None
        Organisations; None for too few to be told.
    effects : pandas.DataFrame
        All rows, with ``state``: empty, or why an outcome has no figures.
    description, balance, overlap, attrition, pre_trends, costs : pandas.DataFrame
    event_study, group_time : pandas.DataFrame
        The effect by waves since the start, and by wave of start.
    binding : mapping of arm to tuple of (names, organisations)
        In how many organisations one of these conditions was the lowest; merged where few.
    bottleneck : pandas.DataFrame, indexed by ``condition``
        Figures in all organisations, and ``_where_binding``; missing where they may not be told.
    """

    refusals: tuple[str, ...]
    n_arms: dict[str, int | None]
    effects: pd.DataFrame = field(repr=False)
    description: pd.DataFrame = field(repr=False)
    balance: pd.DataFrame = field(repr=False)
    overlap: pd.DataFrame = field(repr=False)
    attrition: pd.DataFrame = field(repr=False)
    pre_trends: pd.DataFrame = field(repr=False)
    costs: pd.DataFrame = field(repr=False)
    event_study: pd.DataFrame = field(repr=False)
    group_time: pd.DataFrame = field(repr=False)
    binding: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = field(repr=False)
    bottleneck: pd.DataFrame = field(repr=False)

    def recommended(self) -> pd.DataFrame:
        """Return the row of each outcome that counts."""
        return self.effects[self.effects["recommended"].astype("bool")]


def evaluation_figures(found: SchemeEvaluation, beside: SchemeEvaluation | None = None) -> EvaluationFigures:
    """Return what may be told of an evaluation, ``beside`` another one on the same page."""
    design = found.design
    effects = _effects(found)
    told = set(effects.loc[effects["state"] == "", "outcome"])
    refusals = tuple(note.code for note in design.refusals)
    if not refusals and not told:
        states = effects["state"].drop_duplicates()
        refusals = (TOO_FEW,) if (states == TOO_FEW).any() else tuple(states)
    binding = _binding(found, told)
    figures = EvaluationFigures(
        refusals=refusals,
        n_arms={
            arm: None if n and is_small(n) else n
            for arm, n in zip(ARMS, (design.n_treated, design.n_comparison), strict=True)
        },
        effects=effects,
        description=_description(found),
        balance=_large_enough(found.balance),
        overlap=_overlap(found.overlap),
        attrition=_attrition(found.attrition),
        pre_trends=_of(found.pre_trends, told),
        costs=_of(found.costs.reset_index(), told) if design.kind != DOSE else pd.DataFrame(),
        event_study=told_event_study(found.event_study, told),
        group_time=told_group_time(found.group_time, told),
        binding=binding,
        bottleneck=_bottleneck(found, binding, told),
    )
    return as_published(figures, None if beside is None else beside.effects, design.kind)


def _effects(found: SchemeEvaluation) -> pd.DataFrame:
    """Return all rows; those of too few organisations without figures, and one of each refused outcome."""
    table = found.effects.reset_index().assign(state="")
    few = table[["n_used", "n_treated"]].map(is_small).any(axis=1) | too_few_df(table)
    others = table["n_firms"].astype("float64") - table["n_treated"].astype("float64")
    few |= others.map(is_small) & ~((others == 0) & (found.design.kind == STAGGERED))
    table = table.astype(dict.fromkeys(FIGURES, "float64"))
    table.loc[few, list(FIGURES)] = math.nan
    table.loc[few, "state"] = TOO_FEW
    refused = pd.DataFrame(
        [
            {
                "outcome": name,
                "state": code,
                "role": "planned" if name in found.planned else "exploratory",
                "recommended": True,
            }
            for name, code in found.refused.items()
        ]
    )
    return pd.concat([table, refused] if len(refused) else [table], ignore_index=True)[
        [*HEAD, *FIGURES, "note"]
    ]


def _description(found: SchemeEvaluation) -> pd.DataFrame:
    """Return the means that may be told; no numbers of people where one of an outcome is hidden."""
    table = found.description
    if not len(table):
        return table
    hidden = table["n"].map(is_small) | table["n_firms"].map(is_small)
    largest = table.groupby(["arm", "wave"])["n"].transform("max")
    n = [told_of_all(own, most) for own, most in zip(table["n"], largest, strict=True)]
    mean = [told_figure(own, of) for own, of in zip(table["mean"], table["n"], strict=True)]
    table = table.assign(n=n, mean=mean)
    table = table.astype({"n": "float64", "n_firms": "float64"})
    holed = set(table.loc[hidden, "outcome"])
    table.loc[table["outcome"].isin(holed), ["n", "n_firms"]] = math.nan
    return table[~hidden].reset_index(drop=True)


def _large_enough(balance: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that may be told; of a category only where both its yes and its no are many."""
    small = balance[["n_treated", "n_comparison"]].map(is_small).any(axis=1)
    category = np.array([str(name).endswith("]") for name in balance.index], dtype=bool)
    for arm in ARMS:
        n = balance[f"n_{arm}"]
        yes = (balance[f"mean_{arm}"] * n).round()
        small |= category & (yes.map(is_small) | (n - yes).map(is_small))
    return balance[~small & balance["standardised_difference"].notna()]


def _overlap(table: pd.DataFrame) -> pd.DataFrame:
    """Return the middle half of the chances of each arm; the ends are those of one organisation."""
    if not len(table) or (table["n"].map(is_small)).any():
        return pd.DataFrame()
    return table[["q25", "median", "q75", "n", "n_effective"]].astype({"n": "float64"})


def _attrition(table: pd.DataFrame) -> pd.DataFrame:
    """Return who was lost; a share only of five who were and five who were not, and p of both shares."""
    if not len(table):
        return table
    stayed = table["n_before"] - table["n_lost"]
    hidden = table["n_lost"].map(is_small) | stayed.map(is_small)
    table = table.astype({"n_before": "float64", "n_lost": "float64"})
    table.loc[table["n_before"].map(is_small), "n_before"] = math.nan
    table.loc[hidden, ["n_lost", "share"]] = math.nan
    if hidden.any():
        table["p_value"] = math.nan
    return table


def _of(table: pd.DataFrame, told: set[str]) -> pd.DataFrame:
    return table[table["outcome"].isin(told)] if "outcome" in table else pd.DataFrame()


def _binding(found: SchemeEvaluation, told: set[str]) -> dict[str, tuple[tuple[tuple[str, ...], int], ...]]:
    """Return in how many organisations of each arm each condition was the lowest."""
    if not len(found.bottleneck) or not told:
        return {}
    arms = {}
    for arm in ARMS:
        counts = found.bottleneck[f"n_{arm}"]
        groups = [(each, int(counts.loc[list(each)].sum())) for each in merge_small_groups(counts)]
        if not any(is_small(n) for _, n in groups):
            arms[arm] = tuple(groups)
    return arms


def _bottleneck(
    found: SchemeEvaluation,
    binding: dict[str, tuple[tuple[tuple[str, ...], int], ...]],
    told: set[str],
) -> pd.DataFrame:
    table = found.bottleneck
    if not len(table) or found.design.kind == DESCRIPTION:
        return pd.DataFrame()
    alone = {name for name in table.index if all((name,) in dict(binding.get(arm, ())) for arm in ARMS)}
    where = [f"{name}_where_binding" for name in WHERE]
    few = _few_where_binding(found)
    table = table.loc[table.index != TIED, [*WHERE, *where]].astype("float64")
    table.loc[[name not in told for name in table.index], :] = math.nan
    table.loc[[name not in alone or bool(few[name]) for name in table.index], where] = math.nan
    return table


def _few_where_binding(found: SchemeEvaluation) -> pd.Series:
    """Say of which conditions the effect where it was binding rests on few organisations of a side."""
    n, treated = (found.bottleneck[f"{name}_where_binding"] for name in ("n_firms", "n_treated"))
    others = n - treated
    small = others.map(is_small) & ~((others == 0) & (found.design.kind == STAGGERED))
    return small | treated.map(is_small)


def as_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table for JSON: missing figures as null, decimals as far as they mean anything."""
    named = table.reset_index() if table.index.name else table
    rows: list[Any] = named.to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else float(f"{number:.6g}")
