"""The tested terms without each firm: against refits by statsmodels on the other firms' rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from si_research import fit_interaction, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model import influence
from si_research.model.design import Roles, design_matrix
from si_research.model.influence import leave_one_firm_out, squares_elsewhere
from si_research.model.interaction import InteractionFit

FIGURES = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]


def scores(sizes: list[int], seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = simulate_scores(sum(sizes), three_way=0.1, seed=seed)
    firm = np.repeat(np.arange(len(sizes)), sizes)
    effect = 0.4 * rng.normal(size=len(sizes))
    return data.assign(
        firm=[f"f{place:03d}" for place in firm],
        innovative_behaviour=data["innovative_behaviour"] + effect[firm],
    )


def refitted(fit: InteractionFit, firm: str, term: str) -> list[float]:
    """The term without one firm, by statsmodels; predictors stay centred on all rows."""
    design, firms = design_matrix(fit.rows, fit.roles), fit.rows[str(fit.cluster)]
    inside = (firms != firm).to_numpy()
    left = design.loc[inside, design.loc[inside].any()]
    codes = pd.factorize(firms[inside])[0]
    weights = fit.rows.loc[inside, fit.weight] if fit.weight else 1.0
    model = sm.WLS(fit.rows.loc[inside, fit.outcome], left, weights=weights)
    G, (n, k) = len(set(codes)), left.shape
    found = model.fit(
        cov_type="cluster", cov_kwds={"groups": codes}
    )  # with (n - 1)/(n - k), which CR1 has not
    error = found.bse[term] * np.sqrt((n - k) / (n - 1))
    t, width = found.params[term] / error, stats.t.ppf((1 + fit.conf_level) / 2, G - 1) * error
    estimate = found.params[term]
    return [estimate, error, t, G - 1, 2 * stats.t.sf(abs(t), G - 1), estimate - width, estimate + width]


@pytest.mark.parametrize("sizes", [[20, 5, 30, 12, 25, 40], [30, 25, 40], [540, 10, 10, 10, 10, 10, 10]])
def test_every_firm_against_a_refit(sizes: list[int]) -> None:
    """Unequal firms, three firms, and a firm with nine rows in ten."""
    fit = fit_interaction(scores(sizes), cluster="firm", conf_level=0.9)
    found = leave_one_firm_out(fit)
    assert found.terms == ("kunnen:willen", "kunnen:mogen", "willen:mogen", "kunnen:willen:mogen")
    assert len(found.firms) == 4 * len(sizes)
    for term in found.terms:
        rows = found.firms.loc[term].set_index("firm")
        assert list(rows["n_left_out"]) == sizes
        for firm, row in rows.iterrows():
            np.testing.assert_allclose(row[FIGURES].astype(float), refitted(fit, str(firm), term), rtol=1e-8)
        whole = found.whole.loc[term]
        np.testing.assert_allclose(rows["change"], whole["estimate"] - rows["estimate"], rtol=1e-8)
        np.testing.assert_allclose(rows["dfbetas"], rows["change"] / whole["std_error"], rtol=1e-8)
        sign = np.sign(rows["estimate"]) != np.sign(whole["estimate"])
        assert list(rows["sign_turns"]) == list(sign)
        turned = (rows["p_value"] < 0.1) != (whole["p_value"] < 0.1)
        assert list(rows["conclusion_turns"]) == list(turned)


def test_weighted_people_against_a_weighted_refit() -> None:
    data = scores([20, 15, 30, 12])
    fit = fit_interaction(data.assign(w=1.0 + np.arange(77) % 3), cluster="firm", weight="w")
    found = leave_one_firm_out(fit, terms=[fit.tested_term]).firms.set_index("firm")
    for firm, row in found.iterrows():
        np.testing.assert_allclose(
            row[FIGURES].astype(float), refitted(fit, str(firm), fit.tested_term), rtol=1e-8
        )


def test_many_firms_go_by_one_quadratic_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one firm outweighs all others together."""
    fit = fit_interaction(scores([900] + [2, 3, 5] * 12), cluster="firm")
    pair_by_pair = leave_one_firm_out(fit)
    monkeypatch.setattr(influence, "DIRECT_UP_TO", 10)
    at_once = leave_one_firm_out(fit)
    np.testing.assert_allclose(at_once.firms["std_error"], pair_by_pair.firms["std_error"], rtol=1e-9)


def test_squares_of_a_firm_that_outweighs_the_others_keep_their_digits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(1)
    out, sums = rng.normal(size=(30, 4)), rng.normal(size=(30, 4))
    sums[3] *= 1e7
    by_hand = [sum((out[g] @ sums[h]) ** 2 for h in range(30) if h != g) for g in range(30)]
    for limit in (10, 100):
        monkeypatch.setattr(influence, "DIRECT_UP_TO", limit)
        np.testing.assert_allclose(squares_elsewhere(out, sums), by_hand, rtol=1e-12)


def test_whole_and_summary_are_those_of_the_rows() -> None:
    fit = fit_interaction(scores([20, 5, 30, 12, 25, 40, 8, 9]), cluster="firm")
    found = leave_one_firm_out(fit, terms=["mogen", fit.tested_term])
    cr1 = fit.methods.query("view == 'raw' and method == 'CR1'").set_index("term")
    np.testing.assert_allclose(found.whole, cr1.loc[["mogen", fit.tested_term], FIGURES], rtol=1e-12)
    for term, row in found.summary.iterrows():
        firms = found.firms.loc[term]
        assert row["estimate_low"] == firms["estimate"].min() < row["estimate"] < row["estimate_high"]
        assert row["estimate_high"] == firms["estimate"].max()
        assert (row["p_low"], row["p_high"]) == (firms["p_value"].min(), firms["p_value"].max())
        assert row["largest_dfbetas"] == firms["dfbetas"].abs().max()
        assert row["threshold"] == pytest.approx(2 / np.sqrt(8))
        assert row["n_above"] == (firms["dfbetas"].abs() > 2 / np.sqrt(8)).sum()
        assert row["n_sign_turns"] == firms["sign_turns"].sum()
        assert row["n_conclusion_turns"] == firms["conclusion_turns"].sum()
        assert row["n_missing"] == 0


def test_a_planted_firm_is_found_and_nothing_printed_names_a_firm() -> None:
    data = scores([25] * 20)
    rebels = data["firm"] == "f003"
    product = data[["kunnen", "willen", "mogen"]].sub(data[["kunnen", "willen", "mogen"]].mean()).prod(axis=1)
    data["innovative_behaviour"] += np.where(rebels, -1.0, 0.2) * product
    found = leave_one_firm_out(fit_interaction(data, cluster="firm"))
    rows = found.firms.loc["kunnen:willen:mogen"].set_index("firm")
    assert rows["dfbetas"].abs().idxmax() == "f003"
    assert rows["conclusion_turns"]["f003"]
    assert rows["conclusion_turns"].sum() == found.summary["n_conclusion_turns"].iloc[-1] == 1
    for shown in (str(found), found._repr_html_(), found.table().to_string(), repr(found)):
        assert "f0" not in shown


def test_a_firm_that_alone_identifies_a_term_is_missing_with_a_note() -> None:
    data = scores([30] * 8)
    data["leads"] = ((data["firm"] == "f004") & (np.arange(len(data)) % 2 == 0)).astype(float)
    fit = fit_interaction(data, controls=["leads"], cluster="firm")
    found = leave_one_firm_out(fit, terms=["leads", fit.tested_term])
    leads = found.firms.loc["leads"].set_index("firm")
    assert list(leads.index[leads["note"] != ""]) == ["f004"]
    assert leads["note"]["f004"] == "cluster_identifies_term"
    assert leads.loc["f004", [*FIGURES, "change", "dfbetas"]].isna().all()
    assert not leads.loc["f004", ["sign_turns", "conclusion_turns"]].any()
    assert found.summary["n_missing"].to_dict() == {"leads": 1, fit.tested_term: 0}
    # the centred column of leads is constant without that firm, and the intercept stands for it
    row = found.firms.loc[fit.tested_term].set_index("firm").loc["f004", FIGURES].astype(float)
    roles = Roles(fit.outcome, fit.predictors, (), "firm")
    other = fit.rows.loc[fit.rows["firm"] != "f004"]
    design = design_matrix(other, roles, centres=dict(fit.centres))
    codes = pd.factorize(other["firm"])[0]
    refit = sm.OLS(other[fit.outcome], design).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}
    )
    assert row["estimate"] == pytest.approx(refit.params[fit.tested_term], rel=1e-8)
    assert row["std_error"] == pytest.approx(refit.bse[fit.tested_term] * np.sqrt(7 / 6), rel=1e-8)


@pytest.mark.parametrize(
    ("sizes", "note"),
    [([40, 60], "too_few_firms"), ([100, 4, 4], "too_few_people")],
)
def test_what_cannot_be_said_has_its_reason(sizes: list[int], note: str) -> None:
    found = leave_one_firm_out(fit_interaction(scores(sizes), cluster="firm"))
    last = found.firms.loc["kunnen:willen:mogen"]
    assert set(last["note"]) <= {"", note, "cluster_identifies_term"}
    assert (last["note"] == "").sum() == {"too_few_firms": 0, "too_few_people": 2}[note]
    assert last.loc[last["note"] != "", ["std_error", "p_value", "conf_low"]].isna().all().all()
    assert last.loc[last["note"] == "", FIGURES].notna().all().all()


def test_an_outcome_that_is_determined_without_one_firm_has_no_standard_error_of_rounding() -> None:
    data = scores([30] * 8)
    exact = data["kunnen"] + 0.5 * data["willen"] * data["mogen"]
    data["innovative_behaviour"] = exact.where(data["firm"] != "f005", data["innovative_behaviour"])
    rows = leave_one_firm_out(fit_interaction(data, cluster="firm")).firms.set_index("firm")
    assert set(rows.index[rows["note"] == "no_variance"]) == {"f005"}
    assert (rows["note"] == "no_variance").sum() == 4
    assert rows.loc["f005", "estimate"].notna().all()
    assert rows.loc["f005", ["std_error", "statistic", "p_value"]].isna().all().all()
    assert not rows.loc["f005", "conclusion_turns"].any()


def test_two_predictors_one_of_them_binary() -> None:
    data = scores([20, 30, 25, 15, 35])
    data["mogen"] = (data["mogen"] > data["mogen"].median()).astype(float)
    fit = fit_interaction(data, predictors=["willen", "mogen"], cluster="firm")
    found = leave_one_firm_out(fit)
    assert found.terms == ("willen:mogen",)
    first = found.firms.iloc[0]
    np.testing.assert_allclose(first[FIGURES].astype(float), refitted(fit, "f000", "willen:mogen"), rtol=1e-8)


def test_the_order_of_rows_changes_nothing() -> None:
    data = scores([20, 30, 25, 15, 35])
    first = leave_one_firm_out(fit_interaction(data, cluster="firm"))
    other = leave_one_firm_out(fit_interaction(data.sample(frac=1, random_state=1), cluster="firm"))
    np.testing.assert_allclose(other.firms[FIGURES], first.firms[FIGURES], rtol=1e-8)
    assert list(other.firms["firm"]) == list(first.firms["firm"])


def test_without_firms_and_strange_terms_are_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="person_influence"):
        leave_one_firm_out(fit_interaction(simulate_scores(100, seed=1)))
    one = fit_interaction(scores([60]), cluster="firm")
    with pytest.raises(ModelSpecificationError, match="a fit with firms"):
        leave_one_firm_out(one)
    with pytest.raises(ModelSpecificationError, match="kunst"):
        leave_one_firm_out(fit_interaction(scores([30, 40]), cluster="firm"), terms=["kunst"])
