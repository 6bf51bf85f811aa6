"""Cronbach's alpha: by hand, against R's psych, and at its edges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from si_research import Codebook, check_direction, keyed_items, read_survey
from si_research.errors import SurveyDataError
from si_research.measurement.reliability import Missing, cronbach_alpha, unknown_reliability
from si_research.survey.codebook import Item, Option, ResponseFormat, Scale

EXACT = 1e-8  # closed forms in double precision on both sides
CLAIMED = {"alpha_check_keys_A_raw"} | {
    f"alpha_{missing}_{letter}" for missing in ("pairwise", "listwise") for letter in "ACENO"
}


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
@pytest.mark.parametrize("letter", list("ACENO"))
def test_alpha_against_psych(
    psych: Mapping[str, Any], bfi: pd.DataFrame, letter: str, missing: Missing
) -> None:
    case = psych[f"alpha_{missing}_{letter}"]
    found = cronbach_alpha(bfi[[f"{letter}{i}" for i in range(1, 6)]], missing=missing)
    assert found.alpha == pytest.approx(case["total"]["raw_alpha"][0], abs=EXACT)
    assert found.alpha_standardised == pytest.approx(case["total"]["std.alpha"][0], abs=EXACT)
    assert found.conf_low == pytest.approx(case["feldt"]["lower"], abs=EXACT)
    assert found.conf_high == pytest.approx(case["feldt"]["upper"], abs=EXACT)
    np.testing.assert_allclose(found.items["alpha_if_dropped"], case["alpha_drop"]["raw_alpha"], atol=EXACT)
    stats = case["item_stats"]
    for ours, theirs in (("n_used", "n"), ("item_rest", "r.drop"), ("mean", "mean"), ("std_dev", "sd")):
        np.testing.assert_allclose(found.items[ours], stats[theirs], atol=EXACT, err_msg=ours)


def test_the_direction_check_finds_the_keys_of_psych(
    psych: Mapping[str, Any], shared: Path, tmp_path: Path
) -> None:
    """psych's ``check.keys`` turns A1 by itself; here it is proposed, and turned by the codebook."""
    case = psych["alpha_check_keys_A_raw"]
    names = [f"A{i}" for i in range(1, 6)]
    data = pd.read_csv(shared / "reference/data/bfi.csv")[names]
    data.to_csv(tmp_path / "bfi.csv", index=False)
    options = tuple(Option(value=value) for value in range(1, 7))
    alphas = {}
    for turned in (False, True):
        codebook = Codebook(
            title="bfi",
            formats={"six": ResponseFormat(options=options)},
            items={name: Item(format="six", reverse=turned and name == "A1") for name in names},
            scales={"A": Scale(construct="other", items=tuple(names))},
        )
        survey = read_survey(tmp_path / "bfi.csv", codebook)
        table = check_direction(survey, codebook).table()
        assert table.loc[table["against"], "item"].tolist() == ([] if turned else ["A1"])
        alphas[turned] = cronbach_alpha(keyed_items(survey, codebook, "A"), missing="pairwise").alpha
    assert ["-A1" if name == "A1" else name for name in names] == case["keys"]
    assert alphas[True] == pytest.approx(case["raw_alpha"], abs=EXACT)
    assert alphas[False] < 0.5


def test_alpha_by_hand() -> None:
    """Two items: variances 1 and 3, covariance 1.5; alpha = 2·(1 - 4/7)."""
    items = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 4.0, 4.0]})
    C = items.cov()
    expected = 2 * (1 - np.trace(C) / C.to_numpy().sum())
    assert (C.iloc[0, 0], C.iloc[1, 1], C.iloc[0, 1]) == (1.0, 3.0, 1.5)
    assert expected == pytest.approx(2 * (1 - 4 / 7))
    assert cronbach_alpha(items).alpha == pytest.approx(expected, abs=1e-12)


def test_interval_by_hand() -> None:
    """Feldt: 1 - (1 - alpha)·F(n - 1, (n - 1)(k - 1)); the F quantile by inverting its distribution."""
    items = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 4.0, 4.0, 5.0], "c": [2.0, 2.0, 4.0, 4.0]})
    found = cronbach_alpha(items, conf_level=0.9)
    for bound, tail in ((found.conf_low, 0.95), (found.conf_high, 0.05)):
        F = (1 - bound) / (1 - found.alpha)
        assert special.fdtr(3, 6, F) == pytest.approx(tail, abs=1e-9)


def test_alpha_if_dropped_is_the_alpha_of_the_others() -> None:
    rng = np.random.default_rng(3)
    common = rng.normal(size=(50, 1))
    items = pd.DataFrame(common + rng.normal(size=(50, 4)), columns=list("abcd"))
    found = cronbach_alpha(items).items
    for name in items:
        rest = items.drop(columns=name)
        assert found["alpha_if_dropped"][name] == pytest.approx(cronbach_alpha(rest).alpha, abs=1e-12)
        assert found["item_rest"][name] == pytest.approx(items[name].corr(rest.sum(axis=1)), abs=1e-12)


def test_standardised_alpha_is_that_of_z_scores() -> None:
    """Spearman-Brown for two items: 2r/(1 + r)."""
    items = pd.DataFrame({"a": [1.0, 2.0, 3.0, 5.0], "b": [10.0, 40.0, 40.0, 90.0]})
    r = items["a"].corr(items["b"])
    found = cronbach_alpha(items)
    assert found.alpha_standardised == pytest.approx(2 * r / (1 + r), abs=1e-12)
    assert found.items["alpha_if_dropped"].isna().all()


def test_an_item_keyed_the_wrong_way_shows_as_a_negative_alpha() -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 1, 2]})
    found = cronbach_alpha(items)
    assert found.alpha == pytest.approx(-8)
    assert found.conf_low < found.alpha < found.conf_high


def test_items_that_cancel_each_other_out_have_no_alpha() -> None:
    found = cronbach_alpha(pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 1]}))
    assert found.status == "cancelled"
    assert np.isnan(found.alpha)
    assert np.isnan(found.conf_low)


def test_missing_answers_are_counted() -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 4, np.nan], "b": [2, 2, 3, 5, 1], "c": [1, np.nan, 3, 4, 2]})
    found = cronbach_alpha(items)
    assert (found.n_rows, found.n_used) == (5, 3)
    assert cronbach_alpha(items, missing="pairwise").n_used == 5


answers = st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=6, max_size=30)


@given(answers, st.integers(-3, 3))
def test_laws(rows: list[list[int]], shift: int) -> None:
    """Alpha does not move under a shift, a mirror or another order of rows."""
    items = pd.DataFrame(rows, columns=["a", "b", "c"])
    if (items.nunique() > 1).sum() < 2 or items.sum(axis=1).nunique() == 1:
        return
    alpha = cronbach_alpha(items).alpha
    for other in (items + shift, 6 - items, items.iloc[::-1]):
        assert cronbach_alpha(other).alpha == pytest.approx(alpha, abs=1e-9)
    assert alpha <= 1 + 1e-12


def test_an_item_without_variance_has_no_item_rest_correlation() -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "c": [3, 3, 3, 3]})
    found = cronbach_alpha(items)
    assert np.isnan(found.items["item_rest"]["c"])


def test_an_item_that_everybody_answers_alike_does_not_count() -> None:
    """A constant adds nothing to the differences between sums: the score is as reliable as without it."""
    items = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4]})
    without, found = cronbach_alpha(items), cronbach_alpha(items.assign(c=0.1))
    assert (found.alpha, found.conf_low, found.conf_high) == pytest.approx(
        (without.alpha, without.conf_low, without.conf_high)
    )
    assert found.items["alpha_if_dropped"]["c"] == pytest.approx(without.alpha)
    assert found.items["alpha_if_dropped"][["a", "b"]].isna().all()
    assert found.n_items == 3


@pytest.mark.parametrize(
    "items",
    [
        pd.DataFrame({"a": [1, 2, 3]}),
        pd.DataFrame({"a": [1, 2, 3], "b": [2, 2, 2]}),
        pd.DataFrame({"a": [1, 2, np.nan], "b": [np.nan, 2, 3]}),
    ],
)
def test_too_little_for_alpha(items: pd.DataFrame) -> None:
    with pytest.raises(SurveyDataError, match="at least two items that vary"):
        cronbach_alpha(items)


def test_unknown_is_said_and_not_refused() -> None:
    found = unknown_reliability(
        pd.DataFrame({"score": [1.0, 2.0, np.nan]}), scale="kunnen", status="single score"
    )
    assert np.isnan(found.alpha)
    assert found.n_used == 2
    assert "unknown" in str(found)


def test_an_unknown_alpha_counts_the_people_it_would_rest_on() -> None:
    """k2 has no answers: nobody answered every question, three people answered one."""
    items = pd.DataFrame({"k1": [1.0, 2.0, 3.0, np.nan], "k2": [np.nan] * 4})
    ways: tuple[Missing, Missing] = ("listwise", "pairwise")
    counted = [
        unknown_reliability(items, scale="kunnen", status="too few", missing=each).n_used for each in ways
    ]
    assert counted == [0, 3]
