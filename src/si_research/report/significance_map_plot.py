"""The picture of a significance map: slope as colour, hatched where not significant or without people."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.report.describe import paired_bins
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    GREY,
    INK,
    SMALLEST_TEXT,
    LocaleNumbers,
    finish,
    name_axis,
    whole_steps,
)
from si_research.report.voice import plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.significance_map import SignificanceMap

COLOURS: Final = 8
LARGEST: Final = 110.0
"""Area of the largest circle of people, in square points."""
Grid = np.ndarray[Any, np.dtype[Any]]


def plot_significance_map(
    found: SignificanceMap,
    axis: Axes,
    *,
    people: pd.DataFrame | None = None,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw the slope of one condition over the two others.

    Colour (viridis, light is high) and numbers on lines give the slope; slanted hatching where it cannot be
    told from zero, crossed on white where too few people stand.

    Parameters
    ----------
    found : SignificanceMap
    axis : matplotlib Axes
    people : pandas.DataFrame, optional
        Scores on the two others: circles, larger where more people stand; no cell of fewer than five.
    language : {"nl", "en"}
    labels : Labels, optional
        Names and ranges of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    first, second = found.over
    x, y = (np.unique(found.points[name].to_numpy()) for name in found.over)
    shape = (len(x), len(y))
    supported = found.points["supported"].to_numpy().reshape(shape)
    significant = found.points["significant"].to_numpy().reshape(shape)
    if supported.any():
        slope = found.points["estimate"].to_numpy().reshape(shape)
        near = _with_neighbours(supported)  # what juts out lies below the crosses
        _draw_slope(axis, (x, y), np.ma.array(slope, mask=~near), names, found.of)
    _hatch(axis, (x, y), supported & ~significant, "///", "none")
    _hatch(axis, (x, y), ~supported, "xx", "white")
    if people is not None:
        _draw_circles(axis, people, (first, second), names)
    _legend(axis, names, people is not None)
    for side, name, values in (("x", first, x), ("y", second, y)):
        name_axis(axis, side, sentence_case(plain(names.of(name))), 46)
        which = axis.xaxis if side == "x" else axis.yaxis
        if len(values) == 2:
            which.set_ticks(list(values))
        else:
            whole_steps(which, float(values[0]), float(values[-1]))
        which.set_major_formatter(LocaleNumbers(names.voice))
    for reach, values in ((axis.set_xlim, x), (axis.set_ylim, y)):
        reach(*(_edges(values)[[0, -1]] if len(values) < 3 or len(x) < 3 or len(y) < 3 else values[[0, -1]]))
    finish(axis)
    return axis


def _edges(values: Grid) -> Grid:
    """Return the borders of the cells around values, half a step beyond the ends."""
    middles = (values[1:] + values[:-1]) / 2
    half = (values[1] - values[0]) / 2, (values[-1] - values[-2]) / 2
    return np.concatenate([[values[0] - half[0]], middles, [values[-1] + half[1]]])


def _with_neighbours(cells: Grid) -> Grid:
    """Return the cells and those that touch them, so that colours run on to the border of the last cell."""
    padded = np.pad(cells, 1)
    parts = [padded[i : i + cells.shape[0], j : j + cells.shape[1]] for i in range(3) for j in range(3)]
    return np.asarray(np.logical_or.reduce(parts))


def _stepped(axes: tuple[Grid, Grid], cells: Grid) -> tuple[Grid, Grid, Grid]:
    """Return cells with each border twice, so that contours follow the borders of the cells."""
    spread = []
    for values in axes:
        edges = _edges(values)
        gap = 1e-6 * (edges[-1] - edges[0])
        spread.append(np.column_stack([edges[:-1] + gap, edges[1:] - gap]).ravel())
    return spread[0], spread[1], cells.repeat(2, axis=0).repeat(2, axis=1).T


def _draw_slope(axis: Axes, axes: tuple[Grid, Grid], slope: Grid, names: Labels, of: str) -> None:
    """Draw a slope, masked where it is not to be read, as colour with numbers for who sees no colours."""
    from matplotlib.ticker import MaxNLocator

    low, high = float(slope.min()), float(slope.max())
    levels = MaxNLocator(COLOURS).tick_values(low, high if high > low else low + 1e-6)
    stepped = min(slope.shape) < 3  # a condition with two values has nothing in between
    x, y, z = _stepped(axes, slope) if stepped else (*axes, slope.T)
    colours = axis.contourf(x, y, z, levels=levels, cmap="viridis", zorder=0)
    bar = axis.figure.colorbar(colours, ax=axis, format=LocaleNumbers(names.voice))
    text = names.voice.say("figures.significance_map.bar", term=plain(names.of(of)))
    bar.set_label(fill(text, 40), color=INK, size=10)
    bar.ax.tick_params(labelsize=SMALLEST_TEXT, colors=INK)
    if not stepped:
        lines = axis.contour(x, y, z, levels=levels[1:-1], colors="white", linewidths=0.8, zorder=1)
        axis.clabel(lines, fmt=LocaleNumbers(names.voice), fontsize=SMALLEST_TEXT)


def _hatch(axis: Axes, axes: tuple[Grid, Grid], cells: Grid, pattern: str, face: str) -> None:
    """Hatch the cells; on a face of its own where the slope below is not to be read."""
    if not cells.any():
        return
    x, y, z = _stepped(axes, cells.astype("float64"))
    if face != "none":
        axis.contourf(x, y, z, levels=[0.5, 1.5], colors=[face], zorder=2)
    drawn = axis.contourf(x, y, z, levels=[0.5, 1.5], colors="none", hatches=[pattern], zorder=2)
    drawn.set_edgecolor(GREY if face != "none" else "white")
    drawn.set_linewidth(0)


def _draw_circles(axis: Axes, people: pd.DataFrame, over: tuple[str, str], names: Labels) -> None:
    first, second = over
    facts = (names.scales.get(first), names.scales.get(second))
    cells = paired_bins(people[first], people[second], *facts)
    if cells.empty:
        return
    area = LARGEST * cells["n"] / cells["n"].max()
    middle = {side: (cells[f"{side}_low"] + cells[f"{side}_high"]) / 2 for side in ("x", "y")}
    axis.scatter(
        middle["x"], middle["y"], s=area, facecolor="none", edgecolor="black", linewidth=1.0, zorder=3
    )


def _legend(axis: Axes, names: Labels, people: bool) -> None:
    """Name the two hatches, and the circles, above the picture."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    speak = names.voice
    handles: list[Any] = [
        Patch(facecolor="#3B528B", edgecolor="white", hatch="///", linewidth=0),
        Patch(facecolor="white", edgecolor=GREY, hatch="xx", linewidth=0),
    ]
    texts = [speak.say(f"figures.significance_map.{key}") for key in ("not_significant", "no_data")]
    if people:
        handles.append(
            Line2D([], [], marker="o", linestyle="", markerfacecolor="none", markeredgecolor="black")
        )
        texts.append(speak.say("figures.significance_map.people"))
    axis.legend(
        handles,
        texts,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(texts),
        frameon=False,
        fontsize=SMALLEST_TEXT,
        handlelength=2.4,
        handleheight=1.4,
    )
