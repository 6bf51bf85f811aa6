"""Worlds that look like these data but for one thing: how the conditions make the outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.forms.rows import FormRows
from si_research.model.verdict.evidence import reliability_of
from si_research.model.verdict.expected import TrueConditions, true_conditions
from si_research.model.verdict.power import icc
from si_research.model.verdict.rule import MINIMUM, PRODUCT, VerdictRule

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
ADDITIVE: Final = "additive"
WORLDS: Final = (ADDITIVE, PRODUCT, MINIMUM)
LEAST_LEFT: Final = 0.05
"""Smallest share of the outcome's variance that a world leaves to chance."""
FINEST: Final = 60
"""Distinct outcomes up to which answers are taken to lie on a grid."""
TINY: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class FittedWorld:
    """A world fitted to data.

    Attributes
    ----------
    name : str
        ``additive``, ``product`` or ``minimum``.
    coefficients : array
        Of the signals, in points of the outcome.
    base : array, shape (n,)
        What intercept and controls give each person.
    spread : float
        Standard deviation of what is left to chance.
    likeness : float
        Share of that between firms.
    """

    name: str
    coefficients: Array
    base: Array = field(repr=False)
    spread: float
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class FittedWorlds:
    """What the worlds fitted to one survey share."""

    rows: FormRows
    true: TrueConditions
    step: float
    worlds: Mapping[str, FittedWorld]

    def drawn(self, name: str, factor: float, rng: np.random.Generator) -> FormRows:
        """Return a survey of so many times the firms (people, without firms) in one of the worlds.

        Whole firms are drawn with replacement with the measured conditions of their people; the true ones,
        and the outcome, are drawn anew.
        """
        world = self.worlds[name]
        places, firms = _drawn_people(self.rows, factor, rng)
        true = replace(self.true, expected=self.true.expected[places]).drawn(rng)
        y = world.base[places] + _signals(name, true) @ world.coefficients
        y = y + world.spread * _chance(world.likeness, firms, len(places), rng)
        return replace(
            self.rows,
            x01=self.rows.x01[places],
            y=self._answered(y),
            controls=self.rows.controls[places],
            firms=firms,
        )

    def _answered(self, y: Array) -> Array:
        """Return outcomes as the response format has them."""
        low, high = self.rows.ends[self.rows.roles.outcome]
        if self.step > 0:
            y = low + self.step * np.rint((y - low) / self.step)
        return np.clip(y, low, high)


def fit_worlds(rows: FormRows, reliability: Mapping[str, float] | None, rule: VerdictRule) -> FittedWorlds:
    """Fit the three worlds to the rows of a survey.

    Means, spreads and correlations of the conditions, firms and controls are those of the people
    themselves. The slopes are by regression on what the true conditions are expected to be, so that
    reliability and R² are those of the data; chance has what is left of the outcome's variance, with its
    likeness within firms.
    """
    true = true_conditions(rows.x01, reliability_of(rows.roles.predictors, reliability, rule))
    expected = true.expected_forms()
    signals = {
        ADDITIVE: true.expected,
        PRODUCT: expected[PRODUCT][:, None],
        MINIMUM: expected[MINIMUM][:, None],
    }
    worlds = {name: _fitted(name, rows, true, signal) for name, signal in signals.items()}
    return FittedWorlds(rows, true, _step(rows), worlds)


def _fitted(name: str, rows: FormRows, true: TrueConditions, signal: Array) -> FittedWorld:
    fixed = np.column_stack([np.ones(rows.n), rows.controls])
    X = np.column_stack([fixed, signal])
    b = np.linalg.lstsq(X, rows.y, rcond=None)[0]
    own, base = b[fixed.shape[1] :], fixed @ b[: fixed.shape[1]]
    drawn = _signals(name, true.drawn(np.random.default_rng(0))) @ own
    rest = float(np.var(rows.y - base) - np.var(drawn))
    spread = np.sqrt(max(rest, LEAST_LEFT * float(np.var(rows.y))))
    likeness = 0.0 if rows.firms is None else max(icc(rows.y - X @ b, rows.firms)[0], 0.0)
    return FittedWorld(name, own, base, float(spread), min(likeness, 1.0))


def _signals(name: str, true: Array) -> Array:
    if name == PRODUCT:
        return np.asarray(true.prod(axis=1)[:, None])
    return np.asarray(true.min(axis=1)[:, None]) if name == MINIMUM else true


def _chance(likeness: float, firms: Numbers | None, n: int, rng: np.random.Generator) -> Array:
    own = rng.normal(size=n)
    if firms is None:
        return own
    shared = rng.normal(size=int(firms.max()) + 1)[firms]
    return np.asarray(np.sqrt(likeness) * shared + np.sqrt(1 - likeness) * own)


def _drawn_people(rows: FormRows, factor: float, rng: np.random.Generator) -> tuple[Numbers, Numbers | None]:
    """Return places of the people of drawn firms, and these firms' new numbers."""
    if rows.firms is None:
        return rng.integers(rows.n, size=round(rows.n * factor)), None
    order = np.argsort(rows.firms, kind="stable")
    sizes = np.bincount(rows.firms)
    starts = np.cumsum(sizes) - sizes
    chosen = rng.integers(len(sizes), size=max(round(len(sizes) * factor), 2))
    people = sizes[chosen]
    firms = np.repeat(np.arange(len(chosen)), people)
    within = np.arange(len(firms)) - np.repeat(np.cumsum(people) - people, people)
    return order[np.repeat(starts[chosen], people) + within], firms


def _step(rows: FormRows) -> float:
    """Return the step between answers, 0 where there are too many to be on a grid."""
    values = np.unique(np.round(rows.y, 9))
    gaps = np.diff(values)
    return float(gaps.min()) if 1 < len(values) <= FINEST and gaps.min() > TINY else 0.0
