"""The page on choosing a test: its figures are those of the simulations, and its functions exist."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pandas as pd
import pytest

import si_research.model

PAGE = "docs/choosing-a-test.md"
DECISION = "docs/decisions/0011-which-test-is-read.md"
ITEM = re.compile(r"(three-way|joint) (.+?)(, no squares)? (\d+\.\d) % \((\d+\.\d)\)")


@pytest.fixture(scope="module")
def simulated(project: Path) -> pd.DataFrame:
    folder = project / "data/simulations"
    parts = [pd.read_csv(folder / f"inference_{kind}.csv", comment="#") for kind in ("size", "power")]
    return pd.concat(parts).set_index(["situation", "test", "method", "squares"])


def told(text: str) -> list[tuple[str, str, str, str, str, str]]:
    """Return situation, test, method, squares, figure and error of each figure in the tables."""
    found = []
    for line in text.splitlines():
        for situation, rest in re.findall(r"\*([^*|]+)\*([^*]*)", line if line.startswith("| ") else ""):
            for test, method, none, figure, error in ITEM.findall(rest):
                found.append((situation, test, method, "without" if none else "with", figure, error))
    return found


def test_every_figure_of_the_page_is_that_of_the_simulations(project: Path, simulated: pd.DataFrame) -> None:
    text = (project / PAGE).read_text("utf-8")
    figures = told(text)
    assert len(figures) > 50
    assert len(figures) == len(re.findall(r"\d+\.\d %", text)), "a figure stands outside the tables"
    for *place, figure, error in figures:
        row = simulated.loc[tuple(place)]
        assert (figure, error) == (f"{100 * row['found']:.1f}", f"{100 * row['error']:.1f}"), place


def test_every_situation_stands_on_the_page(project: Path, simulated: pd.DataFrame) -> None:
    told_of = {situation for situation, *_ in told((project / PAGE).read_text("utf-8"))}
    assert told_of == set(simulated.index.get_level_values("situation"))


def test_every_figure_of_the_decision_is_that_of_the_simulations(
    project: Path, simulated: pd.DataFrame
) -> None:
    """Its tables have a test and a method a row, and a column a number of firms."""
    lines = [line for line in (project / DECISION).read_text("utf-8").splitlines() if line.startswith("| ")]
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    assert len(rows) >= 8
    for test, method, *cells in rows:
        for firms, cell in zip(head[2:], cells, strict=True):
            place = (f"{firms} firms", test, method, "with")
            tried = place in simulated.index and not pd.isna(simulated.loc[place, "found"])
            row = simulated.loc[place] if tried else {"found": 0, "error": 0}
            shown = f"{100 * row['found']:.1f} ({100 * row['error']:.1f})"
            assert cell == (shown if tried else "–"), place


def test_the_functions_and_attributes_of_the_page_exist(project: Path) -> None:
    text = (project / PAGE).read_text("utf-8")
    modules = [
        importlib.import_module(each.name)
        for each in pkgutil.walk_packages(si_research.model.__path__, "si_research.model.")
    ]
    named = set(re.findall(r"`(?:fit = )?(\w+)\(", text))
    assert {"joint_test", "compare_inference", "slope_differences", "reach_verdict"} <= named
    for name in named:
        assert any(hasattr(module, name) for module in modules), name
    attributes = set(re.findall(r"`fit\.(\w+)`", text))
    assert attributes <= set(si_research.model.interaction.InteractionFit.__slots__)


@pytest.mark.parametrize("page", ["README.md", "docs/your_survey.md"])
def test_the_page_can_be_found(project: Path, page: str) -> None:
    assert "choosing-a-test.md)" in (project / page).read_text("utf-8")
