"""The likelihood of a model with random effects of firms, from the sums of each firm alone.

A row is gone through once, to make the sums; after that the cost of a trial value does not depend on the
number of rows. A firm's answers vary as sigma²(I + Z L L'Z'), with Z its columns that have random effects and
L lower triangular (Bates, Mächler, Bolker & Walker 2015, https://doi.org/10.18637/jss.v067.i01).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from si_research.model.firm_sums import firm_sums
from si_research.model.inference import Array


@dataclass(frozen=True, slots=True, eq=False)
class FirmSums:
    """Sums over the rows of each firm.

    Attributes
    ----------
    ZZ : array, shape (G, q, q)
    ZX : array, shape (G, q, k)
    Zy : array, shape (G, q)
    XX : array, shape (k, k)
        Over all rows, as the next two.
    Xy : array, shape (k,)
    yy : float
    n : int
    """

    ZZ: Array = field(repr=False)
    ZX: Array = field(repr=False)
    Zy: Array = field(repr=False)
    XX: Array = field(repr=False)
    Xy: Array = field(repr=False)
    yy: float
    n: int

    @property
    def n_terms(self) -> int:
        """Fixed effects."""
        return len(self.Xy)


def sums_of_firms(X: Array, y: Array, Z: Array, clusters: npt.NDArray[np.intp]) -> FirmSums:
    """Return the sums of each firm; ``Z`` has shape (n, q), ``clusters`` counts from 0."""
    columns = np.column_stack([Z, X, y])
    q = Z.shape[1]
    products = np.stack([firm_sums(Z[:, [place]] * columns, clusters) for place in range(q)], axis=1)
    return FirmSums(
        ZZ=products[:, :, :q],
        ZX=products[:, :, q:-1],
        Zy=products[:, :, -1],
        XX=X.T @ X,
        Xy=X.T @ y,
        yy=float(y @ y),
        n=len(y),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The model at one value of the relative covariance of the random effects.

    Attributes
    ----------
    estimate : array, shape (k,)
    bread : array, shape (k, k)
        (X'W^-1 X)^-1 with W = I + Z S Z', S the relative covariance.
    rss : float
        e'W^-1 e, e the residuals around the fixed effects.
    log_determinant : float
        Of W.
    shrunk : array, shape (G, q, q)
        Z'W^-1 Z of each firm.
    shrunk_terms : array, shape (G, q, k)
        Z'W^-1 X.
    shrunk_error : array, shape (G, q)
        Z'W^-1 e; S times this are the predicted effects of each firm.
    """

    estimate: Array = field(repr=False)
    bread: Array = field(repr=False)
    rss: float
    log_determinant: float
    shrunk: Array = field(repr=False)
    shrunk_terms: Array = field(repr=False)
    shrunk_error: Array = field(repr=False)


def trial(sums: FirmSums, L: Array) -> Trial:
    """Return the model at S = L L', L of shape (q, q)."""
    q = len(L)
    inner = np.eye(q) + L.T @ sums.ZZ @ L
    factor = np.linalg.cholesky(inner)
    RX = np.linalg.solve(factor, L.T @ sums.ZX)
    Ry = np.linalg.solve(factor, (sums.Zy @ L)[:, :, None])[:, :, 0]
    XWX = sums.XX - np.einsum("gqi,gqj->ij", RX, RX, optimize=True)
    XWy = sums.Xy - np.einsum("gqi,gq->i", RX, Ry, optimize=True)
    bread = np.linalg.inv(XWX)
    estimate = bread @ XWy
    pull = L @ np.linalg.solve(inner, L.T @ sums.ZZ)
    keep = np.eye(q) - np.swapaxes(pull, 1, 2)
    shrunk_terms = keep @ sums.ZX
    shrunk_y = (keep @ sums.Zy[:, :, None])[:, :, 0]
    return Trial(
        estimate=estimate,
        bread=bread,
        rss=float(sums.yy - (Ry**2).sum() - XWy @ estimate),
        log_determinant=2 * float(np.log(np.einsum("gqq->gq", factor)).sum()),
        shrunk=keep @ sums.ZZ,
        shrunk_terms=shrunk_terms,
        shrunk_error=shrunk_y - shrunk_terms @ estimate,
    )


def rows_of_variance(sums: FirmSums, *, reml: bool) -> int:
    """Return what the residual sum of squares is divided by: n, or n - k by restricted likelihood."""
    return sums.n - sums.n_terms if reml else sums.n


def profiled_deviance(sums: FirmSums, at: Trial, *, reml: bool) -> float:
    """Return minus twice the (restricted) log-likelihood, sigma² at its best."""
    m = rows_of_variance(sums, reml=reml)
    price = -np.linalg.slogdet(at.bread)[1] if reml else 0.0
    return float(at.log_determinant + price + m * (1 + np.log(2 * np.pi * at.rss / m)))


def slope_in_covariance(at: Trial, sigma2: float, *, reml: bool) -> Array:
    """Return the derivative of the deviance to the relative covariance S, shape (q, q), sigma² held."""
    within = at.shrunk
    if reml:
        within = within - at.shrunk_terms @ at.bread @ np.swapaxes(at.shrunk_terms, 1, 2)
    return np.asarray(within.sum(axis=0) - at.shrunk_error.T @ at.shrunk_error / sigma2)
