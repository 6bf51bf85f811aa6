"""Reading SPSS and Stata: codes with labels, and missing values that keep their reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from si_research.errors import LabelError
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Roles, Scale, Variable
from si_research.survey.ledger import counts_of
from si_research.survey.reading import read_raw, read_survey
from three_columns import answers, codebook

VERY_TRUE = ResponseFormat(
    labels={"en": ("very true", "somewhat true", "not too true", "not at all true")}, lowest=1
)


def sav(folder: Path, frame: pd.DataFrame, name: str = "survey.sav", **options: object) -> Path:
    path = folder / name
    pyreadstat.write_sav(frame, str(path), **options)
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Codes 1-3 with labels; 7 and 8 declared missing one by one, 90 to 99 as a range."""
    frame = pd.DataFrame(
        {
            "k1": [1.0, 2.0, 3.0, 7.0, 8.0, np.nan, 9.0],
            "hours": [36.0, 95.0, 99.0, 90.0, 12.5, np.nan, 0.0],
            "sector": ["zorg  ", "XX", "", "bouw", "n.v.t.", "zorg", "XX"],
            "id": [1.0, 2.5, 12.0, 100000.0, np.nan, 6.0, 7.0],
        }
    )
    return sav(
        tmp_path,
        frame,
        variable_value_labels={
            "k1": {1: "oneens", 2: "neutraal", 3: "eens", 7: "Weet niet", 8: "iets anders", 9: "weet niet"},
            "hours": {99: "Geweigerd"},
        },
        missing_ranges={"k1": [7, 8], "hours": [{"lo": 90, "hi": 99}], "sector": ["XX"]},
    )


def test_declared_missing_values_keep_their_reason(labelled: Path) -> None:
    book = codebook(missing_codes={"n.v.t.": "does_not_apply"}, roles=Roles(respondent="id"))
    survey = read_survey(labelled, book)
    assert answers(survey, "k1")[:6] == [1.0, 2.0, 3.0, "does_not_know", "declared_missing", "unanswered"]
    assert answers(survey, "k1")[6] == "does_not_know", "9 is labelled so, though not declared missing"
    assert answers(survey, "hours") == [
        36.0, "declared_missing", "refused", "declared_missing", 12.5, "unanswered", 0.0,
    ]  # fmt: skip
    assert answers(survey, "sector") == [
        "zorg", "declared_missing", "unanswered", "bouw", "does_not_apply", "zorg", "declared_missing",
    ]  # fmt: skip
    assert answers(survey, "id") == ["1", "2.5", "12", "100000", "unanswered", "6", "7"]
    assert read_raw(labelled).frame["sector"].tolist()[0] == "zorg"


def test_the_codebook_s_reason_goes_before_that_of_the_file(labelled: Path) -> None:
    item = Item(format="three", missing_codes={"7": "not_asked", "8": "routed_past"})
    survey = read_survey(labelled, codebook(items={"k1": item}))
    assert answers(survey, "k1")[3:5] == ["not_asked", "routed_past"]


def test_labels_in_the_file_that_contradict_the_codebook_are_an_error(tmp_path: Path) -> None:
    frame = pd.DataFrame({"k1": [1.0, 3.0], "hours": [1.0, 2.0], "sector": ["a", "b"]})
    path = sav(tmp_path, frame, variable_value_labels={"k1": {1: "Eens", 2: "neutraal", 3: "oneens"}})
    with pytest.raises(LabelError) as raised:
        read_survey(path, codebook())
    assert [problem.expected for problem in raised.value.problems] == [
        "3 for `Eens`, as in `three`",
        "1 for `oneens`, as in `three`",
    ]


def test_a_text_code_is_read_through_its_label(tmp_path: Path) -> None:
    frame = pd.DataFrame({"k1": ["A", "B", "oneens"], "hours": [1.0, 2.0, 3.0], "sector": ["a", "b", "c"]})
    path = sav(tmp_path, frame, variable_value_labels={"k1": {"A": "eens", "B": "neutraal"}})
    assert answers(read_survey(path, codebook()), "k1") == [3.0, 2.0, 1.0]


def test_a_compressed_file_and_bounds_without_end(tmp_path: Path) -> None:
    frame = pd.DataFrame({"k1": [1.0, 2.0], "hours": [-5.0, 5.0], "sector": ["a", "b"]})
    path = sav(
        tmp_path,
        frame,
        "survey.zsav",
        compress=True,
        missing_ranges={"hours": [{"lo": float("-inf"), "hi": 0}]},
    )
    assert answers(read_survey(path, codebook()), "hours") == ["declared_missing", 5.0]


def test_a_labelled_code_keeps_its_reason_in_a_range_without_end(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"k1": [-99.0, 0.0, -5.0, 1.0], "hours": [97.0, 98.0, 1000.0, 8.0], "sector": list("abcd")}
    )
    path = sav(
        tmp_path,
        frame,
        missing_ranges={
            "k1": [{"lo": float("-inf"), "hi": 0}],
            "hours": [{"lo": 97, "hi": float("inf")}],
        },
        variable_value_labels={"k1": {-99: "weet niet", 0: "n.v.t."}, "hours": {98: "geweigerd"}},
    )
    survey = read_survey(path, codebook(missing_codes={}))
    assert answers(survey, "k1") == ["does_not_know", "does_not_apply", "declared_missing", 1.0]
    assert answers(survey, "hours") == ["declared_missing", "refused", "declared_missing", 8.0]


@pytest.mark.parametrize(
    ("label", "reason"),
    [("geen antwoord", "unanswered"), ("Missing", "declared_missing"), ("weet niet", "does_not_know")],
)
def test_a_code_that_the_file_labels_as_no_answer_is_none(tmp_path: Path, label: str, reason: str) -> None:
    frame = pd.DataFrame({"k1": [0.0, 1.0, 2.0], "hours": [0.0, 8.0, 99.0], "sector": list("abc")})
    labels = {"k1": {0: label, 1: "helemaal mee oneens"}, "hours": {99: label}}
    path = sav(tmp_path, frame, variable_value_labels=labels)
    survey = read_survey(path, codebook(items={"k1": Item(format="agree_5")}, missing_codes={}))
    assert answers(survey, "k1") == [reason, 1.0, 2.0]
    assert answers(survey, "hours") == [0.0, 8.0, reason]
    step = survey.ledger.steps["step"].tolist().index("missing_codes")
    assert counts_of(survey.ledger, step)["cells"] == {reason: 2}
    asked = ResponseFormat(lowest=0, labels={"nl": (label, "oneens", "eens")})
    own = codebook(formats={"own": asked}, items={"k1": Item(format="own")}, missing_codes={})
    assert answers(read_survey(path, own), "k1") == [0.0, 1.0, 2.0]


def test_stata_s_extended_missing_values(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"k1": [1, 2, "a", "b"], "hours": [1.5, np.nan, "c", 3.0], "sector": ["x", "", "a", "y"]}
    )
    path = tmp_path / "survey.dta"
    pyreadstat.write_dta(
        frame,
        str(path),
        missing_user_values={"k1": ["a", "b"], "hours": ["c"]},
        variable_value_labels={"k1": {1: "oneens", 2: "neutraal", "a": "weet niet"}},
    )
    book = codebook(items={"k1": Item(format="three", missing_codes={".b": "refused"})})
    survey = read_survey(path, book)
    assert answers(survey, "k1") == [1.0, 2.0, "does_not_know", "refused"]
    assert answers(survey, "hours") == [1.5, "unanswered", "declared_missing", 3.0]
    assert answers(survey, "sector") == ["x", "unanswered", "a", "y"], (
        "the letter a is an answer in a text column"
    )


def one_column(column: str, kind: str) -> Codebook:
    """A codebook of one column of a foreign file, which may hold an exact time."""
    variable = Variable(column=column, kind=kind, allow_personal=True)
    return Codebook(title=column, variables={"x": variable}, scales={})


EDGE_CASES = [
    (
        "pyreadstat_sample_missing.sav",
        "mynum",
        "number",
        [1.1, 1.2, -1000.3, -1.4, 1000.3, "declared_missing", "declared_missing"],
    ),
    ("pyreadstat_missing_test.sav", "var1", "number", ["declared_missing", 2.0]),
    ("pyreadstat_missing_char.sav", "mychar", "category", ["declared_missing", "a"]),
    ("haven_labelled-num-na.sav", "VAR00002", "number", [1.0, "declared_missing"]),
    ("haven_labelled-str.sav", "gender", "category", ["M", "F"]),
    ("haven_umlauts.sav", "var1", "category", ["1", "2", "1", "3"]),
    ("haven_datetime.sav", "date.posix", "number", [6306150067200.0, 13630867160.0]),
    ("pyreadstat_sample.zsav", "mychar", "category", ["a", "b", "c", "d", "e"]),
    ("pyreadstat_simple_alltypes.sav", "x", "number", [1.0, 2.0, 3.0, 4.0, "declared_missing", 9.0]),
    (
        "pyreadstat_simple_alltypes.sav",
        "z",
        "number",
        ["declared_missing", "unanswered", 1.234, "declared_missing", 3.14159, "unanswered"],
    ),
    ("haven_tagged-na-double.dta", "x", "number", [1.0, 2.0, 3.0, 4.0, 5.0] + ["declared_missing"] * 3),
    ("pyreadstat_missing_test.dta", "var2", "number", ["declared_missing"]),
    ("pyreadstat_sample.dta", "mylabl", "category", ["1", "2", "1", "2", "1"]),
    ("haven_notes.dta", "outcome", "number", [2.0, 2.0, 4.0, 2.0, 1.0]),
]


@pytest.mark.parametrize(("file", "column", "kind", "expected"), EDGE_CASES)
def test_the_edge_cases_of_other_libraries(
    shared: Path, file: str, column: str, kind: str, expected: list[object]
) -> None:
    survey = read_survey(shared / "real_data/spss_stata_edgecases" / file, one_column(column, kind))
    assert answers(survey, "x") == expected


def test_all_99_answers_under_a_hebrew_name_are_whole_numbers_from_0_to_35(shared: Path) -> None:
    path = shared / "real_data/spss_stata_edgecases/pyreadstat_hebrews.sav"
    by_hand, _ = pyreadstat.read_sav(str(path))
    found = answers(read_survey(path, one_column("ותק_ב", "number")), "x")
    assert found == by_hand["ותק_ב"].tolist()
    assert (len(found), min(found), max(found)) == (99, 0, 35)


def test_the_general_social_survey_keeps_user_missing_values_out_of_the_mean(shared: Path) -> None:
    """The README beside the data: wkfreedm 1.609 (n = 1,162), and 1.024 for who takes 0, 8, 9 as answers."""
    names = ("wkfreedm", "opdevel", "haveinfo")
    book = Codebook(
        title="GSS 2010",
        formats={"true_4": VERY_TRUE},
        items={name: Item(format="true_4", reverse=True) for name in names},
        scales={"kunnen": Scale(construct="kunnen", items=("opdevel", "haveinfo"))},
        roles=Roles(respondent="id"),
    )
    survey = read_survey(shared / "real_data/gss2010_spss/gss2010.sav", book)
    table = survey.table().set_index("variable")
    assert table["n_answered"].to_dict() == {"wkfreedm": 1162, "opdevel": 1155, "haveinfo": 1162, "id": 2044}
    means = [float(survey.values[name].mean()) for name in names]
    assert np.round(means, 3).tolist() == [1.609, 1.852, 1.497], "as the README rounds them"
    assert table.loc["wkfreedm", ["does_not_apply", "does_not_know", "unanswered"]].tolist() == [857, 1, 24]
    raw = read_raw(shared / "real_data/gss2010_spss/gss2010.sav")
    assert [round(float(raw.frame[name].mean()), 3) for name in names] == [1.024, 1.184, 0.960]
    assert (raw.facts.encoding, len(raw.value_labels), len(raw.missing_ranges)) == ("windows-1252", 785, 784)
    assert raw.missing_ranges["wkfreedm"] == ((0, 0), (8, 8), (9, 9))


def test_chile_holds_a_9_that_nobody_declared(shared: Path) -> None:
    five = ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6)))
    items = ("a01", "d05", "d07")
    book = Codebook(
        title="Chile", formats={"five": five}, items={name: Item(format="five") for name in items}, scales={},
        roles=Roles(organisation="i07"),
    )  # fmt: skip
    survey = read_survey(shared / "real_data/jobcrafting_chile/unete2_reduced.sav", book)
    values = survey.values
    assert len(values) == 264
    assert 9.0 in values["a01"].to_list(), "reading reports what is there; cleaning judges it"
    assert values["i07"].nunique() == 10
    assert all("." not in firm for firm in values["i07"].dropna())


def test_the_question_of_a_column_is_its_variable_label_and_tool_columns_are_known(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"StartDate": ["x"], "Status": [1.0], "Progress": [100.0], "Finished": [1.0], "RecordedDate": ["x"],
         "ResponseId": ["R_1"], "Q1": [4.0]}
    )  # fmt: skip
    raw = read_raw(sav(tmp_path, frame, column_labels={"Q1": "May you\ntry things?"}))
    assert raw.texts == {"Q1": "May you try things?"}
    assert raw.facts.tool == "qualtrics"
    assert raw.roles["Status"] == "status"
    assert "Q1" not in raw.roles


class TestEdgeCases:
    """The small files of two test suites, by what their README says that each proves."""

    @pytest.fixture
    def folder(self, shared: Path) -> Path:
        return shared / "real_data" / "spss_stata_edgecases"

    @staticmethod
    def read(path: Path, **variables: Variable) -> dict[str, list[object]]:
        book = Codebook(title="edge cases", variables=variables, scales={})
        survey = read_survey(path, book)
        return {name: answers(survey, name) for name in variables}

    def test_user_missing_values_discrete_as_a_range_and_as_text(self, folder: Path) -> None:
        read = self.read(
            folder / "pyreadstat_sample_missing.sav",
            mychar=Variable(),
            mynum=Variable(kind="number"),
            myord=Variable(kind="number"),
        )
        assert read["mynum"] == [1.1, 1.2, -1000.3, -1.4, 1000.3, "declared_missing", "declared_missing"]
        assert read["myord"] == [1.0, 2.0, 3.0, 1.0, 1.0, "declared_missing", "declared_missing"]
        assert self.read(folder / "pyreadstat_missing_char.sav", mychar=Variable())["mychar"] == [
            "declared_missing",
            "a",
        ]
        assert self.read(folder / "pyreadstat_missing_test.sav", var1=Variable(kind="number")) == {
            "var1": ["declared_missing", 2.0]
        }
        assert self.read(folder / "haven_labelled-num-na.sav", VAR00002=Variable(kind="number")) == {
            "VAR00002": [1.0, "declared_missing"]
        }

    def test_a_range_that_holds_zero_makes_it_missing_only_where_the_file_says_so(self, folder: Path) -> None:
        read = self.read(
            folder / "pyreadstat_simple_alltypes.sav",
            z=Variable(kind="number"),
            bool1=Variable(kind="number"),
            x=Variable(kind="number"),
        )
        assert read["z"] == [
            "declared_missing", "unanswered", 1.234, "declared_missing", 3.14159, "unanswered",
        ]  # fmt: skip
        assert read["bool1"] == [1.0, 1.0, 0.0, 0.0, "unanswered", 1.0]
        assert read["x"] == [1.0, 2.0, 3.0, 4.0, "declared_missing", 9.0]

    def test_tagged_missing_values_of_stata(self, folder: Path) -> None:
        tagged = self.read(folder / "haven_tagged-na-double.dta", x=Variable(kind="number"))["x"]
        assert tagged == [1.0, 2.0, 3.0, 4.0, 5.0, *["declared_missing"] * 3]
        path = folder / "pyreadstat_missing_test.dta"
        names = {f"var{n}": Variable(kind="number") for n in range(1, 10)}
        assert self.read(path, **names) == {
            **{f"var{n}": ["declared_missing"] for n in range(1, 7)},
            "var7": ["unanswered"],
            "var8": ["unanswered"],
            "var9": [1.0],
        }
        letters = [((f".{letter}", f".{letter}"),) for letter in "abcxyz"]
        assert [read_raw(path).missing_ranges.get(f"var{n}") for n in range(1, 10)] == [*letters, *[None] * 3]

    def test_encodings_dates_labels_and_containers(self, folder: Path) -> None:
        assert read_raw(folder / "pyreadstat_hebrews.sav").frame.shape == (99, 1)
        umlauts = read_raw(folder / "haven_umlauts.sav")
        assert umlauts.value_labels["var1"][2.0] == "the ü umlaut"
        assert umlauts.texts == {"var1": "This is an ä-umlaut"}
        assert read_raw(folder / "haven_datetime.sav").frame["date.posix"].tolist()[0] == 6306150067200.0
        assert read_raw(folder / "haven_labelled-str.sav").value_labels["gender"] == {
            "M": "Male",
            "F": "Female",
        }
        plain = read_raw(folder / "pyreadstat_sample.sav").frame
        assert read_raw(folder / "pyreadstat_sample.zsav").frame.equals(plain)
        portable = read_raw(folder / "pyreadstat_sample.por")
        assert portable.frame["MYNUM"].tolist() == plain["mynum"].tolist()
        assert "without their reason" in portable.facts.detected[-1]

    def test_labels_out_of_order_go_by_the_format_not_by_the_code(self, folder: Path) -> None:
        levels = ResponseFormat(labels={"en": ("low", "medium", "high")})
        item = Item(column="Col1", format="levels")
        book = Codebook(title="edge", formats={"levels": levels}, items={"k1": item}, scales={})
        with pytest.raises(LabelError, match="3 for `high`"):
            read_survey(folder / "pyreadstat_ordered_category.sav", book)
