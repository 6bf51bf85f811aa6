"""The profile of a unit as a small drawing in its page: thousands of them are made in a minute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from si_research.report.voice import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from si_research.report.diagnosis_figures import Row, UnitFigures
    from si_research.report.diagnosis_words import DiagnosisWords

LEFT, RIGHT, WIDTH, STEP, TOP = 110, 560, 680, 36, 10
TICKS: Final = (0, 25, 50, 75, 100)
MARK: Final = 7


def draw_profile(unit: UnitFigures, words: DiagnosisWords, average: dict[str, float]) -> Markup:
    """Return the drawing, with a title and a description for who cannot see it.

    Parameters
    ----------
    unit : UnitFigures
        With figures.
    words : DiagnosisWords
    average : dict
        Mean of all organisations by condition; empty where there is none.
    """
    from markupsafe import Markup, escape

    title = escape(words.say("profile.title"))
    told = escape(" ".join(_described(row, words, average) for row in unit.conditions))
    bottom = TOP + STEP * len(unit.conditions)
    parts = [
        f'<svg class="profile" role="img" aria-labelledby="profile-title profile-told" '
        f'viewBox="0 0 {WIDTH} {bottom + 24}" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="profile-title">{title}</title><desc id="profile-told">{told}</desc>',
        *_axis(bottom),
    ]
    for place, row in enumerate(unit.conditions):
        lowest = row["condition"] == unit.bottleneck
        parts += _row(row, TOP + STEP * (place + 0.5), words, average, lowest=lowest)
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 (numbers, and words escaped above)


def _described(row: Row, words: DiagnosisWords, average: dict[str, float]) -> str:
    name = plain(words.labels.of(row["condition"]))
    low, high, value = (words.points(row[key]) for key in ("conf_low", "conf_high", "estimate"))
    if row["condition"] not in average:
        return words.say("profile.described", condition=name, value=value, low=low, high=high)
    mean = words.points(average[row["condition"]])
    return words.say(
        "profile.described_average", condition=name, value=value, low=low, high=high, average=mean
    )


def _axis(bottom: int) -> Sequence[str]:
    lines = []
    for tick in TICKS:
        x = _x(tick)
        lines.append(f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}"/>')
        lines.append(f'<text class="tick" x="{x}" y="{bottom + 17}" text-anchor="middle">{tick}</text>')
    return lines


def _row(row: Row, y: float, words: DiagnosisWords, average: dict[str, float], *, lowest: bool) -> list[str]:
    from markupsafe import escape

    name, kind = escape(plain(words.labels.of(row["condition"]))), "lowest" if lowest else "other"
    x, low, high = (_x(row[key]) for key in ("estimate", "conf_low", "conf_high"))
    parts = [f'<text class="name" x="0" y="{y + 5}">{name}</text>']
    mean = average.get(row["condition"], math.nan)
    if math.isfinite(mean):
        parts.append(f'<line class="average" x1="{_x(mean)}" y1="{y - 14}" x2="{_x(mean)}" y2="{y + 14}"/>')
    parts.append(f'<line class="bar {kind}" x1="{low}" y1="{y}" x2="{high}" y2="{y}"/>')
    if lowest:
        m = MARK + 2
        parts.append(f'<path class="mark lowest" d="M{x} {y - m}L{x + m} {y}L{x} {y + m}L{x - m} {y}Z"/>')
    else:
        parts.append(f'<circle class="mark other" cx="{x}" cy="{y}" r="{MARK}"/>')
    told = words.points(row["estimate"]) + (f" {words.say('lowest_mark')}" if lowest else "")
    parts.append(f'<text class="value {kind}" x="{RIGHT + 14}" y="{y + 5}">{escape(told)}</text>')
    return parts


def _x(value: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * min(max(value, 0), 100) / 100, 1)
