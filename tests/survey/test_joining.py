"""Several exports of one survey as one: joined on the question, whatever the columns are called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from si_research.errors import CodebookError, SurveyDataError
from si_research.survey.cleaning import clean_survey
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.joining import join_exports
from si_research.survey.reading import read_survey
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.several import read_surveys
from si_research.survey.replay import replay
from tool_exports import qualtrics

QUESTIONS = ("I may try things", "I may not fail", "Why?", "I decide myself", "I have time")
LABELS = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")


def book(**aliases: tuple[str, ...]) -> Codebook:
    items = {
        f"m{n}": Item(column=f"Q{place}", format="agree_5", aliases=aliases.get(f"m{n}", ()))
        for n, place in ((1, 1), (2, 2), (3, 4))
    }
    return Codebook(
        title="Made up",
        items=items,
        variables={"response": Variable(column="ResponseId", kind="identifier")},
        scales={"mogen": Scale(construct_name="mogen", items=tuple(items))},
        roles=Roles(respondent="response"),
    )


def answer(person: int, place: int) -> int:
    return (person * 3 + place * 2 + person // 5) % 5


def export(
    path: Path,
    people: Sequence[int],
    order: Sequence[int] = range(5),
    *,
    words: bool = False,
    names: str = "Q",
    texts: Sequence[str] = QUESTIONS,
    recorded: str = "2026-01-05",
    finished: str = "1",
) -> Path:
    """An export in which each question of the questionnaire may stand in any column, under any name."""
    rows = []
    for person in people:
        cells = [LABELS[answer(person, at)] if words else str(answer(person, at) + 1) for at in order]
        rows.append([recorded, "0", "", "100", finished, f"R_{person}", recorded, *cells])
    columns = [("RecordedDate", "Vastgelegd", "recordedDate")]
    columns += [(f"{names}{n}", texts[at], f"QID{n}") for n, at in enumerate(order, start=1)]
    path.write_text(qualtrics(rows, columns))
    return path


def expected(people: Sequence[int]) -> pd.DataFrame:
    cells = {f"m{n}": [answer(p, at) + 1.0 for p in people] for n, at in ((1, 0), (2, 1), (3, 3))}
    return pd.DataFrame({**cells, "response": [f"R_{p}" for p in people]})


def same(found: pd.DataFrame, people: Sequence[int]) -> None:
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected(people), check_dtype=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)), words=st.booleans(), names=st.sampled_from("QVZ"))
def test_whatever_the_order_the_names_and_the_style(
    tmp_path: Path, order: list[int], words: bool, names: str
) -> None:
    first = export(tmp_path / "a.csv", range(6))
    second = export(tmp_path / "b.csv", range(6, 11), order, words=words, names=names)
    survey = read_surveys([first, second], book())
    same(survey.values, range(11))
    assert list(survey.values.index) == list(range(1, 12))


def test_one_name_for_another_question_is_never_joined(tmp_path: Path) -> None:
    """The very same names, two questions swapped: by name every answer would be somebody else's."""
    first = export(tmp_path / "a.csv", range(6))
    second = export(tmp_path / "b.csv", range(6, 11), [1, 0, 2, 3, 4])
    joined = join_exports([read_raw(first), read_raw(second)])
    found = joined.table().set_index("column")
    assert found.loc[["Q1", "Q2", "Q3"], "joined_as"].tolist() == ["Q2", "Q1", "Q3"]
    assert set(found.loc[["Q1", "Q2", "Q3"], "how"]) == {"same text"}
    assert found.loc["ResponseId", "how"] == "same system column"
    same(read_surveys([first, second], book()).values, range(11))


def test_what_differs_by_hand_only_is_the_same_question(tmp_path: Path) -> None:
    texts = ("1. I  may try things", "<b>I may not fail</b>", "Why?", "“I” decide myself", "i have time.")
    first = export(tmp_path / "a.csv", range(6), texts=(*QUESTIONS[:3], '"I" decide myself', QUESTIONS[4]))
    second = export(tmp_path / "b.csv", range(6, 11), names="V", texts=texts)
    survey = read_surveys([first, second], book())
    same(survey.values, range(11))
    assert survey.values.notna().to_numpy().all()


def test_a_question_with_one_other_word_is_refused_with_the_file(tmp_path: Path) -> None:
    first = export(tmp_path / "a.csv", range(6))
    second = export(tmp_path / "b.csv", range(6, 11), texts=("I may not try things", *QUESTIONS[1:]))
    with pytest.raises(CodebookError) as raised:
        read_surveys([first, second], book())
    (problem,) = raised.value.problems
    assert (problem.where, problem.found) == ("m1, in b.csv", "no column with this question")
    listed = join_exports([read_raw(first), read_raw(second)]).not_joined
    assert listed[["column", "lacking_in"]].to_numpy().tolist() == [["Q1 (b.csv)", "a.csv"], ["Q1", "b.csv"]]


def test_the_codebook_may_name_other_words_for_the_same_question(tmp_path: Path) -> None:
    first = export(tmp_path / "a.csv", range(6))
    second = export(tmp_path / "b.csv", range(6, 11), names="V", texts=("May I try things?", *QUESTIONS[1:]))
    survey = read_surveys([first, second], book(m1=("V1",)))
    same(survey.values, range(11))
    assert survey.values["m1"].notna().all()


def test_an_alias_that_is_a_name_of_the_first_file_declares_nothing(tmp_path: Path) -> None:
    first = export(tmp_path / "a.csv", range(6))
    second = export(tmp_path / "b.csv", range(6, 11), texts=("May I try things?", *QUESTIONS[1:]))
    with pytest.raises(CodebookError, match=r"m1, in b\.csv"):
        read_surveys([first, second], book())


def test_two_columns_of_one_question_are_refused_when_used(tmp_path: Path) -> None:
    twice = (QUESTIONS[0], QUESTIONS[1], QUESTIONS[0], *QUESTIONS[3:])
    first = export(tmp_path / "a.csv", range(6))
    second = export(tmp_path / "b.csv", range(6, 11), names="V", texts=twice)
    with pytest.raises(CodebookError, match=r"m1, in b\.csv: .*several columns of one question"):
        read_surveys([first, second], book())


def test_two_columns_of_one_question_are_told_apart_by_name_and_question(tmp_path: Path) -> None:
    twice = (QUESTIONS[0], QUESTIONS[1], QUESTIONS[0], *QUESTIONS[3:])
    first = export(tmp_path / "a.csv", range(6), texts=twice)
    second = export(tmp_path / "b.csv", range(6, 11), texts=twice)
    joined = join_exports([read_raw(first), read_raw(second)])
    assert joined.table().set_index("column").loc["Q3", "how"] == "same text and name"
    same(read_surveys([first, second], book()).values, range(11))


def test_of_overlapping_downloads_the_latest_complete_response_stays(tmp_path: Path) -> None:
    january = export(tmp_path / "jan.csv", range(8))
    unfinished = export(tmp_path / "open.csv", [6, 7], finished="0", recorded="2026-03-01")
    march = export(tmp_path / "mar.csv", range(5, 12), [3, 1, 0, 2, 4], recorded="2026-03-05")
    for paths in ([january, unfinished, march], [march, january, unfinished]):
        survey = clean_survey(read_surveys(paths, book()), book())
        assert sorted(survey.values["response"]) == sorted(f"R_{p}" for p in range(12))
        (step,) = survey.ledger.steps.query("step == 'system_rows'").to_dict("records")
        assert (step["rows_before"], step["rows_after"]) == (17, 12)
        assert survey.responses is not None
        kept = survey.responses.loc[survey.values.index].set_index("response_id")
        assert kept.loc["R_6", "recorded"] == "2026-03-05"
        assert kept.loc["R_1", "recorded"] == "2026-01-05"


def test_the_ledger_names_each_file_and_its_rows_and_replays(tmp_path: Path) -> None:
    paths = [export(tmp_path / "a.csv", range(6)), export(tmp_path / "b.csv", range(4, 11), [4, 3, 2, 1, 0])]
    survey = clean_survey(read_surveys(paths, book()), book())
    steps = survey.ledger.steps
    assert steps["step"].tolist()[:3] == ["read_file", "read_file", "join_files"]
    assert json.loads(steps.loc[2, "parameters"]) == {"rows": [["a.csv", 1, 6], ["b.csv", 7, 13]]}
    assert (steps["rows_before"].iloc[:3] == 13).all()
    assert (survey.facts.name, survey.facts.n_rows) == ("a.csv + b.csv", 13)
    for order in (paths, paths[::-1]):
        again = replay(survey.ledger, order, book())
        pd.testing.assert_frame_equal(again.values, survey.values)
        pd.testing.assert_frame_equal(again.reasons, survey.reasons)


def test_a_replay_asks_for_every_file_as_it_was(tmp_path: Path) -> None:
    paths = [export(tmp_path / "a.csv", range(6)), export(tmp_path / "b.csv", range(6, 11))]
    survey = read_surveys(paths, book())
    with pytest.raises(SurveyDataError, match=r"the files of the ledger: a\.csv, b\.csv"):
        replay(survey.ledger, paths[0], book())
    export(paths[1], range(6, 12))
    with pytest.raises(SurveyDataError, match="another one, sha256"):
        replay(survey.ledger, paths, book())


def test_one_file_is_read_as_ever(tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", range(6))
    one, several = read_survey(path, book()), read_surveys([path], book())
    pd.testing.assert_frame_equal(one.ledger.steps, several.ledger.steps)


def test_files_without_texts_are_joined_only_under_the_very_same_header(tmp_path: Path) -> None:
    codebook = book().model_copy(
        update={"variables": {"response": Variable(column="nummer", kind="identifier")}}
    )
    frame = expected(range(6)).rename(columns={"m1": "Q1", "m2": "Q2", "m3": "Q4", "response": "nummer"})
    frame.to_csv(tmp_path / "a.csv", index=False)
    later = expected(range(6, 11)).rename(columns={"m1": "Q1", "m2": "Q2", "m3": "Q4", "response": "nummer"})
    later[["nummer", "Q4", "Q2", "Q1"]].to_csv(tmp_path / "b.csv", index=False)
    same(read_surveys([tmp_path / "a.csv", tmp_path / "b.csv"], codebook).values, range(11))
    later.assign(Q3=1).to_csv(tmp_path / "c.csv", index=False)  # a question came in: numbers may have shifted
    with pytest.raises(CodebookError) as raised:
        read_surveys([tmp_path / "a.csv", tmp_path / "c.csv"], codebook)
    assert [problem.where for problem in raised.value.problems] == [f"m{n}, in c.csv" for n in (1, 2, 3)]


def test_a_header_that_is_a_question_is_a_question(tmp_path: Path) -> None:
    items = {"m1": Item(column="1. Ik mag dat", format="agree_5")}
    codebook = Codebook(
        title="x", items=items, scales={"mogen": Scale(construct_name="mogen", items=("m1",))}
    )
    (tmp_path / "a.csv").write_text("nummer;1. Ik mag dat\n1;4\n2;5\n")
    (tmp_path / "b.csv").write_text("2. Ik mag  dat;nummer\n3;9\n")
    survey = read_surveys([tmp_path / "a.csv", tmp_path / "b.csv"], codebook)
    assert survey.values["m1"].tolist() == [4.0, 5.0, 3.0]


def test_what_is_no_series_of_exports_is_refused(tmp_path: Path) -> None:
    first = export(tmp_path / "a.csv", range(6))
    copy = tmp_path / "copy.csv"
    copy.write_bytes(first.read_bytes())
    (tmp_path / "plain.csv").write_text("I may try things,x y\n1,2\n")
    for other, found in ((copy, "the same file twice"), (tmp_path / "plain.csv", "qualtrics and plain")):
        with pytest.raises(SurveyDataError, match=found):
            join_exports([read_raw(first), read_raw(other)])
    with pytest.raises(SurveyDataError, match="two exports or more"):
        join_exports([read_raw(first)])


def test_two_decimal_signs_are_refused(tmp_path: Path) -> None:
    codebook = Codebook(
        title="x",
        variables={"hours": Variable(column="Hours a week", kind="number", lowest=0, highest=100)},
        scales={"mogen": Scale(construct_name="mogen", score="hours")},
    )
    (tmp_path / "a.csv").write_text("Hours a week;x\n37,5;1\n1.234,5;2\n")
    (tmp_path / "b.csv").write_text("Hours a week;x\n37.5;3\n")
    with pytest.raises(SurveyDataError, match="a comma in one and a point in another"):
        read_surveys([tmp_path / "a.csv", tmp_path / "b.csv"], codebook)


def test_codes_with_other_labels_in_another_file_are_refused(tmp_path: Path) -> None:
    for name, first in (("a", "Disagree"), ("b", "Agree")):
        other = "Agree" if first == "Disagree" else "Disagree"
        labels = {"m1": {1.0: first, 2.0: other}}
        frame = pd.DataFrame({"m1": [1.0, 2.0, 2.0 if name == "a" else 1.0]})
        pyreadstat.write_sav(
            frame, str(tmp_path / f"{name}.sav"), column_labels=["I may"], variable_value_labels=labels
        )
    with pytest.raises(SurveyDataError, match="the same labels of their codes in every file"):
        join_exports([read_raw(tmp_path / "a.sav"), read_raw(tmp_path / "b.sav")])


@pytest.mark.parametrize("header", ["Ik krijg ruimte van mijn leidinggeven", "Q7"])
def test_headers_that_are_the_same_to_the_letter_are_never_joined(tmp_path: Path, header: str) -> None:
    """Cut at one length, two questions look alike; in the second file they stand the other way round."""
    name = f"{header} (2)"
    codebook = Codebook(
        title="x",
        items={"m1": Item(column=name, format="agree_5")},
        scales={"mogen": Scale(construct_name="mogen", items=("m1",))},
    )
    (tmp_path / "a.csv").write_text(f"{header};{header};x\n1;2;0\n")
    (tmp_path / "b.csv").write_text(f"{header};{header};x\n2;1;5\n")
    with pytest.raises(CodebookError, match=r"m1, in b\.csv: .*several columns of one question"):
        read_surveys([tmp_path / "a.csv", tmp_path / "b.csv"], codebook)
