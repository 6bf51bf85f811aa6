"""10,000 random or broken-off files: each gives one clean error or a right table.

What is right is decided by other means: a text is cut by Python's own csv module, a workbook or a statistics
file must be the undamaged table or an error. A changed cell that still is an answer cannot be noticed in a
text; it must then be the answer that stands there.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from si_research.errors import SiResearchError
from si_research.survey.codebook import Codebook, Item, Scale, Variable
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.survey_data import RawSurvey

LABELS = ("helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens")
HEADER = ("id", "k1", "k2", "uren", "bedrijf")
BOOK = Codebook(
    title="Gemaakt",
    items={"k1": Item(format="agree_5"), "k2": Item(format="agree_5")},
    variables={"uren": Variable(kind="number")},
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
)
N_ROWS = 30
CHUNK = 500
QUICK = 1


def rows() -> list[list[str]]:
    rng = np.random.default_rng(11)
    return [
        [
            str(row + 1),
            LABELS[rng.integers(5)],
            str(rng.integers(1, 6)),
            f"{rng.integers(8, 41)},5",
            "Café 't IJ",
        ]
        for row in range(N_ROWS)
    ]


def text(separator: str, encoding: str, quoting: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\r\n")
    writer.writerows([list(HEADER), *rows()])
    return out.getvalue().encode(encoding)


TEXTS = (
    text(";", "utf-8", csv.QUOTE_MINIMAL),
    text(";", "windows-1252", csv.QUOTE_MINIMAL),
    text(",", "utf-8-sig", csv.QUOTE_ALL),
    text("\t", "utf-16", csv.QUOTE_MINIMAL),
)


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Break a file off, change, drop or insert bytes, or make up all of it."""
    way, place = rng.integers(5), int(rng.integers(1, len(content)))
    if way == 0:
        return content[:place]
    if way == 1:
        changed = bytearray(content)
        for spot in rng.integers(len(content), size=rng.integers(1, 6)):
            changed[spot] = rng.integers(256)
        return bytes(changed)
    if way == 2:
        return content[:place] + content[place + int(rng.integers(1, 40)) :]
    if way == 3:
        return content[:place] + rng.bytes(int(rng.integers(1, 20))) + content[place:]
    return rng.bytes(int(rng.integers(1, 400)))


def cut_by_csv(content: bytes, raw: RawSurvey) -> list[list[str]]:
    """Cut the text with another parser, by the encoding and separator that were detected."""
    assert raw.facts.encoding
    decoded = content.decode(raw.facts.encoding).removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=str(raw.facts.separator))
    return [row for row in reader if row]


def is_answer(cell: str, value: float) -> bool:
    tidy = " ".join(cell.split()).casefold().rstrip(" .:;,!…")
    tidy = "neutraal" if tidy == "neutral" else tidy  # an "a" that got lost makes the English label
    if tidy in LABELS:
        return value == LABELS.index(tidy) + 1
    return float(cell.strip().replace(",", ".")) == value


@pytest.mark.parametrize(
    "chunk", [pytest.param(each, marks=[] if each < QUICK else [pytest.mark.slow]) for each in range(20)]
)
def test_a_damaged_text_is_an_error_or_what_stands_there(tmp_path: Path, chunk: int) -> None:
    rng = np.random.default_rng([chunk, 2026])
    path, n_tables, n_errors = tmp_path / "export.csv", 0, 0
    for _ in range(CHUNK):
        content = damaged(TEXTS[rng.integers(len(TEXTS))], rng)
        path.write_bytes(content)
        try:
            raw = read_raw(path)
        except SiResearchError:
            n_errors += 1
            continue
        n_tables += 1
        cut = cut_by_csv(content, raw)[-len(raw.frame) :]
        assert raw.frame.to_numpy().tolist() == cut
        try:
            survey = read_survey(path, BOOK)
        except SiResearchError:
            continue
        for name in BOOK.items:
            cells, values = raw.frame[name], survey.values[name]
            assert all(is_answer(cells[row], values[row]) for row in values.dropna().index)
            assert not cells[values.isna() & (survey.reasons[name] == "unanswered")].str.strip().any()
    assert n_tables > 10, "most texts of which a few bytes changed are still tables"
    assert n_errors > 10


def test_a_text_that_may_be_broken_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(TEXTS[0])
    assert not any("broken off" in remark for remark in read_raw(path).facts.detected)
    path.write_bytes(TEXTS[0][:-3])
    assert any("broken off" in remark for remark in read_raw(path).facts.detected)


def made(folder: Path) -> dict[str, Path]:
    """Write the same numbers as workbook, Parquet, SPSS and Stata file."""
    frame = pd.DataFrame(
        {"id": np.arange(50.0), "k1": np.arange(50.0) % 5 + 1, "bedrijf": ["Café 't IJ"] * 50}
    )
    frame.to_excel(folder / "whole.xlsx", index=False)
    frame.to_parquet(folder / "whole.parquet", write_page_checksum=True)
    pyreadstat.write_sav(frame, str(folder / "whole.sav"), variable_value_labels={"k1": {1: "a", 5: "e"}})
    pyreadstat.write_sav(frame, str(folder / "whole.zsav"), compress=True)
    pyreadstat.write_dta(frame, str(folder / "whole.dta"))
    return {path.suffix: path for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("ending", "n"),
    [
        (".xlsx", 150),
        (".parquet", 150),
        (".sav", 15),
        (".zsav", 5),
        (".dta", 10),
        pytest.param(".sav", 300, marks=pytest.mark.slow),
        pytest.param(".zsav", 100, marks=pytest.mark.slow),
        pytest.param(".dta", 300, marks=pytest.mark.slow),
    ],
)
def test_a_file_broken_off_is_an_error_or_whole(tmp_path: Path, ending: str, n: int) -> None:
    whole = made(tmp_path)[ending]
    content, rng = whole.read_bytes(), np.random.default_rng(n)
    table, path = read_raw(whole).frame, tmp_path / f"part{ending}"
    n_errors = 0
    for _ in range(n):
        path.write_bytes(content[: rng.integers(1, len(content))])
        try:
            found = read_raw(path).frame
        except SiResearchError:
            n_errors += 1
        else:
            pd.testing.assert_frame_equal(found, table)
    assert n_errors > n / 2


def test_a_name_that_is_no_text_is_damage(tmp_path: Path) -> None:
    whole = made(tmp_path)[".sav"]
    path = tmp_path / "changed.sav"
    path.write_bytes(whole.read_bytes().replace(b"BEDRIJF", b"\xfbEDRIJF", 1))
    with pytest.raises(SiResearchError, match="damaged, or text in another encoding"):
        read_raw(path)


@pytest.mark.parametrize(
    ("ending", "n"),
    [
        (".xlsx", 300),
        (".parquet", 300),
        (".sav", 15),
        (".dta", 10),
        pytest.param(".xlsx", 3000, marks=pytest.mark.slow),
        pytest.param(".parquet", 3000, marks=pytest.mark.slow),
        pytest.param(".sav", 300, marks=pytest.mark.slow),
        pytest.param(".dta", 300, marks=pytest.mark.slow),
    ],
)
def test_changed_bytes_never_end_in_a_traceback(tmp_path: Path, ending: str, n: int) -> None:
    """Workbooks and Parquet carry checksums, so a table must be whole; SPSS and Stata files do not."""
    whole = made(tmp_path)[ending]
    content, rng = whole.read_bytes(), np.random.default_rng(n + 1)
    table, path = read_raw(whole).frame, tmp_path / f"changed{ending}"
    n_errors = 0
    for _ in range(n):
        changed = bytearray(content)
        for spot in rng.integers(len(content), size=rng.integers(1, 6)):
            changed[spot] = rng.integers(256)
        path.write_bytes(bytes(changed))
        try:
            found = read_raw(path).frame
        except SiResearchError:
            n_errors += 1
        else:
            if ending == ".xlsx":
                pd.testing.assert_frame_equal(found, table)
    assert n_errors
