"""Real surveys through the whole study: the figures that the README of each data set states.

Three decimals, because the READMEs print three (two where they print two). The data stay in the
shared folder; only codebooks and study files stand here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from si_research.cli import main

HERE = Path(__file__).parent
FILES = {
    "csps_uk_orgs": "amo_by_org_year.csv",
    "work_cognitions": "nimon2021.csv",
    "piaac_nl_adults": "piaac_nld_subset.csv",
    "jobcrafting_chile": "unete2_reduced.sav",
    "gss2010_spss": "gss2010.sav",
}
K, W, M = "kunnen", "willen", "mogen"
KW, KM, KWM = "kunnen:willen", "kunnen:mogen", "kunnen:willen:mogen"


def run(name: str, shared: Path, folder: Path, exit_code: int = 0) -> dict[str, Any]:
    data = shared / "real_data" / name / FILES[name]
    arguments = ["run", HERE / name, "--data", data, "--output", folder / "out", "-q"]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == exit_code, result.output
    assert (folder / "out" / "report.html").stat().st_size > 10_000
    return dict(json.loads((folder / "out" / "results.json").read_text("utf-8")))


def row(results: dict[str, Any], method: str, term: str) -> dict[str, Any]:
    (found,) = [
        each
        for each in results["fit"]["methods"]
        if (each["view"], each["method"], each["term"]) == ("standardised", method, term)
    ]
    return dict(found)


def check(results: dict[str, Any], method: str, figures: dict[str, tuple[float, float | None]]) -> None:
    """Estimate and p by term; a p of 0 stands for "< .001"."""
    for term, (estimate, p) in figures.items():
        found = row(results, method, term)
        assert round(found["estimate"], 3) == pytest.approx(estimate, abs=1e-9), term
        if p is not None:
            digits = len(str(p).split(".")[1]) if p else 3
            assert round(found["p_value"], digits) == pytest.approx(p, abs=1e-9), (term, method)


def alpha(results: dict[str, Any], scale: str) -> tuple[float, int]:
    (found,) = [each for each in results["reliabilities"] if each["scale"] == scale]
    return round(found["alpha"], 3), found["n_used"]


def check_undecided(results: dict[str, Any], signs: set[tuple[str, str]]) -> None:
    """Not a combination on the strength of one p; ``signs``: what is negative, against the theory."""
    found = results["combination"]
    assert found["verdict"] == "undecided"
    assert {row["reading"]: row["status"] for row in found["readings"]}["no_relation"] == "excluded"
    negative = [row for row in found["wrong_signs"] if row["finding"] != "share_negative"]
    assert {(row["finding"], row["term"]) for row in negative} == signs


def test_work_cognitions(shared: Path, tmp_path: Path) -> None:
    results = run("work_cognitions", shared, tmp_path)
    b = {W: 0.365, M: 0.127, K: 0.033, KM: 0.115, KWM: 0.026}
    check(
        results,
        "OLS",
        dict(zip(b, zip(b.values(), [0, 0.019, 0.54, 0.042, 0.195], strict=True), strict=True)),
    )
    check(
        results,
        "HC3",
        dict(zip(b, zip(b.values(), [0, 0.047, 0.561, 0.104, 0.232], strict=True), strict=True)),
    )
    assert round(results["fit"]["r2"], 3) == 0.247
    assert results["fit"]["n_used"] == 518
    assert all(each["alpha"] is None for each in results["reliabilities"])
    check_undecided(results, set())


def test_piaac(shared: Path, tmp_path: Path) -> None:
    results = run("piaac_nl_adults", shared, tmp_path)
    b = {K: (0.172, 0), W: (0.232, 0), M: (0.165, 0)}
    check(results, "OLS", {**b, KWM: (-0.020, 0.098)})
    check(results, "HC3", {**b, KWM: (-0.020, 0.053)})
    assert round(results["fit"]["r2"], 3) == 0.162
    assert results["fit"]["n_used"] == 3902
    assert alpha(results, "willen") == (0.853, 3924)
    assert alpha(results, "mogen") == (0.793, 3922)
    check_undecided(results, {("three_way_negative", KWM)})


def test_jobcrafting(shared: Path, tmp_path: Path) -> None:
    results = run("jobcrafting_chile", shared, tmp_path)
    check(
        results,
        "OLS",
        {K: (0.299, 0), W: (0.239, 0.012), M: (-0.022, 0.81), KM: (0.184, 0.035), KWM: (-0.039, 0.556)},
    )
    for method, p_two, p_three in (
        ("HC3", 0.199, 0.690),
        ("CR1", 0.027, 0.663),
        ("CR1S", 0.029, 0.668),
        ("CR3 jackknife", 0.09, 0.73),
    ):
        check(results, method, {KM: (0.184, p_two), KWM: (-0.039, p_three)})
    assert round(results["fit"]["r2"], 3) == 0.181
    assert results["fit"]["n_used"] == 221
    assert alpha(results, "kunnen") == (0.752, 246)
    assert alpha(results, "willen") == (0.877, 253)
    assert alpha(results, "mogen")[0] == 0.938
    assert alpha(results, "innovative_behaviour") == (0.729, 255)
    check_undecided(results, {("three_way_negative", KWM), ("slope_negative", M)})


def test_csps_is_a_statement_on_organisations(shared: Path, tmp_path: Path) -> None:
    results = run("csps_uk_orgs", shared, tmp_path, exit_code=3)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert results["refusal"]["code"] == "no_respondents"
    assert results["combination"]["verdict"] not in {"reinforcing", "bottleneck"}
    section = page.split('<section id="verdict"')[1].split("</section>")[0]
    assert "This is a statement about organisations." in section
    assert "same organisations" in section
    assert "people who" not in section


def test_csps_is_diagnosed_over_its_years_without_a_word_on_single_employees(
    shared: Path, tmp_path: Path
) -> None:
    """The README: percentages of organisations without numbers of respondents."""
    data, out = shared / "real_data" / "csps_uk_orgs" / FILES["csps_uk_orgs"], tmp_path / "out"
    arguments = ["diagnose", HERE / "csps_uk_orgs", "--data", data, "--output", out, "--language", "en"]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    index = (out / "index.html").read_text("utf-8")
    assert "How many people stand behind a figure is not known" in index
    assert "Figures of an organisation tell nothing of any employee" in index
    told = pd.read_csv(out / "units.csv")
    assert told[["mean_of_minima", "minimum_of_means"]].isna().all(axis=None)
    assert not [name for name in told if "binding" in name or "people" in name]
    refused = CliRunner().invoke(main, [*(str(argument) for argument in arguments), "--target", "60"])
    assert refused.exit_code == 3, refused.output
    assert "a row an organisation and year" in refused.output


def test_gss_is_refused_with_its_descriptives(shared: Path, tmp_path: Path) -> None:
    results = run("gss2010_spss", shared, tmp_path, exit_code=3)
    assert results["refusal"]["code"] == "no_outcome"
    items = {each["item"]: (round(each["mean"], 3), each["n_used"]) for each in results["items"]}
    assert items["wkfreedm"] == (1.609, 1162)
    assert items["opdevel"] == (1.852, 1155)
    assert items["haveinfo"][0] == 1.497
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    for figure in ("1.609", "1,162", "innovative behaviour"):
        assert figure in page
    assert "1.024" not in page
