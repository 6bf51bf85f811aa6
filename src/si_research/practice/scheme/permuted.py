"""Lots drawn again: every assignment that could have been, or many of them."""

from __future__ import annotations

from itertools import combinations, product
from math import comb, prod
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.model.inference import Array
from si_research.practice.scheme.fixed_effects import wave_dummies, without_firm_means

ENUMERATED_UP_TO: Final = 10_000
TIE: Final = 1e-9


def n_assignments(treated: npt.NDArray[np.bool_], strata: npt.NDArray[np.intp]) -> int:
    """Return in how many ways as many firms of each stratum could have been drawn."""
    return prod(comb(int((strata == s).sum()), int(treated[strata == s].sum())) for s in np.unique(strata))


def assignments(
    treated: npt.NDArray[np.bool_], strata: npt.NDArray[np.intp], *, draws: int, seed: int
) -> tuple[npt.NDArray[np.bool_], bool]:
    """Return who could have been drawn, a row an assignment, and whether that is all of them.

    All, the real one among them, where there are no more than ``draws`` or 10,000 of them; else as many
    random ones as ``draws``, within strata.
    """
    if n_assignments(treated, strata) <= max(draws, ENUMERATED_UP_TO):
        return _all(treated, strata), True
    rng = np.random.default_rng(seed)
    drawn = np.zeros((draws, len(treated)), dtype=bool)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        n = int(treated[members].sum())
        order = rng.random((draws, len(members))).argsort(axis=1)[:, :n]
        drawn[np.arange(draws)[:, None], members[order]] = True
    return drawn, False


def _all(treated: npt.NDArray[np.bool_], strata: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    parts = []
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        parts.append(list(combinations(members, int(treated[members].sum()))))
    every = [np.concatenate(chosen).astype(np.intp) for chosen in product(*parts)]
    drawn = np.zeros((len(every), len(treated)), dtype=bool)
    for row, chosen in zip(drawn, every, strict=True):
        row[chosen] = True
    return drawn


def p_of(observed: float, drawn: Array, *, exact: bool) -> float:
    """Return the share of draws at least as far from 0; for random ones the real one is added, so never 0."""
    count = int((np.abs(drawn) >= abs(observed) * (1 - TIE)).sum())
    return count / len(drawn) if exact else (1 + count) / (1 + len(drawn))


def permutation_p(cells: pd.DataFrame, scheme: Array, *, draws: int, seed: int) -> float:
    """Return the p of the difference-in-differences when the scheme is given to other firms.

    Which firms have it is exchanged, its start is kept: valid where firms could have been exchanged, as in a
    lottery. Every assignment has firm and wave effects taken out of it; the statistic is the coefficient.
    """
    firm = cells["firm"].to_numpy(dtype=np.intp)
    weight = cells["weight"].to_numpy(dtype="float64")
    start = cells.groupby("firm")["start"].first().to_numpy()
    real = np.isfinite(start)
    drawn, exact = assignments(real, np.zeros(len(real), dtype=np.intp), draws=draws, seed=seed)
    after = (cells["wave"].to_numpy() >= start[real].min()).astype("float64")
    own = np.column_stack([cells["y"].to_numpy(dtype="float64"), scheme, *wave_dummies(cells).values()])
    root = np.sqrt(weight)[:, None]
    own = without_firm_means(own, firm, weight) * root
    waves = np.linalg.qr(own[:, 2:])[0]
    y = own[:, 0] - waves @ (waves.T @ own[:, 0])
    others = without_firm_means(drawn.T[firm] * after[:, None], firm, weight) * root
    others -= waves @ (waves.T @ others)
    real_term = own[:, 1] - waves @ (waves.T @ own[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        # An assignment that firm and wave effects say all about counts as extreme, which is on the safe side.
        moved = np.nan_to_num((others.T @ y) / (others**2).sum(axis=0), nan=np.inf)
    return p_of(float(real_term @ y / (real_term @ real_term)), moved, exact=exact)
