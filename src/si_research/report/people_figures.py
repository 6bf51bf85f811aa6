"""The figures on people and their answers: who is left, how scores spread, who looks careless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from si_research.report.describe import (
    describe_scales,
    described_scales,
    distribution,
    people,
    record,
    records,
)
from si_research.report.flow import flow_of_study
from si_research.report.flow_plot import flow_height, flow_in_words, plot_flow
from si_research.report.labels import Labels, labels_of
from si_research.report.plot_style import new_figure
from si_research.report.plots import plot_distributions
from si_research.report.screening_plot import plot_agreement
from si_research.report.screening_tables import agreement_cells, screening_agreement_table, used_indices
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings


def draw_flow(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw how many people are left after each step."""
    flow = flow_of_study(findings)
    last = "used_refusal" if findings.fit is None else "used"
    figure = new_figure(flow_height(flow, labels=labels))
    plot_flow(flow, figure.subplots(), labels=labels, last=last)
    return figure


def describe_flow(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and alternative text of the flow of people."""
    return labels.voice.say("figures.flow.caption"), flow_in_words(flow_of_study(findings), labels)


def draw_distributions(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw how each scale is spread."""
    names = described_scales(findings)
    columns = min(len(names), 2)
    rows = int(np.ceil(len(names) / columns))
    figure = new_figure(2.3 * rows + 0.2)
    axes = list(np.ravel(figure.subplots(rows, columns, squeeze=False)))
    for spare in axes[len(names) :]:
        spare.set_visible(False)
    shown = people(findings).index
    plot_distributions(findings.scores, axes[: len(names)], names=names, rows=shown, labels=labels)
    figure.supylabel(labels.voice.say("figures.distributions.y"), fontsize=10)
    return figure


def describe_distributions(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and alternative text of the distributions."""
    speak, table, parts = labels.voice, describe_scales(findings), []
    for name in described_scales(findings):
        row, bars = record(table, name), distribution(findings, name)
        if bars.empty:
            continue
        highest = records(bars)[int(bars["height"].argmax())]
        parts.append(
            speak.say(
                "figures.distributions.alt_part",
                label=sentence_case(labels.of(name)),
                mean=speak.number(row["mean"]),
                low=speak.number(row["lowest"], 0),
                high=speak.number(row["highest"], 0),
                from_=speak.number(max(highest["bin_low"], row["lowest"]), 1),
                to=speak.number(min(highest["bin_high"], row["highest"]), 1),
            )
        )
    counts = sorted({int(n) for n in table["n_used"]})
    n = "–".join(speak.count(each) for each in dict.fromkeys([counts[0], counts[-1]]))
    key = "caption" if findings.fit is not None else "caption_refusal"
    caption = speak.say(f"figures.distributions.{key}", n=n)
    return caption, speak.say("figures.distributions.alt", parts=" ".join(parts))


def draw_agreement(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw how far the signs of careless responding name the same people."""
    assert findings.screening is not None
    figure = new_figure(1.0 + 0.36 * len(used_indices(findings.screening)))
    plot_agreement(findings.screening, figure.subplots(), labels=labels)
    return figure


def describe_agreement(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and alternative text of the agreement among signs."""
    speak = labels.voice
    assert findings.screening is not None
    parts = [
        speak.say(
            "figures.agreement.alt_part",
            first=sentence_case(speak.say(f"screening_short.{first}")),
            second=speak.say(f"screening_short.{second}"),
            value=speak.bounded(value),
        )
        for (first, second), value in agreement_cells(findings.screening, "jaccard").items()
        if np.isfinite(value)
    ]
    n = findings.screening.n_rows
    alt = speak.say("figures.agreement.alt", parts=" ".join(parts))
    return speak.say("figures.agreement.caption", n=n), alt


def with_scales(findings: StudyFindings) -> bool:
    """Return whether there is a scale."""
    return bool(findings.scores.scales)


def with_agreement(findings: StudyFindings) -> bool:
    """Return whether two signs of careless responding can be compared."""
    screening = findings.screening
    return (
        screening is not None and screening_agreement_table(screening, labels_of(findings, "en")) is not None
    )
