"""An item that is stored twice, raw and turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.errors import CodebookError
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Scale
from si_research.survey.copies import FEWEST_NAMED, FEWEST_ROWS, check_copies, find_copies
from si_research.survey.reading import read_survey
from si_research.survey.scoring import score_scales
from si_research.survey.survey_data import Survey

NUMBERS = {"five": ResponseFormat(lowest=0, highest=4), "hundred": ResponseFormat(lowest=0, highest=100)}


def survey(folder: Path, frame: pd.DataFrame, **formats: str) -> tuple[Survey, Codebook]:
    """Read a frame in which `k2` is reversed; the last item stands in a scale of its own."""
    frame.to_csv(folder / "survey.csv", index=False)
    items = {name: Item(format=formats.get(name, "agree_5"), reverse=name == "k2") for name in frame}
    *most, last = frame
    scales = {
        "kunnen": Scale(construct="kunnen", items=tuple(most)),
        "mogen": Scale(construct="mogen", items=(last,)),
    }
    codebook = Codebook(title="Made up", formats=NUMBERS, items=items, scales=scales)
    return read_survey(folder / "survey.csv", codebook), codebook


def answers(n: int, seed: int = 3) -> pd.DataFrame:
    k1, k2 = np.random.default_rng(seed).integers(1, 6, (2, n))
    return pd.DataFrame({"k1": k1, "k2": k2}, dtype=float)


def pairs(data: Survey, codebook: Codebook) -> list[tuple[str, str, bool, bool]]:
    return [(each.item, each.other, each.turned, each.sure) for each in find_copies(data, codebook)]


@pytest.mark.parametrize("turned", [True, False])
def test_a_question_that_is_in_twice_is_refused_with_both_names(tmp_path: Path, turned: bool) -> None:
    frame = answers(40)
    frame["q7"] = 6 - frame["k2"] if turned else frame["k2"]
    frame.loc[3, "k2"] = np.nan  # a copy may have lost an answer
    data, codebook = survey(tmp_path, frame)
    assert pairs(data, codebook) == [("k2", "q7", turned, True)]
    with pytest.raises(CodebookError, match=r"items\.q7: .*the same answers as `k2`") as raised:
        score_scales(data, codebook)
    assert ("turned" in str(raised.value)) == turned


def test_a_copy_on_other_numbers_is_one_question(tmp_path: Path) -> None:
    frame = answers(40)
    frame["q7"] = 5 - frame["k2"]
    assert pairs(*survey(tmp_path, frame, q7="five")) == [("k2", "q7", True, True)]
    assert pairs(*survey(tmp_path, frame.assign(q7=10 * frame["k2"]), q7="hundred")) == [
        ("k2", "q7", False, True)
    ]


def test_a_mended_answer_does_not_hide_a_copy(tmp_path: Path) -> None:
    frame = answers(4000)
    frame["q7"] = 6 - frame["k2"]
    frame.loc[::80, "q7"] = frame.loc[::80, "q7"] % 5 + 1  # 50 of 4000
    data, codebook = survey(tmp_path, frame)
    (found,) = find_copies(data, codebook)
    assert (found.n_compared, found.n_agreeing, found.sure) == (4000, 3950, True)
    with pytest.raises(CodebookError, match="turned \\(all but a few, or on other numbers\\)"):
        score_scales(data, codebook)


def test_copies_that_stand_far_down_a_sorted_file_are_found(tmp_path: Path) -> None:
    frame = answers(6000)
    frame["q7"] = (6 - frame["k2"]).mask(frame.index < 3000)
    frame.loc[:2999, "k2"] = 3.0
    assert pairs(*survey(tmp_path, frame)) == [("k2", "q7", True, True)]


def test_names_tell_where_rows_are_few(tmp_path: Path) -> None:
    few = answers(FEWEST_NAMED)
    assert pairs(*survey(tmp_path, few.assign(k2_r=6 - few["k2"]))) == [("k2", "k2_r", True, True)]
    assert pairs(*survey(tmp_path, few.assign(q7=6 - few["k2"]))) == [("k2", "q7", True, False)]
    fewer = few.head(7)
    assert pairs(*survey(tmp_path, fewer.assign(k2_r=6 - fewer["k2"]))) == [("k2", "k2_r", True, False)]
    assert pairs(*survey(tmp_path, fewer.assign(q7=6 - fewer["k2"]))) == []


def test_a_doubtful_pair_is_told_and_scored(tmp_path: Path) -> None:
    frame = answers(40)
    frame["k2_r"] = (6 - frame["k2"]).replace({5.0: 4.0})  # 1 and 2 were taken together
    data, codebook = survey(tmp_path, frame)
    assert score_scales(data, codebook).n_rows == 40
    check = check_copies(data, codebook)
    assert check.passed is False
    assert check.table()[["item", "other", "sure"]].to_numpy().tolist() == [["k2", "k2_r", False]]
    assert "`k2` and `k2_r` may be one question stored twice, turned" in check.text


def test_questions_that_most_answer_alike_are_two(tmp_path: Path) -> None:
    frame = answers(400).assign(k1=1.0, k2=1.0, k3=1.0)
    frame.loc[:3, "k1"] = [2.0, 3.0, 4.0, 5.0]
    frame.loc[4:7, "k3"] = [2.0, 3.0, 4.0, 5.0]  # 98 % agree, and nobody else does
    data, codebook = survey(tmp_path, frame)
    assert pairs(data, codebook) == []
    assert check_copies(data, codebook).passed


def test_few_rows_or_hardly_different_answers_say_nothing(tmp_path: Path) -> None:
    few = answers(FEWEST_ROWS - 1)
    assert pairs(*survey(tmp_path, few.assign(k3=few["k1"]))) == [("k1", "k3", False, False)]
    constant = answers(40).assign(k3=4.0, k4=4.0)
    assert pairs(*survey(tmp_path, constant)) == []
    two = answers(40).assign(k3=lambda frame: 1.0 + 4 * (frame["k1"] > 3))
    assert pairs(*survey(tmp_path, two.assign(k4=two["k3"]))) == []
