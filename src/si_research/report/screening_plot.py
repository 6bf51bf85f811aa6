"""The picture of how far the indices of careless responding mark the same people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from si_research.report.labels import Labels
from si_research.report.plot_style import INK, LIGHT, SMALLEST_TEXT
from si_research.report.screening_tables import agreement_cells, used_indices
from si_research.report.voice import voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.survey.screening.flags import Screening


def plot_agreement(
    screening: Screening, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw how far each pair of indices marks the same people (Jaccard), darker for more.

    Pairs with a group of fewer than five people are blank.

    Parameters
    ----------
    screening : Screening
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Words of a study.

    Returns
    -------
    matplotlib Axes
    """
    speak = (labels or Labels(voice(language))).voice
    names, cells = used_indices(screening), agreement_cells(screening, "jaccard")
    grid = np.full((len(names), len(names)), np.nan)
    for (first, second), value in cells.items():
        grid[names.index(second), names.index(first)] = value
    axis.imshow(grid, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row in range(len(names)):
        for column in range(row):
            value = float(grid[row, column])
            colour = "white" if value > 0.55 else INK
            text = speak.bounded(value) if math.isfinite(value) else speak.say("numbers.none")
            axis.text(column, row, text, ha="center", va="center", color=colour, fontsize=SMALLEST_TEXT)
    heads = [f"{place + 1}. {speak.say(f'screening_short.{name}')}" for place, name in enumerate(names)]
    axis.set_yticks(range(len(names)), heads)
    axis.set_xticks(range(len(names)), [str(place + 1) for place in range(len(names))])
    axis.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axis.grid(which="minor", color=LIGHT, linewidth=0.8)
    axis.tick_params(which="both", length=0, colors=INK, labelsize=max(SMALLEST_TEXT, 9.5))
    for side in axis.spines.values():
        side.set_visible(False)
    axis.set_xlabel(speak.say("figures.agreement.x"), color=INK, size=10)
    return axis
