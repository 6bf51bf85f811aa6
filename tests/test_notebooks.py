"""The notebooks: they run from top to bottom in a fresh kernel, and keep to the form of the house."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import nbformat

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.ipynb"))
LONGEST_CELL = 10


def read(name: str) -> nbformat.NotebookNode:
    import nbformat  # takes seconds, which every worker would spend

    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def test_the_notebooks_are_there() -> None:
    assert NOTEBOOKS == [
        "01_read_and_clean",
        "02_score_and_measure",
        "03_missing_answers",
        "04_test_the_interaction",
        "05_probe_the_interaction",
        "06_only_the_combination",
        "09_diagnose_an_organisation",
        "10_evaluate_a_scheme",
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_is_stored_without_outputs(name: str) -> None:
    for cell in read(name).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_keeps_to_the_form(name: str) -> None:
    cells = read(name).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^# .*", prose, re.M)
    assert len(headings) == 1
    assert headings[0].endswith("?")
    assert cells[0].source.startswith(headings[0])
    for words in (
        "**For**",
        "**In**",
        "**Out**",
        "**Not shown here**",
        "synthetic",
        "What we may conclude",
        "Exercise",
    ):
        assert words in prose, words
    tags = [tag for cell in cells for tag in cell.metadata.get("tags", [])]
    assert "parameters" in tags
    assert tags.count("check") >= 3
    for cell in cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= LONGEST_CELL
            assert not re.search(r"^\s*(def|class) |warnings|^[!%]|pip ", cell.source, re.M)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_figure_is_described(name: str) -> None:
    cells = read(name).cells
    for place, cell in enumerate(cells):
        if cell.cell_type == "code" and "plt.subplots" in cell.source:
            after = next(later for later in cells[place + 1 :] if later.cell_type == "markdown")
            assert after.source.startswith("*Figure:"), cell.source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    notebook = read(name)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()
    ran = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert ran == list(range(1, len(ran) + 1))
