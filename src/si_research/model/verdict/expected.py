"""What a form of the true conditions leads one to expect of measured scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.forms.power_mean import PowerMeans, equal_weights
from si_research.model.verdict.rule import COMBINING, HARMONIC, MINIMUM, PRODUCT

Array = npt.NDArray[np.float64]
NODES: Final = 3
"""Points a condition at which what the scores leave open is evaluated: exact for products of three."""
SMALLEST: Final = 1e-9
HARDLY: Final = 0.05
"""Variance that the least distinct combination of true conditions has left, in variances of measured ones."""
POWERS: Final = {MINIMUM: -np.inf, HARMONIC: -1.0}


@dataclass(frozen=True, slots=True, eq=False)
class TrueConditions:
    """Where the true conditions of each person may lie, given the measured ones.

    Attributes
    ----------
    expected : array, shape (n, k)
        On 0-1, not cut off at the ends.
    root : array, shape (k, k)
        Root of the covariance of what the scores leave open; the same for everybody.
    covariance : array, shape (k, k)
        Of the true conditions.
    distinct : bool
        False where the measured conditions correlate as much as their reliabilities allow, or more: then the
        true ones are hardly more than one, and no form can be told from another.
    """

    expected: Array = field(repr=False)
    root: Array
    covariance: Array
    distinct: bool

    def drawn(self, rng: np.random.Generator) -> Array:
        """Return one draw of the true conditions, shape (n, k)."""
        open_part = rng.normal(size=self.expected.shape) @ self.root.T
        return np.asarray(np.clip(self.expected + open_part, 0, 1))

    def expected_forms(self) -> dict[str, Array]:
        """Return what product, harmonic mean and minimum of the true conditions are expected to be.

        Returns
        -------
        dict of form to array, shape (n,)
        """
        k = len(self.root)
        steps, shares = np.polynomial.hermite_e.hermegauss(NODES)
        total = {form: np.zeros(len(self.expected)) for form in COMBINING}
        for places in product(range(NODES), repeat=k):
            where = np.clip(self.expected + self.root @ steps[list(places)], 0, 1)
            share = float(np.prod(shares[list(places)] / shares.sum()))
            means = PowerMeans(where, equal_weights(k))
            for form in COMBINING:
                values = where.prod(axis=1) if form == PRODUCT else means.at(POWERS[form])
                total[form] += share * values
        return total


def true_conditions(x01: Array, reliability: Array) -> TrueConditions:
    """Return where true conditions may lie, by regression of true on measured scores.

    Parameters
    ----------
    x01 : array, shape (n, k)
    reliability : array, shape (k,)

    Returns
    -------
    TrueConditions

    Notes
    -----
    With S the covariance of the measured scores and T that of the true ones, T = S - diag((1 - reliability)
    times variance): the true scores are expected at mean + T·S^-1 (x - mean), with covariance T - T·S^-1 T
    around it; true scores and errors normal, errors of different scales independent. A T that is no
    covariance matrix, as of scales that correlate more than their reliabilities allow, is brought to the
    nearest that is one.

    References
    ----------
    Carroll, Ruppert, Stefanski & Crainiceanu (2006), Measurement Error in Nonlinear Models, ch. 4: regression
    calibration.
    """
    mean = x01.mean(axis=0)
    S = np.cov(x01.T)
    spread = np.sqrt(np.diag(S))
    plain = S - np.diag((1 - reliability) * np.diag(S))
    distinct = float(np.linalg.eigvalsh(plain / np.outer(spread, spread))[0]) > HARDLY
    T = _nearest(plain)
    B = T @ np.linalg.pinv(S, hermitian=True)
    return TrueConditions(mean + (x01 - mean) @ B.T, _root(T - B @ T), T, distinct)


def _nearest(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, SMALLEST)) @ vectors.T)


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
