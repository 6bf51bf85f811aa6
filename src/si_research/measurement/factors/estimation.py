"""Maximum likelihood: the search, and the information at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from si_research.measurement.factors import implied as rules
from si_research.measurement.factors.implied import Implied
from si_research.measurement.factors.moments import (
    Patterns,
    case_scores,
    deviance,
    saturated,
    second_derivatives,
)
from si_research.measurement.factors.structure import Array, Parameter, Structure

Status = Literal["estimated", "not converged", "not identified"]
ROUGH: Final = 1e-5
"""Largest derivative (a row, a standard unit) at which the search hands over to Newton's method."""
FOUND: Final = 1e-7
"""Largest derivative that is left where a maximum was found."""
NEARLY: Final = 1e-4
"""Largest derivative below which a search that stopped stands on a ridge, and did not run away."""
MOST_SEARCHED: Final = 100
PATIENCE: Final = 30
ASTRAY: Final = 20.0
"""Natural sizes beyond which a parameter runs away, after ``PATIENCE`` steps; sound data take 10 to 20."""
MOST_STEPS: Final = 30
NO_INFORMATION: Final = 1e-9
"""Smallest eigenvalue of the information, each parameter scaled to 1, below which it is not identified."""


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The likelihood of a model for the data of its groups.

    Attributes
    ----------
    model : Structure
    data : tuple of Patterns, one a group
    scale : array, shape (q,)
        Natural size of each free parameter, from the spread of the variables.
    clusters : array of int, or None
        Number of the firm (or of the person, over waves) of each row, in the order of the data; rows of one
        cluster may be alike.
    """

    model: Structure
    data: tuple[Patterns, ...]
    scale: Array = field(repr=False)
    clusters: npt.NDArray[np.intp] | None = field(repr=False, default=None)

    @property
    def n(self) -> int:
        """Rows in all groups."""
        return sum(each.n_rows for each in self.data)

    def implied(self, theta: Array) -> list[Implied]:
        """Return what each group looks like."""
        p = len(self.model.observed)
        return [rules.implied(layout, theta, p) for layout in self.model.groups]

    def value(self, theta: Array) -> tuple[float, Array]:
        """Return minus the log-likelihood (no constant) and its gradient."""
        total, slope = 0.0, np.zeros(self.model.n_free)
        for layout, here, data in zip(self.model.groups, self.implied(theta), self.data, strict=True):
            value, G, g = deviance(data, here.sigma, here.mu)
            total += value
            slope += rules.gradient(layout, here, G, g, self.model.n_free)
        return total, slope

    def information(self, theta: Array, *, expected: bool) -> Array:
        """Return the information matrix: minus the second derivatives, as expected or as observed."""
        q, p = self.model.n_free, len(self.model.observed)
        total = np.zeros((q, q))
        for layout, here, data in zip(self.model.groups, self.implied(theta), self.data, strict=True):
            d_sigma, d_mu = rules.derivatives(layout, here, q)
            total += second_derivatives(data, here.sigma, here.mu, d_sigma, d_mu, expected=expected)
            if not expected:
                _, G, g = deviance(data, here.sigma, here.mu)
                total += rules.curvature(layout, theta, G, g, p)
        return total

    def cross_products(self, theta: Array) -> Array:
        """Return the summed cross-products of the derivatives, of rows or of clusters."""
        q = self.model.n_free
        found = []
        for layout, here, data in zip(self.model.groups, self.implied(theta), self.data, strict=True):
            d_sigma, d_mu = rules.derivatives(layout, here, q)
            found.append(case_scores(data, here.sigma, here.mu, d_sigma, d_mu))
        if self.clusters is None:
            return np.asarray(sum(scores.T @ scores for scores in found))
        together = np.zeros((int(self.clusters.max()) + 1, q))
        np.add.at(together, self.clusters, np.concatenate(found))
        return together.T @ together


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where the search ended.

    Attributes
    ----------
    theta : array
    deviance : float
        Minus the log-likelihood, without its constant.
    status : str
    largest_slope : float
        Largest derivative left, for a row and in standard units.
    """

    theta: Array
    deviance: float
    status: Status
    largest_slope: float


def likelihood(
    model: Structure, data: Sequence[Patterns], clusters: npt.NDArray[np.intp] | None = None
) -> Likelihood:
    """Join a model and its data."""
    spread = dict.fromkeys(model.variables, 1.0)
    sd = np.sqrt(np.mean([saturated_spread(each) for each in data], axis=0))
    spread.update(zip(model.observed, map(float, sd), strict=True))
    for each in model.parameters:  # a latent variable is measured in the unit of its marker
        if each.operator == "=~" and each.fixed is not None and each.fixed != 0:
            spread[each.left] = spread[each.right] / abs(each.fixed)
    scale = np.ones(model.n_free)
    for each, number in zip(model.parameters, model.index, strict=True):
        if number >= 0:
            scale[number] = _size(each, spread)
    return Likelihood(model=model, data=tuple(data), scale=scale, clusters=clusters)


def maximise(fit: Likelihood, start: Array) -> Solution:
    """Look for the parameters that make the data most likely.

    Fisher scoring within a trust region (scipy's ``trust-exact``), then Newton's method with the exact
    second derivatives, so that what is found does not depend on where the search began.
    """
    from scipy.optimize import minimize

    n, scale = fit.n, fit.scale

    def value(unit: Array) -> tuple[float, Array]:
        total, slope = fit.value(unit * scale)
        return total / n, slope * scale / n

    def expected(unit: Array) -> Array:
        return fit.information(unit * scale, expected=True) * np.outer(scale, scale) / n

    if not np.isfinite(value(start / scale)[0]):
        return Solution(start, np.nan, "not converged", np.nan)
    search: Any = minimize
    with np.errstate(all="ignore"):
        rough = search(
            value,
            start / scale,
            jac=True,
            hess=expected,
            method="trust-exact",
            callback=_Patience(),
            options={"gtol": ROUGH, "maxiter": MOST_SEARCHED},
        )
        return _polish(fit, rough.x * scale)


class _Patience:
    """Ends a search that runs away: answers that have nothing in common hold no parameter in its place."""

    def __init__(self) -> None:
        self.steps = 0

    def __call__(self, intermediate_result: Any) -> None:
        """Look at one step; scipy stops at ``StopIteration``."""
        self.steps += 1
        if self.steps > PATIENCE and np.abs(intermediate_result.x).max() > ASTRAY:
            raise StopIteration


def _polish(fit: Likelihood, theta: Array) -> Solution:
    """Take Newton steps as long as they make the slope smaller, and say what was reached."""
    unit = fit.scale / fit.n

    def slope_at(place: Array) -> tuple[float, Array, float]:
        total, slope = fit.value(place)
        largest = np.abs(slope * unit).max() if np.isfinite(total) else np.inf
        return total, slope, float(largest)

    total, slope, largest = slope_at(theta)
    information = fit.information(theta, expected=False)
    for _ in range(MOST_STEPS):
        if not has_information(information):
            break
        place = theta - solve(information, slope)
        moved = slope_at(place)
        if not moved[2] < largest:
            break
        theta, (total, slope, largest) = place, moved
        information = fit.information(theta, expected=False)
    if largest < FOUND:
        status: Status = "estimated" if has_information(information) else "not identified"
    else:
        flat = largest < NEARLY and not has_information(fit.information(theta, expected=True))
        status = "not identified" if flat else "not converged"
    return Solution(theta, total, status, largest)


def has_information(information: Array) -> bool:
    """Whether the data say something about every parameter (and the place is a maximum)."""
    size = np.diag(information)
    if not np.isfinite(information).all() or (size <= 0).any():
        return False
    scaled = information / np.sqrt(np.outer(size, size))
    return bool(np.linalg.eigvalsh(scaled)[0] > NO_INFORMATION)


def solve(information: Array, right: Array) -> Array:
    """Solve with an information matrix, each parameter scaled to 1."""
    root = np.sqrt(np.diag(information))
    scaled = information / np.outer(root, root)
    return np.asarray((np.linalg.solve(scaled, (right.T / root).T).T / root).T)


def inverse(information: Array) -> Array:
    """Return the inverse of an information matrix."""
    found = solve(information, np.eye(len(information)))
    return (found + found.T) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Curvature:
    """The likelihood around a place: observed information, and the cross-products of the derivatives."""

    information: Array
    products: Array


def curvature_at(fit: Likelihood, theta: Array) -> Curvature:
    """Return what robust errors and robust tests are made of."""
    return Curvature(fit.information(theta, expected=False), fit.cross_products(theta))


def sandwich(there: Curvature) -> Array:
    """Return the covariances of the estimates that hold for answers that are not normal (Huber-White)."""
    bread = inverse(there.information)
    return np.asarray(bread @ there.products @ bread)


def misfit_of_normality(there: Curvature) -> float:
    """Return the trace of (scores' cross-products)·(observed information)^-1: q for normal answers."""
    if not has_information(there.information):
        return np.nan
    return float(np.trace(solve(there.information, there.products)))


def saturated_spread(data: Patterns) -> Array:
    """Return the variance of each item, over all who answered it."""
    n = data.n[:, None] * data.answered
    mean = (n * data.mean).sum(axis=0) / n.sum(axis=0)
    off = np.where(data.answered, data.mean - mean, 0.0) ** 2
    return np.asarray((n * (np.einsum("pii->pi", data.cov) + off)).sum(axis=0) / n.sum(axis=0))


def start_values(model: Structure, data: Sequence[Patterns]) -> Array:
    """Return where the search begins: own starts, else half of each variance is the factor's."""
    moments = [saturated(each, tolerance=1e-3)[:2] for each in data]
    places = {name: place for place, name in enumerate(model.observed)}
    start = np.zeros(model.n_free)
    seen = np.zeros(model.n_free, dtype=bool)
    for each, number in zip(model.parameters, model.index, strict=True):
        if number >= 0 and not seen[number]:
            seen[number] = True
            own = each.start
            start[number] = _start(each, model, *moments[each.group], places) if own is None else own
    return start


def _size(parameter: Parameter, spread: dict[str, float]) -> float:
    left = spread[parameter.left]
    if parameter.operator == "~1":
        return left
    right = spread[parameter.right]
    return {"=~": right / left, "~": left / right, "~~": left * right}[parameter.operator]


def _start(parameter: Parameter, model: Structure, sigma: Array, mu: Array, places: dict[str, int]) -> float:
    left, right = parameter.left, parameter.right
    if parameter.operator == "~1":
        return float(mu[places[left]]) if left in places else 0.0
    if parameter.operator == "=~":
        return _start_loading(parameter, model, sigma, places)
    if parameter.operator == "~" or left != right:
        return 0.0
    if left in places:
        return float(sigma[places[left], places[left]]) / 2
    marker, value = _marker(left, parameter.group, model)
    return 1.0 if marker is None else float(sigma[places[marker], places[marker]]) / 2 / value**2


def _marker(factor: str, group: int, model: Structure) -> tuple[str | None, float]:
    for each in model.parameters:
        if (each.left, each.operator, each.group) == (factor, "=~", group) and each.fixed:
            return each.right, each.fixed
    return None, 1.0


def _start_loading(parameter: Parameter, model: Structure, sigma: Array, places: dict[str, int]) -> float:
    """Compare how an item goes with the other items of its factor with how the first or fixed one does."""
    factor, group, item = parameter.left, parameter.group, places[parameter.right]
    own = [
        each for each in model.parameters if (each.left, each.operator, each.group) == (factor, "=~", group)
    ]
    marker, value = _marker(factor, group, model)
    first = places[marker if marker is not None else own[0].right]
    sd = np.sqrt(np.diag(sigma))
    others = [places[each.right] for each in own if places[each.right] not in {item, first}]
    sign = 1.0 if sigma[item, first] >= 0 else -1.0
    if marker is None:
        return float(sd[item] * np.sqrt(0.5) * (1.0 if item == first else sign))
    low, high = sigma[first, others].sum(), sigma[item, others].sum()
    ratio = high / low if others and abs(low) > 0.05 * sd[first] * sd[others].sum() else 0.0
    unit = sd[item] / sd[first]
    return float(value * (ratio if 0.1 < abs(ratio) / unit < 10 else sign * unit))
