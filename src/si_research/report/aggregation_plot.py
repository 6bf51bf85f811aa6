"""The picture of how far the people of one firm agree, over firms."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from si_research.measurement.aggregation import ENOUGH
from si_research.report.aggregation_counts import firms_in_bars
from si_research.report.labels import Labels
from si_research.report.plot_style import BLUE, GREY, LIGHT, VERMILLION, LocaleNumbers, finish
from si_research.report.voice import plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.measurement.aggregation import Aggregation

LOOKS = {"uniform": (BLUE, "-"), "slight_skew": (VERMILLION, "--")}


def plot_group_agreement(
    found: Aggregation, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw how the firms are spread over r_wg(j), under each null; firms under five people are left out.

    A bar of fewer than five firms joins its neighbour, so that no firm can be found in the picture.

    Parameters
    ----------
    found : Aggregation
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study; by default those of the model.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    for place, each in enumerate(found.agreement):
        bars = firms_in_bars(each)
        if bars.empty:
            continue
        colour, line = LOOKS.get(each.null, (GREY, ":"))
        edges = [*bars["bin_low"], bars["bin_high"].iloc[-1]]
        heights = 100 * bars["height"].to_numpy()
        if place == 0:
            axis.stairs(heights, edges, fill=True, color=LIGHT)
        label = names.voice.say(f"aggregation_nulls.{each.null}")
        axis.stairs(heights, edges, color=colour, linestyle=line, linewidth=1.8, label=label)
    axis.axvline(ENOUGH, color=GREY, linewidth=1, linestyle=":")
    axis.set_xlim(-0.02, 1.02)
    axis.set_ylim(bottom=0)
    axis.set_xticks(np.linspace(0, 1, 6))
    axis.set_title(fill(plain(sentence_case(names.of(found.scale))), 38), fontsize=10.5)
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_formatter(LocaleNumbers(names.voice))
    finish(axis, grid="y")
    return axis
