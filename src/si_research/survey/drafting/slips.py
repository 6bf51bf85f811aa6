"""One number far outside what the other questions of a stem hold: perhaps a slip."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from si_research.survey.drafting.answers import Answers

_FEWEST_LIKE_IT: Final = 2
_FEWEST_ANSWERS: Final = 20
"""Answers of a question from which a single one outside the range of its neighbours stands alone."""


def with_slips(
    found: Mapping[str, Answers], groups: Collection[Sequence[str]], counts: Mapping[str, Mapping[float, int]]
) -> dict[str, Answers]:
    """Return how questions with one such cell are answered: as the others under the stem of their name.

    Parameters
    ----------
    found : mapping of str to Answers
        The questions that are answered in a range, by column.
    groups : collection of sequences of str
        The columns that belong together by their names, those with a slip among them.
    counts : mapping
        The whole numbers of each column, and how often each occurs.
    """
    mended: dict[str, Answers] = {}
    for group in groups:
        like_it = [found[name] for name in group if name in found]
        if len(like_it) < _FEWEST_LIKE_IT or len(set(map(repr, like_it))) > 1:
            continue
        shared = like_it[0]
        for name in group:
            if name not in found and name in counts and _has_slip(counts[name], shared):
                mended[name] = replace(
                    shared, is_sure=False, reason=_said(shared, sum(counts[name].values()))
                )
    return mended


def _has_slip(numbers: Mapping[float, int], shared: Answers) -> bool:
    """Whether all answers but one are in the range, and that one is more than a step outside it."""
    form = shared.form
    if form is None or form.lowest is None or form.highest is None or sum(numbers.values()) < _FEWEST_ANSWERS:
        return False
    outside = [number for number in numbers if not form.holds(number)]
    if len(outside) != 1 or numbers[outside[0]] != 1:
        return False
    return outside[0] > form.highest + 1 or outside[0] < form.lowest - 1


def _said(shared: Answers, n_answers: int) -> str:
    return (
        f"{shared.reason}; 1 of its {n_answers} answers lies outside that range, perhaps a slip: "
        "cleaning takes it as no answer"
    )
