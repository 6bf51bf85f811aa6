"""May a scale be averaged to the firm?"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from si_research.measurement.agreement import (
    IntraclassCorrelation,
    NullDistribution,
    WithinGroupAgreement,
    intraclass_correlation,
    within_group_agreement,
)
from si_research.survey.check_result import CheckResult

ENOUGH: Final = 0.70
"""ICC(2) and the median r_wg(j) from which a mean may stand for a group."""
FEWEST_GROUPS: Final = 10
ALPHA: Final = 0.05
RULE: Final = (
    f"ICC(1) above zero (F test, p < {ALPHA}), ICC(2) and the median r_wg(j) at least {ENOUGH:.2f} "
    f"(LeBreton & Senter, 2008); no verdict with fewer than {FEWEST_GROUPS} groups of two people or more"
)


def check_aggregation(
    items: pd.DataFrame,
    groups: pd.Series[Any],
    *,
    lowest: float,
    highest: float,
    scale: str = "scale",
    null: NullDistribution | float = "uniform",
) -> CheckResult:
    """Tell whether the mean of a scale may stand for a firm or team.

    Use it before a firm is given a score of its own; a model of people with their firms needs no averages.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers; rows with all of them count.
    groups : pandas.Series
        Firm or team of each row, same index.
    lowest, highest : float
        Of the response format.
    scale : str
        Name in what is printed.
    null : str or float
        As in :func:`~si_research.measurement.agreement.within_group_agreement`.

    Returns
    -------
    CheckResult
        Table: statistic, value, needed, holds. Passed is None with few groups, or where nothing varies.

    Raises
    ------
    SurveyDataError
        With fewer than two groups.

    Notes
    -----
    ICC asks whether groups differ, r_wg(j) whether people of one group agree: a scale on which everybody
    everywhere agrees has a high r_wg(j), and means that tell no firm from another.

    References
    ----------
    LeBreton & Senter (2008), https://doi.org/10.1177/1094428106296642.

    Examples
    --------
    >>> answers = pd.DataFrame({"m1": [1, 2, 4, 5] * 6, "m2": [2, 2, 5, 5] * 6})
    >>> firms = pd.Series([f"{side}{place}" for place in range(6) for side in "aabb"])
    >>> print(check_aggregation(answers, firms, lowest=1, highest=5, scale="mogen").text)
    mogen may be averaged: ICC(1) = 0.95, ICC(2) = 0.97, median r_wg(j) = 0.93 in 12 groups.
    """
    complete = items.notna().all(axis=1)
    differences = intraclass_correlation(items[complete].mean(axis=1), groups[complete])
    agreement = within_group_agreement(items, groups, lowest=lowest, highest=highest, null=null)
    several = agreement.groups[agreement.groups["n_used"] > 1]
    table = _table(differences, float(several["r_wg"].median()))
    passed = _verdict(table, len(several))
    return CheckResult(
        name="aggregation",
        question=f"May {scale} be averaged to the group?",
        passed=passed,
        table_=table,
        text=_text(scale, differences, agreement, passed),
        rule=RULE,
    )


def _table(differences: IntraclassCorrelation, median: float) -> pd.DataFrame:
    rows = [
        ("p of ICC(1)", differences.p_value, ALPHA, differences.p_value < ALPHA),
        ("ICC(2)", differences.icc2, ENOUGH, differences.icc2 >= ENOUGH),
        ("median r_wg(j)", median, ENOUGH, median >= ENOUGH),
    ]
    return pd.DataFrame(rows, columns=["statistic", "value", "needed", "holds"])


def _verdict(table: pd.DataFrame, n_several: int) -> bool | None:
    if n_several < FEWEST_GROUPS or table["value"].isna().any():
        return None
    return bool(table["holds"].all())


def _text(
    scale: str, differences: IntraclassCorrelation, agreement: WithinGroupAgreement, passed: bool | None
) -> str:
    several = agreement.groups[agreement.groups["n_used"] > 1]
    answer = {True: "may be averaged", False: "may not be averaged", None: "cannot be judged"}[passed]
    return (
        f"{scale} {answer}: ICC(1) = {differences.icc1:.2f}, ICC(2) = {differences.icc2:.2f}, "
        f"median r_wg(j) = {several['r_wg'].median():.2f} in {len(several)} groups."
    )
