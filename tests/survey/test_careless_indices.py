"""The indices against a slow second version, person by person, and by hand in the cases that go wrong."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.survey.screening.indices import (
    average_longstring,
    even_odd,
    item_pairs,
    longstring,
    mahalanobis,
    person_total,
    psychometric_synonyms,
    response_variability,
)

FEW = settings(deadline=None, max_examples=40)
ANSWER = st.one_of(st.integers(1, 5).map(float), st.just(np.nan))


@st.composite
def tables(draw: st.DrawFn, least: int = 2) -> pd.DataFrame:
    """Answers of a few people, some missing, some people without any spread."""
    n, k = draw(st.integers(1, 12)), draw(st.integers(least, 9))
    rows = draw(st.lists(st.lists(ANSWER, min_size=k, max_size=k), min_size=n, max_size=n))
    if draw(st.booleans()):
        rows[0] = [3.0] * k
    return pd.DataFrame(rows, columns=[f"q{place}" for place in range(k)], index=range(7, 7 + n))


def runs_of(row: pd.Series[Any]) -> list[int]:
    """Lengths of runs; each missing answer is one."""
    keys = [("missing", place) if np.isnan(answer) else answer for place, answer in enumerate(row)]
    return [len(list(group)) for _, group in groupby(keys)]


def correlation(x: list[float], y: list[float]) -> float:
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if not (np.isnan(a) or np.isnan(b))]
    a, b = np.array(pairs, "float64").reshape(-1, 2).T
    if len(pairs) < 2 or np.ptp(a) < 1e-9 or np.ptp(b) < 1e-9:
        return np.nan
    return float(np.corrcoef(a, b)[0, 1])


def mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else np.nan


def assert_same(found: Any, expected: list[float]) -> None:
    np.testing.assert_allclose(np.asarray(found, "float64"), expected, rtol=0, atol=1e-9, equal_nan=True)


@FEW
@given(tables())
def test_runs(answers: pd.DataFrame) -> None:
    rows = [runs_of(row) for _, row in answers.iterrows()]
    assert_same(longstring(answers), [max(runs) for runs in rows])
    assert_same(average_longstring(answers), [sum(runs) / len(runs) for runs in rows])


@FEW
@given(tables())
def test_variability(answers: pd.DataFrame) -> None:
    assert_same(response_variability(answers), answers.std(axis=1).tolist())


@FEW
@given(tables(least=3))
def test_person_total(answers: pd.DataFrame) -> None:
    means = [mean(answers[name].tolist()) for name in answers]
    expected = [
        correlation(row.tolist(), means) if row.notna().sum() > 2 else np.nan for _, row in answers.iterrows()
    ]
    assert_same(person_total(answers), expected)


@FEW
@given(tables(least=4))
def test_even_odd(keyed: pd.DataFrame) -> None:
    names = list(keyed)
    scales = {"first": names[:2], "second": names[2:4], "rest": names[4:]}
    expected = []
    for _, row in keyed.iterrows():
        halves = [
            (mean(row[items[::2]].tolist()), mean(row[items[1::2]].tolist()))
            for items in scales.values()
            if len(items) > 1
        ]
        r = correlation([odd for odd, _ in halves], [even for _, even in halves])
        stepped = -1.0 if r <= -1 + 1e-12 else 2 * r / (1 + r)
        expected.append(r if np.isnan(r) else -max(stepped, -1.0))
    assert_same(even_odd(keyed, scales), expected)


@FEW
@given(tables(least=3), st.sampled_from([0.2, 0.6, -0.2]))
def test_synonyms(answers: pd.DataFrame, beyond: float) -> None:
    names = list(answers)
    r = {
        (later, earlier): correlation(answers[later].tolist(), answers[earlier].tolist())
        for place, earlier in enumerate(names)
        for later in names[place + 1 :]
    }
    chosen = [pair for pair, value in r.items() if (value > beyond if beyond > 0 else value < beyond)]
    if any(abs(value - beyond) < 1e-9 for value in r.values()):
        return  # on the line itself rounding decides
    pairs = item_pairs(answers, beyond=beyond)
    assert list(zip(pairs["item_1"], pairs["item_2"], strict=True)) == chosen
    found = psychometric_synonyms(answers, pairs)
    for (_, row), value, n in zip(answers.iterrows(), found["correlation"], found["n_pairs"], strict=True):
        first, second = ([float(row[pair[side]]) for pair in chosen] for side in (0, 1))
        known = sum(not (np.isnan(a) or np.isnan(b)) for a, b in zip(first, second, strict=True))
        assert n == known
        assert_same([value], [correlation(first, second) if known > 2 else np.nan])


@FEW
@given(st.integers(0, 10_000), st.integers(8, 40))
def test_mahalanobis_by_solving_for_each_person(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    answers = pd.DataFrame(rng.normal(size=(n, 4)) @ rng.normal(size=(4, 4)))
    centred = (answers - answers.mean()).to_numpy()
    inverse = np.linalg.inv(np.cov(answers.to_numpy().T))
    expected = [float(row @ inverse @ row) for row in centred]
    found = mahalanobis(answers)["distance_squared"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.sum() == pytest.approx(4 * (n - 1), rel=1e-9), "the distances add up to k (n - 1)"


def test_mahalanobis_counts_only_what_varies() -> None:
    """A constant item, and one that repeats another, add no direction."""
    rng = np.random.default_rng(1)
    plain = pd.DataFrame(rng.normal(size=(30, 3)), columns=list("abc"))
    more = plain.assign(constant=4.0, again=plain["a"] * 2)
    found, expected = mahalanobis(more), mahalanobis(plain)
    assert set(found["df"]) == {3.0}
    np.testing.assert_allclose(found["distance_squared"], expected["distance_squared"], rtol=1e-8)
    assert mahalanobis(pd.DataFrame({"a": [3.0, 3.0], "b": [1.0, 1.0]})).isna()["p_value"].all()


def test_who_answered_nothing_has_no_distance_and_no_spread() -> None:
    answers = pd.DataFrame([[1, 2, 3], [3, 1, 2], [2, 2, 1], [np.nan] * 3], dtype="float64")
    assert mahalanobis(answers)["distance_squared"].isna().tolist() == [False, False, False, True]
    assert response_variability(answers).isna().tolist() == [False, False, False, True]
    assert person_total(answers).isna().iloc[3]


def test_a_row_without_spread_is_missing_also_when_its_means_are_not_exact() -> None:
    """Thirds have no exact value: the correlation of such a row would be that of rounding errors."""
    third = 10 / 3
    keyed = pd.DataFrame([[third] * 6, [1, 1, 2, 2, 3, 3.0]], columns=list("abcdef"))
    found = even_odd(keyed, {"one": ["a", "b"], "two": ["c", "d"], "three": ["e", "f"]})
    assert found.isna().tolist() == [True, False]
    assert person_total(pd.DataFrame([[third] * 3, [1, 2, 3.0]])).isna().tolist() == [True, False]


def test_one_value_is_careless_in_one_sign_only() -> None:
    """Halves that agree give -1, halves that contradict one another +1."""
    scales = {"one": ["a", "b"], "two": ["c", "d"], "three": ["e", "f"]}
    keyed = pd.DataFrame([[1, 1, 3, 3, 5, 5], [1, 5, 3, 3, 5, 1.0]], columns=list("abcdef"))
    assert even_odd(keyed, scales).tolist() == [-1.0, 1.0]


def test_the_order_of_the_questions_decides_the_run() -> None:
    answers = pd.DataFrame([[2, 2, 2, 4, 4, 4]], columns=list("abcdef"), dtype="float64")
    assert longstring(answers).item() == 3
    assert longstring(answers[list("adbecf")]).item() == 1


def test_many_people_give_the_same_as_the_same_people_in_parts() -> None:
    """Work done in blocks of rows: no row is lost at an edge, none depends on its neighbours."""
    rng = np.random.default_rng(3)
    answers = pd.DataFrame(rng.integers(1, 6, (20_500, 7)).astype("float64")).mask(
        rng.random((20_500, 7)) < 0.1
    )
    pairs = pd.DataFrame({"item_1": [1, 3, 5, 6, 4], "item_2": [0, 2, 4, 5, 1]})
    whole = psychometric_synonyms(answers, pairs)["correlation"]
    for rows in (slice(0, 50), slice(19_980, 20_020), slice(20_450, 20_500)):
        for place, (_, row) in zip(range(*rows.indices(20_500)), answers.iloc[rows].iterrows(), strict=True):
            first, second = ([float(row[name]) for name in pairs[side]] for side in ("item_1", "item_2"))
            known = sum(not (np.isnan(a) or np.isnan(b)) for a, b in zip(first, second, strict=True))
            assert_same([whole.iloc[place]], [correlation(first, second) if known > 2 else np.nan])
