"""How much one person, or two, decide on an effect size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_kind, check_number, check_options
from si_research.model.necessity.ceiling_fits import (
    C_LP,
    CE_FDH,
    CE_VRS,
    CR_FDH,
    CR_VRS,
    Scope,
    data_scope,
    fit_ceilings,
    signs,
)
from si_research.model.necessity.ceilings import Array, find_peers
from si_research.model.necessity.necessity import EMPIRICAL, Necessity
from si_research.model.necessity.people import Places

ON_PEERS: Final = (CE_FDH, CR_FDH, CE_VRS, CR_VRS, C_LP)
MOST_LEFT_OUT: Final = 3
SAME_EFFECT: Final = 1e-12
COLUMNS: Final = [
    *("condition", "people", "n_removed", "effect", "effect_without", "change", "change_percent"),
    *("on_ceiling", "sets_scope", "n_used"),
]


@dataclass(frozen=True, slots=True, eq=False)
class NecessityOutliers:
    """Effect sizes without the people who decide most on them. Made by :func:`necessity_outliers`.

    Attributes
    ----------
    ceiling : str
    outliers : pandas.DataFrame
        A row for everybody, or each group of up to k people, without whom the effect changes; largest change
        first: condition, people (numbers that mean nothing outside this table), n_removed, effect,
        effect_without, change, change_percent, on_ceiling, sets_scope, n_used; ``rows`` (places in the
        scores) only where asked.
    """

    ceiling: str
    outliers: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the rows."""
        return self.outliers.copy()

    def __str__(self) -> str:
        return f"Effect of {self.ceiling} without some people\n{self.outliers.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return (
            f"<p>Effect of {escape(self.ceiling)} without some people</p>{self.outliers.round(4).to_html()}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Core:
    """The people who can come to be on a ceiling or at an end of the scope, axes turned."""

    x: Array
    y: Array
    rows: Places
    scope: Scope | None


def necessity_outliers(
    found: Necessity,
    *,
    ceiling: str = CE_FDH,
    k: int = 1,
    smallest_percent: float = 0.0,
    name_rows: bool = False,
) -> NecessityOutliers:
    """Return how the effect size changes without each person, or up to k people, who can matter.

    Use it to see whether the empty corner rests on one person. Do not leave people out by rule: look first
    whether their answers are errors.

    Parameters
    ----------
    found : Necessity
    ceiling : {"ce_fdh", "cr_fdh", "ce_vrs", "cr_vrs", "c_lp"}
    k : {1, 2, 3}
        How many people are left out together, at most.
    smallest_percent : float
        Changes smaller than this, in per cent of the effect, are not listed.
    name_rows : bool
        Add the places of the people in the scores, to look them up: for the researcher only, never for a
        report, as somebody on a ceiling is one person.

    Returns
    -------
    NecessityOutliers

    Raises
    ------
    ModelSpecificationError
        For a ceiling that does not rest on peers, or that ``found`` does not have, and another k.

    Notes
    -----
    Candidates are the peers, who alone is at an end of the scope, and who becomes a peer without others.
    A group stays out of the table where one person fewer does the same. An empirical scope moves with its
    people. Of several people with the same two scores one stands for all.

    References
    ----------
    Dul (2026) and the function ``nca_outliers`` of R's NCA, whose figures these are.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.necessity.necessity import describe_necessity
    >>> found = describe_necessity(simulate_scores(300, seed=1), ends={"innovative_behaviour": (0, 6)})
    >>> float(necessity_outliers(found).outliers["change"].iloc[0].round(3))
    -0.067
    """
    todo = "give what describe_necessity returns"
    check_kind(found, Necessity, "a Necessity", "`found` of necessity_outliers", todo)
    present = [name for name in ON_PEERS if any(name == each for _, each in found.ceilings)]
    check_options(ceiling, present or ON_PEERS, "`ceiling` of necessity_outliers")
    check_number(smallest_percent, "`smallest_percent` of necessity_outliers")
    if isinstance(k, bool) or k not in range(1, MOST_LEFT_OUT + 1):
        raise ModelSpecificationError(
            expected="1, 2 or 3 people",
            found=as_found(k),
            where="`k` of necessity_outliers",
            todo="use 1: one person at a time",
        )
    rows = [row for name in found.predictors for row in _condition(found, name, ceiling, k)]
    columns = [*COLUMNS, "rows"] if name_rows else COLUMNS
    table = pd.DataFrame(rows, columns=[*COLUMNS, "rows"])
    changes = table["change_percent"].abs()
    table = table[~(changes < smallest_percent)].sort_values(
        ["condition", "change"],
        key=lambda column: (
            column.map({name: place for place, name in enumerate(found.predictors)})
            if column.name == "condition"
            else -column.abs()
        ),
        kind="stable",
    )
    return NecessityOutliers(ceiling, table[columns].reset_index(drop=True))


def _condition(found: Necessity, name: str, ceiling: str, k: int) -> list[dict[str, object]]:
    fit = found.ceilings[name, ceiling]
    if np.isnan(fit.effect):
        return []
    core = _core(found, name, ceiling, k)
    scope_setters = _alone_at_ends(core) if core.scope is None else set()
    candidates = [*dict.fromkeys([*_on_ceiling(core, ()), *sorted(scope_setters)])]
    for size in range(1, k):
        for gone in combinations(tuple(candidates), size):
            candidates += [place for place in _on_ceiling(core, gone) if place not in candidates]
    effects: dict[tuple[int, ...], float] = {(): _effect(core, ceiling, ())}
    kept = []
    for size in range(1, k + 1):
        for gone in combinations(candidates, size):
            effects[gone] = _effect(core, ceiling, gone)
            fewer = [effects[part] for part in combinations(gone, size - 1)]
            if all(abs(effects[gone] - effect) > SAME_EFFECT for effect in fewer):
                kept.append(gone)
    number = {place: str(candidates.index(place) + 1) for place in candidates}
    peers = {*candidates} - (scope_setters - {*_on_ceiling(core, ())})
    return [
        {
            "condition": name,
            "people": " + ".join(number[place] for place in gone),
            "n_removed": len(gone),
            "effect": fit.effect,
            "effect_without": effects[gone],
            "change": effects[gone] - fit.effect,
            "change_percent": 100 * (effects[gone] / fit.effect - 1) if fit.effect else np.nan,
            "on_ceiling": any(place in peers for place in gone),
            "sets_scope": any(place in scope_setters for place in gone),
            "n_used": fit.n_used,
            "rows": tuple(int(core.rows[place]) for place in gone),
        }
        for gone in kept
    ]


def _core(found: Necessity, name: str, ceiling: str, k: int) -> _Core:
    """Return the first k + 1 layers of peers and the k + 1 people nearest each end; nobody else matters."""
    pairs, fit = found.pairs[name], found.ceilings[name, ceiling]
    x_sign, y_sign = signs(fit.corner)
    x, y = pairs.x * x_sign, pairs.y * y_sign
    left, kept = np.arange(len(x)), [np.empty(0, dtype=np.intp)]
    for _ in range(k + 1):
        if len(left) == 0:
            break
        layer = _people_at(x[left], y[left])
        kept.append(left[layer])
        left = left[~layer]
    for scores in (x, y):
        order = np.argsort(scores, kind="stable")
        kept += [order[: k + 1], order[-k - 1 :]]
    chosen = np.unique(np.concatenate(kept))
    scope = None if found.scope == EMPIRICAL else fit.scope.turned(fit.corner)
    return _Core(x[chosen], y[chosen], pairs.rows[chosen], scope)


def _people_at(x: Array, y: Array) -> np.ndarray:
    """Return who stands on a peer's place."""
    peers = find_peers(x, y)
    place = np.minimum(np.searchsorted(peers.x, x), len(peers.x) - 1)
    return np.asarray((peers.x[place] == x) & (peers.y[place] == y))


def _on_ceiling(core: _Core, gone: Iterable[int]) -> list[int]:
    """Return the people on the ceiling without some others; one for each place."""
    stay = np.setdiff1d(np.arange(len(core.x)), list(gone))
    if len(stay) == 0:
        return []
    there = stay[_people_at(core.x[stay], core.y[stay])]
    _, first = np.unique(np.column_stack([core.x[there], core.y[there]]), axis=0, return_index=True)
    return [int(place) for place in there[first]]


def _alone_at_ends(core: _Core) -> set[int]:
    """Return who alone has the lowest or highest score on an axis."""
    found = set()
    for scores in (core.x, core.y):
        for end in (scores.min(), scores.max()):
            there = np.flatnonzero(scores == end)
            if len(there) == 1:
                found.add(int(there[0]))
    return found


def _effect(core: _Core, ceiling: str, gone: tuple[int, ...]) -> float:
    stay = np.setdiff1d(np.arange(len(core.x)), gone)
    if len(stay) == 0:
        return np.nan
    x, y = core.x[stay], core.y[stay]
    scope = data_scope(x, y) if core.scope is None else core.scope
    return fit_ceilings(x, y, names=[ceiling], scope=scope)[ceiling].effect
