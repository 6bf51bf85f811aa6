"""The effect over time as small drawings: by waves since the start, and by wave of start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from si_research.practice.scheme.design import STAGGERED
from si_research.report.voice import plain

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup

    from si_research.report.evaluation_words import EvaluationWords

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400, 250, 46, 390, 34, 206
MOST_COHORTS: Final = 6
"""Waves of start of which the marks can still be told apart."""
SHAPES: Final = ("circle", "square", "diamond", "up", "down", "ring")
Row = Mapping[str, Any]


def course(words: EvaluationWords) -> list[dict[str, Any]]:
    """Return the drawings of the effect over time, with what a reader must know of them; none without any."""
    parts = []
    for name, draw in (("event_study", _event_studies), ("group_time", _group_times)):
        rows = getattr(words.figures, name)
        rows = rows[rows["outcome"].isin(set(words.findings.found.planned))]
        if len(rows) and not words.figures.refusals:
            parts += draw(words, rows)
    return parts


def _event_studies(words: EvaluationWords, rows: pd.DataFrame) -> list[dict[str, Any]]:
    staggered = words.findings.found.design.kind == STAGGERED
    drawings = [
        draw_event_study(words, str(outcome), own, base=not staggered)
        for outcome, own in rows.groupby("outcome", sort=False)
    ]
    key = "event_study_staggered" if staggered else "event_study"
    caption = words.say(f"captions.{key}", level=words.level)
    return [{"name": "event_study", "drawings": drawings, "legend": [], "caption": caption}]


def _group_times(words: EvaluationWords, rows: pd.DataFrame) -> list[dict[str, Any]]:
    waves = list(words.findings.found.waves)
    starts = sorted(set(rows["start"]), key=waves.index)
    if len(starts) > MOST_COHORTS:
        return []
    drawings = [
        draw_group_time(words, str(outcome), own, waves, starts)
        for outcome, own in rows.groupby("outcome", sort=False)
    ]
    legend = [
        (_shape(place), words.say("picture.cohort", wave=_wave(words, start)))
        for place, start in enumerate(starts)
    ]
    caption = words.say("captions.group_time", level=words.level)
    return [{"name": "group_time", "drawings": drawings, "legend": legend, "caption": caption}]


@dataclass(frozen=True, slots=True)
class Panel:
    """Where a drawing puts times and effects."""

    times: tuple[float, ...]
    low: float
    high: float

    def x(self, time: float) -> float:
        """Return the place of a time from the left."""
        step = (RIGHT - LEFT) / len(self.times)
        first = LEFT + step / 2
        return round(first + step * (time - self.times[0]), 1)

    def y(self, effect: float) -> float:
        """Return the place of an effect from the top."""
        return round(BOTTOM - (BOTTOM - TOP) * (effect - self.low) / (self.high - self.low), 1)


def draw_event_study(words: EvaluationWords, outcome: str, rows: pd.DataFrame, *, base: bool) -> Markup:
    """Return the effects on one outcome by waves since the start, with their intervals.

    Parameters
    ----------
    words : EvaluationWords
    outcome : str
    rows : pandas.DataFrame
        As :func:`~si_research.report.evaluation_course.told_event_study`.
    base : bool
        Whether the wave before the start is what all others are compared with.
    """
    times = {int(time) for time in rows["event_time"]} | ({-1} if base else set())
    panel = _panel(range(min(times), max(times) + 1), rows)
    marks = [_start(panel)] if min(times) < 0 <= max(times) else []
    found: list[Any] = rows.to_dict("records")
    for row in found:
        kind = "before" if row["event_time"] < 0 else "after"
        marks += _mark(panel, float(row["event_time"]), row, kind, "circle")
    if base and -1 not in set(rows["event_time"]):
        marks.append(f'<circle class="base" cx="{panel.x(-1)}" cy="{panel.y(0)}" r="5"/>')
    ticks = {time: f"{int(time):+d}".replace("-", "−").replace("+0", "0") for time in panel.times}
    told = [_told(words, "picture.time", row, time=ticks[float(row["event_time"])]) for row in found]
    return _drawing(words, outcome, [*_axes(words, panel, ticks, "picture.since"), *marks], told)


def draw_group_time(
    words: EvaluationWords, outcome: str, rows: pd.DataFrame, waves: Sequence[str], starts: Sequence[str]
) -> Markup:
    """Return the effects on one outcome in each wave, a mark for each wave of start."""
    shown = [wave for wave in waves if wave in set(rows["wave"])]
    panel = _panel(range(len(shown)), rows)
    spread = 0.5 / max(len(starts), 1)
    marks: list[str] = []
    found: list[Any] = rows.to_dict("records")
    for row in found:
        own = starts.index(row["start"])
        place = shown.index(row["wave"]) + spread * (own - (len(starts) - 1) / 2)
        before = waves.index(row["wave"]) < waves.index(row["start"])
        marks += _mark(panel, place, row, "before" if before else f"cohort{own}", SHAPES[own])
    ticks = {float(place): _wave(words, wave) for place, wave in enumerate(shown)}
    told = [
        _told(words, "picture.cell", row, start=_wave(words, row["start"]), time=_wave(words, row["wave"]))
        for row in found
    ]
    return _drawing(words, outcome, [*_axes(words, panel, ticks, ""), *marks], told)


def _wave(words: EvaluationWords, wave: str) -> str:
    return words.labels.level("wave", wave)


def _panel(times: range, rows: pd.DataFrame) -> Panel:
    ends = rows[["estimate", "conf_low", "conf_high"]].to_numpy(dtype="float64")
    known = np.append(ends[np.isfinite(ends)], 0.0)
    room = 0.08 * (float(known.max()) - float(known.min())) or 0.1
    return Panel(tuple(map(float, times)), float(known.min()) - room, float(known.max()) + room)


def _start(panel: Panel) -> str:
    x = round((panel.x(-1) + panel.x(0)) / 2, 1)
    return f'<line class="start" x1="{x}" y1="{TOP}" x2="{x}" y2="{BOTTOM}"/>'


def _axes(words: EvaluationWords, panel: Panel, ticks: Mapping[float, str], name: str) -> list[str]:
    from markupsafe import escape

    step = _step(panel.high - panel.low)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    parts = []
    first = math.ceil(panel.low / step)
    for number in range(first, math.floor(panel.high / step) + 1):
        y, kind = panel.y(number * step), "zero" if number == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}"/>')
        told = words.labels.voice.number(number * step, digits)
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{told}</text>')
    every = math.ceil(len(ticks) * max(map(len, ticks.values())) / 40)
    for place, (time, word) in enumerate(ticks.items()):
        if place % every == 0:
            x = panel.x(time)
            parts.append(
                f'<text class="tick" x="{x}" y="{BOTTOM + 17}" text-anchor="middle">{escape(word)}</text>'
            )
    if name:
        middle, told = (LEFT + RIGHT) / 2, escape(words.say(name))
        parts.append(f'<text class="tick" x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{told}</text>')
    return parts


def _step(reach: float) -> float:
    """Return a round step that divides a reach in three to seven."""
    power = 10 ** math.floor(math.log10(reach / 3))
    return float(max(factor * power for factor in (1, 2, 5) if factor * power <= reach / 3))


def _mark(panel: Panel, time: float, row: Row, kind: str, shape: str) -> list[str]:
    x, parts = panel.x(time), []
    if math.isfinite(row["conf_low"]) and math.isfinite(row["conf_high"]):
        low, high = panel.y(row["conf_low"]), panel.y(row["conf_high"])
        parts.append(f'<line class="bar {kind}" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/>')
    if math.isfinite(row["estimate"]):
        parts.append(shape_at(x, panel.y(row["estimate"]), kind, shape))
    return parts


def shape_at(x: float, y: float, kind: str, shape: str) -> str:
    """Return the mark of a wave of start."""
    if shape in ("circle", "ring"):
        return f'<circle class="mark {kind} {shape}" cx="{x}" cy="{y}" r="4.5"/>'
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "diamond": ((0, -6), (5, 0), (0, 6), (-5, 0)),
        "up": ((0, -6), (5, 4), (-5, 4)),
        "down": ((0, 6), (5, -4), (-5, -4)),
    }[shape]
    points = " ".join(f"{round(x + dx, 1)},{round(y + dy, 1)}" for dx, dy in corners)
    return f'<polygon class="mark {kind}" points="{points}"/>'


def _shape(place: int) -> Markup:
    from markupsafe import Markup

    mark = shape_at(7, 7, f"cohort{place}", SHAPES[place])
    return Markup(f'<svg viewBox="0 0 14 14" aria-hidden="true">{mark}</svg>')  # noqa: S704 (our own shapes)


def _told(words: EvaluationWords, key: str, row: Row, **named: str) -> str:
    return words.say(key, figure=words.with_interval(row), **named)


def _drawing(words: EvaluationWords, outcome: str, parts: Sequence[str], told: Sequence[str]) -> Markup:
    from markupsafe import Markup, escape

    name = escape(plain(words.name(outcome)))
    label = escape(f"{plain(words.name(outcome))}: {'; '.join(told)}.")
    shown = "".join(
        [
            f'<svg class="course" role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'xmlns="http://www.w3.org/2000/svg">',
            f'<text class="name" x="{LEFT}" y="16">{name}</text>',
            *parts,
            "</svg>",
        ]
    )
    return Markup(shown)  # noqa: S704 (numbers, and words escaped above)
