"""How stable a truth table is: whole firms drawn again, and every row judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.configurations.set_relations import Array, Integers
from si_research.model.configurations.truth_table import (
    NOT_JUDGED,
    SUFFICIENT,
    CutOffs,
    judged,
    row_fit,
)
from si_research.model.design import own_order

MOST_GROUPS: Final = 200
"""Groups that people without firms are put in: drawing groups of a few is drawing people, and takes less."""
AT_ONCE: Final = 2_000_000

ONLY, ONLY_JUDGED, AND_OTHERS, OTHERS, NONE = "only", "only_judged", "and_others", "others_only", "none"
"""Of the rows, the one with all conditions: alone sufficient; so among the rows with people enough; with
others; not, but others; no row is. Where it has too few people itself: ``not_judged``."""


@dataclass(frozen=True, slots=True)
class OnlyRow:
    """Whether the row with all conditions is the only sufficient one.

    Attributes
    ----------
    code : str
        ``only``, ``only_judged`` (rows without people enough stay open), ``and_others``, ``others_only``,
        ``none`` (no row is sufficient), ``not_judged`` (too few people have all conditions).
    row : str
        The row with all conditions.
    sufficient, open : tuple of str
        Rows that are sufficient; rows of too few people.
    share_sufficient, share_only : float
        In how many of the draws the row is sufficient, and is the only one that is;
        missing with a single firm.
    n_without, n_without_sufficient : int
        Other rows that were judged, and those that are sufficient for the absence of the outcome: by the
        theory, all of them.
    n, n_used, n_draws : int
        People in the row, people, draws.
    """

    code: str
    row: str
    sufficient: tuple[str, ...]
    open: tuple[str, ...]
    share_sufficient: float
    share_only: float
    n_without: int
    n_without_sufficient: int
    n: int
    n_used: int
    n_draws: int


def people_in_groups(frame: pd.DataFrame, cluster: str | None, seed: int) -> tuple[Integers, int]:
    """Return the group of each person that is drawn as a whole: the firm, or a random few people."""
    if cluster is not None:
        names, codes = np.unique(frame[cluster].to_numpy(dtype=object).astype(str), return_inverse=True)
        return codes.astype(np.int64), len(names)
    n_groups = min(len(frame), MOST_GROUPS)
    groups = np.empty(len(frame), dtype=np.int64)
    places = np.random.default_rng(seed).permutation(len(frame)) % n_groups
    groups[own_order(frame)] = places
    return groups, n_groups


def drawn_sums(sums: Array, draws: int, seed: int) -> Array:
    """Return the sums of the truth table in each draw of as many groups, with replacement."""
    n_groups = len(sums)
    flat = sums.reshape(n_groups, -1)
    rng, step = np.random.default_rng([seed, 1]), max(1, AT_ONCE // n_groups)
    parts = []
    for start in range(0, draws, step):
        size = min(step, draws - start)
        counts = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=size)
        parts.append(counts.astype(np.float64) @ flat)
    return np.concatenate(parts).reshape(draws, *sums.shape[1:])


def judge_draws(drawn: Array, *, negated: bool, cuts: CutOffs, n_cut: int) -> tuple[np.ndarray, Array]:
    """Return OUT and inclS of every row in every draw."""
    inclusion, pri = row_fit(drawn, negated=negated)
    return judged(inclusion, pri, drawn[..., 4], cuts, n_cut), inclusion


def stability(out: np.ndarray, inclusion: Array, conf_level: float) -> pd.DataFrame:
    """Return for each row the share of draws in which it is sufficient, and the middle of its inclS."""
    tail = (1 - conf_level) / 2
    low, high = np.full((2, inclusion.shape[1]), np.nan)
    missing = np.isnan(inclusion)
    whole, holed = ~missing.any(axis=0), missing.any(axis=0) & ~missing.all(axis=0)
    for chosen, quantile in ((whole, np.quantile), (holed, np.nanquantile)):  # the second takes far longer
        if chosen.any():
            low[chosen], high[chosen] = quantile(inclusion[:, chosen], [tail, 1 - tail], axis=0)
    return pd.DataFrame(
        {"share_sufficient": (out == SUFFICIENT).mean(axis=0), "conf_low": low, "conf_high": high}
    )


def only_row(table: pd.DataFrame, absence: pd.DataFrame, out: np.ndarray, n_used: int) -> OnlyRow:
    """Return whether the last row, which has all conditions, is the only sufficient one."""
    judgement = table["out"].to_numpy()
    sufficient, open_ = judgement == SUFFICIENT, judgement == NOT_JUDGED
    drawn = out == SUFFICIENT
    without = absence["out"].to_numpy()[:-1]
    return OnlyRow(
        code=answer_code(sufficient, open_),
        row=str(table.index[-1]),
        sufficient=_names(table, sufficient),
        open=_names(table, open_),
        share_sufficient=float(drawn[:, -1].mean()),
        share_only=float((drawn[:, -1] & ~drawn[:, :-1].any(axis=1)).mean()),
        n_without=int((without != NOT_JUDGED).sum()),
        n_without_sufficient=int((without == SUFFICIENT).sum()),
        n=int(table["n"].iloc[-1]),
        n_used=n_used,
        n_draws=len(out),
    )


def answer_code(sufficient: Sequence[bool] | np.ndarray, open_: np.ndarray) -> str:
    """Return the answer from which rows are sufficient and which have too few people to judge."""
    if open_[-1]:
        return "not_judged"
    if not np.any(sufficient):
        return NONE
    if not sufficient[-1]:
        return OTHERS
    if np.any(sufficient[:-1]):
        return AND_OTHERS
    return ONLY_JUDGED if open_.any() else ONLY


def _names(table: pd.DataFrame, chosen: np.ndarray) -> tuple[str, ...]:
    return tuple(map(str, table.index[chosen]))
