"""What the pages of a diagnosis are made from: the result, and what a reader must know of the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from si_research.report.labels import Labels
from si_research.report.voice import voice

if TYPE_CHECKING:
    from si_research.model.fit_notes import Note
    from si_research.practice.diagnosis.change import WaveChange
    from si_research.practice.diagnosis.comparison_groups import GroupComparison
    from si_research.practice.diagnosis.diagnosis import Diagnosis
    from si_research.practice.diagnosis.organisations import OrganisationDiagnosis
    from si_research.practice.diagnosis.role_gap import RoleGap
    from si_research.report.findings import VariableFacts
    from si_research.survey.scoring import ScaleFacts


@dataclass(frozen=True, slots=True, eq=False)
class DiagnosisFindings:
    """The diagnosis of a study.

    Attributes
    ----------
    title, survey : str
        Of the study and of its codebook.
    found : Diagnosis or OrganisationDiagnosis
        The second where the file holds organisations over years and no people.
    scales, variables : Mapping
        For their names, as in :class:`~si_research.report.labels.Labels`.
    open_scales : tuple of str
        Conditions without a response format: 0 and 100 are the ends of the sample.
    synthetic : bool
    version : str
    translations : Mapping
        By language.
    groups : tuple of GroupComparison
        Organisations beside others of their sector and size.
    wave : (str, int), optional
        The wave that is diagnosed, and how many there are; None where there is one.
    change : WaveChange, optional
        Of organisations, since the wave before.
    role_gap : RoleGap, optional
        Of organisations, between employees and who manages others.
    notes : tuple of Note
        Why there is no change or gap: ``instrument_changed``, ``change_not_told``, ``gap_not_told``.
    """

    title: str
    survey: str
    found: Diagnosis | OrganisationDiagnosis
    scales: Mapping[str, ScaleFacts] = field(repr=False)
    variables: Mapping[str, VariableFacts] = field(repr=False)
    open_scales: tuple[str, ...]
    synthetic: bool
    version: str
    translations: Mapping[str, Mapping[str, str]] = field(repr=False)
    groups: tuple[GroupComparison, ...] = ()
    wave: tuple[str, int] | None = None
    change: WaveChange | None = None
    role_gap: RoleGap | None = None
    notes: tuple[Note, ...] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        """Columns that name the units, outermost first."""
        unit = self.found.unit
        return (unit,) if isinstance(unit, str) else unit

    def labels(self, language: str) -> Labels:
        """Return the names that the study uses."""
        return Labels(voice(language), self.scales, self.variables, self.translations.get(language, {}))
