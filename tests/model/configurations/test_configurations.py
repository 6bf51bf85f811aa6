"""The whole analysis of people in firms: what it says, what it refuses, and what it warns of."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.configurations.configurations import Configurations, fit_configurations
from si_research.model.configurations.truth_table import CutOffs, corner_sums, truth_table

NAMES = ["kunnen", "willen", "mogen"]
ALL = "kunnen*willen*mogen"
Y = "innovative_behaviour"


def people(rows: dict[tuple[int, int, int], tuple[int, float]], **more: Any) -> pd.DataFrame:
    """So many people a row of the truth table, high 4.4 or low 1.6, with this outcome."""
    data = [
        [4.4 if value else 1.6 for value in row] + [outcome]
        for row, (n, outcome) in rows.items()
        for _ in range(n)
    ]
    return pd.DataFrame(data, columns=[*NAMES, Y]).assign(**more)


def all_rows(outcomes: dict[tuple[int, int, int], float], n: int = 10) -> pd.DataFrame:
    return people({row: (n, outcomes.get(row, 1.6)) for row in product((0, 1), repeat=3)})


def fitted(scores: pd.DataFrame, **options: Any) -> Configurations:
    return fit_configurations(scores, **{"seed": 1, "draws": 199, **options})


def codes(found: Configurations) -> set[str]:
    return {note.code for note in found.notes}


def test_only_the_combination_is_named_as_the_only_sufficient_row() -> None:
    found = fitted(all_rows({(1, 1, 1): 4.4}))
    assert found.answer.code == "only"
    assert found.answer.sufficient == (ALL,)
    assert found.answer.share_only == 1.0
    assert "only_is_no_evidence" in codes(found)
    assert (found.answer.n_without, found.answer.n_without_sufficient) == (7, 7)
    solutions = found.solutions.set_index("kind", append=True)["formula"]
    assert solutions[Y].to_dict() == dict.fromkeys(("complex", "parsimonious", "intermediate"), ALL)
    assert solutions[f"~{Y}", "parsimonious"] == "~kunnen + ~willen + ~mogen"


@pytest.mark.parametrize(
    ("high", "code"),
    [
        ({(1, 1, 1), (1, 1, 0)}, "and_others"),
        ({(1, 1, 0)}, "others_only"),
        (set(), "none"),
    ],
)
def test_other_answers(high: set[tuple[int, int, int]], code: str) -> None:
    scores = all_rows(dict.fromkeys(high, 4.4))
    if not high:
        scores[Y] = np.where(np.arange(len(scores)) % 2, 1.6, 3.2)
    found = fitted(scores)
    assert found.answer.code == code
    assert set(found.answer.sufficient) == set(
        found.rows.loc[Y].index[[row in high for row in product((0, 1), repeat=3)]]
    )
    assert ("no_sufficient_row" in codes(found)) is (not high)


def test_rows_without_people_leave_the_answer_open_and_are_named() -> None:
    """Nobody has kunnen alone, three of 483 have willen alone: rows of 1 % of the people are judged."""
    rows = {row: (80, 1.6) for row in product((0, 1), repeat=3) if row not in {(1, 0, 0), (0, 1, 0)}}
    found = fitted(people({**rows, (1, 1, 1): (80, 4.4), (0, 1, 0): (3, 1.6)}))
    assert found.choices.n_cut == 5
    assert found.answer.code == "only_judged"
    (note,) = [note for note in found.notes if note.code == "rows_not_judged"]
    assert note.values["empty"] == ("kunnen*~willen*~mogen",)
    assert note.values["few"] == ("~kunnen*willen*~mogen",)
    table = found.rows.loc[Y]
    assert table.loc["kunnen*~willen*~mogen", ["inclS", "PRI", "covS", "conf_low"]].isna().all()
    assert table.loc["~kunnen*willen*~mogen", "out"] == "?"
    assert table.loc["~kunnen*willen*~mogen", ["inclS", "PRI"]].notna().all()
    short = found.solutions.loc[Y].set_index("kind")
    assert short.loc["parsimonious", "n_assumed"] == 0
    assert fitted(people({**rows, (1, 1, 1): (2, 4.4)})).answer.code == "not_judged"


def test_a_parsimonious_solution_names_the_rows_it_assumes() -> None:
    rows = {row: (10, 1.6) for row in product((0, 1), repeat=3) if row != (1, 0, 1)}
    found = fitted(people({**rows, (1, 1, 1): (10, 4.4)}), expected={"willen": None})
    solutions = found.solutions.loc[Y].set_index("kind")
    assert solutions.loc["parsimonious", "formula"] == "kunnen*mogen"
    assert solutions.loc["parsimonious", "assumed"] == "kunnen*~willen*mogen"
    assert solutions.loc["intermediate", "formula"] == ALL
    against = fitted(people({**rows, (1, 1, 1): (10, 4.4)}), expected={"willen": 0})
    intermediate = against.solutions.loc[Y].set_index("kind").loc["intermediate"]
    assert (intermediate["formula"], intermediate["assumed"]) == ("kunnen*mogen", "kunnen*~willen*mogen")


def test_counts_by_hand() -> None:
    scores = all_rows({(1, 1, 1): 4.4}, n=4)
    scores.loc[scores.index[-1], Y] = 1.6
    scores["firm"] = np.where(np.arange(len(scores)) < 30, "a", "b")
    found = fitted(scores, cluster="firm")
    row = found.rows.loc[(Y, ALL)]
    assert (row["n"], row["n_outcome"], row["n_firms"], row["n_used"]) == (4, 3, 2, 32)
    assert found.rows.loc[(f"~{Y}", ALL), "n_outcome"] == 1
    high = 1 / (1 + np.exp(-np.log(19) * 1.4 / 1.5))
    x = np.array([1 - high] * 28 + [high] * 4)
    y = np.array([1 - high] * 28 + [high] * 3 + [1 - high])
    both = np.minimum(x, y)
    clear = np.minimum(both, 1 - y)
    assert row["inclS"] == pytest.approx(both.sum() / x.sum())
    assert row["PRI"] == pytest.approx((both - clear).sum() / (x - clear).sum())
    assert row["covS"] == pytest.approx(both.sum() / y.sum())
    assert found.n_firms == 2
    assert {"few_clusters"} <= codes(found)


def test_somebody_exactly_half_in_a_set_is_an_error_with_row_numbers() -> None:
    scores = all_rows({(1, 1, 1): 4.4})
    scores.index = pd.Index(range(1000, 1080))
    scores.loc[[1004, 1016], "willen"] = 3.0
    scores.loc[1000, "mogen"] = np.nan
    with pytest.raises(SurveyDataError, match=r"row 5, 17 of the scores") as error:
        fitted(scores)
    assert "crossover of willen" in str(error.value)
    inside, outside = fitted(scores, at_crossover="in"), fitted(scores, at_crossover="out")
    assert inside.sets.members.loc[4, "willen"] == 0.501
    assert outside.sets.members.loc[4, "willen"] == 0.499
    assert inside.rows.loc[(Y, "~kunnen*willen*~mogen"), "n"] == 11
    assert outside.rows.loc[(Y, "~kunnen*~willen*~mogen"), "n"] == 9


def test_missing_scores_are_left_out_and_counted() -> None:
    scores = all_rows({(1, 1, 1): 4.4})
    scores.loc[[0, 1], "kunnen"] = np.nan
    scores.loc[[1, 2], Y] = np.nan
    found = fitted(scores)
    assert (found.n_rows, found.n_used) == (80, 77)
    assert found.dropped.to_dict() == {Y: 2, "kunnen": 1}
    assert (found.rows["n_used"] == 77).all()


def test_contradictory_and_doubly_consistent_rows_are_named() -> None:
    scores = all_rows({(1, 1, 1): 4.4})
    scores[Y] = np.where(np.arange(80) % 2, 2.8, 3.4)
    found = fitted(scores, cuts=CutOffs(inclusion=0.4, pri=0.0, n=1))
    (note,) = [note for note in found.notes if note.code == "rows_of_both_outcomes"]
    assert ALL in note.values["rows"]
    assert "every_row_sufficient" in codes(found)
    assert set(found.solutions["formula"]) == {"1"}
    between = fitted(scores, cuts=CutOffs(inclusion=0.99, between=0.4, pri=0.0, n=1))
    assert set(between.rows.loc[Y, "out"]) == {"C"}
    assert "contradictory_rows" in codes(between)
    assert between.solutions.empty
    assert str(between)


def test_few_people_skewed_sets_and_rows_beyond_the_cut_off_are_told() -> None:
    few = fitted(all_rows({(1, 1, 1): 4.4}, n=2))
    assert "few_cases" in codes(few)
    skewed = all_rows({(1, 1, 1): 4.4})
    skewed.loc[skewed.index[:-8], "kunnen"] = 1.6
    sets = {note.values["set"] for note in fitted(skewed).notes if note.code == "one_sided_set"}
    assert sets == {"kunnen"}
    sparse = people({row: (10 if row == (1, 1, 1) else 2, 4.4 if row == (1, 1, 1) else 1.6)
                     for row in product((0, 1), repeat=3)})  # fmt: skip
    (note,) = [each for each in fitted(sparse, cuts=CutOffs(n=5)).notes if each.code == "people_outside_rows"]
    assert note.values["share_kept"] == pytest.approx(10 / 24)


def test_a_condition_that_is_the_same_for_all_is_refused() -> None:
    with pytest.raises(SurveyDataError, match="mogen: the same for all 80"):
        fitted(all_rows({(1, 1, 1): 4.4}).assign(mogen=4.0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"predictors": ["kunnen", "willen"]}, "3 to 6 conditions"),
        ({"predictors": ["kunnen", "willen", "willen"]}, "willen twice"),
        ({"predictors": "kunnen"}, "a list of names"),
        ({"anchors": {"kunnen": (1.5, 4.5, 3)}}, "that do not rise or fall"),
        ({"anchors": {"kunnen": (1.5, 4.5)}}, "2 value"),
        ({"anchors": {"sector": (1, 2, 3)}}, "sector"),
        ({"expected": {"kunnen": 2}}, "something else for kunnen"),
        ({"cuts": CutOffs(inclusion=80)}, "a share from 0 to 1"),
        ({"cuts": CutOffs(between=0.9)}, "at most the cut-off"),
        ({"cuts": CutOffs(n=0)}, "whole number of people"),
        ({"cuts": 0.8}, "a CutOffs"),
        ({"at_crossover": "drop"}, "one of error, in, out"),
        ({"ends": (5, 1)}, "lowest and the highest"),
        ({"draws": 10}, "at least 199 draws"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelSpecificationError, match=message):
        fitted(all_rows({(1, 1, 1): 4.4}), **options)


def test_scores_beyond_the_response_format_are_refused() -> None:
    scores = all_rows({(1, 1, 1): 4.4})
    scores["mogen"] *= 1.4
    with pytest.raises(SurveyDataError, match=r"40 score\(s\) beyond"):
        fitted(scores)
    found = fitted(scores, ends={"mogen": (1, 7)})
    assert found.anchors.loc["mogen", ["out", "crossover", "full"]].tolist() == [1.75, 4.0, 6.25]


def test_six_conditions_agree_with_three_where_three_more_say_nothing() -> None:
    """Of the pairs of sets, those that do not matter fall away: with all rows filled, exactly."""
    rows = np.array(list(product((0, 1), repeat=6)) * 4)
    scores = pd.DataFrame(np.where(rows, 4.4, 1.6), columns=list("abcdef"))
    scores[Y] = np.where(rows[:, :3].all(axis=1), 4.4, 1.6)
    found = fitted(scores, predictors=list("abcdef"), cuts=CutOffs(n=1))
    assert set(found.solutions.loc[Y, "formula"]) == {"a*b*c"}
    assert found.answer.code == "and_others"


def test_shuffled_people_give_the_same_figures() -> None:
    scores = all_rows({(1, 1, 1): 4.4})
    scores[Y] += np.random.default_rng(1).normal(0, 0.1, 80)
    first, second = fitted(scores), fitted(scores.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(first.rows, second.rows)


def test_the_share_of_draws_is_that_of_drawing_firms_by_hand() -> None:
    """Firms drawn one by one and the table made anew: the same shares, within their Monte Carlo error."""
    rng = np.random.default_rng(5)
    scores = all_rows({(1, 1, 1): 4.4}, n=30)
    scores[Y] = (scores[Y] + rng.normal(0, 1.3, len(scores))).clip(1, 5)
    scores["firm"] = rng.integers(0, 12, len(scores)).astype(str)
    cuts = CutOffs(inclusion=0.78, n=3)
    found = fitted(scores, cluster="firm", cuts=cuts, draws=999)
    x, y = found.sets.arrays()
    out = []
    for _ in range(200):
        drawn = np.concatenate(
            [np.flatnonzero(found.sets.groups == firm) for firm in rng.integers(0, 12, 12)]
        )
        sums = corner_sums(x[drawn], y[drawn], np.zeros(len(drawn), np.int64), 1)
        out.append(truth_table(sums, NAMES, 1.0, negated=False, cuts=cuts, n_cut=3)["out"] == "1")
    expected = found.rows.loc[Y, "share_sufficient"].to_numpy()
    assert 0.05 < expected[-1] < 0.999
    assert np.abs(np.mean(out, axis=0) - expected).max() < 4 * np.sqrt(0.25 / 200)


def test_a_single_firm_has_no_draws() -> None:
    """Drawn again it is the same firm, so that every row would seem certain."""
    found = fitted(all_rows({(1, 1, 1): 4.4}).assign(firm="a"), cluster="firm")
    assert found.rows[["share_sufficient", "conf_low", "conf_high"]].isna().all(axis=None)
    assert np.isnan(found.answer.share_only)
    assert found.answer.n_draws == 0
    assert "few_clusters" in codes(found)
    assert str(found)
