"""The figures of the readings of "only the combination", with captions and alternative texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from si_research.report.compensation_scale_plot import plot_compensation_scale
from si_research.report.labels import Labels
from si_research.report.plot_style import new_figure
from si_research.report.verdict_words import power_in_words, power_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.model.verdict.rule import Figure as Estimate
    from si_research.report.findings import StudyFindings


def draw_compensation_scale(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw how far one condition makes up for another."""
    found = _power(findings)
    figure = new_figure(1.7)
    plot_compensation_scale(found.estimate, found.low, found.high, figure.subplots(), labels=labels)
    return figure


def describe_compensation_scale(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _power(findings), labels.voice
    assert findings.combination is not None
    numbers = {
        "p_hat": power_in_words(found.estimate, labels),
        "interval": power_interval(found, labels),
        "level": speak.level(findings.combination.verdict.conf_level),
    }
    caption = speak.say("figures.compensation_scale.caption", **numbers)
    return caption, speak.say("figures.compensation_scale.alt", **numbers)


def _power(findings: StudyFindings) -> Estimate:
    assert findings.combination is not None
    assert findings.combination.verdict.numbers is not None
    return findings.combination.verdict.numbers.p_hat
