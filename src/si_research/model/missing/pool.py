"""The interaction over completed tables, with the complete cases beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from si_research.model.arguments import check_kind, check_level
from si_research.model.clusters import ClusterFacts, cluster_facts
from si_research.model.design import Roles, product_terms, term_name
from si_research.model.fit_notes import Note, notes_on_firms
from si_research.model.inference import (
    COLUMNS,
    Array,
    LeastSquares,
    Method,
    coefficient_table,
    covariance,
    jackknife_changes,
    reference_df,
)
from si_research.model.interaction import FIRMS, PEOPLE, regress
from si_research.model.missing.imputed import ImputedScores
from si_research.model.missing.pooled_tests import PooledTest, pooled_wald
from si_research.model.missing.pooling import (
    PooledEstimates,
    barnard_rubin_df,
    pool_estimates,
    pool_r2,
)
from si_research.model.steps import robust_wald

IMPUTED: Final = "imputed"
COMPLETE: Final = "complete cases"


@dataclass(frozen=True, slots=True, eq=False)
class PooledInteraction:
    """The moderated regression over completed tables. Made by :func:`pool_interaction`.

    Attributes
    ----------
    roles : Roles
    formula, tested_term : str
    pooled : PooledEstimates
        Of the model without squares, with the covariance matrices within and between the tables.
    coefficients : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high, missing_information (the share of
        what the rows would have told about the term that the holes took), n_used. The model without squares.
    complete_cases : pandas.DataFrame, indexed by ``term``
        The same from the rows without holes only, around the same centres; no missing_information.
    highest_order : pandas.DataFrame, indexed by ``data`` and ``model``
        The highest-order product, imputed and complete cases, without and with squares.
    joint : pandas.DataFrame, indexed by ``data``
        Test that all products are 0, squares in both models: method, statistic, df, df_residual, p_value,
        n_used, note: why there is no p (``too_few_clusters``; ``cluster_identifies_term``, a single firm
        decides one of the products; ``too_few_df``).
    r2 : pandas.DataFrame, indexed by ``data``
        Share of explained variance with its interval (people as independent).
    method : str
        Covariance estimator inside each table: HC3, or the jackknife over firms.
    df_complete : float
        n - k, or G - 1 with firms.
    centres : Mapping of str to float
        Of predictors and controls that are numbers: their mean over all completed tables.
    std_devs : Mapping of str to float
        Of outcome and predictors: the mean of those of the tables.
    squares_left_out : tuple of str
        Predictors with two values.
    rows : pandas.DataFrame
        The first completed table: where probing looks for low and high scores and for who is near. No output
        shows it.
    clusters : ClusterFacts or None
        How people are spread over firms; likeness as the mean over the tables.
    n_rows, n_used, n_complete, n_imputations : int
    conf_level : float
    notes : tuple of Note
        Those of the imputation, and of this model.
    """

    roles: Roles
    formula: str
    tested_term: str
    pooled: PooledEstimates = field(repr=False)
    coefficients: pd.DataFrame = field(repr=False)
    complete_cases: pd.DataFrame = field(repr=False)
    highest_order: pd.DataFrame = field(repr=False)
    joint: pd.DataFrame = field(repr=False)
    r2: pd.DataFrame = field(repr=False)
    method: Method
    df_complete: float
    centres: Mapping[str, float]
    std_devs: Mapping[str, float]
    squares_left_out: tuple[str, ...]
    rows: pd.DataFrame = field(repr=False)
    clusters: ClusterFacts | None
    n_rows: int
    n_used: int
    n_complete: int
    n_imputations: int
    conf_level: float
    notes: tuple[Note, ...]

    @property
    def outcome(self) -> str:
        """The outcome."""
        return self.roles.outcome

    @property
    def predictors(self) -> tuple[str, ...]:
        """The conditions."""
        return self.roles.predictors

    @property
    def controls(self) -> tuple[str, ...]:
        """What else is in the model."""
        return self.roles.controls

    @property
    def weight(self) -> None:
        """None: filled-in tables are not weighted."""
        return None

    @property
    def covariance(self) -> pd.DataFrame:
        """The total covariance matrix of the coefficients."""
        return self.pooled.covariance

    def combination_df(self, weights: Array) -> Array:
        """Return Barnard and Rubin's degrees of freedom of c'b, for each row c of ``weights``."""
        holes, total = (self._along(weights, part) for part in ("holes", "total"))
        share = np.einsum("ii->i", holes) / np.einsum("ii->i", total)
        return barnard_rubin_df(share, self.n_imputations, self.df_complete)

    def smallest_df(self, weights: Array) -> float:
        """Return the fewest degrees of freedom that any combination of these rows has."""
        from scipy.linalg import eigh

        holes, total = (self._along(weights, part) for part in ("holes", "total"))
        worst = float(eigh(holes, total, eigvals_only=True)[-1])
        return float(barnard_rubin_df(np.array([worst]), self.n_imputations, self.df_complete)[0])

    def _along(self, weights: Array, part: str) -> Array:
        V = self.pooled.covariance if part == "total" else (1 + 1 / self.n_imputations) * self.pooled.between
        return np.asarray(weights @ V.to_numpy() @ weights.T)

    def table(self) -> pd.DataFrame:
        """Return the coefficients of both, indexed by ``data`` and ``term``."""
        both = {IMPUTED: self.coefficients, COMPLETE: self.complete_cases}
        return pd.concat(both, names=["data"])

    def __str__(self) -> str:
        head = (
            f"{self.formula}\n{self.n_imputations} imputations of {self.n_used} rows, "
            f"{self.n_complete} of them complete; {self.method}"
        )
        return f"{head}\n{self.table().round(3).to_string()}"

    def _repr_html_(self) -> str:
        head = "<br>".join(escape(line) for line in str(self).splitlines()[:2])
        return f"<p>{head}</p>{self.table().round(3).to_html()}"


@dataclass(frozen=True, slots=True, eq=False)
class _Models:
    """One model in every completed table, and in the complete cases."""

    fits: tuple[LeastSquares, ...]
    covariances: tuple[npt.NDArray[np.float64], ...]
    complete: LeastSquares
    method: Method

    @property
    def df_complete(self) -> float:
        return reference_df(self.fits[0], self.method)

    def pooled(self, conf_level: float) -> PooledEstimates:
        return pool_estimates(
            self.estimates(), self.covariances, df_complete=self.df_complete, conf_level=conf_level
        )

    def estimates(self) -> pd.DataFrame:
        return pd.DataFrame([fit.estimate for fit in self.fits], columns=list(self.fits[0].terms))


def pool_interaction(imputed: ImputedScores, *, conf_level: float = 0.95) -> PooledInteraction:
    """Fit the interaction on every completed table and pool it, with the complete cases beside it.

    Simple slopes, slope differences, Johnson-Neyman, the significance map and the corners take the result as
    they take a fit. Read both columns. Where they differ, who left an answer out differs from who did not,
    in ways that the outcome and the other scores tell; what these do not tell, neither column repairs.

    Parameters
    ----------
    imputed : ImputedScores
        Of :func:`impute_scores`, whose roles are those of the model.
    conf_level : float, in (0, 1)

    Returns
    -------
    PooledInteraction

    Raises
    ------
    ModelSpecificationError
        For a confidence level outside (0, 1).
    SurveyDataError
        For complete cases on which the model cannot be fitted.

    Notes
    -----
    Inside a table: least squares, HC3 without firms, the jackknife over firms with them. Over the tables:
    Rubin's rules with Barnard-Rubin degrees of freedom, from n - k or G - 1. The joint test is D1 with the
    degrees of freedom of Reiter (2007); with firms in Hotelling's form: F times (G - q)/(G - 1), from G - q
    degrees of freedom. Predictors are centred at one set of means for all tables, so that lower-order terms
    mean the same in each. NCA and the power mean are not pooled.

    References
    ----------
    Barnard & Rubin (1999), https://doi.org/10.1093/biomet/86.4.948;
    Reiter (2007), https://doi.org/10.1093/biomet/asm028.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.missing.impute import impute_scores
    >>> scores = simulate_scores(200, three_way=0.2, seed=1)
    >>> scores.loc[scores["innovative_behaviour"] > 3.4, "kunnen"] = np.nan
    >>> pooled = pool_interaction(impute_scores(scores, imputations=5, iterations=10, seed=1))
    >>> pooled.tested_term, pooled.n_used, pooled.n_complete
    ('kunnen:willen:mogen', 200, 150)
    """
    todo = "fill in the scores first: impute_scores(scores, seed=1)"
    check_kind(imputed, ImputedScores, "filled-in tables", "`imputed` of pool_interaction", todo)
    check_level(conf_level)
    roles, notes = _usable_roles(imputed)
    centres = _centres(imputed, roles)
    plain, curved = (_fit_all(imputed, roles, centres, squares) for squares in ((), imputed.squares))
    tested, pooled = term_name(roles.predictors), plain.pooled(conf_level)
    return PooledInteraction(
        roles=roles,
        formula=" + ".join([f"{roles.outcome} ~ {' * '.join(roles.predictors)}", *roles.controls]),
        tested_term=tested,
        pooled=pooled,
        coefficients=_imputed_table(plain, conf_level),
        complete_cases=_complete_table(plain, conf_level),
        highest_order=_highest_order({"without squares": plain, "with squares": curved}, tested, conf_level),
        joint=_joint(curved, [term_name(parts) for parts in product_terms(roles.predictors)]),
        r2=_r2(plain, conf_level),
        method=plain.method,
        df_complete=plain.df_complete,
        centres=centres,
        std_devs=_spreads(imputed, roles),
        squares_left_out=tuple(name for name in roles.predictors if name not in imputed.squares),
        rows=imputed.completed(1),
        clusters=_clusters(imputed, roles),
        n_rows=imputed.n_rows,
        n_used=imputed.n_used,
        n_complete=imputed.n_complete,
        n_imputations=imputed.n_imputations,
        conf_level=conf_level,
        notes=(*imputed.notes, *notes, *notes_on_firms(plain.fits[0])),
    )


def _usable_roles(imputed: ImputedScores) -> tuple[Roles, list[Note]]:
    """Return the roles, without the firm where the complete cases come from one firm only."""
    roles = imputed.roles
    if roles.cluster is None:
        return roles, [Note("no_clusters")]
    if imputed.rows.dropna()[roles.cluster].nunique() < 2:
        return replace(roles, cluster=None), [Note("one_cluster")]
    return roles, []


def _centres(imputed: ImputedScores, roles: Roles) -> dict[str, float]:
    numbers = [name for name in roles.controls if is_numeric_dtype(imputed.rows[name])]
    names = [*roles.predictors, *numbers]
    means = pd.DataFrame([table[names].mean() for table in imputed.tables()]).mean()
    return {name: float(means[name]) for name in names}


def _clusters(imputed: ImputedScores, roles: Roles) -> ClusterFacts | None:
    if roles.cluster is None:
        return None
    facts = [cluster_facts(table[roles.outcome], table[roles.cluster]) for table in imputed.tables()]
    icc = float(np.mean([each.icc for each in facts]))
    return replace(facts[0], icc=icc, design_effect=float(np.mean([each.design_effect for each in facts])))


def _spreads(imputed: ImputedScores, roles: Roles) -> dict[str, float]:
    names = [roles.outcome, *roles.predictors]
    means = pd.DataFrame([table[names].std() for table in imputed.tables()]).mean()
    return {name: float(means[name]) for name in names}


def _fit_all(
    imputed: ImputedScores, roles: Roles, centres: Mapping[str, float], squares: Sequence[str]
) -> _Models:
    fits = tuple(regress(table, roles, squares=squares, centres=centres) for table in imputed.tables())
    complete = regress(imputed.rows.dropna(), roles, squares=squares, centres=centres)
    method = (PEOPLE if roles.cluster is None else FIRMS)[-1]
    return _Models(fits, tuple(covariance(fit, method) for fit in fits), complete, method)


def _imputed_table(models: _Models, conf_level: float) -> pd.DataFrame:
    table = models.pooled(conf_level).coefficients[[*COLUMNS, "missing_information"]]
    return table.assign(n_used=models.fits[0].n)


def _complete_table(models: _Models, conf_level: float) -> pd.DataFrame:
    table = coefficient_table(models.complete, models.method, conf_level)
    return table.assign(missing_information=np.nan, n_used=models.complete.n)


def _highest_order(models: Mapping[str, _Models], term: str, conf_level: float) -> pd.DataFrame:
    rows = {
        (data, model): table(each, conf_level).loc[term]
        for data, table in ((IMPUTED, _imputed_table), (COMPLETE, _complete_table))
        for model, each in models.items()
    }
    return pd.DataFrame(rows).T.rename_axis(["data", "model"])


def _joint(models: _Models, terms: list[str]) -> pd.DataFrame:
    """Return the test of all products, from the imputed tables and from the complete cases."""
    fits, q = models.fits, len(terms)
    places = [fits[0].terms.index(term) for term in terms]
    estimates = models.estimates()[terms]
    blocks = [each[np.ix_(places, places)] for each in models.covariances]
    G = fits[0].n_clusters
    decided = [G > 0 and _decided(fit, places) for fit in fits]
    first = _hotelling(estimates, blocks, G, decided=any(decided)) if G else None
    first = first or pooled_wald(estimates, blocks, df_complete=models.df_complete)
    own = [models.complete.terms.index(term) for term in terms]
    F, _, df_residual, p = robust_wald(models.complete, own, models.method)
    rows = [
        (IMPUTED, f"D1, {models.method}", first.statistic, q, first.df_residual, first.p_value),
        (COMPLETE, f"Wald, {models.method}", F, q, df_residual, p),
    ]
    columns = ["data", "method", "statistic", "df", "df_residual", "p_value"]
    table = pd.DataFrame(rows, columns=columns).set_index("data")
    table["n_used"] = [fits[0].n, models.complete.n]
    alone = models.complete.n_clusters > 0 and _decided(models.complete, own)
    clusters = (G, models.complete.n_clusters)
    table["note"] = [
        _why_no_p(float(row), q, n, lone)
        for row, n, lone in zip(table["p_value"], clusters, (any(decided), alone), strict=True)
    ]
    return table


def _decided(fit: LeastSquares, places: list[int]) -> bool:
    """Return whether a single firm decides one of these terms."""
    return bool(jackknife_changes(fit)[1][:, places].any())


def _why_no_p(p: float, q: int, G: int, decided: bool) -> str:
    if not np.isnan(p):
        return ""
    if 0 < G <= q:
        return "too_few_clusters"
    return "cluster_identifies_term" if decided else "too_few_df"


def _hotelling(estimates: pd.DataFrame, blocks: list[np.ndarray], G: int, *, decided: bool) -> PooledTest:
    """Return D1 in Hotelling's form, as the Wald test over firms without imputation.

    No p for few firms, nor where one decides a term: nearly every true null would be rejected there.
    """
    from scipy import stats

    q = estimates.shape[1]
    if q >= G or decided:
        return PooledTest("D1", np.nan, q, np.nan, np.nan, np.nan, len(estimates), "too_few_df")
    plain = pooled_wald(estimates, blocks, df_complete=G - q)
    F = plain.statistic * (G - q) / (G - 1)
    return replace(plain, statistic=F, p_value=float(stats.f.sf(F, q, plain.df_residual)))


def _r2(models: _Models, conf_level: float) -> pd.DataFrame:
    pooled = pool_r2([fit.r2 for fit in models.fits], models.fits[0].n, name=IMPUTED, conf_level=conf_level)
    alone = pool_r2([models.complete.r2] * 2, models.complete.n, name=COMPLETE, conf_level=conf_level).assign(
        missing_information=0.0
    )
    return pd.concat([pooled, alone]).rename_axis("data")
