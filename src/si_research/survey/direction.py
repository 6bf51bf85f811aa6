"""Do the items of a scale point one way? Reported with a proposal; nothing is turned here."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook
from si_research.survey.scoring import keyed_items
from si_research.survey.survey_data import Survey

WEAK: Final = 0.20
"""Item-rest correlations from 0 up to this one do not settle the direction."""
_COLUMNS: Final = ("scale", "item", "reversed", "item_rest", "n_used", "flagged")


def check_direction(survey: Survey, codebook: Codebook) -> CheckResult:
    """Tell which items run against the rest of their scale.

    Use it before scoring: an item that was worded the other way and not turned, or turned twice,
    spoils the score and its reliability. It cannot tell a wrong direction from a bad item.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook
        The codebook; items with `reverse: true` are turned before the comparison.

    Returns
    -------
    CheckResult
        Table: scale, item, reversed, item_rest (corrected item-rest correlation), n_used, flagged.
        Passed when no item correlates negatively; None when no scale has two items that vary.

    Notes
    -----
    The correlation of an item with the mean of the other items that the respondent answered.

    Examples
    --------
    See ``tests/survey/test_scoring.py``.
    """
    table = pd.DataFrame(
        [row for scale in codebook.scales for row in _item_rest(survey, codebook, scale)],
        columns=list(_COLUMNS),
    )
    known = table["item_rest"].notna()
    return CheckResult(
        name="direction",
        question="Do the items of each scale point in one direction?",
        passed=not table["flagged"].any() if known.any() else None,
        _table=table,
        text=_text(table),
        rule="flagged: corrected item-rest correlation below 0; "
        f"between 0 and {WEAK:.2f} the direction is not certain",
    )


def _item_rest(survey: Survey, codebook: Codebook, scale: str) -> list[tuple[Any, ...]]:
    items = codebook.items_of(scale)
    if len(items) < 2:
        return []
    keyed = keyed_items(survey, codebook, scale)
    rows: list[tuple[Any, ...]] = []
    for item, column in zip(items, keyed.columns, strict=True):
        rest = keyed.drop(columns=column).mean(axis=1)
        both = keyed[column].notna() & rest.notna()
        correlation = _correlation(keyed.loc[both, column], rest[both])
        rows.append(
            (scale, item, codebook.items[item].reverse, correlation, int(both.sum()), correlation < 0)
        )
    return rows


def _correlation(first: pd.Series[Any], second: pd.Series[Any]) -> float:
    """Return Pearson's correlation; NaN when either does not vary or there are too few rows."""
    if len(first) < 3 or first.nunique() < 2 or second.nunique() < 2:
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])


def _text(table: pd.DataFrame) -> str:
    lines = [
        f"`{row.item}` correlates {row.item_rest:.2f} with the rest of `{row.scale}` (n = {row.n_used}): "
        + (
            "it may have been turned already; if so, drop `reverse: true`."
            if row.reversed
            else "if its wording says the opposite of the scale, write `reverse: true` in the codebook."
        )
        for row in table[table["flagged"]].itertuples()
    ]
    weak = table[table["item_rest"].between(0, WEAK, inclusive="left")]
    lines += [
        f"`{row.item}` correlates only {row.item_rest:.2f} with the rest of `{row.scale}`: "
        "direction not certain."
        for row in weak.itertuples()
    ]
    constant = table.loc[table["item_rest"].isna(), "item"]
    if len(constant):
        lines.append(
            f"No correlation for {', '.join(constant)}: too few answers, or answers that do not vary."
        )
    return "\n".join(lines) or "No item runs against the rest of its scale."
