"""The wild bootstrap interval: R, refits at trial values, a closed form, and what has no interval."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.model import wild_interval
from si_research.model.design import Roles, design_matrix
from si_research.model.inference import LeastSquares, coefficient_table, least_squares
from si_research.model.wild_bootstrap import bootstrap_p_value, bootstrap_t, firm_weights
from si_research.model.wild_interval import WildBootstrapTest, wild_bootstrap_test

TERMS = ["kunnen", "willen", "mogen", "kunnen:willen:mogen"]


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Any]:
    content = json.loads((shared / "reference/regression/wild_cluster_bootstrap.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="module")
def teams(shared: Path) -> LeastSquares:
    data = pd.read_csv(shared / "reference/data/teams_10_clusters.csv")
    design = design_matrix(data, Roles("iwb", ("kunnen", "willen", "mogen")))
    for term in design.columns[1:]:
        design[term] = data[term.split(":")].prod(axis=1)
    return least_squares(design, data["iwb"], data["team"])


def check_against_r(found: WildBootstrapTest, case: dict[str, Any]) -> None:
    """p is a count: equal. R looks for an end in a 25th of its search range (at most the square root of 2
    times the width) by ten iterations of ``uniroot``, and is left within 1/2^9 of it."""
    assert (found.n_draws, found.weights) == (case["boot_iter"], "rademacher, enumerated")
    assert found.p_value == case["p_value"]
    assert found.statistic == pytest.approx(case["t_stat"], rel=1e-8)
    low, high = case["conf_int"]
    room = np.sqrt(2) * (high - low) / 25 / 2**9
    assert found.conf_low == pytest.approx(low, abs=room)
    assert found.conf_high == pytest.approx(high, abs=room)
    assert (found.note, found.mc_error) == ("", 0)


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize(("name", "null_imposed"), [("wcr", True), ("wcu", False)])
def test_intervals_of_r(
    cases: dict[str, Any], teams: LeastSquares, term: str, name: str, null_imposed: bool
) -> None:
    found = wild_bootstrap_test(teams, term, seed=1, weights="rademacher", null_imposed=null_imposed)
    check_against_r(found, cases[f"{name}_rademacher_enumerated_{term}"])


def test_equal_tails_of_r(cases: dict[str, Any], teams: LeastSquares) -> None:
    found = wild_bootstrap_test(teams, TERMS[3], seed=1, weights="rademacher", tails="equal")
    check_against_r(found, cases["wcr_equal_tailed_three_way"])


def test_webb_interval_of_r(cases: dict[str, Any], teams: LeastSquares) -> None:
    """Its ends lie between ours at levels four standard errors of a difference of two p of 5 % apart."""
    case = cases["wcr_webb_9999_three_way"]
    room = 4 * np.sqrt(2 * 0.05 * 0.95 / 9999)
    wide, narrow = (
        wild_bootstrap_test(teams, TERMS[3], seed=1, conf_level=0.95 + move) for move in (room, -room)
    )
    assert wide.weights == "webb"
    low, high = case["conf_int"]
    assert wide.conf_low < low < narrow.conf_low
    assert narrow.conf_high < high < wide.conf_high
    assert wide.p_value == pytest.approx(case["p_value"], abs=4 * np.sqrt(2) * wide.mc_error)


def made(sizes: list[int], seed: int, *, grid: bool = False) -> LeastSquares:
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    x = rng.normal(size=(n, 2))
    x = np.clip(np.rint(x + 3), 1, 5) if grid else x
    design = pd.DataFrame({"one": 1.0, "a": x[:, 0], "b": x[:, 1], "a:b": x[:, 0] * x[:, 1]})
    firm = pd.Series(rng.permutation(np.repeat(np.arange(len(sizes)), sizes)))
    y = x[:, 0] + rng.normal(size=len(sizes))[firm] + rng.normal(size=n)
    return least_squares(design, pd.Series(np.rint(y) if grid else y), firm)


def refitted_p(fit: LeastSquares, place: int, trial: float, weights: np.ndarray, tails: str) -> float:
    """p of one trial value, by making every outcome anew, refitting, and taking CR1S anew."""
    kept = np.delete(fit.X, place, axis=1)
    target = fit.y - trial * fit.X[:, place]
    fitted = kept @ np.linalg.lstsq(kept, target, rcond=None)[0] + trial * fit.X[:, place]
    inside = fit.clusters == np.arange(fit.n_clusters)[:, None]
    bread = np.linalg.inv(fit.X.T @ fit.X)

    def t(y: np.ndarray) -> float:
        b = bread @ fit.X.T @ y
        scores = inside @ (fit.X * (y - fit.X @ b)[:, None]) @ bread
        return (b[place] - trial) / np.sqrt((scores[:, place] ** 2).sum())

    observed = t(fit.y)
    drawn = np.array([t(fitted + (fit.y - fitted) * w[fit.clusters]) for w in weights])
    if tails == "equal":
        sides = bootstrap_p_value_signed(observed, drawn), bootstrap_p_value_signed(-observed, -drawn)
        return min(1, 2 * min(sides))
    return float((1 + np.sum(np.abs(drawn) >= abs(observed) * (1 - 1e-9))) / (1 + len(drawn)))


def bootstrap_p_value_signed(observed: float, drawn: np.ndarray) -> float:
    return float((1 + np.sum(drawn >= observed - 1e-9 * abs(observed))) / (1 + len(drawn)))


@pytest.mark.parametrize("tails", ["symmetric", "equal"])
@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.parametrize("sizes", [[3, 4, 30, 5, 9, 1], [6] * 6])
def test_both_ends_by_refitting(sizes: list[int], grid: bool, tails: str) -> None:
    """Just inside an end the refitted p is above 10 %, just outside it is not; and p of 0 is equal."""
    fit = made(sizes, seed=4, grid=grid)
    found = wild_bootstrap_test(fit, "b", draws=299, seed=2, conf_level=0.9, tails=tails)
    weights = firm_weights(6, 299, seed=2)
    assert found.p_value == pytest.approx(refitted_p(fit, 2, 0.0, weights, tails), rel=1e-12)
    step = 1e-6 * (found.conf_high - found.conf_low)
    for end, outwards in ((found.conf_low, -step), (found.conf_high, step)):
        assert refitted_p(fit, 2, end - outwards, weights, tails) > 0.1
        assert refitted_p(fit, 2, end + outwards, weights, tails) <= 0.1


@pytest.mark.parametrize("tails", ["symmetric", "equal"])
def test_the_whole_curve_by_refitting(tails: str) -> None:
    """p at trial values near and far."""
    fit = made([3, 4, 30, 5, 9, 1], seed=5)
    asked = wild_bootstrap_test(fit, "b", draws=199, seed=3, tails=tails)
    firms = wild_interval._firm_parts(fit, 2)
    drawn = wild_interval._drawn(firms, asked, 199)
    trials = np.array([-60.0, -4, -2.5, -1, 0, 0.7, 2, 3.5, 25])
    unit = firms.std_error / fit.scale[2]
    weights = firm_weights(6, 199, seed=3)
    expected = [refitted_p(fit, 2, fit.estimate[2] + v * unit, weights, tails) for v in trials]
    np.testing.assert_allclose(drawn.p_values(trials), expected, rtol=1e-12)


@pytest.mark.parametrize("null_imposed", [True, False])
def test_p_is_that_of_the_bootstrap_t(null_imposed: bool) -> None:
    fit = made([8] * 14, seed=6)
    statistic, drawn = bootstrap_t(fit, "a:b", firm_weights(14, 999, seed=5), null_imposed=null_imposed)
    found = wild_bootstrap_test(fit, "a:b", draws=999, seed=5, null_imposed=null_imposed)
    assert found.weights == "rademacher"
    assert found.p_value == bootstrap_p_value(abs(statistic), np.abs(drawn))
    assert found.statistic == pytest.approx(statistic, rel=1e-10)
    assert found.mc_error == pytest.approx(np.sqrt(found.p_value * (1 - found.p_value) / 999))


def test_typical_values_of_a_mean() -> None:
    """For the mean of equal firms a pattern of signs is beyond the observed one where the trial value lies
    between the mean of the firms that it flips and that of the others (Hartigan 1969): with 8 firms and
    p > 5 % for 7 of the 127 pairs, the ends are the seventh smallest and largest of these means."""
    rng = np.random.default_rng(3)
    means = rng.normal(size=8)
    y = pd.Series((means[:, None] + [-0.5, 0.2, 0.3]).ravel())
    fit = least_squares(pd.DataFrame({"one": np.ones(24)}), y, pd.Series(np.repeat(np.arange(8), 3)))
    pairs = []
    for flipped in product([False, True], repeat=7):
        chosen = np.array([False, *flipped])
        if chosen.any():
            pairs.append(sorted([means[chosen].mean(), means[~chosen].mean()]))
    low, high = np.sort(np.array(pairs), axis=0).T
    found = wild_bootstrap_test(fit, "one", seed=1, weights="rademacher")
    assert found.n_draws == 256
    assert found.conf_low == pytest.approx(low[6], abs=1e-8)
    assert found.conf_high == pytest.approx(high[-7], abs=1e-8)
    assert found.p_value == 2 * sum(bool(a < 0 < b) for a, b in pairs) / 256


@pytest.mark.parametrize("seed", range(12))
def test_p_and_interval_agree(seed: int) -> None:
    fit = made([6, 3, 9, 12, 4, 5, 20, 8], seed=seed)
    found = wild_bootstrap_test(fit, "b", draws=399, seed=seed, tails=("symmetric", "equal")[seed % 2])
    assert found.conf_low < found.estimate < found.conf_high
    if found.note == "":
        assert (found.conf_low <= 0 <= found.conf_high) == (found.p_value > 0.05)
    if found.p_value > 0.05:
        assert found.conf_low <= 0 <= found.conf_high


def test_units_and_order_of_rows_change_nothing() -> None:
    fit = made([6, 3, 9, 12, 4], seed=1)
    found = wild_bootstrap_test(fit, "b", draws=399, seed=1)
    order = np.random.default_rng(1).permutation(fit.n)
    design = pd.DataFrame(fit.X[order] * [1, 1, 1e7, 1e-3], columns=list(fit.terms))
    moved = least_squares(design, pd.Series(fit.y[order] / 1e5), pd.Series(fit.clusters[order]))
    other = wild_bootstrap_test(moved, "b", draws=399, seed=1)
    assert other.p_value == found.p_value
    assert other.conf_low * 1e12 == pytest.approx(found.conf_low, rel=1e-7)
    assert other.conf_high * 1e12 == pytest.approx(found.conf_high, rel=1e-7)


@pytest.mark.parametrize("weights", ["auto", "rademacher"])
def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch, weights: Any) -> None:
    fit = made([6, 3, 9, 12, 4, 5, 5, 8], seed=2)
    whole = wild_bootstrap_test(fit, "b", draws=399, seed=1, weights=weights)
    monkeypatch.setattr(wild_interval, "CELLS", 8 * 31)
    monkeypatch.setattr(wild_interval, "TOGETHER", 900)
    batched = wild_bootstrap_test(fit, "b", draws=399, seed=1, weights=weights)
    assert batched.p_value == whole.p_value
    assert batched.conf_low == pytest.approx(whole.conf_low, rel=1e-9)


def missing(found: WildBootstrapTest) -> bool:
    values = [found.statistic, found.p_value, found.mc_error, found.conf_low, found.conf_high]
    return bool(np.isnan(values).all() and np.isfinite(found.estimate) and found.n_draws == 0)


def test_one_firm_has_no_test() -> None:
    found = wild_bootstrap_test(made([20], seed=1), "b", seed=1)
    assert found.note == "one_cluster"
    assert missing(found)


def test_two_firms_reject_nothing() -> None:
    """A sixth of the pairs of Webb's weights give back the data, or mirror them."""
    found = wild_bootstrap_test(made([12, 9], seed=1), "b", seed=1)
    assert found.note == "unbounded"
    assert (found.conf_low, found.conf_high) == (-np.inf, np.inf)
    assert found.p_value > 1 / 6 - 4 * np.sqrt(1 / 6 * 5 / 6 / 9999)


@pytest.mark.parametrize("term", ["b", "a:b"])
def test_patterns_that_give_back_the_data_tie_at_every_trial_value(term: str) -> None:
    """Far from zero, products are almost collinear and rounding is large: p is never below their share."""
    fit = made([12, 9, 10], seed=1)
    far = fit.X[:, 1:3] + [1000, 700]
    design = pd.DataFrame({"one": 1.0, "a": far[:, 0], "b": far[:, 1], "a:b": far[:, 0] * far[:, 1]})
    moved = least_squares(design, pd.Series(fit.y), pd.Series(fit.clusters))
    asked = wild_bootstrap_test(moved, term, draws=999, seed=1)
    drawn = wild_interval._drawn(wild_interval._firm_parts(moved, fit.terms.index(term)), asked, 999)
    same = (np.ptp(firm_weights(3, 999, seed=1), axis=1) == 0).sum()
    trials = np.concatenate([-wild_interval.TRIALS, wild_interval.TRIALS])
    assert same > 15
    assert drawn.p_values(trials).min() >= (1 + same) / 1000


def test_three_firms_reject_at_5_but_not_at_2_per_cent() -> None:
    """6 of the 216 patterns are equal weights: 2.8 %."""
    fit = made([12, 9, 10], seed=2)
    assert np.isfinite(wild_bootstrap_test(fit, "b", seed=1).conf_low)
    found = wild_bootstrap_test(fit, "b", seed=1, conf_level=0.98)
    assert (found.note, found.conf_low, found.conf_high) == ("unbounded", -np.inf, np.inf)


@pytest.mark.parametrize(("n_firms", "note"), [(4, "unbounded"), (6, "few_sign_patterns"), (8, "")])
def test_few_patterns_of_signs_count_the_one_of_the_data(n_firms: int, note: str) -> None:
    """2 of 16 are 12 %, 2 of 64 are 3 %; from 8 firms on p = 0 is R's."""
    fit = made([7] * n_firms, seed=9)
    moved = least_squares(
        pd.DataFrame(fit.X, columns=list(fit.terms)),
        pd.Series(fit.y + 100 * fit.X[:, 2]),
        pd.Series(fit.clusters),
    )
    found = wild_bootstrap_test(moved, "b", seed=1, weights="rademacher")
    assert found.note == note
    assert found.n_draws == 2**n_firms
    assert (found.p_value == 0) == (n_firms == 8)
    assert found.p_value >= (n_firms < 8) * 2 / 2**n_firms


def test_a_firm_that_alone_carries_a_level_has_no_test() -> None:
    fit = made([6, 7, 8, 9, 10], seed=3)
    lone = pd.DataFrame(fit.X, columns=list(fit.terms)).assign(lone=(fit.clusters == 2).astype("float64"))
    fit = least_squares(lone, pd.Series(fit.y), pd.Series(fit.clusters))
    found = wild_bootstrap_test(fit, "lone", seed=1)
    assert found.note == "cluster_identifies_term"
    assert missing(found)
    assert wild_bootstrap_test(fit, "b", seed=1).note == ""


def test_no_residuals_no_test() -> None:
    fit = made([2, 2, 2, 3, 2], seed=3)
    exact = least_squares(
        pd.DataFrame(fit.X, columns=list(fit.terms)), pd.Series(fit.X @ [1, 2, 3, 4]), pd.Series(fit.clusters)
    )
    found = wild_bootstrap_test(exact, "b", seed=1)
    assert found.note == "no_error"
    assert missing(found)


def test_a_set_that_is_no_interval_is_said_to_be_none() -> None:
    """One firm of 90 %: values are rejected, by refitting, that lie between values that are not."""
    fit = made([90, 2, 2, 2, 2, 2], seed=28)
    found = wild_bootstrap_test(fit, "b", draws=299, seed=1)
    assert found.note == "not_an_interval"
    weights = firm_weights(6, 299, seed=1)
    trials = np.linspace(found.conf_low, found.conf_high, 60)[1:-1]
    kept = [refitted_p(fit, 2, trial, weights, "symmetric") > 0.05 for trial in trials]
    assert kept[0]
    assert kept[-1]
    assert not all(kept)


def test_firms_of_one_person_agree_with_hc() -> None:
    """Many singletons: the interval is close to that of t with the heteroscedastic standard error."""
    fit = made([1] * 400, seed=5)
    found = wild_bootstrap_test(fit, "b", draws=1999, seed=1)
    near = coefficient_table(fit, "HC3", 0.95).loc["b"]
    width = near["conf_high"] - near["conf_low"]
    assert found.conf_low == pytest.approx(near["conf_low"], abs=0.05 * width)
    assert found.conf_high == pytest.approx(near["conf_high"], abs=0.05 * width)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"term": "c"}, "one of one, a, b, a:b"),
        ({"draws": 198}, "at least 199"),
        ({"conf_level": 1.0}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_asked(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelSpecificationError, match=words):
        wild_bootstrap_test(made([5, 6, 7], seed=1), **{"term": "b", "seed": 1, **changes})


def test_no_firms_no_test() -> None:
    fit = made([5, 6, 7], seed=1)
    people = least_squares(pd.DataFrame(fit.X, columns=list(fit.terms)), pd.Series(fit.y))
    with pytest.raises(ModelSpecificationError, match="a fit with firms"):
        wild_bootstrap_test(people, "b", seed=1)
