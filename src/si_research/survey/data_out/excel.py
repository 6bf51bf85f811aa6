"""Excel: a sheet with the data, one with the reasons, one with the codebook; no text is ever a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.data_out.outgoing import Outgoing
from si_research.survey.labels import answer_labels, label_of
from si_research.survey.survey_data import REASONS

_SOURCE: Final = SourceOptions(sheet="data", header_row=1, tool="plain")
_MOST_ROWS: Final = 1_048_576
_MOST_COLUMNS: Final = 16_384
_LONGEST_TEXT: Final = 32_767
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LOOKS_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def write_excel(outgoing: Outgoing, path: Path, language: str) -> Codebook:
    """Write a survey as a workbook, and return the codebook that reads it.

    Raises
    ------
    SurveyDataError
        More rows, columns or text in a cell than a workbook holds, or a character that it cannot hold.
    """
    from openpyxl import Workbook

    data = outgoing.side_by_side()
    codebook = _codebook(outgoing.codebook, outgoing.names, language)
    _refuse_too_large(data, path)
    if any(_ILLEGAL.search(text) for text in [*data, *chain.from_iterable(codebook)]):
        raise _does_not_hold("names and labels without control characters", "one with", path)
    workbook = Workbook(write_only=True)
    _write_sheet(workbook, "data", chain([list(data)], data.itertuples(index=False, name=None)))
    _write_sheet(workbook, "reasons", _reasons(outgoing))
    _write_sheet(workbook, "codebook", codebook)
    workbook.save(path)
    return outgoing.codebook.model_copy(update={"source": _SOURCE})


def _write_sheet(workbook: Any, title: str, rows: Iterable[Iterable[Any]]) -> None:
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any) -> Any:
    """Return a value as a cell: a text that looks like a formula or an error is text, and marked so."""
    if not isinstance(value, str):
        return None if pd.isna(value) else value
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, _LOOKS_ESCAPED.sub("_x005F_", value))
    cell.data_type = "s"
    if value.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def _reasons(outgoing: Outgoing) -> list[list[Any]]:
    """Return how many answers are missing a column, by reason."""
    counts = {name: outgoing.reasons[name].value_counts() for name in outgoing.reasons}
    rows = [[name, *(int(count.get(reason, 0)) for reason in REASONS)] for name, count in counts.items()]
    return [["variable", *REASONS], *rows]


def _codebook(codebook: Codebook, names: Iterable[str], language: str) -> list[list[str]]:
    """Return one row a column: what it is, and what its answers stand for."""
    rows = [["variable", "kind", "label", "answers", "reversed"]]
    for name in names:
        item = codebook.items.get(name)
        if item is not None:
            labels = answer_labels(codebook.format_of(name), language)
            answers = [f"{value:g} = {label}" for value, label in labels.items()]
            kind, turned = "item", "yes" if item.reverse else ""
        else:
            variable = codebook.variable(name)
            answers = [f"{value} = {label}" for value, label in variable.labels.items()]
            kind, turned = variable.kind, ""
        rows.append(
            [name, kind, label_of(codebook, name, language), "; ".join(answers)[:_LONGEST_TEXT], turned]
        )
    return rows


def _refuse_too_large(data: pd.DataFrame, path: Path) -> None:
    n_rows, n_columns = data.shape
    if n_rows >= _MOST_ROWS or n_columns > _MOST_COLUMNS:
        expected = f"at most {_MOST_ROWS - 1} rows and {_MOST_COLUMNS} columns"
        raise _does_not_hold(expected, f"{n_rows} rows and {n_columns} columns", path)
    texts = [column for _, column in data.items() if column.dtype == "str"]
    if any(column.str.len().max() > _LONGEST_TEXT for column in texts):
        raise _does_not_hold(f"texts of at most {_LONGEST_TEXT} characters", "a longer one", path)
    if any(column.str.contains(_ILLEGAL).any() for column in texts):
        raise _does_not_hold("texts without control characters", "one with", path)


def _does_not_hold(expected: str, found: str, path: Path) -> SurveyDataError:
    return SurveyDataError(
        expected=f"{expected}, which is what a workbook holds",
        found=found,
        where=path.name,
        todo="write the data as .parquet or .csv",
    )
