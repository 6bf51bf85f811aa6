"""What error in the scores does to the power, and what is left of it when that is taken off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_seed
from si_research.model.forms.power_mean import Array, PowerMeans, equal_weights
from si_research.model.forms.profile import bounded, lowest_of_rows, unbounded, usual_grid

PEOPLE: Final = 4000
"""Made up people on whom the curve of the error rests."""
LEAST: Final = 1e-3
"""Of the largest variance of the true scores, that is kept of the smallest: error may leave nothing."""
ERROR_CURVE, PLAIN = "curve of the error", "as measured"
SUPPOSED: Final = (0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCurve:
    """Which power shows, for each true one, when scores have error.

    Attributes
    ----------
    true, shown : array, shape (k,)
        Powers, bounded.
    """

    true: Array = field(repr=False)
    shown: Array = field(repr=False)

    def back(self, p: float) -> float:
        """Return the true power of one that shows; a limit where none shows so low or so high."""
        u = float(bounded(p))
        if np.isnan(u):
            return np.nan
        if u <= self.shown[0]:
            return -np.inf
        if u >= self.shown[-1]:
            return np.inf
        return float(unbounded(np.interp(u, self.shown, self.true)))


def error_curve(x01: Array, reliabilities: Array, *, seed: int, n: int = PEOPLE) -> ErrorCurve:
    """Return which power shows for each true one.

    Parameters
    ----------
    x01 : array, shape (n, k)
        Conditions as measured, on 0-1.
    reliabilities : array, shape (k,)
    seed, n : int
        Of the people that are made up.

    Notes
    -----
    True scores are those of people drawn from the rows, pulled together so that means and covariances are
    those without error (variances times the reliability); normal error brings them back to the scores as
    measured, and both stay on 0-1. The outcome is M_p of the true scores. The power that shows is the one at
    which a + b·M_q + c·M_q² of the measured scores explains most of it; noise in the outcome would not move
    it.
    """
    grid, w = usual_grid(), equal_weights(x01.shape[1])
    if (reliabilities == 1).all():
        return ErrorCurve(bounded(grid), bounded(grid))
    rng = np.random.default_rng(seed)
    true, spread = _without_error(x01, reliabilities)
    true = true[rng.integers(len(true), size=n)]
    measured = np.clip(true + spread * rng.normal(size=true.shape), 0, 1)
    signals = np.column_stack(list(_centred(true, grid, w)))
    signals /= np.sqrt((signals**2).sum(axis=0)).clip(1e-12)
    missed = []
    for M in _centred(measured, grid, w):
        Q = np.linalg.qr(np.column_stack([np.ones(n), M, M**2]))[0]
        missed.append(1 - ((Q.T @ signals) ** 2).sum(axis=0))
    shown = lowest_of_rows(bounded(grid), np.array(missed).T)
    return ErrorCurve(bounded(grid), np.maximum.accumulate(shown))


def _centred(x01: Array, grid: Array, w: Array) -> Iterable[Array]:
    means = PowerMeans(x01, w)
    for p in grid:
        M = means.at(float(p))
        yield M - M.mean()


def _without_error(x01: Array, reliabilities: Array) -> tuple[Array, Array]:
    """Return the rows with the covariances of true scores, and the standard deviation of the errors."""
    mean, S = x01.mean(axis=0), np.cov(x01, rowvar=False)
    own = np.diag(S) * (1 - reliabilities)
    values, vectors = np.linalg.eigh(S - np.diag(own))
    root = vectors * np.sqrt(np.maximum(values, LEAST * values.max())) @ vectors.T
    measured, axes = np.linalg.eigh(S)
    whiten = axes / np.sqrt(np.maximum(measured, LEAST * measured.max())) @ axes.T
    return np.clip(mean + (x01 - mean) @ whiten @ root, 0, 1), np.sqrt(own)


def known_reliabilities(
    reliabilities: Mapping[str, float] | float, predictors: Sequence[str], where: str
) -> Array:
    """Return the reliability of each condition; one number is that of all."""
    if not isinstance(reliabilities, Mapping):
        reliabilities = dict.fromkeys(predictors, reliabilities)
    values = {name: reliabilities.get(name) for name in predictors}
    wrong = [
        name
        for name, value in values.items()
        if isinstance(value, bool | str) or not isinstance(value, int | float) or not 0 < value <= 1
    ]
    if wrong:
        raise ModelSpecificationError(
            expected="a reliability above 0, up to 1, of each condition",
            found=", ".join(f"{name}: {as_found(values[name])}" for name in wrong),
            where=f"`reliabilities` of {where}",
            todo="give the omega or alpha of each scale, 1 for a score without error",
        )
    return np.array([float(values[name] or 0) for name in predictors])


def reliability_table(
    x01: Array,
    plain: Mapping[str, float],
    reliabilities: Array | None,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return the power as measured, and without error.

    Parameters
    ----------
    plain : mapping
        estimate, conf_low and conf_high as measured.
    reliabilities : array, shape (k,), optional
        Without them, what .7, .8 and .9 would mean.

    Returns
    -------
    pandas.DataFrame
        method, reliability (the mean one), estimate, conf_low, conf_high (the interval carried along the
        curve), n_used.
    """
    check_seed(seed, "reliability_table")
    supposed = (
        [np.full(x01.shape[1], each) for each in SUPPOSED] if reliabilities is None else [reliabilities]
    )
    parts = [{"method": PLAIN, "reliability": 1.0, **plain}]
    for known in supposed:
        curve = error_curve(x01, known, seed=seed)
        row = {name: curve.back(value) for name, value in plain.items()}
        parts.append({"method": ERROR_CURVE, "reliability": float(known.mean()), **row})
    return pd.DataFrame(parts).set_index("method").assign(n_used=len(x01))
