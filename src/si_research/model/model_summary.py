"""The model as a whole: what all its terms account for, and the test that it is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from si_research.model.design import INTERCEPT
from si_research.model.interaction import InteractionFit, check_one_table, regress
from si_research.model.steps import classical_f, robust_wald


def model_summary(fit: InteractionFit) -> pd.DataFrame:
    """Return R, R², the mean squared error and the F test of all terms together.

    Use it for the first line under a regression, as PROCESS and most other programs print it. That all terms
    together are more than nothing says nothing about the combination.

    Parameters
    ----------
    fit : InteractionFit

    Returns
    -------
    pandas.DataFrame, indexed by ``test``
        ``classical`` and ``robust``: r, r2, r2_adjusted, mse (residual variance, rss/(n - k)), statistic, df,
        df_residual, p_value. The robust test has the covariance of the fit, over G firms in Hotelling's form
        on F(q, G - q); missing where there are no more firms than terms.

    Raises
    ------
    ModelSpecificationError
        For a pooled fit.

    References
    ----------
    Hayes (2022), Introduction to Mediation, Moderation, and Conditional Process Analysis, 3rd ed.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = model_summary(fit_interaction(simulate_scores(300, seed=1)))
    >>> found.loc["classical", ["r2", "df", "df_residual"]].round(3).to_list()
    [0.423, 7.0, 292.0]
    """
    check_one_table(fit, "model_summary")
    model = regress(fit.rows, fit.roles)
    places = [place for place, term in enumerate(model.terms) if term != INTERCEPT]
    size = {
        "r": float(np.sqrt(model.r2)),
        "r2": model.r2,
        "r2_adjusted": fit.r2_adjusted,
        "mse": model.rss / model.df_residual,
    }
    tests = {
        "classical": classical_f(model, len(places), model.r2),
        "robust": robust_wald(model, places, fit.method),
    }
    names = ("statistic", "df", "df_residual", "p_value")
    rows = [size | dict(zip(names, test, strict=True)) for test in tests.values()]
    return pd.DataFrame(rows, index=pd.Index(list(tests), name="test"))
