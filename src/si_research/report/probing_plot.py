"""Pictures of the interaction probed: slopes compared, where an effect differs from zero, every method."""

from __future__ import annotations

from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.model.inference_comparison import WITHIN_FIRMS
from si_research.report.describe import bars_of, records
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
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
from si_research.report.probing_tables import combination_in_words, method_in_words
from si_research.report.probing_words import effect_in_words
from si_research.report.suppression import smallest_cell
from si_research.report.voice import plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.inference_comparison import InferenceComparison
    from si_research.model.johnson_neyman import JohnsonNeyman
    from si_research.model.slope_differences import SlopeDifferences

MOST_LETTERS: Final = 40
"""Before a slope, on one line."""
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def pairs_of(found: SlopeDifferences) -> list[str]:
    """Return the pairs by the numbers of their slopes, such as "1 − 2"."""
    numbers = {name: place for place, name in enumerate(found.slopes["combination"], start=1)}
    return [
        f"{numbers[row['first']]} \N{MINUS SIGN} {numbers[row['second']]}"
        for row in records(found.differences)
    ]


def heads_of(found: SlopeDifferences, labels: Labels) -> list[str]:
    """Return what stands before each slope; long names a line each, cut off where they do not fit."""
    heads = []
    for place, name in enumerate(found.slopes["combination"], start=1):
        parts = plain(combination_in_words(found.points, name, labels))
        head = f"{place}: {parts}"
        if len(head) > MOST_LETTERS:
            cut = [
                f"{shorten(plain(labels.of(str(other))), MOST_LETTERS - 10, placeholder=' …')} "
                f"{labels.voice.say(f'views.{level}')}"
                for other, level in zip(found.points.index, name.split(), strict=True)
            ]
            head = f"{place}: " + "\n".join(cut)
        heads.append(head)
    return heads


def plot_slope_forest(
    found: SlopeDifferences, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw the slopes of one condition where the others are high or low, and their differences below.

    Full squares stand after Holm's correction; grey open marks have fewer than five people nearby.

    Parameters
    ----------
    found : SlopeDifferences
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    alpha, n_slopes = 1 - found.conf_level, len(found.slopes)
    supported = found.slopes["supported"].to_numpy(dtype=bool)
    _forest_rows(axis, found.slopes, 0, "o", supported, supported)
    supported = found.differences["supported"].to_numpy(dtype=bool)
    stands = found.differences["p_holm"].to_numpy() < alpha
    _forest_rows(axis, found.differences, n_slopes, "s", stands & supported, supported)
    axis.axhline(n_slopes - 0.5, color=GREY, linewidth=0.8)
    ticks = [*heads_of(found, names), *pairs_of(found)]
    finish_intervals(axis, ticks, "", names.voice)
    title = names.voice.say("figures.slope_forest.title_of", term=plain(names.of(found.of)))
    axis.set_title(fill(title, 48), fontsize=10.5, color=INK)
    return axis


def _forest_rows(
    axis: Axes, table: pd.DataFrame, first: int, marker: str, full: Flags, supported: Flags
) -> None:
    """Draw the rows of a table from a place down: full, open, or grey where few people are."""
    for is_full, has_people in ((True, True), (False, True), (False, False)):
        places = np.flatnonzero((full == is_full) & (supported == has_people))
        if len(places):
            colour = (BLUE if marker == "o" else VERMILLION) if has_people else GREY
            face = colour if is_full else "white"
            draw_intervals(
                axis,
                table.iloc[places],
                list(first + places),
                colour=colour,
                marker=marker,
                markerfacecolor=face,
            )


def plot_johnson_neyman(
    found: JohnsonNeyman,
    axis: Axes,
    *,
    people: pd.Series[Any] | None = None,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw an effect along one condition with its band, and where it can be told from zero.

    Parameters
    ----------
    found : JohnsonNeyman
        Of one line: with no remaining predictor.
    axis : matplotlib Axes
    people : pandas.Series, optional
        Scores on that condition: drawn as bars of five people and more below the line, and what fewer than
        five people reach is hatched.
    language : {"nl", "en"}
    labels : Labels, optional
        Names and ranges of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    speak, curve = names.voice, found.curve
    facts = names.scales.get(found.over)
    ends = (float(curve[found.over].min()), float(curve[found.over].max()))
    if facts is not None and np.isfinite([facts.lowest, facts.highest]).all():
        ends = (facts.lowest, facts.highest)
    x = curve[found.over].to_numpy()
    axis.fill_between(x, curve["conf_low"], curve["conf_high"], color=GREY, alpha=0.25, linewidth=0, zorder=2)
    for side in ("conf_low", "conf_high"):
        axis.plot(x, curve[side], color=GREY, linewidth=0.8, zorder=2)
    axis.plot(x, curve["estimate"], color=BLUE, linewidth=2.2, zorder=4)
    _mark_regions(found, axis, ends, speak.say("figures.johnson_neyman.significant"))
    axis.axhline(0, color=INK, linewidth=0.9, zorder=3)
    axis.set_xlim(*widened(*ends))
    low, high = float(curve["conf_low"].min()), float(curve["conf_high"].max())
    axis.set_ylim(min(low, 0) - 0.28 * (high - low), max(high, 0) + 0.05 * (high - low))
    if people is not None:
        _draw_density(people, axis, found.over, names)
        _mark_no_data(people, axis, ends, speak.say("figures.johnson_neyman.no_data"))
    name_axis(axis, "x", sentence_case(plain(names.of(found.over))), 60)
    effect = plain(effect_in_words(found.of, names))
    name_axis(axis, "y", speak.say("figures.johnson_neyman.y", effect=effect), 40)
    whole_steps(axis.xaxis, *ends)
    axis.xaxis.set_major_formatter(LocaleNumbers(speak))
    axis.yaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis)
    if axis.get_legend_handles_labels()[1]:
        axis.legend(loc="best", framealpha=0.9, edgecolor="none", fontsize=SMALLEST_TEXT)
    return axis


def _mark_regions(found: JohnsonNeyman, axis: Axes, ends: tuple[float, float], text: str) -> None:
    """Shade where the effect can be told from zero, and draw a line at each bound."""
    drawn = False
    for row in records(found.regions):
        low, high = max(row["low"], ends[0]), min(row["high"], ends[1])
        if row["significant"] and low < high:
            label: dict[str, Any] = {} if drawn else {"label": text}
            axis.axvspan(low, high, color="#56B4E9", alpha=0.28, linewidth=0, zorder=0, **label)
            drawn = True
    for bound in found.bounds["bound"]:
        if ends[0] < bound < ends[1]:
            axis.axvline(float(bound), color=INK, linestyle="--", linewidth=1.1, zorder=3)


def _draw_density(people: pd.Series[Any], axis: Axes, name: str, labels: Labels) -> None:
    """Draw how people are spread, in the lowest sixth of the picture."""
    bars = bars_of(people, labels.scales.get(name))
    if bars.empty:
        return
    height = 0.16 * bars["height"] / bars["height"].max()
    axis.bar(
        bars["bin_low"],
        height,
        width=bars["bin_high"] - bars["bin_low"],
        align="edge",
        color=GREY,
        edgecolor="white",
        linewidth=0.6,
        transform=axis.get_xaxis_transform(),
        zorder=1,
    )


def _mark_no_data(people: pd.Series[Any], axis: Axes, ends: tuple[float, float], text: str) -> None:
    """Hatch what lies beyond the fifth lowest and fifth highest score: extremes tell of one person."""
    values = np.sort(people.dropna().to_numpy(dtype="float64"))
    if len(values) < smallest_cell():
        return
    drawn = False
    for low, high in ((ends[0], values[smallest_cell() - 1]), (values[-smallest_cell()], ends[1])):
        if low < high:
            label: dict[str, Any] = {} if drawn else {"label": text}
            axis.axvspan(
                low, high, facecolor="none", edgecolor=GREY, hatch="///", linewidth=0, zorder=1, **label
            )
            drawn = True


def methods_drawn(found: InferenceComparison) -> pd.DataFrame:
    """Return the methods that have an interval, and the recommended one: a dot alone would look precise."""
    return found.methods[found.methods["conf_low"].notna() | found.methods["recommended"]]


def plot_inference_comparison(
    found: InferenceComparison, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw one coefficient under every method that has an interval; the recommended one full and ticked.

    Parameters
    ----------
    found : InferenceComparison
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    table = methods_drawn(found)
    finite = table[["estimate", "conf_low", "conf_high"]].to_numpy(dtype="float64")
    finite = finite[np.isfinite(finite)]
    low, high = widened(min(0.0, float(finite.min())), max(0.0, float(finite.max())))
    for place, row in enumerate(records(table)):
        colour, marker = (VERMILLION, "s") if row["recommended"] else (BLUE, "o")
        if row["method"] == WITHIN_FIRMS:
            colour, marker = GREEN, "D"
        face = colour if row["recommended"] else "white"
        inside = table.iloc[[place]].assign(
            conf_low=max(row["conf_low"], low), conf_high=min(row["conf_high"], high)
        )
        draw_intervals(axis, inside, [place], colour=colour, marker=marker, markerfacecolor=face)
        for end, at, arrow in (("conf_low", low, "<"), ("conf_high", high, ">")):
            if np.isinf(row[end]):
                axis.plot(at, place, arrow, color=colour, markersize=7, clip_on=False)
    ticks = [
        method_in_words(str(row["method"]), names) + (" ✓" if row["recommended"] else "")
        for row in records(table)
    ]
    x = names.voice.say("figures.inference_comparison.x", term=plain(names.term(found.term)))
    finish_intervals(axis, ticks, fill(x, 60), names.voice)
    axis.set_xlim(low, high)
    return axis
