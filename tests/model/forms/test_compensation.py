"""How far one condition can make up for another: the estimate, its intervals, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.forms.compensation import CEILING, Compensation, fit_compensation
from si_research.model.forms.likelihood import likelihood_of
from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.rows import form_rows

NAMES = ["kunnen", "willen", "mogen"]
WIDE = {"innovative_behaviour": (-20.0, 20.0)}


def made(p: float = 1.0, *, n: int = 240, noise: float = 0.4, seed: int = 1) -> pd.DataFrame:
    """Scores on a grid of quarters from 1 to 5, in 24 firms."""
    rng = np.random.default_rng(seed)
    x = np.clip(np.rint(4 * (3.4 + 0.7 * rng.normal(size=(n, 3)))) / 4, 1.25, 5)
    y = 1 + 4 * power_mean((x - 1) / 4, p) + noise * rng.normal(size=n)
    firms = [f"F{place % 24:02d}" for place in range(n)]
    return pd.DataFrame(x, columns=NAMES).assign(innovative_behaviour=y, firm_id=firms)


def fitted(scores: pd.DataFrame, **options: object) -> Compensation:
    chosen = {"cluster": "firm_id", "ends": WIDE, "draws": 199, "seed": 1} | options
    return fit_compensation(scores, **chosen)


@cache
def usual() -> Compensation:
    """A harmonic mean; what several tests look at is fitted once."""
    return fitted(made(-1.0), reliabilities=dict.fromkeys(NAMES, 0.8))


def codes(found: Compensation) -> list[str]:
    return [note.code for note in found.notes]


def test_the_estimate_and_its_interval_are_those_of_a_search_by_hand() -> None:
    from scipy.optimize import minimize_scalar

    scores = made(-1)
    x, y = (scores[NAMES].to_numpy() - 1) / 4, scores["innovative_behaviour"].to_numpy()

    def lost(p: float) -> float:
        M = power_mean(x, p)
        X = np.column_stack([np.ones(len(y)), M, M**2])
        return len(y) * float(np.log(((y - X @ np.linalg.lstsq(X, y)[0]) ** 2).sum()))

    best = minimize_scalar(lost, bounds=(-8, 3), method="bounded", options={"xatol": 1e-8})
    found = usual()
    assert found.p_hat == pytest.approx(best.x, abs=1e-3)
    for end in (found.lr_low, found.lr_high):
        assert lost(end) - best.fun == pytest.approx(3.841459, abs=1e-3)
    assert found.profile["deviance"].min() == 0
    assert found.profile.loc[1.0, "deviance"] == pytest.approx(lost(1.0) - best.fun, abs=1e-6)


def test_neither_the_order_of_rows_nor_the_names_of_firms_matter() -> None:
    scores = made(-1)
    again = scores.sample(frac=1, random_state=3).assign(firm_id=lambda frame: "G" + frame["firm_id"])
    first, second = usual(), fitted(again, draws=199)
    assert (first.boot_low, first.boot_high) == pytest.approx((second.boot_low, second.boot_high))
    assert first.p_hat == pytest.approx(second.p_hat, abs=1e-4)


def test_the_unit_of_the_outcome_does_not_matter() -> None:
    scores, found = made(-1), usual()
    scaled = fitted(
        scores.assign(innovative_behaviour=100 * scores["innovative_behaviour"] - 7),
        ends={"innovative_behaviour": (-5000.0, 5000.0)},
    )
    assert scaled.p_hat == pytest.approx(found.p_hat, abs=1e-4)
    assert scaled.slope == pytest.approx(100 * found.slope, rel=1e-4)
    assert (scaled.boot_low, scaled.boot_high) == pytest.approx((found.boot_low, found.boot_high))


def test_a_minimum_without_noise_lies_at_the_limit() -> None:
    found = fitted(made(-np.inf, noise=1e-3))
    assert found.p_hat == -np.inf
    assert found.boot_low == found.lr_low == -np.inf
    assert found.weights.loc["free", NAMES].isna().all()
    assert "p_at_limit" in codes(found)


def test_conditions_that_make_it_worse_are_named() -> None:
    scores = made(0.0)
    scores["innovative_behaviour"] *= -1
    found = fitted(scores)
    assert found.slope < 0
    assert "slope_negative" in codes(found)


def test_a_curve_that_falls_and_rises_is_named_with_the_share_of_people_where_it_falls() -> None:
    scores = made(1.0)
    M = scores[NAMES].mean(axis=1)
    scores["innovative_behaviour"] = (M - M.mean()) ** 2
    notes = {note.code: note.values for note in fitted(scores).notes}
    assert notes["slope_turns"]["share"] == pytest.approx(float((M.mean() > M).mean()), abs=0.03)
    assert "slope_turns" not in codes(usual())


def test_one_firm_with_most_of_the_people_is_named() -> None:
    scores = made().assign(firm_id=lambda frame: np.where(frame.index < 150, 0, frame.index % 12))
    assert row_notes(scores)["one_firm_dominates"]["n"] == 240


def test_an_outcome_that_nothing_explains_leaves_p_open() -> None:
    scores = made(noise=0.4)
    scores["innovative_behaviour"] = np.random.default_rng(5).normal(size=len(scores))
    found = fitted(scores)
    assert (found.lr_low, found.lr_high) == (-np.inf, np.inf)
    assert "p_not_identified" in codes(found)


def row_notes(scores: pd.DataFrame, **options: object) -> dict[str, Mapping[str, object]]:
    """What is noted of the rows; a fit hands it on."""
    chosen = {"cluster": "firm_id", "ends": WIDE, "controls": (), "where": "a test"} | options
    rows = form_rows(scores, outcome="innovative_behaviour", predictors=NAMES, **chosen)
    return {note.code: note.values for note in rows.notes}


def test_no_firms_one_firm_and_few_firms_are_noted() -> None:
    scores = made()
    assert list(row_notes(scores, cluster=None)) == ["no_clusters"]
    one = fitted(scores.assign(firm_id="one"))
    assert (one.cluster, one.n_firms, codes(one)) == (None, 0, ["one_cluster"])
    assert np.isfinite([one.boot_low, one.boot_high]).all()
    assert list(row_notes(scores.assign(firm_id=np.arange(240) % 5))) == ["few_clusters"]
    assert row_notes(scores) == {}
    assert {note.code: note.values for note in usual().notes} == row_notes(made(-1.0))


def test_scores_at_the_floor_and_unequal_formats_are_noted() -> None:
    scores = made()
    scores.loc[:11, "kunnen"] = 1.0
    scores["mogen"] = 1 + 1.5 * (scores["mogen"] - 1)
    notes = row_notes(scores, ends=WIDE | {"mogen": (1.0, 7.0)})
    assert notes["scores_at_floor"] == {"kunnen": 0.05, "willen": 0.0, "mogen": 0.0}
    assert notes["unequal_formats"] == {"kunnen": (1, 5), "willen": (1, 5), "mogen": (1, 7)}


def test_an_outcome_at_its_end_is_noted_with_its_share() -> None:
    scores = made()
    scores["innovative_behaviour"] = scores["innovative_behaviour"].clip(upper=3.5)
    assert usual().at_ends.to_list() == [0, 0]
    assert "outcome_at_end" not in codes(usual())
    share = float((scores["innovative_behaviour"] == 3.5).mean())
    low = min(0.0, float(scores["innovative_behaviour"].min()))
    ended = fitted(scores, ends={"innovative_behaviour": (low, 3.5)})
    assert ended.at_ends["highest"] == pytest.approx(share)
    assert "outcome_at_end" in codes(ended)


def test_an_outcome_on_another_format_is_not_said_to_be_at_its_end() -> None:
    """On 1 to 7, a quarter above 5: refused at 1 to 5, and at the end of nobody's scale at 1 to 7."""
    scores = made()
    outcome = 1 + (scores["innovative_behaviour"].clip(1, 5) - 1) * 1.4
    scores["innovative_behaviour"] = outcome.clip(1.1, 6.9)
    assert (scores["innovative_behaviour"] >= 5).mean() > CEILING
    with pytest.raises(SurveyDataError, match="scores of innovative_behaviour from 1 to 5"):
        fitted(scores, ends={"kunnen": (1.0, 5.0)})
    found = fitted(scores, ends={"innovative_behaviour": (1.0, 7.0)})
    assert found.at_ends.to_list() == [0, 0]
    assert "outcome_at_end" not in codes(found)


def test_missing_scores_are_counted() -> None:
    scores = made()
    scores.loc[:9, "willen"] = np.nan
    found = fitted(scores)
    assert (found.n_rows, found.n_used, found.dropped.to_dict()) == (240, 230, {"willen": 10})
    assert (found.table()["n_used"] == 230).all()
    assert (found.profile["n_used"] == 230).all()


def test_too_few_people_a_constant_and_scores_beyond_their_ends_are_refused() -> None:
    scores = made()
    with pytest.raises(SurveyDataError, match="at least 20"):
        fitted(scores.head(19))
    with pytest.raises(SurveyDataError, match="mogen: the same for all"):
        fitted(scores.assign(mogen=3.0))
    with pytest.raises(SurveyDataError, match="beyond these ends"):
        fitted(scores, ends=WIDE | {"willen": (1.0, 4.0)})
    with pytest.raises(ModelSpecificationError, match="ends of leeftijd"):
        fitted(scores, ends={"leeftijd": (1.0, 5.0)})


def test_where_zero_lies_moves_the_power() -> None:
    """One point lower: a fit whose format begins there. Half a point higher: scores below count as zero."""
    scores, table = made(-1), usual().zero_point
    assert table.loc["lowest point", "estimate"] == usual().p_hat
    lower = (scores[NAMES].to_numpy() - 0) / 5
    y = scores["innovative_behaviour"].to_numpy()
    by_hand = likelihood_of(lower, y, None, 0.95)
    assert table.loc["a quarter lower", "estimate"] == pytest.approx(by_hand.p_hat, abs=1e-4)
    assert table.loc["a quarter lower", "estimate"] < usual().p_hat
    share = float((scores[NAMES] <= 1.5).any(axis=1).mean())
    assert table.loc["an eighth higher", "at_zero"] == pytest.approx(share)
    assert (table["n_used"] == 240).all()


def test_where_zero_lies_does_not_hang_on_the_unit_of_a_scale() -> None:
    """The same answers as shares, 0 to 0.4: half a point of that would be more than all of it."""
    scores = made(-1)
    narrow = scores.assign(**{name: (scores[name] - 1) / 10 for name in NAMES})
    ends = WIDE | dict.fromkeys(NAMES, (0.0, 0.4))
    found, usually = fitted(narrow, ends=ends).zero_point, usual().zero_point
    pd.testing.assert_frame_equal(found, usually, atol=1e-6)


def test_error_in_the_scores_pulls_the_power_towards_1() -> None:
    table = usual().reliability
    assert table.loc["as measured", "estimate"] == usual().p_hat
    assert table.loc["curve of the error", "estimate"] < usual().p_hat
    supposed = fitted(made(-1.0)).reliability
    assert supposed["reliability"].to_list() == pytest.approx([1, 0.7, 0.8, 0.9])
    assert supposed["estimate"].iloc[1:].is_monotonic_increasing
    with pytest.raises(ModelSpecificationError, match=r"willen: 1\.2"):
        fitted(made(), reliabilities={"kunnen": 0.8, "willen": 1.2, "mogen": 0.8})


def test_the_test_of_p_is_read_from_its_row() -> None:
    tests = usual().tests
    assert usual().p_value(1) == tests.loc[tests["recommended"], "p_value"][1.0]
    assert usual().p_value(1) < 0.05


def test_conditions_that_are_the_same_leave_nothing_to_tell() -> None:
    scores = made()
    scores["willen"] = scores["mogen"] = scores["kunnen"]
    found = fitted(scores)
    assert {"forms_tied", "p_not_identified"} <= set(codes(found))
    assert np.isnan([found.p_hat, found.p_value(1), found.p_value(0)]).all()
    assert (found.boot_low, found.boot_high, found.lr_low, found.lr_high) == (-np.inf, np.inf) * 2
    assert np.isnan(found.draws).all()
    assert found.weights["estimate"].isna().all()
    assert found.reliability["estimate"].isna().all()


def test_the_result_shows_itself() -> None:
    found = usual()
    assert str(found).startswith("p = ")
    assert "bootstrap" in found._repr_html_()
