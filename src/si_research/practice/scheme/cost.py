"""What one unit of effect costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found


def cost_per_effect(
    effects: pd.DataFrame, cost: float, *, cost_error: float = 0.0, conf_level: float = 0.95
) -> pd.DataFrame:
    """Return the cost of a firm for each unit of effect on it, with Fieller's interval.

    Parameters
    ----------
    effects : pandas.DataFrame
        Rows with estimate, std_error, df and n_used, such as the recommended ones of an evaluation.
    cost : float
        Cost of one firm with the scheme, above 0.
    cost_error : float
        Standard error of that cost, 0 where it is known; taken to be unrelated to that of the effect.
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        Same index: cost, effect, cost_per_unit, conf_low, conf_high, n_used, note: ``unbounded`` (the
        interval of the effect holds 0, so that no cost is too high), ``no_error``. A negative figure is money
        spent on a fall.

    Notes
    -----
    The ratio r holds where (c - r·b)² <= t²·(s_c² + r²·s_b²). Where the interval of b excludes 0 that is
    the interval between two roots; else it is unbounded.

    References
    ----------
    Fieller (1954), https://doi.org/10.1111/j.2517-6161.1954.tb00159.x.

    Examples
    --------
    >>> effect = pd.DataFrame({"estimate": [0.5], "std_error": [0.1], "df": [58.0], "n_used": [1500]})
    >>> found = cost_per_effect(effect, 10_000)
    >>> float(found["cost_per_unit"][0]), round(float(found["conf_low"][0]))
    (20000.0, 14282)
    """
    from scipy import stats

    if not (np.isfinite(cost) and cost > 0 and np.isfinite(cost_error) and cost_error >= 0):
        raise ModelSpecificationError(
            expected="a cost of a firm above 0, and its error of 0 or more",
            found=f"{as_found(cost)} and {as_found(cost_error)}",
            where="`cost` of the evaluation",
            todo="give the mean cost of a firm with the scheme, in one currency",
        )
    b, s = (effects[name].to_numpy(dtype="float64") for name in ("estimate", "std_error"))
    t = stats.t.ppf((1 + conf_level) / 2, effects["df"].to_numpy(dtype="float64"))
    a = b**2 - (t * s) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum((cost * b) ** 2 - a * (cost**2 - (t * cost_error) ** 2), 0))
        ends = np.sort(np.column_stack([(cost * b - root) / a, (cost * b + root) / a]), axis=1)
        ratio = cost / b
    unknown, unbounded = np.isnan(a), a <= 0
    bounded = ~(unknown | unbounded)
    return pd.DataFrame(
        {
            "cost": float(cost),
            "effect": b,
            "cost_per_unit": ratio,
            "conf_low": np.where(bounded, ends[:, 0], np.nan),
            "conf_high": np.where(bounded, ends[:, 1], np.nan),
            "n_used": effects["n_used"].to_numpy(),
            "note": np.where(unknown, "no_error", np.where(unbounded, "unbounded", "")),
        },
        index=effects.index,
    )
