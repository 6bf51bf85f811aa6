"""The N that would decide: how many employees and firms would tell the readings apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import check_kind, check_seed
from si_research.model.fit_notes import Note
from si_research.model.forms.profile import bounded, unbounded, usual_grid
from si_research.model.forms.rows import FormRows
from si_research.model.verdict.evidence import evidence_of, found_power
from si_research.model.verdict.fitted_worlds import ADDITIVE, WORLDS, FittedWorlds, fit_worlds
from si_research.model.verdict.power import design_effect, power_of_f
from si_research.model.verdict.rule import (
    BOTTLENECK,
    COMPENSATING,
    MINIMUM,
    PRODUCT,
    REINFORCING,
    VerdictRule,
    decide,
)
from si_research.model.verdict.verdict import Verdict

RIGHT: Final = {ADDITIVE: COMPENSATING, PRODUCT: REINFORCING, MINIMUM: BOTTLENECK}
RELATION: Final = "relation"
DRAWS: Final = 199
FACTORS: Final = (1.0, 2.0, 4.0, 8.0)
MOST_PEOPLE: Final = 12_000
FIRST_RUNS: Final = 12
GROUPS: Final = 300
"""Groups that people without firms are put in: a jackknife over more takes longer and says the same."""
HOPELESS: Final = 0.5
"""Share of right verdicts in the first runs below which the rest of them is not waited for."""
COLUMNS: Final = ["n_employees", "n_firms", "reached", "highest_tried", "share_right", "mc_error"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class NeededN:
    """How many people and firms would decide. Made by :func:`needed_n`.

    Attributes
    ----------
    worlds : pandas.DataFrame, indexed by ``world``
        ``additive``, ``product``, ``minimum``: n_employees and n_firms with which the right verdict is
        reached with the target (interpolated; missing where it was not within what was tried; n_firms missing
        without firms), ``reached``, ``highest_tried`` (employees), share_right there, mc_error.
        ``relation``: N with which the smallest relation of the rule would be found, in closed form.
    runs : pandas.DataFrame
        A row a world and size: world, n_employees and n_firms (so many times those of the survey; surveys of
        drawn firms differ a little), runs, share_right, mc_error.
    target : float
    n_employees, n_firms : float
        The largest over the worlds: with these each of them would be recognised. Missing where one was not
        reached; ``n_used`` where each is recognised as it is, so that more people like these settle nothing.
    n_used : int
    seed : int
    notes : tuple of Note
        ``no_relation_to_fit``: the slopes are not found, so that only the relation is asked; ``not_reached``.
    """

    worlds: pd.DataFrame = field(repr=False)
    runs: pd.DataFrame = field(repr=False)
    target: float
    n_employees: float
    n_firms: float
    n_used: int
    seed: int
    notes: tuple[Note, ...]

    def table(self) -> pd.DataFrame:
        """Return a copy of the worlds."""
        return self.worlds.copy()

    def _head(self) -> str:
        if len(self.runs) and self.n_employees <= self.n_used:
            return f"more than these {self.n_used} employees would not settle it"
        firms = "" if np.isnan(self.n_firms) else f" in {self.n_firms:.0f} firms"
        return f"{self.n_employees:.0f} employees{firms} would decide; n = {self.n_used}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.worlds.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.worlds.round(3).to_html()}"


def needed_n(
    verdict: Verdict,
    *,
    target: float = 0.80,
    runs: int = 40,
    progress: Progress | None = None,
    seed: int,
) -> NeededN:
    """Simulate how many people and firms would tell the readings apart, in worlds fitted to these data.

    Use it beside an ``undecided``, or to plan the next survey. It is no power of the test that was done: what
    these data say is in the verdict.

    Parameters
    ----------
    verdict : Verdict
        Not a refused one.
    target : float, in (0, 1)
        Share of surveys in which the right verdict is reached.
    runs : int, at least 10
        Surveys a world and size.
    progress : callable, optional
        Called with runs done and runs planned.
    seed : int

    Returns
    -------
    NeededN

    Raises
    ------
    ModelSpecificationError
        For what is no verdict, a refused one, or a target or number of runs that is none.

    Notes
    -----
    In each world (additive, product, minimum) whole firms are drawn with replacement, 1, 2, 4 and 8 times as
    many as there are, up to 12,000 people, and the verdict is reached by the same rule; the joint test is
    Hotelling's form, 199 draws of p, and necessity is left out (decision record 0014). Between two sizes the
    share of right verdicts runs straight in probits over log N.

    Examples
    --------
    >>> from si_research.model.verdict.verdict import reach_verdict
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> scores = simulate_world_scores(World(form="nothing", n_employees=300, n_firms=20), seed=1)
    >>> found = needed_n(reach_verdict(scores, cluster="firm_id", draws=199, seed=1), seed=1)
    >>> found.worlds.index.to_list()
    ['relation']
    """
    check_seed(seed, "needed_n")
    check_kind(verdict, Verdict, "a verdict of reach_verdict", "`verdict` of needed_n", "reach it first")
    rows = _check(verdict, target, runs)
    found = [_relation(rows, verdict.rule, target)]
    notes, table = [], pd.DataFrame(columns=["world", *COLUMNS])
    if verdict.numbers is not None and verdict.numbers.relation_p <= verdict.rule.alpha:
        worlds = fit_worlds(rows, verdict.reliability, verdict.rule)
        search = _Search(worlds, verdict, target, runs, seed, progress)
        tried = {name: search.of(name) for name in WORLDS}
        table = pd.DataFrame([row for each in tried.values() for row in each])
        found += [_reached(name, each, target) for name, each in tried.items()]
    else:
        notes.append(Note("no_relation_to_fit"))
    worlds_table = pd.DataFrame(found).set_index("world")[COLUMNS]
    if not worlds_table["reached"].all():
        notes.append(Note("not_reached", {"highest_tried": float(worlds_table["highest_tried"].max())}))
    asked = worlds_table if len(found) == 1 else worlds_table.drop(index=RELATION)
    return NeededN(
        worlds=worlds_table,
        runs=table,
        target=target,
        n_employees=float(asked["n_employees"].max(skipna=False)),
        n_firms=float(asked["n_firms"].max(skipna=False)),
        n_used=rows.n,
        seed=seed,
        notes=tuple(notes),
    )


def _check(verdict: Verdict, target: float, runs: int) -> FormRows:
    if verdict.rows is None or not 0 < target < 1 or runs < 10:
        raise ModelSpecificationError(
            expected="a verdict that was not refused, a target between 0 and 1, and at least 10 runs",
            found=f"a verdict {verdict.code!r}, target {target}, {runs} runs",
            where="needed_n",
            todo="use 0.80 and 40",
        )
    return verdict.rows


@dataclass(frozen=True, slots=True)
class _Search:
    """The search over sizes, the same in every world."""

    worlds: FittedWorlds
    verdict: Verdict
    target: float
    runs: int
    seed: int
    progress: Progress | None

    def of(self, name: str) -> list[dict[str, object]]:
        """Return a row a size, up to the first that reaches the target."""
        rows: list[dict[str, object]] = []
        place, n = WORLDS.index(name), self.worlds.rows.n
        factors = [factor for factor in FACTORS if factor == 1 or n * factor <= MOST_PEOPLE]
        for step, factor in enumerate(factors):
            row = self._at(name, factor)
            rows.append(row)
            last = float(row["share_right"]) >= self.target  # type: ignore[arg-type]
            done = place * len(FACTORS) + (len(FACTORS) if last else step + 1)
            if self.progress is not None:
                self.progress(self.runs * done, self.runs * len(FACTORS) * len(WORLDS))
            if last:
                break
        return rows

    def _at(self, name: str, factor: float) -> dict[str, object]:
        right, used = [], self.worlds.rows
        for run in range(self.runs):
            place = [self.seed, WORLDS.index(name), round(factor), run]
            sample = self.worlds.drawn(name, factor, np.random.default_rng(place))
            right.append(self._code(sample, run) == RIGHT[name])
            if run + 1 == FIRST_RUNS and np.mean(right) < HOPELESS * self.target:
                break
        share = float(np.mean(right))
        return {
            "world": name,
            "n_employees": float(round(factor * used.n)),
            "n_firms": float(round(factor * used.n_firms)) if used.n_firms else np.nan,
            "runs": len(right),
            "share_right": share,
            "mc_error": float(np.sqrt(share * (1 - share) / len(right))),
        }

    def _code(self, sample: FormRows, run: int) -> str:
        rule = self.verdict.rule
        numbers = evidence_of(
            sample,
            self.verdict.reliability,
            rule,
            draws=DRAWS,
            seed=run,
            power_found=found_power(sample, DRAWS, run, p=_grid()),
            with_necessity=False,
            most_groups=GROUPS,
        )
        return decide(numbers, rule).code


def _grid() -> np.ndarray:
    """Return every other power of the usual grid, its ends kept."""
    inner = usual_grid()[1:-1]
    return np.concatenate([[-np.inf], unbounded(bounded(inner)[::2]), [np.inf]])


def _reached(name: str, tried: list[dict[str, object]], target: float) -> dict[str, object]:
    """Return the size at which the target is reached, between the last two sizes on a line of probits."""
    from scipy import stats

    sizes, firms, shares, runs = (
        np.array([row[key] for row in tried], dtype="float64")
        for key in ("n_employees", "n_firms", "share_right", "runs")
    )
    reached = bool(shares[-1] >= target)
    n = sizes[-1] if reached else np.nan
    if reached and len(tried) > 1:
        room = 0.5 / runs
        z = stats.norm.ppf(np.clip(shares, room, 1 - room))
        part = (stats.norm.ppf(target) - z[-2]) / (z[-1] - z[-2])
        n = float(np.exp(np.interp(part, [0, 1], np.log(sizes[-2:]))))
    return {
        "world": name,
        "n_employees": float(np.ceil(n)),
        "n_firms": float(np.ceil(n * firms[-1] / sizes[-1])),
        "reached": reached,
        "highest_tried": float(sizes[-1]),
        "share_right": float(shares[-1]),
        "mc_error": float(tried[-1]["mc_error"]),  # type: ignore[arg-type]
    }


def _relation(rows: FormRows, rule: VerdictRule, target: float) -> dict[str, object]:
    """Return the fewest people with whom the smallest relation of the rule would be found."""
    q, effect = rows.x01.shape[1], design_effect(rows)
    size = rows.n / rows.n_firms if rows.n_firms else 1.0
    fixed = 0 if rows.n_firms else rows.controls.shape[1] + 1
    n = float(q + fixed + 2) * size
    for _ in range(200):
        power = power_of_f(n, effect, q, n / size - q - fixed, rule)
        if power >= target:
            break
        n *= 1.05
    return {
        "world": RELATION,
        "n_employees": float(np.ceil(n)),
        "n_firms": float(np.ceil(n / size)) if rows.n_firms else np.nan,
        "reached": power >= target,
        "highest_tried": float(np.ceil(n)),
        "share_right": power,
        "mc_error": 0.0,
    }
