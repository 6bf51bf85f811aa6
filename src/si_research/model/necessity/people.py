"""Who has a score on a condition and on the outcome, and between which ends scores can lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import as_found, check_number, ends_of
from si_research.model.design import check_names, numeric, text_column
from si_research.model.necessity.ceiling_fits import CORNERS, Scope, data_scope
from si_research.model.necessity.ceilings import Array
from si_research.model.response_ends import Ends, Pair

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The people with a score on one condition and on the outcome.

    Attributes
    ----------
    x, y : array
    rows : array of int
        Their places in the scores.
    firms : array of int, or None
        A number a firm.
    """

    x: Array
    y: Array
    rows: Places
    firms: Places | None


def select_pairs(
    scores: pd.DataFrame, outcome: str, predictors: Sequence[str], cluster: str | None
) -> tuple[Array, dict[str, Pairs], pd.Series]:
    """Return everybody's outcome, the people of each condition, and how many rows lack what."""
    y = numeric(scores, outcome).to_numpy()
    there = ~np.isnan(y)
    lacking = {outcome: int((~there).sum())}
    firms: Places | None = None
    if cluster is not None:
        firms = np.asarray(pd.factorize(text_column(scores[cluster]), sort=True)[0], dtype=np.intp)
        lacking[cluster] = int((there & (firms < 0)).sum())
        there &= firms >= 0
    pairs = {}
    for name in predictors:
        x = numeric(scores, name).to_numpy()
        rows = np.flatnonzero(there & ~np.isnan(x))
        lacking[name] = int(there.sum()) - len(rows)
        if len(rows) == 0:
            raise SurveyDataError(
                expected="people with a score on the condition and on the outcome",
                found=f"nobody among {len(scores)} with both {name} and {outcome}",
                where="the scores after cleaning",
                todo="leave the condition out, or look in the ledger for what was set to missing",
            )
        pairs[name] = Pairs(x[rows], y[rows], rows, None if firms is None else firms[rows])
    dropped = pd.Series({name: n for name, n in lacking.items() if n}, name="n", dtype="int64")
    return y[there], pairs, dropped


def check_columns(
    scores: pd.DataFrame, outcome: str, predictors: Sequence[str], others: Sequence[str | None]
) -> None:
    """Refuse columns that are not there, or play two parts, and no condition at all."""
    names = [outcome, *predictors, *(name for name in others if name is not None)]
    check_names(scores, names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not predictors:
        raise ModelSpecificationError(
            expected="at least one condition, and every column in one part only",
            found=f"{', '.join(twice)} twice" if twice else "no condition",
            where="outcome, predictors and cluster of the necessity analysis",
            todo="name each column once",
        )


def corners_of(corner: object, predictors: Sequence[str]) -> dict[str, int]:
    """Return the corner of each condition; upper and lower ones do not go together."""
    each = corner if isinstance(corner, Mapping) else dict.fromkeys(predictors, corner)
    found: dict[str, Any] = {name: each.get(name) for name in predictors}
    lower = {value in (3, 4) for value in found.values()}
    if any(isinstance(v, bool) or v not in CORNERS for v in found.values()) or len(lower) > 1:
        raise ModelSpecificationError(
            expected="1, 2, 3 or 4, for all conditions upper (1, 2) or for all lower (3, 4)",
            found=as_found(dict(found) if isinstance(corner, Mapping) else corner),
            where="`corner` of the necessity analysis",
            todo="use 1 where a high outcome requires a high score",
        )
    return {name: int(value) for name, value in found.items()}


def scope_of(pairs: Pairs, condition: str, outcome: str, ends: Ends) -> tuple[Scope, bool]:
    """Return the scope of a condition, and whether scores lie beyond the ends given.

    Without ends, or where one is missing, that of the data.
    """
    own = data_scope(pairs.x, pairs.y)
    if ends is None:
        return own, False
    x_low, x_high = _ends_of(ends, condition)
    y_low, y_high = _ends_of(ends, outcome)
    theirs = Scope(
        float(np.fmin(x_low, own.x_low)),
        float(np.fmax(x_high, own.x_high)),
        float(np.fmin(y_low, own.y_low)),
        float(np.fmax(y_high, own.y_high)),
    )
    beyond = own.x_low < x_low or own.x_high > x_high or own.y_low < y_low or own.y_high > y_high
    return theirs, bool(beyond)


def _ends_of(ends: Ends, name: str) -> Pair:
    """Return the ends of a column; missing ones as nan."""
    pair = ends.get(name, (np.nan, np.nan)) if isinstance(ends, Mapping) else ends
    where = f"`ends` of the necessity analysis, {name}"
    if isinstance(pair, tuple | list) and len(pair) == 2:
        for end in pair:
            check_number(end, where)
        low, high = float(pair[0]), float(pair[1])
        if np.isnan([low, high]).any() and not np.isinf([low, high]).any():
            return low, high
    found = ends_of(pair, where)
    return (np.nan, np.nan) if found is None else found
