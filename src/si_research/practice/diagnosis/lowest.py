"""How probable it is that each condition of a unit is the lowest: exact, from the normal posterior."""

from __future__ import annotations

from typing import Final

import numpy as np

from si_research.practice.diagnosis.evidence import Array

NEAREST: Final = 1e-15
"""Distance from 0 within which the formula would divide by nothing."""


def probability_lowest(mean: Array, cov: Array) -> Array:
    """Return for each unit the probability that each of its conditions is the lowest.

    Parameters
    ----------
    mean : array, shape (u, k)
        Of two or three conditions.
    cov : array, shape (u, k, k)

    Returns
    -------
    array, shape (u, k)
        Each row adds up to 1.

    Notes
    -----
    With three conditions, P(x1 < x2 and x1 < x3) is that of two differences below 0, from Owen's T function.
    Where two conditions cannot differ at all, the probability is split between them.

    References
    ----------
    Owen (1956), https://doi.org/10.1214/aoms/1177728074.

    Examples
    --------
    >>> probability_lowest(np.array([[50.0, 50.0, 50.0]]), 4 * np.eye(3)[None]).round(4).tolist()
    [[0.3333, 0.3333, 0.3333]]
    """
    k = mean.shape[1]
    found = np.empty(mean.shape)
    for own in range(k):
        others = [place for place in range(k) if place != own]
        apart = [standard_gap(mean, cov, own, other) for other in others]
        if k == 2:
            found[:, own] = _below(apart[0])
            continue
        (h, first), (g, second) = apart[0], apart[1]
        product = (
            cov[:, own, own] - cov[:, own, others[0]] - cov[:, own, others[1]] + cov[:, others[0], others[1]]
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            r = np.nan_to_num(product / (first * second))
        found[:, own] = both_below(h, g, r)
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / np.where(total > 0, total, np.nan))


def standard_gap(mean: Array, cov: Array, own: int, other: int) -> tuple[Array, Array]:
    """Return (x_other - x_own) in standard deviations of that difference, and this standard deviation."""
    variance = cov[:, own, own] + cov[:, other, other] - 2 * cov[:, own, other]
    whole = cov[:, own, own] + cov[:, other, other]
    spread = np.sqrt(np.maximum(variance, 1e-14 * np.maximum(whole, 1e-300)))
    return (mean[:, other] - mean[:, own]) / spread, spread


def _below(gap: tuple[Array, Array]) -> Array:
    from scipy import special

    return np.asarray(special.ndtr(gap[0]))


def both_below(h: Array, k: Array, r: Array) -> Array:
    """Return P(Z1 < h and Z2 < k) of two standard normal variables that correlate r."""
    from scipy import special

    h, k = (np.where(np.abs(z) < NEAREST, NEAREST, z) for z in (h, k))
    r = np.clip(r, -1 + 1e-14, 1 - 1e-14)
    root = np.sqrt((1 - r) * (1 + r))
    with np.errstate(over="ignore"):
        ah, ak = (k - r * h) / (h * root), (h - r * k) / (k * root)
    half = np.where((h < 0) == (k < 0), 0.0, 0.5)
    found = (special.ndtr(h) + special.ndtr(k)) / 2 - special.owens_t(h, ah) - special.owens_t(k, ak) - half
    return np.asarray(np.clip(found, 0.0, 1.0))
