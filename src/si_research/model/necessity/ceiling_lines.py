"""Straight ceilings: through the peers, over a share of the people, the lowest over all, raised OLS."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy.optimize import linprog

from si_research.model.necessity.ceilings import Array, Counts, Peers, line_through

SOLVED_AT_ONCE: Final = 4_000
"""Places of which a quantile line is solved directly."""


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

    Equal people count once, with their number. Of many, those far from the line of a sample are taken to stay
    on their side of it, which is looked up afterwards, as in Portnoy and Koenker (1997).
    """
    places, n = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
    terms = np.vstack([places[:, 0], np.ones(len(places))])
    total, height = (1 - tau) * terms @ n, places[:, 1]
    every = -(-len(places) // SOLVED_AT_ONCE)
    line = _dual(height[::every], terms[:, ::every], n[::every], (1 - tau) * terms[:, ::every] @ n[::every])
    size = SOLVED_AT_ONCE if every > 1 else len(places)
    while size < len(places):
        far = np.abs(height - line @ terms)
        near = far <= np.partition(far, size - 1)[size - 1]
        above = ~near & (height > line @ terms)
        found = _dual(height[near], terms[:, near], n[near], total - terms[:, above] @ n[above])
        if found is not None:
            line, side = found, height - found @ terms
            if not (np.any(side[above] < 0) or np.any(side[~near & ~above] > 0)):
                return float(line[0]), float(line[1])
        size *= 2
    line = line if every == 1 else _dual(height, terms, n, total)
    return float(line[0]), float(line[1])


def _dual(y: Array, terms: Array, n: Counts, total: Array) -> Any:
    """Return slope and intercept from the dual problem; None where the total cannot be reached."""
    found: Any = linprog(-y, A_eq=terms, b_eq=total, bounds=[(0, int(each)) for each in n], method="highs-ds")
    return None if found.eqlin.marginals is None else np.asarray(-found.eqlin.marginals)
