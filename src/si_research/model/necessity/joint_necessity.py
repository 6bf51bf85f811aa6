"""Do people with a high outcome meet the required level on all conditions together?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.arguments import check_kind, check_number, check_options
from si_research.model.necessity.bottlenecks import (
    NEAR,
    NO_CEILING,
    NOT_AVAILABLE,
    NOT_NECESSARY,
    required_scores,
)
from si_research.model.necessity.ceiling_fits import CR_FDH, signs
from si_research.model.necessity.necessity import Necessity

ALL: Final = "all"


@dataclass(frozen=True, slots=True, eq=False)
class JointNecessity:
    """Who meets the required levels. Made by :func:`joint_necessity`.

    Attributes
    ----------
    level : float
        The outcome that counts as high.
    ceiling : str
    shares : pandas.DataFrame, indexed by ``condition``, the last ``all``
        required (score; missing where nothing is, and for ``all``), code (``NN`` not necessary, ``NA`` more
        than was seen, ``-`` no ceiling, else empty), estimate (share of the people with a high outcome who
        meet it), n_high, share_of_others (who meet it, of the people with a lower outcome), n_others, n_used.
        A condition without a ceiling has no shares; ``all`` has the code ``-`` then, and is over the others.
    """

    level: float
    ceiling: str
    shares: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the shares."""
        return self.shares.copy()

    def _head(self) -> str:
        return f"Who meets what an outcome of {self.level:g} requires ({self.ceiling})"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.shares.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.shares.round(4).to_html()}"


def joint_necessity(found: Necessity, *, level: float, ceiling: str = CR_FDH) -> JointNecessity:
    """Return which share of the people with a high outcome meets the required level on all conditions.

    Use it because each ceiling looks at one condition: three of them do not say that people with a high
    outcome have all three at once.

    Parameters
    ----------
    found : Necessity
    level : float
        An outcome from here on is high (in lower corners: down from here).
    ceiling : str
        Which ceiling gives the required levels. Under a ceiling that nobody is above (steps and hulls)
        everybody meets each level; lines and quantiles leave people above.

    Returns
    -------
    JointNecessity

    Raises
    ------
    ModelSpecificationError
        For a level that is no number, and a ceiling that ``found`` does not have.
    SurveyDataError
        If nobody has all conditions, or nobody so high an outcome.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.necessity.necessity import describe_necessity
    >>> found = describe_necessity(simulate_scores(300, seed=1), ends={"innovative_behaviour": (0, 6)})
    >>> float(joint_necessity(found, level=4).shares.loc["all", "estimate"].round(2))
    0.86
    """
    todo = "give what describe_necessity returns"
    check_kind(found, Necessity, "a Necessity", "`found` of joint_necessity", todo)
    names = list(dict.fromkeys(name for _, name in found.ceilings))
    check_options(ceiling, names, "`ceiling` of joint_necessity")
    check_number(level, "`level` of joint_necessity")
    rows = reduce(np.intersect1d, (pairs.rows for pairs in found.pairs.values()))
    first = found.pairs[found.predictors[0]]
    y_sign = signs(found.corners[found.predictors[0]])[1]
    near = NEAR * (found.outcome_ends[1] - found.outcome_ends[0])
    high = first.y[np.isin(first.rows, rows)] * y_sign >= level * y_sign - near
    _check_people(len(rows), int(high.sum()), level)
    met, table, all_code = np.ones(len(rows), dtype=bool), [], ""
    for name in found.predictors:
        required, code = _required(found, name, ceiling, level)
        pairs, sign = found.pairs[name], signs(found.corners[name])[0]
        x = pairs.x[np.isin(pairs.rows, rows)] * sign
        meets = (
            np.ones(len(x), dtype=bool)
            if np.isnan(required)
            else (x >= required * sign - NEAR * found.ceilings[name, ceiling].scope.width)
        )
        met &= meets
        all_code = code if code == NO_CEILING else all_code
        table.append(_row(name, required, code, meets, high))
        if code == NO_CEILING:
            table[-1] |= {"estimate": np.nan, "share_of_others": np.nan}
    table.append(_row(ALL, np.nan, all_code, met, high))
    return JointNecessity(float(level), ceiling, pd.DataFrame(table).set_index("condition"))


def _check_people(n: int, n_high: int, level: float) -> None:
    if n and n_high:
        return
    raise SurveyDataError(
        expected="people with a score on every condition and a high outcome",
        found=f"nobody with an outcome of {level:g}" if n else "nobody with a score on every condition",
        where="`level` of joint_necessity" if n else "the scores after cleaning",
        todo="take a lower level" if n else "leave out the condition that most people lack",
    )


def _required(found: Necessity, name: str, ceiling: str, level: float) -> tuple[float, str]:
    """Return the required score and the code of what is not one."""
    fit = found.ceilings[name, ceiling]
    if fit.note in ("no_variance", "line_not_rising"):
        return np.nan, NO_CEILING
    turned, sign = fit.scope.turned(fit.corner), signs(fit.corner)[0]
    near = NEAR * turned.width
    exact = float(required_scores(fit, np.array([level]))[0]) * sign
    if exact <= turned.x_low + near:
        return np.nan, NOT_NECESSARY
    return exact * sign, "" if exact <= turned.x_high + near else NOT_AVAILABLE


def _row(name: str, required: float, code: str, meets: np.ndarray, high: np.ndarray) -> dict[str, object]:
    return {
        "condition": name,
        "required": required,
        "code": code,
        "estimate": float(meets[high].mean()),
        "n_high": int(high.sum()),
        "share_of_others": float(meets[~high].mean()) if (~high).any() else np.nan,
        "n_others": int((~high).sum()),
        "n_used": len(high),
    }
