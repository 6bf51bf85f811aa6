"""The picture of how each question was answered, and beside it who gave no answer and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib import colormaps
from matplotlib.patches import Patch

from si_research.report.item_counts import ShownItem, shown_items
from si_research.report.item_tables import answer_of, labels_of_format
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALLEST_TEXT,
    VERMILLION,
    finish,
    name_axis,
    new_figure,
)
from si_research.report.voice import plain, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings
    from si_research.survey.item_answers import AnswerFormat

REASON_COLOURS: Final = {
    "unanswered": GREY,
    "does_not_know": ORANGE,
    "does_not_apply": GREEN,
    "refused": VERMILLION,
    "not_asked": "#C9D1D6",
    "routed_past": "#A9B4BA",
}
OTHER_REASON: Final = "#CC79A7"
FULL_BAR: Final = 0.78
LABELLED: Final = 0.07
"""Share from which a bar has room for its percentage."""


def draw_item_answers(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw a bar an item: the answers as shares of who answered, the reasons as shares of everybody."""
    assert findings.reliability is not None
    assert findings.reliability.answers is not None
    items = shown_items(findings.reliability.answers)
    shown = [each for each in items if each.runs or each.reasons]
    figure = new_figure(1.5 + 0.27 * len(shown) + 0.1 * len({each.scale for each in shown}))
    layout = figure.get_layout_engine()
    assert layout is not None
    layout.set(wspace=0.06)  # type: ignore[call-arg]
    left, right = figure.subplots(1, 2, width_ratios=(3.2, 1), sharey=True)
    places = _places(shown)
    plot_item_answers(shown, places, left, labels=labels)
    reasons = plot_no_answers(shown, places, right, labels=labels)
    handles = [*_format_handles(shown, labels), *reasons]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=SMALLEST_TEXT,
        handlelength=1.2,
    )
    return figure


def plot_item_answers(items: list[ShownItem], places: list[float], axis: Axes, *, labels: Labels) -> Axes:
    """Draw the shares of the answers, darker for higher ones; answers that few gave go with their neighbour.

    Parameters
    ----------
    items : list of ShownItem
    places : list of float
        Height of each bar.
    axis : matplotlib Axes
    labels : Labels

    Returns
    -------
    matplotlib Axes
    """
    speak = labels.voice
    for each, place in zip(items, places, strict=True):
        start = 0.0
        for run in each.runs:
            middle = (run.first + run.last) / 2 / max(len(each.form.lows) - 1, 1)
            axis.barh(
                place, run.share, left=start, height=FULL_BAR, color=_shade(middle), edgecolor="white", lw=0.7
            )
            if run.share >= LABELLED:
                colour = "white" if middle > 0.55 else INK
                text = speak.percent(run.share)
                axis.text(
                    start + run.share / 2, place, text, ha="center", va="center", color=colour, fontsize=8.0
                )
            start += run.share
    axis.set_yticks(places, [_name(each, labels) for each in items])
    axis.set_xlim(0, 1)
    axis.set_ylim(max(places, default=0) + 0.6, -0.9)
    axis.set_xticks([0, 0.5, 1], [speak.rate(share) for share in (0, 0.5, 1)])
    finish(axis)
    axis.set_xlabel(speak.say("figures.item_answers.answers"))
    _name_scales(items, places, axis, labels)
    axis.tick_params(axis="y", length=0)
    return axis


def plot_no_answers(
    items: list[ShownItem], places: list[float], axis: Axes, *, labels: Labels
) -> list[Patch]:
    """Draw the shares of everybody who gave no answer, by reason; return the legend of the reasons.

    Parameters
    ----------
    items : list of ShownItem
    places : list of float
    axis : matplotlib Axes
    labels : Labels

    Returns
    -------
    list of matplotlib Patch
    """
    speak, used, most = labels.voice, {}, 0.0
    for each, place in zip(items, places, strict=True):
        start = 0.0
        for group in each.reasons:
            key, colour = " / ".join(group.reasons), _reason_colour(group.reasons)
            used[key] = (group.reasons, colour)
            look: Any = {"height": FULL_BAR, "color": colour, "edgecolor": "white", "lw": 0.7}
            axis.barh(place, group.share, left=start, **look)
            start += group.share
        most = max(most, start)
    top = 1.0 if most > 0.5 else 0.5 if most > 0.2 else 0.2
    axis.set_xlim(0, top)
    axis.set_xticks([0, top], [speak.rate(share) for share in (0, top)])
    finish(axis, grid="x")
    axis.tick_params(axis="y", length=0, labelleft=False)
    name_axis(axis, "x", speak.say("figures.item_answers.no_answer"), 18)
    return [
        Patch(color=colour, label=" / ".join(speak.say(f"missing_reasons.{reason}") for reason in reasons))
        for reasons, colour in used.values()
    ]


def _places(items: list[ShownItem]) -> list[float]:
    """Return the height of each bar, with some room between scales."""
    places, place, last = [], 0.0, None
    for each in items:
        place += 0.0 if last is None else 1.0 if each.scale == last else 1.9
        places.append(place)
        last = each.scale
    return places


def _name(item: ShownItem, labels: Labels) -> str:
    return f"{item.item} {labels.voice.say('item_answers.turned')}" if item.reversed else item.item


def _name_scales(items: list[ShownItem], places: list[float], axis: Axes, labels: Labels) -> None:
    last = None
    for each, place in zip(items, places, strict=True):
        if each.scale != last:
            text = sentence_case(plain(labels.of(each.scale)))
            look: Any = {"fontsize": SMALLEST_TEXT, "color": INK, "fontweight": "bold"}
            axis.text(0, place - 0.48, text, va="bottom", **look)
        last = each.scale


def _shade(share: float) -> Any:
    return colormaps["Blues"](0.12 + 0.78 * share)


def _reason_colour(reasons: tuple[str, ...]) -> str:
    return REASON_COLOURS.get(reasons[0], OTHER_REASON) if len(reasons) == 1 else OTHER_REASON


def _format_handles(items: list[ShownItem], labels: Labels) -> list[Patch]:
    """Return the answers of a single format in words or numbers; of several formats only both ends."""
    forms = list(dict.fromkeys(each.form for each in items))
    if len(forms) == 1:
        return [
            Patch(color=_shade(place / max(len(forms[0].lows) - 1, 1)), label=text)
            for place, text in enumerate(_answers(forms[0], labels))
        ]
    ends = ("lowest", "highest")
    return [
        Patch(color=_shade(share), label=labels.voice.say(f"figures.item_answers.{end}"))
        for share, end in zip((0.0, 1.0), ends, strict=True)
    ]


def _answers(form: AnswerFormat, labels: Labels) -> list[str]:
    numbers = [answer_of(form, place, labels) for place in range(len(form.lows))]
    named = labels_of_format(form, labels)
    return [f"{number} {word}" for number, word in zip(numbers, named, strict=True)] if named else numbers
