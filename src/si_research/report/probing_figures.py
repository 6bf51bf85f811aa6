"""The figures of the interaction probed, with captions and alternative texts from the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.plot_style import name_axis, new_figure
from si_research.report.probing_plot import (
    heads_of,
    methods_drawn,
    plot_inference_comparison,
    plot_johnson_neyman,
    plot_slope_forest,
)
from si_research.report.probing_tables import combination_in_words, method_in_words
from si_research.report.probing_words import (
    differences_sentence,
    effect_in_words,
    map_sentence,
    regions_sentence,
    scale_in_words,
)
from si_research.report.significance_map_plot import plot_significance_map
from si_research.report.voice import digits_for, plain, sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings
    from si_research.report.probing_findings import ProbingFindings


def with_probing(findings: StudyFindings) -> bool:
    """Whether the interaction was probed."""
    return findings.probing is not None


def with_regions(findings: StudyFindings) -> bool:
    """Whether there is an effect to follow along a condition."""
    return findings.probing is not None and bool(findings.probing.regions)


def with_map(findings: StudyFindings) -> bool:
    """Whether there is a map: with three conditions."""
    return findings.probing is not None and bool(findings.probing.maps)


def draw_slope_forest(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw slopes and their differences, a panel a condition, on one scale."""
    found = _of(findings)
    rows = [len(each.slopes) + len(each.differences) for each in found.differences]
    tall = any("\n" in head for each in found.differences for head in heads_of(each, labels))
    figure = new_figure(0.5 + sum(0.6 + (0.36 if tall else 0.24) * n for n in rows))
    heights = [n + 1 for n in rows]
    panels = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for each, axis in zip(found.differences, panels, strict=True):
        plot_slope_forest(each, axis, labels=labels)
    outcome = plain(labels.of(findings.study.outcome))
    name_axis(panels[-1], "x", labels.voice.say("figures.slope_forest.x", outcome=outcome), 60)
    return figure


def describe_slope_forest(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak, parts = _of(findings), labels.voice, []
    for each in found.differences:
        for row in records(each.slopes):
            where = combination_in_words(each.points, row["combination"], labels)
            term = sentence_case(labels.of(each.of))
            parts.append(
                speak.say(
                    "figures.slope_forest.alt_slope", term=term, where=where, **_numbers(row, labels, 2)
                )
            )
        parts.append(sentence_case(differences_sentence(each, labels)))
    caption = speak.say("figures.slope_forest.caption", level=speak.level(found.inference.conf_level))
    return caption, speak.say("figures.slope_forest.alt", parts=" ".join(parts))


def draw_johnson_neyman(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the first effect along its condition."""
    assert findings.fit is not None
    found, figure = _of(findings).regions[0], new_figure(4.0)
    plot_johnson_neyman(found, figure.subplots(), people=findings.fit.rows[found.over], labels=labels)
    return figure


def describe_johnson_neyman(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _of(findings).regions[0], labels.voice
    ends = _of(findings).ends[found.over]
    about = {"effect": effect_in_words(found.of, labels), "over": labels.of(found.over)}
    at_ends = [
        row["estimate"]
        for end in ends
        for row in records(found.curve[found.curve[found.over] == end].iloc[:1])
    ]
    digits = digits_for(float(found.curve["std_error"].min()), 2)
    alt = speak.say(
        "figures.johnson_neyman.alt",
        **about,
        **scale_in_words(ends, labels),
        first=speak.number(at_ends[0], digits),
        last=speak.number(at_ends[-1], digits),
        said=" ".join(sentence_case(text) for text in regions_sentence(found, labels, ends)),
    )
    caption = speak.say("figures.johnson_neyman.caption", **about, level=speak.level(found.conf_level))
    return caption, alt


def draw_significance_map(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the map of the slope of the first condition."""
    assert findings.fit is not None
    found, figure = _of(findings).maps[0], new_figure(4.6)
    people = findings.fit.rows[list(found.over)]
    plot_significance_map(found, figure.subplots(), people=people, labels=labels)
    return figure


def describe_significance_map(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _of(findings).maps[0], labels.voice
    about = {
        "term": labels.of(found.of),
        "others": speak.listed([labels.of(name) for name in found.over]),
    }
    said = sentence_case(map_sentence(found, labels))
    slopes = found.points.loc[found.points["supported"], "estimate"]
    if len(slopes):
        ends = {"low": speak.number(float(slopes.min()), 2), "high": speak.number(float(slopes.max()), 2)}
        said += " " + speak.say("figures.significance_map.alt_ends", **ends)
    caption = speak.say("figures.significance_map.caption", **about)
    return caption, speak.say("figures.significance_map.alt", **about, said=said)


def draw_inference_comparison(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the highest product by every method."""
    found = _of(findings).inference
    figure = new_figure(0.9 + 0.34 * len(methods_drawn(found)))
    plot_inference_comparison(found, figure.subplots(), labels=labels)
    return figure


def describe_inference_comparison(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return its caption and alternative text."""
    found, speak = _of(findings).inference, labels.voice
    parts = [
        speak.say(
            "figures.inference_comparison.alt_part",
            method=sentence_case(method_in_words(str(row["method"]), labels)),
            **_numbers(row, labels, 3),
        )
        for row in records(methods_drawn(found))
    ]
    term = labels.term(found.term)
    caption = speak.say(
        "figures.inference_comparison.caption", term=term, level=speak.level(found.conf_level)
    )
    return caption, speak.say("figures.inference_comparison.alt", term=term, parts=" ".join(parts))


def _numbers(row: dict[str, float], labels: Labels, least: int) -> dict[str, str]:
    digits = digits_for(row["std_error"], least)
    names = {"estimate": "estimate", "low": "conf_low", "high": "conf_high"}
    return {name: labels.voice.number(row[column], digits) for name, column in names.items()}


def _of(findings: StudyFindings) -> ProbingFindings:
    assert findings.probing is not None
    return findings.probing
