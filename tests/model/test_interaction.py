"""The interaction: laws, hand calculations, brute force, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.clusters import cluster_facts
from si_research.model.inference import covariance, least_squares
from si_research.model.interaction import fit_interaction
from si_research.model.joint import HOTELLING, WILD, joint_test
from si_research.model.wild_bootstrap import all_sign_patterns, bootstrap_wald
from si_research.simulation.worlds import simulate_scores

TERM = "kunnen:willen:mogen"


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return simulate_scores(240, three_way=0.2, n_firms=14, seed=4)


def test_a_tiny_regression_by_hand() -> None:
    """A saturated 2 x 2 design: the interaction is the difference of differences of the cell means."""
    cells = {(0, 0): (1.0, 3.0), (0, 1): (2.0, 4.0), (1, 0): (3.0, 5.0), (1, 1): (9.0, 11.0)}
    rows = [(a, b, y) for (a, b), values in cells.items() for y in values]
    data = pd.DataFrame(rows, columns=["a", "b", "y"])
    fit = fit_interaction(data, outcome="y", predictors=["a", "b"])
    assert fit.coefficients["estimate"]["a:b"] == pytest.approx((10 - 4) - (3 - 2))
    assert fit.squares == ()
    assert fit.squares_left_out == ("a", "b")
    ss_within, ss_total = 8 * 1.0, sum((y - 4.75) ** 2 for _, _, y in rows)
    assert fit.r2 == pytest.approx(1 - ss_within / ss_total)
    plain = fit.methods.query("view == 'raw' and method == 'OLS' and term == 'a:b'").iloc[0]
    assert plain["std_error"] == pytest.approx(np.sqrt(ss_within / 4 * 4 / 2))


@settings(max_examples=25, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 20), st.sampled_from(["kunnen", "willen", "mogen"]))
def test_the_three_way_test_does_not_move_with_origin_or_unit(
    scores: pd.DataFrame, shift: float, unit: float, name: str
) -> None:
    """Hypothesis: t, p and the R² gain are the same for any origin and unit of a predictor."""
    fit = fit_interaction(scores, cluster="firm_id")
    moved = scores.assign(**{name: (scores[name] + shift) * unit})
    other = fit_interaction(moved, cluster="firm_id")
    for column in ("statistic", "p_value"):
        ours, theirs = fit.coefficients[column][TERM], other.coefficients[column][TERM]
        assert theirs == pytest.approx(ours, rel=1e-7)
    assert other.coefficients["estimate"][TERM] * unit == pytest.approx(
        fit.coefficients["estimate"][TERM], rel=1e-7
    )
    assert other.r2_gain == pytest.approx(fit.r2_gain, rel=1e-7)
    joint, moved_joint = (joint_test(each, draws=199, seed=3) for each in (fit, other))
    assert moved_joint.p_value == joint.p_value


def test_row_order_and_firm_names_change_nothing(scores: pd.DataFrame) -> None:
    fit = fit_interaction(scores, cluster="firm_id")
    shuffled = scores.sample(frac=1, random_state=1)
    other = fit_interaction(shuffled, cluster="firm_id")
    pd.testing.assert_frame_equal(fit.methods, other.methods, rtol=1e-10)
    assert joint_test(fit, draws=199, seed=1).p_value == joint_test(other, draws=199, seed=1).p_value


def test_missing_scores_are_counted_by_the_first_thing_they_lack(scores: pd.DataFrame) -> None:
    holes = scores.copy()
    holes.loc[:4, "innovative_behaviour"] = np.nan
    holes.loc[3:9, "willen"] = np.nan
    holes.loc[20:21, "firm_id"] = None
    fit = fit_interaction(holes, cluster="firm_id")
    assert (fit.n_rows, fit.n_used) == (240, 228)
    assert fit.dropped.to_dict() == {"innovative_behaviour": 5, "willen": 5, "firm_id": 2}
    complete = fit_interaction(holes.dropna(), cluster="firm_id")
    pd.testing.assert_frame_equal(fit.coefficients, complete.coefficients)


def test_the_standardised_view_multiplies_z_scores(scores: pd.DataFrame) -> None:
    fit = fit_interaction(scores)
    z = scores.drop(columns="firm_id")
    z = (z - z.mean()) / z.std()
    again = fit_interaction(z)
    np.testing.assert_allclose(
        fit.standardised["estimate"], again.coefficients["estimate"], rtol=1e-9, atol=1e-12
    )


def test_the_steps_nest_on_the_same_rows(scores: pd.DataFrame) -> None:
    steps = fit_interaction(scores).steps
    assert list(steps.index) == ["main effects", "two-way", "three-way"]
    assert steps["r2"].is_monotonic_increasing
    assert steps["r2_gain"].sum() == pytest.approx(steps["r2"].iloc[-1])
    assert steps["n_used"].nunique() == 1


def test_the_jackknife_is_what_leaving_out_each_firm_gives(scores: pd.DataFrame) -> None:
    """Brute force: refit without each firm."""
    fit = fit_interaction(scores, cluster="firm_id")
    design = pd.DataFrame({"one": 1.0}, index=scores.index)
    for name in ("kunnen", "willen", "mogen"):
        design[name] = scores[name] - fit.centres[name]
    design["kw"], design["km"], design["wm"] = (
        design["kunnen"] * design["willen"],
        design["kunnen"] * design["mogen"],
        design["willen"] * design["mogen"],
    )
    design["kwm"] = design["kw"] * design["mogen"]
    y = scores["innovative_behaviour"]
    whole = np.linalg.lstsq(design, y, rcond=None)[0]
    total = np.zeros((8, 8))
    for firm in scores["firm_id"].unique():
        stay = scores["firm_id"] != firm
        change = np.linalg.lstsq(design[stay], y[stay], rcond=None)[0] - whole
        total += np.outer(change, change)
    np.testing.assert_allclose(fit.covariance.to_numpy(), 13 / 14 * total, rtol=1e-8)


def test_the_bootstrap_is_what_refitting_gives(scores: pd.DataFrame) -> None:
    """Brute force: draw outcomes with the null imposed, refit, take CR1 and the Wald statistic anew."""
    small = scores[scores["firm_id"].isin(sorted(scores["firm_id"].unique())[:5])]
    k, w = (small[name] - small[name].mean() for name in ("kunnen", "willen"))
    design = pd.DataFrame({"one": 1.0, "k": k, "w": w, "kw": k * w, "k2": k**2})
    fit = least_squares(design, small["innovative_behaviour"], small["firm_id"])
    patterns = all_sign_patterns(5)[3:20]
    statistic, draws = bootstrap_wald(fit, [3, 4], patterns)
    null = design[["one", "k", "w"]]
    fitted = null @ np.linalg.lstsq(null, small["innovative_behaviour"], rcond=None)[0]
    residuals = small["innovative_behaviour"] - fitted.to_numpy()
    codes = pd.factorize(small["firm_id"], sort=True)[0]

    def wald(y: pd.Series) -> float:
        again = least_squares(design, y, small["firm_id"])
        V = covariance(again, "CR1")[3:, 3:]
        return float(again.estimate[3:] @ np.linalg.solve(V, again.estimate[3:]))

    brute = [wald(pd.Series(fitted.to_numpy() + residuals.to_numpy() * signs[codes])) for signs in patterns]
    np.testing.assert_allclose(draws, brute, rtol=1e-7)
    assert statistic == pytest.approx(wald(small["innovative_behaviour"]), rel=1e-9)


def test_hotelling_by_hand(scores: pd.DataFrame) -> None:
    """W·(G - q)/((G - 1)·q) on F(q, G - q)."""
    from scipy import stats

    from si_research.model.interaction import fit_with_squares

    fit = fit_interaction(scores, cluster="firm_id")
    model = fit_with_squares(fit)
    places = [model.terms.index(term) for term in joint_test(fit, draws=199, seed=1).terms]
    V = covariance(model, "CR3 jackknife")[np.ix_(places, places)]
    W = model.estimate[places] @ np.linalg.inv(V) @ model.estimate[places]
    F = W * (14 - 4) / (13 * 4)
    row = joint_test(fit, draws=199, seed=1).tests.loc[HOTELLING]
    assert row["statistic"] == pytest.approx(F, rel=1e-8)
    assert row["p_value"] == pytest.approx(stats.f.sf(F, 4, 10), rel=1e-8)


def test_a_true_combination_is_found_and_a_curve_is_not_taken_for_one() -> None:
    """One sample each, far from the border: a strong product, and a strong curve without any product."""
    product = simulate_scores(2000, two_way=0.3, three_way=0.3, n_firms=40, seed=8)
    assert joint_test(fit_interaction(product, cluster="firm_id"), draws=999, seed=1).p_value < 0.01
    curve = simulate_scores(2000, n_firms=40, seed=8)
    curve["innovative_behaviour"] -= 0.5 * ((curve[["kunnen", "willen", "mogen"]] - 3) ** 2).sum(axis=1)
    found = joint_test(fit_interaction(curve, cluster="firm_id"), draws=999, seed=1)
    assert found.p_value > 0.01
    assert found.method == WILD


def test_cluster_facts_by_hand() -> None:
    """Two firms of two: between mean square 4, within 0.5; ICC = (4 - .5)/(4 + .5)."""
    facts = cluster_facts(pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series(["a", "a", "b", "b"]))
    assert facts.icc == pytest.approx(3.5 / 4.5)
    assert facts.design_effect == pytest.approx(1 + 3.5 / 4.5)
    assert facts.effective == 2
    assert cluster_facts(pd.Series([1.0, 2, 3, 4]), pd.Series(list("aaab"))).effective == pytest.approx(1.6)


def test_one_firm_runs_without_clustering(scores: pd.DataFrame) -> None:
    fit = fit_interaction(scores.assign(firm_id="F001"), cluster="firm_id")
    assert fit.method == "HC3"
    assert fit.cluster is None
    assert "one_cluster" in [note.code for note in fit.notes]


@pytest.mark.parametrize("n_firms", [2, 5, 9])
def test_few_firms_run_with_a_warning(n_firms: int) -> None:
    fit = fit_interaction(simulate_scores(200, n_firms=n_firms, seed=n_firms), cluster="firm_id")
    assert "few_clusters" in [note.code for note in fit.notes]
    assert fit.df == n_firms - 1
    tests = joint_test(fit, draws=199, seed=1).tests
    assert np.isnan(tests["p_value"][HOTELLING]) == (n_firms <= 4)


def test_a_category_becomes_dummies_against_the_commonest_level(scores: pd.DataFrame) -> None:
    sector = ["bouw"] * 100 + ["zorg"] * 90 + ["ict"] * 50
    fit = fit_interaction(scores.assign(sector=sector), controls=["sector"])
    assert list(fit.coefficients.index[1:3]) == ["sector[ict]", "sector[zorg]"]


@pytest.mark.parametrize(
    ("change", "arguments", "error", "words"),
    [
        (lambda d: d.assign(innovative_behaviour=3.0), {}, SurveyDataError, "the same for all"),
        (lambda d: d.assign(mogen=2.0), {}, SurveyDataError, "mogen"),
        (lambda d: d.head(3), {}, SurveyDataError, "at least 10"),
        (lambda d: d.assign(kunnen=np.nan), {}, SurveyDataError, "kunnen"),
        (lambda d: d.assign(mogen=d["kunnen"]), {}, SurveyDataError, "follow from others: mogen"),
        (lambda d: d.assign(kunnen=np.inf), {}, SurveyDataError, "infinite"),
        (lambda d: d.assign(kunnen="a"), {}, ModelSpecificationError, "numbers"),
        (lambda d: d, {"outcome": "absent"}, ModelSpecificationError, "absent"),
        (lambda d: d, {"predictors": ["kunnen"]}, ModelSpecificationError, "two or three"),
        (lambda d: d, {"predictors": ["kunnen", "kunnen"]}, ModelSpecificationError, "twice"),
        (lambda d: d, {"conf_level": 95}, ModelSpecificationError, "between 0 and 1"),
    ],
)
def test_what_cannot_be_fitted_says_why(scores, change, arguments, error, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=words):
        fit_interaction(change(scores), **arguments)


def test_the_scores_are_not_changed(scores: pd.DataFrame) -> None:
    before = scores.copy(deep=True)
    fit = fit_interaction(scores, cluster="firm_id")
    copy = fit.table()
    copy["estimate"] = 0.0
    pd.testing.assert_frame_equal(scores, before)
    assert fit.coefficients["estimate"].abs().max() > 0


def test_printing_is_deterministic_and_escaped(scores: pd.DataFrame) -> None:
    fit = fit_interaction(scores)
    assert str(fit) == str(fit_interaction(scores))
    page = fit_interaction(
        scores.rename(columns={"kunnen": "<b>"}), predictors=["<b>", "willen"]
    )._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


@pytest.mark.slow
def test_size_of_the_recommended_tests() -> None:
    """A true null with firms: 12 unequal firms, ICC .10; rejections of 400 within two errors of 5 %."""
    from si_research.simulation.worlds import firm_sizes

    runs, rejected = 400, np.zeros(2)
    for run in range(runs):
        rng = np.random.default_rng(1000 + run)
        sizes = firm_sizes(rng, 720, 12)
        firms = np.repeat(np.arange(12), sizes)
        X = rng.normal(size=(720, 3)) * np.sqrt(0.9) + (rng.normal(size=(12, 3)) * np.sqrt(0.1))[firms]
        y = X.sum(axis=1) * 0.3 + rng.normal(size=720) * np.sqrt(0.9)
        y = y + (rng.normal(size=12) * np.sqrt(0.1))[firms]
        data = pd.DataFrame(X, columns=["kunnen", "willen", "mogen"])
        fit = fit_interaction(data.assign(innovative_behaviour=y, firm_id=firms), cluster="firm_id")
        rejected += [
            fit.coefficients["p_value"][TERM] < 0.05,
            joint_test(fit, draws=399, seed=run).p_value < 0.05,
        ]
    error = np.sqrt(0.05 * 0.95 / runs)
    assert (rejected / runs <= 0.065 + 2 * error).all(), rejected / runs
    assert (rejected / runs >= 0.035 - 2 * error).all(), rejected / runs
