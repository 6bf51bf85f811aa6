"""What may be shown of missing answers: counts of five and more, and nothing that gives smaller ones away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from si_research.report.describe import described_scales
from si_research.report.suppression import is_small, merge_small_groups, smallest_cell, told_of_all
from si_research.survey.missing.patterns import ABSENT, ANSWERED, MISSING, MissingPatterns
from si_research.survey.survey_data import REASONS

if TYPE_CHECKING:
    from si_research.model.missing.imputed import ImputedScores
    from si_research.report.findings import StudyFindings
    from si_research.survey.missing.describe import MissingAnswers

MOST_PATTERNS: Final = 10
"""Patterns that are shown at most; the others are taken together."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownPatterns:
    """The patterns of missing answers of which the numbers may be shown.

    Attributes
    ----------
    columns : tuple of str
        In the order of the survey.
    patterns : pandas.DataFrame
        A column each (1 answered, 0 missing, -1 no answer to have), n_rows and share; the commonest first.
    n_other, n_other_patterns : int
        Rows of the patterns that are taken together, and how many patterns these are.
    """

    columns: tuple[str, ...]
    patterns: pd.DataFrame = field(repr=False)
    n_other: int
    n_other_patterns: int


def shown_patterns(found: MissingPatterns, order: tuple[str, ...] = ()) -> ShownPatterns:
    """Return the patterns of five people and more; the others are taken together.

    Parameters
    ----------
    found : MissingPatterns
    order : tuple of str
        Columns in the order in which they are shown; by default as they are.

    Notes
    -----
    A pattern is also taken together with the others where these would otherwise tell fewer than five: in all,
    or for one column, since the rows without an answer in a column are known from other tables.
    """
    columns = order or tuple(map(str, found.variables.index))
    table = found.patterns.sort_values("n_rows", ascending=False, kind="stable")
    marks, n = table[list(columns)].to_numpy(), table["n_rows"].to_numpy()
    is_shown = (n >= smallest_cell()) & (np.arange(len(n)) < MOST_PATTERNS)
    while is_shown.any():
        place = _to_hide(marks, n, is_shown)
        if place is None:
            break
        is_shown[place] = False
    chosen = table.loc[is_shown, [*columns, "n_rows", "share"]].reset_index(drop=True)
    return ShownPatterns(columns, chosen, int(n[~is_shown].sum()), int((~is_shown).sum()))


def _to_hide(marks: np.ndarray, n: np.ndarray, is_shown: np.ndarray) -> int | None:
    """Return the smallest shown pattern that must go to the others; None when nothing small is told."""
    hidden = np.where(is_shown, 0, n)
    if hidden.sum() > 0 and is_small(hidden.sum()):
        return int(np.flatnonzero(is_shown)[-1])
    for mark in (MISSING, ABSENT, ANSWERED):
        left = hidden @ (marks == mark)
        for column in np.flatnonzero((left > 0) & (left < smallest_cell())):
            able = np.flatnonzero(is_shown & (marks[:, column] == mark))
            if len(able):
                return int(able[-1])
    return None


def shown_reasons(answers: MissingAnswers, level: str) -> pd.DataFrame:
    """Return how many answers (or scores) are missing for each reason that occurs; small ones missing.

    Parameters
    ----------
    answers : MissingAnswers
    level : {"item", "score"}

    Returns
    -------
    pandas.DataFrame, indexed by ``variable``
        n_rows, n_answered (everybody, where fewer than five did not; missing where one to four did), and a
        column a reason, float. A reason of fewer than five people is missing, with the next smallest one
        where it could be worked out from the total; every reason is, where one to four answered.
    """
    table = answers.reasons[answers.reasons["level"] == level]
    found = [reason for reason in REASONS if (table[reason] > 0).any()]
    counts = table[found].astype("float64")
    for name, row in counts.iterrows():
        counts.loc[name, _hidden_among(row)] = np.nan
    few = _is_few(table["n_answered"])
    told = [told_of_all(n, n_all) for n, n_all in zip(table["n_answered"], table["n_rows"], strict=True)]
    answered = pd.Series(told, table.index, dtype="float64").mask(few)
    return pd.concat([table[["n_rows"]].assign(n_answered=answered), counts.mask(few, axis=0)], axis=1)


def _hidden_among(row: pd.Series) -> list[str]:
    """Return the labels whose counts may not be told, where the total is known; all, of fewer than five."""
    counts = row[row > 0]
    if not counts.map(is_small).any():
        return []
    last = list(merge_small_groups(counts)[-1])
    return list(map(str, row.index)) if is_small(counts[last].sum()) else last


def shown_blocks(answers: MissingAnswers) -> pd.DataFrame:
    """Return the blocks that are absent by design; those of few rows are not told."""
    blocks, n_rows = answers.blocks, answers.items.n_rows
    few = blocks["n_rows"].map(is_small) | (n_rows - blocks["n_rows"]).between(1, smallest_cell() - 1)
    return blocks[~few].reset_index(drop=True)


def shown_person_mean(answers: MissingAnswers) -> pd.DataFrame:
    """Return on how many answers the scores rest, without what tells of one to four people.

    Returns
    -------
    pandas.DataFrame, indexed by ``score``
        n_items, min_answered, n_scored (everybody, where fewer than five have no score), n_all, n_part,
        share_part, n_without; missing is a number of one to four, or one that gives it away.
    """
    table, n_rows = answers.person_mean, answers.items.n_rows
    scored, n_all, n_part = (table[name].astype("float64") for name in ("n_scored", "n_all", "n_part"))
    without = (table["n_too_few"] + table["n_absent"]).astype("float64")
    told = scored.map(lambda n: float(told_of_all(n, n_rows)))
    few = _is_few(scored) | _is_few(n_all) | _is_few(n_part) | ((told != scored) & (n_part > 0))
    return table[["n_items", "min_answered"]].assign(
        n_scored=told.mask(_is_few(scored)),
        n_all=n_all.mask(n_part == 0, told).mask(few),
        n_part=n_part.mask(few),
        share_part=table["share_part"].mask(few),
        n_without=without.mask(_is_few(without) | _is_few(scored)),
    )


def _is_few(counts: pd.Series) -> pd.Series:
    """Whether it is about one to four people; nobody tells nothing here: each total is known."""
    return (counts > 0) & counts.map(is_small)


def shown_variables(imputed: ImputedScores) -> pd.DataFrame:
    """Return what was filled in, by column; nothing of a column with fewer than five holes.

    Returns
    -------
    pandas.DataFrame, indexed by ``variable``
        As the variables of the imputation.
    """
    return imputed.variables[~imputed.variables["n_missing"].map(is_small)]


def shown_left_out(imputed: ImputedScores) -> list[tuple[tuple[str, ...], int | None]]:
    """Return why rows stayed out of the imputation, small causes taken together; None where all are few."""
    counts: Mapping[str, int] = {str(cause): int(n) for cause, n in imputed.left_out.items()}
    groups = merge_small_groups(pd.Series(counts, dtype="float64"))
    totals = [sum(counts[cause] for cause in group) for group in groups]
    return [(group, None if is_small(n) else n) for group, n in zip(groups, totals, strict=True)]


def complete_rows(found: MissingPatterns) -> float:
    """Return how many rows have every answer; NaN where these, or the others, are fewer than five."""
    n, rest = found.n_complete, found.n_rows - found.n_complete
    return np.nan if is_small(n) or 0 < rest < smallest_cell() else float(n)


@dataclass(frozen=True, slots=True)
class MissingShares:
    """Answers there could be (people times items); the shares missing, and that nobody could give."""

    n_answers: int
    missing: float
    absent: float


def missing_shares(answers: MissingAnswers) -> MissingShares:
    """Return which share of all answers to items is missing; NaN in a survey without items."""
    table = answers.reasons[answers.reasons["level"] == "item"]
    n = int(table["n_rows"].sum())
    if not n:
        return MissingShares(0, np.nan, np.nan)
    return MissingShares(n, float(table["n_missing"].sum()) / n, float(table["n_absent"].sum()) / n)


def question_items(findings: StudyFindings) -> tuple[str, ...]:
    """Return the items of the scales of the question that the survey has, scale by scale."""
    assert findings.missing_answers is not None
    known = set(findings.missing_answers.answers.items.variables.index)
    scales = [findings.scores.scales[name] for name in described_scales(findings)]
    return tuple(dict.fromkeys(item for facts in scales for item in facts.items if item in known))


def of_columns(found: MissingPatterns, columns: tuple[str, ...]) -> MissingPatterns:
    """Return the patterns of some of the columns, in this order.

    Examples
    --------
    >>> from si_research.survey.missing.patterns import missing_patterns
    >>> found = missing_patterns(pd.DataFrame({"k": [1.0, None, None], "w": [1.0, 2.0, None]}))
    >>> of_columns(found, ("w",)).table()[["w", "n_rows"]].to_numpy().tolist()
    [[1, 2], [0, 1]]
    """
    table = found.patterns.groupby(list(columns), sort=False)["n_rows"].sum().reset_index()
    without = (table[list(columns)] != ANSWERED).sum(axis=1)
    share = table["n_rows"] / max(found.n_rows, 1)
    complete = int(table.loc[without == 0, "n_rows"].sum())
    patterns = table.assign(n_missing=without, share=share)
    return MissingPatterns(patterns, found.variables.loc[list(columns)], found.n_rows, complete)
