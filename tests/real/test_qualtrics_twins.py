"""One survey of Qualtrics exported twice, with texts and with numbers: the same scores, nothing turned twice.

The figures are those of the README of the data set, or counted by hand in the two files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import CodebookError, LabelError
from si_research.survey.cleaning import CleaningRules, Consent, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, Scale, Variable
from si_research.survey.codebook_file import read_codebook
from si_research.survey.copies import find_copies
from si_research.survey.direction import check_direction
from si_research.survey.reading import read_survey
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.responses import responses_of
from si_research.survey.replay import replay
from si_research.survey.scoring import score_scales
from si_research.survey.survey_data import RawSurvey, Survey
from si_research.survey.twin_exports import check_twin_exports

HERE = Path(__file__).parent / "qualtrics_choice_vs_numeric"
FILES = {"text": "engagement_choice_text.csv", "numeric": "engagement_numeric.csv"}
TWICE = ("Q65", "Q67", "Q68", "Q69", "Q70", "Q71", "Q63", "Q64")


@pytest.fixture(scope="module")
def files(shared: Path) -> dict[str, Path]:
    return {name: shared / "real_data" / "qualtrics_choice_vs_numeric" / file for name, file in FILES.items()}


@pytest.fixture(scope="module")
def raws(files: Mapping[str, Path]) -> dict[str, RawSurvey]:
    return {name: read_raw(path) for name, path in files.items()}


@pytest.fixture(scope="module")
def codebook(raws: Mapping[str, RawSurvey]) -> Codebook:
    """The codebook beside this test; the consent column is meant by its text, which is not repeated here."""
    book = read_codebook(HERE / "codebook.yml")
    consent = Variable(column=raws["text"].texts["Q65"], labels={"4": "Accept"})
    return book.model_copy(update={"variables": {**book.variables, "consent": consent}})


def without_codes(codebook: Codebook, **changes: object) -> Codebook:
    """The codebook as somebody writes it who has seen only the texts."""
    items = {
        name: item.model_copy(update={"codes": {}, **changes} if item.codes else {})
        for name, item in codebook.items.items()
    }
    return codebook.model_copy(update={"items": items})


def cleaned(path: Path, codebook: Codebook) -> Survey:
    rules = CleaningRules(unfinished=Unfinished(drop=False))
    return clean_survey(read_survey(path, codebook), codebook, rules)


@pytest.fixture(scope="module")
def surveys(files: Mapping[str, Path], codebook: Codebook) -> dict[str, Survey]:
    return {name: cleaned(path, codebook) for name, path in files.items()}


def test_the_files_are_as_their_readme_says(raws: Mapping[str, RawSurvey]) -> None:
    for raw in raws.values():
        assert raw.facts.tool == "qualtrics"
        assert (raw.facts.n_rows, raw.facts.n_columns) == (232, 111)
        assert set(raw.repeated) == set(TWICE)
        assert len(raw.roles) == 17
        assert "\n" not in raw.texts["Q65"]
        assert raw.texts["Q65"].startswith("IRB")
        assert raw.facts.repairs["rows_above"] == 2, "questions and import ids below the names"
        responses = responses_of(raw)
        assert responses is not None
        assert responses["kind"].value_counts().to_dict() == {"answer": 231, "preview": 1}
    status = {name: raw.frame["Status"].value_counts().to_dict() for name, raw in raws.items()}
    assert status == {"text": {"IP Address": 231, "Survey Preview": 1}, "numeric": {"0": 231, "1": 1}}


def test_both_exports_give_identical_scores_for_all_231_people(
    surveys: Mapping[str, Survey], codebook: Codebook
) -> None:
    scores = {name: score_scales(survey, codebook).table() for name, survey in surveys.items()}
    assert scores["text"].shape == (231, 7)  # six scales, and the number of the response
    pd.testing.assert_frame_equal(scores["text"], scores["numeric"], check_exact=True)
    n_scored = scores["text"].notna().sum()
    everybody = ["job_engagement", "organisation_engagement", "willen", "leaving", "respondent_id"]
    assert (n_scored[everybody] == 231).all()
    assert (n_scored["new_scale"], n_scored["new_scale_in_blocks"]) == (119, 112)  # each half one order


def test_answers_and_reasons_are_identical_too(surveys: Mapping[str, Survey]) -> None:
    pd.testing.assert_frame_equal(surveys["text"].values, surveys["numeric"].values, check_exact=True)
    pd.testing.assert_frame_equal(surveys["text"].reasons, surveys["numeric"].reasons)


def test_the_preview_leaves_and_normal_responses_stay(surveys: Mapping[str, Survey]) -> None:
    for survey in surveys.values():
        (step,) = survey.ledger.steps.query("step == 'system_rows'").to_dict("records")
        assert (step["rows_before"], step["rows_after"]) == (232, 231)
        assert step["rule"].startswith("left out as no answer of a respondent: preview 1;")


def test_accept_is_a_four_and_means_yes(files: Mapping[str, Path], codebook: Codebook) -> None:
    rules = CleaningRules(consent=Consent(variable="consent", given=("Accept",)))
    for path in files.values():
        survey = clean_survey(read_survey(path, codebook), codebook, rules)
        assert (survey.values["consent"] == "4").all()
        assert len(survey.values) == 231


def test_the_second_of_two_columns_of_one_name_is_found(surveys: Mapping[str, Survey]) -> None:
    counts = surveys["numeric"].values["pet_fed"].value_counts().to_dict()
    assert counts == surveys["text"].values["pet_fed"].value_counts().to_dict()
    assert sum(counts.values()) == 231


def test_a_block_that_was_skipped_was_not_asked(surveys: Mapping[str, Survey]) -> None:
    for survey in surveys.values():
        first, second = (survey.reasons[name] == "not_asked" for name in ("C1", "Q161"))
        assert (first ^ second).all()
        assert not (survey.reasons[["C1", "Q161"]] == "unanswered").to_numpy().any()


def test_the_ledger_counts_the_numbers_that_stand_for_another_answer(surveys: Mapping[str, Survey]) -> None:
    """Q2: 112 sixes and 42 sevens. Q4 and Q8: all 232 rows but the middle ones (56 and 65)."""
    rules = {name: survey.ledger.steps.set_index("step")["rule"] for name, survey in surveys.items()}
    assert "(Q2 154, Q4 176, Q8 167)" in rules["numeric"]["map_labels"]
    assert "numbers of the export" not in rules["text"]["map_labels"]


def test_the_ledger_replays(
    files: Mapping[str, Path], surveys: Mapping[str, Survey], codebook: Codebook
) -> None:
    again = replay(surveys["numeric"].ledger, files["numeric"], codebook)
    pd.testing.assert_frame_equal(again.values, surveys["numeric"].values, check_exact=True)


def test_the_two_exports_are_compared_and_the_codebook_is_proposed(
    raws: Mapping[str, RawSurvey], codebook: Codebook
) -> None:
    check = check_twin_exports(raws["text"], raws["numeric"], without_codes(codebook))
    assert check.passed is False
    table = check.table()
    assert set(table.loc[~table["agrees"], "item"]) == {"Q2", "Q4", "Q8"}
    by_code = table.loc[table["item"] == "Q4"].set_index("code")
    assert by_code["answer"].to_dict() == {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    assert (table.groupby("item")["n_used"].sum()[["QID1", "Q2", "Q4", "Q14", "Q80"]] == 231).all()
    assert "231 respondents are in both exports" in check.text
    assert "`Q4`: the numbers have been turned. Write `codes: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}`, and keep" in (
        check.text
    )
    assert "Write `codes: {1: 1, 2: 2, 3: 3, 6: 4, 7: 5}`" in check.text


def test_with_the_proposal_the_exports_agree(raws: Mapping[str, RawSurvey], codebook: Codebook) -> None:
    check = check_twin_exports(raws["text"], raws["numeric"], codebook)
    assert check.passed
    assert check.table()["item"].nunique() == len(codebook.items)


def test_numbers_with_gaps_are_refused_until_the_codebook_says_what_they_are(
    files: Mapping[str, Path], codebook: Codebook
) -> None:
    with pytest.raises(LabelError, match=r"column Q2: .*found 1, 2, 3, 6, 7") as raised:
        read_survey(files["numeric"], without_codes(codebook))
    assert len(raised.value.problems) == 1


def test_items_turned_twice_are_reported(files: Mapping[str, Path], codebook: Codebook) -> None:
    """By correlation alone, without the text export: reverse: true on numbers that were turned before."""
    items: dict[str, Item] = dict(codebook.items)
    for name in ("Q4", "Q8"):
        items[name] = items[name].model_copy(update={"codes": {}})
    twice = codebook.model_copy(update={"items": items})
    check = check_direction(cleaned(files["numeric"], twice), twice)
    flagged = check.table().query("flagged and reversed")
    assert {"Q4", "Q8"} <= set(flagged["item"])
    assert "Q4: the file may have turned them already" in check.text
    assert "Q8: the file may have turned them already" in check.text
    once = check_direction(cleaned(files["numeric"], codebook), codebook).table()
    assert not once.loc[once["item"].isin(["Q4", "Q8"]), "flagged"].any()


def test_one_question_stored_raw_and_turned_is_used_once(
    raws: Mapping[str, RawSurvey], tmp_path: Path
) -> None:
    """Q4 of both exports in one file, as some tools store it; the turned copy lacks some and has a 9."""
    turned = raws["numeric"].frame["Q4"].copy()
    turned.iloc[:5], turned.iloc[5:9] = "", "9"
    frame = pd.DataFrame({name: raws["text"].frame[name] for name in ("QID1", "Q4")}).assign(Q4r=turned)
    frame.to_csv(tmp_path / "both.csv", index=False)
    items = {
        "QID1": Item(format="agree_5"),
        "Q4": Item(format="agree_5", reverse=True),
        "Q4r": Item(format="agree_5", missing_codes={"9": "refused"}),
    }
    scales = {"willen": Scale(construct_name="willen", items=tuple(items))}
    both = Codebook(title="Both in one file", items=items, scales=scales)
    survey = cleaned(tmp_path / "both.csv", both)
    (copy,) = find_copies(survey, both)
    assert (copy.item, copy.other, copy.turned, copy.sure) == ("Q4", "Q4r", True, True)
    with pytest.raises(CodebookError, match="the same answers as `Q4`, turned"):
        score_scales(survey, both)
