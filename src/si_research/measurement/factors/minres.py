"""Factors by minimum residuals: the loadings that leave the smallest correlations unexplained."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from si_research.measurement.factors.structure import Array

SMALLEST_REST: Final = 0.005
"""Lowest uniqueness of the search; an item that ends there is a Heywood case."""
FOUND: Final = 1e-6


def minres_loadings(R: Array, k: int) -> Array | None:
    """Return unrotated loadings of k factors, or None where the search found no minimum.

    Parameters
    ----------
    R : array, shape (p, p)
        Correlations.
    k : int

    Returns
    -------
    array, shape (p, k), or None
        Each factor points to where the sum of its loadings is positive.

    Notes
    -----
    Least squares of the off-diagonal residuals, which is unweighted least squares over the uniquenesses; the
    derivative to each uniqueness is minus its diagonal residual. As ``fa(fm = "minres")`` of psych.

    References
    ----------
    Harman & Jones (1966), https://doi.org/10.1007/BF02289468.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> R = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    >>> minres_loadings(R, 1).round(4).ravel().tolist()
    [0.8, 0.7, 0.6, 0.5]
    """
    from scipy.optimize import minimize

    def misfit(rest: Array) -> tuple[float, Array]:
        size, axes = np.linalg.eigh(R - np.diag(rest))
        left = size[:-k]
        return 0.5 * float(left @ left), -(axes[:, :-k] ** 2 @ left)

    start = np.clip(1 / np.diag(np.linalg.pinv(R)), SMALLEST_REST, 1)
    search: Any = minimize
    found = search(
        misfit,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST_REST, 1.0)] * len(R),
        options={"gtol": 1e-10, "ftol": 1e-16, "maxiter": 5000},
    )
    slope = found.jac
    inside = (found.x > SMALLEST_REST) & (found.x < 1)
    if not np.isfinite(found.fun) or np.abs(slope[inside]).max(initial=0) > FOUND:
        return None
    size, axes = np.linalg.eigh(R - np.diag(found.x))
    L = axes[:, : -k - 1 : -1] * np.sqrt(np.maximum(size[: -k - 1 : -1], 0))
    return np.asarray(L * np.where(L.sum(axis=0) < 0, -1.0, 1.0))
