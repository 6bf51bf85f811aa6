"""The figures of necessity and of configurations, with captions and alternative texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from si_research.report.configuration_tables import told_records
from si_research.report.configurations_plot import TOGETHER, plot_truth_table
from si_research.report.labels import Labels
from si_research.report.necessity_plot import plot_necessity_panels
from si_research.report.necessity_words import necessity_rows
from si_research.report.plot_style import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.model.configurations.configurations import Configurations
    from si_research.model.necessity.necessity import Necessity
    from si_research.report.combination_findings import CombinationFindings
    from si_research.report.findings import StudyFindings

SHORT_NAME: Final = 30
"""Characters of a name that fits beside a low panel."""


def with_necessity(findings: StudyFindings) -> bool:
    """Whether ceilings were described, and the section is there."""
    found = findings.combination
    return found is not None and found.necessity is not None and found.verdict.numbers is not None


def draw_necessity_ceilings(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw each condition against the outcome, with what five people or more have reached."""
    found = _necessity(_combination(findings))
    longest = max(len(labels.of(name)) for name in (found.outcome, *found.predictors))
    figure = new_figure(3.4 if longest <= SHORT_NAME else 4.8)
    axes = figure.subplots(1, len(found.predictors), sharey=True, squeeze=False)[0]
    plot_necessity_panels(found, list(axes), labels=labels)
    return figure


def describe_necessity_ceilings(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _combination(findings), labels.voice
    parts = [
        speak.say(
            "figures.necessity_ceilings.alt_part",
            name=labels.of(row["condition"]),
            d=speak.bounded(row["d_ce_fdh"]),
            expected=speak.bounded(row["d_expected"]),
        )
        for row in necessity_rows(found)
    ]
    numbers = {"outcome": labels.of(found.verdict.outcome), "n": necessity_rows(found)[0]["n_used"]}
    caption = speak.say("figures.necessity_ceilings.caption", **numbers)
    return caption, speak.say("figures.necessity_ceilings.alt", parts="; ".join(parts), **numbers)


def with_configurations(findings: StudyFindings) -> bool:
    """Whether combinations were compared, and the section is there."""
    found = findings.combination
    return found is not None and found.configurations is not None and found.verdict.numbers is not None


def draw_truth_table(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw each combination with its people and how consistently the outcome follows."""
    found = _configurations(_combination(findings))
    figure = new_figure(1.4 + 0.33 * len(told_records(found, negated=False)))
    plot_truth_table(found, figure.subplots(), labels=labels)
    return figure


def describe_truth_table(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _configurations(_combination(findings)), labels.voice
    parts = []
    for row in told_records(found, negated=False):
        if row["configuration"] == TOGETHER or not row["fit"]:
            continue
        sides = [
            speak.say(f"figures.configurations.{_side(row[name])}", name=labels.of(name))
            for name in found.conditions
        ]
        numbers = {"names": speak.listed(sides), "consistency": speak.bounded(row["inclS"])}
        said = speak.say(f"readings.configurations.out.{row['out']}")
        parts.append(speak.say("figures.truth_table.alt_part", **numbers, said=said))
    told = {"outcome": labels.of(found.outcome), "n": found.n_used}
    caption = speak.say("figures.truth_table.caption", **told)
    return caption, speak.say("figures.truth_table.alt", parts="; ".join(parts), **told)


def _side(high: int) -> str:
    return "high" if high else "low"


def _combination(findings: StudyFindings) -> CombinationFindings:
    assert findings.combination is not None
    return findings.combination


def _necessity(found: CombinationFindings) -> Necessity:
    assert found.necessity is not None
    return found.necessity


def _configurations(found: CombinationFindings) -> Configurations:
    assert found.configurations is not None
    return found.configurations
