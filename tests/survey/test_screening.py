"""Marking, its lines and its agreement, on made answers of which everybody knows who is careless."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codebook_sample import SOUND, problems_of
from si_research.errors import SurveyDataError
from si_research.survey.cleaning import clean_survey
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.ledger import read_ledger
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from si_research.survey.screening.agreement import agreement_table
from si_research.survey.screening.cut_offs import CUT_OFFS, DropCareless, ScreeningRules
from si_research.survey.screening.drop import drop_careless
from si_research.survey.screening.flags import Screening, careless_rows, flag_careless
from si_research.survey.screening.plan import plan_screening
from si_research.survey.survey_data import Survey

N, N_SCALES, PER_SCALE = 300, 6, 4
STRAIGHT, FAST, RANDOM, ENTHUSIAST = range(0, 10), range(10, 20), range(20, 40), 40
ITEMS = [f"s{scale}_{item}" for scale in range(N_SCALES) for item in range(PER_SCALE)]
REVERSED = [name for name in ITEMS if name.endswith("_3")]


def codebook(**more: object) -> Codebook:
    items = {name: Item(format="agree_5", reverse=name in REVERSED) for name in ITEMS}
    items["check"] = Item(format="agree_5")
    scales = {
        f"scale_{scale}": Scale(construct="other", items=tuple(ITEMS[4 * scale : 4 * scale + 4]))
        for scale in range(N_SCALES)
    }
    parts = {
        "title": "Screened",
        "items": items,
        "variables": {"seconds": Variable(kind="number", lowest=0)},
        "scales": scales,
        "roles": Roles(duration="seconds"),
        "attention_checks": {"check": ("mee eens",)},
    }
    return Codebook.model_validate({**parts, **more})


def answers() -> pd.DataFrame:
    """Attentive people whose scales differ; straight lines, fast ones, random ones, and one enthusiast."""
    rng = np.random.default_rng(11)
    truth = 3 + 1.1 * rng.normal(size=(N, N_SCALES)).repeat(PER_SCALE, axis=1)
    points = np.clip(np.rint(truth + 0.5 * rng.normal(size=truth.shape)), 1, 5)
    turned = [ITEMS.index(name) for name in REVERSED]
    points[:, turned] = 6 - points[:, turned]
    points[list(STRAIGHT)] = 3
    points[list(RANDOM)] = rng.integers(1, 6, size=(len(RANDOM), len(ITEMS)))
    points[ENTHUSIAST] = 5
    table = pd.DataFrame(points, columns=ITEMS)
    table["check"], table["seconds"] = 4.0, 200.0
    table.loc[[*STRAIGHT, *RANDOM], "check"] = 2.0
    table.loc[list(FAST), "seconds"] = 30.0
    return table


def write(folder: Path, table: pd.DataFrame) -> Path:
    path = folder / "answers.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    book = codebook()
    path = write(tmp_path_factory.mktemp("screened"), answers())
    return clean_survey(read_survey(path, book), book)


@pytest.fixture(scope="module")
def screening(survey: Survey) -> Screening:
    return flag_careless(survey, codebook())


def marked(screening: Screening, index: str) -> set[int]:
    """Who is marked, counted from 0; rows of a file are counted from 1."""
    flags = screening.flags[index]
    return {int(row) - 1 for row in flags.index[flags]}


def test_each_kind_of_carelessness_is_marked_by_its_own_index(screening: Screening) -> None:
    straight = {*STRAIGHT, ENTHUSIAST}
    assert marked(screening, "longstring") == straight
    assert marked(screening, "response_variability") >= straight
    assert marked(screening, "seconds_per_item") == set(FAST)
    assert marked(screening, "failed_checks") == {*STRAIGHT, *RANDOM}
    assert len(marked(screening, "even_odd") & set(RANDOM)) >= 10
    assert len(marked(screening, "even_odd") - set(RANDOM)) <= 15


def test_a_straight_row_is_one_kind_of_evidence(survey: Survey) -> None:
    """The enthusiast who chose the highest answer throughout is not marked twice for it."""
    one_way = ScreeningRules(items=tuple(name for name in ITEMS if name not in REVERSED))
    screening = flag_careless(survey, codebook(), one_way)
    assert screening.all_one_way
    enthusiast = screening.n_evidence.index[ENTHUSIAST]
    assert screening.flags.loc[enthusiast, ["longstring", "response_variability"]].all()
    assert screening.n_evidence[enthusiast] == 1
    careless = {int(row) - 1 for row, is_marked in careless_rows(screening).items() if is_marked}
    assert careless >= set(STRAIGHT), "a straight row and a failed check are two"
    assert ENTHUSIAST not in careless


def test_agreeing_with_a_question_and_with_its_opposite_is_another_kind(screening: Screening) -> None:
    enthusiast = screening.n_evidence.index[ENTHUSIAST]
    assert screening.flags.loc[enthusiast, ["longstring", "mahalanobis"]].all()
    assert screening.n_evidence[enthusiast] == 2


def test_counts_and_table_are_those_of_the_flags(screening: Screening) -> None:
    table = screening.table()
    assert set(table.index) == {each.index for each in CUT_OFFS}
    for name in screening.flags:
        assert table.loc[name, "n_flagged"] == screening.flags[name].sum()
        assert table.loc[name, "n_used"] == screening.values[name].notna().sum()
    for row in screening.counts.itertuples():
        assert row.n_flagged == (screening.n_evidence >= row.at_least).sum()
    assert screening.n_rows == N
    assert not screening.all_one_way


def test_lines_stand_where_the_rules_put_them(survey: Survey, screening: Screening) -> None:
    line = screening.indices["cut_off"]
    assert line["longstring"] == len(ITEMS) / 2
    assert line["mahalanobis"] == pytest.approx(51.1786, abs=1e-4), "chi squared, 24 df, p = .001"
    assert (line["even_odd"], line["seconds_per_item"], line["failed_checks"]) == (-0.30, 2, 1)
    assert screening.indices["default"].all()
    wider = flag_careless(survey, codebook(), ScreeningRules(seconds_per_item=0.5, longstring_share=1))
    assert wider.indices.loc["seconds_per_item", "n_flagged"] == 0
    assert not wider.indices.loc["seconds_per_item", "default"]
    assert wider.indices.loc["longstring", "n_flagged"] == 11


def test_every_line_has_a_source_or_says_that_it_is_a_convention() -> None:
    for each in CUT_OFFS:
        assert bool(each.source) == bool(each.doi)
        assert each.source or not each.by_source
        assert not each.rule or each.rule in ScreeningRules.model_fields


def test_nobody_leaves_and_nothing_changes(survey: Survey) -> None:
    before = survey.values.copy()
    flag_careless(survey, codebook())
    pd.testing.assert_frame_equal(survey.values, before)
    assert drop_careless(survey, codebook(), ScreeningRules()) is survey


def test_leaving_out_is_a_step_that_can_be_replayed(tmp_path: Path, screening: Screening) -> None:
    book, rules = codebook(), ScreeningRules(drop=DropCareless(at_least=2), seconds_per_item=1.5)
    path = write(tmp_path, answers())
    cleaned = clean_survey(read_survey(path, book), book)
    dropped = drop_careless(cleaned, book, rules)
    careless = careless_rows(flag_careless(cleaned, book, rules))
    assert list(dropped.values.index) == list(careless.index[~careless])
    step = dropped.ledger.steps.iloc[-1]
    assert (step["step"], step["rows_before"] - step["rows_after"]) == ("screening", careless.sum())
    dropped.ledger.to_csv(tmp_path / "ledger.csv")
    again = replay(read_ledger(tmp_path / "ledger.csv"), path, book)
    pd.testing.assert_frame_equal(again.values, dropped.values)
    assert again.ledger.steps.equals(dropped.ledger.steps)


def test_questions_of_another_range_are_not_compared(survey: Survey) -> None:
    book = codebook()
    items = {**book.items, "mark": Item(format="mark_10")}
    plan = plan_screening(book.model_copy(update={"items": items}))
    assert plan.items == tuple(ITEMS)
    assert plan.questions == (*ITEMS, "mark"), "the attention check is no question"
    with pytest.raises(SurveyDataError, match="1 to 5 and 1 to 10"):
        plan_screening(book.model_copy(update={"items": items}), ScreeningRules(items=(*ITEMS[:5], "mark")))
    with pytest.raises(SurveyDataError, match="`nonsense`"):
        plan_screening(book, ScreeningRules(items=("nonsense",)))
    with pytest.raises(SurveyDataError, match="at least 5"):
        flag_careless(survey, book, ScreeningRules(items=tuple(ITEMS[:4])))


def test_the_order_of_the_questions_can_be_given(survey: Survey) -> None:
    shuffled = tuple(np.random.default_rng(2).permutation(ITEMS).tolist())
    found = flag_careless(survey, codebook(), ScreeningRules(items=shuffled))
    assert found.items == shuffled
    expected = survey.values[list(shuffled)].apply(lambda row: max_run(row.to_numpy()), axis=1)
    assert found.values["longstring"].tolist() == expected.tolist()


def max_run(row: npt.NDArray[np.float64]) -> float:
    longest = run = 1
    for before, answer in pairwise(row):
        run = run + 1 if answer == before else 1
        longest = max(longest, run)
    return float(longest)


def test_a_time_in_another_unit_marks_nobody(tmp_path: Path) -> None:
    """Minutes taken for seconds would make everybody too fast; the right unit gives the same marks."""
    book, table = codebook(), answers()
    path = write(tmp_path, table.assign(seconds=table["seconds"] / 60))
    minutes = clean_survey(read_survey(path, book), book)
    assert flag_careless(minutes, book).indices.loc["seconds_per_item", "status"] == "marks_too_many"
    right = flag_careless(minutes, book, ScreeningRules(duration_unit="minutes"))
    assert marked(right, "seconds_per_item") == set(FAST)


def test_what_cannot_be_computed_says_why(survey: Survey) -> None:
    book = codebook(attention_checks={}, roles=Roles())
    few = replace(survey, values=survey.values.iloc[:20], reasons=survey.reasons.iloc[:20])
    status = flag_careless(few, book, ScreeningRules(pairs_from=0.99)).indices["status"]
    assert status["failed_checks"] == "no_checks"
    assert status["seconds_per_item"] == "no_duration"
    assert status["mahalanobis"] == "too_few_people"
    assert status["synonyms"] == "too_few_pairs"
    assert status["average_longstring"] == "no_cut_off"


def test_an_index_that_marks_too_many_marks_nobody(survey: Survey) -> None:
    loose = flag_careless(survey, codebook(), ScreeningRules(even_odd=-0.999, most_marked=0.15))
    assert loose.indices.loc["even_odd", ["status", "n_flagged"]].tolist() == ["marks_too_many", 0]
    assert "even_odd" not in set(loose.agreement["index_1"])
    wide = flag_careless(survey, codebook(), ScreeningRules(even_odd=-0.999, most_marked=1))
    assert wide.indices.loc["even_odd", "n_flagged"] > 0.15 * N


def test_questions_that_were_not_put_do_not_count(survey: Survey) -> None:
    """A straight row over the ten questions somebody got is half of these, not of all."""
    row, items = survey.values.index[ENTHUSIAST], ITEMS[10:]
    values, reasons = survey.values.copy(), survey.reasons.copy()
    values.loc[row, items] = np.nan
    reasons.loc[row, items] = "routed_past"
    routed = flag_careless(replace(survey, values=values, reasons=reasons), codebook())
    assert routed.values.loc[row, "longstring"] == 10
    assert routed.flags.loc[row, "longstring"]
    assert routed.values.loc[row, "share_missing"] == 0
    reasons.loc[row, items] = "unanswered"
    left_open = flag_careless(replace(survey, values=values, reasons=reasons), codebook())
    assert not left_open.flags.loc[row, "longstring"]
    assert left_open.values.loc[row, "share_missing"] == pytest.approx(14 / 24)
    assert left_open.flags.loc[row, "share_missing"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=40)
)
def test_agreement_against_its_definitions(rows: list[tuple[bool, bool, bool, bool]]) -> None:
    table = pd.DataFrame(rows, columns=["a", "b", "a_known", "b_known"])
    marks = pd.DataFrame({"a": table["a"] & table["a_known"], "b": table["b"] & table["b_known"]})
    known = pd.DataFrame({"a": table["a_known"], "b": table["b_known"]})
    found = agreement_table(marks, known).iloc[0]
    pairs = [(a, b) for a, b, a_known, b_known in rows if a_known and b_known]
    n, both = len(pairs), sum(a and b for a, b in pairs)
    either = sum(a or b for a, b in pairs)
    assert (found["n_used"], found["n_both"]) == (n, both)
    assert found["jaccard"] == pytest.approx(both / either if either else np.nan, nan_ok=True)
    a, b = np.array(pairs, "float64").reshape(-1, 2).T
    varies = n > 0 and np.ptp(a) > 0 and np.ptp(b) > 0
    assert found["phi"] == pytest.approx(np.corrcoef(a, b)[0, 1] if varies else np.nan, nan_ok=True)
    if varies:
        agreed = np.mean(a == b)
        chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
        assert found["kappa"] == pytest.approx((agreed - chance) / (1 - chance))


@pytest.mark.parametrize(
    ("checks", "expected", "found"),
    [
        ("{k9: [mee eens]}", "an item or variable", "`k9`"),
        ("{k1: [mee eens]}", "a question of its own", "an item of a scale"),
        ("{extra: [vaak]}", "an answer to `extra`", "`vaak`"),
        ("{extra: []}", "at least one right answer", "none"),
        ("{leeftijd: [oud]}", "an answer to `leeftijd`", "`oud`"),
    ],
)
def test_attention_checks_must_be_possible(tmp_path: Path, checks: str, expected: str, found: str) -> None:
    path = tmp_path / "codebook.yml"
    text = SOUND.replace("items:\n", "items:\n  extra: {format: agree_5}\n", 1)
    path.write_text(f"{text}attention_checks: {checks}\n", "utf-8")
    (problem,) = problems_of(path)
    assert expected in problem.expected
    assert found in problem.found
    assert problem.line == len(text.splitlines()) + 1
