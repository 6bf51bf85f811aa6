"""What an imputation promises: who takes part, what is never filled, the same again, and how it went."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.missing import impute
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.imputed import ImputedScores, r_hat
from si_research.simulation.worlds import CONDITIONS, simulate_scores

OUTCOME = "innovative_behaviour"
FAST = {"imputations": 4, "iterations": 12, "seed": 1}


def made(n: int = 300, *, seed: int = 1) -> pd.DataFrame:
    """Scores with holes in every column, and two controls; index as rows of a file."""
    rng = np.random.default_rng(seed)
    scores = simulate_scores(n, three_way=0.2, n_firms=12, icc=0.1, seed=seed)
    scores["tenure"] = 5 + 2 * scores["kunnen"] + rng.normal(size=n)
    scores["sector"] = rng.choice(["care", "trade", "metal"], size=n)
    for name, share in (("kunnen", 0.2), ("willen", 0.1), (OUTCOME, 0.05), ("tenure", 0.1)):
        scores.loc[rng.random(n) < share, name] = np.nan
    return scores.set_index(pd.Index(range(10, 10 + n), name="row"))


def notes(imputed: ImputedScores) -> list[str]:
    return [note.code for note in imputed.notes]


def test_only_holes_are_filled_and_all_of_them() -> None:
    scores = made()
    found = impute_scores(scores, controls=("tenure", "sector"), cluster="firm_id", **FAST)
    assert found.n_rows == found.n_used == 300
    assert found.n_complete == len(scores.dropna())
    assert list(found.draws) == ["kunnen", "willen", "tenure", OUTCOME]
    for table in found.tables():
        pd.testing.assert_index_equal(table.index, scores.index, exact="equiv")
        assert table.notna().all(axis=None)
        for name in (*CONDITIONS, OUTCOME, "tenure"):
            known = scores[name].notna()
            assert (table.loc[known, name] == scores.loc[known, name]).all()
    first, second = found.completed(1), found.completed(2)
    assert (first["kunnen"] != second["kunnen"]).sum() == scores["kunnen"].isna().sum()


def test_filled_values_land_on_their_own_rows() -> None:
    """tenure follows from kunnen within 1: values on wrong rows, or in wrong units, would be far off."""
    scores = made(600)
    hidden = simulate_scores(600, three_way=0.2, n_firms=12, icc=0.1, seed=1).set_index(scores.index)
    found = impute_scores(scores, controls=("tenure",), cluster="firm_id", **FAST)
    both = scores["kunnen"].isna() & scores["tenure"].notna()
    drawn = found.draws["kunnen"].loc[both[both].index].mean(axis=1)
    assert np.corrcoef(drawn, hidden.loc[both, "kunnen"])[0, 1] > 0.75
    assert abs(drawn.mean() - hidden.loc[both, "kunnen"].mean()) < 0.12


@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_the_same_seed_gives_the_same_again(cluster: str | None) -> None:
    first, again = (impute_scores(made(), cluster=cluster, **FAST) for _ in range(2))
    other = impute_scores(made(), cluster=cluster, **{**FAST, "seed": 2})
    pd.testing.assert_frame_equal(first.draws["kunnen"], again.draws["kunnen"])
    pd.testing.assert_frame_equal(first.trace, again.trace)
    assert (first.draws["kunnen"] != other.draws["kunnen"]).all(axis=None)


@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_the_order_of_rows_changes_no_draw(cluster: str | None) -> None:
    scores = made()
    shuffled = scores.sample(frac=1, random_state=1)
    options = {"cluster": cluster, "controls": ("tenure", "sector"), **FAST}
    first, found = impute_scores(scores, **options), impute_scores(shuffled, **options)
    pd.testing.assert_index_equal(found.rows.index, shuffled.index, exact="equiv")
    holes = scores.index[scores["kunnen"].isna()]
    assert list(first.draws["kunnen"].index) == list(holes)
    pd.testing.assert_frame_equal(found.draws["kunnen"].loc[holes], first.draws["kunnen"], rtol=1e-12)
    pd.testing.assert_frame_equal(found.completed(3).loc[scores.index], first.completed(3), rtol=1e-12)


def test_who_is_left_out_is_counted_by_cause() -> None:
    scores = made()
    scores.loc[10:12, "firm_id"] = None
    scores.loc[12:15, "sector"] = None
    scores.loc[16, [*CONDITIONS, OUTCOME]] = np.nan
    scores.loc[17:20, "mogen"] = np.nan
    reasons = scores.isna().replace({True: "unanswered", False: np.nan}).astype(object)
    reasons.loc[17:18, "mogen"] = "not_asked"
    reasons.loc[19, "mogen"] = "does_not_apply"
    found = impute_scores(scores, controls=("sector",), cluster="firm_id", reasons=reasons, **FAST)
    assert found.left_out.to_dict() == {
        "firm_id": 3,
        "sector": 3,
        "nothing answered": 1,
        "mogen: not_asked": 2,
        "mogen: does_not_apply": 1,
    }
    assert found.n_used == 290
    assert found.draws["mogen"].index.tolist() == [20]
    assert not found.rows.index.isin([17, 18, 19]).any()


def test_values_outside_the_format_are_counted_and_not_clipped() -> None:
    scores = made(600)
    found = impute_scores(scores, ranges={"kunnen": (2.0, 4.0)}, **FAST)
    values = found.draws["kunnen"].to_numpy()
    row = found.variables.loc["kunnen"]
    assert row["n_below"] == (values < 2).sum() > 0
    assert row["n_above"] == (values > 4).sum() > 0
    assert values.max() > 4
    outside = next(note for note in found.notes if note.code == "outside_format")
    assert outside.values == {"n": row["n_below"] + row["n_above"]}
    assert found.variables.loc["willen", "n_below"] == 0


def test_progress_is_told_and_ends_at_the_end() -> None:
    told: list[tuple[int, int]] = []
    impute_scores(made(), progress=lambda done, total: told.append((done, total)), **FAST)
    assert told == [(done, 12) for done in range(1, 13)]


def test_chains_in_several_batches_give_as_many_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impute, "IN_MEMORY", 3000)
    told: list[tuple[int, int]] = []
    found = impute_scores(made(), progress=lambda done, total: told.append((done, total)), **FAST)
    assert told[-1][0] == told[-1][1] > 12
    assert found.draws["kunnen"].shape == (made()["kunnen"].isna().sum(), 4)
    assert found.draws["kunnen"].T.nunique().min() == 4
    assert sorted(found.trace["imputation"].unique()) == [1, 2, 3, 4]


def test_the_trace_is_in_points_and_ends_with_what_was_filled() -> None:
    found = impute_scores(made(), **FAST)
    last = found.trace[found.trace["iteration"] == 12].set_index(["quantity", "imputation"])["value"]
    np.testing.assert_allclose(last["mean of kunnen"], found.draws["kunnen"].mean())
    np.testing.assert_allclose(last["standard deviation of kunnen"], found.draws["kunnen"].std(ddof=0))
    slopes = found.trace.loc[found.trace["quantity"] == "coefficient of kunnen:willen:mogen", "value"]
    assert 0 < slopes.mean() < 0.45
    assert found.convergence["n_iterations"].tolist() == [6] * len(found.convergence)


def test_chains_that_have_not_met_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = impute_scores(made(), **{**FAST, "iterations": 60, "imputations": 10})
    assert "not_converged" not in notes(found)
    monkeypatch.setattr(impute, "CONVERGED", 0.5)
    assert "not_converged" in notes(impute_scores(made(), **FAST))


def test_the_spread_of_one_single_hole_is_no_chain_that_has_not_met() -> None:
    scores = made().dropna()
    scores.loc[scores.index[0], "willen"] = np.nan
    found = impute_scores(scores, **{**FAST, "iterations": 60, "imputations": 10})
    assert list(found.convergence.index) == ["mean of willen", "coefficient of kunnen:willen:mogen"]
    assert "not_converged" not in notes(found)


def test_r_hat_by_hand() -> None:
    """Two chains 0, 2 and 4, 6: W = 2, variance of the means 8, so the root of 1/2 + 8/2."""
    values = np.array([[0.0, 4.0], [2.0, 6.0]])[:, :, None]
    assert r_hat(values)[0] == pytest.approx(np.sqrt(0.5 + 4))
    assert np.isnan(r_hat(values[:, :1])[0])


def test_a_column_that_is_mostly_missing_is_told() -> None:
    scores = made(600)
    scores.loc[10:350, "mogen"] = np.nan
    assert "mostly_missing" in notes(impute_scores(scores, **FAST))


def test_missing_outcomes_alone_are_filled_by_the_outcome_model() -> None:
    scores = simulate_scores(400, seed=3)
    hidden = scores[OUTCOME].copy()
    scores.loc[scores.index[:100], OUTCOME] = np.nan
    found = impute_scores(scores, **FAST)
    assert list(found.draws) == [OUTCOME]
    assert np.corrcoef(found.draws[OUTCOME].mean(axis=1), hidden[:100])[0, 1] > 0.5


def test_two_predictors_will_do() -> None:
    found = impute_scores(made(), predictors=("kunnen", "willen"), **FAST)
    assert found.convergence.index[-1] == "coefficient of kunnen:willen"
    assert "mogen" not in found.rows


def test_a_firm_in_which_nobody_answered_is_filled_from_the_others() -> None:
    scores = made()
    scores.loc[scores["firm_id"] == "F003", "kunnen"] = np.nan
    found = impute_scores(scores, cluster="firm_id", **FAST)
    assert found.completed(4).notna().all(axis=None)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"imputations": 1}, ModelSpecificationError, "at least 2"),
        ({"iterations": 1}, ModelSpecificationError, "at least 2"),
        ({"controls": ("nowhere",)}, ModelSpecificationError, "nowhere"),
        ({"predictors": ("kunnen", "boss", "mogen")}, SurveyDataError, "boss, with two values"),
        ({"predictors": ("kunnen", "same", "mogen")}, SurveyDataError, "same: the same for all"),
        ({"predictors": ("kunnen", "empty", "mogen")}, SurveyDataError, r"empty \(300\)"),
        ({"predictors": ("kunnen", "twin", "mogen")}, SurveyDataError, "follow from others"),
        ({"outcome": "sum"}, SurveyDataError, "without any error"),
        ({"reasons": pd.DataFrame({"kunnen": ["not_asked"]})}, SurveyDataError, "same rows"),
    ],
)
def test_what_cannot_be_imputed_is_refused(
    change: dict[str, object], kind: type[Exception], words: str
) -> None:
    scores = made()
    scores["boss"] = (np.arange(300) % 2).astype(float)
    scores.loc[15:20, "boss"] = np.nan
    scores["sum"] = scores[list(CONDITIONS)].sum(axis=1, skipna=False)
    scores["same"], scores["empty"], scores["twin"] = 1.0, np.nan, scores["kunnen"] * 2
    with pytest.raises(kind, match=words):
        impute_scores(scores, **{**FAST, **change})


def test_nothing_missing_is_refused() -> None:
    with pytest.raises(SurveyDataError, match="none missing"):
        impute_scores(simulate_scores(100, seed=1), **FAST)


def test_a_table_that_is_not_there_is_refused() -> None:
    found = impute_scores(made(), **FAST)
    with pytest.raises(ModelSpecificationError, match="from 1 to 4"):
        found.completed(0)
    assert str(found).startswith("4 imputations of 300 of 300 rows")
    assert "<table" in found._repr_html_()
