"""Edge cases of the interaction: each a named refusal or a stated fallback, never a silent wrong number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import linear_reset

from null_worlds import FIRM, SIZE, made_scores
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.corners import corner_comparison
from si_research.model.design import Roles, design_matrix
from si_research.model.effect_sizes import effect_sizes
from si_research.model.inference_comparison import compare_inference
from si_research.model.influence import leave_one_firm_out
from si_research.model.interaction import InteractionFit, fit_interaction, regress
from si_research.model.johnson_neyman import johnson_neyman
from si_research.model.joint import HOTELLING, WILD, joint_test
from si_research.model.measurement_error import correct_measurement_error
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import IMPUTED, pool_interaction
from si_research.model.mixed_model import mixed_model
from si_research.model.model_checks import check_ceiling
from si_research.model.outcome_sensitivity import outcome_sensitivity
from si_research.model.person_influence import person_influence
from si_research.model.probing import simple_slopes
from si_research.model.proportional_odds import proportional_odds
from si_research.model.regression_diagnostics import regression_diagnostics
from si_research.model.several_outcomes import planned_outcomes
from si_research.model.significance_map import significance_map
from si_research.model.slope_differences import slope_differences
from si_research.model.wild_interval import wild_bootstrap_test
from si_research.model.within_between import within_between
from si_research.simulation.worlds import simulate_scores

OUTCOME, TERM = "innovative_behaviour", "kunnen:willen:mogen"


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    made = simulate_scores(240, three_way=0.2, n_firms=14, seed=4)
    rng = np.random.default_rng(1)
    return made.assign(age=rng.normal(40, 10, 240), w=np.exp(rng.normal(size=240) / 2))


@pytest.fixture(scope="module")
def fit(scores: pd.DataFrame) -> InteractionFit:
    return fit_interaction(scores, cluster="firm_id")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"outcome": None}, "one name"),
        ({"outcome": [OUTCOME]}, "one name"),
        ({"predictors": None}, "a list of names"),
        ({"predictors": "kunnen"}, "a list of names"),
        ({"predictors": [None, "kunnen"]}, "a list of names"),
        ({"predictors": {"kunnen", "willen"}}, "a list of names"),
        ({"controls": "age"}, "a list of names"),
        ({"controls": None}, "a list of names"),
        ({"cluster": ["firm_id"]}, "one name"),
        ({"cluster": ""}, "one name"),
        ({"cluster": "kunnen"}, "kunnen twice"),
        ({"cluster": OUTCOME}, f"{OUTCOME} twice"),
        ({"cluster": "age", "weight": "age"}, "age twice"),
        ({"conf_level": "0.95"}, "between 0 and 1"),
    ],
)
def test_a_part_that_is_no_name_is_refused(scores: pd.DataFrame, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelSpecificationError, match=said) as refusal:
        fit_interaction(scores, **options)
    assert refusal.value.todo
    assert refusal.value.where


def test_scores_that_are_no_table_are_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="a table of scores"):
        fit_interaction([1, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["intercept", "kunnen:willen", "kunnen^2", "mean of kunnen", "sector[b]"])
def test_a_control_called_as_a_term_is_refused(scores: pd.DataFrame, name: str) -> None:
    """It would take the place of the term, or be lost, and nobody would know."""
    named = scores.assign(sector=["a", "b"] * 120).rename(columns={"age": name})
    with pytest.raises(ModelSpecificationError, match="name of a term"):
        fit_interaction(named, controls=[name, "sector"])


def asked(fit: Any) -> dict[str, Callable[[], object]]:
    return {
        "slopes": lambda: simple_slopes(fit, of="kunnen", at={"willen": 3}),  # type: ignore[dict-item]
        "words": lambda: simple_slopes(fit, of="kunnen", at={"willen": ["3"]}),  # type: ignore[list-item]
        "no mapping": lambda: simple_slopes(fit, at=[3]),  # type: ignore[arg-type]
        "none": lambda: slope_differences(fit, of="kunnen", at={"willen": None}),  # type: ignore[dict-item]
        "bands": lambda: johnson_neyman(fit, of="kunnen", over="mogen", at={"willen": 3}),  # type: ignore[dict-item]
        "scale": lambda: johnson_neyman(fit, of="kunnen", over="mogen", scale=5),  # type: ignore[arg-type]
        "map": lambda: significance_map(fit, of="kunnen", scales={"willen": 5}),  # type: ignore[dict-item]
        "grid": lambda: significance_map(fit, of="kunnen", grid=3.5),  # type: ignore[arg-type]
        "corners": lambda: corner_comparison(fit, smallest_difference=0.2, points={"kunnen": 3}),  # type: ignore[dict-item]
        "difference": lambda: corner_comparison(fit, smallest_difference=None),  # type: ignore[arg-type]
        "ranges": lambda: check_ceiling(fit, ranges={"kunnen": 5}),  # type: ignore[dict-item]
        "ends": lambda: outcome_sensitivity(fit, lowest="1", highest=5),  # type: ignore[arg-type]
        "seed": lambda: joint_test(fit, draws=199, seed=None),  # type: ignore[arg-type]
        "seed of yes": lambda: joint_test(fit, draws=199, seed=True),
        "draws": lambda: effect_sizes(fit, draws=199.5, seed=1),  # type: ignore[arg-type]
        "term": lambda: compare_inference(fit, term=["kunnen"], draws=199, seed=1),  # type: ignore[arg-type]
        "terms": lambda: leave_one_firm_out(fit, terms="kunnen"),
        "model": lambda: wild_bootstrap_test(fit, TERM, draws=199, seed=1),
        "tails": lambda: wild_bootstrap_test(
            regress(fit.rows, fit.roles),
            TERM,
            draws=199,
            seed=1,
            tails="one",  # type: ignore[arg-type]
        ),
        "mixed": lambda: mixed_model(fit),
        "level": lambda: mixed_model(regress(fit.rows, fit.roles), conf_level=95),
        "outcomes": lambda: planned_outcomes(fit.rows, planned=None, seed=1),  # type: ignore[arg-type]
        "no fit": lambda: simple_slopes(None),  # type: ignore[arg-type]
        "within": lambda: within_between(None),  # type: ignore[arg-type]
        "joint": lambda: joint_test(None, seed=1),  # type: ignore[arg-type]
    }


@pytest.mark.parametrize("case", list(asked(None)))
def test_an_argument_of_another_kind_is_refused_with_what_to_do(fit: InteractionFit, case: str) -> None:
    with pytest.raises(ModelSpecificationError) as refusal:
        asked(fit)[case]()
    assert refusal.value.todo
    assert refusal.value.where


def test_values_may_stand_in_any_list_of_numbers(fit: InteractionFit) -> None:
    lists = ([2, 4], (2.0, 4.0), np.array([2, 4]), pd.Series([2, 4]), range(2, 5, 2))
    tables = [simple_slopes(fit, of="kunnen", at={"willen": each}) for each in lists]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])


def test_infinite_and_long_firm_numbers(scores: pd.DataFrame) -> None:
    numbers = scores["firm_id"].str[1:].astype(int)
    with pytest.raises(SurveyDataError, match="infinite"):
        fit_interaction(scores.assign(firm_id=numbers.replace(3, np.inf)), cluster="firm_id")
    longer = scores.assign(firm_id=numbers + 2**60)  # as floats these are one firm
    assert fit_interaction(longer, cluster="firm_id").clusters.n_clusters == 14  # type: ignore[union-attr]


def test_complex_numbers_are_no_scores(scores: pd.DataFrame) -> None:
    with pytest.raises(ModelSpecificationError, match="complex"):
        fit_interaction(scores.assign(kunnen=scores["kunnen"] + 1j))


def test_weights_of_nobody_say_what_to_do(scores: pd.DataFrame) -> None:
    with pytest.raises(SurveyDataError, match="how the weights were computed"):
        fit_interaction(scores.assign(w=0.0), weight="w")


@pytest.mark.parametrize("part", ["within", "between"])
def test_rounding_is_no_difference_within_or_between_firms(scores: pd.DataFrame, part: str) -> None:
    """Of a mean of equal numbers, or of deviations, 1e-16 is left: not a condition that varies."""
    own = scores.groupby("firm_id")["mogen"]
    level = {
        "within": own.transform("mean").mul(0.1).add(0.3),
        "between": scores["mogen"] - own.transform("mean"),
    }
    with pytest.raises(SurveyDataError, match=f"no differences {part} firms in mogen"):
        within_between(fit_interaction(scores.assign(mogen=level[part]), cluster="firm_id"))


def test_two_firms_are_told_what_to_do_within_and_between(scores: pd.DataFrame) -> None:
    two = fit_interaction(scores.assign(firm_id=np.arange(240) % 2), cluster="firm_id")
    with pytest.raises(ModelSpecificationError, match="describe each apart"):
        within_between(two)


@pytest.mark.parametrize("options", [{}, {"weight": "w", "controls": ["age"]}])
def test_the_joint_test_says_that_one_firm_decides(scores: pd.DataFrame, options: dict[str, Any]) -> None:
    alone = scores.assign(mogen=(scores["firm_id"] == "F001").astype(float))
    found = joint_test(fit_interaction(alone, cluster="firm_id", **options), draws=199, seed=1)
    assert found.note == "cluster_identifies_term"
    assert "cluster_identifies_term" in str(found)
    assert np.isnan(found.tests.loc[HOTELLING, "p_value"])
    assert found.p_value == found.tests.loc[WILD, "p_value"]
    several = fit_interaction(scores.assign(mogen=scores["mogen"] > 3.4), cluster="firm_id", **options)
    assert joint_test(several, draws=199, seed=1).note == ""


def test_pooled_over_imputations_one_firm_that_decides_gives_no_joint_test() -> None:
    """Nothing is there, and Hotelling's form would say that something is."""
    made = made_scores(SIZE["12 firms, one decides the term"], seed=1)
    made.loc[made.index % 7 == 0, "kunnen"] = np.nan
    filled = impute_scores(made, cluster=FIRM, imputations=3, iterations=3, seed=1)
    joint = pool_interaction(filled).joint
    assert (joint["note"] == "cluster_identifies_term").all()
    assert joint.loc[IMPUTED, ["statistic", "df_residual", "p_value"]].isna().all()


def test_reset_does_not_hang_on_the_unit_of_the_outcome(scores: pd.DataFrame) -> None:
    plain = fit_interaction(scores)
    design = design_matrix(scores, Roles(OUTCOME, ("kunnen", "willen", "mogen")))
    theirs = linear_reset(sm.OLS(scores[OUTCOME], design).fit(), power=3, test_type="fitted", use_f=True)
    for factor in (1.0, 1e-9, 1e9):
        moved = fit_interaction(scores.assign(**{OUTCOME: scores[OUTCOME] * factor}))
        row = regression_diagnostics(moved).diagnostics.loc["RESET"]
        assert float(row["statistic"]) == pytest.approx(float(theirs.fvalue), rel=1e-6)
        assert (row["df"], row["df_residual"]) == (2, plain.df - 2)
        assert float(row["p_value"]) == pytest.approx(float(theirs.pvalue), rel=1e-6)


def test_reset_is_missing_where_powers_of_the_fit_are_terms(scores: pd.DataFrame) -> None:
    yes_or_no = {name: (scores[name] > 3.4).astype(float) for name in ("kunnen", "willen", "mogen")}
    found = regression_diagnostics(fit_interaction(scores.assign(**yes_or_no))).diagnostics
    assert found.loc["RESET", ["statistic", "df", "p_value"]].isna().all()


def test_draws_that_the_terms_determine_are_left_out_and_counted() -> None:
    """Of 13 people some samples hold hardly more different people than there are terms."""
    few = effect_sizes(fit_interaction(simulate_scores(22, seed=7)), draws=199, seed=1)
    assert 0 < few.n_perfect < 10
    assert np.isfinite(few.sizes[["conf_low", "conf_high"]].to_numpy()).all()
    assert (few.sizes.loc[few.sizes["measure"] == "r2", "conf_high"] < 1).all()
    none = effect_sizes(fit_interaction(simulate_scores(13, seed=7)), draws=199, seed=1)
    assert none.n_perfect > 10
    assert none.sizes["conf_high"].isna().all()


def test_an_outcome_that_varies_in_one_person_or_firm_only(scores: pd.DataFrame) -> None:
    one = fit_interaction(scores.assign(**{OUTCOME: [3.0] * 239 + [4.0]}))
    measures = person_influence(one).measures
    assert np.isinf(measures.loc["DFBETAS", "largest"]).all()
    assert (measures["n_above"] >= 1).all()
    in_one = scores[OUTCOME].where(scores["firm_id"] == "F003", 3.0)
    firm = fit_interaction(scores.assign(**{OUTCOME: in_one}), cluster="firm_id")
    assert (leave_one_firm_out(firm).firms["note"] == "no_variance").sum() == 4
    assert effect_sizes(firm, draws=199, seed=1).n_perfect > 0


@pytest.mark.parametrize(
    ("X", "levels", "options", "said"),
    [
        ([1, 1, 1, 1, 1, 1], [0, 1, 0, 1, 0, 1], {}, "do not vary"),
        ([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], {}, "fewer than two levels"),
        ([1, 2, 3, 4, 5, 6], [0, 2, 0, 2, 0, 2], {}, "do not occur"),
        ([1, np.nan, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1], {}, "finite"),
        ([1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1], {}, "other people"),
        ([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1], {"clusters": np.zeros(6, int)}, "one firm"),
        ([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1], {"weights": np.zeros(6)}, "weights"),
    ],
)
def test_no_proportional_odds(X: list[float], levels: list[int], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelSpecificationError, match=said):
        proportional_odds(np.array(X, dtype="float64")[:, None], np.array(levels), **options)


def test_names_of_firms_that_differ_in_capitals_only_are_noted(
    scores: pd.DataFrame, fit: InteractionFit
) -> None:
    spelt = scores["firm_id"].where(scores.index % 3 > 0, scores["firm_id"].str.lower())
    found = fit_interaction(scores.assign(firm_id=spelt + " " * 2), cluster="firm_id")
    notes = {note.code: dict(note.values) for note in found.notes}
    assert notes["firm_spellings"] == {"n_clusters": 28, "n_alike": 14}
    assert "firm_spellings" not in [note.code for note in fit.notes]


def test_weights_that_rest_on_one_person_are_noted(scores: pd.DataFrame) -> None:
    heavy = scores["w"].where(scores.index != 5, 1e6)
    found = fit_interaction(scores.assign(w=heavy), weight="w")
    assert {note.code: dict(note.values) for note in found.notes}["weights_on_few"] == {
        "n_effective": 1,
        "n": 240,
    }
    plain = fit_interaction(scores, weight="w")
    assert "weights_on_few" not in [note.code for note in plain.notes]


def test_within_and_between_take_more_firms_than_means(scores: pd.DataFrame) -> None:
    """An intercept and three means go through four firms exactly: nothing tells how firms differ."""
    four = fit_interaction(scores.assign(firm_id=np.arange(240) % 4), cluster="firm_id")
    with pytest.raises(SurveyDataError, match="at least 5 firms for the means of 3"):
        within_between(four)
    five = fit_interaction(scores.assign(firm_id=np.arange(240) % 5), cluster="firm_id")
    assert within_between(five).coefficients["df"].notna().all()


def test_a_firm_with_most_of_the_people_is_noted(scores: pd.DataFrame, fit: InteractionFit) -> None:
    most = scores["firm_id"].where(np.arange(240) >= 216, "F001")
    found = fit_interaction(scores.assign(firm_id=most), cluster="firm_id")
    notes = {note.code: dict(note.values) for note in found.notes}
    assert notes["one_firm_dominates"] == {"largest": int((most == "F001").sum()), "n": 240}
    assert "one_firm_dominates" not in [note.code for note in fit.notes]


@pytest.mark.parametrize(
    "bad", [{"imputations": "20"}, {"iterations": 2.5}, {"seed": None}, {"controls": "w"}]
)
def test_filling_in_names_what_it_does_not_take(scores: pd.DataFrame, bad: dict[str, Any]) -> None:
    with pytest.raises(ModelSpecificationError):
        impute_scores(scores, **{"imputations": 2, "iterations": 2, "seed": 1, **bad})
    with pytest.raises(ModelSpecificationError, match="filled-in tables"):
        pool_interaction(scores)  # type: ignore[arg-type]


def test_a_whole_number_and_the_same_with_decimals_are_noted_as_alike(scores: pd.DataFrame) -> None:
    numbers = scores["firm_id"].str[1:].astype(int).astype("str")
    mixed = numbers.where(scores.index % 2 > 0, numbers + ".0")
    found = fit_interaction(scores.assign(firm_id=mixed), cluster="firm_id")
    notes = {note.code: dict(note.values) for note in found.notes}
    assert notes["firm_spellings"]["n_alike"] == 14


def test_a_control_that_one_firm_decides_leaves_no_corrected_estimate(scores: pd.DataFrame) -> None:
    """Without that firm the cross-products are singular, up to rounding that may fall on either side of 0."""
    alone = scores.assign(sector=np.where(scores["firm_id"] == "F003", "x", "y"))
    fit = fit_interaction(alone, cluster="firm_id", controls=["sector"])
    found = correct_measurement_error(fit, {"kunnen": 0.9, "willen": 0.9, "mogen": 0.9})
    assert found.status == "unstable"
    assert found.coefficients["estimate"].isna().all()


@pytest.mark.parametrize("weight", [None, "w"])
def test_effect_sizes_do_not_hang_on_where_the_outcome_has_its_zero(
    scores: pd.DataFrame, weight: str | None
) -> None:
    far = scores.assign(**{OUTCOME: scores[OUTCOME] + 1e6})
    sizes = [
        effect_sizes(fit_interaction(each, cluster="firm_id", weight=weight), draws=199, seed=1).sizes
        for each in (scores, far)
    ]
    figures = ["estimate", "conf_low", "conf_high"]
    np.testing.assert_allclose(sizes[1][figures], sizes[0][figures], rtol=1e-6, atol=1e-9)
