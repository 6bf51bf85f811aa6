"""The moderated regression: is the outcome predicted better when the conditions may reinforce each other?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError
from si_research.model.design import (
    ModelRows,
    check_design,
    check_variation,
    design_matrix,
    is_binary,
    select_rows,
    term_name,
)
from si_research.model.inference import (
    ClusterFacts,
    LeastSquares,
    Method,
    cluster_facts,
    coefficient_table,
    covariance,
    jackknife_covariance,
    least_squares,
    reference_df,
)
from si_research.model.steps import highest_order_table, step_table

FEW_CLUSTERS = 10
PEOPLE: tuple[Method, ...] = ("OLS", "HC3")
FIRMS: tuple[Method, ...] = ("OLS", "HC3", "CR1", "CR1S", "CR3", "CR3 jackknife")


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader must know about a fit: a code that the report puts into words, and its values."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class InteractionFit:
    """Moderated regression of an outcome on kunnen, willen and mogen (or on two or three others).

    Made by :func:`fit_interaction`, not by hand.

    Attributes
    ----------
    coefficients : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high by the recommended method, in points
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
        The recommended covariance estimator.
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
    conf_level: float = 0.95,
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
    conf_level : float, in (0, 1)

    Returns
    -------
    InteractionFit

    Raises
    ------
    ModelSpecificationError
        For columns that are not there, not numbers, or named twice.
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
    Sciences, 3rd ed., ch. 7. Bell & McCaffrey (2002) on CR3.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> fit = fit_interaction(simulate_scores(300, three_way=0.2, seed=1))
    >>> fit.n_used, fit.tested_term
    (300, 'kunnen:willen:mogen')
    """
    if not 0 < conf_level < 1:
        raise ModelSpecificationError(
            expected="a confidence level between 0 and 1",
            found=f"{conf_level}",
            where="conf_level",
            todo="use 0.95 for 95 per cent",
        )
    chosen = select_rows(scores, outcome=outcome, predictors=predictors, controls=controls, cluster=cluster)
    check_variation(chosen, [outcome, *predictors])
    one_firm = cluster is not None and chosen.frame[cluster].nunique() < 2
    return _fit(chosen, outcome, tuple(predictors), tuple(controls), cluster, one_firm, conf_level)


def _fit(
    chosen: ModelRows,
    outcome: str,
    predictors: tuple[str, ...],
    controls: tuple[str, ...],
    cluster: str | None,
    one_firm: bool,
    conf_level: float,
) -> InteractionFit:
    frame = chosen.frame
    firms = frame[cluster] if cluster is not None and not one_firm else None
    centres = {name: float(frame[name].mean()) for name in (outcome, *predictors)}
    std_devs = {name: float(frame[name].std()) for name in (outcome, *predictors)}
    raw, z = (
        _view(frame, outcome, predictors, controls, centres, scale, firms) for scale in (None, std_devs)
    )
    offered = PEOPLE if firms is None else FIRMS
    method = offered[-1]
    methods = _method_table({"raw": raw, "standardised": z}, offered, method, conf_level)
    binary = tuple(name for name in predictors if is_binary(frame[name]))
    squares = tuple(name for name in predictors if name not in binary)
    tested = term_name(predictors)
    V = covariance(raw, method)
    steps = step_table(raw, controls, predictors, method)
    gain = float(steps["r2_gain"].iloc[-1])
    facts = None if firms is None else cluster_facts(frame[outcome], firms)
    return InteractionFit(
        outcome=outcome,
        predictors=predictors,
        controls=controls,
        cluster=cluster if firms is not None else None,
        formula=f"{outcome} ~ {' * '.join(predictors)}" + "".join(f" + {name}" for name in controls),
        null=f"the coefficient of {tested} is 0",
        tested_term=tested,
        n_rows=chosen.n_rows,
        n_used=len(frame),
        dropped=chosen.dropped,
        conf_level=conf_level,
        centres=centres,
        std_devs=std_devs,
        method=method,
        df=reference_df(raw, method),
        coefficients=_recommended(methods, "raw"),
        standardised=_recommended(methods, "standardised"),
        methods=methods,
        steps=steps,
        highest_order=highest_order_table(raw, _with_squares(raw, squares), tested, method, conf_level),
        r2=raw.r2,
        r2_adjusted=1 - (1 - raw.r2) * (raw.n - 1) / raw.df_residual,
        r2_gain=gain,
        f2=gain / (1 - raw.r2),
        covariance=pd.DataFrame(V, index=list(raw.terms), columns=list(raw.terms)),
        clusters=facts,
        squares=squares,
        squares_left_out=binary,
        notes=_notes(raw, cluster, one_firm, binary),
        rows=frame,
    )


def _view(
    frame: pd.DataFrame,
    outcome: str,
    predictors: tuple[str, ...],
    controls: tuple[str, ...],
    centres: Mapping[str, float],
    scale: Mapping[str, float] | None,
    firms: pd.Series | None,
) -> LeastSquares:
    """Fit one view: raw (centred), or standardised when a scale is given."""
    std_devs = scale or dict.fromkeys(centres, 1.0)
    design = design_matrix(
        frame, predictors=predictors, controls=controls, centres=centres, std_devs=std_devs
    )
    check_design(design)
    y = frame[outcome] if scale is None else (frame[outcome] - centres[outcome]) / scale[outcome]
    return least_squares(design, y, firms)


def _with_squares(raw: LeastSquares, squares: Sequence[str]) -> LeastSquares:
    """Return the full model with the squares of the centred predictors added."""
    design = pd.DataFrame(raw.X, columns=list(raw.terms))
    for name in squares:
        design[f"{name}^2"] = design[name] ** 2
    check_design(design)
    firms = None if raw.clusters is None else pd.Series(raw.clusters)
    return least_squares(design, pd.Series(raw.y), firms)


def fit_with_squares(fit: InteractionFit) -> LeastSquares:
    """Return the model of a fit with the squares of its non-binary predictors."""
    ones = dict.fromkeys(fit.predictors, 1.0)
    design = design_matrix(
        fit.rows,
        predictors=fit.predictors,
        controls=fit.controls,
        centres=fit.centres,
        std_devs=ones,
        squares=fit.squares,
    )
    firms = None if fit.cluster is None else fit.rows[fit.cluster]
    return least_squares(design, fit.rows[fit.outcome], firms)


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


def _recommended(methods: pd.DataFrame, view: str) -> pd.DataFrame:
    chosen = methods.loc[methods["recommended"] & (methods["view"] == view)]
    return chosen.drop(columns=["view", "method", "recommended"]).set_index("term")


def _notes(
    raw: LeastSquares, cluster: str | None, one_firm: bool, binary: tuple[str, ...]
) -> tuple[Note, ...]:
    notes = [Note("square_left_out", {"predictor": name}) for name in binary]
    if cluster is None:
        notes.append(Note("no_clusters"))
    elif one_firm:
        notes.append(Note("one_cluster"))
    elif raw.n_clusters < FEW_CLUSTERS:
        notes.append(Note("few_clusters", {"n_clusters": raw.n_clusters}))
    if raw.clusters is not None:
        stuck = len(jackknife_covariance(raw)[1])
        if stuck:
            notes.append(Note("cluster_identifies_term", {"n": stuck}))
    return tuple(notes)
