"""CR2 and Satterthwaite's degrees of freedom: clubSandwich, n x n matrices, closed forms, edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model import bias_reduced
from si_research.model.bias_reduced import bias_reduced_covariance, satterthwaite_df, satterthwaite_table
from si_research.model.design import Roles, design_matrix
from si_research.model.fit_notes import notes_on_firms
from si_research.model.inference import LeastSquares, Method, coefficient_table, covariance, least_squares
from si_research.simulation.worlds import simulate_scores

CLAIMED = {"bh_clubSandwich_CR1", "bh_clubSandwich_CR1S", "bh_clubSandwich_CR2", "crve_compare"}
ROLES = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))
POWERS: dict[Method, float] = {"CR1": 0, "CR1S": 0, "CR2": -0.5, "CR3": -1, "CR3 jackknife": -1}


def cases(shared: Path, name: str) -> dict[str, Any]:
    content = json.loads((shared / "reference/regression" / name).read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


def three_way(data: pd.DataFrame, names: tuple[str, str, str], outcome: str, firm: str) -> LeastSquares:
    design = design_matrix(data, Roles(outcome, names))
    for term in design.columns[1:]:
        design[term] = data[term.split(":")].prod(axis=1)
    return least_squares(design, data[outcome], data[firm])


@pytest.fixture(scope="module")
def soldiers(shared: Path) -> LeastSquares:
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    names = ("HRS", "LEAD", "COHES")
    data[list(names)] -= data[list(names)].mean()
    return three_way(data, names, "WBEING", "GRP")


@pytest.mark.parametrize("method", ["CR1", "CR1S", "CR2"])
def test_satterthwaite_tests_of_clubsandwich(shared: Path, soldiers: LeastSquares, method: Method) -> None:
    case = cases(shared, "cluster_robust_bh1996.json")[f"bh_clubSandwich_{method}"]["satterthwaite"]
    table = satterthwaite_table(soldiers, method, np.eye(8), soldiers.terms, 0.95)
    check_table(table, case)


def test_cr2_of_99_groups_with_either_df(shared: Path, soldiers: LeastSquares) -> None:
    case = cases(shared, "cluster_robust_bh1996.json")["bh_clubSandwich_CR2"]
    table = coefficient_table(soldiers, "CR2", 0.95)
    check_table(table, case["satterthwaite"])
    np.testing.assert_allclose(table["std_error"], list(case["se"].values()), rtol=1e-8)
    np.testing.assert_allclose(table["statistic"], case["naive_t"]["tstat"], rtol=1e-8)


def test_cr2_of_ten_teams(shared: Path) -> None:
    data = pd.read_csv(shared / "reference/data/teams_10_clusters.csv")
    fit = three_way(data, ("kunnen", "willen", "mogen"), "iwb", "team")
    case = cases(shared, "wild_cluster_bootstrap.json")["crve_compare"]["CR2"]
    check_table(coefficient_table(fit, "CR2", 0.95), case)


def check_table(table: pd.DataFrame, case: dict[str, Any]) -> None:
    """Agreement is to 1e-13; the bounds are those promised."""
    np.testing.assert_allclose(table["std_error"], case["SE"], rtol=1e-8)
    np.testing.assert_allclose(table["statistic"], case["tstat"], rtol=1e-8)
    np.testing.assert_allclose(table["df"], case["df_Satt"], rtol=1e-8)
    np.testing.assert_allclose(table["p_value"], case["p_Satt"], rtol=1e-7)


def made(sizes: list[int], seed: int, *, grid: bool = False, extra: int = 0) -> LeastSquares:
    """Firms of these sizes in shuffled rows; ``grid`` gives five-point answers, so many equal rows."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    x = rng.normal(size=(n, 3 + extra))
    x = np.clip(np.rint(x + 3), 1, 5) if grid else x
    design = pd.DataFrame(np.column_stack([np.ones(n), x, x[:, 0] * x[:, 1]]))
    firm = pd.Series(rng.permutation(np.repeat(np.arange(len(sizes)), sizes)))
    y = pd.Series(x[:, 0] + rng.normal(size=len(sizes))[firm] + rng.normal(size=n))
    return least_squares(design, y, firm)


def by_whole_matrices(
    fit: LeastSquares, method: Method, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The definitions, with n x n matrices: covariance without factors, and degrees of freedom."""
    bread = np.linalg.inv(fit.X.T @ fit.X)
    M = np.eye(fit.n) - fit.X @ bread @ fit.X.T
    inside = [np.flatnonzero(fit.clusters == firm) for firm in range(fit.n_clusters)]
    V, pulls = np.zeros_like(bread), []
    for rows in inside:
        values, vectors = np.linalg.eigh(M[np.ix_(rows, rows)])
        turned = np.where(values > 1e-12, np.abs(values).clip(1e-300) ** POWERS[method], 0)
        half = bread @ fit.X[rows].T @ (vectors * turned) @ vectors.T
        V += np.outer(half @ fit.residuals[rows], half @ fit.residuals[rows])
        pulls.append(weights @ half @ M[rows])
    gram = np.einsum("gmi,hmi->mgh", np.array(pulls), np.array(pulls))
    df = np.trace(gram, axis1=1, axis2=2) ** 2 / (gram**2).sum(axis=(1, 2))
    return V, df


@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.parametrize("sizes", [[1, 2, 3, 30, 9], [40, *[1] * 9], [1] * 25, [12, 13], [7, 8, 9]])
@pytest.mark.parametrize("method", ["CR1", "CR2", "CR3"])
def test_small_blocks_are_whole_matrices(sizes: list[int], grid: bool, method: Method) -> None:
    fit = made(sizes, seed=3, grid=grid)
    weights = np.vstack([np.eye(5), [0, 1, 0, 0, 2], [0, 1, -1, 0.5, 0]])
    V, df = by_whole_matrices(fit, method, weights)
    G = len(sizes)
    factor = {"CR1": G / (G - 1)}.get(method, 1.0)
    np.testing.assert_allclose(covariance(fit, method), factor * V, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(satterthwaite_df(fit, method, weights), df, rtol=1e-8)
    table = satterthwaite_table(fit, method, weights, list("abcdefg"), 0.9)
    variances = np.diag(weights @ V @ weights.T) * factor
    np.testing.assert_allclose(table["std_error"] ** 2, variances, rtol=1e-8)


def test_constant_factors_change_no_degrees_of_freedom() -> None:
    fit = made([3, 4, 5, 20], seed=1)
    for one, other in (("CR1", "CR1S"), ("CR3", "CR3 jackknife")):
        np.testing.assert_array_equal(*(satterthwaite_df(fit, each, np.eye(5)) for each in (one, other)))


def test_the_mean_of_equal_firms_is_the_textbook_t_test() -> None:
    """Three firms of two: the variance of the firm means over three, with 2 degrees of freedom."""
    y = pd.Series([1.0, 3.0, 2.0, 6.0, 8.0, 10.0])
    fit = least_squares(pd.DataFrame({"one": np.ones(6)}), y, pd.Series(list("aabbcc")))
    row = coefficient_table(fit, "CR2", 0.95).loc["one"]
    assert row["std_error"] == pytest.approx(np.sqrt(np.var([2, 4, 9], ddof=1) / 3))
    assert row["df"] == pytest.approx(2)
    for method in ("CR1", "CR1S", "CR3"):
        assert satterthwaite_df(fit, method, np.eye(1)) == pytest.approx(2)


def test_two_groups_of_firms_are_welch() -> None:
    """4 firms with the scheme, 7 without, 3 people each: Welch's variance of the firm means; the degrees of
    freedom of Imbens and Kolesar (2016) for HC2 with a binary regressor."""
    rng = np.random.default_rng(8)
    firm, scheme = np.repeat(np.arange(11), 3), np.repeat(np.arange(11) < 4, 3).astype("float64")
    y = pd.Series(rng.normal(size=33) + rng.normal(size=11)[firm])
    fit = least_squares(pd.DataFrame({"one": 1.0, "scheme": scheme}), y, pd.Series(firm))
    means = y.groupby(firm).mean()
    welch = means[:4].var() / 4 + means[4:].var() / 7
    row = coefficient_table(fit, "CR2", 0.95).loc["scheme"]
    assert row["std_error"] ** 2 == pytest.approx(welch, rel=1e-10)
    assert row["df"] == pytest.approx(11**2 * 3 * 6 / (4**2 * 3 + 7**2 * 6), rel=1e-10)


def test_with_firms_of_one_person_cr2_is_hc2() -> None:
    fit = made([1] * 30, seed=2)
    np.testing.assert_allclose(covariance(fit, "CR2"), covariance(fit, "HC2"), rtol=1e-9, atol=1e-14)


def test_cr2_lies_between_cr0_and_cr3() -> None:
    fit = made([5, 6, 7, 8, 40], seed=4)
    cr0, cr2, cr3 = (np.diag(covariance(fit, m)) for m in ("CR1", "CR2", "CR3"))
    assert (cr0 * 4 / 5 < cr2).all()
    assert (cr2 < cr3).all()


def test_nothing_moves_with_units_order_or_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = made([3, 4, 5, 20, 2], seed=5)
    table = coefficient_table(fit, "CR2", 0.95)
    order = np.random.default_rng(1).permutation(fit.n)
    design = pd.DataFrame(fit.X[order] * [1, 1e8, 1e-6, 1, 1])
    other = least_squares(design, pd.Series(fit.y[order]), pd.Series(fit.clusters[order]))
    monkeypatch.setattr(bias_reduced, "CELLS", 30)
    again = coefficient_table(other, "CR2", 0.95)
    columns = ["statistic", "df", "p_value"]
    np.testing.assert_allclose(table[columns], again[columns], rtol=1e-7)


def test_a_firm_that_alone_carries_a_level() -> None:
    """Its own term is missing and named; the others are those of the generalised inverse, n x n."""
    data = simulate_scores(150, n_firms=8, seed=3)
    lone = (data["firm_id"] == data["firm_id"].iloc[0]).astype("float64")
    design = design_matrix(data, ROLES).assign(lone=lone)
    fit = least_squares(design, data[ROLES.outcome], data["firm_id"])
    V, df = by_whole_matrices(fit, "CR2", np.eye(9))
    np.testing.assert_allclose(bias_reduced_covariance(fit), V, rtol=1e-7, atol=1e-12)
    table = coefficient_table(fit, "CR2", 0.95)
    assert table.loc["lone"].isna().sum() == 6
    assert table.loc["lone", "estimate"] == fit.estimate[8]
    np.testing.assert_allclose(table["df"].iloc[:8], df[:8], rtol=1e-7)
    assert "cluster_identifies_term" in {note.code for note in notes_on_firms(fit)}
    pair = satterthwaite_df(fit, "CR1", np.vstack([np.eye(9)[1], np.eye(9)[1] + np.eye(9)[8]]))
    assert np.isfinite(pair[0])
    assert np.isnan(pair[1])


@pytest.mark.parametrize("method", ["CR1", "CR1S", "CR2", "CR3", "CR3 jackknife"])
def test_one_firm_has_no_inference(method: Method) -> None:
    table = satterthwaite_table(made([20], seed=1), method, np.eye(5), list("abcde"), 0.95)
    assert table["estimate"].notna().all()
    assert table.drop(columns="estimate").isna().all(axis=None)
    assert np.isnan(covariance(made([20], seed=1), method)).all()
    plain = coefficient_table(made([20], seed=1), method, 0.95)
    assert plain.drop(columns=["estimate", "df"]).isna().all(axis=None)


@pytest.mark.parametrize("n_firms", [2, 3])
def test_two_and_three_firms_have_few_degrees_of_freedom(n_firms: int) -> None:
    table = coefficient_table(made([10] * n_firms, seed=6), "CR2", 0.95)
    assert table["df"].between(1, n_firms).all()
    assert table["p_value"].between(0, 1).all()


def test_fewer_other_firms_than_terms_to_be_known_from() -> None:
    """Four people outside the large firm cannot tell five terms: it decides all of them."""
    fit = made([40, 1, 1, 1, 1], seed=3)
    assert coefficient_table(fit, "CR2", 0.95).drop(columns="estimate").isna().all(axis=None)
    assert "cluster_identifies_term" in {note.code for note in notes_on_firms(fit)}


def test_as_many_terms_as_rows_but_one() -> None:
    """One degree of freedom is left, over people and so over firms of one; with none left, all is missing."""
    fit = made([1] * 8, seed=7, extra=2)
    np.testing.assert_allclose(coefficient_table(fit, "CR2", 0.95)["df"], 1, rtol=1e-6)
    full = coefficient_table(made([1] * 7, seed=7, extra=2), "CR2", 0.95)
    assert full.drop(columns="estimate").isna().all(axis=None)


def test_a_firm_with_nine_of_ten_rows_of_many() -> None:
    """200,000 rows, 180,000 of them in one firm: where n_g x n_g matrices would take 259 GB."""
    fit = made([180_000, *[400] * 50], seed=9)
    table = coefficient_table(fit, "CR2", 0.95)
    assert np.isfinite(table).all(axis=None)
    assert table["df"].between(1, 4).all()
