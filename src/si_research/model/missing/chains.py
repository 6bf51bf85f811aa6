"""The chains of compatible imputation: each column in turn, given all others and the outcome model.

Everything is in z-scores of the observed values; all chains of a batch are drawn at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from si_research.model.missing.normal_draws import Draw, Sums, draw_parameters, first_draw, sums_of
from si_research.model.missing.terms import Powers, curve_of, term_values
from si_research.model.missing.value_draws import Target, draw_values

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The data of an imputation as numbers. ``complete`` and ``holed`` rows are each sorted by firm.

    Attributes
    ----------
    complete : array, shape (n_complete, v)
        Predictors, numeric controls, outcome (last), in z-scores.
    holed : array, shape (n_holed, v)
        The same with holes.
    complete_fixed, holed_fixed : array, shape (rows, 1 + d)
        A column of ones, and the dummies of controls that are categories.
    complete_firms, holed_firms : array of int
    sizes : array of int, shape (G,)
    powers : array of int, shape (terms, p)
        Of the predictors in the terms of the outcome model.
    filled : tuple of int
        Columns with holes, in the order in which they are filled.
    """

    complete: Array
    holed: Array
    complete_fixed: Array
    holed_fixed: Array
    complete_firms: Places
    holed_firms: Places
    sizes: Places
    powers: Powers
    filled: tuple[int, ...]

    @property
    def outcome(self) -> int:
        """Place of the outcome."""
        return int(self.complete.shape[1]) - 1

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.complete) + len(self.holed)


class Chains:
    """The state of several chains; :meth:`step` is one iteration of all of them.

    Parameters
    ----------
    layout : Layout
    n_chains : int
    rng : numpy.random.Generator
    """

    def __init__(self, layout: Layout, n_chains: int, rng: np.random.Generator) -> None:
        self.layout, self.rng, self.n_on_grid = layout, rng, 0
        self.values: Array = np.repeat(layout.holed[None], n_chains, axis=0)
        self.holes = {place: np.flatnonzero(np.isnan(layout.holed[:, place])) for place in layout.filled}
        self._start()
        models = [place for place in layout.filled if place != layout.outcome] + [layout.outcome]
        self.constant = {place: self._sums(place, complete=True) for place in models}
        n_firms = len(layout.sizes)
        self.draws = {
            place: first_draw(n_chains, sums.products.shape[1] - 1, n_firms)
            for place, sums in self.constant.items()
        }

    def step(self) -> None:
        """Fill every column once, each from a fresh draw of the parameters."""
        for place in self.layout.filled:
            outcome = self._draw(self.layout.outcome)
            if place == self.layout.outcome:
                self._fill_outcome(outcome)
            else:
                self._fill(place, self._draw(place), outcome)

    def summary(self) -> Array:
        """Return mean and standard deviation of what is filled in each column, and the highest-order product.

        Shape (n_chains, 2·columns with holes + 1); the product's coefficient as last drawn.
        """
        filled = [self.values[:, self.holes[place], place] for place in self.layout.filled]
        moments = [moment for column in filled for moment in (column.mean(axis=1), column.std(axis=1))]
        return np.stack([*moments, self.draws[self.layout.outcome].weights[:, -1]], axis=1)

    def _start(self) -> None:
        """Begin each hole with an observed value of its column, another one a chain."""
        for place, rows in self.holes.items():
            column = np.concatenate([self.layout.complete[:, place], self.layout.holed[:, place]])
            known = column[~np.isnan(column)]
            self.values[:, rows, place] = self.rng.choice(known, size=(len(self.values), len(rows)))

    def _columns(self, place: int, values: Array, fixed: Array) -> Array:
        """Return [X, target] of the model of a column: its covariates, or the terms of the outcome model."""
        n_predictors, outcome = self.layout.powers.shape[1], self.layout.outcome
        fixed = np.broadcast_to(fixed, (len(values), *fixed.shape))
        if place == outcome:
            terms = term_values(values[..., :n_predictors], self.layout.powers)
            return np.concatenate([fixed, values[..., n_predictors:outcome], terms, values[..., [place]]], -1)
        others = [each for each in range(outcome) if each != place]
        return np.concatenate([fixed, values[..., others], values[..., [place]]], axis=-1)

    def _sums(self, place: int, *, complete: bool) -> Sums:
        layout = self.layout
        if complete:
            columns = self._columns(place, layout.complete[None], layout.complete_fixed)
            return sums_of(columns, layout.complete_firms, len(layout.sizes))
        return sums_of(
            self._columns(place, self.values, layout.holed_fixed), layout.holed_firms, len(layout.sizes)
        )

    def _draw(self, place: int) -> Draw:
        sums = self.constant[place] + self._sums(place, complete=False)
        drawn = draw_parameters(self.rng, sums, self.layout.sizes, self.layout.n, self.draws[place])
        self.draws[place] = drawn
        return drawn

    def _expected(self, place: int, draw: Draw, rows: Places) -> Array:
        """Return what a model expects in some rows, firm effects included, shape (n_chains, rows)."""
        X = self._columns(place, self.values[:, rows], self.layout.holed_fixed[rows])[..., :-1]
        expected = np.asarray((X @ draw.weights[:, :, None])[..., 0])
        if len(self.layout.sizes):
            expected = expected + draw.effects[:, self.layout.holed_firms[rows]]
        return expected

    def _fill_outcome(self, draw: Draw) -> None:
        place = self.layout.outcome
        rows = self.holes[place]
        expected = self._expected(place, draw, rows)
        noise = draw.spread[:, None] * self.rng.normal(size=expected.shape)
        self.values[:, rows, place] = expected + noise

    def _fill(self, place: int, own: Draw, outcome: Draw) -> None:
        rows, shape = self.holes[place], (len(self.values), len(self.holes[place]))
        c0, c1, c2 = self._residual_curve(place, outcome, rows)
        target = Target(
            mean=self._expected(place, own, rows).ravel(),
            spread=np.broadcast_to(own.spread[:, None], shape).ravel(),
            c0=c0.ravel(),
            c1=c1.ravel(),
            c2=c2.ravel(),
            noise=np.broadcast_to(outcome.spread[:, None], shape).ravel(),
        )
        drawn, n_on_grid = draw_values(self.rng, target)
        self.values[:, rows, place] = drawn.reshape(shape)
        self.n_on_grid += n_on_grid

    def _residual_curve(self, place: int, draw: Draw, rows: Places) -> tuple[Array, Array, Array]:
        """Return the residual of the outcome as a curve in one column: c0 + c1·x + c2·x²."""
        values, n_predictors = self.values[:, rows], self.layout.powers.shape[1]
        residual = values[..., self.layout.outcome] - self._expected(self.layout.outcome, draw, rows)
        x = values[..., place]
        n_terms = len(self.layout.powers)
        if place < n_predictors:
            terms = draw.weights[:, -n_terms:]
            _, c1, c2 = curve_of(values[..., :n_predictors], self.layout.powers, terms, place)
        else:
            first = draw.weights.shape[1] - n_terms - (self.layout.outcome - n_predictors)
            c1 = np.broadcast_to(draw.weights[:, [first + place - n_predictors]], x.shape)
            c2 = np.zeros_like(x)
        return residual + x * (c1 + x * c2), -c1, -c2
