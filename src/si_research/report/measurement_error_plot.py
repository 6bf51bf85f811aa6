"""Pictures of measurement error: what a product keeps, and the estimates with and without error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from si_research.measurement.product_reliability import ProductReliability, attenuation_curve
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.measurement_error_findings import TELLS_NOTHING
from si_research.report.plot_style import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    SMALLEST_TEXT,
    VERMILLION,
    LocaleNumbers,
    draw_intervals,
    finish,
    finish_intervals,
    new_figure,
)
from si_research.report.voice import digits_for, plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings
    from si_research.report.measurement_error_findings import MeasurementErrorFindings

CURVE_POINTS: Final = 25


def mean_correlation(found: ProductReliability) -> float:
    """Return the mean correlation of the pairs of scores."""
    matrix = found.correlations.to_numpy(dtype="float64")
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def plot_attenuation(
    found: ProductReliability, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw what the coefficient of the product keeps for scales of each reliability, and where these lie.

    The line is for scales that are equally reliable and go together as these do on average; the light one for
    scales that do not go together. The dot has the mean reliability, and the share that these scales keep.

    Parameters
    ----------
    found : ProductReliability
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    speak, n_scales = names.voice, len(found.reliabilities)
    for r, colour, key in ((0.0, GREY, "unrelated"), (mean_correlation(found), BLUE, "related")):
        curve = attenuation_curve(r, n_scales=n_scales, points=CURVE_POINTS)
        style = "--" if key == "unrelated" else "-"
        text = speak.say(f"figures.attenuation.{key}", r=speak.bounded(r))
        axis.plot(
            curve["reliability"], 100 * curve["share_kept"], style, color=colour, linewidth=2, label=text
        )
    x = float(found.reliabilities.mean())
    y = 100 * float(found.products["share_kept"].iloc[-1])
    here = speak.say("figures.attenuation.here")
    axis.plot([x, x, 0.38], [0, y, y], ":", color=VERMILLION, linewidth=1.2)
    axis.plot(x, y, "o", color=VERMILLION, markersize=9, zorder=4, label=here)
    scales = found.reliabilities.to_numpy()
    text = speak.say("figures.attenuation.scales")
    axis.plot(scales, 0 * scales, "^", color=INK, markersize=6, clip_on=False, zorder=5, label=text)
    axis.set_xlim(0.38, 1.01)
    axis.set_ylim(0, 104)
    axis.set_xlabel(speak.say("figures.attenuation.x"))
    axis.set_ylabel(speak.say("figures.attenuation.y"))
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_formatter(LocaleNumbers(speak))
    axis.legend(loc="upper left", frameon=False, fontsize=max(SMALLEST_TEXT, 9.5))
    finish(axis, grid="y")
    return axis


def long_intervals(found: MeasurementErrorFindings) -> list[str]:
    """Return the ways of which the interval would dwarf that of the estimate as measured."""
    table = found.estimated()
    widths = (table["conf_high"] - table["conf_low"]).astype("float64")
    return [str(name) for name in table.index[widths > TELLS_NOTHING * widths["plain"]]]


def shown_range(found: MeasurementErrorFindings) -> tuple[float, float]:
    """Return the ends of the axis: zero and every other interval in full, with some room."""
    kept = found.estimated().drop(index=long_intervals(found))
    numbers = np.append(kept[["estimate", "conf_low", "conf_high"]].to_numpy("float64"), 0.0)
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    room = 0.06 * (high - low)
    return low - room, high + room


def _look(way: str) -> tuple[str, str]:
    """Return the colour and marker of an estimate: as measured, or corrected."""
    return (BLUE, "o") if way.startswith("plain") else (VERMILLION, "s")


def _draw_cut(row: dict[str, Any], place: int, span: tuple[float, float], axis: Axes) -> None:
    """Draw a long interval up to the ends of the axis, with an arrow where it goes on."""
    colour, marker = _look(str(row["method"]))
    low, high = (min(max(float(row[end]), span[0]), span[1]) for end in ("conf_low", "conf_high"))
    axis.plot([low, high], [place, place], color=colour, linewidth=2, zorder=2)
    if span[0] <= row["estimate"] <= span[1]:
        axis.plot(row["estimate"], place, marker, color=colour, markersize=7, zorder=3)
    room = 0.015 * (span[1] - span[0])  # the arrow stays within the axis, off the names of the rows
    for end, edge, arrow in (("conf_low", span[0] + room, "<"), ("conf_high", span[1] - room, ">")):
        if not span[0] <= row[end] <= span[1]:
            axis.plot(edge, place, arrow, color=colour, markersize=8, zorder=4)


def plot_corrections(
    found: MeasurementErrorFindings, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw every estimate of the highest product with its interval; corrected ones in another colour.

    Parameters
    ----------
    found : MeasurementErrorFindings
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    speak, table = names.voice, found.estimated()
    cut, span = long_intervals(found), shown_range(found)
    if cut:
        axis.set_xlim(*span)
    for place, row in enumerate(records(table)):
        name = str(row["method"])
        if name in cut:
            _draw_cut(row, place, span, axis)
            continue
        colour, marker = _look(name)
        draw_intervals(axis, table.loc[[name]], [place], colour=colour, marker=marker)
    if len(table) > 2 and "plain_squares" in table.index:
        line = list(table.index).index("plain_squares") - 0.5
        axis.axhline(line, color=LIGHT, linewidth=0.8)
    ways = [speak.say(f"measurement_ways.{name}") for name in table.index]
    x = speak.say("figures.corrections.x", term=plain(names.term(found.tested_term)))
    finish_intervals(axis, ways, x, speak)
    return axis


def with_products(findings: StudyFindings) -> bool:
    """Whether it is known what the products keep."""
    found = findings.measurement_error
    return found is not None and found.products is not None


def with_corrections(findings: StudyFindings) -> bool:
    """Whether there is an estimate to draw beside the plain one."""
    found = findings.measurement_error
    return found is not None and not set(found.estimated().index) <= {"plain", "plain_squares"}


def draw_attenuation(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the picture of what the highest product keeps."""
    figure = new_figure(4.0)
    plot_attenuation(_products(findings), figure.subplots(), labels=labels)
    return figure


def describe_attenuation(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _products(findings), labels.voice
    term = labels.term(str(found.products["term"].iloc[-1]))
    alt = speak.say(
        "figures.attenuation.alt",
        term=term,
        lowest=speak.bounded(float(found.reliabilities.min())),
        highest=speak.bounded(float(found.reliabilities.max())),
        correlation=speak.bounded(mean_correlation(found)),
        share=speak.rate(float(found.products["share_kept"].iloc[-1])),
    )
    return speak.say("figures.attenuation.caption", term=term), alt


def draw_corrections(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the picture of the estimates."""
    assert findings.measurement_error is not None
    figure = new_figure(0.9 + 0.4 * len(findings.measurement_error.estimated()))
    plot_corrections(findings.measurement_error, figure.subplots(), labels=labels)
    return figure


def describe_corrections(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = findings.measurement_error, labels.voice
    assert found is not None
    cut = long_intervals(found)
    parts = [
        speak.say(
            f"figures.corrections.{'alt_cut' if row['method'] in cut else 'alt_part'}",
            way=sentence_case(speak.say(f"measurement_ways.{row['method']}")),
            estimate=speak.number(row["estimate"], digits_for(row["std_error"], 3)),
            low=speak.number(row["conf_low"], digits_for(row["std_error"], 3)),
            high=speak.number(row["conf_high"], digits_for(row["std_error"], 3)),
        )
        for row in records(found.estimated())
    ]
    term = labels.term(found.tested_term)
    caption = speak.say("figures.corrections.caption", term=term, level=speak.level(found.conf_level))
    if cut:
        caption = f"{caption} {speak.say('figures.corrections.cut')}"
    return caption, speak.say("figures.corrections.alt", term=term, parts=" ".join(parts))


def _products(findings: StudyFindings) -> ProductReliability:
    assert findings.measurement_error is not None
    assert findings.measurement_error.products is not None
    return findings.measurement_error.products
