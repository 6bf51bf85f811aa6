"""The figures on the fitted interaction: coefficients, corners and simple slopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of
from si_research.report.plot_style import new_figure
from si_research.report.plots import levels_of, plot_coefficients, plot_corners, plot_slopes
from si_research.report.suppression import tail_percent
from si_research.report.voice import plain, sentence_case
from si_research.report.words import level_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings


def draw_coefficients(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the standardised coefficients of the predictors and their products."""
    assert findings.fit is not None
    figure = new_figure(0.9 + 0.36 * (2 ** len(findings.fit.predictors) - 1))
    plot_coefficients(findings.fit, figure.subplots(), labels=labels)
    return figure


def describe_coefficients(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and alternative text of the coefficients."""
    fit, speak = findings.fit, labels.voice
    assert fit is not None
    parts = [
        speak.say(
            "figures.coefficients.alt_part",
            term=sentence_case(labels.term(str(row["term"]))),
            estimate=speak.number(row["estimate"]),
            low=speak.number(row["conf_low"]),
            high=speak.number(row["conf_high"]),
        )
        for row in records(fit.standardised)
        if set(str(row["term"]).split(":")) <= set(fit.predictors)
    ]
    level = level_of(fit.conf_level, speak)
    caption = speak.say("figures.coefficients.caption", level=level, n=fit.n_used, method=fit.method)
    return caption, speak.say("figures.coefficients.alt", parts=" ".join(parts))


def draw_corners(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw what the model expects in each combination of low and high."""
    assert findings.fit is not None
    assert findings.corners is not None
    figure = new_figure(4.4)
    plot_corners(findings.corners, figure.subplots(), labels=labels, outcome=findings.fit.outcome)
    return figure


def describe_corners(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and alternative text of the corners."""
    fit, corners, speak = findings.fit, findings.corners, labels.voice
    assert fit is not None
    assert corners is not None
    parts = []
    for row in records(corners.corners):
        levels = [f"{labels.of(name)} {speak.say(f'views.{row[name]}')}" for name in fit.predictors]
        few = not row["supported"]
        parts.append(
            speak.say(
                "figures.corners.alt_part",
                corner=sentence_case(", ".join(levels)),
                estimate=speak.number(row["estimate"]),
                low=speak.number(row["conf_low"]),
                high=speak.number(row["conf_high"]),
                n=speak.say("numbers.few") if few else speak.count(row["n_nearest"]),
            )
        )
    outcome = labels.of(fit.outcome)
    caption = speak.say("figures.corners.caption", outcome=outcome, level=level_of(fit.conf_level, speak))
    return caption, speak.say("figures.corners.alt", outcome=outcome, parts=" ".join(parts))


def draw_slopes(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the slope of the first predictor along the second, a panel for each level of a third."""
    from si_research.model.probing import probe_points

    fit, speak = findings.fit, labels.voice
    assert fit is not None
    _, _, *third = fit.predictors
    panels = [{name: value} for name in third for value in levels_of(probe_points(fit, name)).values()]
    figure = new_figure(4.3 if panels else 4.0)
    axes = np.ravel(figure.subplots(1, max(len(panels), 1), sharey=True, squeeze=False))
    for axis, panel in zip(axes, panels or [{}], strict=True):
        plot_slopes(fit, axis, at=panel, labels=labels)
        axis.get_legend().remove()
        keys = levels_of(probe_points(fit, next(iter(panel)))) if panel else {}
        for key in (key for name, value in panel.items() for key, each in keys.items() if each == value):
            words = speak.say(f"figures.slopes.{key}", value=speak.number(keys[key]))
            axis.set_title(f"{plain(labels.of(next(iter(panel))))} {words}", fontsize=10.5)
    for axis in axes[1:]:
        axis.set_ylabel("")
    handles, texts = axes[0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower center", ncols=len(texts), frameon=False, fontsize=9.5)
    return figure


def describe_slopes(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and alternative text of the simple slopes."""
    fit, speak = findings.fit, labels.voice
    assert fit is not None
    x, line, *third = fit.predictors
    parts = []
    for row in records(_slopes_of(findings, x)):
        where = speak.listed([f"{labels.of(name)} {speak.number(row[name])}" for name in (line, *third)])
        parts.append(speak.say("figures.slopes.alt_part", where=where, slope=estimate_of(labels, row)))
    names = {"outcome": labels.of(fit.outcome), "x": labels.of(x)}
    panel = [speak.say("figures.slopes.panel_part", panel=labels.of(name)) for name in third]
    percent = tail_percent(len(fit.rows))
    names |= {"low": speak.ordinal(percent), "high": speak.ordinal(100 - percent)}
    caption = speak.say("figures.slopes.caption", **names, line=labels.of(line), panel_part="".join(panel))
    return caption, speak.say("figures.slopes.alt", **names, parts=" ".join(parts))


def _slopes_of(findings: StudyFindings, term: str) -> Any:
    assert findings.slopes is not None
    return findings.slopes.loc[[term]]


def with_fit(findings: StudyFindings) -> bool:
    """Return whether anything was fitted."""
    return findings.fit is not None
