"""The sentences and cells on the pages of a diagnosis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from si_research.practice.diagnosis.diagnosis_notes import NOT_TOLD
from si_research.practice.diagnosis.organisations import OrganisationDiagnosis
from si_research.practice.diagnosis.profile import CLEAR, FEW_UNITS, NOT_DISTINGUISHABLE
from si_research.report.diagnosis_gate import is_published, told_n
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.model.fit_notes import Note
    from si_research.report.diagnosis_figures import Row, UnitFigures
    from si_research.report.diagnosis_findings import DiagnosisFindings
    from si_research.report.labels import Labels

LEVELS = {"firm_id": "organisation", "department_id": "department", "team_id": "team"}
UNTOLD = (
    *("too_few_people", "condition_missing", "no_scores", "too_few_years", "no_individuals"),
    *("ceiling_taken_as_known", NOT_TOLD),
)
"""Notes that the pages tell by themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class DiagnosisWords:
    """The words of a diagnosis in one language."""

    findings: DiagnosisFindings
    labels: Labels
    level: str = field(init=False)
    of_years: bool = field(init=False)
    few: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", self.labels.voice.level(self.findings.found.conf_level))
        found = self.findings.found
        object.__setattr__(self, "of_years", isinstance(found, OrganisationDiagnosis))
        object.__setattr__(self, "few", NOT_TOLD in [note.code for note in found.notes])

    def say(self, key: str, **values: object) -> str:
        """Return a phrase of the diagnosis."""
        return self.labels.voice.say(f"diagnosis.{key}", **values)

    def has(self, key: str) -> bool:
        """Whether there is such a phrase of the diagnosis."""
        return self.labels.voice.has(f"diagnosis.{key}")

    def group(self, by: Sequence[str], values: Sequence[str | None]) -> str:
        """Return what a group of organisations is called."""
        told = [self._characteristic(name, value) for name, value in zip(by, values, strict=True)]
        return ", ".join(told)

    def _characteristic(self, name: str, value: str | None) -> str:
        own = f"groups.{name}"
        variable = self.say(own) if self.has(own) else self.labels.of(name)
        if value is None:
            return variable
        word = f"groups.classes.{value}"
        classes = name.startswith("size_class_") and self.has(word)
        return f"{variable}: {self.say(word) if classes else self.labels.level(name, value)}"

    def name(self, unit: UnitFigures) -> str:
        """Return the name of a unit as the codebook labels it or the file has it; published, its number."""
        if is_published():
            return f"{self.unit_word(unit.level).capitalize()} {unit.number}"
        return self.labels.level(unit.level, unit.name)

    def probability(self, p: float) -> str:
        """Return a probability in whole percents, never quite none or all."""
        if not math.isfinite(p):
            return self.labels.voice.number(p)
        speak, space = self.labels.voice, "\N{NO-BREAK SPACE}"
        if p > 0.99:
            return f"{self.say('over')}{space}{speak.rate(0.99)}"
        return f"{self.say('under')}{space}{speak.rate(0.01)}" if p < 0.01 else speak.rate(p)

    def points(self, value: float) -> str:
        """Return a score from 0 to 100."""
        return self.labels.voice.number(value, 0)

    def with_interval(self, row: Row, names: tuple[str, str, str], digits: int) -> str:
        """Return an estimate with its interval."""
        value, low, high = (row[name] for name in names)
        if not math.isfinite(value):
            return self.labels.voice.number(value)
        speak = self.labels.voice
        return f"{speak.number(value, digits)} {speak.interval(low, high, digits=digits)}"

    def answer(self, unit: UnitFigures) -> list[str]:
        """Return what the page says first: the bottleneck, raw and beside the average."""
        if unit.state:
            return [self.say(f"state_texts.{unit.state}")]
        found = [*self.too_few(), self._bottleneck(unit, unit.bottleneck, unit.p, "p_lowest", "")]
        if math.isfinite(unit.p_normed):
            found.append(
                self._bottleneck(unit, unit.bottleneck_normed, unit.p_normed, "p_lowest_normed", "normed_")
            )
        else:
            found.append(self.say("normed_unknown"))
        return [*found, self.say("describes")]

    def too_few(self) -> list[str]:
        """Return why no condition is called the bottleneck, where there are too few organisations."""
        return [self.say("few.why", needed=FEW_UNITS)] if self.few else []

    def _bottleneck(self, unit: UnitFigures, told: str, p: float, column: str, key: str) -> str:
        likeliest = max(unit.conditions, key=lambda row: row[column])["condition"]
        clear = "unclear" if told == NOT_DISTINGUISHABLE else "clear"
        values = {"condition": self.labels.of(likeliest), "p": self.probability(p)}
        clear = f"few.{key}likeliest" if self.few else f"{key}{clear}"
        return self.say(clear, limit=self.labels.voice.rate(CLEAR), **values)

    def short(self, unit: UnitFigures, told: str | None = None) -> str:
        """Return the bottleneck in a cell."""
        name = unit.bottleneck if told is None else told
        if unit.state:
            return self.say(f"states.{unit.state}")
        return self.none() if name == NOT_DISTINGUISHABLE else self.labels.of(name) if name else "–"

    def none(self) -> str:
        """Return what stands for a bottleneck where none is named."""
        return self.say("few.none" if self.few else "none")

    def people(self, unit: UnitFigures) -> str:
        """Return how many people or years a page rests on; nothing of a unit without figures."""
        if unit.state:
            return self.say(f"states.{unit.state}")
        return self.say("n_years" if self.of_years else "n_people", n=unit.n)

    def wave(self, key: str) -> str:
        """Return which of several waves is diagnosed; empty where there is one."""
        if self.findings.wave is None:
            return ""
        name, n = self.findings.wave
        return self.say(key, wave=self.labels.level("wave", name), n=n)

    def binding(self, unit: UnitFigures) -> list[str]:
        """Return for whom each condition is the lowest, and the two minima."""
        if unit.minima is None:
            return []
        parts = [
            self.say("binding.part", names=self._either(names), share=self.labels.voice.percent(share))
            for names, share in unit.binding
        ]
        lead = (
            self.say("binding.lead", parts=self.labels.voice.listed(parts))
            if parts
            else self.say("binding.hidden")
        )
        minima, means = (self.points(each) for each in unit.minima)
        raw = self.say("binding.raw") if math.isfinite(unit.p_normed) else ""
        return [lead, self.say("binding.minima", minima=minima, means=means, raw=raw)]

    def ten_points(self) -> str:
        """Return of what ten points more are points: the outcome, with the ends of its own scale."""
        outcome = str(getattr(self.findings.found, "outcome", ""))
        facts, speak = self.findings.scales.get(outcome), self.labels.voice
        low, high = (math.nan, math.nan) if facts is None else (facts.lowest, facts.highest)
        told = [speak.number(each, 0 if each.is_integer() else 2) for each in map(float, (low, high))]
        closed = math.isfinite(low) and math.isfinite(high)
        ends = self.say("profile.ends", low=told[0], high=told[1]) if closed else ""
        return self.say("profile.ten_points_note", outcome=self.labels.of(outcome), ends=ends)

    def _either(self, names: Sequence[str]) -> str:
        told = [self.labels.of(name) for name in names]
        if len(told) == 1:
            return told[0]
        return self.say("binding.or", first=", ".join(told[:-1]), last=told[-1])

    def limits(self) -> list[str]:
        """Return what the pages do not show."""
        names = [self.labels.of(name) for name in self.findings.open_scales]
        opened = [self.say("limits.open", names=self.labels.voice.listed(names))] if names else []
        of_people = ["limits.moment", "limits.published" if is_published() else "limits.small"]
        nameless = ["limits.nameless"] if is_published() else []
        first = [*(["limits.moment_years"] if self.of_years else of_people), *nameless]
        return [*(self.say(key) for key in first), *opened, *self._notes()]

    def _notes(self) -> Iterator[str]:
        for note in (*self.findings.found.notes, *self.findings.notes):
            if note.code not in UNTOLD:
                yield self.say(f"notes.{note.code}", **self._values(note))

    def _values(self, note: Note) -> Mapping[str, Any]:
        speak = self.labels.voice
        if note.code == "years_alike":
            each = [
                f"{self.labels.of(name)} {speak.bounded(float(str(r)))}" for name, r in note.values.items()
            ]
            return {"values": speak.listed(each)}
        told = {name: value for name, value in note.values.items() if not isinstance(value, float)}
        told |= {name: speak.count(value) for name, value in note.values.items() if isinstance(value, float)}
        if "level" in told:
            told["level"] = self.unit_word(str(told["level"]))
        if isinstance(told.get("n"), int) and is_small(float(str(told["n"]))):
            told["n"] = speak.say("numbers.few")
        elif isinstance(told.get("n"), int):
            told["n"] = told_n(float(str(told["n"])))
        return told

    def parts(self) -> str:
        """Return what units within an organisation are called, all levels together; empty without."""
        return self.labels.voice.listed([self.units_word(level) for level in self.findings.levels[1:]])

    def others_within(self, unit: UnitFigures) -> str:
        """Return what the units within this one are called that have no figures."""
        levels = self.findings.levels
        return self.say("parts.others", units=self.units_word(levels[levels.index(unit.level) + 1]))

    def units_word(self, level: str) -> str:
        """Return what several units of a level are called."""
        return self.say(f"units.{LEVELS[level]}s")

    def unit_word(self, level: str) -> str:
        """Return what units of a level are called."""
        return self.say(f"units.{LEVELS[level]}")
