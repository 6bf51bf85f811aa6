"""The flow of people as a diagram: who stays goes down the middle, who leaves goes to the right."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from si_research.report.flow import ShownStep, shown_flow
from si_research.report.labels import Labels
from si_research.report.ledger_words import reason_in_words
from si_research.report.plot_style import GREY, INK, SMALLEST_TEXT
from si_research.report.voice import plain, sentence_case, voice
from si_research.survey.flow import Flow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH: Final = 7.4
"""Inches; letters keep their size, so wider or narrower boxes would hold other lines."""
_LINE: Final = 0.175
"""Inches from one line of text to the next."""
_MIDDLE, _SIDE = (0.0, 0.42), (0.49, 1.0)
"""Left and right end of the boxes, as share of the width."""
_LETTERS: Final = {_MIDDLE: 38, _SIDE: 48}
"""Letters in a line of a box."""
_ROOM: Final = 0.9
"""Lines left free in a box, above and below the text together."""
_GAP: Final = 1.4
"""Lines between two boxes down the middle, at least; an arrow runs there."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A box with its lines of text and, for one down the middle, the box of who leaves after it."""

    lines: tuple[str, ...]
    leaves: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        return len(self.lines) + _ROOM

    @property
    def gap(self) -> float:
        """Lines below the box, before the next one down the middle."""
        return max(_GAP, len(self.leaves) + _ROOM + 0.8) if self.leaves else _GAP


def plot_flow(
    flow: Flow,
    axis: Axes | None = None,
    *,
    language: str = "en",
    labels: Labels | None = None,
    last: str = "used_refusal",
) -> Axes:
    """Draw how the rows of a file became the people of an analysis, as CONSORT and STROBE do.

    Parameters
    ----------
    flow : Flow
        From :func:`~si_research.survey.flow.flow_of`. Small numbers are taken together here, so that none
        below five is told or can be worked out.
    axis : matplotlib Axes, optional
        As wide as a page (7.4 inches) and as high as :func:`flow_height` says; made when left out.
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study; by default those of the model.
    last : {"used", "used_refusal"}
        What the people at the end are: those in the tests, or those after cleaning.

    Returns
    -------
    matplotlib Axes
        Black on white: nothing is told by colour.
    """
    names = labels or Labels(voice(language))
    boxes = _boxes(flow, names, last)
    if axis is None:
        from matplotlib.figure import Figure

        axis = Figure(figsize=(WIDTH, _height(boxes)), layout="constrained").subplots()
    axis.set_axis_off()
    axis.set_xlim(-0.005, 1.005)
    axis.set_ylim(_lines(boxes) + 0.1, -0.1)
    top = 0.0
    for place, box in enumerate(boxes):
        _draw_box(axis, box.lines, _MIDDLE, top, strong=place in (0, len(boxes) - 1))
        below = top + box.height
        if place < len(boxes) - 1:
            _draw_arrow(axis, below, box)
        top = below + box.gap
    return axis


def flow_height(flow: Flow, *, language: str = "en", labels: Labels | None = None) -> float:
    """Return the height in inches that a flow diagram needs for its text."""
    return _height(_boxes(flow, labels or Labels(voice(language)), "used_refusal"))


def flow_in_words(flow: Flow, labels: Labels) -> str:
    """Return what the diagram shows, for who cannot see it."""
    speak, parts = labels.voice, []
    for each in shown_flow(flow):
        if not each.groups:
            parts.append(speak.say("figures.flow.alt_made", left=each.n_out))
            continue
        reasons = "; ".join(_reasons(each, labels))
        n = speak.people(each.n_left_out)
        parts.append(speak.say("figures.flow.alt_part", n=n, reasons=reasons, left=each.n_out))
    return speak.say("figures.flow.alt", offered=flow.offered, used=flow.used, parts=" ".join(parts)).strip()


def _height(boxes: list[_Box]) -> float:
    return _LINE * (_lines(boxes) + 0.2)


def _lines(boxes: list[_Box]) -> float:
    return sum(box.height for box in boxes) + sum(box.gap for box in boxes[:-1])


def _boxes(flow: Flow, labels: Labels, last: str) -> list[_Box]:
    """Return the boxes down the middle, from the file to the end."""
    speak, steps = labels.voice, shown_flow(flow)
    heads = [(speak.say("flow.offered"), flow.offered)]
    for each in steps:
        key = f"flow.after.{each.steps[-1]}" if each.groups else "flow.offered_waves"
        heads.append((speak.say(key if speak.has(key) else "flow.after.other"), each.n_out))
    leaves = [*(_leaves(each, labels) for each in steps), ()]
    if leaves[-2:-1] in ([], [()]):  # nobody left, or none since rows were made
        heads.append(heads[-1])
        leaves.append(())
    heads[-1] = (speak.say(f"flow.{last}"), flow.used)
    return [
        _Box(_wrapped(speak.say("flow.box", text=text, n=_glued(speak.count(n))), _MIDDLE), side)
        for (text, n), side in zip(heads, leaves, strict=True)
    ]


def _leaves(step: ShownStep, labels: Labels) -> tuple[str, ...]:
    """Return the lines of the box of who leaves; none where rows were made."""
    if not step.groups:
        return ()
    speak = labels.voice
    head = _wrapped(speak.say("flow.left_out", n=_glued(speak.people(step.n_left_out))), _SIDE)
    marks = ("",) * len(step.groups) if len(step.groups) == 1 else ("– ",) * len(step.groups)
    lines = [
        line
        for mark, reason in zip(marks, _reasons(step, labels), strict=True)
        for line in _wrapped(sentence_case(reason) if not mark else reason, _SIDE, mark)
    ]
    return (*head, *lines)


def _reasons(step: ShownStep, labels: Labels) -> list[str]:
    """Return the reasons of a step; each with its number when there is more than one."""
    speak, found = labels.voice, []
    for codes, n in step.groups:
        words = [reason_in_words(labels, code, detail) for code, detail in codes]
        listed = speak.listed(list(dict.fromkeys(words)))
        key = "only" if len(step.groups) == 1 else "one" if len(codes) == 1 else "several"
        found.append(plain(speak.say(f"flow.{key}", reasons=listed, n=speak.people(n))))
    return found


def _wrapped(text: str, box: tuple[float, float], mark: str = "") -> tuple[str, ...]:
    indent = "   " if mark else ""
    return tuple(wrap(mark + text, _LETTERS[box], subsequent_indent=indent, break_on_hyphens=False))


def _glued(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _draw_box(
    axis: Axes, lines: tuple[str, ...], box: tuple[float, float], top: float, *, strong: bool
) -> None:
    from matplotlib.patches import Rectangle

    left, right = box
    in_middle = box == _MIDDLE
    frame = Rectangle((left, top), right - left, len(lines) + _ROOM, facecolor="white", clip_on=False)
    frame.set(edgecolor=INK if in_middle else GREY, linewidth=1.6 if strong else 0.9)
    axis.add_patch(frame)
    for number, line in enumerate(lines):
        axis.text(
            (left + right) / 2 if in_middle else left + 0.018,
            top + _ROOM / 2 + number + 0.5,
            line,
            ha="center" if in_middle else "left",
            va="center",
            fontsize=SMALLEST_TEXT + 0.5,
            fontweight="bold" if strong else "normal",
            color=INK,
            parse_math=False,
        )


def _draw_arrow(axis: Axes, below: float, box: _Box) -> None:
    """Draw the way down, and the way out to who leaves."""
    middle = sum(_MIDDLE) / 2
    line = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", (middle, below + box.gap), (middle, below), arrowprops=line)
    if box.leaves:
        y = below + box.gap / 2
        axis.annotate("", (_SIDE[0], y), (middle, y), arrowprops=line)
        _draw_box(axis, box.leaves, _SIDE, y - (len(box.leaves) + _ROOM) / 2, strong=False)
