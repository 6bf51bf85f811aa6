"""Picture for a director: how far one condition makes up for another, on a scale with the readings named."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, Final

from si_research.errors import ModelSpecificationError
from si_research.report.labels import Labels
from si_research.report.plot_style import BLUE, GREEN, GREY, INK, LIGHT, ORANGE, VERMILLION, finish
from si_research.report.voice import voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED: Final = {"minimum": -math.inf, "mean": 1.0, "maximum": math.inf}
BEYOND: Final = 0.5
"""Length of the scale beyond the mean, where that up to it is 1."""
ZONES: Final = (
    ("needed", 0.0, 0.5, ORANGE),
    ("partly", 0.5, 1.0, BLUE),
    ("highest", 1.0, 1.0 + BEYOND, GREEN),
)


def place_of_power(p: float) -> float:
    """Return the place of a power of the mean on the scale: 0 at minus infinity, .5 at 0, 1 at 1, on to 1.5.

    Up to the mean it is 1/(2 - p) = s/(1 + s), with s = 1/(1 - p) the elasticity of substitution.

    Parameters
    ----------
    p : float
        Infinities included.

    Returns
    -------
    float, from 0 to 1.5

    Raises
    ------
    ModelSpecificationError
        For a power that is missing.

    Examples
    --------
    >>> [place_of_power(p) for p in (-math.inf, 0, 1, math.inf)]
    [0.0, 0.5, 1.0, 1.5]
    """
    if math.isnan(p):
        raise ModelSpecificationError(
            expected="a power of the mean, infinities included",
            found="a missing one",
            where="p",
            todo="draw the scale only where the power was estimated",
        )
    return 1 / (2 - p) if p <= 1 else 1 + BEYOND * (1 - 1 / p)


def plot_compensation_scale(
    p_hat: float,
    conf_low: float,
    conf_high: float,
    axis: Axes,
    *,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw the power of the mean with its interval on a scale from "only the lowest counts" to "they add up".

    Parameters
    ----------
    p_hat, conf_low, conf_high : float
        Infinities included.
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    speak = (labels or Labels(voice(language))).voice
    for name, low, high, colour in ZONES:
        axis.axvspan(low, high, ymin=0.32, ymax=0.68, color=colour, alpha=0.16, linewidth=0, zorder=0)
        text = fill(speak.say(f"figures.compensation_scale.zones.{name}"), 30)
        axis.text((low + high) / 2, 0.8, text, ha="center", va="center", color=INK, fontsize=9.5)
    for name, p in NAMED.items():
        place = place_of_power(p)
        axis.plot([place, place], [0.32, 0.68], color=GREY, linewidth=0.9, zorder=1)
        text = fill(speak.say(f"figures.compensation_scale.forms.{name}"), 20)
        side = "left" if place == 0 else "right" if name == "maximum" else "center"
        axis.text(place, 0.27, text, ha=side, va="top", color=INK, fontsize=9)
    ends = [place_of_power(p) for p in (conf_low, conf_high)]
    axis.plot(ends, [0.5, 0.5], color=VERMILLION, linewidth=5, solid_capstyle="butt", alpha=0.75, zorder=3)
    axis.plot(place_of_power(p_hat), 0.5, "o", color=VERMILLION, markersize=10, zorder=4, clip_on=False)
    axis.axhline(0.5, color=LIGHT, linewidth=0.8, zorder=1)
    axis.set_xlim(-0.01, 1 + BEYOND + 0.01)
    axis.set_ylim(0, 1)
    finish(axis)
    axis.set_axis_off()
    return axis
