"""Effect sizes with intervals: against refits of resampled rows, R's power, and a sum of central beta."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research import fit_interaction, joint_test, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.effect_sizes import (
    HIGHEST,
    PRODUCTS,
    effect_sizes,
    noncentral_limits,
    residual_squares,
)
from si_research.model.interaction import InteractionFit


def firms(sizes: list[int], *, three_way: float = 0.1, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = simulate_scores(sum(sizes), three_way=three_way, seed=seed)
    firm = np.repeat(np.arange(len(sizes)), sizes)
    effect = 0.3 * rng.normal(size=len(sizes))
    return data.assign(firm=firm, innovative_behaviour=data["innovative_behaviour"] + effect[firm])


def r2(X: np.ndarray, y: np.ndarray, root: np.ndarray) -> float:
    u = root * y - root[:, None] * X @ np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0]
    mean = (root**2 * y).sum() / (root**2).sum()
    return float(1 - (u**2).sum() / (root**2 * (y - mean) ** 2).sum())


def refitted(fit: InteractionFit, rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """R² and gain of each step on rows drawn again, centred on their own means."""
    k, w, m = (rows[list(fit.predictors)] - rows[list(fit.predictors)].mean()).to_numpy().T
    y, one = rows[fit.outcome].to_numpy(), np.ones(len(rows))
    root = one if fit.weight is None else np.sqrt(rows[fit.weight].to_numpy())
    main, pairs = [one, k, w, m], [k * w, k * m, w * m]
    curved = [*main, k**2, w**2, m**2]
    models = [main, [*main, *pairs], [*main, *pairs, k * w * m]]
    models += [curved, [*curved, *pairs], [*curved, *pairs, k * w * m]]
    a, b, c, d, e, f = (r2(np.column_stack(model), y, root) for model in models)
    return {
        "main effects": (a, a),
        "two-way": (b, b - a),
        "three-way": (c, c - b),
        PRODUCTS: (f, f - d),
        HIGHEST: (f, f - e),
    }


@pytest.mark.parametrize(("cluster", "weight"), [(None, None), ("firm", "weight")])
def test_limits_are_corrected_percentiles_of_refits(cluster: str | None, weight: str | None) -> None:
    data = firms([12, 5, 20, 9, 14, 8, 11])
    data["weight"] = 1 + np.arange(len(data)) % 4
    fit = fit_interaction(data, cluster=cluster, weight=weight, conf_level=0.9)
    found = effect_sizes(fit, draws=199, seed=4)
    units = np.unique(data["firm"], return_inverse=True)[1] if cluster else np.arange(len(data))
    n_units = int(units.max()) + 1
    assert (found.n_units, found.unit) == (n_units, "firms" if cluster else "people")
    people = sorted(range(len(data)), key=lambda row: tuple(fit.rows.iloc[row]))
    units = units if cluster else np.argsort(people)
    drawn = []
    for chosen in np.random.default_rng(4).integers(n_units, size=(199, n_units)):
        rows = np.concatenate([np.flatnonzero(units == unit) for unit in chosen])
        drawn.append(refitted(fit, fit.rows.iloc[rows].reset_index(drop=True)))
    for step in found.sizes.index.unique():
        here = found.sizes.loc[step].set_index("measure")
        whole, gain = np.array([each[step] for each in drawn]).T
        for measure, values in (("r2", whole), ("r2_gain", gain), ("f2", gain / (1 - whole))):
            excess = values.mean() - here["estimate"][measure]
            low, high = np.quantile(values, [0.05, 0.95]) - excess * (2 if measure == "r2" else 1)
            assert here["conf_high"][measure] == pytest.approx(high, rel=1e-8)
            assert here["conf_low"][measure] == pytest.approx(
                0 if here["at_zero"][measure] else max(low, 0), rel=1e-8
            )


def test_estimates_are_those_of_the_fit_and_of_the_joint_test() -> None:
    data = firms([30, 20, 25, 40, 35, 20]).assign(age=np.arange(170) % 37)
    fit = fit_interaction(data, controls=["age"], cluster="firm")
    sizes = effect_sizes(fit, draws=199, seed=1).sizes.set_index("measure", append=True)["estimate"]
    for step in fit.steps.index:
        assert sizes[step, "r2"] == pytest.approx(fit.steps["r2"][step], rel=1e-10)
        assert sizes[step, "r2_gain"] == pytest.approx(fit.steps["r2_gain"][step], rel=1e-8)
    assert sizes["three-way", "f2"] == pytest.approx(fit.f2, rel=1e-8)
    assert sizes[HIGHEST, "f2"] == pytest.approx(fit.highest_order["f2"]["with squares"], rel=1e-8)
    assert sizes[PRODUCTS, "r2_gain"] == pytest.approx(joint_test(fit, draws=199, seed=1).r2_gain, rel=1e-8)


def test_intervals_of_r2_hold_the_truth_with_few_people_and_many_terms() -> None:
    """True R² .05; plain percentiles hold it in a quarter of samples, as overfitting counts twice."""
    held = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        data = pd.DataFrame(rng.normal(size=(200, 3)), columns=["kunnen", "willen", "mogen"])
        share = np.sqrt(0.05 / 0.95 / 3)
        data["innovative_behaviour"] = share * data.sum(axis=1) + rng.normal(size=200)
        last = effect_sizes(fit_interaction(data), draws=199, seed=seed).sizes.loc[PRODUCTS]
        here = last.set_index("measure").loc["r2"]
        held += here["conf_low"] <= 0.05 <= here["conf_high"]
    assert held >= 40 * 0.95 - 2 * np.sqrt(40 * 0.95 * 0.05)


def test_an_interval_of_a_gain_starts_at_zero_unless_its_test_rejects() -> None:
    for three_way, zero in ((0.0, True), (0.6, False)):
        data = simulate_scores(400, three_way=three_way, seed=3)
        fit = fit_interaction(data)
        sizes = effect_sizes(fit, draws=199, seed=1).sizes
        last = sizes.loc["three-way"].set_index("measure")
        assert (fit.steps["robust_p_value"]["three-way"] > 0.025) == zero
        assert list(last["at_zero"]) == [False, zero, zero]
        assert (last["conf_low"][["r2_gain", "f2"]] == 0).all() == zero
        main = sizes.loc["main effects"]
        assert (main["conf_low"] > 0).all()


@pytest.mark.parametrize(("share", "at_zero"), [(0.7, True), (1.2, False)])
def test_the_lower_limit_is_zero_unless_rejected_at_half_of_alpha(share: float, at_zero: bool) -> None:
    """An interval of two tails leaves half of alpha below: p = alpha/2 is where zero comes in."""
    scores = simulate_scores(200, three_way=0.25, seed=6)
    p = float(fit_interaction(scores).steps["robust_p_value"]["three-way"])
    fit = fit_interaction(scores, conf_level=1 - 2 * share * p)
    sizes = effect_sizes(fit, draws=199, seed=1).sizes.loc["three-way"].set_index("measure")
    assert sizes["at_zero"].to_dict() == {"r2": False, "r2_gain": at_zero, "f2": at_zero}
    assert (sizes["conf_low"]["r2_gain"] == 0) == at_zero


def test_fewer_firms_than_terms_have_no_test_and_a_limit_of_zero() -> None:
    found = effect_sizes(fit_interaction(firms([60, 50, 70]), cluster="firm"), draws=199, seed=1)
    gains = found.sizes[found.sizes["measure"] == "r2_gain"]
    assert (gains.loc[["main effects", "two-way", PRODUCTS], "conf_low"] == 0).all()
    assert found.sizes[["classical_low", "classical_high"]].isna().all().all()
    assert found.sizes["conf_high"].between(0, 100).all()


def test_samples_without_the_only_firm_of_a_control_are_counted() -> None:
    data = firms([30] * 6)
    data["leads"] = ((data["firm"] == 4) & (np.arange(len(data)) % 2 == 0)).astype(float)
    found = effect_sizes(fit_interaction(data, controls=["leads"], cluster="firm"), draws=499, seed=1)
    chosen = np.random.default_rng(1).integers(6, size=(499, 6))
    assert found.n_deficient == (~(chosen == 4).any(axis=1)).sum() > 100
    assert (
        effect_sizes(fit_interaction(firms([540, *[10] * 6]), cluster="firm"), draws=199, seed=1).n_deficient
        == 0
    )


def test_binary_conditions_have_no_rows_beside_squares() -> None:
    data = simulate_scores(200, seed=1)
    data[["kunnen", "mogen"]] = (data[["kunnen", "mogen"]] > data[["kunnen", "mogen"]].median()).astype(float)
    found = effect_sizes(fit_interaction(data, predictors=["kunnen", "mogen"]), draws=199, seed=1)
    assert list(found.sizes.index.unique()) == ["main effects", "two-way"]
    curved = effect_sizes(fit_interaction(data, predictors=["willen", "mogen"]), draws=199, seed=1).sizes
    pd.testing.assert_frame_equal(
        curved.loc[PRODUCTS].reset_index(drop=True), curved.loc[HIGHEST].reset_index(drop=True)
    )


def test_residual_squares_of_nested_models_with_a_column_that_says_nothing_new() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(50, 4))
    X = np.column_stack([np.ones(50), X[:, :3], X[:, 0] - X[:, 1] + 2, X[:, 3]])
    y = X @ np.arange(6) + rng.normal(size=50)
    Z = np.column_stack([X, y])
    squares, lost = residual_squares(np.stack([Z.T @ Z, Z[:40].T @ Z[:40]]), [1, 4, 6])
    for rows, found in ((50, squares[0]), (40, squares[1])):
        by_hand = [
            ((y[:rows] - X[:rows, :k] @ np.linalg.lstsq(X[:rows, :k], y[:rows], rcond=None)[0]) ** 2).sum()
            for k in (1, 4, 6)
        ]
        np.testing.assert_allclose(found, by_hand, rtol=1e-8)
    assert lost.all()
    independent = Z[:, [0, 1, 2, 3, 5, 6]]
    assert not residual_squares((independent.T @ independent)[None], [5])[1].any()


def below(statistic: float, df: float, df_residual: float, parameter: float) -> float:
    """The noncentral F as a Poisson mixture of central beta distributions."""
    j = np.arange(5000)
    x = df * statistic / (df * statistic + df_residual)
    weights = stats.poisson.pmf(j, parameter / 2)
    return float((weights * stats.beta.cdf(x, df / 2 + j, df_residual / 2)).sum())


@pytest.mark.parametrize(("statistic", "df", "df_residual"), [(5, 5, 100), (2.2, 3, 992), (40, 7, 1000)])
def test_limits_of_the_noncentral_f(statistic: float, df: float, df_residual: float) -> None:
    low, high = noncentral_limits(statistic, df, df_residual, 0.9)
    assert below(statistic, df, df_residual, high) == pytest.approx(0.05, abs=1e-9)
    if low > 0:
        assert below(statistic, df, df_residual, low) == pytest.approx(0.95, abs=1e-9)
    else:
        assert stats.f.sf(statistic, df, df_residual) > 0.05
    assert (low > 0) == (statistic != 2.2) or stats.f.sf(2.2, 3, 992) < 0.05


def test_limits_of_the_noncentral_f_are_zero_for_a_small_one() -> None:
    assert noncentral_limits(1.2, 1, 192, 0.95)[0] == 0
    assert list(noncentral_limits(1e-5, 1, 192, 0.95)) == [0, 0]


def test_the_noncentral_f_against_the_power_of_r(shared: Path) -> None:
    """Power is the share above the critical F: as the limit of that share it gives back n times f²."""
    content = json.loads((shared / "reference/power/interaction_power.json").read_text("utf-8"))
    cases = {case["id"]: case["result"] for case in content["cases"]}
    theirs = {name: values[0] for name, values in cases["power_three_way_detailed_one"].items()}
    critical = stats.f.isf(theirs["alpha"], 1, theirs["df"])
    high = noncentral_limits(critical, 1, theirs["df"], 2 * theirs["pwr"] - 1)[1]
    assert high == pytest.approx(theirs["f2"] * theirs["df"], rel=1e-7)


def test_classical_limits_of_people() -> None:
    fit = fit_interaction(simulate_scores(500, three_way=0.2, seed=5))
    sizes = effect_sizes(fit, draws=199, seed=1).sizes.set_index("measure", append=True)
    last = fit.steps.loc["three-way"]
    low, high = noncentral_limits(last["statistic"], 1, 492, 0.95) / 500
    assert sizes["classical_low"]["three-way", "f2"] == pytest.approx(low, rel=1e-6)
    assert sizes["classical_high"]["three-way", "f2"] == pytest.approx(high, rel=1e-6)
    F = fit.r2 / 7 / ((1 - fit.r2) / 492)
    limits = noncentral_limits(F, 7, 492, 0.95)
    ours = sizes.loc[("three-way", "r2"), ["classical_low", "classical_high"]]
    np.testing.assert_allclose(ours.astype(float), limits / (limits + 500), rtol=1e-6)
    assert float(ours.iloc[0]) < fit.r2 < float(ours.iloc[1])


@pytest.mark.parametrize("cluster", [None, "firm"])
def test_the_order_of_rows_changes_nothing(cluster: str | None) -> None:
    """People of equal answers too, in and outside firms."""
    data = firms([20, 30, 25, 15]).round({"kunnen": 0, "willen": 0, "mogen": 0})
    turned = fit_interaction(data.sample(frac=1, random_state=1), cluster=cluster)
    first = effect_sizes(fit_interaction(data, cluster=cluster), draws=199, seed=7).sizes
    again = effect_sizes(turned, draws=199, seed=7).sizes
    pd.testing.assert_frame_equal(again, first, rtol=1e-8)


def test_another_seed_gives_other_limits() -> None:
    data = firms([20, 30, 25, 15])
    first = effect_sizes(fit_interaction(data, cluster="firm"), draws=199, seed=7)
    turned = fit_interaction(data, cluster="firm")
    other = effect_sizes(turned, draws=199, seed=8).sizes
    assert not np.allclose(other["conf_high"], first.sizes["conf_high"])
    assert "199 bootstrap draws of 4 firms" in str(first)
    assert "199 bootstrap draws of 4 firms" in first._repr_html_()
    with pytest.raises(ModelSpecificationError, match="199 draws"):
        effect_sizes(turned, draws=50, seed=1)


def test_many_people_are_drawn_in_groups_and_limits_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of the two ways differ by their Monte Carlo error only."""
    fit = fit_interaction(simulate_scores(2400, three_way=0.1, seed=3))
    one_by_one = effect_sizes(fit, draws=1999, seed=1)
    monkeypatch.setattr("si_research.model.effect_sizes.MOST_PEOPLE", 1000)
    monkeypatch.setattr("si_research.model.effect_sizes.GROUPS", 600)
    grouped = effect_sizes(fit, draws=1999, seed=1)
    assert (grouped.n_units, grouped.unit) == (2400, "people")
    pd.testing.assert_series_equal(grouped.sizes["estimate"], one_by_one.sizes["estimate"])
    width = one_by_one.sizes["conf_high"] - one_by_one.sizes["conf_low"]
    for end in ("conf_low", "conf_high"):
        apart = (grouped.sizes[end] - one_by_one.sizes[end]).abs()
        assert (apart < 0.12 * width).all(), apart / width
    assert not grouped.sizes["conf_high"].equals(one_by_one.sizes["conf_high"])
