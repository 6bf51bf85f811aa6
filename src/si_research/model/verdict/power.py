"""What the design would have found: the power of two tests of the verdict, in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from si_research.model.forms.rows import FormRows
from si_research.model.verdict.rule import Figure, VerdictRule

Array = npt.NDArray[np.float64]
CERTAIN = 30.0
"""Standard errors from 0 to a whole share, above which nobody could miss it."""


def power_of_slopes(rows: FormRows, rule: VerdictRule) -> float:
    """Return the power of the test of the slopes for the smallest R² of the rule.

    Noncentral F with noncentrality n·f²/design effect, f² = R²/(1 - R²), the design effect that of slopes:
    1 + (n0 - 1)·ICC of the condition·ICC of what the outcome has beside them, the mean over the conditions.
    """
    q = rows.x01.shape[1]
    units = rows.n_firms if rows.n_firms else rows.n - rows.controls.shape[1] - 1
    return power_of_f(rows.n, design_effect(rows), q, units - q, rule)


def design_effect(rows: FormRows) -> float:
    """Return how many times the variance of slopes is what it would be without firms; 1 without them."""
    if rows.firms is None:
        return 1.0
    own, n0 = icc(rows.y - _fitted(rows), rows.firms)
    likeness = [max(icc(values, rows.firms)[0], 0.0) for values in rows.x01.T]
    return 1 + (n0 - 1) * float(np.mean(likeness)) * max(own, 0.0)


def power_of_f(n: float, design_effect: float, q: int, df_residual: float, rule: VerdictRule) -> float:
    """Return the power of F(q, df_residual) for the smallest R² of the rule; 0 without degrees of freedom."""
    from scipy import stats

    if df_residual < 1:
        return 0.0
    f2 = rule.smallest_r2 / (1 - rule.smallest_r2)
    critical = stats.f.ppf(1 - rule.alpha, q, df_residual)
    return float(stats.ncf.sf(critical, q, df_residual, n / design_effect * f2))


def power_of_coefficient(share: Figure, df: float, rule: VerdictRule) -> float:
    """Return the power with which a whole share would be found, by its interval; missing without one."""
    from scipy import stats

    critical = float(stats.t.ppf(1 - rule.alpha / 2, df))
    std_error = (share.high - share.low) / 2 / critical
    if not std_error > 0:
        return np.nan
    away = rule.whole_share / std_error
    return 1.0 if away > CERTAIN else float(stats.nct.sf(critical, df, away))


def icc(values: Array, firms: npt.NDArray[np.intp]) -> tuple[float, float]:
    """Return ICC(1) by analysis of variance, and the size n0 of a firm, corrected for inequality."""
    sizes = np.bincount(firms)
    n, G = len(values), len(sizes)
    if n <= G or G < 2:
        return 0.0, 1.0
    means = np.bincount(firms, weights=values) / sizes
    between = float(sizes @ (means - values.mean()) ** 2) / (G - 1)
    within = float(((values - means[firms]) ** 2).sum()) / (n - G)
    n0 = (n - float((sizes**2).sum()) / n) / (G - 1)
    whole = between + (n0 - 1) * within
    return (between - within) / whole if whole > 0 else 0.0, n0


def _fitted(rows: FormRows) -> Array:
    X = np.column_stack([np.ones(rows.n), rows.controls, rows.x01])
    return np.asarray(X @ np.linalg.lstsq(X, rows.y, rcond=None)[0])
