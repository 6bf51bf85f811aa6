"""The interaction probed: slopes compared, where a product differs from zero, every method, and firms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from si_research.model.inference_comparison import InferenceComparison
    from si_research.model.johnson_neyman import JohnsonNeyman
    from si_research.model.significance_map import SignificanceMap
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.model.within_between import WithinBetween

Levels = Literal["estimated", "no_firms", "too_few_firms", "weights", "not_possible"]


@dataclass(frozen=True, slots=True, eq=False)
class ProbingFindings:
    """What is found when the interaction of a study is looked at from more sides.

    Attributes
    ----------
    differences : tuple of SlopeDifferences
        One a predictor.
    regions : tuple of JohnsonNeyman
        The product of two over the third, with two predictors the slope of one over the other; the last
        predictor's is first. None over a predictor with two values.
    maps : tuple of SignificanceMap
        One a predictor; none with two predictors.
    inference : InferenceComparison
        Of the highest product.
    split : WithinBetween or None
        None unless ``levels`` is "estimated".
    levels : str
        "estimated", or why there is nothing within and between firms: "no_firms", "too_few_firms" (fewer
        than three), "weights" (no such model of weighted people), "not_possible" (a predictor does not
        vary within firms, or firms are too few to tell their means apart).
    ends : mapping of str to (low, high)
        Ends of the response format of each predictor; where these are open, ends that tell nobody's score.
    """

    differences: tuple[SlopeDifferences, ...]
    regions: tuple[JohnsonNeyman, ...]
    maps: tuple[SignificanceMap, ...]
    inference: InferenceComparison
    split: WithinBetween | None
    levels: Levels
    ends: Mapping[str, tuple[float, float]] = field(repr=False)

    def __str__(self) -> str:
        parts = (*self.differences, *self.regions, *self.maps, self.inference, self.split or self.levels)
        return "\n\n".join(str(part) for part in parts)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
