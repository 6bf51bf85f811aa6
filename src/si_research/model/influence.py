"""Influence: does the conclusion hang on one firm, or on a few people?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import listed_names
from si_research.model.design import product_terms, term_name
from si_research.model.firm_sums import firm_scores
from si_research.model.inference import (
    COLUMNS,
    LOST,
    NO_INFORMATION,
    Array,
    LeastSquares,
    covariance,
    firm_cross_products,
    linear_combinations,
)
from si_research.model.interaction import InteractionFit, check_one_table, regress

DIRECT_UP_TO: Final = 1000
"""Firms up to which every pair of firms is gone through."""
OVERSHADOWED: Final = 1e-4
"""Share of a sum of squares that is left without the firm, below which it is summed anew."""
NOTHING_LEFT: Final = 1e-20
"""Squared size of a standard error, per squared length of its parts, that is rounding only."""


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneFirmOut:
    """The tested terms without each firm in turn. Made by :func:`leave_one_firm_out`.

    Attributes
    ----------
    terms : tuple of str
    n_firms : int
    conf_level : float
    whole : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high with all firms, by CR1 and t(G - 1)
        as the rows without a firm are, so that only the firm differs.
    firms : pandas.DataFrame, indexed by ``term``
        One row a term and firm: ``firm``, ``n_left_out``, the columns of ``whole`` without it, ``change``
        (with all firms minus without this one), ``dfbetas`` (change/std_error of ``whole``),
        ``sign_turns``, ``conclusion_turns``, ``note``. For further computation; no output shows firms.
    summary : pandas.DataFrame, indexed by ``term``
        ``estimate`` and ``p_value`` with all firms; ``estimate_low``, ``estimate_high``, ``p_low``,
        ``p_high`` over the firms left out; ``largest_dfbetas`` (its size), ``n_above`` firms whose size lies
        above ``threshold`` = 2/sqrt(G); ``n_sign_turns``, ``n_conclusion_turns``, ``n_missing`` (firms
        without which nothing can be said).
    """

    terms: tuple[str, ...]
    n_firms: int
    conf_level: float
    whole: pd.DataFrame = field(repr=False)
    firms: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the summary, which names no firm."""
        return self.summary.copy()

    def __str__(self) -> str:
        return f"without each of {self.n_firms} firms in turn\n{self.summary.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>without each of {self.n_firms} firms in turn</p>{self.summary.round(3).to_html()}"


def leave_one_firm_out(fit: InteractionFit, *, terms: Sequence[str] | None = None) -> LeaveOneFirmOut:
    """Return the tested terms without each firm in turn, and whether a conclusion hangs on one firm.

    Use it when people sit in firms. The firms' names stay in the object.

    Parameters
    ----------
    fit : InteractionFit
        With firms.
    terms : sequence of str, optional
        All products by default; any term of the fit.

    Returns
    -------
    LeaveOneFirmOut
        A row of a firm without which nothing can be said is missing, with a ``note``:
        ``cluster_identifies_term`` (the other firms say nothing about the term), ``too_few_firms`` (one firm
        is left), ``too_few_people`` (no more people are left than terms), ``no_variance`` (the
        terms determine the outcome in all other firms).

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, one without firms (leaving out one person would point at that person), or a
        strange term.

    Notes
    -----
    No refits: with A_g = X'X - X_g'X_g and d = A_g^-1 X_g'u_g the estimate without firm g is b - d, and the
    score of firm h there X_h'u_h + X_h'X_h d. The standard error is CR1 of the other firms, times
    (G - 1)/(G - 2), on t(G - 2). Over the firms left out, the squares of a'(scores) add up to a quadratic
    form in sums that are made once, so that cost grows with the number of firms and not with its square.
    Predictors stay centred on the means of all rows. CR1 is too small with few firms, and where
    few of them carry a term, the same for all rows;
    the conclusion to report is the fit's own. A conclusion turns where p crosses 1 - ``conf_level``.

    References
    ----------
    Belsley, Kuh & Welsch (1980), https://doi.org/10.1002/0471725153; Nieuwenhuis, te Grotenhuis & Pelzer
    (2012), https://doi.org/10.32614/RJ-2012-011; MacKinnon, Nielsen & Webb (2023),
    https://doi.org/10.1016/j.jeconom.2022.04.001.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> fit = fit_interaction(simulate_scores(600, n_firms=30, seed=1), cluster="firm_id")
    >>> found = leave_one_firm_out(fit, terms=["kunnen:willen:mogen"])
    >>> found.n_firms, int(found.summary["n_missing"].sum())
    (30, 0)
    """
    check_one_table(fit, "leave_one_firm_out")
    if fit.cluster is None:
        raise ModelSpecificationError(
            expected="a fit with firms",
            found="one without",
            where="leave_one_firm_out",
            todo="name the firm in `cluster`, or see person_influence",
        )
    names = chosen_terms(fit, terms, "leave_one_firm_out")
    model = regress(fit.rows, fit.roles)
    labels = pd.Index(pd.factorize(fit.rows[fit.cluster], sort=True)[1])
    whole = linear_combinations(
        np.eye(len(model.terms))[[model.terms.index(name) for name in names]],
        names,
        model.estimate,
        covariance(model, "CR1"),
        df=model.n_clusters - 1,
        conf_level=fit.conf_level,
    )
    firms = _firm_rows(model, names, labels, whole, fit.conf_level)
    return LeaveOneFirmOut(names, len(labels), fit.conf_level, whole, firms, _summary(whole, firms))


def chosen_terms(fit: InteractionFit, terms: Sequence[str] | None, where: str) -> tuple[str, ...]:
    """Return the terms asked for, all products by default; a term that is not there is refused."""
    products = [term_name(parts) for parts in product_terms(fit.predictors)]
    asked = products if terms is None else listed_names(terms, f"`terms` of {where}")
    names = tuple(dict.fromkeys(asked or products))
    strange = [name for name in names if name not in fit.covariance.index]
    if strange:
        raise ModelSpecificationError(
            expected=f"terms of the fit, such as {fit.tested_term}",
            found=", ".join(strange),
            where=f"`terms` of {where}",
            todo="look at the index of fit.coefficients",
        )
    return names


def _firm_rows(
    model: LeastSquares, names: Sequence[str], labels: pd.Index, whole: pd.DataFrame, conf_level: float
) -> pd.DataFrame:
    """Return one row a term and firm."""
    assert model.clusters is not None
    own = firm_cross_products(model)
    scores = firm_scores(model.unit_X, model.residuals, model.clusters)
    inverse, unknown = _inverses_without(own)
    changes = np.einsum("gij,gj->gi", inverse, scores)
    sizes = np.bincount(model.clusters)
    parts = []
    for name in names:
        place = model.terms.index(name)
        variance = _variances(inverse[:, place], changes, scores, own) / model.scale[place] ** 2
        left = pd.DataFrame({"firm": labels, "n_left_out": sizes, "change": changes[:, place]})
        left["change"] /= model.scale[place]
        left["note"] = _notes(
            unknown[:, place] > LOST, len(labels), model.n - sizes <= len(model.terms), variance
        )
        baseline = {column: float(whole[column][name]) for column in ("estimate", "std_error", "p_value")}
        parts.append(_with_tests(left, name, variance, baseline, conf_level))
    return pd.concat(parts)


def _inverses_without(own: Array) -> tuple[Array, Array]:
    """Return A^+ of A = X'X without each firm, on unit columns, and the squared share of each term that
    the other firms say nothing about.
    """
    values, vectors = np.linalg.eigh(own.sum(axis=0) - own)
    known = values > NO_INFORMATION
    inverse = (vectors * (known / np.where(known, values, 1.0))[:, None, :]) @ vectors.transpose(0, 2, 1)
    return inverse, np.einsum("gij,gj->gi", vectors**2, ~known)


def _variances(rows: Array, changes: Array, scores: Array, own: Array) -> Array:
    """Return the CR1 variance of one term without each firm; missing with fewer than two others.

    ``rows`` is the term's row of each A^-1. A firm's score at the estimate without another firm is linear in
    its own sums, so that a'(score) is the product of a vector of the firm left out and one of the other.
    """
    G = len(rows)
    if G < 3:
        return np.full(G, np.nan)
    first, second = np.triu_indices(rows.shape[1])
    crossed = rows[:, first] * changes[:, second] + rows[:, second] * changes[:, first]
    out = np.hstack([rows, np.where(first == second, 0.5, 1.0) * crossed])
    sums = np.hstack([scores, own[:, first, second]])
    squares = squares_elsewhere(out, sums)
    rounding = NOTHING_LEFT * np.einsum("gi,gi->g", rows, rows) * np.einsum("gi,gi->", scores, scores)
    return np.where(squares > rounding, (G - 1) / (G - 2) * squares, 0.0)


def squares_elsewhere(out: Array, sums: Array) -> Array:
    """Return for each g the sum over h other than g of (out_g'sums_h)²."""
    G = len(out)
    if G <= DIRECT_UP_TO:
        return _pair_by_pair(out, sums, np.arange(G))
    whole = np.einsum("gi,gi->g", out @ (sums.T @ sums), out)
    left = whole - np.einsum("gi,gi->g", out, sums) ** 2
    overshadowed = np.flatnonzero(left < OVERSHADOWED * whole)
    for part in np.array_split(overshadowed, len(overshadowed) // DIRECT_UP_TO + 1):
        left[part] = _pair_by_pair(out, sums, part)
    return np.asarray(left)


def _pair_by_pair(out: Array, sums: Array, left_out: npt.NDArray[np.intp]) -> Array:
    each = out[left_out] @ sums.T
    each[np.arange(len(left_out)), left_out] = 0.0
    return np.asarray(np.einsum("gh,gh->g", each, each))


def _notes(lost: npt.NDArray[np.bool_], n_firms: int, few: npt.NDArray[np.bool_], variance: Array) -> Array:
    """Return why a row is missing, or an empty text."""
    reasons = [lost, np.full(len(lost), n_firms < 3), few, variance == 0]
    codes = ["cluster_identifies_term", "too_few_firms", "too_few_people", "no_variance"]
    return np.select(reasons, codes, default="")


def _with_tests(
    left: pd.DataFrame, name: str, variance: Array, whole: Mapping[str, float], conf_level: float
) -> pd.DataFrame:
    """Return the rows of one term with estimate, test and what turns."""
    from scipy import stats

    usable = (left["note"] == "").to_numpy()
    df = len(left) - 2
    left["estimate"] = np.where(
        left["note"] == "cluster_identifies_term", np.nan, whole["estimate"] - left["change"]
    )
    left["change"] = whole["estimate"] - left["estimate"]
    left["std_error"] = np.where(usable, np.sqrt(variance), np.nan)
    left["statistic"] = left["estimate"] / left["std_error"]
    left["df"] = np.where(usable, float(df), np.nan)
    left["p_value"] = 2 * stats.t.sf(left["statistic"].abs(), left["df"])
    width = stats.t.ppf((1 + conf_level) / 2, left["df"]) * left["std_error"]
    left["conf_low"], left["conf_high"] = left["estimate"] - width, left["estimate"] + width
    left["dfbetas"] = left["change"] / whole["std_error"]
    known = left["estimate"].notna()
    left["sign_turns"] = known & (np.sign(left["estimate"]) != np.sign(whole["estimate"]))
    alpha = 1 - conf_level
    left["conclusion_turns"] = usable & ((left["p_value"] < alpha) != (whole["p_value"] < alpha))
    left.index = pd.Index([name] * len(left), name="term")
    columns = ["firm", "n_left_out", *COLUMNS, "change", "dfbetas", "sign_turns", "conclusion_turns", "note"]
    return left[columns]


def _summary(whole: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    by_term = firms.groupby(level="term", sort=False)
    size = firms["dfbetas"].abs()
    threshold = 2 / np.sqrt(int(by_term.size().iloc[0]))
    table = whole[["estimate", "p_value"]].assign(
        estimate_low=by_term["estimate"].min(),
        estimate_high=by_term["estimate"].max(),
        p_low=by_term["p_value"].min(),
        p_high=by_term["p_value"].max(),
        largest_dfbetas=size.groupby(level="term").max(),
        threshold=threshold,
        n_above=(size > threshold).groupby(level="term").sum(),
        n_sign_turns=by_term["sign_turns"].sum(),
        n_conclusion_turns=by_term["conclusion_turns"].sum(),
        n_missing=(firms["note"] != "").groupby(level="term").sum(),
    )
    table.index.name = "term"
    return table
