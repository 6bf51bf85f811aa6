"""One question stored twice, raw and turned: in a scale it would count double, or cancel itself out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import CodebookError, Problem
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook
from si_research.survey.screening.pairwise import pairwise_correlation
from si_research.survey.survey_data import Survey

_Answers = npt.NDArray[np.float64]
_Ends = tuple[float, float]
FEWEST_ROWS: Final = 20
"""Rows in which two different questions do not agree by chance."""
FEWEST_NAMED: Final = 10
"""The same, where one name is the other with an ending such as ``_r``."""
_FEWEST_TO_ASK: Final = {False: 10, True: 5}
_FEWEST_ANSWERS: Final = 3
_SAME: Final = {False: 0.98, True: 0.95}
"""Share of the rows that must agree, by whether the names say so."""
_ALIKE: Final = {False: 0.98, True: 0.90}
"""Correlation from which two questions are asked about."""
_NOT_BY_SKEW: Final = 0.90
"""Correlation below which most people agree only because most gave the same answer to everything."""
_FIRST_LOOK: Final = 2000
_WORTH_A_LOOK: Final = 0.80
_ENDINGS: Final = (
    *("r", "rc", "rec", "recoded", "rev", "reverse", "reversed", "inv"),
    *("omg", "omgekeerd", "omgepoold", "gespiegeld", "umgepolt"),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """Two items of which one seems to be the other, perhaps turned or on other numbers.

    Attributes
    ----------
    item, other : str
    turned : bool
        Whether the second runs against the first.
    n_compared, n_agreeing : int
        Rows that answer both, and those of them in which one tells the other.
    correlation : float
    sure : bool
        Whether it can be nothing else; if not, a person has to look.
    """

    item: str
    other: str
    turned: bool
    n_compared: int
    n_agreeing: int
    correlation: float
    sure: bool


def find_copies(survey: Survey, codebook: Codebook) -> tuple[Copy, ...]:
    """Return the pairs of scale items that hold, or may hold, one and the same answers.

    Use it before scoring, over all scales: the copy may stand in another one.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook

    Returns
    -------
    tuple of Copy

    Notes
    -----
    One item tells the other when both lie at the same point between their ends (those of the response format,
    else those that occur), from the same side or from the opposite one. That is certain in 98 % of at least
    20 rows with three answers or more and a correlation of .90; 95 % of 10 rows are enough where one name is
    the other with an ending such as ``_r``. A correlation of .98 (.90 with such names) is doubtful.
    """
    names = list(dict.fromkeys(item for scale in codebook.scales.values() for item in scale.items))
    answers = {name: survey.values[name].to_numpy(dtype=float) for name in names}
    found = (
        likeness(pair, (answers[pair[0]], answers[pair[1]]), [_ends(codebook, item) for item in pair])
        for pair in _worth_a_look(answers)
    )
    return tuple(each for each in found if each is not None)


def refuse_copies(survey: Survey, codebook: Codebook) -> None:
    """Raise where scales certainly use one question twice.

    Raises
    ------
    CodebookError
        With every pair.
    """
    problems = [
        Problem(
            where=f"items.{each.other}",
            expected="each question once",
            found=f"the same answers as `{each.item}`{_how(each)}",
            todo="Keep one of the two in the scale: the one whose direction you know.",
            line=codebook.line_of(f"items.{each.other}"),
        )
        for each in find_copies(survey, codebook)
        if each.sure
    ]
    if problems:
        raise CodebookError(problems, where="codebook", expected="scales that use each question once")


def check_copies(survey: Survey, codebook: Codebook) -> CheckResult:
    """Tell whether scales may use one question twice, raw and turned.

    Use it before believing a reliability: a copy raises alpha, or cancels its question out. It drops nothing;
    what is certain is refused by :func:`~si_research.survey.scoring.score_scales`.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook

    Returns
    -------
    CheckResult
        Table: item, other, turned, n_compared, n_agreeing, correlation, sure. Passed when there is no pair.
    """
    found = find_copies(survey, codebook)
    lines = [
        f"`{each.item}` and `{each.other}` {'are' if each.sure else 'may be'} one question stored twice"
        f"{_how(each)}: keep one of the two in the scale"
        + ("" if each.sure else ", unless they were asked apart")
        for each in found
    ]
    return CheckResult(
        name="copies",
        question="Is each question in the scales once?",
        passed=not found,
        table_=pd.DataFrame([astuple(each) for each in found], columns=[each.name for each in fields(Copy)]),
        text="\n".join(lines) or "Each question is in the scales once.",
        rule=f"no correlation of {_ALIKE[False]:.2f} or more between two items, whatever the direction "
        f"({_ALIKE[True]:.2f} where one name is the other with an ending such as `_r`)",
    )


def likeness(
    names: tuple[str, str], columns: tuple[_Answers, _Answers], ends: Sequence[_Ends | None] = ()
) -> Copy | None:
    """Hold one column against another over all rows; None when they are two questions.

    Parameters
    ----------
    names : tuple of (str, str)
    columns : tuple of arrays of float
        NaN where there is no answer.
    ends : sequence of (float, float) or None
        Lowest and highest answer of each, where they are known.
    """
    both = ~(np.isnan(columns[0]) | np.isnan(columns[1]))
    one, other = columns[0][both], columns[1][both]
    named = is_named_after(*names)
    if len(one) < _FEWEST_TO_ASK[named] or len(np.unique(one)) < _FEWEST_ANSWERS:
        return None
    r = _correlation(one, other)
    if not abs(r) >= _NOT_BY_SKEW:
        return None
    turned = bool(r < 0)
    n_agreeing = _n_agreeing(one, other, turned, ends)
    sure = n_agreeing >= _SAME[named] * len(one) and len(one) >= (FEWEST_NAMED if named else FEWEST_ROWS)
    if not sure and abs(r) < _ALIKE[named]:
        return None
    return Copy(*names, turned, len(one), n_agreeing, r, sure)


def is_named_after(first: str, second: str) -> bool:
    """Whether one name is the other with a word for turned at its end or beginning.

    Examples
    --------
    >>> is_named_after("k4", "k4_r"), is_named_after("NEO[E1R]", "NEO[E1]"), is_named_after("k1", "k2")
    (True, True, False)
    """
    short, long = sorted((re.sub(r"[\W_]+", "", name).casefold() for name in (first, second)), key=len)
    return any(long in (short + word, word + short) for word in _ENDINGS)


def _worth_a_look(answers: dict[str, _Answers]) -> Iterator[tuple[str, str]]:
    """Give the pairs that agree, or of which nothing can be told, in rows from all over the file."""
    n_rows = max((len(column) for column in answers.values()), default=0)
    rows = np.unique(np.linspace(0, max(n_rows - 1, 0), _FIRST_LOOK).astype("int64"))
    if not n_rows or len(answers) < 2:
        return
    sample = np.column_stack([column[rows] for column in answers.values()])
    strength = np.abs(pairwise_correlation(sample))
    looked_at = (strength >= _WORTH_A_LOOK) | (np.isnan(strength) & (len(rows) < n_rows))
    for (first, one), (second, other) in combinations(enumerate(answers), 2):
        if looked_at[first, second]:
            yield one, other


def _ends(codebook: Codebook, item: str) -> _Ends | None:
    form = codebook.format_of(item)
    return None if form.lowest is None or form.highest is None else (form.lowest, form.highest)


def _correlation(first: _Answers, second: _Answers) -> float:
    if min(np.ptp(first), np.ptp(second)) == 0:
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])


def _n_agreeing(one: _Answers, other: _Answers, turned: bool, ends: Sequence[_Ends | None]) -> int:
    """Count the rows in which both lie at the same point between their ends."""
    tries = [[(float(each.min()), float(each.max())) for each in (one, other)]]
    known = [each for each in ends if each is not None]
    if len(known) == 2:
        tries.append(known)
    return max(_n_at_one_point(one, other, turned, *each) for each in tries)


def _n_at_one_point(one: _Answers, other: _Answers, turned: bool, ends: _Ends, other_ends: _Ends) -> int:
    place = (one - ends[0]) / (ends[1] - ends[0])
    where = (other - other_ends[0]) / (other_ends[1] - other_ends[0])
    return int((np.abs(place - (1 - where if turned else where)) < 1e-9).sum())


def _how(copy: Copy) -> str:
    """Say what differs, without counts of people."""
    turned = ", turned" if copy.turned else ""
    return turned + ("" if copy.n_agreeing == copy.n_compared else " (all but a few, or on other numbers)")
