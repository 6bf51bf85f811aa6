"""The figures of a report: drawn once, with a caption and an alternative text from the same results."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from si_research.report.aggregation_figure import describe_aggregation_figure, draw_aggregation
from si_research.report.aggregation_section import drawn_aggregation
from si_research.report.describe import (
    describe_scales,
    described_scales,
    distribution,
    people,
    record,
    records,
)
from si_research.report.factor_plot import describe_loadings, draw_loadings, has_loadings
from si_research.report.flow import flow_of_study
from si_research.report.flow_plot import flow_height, flow_in_words, plot_flow
from si_research.report.item_plot import draw_item_answers
from si_research.report.item_section import describe_item_answers, has_item_figure
from si_research.report.labels import Labels, labels_of
from si_research.report.measurement_error_plot import (
    describe_attenuation,
    describe_corrections,
    draw_attenuation,
    draw_corrections,
    with_corrections,
    with_products,
)
from si_research.report.missing_figures import (
    describe_missing_patterns,
    describe_person_mean,
    describe_pooled,
    draw_missing_patterns,
    draw_person_mean,
    draw_pooled,
    with_patterns,
    with_person_mean,
    with_pooled,
)
from si_research.report.model_tables import estimate_of
from si_research.report.plot_style import new_figure
from si_research.report.plots import (
    levels_of,
    plot_coefficients,
    plot_corners,
    plot_distributions,
    plot_slopes,
)
from si_research.report.probing_figures import (
    describe_inference_comparison,
    describe_johnson_neyman,
    describe_significance_map,
    describe_slope_forest,
    draw_inference_comparison,
    draw_johnson_neyman,
    draw_significance_map,
    draw_slope_forest,
    with_map,
    with_probing,
    with_regions,
)
from si_research.report.screening_plot import plot_agreement
from si_research.report.screening_tables import agreement_cells, screening_agreement_table, used_indices
from si_research.report.voice import plain, sentence_case
from si_research.report.words import level_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings

STYLE: Final[Any] = {
    "svg.hashsalt": "si_research",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A figure ready to be shown.

    Attributes
    ----------
    name : str
        Name of its files.
    title, caption, alt : str
        The alternative text says in words what the picture shows.
    svg, png : bytes
    """

    name: str
    title: str
    caption: str
    alt: str
    svg: bytes = field(repr=False)
    png: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.title}: {self.alt}"


def draw_figures(findings: StudyFindings, language: str) -> tuple[Picture, ...]:
    """Draw every figure that the findings allow; the same bytes for the same findings.

    Returns
    -------
    tuple of Picture
        The flow of people; distributions, where there is a scale; with a fit also coefficients, corners
        and slopes.
    """
    labels = labels_of(findings, language)
    return tuple(_picture(findings, labels, name) for name, kind in _FIGURES.items() if kind.fits(findings))


def write_figures(findings: StudyFindings, folder: Path, language: str) -> tuple[Picture, ...]:
    """Draw every figure and write it as SVG and PNG.

    Parameters
    ----------
    findings : StudyFindings
    folder : Path
        Made if it is not there.
    language : {"nl", "en"}

    Returns
    -------
    tuple of Picture
        For :func:`si_research.report.html.render_report`, which then need not draw them again.
    """
    pictures = draw_figures(findings, language)
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / f"{picture.name}.svg").write_bytes(picture.svg)
        (folder / f"{picture.name}.png").write_bytes(picture.png)
    return pictures


def _picture(findings: StudyFindings, labels: Labels, name: str) -> Picture:
    kind = _FIGURES[name]
    caption, alt = kind.describe(findings, labels)
    svg, png = _drawn(kind.draw, findings, labels)
    return Picture(
        name=name,
        title=labels.voice.say(f"figures.{name}.title"),
        caption=sentence_case(caption),
        alt=plain(alt),
        svg=svg,
        png=png,
    )


def _drawn(
    draw: Callable[[StudyFindings, Labels], Figure], findings: StudyFindings, labels: Labels
) -> tuple[bytes, bytes]:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        return _rendered(draw(findings, labels))


def _rendered(figure: Figure) -> tuple[bytes, bytes]:
    """Return a figure as SVG and as PNG."""
    svg, png = io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    figure.set_layout_engine("none")  # the second picture is laid out as the first
    figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
    return svg.getvalue(), png.getvalue()


def _draw_flow(findings: StudyFindings, labels: Labels) -> Figure:
    flow = flow_of_study(findings)
    last = "used_refusal" if findings.fit is None else "used"
    figure = new_figure(flow_height(flow, labels=labels))
    plot_flow(flow, figure.subplots(), labels=labels, last=last)
    return figure


def _describe_flow(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    return labels.voice.say("figures.flow.caption"), flow_in_words(flow_of_study(findings), labels)


def _draw_distributions(findings: StudyFindings, labels: Labels) -> Figure:
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


def _describe_distributions(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
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


def _draw_coefficients(findings: StudyFindings, labels: Labels) -> Figure:
    assert findings.fit is not None
    figure = new_figure(0.9 + 0.36 * (2 ** len(findings.fit.predictors) - 1))
    plot_coefficients(findings.fit, figure.subplots(), labels=labels)
    return figure


def _describe_coefficients(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
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


def _draw_corners(findings: StudyFindings, labels: Labels) -> Figure:
    assert findings.fit is not None
    assert findings.corners is not None
    figure = new_figure(4.4)
    plot_corners(findings.corners, figure.subplots(), labels=labels, outcome=findings.fit.outcome)
    return figure


def _describe_corners(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
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


def _draw_slopes(findings: StudyFindings, labels: Labels) -> Figure:
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


def _describe_slopes(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    fit, speak = findings.fit, labels.voice
    assert fit is not None
    x, line, *third = fit.predictors
    parts = []
    for row in records(_slopes_of(findings, x)):
        where = speak.listed([f"{labels.of(name)} {speak.number(row[name])}" for name in (line, *third)])
        parts.append(speak.say("figures.slopes.alt_part", where=where, slope=estimate_of(labels, row)))
    names = {"outcome": labels.of(fit.outcome), "x": labels.of(x)}
    panel = [speak.say("figures.slopes.panel_part", panel=labels.of(name)) for name in third]
    caption = speak.say("figures.slopes.caption", **names, line=labels.of(line), panel_part="".join(panel))
    return caption, speak.say("figures.slopes.alt", **names, parts=" ".join(parts))


def _draw_agreement(findings: StudyFindings, labels: Labels) -> Figure:
    assert findings.screening is not None
    figure = new_figure(1.0 + 0.36 * len(used_indices(findings.screening)))
    plot_agreement(findings.screening, figure.subplots(), labels=labels)
    return figure


def _describe_agreement(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
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


def _slopes_of(findings: StudyFindings, term: str) -> Any:
    assert findings.slopes is not None
    return findings.slopes.loc[[term]]


def _with_scales(findings: StudyFindings) -> bool:
    return bool(findings.scores.scales)


def _with_fit(findings: StudyFindings) -> bool:
    return findings.fit is not None


def _with_agreement(findings: StudyFindings) -> bool:
    screening = findings.screening
    return (
        screening is not None and screening_agreement_table(screening, labels_of(findings, "en")) is not None
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of figure: how it is drawn, its caption and alternative text, and which findings allow it."""

    draw: Callable[[StudyFindings, Labels], Figure]
    describe: Callable[[StudyFindings, Labels], tuple[str, str]]
    fits: Callable[[StudyFindings], bool]


_FIGURES: Final[dict[str, _Kind]] = {
    "flow": _Kind(_draw_flow, _describe_flow, lambda findings: True),
    "distributions": _Kind(_draw_distributions, _describe_distributions, _with_scales),
    "item_answers": _Kind(draw_item_answers, describe_item_answers, has_item_figure),
    "loadings": _Kind(draw_loadings, describe_loadings, has_loadings),
    "coefficients": _Kind(_draw_coefficients, _describe_coefficients, _with_fit),
    "corners": _Kind(_draw_corners, _describe_corners, _with_fit),
    "slopes": _Kind(_draw_slopes, _describe_slopes, _with_fit),
    "slope_forest": _Kind(draw_slope_forest, describe_slope_forest, with_probing),
    "johnson_neyman": _Kind(draw_johnson_neyman, describe_johnson_neyman, with_regions),
    "significance_map": _Kind(draw_significance_map, describe_significance_map, with_map),
    "inference_comparison": _Kind(draw_inference_comparison, describe_inference_comparison, with_probing),
    "attenuation": _Kind(draw_attenuation, describe_attenuation, with_products),
    "corrections": _Kind(draw_corrections, describe_corrections, with_corrections),
    "missing_patterns": _Kind(draw_missing_patterns, describe_missing_patterns, with_patterns),
    "person_mean": _Kind(draw_person_mean, describe_person_mean, with_person_mean),
    "pooled": _Kind(draw_pooled, describe_pooled, with_pooled),
    "agreement": _Kind(_draw_agreement, _describe_agreement, _with_agreement),
    "aggregation": _Kind(
        draw_aggregation, describe_aggregation_figure, lambda found: bool(drawn_aggregation(found))
    ),
}
