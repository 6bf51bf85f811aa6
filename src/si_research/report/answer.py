"""What the tests say together, as codes; the words for them stand in the locale files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

if TYPE_CHECKING:
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest

LARGE: Final = 0.10
"""A standardised coefficient of the highest product that would matter; a convention of this toolkit."""

Verdict = Literal[
    "reinforce",
    "weaken",
    "beyond_sum",
    "curvature",
    "only_highest_positive",
    "only_highest_negative",
    "no_sign",
]
Corners = Literal["supported", "against", "undecided"]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The reading of the three tests. Made by :func:`read_answer`.

    Attributes
    ----------
    verdict : str
        ``reinforce`` or ``weaken``: the joint test finds something, and so does the highest product, with
        that sign. ``beyond_sum``: the joint test only. ``only_highest_positive`` or ``_negative``: the
        highest product only. ``curvature``: the highest product, but only while the conditions are taken
        to be straight lines. ``no_sign``: neither.
    excludes_large : bool
        Whether the interval of the highest product, standardised, lies within ±0.10.
    corners : str
        ``supported``: both statements of "only the combination" hold. ``against``: a corner without all
        conditions high lies farther from all low than the smallest difference that matters.
        ``undecided``: neither is shown.
    rising, falling, flat : tuple of str
        Conditions whose own coefficient lies above 0, below 0, or is not told apart from 0.
    alpha : float
        1 - conf_level.
    """

    verdict: Verdict
    excludes_large: bool
    corners: Corners
    rising: tuple[str, ...]
    falling: tuple[str, ...]
    flat: tuple[str, ...]
    alpha: float

    def table(self) -> pd.DataFrame:
        """Return the reading as one row."""
        words = [self.verdict, self.excludes_large, self.corners]
        return pd.DataFrame([words], columns=["verdict", "excludes_large", "corners"])

    def __str__(self) -> str:
        return f"{self.verdict}; only the combination: {self.corners}"

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>"


def read_answer(fit: InteractionFit, joint: JointTest, corners: CornerComparison) -> Answer:
    """Read the joint test, the highest product and the corners together.

    Not being able to show something is never read as its absence: ``no_sign`` and ``undecided`` say what was
    not found, ``excludes_large`` whether the data could have found it.
    """
    mains = fit.coefficients.loc[list(fit.predictors)]
    rising = tuple(mains.index[mains["conf_low"] > 0])
    falling = tuple(mains.index[mains["conf_high"] < 0])
    tested = fit.standardised.loc[fit.tested_term]
    return Answer(
        verdict=_verdict(fit, joint),
        excludes_large=bool(max(abs(tested["conf_low"]), abs(tested["conf_high"])) <= LARGE),
        corners=_read_corners(corners),
        rising=rising,
        falling=falling,
        flat=tuple(name for name in fit.predictors if name not in {*rising, *falling}),
        alpha=1 - fit.conf_level,
    )


def _verdict(fit: InteractionFit, joint: JointTest) -> Verdict:
    alpha = 1 - fit.conf_level
    found = fit.highest_order["p_value"] < alpha
    positive = bool(fit.highest_order["estimate"]["with squares"] > 0)
    one_sign = fit.highest_order["estimate"].gt(0).nunique() == 1
    highest = bool(found.all() and one_sign)
    if joint.p_value < alpha:
        if not highest:
            return "beyond_sum"
        return "reinforce" if positive else "weaken"
    if highest:
        return "only_highest_positive" if positive else "only_highest_negative"
    return "curvature" if found["without squares"] else "no_sign"


def _read_corners(corners: CornerComparison) -> Corners:
    if corners.supports_only_combination:
        return "supported"
    gaps = corners.equivalence
    far = (gaps["conf_low"] > corners.smallest_difference) | (
        gaps["conf_high"] < -corners.smallest_difference
    )
    return "against" if far.any() else "undecided"
