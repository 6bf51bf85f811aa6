"""Rival forms on the same rows, all from the squares and products of each firm: one pass, no refits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np

from si_research.model.firm_sums import FEW_TERMS
from si_research.model.forms.power_mean import NAMED, Array, PowerMeans, equal_weights
from si_research.model.forms.profile import NOTHING, Numbers, standard
from si_research.model.inference import row_blocks

ONE_SLOPE, CURVED, LARGER = "one slope", "one slope and curve", "larger"
FORMS: Final = ("mean", "geometric", "harmonic", "minimum", "product", "maximum")
MOST_FOLDS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """All columns that any model needs, as squares and products of each firm.

    Attributes
    ----------
    places : mapping of (family, model) to tuple of int
        The columns of each model, intercept and controls first.
    y : int
        Place of the outcome.
    products : array, shape (G, m, m)
    sizes : array, shape (G,)
    scales : array, shape (m,)
        What one of a column is in its own unit.
    """

    places: Mapping[tuple[str, str], tuple[int, ...]]
    y: int
    products: Array = field(repr=False)
    sizes: Array = field(repr=False)
    scales: Array = field(repr=False)

    @property
    def n_controls(self) -> int:
        """Columns that all models share: the intercept and the controls."""
        return min(map(len, self.places.values())) - 1


def rivals_of(x01: Array, y: Array, controls: Array, firms: Numbers) -> Rivals:
    """Return the columns of all models; each centred and of spread 1, so that few digits are lost."""
    n = len(y)
    columns: list[Array] = [np.ones(n)]
    scales: list[float] = [1.0]

    def place(values: Array) -> int:
        column, spread = standard(values)
        columns.append(column)
        scales.append(spread)
        return len(columns) - 1

    shared = [0, *(place(column) for column in controls.T)]
    places: dict[tuple[str, str], tuple[int, ...]] = {}
    for form, column in forms_of(x01).items():
        own = place(column)
        places[ONE_SLOPE, form] = (*shared, own)
    for form in FORMS:
        own = places[ONE_SLOPE, form][-1]
        places[CURVED, form] = (*shared, own, place(columns[own] ** 2))
    slopes = [place(column) for column in x01.T]
    squares = [place(columns[own] ** 2) for own in slopes]
    k = x01.shape[1]
    parts = [part for order in range(2, k + 1) for part in combinations(slopes, order)]
    products = [place(np.prod([columns[own] for own in part], axis=0)) for part in parts]
    number = {2: "two", 3: "three"}[k]
    places[LARGER, f"{number} slopes"] = (*shared, *slopes)
    places[LARGER, f"{number} slopes and squares"] = (*shared, *slopes, *squares)
    places[LARGER, f"{number} slopes and products"] = (*shared, *slopes, *products)
    outcome = place(y)
    whole = _firm_products(np.column_stack(columns), firms)
    return Rivals(places, outcome, whole, np.bincount(firms).astype("float64"), np.array(scales))


def forms_of(x01: Array) -> dict[str, Array]:
    """Return the conditions as each form takes them together, all with equal weights."""
    means = PowerMeans(x01, equal_weights(x01.shape[1]))
    return {form: means.at(NAMED[form]) if form in NAMED else np.prod(x01, axis=1) for form in FORMS}


def _firm_products(Z: Array, firms: Numbers) -> Array:
    """Return Z'Z of each firm, shape (G, m, m)."""
    from scipy import sparse

    G, m = int(firms.max()) + 1, Z.shape[1]
    whole = np.zeros((G, m * m))
    if G <= FEW_TERMS:
        return np.stack([Z[firms == firm].T @ Z[firms == firm] for firm in range(G)])
    for rows in row_blocks(len(Z)):
        own = Z[rows]
        by_firm = sparse.csr_array(
            (np.ones(len(own)), (firms[rows], np.arange(len(own)))), shape=(G, len(own))
        )
        whole += by_firm @ (own[:, :, None] * own[:, None, :]).reshape(len(own), -1)
    return whole.reshape(G, m, m)


def residual_squares(products: Array, places: tuple[int, ...], y: int) -> tuple[Array, Array]:
    """Return rss and coefficients of a model in each of several sets of rows, shapes (D,) and (D, k)."""
    own = list(places)
    A, b = products[:, own][:, :, own], products[:, own, y]
    estimate = (np.linalg.pinv(A, rcond=NOTHING, hermitian=True) @ b[:, :, None])[:, :, 0]
    return np.maximum(products[:, y, y] - (b * estimate).sum(axis=1), 0), estimate


def drawn_rss(rivals: Rivals, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return rss of each model in each draw of whole firms, shape (draws, models), and rows in each draw."""
    G, m = rivals.products.shape[:2]
    counts = rng.multinomial(G, np.full(G, 1 / G), size=draws).astype("float64")
    flat = rivals.products.reshape(G, -1)
    parts = []
    for first in range(0, draws, 500):
        drawn = (counts[first : first + 500] @ flat).reshape(-1, m, m)
        models = [residual_squares(drawn, places, rivals.y)[0] for places in rivals.places.values()]
        parts.append(np.column_stack(models))
    return np.concatenate(parts), counts @ rivals.sizes


def held_out_r2(rivals: Rivals, folds: int, rng: np.random.Generator) -> Array:
    """Return R² of each model on firms that it was not fitted to, shape (models,).

    Firms are put into folds at random, the large ones spread; 1 - what is left over divided by what the mean
    of the other firms leaves over.
    """
    G = len(rivals.sizes)
    order = np.lexsort((rng.permutation(G), -rivals.sizes))
    fold = np.empty(G, dtype=np.intp)
    fold[order] = np.arange(G) % folds
    own = np.stack([rivals.products[fold == place].sum(axis=0) for place in range(folds)])
    others = own.sum(axis=0) - own

    def left(places: tuple[int, ...]) -> float:
        chosen, y = list(places), rivals.y
        b = residual_squares(others, places, y)[1]
        A, Xy = own[:, chosen][:, :, chosen], own[:, chosen, y]
        fitted = np.einsum("fk,fkl,fl->f", b, A, b)
        return float((own[:, y, y] - 2 * (b * Xy).sum(axis=1) + fitted).sum())

    mean = left((0,))
    return np.array([1 - left(places) / mean for places in rivals.places.values()])
