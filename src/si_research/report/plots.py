"""Pictures of results: each function draws on the Axes it is given and returns them.

Colours are those of Okabe and Ito; line styles and markers tell the same in grey. The axes span the whole
response format, so that a small difference looks small. People appear only in groups of five or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.report.describe import bars_of, paired_bins, records, scale_ends
from si_research.report.labels import Labels
from si_research.report.model_tables import in_order
from si_research.report.plot_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALLEST_TEXT,
    VERMILLION,
    LocaleNumbers,
    draw_intervals,
    finish,
    finish_intervals,
    name_axis,
    whole_steps,
    widened,
)
from si_research.report.suppression import is_exact, tail_percent, told_figure, told_of_all
from si_research.report.voice import Voice, plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.survey.scoring import Scores

LINES: Final = ((ORANGE, ":", "^"), (GREEN, "--", "s"), (BLUE, "-", "o"))
"""Colour, line style and marker for low, middle and high."""
ORDERS: Final = ((BLUE, "o"), (GREEN, "s"), (VERMILLION, "D"))
"""Colour and marker for conditions, products of two, and the product of three."""


def plot_coefficients(
    fit: InteractionFit, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw the standardised coefficients of the conditions and their products with their intervals.

    Parameters
    ----------
    fit : InteractionFit
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study; by default those of the model.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    speak = names.voice
    terms = [term for term in fit.standardised.index if _is_tested(str(term), fit)]
    table = fit.standardised.loc[terms]
    for place, row in enumerate(records(table)):
        colour, marker = ORDERS[str(row["term"]).count(":")]
        draw_intervals(axis, table.iloc[[place]], [place], colour=colour, marker=marker)
        text = f"{speak.number(row['estimate'])}  {speak.interval(row['conf_low'], row['conf_high'])}"
        axis.annotate(
            text, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=SMALLEST_TEXT
        )
    reach = 1.1 * float(np.abs(table[["conf_low", "conf_high"]].to_numpy()).max())
    axis.set_xlim(-reach, reach)
    named = [plain(names.term(str(term))) for term in terms]
    finish_intervals(axis, named, speak.say("figures.coefficients.x"), speak)
    return axis


def _is_tested(term: str, fit: InteractionFit) -> bool:
    return set(term.split(":")) <= set(fit.predictors)


def plot_corners(
    corners: CornerComparison,
    axis: Axes,
    *,
    language: str = "en",
    labels: Labels | None = None,
    outcome: str = "",
) -> Axes:
    """Draw the predicted outcome in each corner, with the levels of the conditions below it.

    The band is what the smallest difference that matters leaves around "all low". Open grey points have
    fewer than five people nearby.

    Parameters
    ----------
    corners : CornerComparison
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names and ranges of a study.
    outcome : str, optional
        Column of the outcome, for the label and the range of the axis.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    speak = names.voice
    predictors = list(corners.points.index)
    table = in_order(corners.corners, predictors)
    _draw_band(corners, table, axis, speak)
    for place, row in enumerate(records(table)):
        colour, face = (BLUE, BLUE) if row["supported"] else (GREY, "white")
        axis.plot([place, place], [row["conf_low"], row["conf_high"]], color=colour, linewidth=2, zorder=2)
        axis.plot(place, row["estimate"], "o", color=colour, markerfacecolor=face, markersize=8, zorder=3)
    _corner_matrix(table, predictors, axis, names)
    axis.set_xlim(-0.6, len(table) - 0.4)
    facts = names.scales.get(outcome)
    if facts is not None:
        axis.set_ylim(*widened(*scale_ends(table["estimate"], facts)))
    shown = names.of(outcome) if outcome else speak.say("terms.outcome")
    name_axis(axis, "y", plain(speak.say("figures.corners.y", outcome=shown)), 42)
    axis.yaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis, grid="y")
    axis.legend(loc="upper left", framealpha=1, edgecolor="none", fontsize=SMALLEST_TEXT)
    return axis


def _draw_band(corners: CornerComparison, table: pd.DataFrame, axis: Axes, speak: Voice) -> None:
    lowest, reach = float(table["estimate"].iloc[0]), corners.smallest_difference
    text = speak.say("figures.corners.band", difference=speak.number(reach))
    axis.axhspan(lowest - reach, lowest + reach, color=ORANGE, alpha=0.22, linewidth=0, zorder=0, label=text)


def _corner_matrix(table: pd.DataFrame, predictors: Sequence[str], axis: Axes, names: Labels) -> None:
    """Write the levels of each corner as filled and open dots below the axis, and how many are near."""
    speak, few = names.voice, names.voice.say("numbers.few")
    heads = [*(plain(names.of(name)) for name in predictors), speak.say("figures.corners.n")]
    columns = [["●" if row[name] == "high" else "○" for name in predictors] for row in records(table)]
    counts = [speak.count(row["n_nearest"]) if row["supported"] else few for row in records(table)]
    axis.set_xticks([])
    for line, head in enumerate(heads):
        lower = -12 - 15.5 * line
        _below(axis, 0, lower, fill(head, 28), coords="axes fraction", shift=-8, ha="right")
        for place, (dots, n) in enumerate(zip(columns, counts, strict=True)):
            _below(
                axis, place, lower, [*dots, n][line], coords=("data", "axes fraction"), shift=0, ha="center"
            )


def _below(axis: Axes, x: float, lower: float, text: str, *, coords: Any, shift: float, ha: Any) -> None:
    """Write below the axis, at a distance in points."""
    axis.annotate(
        text,
        (x, 0),
        xytext=(shift, lower),
        xycoords=coords,
        textcoords="offset points",
        ha=ha,
        va="center",
        fontsize=10,
        color=INK,
        annotation_clip=False,
    )


def plot_slopes(
    fit: InteractionFit,
    axis: Axes,
    *,
    of: str | None = None,
    at: Mapping[str, float] | None = None,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw the predicted outcome against one condition, at low, middle and high values of a second.

    A third condition stands at ``at``, by default its median. Behind the lines stand the people whose
    value of the third condition is nearest to it, counted in cells; cells of fewer than five are blank.

    Parameters
    ----------
    fit : InteractionFit
    axis : matplotlib Axes
    of : str, optional
        Condition on the horizontal axis; the first by default.
    at : mapping of name to value, optional
        Value of the third condition, in scale points.
    language : {"nl", "en"}
    labels : Labels, optional
        Names and ranges of a study.

    Returns
    -------
    matplotlib Axes
    """
    from si_research.model.probing import probe_points

    names = labels or Labels(voice(language))
    speak, x = names.voice, of or fit.predictors[0]
    line, *third = [name for name in fit.predictors if name != x]
    fixed = {name: float((at or {}).get(name, np.median(fit.rows[name]))) for name in third}
    _draw_people(fit, axis, x, _nearest_rows(fit, fixed), names)
    values = levels_of(probe_points(fit, line))
    for key, value in values.items():
        style = LINES[("low", "middle", "high").index(key)]
        text = f"{plain(names.of(line))} {speak.say(f'figures.slopes.{key}', value=speak.number(value))}"
        _draw_line(fit, axis, x, {line: value, **fixed}, style=style, text=text)
    name_axis(axis, "x", sentence_case(plain(names.of(x))), 40)
    name_axis(axis, "y", plain(speak.say("figures.corners.y", outcome=names.of(fit.outcome))), 42)
    for which, name in ((axis.set_xlim, x), (axis.set_ylim, fit.outcome)):
        which(*widened(*scale_ends(fit.rows[name], names.scales.get(name))))
    whole_steps(axis.xaxis, *scale_ends(fit.rows[x], names.scales.get(x)))
    whole_steps(axis.yaxis, *scale_ends(fit.rows[fit.outcome], names.scales.get(fit.outcome)))
    axis.xaxis.set_major_formatter(LocaleNumbers(speak))
    axis.yaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis)
    axis.legend(loc="best", frameon=True, framealpha=0.9, edgecolor="none", fontsize=SMALLEST_TEXT)
    return axis


def levels_of(values: Sequence[float]) -> dict[str, float]:
    """Return probe points by name: low, middle and high, or low and high where there are only two."""
    distinct = sorted(set(values))
    if len(distinct) > 2:
        return dict(zip(("low", "middle", "high"), distinct, strict=True))
    return {"low": distinct[0], "high": distinct[-1]} if len(distinct) == 2 else {"middle": distinct[0]}


def _nearest_rows(fit: InteractionFit, fixed: Mapping[str, float]) -> pd.Index[Any]:
    """The people whose value of the third condition is nearest to the one drawn, among its probe points."""
    from si_research.model.probing import probe_points

    rows = fit.rows
    for name, value in fixed.items():
        points = np.array(sorted({*probe_points(fit, name), value}))
        nearest = np.abs(rows[name].to_numpy()[:, None] - points).argmin(axis=1)
        rows = rows.loc[points[nearest] == value]
    return rows.index


def _draw_people(fit: InteractionFit, axis: Axes, x: str, rows: pd.Index[Any], names: Labels) -> None:
    """Draw cells of two scales, darker with more people; nothing of a cell under five."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    chosen, y = fit.rows.loc[rows], fit.outcome
    cells = paired_bins(chosen[x], chosen[y], names.scales.get(x), names.scales.get(y))
    if cells.empty:
        return
    patches = [
        Rectangle((row["x_low"], row["y_low"]), row["x_high"] - row["x_low"], row["y_high"] - row["y_low"])
        for row in records(cells)
    ]
    shade = 0.12 + 0.5 * np.sqrt(cells["n"] / cells["n"].max())
    colours = [(0.42, 0.47, 0.50, float(each)) for each in shade]
    axis.add_collection(PatchCollection(patches, facecolors=colours, edgecolors="none", zorder=0))


def _draw_line(
    fit: InteractionFit,
    axis: Axes,
    x: str,
    at: Mapping[str, float],
    *,
    style: tuple[str, str, str],
    text: str,
) -> None:
    """Draw a predicted line with its interval, over all people but those at its ends."""
    from si_research.model.probing import estimates, point_weights

    percent = tail_percent(len(fit.rows))
    start, end = (float(each) for each in np.percentile(fit.rows[x], [percent, 100 - percent]))
    points = np.linspace(start, end, 41)
    weights = list(point_weights(fit, [{**at, x: float(point)} for point in points]))
    found = estimates(fit, weights, [str(place) for place in range(len(points))])
    colour, dashes, marker = style
    axis.fill_between(
        points, found["conf_low"], found["conf_high"], color=colour, alpha=0.14, linewidth=0, zorder=1
    )
    axis.plot(
        points,
        found["estimate"],
        color=colour,
        linestyle=dashes,
        linewidth=2.2,
        marker=marker,
        markevery=[0, len(points) - 1],
        markersize=6,
        label=text,
        zorder=3,
    )


def plot_distributions(
    scores: Scores,
    axes: Sequence[Axes],
    *,
    names: Sequence[str] | None = None,
    rows: pd.Index[Any] | None = None,
    language: str = "en",
    labels: Labels | None = None,
) -> Sequence[Axes]:
    """Draw how people are spread over each scale, over its whole response format.

    Bars of fewer than five people are merged with their neighbour.

    Parameters
    ----------
    scores : Scores
    axes : sequence of matplotlib Axes
        One a scale.
    names : sequence of str, optional
        Scales to draw; all by default.
    rows : pandas.Index, optional
        People to draw; all by default.
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    sequence of matplotlib Axes
    """
    chosen = names or list(scores.scales)
    shown = labels or Labels(voice(language), scores.scales)
    table = scores.table() if rows is None else scores.table().loc[rows]
    for axis, name in zip(np.ravel(np.asarray(axes, dtype=object)), chosen, strict=False):
        _draw_bars(table[name], axis, name, shown)
    return axes


def _draw_bars(scores: pd.Series[Any], axis: Axes, name: str, labels: Labels) -> None:
    facts, speak = labels.scales.get(name), labels.voice
    bars = bars_of(scores, facts)
    widths = bars["bin_high"] - bars["bin_low"]
    axis.bar(
        bars["bin_low"],
        100 * bars["height"],
        width=widths,
        align="edge",
        color=BLUE,
        alpha=0.75,
        edgecolor="white",
        linewidth=0.6,
    )
    if len(bars):
        mean, n_all = float(scores.mean()), len(scores)
        exact = is_exact(told_of_all(scores.count(), n_all), scores.count())
        axis.axvline(mean if exact else told_figure(mean, n_all), color=INK, linewidth=1.6, linestyle="--")
    low, high = widened(*scale_ends(scores, facts))
    edges = [*bars["bin_low"][:1], *bars["bin_high"][-1:]]
    axis.set_xlim(min([low, *edges]), max([high, *edges]))
    whole_steps(axis.xaxis, *scale_ends(scores, facts))
    axis.set_title(fill(sentence_case(plain(labels.of(name))), 36), fontsize=10.5, color=INK)
    axis.xaxis.set_major_formatter(LocaleNumbers(speak))
    axis.yaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis, grid="y")
