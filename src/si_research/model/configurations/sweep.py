"""Whether the answer of a fuzzy-set analysis hangs on its anchors and cut-offs: all of them, moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import product
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.arguments import check_kind
from si_research.model.configurations.calibration import ERROR, IN, OUT, half_moved, with_half
from si_research.model.configurations.configurations import Configurations
from si_research.model.configurations.minimise import minimise
from si_research.model.configurations.set_relations import Array, formula
from si_research.model.configurations.stability import AND_OTHERS, ONLY, ONLY_JUDGED, answer_code
from si_research.model.configurations.truth_table import (
    NOT_JUDGED,
    SUFFICIENT,
    CutOffs,
    check_cuts,
    corner_sums,
    judged,
    row_fit,
    truth_rows,
)

MOVES: Final = (-0.125, -0.0625, 0.0625, 0.125)
"""Shares of the response format: half a point and a quarter of a point on 1 to 5."""
INCLUSIONS: Final = (0.75, 0.80, 0.85, 0.90)
PRIS: Final = (0.50, 0.60, 0.70)
AS_CHOSEN, CROSSOVER, ALL_ANCHORS, HALF_TURNED = "as_chosen", "crossover", "all_anchors", "half_turned"
VARIED: Final = ["anchors", "inclusion", "pri", "n_cut"]
WITH_ROW: Final = (ONLY, ONLY_JUDGED, AND_OTHERS)
NO_ANSWER: Final = ("at_crossover", "anchors_cross")
"""Codes of variants that cannot be judged: people exactly half in a set, a crossover beyond an anchor."""


@dataclass(frozen=True, slots=True, eq=False)
class ConfigurationSweep:
    """One fuzzy-set analysis with other anchors and cut-offs. Made by :func:`sweep_configurations`.

    Attributes
    ----------
    row, code : str
        The row with all conditions, and the answer of the analysis itself.
    share_same, share_only, share_sufficient : float
        Of the variants that could be judged, those with the same answer; with that row as the only sufficient
        one; with that row sufficient, alone or not.
    variants : pandas.DataFrame
        anchors (``as_chosen``; ``crossover`` or ``all_anchors`` moved; ``half_turned``: who is at the
        crossover on the other side), moved (share of the response format), inclusion, pri, n_cut, code,
        n_sufficient, sufficient, parsimonious (all smallest solutions), n_half (people exactly half in a
        set), n_used.
    summary : pandas.DataFrame, indexed by ``varied`` and ``value``
        n_variants, n_judged, share_same, share_only, share_sufficient.
    """

    row: str
    code: str
    share_same: float
    share_only: float
    share_sufficient: float
    variants: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the summary."""
        return self.summary.copy()

    def _head(self) -> str:
        return (
            f"{self.row}: {self.code}, as in {self.share_same:.2f} of {len(self.variants)} variants; "
            f"the only sufficient row in {self.share_only:.2f}"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.summary.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.summary.round(3).to_html()}"


def sweep_configurations(
    found: Configurations,
    *,
    moves: Sequence[float] = MOVES,
    inclusions: Sequence[float] = INCLUSIONS,
    pris: Sequence[float] = PRIS,
) -> ConfigurationSweep:
    """Repeat a fuzzy-set analysis with anchors moved, and with other cut-offs.

    Use it before anything is said on a sufficient row: anchors and cut-offs are choices, and an answer that
    stands for one of them only is an answer about that choice.

    Parameters
    ----------
    found : Configurations
    moves : sequence of float
        How far the crossovers of all sets, or all their anchors, are moved: shares of the response format.
    inclusions, pris : sequence of float
        Cut-offs of inclS and PRI; those of the analysis are among them anyhow. Rows are judged from as many
        people as there, and from twice as many.

    Returns
    -------
    ConfigurationSweep

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.configurations.configurations import fit_configurations
    >>> found = fit_configurations(simulate_scores(400, seed=1).clip(1, 5), seed=1)
    >>> len(sweep_configurations(found).variants)
    216
    """
    todo = "give the result of fit_configurations"
    check_kind(found, Configurations, "a fuzzy-set analysis", "`found` of sweep_configurations", todo)
    chosen = found.choices.cuts
    cuts = [
        replace(chosen, inclusion=inclusion, pri=pri, n=n, between=None)
        for inclusion, pri, n in product(
            sorted({*inclusions, chosen.inclusion}),
            sorted({*pris, chosen.pri}),
            (found.choices.n_cut, 2 * found.choices.n_cut),
        )
    ]
    for each in cuts:
        check_cuts(each)
    rows = [row for variant in _variants(found, moves) for row in _judge(found, *variant, cuts)]
    variants = pd.DataFrame(rows)
    parts = [_summary(variants, found.answer.code, [])]
    parts += [_summary(variants, found.answer.code, [name]) for name in ("anchors", "moved", *VARIED[1:])]
    summary = pd.concat(parts)
    whole = summary.iloc[0]
    return ConfigurationSweep(
        row=found.answer.row,
        code=found.answer.code,
        share_same=float(whole["share_same"]),
        share_only=float(whole["share_only"]),
        share_sufficient=float(whole["share_sufficient"]),
        variants=variants,
        summary=summary,
    )


def _variants(
    found: Configurations, moves: Sequence[float]
) -> Iterator[tuple[str, float, str, pd.DataFrame]]:
    """Yield what is moved, how far, what becomes of people at the crossover, and the anchors."""
    yield AS_CHOSEN, 0.0, found.at_crossover, found.anchors
    if found.at_crossover != ERROR:
        yield HALF_TURNED, 0.0, OUT if found.at_crossover == IN else IN, found.anchors
    width = found.anchors["highest"] - found.anchors["lowest"]
    for name, move in product((CROSSOVER, ALL_ANCHORS), moves):
        columns = ["crossover"] if name == CROSSOVER else ["out", "crossover", "full"]
        table = found.anchors.copy()
        table[columns] = table[columns].add(move * width, axis=0)
        yield name, move, found.at_crossover, table


def _judge(
    found: Configurations,
    name: str,
    move: float,
    at_crossover: str,
    anchors: pd.DataFrame,
    cuts: Sequence[CutOffs],
) -> Iterator[dict[str, object]]:
    """Yield the answer at all cut-offs for one set of anchors."""
    place = {"anchors": name, "moved": move}
    steps = np.diff(anchors[["out", "crossover", "full"]].to_numpy(), axis=1)
    crossed = bool((steps[:, 0] * steps[:, 1] <= 0).any())
    sets, half = with_half(found.scores[list(anchors.index)], anchors)
    n_half = int(half.any(axis=1).sum())
    code = NO_ANSWER[1] if crossed else NO_ANSWER[0] if n_half and at_crossover == ERROR else ""
    if not code:
        moved = half_moved(sets, half, at_crossover)
        members = moved[list(found.conditions)].to_numpy(), moved[found.outcome].to_numpy()
        totals = corner_sums(*members, np.zeros(len(sets), dtype=np.int64), 1)[0]
    for each in cuts:
        told = {"inclusion": each.inclusion, "pri": each.pri, "n_cut": each.n}
        answer = {"code": code} if code else _answer(found, totals, each)
        yield {**place, **told, **answer, "n_half": n_half, "n_used": found.n_used}


def _answer(found: Configurations, totals: Array, cuts: CutOffs) -> dict[str, object]:
    inclusion, pri = row_fit(totals, negated=False)
    out = judged(inclusion, pri, totals[:, 4], cuts, cuts.people(found.n_used))
    on, open_ = out == SUFFICIENT, out == NOT_JUDGED
    names = truth_rows(found.conditions).index[on]
    solutions = [formula(each, found.conditions) for each in minimise(on, on | open_)[1]]
    told = {"n_sufficient": int(on.sum()), "sufficient": "; ".join(map(str, names))}
    return {"code": answer_code(on, open_), **told, "parsimonious": "; ".join(solutions)}


def _summary(variants: pd.DataFrame, code: str, by: list[str]) -> pd.DataFrame:
    """Return how many variants agree, in all or by one thing that was varied."""
    answered = ~variants["code"].isin(NO_ANSWER)
    marks = pd.DataFrame(
        {
            "varied": by[0] if by else "all",
            "value": variants[by[0]].astype("str") if by else "",
            "n_judged": answered,
            "share_same": (variants["code"] == code).where(answered).astype("float64"),
            "share_only": variants["code"].str.startswith("only").where(answered).astype("float64"),
            "share_sufficient": variants["code"].isin(WITH_ROW).where(answered).astype("float64"),
        }
    )
    shares = ["share_same", "share_only", "share_sufficient"]
    grouped = marks.groupby(["varied", "value"], sort=False)
    table = grouped[shares].mean()
    table.insert(0, "n_variants", grouped.size())
    table.insert(1, "n_judged", grouped["n_judged"].sum())
    return table
