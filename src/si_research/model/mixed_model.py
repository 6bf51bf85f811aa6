"""Regression with random effects of firms: an intercept, and slopes where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import check_least_squares, check_level, listed_names
from si_research.model.design import INTERCEPT, listed
from si_research.model.inference import Array, LeastSquares, linear_combinations
from si_research.model.mixed_likelihood import (
    FirmSums,
    Trial,
    profiled_deviance,
    rows_of_variance,
    sums_of_firms,
)
from si_research.model.mixed_search import (
    ALIKE,
    AT_ZERO,
    Search,
    best_theta,
    curvature,
    variance_of_parameters,
)

Status = Literal["estimated", "singular", "not converged"]
FEWEST_FIRMS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class MixedModel:
    """A regression with random effects of firms. Made by :func:`mixed_model`.

    Attributes
    ----------
    terms, random_terms : tuple of str
    correlated, reml : bool
    status : str
        "estimated"; "singular": firms do not differ in some random effect, or two of these are one (the
        estimates stand, that effect is at its bound); "not converged": nothing is to be read.
    coefficients : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df (Satterthwaite), p_value, conf_low, conf_high.
    covariance : pandas.DataFrame, shape (k, k)
        Of the coefficients.
    random_covariance : pandas.DataFrame, shape (q, q)
        Of the random effects, in squared points of the outcome.
    residual_variance : float
    log_likelihood, deviance, aic, bic : float
        Restricted where ``reml``.
    r2_marginal, r2_conditional : float
        Share of the outcome's variance that goes with the terms, and with terms and firms together.
    n_used, n_clusters : int
    firm_effects : array, shape (G, q)
        Predicted effect of each firm, in the order of its number. No output shows it.
    """

    terms: tuple[str, ...]
    random_terms: tuple[str, ...]
    correlated: bool
    reml: bool
    status: Status
    coefficients: pd.DataFrame = field(repr=False)
    covariance: pd.DataFrame = field(repr=False)
    random_covariance: pd.DataFrame = field(repr=False)
    residual_variance: float
    log_likelihood: float
    deviance: float
    aic: float
    bic: float
    r2_marginal: float
    r2_conditional: float
    n_used: int
    n_clusters: int
    firm_effects: Array = field(repr=False)
    conf_level: float
    parameters: _Parameters = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the coefficients."""
        return self.coefficients.copy()

    def __str__(self) -> str:
        kind = "REML" if self.reml else "ML"
        head = (
            f"random {', '.join(self.random_terms)} ({kind}, {self.status}); n = {self.n_used} in "
            f"{self.n_clusters} firms; log-likelihood {self.log_likelihood:.3f}"
        )
        return f"{head}\n{self.coefficients.round(3).to_string()}"

    def _repr_html_(self) -> str:
        head = escape(str(self).splitlines()[0])
        return f"<p>{head}</p>{self.coefficients.round(3).to_html()}"


@dataclass(frozen=True, slots=True, eq=False)
class _Parameters:
    """What degrees of freedom need: the model at its best, and how sure its variances are."""

    back: Array
    unit: float
    at: Trial
    L: Array
    sigma: float
    variance: Array
    places: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def mixed_model(
    fit: LeastSquares,
    *,
    random: Sequence[str] = (INTERCEPT,),
    correlated: bool = True,
    reml: bool = True,
    conf_level: float = 0.95,
) -> MixedModel:
    """Fit the terms of a least squares model again, with random effects of its firms.

    Use it beside the standard errors that allow likeness within firms: it says how much firms differ, and
    weighs them accordingly. Its intervals rest on the model of that likeness being right; those of the
    jackknife over firms do not.

    Parameters
    ----------
    fit : LeastSquares
        With firms.
    random : sequence of str
        Terms of the fit whose coefficient may differ between firms; the intercept is always one.
    correlated : bool
        Whether the random effects may go together.
    reml : bool
        Restricted maximum likelihood, which does not make the variances between firms too small. To compare
        models with other terms, use maximum likelihood.
    conf_level : float, in (0, 1)

    Returns
    -------
    MixedModel

    Raises
    ------
    ModelSpecificationError
        For a fit without three firms, a weighted one, or a random term that is none of the fit.

    Notes
    -----
    y = Xb + Zu + e, var(u) = sigma²·LL', var(e) = sigma²; L, by the profiled likelihood of sums per firm.
    Satterthwaite: df = 2(c'Vc)²/(g'Ag), with g the derivative of c'Vc to (L, sigma) and A twice the inverse
    of the deviance's curvature, as lmerTest has it.

    References
    ----------
    Bates, Mächler, Bolker & Walker (2015), https://doi.org/10.18637/jss.v067.i01;
    Kuznetsova, Brockhoff & Christensen (2017), https://doi.org/10.18637/jss.v082.i13;
    Nakagawa & Schielzeth (2013), https://doi.org/10.1111/j.2041-210x.2012.00261.x;
    Johnson (2014) for random slopes, https://doi.org/10.1111/2041-210X.12225.

    Examples
    --------
    >>> import numpy as np
    >>> from si_research.model.inference import least_squares
    >>> firm = pd.Series(np.repeat(["a", "b", "c", "d"], 3))
    >>> y = pd.Series([1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 3.0, 4.0, 5.0])
    >>> mean = mixed_model(least_squares(pd.DataFrame({"intercept": np.ones(12)}), y, firm))
    >>> mean.coefficients.loc["intercept", ["estimate", "df"]].round(3).tolist()
    [3.75, 3.0]
    """
    check_least_squares(fit, "mixed_model")
    check_level(conf_level)
    names = tuple(dict.fromkeys((INTERCEPT, *listed_names(random, "`random` of mixed_model"))))
    _check(fit, names)
    unit = float(np.sqrt(fit.rss / fit.df_residual))
    sums, R, scale = _sums(fit, names, unit)
    search = Search(sums, len(names), correlated or len(names) == 1, reml)
    theta, rests = best_theta(search)
    at, L = search.at(theta), search.lower(theta)
    sigma = float(np.sqrt(at.rss / rows_of_variance(sums, reml=reml)))
    variance = variance_of_parameters(curvature(search, theta, sigma))
    parameters = _Parameters(np.asarray(np.linalg.inv(R)), unit, at, L, sigma, variance, search.places)
    status: Status = "not converged" if not rests else "singular" if _singular(L) else "estimated"
    return _made(fit, sums, parameters, names, scale, (correlated, reml, status, conf_level))


def _check(fit: LeastSquares, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in fit.terms]
    if unknown:
        raise ModelSpecificationError(
            expected=f"random terms among {listed(fit.terms, range(len(fit.terms)))}",
            found=", ".join(unknown),
            where="`random` of mixed_model",
            todo="name terms of the fit",
        )
    if fit.root_weights is not None:
        raise ModelSpecificationError(
            expected="a fit without sampling weights, for which random effects have no agreed likelihood",
            found="a weighted fit",
            where="`fit` of mixed_model",
            todo="leave the weights out, or use the jackknife over firms",
        )
    if fit.n_clusters < FEWEST_FIRMS or fit.n_clusters == fit.n:
        raise ModelSpecificationError(
            expected=f"at least {FEWEST_FIRMS} firms, one of them with two people or more",
            found=f"{fit.n} people in {fit.n_clusters} firm(s)",
            where="the firms of the fit",
            todo="use a method for people (HC3), or another way to allow for firms",
        )


def _sums(fit: LeastSquares, names: Sequence[str], unit: float) -> tuple[FirmSums, Array, Array]:
    """Return the sums on orthonormal columns and on the residuals (in ``unit``), which keeps all digits."""
    assert fit.clusters is not None
    Q, R = np.linalg.qr(fit.unit_X)
    places = [fit.terms.index(name) for name in names]
    Z = fit.unit_X[:, places] * fit.scale[places]
    scale = np.sqrt((Z**2).mean(axis=0))
    return sums_of_firms(Q, fit.residuals / unit, Z / scale, fit.clusters), R * fit.scale, scale


def _singular(L: Array) -> bool:
    spread = np.sqrt((L**2).sum(axis=1))
    if (spread < AT_ZERO).any():
        return True
    correlation = L @ L.T / np.outer(spread, spread)
    return bool((np.abs(correlation[np.triu_indices(len(L), 1)]) > ALIKE).any())


def _made(
    fit: LeastSquares,
    sums: FirmSums,
    parameters: _Parameters,
    names: tuple[str, ...],
    scale: Array,
    options: tuple[bool, bool, Status, float],
) -> MixedModel:
    correlated, reml, status, conf_level = options
    at, back, unit = parameters.at, parameters.back, parameters.unit
    sigma2 = (parameters.sigma * unit) ** 2
    estimate = fit.estimate + unit * back @ at.estimate
    V = sigma2 * back @ at.bread @ back.T
    deviance = profiled_deviance(sums, at, reml=reml) + 2 * rows_of_variance(sums, reml=reml) * np.log(unit)
    if reml:
        deviance -= 2 * float(np.linalg.slogdet(back)[1])
    S = sigma2 * parameters.L @ parameters.L.T
    n_parameters = len(fit.terms) + len(parameters.places[0]) + 1
    marginal, conditional = _explained(
        fit, estimate, S, sigma2, [fit.terms.index(name) for name in names], scale
    )
    df = satterthwaite_df(parameters, np.eye(len(fit.terms)))
    table = linear_combinations(np.eye(len(fit.terms)), fit.terms, estimate, V, df=df, conf_level=conf_level)
    return MixedModel(
        terms=fit.terms,
        random_terms=names,
        correlated=correlated,
        reml=reml,
        status=status,
        coefficients=table,
        covariance=pd.DataFrame(V, index=list(fit.terms), columns=list(fit.terms)),
        random_covariance=pd.DataFrame(S / np.outer(scale, scale), index=list(names), columns=list(names)),
        residual_variance=sigma2,
        log_likelihood=-deviance / 2,
        deviance=deviance,
        aic=deviance + 2 * n_parameters,
        bic=deviance + np.log(fit.n) * n_parameters,
        r2_marginal=marginal,
        r2_conditional=conditional,
        n_used=fit.n,
        n_clusters=fit.n_clusters,
        firm_effects=unit * at.shrunk_error @ (parameters.L @ parameters.L.T) / scale,
        conf_level=conf_level,
        parameters=parameters,
    )


def _explained(
    fit: LeastSquares, estimate: Array, S: Array, sigma2: float, places: Sequence[int], scale: Array
) -> tuple[float, float]:
    """Return the shares of variance; that of random effects is its mean over the rows."""
    Z = fit.unit_X[:, list(places)] * (fit.scale[list(places)] / scale)
    fixed = float(np.var(fit.unit_X @ (fit.scale * estimate), ddof=1))
    firms = float(np.einsum("ni,ij,nj->n", Z, S, Z, optimize=True).mean())
    whole = fixed + firms + sigma2
    return fixed / whole, (fixed + firms) / whole


def satterthwaite_df(parameters: _Parameters, weights: Array) -> Array:
    """Return the degrees of freedom of c'b for each row c of ``weights``."""
    at, L, sigma = parameters.at, parameters.L, parameters.sigma
    v = at.bread @ parameters.back.T @ weights.T
    variance = sigma**2 * np.einsum("ji,ji->i", parameters.back.T @ weights.T, v)
    pulled = np.einsum("gqk,ki->igq", at.shrunk_terms, v, optimize=True)
    in_S = sigma**2 * np.swapaxes(pulled, 1, 2) @ pulled
    in_L = (2 * in_S @ L)[:, parameters.places[0], parameters.places[1]]
    slope = np.column_stack([in_L, 2 * variance / sigma])
    spread = np.einsum("ip,pq,iq->i", slope, parameters.variance, slope)
    return np.asarray(2 * variance**2 / spread)


def mixed_combinations(model: MixedModel, weights: Array, labels: Sequence[str]) -> pd.DataFrame:
    """Return estimate, interval and t test of c'b for each row c of ``weights``, df after Satterthwaite."""
    return linear_combinations(
        weights,
        labels,
        model.coefficients["estimate"].to_numpy(),
        model.covariance.to_numpy(),
        df=satterthwaite_df(model.parameters, weights),
        conf_level=model.conf_level,
    )
