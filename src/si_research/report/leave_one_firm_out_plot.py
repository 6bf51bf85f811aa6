"""Picture of a term without each firm in turn: sorted, unlabelled, on the interval that all firms give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from si_research.report.describe import record
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    VERMILLION,
    LocaleNumbers,
    finish,
    name_axis,
    widened,
)
from si_research.report.robustness_counts import shown_firms
from si_research.report.suppression import check_may_be_drawn
from si_research.report.voice import plain, voice

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from si_research.model.influence import LeaveOneFirmOut

MOST_MARKS: Final = 60
"""Firms up to which each has a mark."""
FEW_MARKS: Final = 20
MARKS_AT_END: Final = 20
STRIP: Final = 12
"""Room that the firms between the ends take, in marks."""
POINTS_OF_STRIP: Final = 40


def marked_places(n_firms: int) -> tuple[int, ...]:
    """Return which firms, counted from the lowest estimate, have a mark: all, or those at the ends.

    Examples
    --------
    >>> len(marked_places(12)), len(marked_places(5000)), marked_places(5000)[19:21]
    (12, 40, (19, 4980))
    """
    if n_firms <= MOST_MARKS:
        return tuple(range(n_firms))
    return (*range(MARKS_AT_END), *range(n_firms - MARKS_AT_END, n_firms))


def plot_leave_one_firm_out(
    found: LeaveOneFirmOut,
    axis: Axes,
    *,
    term: str | None = None,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw the estimate of a term without each firm in turn, lowest first, on the interval with all firms.

    Firms have no name, and those of fewer than five people no mark. Open squares: without that firm the
    reading turns. Of more than 60 firms only the 20 lowest and 20 highest have marks; a line joins them.

    Parameters
    ----------
    found : LeaveOneFirmOut
    axis : matplotlib Axes
    term : str, optional
        The highest product by default.
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    check_may_be_drawn("one in which every mark is the result without one organisation")
    names = labels or Labels(voice(language))
    chosen = term or found.terms[-1]
    whole, rows = record(found.whole, chosen), shown_firms(found, chosen)
    axis.axvspan(whole["conf_low"], whole["conf_high"], color=LIGHT, alpha=0.55, linewidth=0, zorder=0)
    axis.axvline(0, color=GREY, linewidth=0.9, zorder=1)
    axis.axvline(whole["estimate"], color=INK, linewidth=1.2, linestyle="--", zorder=2)
    last = _draw_firms(rows, axis)
    axis.set_ylim(last + 0.8, -0.8)
    reach = [0.0, whole["conf_low"], whole["conf_high"], *rows["estimate"]]
    axis.set_xlim(*widened(min(reach), max(reach)))
    axis.set_yticks([])
    axis.xaxis.set_major_formatter(LocaleNumbers(names.voice))
    axis.locator_params(axis="x", nbins=5)
    name = names.voice.say("figures.leave_one_firm_out.x", term=plain(names.term(chosen)))
    name_axis(axis, "x", name, 44)
    finish(axis, grid="x")
    axis.spines["left"].set_visible(False)
    return axis


def _draw_firms(rows: pd.DataFrame, axis: Axes) -> float:
    """Draw the marks, and a line where firms between them have none; return the last place."""
    n, estimates = len(rows), rows["estimate"].to_numpy()
    chosen = np.array(marked_places(n), dtype=int)
    places = chosen.astype("float64")
    if len(chosen) < n:
        places[MARKS_AT_END:] += MARKS_AT_END + STRIP - chosen[MARKS_AT_END]
        ranks = np.linspace(MARKS_AT_END - 1, n - MARKS_AT_END, POINTS_OF_STRIP).round().astype(int)
        between = np.linspace(places[MARKS_AT_END - 1], places[MARKS_AT_END], POINTS_OF_STRIP)
        axis.plot(estimates[ranks], between, color=BLUE, linewidth=1.6, zorder=3)
    turns = rows["conclusion_turns"].to_numpy(dtype=bool)[chosen]
    for is_turned, marker, colour, face in (
        (False, "o", BLUE, BLUE),
        (True, "s", VERMILLION, "white"),
    ):
        here = turns == is_turned
        axis.plot(
            estimates[chosen[here]],
            places[here],
            marker,
            color=colour,
            markerfacecolor=face,
            markeredgewidth=1.2,
            markersize=5 if len(chosen) <= FEW_MARKS else 3.6,
            zorder=4,
        )
    return float(places[-1]) if n else 0.0
