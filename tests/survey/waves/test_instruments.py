"""Instruments that changed between waves: by wording, answers and items; small edits are no change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Roles, Scale, Variable
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.waves.instruments import check_instruments
from tool_exports import qualtrics

SCALES = {"kunnen": Scale(construct="kunnen", items=("k1", "k2"))}
FORM = ResponseFormat(labels={"nl": ("nooit", "soms", "altijd")})


def book(**changes: Any) -> Codebook:
    items = {
        "k1": Item(format="three", wording_nl="Ik weet hoe het beter kan."),
        "k2": Item(format="three", wording_nl="Ik heb de kennis"),
    }
    parts: dict[str, Any] = {"title": "t", "formats": {"three": FORM}, "items": items, "scales": SCALES}
    return Codebook(**{**parts, **changes})


def items(**changes: Any) -> dict[str, Item]:
    found = dict(book().items)
    found["k1"] = found["k1"].model_copy(update=changes)
    return found


def rows(first: Codebook, second: Codebook) -> list[tuple[str, ...]]:
    check = check_instruments({"t1": first, "t2": second})
    assert check.passed is (not len(check.table()))
    told = check.table()[["scale", "change", "item", "before", "after"]]
    return list(told.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "text",
    ["ik weet hoe het beter kan", "Ik weet, hoe het BETER kan!", "T2: Ik weet hoe het\n beter kan.", ""],
)
def test_small_edits_are_no_change(text: str) -> None:
    assert rows(book(), book(items=items(wording_nl=text))) == []


def test_another_wording_is_listed_with_both_texts() -> None:
    now = "Ik weet niet hoe het beter kan."
    assert rows(book(), book(items=items(wording_nl=now))) == [
        ("kunnen", "wording", "k1", "Ik weet hoe het beter kan.", now)
    ]
    text = check_instruments({"t1": book(), "t2": book(items=items(wording_nl=now))}).text
    assert text == f"`kunnen`, t1 and t2: another wording of k1: Ik weet hoe het beter kan. / {now}"


@pytest.mark.parametrize(
    ("labels", "change", "before", "after"),
    [
        (("nooit", "soms", "vaak", "altijd"), "points", "1, 2, 3", "1, 2, 3, 4"),
        (("nooit", "soms", "vaak"), "labels", "3 altijd", "3 vaak"),
    ],
)
def test_another_response_format(labels: tuple[str, ...], change: str, before: str, after: str) -> None:
    other = book(formats={"three": ResponseFormat(labels={"nl": labels})})
    assert rows(book(), other) == [("kunnen", change, name, before, after) for name in ("k1", "k2")]


def test_another_spelling_of_the_same_label_is_no_change() -> None:
    other = ResponseFormat(labels={"nl": (("Nooit", "helemaal nooit"), "SOMS ", "altijd.")})
    assert rows(book(), book(formats={"three": other})) == []


def test_an_open_range_that_moved() -> None:
    marks = {"three": ResponseFormat(lowest=0, highest=10)}
    assert rows(book(formats=marks), book(formats={"three": ResponseFormat(lowest=0, highest=100)}))[0] == (
        "kunnen",
        "range",
        "k1",
        "0, 10",
        "0, 100",
    )


def test_other_items_and_a_block_that_stops() -> None:
    shorter = book(scales={"kunnen": Scale(construct="kunnen", items=("k1",))})
    assert rows(book(), shorter) == [("kunnen", "items", "", "k1, k2", "k1")]
    other = book(scales={"willen": Scale(construct="willen", items=("k1",))})
    assert rows(book(), other) == [
        ("kunnen", "absent", "", "k1, k2", "none"),
        ("willen", "absent", "", "none", "k1"),
    ]


def test_only_scales_that_are_asked_for_are_compared() -> None:
    other = book(scales={**SCALES, "willen": Scale(construct="willen", items=("k1",))})
    assert check_instruments({"t1": book(), "t2": other}, scales=["kunnen"]).passed
    assert not check_instruments({"t1": book(), "t2": other}).passed


def test_each_wave_is_held_against_the_one_before() -> None:
    changed = book(items=items(wording_nl="Ik weet waarom het beter kan."))
    table = check_instruments({"t1": book(), "t2": changed, "t3": changed}).table()
    assert table[["wave", "next_wave"]].to_numpy().tolist() == [["t1", "t2"]]


def test_a_ready_made_score_that_stops() -> None:
    wide = Codebook(
        title="t",
        variables={
            "k": Variable(kind="number", lowest=0, highest=1, columns={"2017": "k_2017", "2018": "k_2018"}),
            "m": Variable(kind="number", lowest=0, highest=1, columns={"2017": "m_2017"}),
        },
        scales={
            "kunnen": Scale(construct="kunnen", score="k"),
            "mogen": Scale(construct="mogen", score="m"),
        },
    )
    assert check_instruments(wide).table()[["scale", "change"]].to_numpy().tolist() == [["mogen", "absent"]]


def test_one_wave_gives_no_verdict() -> None:
    assert check_instruments(book(roles=Roles(wave="meting"))).passed is None


WIDE = Codebook(
    title="t",
    items={
        name: Item(format="agree_5", columns={"1": f"{name}_1", "2": f"{name}_2"}) for name in ("k1", "k2")
    },
    scales=SCALES,
)


def test_the_questions_that_the_file_states_are_compared(tmp_path: Path) -> None:
    texts = {
        "k1_1": "Kan ik het?",
        "k2_1": "Mag ik het?",
        "k1_2": "kan ik het",
        "k2_2": "Mag ik het van mijn baas?",
    }
    questions = [(name, text, f"QID{name}") for name, text in texts.items()]
    answers = [["2024-01-01 10:00:00", "IP Address", "", "100", "True", f"R_{n}", *"1234"] for n in (1, 2)]
    path = tmp_path / "export.csv"
    path.write_text(qualtrics(answers, questions), "utf-8")
    (row,) = check_instruments(WIDE, raw=read_raw(path)).table().to_dict("records")
    assert (row["change"], row["item"], row["before"], row["after"]) == (
        "wording",
        "k2",
        "Mag ik het?",
        "Mag ik het van mijn baas?",
    )


def test_the_labels_that_the_file_states_are_compared(tmp_path: Path) -> None:
    frame = pd.DataFrame({name: [1.0, 2.0] for name in ("k1_1", "k2_1", "k1_2", "k2_2")})
    words = {1.0: "oneens", 2.0: "eens"}
    labels = {"k1_1": words, "k1_2": {**words, 3.0: "weet niet"}, "k2_1": words, "k2_2": {**words, 2.0: "ja"}}
    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    told = check_instruments(WIDE, raw=read_raw(path)).table()[["change", "item", "before", "after"]]
    assert told.to_numpy().tolist() == [
        ["points", "k1", "", "3 weet niet"],
        ["labels", "k2", "2 eens", "2 ja"],
    ]
    coded = WIDE.model_copy(update={"missing_codes": {"weet niet": "does_not_know"}})
    assert check_instruments(coded, raw=read_raw(path)).table()["item"].tolist() == ["k2"]


SEVEN = ResponseFormat(lowest=1, highest=7)
LABELLED = ResponseFormat(labels={"en": tuple("abcdefg")})


def by_wave(path: Path, first: list[int], second: list[int], form: ResponseFormat = SEVEN) -> CheckResult:
    """Check two waves side by side, of as many people, who give two items the answers of each list."""
    rows = [
        ",".join(map(str, (a, c, b, d)))
        for a, b, c, d in zip(first, second, first[::-1], second[::-1], strict=True)
    ]
    path.write_text("\n".join(["k1_1,k2_1,k1_2,k2_2", *rows]) + "\n", "utf-8")
    items = {name: item.model_copy(update={"format": "seven"}) for name, item in WIDE.items.items()}
    codebook = WIDE.model_copy(update={"formats": {"seven": form}, "items": items})
    return check_instruments(codebook, survey=read_survey(path, codebook))


FIVE, ALL = [1, 2, 3, 4, 5] * 8, [1, 2, 3, 4, 5, 6, 7, 7] * 5


def test_answers_that_nobody_gave_in_one_wave_are_another_response_format(tmp_path: Path) -> None:
    check = by_wave(tmp_path / "survey.csv", FIVE, ALL)
    assert check.passed is False
    told = check.table()[["scale", "change", "before", "after"]].to_numpy().tolist()
    assert told == [["kunnen", "unused", "6, 7 never given", "6, 7 given"]]
    assert "name their `labels`" in check.text
    low = by_wave(tmp_path / "survey.csv", ALL, [answer + 2 for answer in FIVE])
    assert low.table()["after"].tolist() == ["1, 2 never given"]


def test_answers_that_could_be_chosen_are_told_and_not_refused(tmp_path: Path) -> None:
    check = by_wave(tmp_path / "survey.csv", FIVE, ALL, LABELLED)
    assert check.passed is None
    assert check.table()["change"].tolist() == ["seldom"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FIVE[:15], ALL[:15]),  # too few people
        (FIVE, [*FIVE[:-2], 6, 7]),  # hardly given in the other wave
        (ALL, [*[2, 3, 4, 5, 6] * 7, 7, 7, 1, 1, 2]),  # given by somebody
    ],
)
def test_answers_that_nobody_happened_to_give_are_no_change(
    tmp_path: Path, first: list[int], second: list[int]
) -> None:
    assert by_wave(tmp_path / "survey.csv", first, second).passed
