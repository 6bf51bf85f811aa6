"""How often each test rejects a true null, and how often it finds a true product.

Resumable: SI_RUNS=folder pytest -m slow -n 0 tests/model/test_inference_size.py
With SI_STORE=1 the figures of the runs are stored in data/simulations, where the notebook reads them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest

from null_worlds import EXPLAINED, FIRM, NAMES, OUTCOME, POWER, SIZE, TERM, WEIGHT, Situation, made_scores
from resumable import run_or_resume
from si_research.model.design import Roles
from si_research.model.inference import LeastSquares, Method, coefficient_table, covariance, wald_statistic
from si_research.model.inference_comparison import CR2, INTERCEPTS, WILD
from si_research.model.interaction import fit_interaction, fit_with_squares, regress
from si_research.model.joint import HC3, HOTELLING, joint_test
from si_research.model.joint import WILD as WILD_WALD
from si_research.model.mixed_model import mixed_model
from si_research.model.steps import robust_wald
from si_research.model.wild_bootstrap import bootstrap_p_value, bootstrap_t, bootstrap_wald, firm_weights
from si_research.model.wild_interval import wild_bootstrap_test

LEVEL = 0.05
DRAWS = 499
"""Draws of either bootstrap: 5 % of one more is a whole number, so that the level can be met exactly."""
JACKKNIFE: Final = "CR3 jackknife"
CR1_NORMAL = "CR1, normal"
PLAIN_WALD = "Wald F(q, G - 1), CR3 jackknife"
HEAD = """\
# Made up, nobody's answers: simulated by tests/model/test_inference_size.py; worlds in tests/null_worlds.py.
# {what}
# firms: of 20 to 200 people, unequal, ICC .10; 0: people without firms. people: mean number a run.
# test: three-way: the coefficient of kunnen:willen:mogen; joint: all four products together. squares: whether
# the squares of the conditions are in the model. found: share of runs with p at most .05; error: its Monte
# Carlo error; without_p: share of runs in which the method gives no p, counted as not found. Made by
# SI_STORE=1 SI_RUNS=folder pytest -m slow -n 0 tests/model/test_inference_size.py
"""
WHAT = {
    "size": "How often each test finds a combination where there is none.",
    "power": "How often each test finds a combination that is there (R2 .30).",
}
COLUMNS = ["situation", "firms", "people", "test", "squares", "method", "runs", "found", "error", "without_p"]


def one_run(situation: Situation, seed: int) -> dict[str, float]:
    """Return p of every method in one survey, under ``test|squares|method``."""
    scores = made_scores(situation, seed=seed)
    firm, weight = FIRM if situation.firms else None, WEIGHT if situation.weights else None
    roles = Roles(OUTCOME, NAMES, (), firm, weight)
    squares = tuple(name for name in NAMES if scores[name].nunique() > 2)
    curved, plain = regress(scores, roles, squares=squares), regress(scores, roles)
    found = {
        "three-way|with": three_way_p(curved, seed, mixed=situation.mixed),
        "three-way|without": coefficient_p(plain, JACKKNIFE if situation.firms else "HC3"),
        "joint|with": joint_p(curved, seed),
        "joint|without": joint_p(plain, seed) if situation.form == "curved" else {},
    }
    p = {f"{test}|{method}": value for test, rows in found.items() for method, value in rows.items()}
    return {"people": float(len(scores))} | p


def coefficient_p(model: LeastSquares, *methods: Method) -> dict[str, float]:
    tables = {method: coefficient_table(model, method, 0.95) for method in methods}
    return {method: float(table.loc[TERM, "p_value"]) for method, table in tables.items()}


def three_way_p(model: LeastSquares, seed: int, *, mixed: bool) -> dict[str, float]:
    from scipy import stats

    if not model.n_clusters:
        return coefficient_p(model, "OLS", "HC1", "HC3")
    p = coefficient_p(model, "HC3", "CR1", "CR2", JACKKNIFE)
    # the t that has this p: |t| on G - 1 degrees of freedom, read off a normal distribution instead
    p[CR1_NORMAL] = float(2 * stats.norm.sf(stats.t.isf(p["CR1"] / 2, model.n_clusters - 1)))
    p[CR2] = p.pop("CR2")
    # wild_bootstrap_test gives the same p, and takes ten times as long for its interval
    t, drawn = bootstrap_t(model, TERM, firm_weights(model.n_clusters, DRAWS, seed))
    p[WILD] = np.nan if np.isnan(p[CR2]) else bootstrap_p_value(abs(t), abs(drawn))
    if mixed:
        fitted = mixed_model(model)
        known = fitted.status != "not converged"
        p[INTERCEPTS] = float(fitted.coefficients.loc[TERM, "p_value"]) if known else np.nan
    return p


def joint_p(model: LeastSquares, seed: int) -> dict[str, float]:
    from scipy import stats

    places = [place for place, term in enumerate(model.terms) if ":" in term]
    over_people = {HC3: robust_wald(model, places, "HC3")[3]}
    G, q = model.n_clusters, len(places)
    if not G:
        return over_people
    W = wald_statistic(model.estimate[places], covariance(model, "CR3 jackknife")[np.ix_(places, places)])
    statistic, drawn = bootstrap_wald(model, places, firm_weights(G, DRAWS, seed))
    return over_people | {
        PLAIN_WALD: float(stats.f.sf(W / q, q, G - 1)),
        HOTELLING: robust_wald(model, places, "CR3 jackknife")[3],
        WILD_WALD: bootstrap_p_value(statistic, drawn) if q < G else np.nan,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder: the tests of this file share them."""
    return tmp_path_factory.mktemp("runs")


def runs_of(folder: Path, situation: str) -> pd.DataFrame:
    of = (SIZE | POWER)[situation]
    words = "".join(sign if sign.isalnum() else "_" for sign in situation)
    return run_or_resume(f"tests_{words}", lambda seed: one_run(of, seed), runs=of.runs, folder=folder)


def figures(folder: Path, situation: str) -> pd.DataFrame:
    """Return a row a test and method of one situation."""
    runs, of = runs_of(folder, situation), (SIZE | POWER)[situation]
    rows = []
    for column in runs.columns.drop(["seed", "people"]):
        test, squares, method = column.split("|")
        p = runs[column]
        share = float((p <= LEVEL).mean()) if p.notna().any() else np.nan
        error = float(np.sqrt(share * (1 - share) / len(p)))
        head = {"situation": situation, "firms": of.firms, "people": float(runs["people"].mean().round())}
        row = {"test": test, "squares": squares, "method": method, "runs": len(p)}
        rows.append(head | row | {"found": share, "error": error, "without_p": float(p.isna().mean())})
    return pd.DataFrame(rows, columns=COLUMNS)


def test_one_run_has_the_p_values_that_a_user_gets() -> None:
    """Whatever a run takes a shorter road to: the coefficient and the joint test of one survey."""
    situation = SIZE["12 firms"]
    p = one_run(situation, 3)
    scores = made_scores(situation, seed=3)
    # firms become text: in the order of their numbers, so that each has the same draws
    fit = fit_interaction(scores.assign(**{FIRM: scores[FIRM].map("F{:03d}".format)}), cluster=FIRM)
    joint = joint_test(fit, draws=DRAWS, seed=3).tests["p_value"]
    assert {method: p[f"joint|with|{method}"] for method in joint.index} == pytest.approx(joint.to_dict())
    assert [p[f"three-way|{each}|{JACKKNIFE}"] for each in ("without", "with")] == pytest.approx(
        fit.highest_order["p_value"].to_list()
    )
    curved = fit_with_squares(fit)
    assert p[f"three-way|with|{WILD}"] == wild_bootstrap_test(curved, TERM, draws=DRAWS, seed=3).p_value
    assert p[f"three-way|with|{INTERCEPTS}"] == pytest.approx(
        float(mixed_model(curved).coefficients.loc[TERM, "p_value"])
    )


def test_the_worlds_are_what_they_say() -> None:
    """In a large sample: no product where there is none, R2 .30 where it is stated, and one large firm."""
    large = made_scores(Situation(people=400_000, on_scale=True), seed=1)
    plain = regress(large, Roles(OUTCOME, NAMES))
    assert plain.r2 == pytest.approx(EXPLAINED, abs=0.01)
    assert abs(plain.estimate[[":" in term for term in plain.terms]]).max() < 0.02
    one_large = made_scores(SIZE["12 firms, one with 60 % of the rows"], seed=1)[FIRM].value_counts()
    assert one_large.max() / one_large.sum() == pytest.approx(0.6, abs=0.001)
    product = made_scores(Situation("product", people=400_000, on_scale=True), seed=1)
    whole = product[list(NAMES)].prod(axis=1)
    assert np.corrcoef(whole, product[OUTCOME])[0, 1] ** 2 == pytest.approx(EXPLAINED, abs=0.01)


def found_in(table: pd.DataFrame, test: str, method: str, squares: str = "with") -> pd.Series:
    places = (table["test"] == test) & (table["method"] == method) & (table["squares"] == squares)
    (row,) = [row for _, row in table[places].iterrows()]
    return row


def between(row: pd.Series, low: float, high: float) -> bool:
    """Whether a share lies between bounds, within two Monte Carlo errors."""
    room = 2 * float(np.sqrt(high * (1 - high) / row["runs"]))
    return bool(low - room <= row["found"] <= high + room)


@pytest.mark.slow
@pytest.mark.parametrize("situation", SIZE | POWER)
def test_figures_of(folder: Path, situation: str) -> None:
    """Every recommended test gives a p in every run, but where it says that there is none."""
    table = figures(folder, situation)
    print(
        "\n", table[["test", "squares", "method", "runs", "found", "error", "without_p"]].round(4).to_string()
    )
    known = table[table["method"].isin([JACKKNIFE, "HC3", HC3])]
    assert (known["without_p"] == 0).all()


@pytest.mark.slow
def test_with_12_firms_the_recommended_tests_keep_their_level(folder: Path) -> None:
    table = figures(folder, "12 firms")
    for test, method in (("three-way", JACKKNIFE), ("three-way", WILD), ("joint", WILD_WALD)):
        assert between(found_in(table, test, method), 0.035, 0.065), method
    for test, method in (("three-way", CR1_NORMAL), ("joint", PLAIN_WALD)):
        row = found_in(table, test, method)
        assert row["found"] - 2 * row["error"] > 0.065, method


@pytest.mark.slow
@pytest.mark.parametrize("situation", [each for each, of in SIZE.items() if of.firms >= 5 and not of.decided])
def test_the_recommended_tests_never_err_by_much(folder: Path, situation: str) -> None:
    """Other methods do: CR1, Hotelling's form or a random intercept reach 10 % and more in some of these."""
    table = figures(folder, situation)
    for test, method in (("three-way", JACKKNIFE), ("joint", WILD_WALD)):
        assert between(found_in(table, test, method), 0, 0.065), method


@pytest.mark.slow
@pytest.mark.parametrize(("situation", "method"), [("2,000 people", HC3), ("12 firms", WILD_WALD)])
def test_squares_keep_a_curve_from_passing_for_a_combination(
    folder: Path, situation: str, method: str
) -> None:
    table = figures(folder, f"{situation}, curved main effects")
    assert between(found_in(table, "joint", method), 0.035, 0.065)
    assert found_in(table, "joint", method, "without")["found"] > 0.15


@pytest.mark.slow
@pytest.mark.parametrize(
    ("situation", "joint", "three_way"),
    [
        ("product, 2,000 people", HC3, "HC3"),
        ("product, 2,000 people, reliability .8", HC3, "HC3"),
        ("product, 2,000 people in 60 firms", WILD_WALD, JACKKNIFE),
    ],
)
def test_a_true_product_is_found_by_the_joint_test(
    folder: Path, situation: str, joint: str, three_way: str
) -> None:
    """And by the product of three alone in about one survey of ten."""
    table = figures(folder, situation)
    assert found_in(table, "joint", joint)["found"] > 0.90
    assert between(found_in(table, "three-way", three_way), 0.05, 0.15)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WHAT)
def test_the_figures_of_the_notebook_are_those_of_the_runs(folder: Path, project: Path, kind: str) -> None:
    """To a fifth of the Monte Carlo error: another machine may add up in another order."""
    situations = SIZE if kind == "size" else POWER
    found = pd.concat([figures(folder, situation) for situation in situations], ignore_index=True)
    path = project / f"data/simulations/inference_{kind}.csv"
    if os.environ.get("SI_STORE"):
        path.write_text(HEAD.format(what=WHAT[kind]) + found.round(5).to_csv(index=False), "utf-8")
    kept = pd.read_csv(path, comment="#")
    heads = ["situation", "firms", "people", "test", "squares", "method", "runs"]
    assert kept[heads].equals(found[heads])
    apart, room = abs(kept["found"] - found["found"]), np.sqrt(0.25 / found["runs"]) / 5
    assert (kept["found"].isna() == found["found"].isna()).all()
    assert not (apart > room).any()
    np.testing.assert_allclose(kept[["error", "without_p"]], found[["error", "without_p"]], atol=0.002)
