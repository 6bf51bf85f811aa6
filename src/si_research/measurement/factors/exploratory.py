"""How many factors do the items hold, and which items go together when nothing is said before?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.factors.answers import prepared
from si_research.measurement.factors.structure import Array

Rotation = Literal["oblimin", "varimax", "none"]
HIGH: Final = 0.95
FEWEST_DRAWS: Final = 100
NO_REST: Final = 0.005
"""Uniqueness at which a fit has run into its bound: a Heywood case."""


@dataclass(frozen=True, slots=True, eq=False)
class ParallelAnalysis:
    """How many factors stand out from chance. Made by :func:`parallel_analysis`.

    Attributes
    ----------
    n_factors : int
    eigenvalues : pandas.DataFrame
        component, eigenvalue of the correlations, random_mean and random_high (95th percentile) of answers
        that have nothing to do with each other, retained.
    n_rows, n_used, draws, seed : int
    """

    n_factors: int
    eigenvalues: pd.DataFrame = field(repr=False)
    n_rows: int
    n_used: int
    draws: int
    seed: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the eigenvalues."""
        return self.eigenvalues.copy()

    def __str__(self) -> str:
        shown = self.eigenvalues.round(3).to_string(index=False)
        return (
            f"{self.n_factors} factor(s) stand out from chance; n = {self.n_used} of {self.n_rows}\n{shown}"
        )

    def _repr_html_(self) -> str:
        head = escape(f"{self.n_factors} factor(s) stand out from chance; n = {self.n_used} of {self.n_rows}")
        return f"<p>{head}</p>{self.eigenvalues.round(3).to_html(index=False)}"


@dataclass(frozen=True, slots=True, eq=False)
class ExploratoryFit:
    """Loadings that nobody prescribed. Made by :func:`explore_factors`.

    Attributes
    ----------
    status : str
        "estimated", "improper" (an item without unique variance: a Heywood case) or "not converged", where
        all figures are missing.
    loadings : pandas.DataFrame, indexed by ``item``
        A column a factor (``factor_1`` accounts for most), and ``communality``.
    correlations : pandas.DataFrame, factors by factors
    improper_items : tuple of str
    rotation : str
    n_rows, n_used : int
    """

    status: Literal["estimated", "improper", "not converged"]
    loadings: pd.DataFrame = field(repr=False)
    correlations: pd.DataFrame = field(repr=False)
    improper_items: tuple[str, ...]
    rotation: Rotation
    n_rows: int
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the loadings."""
        return self.loadings.copy()

    def __str__(self) -> str:
        head = f"{len(self.correlations)} factor(s), {self.rotation}: {self.status}"
        return f"{head}; n = {self.n_used} of {self.n_rows}\n{self.loadings.round(3).to_string()}"

    def _repr_html_(self) -> str:
        head = escape(f"{self.status}; n = {self.n_used} of {self.n_rows}")
        return f"<p>{head}</p>{self.loadings.round(3).to_html()}{self.correlations.round(3).to_html()}"


def parallel_analysis(answers: pd.DataFrame, *, seed: int, draws: int = 1000) -> ParallelAnalysis:
    """Return how many components of the items are larger than those of unrelated answers (Horn).

    Use it when it is not clear how many things a questionnaire measures; where the codebook says so, fit
    that.

    Parameters
    ----------
    answers : pandas.DataFrame
        Items; rows with all of them are used.
    seed : int
    draws : int, at least 100
        Random data sets of the same size.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`.
    ModelSpecificationError
        For fewer than 100 draws.

    Notes
    -----
    Components count from the first, up to the first whose eigenvalue is not above the 95th percentile of
    the random ones. Random covariances are drawn from the Wishart distribution (Bartlett's decomposition),
    which are those of independent normal answers.

    References
    ----------
    Horn (1965), https://doi.org/10.1007/BF02289447; Glorfeld (1995),
    https://doi.org/10.1177/0013164495055003002.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> can, may = rng.normal(size=(2, 300, 1))
    >>> items = np.hstack([can + rng.normal(size=(300, 3)), may + rng.normal(size=(300, 3))])
    >>> parallel_analysis(pd.DataFrame(items, columns=list("abcdef")), seed=1).n_factors
    2
    """
    if draws < FEWEST_DRAWS:
        raise ModelSpecificationError(
            expected="at least 100 draws", found=str(draws), where="draws", todo="use 1000"
        )
    R, n_used = _correlations(answers)
    found = np.linalg.eigvalsh(R)[::-1]
    random = _random_eigenvalues(n_used, len(R), draws, seed)
    high = np.quantile(random, HIGH, axis=0)
    retained = np.logical_and.accumulate(found > high)
    table = pd.DataFrame(
        {
            "component": np.arange(1, len(R) + 1),
            "eigenvalue": found,
            "random_mean": random.mean(axis=0),
            "random_high": high,
            "retained": retained,
        }
    )
    return ParallelAnalysis(
        n_factors=int(retained.sum()),
        eigenvalues=table,
        n_rows=len(answers),
        n_used=n_used,
        draws=draws,
        seed=seed,
    )


def explore_factors(
    answers: pd.DataFrame, n_factors: int, *, rotation: Rotation = "oblimin"
) -> ExploratoryFit:
    """Fit factors without saying which items belong to which, by maximum likelihood.

    Parameters
    ----------
    answers : pandas.DataFrame
        Items; rows with all of them are used.
    n_factors : int
        For instance from :func:`parallel_analysis`.
    rotation : {"oblimin", "varimax", "none"}
        ``oblimin`` lets factors correlate.

    Returns
    -------
    ExploratoryFit

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`.
    ModelSpecificationError
        For more factors than so many items can give, or an unknown rotation.

    Notes
    -----
    statsmodels' ``Factor``, started from its principal axes. A factor points to where the sum of its loadings
    is positive; factors are ordered by the sum of their squared loadings.

    References
    ----------
    Jöreskog (1967), https://doi.org/10.1007/BF02289658; Jennrich & Sampson (1966),
    https://doi.org/10.1007/BF02289465.
    """
    p = answers.shape[1]
    if rotation not in ("oblimin", "varimax", "none") or not _can_give(p, n_factors):
        raise ModelSpecificationError(
            expected="rotation oblimin, varimax or none, and fewer factors than the items can give",
            found=f"rotation {rotation!r}, {n_factors} factor(s) of {p} items",
            where="explore_factors",
            todo="ask for fewer factors",
        )
    R, n_used = _correlations(answers)
    L = _ml_loadings(R, n_used, n_factors)
    names = [f"factor_{place}" for place in range(1, n_factors + 1)]
    phi = np.eye(n_factors)
    if L is None:
        L, phi = np.full((p, n_factors), np.nan), np.full((n_factors, n_factors), np.nan)
        rest = np.full(p, np.nan)
    else:
        rest = 1 - (L**2).sum(axis=1)
        L, phi = _turned(L, rotation)
    items = [str(name) for name in answers.columns]
    bound = tuple(item for item, left in zip(items, rest, strict=True) if left < NO_REST)
    table = pd.DataFrame(L, index=pd.Index(items, name="item"), columns=names)
    table["communality"] = 1 - rest
    return ExploratoryFit(
        status="not converged" if np.isnan(rest).any() else "improper" if bound else "estimated",
        loadings=table,
        correlations=pd.DataFrame(phi, index=names, columns=names),
        improper_items=bound,
        rotation=rotation,
        n_rows=len(answers),
        n_used=n_used,
    )


def _correlations(answers: pd.DataFrame) -> tuple[Array, int]:
    items: Sequence[str] = list(answers.columns)
    if len(items) < 2:
        raise SurveyDataError(
            expected="two items or more", found=str(len(items)), where="answers", todo="name the items"
        )
    data = prepared(answers, items, "listwise").data[0]
    return np.asarray(np.corrcoef(data.rows.T)), data.n_rows


def _random_eigenvalues(n: int, p: int, draws: int, seed: int) -> Array:
    """Return eigenvalues, largest first, of correlations of independent normal answers."""
    rng = np.random.default_rng(seed)
    factor = np.tril(rng.normal(size=(draws, p, p)), -1)
    factor[:, np.arange(p), np.arange(p)] = np.sqrt(rng.chisquare(n - 1 - np.arange(p), size=(draws, p)))
    S = factor @ factor.transpose(0, 2, 1)
    sd = np.sqrt(np.einsum("dii->di", S))
    return np.asarray(np.linalg.eigvalsh(S / (sd[:, :, None] * sd[:, None, :]))[:, ::-1])


def _can_give(p: int, k: int) -> bool:
    """Whether so many factors leave degrees of freedom (or none too few)."""
    return k >= 1 and (p - k) ** 2 >= p + k


def _ml_loadings(R: Array, n: int, k: int) -> Array | None:
    """Return unrotated loadings, or None where the search found no maximum."""
    from statsmodels.multivariate.factor import Factor

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        axes = Factor(corr=R, n_factor=k, nobs=n, method="pa").fit(maxiter=500)
        L = np.asarray(axes.loadings)
        if L.shape[1] < k:
            return None
        start = (L, np.clip(1 - (L**2).sum(axis=1), 0.05, None))
        engine = Factor(corr=R, n_factor=k, nobs=n, method="ml")
        found: Any = engine.fit(start=start, opt={"gtol": 1e-9, "maxiter": 5000})
        loadings, unique = np.asarray(found.loadings), np.asarray(found.uniqueness)
        if np.abs(loadings.imag).max() > 1e-9 or not np.isfinite(loadings.real).all():
            return None
        # at the end the score must vanish, except for uniquenesses that stand at 0
        slope = engine.score((loadings.real, np.maximum(unique.real, 1e-12)))
        return loadings.real if np.abs(slope[len(R) :]).max() < 1e-4 else None


def _turned(L: Array, rotation: Rotation) -> tuple[Array, Array]:
    """Rotate, point each factor upwards and put the largest first."""
    phi = np.eye(L.shape[1])
    if rotation != "none" and L.shape[1] > 1:
        from statsmodels.multivariate.factor_rotation import rotate_factors

        L, T = rotate_factors(L, "quartimin" if rotation == "oblimin" else "varimax")
        phi = T.T @ T
    sign = np.where(L.sum(axis=0) < 0, -1.0, 1.0)
    order = np.argsort(-((L**2).sum(axis=0)), kind="stable")
    L, phi = L * sign, phi * np.outer(sign, sign)
    return L[:, order], phi[np.ix_(order, order)]
