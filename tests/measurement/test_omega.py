"""Omega total: against psych, by hand, its interval in simulated surveys, and where it does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.factors.confirmatory import fit_factors
from si_research.measurement.factors.minres import minres_loadings
from si_research.measurement.factors.validity import factor_validity
from si_research.measurement.omega import omega_total

CLAIMED = {"omega_one_factor_per_scale"}
MINRES = 1e-5  # psych's search stops at about 1e-6 in the loadings


def one_factor(n: int, loadings: list[float], seed: int | list[int]) -> pd.DataFrame:
    rng, own = np.random.default_rng(seed), np.array(loadings)
    x = rng.normal(size=(n, 1)) * own + rng.normal(size=(n, len(own))) * np.sqrt(1 - own**2)
    return pd.DataFrame(x, columns=[f"k{place}" for place in range(1, len(own) + 1)])


@pytest.mark.parametrize("letter", list("ACENO"))
def test_minres_against_psych(psych: Mapping[str, Any], bfi: pd.DataFrame, letter: str) -> None:
    case = psych["omega_one_factor_per_scale"][letter]
    items = bfi[[f"{letter}{i}" for i in range(1, 6)]]
    found = omega_total(items, method="minres")
    assert found.omega == pytest.approx(case["omega_tot"], abs=MINRES)
    loading = found.items["loading"].to_numpy()
    np.testing.assert_allclose(loading, list(case["loadings"].values()), atol=MINRES)
    by_formula = loading.sum() ** 2 / (loading.sum() ** 2 + found.items["rest"].sum())
    assert by_formula == pytest.approx(case["omega_total_formula"], abs=MINRES)
    assert (loading**2).sum() == pytest.approx(case["communality_sum"], abs=MINRES)
    assert np.isnan(found.conf_low)


def test_omega_of_maximum_likelihood_is_that_of_the_factor_model(bfi: pd.DataFrame) -> None:
    """Composite reliability over the observed variance, as ``compRelSEM`` of semTools has it."""
    items = bfi[[f"E{i}" for i in range(1, 6)]]
    found = omega_total(items)
    fit = fit_factors(items, {"E": list(items)})
    assert found.omega == pytest.approx(factor_validity(fit).factors_.loc["E", "omega"], abs=1e-9)
    assert found.n_used == len(items.dropna())
    assert found.conf_low < found.omega < found.conf_high


def test_omega_by_hand() -> None:
    """Covariances that a factor of three items reproduces: loadings 1, 2 and 3, own variances 1, 2 and 3."""
    wanted = np.outer([1, 2, 3], [1, 2, 3]) + np.diag([1.0, 2.0, 3.0])
    x = np.random.default_rng(1).normal(size=(60, 3))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / 60)).T @ np.linalg.cholesky(wanted).T
    found = omega_total(pd.DataFrame(x, columns=["a", "b", "c"]))
    assert found.omega == pytest.approx(36 / 42, abs=1e-6)
    np.testing.assert_allclose(found.items["rest"], [1 / 2, 2 / 6, 3 / 12], atol=1e-6)


def test_equal_items_have_omega_equal_to_alpha() -> None:
    """Where items measure equally well omega is alpha, k·r/(1 + (k - 1)r)."""
    found = omega_total(one_factor(40_000, [0.7] * 4, seed=3))
    assert found.omega == pytest.approx(4 * 0.49 / (1 + 3 * 0.49), abs=0.005)


def test_the_interval_is_that_of_leaving_out_one_person_at_a_time() -> None:
    """The jackknife of ln(1 - omega) needs no derivative at all."""
    items = one_factor(40, [0.8, 0.7, 0.6], seed=5).round(1)
    found = omega_total(items)
    without = [omega_total(items.drop(index=row).reset_index(drop=True)).omega for row in items.index]
    logs = np.log(1 - np.array(without))
    error = np.sqrt(39 / 40 * ((logs - logs.mean()) ** 2).sum())
    reach = np.log((1 - found.conf_low) / (1 - found.omega)) / 1.959964
    assert reach == pytest.approx(error, rel=0.1)
    assert np.log((1 - found.omega) / (1 - found.conf_high)) == pytest.approx(1.959964 * reach, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("coarse", [False, True])
def test_the_interval_covers_in_simulated_surveys(coarse: bool) -> None:
    """The truth of five-point answers is that of 200,000 people."""

    def survey(n: int, seed: int) -> pd.DataFrame:
        items = one_factor(n, [0.8, 0.7, 0.6, 0.5], seed=[7, seed])
        return np.clip(np.rint(3 + items), 1, 5) if coarse else items

    true = omega_total(survey(200_000, 0)).omega
    runs = [omega_total(survey(200, run)) for run in range(1, 501)]
    covered = np.mean([each.conf_low <= true <= each.conf_high for each in runs])
    assert covered == pytest.approx(0.95, abs=3 * np.sqrt(0.05 * 0.95 / 500))


def test_people_of_one_firm_who_are_alike_widen_the_interval() -> None:
    """Every answer ten times, as ten people of one firm: the interval is that of the firms."""
    firms = one_factor(200, [0.7, 0.7, 0.6], seed=8)
    people = pd.DataFrame(np.repeat(firms.to_numpy(), 10, axis=0), columns=firms.columns)
    by_firm = omega_total(people, clusters=pd.Series(np.repeat(np.arange(200), 10)))
    alone, apart = omega_total(firms), omega_total(people)
    assert by_firm.omega == pytest.approx(alone.omega, abs=1e-9)
    assert by_firm.conf_low == pytest.approx(alone.conf_low, abs=1e-6)
    assert by_firm.conf_high - by_firm.conf_low > 3 * (apart.conf_high - apart.conf_low)


@pytest.mark.parametrize("n_firms", [1, 2, 9])
def test_the_interval_of_few_firms_is_that_of_people(n_firms: int) -> None:
    """One firm has no spread, and an interval of no width would look sure."""
    items = one_factor(180, [0.7, 0.6, 0.8], seed=5)
    of_people = omega_total(items)
    found = omega_total(items, clusters=pd.Series(np.arange(180) % n_firms))
    assert (found.conf_low, found.conf_high) == (of_people.conf_low, of_people.conf_high)
    enough = omega_total(items, clusters=pd.Series(np.arange(180) % 10))
    assert enough.conf_low != of_people.conf_low


def test_a_row_without_a_firm_is_one_by_itself() -> None:
    items = one_factor(200, [0.7, 0.7, 0.6], seed=8)
    nobody = omega_total(items, clusters=pd.Series([None] * 200))
    assert nobody.conf_low == pytest.approx(omega_total(items).conf_low, abs=1e-12)


def test_an_item_that_everybody_answers_alike_changes_nothing() -> None:
    items = one_factor(200, [0.7, 0.7, 0.6], seed=9)
    found = omega_total(items.assign(same=3.0))
    assert found.status == "estimated"
    assert found.omega == pytest.approx(omega_total(items).omega, abs=1e-12)
    assert np.isnan(found.items.loc["same", "loading"])
    assert found.n_items == 4


def test_the_order_and_the_unit_of_the_answers_do_not_matter() -> None:
    items = one_factor(200, [0.7, 0.7, 0.6], seed=10)
    omega = omega_total(items).omega
    for other in (items.iloc[::-1], 10 * items + 3, -items, items[["k3", "k1", "k2"]]):
        assert omega_total(other.reset_index(drop=True)).omega == pytest.approx(omega, abs=1e-7)


RNG = np.random.default_rng(11)
EDGES = {
    "one item": pd.DataFrame({"a": RNG.normal(size=50)}),
    "two items": pd.DataFrame(RNG.normal(size=(50, 2)), columns=["a", "b"]),
    "too few": pd.DataFrame(RNG.normal(size=(6, 8)), columns=list("abcdefgh")),
    "no variance": pd.DataFrame(RNG.normal(size=(50, 2)), columns=["a", "b"]).assign(c=1.0, d=2.0),
    "dependent items": pd.DataFrame(RNG.normal(size=(50, 3)), columns=["a", "b", "c"]).assign(
        d=lambda table: table["a"]
    ),
}


@pytest.mark.parametrize("method", ["ml", "minres"])
@pytest.mark.parametrize("status", EDGES)
def test_where_there_is_no_omega_it_is_said_why(status: str, method: Any) -> None:
    found = omega_total(EDGES[status], method=method)
    assert found.status == status
    assert np.isnan([found.omega, found.conf_low, found.conf_high]).all()
    assert status in str(found)
    assert found.concerned == {"no variance": ("c", "d"), "dependent items": ("a", "d")}.get(status, ())


@pytest.mark.parametrize("method", ["ml", "minres"])
def test_a_heywood_case_is_named_and_has_no_omega(method: Any) -> None:
    """Correlations .8, .8 and .3: the first item would have to share .8·.8/.3 > 1 of its variance."""
    R = np.array([[1, 0.8, 0.8], [0.8, 1, 0.3], [0.8, 0.3, 1]])
    R[1, 2] = R[2, 1] = 0.35
    x = np.random.default_rng(12).normal(size=(80, 3))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / 80)).T @ np.linalg.cholesky(R).T
    found = omega_total(pd.DataFrame(x, columns=["a", "b", "c"]), method=method)
    assert (found.status, found.concerned) == ("improper", ("a",))
    assert np.isnan(found.omega)


def test_a_search_that_finds_nothing_gives_no_omega() -> None:
    """Random answers of 5,000 people: whatever the search says, no number stands beside a status."""
    for seed in range(3):
        items = pd.DataFrame(np.random.default_rng(seed).integers(1, 6, size=(2000, 5)).astype(float))
        found = omega_total(items)
        assert (found.status == "estimated") == bool(np.isfinite(found.omega))
        assert found.status != "estimated" or found.omega < 0.5


def test_what_is_no_answer_or_no_method_is_refused() -> None:
    items = one_factor(50, [0.7, 0.7, 0.6], seed=1)
    with pytest.raises(SurveyDataError, match="items as numbers"):
        omega_total(items.assign(k1="eens"))
    with pytest.raises(ModelSpecificationError, match="method"):
        omega_total(items, method="pca")  # type: ignore[arg-type]


def test_minres_finds_the_loadings_that_reproduce_the_correlations() -> None:
    L = np.array([[0.8, 0.0], [0.7, 0.1], [0.6, 0.0], [0.0, 0.7], [0.1, 0.6], [0.0, 0.5], [0.3, 0.3]])
    R = L @ L.T
    np.fill_diagonal(R, 1)
    found = minres_loadings(R, 2)
    assert found is not None
    np.testing.assert_allclose(found @ found.T - np.diag(np.diag(found @ found.T)), R - np.eye(7), atol=1e-6)
