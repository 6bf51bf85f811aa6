"""The seal: a replay tells whether the steps, the rows, the values and the reasons are what they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.study.study_file import read_study
from si_research.survey.cleaning import CleaningRules, Selection, clean_survey
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Roles, Scale, Variable
from si_research.survey.codebook_file import read_codebook
from si_research.survey.ledger import Ledger, counts_of, parameters_of, read_ledger
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from si_research.survey.scoring import score_scales
from si_research.survey.seal import fingerprints_of, seal_ledger
from si_research.survey.survey_data import Survey

BOOK = Codebook(
    title="sealed",
    formats={"five": ResponseFormat(lowest=1, highest=5)},
    items={"k1": Item(format="five"), "k2": Item(format="five", reverse=True), "w1": Item(format="five")},
    variables={"sector": Variable(), "uren": Variable(kind="number", lowest=0, highest=80)},
    scales={
        "kunnen": Scale(construct="kunnen", items=("k1", "k2"), min_answered="all"),
        "willen": Scale(construct="willen", items=("w1",)),
    },
    roles=Roles(respondent="nr"),
)
EXPORT = """\
nr;k1;k2;w1;sector;uren
1;1;5;2;zorg;36
2;2;3;;zorg;90
3;4;;4;bouw;8
4;5;1;1;;40
4;5;1;1;bouw;
"""


@pytest.fixture
def raw_file(tmp_path: Path) -> Path:
    path = tmp_path / "s.csv"
    path.write_text(EXPORT)
    return path


def sealed(path: Path, book: Codebook = BOOK, rules: CleaningRules | None = None) -> Ledger:
    survey = clean_survey(read_survey(path, book), book, rules)
    return seal_ledger(survey, score_scales(survey, book).ledger)


def test_scoring_is_two_steps_with_what_was_turned_and_who_has_no_score(raw_file: Path) -> None:
    survey = clean_survey(read_survey(raw_file, BOOK), BOOK)
    scores = score_scales(survey, BOOK)
    steps = scores.ledger.steps.set_index("step")
    assert list(steps.index[-2:]) == ["reverse", "score"]
    assert steps.loc["reverse", "cells_changed"] == 2  # 5 and 1 become 1 and 5; 3 stays 3
    place = scores.ledger.steps["step"].tolist().index("score")
    assert counts_of(scores.ledger, place) == {
        "scored": {"kunnen": 3, "willen": 3},
        "not_scored": {"kunnen": 1, "willen": 1},
    }
    rule = parameters_of(scores.ledger, "score")["scales"]["kunnen"]
    assert (rule["min_answered"], rule["reversed"], rule["lowest"]) == (2, ["k2"], 1.0)
    assert len(survey.ledger.steps) == len(scores.ledger.steps) - 2


def test_a_sealed_ledger_replays_from_its_file(raw_file: Path, tmp_path: Path) -> None:
    ledger = sealed(raw_file)
    ledger.to_csv(tmp_path / "ledger.csv")
    survey = clean_survey(read_survey(raw_file, BOOK), BOOK)
    again = replay(read_ledger(tmp_path / "ledger.csv"), raw_file, BOOK)
    pd.testing.assert_frame_equal(again.values, survey.values, check_exact=True)
    pd.testing.assert_frame_equal(again.reasons, survey.reasons, check_exact=True)
    assert parameters_of(ledger, "seal") == fingerprints_of(again, Ledger(ledger.steps.iloc[:-1]))


def change(step: str, column: str, old: str, new: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Edit one cell of a ledger, as a hand with a text editor would."""

    def edit(steps: pd.DataFrame) -> pd.DataFrame:
        place = steps["step"].tolist().index(step)
        text = str(steps.loc[place, column])
        assert old in text
        kind = type(steps.loc[place, column].item()) if column.startswith(("rows", "cells")) else str
        edited = steps.copy()
        edited.loc[place, column] = kind(text.replace(old, new))
        return edited

    return edit


def swapped(steps: pd.DataFrame) -> pd.DataFrame:
    """Two steps that change nothing, in the other order."""
    names = steps["step"].tolist()
    first, second = (place for place, name in enumerate(names) if name == "selection")
    order = [*range(len(names))]
    order[first], order[second] = second, first
    return steps.iloc[order].reset_index(drop=True)


RULES = CleaningRules(
    select=(
        Selection(variable="k1", at_least=0, reason="first"),
        Selection(variable="k1", at_most=9, reason="second"),
    )
)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change("duplicates", "rows_after", "4", "5"), "step 6: rows_after"),
        (change("missing_codes", "cells_changed", "0", "1"), "other counts at step 3: cells_changed"),
        (change("duplicates", "counts", "1", "2"), "step 6: counts"),
        (change("duplicates", "reason", "once", "twice"), "that was changed since"),
        (change("selection", "parameters", "0.0", "-1.0"), "step 8: rule"),
        (change("unfinished", "parameters", '"completed": null', '"completed": "sector"'), "changed since"),
        (change("score", "parameters", '"min_answered": 2', '"min_answered": 1'), "step 12: parameters"),
        (change("reverse", "parameters", "k2", "k1"), "step 11: parameters"),
        (swapped, "that was changed since"),
        (lambda steps: steps.drop(index=5).reset_index(drop=True), "step 6: rows_before"),
        (lambda steps: steps.drop(index=10).reset_index(drop=True), "steps"),
        (lambda steps: steps.iloc[[*range(5), 12, *range(5, 12)]].reset_index(drop=True), "at its end"),
        (lambda steps: pd.concat([steps, steps.tail(1)], ignore_index=True), "one seal, at its end"),
    ],
)  # fmt: skip
def test_whatever_is_changed_in_a_sealed_ledger_is_noticed(
    raw_file: Path, edit: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    ledger = sealed(raw_file, rules=RULES)
    replay(ledger, raw_file, BOOK)
    with pytest.raises(SurveyDataError, match=message):
        replay(Ledger(edit(ledger.steps)), raw_file, BOOK)


def test_other_data_than_were_sealed_are_named_by_variable(raw_file: Path) -> None:
    """As if another version of the toolkit read the same file in another way, with the same counts."""
    survey = clean_survey(read_survey(raw_file, BOOK), BOOK)
    values = survey.values.assign(k1=survey.values["k1"].replace({1.0: 2.0}))
    reasons = survey.reasons.assign(w1=survey.reasons["w1"].replace({"unanswered": "refused"}))
    ledger = seal_ledger(replace(survey, values=values, reasons=reasons))
    with pytest.raises(SurveyDataError, match="other values of k1; other reasons of w1"):
        replay(ledger, raw_file, BOOK)
    shifted = replace(survey, values=survey.values.set_axis([1, 2, 3, 9], axis=0))
    with pytest.raises(SurveyDataError, match="other rows"):
        replay(seal_ledger(shifted), raw_file, BOOK)


def test_a_codebook_that_turns_another_item_is_noticed(raw_file: Path) -> None:
    ledger = sealed(raw_file)
    turned = {**BOOK.items, "k1": Item(format="five", reverse=True)}
    with pytest.raises(SurveyDataError, match="step 9: rule, cells_changed"):
        replay(ledger, raw_file, BOOK.model_copy(update={"items": turned}))


def test_two_ways_to_write_nothing_and_zero_are_one(raw_file: Path) -> None:
    survey = clean_survey(read_survey(raw_file, BOOK), BOOK)
    nan = np.frombuffer(np.uint64(0xFFF8000000000001).tobytes(), dtype="float64")[0]
    one, other = (
        replace(survey, values=survey.values.assign(uren=[0.0 * sign, empty, 1.0, 2.0]))
        for sign, empty in ((1, np.nan), (-1, nan))
    )
    assert fingerprints_of(one, one.ledger) == fingerprints_of(other, other.ledger)


def test_texts_are_told_apart_by_place_and_by_border(raw_file: Path) -> None:
    survey = clean_survey(read_survey(raw_file, BOOK), BOOK)

    def mark(*texts: str | None) -> str:
        column = pd.Series(texts, index=survey.values.index, dtype="str")
        changed = replace(survey, values=survey.values.assign(sector=column))
        return str(fingerprints_of(changed, survey.ledger)["values"]["sector"])

    marks = [mark("ab", "c", "c", "c"), mark("a", "bc", "bc", "bc"), mark("c", "ab", "c", "c")]
    marks += [mark("ab", "c", "c", None), mark("ab", "c", "ab", "c")]
    assert len(set(marks)) == len(marks)


def both(survey: Survey, again: Survey) -> None:
    pd.testing.assert_frame_equal(again.values, survey.values, check_exact=True)
    pd.testing.assert_frame_equal(again.reasons, survey.reasons, check_exact=True)


def test_the_example_replays_sealed(project: Path) -> None:
    folder = project / "data/example"
    study, book = read_study(folder), read_codebook(folder / "codebook.yml")
    survey = clean_survey(read_survey(folder / study.data, book), book, study.cleaning)
    ledger = seal_ledger(survey, score_scales(survey, book).ledger)
    both(survey, replay(ledger, folder / study.data, book))
    assert json.loads(ledger.steps["counts"].iloc[-2])["scored"]["kunnen"] == 1465


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("work_cognitions", "nimon2021.csv"),
        ("piaac_nl_adults", "piaac_nld_subset.csv"),
        ("jobcrafting_chile", "unete2_reduced.sav"),
        ("gss2010_spss", "gss2010.sav"),
    ],
)
def test_real_studies_replay_sealed(shared: Path, name: str, file: str) -> None:
    here = Path(__file__).parent.parent / "real" / name
    study, book = read_study(here), read_codebook(here / "codebook.yml")
    path = shared / "real_data" / name / file
    survey = clean_survey(read_survey(path, book), book, study.cleaning)
    again = replay(seal_ledger(survey, score_scales(survey, book).ledger), path, book)
    both(survey, again)
    assert again.values.index.equals(survey.values.index)
