"""One question stored twice, raw and turned: in a scale it would count double, or cancel itself out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.errors import CodebookError, Problem
from si_research.survey.codebook import Codebook
from si_research.survey.survey_data import Survey

_Answers = npt.NDArray[np.float64]
FEWEST_ROWS: Final = 20
"""Rows in which two different questions do not agree to the last answer by chance."""
_FEWEST_ANSWERS: Final = 3
_FIRST_LOOK: Final = 500


def find_copies(survey: Survey, codebook: Codebook) -> tuple[tuple[str, str, bool], ...]:
    """Return the pairs of scale items that hold one and the same answers.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook

    Returns
    -------
    tuple of (str, str, bool)
        Two items, and whether the second is the first one turned. Two items are a copy when in all rows that
        answer both, at least 20, they agree, or add up to lowest + highest, and use three answers or more.
    """
    return tuple(_copies(survey, codebook))


def refuse_copies(survey: Survey, codebook: Codebook) -> None:
    """Raise where scales use one question twice.

    Raises
    ------
    CodebookError
        With every pair.
    """
    problems = [
        Problem(
            where=f"items.{second}",
            expected="each question once",
            found=f"the same answers as `{first}`" + (", turned" if is_turned else ""),
            todo="Keep one of the two in the scale: the one whose direction you know.",
            line=codebook.line_of(f"items.{second}"),
        )
        for first, second, is_turned in find_copies(survey, codebook)
    ]
    if problems:
        raise CodebookError(problems, where="codebook", expected="scales that use each question once")


def _copies(survey: Survey, codebook: Codebook) -> Iterator[tuple[str, str, bool]]:
    names = dict.fromkeys(item for scale in codebook.scales.values() for item in scale.items)
    answers = {name: survey.values[name].to_numpy(dtype=float) for name in names}
    ends = {name: _ends(codebook, name) for name in names}
    for first, second in combinations(names, 2):
        total = ends[first]
        if total != ends[second]:
            continue
        one, other = answers[first], answers[second]
        for is_turned in (False, True) if total is not None else (False,):
            goal = total if is_turned else None
            seems = _agree(one[:_FIRST_LOOK], other[:_FIRST_LOOK], goal)
            if seems and _agree(one, other, goal, FEWEST_ROWS):
                yield first, second, is_turned


def _ends(codebook: Codebook, item: str) -> float | None:
    form = codebook.format_of(item)
    return None if form.lowest is None or form.highest is None else form.lowest + form.highest


def _agree(first: _Answers, second: _Answers, total: float | None, fewest: int = 0) -> bool:
    """Whether two columns are equal, or add up to a total, wherever both are answered."""
    both = ~(np.isnan(first) | np.isnan(second))
    first, second = first[both], second[both]
    goal = first if total is None else total - first
    if len(first) < fewest or not (second == goal).all():
        return False
    return fewest == 0 or len(np.unique(first)) >= _FEWEST_ANSWERS
