"""Situations a survey may be in, with a known truth, for error rates and power of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
NAMES: Final = ("kunnen", "willen", "mogen")
OUTCOME, FIRM, WEIGHT = "innovative_behaviour", "firm_id", "weight"
TERM: Final = "kunnen:willen:mogen"
ICC: Final = 0.10
EXPLAINED: Final = 0.30


@dataclass(frozen=True, slots=True)
class Situation:
    """What is special about a survey.

    Attributes
    ----------
    form : str
        "additive"; "curved": the sum of the logarithms of scores from 1 to 5; "product": of scores from 1 to
        5; "product from 0": of scores from 0 to 4.
    firms : int
        Of 20 to 200 people each; 0 for people without firms.
    people : int
        Where there are no firms, or firms share a stated number of people.
    on_scale : bool
        Scores from 1 to 5 (mean 3.4, standard deviation .7, correlated .3) instead of normal, uncorrelated.
    largest : float
        Share of the rows that one firm has.
    binary, decided : bool
        mogen is yes or no: about half and half among people, or yes in the first firm only.
    slopes : float
        Standard deviation, over firms, of every coefficient of a condition or product.
    weights : float
        Spread of the logarithm of sampling weights, which have nothing to do with the scores; 0: none.
    reliability : float
        Of the scores as measured.
    mixed : bool
        Whether a random intercept is tried, too: it takes longer than all the rest.
    runs : int
    """

    form: str = "additive"
    firms: int = 0
    people: int = 0
    on_scale: bool = False
    largest: float = 0.0
    binary: bool = False
    decided: bool = False
    slopes: float = 0.0
    weights: float = 0.0
    reliability: float = 1.0
    mixed: bool = False
    runs: int = 500


SIZE: Final = {
    "12 firms": Situation(firms=12, runs=2000, mixed=True),
    "3 firms": Situation(firms=3),
    "5 firms": Situation(firms=5, mixed=True),
    "8 firms": Situation(firms=8, mixed=True),
    "30 firms": Situation(firms=30, mixed=True, runs=1000),
    "12 firms, one with 60 % of the rows": Situation(firms=12, largest=0.6),
    "12 firms, a binary condition": Situation(firms=12, binary=True),
    "12 firms, one decides the term": Situation(firms=12, decided=True),
    "12 firms, 120 people": Situation(firms=12, people=120),
    "12 firms, unequal weights": Situation(firms=12, weights=0.8, runs=2000),
    "12 firms, coefficients differ": Situation(firms=12, slopes=0.15, mixed=True),
    "60 people, no firms": Situation(people=60, on_scale=True),
    "200 people, no firms": Situation(people=200, on_scale=True),
    "2,000 people, no firms": Situation(people=2000, on_scale=True),
    "2,000 people, unequal weights": Situation(people=2000, on_scale=True, weights=0.8),
    "2,000 people, curved main effects": Situation("curved", people=2000, on_scale=True),
    "2,000 people, curved, reliability .8": Situation("curved", people=2000, on_scale=True, reliability=0.8),
    "12 firms, curved main effects": Situation("curved", firms=12, on_scale=True),
}
POWER: Final = {
    "product, 2,000 people": Situation("product", people=2000, on_scale=True),
    "product, 2,000 people, reliability .8": Situation(
        "product", people=2000, on_scale=True, reliability=0.8
    ),
    "product, 600 people": Situation("product", people=600, on_scale=True),
    "product, 2,000 people in 60 firms": Situation("product", 60, people=2000, on_scale=True),
    "product from 0, 2,000 people": Situation("product from 0", people=2000, on_scale=True),
}


def made_scores(situation: Situation, *, seed: int) -> pd.DataFrame:
    """Return scores of one survey, with columns of firms and of weights where there are any."""
    rng = np.random.default_rng([91, situation.firms, situation.people, seed])
    sizes = _sizes(rng, situation)
    firms = np.repeat(np.arange(len(sizes)), sizes)
    x = _conditions(rng, situation, firms)
    rest = rng.normal(size=len(firms))
    if situation.firms:
        rest = np.sqrt(1 - ICC) * rest + np.sqrt(ICC) * rng.normal(size=situation.firms)[firms]
    y = _signal(rng, situation, x, firms)
    if situation.on_scale:
        y, rest = np.sqrt(EXPLAINED) * (y - y.mean()) / y.std(), np.sqrt(1 - EXPLAINED) * rest
    if situation.reliability < 1:
        x = x + x.std(axis=0) * np.sqrt(1 / situation.reliability - 1) * rng.normal(size=x.shape)
    scores = pd.DataFrame(x, columns=list(NAMES)).assign(**{OUTCOME: y + rest})
    if situation.weights:
        scores[WEIGHT] = np.exp(situation.weights * rng.normal(size=len(scores)))
    return scores.assign(**{FIRM: firms}) if situation.firms else scores


def _sizes(rng: np.random.Generator, situation: Situation) -> npt.NDArray[np.int64]:
    if not situation.firms:
        return np.array([situation.people])
    sizes = rng.integers(20, 201, size=situation.firms)
    if situation.people:
        return np.asarray(rng.multinomial(situation.people, sizes / sizes.sum()))
    if situation.largest:
        sizes[0] = round(situation.largest / (1 - situation.largest) * sizes[1:].sum())
    return sizes


def _conditions(rng: np.random.Generator, situation: Situation, firms: npt.NDArray[np.intp]) -> Array:
    r = 0.3 if situation.on_scale else 0.0
    root = np.linalg.cholesky(np.full((3, 3), r) + (1 - r) * np.eye(3))
    x = rng.normal(size=(len(firms), 3)) @ root.T
    if situation.firms:
        between = rng.normal(size=(situation.firms, 3)) @ root.T
        x = np.sqrt(1 - ICC) * x + np.sqrt(ICC) * between[firms]
    if situation.on_scale:
        x = np.clip(3.4 + 0.7 * x, 1, 5)
    if situation.binary:
        x[:, 2] = x[:, 2] > 0
    if situation.decided:
        x[:, 2] = firms == 0
    return np.asarray(x)


def _signal(rng: np.random.Generator, situation: Situation, x: Array, firms: npt.NDArray[np.intp]) -> Array:
    """Return what the conditions make of the outcome; products only where the form is one."""
    if situation.form == "curved":
        return np.asarray(np.log(x).sum(axis=1))
    if situation.form.startswith("product"):
        return np.asarray(np.prod(x - situation.form.endswith("0"), axis=1))
    if not situation.slopes:
        return np.asarray(0.3 * x.sum(axis=1))
    a, b, c = x.T
    terms = np.column_stack([a, b, c, a * b, a * c, b * c, a * b * c])
    mean = np.array([0.3, 0.3, 0.3, 0, 0, 0, 0])
    own = mean + situation.slopes * rng.normal(size=(situation.firms, 7))
    return np.asarray((terms * own[firms]).sum(axis=1))
