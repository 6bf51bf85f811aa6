"""Pictures of missing answers: reasons and patterns, scores on part of their items, filled in or not."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from si_research.report.labels import Labels
from si_research.report.missing_counts import shown_patterns, shown_person_mean, shown_reasons
from si_research.report.missing_tables import tested_terms
from si_research.report.plot_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    SMALLEST_TEXT,
    VERMILLION,
    LocaleNumbers,
    draw_intervals,
    finish,
    finish_intervals,
    name_axis,
)
from si_research.report.voice import plain, sentence_case, voice
from si_research.survey.missing.patterns import ABSENT, ANSWERED, MISSING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.missing.pool import PooledInteraction
    from si_research.survey.missing.describe import MissingAnswers
    from si_research.survey.missing.patterns import MissingPatterns

PALE: Final = "#EEF2F4"
LOOKS: Final = {
    "unanswered": (VERMILLION, ""),
    "does_not_know": (ORANGE, ""),
    "refused": ("#CC79A7", ""),
    "unreadable": ("#882255", ""),
    "out_of_range": ("#F0E442", ""),
    "declared_missing": (GREEN, ""),
    "not_asked": (GREY, ""),
    "routed_past": ("#A9B4BB", "////"),
    "does_not_apply": (LIGHT, "...."),
    "hidden": ("white", "xxxx"),
}
"""Colour and hatching of each reason; grey where there is no answer to have, hidden where it is not told."""
MARKS: Final = {ANSWERED: PALE, MISSING: VERMILLION, ABSENT: GREY}
MOST_NAMED: Final = 40
"""Columns of which the names fit below the picture."""
LONGEST_NAME: Final = 15
"""Letters of a name below a picture."""


def plot_missing_reasons(
    answers: MissingAnswers,
    axis: Axes,
    *,
    names: tuple[str, ...] = (),
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw how many per cent of the people gave no answer to each item, by reason.

    Reasons of fewer than five people are drawn together with the next smallest, as not told apart.

    Parameters
    ----------
    answers : MissingAnswers
    axis : matplotlib Axes
    names : tuple of str
        Items, in the order in which they are drawn; by default all.
    language : {"nl", "en"}
    labels : Labels, optional
        Words of a study.

    Returns
    -------
    matplotlib Axes
    """
    speak = (labels or Labels(voice(language))).voice
    table = shown_reasons(answers, "item")
    table = table.loc[list(names) or list(table.index)]
    n_rows, reasons = table["n_rows"], table.drop(columns=["n_rows", "n_answered"])
    parts = reasons.assign(hidden=n_rows - table["n_answered"].fillna(0) - reasons.sum(axis=1))
    parts = 100 * parts.loc[:, (parts.fillna(0) > 0).any()].fillna(0).div(n_rows, axis=0)
    below = np.zeros(len(parts))
    for reason in [each for each in LOOKS if each in parts]:
        colour, hatch = LOOKS[reason]
        places = np.flatnonzero(parts[reason] > 0)
        axis.bar(
            places,
            parts[reason].iloc[places],
            bottom=below[places],
            width=0.8,
            color=colour,
            hatch=hatch,
            edgecolor=INK if hatch else colour,
            linewidth=0.3,
            label=speak.say(f"missing_reasons.{reason}"),
        )
        below += parts[reason].to_numpy()
    axis.set_xlim(-0.5, len(parts) - 0.5)
    _name_columns(axis, list(map(str, parts.index)))
    name_axis(axis, "y", speak.say("figures.missing_patterns.y_reasons"), 22)
    axis.yaxis.set_major_formatter(LocaleNumbers(speak))
    finish(axis, grid="y")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=SMALLEST_TEXT)
    return axis


def _name_columns(axis: Axes, names: list[str]) -> None:
    """Write the names of the items below the picture, upright where they are many, none where too many."""
    if len(names) > MOST_NAMED:
        axis.set_xticks([])
        return
    shown = [shorten(name) for name in names]
    axis.set_xticks(range(len(names)), shown, rotation=90 if _is_turned(shown) else 0)


def _is_turned(shown: list[str]) -> bool:
    return len(shown) * max(map(len, shown), default=0) > 70


def shorten(name: str) -> str:
    """Return a name as it fits below a picture; its beginning and end tell long names apart.

    Examples
    --------
    >>> shorten("q13_Ik_voer_verbeteringen_in"), shorten("k1")
    ('q13_Ik_vo…en_in', 'k1')
    """
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 6]}…{name[-5:]}"


def height_of_names(names: tuple[str, ...]) -> float:
    """Return how high the names below the picture stand, in inches."""
    shown = [shorten(name) for name in names]
    if not 0 < len(shown) <= MOST_NAMED:
        return 0.0
    return 0.085 * max(map(len, shown)) if _is_turned(shown) else 0.18


def plot_missing_patterns(
    found: MissingPatterns,
    axis: Axes,
    *,
    names: tuple[str, ...] = (),
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw which columns are missing together: a row a pattern, the commonest first.

    Patterns of fewer than five people, and those beyond the ten commonest, are one row together.

    Parameters
    ----------
    found : MissingPatterns
    axis : matplotlib Axes
    names : tuple of str
        Columns, in the order in which they are drawn.
    language : {"nl", "en"}
    labels : Labels, optional
        Words of a study.

    Returns
    -------
    matplotlib Axes
    """
    speak = (labels or Labels(voice(language))).voice
    shown = shown_patterns(found, names)
    grid = shown.patterns[list(shown.columns)].to_numpy(dtype="float64")
    grid = np.vstack([grid, np.full((1, len(shown.columns)), np.nan)]) if shown.n_other else grid
    colours = ListedColormap([MARKS[mark] for mark in (ABSENT, MISSING, ANSWERED)])
    edges = [np.arange(size + 1) - 0.5 for size in reversed(grid.shape)]
    axis.pcolormesh(
        *edges, grid, cmap=colours, vmin=ABSENT - 0.5, vmax=ANSWERED + 0.5, edgecolors="white", linewidth=1.2
    )
    axis.invert_yaxis()
    counts = [*shown.patterns["n_rows"], *([shown.n_other] if shown.n_other else [])]
    if shown.n_other:
        text = speak.say("missing_answers.other_patterns", count=shown.n_other_patterns)
        axis.text(
            (len(shown.columns) - 1) / 2,
            len(counts) - 1,
            text,
            ha="center",
            va="center",
            fontsize=SMALLEST_TEXT,
        )
    axis.set_yticks(range(len(counts)), [speak.count(n) for n in counts])
    _name_columns(axis, list(shown.columns))
    axis.tick_params(which="both", length=0, colors=INK, labelsize=max(SMALLEST_TEXT, 9.5))
    for side in axis.spines.values():
        side.set_visible(False)
    name_axis(axis, "y", speak.say("figures.missing_patterns.y"), 30)
    keys = [Patch(color=MARKS[mark], label=speak.say(f"missing_marks.{word}")) for mark, word in _MARK_WORDS]
    axis.legend(
        handles=keys,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=axis.transAxes + _down(axis, height_of_names(shown.columns) + 0.12),
        borderaxespad=0.0,
        ncols=3,
        frameon=False,
        fontsize=SMALLEST_TEXT,
    )
    return axis


def _down(axis: Axes, inches: float) -> ScaledTranslation:
    """Return a step down, whatever the height of the picture: the legend stands below the names."""
    figure = axis.get_figure()
    assert figure is not None
    return ScaledTranslation(0, -inches, figure.dpi_scale_trans)


_MARK_WORDS: Final = ((ANSWERED, "answered"), (MISSING, "missing"), (ABSENT, "absent"))


def plot_person_mean(
    answers: MissingAnswers, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw on how many answers the scores rest: every item, part of them, or no score.

    Parameters
    ----------
    answers : MissingAnswers
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Words of a study.

    Returns
    -------
    matplotlib Axes
    """
    words = labels or Labels(voice(language))
    speak, table = words.voice, shown_person_mean(answers)
    parts = table[["n_all", "n_part"]].fillna(0)
    n_without = table["n_without"].fillna(0)
    parts = parts.assign(untold=table["n_scored"].fillna(0) - parts.sum(axis=1), n_without=n_without)
    shares = 100 * parts / max(answers.items.n_rows, 1)
    start = np.zeros(len(shares))
    looks = {"n_all": BLUE, "n_part": ORANGE, "untold": LIGHT, "n_without": VERMILLION}
    for name, colour in looks.items():
        if not (shares[name] > 0).any():
            continue
        key = speak.say(f"figures.person_mean.{name}")
        axis.barh(range(len(shares)), shares[name], left=start, height=0.6, color=colour, label=key)
        start += shares[name].to_numpy()
    heads = [fill(plain(sentence_case(words.of(str(name)))), 24) for name in shares.index]
    axis.set_yticks(range(len(shares)), heads)
    axis.set_ylim(len(shares) - 0.5, -0.5)
    axis.set_xlim(0, 100)
    axis.set_xlabel(speak.say("figures.person_mean.x"))
    finish(axis, grid="x")
    axis.tick_params(axis="y", length=0)
    axis.legend(
        loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=2, frameon=False, fontsize=SMALLEST_TEXT
    )
    return axis


def plot_pooled(
    pooled: PooledInteraction, axis: Axes, *, language: str = "en", labels: Labels | None = None
) -> Axes:
    """Draw every condition and product from the complete cases, and with missing scores filled in.

    Parameters
    ----------
    pooled : PooledInteraction
    axis : matplotlib Axes
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    words = labels or Labels(voice(language))
    speak, terms = words.voice, tested_terms(pooled)
    looks = (
        (pooled.complete_cases, -0.16, GREY, "o", "white", "complete"),
        (pooled.coefficients, 0.16, BLUE, "D", BLUE, "imputed"),
    )
    for table, shift, colour, marker, face, name in looks:
        chosen, places = table.loc[terms], [place + shift for place in range(len(terms))]
        key = speak.say(f"figures.pooled.{name}", n=int(chosen["n_used"].iloc[0]))
        mark = {"markerfacecolor": face, "label": key}
        draw_intervals(axis, chosen, places, colour=colour, marker=marker, **mark)
    named = [plain(words.term(term)) for term in terms]
    finish_intervals(axis, named, speak.say("figures.pooled.x"), speak)
    axis.legend(
        loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=2, frameon=False, fontsize=SMALLEST_TEXT
    )
    return axis
