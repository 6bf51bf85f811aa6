"""A column that is not there, because the names stand on another row: the message says on which."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from si_research.errors import CodebookError
from si_research.survey.codebook import Codebook, Item, Scale, SourceOptions
from si_research.survey.reading import read_survey

ROWS = [
    ["Rapport", "Afdeling", "Jaar", "2026"],
    ["opgemaakt", "door", "HR", "team"],
    ["nr", "k1", "k2", "k3"],
    ["1", "4", "5", "3"],
    ["2", "3", "4", "3"],
]


def book(header_row: int | None = None, **columns: str) -> Codebook:
    items = {name: Item(format="agree_5", column=columns.get(name)) for name in ("k1", "k2", "k3")}
    scales = {"kunnen": Scale(construct_name="kunnen", items=tuple(items))}
    return Codebook(title="", items=items, scales=scales, source=SourceOptions(header_row=header_row))


def write(path: Path, rows: list[list[str]]) -> Path:
    if path.suffix == ".xlsx":
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)  # type: ignore[union-attr]
        workbook.save(path)
    else:
        path.write_text("\n".join(";".join(row) for row in rows) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("name", ["survey.csv", "survey.xlsx"])
@pytest.mark.parametrize(("stated", "taken"), [(None, 1), (2, 2), (4, 4)])
def test_the_row_with_the_names_is_said_and_works(
    tmp_path: Path, name: str, stated: int | None, taken: int
) -> None:
    path = write(tmp_path / name, ROWS)
    with pytest.raises(CodebookError) as raised:
        read_survey(path, book(stated))
    last = raised.value.problems[-1]
    assert last.where == "source.header_row"
    assert last.expected == f"the names of the columns in row {taken}"
    assert last.found == "3 names that the codebook uses in row 3, and 0 there"
    assert last.todo == "Write `source: {header_row: 3}` in the codebook."
    assert read_survey(path, book(3)).values["k1"].tolist() == [4, 3]


def test_a_header_without_names_is_doubted(tmp_path: Path) -> None:
    path = write(tmp_path / "survey.csv", [["a", "b", "c", "", ""], *[["1", "2", "3", "4", "5"]] * 3])
    with pytest.raises(CodebookError, match="2 of 5 columns without a name there"):
        read_survey(path, book())
    path = write(tmp_path / "survey.csv", [["Unnamed: 0", "Unnamed: 1", "c"], *[["1", "2", "3"]] * 3])
    with pytest.raises(CodebookError, match=r"2 of 3 columns without a name .*`header_row` under `source`"):
        read_survey(path, book())


def test_a_name_that_is_nowhere_leaves_the_header_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "survey.csv", ROWS[2:])
    with pytest.raises(CodebookError) as raised:
        read_survey(path, book(k3="k33"))
    assert [problem.where for problem in raised.value.problems] == ["items.k3"]
