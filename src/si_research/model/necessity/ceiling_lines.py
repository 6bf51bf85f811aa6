"""Straight ceilings: through the peers, over a share of the people, the lowest over all, raised OLS."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog

from si_research.model.necessity.ceilings import Array, Peers, line_through


def line_of(name: str, x: Array, y: Array, peers: Peers, tau: float) -> tuple[float, float]:
    """Return slope and intercept of a straight ceiling; x and y have several values, peers several places.

    All is worked out on x and y from 0 to 1, so that no unit is too large or too small for the solvers.
    """
    low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
    width, height = high - low
    own = Peers((peers.x - low[0]) / width, (peers.y - low[1]) / height, peers.n)
    if name == "c_lp":
        slope, start = lowest_line(own)
    elif name in ("cr_fdh", "cr_vrs"):
        slope, start = least_squares_line(own.x, own.y, own.n.astype("float64"))
    else:
        u, v = (x - low[0]) / width, (y - low[1]) / height
        slope, start = quantile_line(u, v, tau) if name == "qr" else raised_line(u, v)
    slope *= height / width
    return float(slope), float(low[1] + start * height - slope * low[0])


def least_squares_line(x: Array, y: Array, weight: Array) -> tuple[float, float]:
    """Return slope and intercept of weighted least squares."""
    slope, intercept = line_through(weight.sum(), weight @ x, weight @ y, weight @ (x * x), weight @ (x * y))
    return float(slope), float(intercept)


def raised_line(x: Array, y: Array) -> tuple[float, float]:
    """Return the least squares line through everybody, raised until nobody is above it (COLS)."""
    slope, intercept = least_squares_line(x, y, np.ones(len(x)))
    return slope, intercept + float(np.max(y - intercept - slope * x))


def lowest_line(peers: Peers) -> tuple[float, float]:
    """Return the rising line over all peers with the least height above them, each place once (C-LP)."""
    over = np.column_stack([peers.x, np.ones(len(peers.x))])
    found: Any = linprog(over.mean(axis=0), A_ub=-over, b_ub=-peers.y, bounds=[(0, None), (None, None)])
    return float(found.x[0]), float(found.x[1])


def quantile_line(x: Array, y: Array, tau: float) -> tuple[float, float]:
    """Return the line of quantile regression: a share tau of the people is below it.

    Solved from its dual, which has two conditions however many people there are; equal people count once,
    with their number.
    """
    places, n = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
    terms = np.vstack([places[:, 0], np.ones(len(places))])
    found: Any = linprog(
        -places[:, 1],
        A_eq=terms,
        b_eq=(1 - tau) * terms @ n,
        bounds=[(0, int(each)) for each in n],
        method="highs-ds",
    )
    slope, intercept = -found.eqlin.marginals
    return float(slope), float(intercept)
