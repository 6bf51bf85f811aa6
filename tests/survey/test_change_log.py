"""The log of cells and rows: by hand, never another count than the ledger, nobody's own words."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from si_research.errors import SurveyDataError
from si_research.study.study_file import read_study
from si_research.survey.change_log import CELLS_FILE, ROWS_FILE, ChangeLog, change_log, write_change_log
from si_research.survey.choice_question import ChoiceQuestion
from si_research.survey.cleaning import CleaningRules, Selection, clean_survey
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Roles, Route, Scale, Variable
from si_research.survey.codebook_file import read_codebook
from si_research.survey.ledger import Ledger
from si_research.survey.reading import read_survey
from si_research.survey.reading.several import read_surveys

LONG = "ik doe dit alleen als mijn leidinggevende er om vraagt"
BOOK = Codebook(
    title="cells",
    formats={"three": ResponseFormat(labels={"nl": ("oneens", "neutraal", LONG)})},
    items={
        "k1": Item(format="three", missing_codes={"7": "refused"}),
        "k2": Item(format="three", reverse=True),
    },
    variables={
        "uren": Variable(kind="number", lowest=0, highest=80, allow_personal=True),
        "sector": Variable(labels={"1": "zorg", "2": "bouw"}),
        "opmerking": Variable(allow_personal=True),
        "groep": Variable(),
    },
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    missing_codes={"weet niet": "does_not_know"},
    roles=Roles(respondent="nr"),
    routing=(Route(items=("k2",), variable="sector", values=("zorg",), reason="routed_past"),),
)
RULES = CleaningRules(select=(Selection(variable="groep", drop=("test",), reason="geen testers"),))
HEADER = ["nr", "k1", "k2", "uren", "sector", "opmerking", "groep"]
ROWS = [
    ["1", "Oneens", "2", "37,5", "zorg", "mijn baas is boos ", "a"],
    ["2", LONG[:40], "weet niet", "niet zeker", "1", "x", "a"],
    ["3", "7", "", "12", "2", "x", "a"],
    ["3", "7", "3", "99", "bouw ", "x", "a"],
    ["4", " 2", "3", "0612345678", "Zorg", "x", "a"],
    ["5", "1", "1", "8", "1", "x", "test"],
]  # fmt: skip


def write(path: Path, rows: list[list[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows([HEADER, *rows])
    path.write_text(out.getvalue(), "utf-8")
    return path


def clean(path: Path, book: Codebook = BOOK, rules: CleaningRules = RULES) -> Ledger:
    return clean_survey(read_survey(path, book), book, rules).ledger


def assert_counts_are_those_of_the_ledger(log: ChangeLog, ledger: Ledger) -> None:
    steps = ledger.steps
    cells = log.cells.groupby("place").size().reindex(range(1, len(steps) + 1), fill_value=0)
    rows = log.rows.groupby("place").size().reindex(range(1, len(steps) + 1), fill_value=0)
    assert cells.tolist() == steps["cells_changed"].tolist()
    assert rows.tolist() == (steps["rows_before"] - steps["rows_after"]).tolist()
    for part in (log.cells, log.rows):
        names = part["place"].map(dict(enumerate(steps["step"], start=1)))
        assert (names == part["step"].astype(str)).all()
    assert not log.cells.duplicated(["place", "row", "variable"]).any()


@pytest.fixture
def raw_file(tmp_path: Path) -> Path:
    return write(tmp_path / "s.csv", ROWS)


def test_every_cell_by_hand(raw_file: Path) -> None:
    ledger = clean(raw_file)
    log = change_log(ledger, raw_file, BOOK)
    assert_counts_are_those_of_the_ledger(log, ledger)
    found = {
        (str(cell.step), cell.row, cell.variable): tuple(
            None if pd.isna(part) else part for part in (cell.before, cell.after, cell.reason)
        )
        for cell in log.cells.itertuples()
    }
    hidden = {key: found.pop(key) for key in list(found) if "characters" in (found[key][0] or "")}
    assert found == {
        ("missing_codes", 2, "k2"): ("weet niet", None, "does_not_know"),
        ("missing_codes", 3, "k1"): ("7", None, "refused"),
        ("missing_codes", 4, "k1"): ("7", None, "refused"),
        ("map_labels", 1, "k1"): ("Oneens", "1", None),
        ("map_labels", 2, "k1"): (LONG[:40], "3", None),
        ("map_labels", 1, "sector"): ("zorg", "1", None),
        ("map_labels", 4, "sector"): ("bouw ", "2", None),
        ("map_labels", 5, "sector"): ("Zorg", "1", None),
        ("tidy", 1, "uren"): ("37,5", "37.5", None),
        ("tidy", 5, "k1"): (" 2", "2", None),
        ("routing", 3, "k2"): ("", None, "routed_past"),
        ("out_of_range", 4, "uren"): ("99", None, "out_of_range"),
    }
    assert set(hidden) == {
        ("map_labels", 2, "uren"),  # not a number
        ("tidy", 1, "opmerking"),  # somebody's own words, with a space behind them
        ("out_of_range", 5, "uren"),  # a telephone number typed where hours were asked
    }
    assert [(row.step, row.row, row.reason) for row in log.rows.itertuples()] == [
        ("duplicates", 3, "a respondent counts once"),
        ("selection", 6, "geen testers"),
    ]


def test_nobodys_own_words_are_in_it(raw_file: Path, tmp_path: Path) -> None:
    write_change_log(tmp_path, clean(raw_file), raw_file, BOOK)
    content = b"".join((tmp_path / name).read_bytes() for name in (CELLS_FILE, ROWS_FILE))
    log = change_log(clean(raw_file), raw_file, BOOK)
    text = log.cells.astype(str).to_csv() + str(log) + log._repr_html_() + log.table().to_csv()
    for typed in ("baas", "zeker", "0612345678", "612345678"):
        assert typed not in text
        assert typed.encode() not in content
    assert "18 characters" in text  # `mijn baas is boos `


def test_equal_words_have_an_equal_hash_and_what_five_typed_is_shown(tmp_path: Path) -> None:
    own = [["", "1", "1", "veel", "1", "x", "a"]] * 2 + [["", "1", "1", "weinig", "1", "x", "a"]]
    path = write(tmp_path / "s.csv", own + [["", "1", "1", "nvt?", "1", "x", "a"]] * 5)
    ledger = clean(path)
    cells = change_log(ledger, path, BOOK).cells
    before = cells.loc[cells["variable"] == "uren", "before"].astype(str).tolist()
    assert before[0] == before[1] != before[2]
    assert before[3:] == ["nvt?"] * 5
    other = write(tmp_path / "t.csv", own)
    again = change_log(clean(other), other, BOOK).cells
    assert before[0] not in again["before"].astype(str).tolist()  # of another file, so another key


def test_what_is_written_is_what_is_returned_and_the_same_bytes(raw_file: Path, tmp_path: Path) -> None:
    ledger = clean(raw_file)
    log = change_log(ledger, raw_file, BOOK)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        write_change_log(folder, ledger, raw_file, BOOK)
    for name, frame in ((CELLS_FILE, log.cells), (ROWS_FILE, log.rows)):
        assert (first / name).read_bytes() == (second / name).read_bytes()
        back = pq.read_table(first / name).to_pandas()
        pd.testing.assert_frame_equal(back.astype("str"), frame.astype("str"))
        assert str(back["step"].dtype) == "category"


def test_a_ledger_of_another_file_gives_no_log(raw_file: Path, tmp_path: Path) -> None:
    ledger = clean(raw_file)
    with pytest.raises(SurveyDataError, match="sha256"):
        change_log(ledger, write(tmp_path / "t.csv", ROWS[:4]), BOOK)


CELL = st.sampled_from(
    ["", " ", "1", "2", " 3", "3,0", "9", "7", "oneens", "Neutraal ", "weet niet", LONG, LONG[:35], "2.0"]
)
NUMBER = st.sampled_from(["", "8", "37,5", "1.000", "veel", "-1", "99", "weet niet", "1e1"])
WORD = st.sampled_from(["", "zorg", "Zorg", "1", "2", "bouw", "iets anders ", " iets", "test", "weet niet"])
TABLE = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3", ""]), CELL, CELL, NUMBER, WORD, WORD, WORD),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLE)
def test_any_table_gives_the_counts_of_its_ledger(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", [list(row) for row in rows])
    try:
        ledger = clean(path)
    except SurveyDataError:  # nobody is left
        return
    assert_counts_are_those_of_the_ledger(change_log(ledger, path, BOOK), ledger)


def test_waves_side_by_side_are_named_as_they_were_read(tmp_path: Path) -> None:
    path = tmp_path / "waves.csv"
    path.write_text("id;k_voor;k_na;u_voor;u_na\n1;9;oneens;;7,5\n2;1;9;99;99\n3;;;;\n")
    book = Codebook(
        title="waves",
        formats=BOOK.formats,
        items={"k": Item(format="three", columns={"voor": "k_voor", "na": "k_na"})},
        variables={
            "u": Variable(kind="number", lowest=0, highest=80, columns={"voor": "u_voor", "na": "u_na"})
        },
        scales={"kunnen": Scale(construct="kunnen", items=("k",))},
        roles=Roles(respondent="id"),
    )
    ledger = clean(path, book, CleaningRules())
    log = change_log(ledger, path, book)
    found = {(str(each.step), each.variable, each.row, each.before) for each in log.cells.itertuples()}
    assert found == {
        ("map_labels", "k (na)", 1, "oneens"),
        ("tidy", "u (na)", 1, "7,5"),
        ("out_of_range", "k (voor)", 1, "9"),
        ("out_of_range", "k (na)", 2, "9"),
        ("out_of_range", "u (voor)", 2, "99"),
        ("out_of_range", "u (na)", 2, "99"),
    }
    assert [(each.step, each.row, each.wave) for each in log.rows.itertuples()] == [("unfinished", 3, "voor")]


def test_options_that_were_not_chosen_are_in_it(tmp_path: Path) -> None:
    path = tmp_path / "choices.csv"
    path.write_text("nr;a;b\n1;1;\n2;;\n3;;1\n")
    book = Codebook(
        title="choices",
        items={name: Item(format="yes_no") for name in ("a", "b")},
        scales={},
        multiple_choice=(ChoiceQuestion(items=("a", "b")),),
    )
    ledger = read_survey(path, book).ledger
    log = change_log(ledger, path, book)
    assert_counts_are_those_of_the_ledger(log, ledger)
    assert {(str(each.step), each.variable, each.row, each.after) for each in log.cells.itertuples()} == {
        ("multiple_choice", "b", 1, "0"),
        ("multiple_choice", "a", 3, "0"),
    }


def test_files_that_were_joined_count_their_rows_through(tmp_path: Path) -> None:
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path, rows in zip(paths, ("1;eens\n2;2\n", "3; 1\n3;2\n"), strict=True):
        path.write_text(f"nr;k1\n{rows}")
    book = Codebook(
        title="joined",
        formats={"three": ResponseFormat(labels={"nl": ("oneens", "neutraal", "eens")})},
        items={"k1": Item(format="three")},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
        roles=Roles(respondent="nr"),
    )
    ledger = clean_survey(read_surveys(paths, book), book).ledger
    log = change_log(ledger, paths, book)
    assert_counts_are_those_of_the_ledger(log, ledger)
    assert [(str(each.step), each.row, each.before) for each in log.cells.itertuples()] == [
        ("map_labels", 1, "eens"),
        ("tidy", 3, " 1"),
    ]
    assert log.rows["row"].tolist() == [3]


def test_the_example(project: Path) -> None:
    folder = project / "data/example"
    study, book = read_study(folder), read_codebook(folder / "codebook.yml")
    ledger = clean(folder / study.data, book, study.cleaning)
    log = change_log(ledger, folder / study.data, book)
    assert_counts_are_those_of_the_ledger(log, ledger)
    assert len(log.rows) == 36 + 1500 + 35


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("work_cognitions", "nimon2021.csv"),
        ("piaac_nl_adults", "piaac_nld_subset.csv"),
        ("jobcrafting_chile", "unete2_reduced.sav"),
        ("gss2010_spss", "gss2010.sav"),
    ],
)
def test_real_surveys(shared: Path, name: str, file: str) -> None:
    here = Path(__file__).parent.parent / "real" / name
    study, book = read_study(here), read_codebook(here / "codebook.yml")
    path = shared / "real_data" / name / file
    ledger = clean(path, book, study.cleaning)
    assert_counts_are_those_of_the_ledger(change_log(ledger, path, book), ledger)
