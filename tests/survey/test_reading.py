"""Reading text: every way in which it can be written, and every way in which it can be wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from si_research.errors import CodebookError, LabelError, SurveyDataError
from si_research.survey.codebook import Item, ResponseFormat, Roles, SourceOptions, Variable
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.reading.detect import separator_of
from si_research.survey.reading.header import header_of
from si_research.survey.reading.written_numbers import decimal_of, read_number
from si_research.survey.replay import replay
from three_columns import answers, codebook, write

EXPORT = 'k1;hours;sector\neens;37,5;zorg\n Oneens ;1.234,5;"bouw; overig"\nweet niet;;n.v.t.\n3;99;Café\n'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimited_text_in_every_encoding(tmp_path: Path, encoding: str, line_end: str) -> None:
    survey = read_survey(write(tmp_path, EXPORT.replace("\n", line_end), encoding=encoding), codebook())
    assert answers(survey, "k1") == [3.0, 1.0, "does_not_know", 3.0]
    assert answers(survey, "hours") == [37.5, 1234.5, "unanswered", "refused"]
    assert answers(survey, "sector") == ["zorg", "bouw; overig", "does_not_apply", "Café"]
    assert survey.facts.encoding == encoding
    assert (survey.facts.separator, survey.facts.decimal) == (";", ",")
    values = survey.values
    assert values.index.tolist() == [1, 2, 3, 4]
    assert values.dtypes.astype(str).to_dict() == {
        "k1": "float64",
        "hours": "float64",
        "sector": "str",
    }


def test_an_encoding_that_is_stated_wins_and_a_wrong_one_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "k1;hours;sector\n1;2;Ł\n", encoding="cp1250")
    stated = codebook(source=SourceOptions(encoding="cp1250"))
    assert answers(read_survey(path, stated), "sector") == ["Ł"]
    marked = write(tmp_path, "k1;hours;sector\n1;2;3\n", encoding="utf-8-sig")
    assert answers(read_survey(marked, codebook(source=SourceOptions(encoding="utf-8"))), "k1") == [1.0]
    path = write(tmp_path, "k1;hours;sector\n1;2;Ł\n", encoding="cp1250")
    with pytest.raises(SurveyDataError, match="text in ascii"):
        read_survey(path, codebook(source=SourceOptions(encoding="ascii")))
    with pytest.raises(SurveyDataError, match="text in klingon"):
        read_survey(path, codebook(source=SourceOptions(encoding="klingon")))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("~$a.xlsx", b"\x05Jan", "beside a workbook that is open"),
        ("a.csv", b"", "an empty file"),
        ("a.csv", b" \n\n", "an empty file"),
        ("a.csv", b"k1;hours;sector\n", "no rows"),
        ("a.csv", b"k1;hours;sector\r\n\r\n", "no rows"),
        ("a.csv", b"k1;hours;sector\n1;\x002;3\n", "NUL bytes"),
        ("a.csv", b"k1;hours;sector\n1;\x81\x8d;3\n", "bytes that mean nothing"),
        (
            "a.csv",
            b"k1;hours;sector\n1;2;3\n1;2\n1;2;3;4\n",
            r"2 rows of another length: line 3 \(2\), line 4 \(4\)",
        ),
        ("a.csv", b'k1;hours;sector\n1;2;"x\ny"\n1;2\n', r"line 4 \(2\)"),
        (
            "a.csv",
            b'k1;hours;sector\n1;2;3\n1;2;"zorg\n1;2;3\n',
            "a quote that is not closed, or not doubled, from line 3",
        ),
        ("a.csv", b'k1;hours;sector\n1;2;"a\n1;2;"b"\n', "a quote"),
        ("a.csv", b"PK\x03\x04rest", "a workbook"),
        ("a.xlsx", b"k1;hours\n1;2\n", "text under another name"),
        ("a.xls", b"k1;hours\n1;2\n", "text under another name"),
        ("a.xlsx", b"PK\x03\x04rest", "damaged"),
        ("a.sav", b"k1;hours\n1;2\n", "text under another name"),
        ("a.sav", b"$FL2 but then nothing of the kind", "damaged"),
        ("a.dta", b"k1;hours\n1;2\n", "damaged"),
        ("a.parquet", b"PAR1 and then nothing", "damaged"),
        ("a.pdf", b"%PDF", "'.pdf'"),
        ("a", b"k1;hours", "without an ending"),
    ],
)
def test_files_that_cannot_be_read_say_so_once(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    path = write(tmp_path, content, name)
    with pytest.raises(SurveyDataError, match=found) as raised:
        read_survey(path, codebook())
    assert raised.value.where == name, "the file's name, not its folder"
    assert str(tmp_path) not in str(raised.value)
    assert path.read_bytes() == content


def test_a_folder_and_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(SurveyDataError, match="a folder"):
        read_raw(tmp_path)
    with pytest.raises(SurveyDataError, match="no file of that name"):
        read_raw(tmp_path / "absent.csv")


def test_the_raw_file_is_hashed_and_never_touched(tmp_path: Path) -> None:
    path = write(tmp_path, EXPORT)
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    survey = read_survey(path, codebook())
    assert survey.facts.sha256 == hashlib.sha256(before[0]).hexdigest()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b\n1,0;2,0\n", ";"),
        ("a,b\n1.0,2.0\n", ","),
        ("a\tb\nx, y; z\tb\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a;b;c\n1;ja, maar, toch;2\n2;nee;3\n", ";"),
        ('a,b\n"1,5","x;y;z"\n', ","),
        ("a\n1\n", None),
    ],
)
def test_the_separator_is_the_one_that_fits_the_header(text: str, separator: str | None) -> None:
    assert separator_of(text) == separator


def test_one_column_and_the_line_that_names_the_separator(tmp_path: Path) -> None:
    assert read_raw(write(tmp_path, "k1\neens\noneens\n")).frame["k1"].tolist() == ["eens", "oneens"]
    announced = read_raw(write(tmp_path, "sep=|\na|b\n1|2\n"))
    assert (list(announced.frame), announced.facts.separator) == (["a", "b"], "|")


def test_text_stays_text(tmp_path: Path) -> None:
    raw = read_raw(write(tmp_path, "a;b;c\nNA;007;\nnull;1,50;None\n"))
    assert raw.frame.to_dict("list") == {"a": ["NA", "null"], "b": ["007", "1,50"], "c": ["", "None"]}
    assert str(raw) == "survey.csv: 2 rows, 3 columns (delimited)"
    assert raw.table()["n_filled"].tolist() == [2, 2, 1]


def test_the_header_may_stand_lower_and_hold_line_breaks(tmp_path: Path) -> None:
    text = 'Export of today\n\n"a\nquestion";b;c\n1;2;3\n'
    for row in (2, 3):  # row 2 is blank: the next one that is not
        raw = read_raw(write(tmp_path, text), SourceOptions(header_row=row))
        assert raw.frame.to_dict("list") == {"a\nquestion": ["1"], "b": ["2"], "c": ["3"]}
    with pytest.raises(SurveyDataError, match="column names on row 9"):
        read_raw(write(tmp_path, text), SourceOptions(header_row=9))


def test_repeated_and_empty_column_names(tmp_path: Path) -> None:
    header = header_of(["Q1", "", "Q1 ", "Q1"])
    assert header.names == ("Q1", "column 2", "Q1 (2)", "Q1 (3)")
    assert header.repeated == ("Q1",)
    path = write(tmp_path, "k1;k1;hours;sector\n1;2;3;4\n")
    assert "column names that occur more than once: k1" in read_raw(path).facts.detected
    with pytest.raises(CodebookError, match="2 columns of that name"):
        read_survey(path, codebook())


def test_all_columns_that_are_not_there_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(CodebookError) as raised:
        read_survey(write(tmp_path, "k1;Hours\n1;2\n"), codebook())
    assert len(raised.value.problems) == 2
    assert "Hours" in raised.value.problems[0].todo


def test_an_alias_is_another_name_of_the_column(tmp_path: Path) -> None:
    book = codebook(items={"k1": Item(column="Q1", aliases=("V1",), format="three")})
    assert answers(read_survey(write(tmp_path, "V1;hours;sector\neens;1;2\n"), book), "k1") == [3.0]


def test_labels_that_fit_nothing_are_listed_together_with_the_nearest(tmp_path: Path) -> None:
    rows = ["eens", "een", "een", "x" * 60, *["geen mening"] * 5, *["mijn baas"] * 4, "5", "2,5"]
    with pytest.raises(LabelError) as raised:
        read_survey(write(tmp_path, "k1;hours;sector\n" + "".join(f"{row};;\n" for row in rows)), codebook())
    found = [problem.found for problem in raised.value.problems]
    assert found == ["`geen mening`, 5 times", "`een`, 2 times", "2 other texts, 5 times"]
    assert raised.value.problems[1].todo == "The nearest is `eens`."
    assert "baas" not in str(raised.value)
    assert "xx" not in str(raised.value)


def test_the_nearest_label_is_never_the_opposite(tmp_path: Path) -> None:
    labels = {"nl": ("zeer ontevreden", "ontevreden", "neutraal", "goed", "heel goed")}
    book = codebook(
        formats={"own": ResponseFormat(lowest=1, labels=labels)}, items={"k1": Item(format="own")}
    )
    with pytest.raises(LabelError) as raised:
        read_survey(write(tmp_path, "k1;hours;sector\n" + "zeer tevreden;;\n" * 5), book)
    assert raised.value.problems[0].todo == "If it means no answer, list it in missing_codes."


def test_a_column_of_free_text_is_counted_and_not_shown(tmp_path: Path) -> None:
    rows = "".join(f"verhaal {number};;\n" for number in range(500))
    with pytest.raises(LabelError) as raised:
        read_survey(write(tmp_path, "k1;hours;sector\n" + rows), codebook())
    (problem,) = raised.value.problems
    assert problem.found == "500 texts, 500 times"
    assert "own words" in problem.todo


def test_two_spellings_of_one_answer_are_two_answers(tmp_path: Path) -> None:
    book = codebook(items={"k1": Item(format="agree_5")})
    rows = "zeer mee eens;;\nhelemaal mee eens;;\n"
    with pytest.raises(LabelError, match="one label for the answer 5"):
        read_survey(write(tmp_path, "k1;hours;sector\n" + rows), book)


@pytest.mark.parametrize("sign", ["~", "^"])
def test_a_sign_in_every_line_that_is_no_usual_separator_is_named(tmp_path: Path, sign: str) -> None:
    text = EXPORT.replace("; overig", "").replace(";", sign).replace("37,5", "37").replace(".234,5", "")
    path = write(tmp_path, text)
    with pytest.raises(SurveyDataError, match="no separator, and a") as caught:
        read_raw(path)
    assert f'write `separator: "{sign}"` under `source`' in str(caught.value)
    assert read_raw(path, SourceOptions(separator=sign)).facts.n_columns == 3
    assert read_raw(write(tmp_path, "opmerking\na~b\nc~d\n")).facts.n_columns == 1


def test_numbers_are_read_strictly() -> None:
    assert read_number("1.234.567,8", ",") == 1234567.8
    for text in ("1.5", "1.23", "0.123", "03.04.2024", "1,2,3", "12.34.567", "1,", "vijf", "", "1 2", "٣"):
        assert read_number(text, ",") is None, text
    assert [read_number(text, ",") for text in (",5", "-3", "+1.000", "1e3", "007")] == [
        0.5,
        -3,
        1000,
        1000,
        7,
    ]
    assert [read_number(text) for text in ("1,5", "1.5", "0.123", "1234.567", "1.234,5")] == [
        1.5, 1.5, 0.123, 1234.567, 1234.5,
    ]  # fmt: skip
    assert read_number("1.234") is None, "two readings are none"
    for text in ("1 23", "1.234 567", "06 123 456", "5-", "€", "- 5", "$ 5", "1 000 m", "1234 567"):
        assert read_number(text, ",") is None, text
    assert read_number("\u20ac 2.500") is None, "a euro sign does not say which sign makes thousands"
    assert decimal_of(["1,5", "1.5"]) is None
    assert decimal_of(["12", "1.234"]) is None


@pytest.mark.parametrize(
    ("cells", "separator", "stated", "expected"),
    [
        (["1.234", "2,5"], ";", None, [1234.0, 2.5]),
        (["1.234", "2.5"], ";", None, [1.234, 2.5]),
        (["1.234", "12"], ";", None, ["unreadable", 12.0]),
        (["1.234", "12"], ",", None, [1.234, 12.0]),
        (['"3,333"', '"2,667"', '"4,5"'], ",", None, [3.333, 2.667, 4.5]),
        (["1.234", "12"], ";", ",", [1234.0, 12.0]),
        (["1.234", "2,5"], ";", ".", [1.234, "unreadable"]),
        (["2,5", "3,5", "36.5"], ";", None, [2.5, 3.5, "unreadable"]),
        (["ongeveer 30", "40"], ";", None, ["unreadable", 40.0]),
    ],
)
def test_the_decimal_sign_is_decided_by_evidence_or_not_at_all(
    tmp_path: Path, cells: list[str], separator: str, stated: str | None, expected: list[object]
) -> None:
    text = "\n".join(
        [separator.join(["k1", "hours", "sector"]), *(separator.join(["", c, ""]) for c in cells)]
    )
    survey = read_survey(write(tmp_path, text), codebook(source=SourceOptions(decimal=stated)))
    assert answers(survey, "hours") == expected
    n_unreadable = expected.count("unreadable")
    step = survey.ledger.steps.set_index("step").loc["map_labels"]
    assert step["cells_changed"] == n_unreadable
    assert step["cells_before"] - step["cells_after"] == n_unreadable
    assert ("hours" in step["rule"]) == bool(n_unreadable)
    has_two_readings = cells[0] == "1.234" and expected[0] == "unreadable"
    assert ("state `decimal`" in step["rule"]) == has_two_readings


def test_one_column_s_evidence_does_not_decide_for_another_that_has_its_own(tmp_path: Path) -> None:
    book = codebook(variables={name: Variable(kind="number") for name in ("hours", "pay", "bare", "mean")})
    text = "k1;hours;pay;bare;mean\n;1,5;2.5;1.234;3,333\n;2,5;;;\n"
    survey = read_survey(write(tmp_path, text), book)
    found = [answers(survey, name)[0] for name in ("hours", "pay", "bare", "mean")]
    assert found == [1.5, 2.5, "unreadable", 3.333], "three decimals are never thousands by another column"


def test_three_decimals_in_a_file_of_commas_are_not_thousands(tmp_path: Path) -> None:
    survey = read_survey(write(tmp_path, 'k1,hours,sector\n,"3,333",\n,"2,667",\n,4,\n'), codebook())
    assert answers(survey, "hours") == ["unreadable", "unreadable", 4.0]
    assert "state `decimal`" in survey.ledger.steps.set_index("step").loc["map_labels", "rule"]


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (1, 5, [3.333, 2.667, 4.0]),
        (0, 5000, ["unreadable", "unreadable", 4.0]),
        (4, 5000, [3333.0, 2667.0, 4.0]),
        (None, 5, [3.333, 2.667, 4.0]),
        (None, None, ["unreadable", "unreadable", 4.0]),
    ],
)
def test_the_range_of_a_column_tells_three_decimals_from_thousands(
    tmp_path: Path, lowest: float | None, highest: float | None, expected: list[object]
) -> None:
    score = Variable(kind="number", lowest=lowest, highest=highest)
    book = codebook(variables={"hours": score, "pay": Variable(kind="number")})
    path = write(tmp_path, "k1;hours;pay\n;3.333;12,5\n;2.667;13,5\n;4;9,1\n")
    survey = read_survey(path, book)
    assert answers(survey, "hours") == expected
    assert answers(survey, "pay") == [12.5, 13.5, 9.1]
    assert replay(survey.ledger, path, book).values.equals(survey.values)


def test_missing_codes_compare_as_labels_and_as_numbers(tmp_path: Path) -> None:
    book = codebook(
        items={"k1": Item(format="three", missing_codes={"9": "does_not_know", "Weet niet": "refused"})},
        missing_codes={"weet niet": "does_not_know", "3": "not_asked", "-": "unanswered", "8": "routed_past"},
        roles=Roles(respondent="id"),
    )
    rows = ["9;8;;3", "9,0;08;;8", " WEET NIET. ;8,0;-;weet niet", "3;3;3;9"]
    survey = read_survey(write(tmp_path, "k1;hours;sector;id\n" + "\n".join(rows)), book)
    assert answers(survey, "k1") == ["does_not_know", "does_not_know", "refused", 3.0]
    assert answers(survey, "hours") == ["routed_past", "routed_past", "routed_past", "not_asked"]
    assert answers(survey, "sector") == ["unanswered", "unanswered", "unanswered", "not_asked"]
    assert answers(survey, "id") == ["3", "8", "does_not_know", "9"], (
        "a number is somebody's, a word is nobody's"
    )


def test_category_words_take_the_spelling_of_the_codebook(tmp_path: Path) -> None:
    book = codebook(variables={"hours": Variable(kind="number"), "sector": Variable(labels={"Zorg": "care"})})
    survey = read_survey(write(tmp_path, "k1;hours;sector\n;;zorg\n;; ZORG\n;;Bouw \n"), book)
    assert answers(survey, "sector") == ["Zorg", "Zorg", "Bouw"]
