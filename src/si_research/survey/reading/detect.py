"""What kind of file is this, and how is its text written? Decided from the bytes, by fixed rules."""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.survey_data import SourceFacts, SourceKind

_KINDS: Final[dict[str, SourceKind]] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".txt": "delimited",
    ".dat": "delimited",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".sav": "spss",
    ".zsav": "spss",
    ".por": "spss",
    ".sps": "spss_syntax",
    ".dta": "stata",
    ".parquet": "parquet",
}
SURVEY_ENDINGS: Final = frozenset(_KINDS)
_SIGNATURES: Final[tuple[tuple[bytes, SourceKind, str], ...]] = (
    (b"PK\x03\x04", "excel", "a workbook (or another zipped file)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel", "an old Excel workbook, or one with a password"),
    (b"$FL2", "spss", "an SPSS file"),
    (b"$FL3", "spss", "an SPSS file"),
    (b"<stata_dta>", "stata", "a Stata file"),
    (b"PAR1", "parquet", "a Parquet file"),
)
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS: Final = (";", ",", "\t", "|")
_QUOTED: Final = re.compile(r'(?:^|(?<=[;,\t|\n]))"(?:[^"]|"")*"(?=[;,\t|\r\n]|$)')
_SAMPLE_ROWS: Final = 100
_SAMPLE_SIZE: Final = 1 << 16
"""Characters that are looked at first; more only where they hold too few rows."""
_REGULAR: Final = 0.8
"""Share of the rows from the header down that a separator must give one length."""
_MANY_TIMES: Final = 3.0
"""How many times the cells of another separator a comma must make, not to be a decimal sign."""
_CHUNK: Final = 1 << 24
_OFFICE_LOCK: Final = "~$"


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as bytes, read once, so that what is hashed is what is parsed."""

    path: Path
    kind: SourceKind
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The file name, without its folder."""
        return self.path.name

    @property
    def sha256(self) -> str:
        """The hash of the content, as hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    def facts(self, frame: pd.DataFrame, **details: Any) -> SourceFacts:
        """Return what is known of the file, given what was read from it."""
        return SourceFacts(
            name=self.name,
            kind=self.kind,
            sha256=self.sha256,
            n_bytes=len(self.content),
            n_rows=len(frame),
            n_columns=frame.shape[1],
            **details,
        )

    def problem(self, *, expected: str, found: str, todo: str) -> SurveyDataError:
        """Return the error that says what is wrong with this file."""
        return SurveyDataError(expected=expected, found=found, where=self.name, todo=todo)


def open_raw(path: Path) -> RawFile:
    """Read the bytes of a survey file and recognise its kind.

    Parameters
    ----------
    path : Path
        File whose name ends in .csv, .tsv, .tab, .txt, .dat, .xlsx, .xlsm, .xlsb, .xls, .ods, .sav,
        .zsav, .por, .sps, .dta or .parquet.

    Returns
    -------
    RawFile

    Raises
    ------
    SurveyDataError
        No such file, a folder, an empty file, an unknown kind, the structure of a questionnaire, or a content
        that is not what the name says (a text renamed to ``.xlsx``).
    """
    from si_research.survey.reading.limesurvey_structure import is_structure, no_answers_in

    kind = kind_of(path)
    file = RawFile(path, kind or "delimited", _bytes_of(path))
    if is_structure(path):
        raise no_answers_in(path)
    if kind is None:
        raise file.problem(
            expected=f"a file whose name ends in {', '.join(_KINDS)}",
            found=f"{path.suffix!r}" if path.suffix else "a name without an ending",
            todo="export the survey in one of these forms",
        )
    if file.name.startswith(_OFFICE_LOCK):
        raise file.problem(
            expected="the workbook itself",
            found="the small file that Excel keeps beside a workbook that is open",
            todo=f"close the workbook, and name {file.name.removeprefix(_OFFICE_LOCK)!r}",
        )
    if not file.content.strip():
        raise file.problem(
            expected="a survey file with a header and rows",
            found="an empty file",
            todo="export the survey again",
        )
    _refuse_another_kind(file)
    return file


def kind_of(path: Path) -> SourceKind | None:
    """Return the kind by the name; a .dat file with its SPSS syntax beside it is half of a pair."""
    from si_research.survey.reading.text_with_syntax import belongs_to_syntax

    return "spss_syntax" if belongs_to_syntax(path) else _KINDS.get(path.suffix.lower())


def _bytes_of(path: Path) -> bytes:
    todo = "check the name and the place of the file"
    if path.is_dir():
        raise SurveyDataError(expected="a survey file", found="a folder", where=path.name, todo=todo)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SurveyDataError(
            expected="a survey file", found="no file of that name", where=path.name, todo=todo
        ) from error
    except OSError as error:
        raise SurveyDataError(
            expected="a file that may be read", found=error.strerror or "none", where=path.name, todo=todo
        ) from error


def _refuse_another_kind(file: RawFile) -> None:
    """Raise when the first bytes belong to another kind of file than the name says."""
    actual = next((entry for entry in _SIGNATURES if file.content.startswith(entry[0])), None)
    unsigned = file.kind in ("delimited", "stata", "spss_syntax") or file.path.suffix.lower() == ".por"
    if actual is None and unsigned:  # old Stata files and portable SPSS files have no signature
        return
    if actual is not None and actual[1] == file.kind:
        return
    raise file.problem(
        expected=f"the content that {file.path.suffix} stands for",
        found=actual[2] if actual else "something else, such as text under another name",
        todo="give the file its own ending back, or export it again; renaming does not convert a file",
    )


def decode(file: RawFile, encoding: str | None = None) -> tuple[bytes, str]:
    """Turn the bytes of a text file into UTF-8.

    Parameters
    ----------
    file : RawFile
        The file.
    encoding : str, optional
        As stated in the codebook; left out, it is found by rule: byte order mark, else every
        second byte zero (UTF-16 without its mark), else strict UTF-8, else Windows-1252.

    Returns
    -------
    tuple of (bytes, str)
        The text in UTF-8 without its mark, and the name of the encoding that it had.

    Raises
    ------
    SurveyDataError
        The bytes are not text in that encoding, or the text holds NUL bytes.
    """
    for candidate in (encoding,) if encoding else _encodings_of(file.content):
        try:
            text = _in_utf8(file.content, candidate)
        except (UnicodeError, LookupError):
            continue
        if b"\0" in text:
            raise file.problem(
                expected="text", found="NUL bytes", todo="export again; the file is damaged or not text"
            )
        return text.removeprefix(codecs.BOM_UTF8), candidate
    raise file.problem(
        expected=f"text in {encoding}" if encoding else "text in UTF-8, UTF-16 or Windows-1252",
        found="bytes that mean nothing there",
        todo="state the right `encoding` under `source` in the codebook",
    )


def _in_utf8(content: bytes, encoding: str) -> bytes:
    """Return bytes in another encoding; those that are UTF-8 already are only checked, not copied."""
    is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    if is_utf8 and content.isascii():
        return content
    if not is_utf8:
        return content.decode(encoding).encode()
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), _CHUNK):
        decoder.decode(content[start : start + _CHUNK])
    decoder.decode(b"", final=True)
    return content


def first_part(text: bytes, size: int) -> str:
    """Return the beginning of a text in UTF-8, cut after a line where it is cut."""
    if len(text) <= size:
        return text.decode()
    cut = text.rfind(b"\n", 0, size) + 1
    return (text[:cut] if cut else text).decode()


def _encodings_of(content: bytes) -> tuple[str, ...]:
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return (name,)
    sample = content[:4096]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if zeros.count(0) > 0.8 * len(zeros) > 0:
            return (name,)
    return ("utf-8", "windows-1252")


def separator_of(text: str, header_row: int = 1) -> str | None:
    """Return the separator that cuts the rows into cells; None for a single column.

    A separator is one that, from the header down, gives nearly all rows one length. Where several do, the
    one that makes the most cells; a comma only if it makes far more, since it is a decimal sign too. A sign
    between quotes does not count, nor one that leaves out a header which another sign cuts as all rows.

    Examples
    --------
    >>> separator_of("id;hours\\n1;37,5\\n2;40,0\\n")
    ';'
    >>> separator_of("Results, part 1\\nResults, part 2\\nid;k1;hours\\n1;4;37,5\\n")
    ';'
    """
    start = text[: text.rfind("\n", 0, _SAMPLE_SIZE) + 1]
    sample = start if start.count("\n") > header_row + _SAMPLE_ROWS else text
    bare = _QUOTED.sub("x", sample) if '"' in sample else sample
    widths = {
        sign: [len(row) for row in _first_rows(bare, sign)[header_row - 1 :] if row] for sign in _SEPARATORS
    }
    fits = {sign: fit for sign in _SEPARATORS if (fit := _fit_of(widths[sign], sign)) is not None}
    inside = {sign for sign in fits if any(_leaves_out_header(widths[sign], widths[other]) for other in fits)}
    candidates = [sign for sign in fits if sign not in inside] or list(fits)
    return max(candidates, key=lambda sign: fits[sign]) if candidates else None


def _leaves_out_header(widths: list[int], others: list[int]) -> bool:
    """Whether a sign begins to cut one row late: below a header that another sign cuts like all the rest."""
    width, usual = _usual(widths), _usual(others)
    start = widths.index(width) if width else 0
    if usual is None or start == 0 or len(others) != len(widths):
        return False
    return widths[start - 1] == 1 and set(others[start - 1 :]) == {usual}


def _usual(widths: list[int]) -> int | None:
    """Return the number of cells that most rows have; None where no row is cut."""
    lengths = Counter(width for width in widths if width > 1)
    return max(lengths, key=lambda width: (lengths[width], width)) if lengths else None


def _fit_of(widths: list[int], separator: str) -> tuple[bool, float] | None:
    """Return how well a separator cuts the rows: into one length or not, and into how many cells.

    The cells are weighed by the share of the rows that belong to the table: a sign inside the answers leaves
    out the header.
    """
    width = _usual(widths)
    if width is None:
        return None
    count = widths.count(width)
    share = count / len(widths)
    n_cuts = count * (width - 1) / (_MANY_TIMES if separator == "," else 1)
    return count >= _REGULAR * (len(widths) - widths.index(width)), n_cuts * share**2


def _first_rows(text: str, separator: str) -> list[list[str]]:
    """Return the first rows, blank ones as empty lists; a row that cannot be parsed ends the sample."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(islice(csv.reader(io.StringIO(text), delimiter=separator), _SAMPLE_ROWS))
    return rows
