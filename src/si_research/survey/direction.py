"""Do the items of a scale point one way? Reported with a proposal; nothing is turned here."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook
from si_research.survey.keying import keyed_items
from si_research.survey.survey_data import Survey

WEAK: Final = 0.30
"""Below this item-rest correlation an item says little of its direction (Nunnally & Bernstein, 1994)."""
_DIRECTION: Final = ("scale", "item", "reversed", "item_rest", "n_used", "flagged", "against")


def check_direction(survey: Survey, codebook: Codebook) -> CheckResult:
    """Tell which items run against the rest of their scale, and propose which to turn.

    Use it before scoring: an item that was worded the other way and not turned, or turned twice,
    spoils the score and its reliability. It turns nothing; only the codebook can say yes. It
    cannot tell a wrong direction from a bad item: read the wording.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook
        The codebook; items with `reverse: true` are turned before the comparison.

    Returns
    -------
    CheckResult
        Table: scale, item, reversed (in the codebook), item_rest, n_used, flagged, against.
        Passed when nothing is flagged; None when no scale has two items that vary.

    Notes
    -----
    item_rest is the correlation of an item with the mean of the other items that the respondent
    answered; an item is flagged when it is negative. One item that runs against four pulls them
    all down, so the proposal looks at the scale as a whole: the first principal component of the
    pairwise correlations parts the items in two groups, and ``against`` marks the smaller one.
    """
    table = pd.DataFrame(
        [row for scale in codebook.scales for row in _item_rest(survey, codebook, scale)],
        columns=list(_DIRECTION),
    )
    known = table["item_rest"].notna()
    return CheckResult(
        name="direction",
        question="Do the items of each scale point in one direction?",
        passed=not table["flagged"].any() if known.any() else None,
        table_=table,
        text=_direction_text(table),
        rule="flagged: corrected item-rest correlation below 0; "
        f"below {WEAK:.2f} the direction is not certain",
    )


def _item_rest(survey: Survey, codebook: Codebook, scale: str) -> list[tuple[Any, ...]]:
    items = codebook.items_of(scale)
    if len(items) < 2:
        return []
    keyed = keyed_items(survey, codebook, scale)
    keyed.columns = pd.Index(items)
    against = _smaller_group(keyed)
    total, n_answered = keyed.sum(axis=1), keyed.notna().sum(axis=1)
    rows: list[tuple[Any, ...]] = []
    for item in items:
        answer = keyed[item]
        both = answer.notna() & (n_answered > 1)
        rest = (total[both] - answer[both]) / (n_answered[both] - 1)
        correlation = _correlation(answer[both], rest)
        turned, n_used = codebook.items[item].reverse, int(both.sum())
        rows.append((scale, item, turned, correlation, n_used, correlation < 0, item in against))
    return rows


def _correlation(first: pd.Series[Any], second: pd.Series[Any]) -> float:
    """Return Pearson's correlation; NaN when either does not vary or there are too few rows."""
    if len(first) < 3 or min(np.ptp(first), np.ptp(second)) < 1e-9:  # less is rounding
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])


def _smaller_group(keyed: pd.DataFrame) -> frozenset[str]:
    """Return the items on the smaller side of the first component; none when the sides are equal."""
    correlations = keyed.corr(min_periods=3).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(correlations, 1.0)
    loadings = np.linalg.eigh(correlations)[1][:, -1]
    sides = [frozenset(keyed.columns[loadings * sign > 1e-9]) for sign in (1, -1)]
    smaller, larger = sorted(sides, key=len)
    return smaller if len(smaller) < len(larger) else frozenset()


def _direction_text(table: pd.DataFrame) -> str:
    lines = []
    for scale, rows in table.groupby("scale", sort=False):
        if rows["flagged"].any():
            lines.append(_proposal(str(scale), rows))
        weak = rows.loc[~rows["flagged"] & (rows["item_rest"] < WEAK), "item"]
        if len(weak) and not rows["flagged"].any():
            lines.append(f"`{scale}`: the direction of {', '.join(weak)} is not certain (weak correlations).")
        constant = rows.loc[rows["item_rest"].isna(), "item"]
        if len(constant):
            lines.append(
                f"`{scale}`: nothing can be said of {', '.join(constant)} (too few or equal answers)."
            )
    return "\n".join(lines) or "No item runs against the rest of its scale."


def _proposal(scale: str, rows: pd.DataFrame) -> str:
    """Say which items seem to point the other way, and what the codebook could say of them."""
    against = rows[rows["against"]]
    if against.empty:
        flagged = ", ".join(rows.loc[rows["flagged"], "item"])
        return (
            f"`{scale}`: {flagged} run against the rest; which of them, the data do not tell. Read the "
            "wording, and write `reverse: true` at those (not at all) that say the opposite of the scale."
        )
    plain, turned = (", ".join(against.loc[against["reversed"] == way, "item"]) for way in (False, True))
    advice = []
    if plain:
        advice.append(f"{plain}: if the wording says the opposite of the scale, write `reverse: true`")
    if turned:
        advice.append(f"{turned}: the file may have turned them already; if so, leave out `reverse: true`")
    return f"`{scale}`: these run against the other items. {'; '.join(advice)}."
