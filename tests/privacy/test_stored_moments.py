"""Moments stored as numbers by a statistics file or a spreadsheet; telephone numbers without their zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from si_research.errors import CodebookError
from si_research.privacy.identifiers import find_identifiers
from si_research.privacy.stored_moments import written_out
from si_research.survey.codebook import Codebook, Item, Scale, Variable
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_raw, read_survey

N = 40
MOMENTS = pd.date_range("2024-03-06 10:00", periods=N, freq="73min")
DAYS = pd.Series(pd.date_range("2024-03-06", periods=N, freq="D"))
BIRTHS = pd.Series(pd.date_range("1960-01-01", periods=N, freq="200D"))
FORMATS = {"w": "DATETIME20", "v": "SDATE10", "d": "EDATE10", "g": "ADATE10", "t": "TIME8", "duur": "TIME8"}


def statistics_file(folder: Path, name: str) -> Path:
    path = folder / name
    frame = pd.DataFrame({"k1": np.arange(N) % 5 + 1.0, "w": MOMENTS, "v": MOMENTS, "d": DAYS, "g": BIRTHS})
    if name.endswith(".dta"):
        pyreadstat.write_dta(frame.assign(d=[day.date() for day in DAYS]), str(path))
    else:
        frame = frame.assign(t=36_000.0 + 61 * np.arange(N), duur=300.0 + np.arange(N))
        write = pyreadstat.write_por if name.endswith(".por") else pyreadstat.write_sav
        write(frame, str(path), variable_format=FORMATS)
    return path


@pytest.mark.parametrize("name", ["t.sav", "t.zsav", "t.por", "t.dta"])
def test_the_format_of_a_statistics_file_says_what_is_a_moment(tmp_path: Path, name: str) -> None:
    draft = draft_codebook(read_raw(statistics_file(tmp_path, name)))
    kept_out = {column.casefold(): reason.rpartition(": ")[2] for column, reason in draft.kept_out.items()}
    expected = {"w": "exact time", "v": "exact time", "d": "dates or times", "g": "birth date"}
    assert kept_out == expected | ({"t": "dates or times"} if name.endswith("sav") else {})
    if name.endswith("sav"):
        assert {each.casefold(): of.kind for each, of in draft.variables.items()}["duur"] == "number"


@pytest.mark.parametrize("name", ["t.sav", "t.dta"])
def test_a_codebook_that_takes_a_moment_in_is_refused_unless_it_says_so(tmp_path: Path, name: str) -> None:
    path = statistics_file(tmp_path, name)

    def book(**more: bool) -> Codebook:
        return Codebook(
            title="Made up",
            items={"k1": Item(format="agree_5")},
            variables={each: Variable(kind="number", **more) for each in ("w", "g")},
            scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
        )

    with pytest.raises(CodebookError) as caught:
        read_survey(path, book())
    assert "exact times in `w`" in str(caught.value)
    assert "dates of birth in `g`" in str(caught.value)
    survey = read_survey(path, book(allow_personal=True))
    assert [(each.column, each.kind) for each in survey.door.let_in] == [
        ("w", "exact_time"),
        ("g", "birth_date"),
    ]


def test_real_statistics_files(shared: Path) -> None:
    folder = shared / "real_data" / "spss_stata_edgecases"
    draft = draft_codebook(read_raw(folder / "haven_datetime.sav"))
    assert list(draft.kept_out.values()) == [
        "dates or times", "may tell who somebody is: exact time", "dates or times",
    ]  # fmt: skip
    for name in ("pyreadstat_sample.sav", "pyreadstat_sample.dta", "pyreadstat_sample.por"):
        kept_out = draft_codebook(read_raw(folder / name)).kept_out
        assert [column.casefold() for column in kept_out] == ["mydate", "dtime", "mytime"]


def test_moments_are_written_as_the_program_shows_them() -> None:
    """Zero is 14 October 1582 in SPSS, 12,219,379,200 s before 1970, and 1 January 1960 in Stata."""
    assert list(written_out(pd.Series([0.0, 12_219_379_200.5 + 86_399]), "spss_seconds")) == [
        "1582-10-14T00:00:00", "1970-01-01T23:59:59",
    ]  # fmt: skip
    assert list(written_out(pd.Series([86_400_000.0, -1000.0]), "stata_milliseconds")) == [
        "1960-01-02T00:00:00", "1959-12-31T23:59:59",
    ]  # fmt: skip
    days = written_out(pd.Series([1.0, ".a", np.nan, 1e300], dtype=object), "stata_days")
    assert list(days[:2]) == ["1960-01-02T00:00:00", ".a"]
    assert days[2:].isna().all()


SECONDS = (MOMENTS - pd.Timestamp("1970-01-01")) // pd.Timedelta("1s")
NUMBERS = {
    "seconds": ("exact_time", SECONDS.to_numpy("float64")),
    "milliseconds": ("exact_time", SECONDS.to_numpy("float64") * 1000 + 17),
    "days of Excel": ("exact_time", 45_300.1234 + 0.0507 * np.arange(N)),
    "a stamp": ("exact_time", np.array([float(each.strftime("%Y%m%d%H%M%S")) for each in MOMENTS])),
    "a telephone": ("telephone", 612_345_678.0 + 2_190_011 * np.arange(N)),
    "with the country": ("telephone", 31_612_345_678.0 + 1_090_011 * np.arange(N)),
}
NOBODY = {
    "numbers of a list": 612_345_678.0 + np.arange(N),
    "firms": 12_345_678.0 + 1_111_117 * np.arange(N),
    "nine digits": 100_000_017.0 + 21_000_019 * np.arange(N),
    "ten digits": 1_000_000_019.0 + 200_000_019 * np.arange(N),
    "codes that are repeated": np.repeat([612_345_678.0, 623_456_789.0, 634_567_891.0, 645_678_912.0], 10),
    "amounts": 40_200.25 + 111.5 * np.arange(N),
    "amounts with more decimals": 30_200.1234 + 1111.517 * np.arange(N),
}


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_that_are_moments_and_telephone_numbers(case: str, as_text: bool) -> None:
    kind, numbers = NUMBERS[case]
    column: pd.Series[float] | pd.Series[str] = pd.Series(numbers)
    if as_text:
        column = pd.Series([f"{number:.4f}" if number % 1 else f"{number:.0f}" for number in numbers])
    (found,) = find_identifiers(pd.DataFrame({"V7": column}))
    assert found.n_cells == N or as_text
    assert (found.kind, found.recognised_by) == (kind, "content")


@pytest.mark.parametrize("case", NOBODY)
def test_ordinary_numbers_are_nobody(case: str) -> None:
    assert find_identifiers(pd.DataFrame({"V7": NOBODY[case]})) == ()


@pytest.mark.parametrize("header", ["nummer", "V24", "respondent", "contact"])
def test_a_telephone_number_is_never_who_answered(tmp_path: Path, header: str) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"k1": np.arange(N) % 5 + 1, header: NUMBERS["a telephone"][1].astype(int)}).to_csv(
        path, index=False
    )
    draft = draft_codebook(read_raw(path))
    assert draft.roles.respondent is None
    assert draft.kept_out == {header: "may tell who somebody is: telephone"}
