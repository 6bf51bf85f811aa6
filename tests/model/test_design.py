"""Who is in the model and which terms there are: rows, controls, firms, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.design import (
    Roles,
    control_terms,
    design_matrix,
    select_rows,
    text_column,
    z_scores,
)
from si_research.model.interaction import fit_interaction
from si_research.simulation.worlds import simulate_scores

ROLES = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return simulate_scores(120, n_firms=8, seed=2)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 119), st.integers(0, 4)), max_size=60))
def test_every_row_is_used_or_counted_once(scores: pd.DataFrame, holes: list[tuple[int, int]]) -> None:
    """Hypothesis: wherever answers are missing, used rows are the complete ones and the rest add up."""
    frame = scores.copy()
    for row, column in holes:
        frame.iloc[row, column] = np.nan
    rows = select_rows(frame, Roles(*ROLES.names[:1], ROLES.predictors, cluster="firm_id"))
    assert len(rows.frame) == len(frame.dropna())
    assert len(rows.frame) + rows.dropped.sum() == rows.n_rows == 120
    assert (rows.dropped > 0).all()


def test_a_row_is_counted_under_the_first_thing_it_lacks(scores: pd.DataFrame) -> None:
    frame = scores.copy()
    frame.loc[0, ["innovative_behaviour", "mogen"]] = np.nan
    frame.loc[1, "mogen"] = np.nan
    assert select_rows(frame, ROLES).dropped.to_dict() == {"innovative_behaviour": 1, "mogen": 1}


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([7.0, 7.0, np.nan]),
        pd.Series([7, 7, None], dtype="Int64"),
        pd.Series(["7", " 7 ", ""]),
        pd.Series(["7", "7", None], dtype=object),
        pd.Series(pd.Categorical(["7", "7", None])),
    ],
)
def test_a_firm_is_the_same_however_it_is_written(column: pd.Series) -> None:
    text = text_column(column)
    assert list(text[:2]) == ["7", "7"]
    assert text.isna().tolist() == [False, False, True]


def test_long_firm_numbers_stay_apart() -> None:
    """Registration numbers have eight digits; as float they must not be rounded to six."""
    numbers = pd.Series([12345671.0, 12345672.0, 0.1, 0.10000001])
    assert list(text_column(numbers)) == ["12345671", "12345672", "0.1", "0.10000001"]


def test_controls_are_centred_numbers_or_dummies() -> None:
    frame = pd.DataFrame({"age": [20.0, 30.0, 70.0], "sector": ["ict", "bouw", "bouw"]})
    columns = control_terms(frame, ["age", "sector"])
    assert list(columns) == ["age", "sector[ict]"]
    assert list(columns["age"]) == [-20, -10, 30]
    assert list(columns["sector[ict]"]) == [1, 0, 0]
    scored = z_scores(frame, Roles("age", ("age",)))
    assert (scored["age"].mean(), scored["age"].std()) == pytest.approx((0, 1))
    assert list(scored["sector"]) == list(frame["sector"])


def test_levels_of_equal_size_take_the_first_by_name_as_reference() -> None:
    frame = pd.DataFrame({"sector": ["zorg", "bouw", "zorg", "bouw"]})
    assert list(control_terms(frame, ["sector"])) == ["sector[zorg]"]


def test_products_are_built_from_centred_columns(scores: pd.DataFrame) -> None:
    design = design_matrix(scores, ROLES, squares=["willen"])
    assert list(design) == [
        "intercept",
        *ROLES.predictors,
        "willen^2",
        "kunnen:willen",
        "kunnen:mogen",
        "willen:mogen",
        "kunnen:willen:mogen",
    ]
    centred = scores[list(ROLES.predictors)] - scores[list(ROLES.predictors)].mean()
    np.testing.assert_allclose(design["kunnen:willen:mogen"], centred.prod(axis=1))
    np.testing.assert_allclose(design["willen^2"], centred["willen"] ** 2)


def test_a_binary_predictor_is_centred_and_its_square_left_out(scores: pd.DataFrame) -> None:
    frame = scores.assign(mogen=(scores["mogen"] > 3.4).astype(int))
    fit = fit_interaction(frame)
    assert fit.squares == ("kunnen", "willen")
    assert fit.squares_left_out == ("mogen",)
    assert fit.centres["mogen"] == pytest.approx(frame["mogen"].mean())
    assert [dict(note.values) for note in fit.notes if note.code == "square_left_out"] == [
        {"predictor": "mogen"}
    ]


@pytest.mark.parametrize(
    ("controls", "change", "words"),
    [
        (["sector"], lambda d: d.assign(sector="bouw"), "sector: the same for all 120"),
        (["age"], lambda d: d.assign(age=40), "age: the same for all 120"),
        (["age"], lambda d: d.assign(age=2 * d["kunnen"] + 1), "follow from others: kunnen"),
        (["a", "b"], lambda d: d.assign(a=["x", "y"] * 60, b=["p", "q"] * 60), "a level of b"),
        (["sector"], lambda d: d.assign(sector=["x", *["y"] * 119]), "1 respondent.* a level of sector"),
        (["age"], lambda d: d.assign(age=np.inf), "120 infinite"),
        ([], lambda d: d.assign(innovative_behaviour=d["kunnen"] - d["mogen"]), "without any error"),
        ([], lambda d: d.iloc[:0], "none among 0; first thing lacking: no rows at all"),
        ([], lambda d: d.assign(willen=np.nan), r"none among 120; first thing lacking: willen \(120\)"),
        ([], lambda d: d.iloc[:12], "found:      12"),
    ],
)
def test_what_the_data_do_not_allow(scores, controls, change, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SurveyDataError, match=words):
        fit_interaction(change(scores), controls=controls)


def test_what_somebody_typed_is_in_no_message(scores: pd.DataFrame) -> None:
    typed = scores.assign(sector=["bel mij op 06-12345678", *["zorg"] * 60, *["bouw"] * 59])
    with pytest.raises(SurveyDataError) as error:
        fit_interaction(typed, controls=["sector"])
    assert "06-" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"outcome": "output"}, "output, which are not among them"),
        ({"controls": ["kunnen"]}, "kunnen twice"),
        ({"predictors": ["kunnen", "willen", "mogen", "innovative_behaviour"]}, "4 predictor"),
        ({"predictors": ["kunnen", "firm_id"]}, "'firm_id'"),
        ({"conf_level": 1.0}, "1.0"),
        ({"cluster": "bedrijf"}, "bedrijf"),
    ],
)
def test_what_was_asked_wrongly(scores: pd.DataFrame, arguments: dict, words: str) -> None:
    with pytest.raises(ModelSpecificationError, match=words):
        fit_interaction(scores, **arguments)


def test_a_column_that_stands_there_twice(scores: pd.DataFrame) -> None:
    doubled = pd.concat([scores, scores[["kunnen"]]], axis=1)
    with pytest.raises(ModelSpecificationError, match="kunnen more than once"):
        fit_interaction(doubled)


def test_enough_rows_is_two_more_than_terms(scores: pd.DataFrame) -> None:
    """Eight terms, with squares eleven: thirteen rows."""
    assert fit_interaction(scores.head(13)).n_used == 13
    with pytest.raises(SurveyDataError, match="at least 13 complete respondents for a model of 11 terms"):
        fit_interaction(scores.head(12))
