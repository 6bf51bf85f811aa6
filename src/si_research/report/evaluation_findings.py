"""What the page of an evaluation is made from: the result, and what a reader must know of the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from si_research.report.labels import Labels
from si_research.report.voice import voice

if TYPE_CHECKING:
    from si_research.practice.scheme.evaluation import SchemeEvaluation
    from si_research.report.findings import VariableFacts
    from si_research.survey.scoring import ScaleFacts


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationFindings:
    """The evaluation of a scheme in a study.

    Attributes
    ----------
    title, survey : str
        Of the study and of its codebook.
    found : SchemeEvaluation
    by_dose : SchemeEvaluation or None
        The line through doses, where there is a dose beside what says who had the scheme.
    took_part : mapping of arm to (n, of)
        Of a lottery where the file says so too: how many of the organisations of each arm took part.
    unreliable : bool
        Whether a scale of the study tells hardly anything.
    all_waves : bool
        Whether what the study selects by wave was left out.
    people : bool
        Whether the rows of the file are people.
    scales, variables : Mapping
        For their names, as in :class:`~si_research.report.labels.Labels`.
    synthetic : bool
    version : str
    translations : Mapping
        By language.
    """

    title: str
    survey: str
    found: SchemeEvaluation
    by_dose: SchemeEvaluation | None
    took_part: Mapping[str, tuple[int, int]]
    unreliable: bool
    all_waves: bool
    people: bool
    scales: Mapping[str, ScaleFacts] = field(repr=False)
    variables: Mapping[str, VariableFacts] = field(repr=False)
    synthetic: bool
    version: str
    translations: Mapping[str, Mapping[str, str]] = field(repr=False)

    def labels(self, language: str) -> Labels:
        """Return the names that the study uses."""
        return Labels(voice(language), self.scales, self.variables, self.translations.get(language, {}))
