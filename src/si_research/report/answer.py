"""What the tests say together, as codes; the words for them stand in the locale files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from si_research.report.describe import record

if TYPE_CHECKING:
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest

LARGE: Final = 0.10
"""A standardised coefficient of the highest product that would matter; a convention of this toolkit."""

Verdict = Literal[
    "untested",
    "reinforce",
    "weaken",
    "beyond_sum",
    "curvature",
    "only_highest_positive",
    "only_highest_negative",
    "no_sign",
]
Corners = Literal["supported", "against", "undecided"]
Reach = Literal["narrow", "narrow_measured", "open"]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The reading of the three tests. Made by :func:`read_answer`.

    Attributes
    ----------
    verdict : str
        ``untested``: too few organisations for the joint test. ``reinforce``: the joint test finds something,
        the highest product is positive, and every condition has a steeper slope where the others are high.
        ``weaken``: the same with the highest product negative and every slope less steep. ``beyond_sum``:
        the joint test, without all of that. ``only_highest_positive`` or ``_negative``: the
        highest product only. ``curvature``: the highest product, but only while the conditions are taken
        to be straight lines. ``no_sign``: neither.
    reach : str
        What the interval of the highest product, standardised, leaves possible. ``narrow``: it lies within
        ±0.10, also after correction for measurement error. ``narrow_measured``: it does as
        measured, but not after that correction, or the reliability is unknown. ``open``: it does not.
    corners : str
        ``supported``: both statements of "only the combination" hold. ``against``: a corner without all
        conditions high lies farther from all low than the smallest difference that matters (Bonferroni over
        these corners, because any of them will do).
        ``undecided``: neither is shown.
    rising, falling, flat : tuple of str
        Conditions whose own coefficient lies above 0, below 0, or is not told apart from 0.
    alpha : float
        1 - conf_level.
    """

    verdict: Verdict
    reach: Reach
    corners: Corners
    rising: tuple[str, ...]
    falling: tuple[str, ...]
    flat: tuple[str, ...]
    alpha: float

    def table(self) -> pd.DataFrame:
        """Return the reading as one row."""
        words = [self.verdict, self.reach, self.corners]
        return pd.DataFrame([words], columns=["verdict", "reach", "corners"])

    def __str__(self) -> str:
        return f"{self.verdict}; only the combination: {self.corners}"

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>"


def read_answer(
    fit: InteractionFit,
    joint: JointTest,
    corners: CornerComparison,
    *,
    share_kept: float = math.nan,
) -> Answer:
    """Read the joint test, the highest product and the corners together.

    Not being able to show something is never read as its absence: ``no_sign`` and ``undecided`` say what was
    not found, ``reach`` whether the data could have found it.

    Parameters
    ----------
    fit, joint, corners : InteractionFit, JointTest, CornerComparison
        Of the same people.
    share_kept : float
        What measurement error leaves of the standardised coefficient of the highest product; NaN when it is
        unknown.

    Returns
    -------
    Answer
    """
    mains = fit.coefficients.loc[list(fit.predictors)]
    rising = tuple(mains.index[mains["conf_low"] > 0])
    falling = tuple(mains.index[mains["conf_high"] < 0])
    tested = record(fit.standardised, fit.tested_term)
    return Answer(
        verdict=_verdict(fit, joint, corners),
        reach=_reach(tested["conf_low"], tested["conf_high"], share_kept),
        corners=_read_corners(corners, fit.conf_level),
        rising=rising,
        falling=falling,
        flat=tuple(name for name in fit.predictors if name not in {*rising, *falling}),
        alpha=1 - fit.conf_level,
    )


def _reach(low: float, high: float, share_kept: float) -> Reach:
    """Read an interval as it is printed, with two decimals, so that words and numbers agree."""
    farthest = max(abs(low), abs(high))
    if not round(farthest, 2) < LARGE:
        return "open"
    corrected = farthest / share_kept if share_kept > 0 else math.inf
    return "narrow" if corrected < LARGE else "narrow_measured"


def _verdict(fit: InteractionFit, joint: JointTest, corners: CornerComparison) -> Verdict:
    alpha = 1 - fit.conf_level
    if math.isnan(joint.p_value):
        return "untested"
    found = fit.highest_order["p_value"] < alpha
    positive = bool(fit.highest_order["estimate"]["with squares"] > 0)
    one_sign = fit.highest_order["estimate"].gt(0).nunique() == 1
    highest = bool(found.all() and one_sign)
    if joint.p_value < alpha:
        steeper = corners.slopes.loc[corners.slopes["where"].eq("difference"), "estimate"] > 0
        if highest and positive and steeper.all():
            return "reinforce"
        return "weaken" if highest and not positive and not steeper.any() else "beyond_sum"
    if highest:
        return "only_highest_positive" if positive else "only_highest_negative"
    return "curvature" if found["without squares"] else "no_sign"


def _read_corners(corners: CornerComparison, conf_level: float) -> Corners:
    from scipy import stats

    if corners.supports_only_combination:
        return "supported"
    gaps = corners.equivalence
    margin = stats.t.isf((1 - conf_level) / (2 * len(gaps)), gaps["df"]) * gaps["std_error"]
    far = gaps["estimate"].abs() - margin > corners.smallest_difference
    return "against" if far.any() else "undecided"
