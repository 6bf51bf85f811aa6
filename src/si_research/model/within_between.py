"""The interaction within firms, apart from what lies between firms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.design import (
    INTERCEPT,
    control_terms,
    mean_name,
    product_terms,
    term_name,
)
from si_research.model.design_checks import check_design
from si_research.model.inference import LeastSquares, least_squares
from si_research.model.interaction import InteractionFit, check_one_table
from si_research.model.mixed_model import FEWEST_FIRMS, MixedModel, mixed_combinations, mixed_model

ROUNDING: Final = 1e-9
"""Share of a condition's spread below which nothing but rounding is left of it."""
WITHIN, BETWEEN, DIFFERENCE = "within", "between", "between minus within"


@dataclass(frozen=True, slots=True, eq=False)
class WithinBetween:
    """The interaction within and between firms. Made by :func:`within_between`.

    Attributes
    ----------
    coefficients : pandas.DataFrame, indexed by ``level`` and ``term``
        estimate, std_error, statistic, df (Satterthwaite), p_value, conf_low, conf_high. ``within``: people
        a point above their own firm's mean, and the products of these deviations. ``between``: firms whose
        mean is a point higher. ``between minus within``: what the firm's mean adds to a person's own.
    spread : pandas.DataFrame, indexed by ``term``
        Variance within firms, between firms' means as people meet them, and the share that lies between.
    tested_term : str
    status : str
        That of the random intercept: "estimated", "singular" or "not converged".
    n_used, n_clusters, n_alone : int
        People, firms, and people who are their firm's only one: they say nothing about what happens within.
    conf_level : float
    """

    coefficients: pd.DataFrame = field(repr=False)
    spread: pd.DataFrame = field(repr=False)
    tested_term: str
    status: str
    n_used: int
    n_clusters: int
    n_alone: int
    conf_level: float

    def table(self) -> pd.DataFrame:
        """Return a copy of the coefficients."""
        return self.coefficients.copy()

    def __str__(self) -> str:
        head = f"within and between {self.n_clusters} firms, n = {self.n_used} ({self.status})"
        return f"{head}\n{self.coefficients.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self).splitlines()[0])}</p>{self.coefficients.round(3).to_html()}"


def within_between(fit: InteractionFit) -> WithinBetween:
    """Fit the interaction within firms, with the firms' means of the conditions beside it.

    Use it where people of one firm may score alike because of the firm: an association over all people mixes
    what goes with being above one's own firm's mean with what goes with working in another firm.

    Parameters
    ----------
    fit : InteractionFit
        With three firms or more.

    Returns
    -------
    WithinBetween

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, one without firms, with fewer than three, or with weights.
    SurveyDataError
        Where a condition does not vary within firms, or not between them, and where there are not more firms
        than their means take: an intercept and one a condition leave nothing to tell how firms differ.

    Notes
    -----
    A score is its firm's mean and the deviation from it; the deviations are multiplied with one another, not
    the scores, so that no product mixes the two. Random intercept by restricted maximum likelihood.

    References
    ----------
    Enders & Tofighi (2007), https://doi.org/10.1037/1082-989X.12.2.121; on multiplying after centring
    Giesselmann & Schmidt-Catran (2022), https://doi.org/10.1177/0049124120914934.

    Examples
    --------
    >>> import numpy as np
    >>> from si_research import fit_interaction, simulate_scores
    >>> scores = simulate_scores(300, seed=1).assign(firm=np.repeat(np.arange(30), 10))
    >>> split = within_between(fit_interaction(scores, cluster="firm"))
    >>> list(split.coefficients.loc["between"].index)
    ['kunnen', 'willen', 'mogen']
    """
    check_one_table(fit, "within_between")
    if fit.cluster is None or fit.rows[fit.cluster].nunique() < FEWEST_FIRMS:
        raise ModelSpecificationError(
            expected=f"a fit with {FEWEST_FIRMS} firms or more",
            found="a fit without firms" if fit.cluster is None else "fewer",
            where="`fit` of within_between",
            todo=(
                "name the column of firms as `cluster` of fit_interaction"
                if fit.cluster is None
                else "with two firms, describe each apart: two means do not tell how firms differ"
            ),
        )
    if fit.weight is not None:
        raise ModelSpecificationError(
            expected="a fit without sampling weights",
            found="a weighted fit",
            where="`fit` of within_between",
            todo="fit again without `weight`",
        )
    rows = fit.rows.reset_index(drop=True)  # names of rows may occur twice
    firms = rows[fit.cluster]
    model = mixed_model(_least_squares(fit, rows, firms), conf_level=fit.conf_level)
    sizes = firms.map(firms.value_counts())
    return WithinBetween(
        coefficients=_levels(model, fit),
        spread=_spread(rows[[fit.outcome, *fit.predictors]], firms),
        tested_term=fit.tested_term,
        status=model.status,
        n_used=model.n_used,
        n_clusters=model.n_clusters,
        n_alone=int((sizes == 1).sum()),
        conf_level=fit.conf_level,
    )


def _least_squares(fit: InteractionFit, rows: pd.DataFrame, firms: pd.Series) -> LeastSquares:
    """Return the model of deviations, their products, and firms' means."""
    names = list(fit.predictors)
    means = rows[names].groupby(firms).transform("mean")
    deviations = rows[names] - means
    design = pd.DataFrame({INTERCEPT: 1.0}, index=rows.index)
    design = design.join(control_terms(rows, fit.controls)).join(deviations)
    for parts in product_terms(fit.predictors):
        design[term_name(parts)] = deviations[list(parts)].prod(axis=1)
    for name in names:
        design[mean_name(name)] = means[name] - rows[name].mean()
    _check_spread(rows[names], deviations, firms)
    check_design(design)
    return least_squares(design, rows[fit.outcome], firms)


def _check_spread(scores: pd.DataFrame, deviations: pd.DataFrame, firms: pd.Series) -> None:
    """Refuse too few firms, and a condition that does not vary within or between them but for rounding."""
    n_clusters, needed = int(firms.nunique()), len(scores.columns) + 2
    if n_clusters < needed:
        raise SurveyDataError(
            expected=f"at least {needed} firms for the means of {len(scores.columns)} conditions",
            found=f"{n_clusters}",
            where="`fit` of within_between",
            todo="read the model that does not take within and between apart, or ask more firms",
        )
    whole = scores.std(ddof=0)
    within, between = deviations.std(ddof=0), (scores - deviations).std(ddof=0)
    for part, spread in (("within", within), ("between", between)):
        same = [str(name) for name in whole.index[spread <= ROUNDING * whole]]
        if same:
            raise SurveyDataError(
                expected="conditions that differ within firms, and firms that differ in them",
                found=f"no differences {part} firms in {', '.join(same)}",
                where="`fit` of within_between",
                todo="read the model that does not take within and between apart",
            )


def _levels(model: MixedModel, fit: InteractionFit) -> pd.DataFrame:
    """Return within, between and their difference, one below the other."""
    unit = pd.DataFrame(np.eye(len(model.terms)), index=list(model.terms))
    inside = [*fit.predictors, *(term_name(parts) for parts in product_terms(fit.predictors))]
    means = [mean_name(name) for name in fit.predictors]
    names = list(fit.predictors)
    rows = {
        WITHIN: (inside, unit.loc[inside].to_numpy()),
        BETWEEN: (names, unit.loc[means].to_numpy()),
        DIFFERENCE: (names, unit.loc[means].to_numpy() - unit.loc[names].to_numpy()),
    }
    tables = {level: mixed_combinations(model, weights, labels) for level, (labels, weights) in rows.items()}
    return pd.concat(tables, names=["level"])


def _spread(columns: pd.DataFrame, firms: pd.Series) -> pd.DataFrame:
    means = columns.groupby(firms).transform("mean")
    within, between = (columns - means).var(ddof=0), means.var(ddof=0)
    spread = pd.DataFrame(
        {"within": within, "between": between, "share_between": between / (within + between)}
    )
    return spread.rename_axis("term")
