"""The figures of R's NCA: cases, their data, and numbers written as text."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from si_research.model.necessity.necessity import Necessity, describe_necessity

INLINE = {
    "single_peer_no_empty_zone": ([1, 2, 3, 4], [4, 3, 2, 1]),
    "single_peer_theoretical_scope": ([1, 2, 3, 4], [4, 3, 2, 1]),
    "constant_x": ([1, 1, 1, 1], [4, 3, 2, 1]),
    "constant_y": ([1, 2, 3, 4], [2, 2, 2, 2]),
    "two_points_diagonal": ([0, 1], [0, 1]),
    "binary_2x2": ([0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1]),
    "binary_one_exception": ([0, 0, 0, 1, 1, 1, 1, 0], [0, 0, 0, 0, 1, 1, 1, 1]),
    "text_and_missing_values": ([1, 2, np.nan, 4, 5], [1, np.nan, 3, 3.5, 5]),  # R makes "a" missing
}


@cache
def cases(shared: Path, *files: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        content = json.loads((shared / "reference/nca" / file).read_text("utf-8"))
        found |= {case["id"]: case for case in content["cases"]}
    return found


@cache
def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path).set_index("case")


def data(shared: Path, name: str) -> pd.DataFrame:
    return read(shared / "reference/data" / name).copy()


def number(value: object) -> float:
    return float(str(value).replace("NaN", "nan").replace("NA", "nan"))


def option(call: str, pattern: str, default: str = "") -> str:
    found = re.search(pattern, call)
    return found.group(1) if found else default


def described(shared: Path, case: dict[str, Any], ceilings: list[str]) -> Necessity:
    """What the call of the case describes."""
    call = " ".join(case["call"].split())
    if case["id"] in INLINE:
        table = pd.DataFrame(dict(zip("xy", INLINE[case["id"]], strict=True)), dtype="float64")
    else:
        table = data(shared, re.split(r"[ ,]", case["data"])[0])
    if "nca.example[-14, ]" in call:
        table = table.drop(index="Japan")
    if "ex6" in call:
        table = table.iloc[[0, 5, 8, 13, 23, 27]]
    if "* 10000" in call:
        table["Individualism"] *= 10_000
    *conditions, outcome = list(table.columns)
    conditions = [name for name in conditions if name in case["result"].get("conditions", conditions)]
    ends: dict[str, Any] = {}
    if given := option(call, r"scope = c\(([-0-9, ]+)\)"):
        low_x, high_x, low_y, high_y = map(float, given.split(","))
        ends = dict.fromkeys(conditions, (low_x, high_x)) | {outcome: (low_y, high_y)}
    if "scope = list" in call:
        ends = {"kunnen": (1, 7), "willen": (1, 7), "mogen": (1, 5), "iwb": (1, 7)}
    mixed = dict(zip(conditions, (2, 1), strict=False)) if "corner = c(2, 1)" in call else None
    return describe_necessity(
        table,
        outcome=outcome,
        predictors=conditions,
        corner=mixed or int(option(call, r"corner = (\d)", "1")),
        ceilings=ceilings,
        ends=ends or (1, 5),
        scope="theoretical" if ends else "empirical",
        quantile=float(option(call, r"qr\.tau = ([0-9.]+)", "0.95")),
    )


def twelve_rows() -> pd.DataFrame:
    """The twelve rows that were done in R."""
    return pd.DataFrame(
        {
            "kunnen": [1.5, 2, 2.5, 2.5, 3, 3.5, 3.5, 4, 4, 4.5, 4.5, 5],
            "willen": [2, 3, 2.5, 4, 3, 4.5, 3.5, 3, 5, 4, 4.5, 4],
            "mogen": [3, 1.5, 2, 3.5, 4, 2.5, 3, 4.5, 3.5, 2, 5, 4],
            "innovative_behaviour": [1.2, 1.8, 2.0, 2.9, 2.6, 3.0, 3.1, 2.8, 4.2, 2.2, 4.6, 4.0],
        }
    )
