"""Surveys with known truth: what the answers would look like if the world were additive, or not.

Ground floor: imports nothing of the models, so that a test never checks a model against itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
LOWEST, HIGHEST = 1.0, 5.0
CONDITIONS: Final = ("kunnen", "willen", "mogen")
OUTCOME: Final = "innovative_behaviour"
FLOOR, THRESHOLD = "floor", "threshold"


def _additive(conditions: Array, weights: Array) -> Array:
    return conditions @ weights


def _product(conditions: Array, weights: Array) -> Array:
    del weights
    return np.asarray(np.prod(conditions - LOWEST, axis=1))


def _minimum(conditions: Array, weights: Array) -> Array:
    del weights
    return np.asarray(conditions.min(axis=1))


def _concave(conditions: Array, weights: Array) -> Array:
    return np.asarray(np.log(conditions) @ weights)


def _convex(conditions: Array, weights: Array) -> Array:
    return np.asarray((conditions - LOWEST) ** 2 @ weights)


def _geometric(conditions: Array, weights: Array) -> Array:
    return np.asarray(np.prod((conditions - LOWEST) ** (weights / weights.sum()), axis=1))


def _harmonic(conditions: Array, weights: Array) -> Array:
    with np.errstate(divide="ignore"):  # one condition at its lowest makes the whole the lowest
        return np.asarray(weights.sum() / np.sum(weights / (conditions - LOWEST), axis=1))


def _nothing(conditions: Array, weights: Array) -> Array:
    del weights
    return np.zeros(len(conditions))


FORMS: Final[Mapping[str, Callable[[Array, Array], Array]]] = {
    "additive": _additive,
    "concave": _concave,
    "convex": _convex,
    "product": _product,
    "minimum": _minimum,
    "harmonic": _harmonic,
    "geometric": _geometric,
    FLOOR: _additive,
    THRESHOLD: _additive,
    "nothing": _nothing,
}


@dataclass(frozen=True, slots=True)
class World:
    """A world whose truth is known.

    Attributes
    ----------
    form : str
        How the three conditions make the outcome. They make up for each other in "additive" (a weighted sum),
        "concave" (of their logarithms) and "convex" (of the squares of their distance from 1). They do so
        less and less in "geometric", "harmonic" (means of the distance from 1) and "minimum"; "product" is
        the product of these distances. In "floor" and "threshold" all three are necessary: additive,
        but a low condition caps the outcome, the more so the lower it is (``cap``), or from a point downwards
        (``threshold``). "nothing": no relation.
    n_employees, n_firms : int
        Firms are of unequal size, none smaller than 5.
    weights : tuple of float
        Of kunnen, willen, mogen; "product", "minimum" and "nothing" have none.
    r_squared : float, in [0, 1)
        Share of the variance of the true outcome that the form accounts for (where a low
        condition caps it: before the cap).
    icc : float, in [0, 1)
        Share of the variance of the conditions, and of what the form leaves of the outcome, between firms.
    correlation : float
        Between the true conditions.
    reliability : float, in (0, 1]
        Of the mean of a scale's items, before answers are rounded to the response format.
    n_items : int
        Items a scale.
    mean, std_dev : float
        Of the true conditions, in scale points from 1 to 5. A mean of 4.1 puts many at the top.
    outcome_mean, outcome_std_dev : float
        Of the true outcome. It is not clipped, the answers are: a mean of 4.2 puts many at their ceiling.
    points : int, at least 2
        Answers of the response format, in equal steps from 1 to 5.
    cap, threshold : float
        In standard deviations from the means. In "floor" the true outcome lies at most ``cap`` above the
        lowest condition. In "threshold" it is below ``threshold`` as soon as one condition is.
    halo : float
        Standard deviation, in scale points, of a person's response style, which is added to all answers.
    careless : float, in [0, 1]
        Share of people who answer at random.
    """

    form: str = "additive"
    n_employees: int = 1500
    n_firms: int = 60
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    r_squared: float = 0.35
    icc: float = 0.05
    correlation: float = 0.30
    reliability: float = 0.80
    n_items: int = 4
    mean: float = 3.4
    std_dev: float = 0.70
    outcome_mean: float = 3.0
    outcome_std_dev: float = 0.80
    points: int = 5
    cap: float = 1.5
    threshold: float = -1.0
    halo: float = 0.0
    careless: float = 0.0

    def __post_init__(self) -> None:
        if self.points < 2 or self.halo < 0 or not 0 <= self.careless <= 1:
            raise ValueError(
                "expected two points or more, a halo of 0 or more and a share of careless people"
            )
        if self.form not in FORMS:
            raise ValueError(f"expected a form among {', '.join(FORMS)}; found {self.form!r}")
        if self.n_firms < 1 or self.n_employees < 5 * self.n_firms:
            raise ValueError(f"expected at least 5 employees a firm; found {self.n_employees}/{self.n_firms}")


def simulate_scores(
    n: int,
    *,
    main: float = 0.35,
    two_way: float = 0.0,
    three_way: float = 0.0,
    n_firms: int | None = None,
    icc: float = 0.05,
    seed: int,
) -> pd.DataFrame:
    """Return scores of respondents, without measurement error.

    Parameters
    ----------
    n : int
        Respondents.
    main, two_way, three_way : float
        True coefficients of each condition, each product of two and the product of three, in
        points of the outcome, conditions centred at 3.4.
    n_firms : int, optional
        Adds a column ``firm_id`` and a firm effect of this ``icc`` on the outcome.
    icc : float, in [0, 1)
    seed : int

    Returns
    -------
    pandas.DataFrame, shape (n, 4 or 5)
        kunnen, willen, mogen (1 to 5, correlated about .30), innovative_behaviour, and firm_id.

    Examples
    --------
    >>> simulate_scores(3, seed=1).columns.tolist()
    ['kunnen', 'willen', 'mogen', 'innovative_behaviour']
    """
    rng = np.random.default_rng(seed)
    conditions = np.clip(3.4 + 0.7 * _correlated(rng, n, 0.30), LOWEST, HIGHEST)
    k, w, m = (conditions - 3.4).T
    outcome = 3.0 + main * (k + w + m) + two_way * (k * w + k * m + w * m) + three_way * k * w * m
    noise = rng.normal(scale=0.6, size=n)
    scores = pd.DataFrame(conditions, columns=list(CONDITIONS))
    if n_firms is not None:
        firms = rng.integers(n_firms, size=n)
        noise = noise * np.sqrt(1 - icc) + (0.6 * np.sqrt(icc) * rng.normal(size=n_firms))[firms]
        scores["firm_id"] = [f"F{firm + 1:03d}" for firm in firms]
    scores.insert(3, "innovative_behaviour", outcome + noise)
    return scores


def simulate_survey(world: World, *, seed: int) -> pd.DataFrame:
    """Return the answers of a whole survey, as whole numbers from 1 to 5.

    Parameters
    ----------
    world : World
    seed : int

    Returns
    -------
    pandas.DataFrame, shape (n_employees, 1 + 4·n_items)
        firm_id, then kunnen_01 ... innovative_behaviour_NN. With another number of ``points`` than 5 the
        answers are equal steps from 1 to 5.

    Examples
    --------
    >>> simulate_survey(World(n_employees=50, n_firms=5), seed=1).shape
    (50, 17)
    """
    firms, answers = _answers(world, seed)
    columns = {
        f"{name}_{item + 1:02d}": block[:, item]
        for name, block in answers.items()
        for item in range(world.n_items)
    }
    return pd.DataFrame({"firm_id": _firm_names(firms), **columns})


def simulate_world_scores(world: World, *, seed: int) -> pd.DataFrame:
    """Return the scale scores of a survey: the mean of each person's items, as in :func:`simulate_survey`.

    Use it where many surveys are needed: 1,500 people take a few milliseconds.

    Parameters
    ----------
    world : World
    seed : int
        The same people as in ``simulate_survey`` with this seed.

    Returns
    -------
    pandas.DataFrame, shape (n_employees, 5)
        kunnen, willen, mogen, innovative_behaviour (1 to 5) and firm_id.

    Examples
    --------
    >>> simulate_world_scores(World(form="minimum"), seed=1).columns.tolist()
    ['kunnen', 'willen', 'mogen', 'innovative_behaviour', 'firm_id']
    """
    firms, answers = _answers(world, seed)
    scores = {name: block.mean(axis=1) for name, block in answers.items()}
    return pd.DataFrame({**scores, "firm_id": _firm_names(firms)})


def _answers(world: World, seed: int) -> tuple[npt.NDArray[np.intp], dict[str, Array]]:
    """Return everybody's firm, and their answers to the items of each scale."""
    rng = np.random.default_rng(seed)
    sizes = firm_sizes(rng, world.n_employees, world.n_firms)
    firms = np.repeat(np.arange(world.n_firms), sizes)
    conditions = true_conditions(rng, world, firms)
    truths = [*conditions.T, true_outcome(rng, world, conditions, firms)]
    style = world.halo * rng.normal(size=len(firms)) if world.halo else 0.0
    form = {"n_items": world.n_items, "points": world.points}
    answers = {
        name: item_answers(rng, truth, reliability=world.reliability, style=style, **form)
        for name, truth in zip((*CONDITIONS, OUTCOME), truths, strict=True)
    }
    if world.careless:
        at_random = rng.random(len(firms)) < world.careless
        for block in answers.values():
            drawn = rng.integers(world.points, size=(int(at_random.sum()), world.n_items))
            block[at_random] = LOWEST + drawn * (HIGHEST - LOWEST) / (world.points - 1)
    return firms, answers


def _firm_names(firms: npt.NDArray[np.intp]) -> list[str]:
    names = [f"F{firm + 1:03d}" for firm in range(int(firms[-1]) + 1)]
    return [names[firm] for firm in firms]


def firm_sizes(rng: np.random.Generator, n_employees: int, n_firms: int) -> npt.NDArray[np.int64]:
    """Return unequal sizes of at least 5 that add up; the largest firms are several times the median."""
    share = rng.lognormal(sigma=0.8, size=n_firms)
    return np.asarray(5 + rng.multinomial(n_employees - 5 * n_firms, share / share.sum()))


def true_conditions(rng: np.random.Generator, world: World, firms: npt.NDArray[np.intp]) -> Array:
    """Return the true kunnen, willen, mogen, shape (n, 3), clipped to the scale."""
    between = _correlated(rng, world.n_firms, world.correlation)[firms]
    within = _correlated(rng, len(firms), world.correlation)
    z = np.sqrt(world.icc) * between + np.sqrt(1 - world.icc) * within
    return np.asarray(np.clip(world.mean + world.std_dev * z, LOWEST, HIGHEST))


def true_outcome(
    rng: np.random.Generator, world: World, conditions: Array, firms: npt.NDArray[np.intp]
) -> Array:
    """Return the true outcome, not clipped; a cap lowers its mean and spread."""
    signal = FORMS[world.form](conditions, np.array(world.weights))
    spread = signal.std()
    explained = 0.0 if spread == 0 else world.r_squared
    z = (signal - signal.mean()) / (spread or 1.0)
    rest = np.sqrt(world.icc) * rng.normal(size=world.n_firms)[firms]
    rest = rest + np.sqrt(1 - world.icc) * rng.normal(size=len(firms))
    whole = np.sqrt(explained) * z + np.sqrt(1 - explained) * rest
    if world.form in {FLOOR, THRESHOLD}:
        whole = np.minimum(whole, _highest_outcome(world, conditions))
    return np.asarray(world.outcome_mean + world.outcome_std_dev * whole)


def _highest_outcome(world: World, conditions: Array) -> Array:
    """Return what the lowest condition leaves room for; all in standard deviations from the means."""
    lowest = (conditions.min(axis=1) - world.mean) / world.std_dev
    if world.form == FLOOR:
        return np.asarray(lowest + world.cap)
    return np.where(lowest < world.threshold, world.threshold, np.inf)


def item_answers(
    rng: np.random.Generator,
    truth: Array,
    *,
    n_items: int,
    reliability: float,
    points: int = 5,
    style: Array | float = 0.0,
) -> Array:
    """Return answers, shape (n, n_items), whose mean has this reliability before they are rounded.

    ``style`` is what a person adds to every answer, whatever the question; it is no error of the items.
    """
    error = truth.std() * np.sqrt(n_items * (1 - reliability) / reliability)
    noisy = (truth + style)[:, None] + error * rng.normal(size=(len(truth), n_items))
    step = (HIGHEST - LOWEST) / (points - 1)
    return np.asarray(np.clip(LOWEST + step * np.rint((noisy - LOWEST) / step), LOWEST, HIGHEST))


def _correlated(rng: np.random.Generator, n: int, correlation: float) -> Array:
    """Return standard normal numbers, shape (n, 3), with one common correlation."""
    R = np.full((3, 3), correlation) + (1 - correlation) * np.eye(3)
    return np.asarray(rng.normal(size=(n, 3)) @ np.linalg.cholesky(R).T)
