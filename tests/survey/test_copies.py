"""An item that is stored twice, raw and turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.errors import CodebookError
from si_research.survey.codebook import Codebook, Item, Scale
from si_research.survey.copies import FEWEST_ROWS, find_copies
from si_research.survey.reading import read_survey
from si_research.survey.scoring import score_scales
from si_research.survey.survey_data import Survey


def survey(folder: Path, frame: pd.DataFrame) -> tuple[Survey, Codebook]:
    frame.to_csv(folder / "survey.csv", index=False)
    items = {name: Item(format="agree_5", reverse=name == "k2") for name in frame}
    scales = {"kunnen": Scale(construct="kunnen", items=tuple(frame))}
    codebook = Codebook(title="Made up", items=items, scales=scales)
    return read_survey(folder / "survey.csv", codebook), codebook


def answers(n: int, seed: int = 3) -> pd.DataFrame:
    k1, k2 = np.random.default_rng(seed).integers(1, 6, (2, n))
    return pd.DataFrame({"k1": k1, "k2": k2}, dtype=float)


@pytest.mark.parametrize("turned", [True, False])
def test_a_question_that_is_in_twice_is_refused_with_both_names(tmp_path: Path, turned: bool) -> None:
    frame = answers(40)
    frame["k2r"] = 6 - frame["k2"] if turned else frame["k2"]
    frame.loc[3, "k2"] = np.nan  # a copy may have lost an answer
    data, codebook = survey(tmp_path, frame)
    assert find_copies(data, codebook) == (("k2", "k2r", turned),)
    with pytest.raises(CodebookError, match=r"items\.k2r: .*the same answers as `k2`") as raised:
        score_scales(data, codebook)
    assert ("turned" in str(raised.value)) == turned


def test_one_answer_of_difference_is_no_copy(tmp_path: Path) -> None:
    frame = answers(4000)
    frame["k2r"] = 6 - frame["k2"]
    frame.loc[3999, "k2r"] = frame.loc[3999, "k2r"] % 5 + 1
    assert find_copies(*survey(tmp_path, frame)) == ()


def test_few_rows_or_hardly_different_answers_say_nothing(tmp_path: Path) -> None:
    few = answers(FEWEST_ROWS - 1)
    assert find_copies(*survey(tmp_path, few.assign(k3=few["k1"]))) == ()
    constant = answers(40).assign(k3=4.0, k4=4.0)
    assert find_copies(*survey(tmp_path, constant)) == ()
