"""Pictures of a fuzzy-set analysis: the truth table, and memberships against each other."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.model.arguments import check_options
from si_research.model.configurations.set_relations import (
    EITHER,
    necessity,
    sufficiency,
    term_memberships,
    terms_of,
)
from si_research.model.configurations.truth_table import NOT_JUDGED, SUFFICIENT
from si_research.report.labels import Labels
from si_research.report.plot_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LIGHT,
    SMALLEST_TEXT,
    LocaleNumbers,
    finish,
    name_axis,
)
from si_research.report.suppression import is_small, merge_small_groups, told_count
from si_research.report.voice import Voice, plain, sentence_case, voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from si_research.model.configurations.configurations import Configurations

RELATIONS: Final = ("sufficiency", "necessity")
CELLS: Final = 10
"""Cells along a membership; one border is at 0.5."""
LARGEST: Final = 240.0
"""Area of the largest circle of people, in square points."""
WIDE, NARROW = 0.17, 0.135
"""Width of a column of the truth table under a level head and under a turned one; the scale from 0 to 1 is
1."""
LABEL_LETTERS: Final = 64
MOST_ROWS: Final = 32
TOGETHER: Final = "together"


def plot_sufficiency(
    found: Configurations,
    axis: Axes,
    *,
    expression: str | None = None,
    negated: bool = False,
    relation: str = "sufficiency",
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw memberships of an expression against those of the outcome (an XY plot).

    Circles stand for the people of one cell, larger for more of them; cells of fewer than five are blank,
    so that nobody stands alone. An expression is sufficient where people lie above the diagonal, and
    necessary where they lie below it.

    Parameters
    ----------
    found : Configurations
    axis : matplotlib Axes
    expression : str, optional
        Such as ``kunnen*~willen + mogen``; by default all conditions together.
    negated : bool
        Whether the absence of the outcome is meant.
    relation : {"sufficiency", "necessity"}
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    check_options(relation, RELATIONS, "`relation` of plot_sufficiency")
    names = labels or Labels(voice(language))
    terms = terms_of(expression or found.answer.row, found.conditions)
    sets, y = found.sets.arrays()
    x, y = term_memberships(sets, terms).max(axis=1), 1 - y if negated else y
    above = relation == "sufficiency"
    corner = [(0, 0), (0, 1), (1, 1)] if above else [(0, 0), (1, 0), (1, 1)]
    field = axis.fill(*zip(*corner, strict=True), color=GREEN, alpha=0.13, linewidth=0, zorder=0)[0]
    axis.plot([0, 1], [0, 1], color=GREY, linewidth=1, zorder=1)
    for line in (axis.axhline, axis.axvline):
        line(0.5, color=LIGHT, linewidth=0.8, zorder=0.5)
    _draw_people(axis, x, y)
    joined = " + ".join(_term_in_words(term, found.conditions, names) for term in terms)
    speak = names.voice
    for side, words in (("x", joined), ("y", _set_in_words(found.outcome, names, low=negated))):
        name_axis(axis, side, speak.say("figures.configurations.axis", term=words), 44)
    title = _fit_in_words(x, y, relation, speak)
    axis.set_title(title, loc="left", fontsize=SMALLEST_TEXT, color=INK, pad=22)
    _legend(axis, field, speak.say(f"figures.configurations.{relation}"), speak)
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    for which in (axis.xaxis, axis.yaxis):
        which.set_major_formatter(LocaleNumbers(speak))
    finish(axis)
    return axis


def people_in_cells(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """Return how many people each cell of two memberships holds; cells of fewer than five are not there.

    Returns
    -------
    pandas.DataFrame
        x, y (the middle of the cell), n.
    """
    edges = np.linspace(0, 1, CELLS + 1)
    counts, _, _ = np.histogram2d(x, y, bins=[edges, edges])
    middle = (edges[1:] + edges[:-1]) / 2
    cells = [(middle[i], middle[j], int(counts[i, j])) for i, j in zip(*np.nonzero(counts), strict=True)]
    table = pd.DataFrame(cells, columns=["x", "y", "n"])
    shown = table[~table["n"].map(is_small)]
    return shown.assign(n=shown["n"].map(told_count))


def _draw_people(axis: Axes, x: np.ndarray, y: np.ndarray) -> None:
    cells = people_in_cells(x, y)
    if len(cells):
        area = LARGEST * cells["n"] / cells["n"].max()
        axis.scatter(cells["x"], cells["y"], s=area, color=BLUE, alpha=0.75, linewidth=0, zorder=2)


def _fit_in_words(x: np.ndarray, y: np.ndarray, relation: str, speak: Voice) -> str:
    figures = (sufficiency if relation == "sufficiency" else necessity)(x[:, None], y)
    first, second, third = (speak.bounded(float(values[0])) for values in figures)
    key = f"figures.configurations.fit_{relation}"
    return speak.say(key, consistency=first, second=second, coverage=third, n=len(y))


def _set_in_words(name: str, names: Labels, *, low: bool) -> str:
    return names.voice.say(f"figures.configurations.{'low' if low else 'high'}", name=plain(names.of(name)))


def _term_in_words(term: tuple[int, ...], conditions: tuple[str, ...], names: Labels) -> str:
    parts = [
        _set_in_words(name, names, low=value == 0)
        for name, value in zip(conditions, term, strict=True)
        if value != EITHER
    ]
    return " × ".join(parts)


def _legend(axis: Axes, field: Any, text: str, speak: Voice) -> None:
    from matplotlib.lines import Line2D

    circle = Line2D([], [], marker="o", linestyle="", color=BLUE, alpha=0.75, markersize=8)
    axis.legend(
        [field, circle],
        [text, speak.say("figures.configurations.people_in_cells")],
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=2,
        frameon=False,
        fontsize=SMALLEST_TEXT,
        columnspacing=1.2,
    )


def plot_truth_table(
    found: Configurations,
    axis: Axes,
    *,
    negated: bool = False,
    language: str = "en",
    labels: Labels | None = None,
) -> Axes:
    """Draw a truth table: a row a combination of conditions, with its people and how consistent it is.

    Filled dots are conditions that are high, open ones low. The line is consistency over draws of whole
    firms (or of people), a filled square a row that is sufficient, an open one a row that is not; the
    diamond is PRI. Rows of too few people to judge are taken together. A dash stands for the number of
    people of a row with fewer than five, and of the row that would give it away.

    Parameters
    ----------
    found : Configurations
    axis : matplotlib Axes
        About a third of an inch high a row.
    negated : bool
        Whether the absence of the outcome is meant.
    language : {"nl", "en"}
    labels : Labels, optional
        Names of a study.

    Returns
    -------
    matplotlib Axes
    """
    names = labels or Labels(voice(language))
    table = told_rows(found, negated=negated)
    heads = _heads(found, names)
    places = _columns(heads, found.n_firms is not None)
    _draw_heads(axis, heads, places)
    _draw_conditions(axis, table, found, names, places)
    outcome = _set_in_words(found.outcome, names, low=negated)
    label = names.voice.say("figures.configurations.x", outcome=outcome)
    axis.set_xlabel(fill(label, LABEL_LETTERS), loc="right")  # before the legend, which lies below it
    _draw_fit(axis, table, found, names)
    axis.set_xlim(places[0] - WIDE / 2, 1.03)
    axis.set_ylim(len(table) - 0.4, -0.6)
    axis.set_yticks([])
    axis.set_xticks(np.linspace(0, 1, 6))
    axis.xaxis.set_major_formatter(LocaleNumbers(names.voice))
    finish(axis)
    axis.spines["left"].set_visible(False)
    axis.spines["bottom"].set_bounds(0, 1)
    return axis


def told_rows(found: Configurations, *, negated: bool = False) -> pd.DataFrame:
    """Return the rows of a truth table as they may be told: the most consistent first, few people hidden.

    Returns
    -------
    pandas.DataFrame
        As ``Configurations.rows``, with ``told`` (whether its numbers of people may be told) and ``fit``
        (whether its consistency may: it would tell that a row whose people are hidden has five or more, and
        so how few another has). Rows that were not judged, and those beyond the 32 largest, stand in
        one last row without conditions, named ``together``, where there are any.
    """
    name = f"~{found.outcome}" if negated else found.outcome
    table = found.rows[found.rows.index.get_level_values("outcome") == name].droplevel(0)
    judged = table[table["out"] != NOT_JUDGED].nlargest(MOST_ROWS, "n", keep="first")
    shown = judged.sort_values("inclS", ascending=False, kind="stable")
    rest = table.drop(index=shown.index)
    counts = shown["n"].copy()
    if len(rest):
        counts[TOGETHER] = int(rest["n"].sum())
    alone = [group[0] for group in merge_small_groups(counts) if len(group) == 1]
    told = [name for name in alone if not is_small(counts[name])]
    shown = shown.assign(fit=shown.index.isin(told), n_rows=1)  # a fit without its n would say five or more
    if len(rest):
        last = {"n": counts[TOGETHER], "fit": False, "n_rows": len(rest)}
        shown = pd.concat([shown, pd.DataFrame(last, index=[TOGETHER])])
    return shown.assign(told=shown.index.isin(told))


def _heads(found: Configurations, names: Labels) -> list[str]:
    """Return the heads of the columns: the conditions, people, and firms where there are any."""
    counts = ["people"] if found.n_firms is None else ["people", "firms"]
    heads = [sentence_case(plain(names.of(name))) for name in found.conditions]
    return heads + [sentence_case(names.voice.say(f"figures.configurations.{key}")) for key in counts]


def _level(heads: list[str]) -> bool:
    """Whether heads fit beside each other."""
    return len(heads) <= 5 and max(map(len, heads)) <= 12


def _columns(heads: list[str], firms: bool) -> list[float]:
    """Return where the columns stand; the number of firms has a long head."""
    width = WIDE if _level(heads) else NARROW
    steps = [width] * (len(heads) - 1) + [width * (1.3 if firms else 1)]
    return list(np.cumsum(steps) - sum(steps) - width / 2)


def _draw_heads(axis: Axes, heads: list[str], places: list[float]) -> None:
    rotation = 0 if _level(heads) else 90
    for x, head in zip(places, heads, strict=True):
        axis.text(
            x, -0.65, head, fontsize=SMALLEST_TEXT, ha="center", va="bottom", color=INK, rotation=rotation
        )


def _draw_conditions(
    axis: Axes, table: pd.DataFrame, found: Configurations, names: Labels, columns: list[float]
) -> None:
    """Draw a column of dots a condition, and the numbers of people and firms."""
    speak, k = names.voice, len(found.conditions)
    counts = ["n"] if found.n_firms is None else ["n", "n_firms"]
    rows = table[table.index != TOGETHER]
    for place, name in enumerate(found.conditions):
        for value, face in ((1, INK), (0, "white")):
            at = np.flatnonzero(rows[name] == value)
            axis.plot(
                np.full(len(at), columns[place]),
                at,
                "o",
                markersize=9,
                markerfacecolor=face,
                markeredgecolor=INK,
            )
    for row, values in enumerate(table[[*counts, "told"]].to_dict("records")):
        for place, name in enumerate(counts if row < len(rows) else counts[:1], start=k):
            known = values["told"] and not pd.isna(values[name])
            text = speak.count(int(values[name])) if known else "–"
            x = columns[place]
            axis.text(x, row, text, fontsize=SMALLEST_TEXT, ha="center", va="center", color=INK)
    if len(table) > len(rows):
        text = speak.say("figures.configurations.together", count=int(table["n_rows"].iloc[-1]))
        x = columns[0] - WIDE / 3
        axis.text(x, len(rows), text, fontsize=SMALLEST_TEXT, va="center", color=GREY)


def _draw_fit(axis: Axes, table: pd.DataFrame, found: Configurations, names: Labels) -> None:
    """Draw consistency on its interval, and PRI, of every row of people enough; and the cut-off."""
    speak, places = names.voice, np.arange(len(table))
    drawn = table["fit"].to_numpy(dtype=bool)
    rows = table[drawn]
    axis.hlines(places[drawn], rows["conf_low"], rows["conf_high"], color=BLUE, linewidth=2, zorder=2)
    marks: list[Any] = []
    for sufficient, face in ((True, BLUE), (False, "white")):
        chosen = (rows["out"] == SUFFICIENT).to_numpy() == sufficient
        marks += axis.plot(
            rows["inclS"][chosen],
            places[drawn][chosen],
            "s",
            markersize=7,
            markerfacecolor=face,
            markeredgecolor=BLUE,
            zorder=3,
        )
    marks += axis.plot(rows["PRI"], places[drawn], "D", markersize=5, color=GREEN, zorder=2.5)
    cuts, ends = found.choices.cuts, [-0.5, len(table) - 0.5]
    for cut, colour in ((cuts.inclusion, BLUE), (cuts.pri, GREEN)):
        axis.plot([cut, cut], ends, "--", color=colour, linewidth=1, zorder=1)
    _legend_below(axis, marks, speak, speak.rate(found.choices.conf_level))


def _legend_below(axis: Axes, marks: list[Any], speak: Voice, level: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation

    lines = axis.get_xlabel().count("\n")
    below = axis.transAxes + ScaledTranslation(0, -0.5 - 0.17 * lines, axis.figure.dpi_scale_trans)
    axis.legend(
        [*marks, Line2D([], [], linestyle="--", linewidth=1, color=GREY)],
        [
            speak.say("figures.configurations.sufficient", level=level),
            *(speak.say(f"figures.configurations.{key}") for key in ("not_sufficient", "pri", "cut")),
        ],
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=below,
        ncols=2,
        frameon=False,
        fontsize=SMALLEST_TEXT,
    )
