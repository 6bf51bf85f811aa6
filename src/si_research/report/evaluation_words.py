"""The sentences on the page of an evaluation; verbs of cause only where the design allows an effect."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.practice.scheme.binding import BINDING, BINDING_NORM, TIED
from si_research.practice.scheme.design import ADJUSTED, DOSE, LOTTERY
from si_research.practice.scheme.fixed_effects import CLASSICAL
from si_research.report.diagnosis_gate import is_published, told_n
from si_research.report.evaluation_figures import ARMS, evaluation_figures
from si_research.report.evaluation_gate import line_digits
from si_research.report.suppression import is_small, told_figure

if TYPE_CHECKING:
    from si_research.report.evaluation_figures import EvaluationFigures
    from si_research.report.evaluation_findings import EvaluationFindings
    from si_research.report.labels import Labels

Row = Mapping[str, Any]
OWN_WORDS = {DOSE: "dose", ADJUSTED: "adjusted"}
"""Designs whose findings are told in words of their own."""
IN_POINTS = (*CONDITIONS, INNOVATIVE_BEHAVIOUR.name)
FEW_USED = 0.75
"""Share of the organisations below which a sentence says on how many an answer rests."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationWords:
    """The words of an evaluation in one language."""

    findings: EvaluationFindings
    figures: EvaluationFigures
    labels: Labels
    level: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", self.labels.voice.level(self.findings.found.conf_level))

    def say(self, key: str, **values: object) -> str:
        """Return a phrase of the evaluation."""
        return self.labels.voice.say(f"evaluation.{key}", **values)

    def name(self, outcome: str) -> str:
        """Return the name of an outcome."""
        if outcome in (BINDING, BINDING_NORM, TIED):
            return self.say(f"names.{outcome}")
        return self.labels.term(outcome) if outcome.endswith("]") else self.labels.of(outcome)

    def _of_design(self, key: str) -> str:
        """Return the key of a sentence: what is only seen afterwards, or a line, has no verbs of cause."""
        own = OWN_WORDS.get(self.findings.found.design.kind)
        return f"{own}.{key}" if own and key != "answers.untold" else key

    def points(self, outcome: str, value: float, digits: int = 2) -> str:
        """Return a difference in points; of a ready-made score, in the unit of that score."""
        facts, told = self.findings.scales.get(outcome), self.labels.voice.number(value, digits)
        bare = facts is not None and facts.kind == "score" and outcome not in IN_POINTS
        return told if bare else self.say("points", value=told)

    def arm(self, arm: str) -> str:
        """Return the name of a group; of a lottery, whether it was drawn."""
        return self.say(f"names.{arm}_drawn" if self._drawn() else f"names.{arm}")

    def caption(self, key: str) -> str:
        """Return the note under a table; of a lottery people are counted after the draw only."""
        counted = self.say("counted.drawn" if self._drawn() else "counted.all")
        few = self.labels.voice.say("numbers.few")
        return self.say(f"captions.{key}", level=self.level, few=few, counted=counted)

    def sides(self, row: Row) -> list[str]:
        """Return how many organisations with and without the scheme an estimate rests on."""
        treated, others = row["n_treated"], row["n_firms"] - row["n_treated"]
        return [self.count(n if not is_small(n) else None) for n in (treated, others)]

    def _drawn(self) -> bool:
        return self.findings.found.design.kind == LOTTERY

    def count(self, n: float | None) -> str:
        """Return a number of organisations or people; fewer than five are not told."""
        if n is None or not math.isfinite(n):
            return self.labels.voice.say("numbers.few")
        return self.labels.voice.count(n)

    def with_interval(self, row: Row, suffix: str = "") -> str:
        """Return an estimate with its interval, a dash where there is none."""
        value, low, high = (row[f"{name}{suffix}"] for name in ("estimate", "conf_low", "conf_high"))
        speak, digits = self.labels.voice, self.digits(value, low, high)
        if not math.isfinite(value) or not math.isfinite(low):
            return speak.number(value, digits)
        return f"{speak.number(value, digits)} {speak.interval(low, high, digits=digits)}"

    def of_dose(self) -> bool:
        """Whether an effect is that of one unit more of the scheme."""
        return self.findings.found.design.kind == DOSE

    def digits(self, value: float, low: float = math.nan, high: float = math.nan) -> int:
        """Return the decimals of an effect: two; a unit of the dose, as many as show it."""
        return line_digits(value, low, high) if self.of_dose() else 2

    def answers(self) -> list[str]:
        """Return a sentence on each planned outcome; on a refusal, what is missing."""
        if self.figures.refusals:
            return [self.say("refused.lead"), *(self.say(f"refused.{c}") for c in self.figures.refusals)]
        found: list[Any] = self.figures.recommended().to_dict("records")
        rows = [row for row in found if row["role"] == "planned"]
        shown = [self.name(row["outcome"]) for row in rows if self._verdict(row) == "shown"]
        lead = self.say(
            self._of_design("lead.some" if shown else "lead.none"), names=self.labels.voice.listed(shown)
        )
        own = OWN_WORDS.get(self.findings.found.design.kind)
        caution = [self.say(f"{own}.caution")] if own else []
        return [lead, *(self._answer(row) for row in rows), *caution]

    def _verdict(self, row: Row) -> str:
        """Return what may be said of an outcome; a planned one, of which p is corrected."""
        alpha = 1 - self.findings.found.conf_level
        if row["state"]:
            return "untold"
        if not math.isfinite(row["p_value"]):
            return "no_error"
        if row["p_holm"] < alpha:
            return "apart" if self._trend(row) < alpha else "shown"
        if row["p_value"] < alpha:
            return "chance"
        return "weak" if row["p_holm"] < 2 * alpha else "open"

    def _trend(self, row: Row) -> float:
        """Return p of the test of what preceded the start; 1 where there is none."""
        rows: list[Any] = self.figures.pre_trends.to_dict("records")
        return next((float(each["p_value"]) for each in rows if each["outcome"] == row["outcome"]), 1.0)

    def _answer(self, row: Row) -> str:
        speak, verdict = self.labels.voice, self._verdict(row)
        told = {"outcome": self.name(row["outcome"])}
        if verdict == "untold":
            return self.say("answers.untold", **told, why=self.say(f"untold.{row['state']}"))
        digits = self.digits(row["estimate"], row["conf_low"], row["conf_high"])
        told |= {"points": self.points(row["outcome"], row["estimate"], digits)}
        told |= {"interval": speak.interval(row["conf_low"], row["conf_high"], digits=digits)}
        p = self._trend(row) if verdict == "apart" else row["p_holm"]
        if verdict == "weak":
            told |= {"way": self.say("ways.up" if row["estimate"] > 0 else "ways.down")}
        answer = self.say(self._of_design(f"answers.{verdict}"), **told, p=speak.p_value(p))
        return " ".join([answer, *self._classical(row), *self._used(row)])

    def _classical(self, row: Row) -> list[str]:
        """Return p with textbook errors, where these are there and stand on another side of the line."""
        rows: list[Any] = self.figures.effects.to_dict("records")
        own = [r for r in rows if r["outcome"] == row["outcome"] and r["method"] == CLASSICAL]
        alpha = 1 - self.findings.found.conf_level
        if not own or not math.isfinite(own[0]["p_value"]) or max(own[0]["p_value"], row["p_value"]) < alpha:
            return []
        told = [self.labels.voice.p_value(each["p_value"]) for each in (row, own[0])]
        return [self.say("classical", p=told[0], classical=told[1])]

    def _used(self, row: Row) -> list[str]:
        """Return on how many organisations an answer rests, where that are far from all."""
        arms = [self.figures.n_arms[arm] for arm in ARMS]
        if None in arms or not math.isfinite(row["n_firms"]):
            return []
        n = sum(each for each in arms if each is not None)
        if row["n_firms"] >= FEW_USED * n or is_small(n - row["n_firms"]):
            return []
        return [self.say("used", n=self.count(row["n_firms"]), all=self.count(n))]

    def by_dose(self) -> list[str]:
        """Return what goes with more of the scheme, where that is told beside the effect."""
        found = self.findings.by_dose
        if found is None:
            return []
        own = replace(self.findings, found=found, by_dose=None)
        return EvaluationWords(own, evaluation_figures(found, self.findings.found), self.labels).answers()

    def ladder(self) -> list[str]:
        """Return the rung, and how many organisations stand on either side."""
        design, n = self.findings.found.design, self.figures.n_arms
        kind = design.kind
        return [
            self.say("rung", rung=design.rung, name=self.say(f"kinds.{kind}")),
            self.say("drawn" if self._drawn() else "arms", **{arm: self.count(n[arm]) for arm in ARMS}),
            *self._rest_on(),
            *self._took_part(),
        ]

    def _rest_on(self) -> list[str]:
        """Return on how many organisations the effects rest, where these are others than took part."""
        rows: list[Any] = self.figures.recommended().to_dict("records")
        rows = [row for row in rows if not row["state"] and math.isfinite(row["n_firms"])]
        arms = [self.figures.n_arms[arm] for arm in ARMS]
        if self.figures.refusals or not rows or None in arms:
            return []
        most = max(rows, key=lambda row: (row["n_firms"], row["n_treated"]))
        own = (most["n_treated"], most["n_firms"] - most["n_treated"])
        apart = [abs((n or 0) - used) for n, used in zip(arms, own, strict=True)]
        if not any(apart) or any(n and is_small(n) for n in apart):
            return []
        treated, comparison = self.sides(most)
        return [self.say("rest_on", treated=treated, comparison=comparison)]

    def _took_part(self) -> list[str]:
        """Return which share of the drawn, and of the others, took part; nothing where these are few."""
        shares = self.findings.took_part
        if set(shares) != set(ARMS) or any(is_small(n) or is_small(of - n) for n, of in shares.values()):
            return [self.say("took_part.unsaid")] if shares else []
        told = {arm: self.labels.voice.percent(told_figure(n / of, of)) for arm, (n, of) in shares.items()}
        return [self.say("took_part.told", **told)]

    def assumed(self) -> list[str]:
        """Return what must hold."""
        return [self.say(f"assumptions.{code}") for code in self.findings.found.design.assumptions]

    def broken(self) -> list[str]:
        """Return what would break it."""
        return [self.say(f"breaks.{code}") for code in self.findings.found.design.breaks]

    def bottleneck(self) -> list[str]:
        """Return in how many organisations of each arm each condition was the lowest before."""
        return [self._binding(arm, self.figures.binding[arm]) for arm in ARMS if arm in self.figures.binding]

    def _binding(self, arm: str, groups: tuple[tuple[tuple[str, ...], int], ...]) -> str:
        parts = [
            self.say("binding.part", names=self._either([self.name(each) for each in names]), n=n)
            for names, n in groups
        ]
        return self.say("binding.lead", arm=self.arm(arm), parts="; ".join(parts))

    def _either(self, names: list[str]) -> str:
        if len(names) == 1:
            return names[0]
        return self.say("binding.either", first=", ".join(names[:-1]), last=names[-1])

    def trends(self) -> list[str]:
        """Return what preceded the start; nothing where no trend is assumed."""
        if self.figures.refusals or self.findings.found.design.kind in (LOTTERY, ADJUSTED):
            return []
        speak = self.labels.voice
        rows: list[Any] = self.figures.pre_trends.to_dict("records")
        told = [
            self.say("trends.tested", outcome=self.name(row["outcome"]), p=speak.p_value(row["p_value"]))
            for row in rows
            if math.isfinite(row["p_value"])
        ]
        if told:
            return [*told, self.say("trends.caution")]
        return [self.say("trends.untested" if self._two_before() else "trends.none")]

    def _two_before(self) -> bool:
        """Say whether some organisations that start were seen in two waves before."""
        waves = self.findings.found.waves
        return any(waves.index(start) > 1 for start in self.findings.found.design.starts)

    def limits(self) -> list[str]:
        """Return what a reader must know of who is in and of what is not shown."""
        first = [self.say("limits.firms"), self.say("limits.published" if is_published() else "limits.small")]
        adjusted = bool(self.findings.found.roles.covariates)
        first += [] if adjusted or self.figures.refusals else [self.say("limits.overlap")]
        first += (
            [self.say("limits.cost_of_dose")] if self.of_dose() and len(self.findings.found.costs) else []
        )
        first += [self.say("limits.all_waves")] if self.findings.all_waves else []
        first += [self.say("limits.unreliable")] if self.findings.unreliable else []
        return [*dict.fromkeys(self._notes()), *first]

    def _notes(self) -> Iterator[str]:
        """Give each note once, with all outcomes for which it is the same."""
        outcomes: dict[tuple[str, tuple[tuple[str, object], ...]], list[str]] = {}
        for note in self.findings.found.notes:
            values = {name: self._told(name, value) for name, value in note.values.items()}
            outcome = values.pop("outcome", "")
            outcomes.setdefault((note.code, tuple(values.items())), []).append(str(outcome))
        for (code, others), names in outcomes.items():
            if code != "no_pre_trend":  # the section on trends says so
                yield self.say(f"notes.{code}", outcome=self.labels.voice.listed(names), **dict(others))

    def _told(self, name: str, value: object) -> object:
        if name == "outcome":
            return self.name(str(value))
        if name == "reason":
            return self.say(f"reasons.{value}")
        if not isinstance(value, int):
            return value
        return self.labels.voice.say("numbers.few") if is_small(value) else told_n(value)
