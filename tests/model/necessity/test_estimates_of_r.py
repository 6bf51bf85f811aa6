"""Ceilings against R's NCA 5.0.1: every estimate of every case, and the versions on tied data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nca_cases import cases, data, described, number
from si_research.model.necessity.necessity import describe_necessity

EXAMPLE = [f"example_all_ceilings_corner{corner}" for corner in (1, 2, 3, 4)]
LIKERT = [f"likert_all_ceilings_corner{corner}" for corner in (1, 2, 3, 4)]
CLAIMED = {
    *(*EXAMPLE, *LIKERT, "example_mixed_corners_2_1", "example_without_japan", "example_qr_tau_0.90"),
    *("example_theoretical_scope", "example_theoretical_scope_corner4", "likert_theoretical_scope_1_7"),
    "continuous_missing_all_ceilings",
    *(f"continuous_missing_corner{corner}" for corner in (2, 3, 4)),
    *("single_peer_no_empty_zone", "single_peer_theoretical_scope", "constant_x", "constant_y"),
    *("two_points_diagonal", "binary_2x2", "binary_one_exception", "text_and_missing_values"),
    "small_slope_inefficiency",
}
FIGURES = {
    "Ceiling zone": "zone",
    "Effect size": "effect",
    "# above": "n_above",
    "Slope": "slope",
    "Intercept": "intercept",
    "Complexity": "n_peers",
    "Fit": "fit",
    "Ceiling accuracy": "accuracy",
    "Abs. ineff.": "absolute_inefficiency",
    "Rel. ineff.": "relative_inefficiency",
    "Condition ineff.": "condition_inefficiency",
    "Outcome ineff.": "outcome_inefficiency",
}


def differs_on_purpose(case: str, condition: str, ceiling: str, figure: str) -> bool:
    """Where R is not followed: `tests/reference/not_claimed.md` says why."""
    if ceiling in ("ce_vrs", "cr_vrs") and case == "likert_all_ceilings_corner4":
        return condition == "willen" or (condition == "kunnen" and figure == "Complexity")
    if case == "small_slope_inefficiency" and ceiling == "cr_fdh":
        return figure.endswith("ineff.")
    return ceiling == "c_lp" and figure in ("# above", "Ceiling accuracy")


@pytest.mark.parametrize("name", sorted(CLAIMED))
def test_every_estimate(shared: Path, name: str) -> None:
    case = cases(shared, "nca_estimates.json", "nca_edge.json")[name]
    for condition, theirs in case["result"]["conditions"].items():
        found = described(shared, case, list(theirs["ceilings"]))
        scope = theirs["global"].get("theoretical", theirs["global"])
        ends = [number(scope[end]) for end in ("Xmin", "Xmax", "Ymin", "Ymax")]
        for ceiling, figures in theirs["ceilings"].items():
            row = found.effects.loc[(condition, ceiling)]
            own = found.ceilings[condition, ceiling].scope
            assert [own.x_low, own.x_high, own.y_low, own.y_high] == ends
            for label, ours in FIGURES.items():
                if not differs_on_purpose(name, condition, ceiling, label):
                    np.testing.assert_allclose(
                        row[ours], number(figures[label]), rtol=1e-6, atol=1e-6, err_msg=f"{ceiling} {label}"
                    )


@pytest.mark.parametrize("name", sorted(CLAIMED - {"small_slope_inefficiency", "text_and_missing_values"}))
def test_the_peers(shared: Path, name: str) -> None:
    case = cases(shared, "nca_estimates.json", "nca_edge.json")[name]
    compared = 0
    for ceiling, places in dict(case["result"]["peers"]).items():
        found = described(shared, case, [ceiling])
        for condition, theirs in (places or {}).items() if isinstance(places, dict) else ():
            if (
                theirs is None
                or ceiling == "c_lp"
                or differs_on_purpose(name, condition, ceiling, "Complexity")
            ):
                continue  # R lists the peers on the line of C-LP
            peers = found.ceilings[condition, ceiling].peers
            assert np.repeat(peers.x, peers.n).tolist() == theirs["x"]
            assert np.repeat(peers.y, peers.n).tolist() == theirs["y"]
            compared += 1
    assert compared or name == "example_qr_tau_0.90"  # no peers


def test_a_small_slope_has_the_inefficiencies_of_the_same_data_in_other_units(shared: Path) -> None:
    every = cases(shared, "nca_estimates.json", "nca_edge.json")
    found = described(shared, every["small_slope_inefficiency"], ["cr_fdh"])
    theirs = every[EXAMPLE[0]]["result"]["conditions"]["Individualism"]["ceilings"]["cr_fdh"]
    for label in ("Rel. ineff.", "Condition ineff.", "Outcome ineff."):
        ours = found.effects.loc[("Individualism", "cr_fdh"), FIGURES[label]]
        assert ours == pytest.approx(number(theirs[label]), rel=1e-6)


def test_tied_data_as_version_5_0_1_and_not_as_before(shared: Path) -> None:
    content = json.loads((shared / "reference/nca/nca_versions.json").read_text("utf-8"))
    versions = {each["version"]: each for each in content["versions"]}
    likert = data(shared, "nca_likert_ties.csv")
    for corner in (1, 2, 3, 4):
        names = list(versions["5.0.1"]["likert_ties"]["corner1"]["kunnen"])
        found = describe_necessity(
            likert, outcome="iwb", predictors=["kunnen", "willen", "mogen"], corner=corner, ceilings=names
        )
        for condition, ceilings in versions["5.0.1"]["likert_ties"][f"corner{corner}"].items():
            for ceiling, figures in ceilings.items():
                if (corner, condition) == (4, "willen") and ceiling in ("ce_vrs", "cr_vrs"):
                    assert found.effects.loc[(condition, ceiling), "effect"] == pytest.approx(1 / 12)
                    continue
                ours = found.effects.loc[(condition, ceiling), "effect"]
                assert ours == pytest.approx(number(figures["effect"]), abs=1e-6)
    before = versions["4.0.2"]["likert_ties"]["corner1"]["kunnen"]["cr_fdh"]["effect"]
    assert before == pytest.approx(0.26825, abs=1e-5)
    assert versions["4.0.2"]["likert_ties"]["corner4"]["willen"]["ce_vrs"]["effect"] == pytest.approx(1 / 12)


def test_buyers_and_suppliers_as_in_the_readme_of_the_data(shared: Path) -> None:
    """The order of necessity is not that of the correlations (.44, .46, .41)."""
    found = describe_necessity(
        data(shared, "nca_example2.csv"),
        outcome="Innovation",
        predictors=["Contractual detail", "Goodwill trust", "Competence trust"],
        ceilings=["ce_fdh"],
    )
    assert found.effects["effect"].round(3).to_list() == [0.237, 0.307, 0.321]
