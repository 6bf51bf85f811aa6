"""Percentages of groups in any style of table, and codes without wordings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions
from si_research.survey.numbering import FEWEST_GROUPS, find_numbering, with_questions
from si_research.survey.published_tables import (
    PublishedTable,
    combine_tables,
    read_published_table,
    read_question_list,
)

WORDS = ("I can", "I want", "I may", "I try", "I share", "I like it", "I stay", "I learn")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding)
    return path


def read(path: Path, wave: str = "2024") -> PublishedTable:
    return read_published_table(path, wave=wave, unit="Firm")


@pytest.mark.parametrize(
    "text",
    [
        "Firm,B01. I can (% agree),B02. I may (% agree)\nMedian,50,60\nA,58,7\nB,.,100\n",
        "Firm;B01. I can (% agree);B02. I may (% agree)\nMedian;50%;60%\nA;58%;7%\nB;-;100%\n",
        "Firm;B01. I can (% agree);B02. I may (% agree)\nMediaan;0,50;0,60\nA;0,58;0,07\nB;*;1,00\n",
        "Results\n\nFirm,Group,B01. I can (% agree),B02. I may (% agree)\nA,G,0.58,0.07\nB,G,n/a,1\nN,,,\n",
    ],
)
def test_every_style_gives_the_same_percentages(tmp_path: Path, text: str) -> None:
    table = read(write(tmp_path / "results.csv", text))
    found = table.by_unit()
    assert found.loc["a"].tolist() == [58.0, 7.0]
    assert math.isnan(found.loc["b", "B01"])
    assert found.loc["b", "B02"] == 100.0
    assert table.n_suppressed == 1
    assert set(table.table()["question"]) == {"I can", "I may"}
    assert set(table.table()["figure"]) == {"% agree"}
    assert table.left_out["what"].tolist().count("row") == 1


def test_a_share_of_one_hundredth_is_one_percent_and_one_percent_stays(tmp_path: Path) -> None:
    shares = read(write(tmp_path / "shares.csv", "Firm,B01. I can\nA,0.57\nB,0.01\n"))
    percentages = read(write(tmp_path / "percent.csv", "Firm,B01. I can\nA,1%\nB,0%\n"))
    assert shares.table()["percent"].tolist() == [57.0, 1.0]
    assert percentages.table()["percent"].tolist() == [1.0, 0.0]


def test_a_measure_that_is_no_percentage_stays_out(tmp_path: Path) -> None:
    table = read(write(tmp_path / "results.csv", "Firm,B01. I can,B02. Index\nA,50,120\nB,60,90\n"))
    assert set(table.table()["code"]) == {"B01"}
    assert "not all from 0 to 100" in table.left_out["reason"].tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Firm,B01. I can\nA,many\nB,5\n", "1 cells with something else"),
        ("Firm,B01. I can\nA,5\nA,6\n", "each group once"),
        ("Firm,B01. I can,B01. I may\nA,5,6\n", "each question once"),
        ("Firm,I can\nA,5\n", "columns whose header begins with the number"),
        ("Organisation,B01. I can\nA,5\n", "a column `Firm`"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SurveyDataError, match=message) as raised:
        read(write(tmp_path / "results.csv", text))
    assert "many" not in str(raised.value)


def test_wordings_come_from_another_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    scores = book.active
    assert scores is not None
    scores.title = "Scores"
    for row in (["Results"], ["Firm", "", "B01", "B02"], ["A", "", 0.5, 0.25]):
        scores.append(row)
    for n in range(12):
        scores.append([f"Firm {n}", "", 0.1, 0.2])
    words = book.create_sheet("Questions")
    for row in (
        ["List"],
        ["Theme", "Number", "Question", "Figure"],
        ["Work", "B01", "I can do it", "% agree"],
    ):
        words.append(row)
    words.append(["", "B02", "I may do it", "% yes"])
    book.save(tmp_path / "results.xlsx")
    questions = read_question_list(tmp_path / "results.xlsx", "Questions")
    assert {code: (each.text, each.note) for code, each in questions.items()} == {
        "B01": ("I can do it", "% agree"),
        "B02": ("I may do it", "% yes"),
    }
    scores_only = SourceOptions(sheet="Scores")
    table = read_published_table(
        tmp_path / "results.xlsx", wave="2024", unit="Firm", questions=questions, source=scores_only
    )
    first = table.table()[table.table()["unit"] == "A"].set_index("question")["percent"]
    assert first.to_dict() == {"I can do it": 50.0, "I may do it": 25.0}


def wave(
    folder: Path, name: str, profiles: pd.DataFrame, codes: dict[str, str], *, bare: bool
) -> PublishedTable:
    """A wave in which each wording has a number of its own, and the firms their own level."""
    header = [code if bare else f"{code}. {word}" for word, code in codes.items()]
    frame = profiles[list(codes)].set_axis(header, axis=1)
    frame.to_csv(folder / f"{name}.csv", index_label="Firm")
    return read(folder / f"{name}.csv", name)


def numbered(words: tuple[str, ...]) -> dict[str, str]:
    return {word: f"B{n:02d}" for n, word in enumerate(words, start=1)}


def figures(n_firms: int, seed: int) -> pd.DataFrame:
    """Firms' percentages: a level a question, a level a firm and question; the years differ a little."""
    rng = np.random.default_rng(seed)
    levels, own = rng.uniform(40, 80, len(WORDS)), rng.normal(0, 8, (n_firms, len(WORDS)))
    names = [f"Firm {n}" for n in range(n_firms)]
    return pd.DataFrame((levels + own).clip(5, 95), index=names, columns=list(WORDS))


def later(profiles: pd.DataFrame, seed: int) -> pd.DataFrame:
    noise = np.random.default_rng(seed).normal(0, 2, profiles.shape)
    return (profiles + noise).clip(0, 100).round(1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(WORDS), rows=st.permutations(range(40)), seed=st.integers(0, 99))
def test_the_numbering_is_found_whatever_the_order(
    tmp_path: Path, order: list[str], rows: list[int], seed: int
) -> None:
    profiles = figures(40, seed)
    same = numbered(tuple(order))
    other = numbered((*order[3:], *order[:3]))
    candidates = [
        wave(tmp_path, "near", later(profiles, seed + 1), other, bare=False),
        wave(tmp_path, "far", later(profiles, seed + 2), same, bare=False),
    ]
    bare = wave(tmp_path, "bare", later(profiles, seed + 3).iloc[list(rows)], same, bare=True)
    numbering = find_numbering(bare, candidates)
    assert numbering.source == "far"
    table = numbering.table()
    fitting = table[table["fits"]]
    assert len(fitting) >= 7
    assert dict(zip(fitting["question"], fitting["code"], strict=True)).items() <= same.items()


def test_a_question_that_was_replaced_gets_no_wording(tmp_path: Path) -> None:
    profiles = figures(60, seed=4)
    then = wave(tmp_path, "2015", later(profiles, 1), numbered(WORDS), bare=False)
    changed = later(profiles, 2)
    changed["I learn"] = np.random.default_rng(9).uniform(10, 30, 60).round(1)
    now = wave(tmp_path, "2016", changed, numbered(WORDS), bare=True)
    with pytest.raises(SurveyDataError, match="codes that cannot be mapped"):
        find_numbering(now, [then])  # 7 of 8 is less than nine in ten
    words = (*WORDS, *(f"I do {n}" for n in range(6)))
    more = figures(60, seed=5)[list(WORDS[:6])].set_axis(words[8:], axis=1)
    then = wave(
        tmp_path, "2015", pd.concat([later(profiles, 1), later(more, 3)], axis=1), numbered(words), bare=False
    )
    now = wave(tmp_path, "2016", pd.concat([changed, later(more, 4)], axis=1), numbered(words), bare=True)
    numbering = find_numbering(now, [then])
    table = numbering.table().set_index("code")
    assert not table.loc["B08", "fits"]
    assert table.loc["B08", "question"] == ""
    named = with_questions(now, numbering)
    tidy = combine_tables([then, named])
    assert set(tidy[tidy["wave"] == "2015"]["code"]) - set(tidy[tidy["wave"] == "2016"]["code"]) == {"B08"}
    assert "Cannot be mapped: B08." in str(numbering)


def test_two_waves_that_fit_equally_and_say_otherwise_are_refused(tmp_path: Path) -> None:
    profiles = figures(60, seed=4)
    first = wave(tmp_path, "2014", later(profiles, 1), numbered(WORDS), bare=False)
    renamed = later(profiles, 3).set_axis([f"{word} not" for word in WORDS], axis=1)
    second = wave(tmp_path, "2015", renamed, numbered(tuple(renamed)), bare=False)
    bare = wave(tmp_path, "2016", later(profiles, 2), numbered(WORDS), bare=True)
    with pytest.raises(SurveyDataError, match="which fit as well and give other wordings"):
        find_numbering(bare, [first, second])
    assert find_numbering(bare, [first]).source == "2014"


def test_few_groups_prove_nothing(tmp_path: Path) -> None:
    profiles = figures(FEWEST_GROUPS - 1, seed=4)
    then = wave(tmp_path, "2015", later(profiles, 1), numbered(WORDS), bare=False)
    bare = wave(tmp_path, "2016", later(profiles, 2), numbered(WORDS), bare=True)
    for candidates in ([then], []):
        with pytest.raises(SurveyDataError, match="cannot be mapped"):
            find_numbering(bare, candidates)


def test_wordings_that_differ_in_typography_are_one_question(tmp_path: Path) -> None:
    first = read(write(tmp_path / "a.csv", "Firm,B01. It's mine\nA,5\n"), "2014")
    second = read(write(tmp_path / "b.csv", "Firm,B07. It’s  mine.\nA,6\n"), "2015")
    assert combine_tables([first, second])["question"].tolist() == ["It's mine", "It's mine"]
