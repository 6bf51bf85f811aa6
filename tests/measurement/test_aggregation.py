"""May a scale be averaged to the firm? Each verdict from answers made for it, and everybody accounted for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.aggregation import Aggregation, describe_aggregation
from si_research.measurement.agreement import knows_null, within_group_agreement

FIRMS, SIZE = 40, 12


def made(
    firm_share: float = 1.0, noise: float = 0.4, n_firms: int = FIRMS, size: int = SIZE, seed: int = 2
) -> tuple[pd.DataFrame, pd.Series]:
    """Four questions from 1 to 5: what the firm gives, and what is the person's own."""
    rng = np.random.default_rng(seed)
    groups = pd.Series([f"F{firm:02d}" for firm in range(n_firms) for _ in range(size)])
    firms = np.repeat(firm_share * rng.normal(0, 0.8, n_firms), size)
    answers = firms[:, None] + rng.normal(3, noise, (len(groups), 4))
    items = pd.DataFrame(np.clip(np.rint(answers), 1, 5), columns=["m1", "m2", "m3", "m4"])
    return items, groups


def judged(items: pd.DataFrame, groups: pd.Series, **change: Any) -> Aggregation:
    given: dict[str, Any] = {"lowest": 1, "highest": 5, "scale": "mogen"} | change
    return describe_aggregation(items.mean(axis=1), items, groups, **given)


@pytest.mark.parametrize(
    ("data", "change", "verdict", "passed"),
    [
        (made(), {}, "may", True),
        (made(firm_share=0.0), {}, "no_differences", False),
        (made(firm_share=0.4, noise=0.8, size=3), {}, "unreliable_means", False),
        (made(firm_share=2.0, noise=2.5, size=60), {}, "no_agreement", False),
        (made(firm_share=0.6, noise=1.0, size=30), {}, "hangs_on_null", None),
        (made(n_firms=9), {}, "too_few_groups", None),
        (made(n_firms=1), {}, "too_few_groups", None),
        (made(size=1), {}, "one_person_groups", None),
        (made(firm_share=0.0, noise=0.0), {}, "no_variance", None),
        (made(noise=0.0), {}, "alike_within", None),
        (made(), {"repeated": True}, "repeated_people", None),
        (made(), {"highest": np.nan}, "open_range", None),
    ],
)
def test_each_verdict(
    data: tuple[pd.DataFrame, pd.Series], change: dict[str, Any], verdict: str, passed: bool | None
) -> None:
    found = judged(*data, **change)
    assert (found.verdict, found.check.passed) == (verdict, passed)
    assert found.n_no_score + found.n_no_group + found.n_single + found.n_used == found.n_rows == len(data[0])


def test_of_a_ready_made_score_only_the_differences_are_judged() -> None:
    items, groups = made()
    found = describe_aggregation(items.mean(axis=1), items[[]], groups, lowest=1, highest=5)
    assert (found.verdict, found.agreement, found.n_complete) == ("no_items", (), 0)
    assert found.differences is not None
    assert np.isnan(found.median("uniform"))
    unlike = made(firm_share=0.0)
    assert (
        describe_aggregation(unlike[0]["m1"], items[[]], unlike[1], lowest=1, highest=5).check.passed is False
    )


def test_who_is_left_out_is_counted() -> None:
    """By hand: two people without a score, three without a firm, one firm of one; one answer is missing."""
    items, groups = made()
    items, groups = items.copy(), groups.copy()
    items.loc[[0, 1]] = np.nan
    groups[[20, 21, 22]] = None
    groups[30] = "alone"
    items.loc[40, "m1"] = np.nan
    found = judged(items, groups)
    assert (found.n_no_score, found.n_no_group, found.n_single) == (2, 3, 1)
    assert (found.n_used, found.n_groups) == (480 - 6, FIRMS)
    assert (found.n_complete, found.n_agreement, found.n_agreement_groups) == (477, 473, FIRMS)
    without = items.index.difference([0, 1, 20, 21, 22, 30])
    assert found.differences is not None
    other = judged(items.loc[without], groups.loc[without])
    assert other.differences is not None
    assert found.differences.icc1 == other.differences.icc1


def test_a_firm_of_which_one_person_answered_everything_has_a_mean_and_no_agreement() -> None:
    items, groups = made()
    items = items.copy()
    items.loc[groups[groups == "F00"].index[1:], "m1"] = np.nan
    found = judged(items, groups)
    assert (found.n_groups, found.n_agreement_groups) == (FIRMS, FIRMS - 1)
    assert found.n_complete - found.n_agreement == 1


def test_people_who_differ_more_than_without_agreement_are_told() -> None:
    items = pd.DataFrame({"m1": [1.0, 5, 1, 5] * 10, "m2": [5.0, 1, 5, 1] * 10})
    groups = pd.Series(np.repeat(np.arange(20), 2))
    found = judged(items, groups)
    assert "below_null" in found.findings
    assert found.median("uniform") == 0.0
    mirrored = judged(pd.DataFrame({"m1": [1.0, 5] * 20}), groups)
    assert {"below_null", "negative_icc"} <= set(mirrored.findings)
    assert mirrored.differences is not None
    assert mirrored.differences.icc1 == pytest.approx(-1.0)


def test_the_skewed_null_is_known_for_five_to_eleven_answers() -> None:
    assert [knows_null("slight_skew", 1, n) for n in range(4, 13)] == [False, *[True] * 7, False]
    assert knows_null("uniform", 0, 100)
    assert not knows_null("uniform", 1, np.nan)
    items, groups = pd.DataFrame({"m1": [1.0, 2, 6, 7]}), pd.Series(list("aabb"))
    found = within_group_agreement(items, groups, lowest=1, highest=7, null="slight_skew")
    assert found.table()["r_wg"].to_numpy() == pytest.approx(1 - 0.5 / 2.90)
    four = judged(made()[0].clip(upper=4), made()[1], highest=4)
    assert [each.null for each in four.agreement] == ["uniform"]


def test_the_medians_and_the_deviation_are_those_of_the_groups() -> None:
    items, groups = made(firm_share=0.6, noise=1.0, size=30)
    found = judged(items, groups)
    by_hand = []
    for _, people in items.groupby(groups):
        u = min(people.var(ddof=1).mean() / 1.34, 1)
        by_hand.append(4 * (1 - u) / (4 * (1 - u) + u))
    assert found.median("slight_skew") == pytest.approx(np.median(by_hand))
    distances = [(people - people.mean()).abs().to_numpy().mean() for _, people in items.groupby(groups)]
    assert found.ad_mean == pytest.approx(np.mean(distances))
    assert "mogen cannot be judged" in str(found)
