"""Cell by cell what a ledger did, and which rows left: on request, because it holds what respondents typed.

The ledger counts; this log shows. It never enters a report, ``results.json`` or a message: keep it as you
keep the raw file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from si_research.survey.changed_cells import Cloak, cells_of_reading, cells_of_step
from si_research.survey.codebook import Codebook
from si_research.survey.ledger import Ledger
from si_research.survey.reading.read import reading_stages
from si_research.survey.reading.rules import ReadingRules
from si_research.survey.replay import clean_again, read_again, refuse_another_end
from si_research.survey.survey_data import Survey, rows_in_file

CELLS_FILE: Final = "cells.parquet"
ROWS_FILE: Final = "rows.parquet"
_WORDS: Final = pa.dictionary(pa.int32(), pa.string())
_CELLS: Final = pa.schema(
    [
        ("place", pa.int32()),
        ("step", _WORDS),
        ("row", pa.int64()),
        ("variable", _WORDS),
        ("before", _WORDS),
        ("after", _WORDS),
        ("reason", _WORDS),
    ]
)
_ROWS: Final = pa.schema(
    [("place", pa.int32()), ("step", _WORDS), ("row", pa.int64()), ("wave", _WORDS), ("reason", _WORDS)]
)
_AT_ONCE: Final = 1 << 20
"""Cells that are written together."""


@dataclass(frozen=True, slots=True, eq=False)
class ChangeLog:
    """Every cell that a step changed, and every row that left. Made by :func:`change_log`.

    Attributes
    ----------
    cells : pandas.DataFrame, one row a cell and step
        place (of the step in the ledger, from 1), step, row (in the file), variable, before (the text as it
        stands in the file), after (the value; missing where there is none) and reason (why it is missing).
    rows : pandas.DataFrame, one row a row that left
        place, step, row (in the file), wave (where the file holds them side by side) and reason (that of
        the step).
    """

    cells: pd.DataFrame = field(repr=False)
    rows: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return how many cells were changed and rows left out, by step; nothing anybody typed."""
        counts = {
            "cells": self.cells.groupby(["place", "step"], observed=True).size(),
            "rows": self.rows.groupby(["place", "step"], observed=True).size(),
        }
        return pd.DataFrame(counts).fillna(0).astype("int64").reset_index()

    def __str__(self) -> str:
        return f"{len(self.cells)} cells changed, {len(self.rows)} rows left out"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def change_log(ledger: Ledger, path: Path | Sequence[Path], codebook: Codebook) -> ChangeLog:
    """Return every cell that the steps of a ledger changed, and every row that left.

    Use it to look into one step, with the raw file at hand. For a large survey, :func:`write_change_log`
    never holds more than one column.

    Parameters
    ----------
    ledger : Ledger
        Of the cleaned survey.
    path : Path or sequence of Path
        The raw file; all of them where several were joined.
    codebook : Codebook
        The codebook of the study.

    Returns
    -------
    ChangeLog
        As many cells a step as the ledger says (``cells_changed``), and as many rows. Turning reversed items
        changes no cell: it makes a copy.

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.survey.replay.replay`.

    Notes
    -----
    A text that the codebook does not know and that fewer than five respondents typed is somebody's own
    words: it is shown as its length and a hash, by which equal texts can be found back in the raw file.
    """
    parts: dict[str, list[pa.Table]] = {"cells": [_CELLS.empty_table()], "rows": [_ROWS.empty_table()]}
    for part in _parts(ledger, path, codebook):
        parts[part.kind].append(part.table)
    cells, rows = (_joined(parts[kind]).to_pandas() for kind in ("cells", "rows"))
    return ChangeLog(cells, rows)


def write_change_log(folder: Path, ledger: Ledger, path: Path | Sequence[Path], codebook: Codebook) -> None:
    """Write the log of cells and rows as ``cells.parquet`` and ``rows.parquet``, a column at a time.

    Parameters
    ----------
    folder : Path
        Where the two files are made.
    ledger, path, codebook
        As in :func:`change_log`.

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.survey.replay.replay`.
    """
    waiting: list[pa.Table] = []
    rows = [_ROWS.empty_table()]
    with pq.ParquetWriter(Path(folder) / CELLS_FILE, _CELLS) as writer:
        for part in _parts(ledger, path, codebook):
            if part.kind == "rows":
                rows.append(part.table)
                continue
            waiting.append(part.table)
            if sum(len(table) for table in waiting) >= _AT_ONCE:
                writer.write_table(_joined(waiting))
                waiting = []
        if waiting:
            writer.write_table(_joined(waiting))
    pq.write_table(_joined(rows), Path(folder) / ROWS_FILE)


class _Part(NamedTuple):
    """Some cells or rows of one step, as a table."""

    kind: str
    table: pa.Table


def _parts(ledger: Ledger, path: Path | Sequence[Path], codebook: Codebook) -> Iterator[_Part]:
    """Do the ledger again and give what changes on the way, by variable and by step."""
    raw, rules = read_again(ledger, path, codebook)
    cloak = Cloak(raw.facts.sha256)
    survey, *later = reading_stages(raw, rules)
    places = {str(step): place for place, step in enumerate(survey.ledger.steps["step"], start=1)}
    for each in cells_of_reading(raw, rules, cloak):
        yield _Part("cells", _cells_table(places[each.step], each))
    for after in chain(later, clean_again(ledger, later[-1] if later else survey)):
        place = len(after.ledger.steps)
        left = ~survey.values.index.isin(after.values.index)
        if left.any():
            yield _Part("rows", _rows_table(place, survey, left, after, rules))
        if int(after.ledger.steps["cells_changed"].iloc[-1]):
            for each in cells_of_step(raw, rules, survey, after, cloak):
                yield _Part("cells", _cells_table(place, each))
        survey = after
    refuse_another_end(ledger, survey, codebook)


def _cells_table(place: int, cells: Any) -> pa.Table:
    n = len(cells.rows)
    return pa.table(
        [
            pa.array(np.full(n, place, dtype="int32")),
            _same(cells.step, n),
            pa.array(cells.rows),
            _same(cells.variable, n),
            cells.before,
            cells.after,
            cells.reason,
        ],
        schema=_CELLS,
    )


def _rows_table(place: int, before: Survey, left: Any, after: Survey, rules: ReadingRules) -> pa.Table:
    n = int(left.sum())
    step, reason = (str(text) for text in after.ledger.steps[["step", "reason"]].iloc[-1])
    waves = [None] * n if rules.waves is None else before.values[rules.waves.variable][left].tolist()
    columns = [
        pa.array(np.full(n, place, dtype="int32")),
        _same(step, n),
        pa.array(rows_in_file(before)[left]),
        pa.array(waves, type=pa.string()).dictionary_encode(),
        _same(reason, n),
    ]
    return pa.table(columns, schema=_ROWS)


def _same(text: str, n: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype="int32")), pa.array([text]))


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()
