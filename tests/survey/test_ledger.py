"""The ledger: complete enough to do everything again, bit for bit, and to notice any change."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.cleaning import CleaningRules, Selection, clean_survey
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Roles, Scale, Variable
from si_research.survey.ledger import COLUMNS, Ledger, Tally, parameters_of, read_ledger, record_step
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from si_research.survey.survey_data import Survey

BOOK = Codebook(
    title="a small study",
    formats={"three": ResponseFormat(labels={"nl": ("oneens", ("neutraal", "weet nog niet"), "eens")})},
    items={
        "k1": Item(format="three", missing_codes={"7": "refused"}),
        "k2": Item(column="Vraag 2: «mag ik?»", format="agree_5", reverse=True),
        "mark": Item(format="mark_10"),
    },
    variables={
        "hours": Variable(kind="number", lowest=0, highest=80),
        "sector": Variable(labels={"Zorg": "care"}),
    },
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    missing_codes={"weet niet": "does_not_know", "99": "declared_missing"},
    roles=Roles(respondent="id", wave="wave"),
)
EXPORT = """\
id;wave;k1;Vraag 2: «mag ik?»;mark;hours;sector
007;1;eens;Mee eens;8;37,5;zorg
007;1;eens;;;37,5;zorg
8;1;7;weet niet;11;1.234,5;"bouw; overig"
9;1;weet nog niet;helemaal mee oneens;3,0;99;ZORG
10;2;oneens;neutraal;7;veel;
11;1;;;;;
"""
OTHER_FORMAT = {"three": ResponseFormat(labels={"nl": ("oneens", "weet nog niet", "eens")})}
RULES = CleaningRules(select=(Selection(variable="wave", keep=("1",), reason="de eerste meting"),))


@pytest.fixture
def raw_file(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORT.encode("cp1252"))
    return path


def assert_same(left: Survey, right: Survey) -> None:
    pd.testing.assert_frame_equal(left.values, right.values, check_exact=True)
    pd.testing.assert_frame_equal(left.reasons, right.reasons, check_exact=True)
    pd.testing.assert_frame_equal(left.ledger.steps, right.ledger.steps, check_exact=True)


def test_a_replay_gives_the_clean_data_bit_for_bit(raw_file: Path) -> None:
    clean = clean_survey(read_survey(raw_file, BOOK), BOOK, RULES)
    assert clean.values.index.tolist() == [1, 3, 4]
    assert set(clean.reasons.to_numpy().ravel()) - {np.nan} == {
        "refused",
        "does_not_know",
        "out_of_range",
        "declared_missing",
    }
    assert_same(replay(clean.ledger, raw_file, BOOK), clean)


def test_a_replay_from_the_written_ledger_gives_the_same(raw_file: Path, tmp_path: Path) -> None:
    clean = clean_survey(read_survey(raw_file, BOOK), BOOK, RULES)
    first, second = tmp_path / "ledger.csv", tmp_path / "again.csv"
    clean.ledger.to_csv(first)
    ledger = read_ledger(first)
    pd.testing.assert_frame_equal(ledger.steps, clean.ledger.steps)
    assert_same(replay(ledger, raw_file, BOOK), clean)
    ledger.to_csv(second)
    assert first.read_bytes() == second.read_bytes()


def test_the_parameters_alone_decide_and_not_what_would_be_detected(raw_file: Path) -> None:
    """What was detected when the study ran is recorded, so that a replay detects nothing."""
    ledger = read_survey(raw_file, BOOK).ledger
    assert parameters_of(ledger, "read_file")["source"] == {"encoding": "windows-1252", "separator": ";"}
    assert parameters_of(ledger, "map_labels")["answers"]["hours"]["decimal"] == ","
    for parameters in ledger.steps["parameters"]:
        assert json.loads(parameters)


def test_a_ledger_holds_no_answer_of_anybody(raw_file: Path) -> None:
    clean = clean_survey(read_survey(raw_file, BOOK), BOOK, RULES)
    text = clean.ledger.steps.to_csv()
    for typed in ("007", "bouw", "1.234", "37,5", "veel"):
        assert typed not in text


def test_the_raw_file_stays_as_it_was(raw_file: Path) -> None:
    before = (raw_file.read_bytes(), raw_file.stat().st_mtime_ns)
    clean = clean_survey(read_survey(raw_file, BOOK), BOOK, RULES)
    replay(clean.ledger, raw_file, BOOK)
    assert (raw_file.read_bytes(), raw_file.stat().st_mtime_ns) == before


def test_another_file_is_refused_by_its_hash(raw_file: Path) -> None:
    ledger = read_survey(raw_file, BOOK).ledger
    raw_file.write_bytes(raw_file.read_bytes().replace(b"37,5", b"37,6"))
    with pytest.raises(SurveyDataError, match="the file of the ledger, sha256"):
        replay(ledger, raw_file, BOOK)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"missing_codes": {"weet niet": "refused", "99": "declared_missing"}}, "k1, k2"),
        ({"formats": OTHER_FORMAT}, "a response format"),
        ({"variables": {**BOOK.variables, "sector": Variable()}}, "sector"),
    ],
)  # fmt: skip
def test_a_codebook_that_now_says_something_else_is_refused(
    raw_file: Path, change: dict[str, object], named: str
) -> None:
    ledger = read_survey(raw_file, BOOK).ledger
    with pytest.raises(SurveyDataError, match=f"reads {named}"):
        replay(ledger, raw_file, BOOK.model_copy(update=change))


def test_a_codebook_with_other_words_for_the_report_replays(raw_file: Path) -> None:
    clean = clean_survey(read_survey(raw_file, BOOK), BOOK, RULES)
    reworded = {**BOOK.scales, "kunnen": BOOK.scales["kunnen"].model_copy(update={"label_nl": "Kunnen"})}
    assert_same(replay(clean.ledger, raw_file, BOOK.model_copy(update={"scales": reworded})), clean)


def test_a_ledger_that_was_tampered_with_is_refused(raw_file: Path) -> None:
    steps = clean_survey(read_survey(raw_file, BOOK), BOOK, RULES).ledger.steps
    other_counts = steps.assign(rows_after=steps["rows_after"] + 1)
    with pytest.raises(SurveyDataError, match="other counts"):
        replay(Ledger(other_counts), raw_file, BOOK)
    unknown = steps.assign(step=steps["step"].replace("unfinished", "fill_in"))
    with pytest.raises(SurveyDataError, match="does not know it"):
        replay(Ledger(unknown), raw_file, BOOK)
    with pytest.raises(SurveyDataError, match="a ledger with a step read_file"):
        replay(Ledger(steps.iloc[3:]), raw_file, BOOK)


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    for name, content in (
        ("a.csv", "x,y\n1,2\n"),
        ("b.csv", ""),
        ("c.csv", ",".join(COLUMNS) + "\na,b,c,x,1,1,1,1,{}\n"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(SurveyDataError, match="a ledger with the columns"):
            read_ledger(tmp_path / name)
    with pytest.raises(SurveyDataError, match="a ledger"):
        read_ledger(tmp_path / "absent.csv")


def test_a_ledger_grows_by_copies_and_prints_itself() -> None:
    empty = Ledger()
    once = record_step(empty, "s", "a < b", "why", {"n": [1.5, "é"]}, before=Tally(3, 9), after=Tally(2, 6))
    assert len(empty.steps) == 0
    assert len(once.steps) == 1
    assert parameters_of(once, "s") == {"n": [1.5, "é"]}
    table = once.table()
    table.loc[0, "step"] = "changed"
    assert once.steps.loc[0, "step"] == "s"
    assert str(once) == "s: a < b (3 -> 2 rows, 9 -> 6 answers, 0 changed)"
    assert "a &lt; b" in once._repr_html_()
    assert "parameters" not in once._repr_html_()
    assert empty._repr_html_() == "<pre>no steps</pre>"


def test_replay_of_a_file_with_its_own_missing_values(tmp_path: Path) -> None:
    frame = pd.DataFrame({"k1": [1.0, 3.0, 8.0, 95.0], "hours": [0.1 + 0.2, 1e6, -1.0, 40.0]})
    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        missing_ranges={"k1": [{"lo": 90, "hi": 99}, 8], "hours": [{"lo": float("-inf"), "hi": 0}]},
        variable_value_labels={"k1": {8: "Weet niet"}},
    )
    book = Codebook(
        title="spss",
        formats={"three": ResponseFormat(options=tuple(Option(value=value) for value in (1, 2, 3)))},
        items={"k1": Item(format="three")},
        variables={"hours": Variable(kind="number")},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    )
    clean = clean_survey(read_survey(path, book), book)
    assert_same(replay(clean.ledger, path, book), clean)


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("gss2010_spss/gss2010.sav", ("wkfreedm", "opdevel", "haveinfo")),
        ("jobcrafting_chile/unete2_reduced.sav", ("d05", "d07", "a01")),
        ("piaac_nl_adults/piaac_nld_subset.csv", ("I_Q04b", "D_Q11a", "F_Q05b")),
        ("reversed_items/bfi.csv", ("A1", "C4", "O5")),
    ],
)
def test_replay_on_real_surveys(shared: Path, file: str, columns: tuple[str, ...]) -> None:
    book = Codebook(
        title=file,
        formats={"six": ResponseFormat(options=tuple(Option(value=value) for value in range(1, 7)))},
        items={name: Item(format="six") for name in columns[1:]},
        variables={columns[0]: Variable(kind="number", lowest=1, highest=3)},
        scales={"kunnen": Scale(construct="kunnen", items=columns[1:])},
        missing_codes={"9995": "does_not_apply"},
    )
    path = shared / "real_data" / file
    clean = clean_survey(read_survey(path, book), book)
    assert_same(replay(clean.ledger, path, book), clean)
