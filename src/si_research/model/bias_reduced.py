"""Bias-reduced cluster-robust inference: CR2 and Satterthwaite's degrees of freedom.

A firm enters by its k x k share of the information only, whatever its number of rows: with orthonormal
columns Z the adjustment (I - Z_g Z_g')^(-1/2) of the residuals of firm g is the same power of I - Z_g'Z_g
on its scores, so that nothing of n_g x n_g is ever made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.model.firm_sums import cross_products, firm_scores
from si_research.model.inference import (
    LOST,
    NO_INFORMATION,
    Array,
    LeastSquares,
    Method,
    covariance,
    linear_combinations,
)

POWERS: Final[dict[Method, float]] = {"CR1": 0, "CR1S": 0, "CR2": -0.5, "CR3": -1, "CR3 jackknife": -1}
"""Power of I - H_gg that adjusts the residuals of firm g."""
CELLS: Final = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class FirmShares:
    """What each firm holds of the information, on orthonormal columns Z of X = Z R.

    Attributes
    ----------
    root : array, shape (k, k)
        R in the units of the data, so that c'b = (R^-T c)'Z'y.
    left : array, shape (G, k)
        Eigenvalues of I - Z_g'Z_g: what the other firms know of each direction, from 0 to 1.
    vectors : array, shape (G, k, k)
        The directions, in columns.
    scores : array, shape (G, k)
        Z_g'u_g along these directions.
    """

    root: Array
    left: Array
    vectors: Array
    scores: Array


def firm_shares(fit: LeastSquares) -> FirmShares:
    """Return what every bias-reduced figure of this fit needs."""
    assert fit.clusters is not None
    Z, R = np.linalg.qr(fit.unit_X)
    left, vectors = np.linalg.eigh(np.eye(len(R)) - cross_products(Z, fit.clusters))
    sums = firm_scores(Z, fit.residuals, fit.clusters)
    return FirmShares(
        root=R * fit.scale,
        left=np.clip(left, 0, 1),
        vectors=vectors,
        scores=np.einsum("gkv,gk->gv", vectors, sums),
    )


def bias_reduced_covariance(fit: LeastSquares, shares: FirmShares | None = None) -> Array:
    """Return CR2 with the identity as working model, as clubSandwich has it.

    Parameters
    ----------
    fit : LeastSquares
        With firms.
    shares : FirmShares, optional
        Of this fit, where they are there already.

    Returns
    -------
    array, shape (k, k)
        Missing with one firm.

    Notes
    -----
    Residuals of firm g are multiplied by the symmetric square root of the inverse of I - H_gg, which makes
    the covariance unbiased when errors are independent and alike. Where a firm alone identifies a direction,
    I - H_gg is singular and the generalised inverse leaves this direction out. Other terms stay unbiased; of
    what hangs on that firm its own part is not there, so that the variance is too small:
    :func:`satterthwaite_table` shows such terms as missing.

    References
    ----------
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), https://doi.org/10.1080/07350015.2016.1247004.
    """
    k = len(fit.terms)
    if fit.n_clusters < 2:
        return np.full((k, k), np.nan)
    shares = shares or firm_shares(fit)
    adjusted = np.einsum("gkv,gv->gk", shares.vectors, _factor(shares.left, "CR2") * shares.scores)
    moves = np.linalg.solve(shares.root, adjusted.T)
    return np.asarray(moves @ moves.T)


def satterthwaite_df(
    fit: LeastSquares, method: Method, weights: Array, shares: FirmShares | None = None
) -> Array:
    """Return Satterthwaite's degrees of freedom of c'b for each row c of ``weights``.

    Parameters
    ----------
    fit : LeastSquares
        With firms.
    method : str
        ``CR1``, ``CR1S``, ``CR2``, ``CR3`` or ``CR3 jackknife``; factors that are the same for all firms
        change nothing.
    weights : array, shape (m, k)
    shares : FirmShares, optional

    Returns
    -------
    array, shape (m,)
        From 1 up. Missing with one firm, and where a single firm decides the combination.

    Notes
    -----
    The estimated variance is the sum over firms of (r_g'e)²; when errors are independent and alike its
    mean and variance follow from the products r_g'r_h, and the degrees of freedom are twice the squared
    mean over the variance. Below 4 or 5 of them the t test itself is an approximation to be wary of
    (Tipton 2015).

    References
    ----------
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), https://doi.org/10.1080/07350015.2016.1247004;
    Tipton (2015), https://doi.org/10.1037/met0000011.
    """
    if fit.n_clusters < 2:
        return np.full(len(weights), np.nan)
    shares = shares or firm_shares(fit)
    columns = np.linalg.solve(shares.root.T, np.asarray(weights, dtype="float64").T)
    k, m = columns.shape
    first, second, fourth, crossed = np.zeros(m), np.zeros(m), np.zeros(m), np.zeros((m, k, k))
    decided = np.zeros(m, dtype=bool)
    for part in _batches(len(shares.left), k * m):
        left, vectors = shares.left[part], shares.vectors[part]
        along = vectors.transpose(0, 2, 1) @ columns
        known = left > NO_INFORMATION
        alone = np.einsum("gv,gvm->gm", ~known, along**2)
        decided |= (alone > LOST * (columns**2).sum(axis=0)).any(axis=0)
        factor = _factor(left, method)
        own = np.einsum("gv,gvm->gm", factor**2 * (1 - left) * left, along**2)
        pulls = vectors @ ((factor * (1 - left))[:, :, None] * along)
        first, second = first + own.sum(axis=0), second + (own**2).sum(axis=0)
        fourth += ((pulls**2).sum(axis=1) ** 2).sum(axis=0)
        crossed += np.einsum("gkm,glm->mkl", pulls, pulls, optimize=True)
    between = np.maximum((crossed**2).sum(axis=(1, 2)) - fourth, 0)
    there = ~decided & (first > NO_INFORMATION * (columns**2).sum(axis=0))
    return np.where(there, first**2 / np.where(there, second + between, 1.0), np.nan)


def satterthwaite_table(
    fit: LeastSquares, method: Method, weights: Array, labels: Sequence[str], conf_level: float
) -> pd.DataFrame:
    """Return estimate, interval and t test of each c'b, each with its own degrees of freedom.

    Use it with CR2 for one coefficient or slope when firms are few or of unequal size: the degrees of freedom
    say how many firms it really rests on.

    Parameters
    ----------
    fit : LeastSquares
        With firms.
    method : str
        ``CR2``, or another of :func:`satterthwaite_df`.
    weights : array, shape (m, k)
        One linear combination c a row.
    labels : sequence of str
    conf_level : float, in (0, 1)

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high. All but the estimate are missing
        where a single firm decides the combination (the note ``cluster_identifies_term`` names the
        terms) and with one firm.
    """
    shares = None if fit.n_clusters < 2 else firm_shares(fit)
    df = satterthwaite_df(fit, method, weights, shares)
    bias_reduced = shares is None or method == "CR2"
    V = bias_reduced_covariance(fit, shares) if bias_reduced else covariance(fit, method)
    table = linear_combinations(weights, labels, fit.estimate, V, df=df, conf_level=conf_level)
    table.loc[np.isnan(df), ["std_error", "statistic"]] = np.nan
    return table


def _factor(left: Array, method: Method) -> npt.NDArray[np.float64]:
    """Return the power of I - Z_g'Z_g along each direction; 0 where the other firms know nothing."""
    known = left > NO_INFORMATION
    return np.where(known, np.where(known, left, 1.0) ** POWERS[method], 0.0)


def _batches(n: int, cells: int) -> Iterator[slice]:
    step = max(1, CELLS // cells)
    return (slice(start, start + step) for start in range(0, n, step))
