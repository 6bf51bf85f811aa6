"""The figure of a result without each firm, with caption and alternative text from the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from si_research.report.labels import Labels
from si_research.report.leave_one_firm_out_plot import (
    MARKS_AT_END,
    MOST_MARKS,
    marked_places,
    plot_leave_one_firm_out,
)
from si_research.report.plot_style import new_figure
from si_research.report.robustness_counts import shown_firms
from si_research.report.robustness_section import has_drawn_firms
from si_research.report.robustness_words import firm_lines, firms_sentences
from si_research.report.suppression import is_small
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.model.influence import LeaveOneFirmOut
    from si_research.report.findings import StudyFindings

MARK_HEIGHT: Final = 0.11
HIGHEST: Final = 2.1
"""Inches that the marks of a panel take at most."""


def with_firms_left_out(findings: StudyFindings) -> bool:
    """Whether there are firms to draw."""
    found = findings.robustness
    return found is not None and found.firms is not None and has_drawn_firms(found.firms)


def draw_leave_one_firm_out(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw every product without each firm, a panel each, two beside one another."""
    found = _of(findings)
    n_rows, n_columns = -(-len(found.terms) // 2), min(len(found.terms), 2)
    most = max(len(marked_places(len(shown_firms(found, term)))) for term in found.terms)
    figure = new_figure(n_rows * (0.8 + min(MARK_HEIGHT * max(most, 6), HIGHEST)))
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axis in panels[len(found.terms) :]:
        axis.set_visible(False)
    for term, axis in zip(found.terms, panels, strict=False):
        plot_leave_one_firm_out(found, axis, term=term, labels=labels)
    return figure


def describe_leave_one_firm_out(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _of(findings), labels.voice
    assert findings.robustness is not None
    small_firms = findings.robustness.small_firms
    caption = speak.say("figures.leave_one_firm_out.caption", level=speak.level(found.conf_level))
    if len(found.terms) > 1:
        caption += f" {speak.say('figures.leave_one_firm_out.panels')}"
    if found.firms["n_left_out"].map(is_small).any():
        caption += f" {speak.say('figures.leave_one_firm_out.small_firms')}"
    if max(len(shown_firms(found, term)) for term in found.terms) > MOST_MARKS:
        caption += f" {speak.say('figures.leave_one_firm_out.thinned', n=MARKS_AT_END)}"
    said = [*firms_sentences(found, labels, small_firms), *firm_lines(found, labels)]
    parts = " ".join(sentence_case(text) for text in said)
    return caption, speak.say("figures.leave_one_firm_out.alt", parts=parts)


def _of(findings: StudyFindings) -> LeaveOneFirmOut:
    assert findings.robustness is not None
    assert findings.robustness.firms is not None
    return findings.robustness.firms
