"""The evidence: the same numbers as the models give, the truth of known worlds, and what may not matter."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from si_research.model.design import Roles
from si_research.model.forms.rows import FormRows, form_rows
from si_research.model.inference import coefficient_table
from si_research.model.interaction import regress
from si_research.model.steps import robust_wald
from si_research.model.verdict.evidence import (
    OUTCOME,
    aic_of_forms,
    evidence_of,
    reliability_of,
    shares_found,
    terms_of,
)
from si_research.model.verdict.expected import true_conditions
from si_research.model.verdict.group_sums import group_sums, groups_of
from si_research.model.verdict.power import icc, power_of_coefficient, power_of_f, power_of_slopes
from si_research.model.verdict.rule import Evidence, Figure, VerdictRule, decide
from si_research.simulation.worlds import World, simulate_world_scores

NAMES = ("kunnen", "willen", "mogen")
SCALES = (*NAMES, "innovative_behaviour")
RULE = VerdictRule()
KNOWN = dict.fromkeys(SCALES, 0.8)


def rows_of(scores: pd.DataFrame, *, firms: bool = True) -> FormRows:
    return form_rows(
        scores,
        outcome="innovative_behaviour",
        predictors=NAMES,
        controls=(),
        cluster="firm_id" if firms else None,
        ends=None,
        where="a test",
    )


def numbers(scores: pd.DataFrame, *, firms: bool = True) -> Evidence:
    return evidence_of(rows_of(scores, firms=firms), KNOWN, RULE, draws=199, seed=1)


@pytest.fixture(scope="module")
def product() -> pd.DataFrame:
    return simulate_world_scores(World(form="product", n_employees=600, n_firms=30), seed=4)


def test_the_sums_give_the_jackknife_of_the_models(product: pd.DataFrame) -> None:
    roles = Roles("innovative_behaviour", NAMES, (), "firm_id")
    squares = ("kunnen", "willen", "mogen")
    model = regress(product, roles, squares=squares)
    table = coefficient_table(model, "CR3 jackknife", 0.95)
    terms = terms_of(rows_of(product), KNOWN, RULE, 1)
    full = terms.sums.fit(terms.full, OUTCOME)
    width = 4.0  # conditions are on 0-1 here, on 1-5 there
    for term, power in (("kunnen", 1), ("willen^2", 2), ("kunnen:mogen", 2), ("kunnen:willen:mogen", 3)):
        found = full.combination({term: 1.0}, 0.05, unit=width**power)
        wanted = table.loc[term, ["estimate", "conf_low", "conf_high", "p_value"]].to_list()
        assert list(asdict(found).values()) == pytest.approx(wanted, rel=1e-6), term
    products = [place for place, term in enumerate(model.terms) if ":" in term]
    assert full.hotelling_p(terms.products) == pytest.approx(
        robust_wald(model, products, "CR3 jackknife")[3], rel=1e-6
    )


def test_the_slope_differences_are_those_of_the_fit(product: pd.DataFrame) -> None:
    """By hand, from the coefficients with squares, in scale points."""
    model = regress(product, Roles("innovative_behaviour", NAMES, (), "firm_id"), squares=NAMES)
    b = dict(zip(model.terms, model.estimate, strict=True))
    centred = product[list(NAMES)] - product[list(NAMES)].mean()
    low, high = (centred.quantile(share) for share in (0.16, 0.84))
    wanted = b["kunnen:willen"] * (high["willen"] - low["willen"])
    wanted += b["kunnen:mogen"] * (high["mogen"] - low["mogen"])
    wanted += b["kunnen:willen:mogen"] * (high["willen"] * high["mogen"] - low["willen"] * low["mogen"])
    assert numbers(product).differences["kunnen"].estimate == pytest.approx(wanted, rel=1e-6)


def test_aic_of_the_forms_by_least_squares(product: pd.DataFrame) -> None:
    x = (product[list(NAMES)].to_numpy() - 1) / 4
    y = product["innovative_behaviour"].to_numpy()
    columns = {"mean": x.mean(axis=1), "minimum": x.min(axis=1), "product": x.prod(axis=1)}
    left = {form: np.polyfit(M, y, 1, full=True)[1][0] for form, M in columns.items()}
    found = aic_of_forms(rows_of(product))
    for form in ("mean", "minimum"):
        wanted = len(y) * np.log(left[form] / left["product"])
        assert found[form] - found["product"] == pytest.approx(wanted)
    assert min(found.values()) == 0


def share_of(form: str, world: str) -> Figure:
    large = World(form=world, n_employees=10_000, n_firms=200, n_items=12)
    return shares_found(terms_of(rows_of(simulate_world_scores(large, seed=2)), KNOWN, RULE, 1), RULE)[form]


@pytest.mark.parametrize("form", ["product", "minimum", "harmonic"])
def test_where_a_form_is_true_its_whole_combination_is_found(form: str) -> None:
    """And in an additive world, straight or curved, nothing of it: also with measurement error."""
    assert share_of(form, form).estimate == pytest.approx(1.0, abs=0.2)
    for other in ("additive", "convex"):
        none = share_of(form, other)
        assert none.low < 0 < none.high


def test_with_perfect_scores_nothing_is_left_open(product: pd.DataFrame) -> None:
    x = rows_of(product).x01
    perfect = true_conditions(x, np.ones(3))
    assert perfect.expected == pytest.approx(x, abs=1e-6)
    forms = perfect.expected_forms()
    assert forms["product"] == pytest.approx(x.prod(axis=1), abs=1e-4)
    assert forms["minimum"] == pytest.approx(x.min(axis=1), abs=1e-4)


def test_what_is_expected_of_a_product_is_its_mean_over_true_conditions() -> None:
    rng = np.random.default_rng(1)
    true = np.clip(0.55 + 0.12 * rng.normal(size=(60_000, 3)), 0, 1)
    measured = true + 0.06 * rng.normal(size=true.shape)
    reliability = true.var(axis=0) / measured.var(axis=0)
    expected = true_conditions(measured, reliability).expected_forms()
    for form, value in (("product", true.prod(axis=1)), ("minimum", true.min(axis=1))):
        slope = np.polyfit(expected[form], value, 1)
        assert slope[0] == pytest.approx(1.0, abs=0.04), form


def test_order_of_people_and_names_of_firms_do_not_matter(product: pd.DataFrame) -> None:
    first = numbers(product)
    shuffled = numbers(product.sample(frac=1, random_state=3))
    assert shuffled.p_hat == first.p_hat
    renamed = numbers(product.assign(firm_id=product["firm_id"].map(lambda name: f"{name[::-1]} b.v.")))
    for other in (shuffled, renamed):
        for name in ("relation_p", "relation_power", "joint_p", "mean_behind"):
            assert getattr(other, name) == pytest.approx(getattr(first, name)), name
        assert asdict(other.shares["product"]) == pytest.approx(asdict(first.shares["product"]))
        assert asdict(other.differences["mogen"]) == pytest.approx(asdict(first.differences["mogen"]))


def test_without_firms_each_person_counts_alone(product: pd.DataFrame) -> None:
    found = numbers(product, firms=False)
    assert found.n_firms == 0
    assert 0 <= found.joint_p <= 1
    groups = groups_of(5001, None, 1)
    assert len(np.unique(groups)) == 2000
    assert np.bincount(groups).max() == 3


def test_a_group_that_decides_a_term_leaves_no_joint_p() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(6), 20)
    x = rng.normal(size=120)
    columns = {"one": np.ones(120), "x": x, "only": (groups == 2) * x, "y": x + rng.normal(size=120)}
    fit = group_sums(columns, groups).fit(("one", "x", "only"), "y")
    assert np.isnan(fit.hotelling_p(["only"]))
    assert 0 <= fit.hotelling_p(["x"]) <= 1
    assert np.isnan(group_sums(columns, groups % 2).fit(("one", "x"), "y").hotelling_p(["one", "x"]))


def test_a_relation_that_runs_the_other_way_has_no_share(product: pd.DataFrame) -> None:
    turned = product.assign(innovative_behaviour=6 - product["innovative_behaviour"])
    assert np.isnan(numbers(turned).shares["product"].estimate)


def test_power_of_the_slopes_is_that_of_simulated_f_tests() -> None:
    rng = np.random.default_rng(3)
    n, f2 = 300, 0.02 / 0.98
    x = rng.normal(size=(2000, n, 3))
    y = x[:, :, 0] * np.sqrt(f2) + rng.normal(size=(2000, n))
    X = np.concatenate([np.ones((2000, n, 1)), x], axis=2)
    Xt = X.transpose(0, 2, 1)
    b = np.linalg.solve(Xt @ X, Xt @ y[:, :, None])
    rss, total = ((y - (X @ b)[:, :, 0]) ** 2).sum(1), ((y - y.mean(1, keepdims=True)) ** 2).sum(1)
    F = (total - rss) / 3 / (rss / (n - 4))
    from scipy import stats

    rejected = float((stats.f.sf(F, 3, n - 4) < 0.05).mean())
    assert power_of_f(n, 1.0, 3, n - 4, RULE) == pytest.approx(rejected, abs=0.035)
    assert power_of_f(n, 1.0, 3, 0, RULE) == 0


def test_power_grows_with_people_and_falls_with_likeness(product: pd.DataFrame) -> None:
    rows = rows_of(product)
    few = rows_of(product.iloc[:200])
    assert power_of_slopes(few, RULE) < power_of_slopes(rows, RULE)
    alike = replace(rows, y=rows.y + 2.0 * rows.firms, x01=rows.x01 * 0.5 + 0.01 * rows.firms[:, None])
    assert power_of_slopes(alike, RULE) < power_of_slopes(rows, RULE)


def test_power_of_a_share_by_its_interval() -> None:
    half = 2.0 * 0.3  # t of 60 degrees of freedom: 2.000
    power = power_of_coefficient(Figure(0.0, -half, half), 60.0, RULE)
    assert power == pytest.approx(0.905, abs=0.01)  # 1/.3 standard errors away, critical at 2
    assert power_of_coefficient(Figure(0.0, -1e-4, 1e-4), 60.0, RULE) == 1
    assert np.isnan(power_of_coefficient(Figure(), 60.0, RULE))


def test_icc_is_that_of_the_measurement(product: pd.DataFrame) -> None:
    from si_research.measurement.agreement import intraclass_correlation

    rows = rows_of(product)
    wanted = intraclass_correlation(pd.Series(rows.y), pd.Series(rows.firms))
    assert icc(rows.y, rows.firms) == pytest.approx((wanted.icc1, wanted.corrected_size))
    assert icc(np.arange(5.0), np.arange(5)) == (0.0, 1.0)


@pytest.mark.parametrize(("part", "reason"), [("products", "combinations"), ("squares", "turns")])
def test_products_and_turns_without_slopes_are_seen(part: str, reason: str) -> None:
    """By R² of least squares; "no relation" is not said of an outcome of which they explain a third."""
    rng = np.random.default_rng(1)
    x = np.round(rng.uniform(1, 5, (700, 3)) * 4) / 4
    z = (x - 3) / 2
    signal = 2 * z.prod(axis=1) if part == "products" else z[:, 0] ** 2
    y = 3 + signal + 0.5 * rng.normal(size=700)
    scores = pd.DataFrame(x, columns=list(NAMES)).assign(innovative_behaviour=y.clip(1, 5))
    rows = rows_of(scores, firms=False)
    found = evidence_of(rows, None, RULE, draws=199, seed=1, with_necessity=False)
    c = rows.x01 - rows.x01.mean(axis=0)
    mains = np.column_stack([np.ones(700), c])
    curved = np.column_stack([mains, c**2])
    full = np.column_stack([curved, c[:, [0]] * c[:, 1:], c[:, 1] * c[:, 2], c.prod(axis=1)])
    left = [np.linalg.lstsq(X, rows.y)[1][0] for X in (mains, curved, full)]
    total = ((rows.y - rows.y.mean()) ** 2).sum()
    assert found.products.estimate == pytest.approx((left[1] - left[2]) / total)
    assert found.squares.estimate == pytest.approx((left[0] - left[1]) / total)
    assert getattr(found, part).estimate > 0.2
    decision = decide(found)
    assert (decision.code, decision.reasons) == (
        "undecided",
        ("relation_not_found", f"{reason}_without_slopes"),
    )


def test_a_reliability_below_0_counts_as_0_and_an_unknown_one_as_assumed() -> None:
    found = reliability_of(NAMES, {"kunnen": -0.3, "willen": 0.9}, RULE)
    assert found.tolist() == [0.0, 0.9, 0.7]
