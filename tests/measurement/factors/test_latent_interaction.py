"""The latent three-way interaction against lavaan, semTools and modsem, and known truth."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from made_factor_answers import noisy, of
from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.answers import prepared
from si_research.measurement.factors.confirmatory import fit_structure
from si_research.measurement.factors.latent_interaction import (
    LatentInteraction,
    fit_latent_interaction,
    latent_simple_slopes,
    product_indicators,
)
from si_research.measurement.factors.structure import Parameter, structure

CLAIMED = {
    "dat3way_product_indicators_double_mean_centred_first10",
    "dat3way_latent_three_way",
    "dat3way_probe3WayMC",
    "oneint_dblcent",
    "oneint_rca",
}
FACTORS = {"f1": ["x1", "x2", "x3"], "f2": ["x4", "x5", "x6"], "f3": ["x7", "x8", "x9"]}
OUTCOME = {"f4": ["x10", "x11", "x12"]}
NAMES = {"f12": "f1:f2", "f13": "f1:f3", "f23": "f2:f3", "f123": "f1:f2:f3"}
SEARCH = 3e-5  # what lavaan's search leaves


def cases(shared: Path, file: str) -> dict[str, Any]:
    content = json.loads((shared / "reference/sem" / file).read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="session")
def people(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/data/semtools_dat3way.csv")


@pytest.fixture(scope="session")
def found(people: pd.DataFrame) -> LatentInteraction:
    as_semtools = {"estimator": "ML", "shared_items": False, "parts_unrelated": True}
    return fit_latent_interaction(people, FACTORS, OUTCOME, **as_semtools)  # type: ignore[arg-type]


def test_the_product_indicators_are_those_of_semtools(shared: Path, people: pd.DataFrame) -> None:
    theirs = cases(shared, "latent_three_way.json")["dat3way_product_indicators_double_mean_centred_first10"]
    ours = product_indicators(people, FACTORS)
    assert set(theirs) == {name for name in ours if "." in name}
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name].head(10), values, atol=1e-10)


def test_the_three_way_model_is_that_of_lavaan(shared: Path, found: LatentInteraction) -> None:
    theirs = cases(shared, "latent_three_way.json")["dat3way_latent_three_way"]
    fit, measures = found.fit, theirs["fit"]
    assert fit.status == "estimated"
    names = {"n_parameters": "npar", "chi_square": "chisq", "baseline_chi_square": "baseline.chisq"}
    names |= {"log_likelihood": "logl", "rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper"}
    for ours in ("n_parameters", "chi_square", "df", "baseline_chi_square", "cfi", "tli", "rmsea", "srmr"):
        assert fit.fit[ours] == pytest.approx(measures[names.get(ours, ours)], rel=1e-7, abs=1e-6), ours
    for ours in ("log_likelihood", "aic", "bic", "rmsea_low", "rmsea_high"):
        assert fit.fit[ours] == pytest.approx(measures[names.get(ours, ours)], rel=1e-7), ours
    table = fit.estimates.set_index(["left", "operator", "right"])
    rows = theirs["parameters"]
    keys = [
        (NAMES.get(left, left), operator, NAMES.get(right, right))
        for left, operator, right in zip(rows["lhs"], rows["op"], rows["rhs"], strict=True)
    ]
    keys = [key if key in table.index else key[::-1] for key in keys]
    assert len(set(keys)) == len(table) == len(keys)
    np.testing.assert_allclose(table.loc[keys, "estimate"], rows["est"], atol=SEARCH)
    np.testing.assert_allclose(table.loc[keys, "std_error"], rows["se"], atol=SEARCH)


def test_the_simple_slopes_are_those_of_semtools(shared: Path, found: LatentInteraction) -> None:
    theirs = cases(shared, "latent_three_way.json")["dat3way_probe3WayMC"]["simple_slope"]
    ours = latent_simple_slopes(found, "f3", {"f2": [-1, 0, 1], "f1": [-1, 0, 1]})
    for column, key in {
        "f1": "f1",
        "f2": "f2",
        "estimate": "est",
        "std_error": "se",
        "statistic": "z",
    }.items():
        np.testing.assert_allclose(ours[column], theirs[key], atol=SEARCH, rtol=SEARCH, err_msg=column)
    np.testing.assert_allclose(ours["p_value"], theirs["pvalue"], atol=SEARCH)
    with pytest.raises(ModelSpecificationError, match="values for each of the others"):
        latent_simple_slopes(found, "f3", {"f1": [0]})


@pytest.mark.parametrize("method", ["dblcent", "rca"])
def test_two_factors_with_all_products_are_those_of_modsem(shared: Path, method: str) -> None:
    """Nine products, with residuals that go together where an item is shared.

    Centred twice, or (rca) what is left of the products when the items have said what they can of them.
    """
    theirs = cases(shared, "latent_two_way_modsem.json")[f"oneint_{method}"]
    data = pd.read_csv(shared / "reference/data/modsem_oneint.csv")
    X, Z, Y = ([f"{letter}{i}" for i in (1, 2, 3)] for letter in "xzy")
    centred = data[X + Z] - data[X + Z].mean()
    pairs = {f"{x}.{z}": centred[x] * centred[z] for x, z in product(X, Z)}
    data = pd.concat([data, pd.DataFrame(pairs)], axis=1)
    data[list(pairs)] -= data[list(pairs)].mean()
    if method == "rca":
        said, *_ = np.linalg.lstsq(centred.to_numpy(), data[list(pairs)].to_numpy(), rcond=None)
        data[list(pairs)] -= centred.to_numpy() @ said
    measured = {"X": X, "Z": Z, "XZ": list(pairs), "Y": Y}
    items = [item for each in measured.values() for item in each]
    parameters = [
        Parameter(factor, "=~", item, fixed=1.0 if place == 0 else None)
        for factor, own in measured.items()
        for place, item in enumerate(own)
    ]
    parameters += [Parameter("Y", "~", name) for name in ("X", "Z", "XZ")]
    parameters += [Parameter(name, "~~", name) for name in [*items, *measured]]
    parameters += [Parameter(*each) for each in (("X", "~~", "Z"), ("X", "~~", "XZ"), ("Z", "~~", "XZ"))]
    parameters += [
        Parameter(first, "~~", second)
        for place, first in enumerate(pairs)
        for second in list(pairs)[place + 1 :]
        if set(first.split(".")) & set(second.split("."))
    ]
    offered = prepared(data, items, "listwise")
    model = structure(items, list(measured), parameters, means=[offered.data[0].mean[0]])
    fit = fit_structure(
        model, {k: tuple(v) for k, v in measured.items()}, offered, estimator="ML", missing="listwise"
    )
    for ours, key in (("chi_square", "chisq"), ("df", "df"), ("cfi", "cfi"), ("rmsea", "rmsea")):
        assert fit.fit[ours] == pytest.approx(theirs["fit"][key], rel=1e-6)
    paths = fit.estimates[fit.estimates["operator"] == "~"]
    assert paths["right"].tolist() == theirs["structural"]["rhs"]
    np.testing.assert_allclose(paths["estimate"], theirs["structural"]["est"], rtol=SEARCH)
    np.testing.assert_allclose(paths["std_error"], theirs["structural"]["se"], rtol=SEARCH)


def test_the_truth_is_found_where_the_scores_lose_half_of_it() -> None:
    data = noisy(6000, 1, 0.5)
    result = fit_latent_interaction(data, of("kwm"), of("y"))
    assert result.fit.status == "estimated"
    row = result.table().set_index("term").loc["k:w:m"]
    assert abs(row["estimate"] - 0.2) < 3 * row["std_error"]
    assert row["conf_low"] > 0
    assert "k:w:m" in str(result)
    assert result.n_used == 6000


def test_names_and_numbers_that_do_not_fit_are_refused() -> None:
    data = noisy(200, 2, 0.7)
    with pytest.raises(ModelSpecificationError, match="two or three factors"):
        fit_latent_interaction(data, of("k"), of("y"))
    with pytest.raises(ModelSpecificationError, match="an outcome that is no factor"):
        fit_latent_interaction(data, of("kwm"), of("m"))


def test_residuals_that_share_an_error_are_related() -> None:
    """cov(k1, k1·w1·m1) holds var(e)·cov(w, m), and so does cov(k1·w1, k1·m1): here 1 x .3."""
    data = noisy(20_000, 3, 0.5)
    table = fit_latent_interaction(data, of("kwm"), of("y")).fit.estimates
    residual = table[(table["operator"] == "~~") & (table["left"] != table["right"])]
    residual = residual[residual["left"].str.contains(r"\d")]
    assert len(residual) == 18
    np.testing.assert_allclose(residual["estimate"], 0.3, atol=0.12)
    assert residual["estimate"].mean() == pytest.approx(0.3, abs=0.04)


@pytest.mark.slow
def test_the_bias_and_coverage_of_the_three_way_effect() -> None:
    """N = 2,000, items of reliability .5 (scales .75), 60 samples."""
    rows = []
    for seed in range(60):
        result = fit_latent_interaction(noisy(2000, 1000 + seed, 0.5), of("kwm"), of("y"))
        if result.fit.usable:
            rows.append(result.table().set_index("term").loc["k:w:m"])
    table = pd.DataFrame(rows)
    error = table["estimate"].std() / np.sqrt(len(table))
    covered = ((table["conf_low"] < 0.2) & (table["conf_high"] > 0.2)).mean()
    print(
        f"{len(table)} of 60, mean {table['estimate'].mean():.4f} (error {error:.4f}), coverage {covered:.3f}"
    )
    assert len(table) >= 54
    assert abs(table["estimate"].mean() - 0.2) < 0.02 + 3 * error
    assert covered > 0.85
