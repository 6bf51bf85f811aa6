"""Where zero lies: the power rests on it, and a response format only suggests where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.forms.likelihood import Likelihood, likelihood_of
from si_research.model.forms.profile import Array, bootstrap_p_hat, bounded, unbounded
from si_research.model.forms.rows import FormRows

ZERO_POINTS: Final = {"lowest point": 0.0, "a quarter lower": -0.25, "an eighth higher": 0.125}
"""Shares of the width of each condition's own format by which zero is moved up.

On 1 to 5 that is one point down and half a point up; on yes or no, half a point would be half of the format.
"""


def zero_point_table(
    rows: FormRows, as_it_is: Mapping[str, float], *, conf_level: float, draws: int, seed: int
) -> pd.DataFrame:
    """Return the power for other places of zero; ``as_it_is`` holds the figures for the lowest point.

    Returns
    -------
    pandas.DataFrame, indexed by ``zero``
        moved (up, a share of the width of the format), estimate, lr_low, lr_high, boot_low, boot_high,
        at_zero (share of people with a condition at zero or below it, which counts as zero), n_used.
    """
    parts = []
    for zero, share in ZERO_POINTS.items():
        x01 = rows.moved(share)
        figures = as_it_is
        if share:
            found = likelihood_of(x01, rows.y, rows.controls, conf_level)
            drawn = bootstrap_p_hat(x01, rows.y, rows.firms, controls=rows.controls, draws=draws, seed=seed)
            figures = interval_figures(found, drawn, conf_level)
        at_zero = float((x01 <= 0).any(axis=1).mean())
        parts.append({"zero": zero, "moved": share, **figures, "at_zero": at_zero, "n_used": rows.n})
    return pd.DataFrame(parts).set_index("zero")


def interval_figures(found: Likelihood, drawn: Array, conf_level: float) -> dict[str, float]:
    """Return the power with its likelihood-ratio interval and the percentile interval of draws."""
    low, high = percentile_ends(drawn, conf_level)
    return {
        "estimate": found.p_hat,
        "lr_low": found.low,
        "lr_high": found.high,
        "boot_low": low,
        "boot_high": high,
    }


def percentile_ends(drawn: Array, conf_level: float) -> tuple[float, float]:
    """Return the percentile interval of drawn powers: all powers, where no draw tells one from another."""
    known = bounded(drawn[~np.isnan(drawn)])
    if not len(known):
        return -np.inf, np.inf
    low, high = unbounded(np.quantile(known, np.array([1 - conf_level, 1 + conf_level]) / 2))
    return float(low), float(high)
