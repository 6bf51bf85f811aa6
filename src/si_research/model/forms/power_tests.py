"""Tests that the power is 1, or 0, which hold for people in firms and for conditions of unequal weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.design import INTERCEPT
from si_research.model.forms.free_weights import WeightedFit, WeightedForms
from si_research.model.forms.power_mean import Array, power_mean_slope
from si_research.model.forms.profile import Numbers
from si_research.model.inference import NO_INFORMATION, LeastSquares, Method, coefficient_table, least_squares
from si_research.model.wild_bootstrap import bootstrap_p_value, bootstrap_t, firm_weights

POWER: Final = "p"
WILD: Final = "score, wild cluster bootstrap"
JACKKNIFE: Final = "score, CR3 jackknife"
HC3: Final = "score, HC3"


def power_design(forms: WeightedForms, null: WeightedFit, controls: Array) -> pd.DataFrame:
    """Return the columns of the test: all that moves with a, b, c, weights and controls, and last with p."""
    slope = np.asarray(null.steepness * power_mean_slope(forms.x, null.p, null.weights))
    moved = forms.by_weights(null)
    parts = {INTERCEPT: np.ones(len(slope))}
    parts |= {f"control {place}": column for place, column in enumerate(controls.T)}
    parts |= {"M": null.M, "M^2": null.M**2}
    parts |= {f"weight {place}": column for place, column in enumerate(moved.T)}
    return pd.DataFrame(parts | {POWER: slope})


def power_tests(
    x01: Array,
    y: Array,
    controls: Array,
    firms: Numbers | None,
    *,
    nulls: Sequence[float] = (1.0, 0.0),
    draws: int = 1999,
    seed: int,
) -> pd.DataFrame:
    """Test that the power is 1, and that it is 0.

    Returns
    -------
    pandas.DataFrame, indexed by ``null_p``
        One or two rows a null: method, statistic (below 0 where the power is lower), df, p_value,
        recommended, n_used. Missing where the conditions are so alike that no power can be told.

    Notes
    -----
    y = a + b·M_p + c·M_p² + controls is fitted at the null, weights of the conditions free. The t is that of
    the derivative by p in the regression of y on the derivatives by all parameters (Davidson & MacKinnon
    1990). Over firms its p is that of the wild cluster bootstrap, beside the jackknife's on G - 1 degrees of
    freedom; over people HC3. As weights are free, unequal ones are not taken for another power.

    References
    ----------
    Davidson & MacKinnon (1990), https://doi.org/10.1017/S0266466600005314. Cameron, Gelbach & Miller
    (2008), https://doi.org/10.1162/rest.90.3.414.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(size=(200, 3))
    >>> y = x.min(axis=1) + 0.1 * rng.normal(size=200)
    >>> tests = power_tests(x, y, np.empty((200, 0)), None, seed=1)
    >>> bool(tests.loc[1.0, "p_value"] < 0.001)
    True
    """
    forms = WeightedForms(x01, y, controls)
    parts = []
    for p in nulls:
        model = score_model(forms, forms.best_weights(p, forms.weights_of_slopes()), y, controls, firms)
        for method, found in _t_tests(model, draws, seed).items():
            parts.append({"null_p": float(p), "method": method, **found, "n_used": len(y)})
    table = pd.DataFrame(parts).set_index("null_p")
    table.insert(4, "recommended", table["method"].isin([WILD, HC3]))
    return table


def score_model(
    forms: WeightedForms, null: WeightedFit, y: Array, controls: Array, firms: Numbers | None
) -> LeastSquares:
    """Return the regression whose last coefficient is tested."""
    design = power_design(forms, null, controls)
    return least_squares(design, pd.Series(y), None if firms is None else pd.Series(firms))


def _t_tests(model: LeastSquares, draws: int, seed: int) -> dict[str, dict[str, float]]:
    if _untold(model):
        methods = (HC3,) if model.clusters is None else (WILD, JACKKNIFE)
        return {method: dict.fromkeys(("statistic", "df", "p_value"), np.nan) for method in methods}
    if model.clusters is None:
        return {HC3: _t_of(model, "HC3")}
    found = {JACKKNIFE: _t_of(model, "CR3 jackknife")}
    t, drawn = bootstrap_t(model, POWER, firm_weights(model.n_clusters, draws, seed))
    p = bootstrap_p_value(abs(t), np.abs(drawn))
    return {WILD: {"statistic": t, "df": np.nan, "p_value": p}} | found


def _untold(model: LeastSquares) -> bool:
    """Whether what moves with p moves with the other columns, so that nothing is left to test."""
    others, own = model.unit_X[:, :-1], model.unit_X[:, -1]
    left = own - others @ np.linalg.lstsq(others, own)[0]
    return bool(left @ left <= NO_INFORMATION)


def _t_of(model: LeastSquares, method: Method) -> dict[str, float]:
    table = coefficient_table(model, method, 0.95)
    return {name: float(table[name][POWER]) for name in ("statistic", "df", "p_value")}
