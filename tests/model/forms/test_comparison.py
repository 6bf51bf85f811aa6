"""Rival forms against refits by hand: fit, held-out firms, draws; and what may be compared with what."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm

from si_research.model.forms.comparison import FormComparison, compare_forms, needed_n
from si_research.model.forms.profile import standard
from si_research.model.forms.rivals import drawn_rss, held_out_r2, rivals_of

Array = npt.NDArray[np.float64]
NAMES = ["kunnen", "willen", "mogen"]
ENDS = {"innovative_behaviour": (-20.0, 20.0)}


def made(form: str = "mean", *, n: int = 240, noise: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    x = np.clip(3.4 + 0.7 * rng.normal(size=(n, 3)), 1.2, 5)
    signal = {"mean": x.mean(axis=1), "minimum": x.min(axis=1), "nothing": np.zeros(n)}[form]
    y = signal + noise * rng.normal(size=n)
    scores = pd.DataFrame(x, columns=NAMES).assign(innovative_behaviour=y)
    return scores.assign(age=rng.normal(40, 9, size=n), firm_id=[f"F{place % 24}" for place in range(n)])


def compared(scores: pd.DataFrame, **options: object) -> FormComparison:
    chosen = {"cluster": "firm_id", "ends": ENDS, "draws": 199, "seed": 1} | options
    return compare_forms(scores, **chosen)


@cache
def usual() -> FormComparison:
    return compared(made(), controls=["age"])


def by_hand(scores: pd.DataFrame) -> dict[str, Array]:
    """The columns of each form; of three scores of .2, .4 and .8 the harmonic mean is 3/(5 + 2.5 + 1.25)."""
    x = (scores[NAMES].to_numpy() - 1) / 4
    return {
        "mean": x.sum(axis=1) / 3,
        "geometric": np.cbrt(x.prod(axis=1)),
        "harmonic": 3 / (1 / x).sum(axis=1),
        "minimum": x.min(axis=1),
        "product": x.prod(axis=1),
        "maximum": x.max(axis=1),
    }


def test_each_form_is_fitted_as_statsmodels_fits_it() -> None:
    scores, table = made(), usual().forms
    y = scores["innovative_behaviour"]
    for form, column in by_hand(scores).items():
        for name, columns in ((form, [column]), (f"{form} and square", [column, column**2])):
            expected = sm.OLS(y, sm.add_constant(np.column_stack([scores["age"], *columns]))).fit()
            row = table.loc[name]
            assert row["log_likelihood"] == pytest.approx(expected.llf, abs=1e-6), name
            # statsmodels does not count the error variance
            assert row["aic"] == pytest.approx(expected.aic + 2, abs=1e-6)
            assert row["bic"] == pytest.approx(expected.bic + np.log(240), abs=1e-6)
            assert row["r2"] == pytest.approx(expected.rsquared, abs=1e-9)
            if len(columns) == 1:
                assert row["slope"] == pytest.approx(expected.params.iloc[-1], rel=1e-6)


def test_the_larger_models_are_those_of_their_names() -> None:
    scores, table = made(), usual().table("larger")
    c = scores[NAMES] - scores[NAMES].mean()
    k, w, m = (c[name] for name in NAMES)
    extra = {
        "three slopes": [],
        "three slopes and squares": [k**2, w**2, m**2],
        "three slopes and products": [k * w, k * m, w * m, k * w * m],
    }
    assert table.index.to_list() == list(extra)
    for name, more in extra.items():
        X = sm.add_constant(np.column_stack([scores["age"], c, *more]))
        expected = sm.OLS(scores["innovative_behaviour"], X).fit()
        assert table.loc[name, "log_likelihood"] == pytest.approx(expected.llf, abs=1e-6)
        assert table.loc[name, "n_parameters"] == X.shape[1] + 1


def test_ranks_and_differences_stay_within_a_family() -> None:
    table = usual().table()
    for _, part in table.groupby("family"):
        assert part["delta_aic"].min() == 0
        assert part["rank"].min() == 1
        assert part["share_best"].sum() == pytest.approx(1)
        assert (part["aic"] - part["aic"].min()).to_numpy() == pytest.approx(part["delta_aic"].to_numpy())
    sizes = table.groupby("family")["n_parameters"].nunique()
    assert sizes[["one slope", "one slope and curve"]].to_list() == [1, 1]
    assert table["n_used"].eq(240).all()
    assert usual().best == "mean"


def test_held_out_r2_and_draws_are_those_of_refits() -> None:
    scores = made()
    x, y = (scores[NAMES].to_numpy() - 1) / 4, scores["innovative_behaviour"].to_numpy()
    age, firms = scores[["age"]].to_numpy(), np.arange(240) % 24
    rivals = rivals_of(x, y, age, firms)
    columns = by_hand(scores)
    X = np.column_stack([np.ones(240), age, columns["minimum"]])
    place = list(rivals.places).index(("one slope", "minimum"))
    rng = np.random.default_rng(2)
    order = np.lexsort((rng.permutation(24), -np.full(24, 10)))
    fold = np.empty(24, dtype=int)
    fold[order] = np.arange(24) % 6
    left = mean = 0.0
    for one in range(6):
        out = fold[firms] == one
        b = np.linalg.lstsq(X[~out], y[~out])[0]
        left += ((y[out] - X[out] @ b) ** 2).sum()
        mean += ((y[out] - y[~out].mean()) ** 2).sum()
    found = held_out_r2(rivals, 6, np.random.default_rng(2))
    assert found[place] == pytest.approx(1 - left / mean)
    rss, sizes = drawn_rss(rivals, 5, np.random.default_rng(3))
    counts = np.random.default_rng(3).multinomial(24, np.full(24, 1 / 24), size=5)
    for draw, count in enumerate(counts):
        rows = np.repeat(np.arange(240), count[firms])
        b = np.linalg.lstsq(X[rows], y[rows])[0]
        expected = ((y[rows] - X[rows] @ b) ** 2).sum() / standard(y)[1] ** 2
        assert rss[draw, place] == pytest.approx(expected)
        assert sizes[draw] == len(rows)


def test_needed_people_by_hand() -> None:
    """4 AIC of 200 people is .02 a person: 2 with 100. With s = .5 a root person: N·.02 - 2 = .42·sqrt(N)."""
    expected, in_most = needed_n(np.array([0.0, 4.0]), np.array([0.0, 0.5 * np.sqrt(200)]), 200)
    assert np.isnan([expected[0], in_most[0]]).all()
    assert expected[1] == 100
    assert in_most[1] * 0.02 - 2 == pytest.approx(0.8416 * 0.5 * np.sqrt(in_most[1]), abs=0.02)


def test_forms_that_cannot_be_told_apart_are_said_to_be_so_with_the_people_that_would() -> None:
    notes = {note.code: note.values for note in compared(made("nothing")).notes}
    told = notes["cannot_tell"]
    assert told["n_80"] > told["n_expected"] > 240
    assert told["n_firms_80"] == np.ceil(told["n_80"] * 24 / 240)
    assert "cannot_tell" not in {note.code for note in compared(made("minimum", noise=0.2)).notes}


def test_forms_of_conditions_that_are_the_same_are_tied() -> None:
    scores = made()
    scores["willen"] = scores["mogen"] = scores["kunnen"]
    assert "forms_tied" in {note.code for note in compared(scores).notes}


def test_row_order_and_the_unit_of_the_outcome_do_not_matter() -> None:
    scores = made().sample(frac=1, random_state=1)
    scores["innovative_behaviour"] = 10 * scores["innovative_behaviour"] - 3
    again = compared(scores, controls=["age"], ends={"innovative_behaviour": (-200.0, 200.0)}).forms
    same = ["r2", "r2_held_out", "delta_aic", "delta_low", "delta_high", "share_best"]
    assert again[same].to_numpy() == pytest.approx(usual().forms[same].to_numpy(), abs=1e-6)


def test_two_conditions_and_no_firms() -> None:
    found = compared(made(), predictors=NAMES[:2], cluster=None)
    assert found.table("larger").index[0] == "two slopes"
    assert "no_clusters" in {note.code for note in found.notes}
    assert "best of six" in str(found)
    assert "<table" in found._repr_html_()
