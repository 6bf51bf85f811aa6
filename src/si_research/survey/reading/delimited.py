"""Delimited text: every cell stays the text that it is, also ``NA``, ``007`` and ``1,5``."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.detect import RawFile, decode, first_part, separator_of
from si_research.survey.reading.header import Header, header_of
from si_research.survey.reading.layout import Layout
from si_research.survey.reading.recognise import KEPT_ROWS, SEARCHED_ROWS, layout_of, no_header
from si_research.survey.survey_data import RawSurvey

_SIGNS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_UNUSUAL: Final = ("|", "~", "^", "¦", "§")
_SHOWN: Final = 20
_QUOTE, _LINE_BREAK, _RETURN = (ord(sign) for sign in '"\n\r')
_TOP: Final = 1 << 20
"""Bytes at the top among which header and separator are looked for."""
_LONGEST_FIRST_LINE: Final = 100


@dataclass(frozen=True, slots=True)
class _Table:
    """The text of a file, divided into its header and the lines below it."""

    layout: Layout
    header: Header
    body: memoryview  # in UTF-8
    first_line: int  # line of the file on which the body starts
    separator: str
    top: tuple[tuple[str, ...], ...]


def read_delimited(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read a text file in which a separator divides the cells.

    Parameters
    ----------
    file : RawFile
        The file.
    options : SourceOptions
        Encoding, separator and header row, where they should not be detected.

    Returns
    -------
    RawSurvey
        All cells as text; an empty cell is an empty text.

    Raises
    ------
    SurveyDataError
        Bytes that are no text, rows of another length than the header, a quote that is not closed.
    """
    content, encoding = decode(file, options.encoding)
    table = _divide(file, content, options)
    frame, n_blank = _parse(file, table)
    facts = file.facts(
        frame,
        encoding=encoding,
        separator=table.separator,
        decimal=options.decimal,
        header_row=table.layout.header_row,
        tool=table.layout.tool,
        detected=(
            *((table.layout.how,) if table.layout.how else ()),
            f"encoding {encoding}, {'as stated' if options.encoding else 'detected'}",
            f"separator {_SIGNS.get(table.separator, table.separator)}, "
            f"{'as stated' if options.separator else 'detected'}",
            *table.header.remarks,
            *((f"blank lines left out: {n_blank}",) if n_blank else ()),
            *_broken_off(table),
        ),
        repairs=table.layout.repairs_of(table.header, n_blank),
    )
    read_as = options.model_copy(update={"encoding": encoding, "separator": table.separator})
    return RawSurvey(
        frame,
        facts,
        read_as,
        repeated=table.header.repeated,
        texts=table.layout.texts_of(table.header),
        roles=table.layout.roles_of(table.header),
        top=table.top,
    )


def _broken_off(table: _Table) -> tuple[str, ...]:
    """Say so when the last line lacks the line break that the others have."""
    ending = bytes(table.body[-4:])
    if not ending or ending.endswith((b"\n", b"\r")) or b"\n" not in bytes(table.body[:_TOP]):
        return ()
    return ("the last line does not end with a line break: the file may be broken off there",)


def _divide(file: RawFile, content: bytes, options: SourceOptions) -> _Table:
    """Find the separator and the header; what is below it is the body."""
    first = content[:_LONGEST_FIRST_LINE].partition(b"\n")[0].decode(errors="replace")
    announced = first.strip()[4:] if first.lower().startswith("sep=") else ""  # written for Excel
    if announced:
        content = content[content.find(b"\n") + 1 :]
    text = first_part(content, _TOP)
    separator = options.separator or announced or separator_of(text, options.header_row or 1)
    if separator is None:
        _refuse_unusual_sign(file, text)
        separator = ","
    rows, ends, lines = _first_rows(text, separator)
    layout = layout_of(rows, options)
    if layout is None:
        raise no_header(file, options)
    last = layout.first_row - 2  # place in the list of the last row above the answers
    body = memoryview(content)[len(text[: ends[last]].encode()) :]
    first_line = lines[last] + 1 + bool(announced)
    top = tuple(tuple(row) for row in rows[:KEPT_ROWS])
    return _Table(layout, header_of(layout.names), body, first_line, separator, top)


def _refuse_unusual_sign(file: RawFile, text: str) -> None:
    """Raise where no separator was found, and every line holds a sign that some programs use as one."""
    lines = [line for line in islice(text.splitlines(), SEARCHED_ROWS) if line.strip()]
    for sign in _UNUSUAL:
        if len(lines) > 1 and all(sign in line.strip() for line in lines):
            raise file.problem(
                expected="columns with a comma, semicolon, tab or vertical bar between them",
                found=f"no separator, and a `{sign}` in every line",
                todo=f'if it separates the columns, write `separator: "{sign}"` under `source` in a codebook '
                "(`si-research new NAME --data FILE --codebook codebook.yml`), or replace it by a semicolon",
            )


def _first_rows(text: str, separator: str) -> tuple[list[list[str]], list[int], list[int]]:
    """Return the rows that may be a header, with the place in the text and the line where each ends."""
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    lines: list[int] = []
    with contextlib.suppress(csv.Error):
        for row in islice(reader, SEARCHED_ROWS):
            rows.append(row)
            ends.append(source.tell())
            lines.append(reader.line_num)
    return rows, ends, lines


def _parse(file: RawFile, table: _Table) -> tuple[pd.DataFrame, int]:
    """Cut the body into columns of text; the rows must be as long as the header, or blank."""
    names = table.header.names
    if not bytes(table.body[:_LONGEST_FIRST_LINE]).strip() and not bytes(table.body).strip():
        return pd.DataFrame({name: pd.Series(dtype="str") for name in names}), 0
    if _has_odd_quotes(table):
        _check_rows(file, table)
    try:
        columns = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(table.body)),
            read_options=arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(table.body) + 1
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=table.separator, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:  # its message shows the row itself: not for a log
        _check_rows(file, table)
        raise _unreadable(file, "rows that cannot be cut into columns") from error
    may_have_breaks = _count(table.body, b'"') > 0  # outside quotes a line break ends the row
    has_breaks = may_have_breaks and any(
        pc.any(pc.match_substring(column, "\n")).as_py() for column in columns.columns
    )
    if has_breaks:
        _check_rows(file, table)  # a quote that is never closed swallows rows without a sound
    n_blank = _n_blank_lines(table, columns.num_rows, has_breaks)
    filled = _without_empty_rows(columns)
    frame: pd.DataFrame = filled.to_pandas()
    return frame, n_blank + columns.num_rows - filled.num_rows


def _without_empty_rows(columns: pa.Table) -> pa.Table:
    """Leave out the rows of nothing but separators: that is how a spreadsheet writes a blank line."""
    empty: pa.ChunkedArray | None = None
    for column in columns.columns:
        is_empty = pc.equal(pc.utf8_trim_whitespace(column), "")
        empty = is_empty if empty is None else pc.and_(empty, is_empty)
        if not pc.any(empty).as_py():
            return columns
    return columns if empty is None else columns.filter(pc.invert(empty))


def _n_blank_lines(table: _Table, n_rows: int, has_breaks: bool) -> int:
    """Count the lines that hold nothing; with line breaks inside cells only a reader of rows can tell."""
    if has_breaks:
        body = io.TextIOWrapper(io.BytesIO(table.body), encoding="utf-8", newline="")
        return sum(not row for row in csv.reader(body, delimiter=table.separator))
    is_last_open = table.body[-1] not in (_LINE_BREAK, _RETURN)
    return max(0, _count(table.body, b"\n") + int(is_last_open) - n_rows)


def _count(body: memoryview, sign: bytes) -> int:
    """Count a byte in the body, which is the end of the whole text, without making a copy of it."""
    whole = body.obj
    assert isinstance(whole, bytes)
    return whole.count(sign, len(whole) - len(body))


def _has_odd_quotes(table: _Table) -> bool:
    """Whether a quote stands where none opens or closes a cell: then the rows are gone through one by one."""
    if not _count(table.body, b'"'):
        return False
    content = np.frombuffer(table.body, dtype=np.uint8)
    places = np.flatnonzero(content == _QUOTE)
    if len(places) % 2:
        return True
    ends = np.zeros(256, dtype=bool)
    ends[[ord(table.separator), *b'\r\n"']] = True
    before = ends[content[np.maximum(places - 1, 0)]] | (places == 0)
    after = ends[content[np.minimum(places + 1, len(content) - 1)]] | (places == len(content) - 1)
    return not bool((before | after).all())


def _check_rows(file: RawFile, table: _Table) -> None:
    """Raise when rows differ in length from the header or a quote stays open, with their lines."""
    width = len(table.header.names)
    body = io.TextIOWrapper(io.BytesIO(table.body), encoding="utf-8", newline="")
    reader = csv.reader(body, delimiter=table.separator, strict=True)
    ragged: list[str] = []
    line = table.first_line
    try:
        for row in reader:
            if row and len(row) != width:
                ragged.append(f"line {line} ({len(row)})")
            line = table.first_line + reader.line_num
    except csv.Error as error:
        raise _unreadable(file, f"a quote that is not closed, or not doubled, from line {line}") from error
    if ragged:
        more = f" and {len(ragged) - _SHOWN} more" if len(ragged) > _SHOWN else ""
        raise _unreadable(
            file, f"{len(ragged)} rows of another length: {', '.join(ragged[:_SHOWN])}{more}", width
        )


def _unreadable(file: RawFile, found: str, width: int | None = None) -> Exception:
    columns = f"{width} cells in each row, as in the header" if width else "rows and columns of text"
    return file.problem(
        expected=columns,
        found=found,
        todo="look at these lines (a separator or a line break inside an answer needs quotes), export again, "
        "or state the right `separator` under `source` in the codebook",
    )
