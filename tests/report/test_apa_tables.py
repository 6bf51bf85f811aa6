"""Tables for a paper: strings by hand, figures against numpy, two languages, every way out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research import fit_interaction, joint_test, simple_slopes, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.inference_comparison import InferenceComparison, compare_inference
from si_research.model.interaction import InteractionFit
from si_research.model.joint import JointTest
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import pool_interaction
from si_research.model.slope_differences import slope_differences
from si_research.model.step_coefficients import step_coefficients
from si_research.report.apa_tables import (
    apa_correlations,
    apa_inference,
    apa_joint,
    apa_pooled,
    apa_regression,
    apa_slope_differences,
    apa_slopes,
)
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.tables import correlation_table

HOSTILE = "care & <b>cure</b>"
Make = Callable[[InteractionFit, str], pd.DataFrame]
TABLES: dict[str, Make] = {
    "regression": apa_regression,
    "slopes": lambda fit, language: apa_slopes(fit, simple_slopes(fit, of="mogen"), language),
    "differences": lambda fit, language: apa_slope_differences(fit, slope_differences(fit), language),
    "inference": lambda fit, language: apa_inference(
        fit, compare_inference(fit, draws=199, seed=1), language
    ),
    "joint": lambda fit, language: apa_joint(fit, joint_test(fit, draws=199, seed=1), language),
}


def scores(n: int = 240, n_firms: int = 12) -> pd.DataFrame:
    table, rng = simulate_scores(n, three_way=0.3, seed=5), np.random.default_rng(5)
    table["firm_id"] = rng.integers(n_firms, size=n).astype(str)
    table["sector"] = rng.choice([HOSTILE, "it", "it", "build"], n)
    table["age"] = rng.integers(20, 60, n)
    table["weight"] = rng.uniform(0.5, 2, n)
    return table


@pytest.fixture(scope="module")
def fits() -> dict[str, InteractionFit]:
    table = scores()
    pair = ("kunnen", "mogen")
    return {
        "people": fit_interaction(table, controls=["age", "sector"]),
        "firms": fit_interaction(table, cluster="firm_id", controls=["sector"]),
        "one firm": fit_interaction(table.assign(firm_id="a"), cluster="firm_id"),
        "three firms": fit_interaction(scores(n_firms=3), cluster="firm_id"),
        "two conditions": fit_interaction(table, predictors=pair),
        "weighted": fit_interaction(table, weight="weight", cluster="firm_id"),
        "binary": fit_interaction(table.assign(willen=(table["willen"] > 3).astype(float))),
    }


def by_hand(rows: list[dict[str, Any]], index: str) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index(index)


def test_a_row_by_hand_follows_the_manual(fits: dict[str, InteractionFit]) -> None:
    """No leading zero in p, one in b and t; three decimals; < .001; a minus sign; brackets."""
    figures = {"n_used": 1240, "df": 11.0, "recommended": False, "note": ""}
    rows = [
        {"method": "CR3 jackknife", "estimate": -0.4499, "std_error": 0.2049, "statistic": -2.1957}
        | figures
        | {"p_value": 0.0504, "conf_low": -0.9009, "conf_high": 0.0011, "recommended": True},
        {"method": "CR2, Satterthwaite", "estimate": 0.0042, "std_error": 0.0008, "statistic": 5.25}
        | figures
        | {"p_value": 0.00031, "conf_low": 0.0022, "conf_high": 0.0062, "df": 5.8432},
        {"method": "random intercept", "estimate": np.nan, "std_error": np.nan, "statistic": np.nan}
        | figures
        | {"p_value": np.nan, "conf_low": np.nan, "conf_high": np.nan, "df": np.nan, "note": "too_few_firms"},
    ]
    made = InferenceComparison("kunnen:mogen", by_hand(rows, "method"), "CR3 jackknife", "few_clusters", 0.95)
    english, dutch = (apa_inference(fits["firms"], made, language) for language in ("en", "nl"))
    assert list(english) == ["Method", "n", "b", "SE", "95% CI", "t", "df", "p"]
    assert english.to_numpy().tolist() == [
        [
            "jackknife over organisations (CR3) ✓",
            *("1,240", "−0.45", "0.20", "[−0.90, 0.00]", "−2.20", "11", ".050"),
        ],
        [
            "CR2, Satterthwaite",
            *("1,240", "0.0042", "0.0008", "[0.0022, 0.0062]", "5.25", "5.8", "< .001"),
        ],
        ["random intercept", "1,240", "–", "–", "–", "–", "–", "–"],
    ]
    assert dutch.to_numpy().tolist()[0] == [
        "jackknife over organisaties (CR3) ✓",
        *("1.240", "−0,45", "0,20", "[−0,90; 0,00]", "−2,20", "11", ",050"),
    ]
    assert list(dutch)[4] == "95%-BI"
    assert "Random intercept: too few organisations." in english.attrs["note"]
    assert "fewer than ten organisations" in english.attrs["note"]


def test_a_joint_test_by_hand(fits: dict[str, InteractionFit]) -> None:
    columns = {"df": 4.0, "df_residual": np.nan, "statistic": 17.333, "p_value": 0.0123}
    rows = [
        {"method": "wild cluster bootstrap Wald", "recommended": True, **columns},
        {"method": "Hotelling, CR3 jackknife", "recommended": False, **columns}
        | {"df_residual": 8.0, "statistic": 2.306, "p_value": 1.0},
    ]
    made = JointTest(
        *(("a",), ("kunnen",), "", "wild cluster bootstrap Wald", 0.0123, 0.002, 1999, 20, 0.0344),
        tests=by_hand(rows, "method"),
        note="",
    )
    table = apa_joint(fits["firms"], made, "nl")
    assert table.iloc[:, 1:].to_numpy().tolist() == [
        ["Wald(4) = 17,33", ",012", ",034"],
        ["F(4; 8) = 2,31", "> ,999", ",034"],
    ]
    assert "1.999 trekkingen" in table.attrs["note"]
    assert "startgetal 20" in table.attrs["note"]


def test_every_step_is_the_regression_that_numpy_finds() -> None:
    """b, β and R² of each step from design matrices made here, without a line of the model."""
    table = scores()
    fit = fit_interaction(table, controls=["age"])
    shown = apa_regression(fit)
    age, *mains = (
        table[name].to_numpy() - table[name].mean() for name in ("age", "kunnen", "willen", "mogen")
    )
    k, w, m = mains
    blocks = [[np.ones(len(table)), age], mains, [k * w, k * m, w * m], [k * w * m]]
    y = table["innovative_behaviour"].to_numpy()
    design, at, before = list[Any](), 0, 0.0
    for block in blocks:
        design += block
        X = np.column_stack(design)
        b, *_ = np.linalg.lstsq(X, y, rcond=None)
        r2 = 1 - ((y - X @ b) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        step = shown.iloc[at]
        assert step["R²"] == f"{r2:.3f}"[1:]
        assert step["ΔR²"] == f"{r2 - before:.3f}"[1:]
        terms = shown.iloc[at + 1 : at + 1 + len(design)]
        digits = [len(cell.partition(".")[2]) for cell in terms["b"]]
        signed = [f"{value:.{n}f}".replace("-", "−") for value, n in zip(b, digits, strict=True)]
        assert terms["b"].to_list() == signed
        at, before = at + 1 + len(design), r2
    assert at == len(shown)


def test_the_last_step_is_the_fit(fits: dict[str, InteractionFit]) -> None:
    for name, fit in fits.items():
        last = step_coefficients(fit).groupby("step", sort=False).get_group(fit.steps.index[-1])
        last = last.set_index("term")
        columns = list(fit.coefficients.columns)
        np.testing.assert_allclose(last[columns], fit.coefficients, rtol=1e-8, atol=1e-12, err_msg=name)
        beta = fit.standardised["estimate"].drop("intercept")
        np.testing.assert_allclose(last["beta"].drop("intercept"), beta, atol=1e-9)


def test_a_step_has_the_test_that_allows_for_firms(fits: dict[str, InteractionFit]) -> None:
    fit = fits["firms"]
    shown = apa_regression(fit)
    steps = shown[shown["R²"] != ""]
    assert len(steps) == len(fit.steps)
    for cell, p, row in zip(steps["F (df)"], steps["p"], fit.steps.to_dict("records"), strict=True):
        value, df, df_residual = re.fullmatch(r"([\d.]+) \((\d+), (\d+)\)", cell).groups()  # type: ignore[union-attr]
        assert float(value) == pytest.approx(row["robust_statistic"], abs=0.005)
        assert (int(df), int(df_residual)) == (row["robust_df"], row["robust_df_residual"])
        wanted = row["robust_p_value"]
        assert p == "< .001" if wanted < 0.001 else float(p) == pytest.approx(wanted, abs=0.0005)
    assert "Hotelling" in shown.attrs["note"]


def in_english(cell: str) -> str:
    return cell.replace(",", ".").replace(";", ",")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("which", ["people", "firms", "one firm", "three firms", "weighted", "binary"])
def test_dutch_and_english_hold_the_same_figures(
    name: str, which: str, fits: dict[str, InteractionFit]
) -> None:
    english, dutch = (TABLES[name](fits[which], language) for language in ("en", "nl"))
    assert english.shape == dutch.shape
    assert english.columns.is_unique
    assert set(english.attrs) == {"title", "note"}
    for one, other in zip(english, dutch, strict=True):
        if one not in {"Term", "Where", "First", "Second", "Method", "Test"}:
            assert english[one].to_list() == [in_english(cell) for cell in dutch[other]], one
    assert re.findall(r"\d+", english.attrs["note"]) == re.findall(r"\d+", dutch.attrs["note"])
    assert "240" in english.attrs["note"]


def test_two_conditions_have_a_table_of_their_own(fits: dict[str, InteractionFit]) -> None:
    fit = fits["two conditions"]
    steps = [cell for cell in apa_regression(fit)["Term"] if cell.startswith("Step")]
    assert steps == ["Step 1: Conditions", "Step 2: Products of two"]
    assert len(apa_slope_differences(fit, slope_differences(fit))) == 1
    assert apa_slopes(fit, simple_slopes(fit))["Where"].str.fullmatch(r"mogen [\d.]+").all()


def test_too_few_firms_leave_a_dash_and_a_reason(fits: dict[str, InteractionFit]) -> None:
    fit = fits["three firms"]
    table = TABLES["joint"](fit, "en")
    assert table["p"].to_list() == ["–", "–"]
    assert "Fewer than 5 organisations" in table.attrs["note"]
    assert "draws" not in table.attrs["note"]
    steps = apa_regression(fit).set_index("Term")["F (df)"].filter(like="Step")
    assert [cell == "–" for cell in steps] == [True, True, False]


def test_the_note_says_weight_squares_and_reference(fits: dict[str, InteractionFit]) -> None:
    assert "Weighted by weight." in apa_regression(fits["weighted"]).attrs["note"]
    assert "Weighted" not in apa_regression(fits["people"]).attrs["note"]
    assert "Reference category: sector: it." in apa_regression(fits["people"]).attrs["note"]
    assert "Reference" not in apa_regression(fits["one firm"]).attrs["note"]
    assert "the squares of kunnen and mogen in both" in TABLES["joint"](fits["binary"], "en").attrs["note"]


def test_a_level_of_few_people_is_not_shown() -> None:
    table = scores()
    table.loc[table.index[:3], "sector"] = "fishing"
    shown = apa_regression(fit_interaction(table, controls=["sector"]))
    assert not shown["Term"].str.contains("fishing").any()
    assert "fewer than five people have count" in shown.attrs["note"]


def test_a_value_outside_the_data_is_marked(fits: dict[str, InteractionFit]) -> None:
    slopes = simple_slopes(fits["people"], at={"willen": [3, 9], "mogen": [3]})
    table = apa_slopes(fits["people"], slopes)
    assert [cell.endswith(" *") for cell in table["Where"]] == [False, True]
    assert "* a value outside the data." in table.attrs["note"]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_leaves_by_every_door(name: str, fits: dict[str, InteractionFit], tmp_path: Any) -> None:
    """A spreadsheet, text and a page hold the same cells, no cell is a formula, and names are escaped."""
    table = TABLES[name](fits["people"], "nl")
    assert all(isinstance(cell, str) for cell in table.to_numpy().ravel())
    assert not table.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
    pd.testing.assert_frame_equal(
        pd.read_csv(io.StringIO(table.to_csv(sep="\t", index=False)), sep="\t", dtype=str).fillna(""),
        table,
        check_dtype=False,
    )
    table.to_excel(tmp_path / "table.xlsx", index=False)
    stored = pd.read_excel(tmp_path / "table.xlsx", engine="openpyxl", dtype=str, keep_default_na=False)
    assert stored.to_numpy().tolist() == table.to_numpy().tolist()
    page = table.to_html(index=False)
    assert HOSTILE not in page
    if name == "regression":
        assert "care &amp; &lt;b&gt;cure" in page
    assert not re.search(r"\*(kunnen|willen|mogen)\*", page + table.attrs["title"] + table.attrs["note"])


def test_a_study_names_its_scales(example: StudyFindings) -> None:
    assert example.fit is not None
    assert example.joint is not None
    own = apa_regression(example.fit, "nl", findings=example)
    labels = labels_of(example, "nl")
    assert labels.of(example.study.outcome) in own.attrs["title"]
    assert apa_joint(example.fit, example.joint, "nl", findings=example).shape == (2, 4)


def test_the_correlations_are_those_of_the_report(example: StudyFindings) -> None:
    table = correlation_table(example, labels_of(example, "en"))
    shown = apa_correlations(example)
    assert shown.iloc[:, 1:].to_numpy().tolist() == table.table().iloc[:, 1:].to_numpy().tolist()
    assert shown.attrs["note"] == table.note
    assert not shown.iloc[:, 0].str.contains("*", regex=False).any()


def test_another_level_is_in_the_heading() -> None:
    fit = fit_interaction(scores(), conf_level=0.9)
    assert "90% CI" in apa_regression(fit)
    assert "90%-BI" in apa_regression(replace(fit), "nl")


def test_a_product_of_two_has_its_third_condition_only() -> None:
    fit = fit_interaction(simulate_scores(200, seed=1), errors="OLS")
    slopes = pd.concat([simple_slopes(fit, of="mogen:kunnen", at={"willen": [3]}), simple_slopes(fit)])
    table = apa_slopes(fit, slopes)
    assert table.iloc[0, :2].to_list() == ["kunnen × mogen", "willen 3.00"]
    assert "Standard errors: classical (OLS)." in table.attrs["note"]
    assert "(classical F)" in apa_regression(fit).attrs["note"]


def test_a_pooled_fit_has_its_notes_and_a_range_of_degrees_of_freedom() -> None:
    scores = simulate_scores(120, n_firms=8, seed=1)
    scores.loc[scores.index < 20, "kunnen"] = np.nan
    two = ("kunnen", "mogen")
    filled = impute_scores(scores, predictors=two, cluster="firm_id", imputations=6, iterations=5, seed=1)
    pooled = pool_interaction(filled)
    slopes = simple_slopes(pooled)
    note = apa_slopes(pooled, slopes).attrs["note"]
    low, high = (f"{value:.1f}" for value in (slopes["df"].min(), slopes["df"].max()))
    assert low != high
    assert f"t on {low} to {high} degrees of freedom" in note
    assert "n = 120 of 120" in note
    assert "8 organisations. Missing scores filled in 6 times" in note
    table = apa_pooled(pooled)
    assert table["Term"].to_list() == ["kunnen", "mogen", "kunnen × mogen"]
    product = pooled.coefficients.loc["kunnen:mogen"]
    assert float(table.iloc[2, 3].replace("−", "-")) == pytest.approx(product["estimate"], abs=5e-4)
    with pytest.raises(ModelSpecificationError, match="apa_pooled"):
        apa_regression(pooled)


def test_the_note_has_the_degrees_of_freedom(fits: dict[str, InteractionFit]) -> None:
    people, firms = fits["people"], fits["firms"]
    assert "t on the second degrees of freedom of the step's F." in apa_regression(people).attrs["note"]
    assert "t on 11 degrees of freedom." in apa_regression(firms).attrs["note"]
    slopes, differences = simple_slopes(people), slope_differences(people)
    for table in (apa_slopes(people, slopes), apa_slope_differences(people, differences)):
        assert "t on 229 degrees of freedom." in table.attrs["note"]


def test_methods_with_one_reason_share_a_sentence() -> None:
    fit = fit_interaction(simulate_scores(200, n_firms=6, seed=1), cluster="firm_id")
    table = apa_inference(fit, compare_inference(fit, draws=199, seed=1))
    assert "Classical (OLS), HC3, CR1 and CR1S: made for many organisations" in table.attrs["note"]
    assert table.set_index("Method").loc["CR1", ["95% CI", "p"]].to_list() == ["–", "–"]
