"""Blocks of questions that hold more than one scale are parted before a direction is proposed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.drafting.parting import parts_by_answers
from si_research.survey.drafting.reversals import directions_of

Draft = Callable[[dict[str, Sequence[object]]], Codebook]


def _causes(n_causes: int, n_each: int, n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    people = np.repeat(rng.normal(size=(n, n_causes)), n_each, axis=1)
    points = np.clip(np.round(3 + people + 0.6 * rng.normal(size=people.shape)), 1, 5)
    return pd.DataFrame(points, columns=[f"q{n}" for n in range(1, n_causes * n_each + 1)])


def test_separate_clusters_are_parted_whatever_their_direction() -> None:
    items = _causes(2, 3)
    items["q3"] = 6 - items["q3"]
    assert parts_by_answers(items) == (("q1", "q2", "q3"), ("q4", "q5", "q6"))


def test_one_cluster_and_noise_stay_one_block() -> None:
    noise = pd.DataFrame(np.random.default_rng(1).integers(1, 6, (200, 6)), columns=list("abcdef"))
    for items in (_causes(1, 6), noise.astype(float), _causes(2, 3).head(20)):
        assert parts_by_answers(items) == (tuple(items),)


@pytest.mark.parametrize("mark", ["{}: {}", "{} - {}", "{} [{}]"])
def test_titles_part_a_block_and_name_the_construct(draft_of: Draft, mark: str) -> None:
    items = _causes(2, 3).astype(int)
    asked = ["ik heb de kennis ervoor", "ik heb de tijd ervoor", "mijn werk gaat goed"]
    names = [mark.format(title, each) for title in ("Kunnen", "Mogen") for each in asked]
    columns = {name: items.iloc[:, place].tolist() for place, name in enumerate(names)}
    codebook = draft_of(columns)
    assert [(name, scale.construct_name) for name, scale in codebook.scales.items()] == [
        ("kunnen", "kunnen"),
        ("mogen", "mogen"),
    ]
    assert not any(scale.confirm for scale in codebook.scales.values())
    assert all(len(scale.items) == 3 for scale in codebook.scales.values())


def test_without_a_negated_wording_nothing_is_turned_and_all_is_asked() -> None:
    items = _causes(1, 3)
    items["q3"] = 6 - items["q3"]
    silent = directions_of(items, {}, 3, 4, frozenset())
    assert not any(each.turn or each.is_sure for each in silent.values())
    said = directions_of(items, {}, 3, 4, frozenset({"q3"}))
    assert [each.turn for each in said.values()] == [False, False, True]
    majority = directions_of(items, {}, 3, 4, frozenset({"q1", "q2"}))
    assert [each.turn for each in majority.values()] == [True, True, False]


def test_one_negated_wording_does_not_turn_the_larger_side() -> None:
    items = _causes(1, 5)
    items["q5"] = 6 - items["q5"]
    found = directions_of(items, {}, 3, 4, frozenset({"q1"}))
    assert not any(each.turn or each.is_sure for each in found.values())


def test_of_sides_that_nothing_decides_each_item_is_said_to_agree_once_one_is_turned() -> None:
    items = _causes(1, 3)
    items["q3"] = 6 - items["q3"]
    for each in directions_of(items, {}, 3, 4, frozenset()).values():
        assert "once one part is turned, it agrees with them (r = 0." in each.reason
        assert "hardly agrees" not in each.reason


@pytest.mark.parametrize(
    "lacking",
    [
        "Ik mis de vaardigheden om iets nieuws te bedenken",
        "Ik heb te weinig kennis om dingen te verbeteren",
        "Het kost mij moeite om iets nieuws te bedenken",
    ],
)
def test_a_question_that_says_what_is_lacking_is_the_reversed_one_of_three(
    draft_of: Draft, lacking: str
) -> None:
    items = _causes(1, 3)
    asked = ["Ik weet hoe het werk beter kan", "Ik heb de kennis om dingen te verbeteren", lacking]
    columns = [items["q1"], items["q2"], 6 - items["q3"]]
    codebook = draft_of({name: each.tolist() for name, each in zip(asked, columns, strict=True)})
    first, second, third = codebook.items.values()
    assert [each.reverse for each in (first, second, third)] == [False, False, True]
    assert [each.confirm for each in (first, second, third)] == [True, True, False]
    assert "runs against the other items: turned, it agrees with them (r = 0." in third.proposed
