"""The tree of normal distributions against a hand calculation, dense matrices, and a library."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from si_research.practice.diagnosis.evidence import Evidence, evidence_of
from si_research.practice.diagnosis.gaussian_tree import pass_up, slopes
from si_research.practice.diagnosis.posterior import LevelPosterior, level_posteriors, posteriors_given_spread
from si_research.practice.diagnosis.tree_fit import TreeFit, fit_tree
from si_research.practice.diagnosis.unit_tree import UnitTree, unit_tree

NAMES = ["kunnen", "willen", "mogen"]
S = np.array([[3.0, 1.0, 0.5], [1.0, 2.0, 0.4], [0.5, 0.4, 4.0]])
SINGULAR = np.array([[1.0, 0.5, 0.0], [0.5, 0.25, 0.0], [0.0, 0.0, 0.0]])
T = (np.array([[1.0, 0.3, 0.2], [0.3, 0.8, 0.1], [0.2, 0.1, 0.5]]), SINGULAR, 0.3 * S)
LEVELS = ["organisation", "department", "team"]


def small_tree() -> tuple[UnitTree, np.ndarray]:
    """Three organisations of unequal shape; some scores missing, some teams unknown, some without anybody."""
    rng = np.random.default_rng(5)
    places = rng.integers([0, 0, 0], [3, 2, 3], size=(70, 3))
    people = pd.DataFrame(places.astype(str), columns=LEVELS)
    people.loc[:6, "team"] = None
    values = rng.normal(50, 2, size=(70, 3)) + places[:, [0]]
    values[rng.random(values.shape) < 0.2] = np.nan
    values[(people["team"] == "2") & (people["organisation"] == "1")] = np.nan  # a team without any score
    return unit_tree(people, LEVELS), values


def given(evidence: Evidence, tree: UnitTree, T: tuple[np.ndarray, ...], S: np.ndarray) -> TreeFit:
    """A fit with S and T as they are said to be, in scale points."""
    both = np.outer(evidence.scale, evidence.scale)
    own, within = tuple(each / both for each in T), S / both
    passed = pass_up(evidence, tree.parents, own, within)
    return TreeFit(within, own, True, (True,) * len(T), passed, True)


def dense(
    tree: UnitTree, values: np.ndarray, T: tuple[np.ndarray, ...], S: np.ndarray
) -> tuple[list[tuple[np.ndarray, np.ndarray]], float]:
    """Means and covariances of every level's units, and the REML log-likelihood, from one large matrix."""
    k, there = values.shape[1], ~np.isnan(values)
    rows, cols = np.nonzero(there)
    y = values[there]
    of_rows = tree.of_rows
    V = np.where(rows[:, None] == rows, S[cols[:, None], cols], 0.0)
    for units, spread in zip(of_rows, T, strict=True):
        V = V + np.where(units[rows][:, None] == units[rows], spread[cols[:, None], cols], 0.0)
    X, W = np.eye(k)[cols], np.linalg.inv(V)
    of_grand = np.linalg.inv(X.T @ W @ X)
    grand = of_grand @ X.T @ W @ y
    left = y - X @ grand
    log = -(np.linalg.slogdet(V)[1] - np.linalg.slogdet(of_grand)[1] + left @ W @ left) / 2
    leaf_paths = [np.arange(len(tree.units[-1]))]
    for parent in reversed(tree.parents[1:]):
        leaf_paths.append(parent[leaf_paths[-1]])
    paths = leaf_paths[::-1]  # of each leaf, the unit on each level
    n = np.bincount(of_rows[-1][there.any(axis=1)], minlength=len(paths[-1]))
    n_leaves = len(n)
    cross = np.zeros((n_leaves * k, len(y)))  # covariance of leaf means with the scores
    own = np.zeros((n_leaves * k, n_leaves * k))
    for path, units, spread in zip(paths, of_rows, T, strict=True):
        cross += np.kron(path[:, None] == units[rows], np.ones((k, 1))) * np.tile(
            spread[:, cols], (n_leaves, 1)
        )
        own += np.kron(path[:, None] == path, spread)
    at = np.tile(np.eye(k), (n_leaves, 1))
    mean = at @ grand + cross @ W @ left
    B = at - cross @ W @ X
    cov = own - cross @ W @ cross.T + B @ of_grand @ B.T
    found = []
    for path in paths:
        sums = np.bincount(path, weights=n)
        share = np.where(sums[path] > 0, n / np.maximum(sums[path], 1), 1 / np.bincount(path)[path])
        roll = np.kron((np.arange(path.max() + 1)[:, None] == path) * share, np.eye(k))
        found.append(((roll @ mean).reshape(-1, k), roll @ cov @ roll.T))
    return found, float(log)


def blocks(cov: np.ndarray, k: int) -> np.ndarray:
    return np.stack([cov[i : i + k, i : i + k] for i in range(0, len(cov), k)])


@pytest.mark.parametrize("n_levels", [1, 2, 3])
def test_every_unit_of_every_level_is_that_of_one_large_matrix(n_levels: int) -> None:
    whole, values = small_tree()
    tree = unit_tree(pd.DataFrame(whole.units[-1].iloc[whole.of_rows[-1]]), LEVELS[:n_levels])
    evidence = evidence_of(values, tree.of_rows[-1], len(tree.units[-1]), NAMES)
    assert (evidence.n_people == 0).any() == (n_levels == 3)
    found = level_posteriors(evidence, tree.parents, given(evidence, tree, T[:n_levels], S))
    expected, _ = dense(tree, values, T[:n_levels], S)
    for own, (mean, cov) in zip(found, expected, strict=True):
        assert_allclose(own.mean, mean, rtol=0, atol=1e-9)
        assert_allclose(own.cov, blocks(cov, 3), rtol=0, atol=1e-9)


def test_the_likelihood_and_its_slopes_are_those_of_one_large_matrix() -> None:
    tree, values = small_tree()
    evidence = evidence_of(values, tree.of_rows[-1], len(tree.units[-1]), NAMES)
    both = np.outer(evidence.scale, evidence.scale)

    def log(T: tuple[np.ndarray, ...], S: np.ndarray) -> tuple[float, float]:
        ours = pass_up(evidence, tree.parents, [each / both for each in T], S / both).log_likelihood
        return ours, dense(tree, values, T, S)[1]

    (ours, theirs), (other, there) = log(T, S), log(tuple(2 * each for each in T), 1.5 * S)
    assert_allclose(ours - other, theirs - there, rtol=1e-9)
    own = [each / both for each in T]
    of_T, of_S = slopes(evidence, pass_up(evidence, tree.parents, own, S / both), own, S / both)
    step = 1e-5 * both
    for level, slope in enumerate(of_T):
        up, down = (tuple(t + sign * (i == level) * step for i, t in enumerate(T)) for sign in (1, -1))
        assert_allclose(slope.sum(), (log(up, S)[0] - log(down, S)[0]) / 2e-5, rtol=1e-5)
    assert_allclose(of_S.sum(), (log(T, S + step)[0] - log(T, S - step)[0]) / 2e-5, rtol=1e-5)


def two_units() -> LevelPosterior:
    """Unit a scored 2 and 4, unit b 6; people differ by 4, units by 1."""
    tree = unit_tree(pd.DataFrame({"unit": ["a", "a", "b"]}), ["unit"])
    evidence = Evidence(
        n_units=2,
        patterns=np.array([[True]]),
        unit=np.array([0, 1]),
        pattern=np.array([0, 0]),
        n=np.array([2.0, 1.0]),
        means=np.array([[3.0], [6.0]]),
        within=np.array([[[2.0]]]),
        centre=np.zeros(1),
        scale=np.ones(1),
    )
    fit = given(evidence, tree, (np.eye(1),), 4 * np.eye(1))
    return level_posteriors(evidence, tree.parents, fit)[0]


def test_two_units_by_hand() -> None:
    """The means vary by 1 + 4/2 = 3 and 1 + 4 = 5, so the grand mean is (3/3 + 6/5)/(1/3 + 1/5) = 4.125.

    Unit a keeps 1/3 of its distance, b 1/5; variances 2/3 + (2/3)²·15/8 and 4/5 + (4/5)²·15/8.
    """
    found = two_units()
    assert_allclose(found.grand, [4.125])
    assert_allclose(found.grand_cov, [[15 / 8]])
    assert_allclose(found.mean[:, 0], [3.75, 4.5])
    assert_allclose(found.cov[:, 0, 0], [1.5, 2.0])
    away, cov = found.from_grand()
    assert_allclose(away[:, 0], [-0.375, 0.375])
    assert_allclose(cov[:, 0, 0], [2 / 3 + 15 / 72, 4 / 5 + 15 / 200])


def balanced(n_units: int = 40, n: int = 8, spread: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(n_units), n)
    y = 50 + spread * rng.normal(size=n_units)[unit] + 2 * rng.normal(size=len(unit))
    return pd.DataFrame({"unit": unit, "y": y})


def test_one_way_is_reml_in_closed_form_and_in_statsmodels() -> None:
    import statsmodels.formula.api as smf

    frame = balanced()
    means = frame.groupby("unit")["y"].mean()
    within = float(((frame["y"] - frame["unit"].map(means)) ** 2).sum() / (320 - 40))
    between = float(8 * means.var())
    tree = unit_tree(frame, ["unit"])
    evidence = evidence_of(frame[["y"]].to_numpy(), tree.of_rows[0], 40, ["y"])
    fit = fit_tree(evidence, tree.parents)
    square = float(evidence.scale[0] ** 2)
    assert fit.converged
    assert_allclose(fit.S[0, 0] * square, within, rtol=1e-6)
    assert_allclose(fit.T[0][0, 0] * square, (between - within) / 8, rtol=1e-5)
    other = frame.drop(index=range(0, 200, 3)).reset_index(drop=True)  # unequal units
    tree = unit_tree(other, ["unit"])
    evidence = evidence_of(other[["y"]].to_numpy(), tree.of_rows[0], 40, ["y"])
    fit = fit_tree(evidence, tree.parents)
    theirs = smf.mixedlm("y ~ 1", other, groups=other["unit"]).fit(reml=True)
    square = float(evidence.scale[0] ** 2)
    assert_allclose(fit.S[0, 0] * square, theirs.scale, rtol=1e-4)
    assert_allclose(fit.T[0][0, 0] * square, theirs.cov_re.iloc[0, 0], rtol=1e-3)
    assert_allclose(fit.passed.mean * evidence.scale + evidence.centre, theirs.params["Intercept"], rtol=1e-6)


def test_units_that_do_not_differ_have_no_spread() -> None:
    frame = balanced(spread=0.0)
    frame["y"] -= frame.groupby("unit")["y"].transform("mean")  # less than chance
    tree = unit_tree(frame, ["unit"])
    evidence = evidence_of(frame[["y"]].to_numpy(), tree.of_rows[0], 40, ["y"])
    fit = fit_tree(evidence, tree.parents)
    assert fit.T[0][0, 0] < 1e-8
    (found,) = level_posteriors(evidence, tree.parents, fit)
    assert_allclose(found.mean, 0, atol=1e-6)


def test_a_level_with_one_unit_in_each_is_not_told_from_the_one_above() -> None:
    frame = balanced().assign(team="x")
    tree = unit_tree(frame, ["unit", "team"])
    evidence = evidence_of(frame[["y"]].to_numpy(), tree.of_rows[-1], 40, ["y"])
    fit = fit_tree(evidence, tree.parents)
    assert fit.separable == (True, False)
    above, below = level_posteriors(evidence, tree.parents, fit)
    assert_allclose(above.mean, below.mean)
    assert_allclose(above.cov, below.cov)


def test_the_uncertainty_of_the_spread_counts_in_closed_form() -> None:
    """With n people in each of G units, means give up a share w = S/(S + nT), which is uncertain.

    The mean of a unit is grand + (1 - w)(own - grand), so it moves by (own - grand) times the standard error
    of w; twice the log of S + nT has variance 2/(G - 1), that of S 2/(G(n - 1)), and both are independent.
    """
    frame, G, n = balanced(), 40, 8
    tree = unit_tree(frame, ["unit"])
    evidence = evidence_of(frame[["y"]].to_numpy(), tree.of_rows[0], G, ["y"])
    fit = fit_tree(evidence, tree.parents)
    (found,) = level_posteriors(evidence, tree.parents, fit)
    S, T = fit.S[0, 0], fit.T[0][0, 0]
    share = S / (S + n * T)
    error = share * np.sqrt(2 / (G - 1) + 2 / (G * (n - 1)))
    means = frame.groupby(frame["unit"].astype(str))["y"].mean()  # in the order of the tree
    away = (means - frame["y"].mean()).to_numpy()
    assert_allclose((found.moves[:, 0] ** 2).sum(axis=1), (away * error) ** 2, rtol=1e-3)
    plain = posteriors_given_spread(evidence, tree.parents, fit)[0]
    assert_allclose(found.cov[:, 0, 0], plain.cov[:, 0, 0] + (away * error) ** 2, rtol=1e-4)


def test_the_uncertainty_of_the_spread_by_the_formulas_of_one_way_analysis() -> None:
    """Unequal units: likelihood and means from their textbook formulas, differentiated by numbers."""
    frame = balanced(12).drop(index=range(0, 60, 2)).assign(unit=lambda rows: rows["unit"].astype(str))
    tree = unit_tree(frame, ["unit"])
    evidence = evidence_of(frame[["y"]].to_numpy(), tree.of_rows[0], 12, ["y"])
    fit = fit_tree(evidence, tree.parents)
    (found,) = level_posteriors(evidence, tree.parents, fit)
    groups = frame.groupby("unit")["y"]
    n, own = groups.size().to_numpy(), groups.mean().to_numpy()
    left = float(((frame["y"] - groups.transform("mean")) ** 2).sum())

    def of(x: np.ndarray) -> tuple[float, np.ndarray]:
        T, S = x[0] ** 2, np.exp(2 * x[1])
        v = T + S / n
        grand = (own / v).sum() / (1 / v).sum()
        log = np.log(v).sum() + np.log((1 / v).sum()) + ((own - grand) ** 2 / v).sum()
        log += (len(frame) - 12) * np.log(S) + left / S
        return -log / 2, np.append(grand + T / v * (own - grand), grand)

    scale = float(evidence.scale[0])
    x = np.array([scale * np.sqrt(fit.T[0][0, 0]), np.log(scale * np.sqrt(fit.S[0, 0]))])
    steps = 1e-3 * np.eye(2)
    J = np.stack([(of(x + step)[1] - of(x - step)[1]) / 2e-3 for step in steps], axis=1)
    H = [
        [of(x + a + b)[0] - of(x + a - b)[0] - of(x - a + b)[0] + of(x - a - b)[0] for a in steps]
        for b in steps
    ]
    V = J @ np.linalg.inv(-np.array(H) / 4e-6) @ J.T
    assert_allclose((found.moves[:, 0] ** 2).sum(axis=1), np.diag(V)[:12], rtol=1e-3)
    away = V[:12, :12] - V[:12, [12]] - V[[12], :12] + V[12, 12]
    plain = posteriors_given_spread(evidence, tree.parents, fit)[0].from_grand()[1][:, 0, 0]
    assert_allclose(found.from_grand()[1][:, 0, 0] - plain, np.diag(away), rtol=2e-3)
    assert abs(np.diag(away) - np.diag(V)[:12]).max() > 0.01 * np.diag(V).max()
