"""What scales, variables and terms are called in a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from si_research.constructs import CONDITIONS, CONSTRUCTS
from si_research.report.voice import Voice, voice

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings, VariableFacts
    from si_research.survey.scoring import ScaleFacts


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Names of scales, variables and terms in one language.

    *kunnen*, *willen* and *mogen* keep their name, whatever measured them; other scales and variables
    have the label of the codebook.

    Attributes
    ----------
    voice : Voice
    scales : Mapping of str to ScaleFacts
        By column of the scores.
    variables : Mapping of str to VariableFacts
    translations : Mapping of str to str
        The researcher's own words, in the language of the voice.

    Examples
    --------
    >>> labels = Labels(voice("en"))
    >>> labels.term("kunnen:willen"), labels.of("innovative_behaviour"), labels.term("sector[care]")
    ('*kunnen* × *willen*', 'innovative behaviour', 'sector: care')
    """

    voice: Voice
    scales: Mapping[str, ScaleFacts] = field(default_factory=dict)
    variables: Mapping[str, VariableFacts] = field(default_factory=dict)
    translations: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, words: str) -> str:
        """Return the researcher's own words, translated where the study file translates them."""
        return self.translations.get(words, words)

    def of(self, name: str) -> str:
        """Return the name of a scale or variable, as it stands in a sentence."""
        if name in CONDITIONS:
            return f"*{name}*"
        for facts in (self.scales.get(name), self.variables.get(name)):
            if facts is not None and self._own(facts):
                return self._own(facts)
        if name in CONSTRUCTS:
            construct = CONSTRUCTS[name]
            return construct.gloss_nl if self.voice.language == "nl" else construct.gloss_en
        key = f"terms.{name}"
        return self.voice.say(key) if re.fullmatch(r"\w+", name) and self.voice.has(key) else name

    def measured(self, name: str) -> str:
        """Return what a construct was measured as: the label of its scale, or the gloss."""
        facts = self.scales.get(name)
        if facts is not None and self._own(facts):
            return self._own(facts)
        if name in CONSTRUCTS:
            construct = CONSTRUCTS[name]
            return construct.gloss_nl if self.voice.language == "nl" else construct.gloss_en
        return self.of(name)

    def term(self, term: str) -> str:
        """Return the name of a term of the model."""
        dummy = re.fullmatch(r"(.+?)\[(.*)\]", term)
        if dummy:
            variable, level = dummy.groups()
            return self.voice.say(
                "terms.level", variable=self.of(variable), level=self.level(variable, level)
            )
        parts = [self.of(part.removesuffix("^2")) + ("²" * part.endswith("^2")) for part in term.split(":")]
        return " × ".join(parts)

    def level(self, variable: str, level: str) -> str:
        """Return the word for a value of a category."""
        facts = self.variables.get(variable)
        if facts is not None and level in facts.levels:
            return self.in_language(facts.levels[level])
        if level in self.translations:
            return self.translations[level]
        key = f"terms.{level}"
        return self.voice.say(key) if level in {"yes", "no"} else level

    def _own(self, facts: ScaleFacts | VariableFacts) -> str:
        return facts.label_nl if self.voice.language == "nl" else facts.label_en


def labels_of(findings: StudyFindings, language: str) -> Labels:
    """Return the names that a study uses."""
    variables = {facts.name: facts for facts in findings.variables}
    translations = findings.study.translations.get(language, {})
    refusal = findings.refusal
    speak = voice(language, of_organisations=refusal is not None and refusal.code == "no_respondents")
    return Labels(speak, findings.scores.scales, variables, translations)
