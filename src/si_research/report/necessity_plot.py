"""Picture of a necessity analysis: where people are, and the ceilings over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_kind
from si_research.model.necessity.ceiling_fits import CE_FDH, CE_VRS, CR_FDH, CR_VRS, QR, signs
from si_research.model.necessity.necessity import Necessity
from si_research.report.describe import MOST_CELLS, bin_edges, paired_bins
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALLEST_TEXT,
    VERMILLION,
    LocaleNumbers,
    finish,
    name_axis,
    whole_steps,
    widened,
)
from si_research.report.suppression import check_may_be_drawn, smallest_cell
from si_research.report.voice import plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.necessity.ceiling_fits import Ceiling
    from si_research.model.necessity.people import Pairs

LARGEST: Final = 150.0
"""Area of the largest circle of people, in square points."""
STYLES: Final[dict[str, dict[str, Any]]] = {
    CE_FDH: {"color": BLUE, "linestyle": "-"},
    CE_VRS: {"color": GREEN, "linestyle": "-"},
    CR_FDH: {"color": VERMILLION, "linestyle": "--"},
    CR_VRS: {"color": ORANGE, "linestyle": "--"},
    QR: {"color": INK, "linestyle": "-."},
    "c_lp": {"color": GREEN, "linestyle": ":"},
    "cols": {"color": GREY, "linestyle": ":"},
}
FEWEST_PLACES: Final = 3
NARROW: Final = 4.5
"""Inches; the legend of a narrower picture has one column."""
Edges = np.ndarray[Any, np.dtype[np.float64]]


def plot_necessity(
    found: Necessity,
    axis: Axes,
    *,
    condition: str,
    ceilings: Sequence[str] | None = None,
    every_person: bool = False,
    legend: bool = True,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw one condition against the outcome, with the ceilings over the people.

    Parameters
    ----------
    found : Necessity
    axis : matplotlib Axes
    condition : str
        One of ``found.predictors``.
    ceilings : sequence of str, optional
        Of those that ``found`` has; all of them by default.
    every_person : bool
        Draw a mark for everybody and the ceilings as they are: for the researcher's own eyes. Otherwise
        nobody can be recognised, as below.
    legend : bool
        Tell above the picture what is drawn; panels side by side take :func:`plot_necessity_panels`.
    language : {"nl", "en"}
    labels : Labels, optional
        Names and ranges of a study.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ModelSpecificationError
        For a condition or ceiling that ``found`` does not have.

    Notes
    -----
    Everybody on a ceiling is one person, and each corner of its steps gives that person's two scores. So that
    nobody can be recognised:

    - people are circles in the cells of a grid, larger for more; a cell of fewer than five is blank;
    - in place of steps and hulls stands a step line along borders of cells: at the far border of the cell in
      which the fifth of the people with that score on the condition, or one closer to the empty corner,
      stands. Up to four people may be beyond it;
    - CR-FDH and CR-VRS are drawn where they rest on five people or more at three places or more, as through
      two places the line would run through both; the quantile line where five people or more are above it.
      They run over the whole width, so that no end tells where somebody stands;
    - C-LP and COLS run through one or two people by nature, and are left out;
    - axes run over the response format, or to rounded percentiles where that has no ends.
    """
    _check(found, condition, ceilings)
    names = labels or Labels(voice(language))
    chosen = [found.ceilings[condition, name] for name in ceilings or _ceilings_of(found)]
    pairs = found.pairs[condition]
    scores = pd.Series(pairs.x), pd.Series(pairs.y)
    facts = names.scales.get(condition), names.scales.get(found.outcome)
    edges = tuple(bin_edges(s, f, at_most=MOST_CELLS) for s, f in zip(scores, facts, strict=True))
    if every_person:
        check_may_be_drawn("every person as a point (`every_person=True`)")
        axis.plot(*scores, "o", color=GREY, markersize=4, alpha=0.45, markeredgewidth=0, label="_", zorder=1)
        ends = [_around(float(s.min()), float(s.max())) for s in scores]
        for ceiling in chosen:
            _draw_exactly(axis, ceiling, ends[0], names)
    else:
        _draw_cells(axis, paired_bins(*scores, *facts), names)
        ends = [(float(edge[0]), float(edge[-1])) for edge in edges]
        _draw_safely(axis, chosen, pairs, edges, names)
    _finish(axis, found, condition, ends, names)
    if legend:
        wide = axis.get_window_extent().width > NARROW * axis.figure.dpi
        _explain([axis], axis, bbox_to_anchor=(0, 1.0), loc="lower left", ncols=2 if wide else 1)
    return axis


def plot_necessity_panels(found: Necessity, axes: Sequence[Axes], **options: Any) -> Sequence[Axes]:
    """Draw every condition in a panel of its own, side by side, with one legend above all.

    Parameters
    ----------
    found : Necessity
    axes : sequence of matplotlib Axes
        One a condition, of one figure with the layout "constrained".
    **options
        Those of :func:`plot_necessity` but ``condition`` and ``legend``.

    Returns
    -------
    sequence of matplotlib Axes

    Raises
    ------
    ModelSpecificationError
        For another number of axes than conditions.
    """
    if len(axes) != len(found.predictors):
        raise ModelSpecificationError(
            expected=f"{len(found.predictors)} axes, one a condition",
            found=str(len(axes)),
            where="`axes` of plot_necessity_panels",
            todo="make them with figure.subplots(1, number of conditions)",
        )
    for place, (axis, condition) in enumerate(zip(axes, found.predictors, strict=True)):
        plot_necessity(found, axis, condition=condition, legend=False, **options)
        if place:
            axis.set_ylabel("")
    _explain(axes, axes[0].figure, loc="outside upper left", ncols=2)
    return axes


def _around(low: float, high: float) -> tuple[float, float]:
    """Return ends with room beyond them, also around a single value."""
    return widened(low, high) if high > low else (low - max(abs(low), 1.0), high + max(abs(high), 1.0))


def _ceilings_of(found: Necessity) -> list[str]:
    return list(dict.fromkeys(name for _, name in found.ceilings))


def _check(found: object, condition: object, ceilings: Sequence[str] | None) -> None:
    todo = "give what describe_necessity returns"
    check_kind(found, Necessity, "a Necessity", "`found` of plot_necessity", todo)
    assert isinstance(found, Necessity)
    for value, options, where in (
        (condition, found.predictors, "`condition`"),
        *((name, _ceilings_of(found), "`ceilings`") for name in ceilings or ()),
    ):
        if value not in options:
            raise ModelSpecificationError(
                expected=f"one of {', '.join(options)}",
                found=as_found(value),
                where=f"{where} of plot_necessity",
                todo="choose among those that the analysis has",
            )


def _draw_cells(axis: Axes, cells: pd.DataFrame, names: Labels) -> None:
    """Draw a circle in each cell, larger for more people."""
    if cells.empty:
        return
    middle = {side: (cells[f"{side}_low"] + cells[f"{side}_high"]) / 2 for side in ("x", "y")}
    axis.scatter(
        middle["x"],
        middle["y"],
        s=LARGEST * cells["n"] / cells["n"].max(),
        facecolor="none",
        edgecolor=GREY,
        linewidth=1.0,
        zorder=1,
        label=names.voice.say("figures.necessity.people"),
    )


def _draw_safely(
    axis: Axes, chosen: Sequence[Ceiling], pairs: Pairs, edges: Sequence[Edges], names: Labels
) -> None:
    """Draw one step line along borders of cells, and the lines that nobody can be recognised from."""
    if any(not ceiling.is_line for ceiling in chosen):
        x, y = reached_by_five(pairs.x, pairs.y, edges[0], edges[1], chosen[0].corner)
        if len(x):
            label = names.voice.say("figures.necessity.reached")
            axis.plot(x, y, linewidth=2, zorder=3, label=label, **STYLES[CE_FDH])
    for ceiling in chosen:
        if ceiling.is_line and tells_of_nobody(ceiling):
            _draw_line(axis, ceiling, (float(edges[0][0]), float(edges[0][-1])), names)


def tells_of_nobody(ceiling: Ceiling) -> bool:
    """Whether a line rests on so many people that none of them can be recognised from it."""
    if np.isnan(ceiling.slope) or np.isnan(ceiling.effect):
        return False
    if ceiling.name == QR:
        return bool(ceiling.n_above >= smallest_cell())
    on_peers = ceiling.name in (CR_FDH, CR_VRS)
    enough = ceiling.peers.n.sum() >= smallest_cell() and len(ceiling.peers.x) >= FEWEST_PLACES
    return bool(on_peers and enough)


def reached_by_five(x: Edges, y: Edges, x_edges: Edges, y_edges: Edges, corner: int) -> tuple[Edges, Edges]:
    """Return the corners of a step line along borders of cells under which five people or more have come.

    Over each column of cells, from the empty corner's side on, it is at the far border of the cell in which
    the fifth of the people so far stands, counted from the best outcome down; it starts where there are five.
    """
    x_sign, y_sign = signs(corner)
    columns, rows = (np.sort(edge * sign) for edge, sign in ((x_edges, x_sign), (y_edges, y_sign)))
    last = len(columns) - 2
    of = np.clip(np.searchsorted(columns, x * x_sign, side="right" if x_sign > 0 else "left") - 1, 0, last)
    corners: list[tuple[float, float]] = []
    for column in range(last + 1):
        so_far = np.sort(y[of <= column] * y_sign)
        if len(so_far) < smallest_cell():
            continue
        fifth = so_far[-smallest_cell()]
        under = rows <= fifth if y_sign > 0 else rows < fifth
        row = int(np.clip(under.sum(), 1, len(rows) - 1))
        corners += [(columns[column], rows[row]), (columns[column + 1], rows[row])]
    if not corners:
        return np.empty(0), np.empty(0)
    line = np.array(corners)
    return line[:, 0] * x_sign, line[:, 1] * y_sign


def _draw_exactly(axis: Axes, ceiling: Ceiling, ends: tuple[float, float], names: Labels) -> None:
    """Draw steps, hull or line as they are."""
    if ceiling.is_line:
        if not np.isnan(ceiling.effect) and not np.isnan(ceiling.slope):
            _draw_line(axis, ceiling, ends, names)
        return
    x_sign, y_sign = signs(ceiling.corner)
    scope = ceiling.scope.turned(ceiling.corner)
    x, y = ceiling.peers.x * x_sign, ceiling.peers.y * y_sign
    x, y = np.append(x, scope.x_high), np.append(y, y[-1])
    if ceiling.name == CE_FDH:
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    x, y = np.concatenate([[x[0]], x]), np.concatenate([[scope.y_low], y])
    label = names.voice.say(f"figures.necessity.{ceiling.name}")
    axis.plot(x * x_sign, y * y_sign, linewidth=2, zorder=3, label=label, **STYLES[ceiling.name])


def _draw_line(axis: Axes, ceiling: Ceiling, ends: tuple[float, float], names: Labels) -> None:
    heights = [ceiling.intercept + ceiling.slope * end for end in ends]
    label = names.voice.say(f"figures.necessity.{ceiling.name}")
    axis.plot(ends, heights, linewidth=2, zorder=3, label=label, **STYLES[ceiling.name])


def _finish(
    axis: Axes, found: Necessity, condition: str, ends: Sequence[tuple[float, float]], names: Labels
) -> None:
    """Name the axes."""
    axis.set_xlim(*ends[0])
    axis.set_ylim(*ends[1])
    for side, name, (low, high) in (("x", condition, ends[0]), ("y", found.outcome, ends[1])):
        name_axis(axis, side, sentence_case(plain(names.of(name))), 46 if side == "x" else 32)
        which = axis.xaxis if side == "x" else axis.yaxis
        whole_steps(which, float(np.round(low)), float(np.round(high)))
        which.set_major_formatter(LocaleNumbers(names.voice))
    finish(axis)


def _explain(axes: Sequence[Axes], where: Any, **place: Any) -> None:
    """Tell what is drawn in any of the panels, each thing once."""
    drawn: dict[str, Any] = {}
    for axis in axes:
        drawn |= {
            label: drawn.get(label, handle)
            for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
        }
    if drawn:
        where.legend(
            drawn.values(), drawn.keys(), frameon=False, fontsize=SMALLEST_TEXT, handlelength=2.6, **place
        )
