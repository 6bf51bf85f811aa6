"""The moderated regression: is the outcome predicted better when the conditions may reinforce each other?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import as_found, check_level, listed_names
from si_research.model.clusters import ClusterFacts, cluster_facts
from si_research.model.design import (
    ModelRows,
    Roles,
    check_variation,
    design_matrix,
    is_binary,
    means,
    select_rows,
    spreads,
    term_name,
    z_scores,
)
from si_research.model.design_checks import check_design
from si_research.model.fit_notes import Note, notes_on_firms, notes_on_outcome, notes_on_rows
from si_research.model.inference import (
    Array,
    LeastSquares,
    Method,
    coefficient_table,
    covariance,
    least_squares,
    reference_df,
)
from si_research.model.steps import highest_order_table, step_table

PERFECT: Final = 1e-12
"""Share of the outcome's variance that is left, below which the predictors determine it."""
OVER_PEOPLE: Final[tuple[Method, ...]] = ("OLS", "HC0", "HC1", "HC2", "HC3", "HC4")
PEOPLE: Final[tuple[Method, ...]] = ("OLS", "HC3")
FIRMS: Final[tuple[Method, ...]] = ("OLS", "HC3", "CR1", "CR1S", "CR3", "CR3 jackknife")


@dataclass(frozen=True, slots=True, eq=False)
class InteractionFit:
    """Moderated regression of an outcome on kunnen, willen and mogen (or on two or three others).

    Made by :func:`fit_interaction`, not by hand.

    Attributes
    ----------
    coefficients : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high by ``method``, in points
        of the outcome per point of a centred predictor (products: per product of points).
    standardised : pandas.DataFrame
        The same, for z-scores of outcome and predictors; products of z-scores.
    methods : pandas.DataFrame
        One row per view, term and method, with a column ``recommended``.
    steps : pandas.DataFrame, indexed by ``step``
        What each step adds, on the same rows.
    highest_order : pandas.DataFrame, indexed by ``model``
        The highest-order product without and with the squares of the predictors.
    tested_term, null, formula : str
    r2, r2_adjusted, r2_gain, f2 : float
        Of the full model; the gain is that of the highest-order product, f2 = gain/(1 - R2).
    n_rows, n_used : int
        Rows offered, rows in the fit.
    dropped : pandas.Series
        Rows left out, counted by the first thing they lack; sums to ``n_rows - n_used``.
    centres, std_devs : mapping
        Mean and standard deviation (n - 1) of predictors and outcome over the rows used.
    method : str
        The covariance estimator: the recommended one, unless ``errors`` asked for another.
    df : float
        Degrees of freedom of its t.
    covariance : pandas.DataFrame, shape (k, k)
    clusters : ClusterFacts or None
    squares, squares_left_out : tuple of str
        Predictors whose square belongs in the joint test; binary ones are left out.
    notes : tuple of Note
    rows : pandas.DataFrame
        The rows used. For further computation; no output shows them.
    """

    outcome: str
    predictors: tuple[str, ...]
    controls: tuple[str, ...]
    cluster: str | None
    weight: str | None
    formula: str
    null: str
    tested_term: str
    n_rows: int
    n_used: int
    dropped: pd.Series
    conf_level: float
    centres: Mapping[str, float]
    std_devs: Mapping[str, float]
    method: Method
    df: float
    coefficients: pd.DataFrame = field(repr=False)
    standardised: pd.DataFrame = field(repr=False)
    methods: pd.DataFrame = field(repr=False)
    steps: pd.DataFrame = field(repr=False)
    highest_order: pd.DataFrame = field(repr=False)
    r2: float
    r2_adjusted: float
    r2_gain: float
    f2: float
    covariance: pd.DataFrame = field(repr=False)
    clusters: ClusterFacts | None
    squares: tuple[str, ...]
    squares_left_out: tuple[str, ...]
    notes: tuple[Note, ...]
    rows: pd.DataFrame = field(repr=False)

    @property
    def roles(self) -> Roles:
        """Which column plays which part."""
        return Roles(self.outcome, self.predictors, self.controls, self.cluster, self.weight)

    def combination_df(self, weights: Array) -> float:
        """Return the degrees of freedom of c'b: those of the fit, whatever the rows c of ``weights``."""
        return self.df

    def smallest_df(self, weights: Array) -> float:
        """Return the fewest degrees of freedom that any combination of these rows has: those of the fit."""
        return self.df

    def table(self) -> pd.DataFrame:
        """Return a copy of the coefficients."""
        return self.coefficients.copy()

    def __str__(self) -> str:
        head = f"{self.formula}\nn = {self.n_used} of {self.n_rows}; R2 = {self.r2:.3f}; {self.method}"
        return f"{head}\n{self.coefficients.round(3).to_string()}"

    def _repr_html_(self) -> str:
        head = f"<p>{escape(self.formula)}<br>n = {self.n_used} of {self.n_rows}; R² = {self.r2:.3f}; "
        return f"{head}{escape(self.method)}</p>{self.coefficients.round(3).to_html()}"


def fit_interaction(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    weight: str | None = None,
    conf_level: float = 0.95,
    errors: Method | None = None,
) -> InteractionFit:
    """Fit the outcome on the predictors and all their products.

    Use it when outcome and predictors are scores of people. The three-way coefficient alone hardly
    finds a true combination; read it beside :func:`joint_test` and :func:`corner_comparison`.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row a respondent; outcome and predictors are numbers.
    outcome : str
    predictors : sequence of str
        Two or three; kunnen, willen, mogen by default. All lower-order terms enter with their product.
    controls : sequence of str
        Numbers are centred; text becomes a dummy for each level but the commonest.
    cluster : str, optional
        Column that names the firm. Rows without one are left out and counted.
    weight : str, optional
        Column of sampling weights: how many people of the population each respondent stands for, up to a
        factor. Rows with none, or one of 0, are left out and counted; means that centre the predictors, and
        percentiles at which these are probed, are weighted too. Standard errors stay robust ones, so that
        weights need not be inverse variances.
    conf_level : float, in (0, 1)
    errors : {"OLS", "HC0", "HC1", "HC2", "HC3", "HC4"}, optional
        Other standard errors than the recommended ones, for people without firms: to lay a result beside that
        of another program. Everything that is asked of the fit follows; the joint test stays with HC3.

    Returns
    -------
    InteractionFit

    Raises
    ------
    ModelSpecificationError
        For columns that are not there, not numbers, or named twice; for ``errors`` with firms, which
        :func:`~si_research.model.inference_comparison.compare_inference` shows side by side.
    SurveyDataError
        For scores that do not vary, too few rows, or terms that follow from one another.

    Notes
    -----
    Predictors are mean-centred on the rows used. With all lower-order terms present, centring
    changes neither estimate nor standard error of the highest-order term. Without firms the
    standard errors are HC3, t(n - k); with firms those of the jackknife over firms (CR3), t(G - 1).

    References
    ----------
    Cohen, Cohen, West & Aiken (2003), Applied Multiple Regression/Correlation Analysis for the Behavioral
    Sciences, 3rd ed., ch. 7. Bell & McCaffrey (2002) on CR3. Solon, Haider & Wooldridge (2015) on weights,
    https://doi.org/10.3368/jhr.50.2.301.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> fit = fit_interaction(simulate_scores(300, three_way=0.2, seed=1))
    >>> fit.n_used, fit.tested_term
    (300, 'kunnen:willen:mogen')
    """
    check_level(conf_level)
    own, others = (
        listed_names(names, part) for names, part in ((predictors, "predictors"), (controls, "controls"))
    )
    roles = Roles(outcome, own, others, cluster, weight)
    _check_errors(errors, roles)
    chosen = select_rows(scores, roles)
    check_variation(chosen, roles)
    if cluster is not None and chosen.frame[cluster].nunique() < 2:
        return _fit(chosen, replace(roles, cluster=None), [Note("one_cluster")], conf_level)
    return _fit(chosen, roles, [] if cluster is not None else [Note("no_clusters")], conf_level, errors)


def _check_errors(errors: Method | None, roles: Roles) -> None:
    if errors is not None and (errors not in OVER_PEOPLE or roles.cluster is not None):
        raise ModelSpecificationError(
            expected=f"one of {', '.join(OVER_PEOPLE)}, for a model without firms",
            found=f"{errors}" if roles.cluster is None else f"{errors}, with firms",
            where="`errors` of fit_interaction",
            todo="leave it out, and see compare_inference for the methods side by side",
        )


def _fit(
    chosen: ModelRows, roles: Roles, notes: list[Note], conf_level: float, errors: Method | None = None
) -> InteractionFit:
    frame = chosen.frame
    binary = tuple(name for name in roles.predictors if is_binary(frame[name]))
    squares = tuple(name for name in roles.predictors if name not in binary)
    raw, curved = regress(frame, roles), regress(frame, roles, squares=squares)
    offered = PEOPLE if roles.cluster is None else FIRMS
    method = errors or offered[-1]
    offered = tuple(dict.fromkeys((*offered, method)))
    views = {"raw": raw, "standardised": regress(frame, roles, standardise=True)}
    methods = _method_table(views, offered, recommended_method(roles.cluster), conf_level)
    steps = step_table(raw, roles, method)
    tested, gain = term_name(roles.predictors), float(steps["r2_gain"].iloc[-1])
    mean, spread = means(frame, roles.weight), spreads(frame, roles.weight)
    scales = [roles.outcome, *roles.predictors]
    return InteractionFit(
        outcome=roles.outcome,
        predictors=roles.predictors,
        controls=roles.controls,
        cluster=roles.cluster,
        weight=roles.weight,
        formula=" + ".join([f"{roles.outcome} ~ {' * '.join(roles.predictors)}", *roles.controls]),
        null=f"the coefficient of {tested} is 0",
        tested_term=tested,
        n_rows=chosen.n_rows,
        n_used=len(frame),
        dropped=chosen.dropped,
        conf_level=conf_level,
        centres={name: float(mean[name]) for name in scales},
        std_devs={name: float(spread[name]) for name in scales},
        method=method,
        df=reference_df(raw, method),
        coefficients=_by_method(methods, "raw", method),
        standardised=_by_method(methods, "standardised", method),
        methods=methods,
        steps=steps,
        highest_order=highest_order_table(raw, curved, tested, method, conf_level),
        r2=raw.r2,
        r2_adjusted=float(steps["r2_adjusted"].iloc[-1]),
        r2_gain=gain,
        f2=gain / (1 - raw.r2),
        covariance=pd.DataFrame(covariance(raw, method), index=list(raw.terms), columns=list(raw.terms)),
        clusters=None if roles.cluster is None else cluster_facts(frame[roles.outcome], frame[roles.cluster]),
        squares=squares,
        squares_left_out=binary,
        notes=(
            *(Note("square_left_out", {"predictor": name}) for name in binary),
            *notes,
            *notes_on_firms(raw),
            *notes_on_rows(frame, roles, len(curved.terms)),
            *notes_on_outcome(frame, roles),
        ),
        rows=frame,
    )


def regress(
    frame: pd.DataFrame,
    roles: Roles,
    *,
    standardise: bool = False,
    squares: Sequence[str] = (),
    centres: Mapping[str, float] | None = None,
) -> LeastSquares:
    """Fit the model of these roles, on centred predictors or on z-scores of outcome and predictors."""
    if standardise:
        frame = z_scores(frame, roles)
    design = design_matrix(frame, roles, squares=squares, centres=centres)
    check_design(design)
    firms = None if roles.cluster is None else frame[roles.cluster]
    weights = None if roles.weight is None else frame[roles.weight]
    fit = least_squares(design, frame[roles.outcome], firms, weights)
    if 1 - fit.r2 < PERFECT:
        raise SurveyDataError(
            expected="an outcome that the predictors and controls do not determine wholly",
            found=f"{roles.outcome} follows from them without any error",
            where="the model",
            todo="look whether the outcome, or a part of it, stands among the predictors",
        )
    return fit


def recommended_method(cluster: str | None) -> Method:
    """Return the standard errors to read: the jackknife over firms, HC3 where there are none."""
    return (PEOPLE if cluster is None else FIRMS)[-1]


def check_one_table(fit: object, where: str, instead: str = "") -> None:
    """Refuse a fit pooled over filled-in tables, where a function needs the one table that it rests on."""
    if not isinstance(fit, InteractionFit):
        raise ModelSpecificationError(
            expected="a fit of fit_interaction",
            found=as_found(fit),
            where=where,
            todo=instead or "give the fit of the complete cases, or of one filled-in table",
        )


def fit_with_squares(fit: InteractionFit) -> LeastSquares:
    """Return the model of a fit with the squares of its non-binary predictors."""
    return regress(fit.rows, fit.roles, squares=fit.squares)


def _method_table(
    views: Mapping[str, LeastSquares], offered: Sequence[Method], recommended: Method, conf_level: float
) -> pd.DataFrame:
    parts = []
    for view, fit in views.items():
        for method in offered:
            table = coefficient_table(fit, method, conf_level).reset_index()
            table.insert(0, "view", view)
            table.insert(2, "method", method)
            table["recommended"] = method == recommended
            parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _by_method(methods: pd.DataFrame, view: str, method: Method) -> pd.DataFrame:
    chosen = methods.loc[(methods["method"] == method) & (methods["view"] == view)]
    return chosen.drop(columns=["view", "method", "recommended"]).set_index("term")
