"""The figures of a report: drawn once, with a caption and an alternative text from the same results."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from si_research.report.aggregation_figure import describe_aggregation_figure, draw_aggregation
from si_research.report.aggregation_section import drawn_aggregation
from si_research.report.combination_figures import (
    describe_compensation_profile,
    describe_compensation_scale,
    draw_compensation_profile,
    draw_compensation_scale,
    with_compensation,
)
from si_research.report.factor_plot import describe_loadings, draw_loadings, has_loadings
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
from si_research.report.model_figures import (
    describe_coefficients,
    describe_corners,
    describe_slopes,
    draw_coefficients,
    draw_corners,
    draw_slopes,
    with_fit,
)
from si_research.report.people_figures import (
    describe_agreement,
    describe_distributions,
    describe_flow,
    draw_agreement,
    draw_distributions,
    draw_flow,
    with_agreement,
    with_scales,
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
from si_research.report.published import LEFT_OUT_FIGURES, coarse_svg
from si_research.report.readings_figures import (
    describe_necessity_ceilings,
    describe_truth_table,
    draw_necessity_ceilings,
    draw_truth_table,
    with_configurations,
    with_necessity,
)
from si_research.report.robustness_figures import (
    describe_leave_one_firm_out,
    draw_leave_one_firm_out,
    with_firms_left_out,
)
from si_research.report.suppression import is_published
from si_research.report.verdict_section import has_scale_figure
from si_research.report.voice import plain, sentence_case

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
    return tuple(_picture(findings, labels, name) for name in drawn_figures(findings))


def drawn_figures(findings: StudyFindings) -> list[str]:
    """Return the names of the figures that the findings and the profile in force allow."""
    names = [name for name, kind in _FIGURES.items() if kind.fits(findings)]
    return [name for name in names if not (is_published() and name in LEFT_OUT_FIGURES)]


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
    return coarse_svg(svg.getvalue()) if is_published() else svg.getvalue(), png.getvalue()


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of figure: how it is drawn, its caption and alternative text, and which findings allow it."""

    draw: Callable[[StudyFindings, Labels], Figure]
    describe: Callable[[StudyFindings, Labels], tuple[str, str]]
    fits: Callable[[StudyFindings], bool]


_FIGURES: Final[dict[str, _Kind]] = {
    "compensation_scale": _Kind(draw_compensation_scale, describe_compensation_scale, has_scale_figure),
    "flow": _Kind(draw_flow, describe_flow, lambda findings: True),
    "distributions": _Kind(draw_distributions, describe_distributions, with_scales),
    "item_answers": _Kind(draw_item_answers, describe_item_answers, has_item_figure),
    "loadings": _Kind(draw_loadings, describe_loadings, has_loadings),
    "coefficients": _Kind(draw_coefficients, describe_coefficients, with_fit),
    "corners": _Kind(draw_corners, describe_corners, with_fit),
    "slopes": _Kind(draw_slopes, describe_slopes, with_fit),
    "slope_forest": _Kind(draw_slope_forest, describe_slope_forest, with_probing),
    "johnson_neyman": _Kind(draw_johnson_neyman, describe_johnson_neyman, with_regions),
    "significance_map": _Kind(draw_significance_map, describe_significance_map, with_map),
    "inference_comparison": _Kind(draw_inference_comparison, describe_inference_comparison, with_probing),
    "compensation_profile": _Kind(
        draw_compensation_profile, describe_compensation_profile, with_compensation
    ),
    "necessity_ceilings": _Kind(draw_necessity_ceilings, describe_necessity_ceilings, with_necessity),
    "truth_table": _Kind(draw_truth_table, describe_truth_table, with_configurations),
    "leave_one_firm_out": _Kind(draw_leave_one_firm_out, describe_leave_one_firm_out, with_firms_left_out),
    "attenuation": _Kind(draw_attenuation, describe_attenuation, with_products),
    "corrections": _Kind(draw_corrections, describe_corrections, with_corrections),
    "missing_patterns": _Kind(draw_missing_patterns, describe_missing_patterns, with_patterns),
    "person_mean": _Kind(draw_person_mean, describe_person_mean, with_person_mean),
    "pooled": _Kind(draw_pooled, describe_pooled, with_pooled),
    "agreement": _Kind(draw_agreement, describe_agreement, with_agreement),
    "aggregation": _Kind(
        draw_aggregation, describe_aggregation_figure, lambda found: bool(drawn_aggregation(found))
    ),
}
