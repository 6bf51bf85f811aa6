"""The analysis for the outcome and for its absence: two questions, and not each other's mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from si_research.model.configurations.necessity_of_sets import necessary_expressions, single_sets
from si_research.model.configurations.set_relations import Array, Integers
from si_research.model.configurations.stability import (
    OnlyRow,
    drawn_sums,
    judge_draws,
    only_row,
    stability,
)
from si_research.model.configurations.sufficiency import People, solve
from si_research.model.configurations.truth_table import CutOffs, corner_sums, truth_table


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Calibrated people: what is asked of them, and the groups that are drawn as a whole.

    Attributes
    ----------
    outcome : str
    conditions : tuple of str
    members : pandas.DataFrame
        Memberships of the outcome and the conditions.
    groups : array of int
        The firm of each person, or a random few people where there are no firms.
    n_groups : int
    has_firms : bool
    """

    outcome: str
    conditions: tuple[str, ...]
    members: pd.DataFrame
    groups: Integers
    n_groups: int
    has_firms: bool

    def arrays(self) -> tuple[Array, Array]:
        """Return the memberships of the conditions, and of the outcome."""
        return self.members[list(self.conditions)].to_numpy(), self.members[self.outcome].to_numpy()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the analysis was told: cut-offs, people from which a row is judged, expectations and draws."""

    cuts: CutOffs
    n_cut: int
    expected: Mapping[str, int | None]
    draws: int
    seed: int
    conf_level: float


@dataclass(frozen=True, slots=True, eq=False)
class Both:
    """The tables of the outcome and of its absence, one below the other."""

    answer: OnlyRow
    rows: pd.DataFrame
    necessity: pd.DataFrame
    expressions: pd.DataFrame
    terms: pd.DataFrame
    solutions: pd.DataFrame
    more: tuple[tuple[str, str], ...]


def analyse_both(sets: Sets, choices: Choices) -> Both:
    """Return the analysis of the outcome and of its absence."""
    x, y = sets.arrays()
    sums = corner_sums(x, y, sets.groups, sets.n_groups)
    drawn = drawn_sums(sums, choices.draws, choices.seed)
    names = [sets.outcome, f"~{sets.outcome}"]
    parts: dict[str, list[pd.DataFrame]] = {}
    more, draws_of = [], []
    for name, own, place in zip(names, (y, 1 - y), (0, 1), strict=True):
        negated = place == 1
        table, out = _rows(sets, sums, drawn, choices, float(own.sum()), negated=negated)
        draws_of.append(out)
        people = People(x, own, sets.groups if sets.has_firms else None)
        solved = solve(table, sets.conditions, people, _directions(sets, choices, negated))
        more += [(name, kind) for kind in solved.more]
        found = {"rows": table, "necessity": single_sets(x, own, sets.conditions, choices.cuts)}
        found["expressions"] = necessary_expressions(
            x, own, sets.conditions, inclusion=choices.cuts.necessity, relevance=choices.cuts.relevance
        )
        found |= {"terms": solved.terms, "solutions": solved.solutions}
        for part, frame in found.items():
            parts.setdefault(part, []).append(frame.assign(n_used=len(y)))
    answer = only_row(parts["rows"][0], parts["rows"][1], draws_of[0], len(y))
    if sets.n_groups < 2:
        answer = replace(answer, share_sufficient=np.nan, share_only=np.nan, n_draws=0)
    together = {part: _below(frames, names) for part, frames in parts.items()}
    return Both(answer=answer, more=tuple(more), **together)


def _rows(
    sets: Sets, sums: Array, drawn: Array, choices: Choices, all_y: float, *, negated: bool
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a truth table with its stability, and OUT in every draw."""
    cuts, n_cut = choices.cuts, choices.n_cut
    table = truth_table(sums, sets.conditions, all_y, negated=negated, cuts=cuts, n_cut=n_cut)
    out, inclusion = judge_draws(drawn, negated=negated, cuts=cuts, n_cut=n_cut)
    table = table.rename(columns={"n_groups": "n_firms"}).astype({"n_firms": "Int64"})
    if not sets.has_firms:
        table["n_firms"] = pd.array([pd.NA] * len(table), dtype="Int64")
    stable = stability(out, inclusion, choices.conf_level).set_index(table.index)
    stable.loc[table["n"] == 0, ["conf_low", "conf_high"]] = np.nan
    if sets.n_groups < 2:
        stable[:] = np.nan  # a single firm drawn again is the same firm
    return table.join(stable), out


def _directions(sets: Sets, choices: Choices, negated: bool) -> list[int | None]:
    """Return what is expected of each condition; for the absence of the outcome the other way round."""
    given = [choices.expected[name] for name in sets.conditions]
    return [value if value is None or not negated else 1 - value for value in given]


def _below(frames: Sequence[pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Return tables one below the other, with the outcome that each is of before their own index."""
    named = frames[0].index.name is not None
    levels = ["outcome", frames[0].index.name] if named else ["outcome", None]
    full = [frame for frame in frames if len(frame)]
    if not full:
        empty = frames[0].assign(outcome="").set_index("outcome", append=named)
        return empty.swaplevel() if named else empty
    keys = [name for name, frame in zip(names, frames, strict=True) if len(frame)]
    table = pd.concat(full, keys=keys, names=levels)
    return table if named else table.droplevel(1)
