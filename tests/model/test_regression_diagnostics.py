"""Diagnostics against R (lmtest, car, stats) to 1e-8, and VIF by regressing each term on the others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research import fit_interaction, simulate_scores
from si_research.model.regression_diagnostics import regression_diagnostics

CLAIMED = {"gw_diagnostics"}
EXACT = 1e-8


def test_against_r(shared: Path) -> None:
    """All but Durbin and Watson's statistic, as people have no order."""
    content = json.loads((shared / "reference/regression/three_way_global_warming.json").read_text("utf-8"))
    theirs = {case["id"]: case["result"] for case in content["cases"]}["gw_diagnostics"]
    data = pd.read_csv(shared / "reference/data/global_warming.csv")
    roles = {
        "outcome": "govact",
        "predictors": ["negemot", "sex", "age"],
        "controls": ["posemot", "ideology"],
    }
    found = regression_diagnostics(fit_interaction(data, **roles)).table()
    for name, case, label in (
        ("Breusch-Pagan, studentised", "bp_studentised", "BP"),
        ("Breusch-Pagan", "bp_classic", "BP"),
    ):
        assert found["statistic"][name] == pytest.approx(theirs[case]["statistic"][label], rel=EXACT)
        assert found["p_value"][name] == pytest.approx(theirs[case]["p.value"][label], rel=EXACT)
        assert found["df"][name] == theirs[case]["parameter"]["df"]
    assert found["statistic"]["White"] == pytest.approx(theirs["white"]["lm"], rel=EXACT)
    assert found["p_value"]["White"] == pytest.approx(theirs["white"]["p"], rel=EXACT)
    assert found["df"]["White"] == theirs["white"]["df"]
    reset = found.loc["RESET"]
    assert reset["statistic"] == pytest.approx(theirs["reset"]["statistic"]["RESET"], rel=EXACT)
    assert reset["p_value"] == pytest.approx(theirs["reset"]["p.value"], rel=1e-7)
    assert [reset["df"], reset["df_residual"]] == list(theirs["reset"]["parameter"].values())
    assert found["statistic"]["Shapiro-Wilk"] == pytest.approx(theirs["shapiro"]["statistic"]["W"], rel=EXACT)
    assert found["p_value"]["Shapiro-Wilk"] == pytest.approx(theirs["shapiro"]["p.value"], rel=1e-6)
    for name, case in (
        ("largest Cook's distance", "cook_max"),
        ("largest leverage", "hat_max"),
        ("largest studentised residual", "rstudent_max"),
    ):
        assert found["statistic"][name] == pytest.approx(abs(theirs[case]["value"]), rel=EXACT)
    for term, value in theirs["vif_additive"].items():
        assert found["statistic"][f"VIF {term}"] == pytest.approx(value, rel=EXACT)


def test_unequal_spread_and_a_wrong_form_are_seen() -> None:
    data = simulate_scores(600, seed=2)
    plain = regression_diagnostics(fit_interaction(data)).table()["p_value"]
    assert float(plain["Breusch-Pagan, studentised"]) > 0.01
    rng = np.random.default_rng(1)
    level = data["kunnen"].rank(pct=True)
    wide = data.assign(innovative_behaviour=data["innovative_behaviour"] + level * rng.normal(size=600) * 3)
    assert float(regression_diagnostics(fit_interaction(wide)).table()["p_value"]["White"]) < 1e-3
    bent = data.assign(innovative_behaviour=data["innovative_behaviour"] ** 3)
    assert float(regression_diagnostics(fit_interaction(bent)).table()["p_value"]["RESET"]) < 0.01


def test_with_weights_tests_are_left_out_and_vif_is_that_of_people_there_more_than_once() -> None:
    data = simulate_scores(150, seed=3).assign(weight=1 + np.arange(150) % 3)
    data["sector"] = np.array(["zorg", "ict", "zorg", "bouw", "zorg"])[np.arange(150) % 5]
    weighted = regression_diagnostics(fit_interaction(data, controls=["sector"], weight="weight")).table()
    copies = regression_diagnostics(
        fit_interaction(
            data.loc[data.index.repeat(data["weight"])].reset_index(drop=True), controls=["sector"]
        )
    ).table()
    others = [[1.0, *row] for row in data[["kunnen", "willen", "mogen"]].to_numpy()]
    X, bouw, ict = np.array(others), *(data["sector"] == name for name in ("bouw", "ict"))
    X, y, root = np.column_stack([X, bouw]), ict.to_numpy(dtype="float64"), np.sqrt(data["weight"].to_numpy())
    u = root * (y - X @ np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0])
    around = root * (y - np.average(y, weights=root**2))
    assert weighted["statistic"]["VIF sector[ict]"] == pytest.approx((around @ around) / (u @ u))
    assert "RESET" not in weighted.index
    for name in ("kunnen", "willen", "mogen", "sector[ict]", "sector[bouw]"):
        assert weighted["statistic"][f"VIF {name}"] == pytest.approx(copies["statistic"][f"VIF {name}"])
    assert weighted["p_value"].isna().all()


def test_large_surveys_have_no_shapiro_and_nothing_points_at_a_person() -> None:
    found = regression_diagnostics(fit_interaction(simulate_scores(5001, seed=1)))
    assert found.table().loc["Shapiro-Wilk", ["statistic", "p_value"]].isna().all()
    assert found.table().loc["RESET", ["statistic", "p_value"]].notna().all()
    assert list(found.table().columns) == ["asks", "statistic", "df", "df_residual", "p_value"]
    assert "n = 5001" in str(found)
    assert "n = 5001" in found._repr_html_()
