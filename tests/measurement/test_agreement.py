"""ICC, r_wg and deviations: by hand, by brute force, against R's multilevel, and at their edges."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.measurement.aggregation import check_aggregation
from si_research.measurement.agreement import (
    IntraclassCorrelation,
    intraclass_correlation,
    within_group_agreement,
)

EXACT = 1e-8  # closed forms in double precision on both sides
CLAIMED = {
    *(f"bh1996_icc_{name}" for name in ("COHES", "LEAD", "HRS", "WBEING")),
    *(f"bh1996_rwg_{name}" for name in ("COHES", "LEAD", "WBEING")),
    "bhr2000_icc_scale",
    "bhr2000_rwgj_9_items",
    "bhr2000_rwgj_lindell",
    "bhr2000_rwgj_slight_skew",
    "bhr2000_ad_mean",
}


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, dict[str, Any]]:
    content = json.loads((shared / "reference/aggregation/icc_rwg.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="module")
def army(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/data/bh1996.csv")


@pytest.fixture(scope="module")
def leaders(shared: Path, cases: dict[str, dict[str, Any]]) -> tuple[pd.DataFrame, pd.Series]:
    frame = pd.read_csv(shared / "reference/data/bhr2000.csv")
    return frame[cases["bhr2000_rwgj_9_items"]["items"]], frame["GRP"]


def assert_icc(found: IntraclassCorrelation, case: dict[str, Any]) -> None:
    ours_to_theirs = {
        "n_used": "n",
        "n_groups": "groups",
        "mean_size": "mean_size",
        "corrected_size": "n0",
        "mean_square_between": "MSB",
        "mean_square_within": "MSW",
        "statistic": "F",
        "df_between": "df1",
        "df_within": "df2",
        "icc1_mean_size": "ICC1_multilevel",
        "icc2": "ICC2_multilevel",
    }
    for ours, theirs in ours_to_theirs.items():
        assert getattr(found, ours) == pytest.approx(case[theirs], rel=EXACT), ours
    assert found.p_value == pytest.approx(case["p"], rel=1e-6)  # a tail of 1e-165


@pytest.mark.parametrize("name", ["COHES", "LEAD", "HRS", "WBEING"])
def test_icc_against_multilevel(cases: dict[str, dict[str, Any]], army: pd.DataFrame, name: str) -> None:
    assert_icc(intraclass_correlation(army[name], army["GRP"]), cases[f"bh1996_icc_{name}"])


def test_icc_of_a_scale_against_multilevel(
    cases: dict[str, dict[str, Any]], leaders: tuple[pd.DataFrame, pd.Series]
) -> None:
    items, groups = leaders
    assert_icc(intraclass_correlation(items.mean(axis=1), groups), cases["bhr2000_icc_scale"])


def assert_groups(found: pd.Series, case: dict[str, Any], column: str) -> None:
    theirs = pd.Series(case["per_group"][column], index=map(str, case["per_group"]["group"])).astype(float)
    np.testing.assert_allclose(found.set_axis(found.index.map(str))[theirs.index], theirs, atol=EXACT)


@pytest.mark.parametrize("name", ["COHES", "LEAD", "WBEING"])
def test_r_wg_against_multilevel(cases: dict[str, dict[str, Any]], army: pd.DataFrame, name: str) -> None:
    found = within_group_agreement(army[[name]], army["GRP"], lowest=1, highest=5).table()
    assert_groups(found["r_wg"], cases[f"bh1996_rwg_{name}"], "value")


def test_r_wg_j_and_deviations_against_multilevel(
    cases: dict[str, dict[str, Any]], leaders: tuple[pd.DataFrame, pd.Series]
) -> None:
    found = within_group_agreement(*leaders, lowest=1, highest=5).table()
    assert_groups(found["r_wg"], cases["bhr2000_rwgj_9_items"], "value")
    assert_groups(found["r_wg_lindell"], cases["bhr2000_rwgj_lindell"], "value")
    assert_groups(found["ad_mean"], cases["bhr2000_ad_mean"], "ad")
    skewed = within_group_agreement(*leaders, lowest=1, highest=5, null="slight_skew").table()["r_wg"]
    case = cases["bhr2000_rwgj_slight_skew"]
    for ours, theirs in ((skewed.mean(), "mean"), (skewed.median(), "median"), (skewed.std(), "sd")):
        assert ours == pytest.approx(case[theirs], abs=EXACT)


def test_null_variances_are_those_published() -> None:
    """LeBreton & Senter (2008), table 2, five answers; uniform: (A² - 1)/12."""
    items, groups = pd.DataFrame({"m1": [1, 2, 4, 5]}), pd.Series(list("aabb"))
    published = {
        "uniform": 2.0,
        "slight_skew": 1.34,
        "moderate_skew": 0.90,
        "heavy_skew": 0.44,
        "triangular": 1.32,
        "normal": 1.04,
    }
    for null, variance in published.items():
        found = within_group_agreement(items, groups, lowest=1, highest=5, null=null)  # type: ignore[arg-type]
        assert found.null_variance == pytest.approx(variance, abs=1e-12)
    assert within_group_agreement(items, groups, lowest=1, highest=7).null_variance == 4.0
    assert within_group_agreement(items, groups, lowest=1, highest=7, null=2.9).null_variance == 2.9


def test_against_brute_force_with_missing_answers_and_ties() -> None:
    rng = np.random.default_rng(4)
    items = pd.DataFrame(rng.integers(1, 6, (80, 3)).astype(float), columns=["m1", "m2", "m3"])
    items = items.mask(rng.random(items.shape) < 0.1)
    groups = pd.Series(rng.choice(["a", "b", "c", None], 80))
    found = within_group_agreement(items, groups, lowest=1, highest=5)
    complete = items[items.notna().all(axis=1) & groups.notna()]
    assert (found.n_rows, found.n_used) == (80, len(complete))
    for name, row in found.table().iterrows():
        people = complete[groups[complete.index] == name]
        spread = statistics.mean(statistics.variance(people[item]) for item in people)
        u = min(spread / 2, 1)
        assert row["r_wg"] == pytest.approx(3 * (1 - u) / (3 * (1 - u) + u))
        assert row["r_wg_lindell"] == pytest.approx(1 - spread / 2)
        middles = {item: statistics.median(people[item]) for item in people}
        deviations = [abs(answer - middles[item]) for item in people for answer in people[item]]
        assert row["ad_median"] == pytest.approx(statistics.mean(deviations))


def test_icc_by_hand() -> None:
    """Means 1.5, 2.5, 4.5: MSB = 14/3, MSW = 1/2, F = 28/3."""
    score, firm = pd.Series([1.0, 2, 2, 3, 4, 5, np.nan]), pd.Series(list("aabbcca"))
    found = intraclass_correlation(score, firm)
    assert (found.n_rows, found.n_used) == (7, 6)
    assert found.icc1 == pytest.approx((14 / 3 - 0.5) / (14 / 3 + 0.5))
    assert found.icc2 == pytest.approx(1 - 3 / 28)
    assert list(found.table()["term"]) == ["ICC(1)", "ICC(2)"]


def test_the_interval_of_icc_holds_the_truth_as_often_as_it_says() -> None:
    """400 surveys with ICC .20 in 30 groups of ten: Monte Carlo error of .95 is .011."""
    rng, n_groups, size = np.random.default_rng(8), 30, 10
    groups = pd.Series(np.repeat(np.arange(n_groups), size))
    held = 0
    for _ in range(400):
        firms = rng.normal(0, np.sqrt(0.2), n_groups)[groups]
        found = intraclass_correlation(pd.Series(firms + rng.normal(0, np.sqrt(0.8), len(groups))), groups)
        held += found.conf_low <= 0.2 <= found.conf_high
    assert abs(held / 400 - 0.95) < 2 * 0.011


@pytest.mark.parametrize(
    ("score", "icc1"),
    [([2.0, 2, 2, 2], np.nan), ([1.0, 5, 1, 5], -1.0), ([1.0, 1, 5, 5], np.nan)],
    ids=["nothing varies", "people of one firm differ more than strangers", "firms of one answer each"],
)
def test_edges_of_icc(score: list[float], icc1: float) -> None:
    found = intraclass_correlation(pd.Series(score), pd.Series(list("aabb")))
    if found.mean_square_within == 0 and found.mean_square_between > 0:
        assert (found.icc1, found.icc2) == (1.0, 1.0)
        assert np.isnan(found.p_value)
    else:
        assert found.icc1 == pytest.approx(icc1, nan_ok=True)


def test_teams_of_one_person_have_no_agreement_and_no_icc() -> None:
    items, groups = pd.DataFrame({"m1": [1.0, 3, 5]}), pd.Series(list("abc"))
    table = within_group_agreement(items, groups, lowest=1, highest=5).table()
    assert table.drop(columns="n_used").isna().all().all()
    assert np.isnan(intraclass_correlation(items["m1"], groups).icc1)
    assert check_aggregation(items, groups, lowest=1, highest=5).passed is None


def test_one_group_is_refused() -> None:
    with pytest.raises(SurveyDataError, match="at least two groups"):
        intraclass_correlation(pd.Series([1.0, 2.0]), pd.Series(["a", "a"]))
    with pytest.raises(SurveyDataError, match="five answers only"):
        within_group_agreement(
            pd.DataFrame({"m1": [1, 2]}), pd.Series(["a", "b"]), lowest=1, highest=7, null="heavy_skew"
        )


@pytest.mark.parametrize(
    ("firm_share", "person_noise", "passed"), [(1.0, 0.6, True), (0.0, 0.6, False), (1.0, 2.5, False)]
)
def test_a_scale_is_averaged_where_firms_differ_and_their_people_agree(
    firm_share: float, person_noise: float, passed: bool
) -> None:
    rng = np.random.default_rng(2)
    groups = pd.Series(np.repeat(np.arange(40), 12))
    firms = firm_share * rng.normal(0, 0.8, 40)[groups]
    answers = firms[:, None] + rng.normal(3, person_noise, (len(groups), 4))
    items = pd.DataFrame(np.clip(np.rint(answers), 1, 5))
    found = check_aggregation(items, groups, lowest=1, highest=5, scale="mogen")
    assert found.passed is passed
    assert found.text.startswith("mogen may be averaged" if passed else "mogen may not be averaged")
    few = groups < 6
    assert check_aggregation(items[few], groups[few], lowest=1, highest=5).passed is None
