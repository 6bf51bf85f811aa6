"""Curvature against statsmodels' Wald tests, ends by counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from si_research import fit_interaction, joint_test, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.model_checks import (
    SQUARES,
    WITH_SQUARES,
    WITHOUT_SQUARES,
    check_ceiling,
    check_curvature,
)

PRODUCTS = ["kunnen:willen", "kunnen:mogen", "willen:mogen", "kunnen:willen:mogen"]


def design_of(data: pd.DataFrame, *, squares: bool) -> pd.DataFrame:
    k, w, m = (data[name] - data[name].mean() for name in ("kunnen", "willen", "mogen"))
    X = pd.DataFrame(
        {"k": k, "w": w, "m": m, **dict(zip(PRODUCTS, (k * w, k * m, w * m, k * w * m), strict=True))}
    )
    if squares:
        X = X.assign(kk=k**2, ww=w**2, mm=m**2)
    return sm.add_constant(X)


@pytest.fixture(scope="module")
def bent() -> pd.DataFrame:
    data = simulate_scores(500, seed=6)
    common = data[["kunnen", "willen", "mogen"]].mean(axis=1)
    for name in ("kunnen", "willen", "mogen"):
        data[name] = 0.4 * data[name] + 0.6 * common
    return data.assign(innovative_behaviour=data["innovative_behaviour"] - 0.5 * data["kunnen"] ** 2)


def test_against_robust_wald_tests_of_statsmodels(bent: pd.DataFrame) -> None:
    table = check_curvature(fit_interaction(bent)).table()
    assert list(table.index) == [SQUARES, WITH_SQUARES, WITHOUT_SQUARES]
    for name, squares, terms in (
        (SQUARES, True, ["kk", "ww", "mm"]),
        (WITH_SQUARES, True, PRODUCTS),
        (WITHOUT_SQUARES, False, PRODUCTS),
    ):
        X = design_of(bent, squares=squares)
        model = sm.OLS(bent["innovative_behaviour"], X).fit(cov_type="HC3", use_t=True)
        R = np.eye(X.shape[1])[[list(X.columns).index(term) for term in terms]]
        theirs = model.wald_test(R, use_f=True, scalar=True)
        assert table["statistic"][name] == pytest.approx(theirs.statistic, rel=1e-8)
        assert table["p_value"][name] == pytest.approx(theirs.pvalue, rel=1e-7)
        assert (table["df"][name], table["df_residual"][name]) == (len(terms), 500 - X.shape[1])


def test_a_curve_is_found_and_takes_the_products_for_itself(bent: pd.DataFrame) -> None:
    found = check_curvature(fit_interaction(bent))
    assert found.passed is False
    assert found.text.startswith("Main effects are curved; the products are judged otherwise")
    p = found.table()["p_value"]
    assert p[WITHOUT_SQUARES] < 0.05 < p[WITH_SQUARES]
    assert joint_test(fit_interaction(bent), seed=1).p_value == pytest.approx(p[WITH_SQUARES], rel=1e-8)
    straight = check_curvature(fit_interaction(simulate_scores(500, three_way=0.5, seed=6)))
    assert straight.passed is True
    assert "alike" in straight.text
    assert (straight.table()["p_value"][[WITH_SQUARES, WITHOUT_SQUARES]] < 0.05).all()


def test_an_answer_that_hangs_on_squares_does_not_pass_though_no_curve_is_seen() -> None:
    data = simulate_scores(150, two_way=0.1, seed=0)
    common = data[["kunnen", "willen", "mogen"]].mean(axis=1)
    for name in ("kunnen", "willen", "mogen"):
        data[name] = 0.4 * data[name] + 0.6 * common
    found = check_curvature(fit_interaction(data))
    p = found.table()["p_value"]
    assert float(p[SQUARES]) > 0.3
    assert float(p[WITH_SQUARES]) > 0.05 > float(p[WITHOUT_SQUARES])
    assert found.passed is False
    assert "No sign of curved main effects; the products are judged otherwise" in found.text


def test_with_firms_it_is_hotellings_form_and_few_firms_have_no_verdict(bent: pd.DataFrame) -> None:
    firms = bent.assign(firm=np.arange(500) % 20)
    fit = fit_interaction(firms, cluster="firm")
    table = check_curvature(fit).table()
    hotelling = joint_test(fit, draws=199, seed=1).tests.loc["Hotelling, CR3 jackknife"]
    assert table["p_value"][WITH_SQUARES] == pytest.approx(hotelling["p_value"], rel=1e-8)
    assert table["df_residual"][SQUARES] == 17
    few = check_curvature(fit_interaction(firms.assign(firm=np.arange(500) % 3), cluster="firm"))
    assert few.passed is None
    assert "not more firms" in few.text


def test_weights_are_in_it(bent: pd.DataFrame) -> None:
    weighted = bent.assign(weight=1 + np.arange(500) % 3)
    X = design_of(bent, squares=True)
    model = sm.WLS(bent["innovative_behaviour"], X, weights=weighted["weight"]).fit(
        cov_type="HC3", use_t=True
    )
    R = np.eye(X.shape[1])[-3:]
    table = check_curvature(fit_interaction(weighted, weight="weight")).table()
    assert table["statistic"][SQUARES] == pytest.approx(
        model.wald_test(R, use_f=True, scalar=True).statistic, rel=1e-3
    )  # another origin: the products of uncentred and weighted-centred mains span the same model
    unweighted = check_curvature(fit_interaction(bent)).table()
    assert abs(table["statistic"][SQUARES] / unweighted["statistic"][SQUARES] - 1) > 0.01


def test_binary_conditions_have_no_squares(bent: pd.DataFrame) -> None:
    data = bent.assign(kunnen=bent["kunnen"] > bent["kunnen"].median(), mogen=bent["mogen"] > 3.0)
    data = data.astype({"kunnen": float, "mogen": float})
    found = check_curvature(fit_interaction(data, predictors=["kunnen", "mogen"]))
    assert found.passed is None
    assert "all are binary" in found.text
    assert list(found.table().index) == [WITH_SQUARES, WITHOUT_SQUARES]
    assert list(check_ceiling(fit_interaction(data)).table().index) == ["innovative_behaviour", "willen"]


def test_ends_by_counting() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        rng.integers(1, 6, size=(400, 3)).astype(float), columns=["kunnen", "willen", "mogen"]
    )
    data["innovative_behaviour"] = (data.mean(axis=1) + rng.normal(size=400)).clip(2, 3.7).round(1)
    data.loc[data["willen"] == 1, "willen"] = 2.0
    data.loc[data["mogen"].isin([1.0, 5.0]) & (np.arange(400) % 2 == 0), "mogen"] = 3.0
    fit = fit_interaction(data)
    found = check_ceiling(fit, ranges={"willen": (1, 5), "mogen": (1, 5), "innovative_behaviour": (1, 5)})
    table = found.table()
    assert list(table["ends"]) == ["possible", "observed", "possible", "possible"]
    for name in ("willen", "mogen"):
        assert table["n_lowest"][name] == (data[name] == 1).sum()
        assert table["n_highest"][name] == (data[name] == 5).sum()
        assert table["share_highest"][name] == pytest.approx((data[name] == 5).mean())
    assert table["n_lowest"]["willen"] == table["n_lowest"]["innovative_behaviour"] == 0
    assert found.passed is False
    assert found.text == "kunnen has a floor and a ceiling. willen has a ceiling."
    observed = check_ceiling(fit).table()
    assert observed["lowest"]["innovative_behaviour"] == 2.0
    assert observed["n_lowest"]["innovative_behaviour"] == (data["innovative_behaviour"] == 2.0).sum()
    assert observed["floor"]["innovative_behaviour"]
    spread = check_ceiling(fit_interaction(simulate_scores(300, seed=1)))
    assert spread.passed is True
    assert spread.text == "No score piles up at an end."


@pytest.mark.parametrize(
    "ranges", [{"kunst": (1, 5)}, {"kunnen": (5, 1)}, {"kunnen": (4, 5)}, {"kunnen": (1, 3)}]
)
def test_strange_ends_are_refused(ranges: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(ModelSpecificationError, match=next(iter(ranges))):
        check_ceiling(fit_interaction(simulate_scores(200, seed=1)), ranges=ranges)
