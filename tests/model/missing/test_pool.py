"""The pooled interaction: against its parts worked out apart, at its edges, and over firms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research.errors import ModelSpecificationError
from si_research.model.clusters import cluster_facts
from si_research.model.inference import LeastSquares, covariance
from si_research.model.interaction import fit_interaction, fit_with_squares
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.imputed import ImputedScores
from si_research.model.missing.pool import pool_interaction
from si_research.simulation.worlds import simulate_scores

TERM = "kunnen:willen:mogen"
PRODUCTS = ["kunnen:willen", "kunnen:mogen", "willen:mogen", TERM]


def imputed(n_firms: int | None = None, *, n: int = 500) -> ImputedScores:
    rng = np.random.default_rng(1)
    scores = simulate_scores(n, three_way=0.2, n_firms=n_firms, icc=0.1, seed=4)
    scores["sector"] = rng.choice(["care", "trade"], size=n)
    scores["tenure"] = rng.normal(8, 2, size=n)
    for name, share in (("kunnen", 0.2), ("mogen", 0.1), ("tenure", 0.1)):
        scores.loc[rng.random(n) < share, name] = np.nan
    cluster = None if n_firms is None else "firm_id"
    return impute_scores(
        scores, controls=("sector", "tenure"), cluster=cluster, imputations=5, iterations=10, seed=1
    )


@pytest.fixture(scope="module")
def people() -> ImputedScores:
    return imputed()


@pytest.fixture(scope="module")
def firms() -> ImputedScores:
    return imputed(25)


@pytest.mark.parametrize("kind", ["people", "firms"])
def test_the_highest_product_is_rubin_over_plain_fits(kind: str, request: pytest.FixtureRequest) -> None:
    """Each table through ``fit_interaction``, then Rubin's rules written out."""
    data: ImputedScores = request.getfixturevalue(kind)
    found = pool_interaction(data)
    cluster = data.roles.cluster
    fits = [fit_interaction(table, controls=("sector", "tenure"), cluster=cluster) for table in data.tables()]
    b = np.array([fit.coefficients.loc[TERM, "estimate"] for fit in fits])
    within = np.mean([fit.coefficients.loc[TERM, "std_error"] ** 2 for fit in fits])
    total = within + 1.2 * b.var(ddof=1)
    share = 1.2 * b.var(ddof=1) / total
    d = found.df_complete
    assert d == (24 if cluster else 500 - 10)
    assert found.method == fits[0].method
    df = 1 / (share**2 / 4 + 1 / ((d + 1) / (d + 3) * d * (1 - share)))
    row = found.coefficients.loc[TERM]
    assert row["estimate"] == pytest.approx(b.mean())
    assert row["std_error"] == pytest.approx(np.sqrt(total))
    assert row["df"] == pytest.approx(df)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(b.mean()) / np.sqrt(total), df))
    assert row["missing_information"] == pytest.approx((share / (1 - share) + 2 / (df + 3)) * (1 - share))
    squares = [fit.highest_order.loc["with squares", "estimate"] for fit in fits]
    assert found.highest_order.loc[("imputed", "with squares"), "estimate"] == pytest.approx(np.mean(squares))


def test_complete_cases_are_the_plain_fit(people: ImputedScores) -> None:
    found = pool_interaction(people)
    plain = fit_interaction(people.rows, controls=("sector", "tenure"))
    own = found.complete_cases.loc[TERM]
    for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        assert own[name] == pytest.approx(plain.coefficients.loc[TERM, name]), name
    assert own["n_used"] == plain.n_used == found.n_complete < found.n_used == 500
    assert found.table().loc["complete cases"].equals(found.complete_cases)
    assert found.r2.loc["complete cases", "estimate"] == pytest.approx(plain.r2)


def test_lower_terms_of_all_tables_are_about_one_centre(people: ImputedScores) -> None:
    """The pooled model is one surface: shifting the centres by hand gives the slope elsewhere."""
    found = pool_interaction(people)
    means = pd.DataFrame([table[["kunnen", "mogen"]].mean() for table in people.tables()]).mean()
    assert found.centres["kunnen"] == pytest.approx(means["kunnen"])
    slopes = []
    for table in people.tables():
        fit = fit_interaction(table, controls=("sector", "tenure"))
        b, shift = (
            fit.coefficients["estimate"],
            {name: found.centres[name] - fit.centres[name] for name in ("willen", "mogen")},
        )
        slopes.append(
            b["kunnen"]
            + b["kunnen:willen"] * shift["willen"]
            + b["kunnen:mogen"] * shift["mogen"]
            + b[TERM] * shift["willen"] * shift["mogen"]
        )
    assert found.coefficients.loc["kunnen", "estimate"] == pytest.approx(np.mean(slopes))


def test_the_joint_test_is_d1_written_out(people: ImputedScores, firms: ImputedScores) -> None:
    """F = b'W^-1 b/(q·(1 + r)), with squares in the model; over firms times (G - q)/(G - 1)."""
    for data, factor in ((people, 1.0), (firms, 21 / 24)):
        fits = [
            fit_with_squares(
                fit_interaction(table, controls=("sector", "tenure"), cluster=data.roles.cluster)
            )
            for table in data.tables()
        ]
        moved = [_products_about(fit, data, number) for number, fit in enumerate(fits)]
        method = "HC3" if data.roles.cluster is None else "CR3 jackknife"
        b = np.array([weights @ fit.estimate for weights, fit in zip(moved, fits, strict=True)])
        W = np.mean(
            [each @ covariance(fit, method) @ each.T for each, fit in zip(moved, fits, strict=True)], axis=0
        )
        r = 1.2 * np.trace(np.cov(b.T) @ np.linalg.inv(W)) / 4
        joint = pool_interaction(data).joint.loc["imputed"]
        expected = factor * b.mean(axis=0) @ np.linalg.solve(W, b.mean(axis=0)) / (4 * (1 + r))
        assert joint["statistic"] == pytest.approx(expected)
        assert joint["method"] == f"D1, {method}"
        assert joint["p_value"] == pytest.approx(stats.f.sf(expected, 4, joint["df_residual"]))


def _products_about(fit: LeastSquares, data: ImputedScores, number: int) -> np.ndarray:
    """Weights that move the products from the centres of one table to those of all tables."""
    table, centres = data.completed(number + 1), pool_interaction(data).centres
    shift = {name: centres[name] - table[name].mean() for name in ("kunnen", "willen", "mogen")}
    weights = np.zeros((4, len(fit.terms)))
    for row, term in enumerate(PRODUCTS):
        weights[row, fit.terms.index(term)] = 1
        if term != TERM:
            (other,) = set(shift) - set(term.split(":"))
            weights[row, fit.terms.index(TERM)] = shift[other]
    return weights


def test_few_firms_give_no_joint_p_and_say_so() -> None:
    found = pool_interaction(imputed(4))
    assert found.joint["p_value"].isna().all()
    assert (found.joint["note"] == "too_few_clusters").all()
    assert "few_clusters" in [note.code for note in found.notes]
    assert found.coefficients["p_value"].notna().all()


def test_firms_are_described_over_all_tables(people: ImputedScores, firms: ImputedScores) -> None:
    """Sizes are the same in each; likeness, from outcomes that differ where filled in, is the mean."""
    rng = np.random.default_rng(3)
    name = firms.roles.outcome
    holes = firms.rows.index[:60]
    draws = {number: rng.normal(2.5, 1, 60) for number in range(1, firms.n_imputations + 1)}
    rows = firms.rows.assign(**{name: firms.rows[name].mask(firms.rows.index.isin(holes))})
    filled = replace(firms, rows=rows, draws={**firms.draws, name: pd.DataFrame(draws, index=holes)})
    found = pool_interaction(filled).clusters
    each = [cluster_facts(table[name], table["firm_id"]) for table in filled.tables()]
    assert found is not None
    assert len({facts.icc for facts in each}) == filled.n_imputations
    assert (found.n_clusters, found.largest, found.effective) == (25, each[0].largest, each[0].effective)
    assert found.icc == pytest.approx(np.mean([facts.icc for facts in each]), rel=1e-12)
    assert found.design_effect == pytest.approx(np.mean([facts.design_effect for facts in each]), rel=1e-12)
    assert pool_interaction(people).clusters is None


def test_one_firm_counts_as_none(people: ImputedScores) -> None:
    alone = replace(
        people, roles=replace(people.roles, cluster="firm_id"), rows=people.rows.assign(firm_id="F001")
    )
    found = pool_interaction(alone)
    assert found.method == "HC3"
    assert "one_cluster" in [note.code for note in found.notes]


def test_it_prints_both_and_refuses_a_strange_level(people: ImputedScores) -> None:
    found = pool_interaction(people)
    assert "complete cases" in str(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(ModelSpecificationError, match="confidence level"):
        pool_interaction(people, conf_level=95)
