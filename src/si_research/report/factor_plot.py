"""The picture of the loadings: how strongly each question goes with its factor."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Final

import numpy as np

from si_research.report.describe import records
from si_research.report.factor_words import loadings_of
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    SMALLEST_TEXT,
    VERMILLION,
    LocaleNumbers,
    finish,
    new_figure,
)
from si_research.report.voice import plain, sentence_case, voice
from si_research.report.words import level_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from si_research.measurement.factors.factor_fit import FactorFit
    from si_research.report.findings import StudyFindings

LOOKS: Final = ((BLUE, "o"), (ORANGE, "^"), (GREEN, "s"), (VERMILLION, "D"))
LINE: Final = 0.26
"""Inches a question."""


def plot_loadings(fit: FactorFit, axis: Axes, *, language: str = "en", labels: Labels | None = None) -> Axes:
    """Draw the standardised loading of every question with its interval, factor by factor.

    Parameters
    ----------
    fit : FactorFit
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study; by default those of the model.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    speak, table = names.voice, loadings_of(fit)
    heights, ticks, place = [], [], 0.0
    for number, (factor, items) in enumerate(fit.factors.items()):
        colour, marker = LOOKS[number % len(LOOKS)]
        title = fill(sentence_case(plain(names.of(factor))), 60)
        axis.annotate(title, (0, place), xycoords=("axes fraction", "data"), va="center", color=colour)
        axis.texts[-1].set(fontsize=10, fontweight="bold", backgroundcolor="white")
        for row in records(table[table["item"].isin(items)]):
            place += 1
            heights.append(place)
            ticks.append(row["item"])
            axis.plot([row["conf_low"], row["conf_high"]], [place, place], color=colour, linewidth=2)
            axis.plot(row["estimate"], place, marker, color=colour, markersize=6)
            text = f"{speak.bounded(row['estimate'])}  "
            text += speak.interval(row["conf_low"], row["conf_high"], bounded=True)
            axis.annotate(text, (1.02, place), xycoords=("axes fraction", "data"), va="center")
            axis.texts[-1].set(fontsize=SMALLEST_TEXT, color=INK)
        place += 1
    axis.set_yticks(heights, ticks)
    axis.set_ylim(place - 0.4, -0.6)
    low, high = float(np.nanmin(table["conf_low"])), float(np.nanmax(table["conf_high"]))
    axis.set_xlim(min(0.0, low - 0.05), max(1.0, high + 0.05))
    axis.axvline(0, color=GREY, linewidth=0.9, zorder=0)
    axis.axvline(0.5, color=LIGHT, linewidth=0.9, linestyle="--", zorder=0)
    axis.set_xlabel(speak.say("figures.loadings.x"))
    axis.xaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis)
    axis.tick_params(axis="y", length=0)
    return axis


def has_loadings(findings: StudyFindings) -> bool:
    """Whether there is a model of which loadings are known."""
    main = None if findings.factors is None else findings.factors.main
    return main is not None and bool(loadings_of(main)["estimate"].notna().all())


def draw_loadings(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the model in which every scale is a factor."""
    assert findings.factors is not None
    main = findings.factors.main
    assert main is not None
    n_lines = len(main.factors) + sum(map(len, main.factors.values()))
    figure = new_figure(0.8 + LINE * n_lines)
    plot_loadings(main, figure.subplots(), labels=labels)
    return figure


def describe_loadings(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and the alternative text."""
    assert findings.factors is not None
    main = findings.factors.main
    assert main is not None
    speak, table = labels.voice, loadings_of(main)
    parts = []
    for factor, items in main.factors.items():
        own = records(table[table["item"].isin(items)])
        listed = speak.listed([f"{row['item']} {speak.number(row['estimate'])}" for row in own])
        parts.append(
            speak.say("figures.loadings.alt_part", factor=sentence_case(labels.of(factor)), items=listed)
        )
    level = level_of(main.conf_level, speak)
    caption = speak.say("figures.loadings.caption", level=level, n=main.n_used)
    return caption, speak.say("figures.loadings.alt", parts=" ".join(parts))
