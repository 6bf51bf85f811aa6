"""The coefficients at every step of the regression, for a hierarchical table."""

from __future__ import annotations

import pandas as pd

from si_research.model.inference import COLUMNS, coefficient_table, some_terms
from si_research.model.interaction import InteractionFit, check_one_table, regress
from si_research.model.steps import step_terms


def step_coefficients(fit: InteractionFit) -> pd.DataFrame:
    """Return the coefficients of the model of each step, on the same rows.

    Use it for a table that shows how the coefficients change when terms are added. The last step is the fit
    itself; read the products there, not a lower-order coefficient on its way.

    Parameters
    ----------
    fit : InteractionFit

    Returns
    -------
    pandas.DataFrame
        One row a step and term: step, term, estimate, std_error, statistic, df, p_value, conf_low, conf_high
        by the fit's recommended method, ``beta`` (estimate for z-scores of outcome and predictors, products
        of z-scores; missing for the intercept).

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = step_coefficients(fit_interaction(simulate_scores(300, seed=1)))
    >>> found.groupby("step", sort=False).size().to_dict()
    {'main effects': 4, 'two-way': 7, 'three-way': 8}
    """
    check_one_table(fit, "step_coefficients")
    raw, standardised = (regress(fit.rows, fit.roles, standardise=each) for each in (False, True))
    parts, inside = [], list[int]()
    for step, added in step_terms(raw.terms, fit.roles).items():
        inside = [*inside, *(raw.terms.index(term) for term in added)]
        table = coefficient_table(some_terms(raw, inside), fit.method, fit.conf_level)[COLUMNS].reset_index()
        beta = some_terms(standardised, inside).estimate
        table["beta"] = pd.Series(beta).where(table["term"] != "intercept")
        table.insert(0, "step", step)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)
