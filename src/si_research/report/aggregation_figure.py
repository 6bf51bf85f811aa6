"""The figure of agreement within firms, with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from si_research.report.aggregation_plot import plot_group_agreement
from si_research.report.aggregation_section import drawn_aggregation
from si_research.report.aggregation_tables import level_words
from si_research.report.labels import Labels
from si_research.report.plot_style import new_figure
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings


def draw_aggregation(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the scales of the question, two a row."""
    shown = drawn_aggregation(findings)
    columns = min(max(len(shown), 1), 2)
    rows = max(int(np.ceil(len(shown) / columns)), 1)
    figure = new_figure(2.3 * rows + 0.6)
    axes = list(np.ravel(figure.subplots(rows, columns, squeeze=False)))
    for spare in axes[len(shown) :]:
        spare.set_visible(False)
    for found, axis in zip(shown, axes, strict=False):
        plot_group_agreement(found, axis, labels=labels)
    figure.supxlabel("r_wg(j)", fontsize=10)
    figure.supylabel(labels.voice.say("figures.aggregation.y"), fontsize=10)
    if shown:
        handles, texts = axes[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside upper center", ncols=2, frameon=False, fontsize=9.5)
    return figure


def describe_aggregation_figure(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and the alternative text."""
    speak, shown = labels.voice, drawn_aggregation(findings)
    words = level_words(findings.aggregation[0].level if shown else "organisation", speak)
    parts = [
        speak.say(
            "figures.aggregation.alt_part",
            scale=sentence_case(labels.of(each.scale)),
            uniform=speak.bounded(each.median("uniform")),
            skew=speak.bounded(each.median("slight_skew")),
            deviation=speak.number(each.ad_mean),
        )
        for each in shown
    ]
    alt = speak.say("figures.aggregation.alt", parts=" ".join(parts), **words)
    return speak.say("figures.aggregation.caption", **words), alt
