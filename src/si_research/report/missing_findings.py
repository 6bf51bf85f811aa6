"""What a study says of missing answers: why, with which others, and the tests with them filled in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from si_research.model.missing.imputed import ImputedScores
    from si_research.model.missing.pool import PooledInteraction
    from si_research.survey.missing.describe import MissingAnswers

FillingOutcome = Literal["refused", "none_missing", "too_few", "off", "two_values", "not_possible", "pooled"]


@dataclass(frozen=True, slots=True, eq=False)
class MissingFindings:
    """Missing answers of a study, and the main result with missing scores filled in.

    Attributes
    ----------
    answers : MissingAnswers
    outcome : str
        ``pooled``, or why nothing was filled in: ``refused`` (no test runs at all), ``none_missing`` (no row
        of the tests lacks a score that could be there), ``too_few`` (fewer than five do), ``off`` (the study
        asks for none), ``two_values`` (a condition of two values has holes), ``not_possible`` (the complete
        cases cannot carry the model with squares).
    n_holed : int
        Rows that lack a score, or a control that is a number, and take part when it is filled in.
    imputed : ImputedScores or None
        For the report's aggregates; it holds rows of people.
    pooled : PooledInteraction or None
    """

    answers: MissingAnswers
    outcome: FillingOutcome
    n_holed: int = 0
    imputed: ImputedScores | None = None
    pooled: PooledInteraction | None = None

    def table(self) -> pd.DataFrame:
        """Return the coefficients of both where there are any, else the reasons."""
        return self.answers.table() if self.pooled is None else self.pooled.table()

    def __str__(self) -> str:
        return f"{self.answers}\n{self.outcome if self.pooled is None else self.pooled}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
