"""The likelihood of normal data with and without missing answers, one pattern of answers at a time.

Complete data are the case of one pattern. Inverses are padded with zeros where an item is missing, so that
all patterns are handled at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.measurement.factors.structure import Array

CHUNK: Final = 4_000_000
"""Numbers in one block of padded matrices (32 MB)."""
FEW_PATTERNS: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Rows of one group by which items they answered. Made by :func:`patterns`.

    Attributes
    ----------
    rows : array, shape (n, p)
        Answers, sorted by pattern; missing ones NaN.
    order : array of int, shape (n,)
        Where each row stood in the data that were offered.
    starts : array of int, shape (P + 1,)
        First row of each pattern.
    answered : array of bool, shape (P, p)
    n : array, shape (P,)
    mean, cov : array, shapes (P, p) and (P, p, p)
        Of each pattern (divisor n), 0 where missing.
    """

    rows: Array = field(repr=False)
    order: npt.NDArray[np.intp] = field(repr=False)
    starts: npt.NDArray[np.intp] = field(repr=False)
    answered: npt.NDArray[np.bool_] = field(repr=False)
    n: Array = field(repr=False)
    mean: Array = field(repr=False)
    cov: Array = field(repr=False)

    @property
    def n_rows(self) -> int:
        """Rows with an answer."""
        return len(self.rows)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return len(self.n) == 1 and bool(self.answered.all())

    def constant(self) -> float:
        """The part of minus the log-likelihood that no parameter changes."""
        return float(0.5 * np.log(2 * np.pi) * (self.n @ self.answered.sum(axis=1)))

    def blocks(self) -> Iterator[slice]:
        """Yield runs of patterns whose padded matrices fit in memory together."""
        size = max(1, CHUNK // self.answered.shape[1] ** 2)
        for first in range(0, len(self.n), size):
            yield slice(first, first + size)


def patterns(values: Array) -> Patterns:
    """Sort rows by which items were answered. Rows without any answer must have been left out."""
    missing = np.isnan(values)
    distinct, kind = missing[:1], np.zeros(len(values), dtype=np.intp)
    if missing.any():
        packed, kind = np.unique(np.packbits(missing, axis=1), axis=0, return_inverse=True)
        distinct = np.unpackbits(packed, axis=1, count=values.shape[1]).astype(bool)
        kind = kind.reshape(-1)
    order = np.argsort(kind, kind="stable")
    rows, sizes = values[order], np.bincount(kind, minlength=len(distinct))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    n_patterns, p = distinct.shape
    mean, cov = np.zeros((n_patterns, p)), np.zeros((n_patterns, p, p))
    for place in range(n_patterns):
        here = np.where(distinct[place], 0.0, rows[starts[place] : starts[place + 1]])
        mean[place] = here.mean(axis=0)
        here = here - mean[place]
        cov[place] = here.T @ here / len(here)
    return Patterns(
        rows=rows,
        order=order,
        starts=starts,
        answered=~distinct,
        n=sizes.astype("float64"),
        mean=mean,
        cov=cov,
    )


def padded_inverse(sigma: Array, answered: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return the inverse of each pattern's covariances (0 where missing) and their log determinants."""
    both = answered[:, :, None] & answered[:, None, :]
    filled = np.where(both, sigma, np.eye(len(sigma)))
    W = np.linalg.inv(filled)
    return np.where(both, W, 0.0), np.linalg.slogdet(filled)[1]


def deviance(data: Patterns, sigma: Array, mu: Array) -> tuple[float, Array, Array]:
    """Return minus the log-likelihood (without its constant) and its derivatives G and g.

    ``G`` holds the derivative to each covariance for itself; infinite and without derivatives where sigma is
    no covariance matrix.
    """
    p = len(mu)
    G, g, total = np.zeros((p, p)), np.zeros(p), 0.0
    if not is_positive(sigma):
        return np.inf, G, g
    for block in data.blocks():
        n, answered = data.n[block], data.answered[block]
        W, logdet = padded_inverse(sigma, answered)
        d, T = _deviations(data, block, mu)
        WT = W @ T
        total += 0.5 * float(n @ (logdet + np.einsum("pii->p", WT)))
        G += 0.5 * np.einsum("p,pij->ij", n, W - WT @ W)
        g -= np.einsum("p,pij,pj->i", n, W, d, optimize=True)
    return total, G, g


def is_positive(sigma: Array) -> bool:
    """Whether it is a covariance matrix (positive definite)."""
    try:
        np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        return False
    return True


def second_derivatives(
    data: Patterns, sigma: Array, mu: Array, d_sigma: Array, d_mu: Array, *, expected: bool
) -> Array:
    """Return the information about parameters on which covariances and means depend linearly.

    Parameters
    ----------
    data : Patterns
    sigma, mu : array
    d_sigma, d_mu : array, shapes (q, p, p) and (q, p)
        Derivatives to the parameters.
    expected : bool
        The information of the model itself; otherwise that of these answers.
    """
    q, p = d_mu.shape
    M, C, K = np.zeros((q, q)), np.zeros((q, q)), np.zeros((p, p))
    for block in data.blocks():
        n = data.n[block]
        W, _ = padded_inverse(sigma, data.answered[block])
        d, T = _deviations(data, block, mu)
        Q = W / 2 if expected else W @ T @ W - W / 2
        M += _traces(n, W, Q, d_sigma)
        K += np.einsum("p,pij->ij", n, W)
        if not expected:
            C += _crossed(n, W, d, d_sigma, d_mu)
    return np.asarray((M + M.T) / 2 + C + C.T + d_mu @ K @ d_mu.T)


def case_scores(data: Patterns, sigma: Array, mu: Array, d_sigma: Array, d_mu: Array) -> Array:
    """Return the derivative of each row's log-likelihood to each parameter, shape (n, q), rows as sorted."""
    q, p = d_mu.shape
    upper = np.triu_indices(p)
    weight = d_sigma[:, upper[0], upper[1]] * np.where(upper[0] == upper[1], 0.5, 1.0)
    scores = np.empty((data.n_rows, q))
    for block in data.blocks():
        inverses, _ = padded_inverse(sigma, data.answered[block])
        offsets = 0.5 * inverses.reshape(len(inverses), -1) @ d_sigma.reshape(q, -1).T
        for W, offset, place in zip(inverses, offsets, range(block.start, block.stop), strict=False):
            for first in range(int(data.starts[place]), int(data.starts[place + 1]), CHUNK // p**2 + 1):
                these = slice(first, min(first + CHUNK // p**2 + 1, int(data.starts[place + 1])))
                z = np.where(data.answered[place], data.rows[these] - mu, 0.0) @ W
                scores[these] = (z[:, upper[0]] * z[:, upper[1]]) @ weight.T - offset + z @ d_mu.T
    return scores


def saturated(data: Patterns, *, tolerance: float = 1e-8, most: int = 5000) -> tuple[Array, Array, bool]:
    """Return covariances and means without any model, and whether they were found (EM algorithm)."""
    if data.complete:
        return data.cov[0], data.mean[0], True
    mu = np.nanmean(data.rows, axis=0)
    sigma = np.diag(np.nanvar(data.rows, axis=0))
    n = data.n_rows
    for _ in range(most):
        value, G, g = deviance(data, sigma, mu)
        if not np.isfinite(value):
            return sigma, mu, False
        shift = -sigma @ g / n
        change = -2 * sigma @ G @ sigma / n - np.outer(shift, shift)
        spread = np.sqrt(np.diag(sigma))
        mu, sigma = mu + shift, sigma + change
        if max(np.abs(shift / spread).max(), np.abs(change / np.outer(spread, spread)).max()) < tolerance:
            return sigma, mu, True
    return sigma, mu, False


def _deviations(data: Patterns, block: slice, mu: Array) -> tuple[Array, Array]:
    d = np.where(data.answered[block], data.mean[block] - mu, 0.0)
    return d, data.cov[block] + d[:, :, None] * d[:, None, :]


def _traces(n: Array, W: Array, Q: Array, d_sigma: Array) -> Array:
    """Return the sum over patterns of n·tr(W D_a Q D_b) for all pairs of derivatives."""
    q, p = d_sigma.shape[:2]
    flat = d_sigma.reshape(q, p * p)
    if len(n) <= FEW_PATTERNS:
        total = np.zeros((q, q))
        for size, inverse, other in zip(n, W, Q, strict=True):
            total += size * (inverse @ d_sigma @ other).reshape(q, p * p) @ flat.T
        return np.asarray(total)
    outer = (W.reshape(-1, p * p) * n[:, None]).T @ Q.reshape(-1, p * p)
    # sum W[i, j] Q[k, l], wanted for D_a[j, k] and D_b[l, i]
    kernel = outer.reshape(p, p, p, p).transpose(1, 2, 3, 0).reshape(p * p, p * p)
    return np.asarray(flat @ kernel @ flat.T)


def _crossed(n: Array, W: Array, d: Array, d_sigma: Array, d_mu: Array) -> Array:
    """Return the sum over patterns of n·(W d)' D_a W m_b."""
    p = d_mu.shape[1]
    pulled = np.einsum("pij,pj->pi", W, d) * n[:, None]
    kernel = (pulled.T @ W.reshape(-1, p * p)).reshape(p, p, p)
    return np.asarray(np.einsum("aij,ijk,bk->ab", d_sigma, kernel, d_mu, optimize=True))
