"""Omega total: how much of a scale score is the one thing that its items share."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors import implied as rules
from si_research.measurement.factors.answers import COLLINEAR, numbers_of
from si_research.measurement.factors.confirmatory import fit_factors
from si_research.measurement.factors.estimation import inverse
from si_research.measurement.factors.factor_fit import FactorFit
from si_research.measurement.factors.minres import SMALLEST_REST, minres_loadings
from si_research.measurement.factors.moments import case_scores

Array = npt.NDArray[np.float64]
Method = Literal["ml", "minres"]
Status = Literal[
    "estimated",
    "single score",
    "one item",
    "two items",
    "too few",
    "no variance",
    "dependent items",
    "improper",
    "not converged",
    "not identified",
]
FEWEST_ITEMS: Final = 3
FEWEST_ROWS: Final = 5
FEWEST_FIRMS: Final = 10
"""Fewer firms give an interval that is too narrow, one of them an interval of no width."""


@dataclass(frozen=True, slots=True, eq=False)
class Omega:
    """Omega total of one scale. Made by :func:`omega_total`.

    Attributes
    ----------
    scale : str
    omega, conf_low, conf_high, conf_level : float
        Missing unless ``status`` is "estimated": omega is then unknown, not bad. ``minres`` has no interval.
    method : str
        "ml" or "minres".
    n_rows, n_used : int
        Respondents offered, respondents with all items.
    n_items : int
    status : str
        "estimated"; "single score" (one ready-made score); "one item"; "two items" (one correlation cannot
        give two loadings); "too few" (no more complete rows than items); "no variance" (fewer than three
        items on which people differ); "dependent items" (one follows from the others); "improper" (an item
        without a part of its own: a Heywood case); "not converged"; "not identified".
    items : pandas.DataFrame, indexed by ``item``
        loading (standardised), rest (share of its variance that is its own); missing for items that do not
        vary, and unless estimated or improper.
    concerned : tuple of str
        The items that the status is about.
    """

    scale: str
    omega: float
    conf_low: float
    conf_high: float
    conf_level: float
    method: Method
    n_rows: int
    n_used: int
    n_items: int
    status: Status
    items: pd.DataFrame = field(repr=False)
    concerned: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """Return a copy of the item table."""
        return self.items.copy()

    def __str__(self) -> str:
        if self.status != "estimated":
            named = f": {', '.join(self.concerned)}" if self.concerned else ""
            return f"{self.scale}: omega unknown ({self.status}{named}); n = {self.n_used}"
        interval = f" ({self.conf_level:.0%} interval {self.conf_low:.3f} to {self.conf_high:.3f})"
        shown = interval if np.isfinite(self.conf_low) else ""
        return f"{self.scale}: omega = {self.omega:.3f}{shown}; n = {self.n_used} of {self.n_rows}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.items.round(3).to_html()}"


def omega_total(
    items: pd.DataFrame,
    *,
    scale: str = "scale",
    method: Method = "ml",
    clusters: pd.Series[Any] | None = None,
    conf_level: float = 0.95,
) -> Omega:
    """Return omega total of items that are keyed in one direction, from a model of one factor.

    Use it beside alpha: it does not take the items to measure equally well, as alpha does. Like alpha it says
    nothing on whether one factor is enough; the fit of the factor model does.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers; rows with all items are used.
    scale : str
        Name in what is printed.
    method : {"ml", "minres"}
        Maximum likelihood, with an interval; or minimum residuals of the correlations, as psych's ``omega``.
    clusters : pandas.Series, same index, or None
        Firm of each row, for the interval of ``ml``; a row without a firm is one by itself. With fewer than
        ten firms the interval is that of people.
    conf_level : float, in (0, 1)

    Returns
    -------
    Omega
        Where there is no omega, ``status`` says why, and the figures are missing.

    Raises
    ------
    SurveyDataError
        For answers that are no finite numbers.
    ModelSpecificationError
        For another method or a confidence level that is none.

    Notes
    -----
    ``ml``: (sum of loadings)²/variance of the sum of the items, loadings in the unit of the items. The
    interval is that of ln(1 - omega) with a standard error from the influence of each person (or firm) on
    loadings and variance, so that answers need not be normal; its lower end is at least 0. ``minres``: 1 -
    sum of uniquenesses/sum of correlations. An item that everybody answers alike adds nothing to the sum and
    is left out of the model.

    References
    ----------
    McDonald (1999), Test theory, ch. 6; Kelley & Pornprasertmanit (2016), https://doi.org/10.1037/a0040086.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> can = rng.normal(size=(400, 1))
    >>> answers = pd.DataFrame(can + rng.normal(size=(400, 4)), columns=["k1", "k2", "k3", "k4"])
    >>> print(omega_total(answers, scale="kunnen"))
    kunnen: omega = 0.779 (95% interval 0.739 to 0.813); n = 400 of 400
    """
    if method not in ("ml", "minres") or not 0 < conf_level < 1:
        raise ModelSpecificationError(
            expected="method 'ml' or 'minres', and a confidence level between 0 and 1",
            found=f"{method!r}, {conf_level}",
            where="omega_total",
            todo="use method='ml' and conf_level=0.95",
        )
    x = numbers_of(items, list(items.columns))
    whole = ~np.isnan(x).any(axis=1)
    names, x = [str(name) for name in items.columns], x[whole]
    varies = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(len(names), dtype=bool)
    status, concerned = _obstacle(x, varies, names)
    table = pd.DataFrame(np.nan, index=pd.Index(names, name="item"), columns=["loading", "rest"])
    found = np.nan, np.nan, np.nan
    if status == "estimated":
        kept = [name for name, differs in zip(names, varies, strict=True) if differs]
        answers = pd.DataFrame(x[:, varies], columns=kept)
        if method == "minres":
            status, concerned, table.loc[kept], omega = _by_minres(answers)
            found = omega, np.nan, np.nan
        else:
            firms = _enough(clusters, whole)
            status, concerned, table.loc[kept], found = _by_likelihood(answers, firms, conf_level)
    return Omega(
        scale,
        *found,
        conf_level=conf_level,
        method=method,
        n_rows=len(items),
        n_used=len(x),
        n_items=len(names),
        status=status,
        items=table,
        concerned=concerned,
    )


def unknown_omega(items: pd.DataFrame, *, scale: str, status: Status, conf_level: float = 0.95) -> Omega:
    """Return the record of a scale that has no omega: a ready-made score, say."""
    table = pd.DataFrame(np.nan, index=items.columns.rename("item"), columns=["loading", "rest"])
    return Omega(
        scale,
        np.nan,
        np.nan,
        np.nan,
        conf_level=conf_level,
        method="ml",
        n_rows=len(items),
        n_used=int(items.notna().all(axis=1).sum()),
        n_items=items.shape[1],
        status=status,
        items=table,
    )


def _enough(clusters: pd.Series[Any] | None, whole: Any) -> Any:
    """Return the firm of each row that is used, or None where they are too few to tell how firms differ."""
    if clusters is None:
        return None
    firms = clusters[whole]
    n_firms = firms.nunique() + int(firms.isna().sum())
    return firms.to_numpy() if n_firms >= FEWEST_FIRMS else None


def _obstacle(x: Array, varies: npt.NDArray[np.bool_], names: list[str]) -> tuple[Status, tuple[str, ...]]:
    """Return what stands in the way of a factor model, and the items concerned."""
    k, differing = len(names), int(varies.sum())
    flat = tuple(name for name, differs in zip(names, varies, strict=True) if not differs)
    if k < FEWEST_ITEMS:
        return ("two items" if k == 2 else "one item"), ()
    if len(x) <= k or len(x) < FEWEST_ROWS:
        return "too few", ()
    if differing < FEWEST_ITEMS:
        return "no variance", flat
    size, axes = np.linalg.eigh(np.corrcoef(x[:, varies].T))
    if size[0] < COLLINEAR:
        shares = dict(zip(np.array(names)[varies], np.abs(axes[:, 0]), strict=True))
        return "dependent items", tuple(str(name) for name, share in shares.items() if share > 0.1)
    return "estimated", ()


def _by_minres(answers: pd.DataFrame) -> tuple[Status, tuple[str, ...], Array, float]:
    R = np.corrcoef(answers.to_numpy().T)
    L = minres_loadings(R, 1)
    if L is None:
        return "not converged", (), np.full((len(R), 2), np.nan), np.nan
    rest = 1 - L[:, 0] ** 2
    table = np.column_stack([L[:, 0], rest])
    heywood = tuple(str(name) for name, left in zip(answers, rest, strict=True) if left < 2 * SMALLEST_REST)
    if heywood:
        return "improper", heywood, table, np.nan
    return "estimated", (), table, float(1 - rest.sum() / R.sum())


def _by_likelihood(
    answers: pd.DataFrame, firms: npt.NDArray[Any] | None, conf_level: float
) -> tuple[Status, tuple[str, ...], Array, tuple[float, float, float]]:
    unknown, names = (np.nan, np.nan, np.nan), [str(name) for name in answers]
    model = {"the factor": names} if "the factor" not in names else {"the one factor": names}
    fit = fit_factors(answers, model, estimator="ML", unit="variance")
    if fit.status in ("not converged", "not identified"):
        return fit.status, (), np.full((len(names), 2), np.nan), unknown
    rows = fit.standardised.set_index("term")["estimate"]
    factor = next(iter(model))
    loading = np.array([rows[f"{factor} =~ {name}"] for name in names])
    loading = loading * (-1.0 if loading.sum() < 0 else 1.0)
    rest = np.array([rows[f"{name} ~~ {name}"] for name in names])
    table = np.column_stack([loading, rest])
    if not fit.usable:
        concerned = tuple(name for name, left in zip(names, rest, strict=True) if left <= 0)
        return "improper", concerned, table, unknown
    return "estimated", (), table, _interval(fit, firms, conf_level)


def _interval(
    fit: FactorFit, firms: npt.NDArray[Any] | None, conf_level: float
) -> tuple[float, float, float]:
    """Return omega and the ends of its interval, from what each person or firm adds to it."""
    from scipy import stats

    engine, data = fit.engine, fit.engine.answers.data[0]
    theta, likelihood = engine.solution.theta, engine.likelihood
    layout, here = likelihood.model.groups[0], likelihood.implied(theta)[0]
    d_sigma, d_mu = rules.derivatives(layout, here, len(theta))
    moved = case_scores(data, here.sigma, here.mu, d_sigma, d_mu) @ inverse(
        likelihood.information(theta, expected=False)
    )
    is_loading = [
        number
        for each, number in zip(likelihood.model.parameters, likelihood.model.index, strict=True)
        if each.operator == "=~"
    ]
    total, n = data.rows.sum(axis=1), data.n_rows
    squared = (total - total.mean()) ** 2
    variance, loadings = squared.mean(), theta[is_loading].sum()
    omega = float(loadings**2 / variance)
    influence = 2 * loadings * moved[:, is_loading].sum(axis=1) / variance
    influence -= omega * (squared / variance - 1) / n
    if firms is not None:
        number = pd.factorize(firms[engine.answers.positions[0][data.order]])[0]
        alone = number < 0
        number[alone] = number.max(initial=-1) + 1 + np.arange(int(alone.sum()))
        influence = np.bincount(number, weights=influence)
    units = len(influence)
    error = np.sqrt(units / max(units - 1, 1) * influence @ influence)
    reach = stats.norm.ppf((1 + conf_level) / 2) * error / (1 - omega) if omega < 1 else np.nan
    low, high = 1 - (1 - omega) * np.exp(np.array([reach, -reach]))
    return omega, max(float(low), 0.0) if np.isfinite(low) else np.nan, float(high)
