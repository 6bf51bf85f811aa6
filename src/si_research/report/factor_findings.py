"""What a study found out about its scales as factors: the models, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

if TYPE_CHECKING:
    from si_research.measurement.factors.factor_fit import FactorFit, Finding
    from si_research.measurement.factors.hints import ModificationHints
    from si_research.measurement.factors.invariance import Invariance
    from si_research.measurement.factors.validity import HeterotraitMonotrait, Validity

ModelName = Literal["one", "conditions", "apart"]
Verdict = Literal["same", "other_means", "other_loadings", "unknown"]
MAIN: Final[ModelName] = "apart"
"""The model in which every scale is a factor of its own: the one that loadings and validity come from."""
NOT_FITTED: Final = (
    "unreliable_scales",
    "instrument_changed",
    "no_scales",
    "two_items",
    "too_few_people",
    "more_items_than_people",
    "never_together",
    "collinear",
)
"""Reasons why no model was fitted; the words stand in the locale files under ``factors.not_fitted``."""


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentComparison:
    """Whether the scales were the same instrument in some groups.

    Attributes
    ----------
    name : str
        What the groups are: ``wave``, ``arm``, or a variable of the codebook.
    invariance : Invariance or None
    findings : tuple of Finding
        Why there is no comparison, and who was left out of it.
    n_left_out : int
        People of the models who belong to none of the groups that are compared.
    """

    name: str
    invariance: Invariance | None = None
    findings: tuple[Finding, ...] = ()
    n_left_out: int = 0

    @property
    def verdict(self) -> Verdict:
        """What may be said: the first level that fails decides."""
        if self.invariance is None:
            return "unknown"
        holds = self.invariance.levels.set_index("level")["holds"]
        for level, verdict in (("configural", "unknown"), ("metric", "other_loadings")):
            if holds[level] is pd.NA:
                return "unknown"
            if not holds[level]:
                return verdict  # type: ignore[return-value]
        if holds["scalar"] is pd.NA:
            return "unknown"
        return "same" if holds["scalar"] else "other_means"

    @property
    def moved(self) -> pd.DataFrame:
        """Parameters that differ between the groups, of the level that failed; none where none did."""
        level = {"other_loadings": "metric", "other_means": "scalar"}.get(self.verdict)
        if self.invariance is None or level is None:
            return pd.DataFrame(columns=["level", "term", "statistic", "df", "p_value"])
        items = self.invariance.items[self.invariance.items["level"] == level]
        return items[items["p_value"] < 0.05 / len(items)]  # Bonferroni: one test an item


@dataclass(frozen=True, slots=True, eq=False)
class StudyFactors:
    """The scales of a study as factors. Made by ``study.factors``.

    Attributes
    ----------
    reason : str
        One of ``NOT_FITTED``, or empty where models were fitted.
    findings : tuple of Finding
        Scales and items that are in no model, and what else a reader must know.
    models : Mapping of str to FactorFit
        ``one`` (all items as one factor), ``conditions`` (a factor each, the outcome aside), ``apart`` (all
        scales); those that the scales of the file allow.
    validity : Validity or None
    htmt : HeterotraitMonotrait or None
        None with one factor, or too few people who answered every item.
    hints : ModificationHints or None
        Of ``apart``; none is applied.
    instruments : tuple of InstrumentComparison
        One a grouping that the study has.
    missing : str
        ``complete`` (nothing is missing), ``fiml`` or ``listwise``.
    clusters : str
        Whose answers may be alike: ``organisation``, ``respondent`` (over waves), or empty.
    n_rows : int
        People after cleaning.
    """

    reason: str = ""
    findings: tuple[Finding, ...] = ()
    models: Mapping[str, FactorFit] = field(default_factory=dict)
    validity: Validity | None = None
    htmt: HeterotraitMonotrait | None = None
    hints: ModificationHints | None = None
    instruments: tuple[InstrumentComparison, ...] = ()
    missing: str = "listwise"
    clusters: str = ""
    n_rows: int = 0

    @property
    def main(self) -> FactorFit | None:
        """The model of all scales apart."""
        return self.models.get(MAIN)

    def table(self) -> pd.DataFrame:
        """Return the fit measures, a row a model."""
        return pd.DataFrame({name: fit.fit for name, fit in self.models.items()}).T.rename_axis("model")

    def __str__(self) -> str:
        if self.reason:
            return f"no factor models: {self.reason}"
        return "\n".join(f"{name}: {fit}" for name, fit in self.models.items())

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
