"""The interaction of two or three factors by latent moderated structural equations (LMS)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.measurement.factors.answers import numbers_of
from si_research.measurement.factors.confirmatory import ROWS_PER_PARAMETER, fit_factors
from si_research.measurement.factors.estimation import has_information, inverse, solve
from si_research.measurement.factors.factor_fit import Estimator, FactorFit, Finding, Status
from si_research.measurement.factors.factor_model import Factors
from si_research.measurement.factors.latent_interaction import checked_parts, product_parts
from si_research.measurement.factors.lms_effects import effects_in_points, effects_of, outcome_variance
from si_research.measurement.factors.lms_likelihood import (
    ModeratedLikelihood,
    ModeratedParameters,
    quadrature,
)
from si_research.measurement.factors.structure import Array

Numbers = npt.NDArray[np.intp]
N_NODES: Final = 8
"""Nodes a factor; they lie where the answers of each row put its factors, so that few suffice."""
MOST_STEPS: Final = 200
FOUND: Final = 1e-8
"""Gain in log-likelihood that is left, where a maximum was found."""
LEAST: Final = 1e-5
"""Least residual variance, as a share of the variance of its item."""
AT_EDGE: Final = 1e-4
"""Share of a variance below which a residual counts as zero: unbound, the search would have gone below it."""
ALIKE: Final = 0.99
"""Correlation of factors from which a search that got stuck is one that wants them to be the same."""
DAMPING: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class LatentModeration:
    """What factors and their products do to a factor. Made by :func:`fit_lms`.

    Attributes
    ----------
    effects : pandas.DataFrame
        As those of :class:`~si_research.measurement.factors.latent_interaction.LatentInteraction`: term,
        estimate, std_error, statistic, df, p_value, conf_low, conf_high, standardised. Missing unless a
        maximum was found.
    effects_in_points : pandas.DataFrame
        The same in points of the scale scores, to stand beside coefficients of scores: a factor is counted in
        points of its first item, the mean of its items moves by the mean loading.
    parameters : ModeratedParameters or None
        The whole model; None where no maximum was found.
    status : str
        "estimated"; "improper" where a residual variance is at zero or factors are one (figures, if any, are
        not to be used); "not converged" or "not identified", where all figures are missing.
    findings : tuple of Finding
        As those of a factor model.
    log_likelihood : float
    n_rows, n_used, n_parameters : int
    estimator : {"MLR", "ML"}
    conf_level : float
    """

    effects: pd.DataFrame = field(repr=False)
    effects_in_points: pd.DataFrame = field(repr=False)
    parameters: ModeratedParameters | None = field(repr=False)
    status: Status
    findings: tuple[Finding, ...]
    log_likelihood: float
    n_rows: int
    n_used: int
    n_parameters: int
    estimator: Estimator
    conf_level: float

    @property
    def usable(self) -> bool:
        """Whether the figures may be used."""
        return self.status == "estimated"

    def table(self) -> pd.DataFrame:
        """Return a copy of the effects."""
        return self.effects.copy()

    def __str__(self) -> str:
        named = "".join(f"\n{each.name}: {', '.join(each.where)}".rstrip(": ") for each in self.findings)
        head = f"LMS, {self.estimator}: {self.status}; n = {self.n_used} of {self.n_rows}{named}"
        return f"{head}\n{self.effects.round(3).to_string(index=False)}"

    def _repr_html_(self) -> str:
        head = str(self).rsplit("\n", len(self.effects) + 1)[0]
        return f"<pre>{escape(head)}</pre>{self.effects.round(3).to_html(index=False)}"


def fit_lms(
    answers: pd.DataFrame,
    factors: Factors,
    outcome: Factors,
    *,
    estimator: Estimator = "MLR",
    clusters: pd.Series | None = None,
    n_nodes: int = N_NODES,
    conf_level: float = 0.95,
) -> LatentModeration:
    """Fit the outcome on factors and all their products by maximum likelihood, without products of items.

    Use it beside product indicators
    (:func:`~si_research.measurement.factors.latent_interaction.fit_latent_interaction`): it needs fewer
    people for the same precision, as long as factors and residuals are near to normal. Not for skewed
    answers, or answers that many give at the ends of the scale: see the notes.

    Parameters
    ----------
    answers : pandas.DataFrame
        Keyed answers; rows with all items of factors and outcome are used.
    factors : mapping of str to sequence of str
        Two or three factors, each of two items or more.
    outcome : mapping of str to sequence of str
        One factor.
    estimator : {"MLR", "ML"}
        The same estimates; standard errors of ML from the observed information, of MLR from the sandwich,
        which holds better for answers that are not normal.
    clusters : pandas.Series, or None
        Firm of each row, whose members may be alike: MLR then allows for it, with t(G - 1); with fewer than
        about thirty firms intervals tend to be too narrow. ML takes none.
    n_nodes : int
        Nodes a factor in the integration over all factors but one.
    conf_level : float, in (0, 1)

    Returns
    -------
    LatentModeration

    Raises
    ------
    SurveyDataError, ModelSpecificationError
        As :func:`~si_research.measurement.factors.latent_interaction.fit_latent_interaction`.

    Notes
    -----
    In 60 simulated surveys of 1,000 people, three items a factor of reliability .5, the three-way effect
    (.20) came out at .200 (Monte Carlo error .005) with intervals that held it in 96 %; product indicators
    scattered three times as much. With the same answers on five points it came out at half its size, and
    intervals held it in 22 %. That is the cutting off at the ends and not the rounding: the outcome then
    lacks the far values in which a product shows most.

    The likelihood of Klein and Moosbrugger. Given its items, the factors of a row are normal; the nodes of
    the quadrature lie where that normal is, so that few suffice. The last factor is integrated exactly, since
    the outcome is linear in it. Steps by the cross-products of the rows' scores (Berndt, Hall, Hall &
    Hausman), scores by Fisher's identity; information by differences of the gradient.

    References
    ----------
    Klein & Moosbrugger (2000), https://doi.org/10.1007/BF02296338.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> can, may = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], 500).T
    >>> doing = 0.4 * can + 0.3 * may + 0.3 * can * may + 0.6 * rng.normal(size=500)
    >>> parts = {"k": can, "m": may, "y": doing}
    >>> of = {name: [f"{name}1", f"{name}2", f"{name}3"] for name in parts}
    >>> items = {i: parts[name] + 0.6 * rng.normal(size=500) for name in of for i in of[name]}
    >>> found = fit_lms(pd.DataFrame(items), {"k": of["k"], "m": of["m"]}, {"y": of["y"]})
    >>> found.status, found.table()["term"].tolist()
    ('estimated', ['k', 'm', 'k:m'])
    """
    named, target = checked_parts(factors, outcome)
    measured = named | target
    items = [item for each in measured.values() for item in each]
    complete = pd.DataFrame(numbers_of(answers, items), columns=items, index=answers.index).dropna()
    measurement = fit_factors(complete, measured, estimator="ML")
    likelihood = _likelihood(complete, measured, list(named), n_nodes)
    found = _Search(likelihood, measurement.status)
    if measurement.status in {"estimated", "improper"}:
        found = _maximise(likelihood, likelihood.packed(_start(measurement, measured, likelihood)))
    groups = None
    if clusters is not None and estimator == "MLR":
        groups = _numbers(clusters.reindex(complete.index))
    return _result(found, measured, likelihood, len(answers), estimator, groups, conf_level)


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Where the search ended; without a place where it did not begin."""

    likelihood: ModeratedLikelihood
    status: Status
    theta: Array | None = None
    value: float = np.nan
    scores: Array | None = None
    information: Array | None = None


def _likelihood(
    complete: pd.DataFrame, measured: Mapping[str, tuple[str, ...]], names: list[str], n_nodes: int
) -> ModeratedLikelihood:
    parts = [(name,) for name in names] + product_parts(names)
    nodes, log_weights = quadrature(n_nodes, len(names) - 1)
    data = complete.to_numpy(dtype="float64")
    spread = data.var(axis=0)
    owner = np.repeat(np.arange(len(measured)), [len(items) for items in measured.values()])
    return ModeratedLikelihood(
        answers=data,
        owner=owner,
        least=LEAST * np.append(spread, spread[owner == len(names)][0]),
        terms=tuple(tuple(int(name in each) for name in names) for each in parts),
        nodes=nodes,
        log_weights=log_weights,
    )


def _start(
    measurement: FactorFit, measured: Mapping[str, tuple[str, ...]], likelihood: ModeratedLikelihood
) -> ModeratedParameters:
    """Return the model without products: factors, loadings and residuals as the factor model has them."""
    table = measurement.estimates.set_index(["left", "operator", "right"])["estimate"].to_dict()
    names, k = list(measured), likelihood.n_factors
    items = [(name, item) for name, own in measured.items() for item in own]
    spread = likelihood.answers.var(axis=0)
    E = np.array([[table.get((a, "~~", b), table.get((b, "~~", a), np.nan)) for b in names] for a in names])
    root = np.sqrt(np.maximum(np.diag(E), 1e-3 * spread[~likelihood.free_loadings]))
    R = np.clip(E / np.outer(root, root), -0.95, 0.95)
    np.fill_diagonal(R, 1.0)
    lowest = np.linalg.eigvalsh(R)[0]
    R = R if lowest > 0.02 else (R + (0.02 - lowest) * np.eye(k + 1)) / (1.02 - lowest)
    E = R * np.outer(root, root)
    slopes = np.linalg.solve(E[:k, :k], E[:k, k])
    return ModeratedParameters(
        intercepts=likelihood.answers.mean(axis=0),
        loadings=np.array([table[(name, "=~", item)] for name, item in items]),
        residuals=np.maximum([table[(item, "~~", item)] for _, item in items], 0.05 * spread),
        factors=E[:k, :k],
        effects=np.r_[slopes, np.zeros(len(likelihood.terms) - k)],
        unexplained=float(max(E[k, k] - slopes @ E[:k, k], 0.02 * E[k, k])),
    )


def _maximise(likelihood: ModeratedLikelihood, theta: Array) -> _Search:
    """Climb until next to nothing is gained; where the search ends is kept, for what it tells of its end."""
    with np.errstate(all="ignore"):
        value, scores = likelihood.evaluate(theta)
        before = np.zeros_like(theta)
        for _ in range(MOST_STEPS):
            step = _step(scores)
            gain = float(step @ scores.sum(axis=0)) / 2
            if step @ scores.T @ (scores @ before) < 0:  # it swings from side to side of a ridge
                step = step / 2
            before = step
            moved = _along(likelihood, theta, step, value - FOUND)
            if gain < FOUND or moved is None:
                break
            theta, value, scores = moved
        if not gain < FOUND:
            return _Search(likelihood, "not converged", theta)
        information = likelihood.information(theta, 1 / np.sqrt((scores**2).sum(axis=0)))
    if not has_information(information):
        return _Search(likelihood, "not identified", theta)
    return _Search(likelihood, "estimated", theta, value, scores, information)


def _step(scores: Array) -> Array:
    """Return the step by the cross-products of the scores, damped where these do not tell all parameters."""
    products, slope = scores.T @ scores, scores.sum(axis=0)
    if not has_information(products):
        size = np.diag(products)
        products = products + np.diag(DAMPING * size + np.finfo(float).tiny ** 0.5)
    if not np.isfinite(products).all():
        return np.full_like(slope, np.nan)
    return solve(products, slope)


def _along(
    likelihood: ModeratedLikelihood, theta: Array, step: Array, least: float
) -> tuple[Array, float, Array] | None:
    """Return the first place along a step, halved again and again, that is no worse."""
    for halved in range(20):
        place = theta + step / 2**halved
        value, scores = likelihood.evaluate(place)
        if value > least and np.isfinite(scores).all():
            return place, value, scores
    return None


def _result(
    found: _Search,
    measured: Mapping[str, tuple[str, ...]],
    likelihood: ModeratedLikelihood,
    n_rows: int,
    estimator: Estimator,
    groups: Numbers | None,
    conf_level: float,
) -> LatentModeration:
    names, covariance = list(measured), _covariance(found, estimator, groups)
    q, n = sum(likelihood.sizes), len(likelihood.answers)
    df = np.inf if groups is None else float(groups.max())
    found_it = found.status == "estimated"
    own = None if found.theta is None else likelihood.unpacked(found.theta)
    findings = [Finding("few_rows")] if n < ROWS_PER_PARAMETER * q else []
    edges = [] if own is None else _at_edge(own, measured, likelihood, stuck=not found_it)
    status: Status = "improper" if edges else found.status
    if status in {"not converged", "not identified"}:
        findings = [Finding(status.replace(" ", "_"))]
    return LatentModeration(
        effects=effects_of(likelihood, names[:-1], own, covariance, conf_level, df),
        effects_in_points=effects_in_points(likelihood, names[:-1], own, covariance, conf_level, df),
        parameters=own if found_it else None,
        status=status,
        findings=(*edges, *findings),
        log_likelihood=found.value,
        n_rows=n_rows,
        n_used=n,
        n_parameters=q,
        estimator=estimator,
        conf_level=conf_level,
    )


def _covariance(found: _Search, estimator: Estimator, groups: Numbers | None) -> Array | None:
    if found.status != "estimated" or found.scores is None or found.information is None:
        return None
    bread = inverse(found.information)
    return bread @ _cross_products(found.scores, groups) @ bread if estimator == "MLR" else bread


def _cross_products(scores: Array, groups: Numbers | None) -> Array:
    if groups is None:
        return np.asarray(scores.T @ scores)
    together = np.zeros((int(groups.max()) + 1, scores.shape[1]))
    np.add.at(together, groups, scores)
    n_groups = len(together)
    return np.asarray(together.T @ together) * n_groups / max(n_groups - 1, 1)


def _numbers(clusters: pd.Series) -> Numbers:
    """Return a number for each cluster; a row of an unknown one stands alone."""
    codes, known = pd.factorize(clusters)
    alone = codes < 0
    codes[alone] = len(known) + np.arange(int(alone.sum()))
    return np.asarray(codes, dtype=np.intp)


def _at_edge(
    own: ModeratedParameters,
    measured: Mapping[str, tuple[str, ...]],
    likelihood: ModeratedLikelihood,
    *,
    stuck: bool,
) -> list[Finding]:
    """Return what stands at the edge of the model: residuals at zero, factors that are one."""
    names = list(measured)
    items = [item for each in measured.values() for item in each]
    small = own.residuals < AT_EDGE * likelihood.answers.var(axis=0)
    at_zero = [item for item, edge in zip(items, small, strict=True) if edge]
    if own.unexplained < AT_EDGE * outcome_variance(own, likelihood.terms):
        at_zero.append(names[-1])
    sd = np.sqrt(np.diag(own.factors))
    R = np.abs(own.factors / np.outer(sd, sd))
    one = [f"{names[i]} with {names[j]}" for i, j in zip(*np.where(np.triu(R, 1) > 1 - AT_EDGE), strict=True)]
    found = [Finding("negative_variance", tuple(at_zero))] if at_zero else []
    return found + ([Finding("correlation_beyond_one", tuple(one))] if one else [])
