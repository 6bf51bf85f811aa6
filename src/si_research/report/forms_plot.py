"""Pictures of how far one condition can make up for another: the profile of the power, and what forms say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.model.forms.power_mean import NAMED
from si_research.model.forms.profile import bounded
from si_research.model.forms.surface import form_surface
from si_research.report.describe import paired_bins
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    BLUE,
    GREY,
    INK,
    SMALLEST_TEXT,
    VERMILLION,
    LocaleNumbers,
    finish,
    name_axis,
    whole_steps,
)
from si_research.report.voice import Voice, plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.forms.compensation import Compensation

TICKS: Final = (-np.inf, -4.0, -1.0, 0.0, 1.0, 4.0, np.inf)
DEEPEST: Final = 16.0
"""Log-likelihood lost, below which the profile is cut off: a form that fits so much worse is no rival."""
LARGEST: Final = 110.0
"""Area of the largest circle of people, in square points."""
COLOURS: Final = 8


def plot_compensation(
    found: Compensation, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw how well each power fits, with the named forms and the interval of the power that fits best.

    The higher the line, the better the fit. Left of the line at 0 each condition is essential; right of it
    one can make up for another. A form that fits so much worse that it lies below the picture is a triangle
    at its foot.

    Parameters
    ----------
    found : Compensation
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.ticker import MaxNLocator

    speak = (labels or Labels(voice(language))).voice
    profile = found.profile
    u, lost = bounded(profile.index.to_numpy(dtype="float64")), -profile["deviance"].to_numpy() / 2
    foot = -max(min(DEEPEST, float(-lost.min())), 3.0) * 1.12
    band = bounded(np.array([found.boot_low, found.boot_high]))
    axis.axvspan(*band, color=BLUE, alpha=0.13, linewidth=0, zorder=0)
    axis.axvline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    axis.plot(u, lost, color=BLUE, linewidth=2, zorder=3)
    _draw_forms(axis, found, foot, speak)
    if not np.isnan(found.p_hat):
        axis.plot([bounded(found.p_hat)], [0], "o", color=VERMILLION, markersize=8, zorder=5)
    axis.set(xlim=(-1.06, 1.06), ylim=(foot, -0.26 * foot))
    _sides(axis, speak)
    axis.set_xticks(bounded(np.array(TICKS)), [_power(p, speak) for p in TICKS])
    axis.set_yticks([tick for tick in MaxNLocator(6).tick_values(foot, 0) if foot <= tick <= 0])
    axis.yaxis.set_major_formatter(LocaleNumbers(speak))
    name_axis(axis, "x", speak.say("figures.forms.power"), 60)
    name_axis(axis, "y", speak.say("figures.forms.lost"), 40)
    _legend(axis, found, speak)
    finish(axis)
    return axis


def _power(p: float, speak: Voice) -> str:
    """Return a power as the axis writes it."""
    if np.isinf(p):
        return "−∞" if p < 0 else "∞"
    return speak.number(p, 0)


def _draw_forms(axis: Axes, found: Compensation, foot: float, speak: Voice) -> None:
    """Mark the named forms on the line, or at the foot where they lie below it."""
    best = 0.0 if np.isnan(found.p_hat) else found.p_hat
    for form, p in NAMED.items():
        lost = -float(found.profile["deviance"][p]) / 2
        below = lost < foot * 0.97
        place, height = float(bounded(p)), foot * 0.965 if below else lost
        axis.plot(
            [place],
            [height],
            "v" if below else "D",
            color=INK,
            markersize=6,
            markerfacecolor="white",
            zorder=4,
            clip_on=False,
        )
        across, up, align = _beside(form, place, float(bounded(best)), below, height < 0.8 * foot)
        axis.annotate(
            fill(speak.say(f"figures.forms.{form}"), 12),
            (place, height),
            xytext=(across, up),
            textcoords="offset points",
            ha=align,
            va="bottom" if up > 0 else "top",
            fontsize=SMALLEST_TEXT,
            color=INK,
            zorder=6,
        )


def _beside(form: str, place: float, best: float, below: bool, low: bool) -> tuple[float, float, str]:
    """Return where the name of a form stands beside its mark, off the line: it rises up to the best power."""
    if abs(place - best) < 0.12 and np.isfinite(NAMED[form]):
        return (-8, 4, "right") if place < best else (8, 4, "left")
    if form == "minimum" and abs(place - best) < 0.12:
        return 0, 9, "left"
    if form == "maximum":
        return 12, 7, "right"
    if (low or below) and place < best and np.isfinite(NAMED[form]):
        return -8, 4, "right"  # beside a rising line, where the foot leaves no room under it
    return 8, 4 if below or place > best else -2, "left"


def _sides(axis: Axes, speak: Voice) -> None:
    """Say what lies on either side of 0."""
    for place, key, align in ((-0.02, "essential", "right"), (0.02, "making_up", "left")):
        axis.text(
            place,
            0.985,
            speak.say(f"figures.forms.{key}"),
            transform=axis.get_xaxis_transform(),
            ha=align,
            va="top",
            fontsize=SMALLEST_TEXT,
            color=GREY,
        )


def _legend(axis: Axes, found: Compensation, speak: Voice) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    best = Line2D([], [], marker="o", linestyle="", color=VERMILLION, markersize=8)
    form = Line2D([], [], marker="D", linestyle="", color=INK, markerfacecolor="white", markersize=6)
    band = Patch(facecolor=BLUE, alpha=0.13, linewidth=0)
    number = "–" if np.isnan(found.p_hat) else _power_with_digits(found.p_hat, speak)
    texts = [
        speak.say("figures.forms.best", p=number),
        speak.say(
            "figures.forms.interval",
            level=speak.level(found.conf_level),
            low=_power_with_digits(found.boot_low, speak),
            high=_power_with_digits(found.boot_high, speak),
        ),
        speak.say("figures.forms.named"),
    ]
    axis.legend(
        [best, band, form],
        texts,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=3,
        frameon=False,
        fontsize=SMALLEST_TEXT,
        handlelength=1.4,
        columnspacing=1.2,
    )


def _power_with_digits(p: float, speak: Voice) -> str:
    return _power(p, speak) if np.isinf(p) else speak.number(p, 1)


def plot_form_surface(
    found: Compensation,
    axis: Axes,
    *,
    over: Sequence[str] | None = None,
    at: Mapping[str, float] | None = None,
    p: float | None = None,
    people: bool = True,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw what a form predicts over two conditions, at a level of the third.

    Draw it twice, once as it fits best and once with ``p=1``: colours and numbers have the same scale in
    both, so that the two can be laid side by side.

    Parameters
    ----------
    found : Compensation
    axis : matplotlib Axes
    over, at, p
        As in :func:`~si_research.model.forms.surface.form_surface`.
    people : bool
        Whether circles show where people are; no cell of fewer than five.
    language : {"nl", "en"}
    labels : Labels, optional
        Names and ranges of a study.

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.ticker import MaxNLocator

    names = labels or Labels(voice(language))
    grid = form_surface(found, over=over, at=at, p=p)
    both = [form_surface(found, over=over, at=at, p=each)["estimate"] for each in (None, 1.0, p)]
    low, high = (float(end) for end in (min(each.min() for each in both), max(each.max() for each in both)))
    levels = MaxNLocator(COLOURS).tick_values(low, high if high > low else low + 1e-6)
    first, second = list(found.predictors[:2]) if over is None else list(over)
    table = grid.pivot_table(index=second, columns=first, values="estimate")
    x, y, z = table.columns.to_numpy(), table.index.to_numpy(), table.to_numpy()
    colours = axis.contourf(x, y, z, levels=levels, cmap="viridis", zorder=0)
    lines = axis.contour(x, y, z, levels=levels[1:-1], colors="white", linewidths=0.9, zorder=1)
    axis.clabel(lines, fmt=LocaleNumbers(names.voice), fontsize=SMALLEST_TEXT)
    bar = axis.figure.colorbar(colours, ax=axis, format=LocaleNumbers(names.voice))
    bar.set_label(fill(sentence_case(plain(names.of(found.outcome))), 40), color=INK, size=10)
    bar.ax.tick_params(labelsize=SMALLEST_TEXT, colors=INK)
    if people:
        _draw_people(axis, found, (first, second), names)
    axis.set_title(_surface_title(found, grid, (first, second), p, names), loc="left", fontsize=10, color=INK)
    for side, name, values in (("x", first, x), ("y", second, y)):
        name_axis(axis, side, sentence_case(plain(names.of(name))), 46)
        which = axis.xaxis if side == "x" else axis.yaxis
        whole_steps(which, float(values[0]), float(values[-1]))
        which.set_major_formatter(LocaleNumbers(names.voice))
    finish(axis)
    return axis


def _draw_people(axis: Axes, found: Compensation, over: tuple[str, str], names: Labels) -> None:
    """Draw circles where people are; cells of fewer than five are blank."""
    scores = []
    for name in over:
        low, high = found.ends[name]
        scores.append(pd.Series(low + (high - low) * found.rows.x01[:, found.predictors.index(name)]))
    facts = (names.scales.get(over[0]), names.scales.get(over[1]))
    cells = paired_bins(scores[0], scores[1], *facts)
    if cells.empty:
        return
    area = LARGEST * cells["n"] / cells["n"].max()
    middle = {side: (cells[f"{side}_low"] + cells[f"{side}_high"]) / 2 for side in ("x", "y")}
    axis.scatter(
        middle["x"], middle["y"], s=area, facecolor="none", edgecolor="black", linewidth=0.9, zorder=3
    )


def _surface_title(
    found: Compensation, grid: pd.DataFrame, over: tuple[str, str], p: float | None, names: Labels
) -> str:
    """Say which form it is, and where the third condition stands."""
    speak = names.voice
    power = found.p_hat if p is None else p
    known: dict[str, Any] = {name: value for name, value in NAMED.items() if value == power}
    form = speak.say(f"figures.forms.{next(iter(known))}") if known else speak.say("figures.forms.other")
    key = "fits_best" if p is None and not np.isnan(power) else "supposed"
    power = 1.0 if np.isnan(power) else power
    lines = [speak.say(f"figures.forms.{key}", form=form, p=_power_with_digits(power, speak))]
    for third in found.predictors:
        if third not in over:
            level = speak.number(float(grid[third].iloc[0]), 1)
            lines.append(speak.say("figures.forms.third", name=plain(names.of(third)), level=level))
    return "\n".join(lines)
