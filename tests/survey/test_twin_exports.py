"""Numbers of an export that are not those of the format: the codebook says what they stand for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from si_research.errors import CodebookError, LabelError, SurveyDataError
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Scale
from si_research.survey.codebook_checks import findings_in
from si_research.survey.reading import read_survey
from si_research.survey.reading.raw import read_raw
from si_research.survey.scoring import score_scales
from si_research.survey.twin_exports import check_twin_exports
from tool_exports import qualtrics

LABELS = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
TURNED = {"1": 5.0, "2": 4.0, "3": 3.0, "4": 2.0, "5": 1.0}
GAPS = {"1": 1.0, "2": 2.0, "3": 3.0, "6": 4.0, "7": 5.0}
ANSWERS = list(itertools.islice(itertools.cycle(itertools.product(range(5), repeat=2)), 60))


def book(**changes: dict[str, object]) -> Codebook:
    items = {
        "m1": Item(format="agree_5").model_copy(update=changes.get("m1", {})),
        "m2": Item(format="agree_5", reverse=True).model_copy(update=changes.get("m2", {})),
    }
    return Codebook(
        title="Made up", items=items, scales={"mogen": Scale(construct="mogen", items=("m1", "m2"))}
    )


def export(path: Path, cells: Iterable[tuple[str, str]], first: int = 0, status: str = "0") -> Path:
    rows = [
        ["2026-01-05", status, "", "100", "1", f"R_{first + n}", *answers] for n, answers in enumerate(cells)
    ]
    path.write_text(qualtrics(rows, [("m1", "I may", "QID1"), ("m2", "I may not", "QID2")]))
    return path


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    """m1 is exported as 1, 2, 3, 6, 7; m2 has been turned in the export of numbers."""
    texts = export(tmp_path / "texts.csv", [(LABELS[a], LABELS[b]) for a, b in ANSWERS])
    codes = list(GAPS)
    numbers = export(tmp_path / "numbers.csv", [(codes[a], str(5 - b)) for a, b in ANSWERS])
    return texts, numbers


def test_codes_give_both_exports_the_same_answers_and_turn_once(twins: tuple[Path, Path]) -> None:
    codebook = book(m1={"codes": GAPS}, m2={"codes": TURNED})
    texts, numbers = (read_survey(path, codebook) for path in twins)
    assert texts.values["m1"].tolist() == [a + 1 for a, _ in ANSWERS]
    pd.testing.assert_frame_equal(texts.values, numbers.values)
    first = score_scales(numbers, codebook).table()["mogen"]
    assert first.tolist() == [(a + 1 + 6 - (b + 1)) / 2 for a, b in ANSWERS]


def test_the_ledger_counts_only_numbers_that_change(twins: tuple[Path, Path]) -> None:
    codebook = book(m1={"codes": GAPS}, m2={"codes": TURNED})
    steps = read_survey(twins[1], codebook).ledger.steps.set_index("step")
    sixes_and_sevens = sum(a >= 3 for a, _ in ANSWERS)
    not_the_middle = sum(b != 2 for _, b in ANSWERS)
    assert f"(m1 {sixes_and_sevens}, m2 {not_the_middle})" in steps.loc["map_labels", "rule"]
    assert steps.loc["map_labels", "cells_changed"] == sixes_and_sevens + not_the_middle


def test_a_number_that_the_codes_do_not_list_stops_the_run(tmp_path: Path) -> None:
    path = export(tmp_path / "numbers.csv", [("4", "1")] * 6)
    with pytest.raises(LabelError, match=r"column m1: expected a label of `agree_5`, or a number of `codes`"):
        read_survey(path, book(m1={"codes": GAPS}))


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ({**GAPS, "7": 4.0}, "none for 5"),
        ({"1": 1.0, "2": 2.0}, "none for 3, 4, 5"),
        ({**GAPS, "7.0": 5.0}, "one number twice"),
        ({**GAPS, "8": 5.0}, "two numbers for one answer"),
        ({"agree": 1.0}, "a text"),
    ],
)
def test_codes_must_cover_the_format(codes: dict[str, float], found: str) -> None:
    (finding,) = findings_in(book(m1={"codes": codes}))
    assert finding.steps == ("items", "m1", "codes")
    assert found in finding.found


def test_codes_for_a_mark_are_refused() -> None:
    codebook = book()
    marked = Item(format="mark", codes={"1": 1.0})
    own = {"mark": ResponseFormat(lowest=1, highest=10)}
    scales = {"mogen": Scale(construct="mogen", items=("m1",))}
    wrong = codebook.model_copy(update={"items": {"m1": marked}, "formats": own, "scales": scales})
    assert "no closed answers" in findings_in(wrong)[0].found


@pytest.mark.parametrize(
    ("numbers", "refused"),
    [
        ((1, 2, 3, 6, 7), True),
        ((1, 2, 3, 4, 6), True),
        ((1, 2, 3, 4, 99), False),  # rather a code for no answer
        ((1, 2, 3, 4, 5, 9), False),  # likewise
    ],
)
def test_numbers_with_gaps_are_refused(tmp_path: Path, numbers: tuple[int, ...], refused: bool) -> None:
    path = export(tmp_path / "numbers.csv", [(str(number), "1") for number in numbers * 6])
    if not refused:
        assert read_survey(path, book()).values["m1"].notna().all()
        return
    listed = ", ".join(map(str, numbers))
    with pytest.raises(LabelError, match=f"found {listed}: as many numbers, but other ones"):
        read_survey(path, book())


def test_the_comparison_finds_gaps_and_turned_items(twins: tuple[Path, Path]) -> None:
    texts, numbers = map(read_raw, twins)
    check = check_twin_exports(texts, numbers, book())
    assert check.passed is False
    assert "`m1`: the numbers are other ones than those of the format" in check.text
    assert "`m2`: the numbers have been turned. Write `codes: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}`, and keep" in (
        check.text
    )
    assert check_twin_exports(texts, numbers, book(m1={"codes": GAPS}, m2={"codes": TURNED})).passed


def test_an_answer_that_nobody_gave_is_asked_for(tmp_path: Path) -> None:
    chosen = [(a, b) for a, b in ANSWERS if a != 4]
    codes = list(GAPS)
    texts = export(tmp_path / "texts.csv", [(LABELS[a], LABELS[b]) for a, b in chosen])
    numbers = export(tmp_path / "numbers.csv", [(codes[a], str(5 - b)) for a, b in chosen])
    text = check_twin_exports(read_raw(texts), read_raw(numbers), book()).text
    assert "Write `codes: {1: 1, 2: 2, 3: 3, 6: 4}` (nobody gave 5: add the number behind it)." in text


def test_rows_are_matched_by_response_and_not_by_place(twins: tuple[Path, Path], tmp_path: Path) -> None:
    lines = twins[1].read_text().splitlines()
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join([*lines[:3], *reversed(lines[5:])]) + "\n")
    codebook = book(m1={"codes": GAPS}, m2={"codes": TURNED})
    check = check_twin_exports(read_raw(twins[0]), read_raw(shuffled), codebook)
    assert check.passed
    assert check.table().groupby("item")["n_used"].sum().tolist() == [58, 58]


def test_previews_are_left_out_of_the_comparison(tmp_path: Path) -> None:
    texts = read_raw(export(tmp_path / "texts.csv", [("Agree", "Agree")], status="1"))
    with pytest.raises(SurveyDataError, match="no response that is in both"):
        check_twin_exports(texts, texts, book())


def test_other_people_cannot_be_compared(twins: tuple[Path, Path], tmp_path: Path) -> None:
    others = export(tmp_path / "others.csv", [("1", "1")], first=1000)
    with pytest.raises(SurveyDataError, match="no response that is in both"):
        check_twin_exports(read_raw(twins[0]), read_raw(others), book())
    plain = tmp_path / "plain.csv"
    plain.write_text("m1,m2\nAgree,Agree\n")
    with pytest.raises(SurveyDataError, match="a number for each response"):
        check_twin_exports(read_raw(plain), read_raw(plain), book())


def test_an_export_that_does_not_match_itself_gets_no_proposal(tmp_path: Path) -> None:
    texts = export(tmp_path / "texts.csv", [("Agree", "Agree"), ("Agree", "Disagree")])
    numbers = export(tmp_path / "numbers.csv", [("4", "4"), ("3", "2")])
    text = check_twin_exports(read_raw(texts), read_raw(numbers), book()).text
    assert "`m1`: a text stands beside several numbers" in text
    assert "`m2`" not in text


def test_labels_of_the_file_and_codes_agree_or_are_refused(tmp_path: Path) -> None:
    """SPSS: the file says that 1 is Strongly agree. The codebook must say so too."""
    path = tmp_path / "turned.sav"
    frame = pd.DataFrame({"m1": [1.0, 2.0, 5.0], "m2": [1.0, 2.0, 5.0]})
    labels = {float(code): LABELS[int(value) - 1] for code, value in TURNED.items()}
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"m2": labels})
    with pytest.raises(LabelError, match=r"Write under `m2` .*codes: \{1: 5, \.\.\.\}"):
        read_survey(path, book())
    assert read_survey(path, book(m2={"codes": TURNED})).values["m2"].tolist() == [5.0, 4.0, 1.0]


def test_a_repeated_name_is_clear_by_its_question(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    row = ["2026-01-05", "0", "", "100", "1", "R_1", "4", "2"]
    path.write_text(qualtrics([row], [("Q1", "I may", "QID1"), ("Q1", "I may not", "QID2")]))
    scales = {"mogen": Scale(construct="mogen", items=("m1",))}
    by_name, by_question = (
        Codebook(title="Made up", items={"m1": Item(format="agree_5", column=column)}, scales=scales)
        for column in ("Q1", "I may")
    )
    assert read_survey(path, by_question).values["m1"].tolist() == [4.0]
    with pytest.raises(CodebookError, match="2 columns of that name"):
        read_survey(path, by_name)
