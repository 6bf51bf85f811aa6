"""Omega hierarchical: how much of a sum of many items is the one factor behind them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.answers import prepared
from si_research.measurement.factors.minres import SMALLEST_REST, minres_loadings

Array = npt.NDArray[np.float64]
FEWEST_FACTORS: Final = 3
ROTATION: Final = {"tol": 1e-7, "max_tries": 1000}


@dataclass(frozen=True, slots=True, eq=False)
class GeneralFactor:
    """A general factor and what each group of items shares beyond it. Made by :func:`omega_hierarchical`.

    Attributes
    ----------
    omega_hierarchical : float
        Share of the variance of the sum that is the general factor.
    omega_total : float
        Share that is any factor.
    omega_limit : float
        Their ratio: what the sum of endlessly many such items would have of the general factor.
    alpha : float
        Standardised, of the items as they were turned.
    loadings : pandas.DataFrame, indexed by ``item``
        general, factor_1, ..., communality, rest, share_general (of the communality).
    turned : tuple of str
        Items that load negatively on the general factor: their sign is changed in the figures above.
    status : str
        "estimated"; "improper" (a Heywood case: an item, or a factor, without a part of its own, named in
        ``concerned``) or "not converged", where all figures are missing.
    concerned : tuple of str
    n_rows, n_used : int
    """

    omega_hierarchical: float
    omega_total: float
    omega_limit: float
    alpha: float
    loadings: pd.DataFrame = field(repr=False)
    turned: tuple[str, ...]
    status: Literal["estimated", "improper", "not converged"]
    concerned: tuple[str, ...]
    n_rows: int
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the loadings."""
        return self.loadings.copy()

    def __str__(self) -> str:
        if self.status != "estimated":
            named = f": {', '.join(self.concerned)}" if self.concerned else ""
            return f"omega hierarchical unknown ({self.status}{named}); n = {self.n_used} of {self.n_rows}"
        return (
            f"omega hierarchical = {self.omega_hierarchical:.3f}, omega total = {self.omega_total:.3f}; "
            f"n = {self.n_used} of {self.n_rows}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.loadings.round(3).to_html()}"


def omega_hierarchical(items: pd.DataFrame, n_factors: int = 3) -> GeneralFactor:
    """Return how much of the sum of all items is a general factor.

    Use it when scales are to be added up into one score: a high omega total with a low omega hierarchical
    says that the sum mixes several things. For one short scale take
    :func:`~si_research.measurement.omega.omega_total`.

    Parameters
    ----------
    items : pandas.DataFrame
        Keyed answers; rows with all items are used.
    n_factors : int, at least 3
        Groups of items; two do not tell how much either has of a general factor.

    Returns
    -------
    GeneralFactor

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`.
    ModelSpecificationError
        For fewer than three factors, or more than the items can give.

    Notes
    -----
    Minimum residuals, oblimin (quartimin), a general factor of the factors' correlations, and the
    transformation of Schmid and Leiman; as psych's ``omega``. Nothing says that a general factor exists: the
    figures suppose one. Start values are fixed, so the same answers give the same figures.

    References
    ----------
    Schmid & Leiman (1957), https://doi.org/10.1007/BF02289209; Zinbarg, Revelle, Yovel & Li (2005),
    https://doi.org/10.1007/s11336-003-0974-7.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> general, groups = rng.normal(size=(800, 1)), np.repeat(rng.normal(size=(800, 3)), 3, axis=1)
    >>> answers = pd.DataFrame(general + groups + rng.normal(size=(800, 9)), columns=list("abcdefghi"))
    >>> found = omega_hierarchical(answers)
    >>> round(found.omega_hierarchical, 1), round(found.omega_total, 1)
    (0.7, 0.9)
    """
    p = items.shape[1]
    if n_factors < FEWEST_FACTORS or (p - n_factors) ** 2 < p + n_factors:
        raise ModelSpecificationError(
            expected=f"at least {FEWEST_FACTORS} factors, and no more than the items can give",
            found=f"{n_factors} factor(s) of {p} items",
            where="n_factors",
            todo="use omega_total for a single scale",
        )
    names = [str(name) for name in items.columns]
    data = prepared(items, names, "listwise").data[0]
    R = np.asarray(np.corrcoef(data.rows.T))
    L = minres_loadings(R, n_factors)
    factors = [f"factor_{place + 1}" for place in range(n_factors)]
    if L is None:
        return _without(names, factors, "not converged", (), len(items), data.n_rows)
    L, phi = _oblimin(L)
    second = minres_loadings(phi, 1)
    if second is None:
        return _without(names, factors, "not converged", (), len(items), data.n_rows)
    communality = np.einsum("ij,jk,ik->i", L, phi, L)
    heywood = [name for name, size in zip(names, communality, strict=True) if 1 - size < 2 * SMALLEST_REST]
    heywood += [
        name for name, size in zip(factors, second[:, 0] ** 2, strict=True) if 1 - size < 2 * SMALLEST_REST
    ]
    if heywood:
        return _without(names, factors, "improper", tuple(heywood), len(items), data.n_rows)
    general, group = L @ second[:, 0], L * np.sqrt(1 - second[:, 0] ** 2)
    table = np.column_stack([general, group, communality, 1 - communality, general**2 / communality])
    return _estimated(R, table, names, factors, len(items), data.n_rows)


def _oblimin(L: Array) -> tuple[Array, Array]:
    """Return rotated loadings and the correlations of the factors, each factor pointing upwards."""
    from statsmodels.multivariate.factor_rotation import rotate_factors

    L, T = rotate_factors(L, "quartimin", **ROTATION)
    sign = np.where(L.sum(axis=0) < 0, -1.0, 1.0)
    order = np.argsort(-((L**2).sum(axis=0)), kind="stable")
    return (L * sign)[:, order], (T.T @ T * np.outer(sign, sign))[np.ix_(order, order)]


def _columns(factors: list[str]) -> list[str]:
    return ["general", *factors, "communality", "rest", "share_general"]


def _estimated(
    R: Array, table: Array, names: list[str], factors: list[str], n_rows: int, n_used: int
) -> GeneralFactor:
    sign = np.where(table[:, 0] < 0, -1.0, 1.0)
    signed = table.copy()
    signed[:, : len(factors) + 1] *= sign[:, None]
    k, total = len(names), float(sign @ R @ sign)
    hierarchical = float(signed[:, 0].sum() ** 2 / total)
    every = float(1 - signed[:, -2].sum() / total)
    return GeneralFactor(
        omega_hierarchical=hierarchical,
        omega_total=every,
        omega_limit=hierarchical / every,
        alpha=k / (k - 1) * (1 - k / total),
        loadings=pd.DataFrame(signed, index=pd.Index(names, name="item"), columns=_columns(factors)),
        turned=tuple(name for name, each in zip(names, sign, strict=True) if each < 0),
        status="estimated",
        concerned=(),
        n_rows=n_rows,
        n_used=n_used,
    )


def _without(
    names: list[str],
    factors: list[str],
    status: Literal["improper", "not converged"],
    concerned: tuple[str, ...],
    n_rows: int,
    n_used: int,
) -> GeneralFactor:
    table = pd.DataFrame(np.nan, index=pd.Index(names, name="item"), columns=_columns(factors))
    unknown = (np.nan,) * 4
    return GeneralFactor(*unknown, table, (), status, concerned, n_rows, n_used)
