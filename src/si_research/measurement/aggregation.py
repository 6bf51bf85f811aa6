"""May a scale be averaged to the firm?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from si_research.measurement.agreement import (
    IntraclassCorrelation,
    NullDistribution,
    WithinGroupAgreement,
    intraclass_correlation,
    knows_null,
    within_group_agreement,
)
from si_research.survey.check_result import CheckResult

Level = Literal["organisation", "department", "team"]
Verdict = Literal[
    "may",
    "no_differences",
    "unreliable_means",
    "no_agreement",
    "hangs_on_null",
    "no_items",
    "open_range",
    "too_few_groups",
    "one_person_groups",
    "no_variance",
    "alike_within",
    "repeated_people",
]
ENOUGH: Final = 0.70
"""ICC(2) and the median r_wg(j) from which a mean may stand for a group."""
FEWEST_GROUPS: Final = 10
ALPHA: Final = 0.05
NULLS: Final[tuple[NullDistribution, ...]] = ("uniform", "slight_skew")
"""Answers of people who do not agree: all alike, and leaning to one side as people do."""
RULE: Final = (
    f"ICC(1) above zero (F test, p < {ALPHA}), ICC(2) and median r_wg(j) at least {ENOUGH:.2f} under every "
    f"null (LeBreton & Senter, 2008); no verdict with fewer than {FEWEST_GROUPS} groups of two people or more"
)
_NOT: Final = frozenset({"no_differences", "unreliable_means", "no_agreement"})


@dataclass(frozen=True, slots=True, eq=False)
class Aggregation:
    """Whether the mean of a scale may stand for a firm or team. Made by :func:`describe_aggregation`.

    Attributes
    ----------
    scale : str
    level : {"organisation", "department", "team"}
    verdict : str
        ``may``; not: ``no_differences`` (F test), ``unreliable_means`` (ICC(2)), ``no_agreement`` (r_wg(j)
        under the uniform null); cannot be judged: ``hangs_on_null`` (r_wg(j) is enough under one null and not
        under another), ``no_items`` (a ready-made score) and ``open_range`` (no ends of the answers), where
        ICC speaks for it and agreement is unknown, ``too_few_groups``, ``one_person_groups`` (no group has
        two people with a score), ``no_variance``, ``alike_within`` (everybody of a group has the same score:
        that of the group itself, by the look of it), ``repeated_people`` (somebody is in more than once).
    findings : tuple of str
        ``negative_icc`` (people of one group differ more than strangers do); ``below_null`` (in some groups
        people differ more than under the null: r_wg counts as 0 there).
    n_rows, n_no_score, n_no_group, n_single, n_used, n_groups : int
        Rows offered; without a score; with one, of an unknown group; with one, the only one of their group
        (as many groups); of groups of two and more; these groups. The middle three and n_used add up to
        n_rows.
    n_complete, n_agreement, n_agreement_groups : int
        Rows with all items; those of them in groups that hold two or more, on which agreement rests; these
        groups.
    differences : IntraclassCorrelation or None
        None with fewer than two groups.
    agreement : tuple of WithinGroupAgreement
        One a null distribution that is known for the format; none for a ready-made score.
    check : CheckResult
    """

    scale: str
    level: Level
    verdict: Verdict
    findings: tuple[str, ...]
    n_rows: int
    n_no_score: int
    n_no_group: int
    n_single: int
    n_used: int
    n_groups: int
    n_complete: int
    n_agreement: int
    n_agreement_groups: int
    differences: IntraclassCorrelation | None = field(repr=False)
    agreement: tuple[WithinGroupAgreement, ...] = field(repr=False)
    check: CheckResult = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the figures behind the verdict: statistic, value, needed, holds."""
        return self.check.table()

    def median(self, null: str) -> float:
        """Return the median r_wg(j) under a null; missing where it is not known."""
        found = [each for each in self.agreement if each.null == null]
        return float(found[0].groups["r_wg"].median()) if found else np.nan

    @property
    def ad_mean(self) -> float:
        """Mean over groups of the average deviation from the group's mean, in answers."""
        return float(self.agreement[0].groups["ad_mean"].mean()) if self.agreement else np.nan

    def __str__(self) -> str:
        left_out = self.n_no_score + self.n_no_group + self.n_single
        return f"{self.check.text}\nn = {self.n_used} of {self.n_rows}; {left_out} left out"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>{self.table().round(3).to_html(index=False)}"


def describe_aggregation(
    scores: pd.Series[Any],
    items: pd.DataFrame,
    groups: pd.Series[Any],
    *,
    lowest: float,
    highest: float,
    scale: str = "scale",
    level: Level = "organisation",
    nulls: Sequence[NullDistribution | float] = NULLS,
    repeated: bool = False,
    conf_level: float = 0.95,
) -> Aggregation:
    """Return how far the groups differ on a scale, how far their people agree, and whether a mean may stand.

    Use it before a firm or team is given a score of its own; a model of people with their firms needs no
    averages. Groups of one person are left out and counted: a mean of one is that person.

    Parameters
    ----------
    scores : pandas.Series of float
        The scale as it is used; ICC is that of these scores.
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers, same index; agreement rests on rows with all of them. Without columns for a ready-made
        score.
    groups : pandas.Series
        Firm or team of each row, same index.
    lowest, highest : float
        Of the response format; missing where it has no ends.
    scale : str
    level : {"organisation", "department", "team"}
    nulls : sequence of str or float
        As in :func:`~si_research.measurement.agreement.within_group_agreement`; names that are not known for
        so many answers are passed over.
    repeated : bool
        Whether somebody is in more than once: rows of one person are alike, which is no likeness of firms.
    conf_level : float, in (0, 1)

    Returns
    -------
    Aggregation

    Notes
    -----
    ICC asks whether groups differ, r_wg(j) whether people of one group agree: a scale on which everybody
    everywhere agrees has a high r_wg(j), and means that tell no firm from another.

    References
    ----------
    LeBreton & Senter (2008), https://doi.org/10.1177/1094428106296642; Bliese (2000), in Klein & Kozlowski,
    Multilevel theory, research, and methods in organizations, 349-381.

    Examples
    --------
    >>> answers = pd.DataFrame({"m1": [1, 2, 4, 5] * 6, "m2": [2, 2, 5, 5] * 6})
    >>> firms = pd.Series([f"{side}{place}" for place in range(6) for side in "aabb"])
    >>> found = describe_aggregation(answers.mean(axis=1), answers, firms, lowest=1, highest=5, scale="mogen")
    >>> found.verdict, found.n_groups, round(found.median("slight_skew"), 2)
    ('may', 12, 0.9)
    """
    inside, several, counts = _who_counts(scores, items, groups)
    differences: IntraclassCorrelation | None = None
    agreement: tuple[WithinGroupAgreement, ...] = ()
    if counts["n_groups"] > 1:
        differences = intraclass_correlation(scores[inside], groups[inside], conf_level=conf_level)
    if counts["n_agreement_groups"] > 1:
        agreement = tuple(
            within_group_agreement(items[several], groups[several], lowest=lowest, highest=highest, null=null)
            for null in nulls
            if knows_null(null, lowest, highest)
        )
    table = _table(differences, agreement, alpha=1 - conf_level)
    verdict = _verdict(
        table,
        differences,
        counts,
        has_items=items.shape[1] > 0,
        open_range=not any(knows_null(null, lowest, highest) for null in nulls),
        repeated=repeated,
    )
    return Aggregation(
        scale=scale,
        level=level,
        verdict=verdict,
        findings=_findings(differences, agreement),
        differences=differences,
        agreement=agreement,
        check=_check(scale, level, verdict, table, counts["n_groups"]),
        **counts,
    )


def _who_counts(
    scores: pd.Series[Any], items: pd.DataFrame, groups: pd.Series[Any]
) -> tuple[pd.Series[bool], pd.Series[bool], dict[str, int]]:
    """Return the rows that ICC rests on, those that agreement rests on, and how many were left out why."""
    scored = scores.notna()
    sizes = groups.map(groups[scored].value_counts())
    inside = scored & groups.notna() & (sizes > 1)
    complete = items.notna().all(axis=1) if items.shape[1] else pd.Series(False, index=items.index)
    several = complete & groups.notna() & (groups.map(groups[complete].value_counts()) > 1)
    return (
        inside,
        several,
        {
            "n_rows": len(scores),
            "n_no_score": int((~scored).sum()),
            "n_no_group": int((scored & groups.isna()).sum()),
            "n_single": int((scored & (sizes == 1)).sum()),
            "n_used": int(inside.sum()),
            "n_groups": int(groups[inside].nunique()),
            "n_complete": int(complete.sum()),
            "n_agreement": int(several.sum()),
            "n_agreement_groups": int(groups[several].nunique()),
        },
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

    Use it for items without a codebook; :func:`describe_aggregation` gives the figures, and counts of who is
    left out.

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

    References
    ----------
    LeBreton & Senter (2008), https://doi.org/10.1177/1094428106296642.

    Examples
    --------
    >>> answers = pd.DataFrame({"m1": [1, 2, 4, 5] * 6, "m2": [2, 2, 5, 5] * 6})
    >>> firms = pd.Series([f"{side}{place}" for place in range(6) for side in "aabb"])
    >>> print(check_aggregation(answers, firms, lowest=1, highest=5, scale="mogen").text)
    mogen may be averaged: ICC(1) = 0.95, ICC(2) = 0.97, median r_wg(j), uniform = 0.93 in 12 groups.
    """
    whole = items.notna().all(axis=1)
    scores = items.mean(axis=1).where(whole)
    return describe_aggregation(
        scores, items, groups, lowest=lowest, highest=highest, scale=scale, nulls=(null,)
    ).check


def _table(
    differences: IntraclassCorrelation | None, agreement: Sequence[WithinGroupAgreement], alpha: float
) -> pd.DataFrame:
    p, icc1, icc2 = (
        (np.nan, np.nan, np.nan)
        if differences is None
        else (differences.p_value, differences.icc1, differences.icc2)
    )
    rows = [
        ("ICC(1)", icc1, np.nan, None),
        ("p of ICC(1)", p, alpha, p < alpha),
        ("ICC(2)", icc2, ENOUGH, icc2 >= ENOUGH),
    ]
    for each in agreement:
        median = float(each.groups["r_wg"].median())
        rows.append((f"median r_wg(j), {each.null}", median, ENOUGH, median >= ENOUGH))
    return pd.DataFrame(rows, columns=["statistic", "value", "needed", "holds"])


def _verdict(
    table: pd.DataFrame,
    differences: IntraclassCorrelation | None,
    counts: dict[str, int],
    *,
    has_items: bool,
    open_range: bool,
    repeated: bool,
) -> Verdict:
    if counts["n_groups"] < FEWEST_GROUPS or differences is None:
        return "one_person_groups" if counts["n_single"] and not counts["n_groups"] else "too_few_groups"
    if repeated:
        return "repeated_people"
    if not differences.mean_square_within > 0:
        return "alike_within" if differences.mean_square_between > 0 else "no_variance"
    differ, told_apart, *agree = table["holds"].tolist()[1:]
    if not differ or not told_apart:
        return "unreliable_means" if differ else "no_differences"
    if not has_items or not agree:
        return "no_items" if not has_items else "open_range" if open_range else "too_few_groups"
    return _of_agreement(agree, counts["n_agreement_groups"])


def _of_agreement(agree: list[bool], n_groups: int) -> Verdict:
    if n_groups < FEWEST_GROUPS:
        return "too_few_groups"
    if all(agree):
        return "may"
    return "hangs_on_null" if agree[0] else "no_agreement"


def _findings(
    differences: IntraclassCorrelation | None, agreement: Sequence[WithinGroupAgreement]
) -> tuple[str, ...]:
    found = []
    if differences is not None and differences.icc1 < 0:
        found.append("negative_icc")
    if any((each.groups["r_wg_lindell"] < 0).any() for each in agreement):
        found.append("below_null")
    return tuple(found)


def _check(scale: str, level: Level, verdict: Verdict, table: pd.DataFrame, n_groups: int) -> CheckResult:
    passed = True if verdict == "may" else False if verdict in _NOT else None
    answer = {True: "may be averaged", False: "may not be averaged", None: "cannot be judged"}[passed]
    shown = ", ".join(
        f"{name} = {value:.2f}"
        for name, value in zip(table["statistic"], table["value"], strict=True)
        if name != "p of ICC(1)" and np.isfinite(value)
    )
    figures = f": {shown}" if shown else ""
    return CheckResult(
        name="aggregation",
        question=f"May {scale} be averaged to the {level}?",
        passed=passed,
        table_=table,
        text=f"{scale} {answer}{figures} in {n_groups} groups.",
        rule=RULE,
    )
