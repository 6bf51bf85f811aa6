"""The figures of the readings of "only the combination", with captions and alternative texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from si_research.model.forms.power_mean import NAMED
from si_research.report.compensation_scale_plot import plot_compensation_scale
from si_research.report.forms_plot import plot_compensation
from si_research.report.forms_words import powers_between
from si_research.report.labels import Labels
from si_research.report.plot_style import new_figure
from si_research.report.verdict_words import power_in_words, power_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.model.forms.compensation import Compensation
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


def with_compensation(findings: StudyFindings) -> bool:
    """Whether the power of the mean was estimated."""
    found = findings.combination
    return found is not None and found.verdict.compensation is not None


def draw_compensation_profile(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw how well each power fits."""
    figure = new_figure(3.9)
    plot_compensation(_compensation(findings), figure.subplots(), labels=labels)
    return figure


def describe_compensation_profile(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _compensation(findings), labels.voice
    lost = {form: -float(found.profile["deviance"][p]) / 2 for form, p in NAMED.items()}
    parts = [
        speak.say(
            "figures.compensation_profile.alt_part",
            form=speak.say(f"figures.forms.{form}"),
            lost=speak.number(value, 1),
        )
        for form, value in lost.items()
    ]
    numbers = {
        "p_hat": power_in_words(found.p_hat, labels),
        "interval": powers_between(found.boot_low, found.boot_high, labels),
        "level": speak.level(found.conf_level),
        "n": found.n_used,
    }
    caption = speak.say("figures.compensation_profile.caption", **numbers)
    return caption, speak.say("figures.compensation_profile.alt", parts=speak.listed(parts), **numbers)


def _compensation(findings: StudyFindings) -> Compensation:
    assert findings.combination is not None
    assert findings.combination.verdict.compensation is not None
    return findings.combination.verdict.compensation
