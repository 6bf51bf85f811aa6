"""The look that the pictures share: colours, letters, axes."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from matplotlib.ticker import Formatter, MultipleLocator

from si_research.report.voice import Voice

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
INK, GREY, LIGHT = "#1F2933", "#6B7780", "#C9D1D6"
WIDTH: Final = 7.4
"""Inches; the column of the page, so that letters keep their size."""
MOST_STEPS: Final = 10
SMALLEST_TEXT: Final = 9.0
"""Size of the smallest letters, in points."""


def new_figure(height: float) -> Figure:
    """Return an empty figure as wide as the column of the page; ``height`` in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def widened(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a scale with a little room beyond them, so that marks at an end are whole."""
    room = 0.05 * (high - low)
    return low - room, high + room


def whole_steps(side: Axis, low: float, high: float) -> None:
    """Mark the answers themselves along a scale of few whole points."""
    if high - low <= MOST_STEPS and float(low).is_integer() and float(high).is_integer():
        side.set_major_locator(MultipleLocator(1))


class LocaleNumbers(Formatter):
    """Numbers along an axis as the language writes them, with the decimals that the ticks need."""

    def __init__(self, speak: Voice) -> None:
        self.speak, self.digits = speak, 0

    def set_locs(self, locs: Any) -> None:
        """Find how many decimals tell the ticks apart."""
        places = [len(f"{float(tick):.4f}".rstrip("0").partition(".")[2]) for tick in locs]
        self.digits = max(places, default=0)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the text of one tick."""
        return self.speak.number(float(x), self.digits)


def name_axis(axis: Axes, side: str, text: str, width: int) -> None:
    """Name an axis, in lines that fit."""
    (axis.set_xlabel if side == "x" else axis.set_ylabel)(fill(text, width))


def draw_intervals(
    axis: Axes, table: pd.DataFrame, places: Sequence[float], *, colour: str, marker: str, **mark: Any
) -> None:
    """Draw each estimate of a table at its place, on its interval where that is known."""
    axis.hlines(places, table["conf_low"], table["conf_high"], color=colour, linewidth=2, zorder=2)
    axis.plot(table["estimate"], places, marker, color=colour, markersize=7, zorder=3, **mark)


def finish_intervals(axis: Axes, names: Sequence[str], x: str, speak: Voice) -> None:
    """Name the rows of a picture of estimates, the first on top, and mark where an estimate is none."""
    axis.axvline(0, color=GREY, linewidth=0.9, zorder=1)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlabel(x)
    axis.xaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis, grid="x")
    axis.tick_params(axis="y", length=0)


def finish(axis: Axes, grid: str = "") -> None:
    """Give a picture the look of the house."""
    import seaborn as sns

    sns.despine(ax=axis)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(GREY)
    axis.tick_params(colors=INK, labelsize=max(SMALLEST_TEXT, 9.5))
    axis.xaxis.label.set(color=INK, size=10)
    axis.yaxis.label.set(color=INK, size=10)
    axis.set_axisbelow(True)
    if grid:
        axis.grid(axis=grid, color=LIGHT, linewidth=0.6)  # type: ignore[arg-type]
