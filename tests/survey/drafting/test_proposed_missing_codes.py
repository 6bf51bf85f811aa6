"""Words and numbers that mean "no answer", and numbers that only look like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice

import pytest

from si_research.survey.codebook import Codebook

Draft = Callable[[dict[str, Sequence[object]]], Codebook]


def times(answers: Sequence[object], n: int = 30) -> list[object]:
    return list(islice(cycle(answers), n))


def test_words_with_their_reason(draft_of: Draft) -> None:
    codebook = draft_of({"a": times(["mee eens", "neutraal", "Weet niet", "n.v.t.", "k.A."])})
    assert codebook.missing_codes == {
        "weet niet": "does_not_know",
        "n.v.t": "does_not_apply",
        "k.a": "refused",
    }
    assert codebook.items["a"].format == "agree_5"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([1, 2, 3, 4, 5, 9], {"9"}),
        ([1, 2, 3, 4, 5, -99], {"-99"}),
        ([1, 2, 3, 4, 5, 8, 9], {"8", "9"}),
        ([1, 2, 3, 4, 5, 6, 7, 9995, 9999], {"9995", "9999"}),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], set()),
        ([0, 1, 2, 3, 4], set()),
    ],
)
def test_sentinels_of_questions(draft_of: Draft, answers: list[int], expected: set[str]) -> None:
    codebook = draft_of({"a1": times(answers), "a2": times(answers)})
    item = codebook.items["a1"]
    assert set(item.missing_codes) == expected
    assert not expected or "stand apart" in item.proposed
    assert expected.isdisjoint(f"{number:g}" for number in _range_of(codebook))


def _range_of(codebook: Codebook) -> range:
    form = codebook.format_of("a1")
    assert form.lowest is not None and form.highest is not None
    return range(int(form.lowest), int(form.highest) + 1)


def test_sentinels_of_amounts(draft_of: Draft) -> None:
    ages = [*range(18, 66), 99, 99]
    full = [*range(50, 100)]
    codebook = draft_of({"age": ages, "score": full})
    assert codebook.variables["age"].missing_codes == {"99": "declared_missing"}
    assert codebook.variables["score"].missing_codes == {}
    assert not codebook.variables["age"].confirm


def test_numbers_and_a_point_among_letters(draft_of: Draft) -> None:
    codebook = draft_of({"sector": times(["A", "C", "Q", "9995", "9999", "."])})
    assert codebook.variables["sector"].missing_codes == {
        "9995": "declared_missing",
        "9999": "declared_missing",
    }
    assert codebook.missing_codes == {".": "declared_missing"}
