"""How firm a result is: without each firm, how large, curves, ends of scales, and diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.effect_sizes import EffectSizes
    from si_research.model.influence import LeaveOneFirmOut
    from si_research.model.regression_diagnostics import RegressionDiagnostics
    from si_research.survey.check_result import CheckResult

FirmsStatus = Literal["estimated", "no_firms", "too_few_firms", "not_possible"]
SizesStatus = Literal["estimated", "too_few_firms", "too_few_people", "not_told_apart"]
CurvatureStatus = Literal["straight", "curved", "curved_turns", "straight_turns", "no_squares", "no_test"]


@dataclass(frozen=True, slots=True, eq=False)
class RobustnessFindings:
    """What is found when a result is put to the test.

    Attributes
    ----------
    firms : LeaveOneFirmOut or None
        Of all products. None unless ``firms_status`` is "estimated".
    firms_status : str
        "estimated", or why not: "no_firms", "too_few_firms" (fewer than three), "not_possible" (without any
        firm nothing can be said of any product).
    small_firms : pandas.DataFrame or None, indexed by ``term``
        ``estimate``, ``p_value``, ``sign_turns``, ``conclusion_turns``, ``missing`` without all firms of
        fewer than five people together. None unless they are two or more, with five people and more.
    sizes : EffectSizes or None
        None unless ``sizes_status`` is "estimated".
    sizes_status : str
        "estimated", or why there are no intervals: "too_few_firms" (fewer than five), "too_few_people" (fewer
        than three a term), "not_told_apart" (in more than one draw of twenty some term could not be told from
        the others).
    curvature : CheckResult
    curvature_status : str
        "straight"; "curved", with products that are judged alike without squares; "curved_turns" and
        "straight_turns", where they are judged otherwise; "no_squares" (all predictors binary); "no_test"
        (not more firms than terms).
    ceiling : CheckResult
        Ends are those of the response format where that is known.
    diagnostics : RegressionDiagnostics
    """

    firms: LeaveOneFirmOut | None
    firms_status: FirmsStatus
    small_firms: pd.DataFrame | None
    sizes: EffectSizes | None
    sizes_status: SizesStatus
    curvature: CheckResult
    curvature_status: CurvatureStatus
    ceiling: CheckResult
    diagnostics: RegressionDiagnostics

    def __str__(self) -> str:
        parts = (
            self.firms or f"firms: {self.firms_status}",
            self.sizes or f"sizes: {self.sizes_status}",
            self.curvature.text,
            self.ceiling.text,
            self.diagnostics,
        )
        return "\n\n".join(str(part) for part in parts)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
