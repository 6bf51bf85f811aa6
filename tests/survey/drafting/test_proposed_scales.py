"""Candidates for scales, what they may measure, and the direction of their items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.drafting import describe_draft, unmeasured_constructs
from si_research.survey.drafting.reversals import directions_of

Draft = Callable[[dict[str, Sequence[object]]], Codebook]


def answers(
    n_items: int, n: int = 200, seed: int = 1, noise: float = 0.8
) -> np.ndarray[tuple[int, int], np.dtype[np.int_]]:
    """Answers from 1 to 5 that agree with one another."""
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(n, 1))
    points = np.round(3 + person + noise * rng.normal(size=(n, n_items)))
    return np.clip(points, 1, 5).astype(int)


def test_stems_are_candidates_and_none_is_mapped_in_silence(draft_of: Draft) -> None:
    table = answers(6)
    names = ["skills[1]", "skills[2]", "skills[3]", "B1", "B2", "B3"]
    codebook = draft_of({name: table[:, place].tolist() for place, name in enumerate(names)})
    assert {scale.items for scale in codebook.scales.values()} == {
        ("skills_1", "skills_2", "skills_3"),
        ("B1", "B2", "B3"),
    }
    assert {(scale.construct_name, scale.confirm) for scale in codebook.scales.values()} == {("other", False)}
    assert all(scale.proposed for scale in codebook.scales.values())
    asked = ("kunnen", "willen", "mogen", "innovative_behaviour")
    assert unmeasured_constructs(codebook) == asked
    assert "not measured" in describe_draft(codebook)
    assert all(name in describe_draft(codebook) for name in asked)


@pytest.mark.parametrize(
    ("stem", "construct"),
    [("kunnen", "kunnen"), ("Mogen", "mogen"), ("innovatief_gedrag", "innovative_behaviour")],
)
def test_a_name_that_says_the_construct_is_followed_and_open(
    draft_of: Draft, stem: str, construct: str
) -> None:
    table = answers(3)
    codebook = draft_of({f"{stem}_{n}": table[:, n].tolist() for n in range(3)})
    assert codebook.scales[construct].construct_name == construct
    assert not codebook.scales[construct].confirm


def test_two_times_are_two_scales(draft_of: Draft) -> None:
    table = answers(8)
    names = ["JC1[1]", "JC1[2]", "JC1[3]", "JC2[1]", "JC2[2]", "JC2[3]", "SE1", "SE2"]
    codebook = draft_of({name: table[:, place].tolist() for place, name in enumerate(names)})
    assert [scale.items for scale in codebook.scales.values()] == [
        ("JC1_1", "JC1_2", "JC1_3"),
        ("JC2_1", "JC2_2", "JC2_3"),
    ]
    assert "another time" in codebook.scales["JC1"].proposed


def in_two_waves(n_steps: int = 5) -> dict[str, Sequence[object]]:
    first, second = answers(3), answers(3, seed=2) + (n_steps - 5)
    columns = {f"T1_k{n + 1}": first[:, n].tolist() for n in range(3)}
    return {**columns, **{f"T2_k{n + 1}": second[:, n].tolist() for n in range(3)}}


def test_waves_side_by_side_are_one_scale_with_a_column_a_wave(draft_of: Draft) -> None:
    codebook = draft_of({"id": range(200), **in_two_waves(), "age": [*range(20, 70)] * 4})
    assert codebook.wave_order == ("t1", "t2")
    assert {name: item.columns for name, item in codebook.items.items()} == {
        f"k{n}": {"t1": f"T1_k{n}", "t2": f"T2_k{n}"} for n in (1, 2, 3)
    }
    assert [scale.items for scale in codebook.scales.values()] == [("k1", "k2", "k3")]
    assert not any(item.confirm for item in codebook.items.values())
    assert "a column in t1, t2" in codebook.items["k1"].proposed
    assert codebook.variables["age"].columns == {}


def test_waves_answered_in_another_way_stay_apart(draft_of: Draft) -> None:
    codebook = draft_of(in_two_waves(n_steps=7))
    assert {name: item.columns for name, item in codebook.items.items()} == {
        f"T{wave}_k{n}": {f"t{wave}": f"T{wave}_k{n}"} for wave in (1, 2) for n in (1, 2, 3)
    }


def test_a_row_a_wave_keeps_its_columns(draft_of: Draft) -> None:
    codebook = draft_of({"wave": [1, 2] * 100, **in_two_waves()})
    assert codebook.wave_order == ()


def test_an_item_that_runs_against_the_rest_is_proposed_and_open(draft_of: Draft) -> None:
    table = answers(4)
    table[:, 2] = 6 - table[:, 2]
    codebook = draft_of({f"A{n}": table[:, n].tolist() for n in range(4)})
    assert [item.reverse for item in codebook.items.values()] == [False, False, True, False]
    assert not codebook.items["A2"].confirm
    assert "runs against" in codebook.items["A2"].proposed


def test_a_name_that_says_reversed_is_not_turned_twice(draft_of: Draft) -> None:
    table = answers(4)
    codebook = draft_of(
        {name: table[:, place].tolist() for place, name in enumerate(["A1", "A2R", "A3", "A4"])}
    )
    item = codebook.items["A2R"]
    assert (item.reverse, item.confirm) == (False, False)
    assert "already turned" in item.proposed


def test_the_names_say_which_half_is_the_reversed_one(draft_of: Draft) -> None:
    table = answers(4)
    table[:, :3] = 6 - table[:, :3]  # three of four are reversed: the smaller side is the plain one
    names = ["V1R", "V2R", "V3R", "V4"]
    codebook = draft_of({name: table[:, place].tolist() for place, name in enumerate(names)})
    assert [item.reverse for item in codebook.items.values()] == [True, True, True, False]


@pytest.mark.parametrize(("n", "n_other"), [(18, 0), (40, 0), (200, 1)])
def test_a_question_stored_raw_and_turned_has_one_voice(draft_of: Draft, n: int, n_other: int) -> None:
    table = answers(4, n=n)
    raw = 6 - table[:, 3]
    turned = table[:, 3].copy()
    turned[:n_other] = np.where(turned[:n_other] == 3, 2, 3)
    columns = {f"k{place + 1}": table[:, place].tolist() for place in range(3)}
    codebook = draft_of({**columns, "k4": raw.tolist(), "k4_r": turned.tolist()})
    assert [name for name, item in codebook.items.items() if item.reverse] == ["k4"]
    (scale,) = codebook.scales.values()
    assert scale.items == ("k1", "k2", "k3", "k4_r")
    assert "`k4` is `k4_r` again" in scale.proposed
    assert "`k4_r` holds the same answers, turned: one question" in codebook.items["k4"].proposed
    assert not codebook.items["k4"].confirm


def test_one_name_does_not_make_a_side_the_reversed_one(draft_of: Draft) -> None:
    table = answers(5)
    table[:, 4] = 6 - table[:, 4]
    names = ["V1", "V2_r", "V3", "V4", "V5"]  # the file has turned V2; V5 runs against the rest
    codebook = draft_of({name: table[:, place].tolist() for place, name in enumerate(names)})
    assert [name for name, item in codebook.items.items() if item.reverse] == ["V5"]


def test_few_people_leave_only_the_name(draft_of: Draft) -> None:
    table = answers(3, n=17)
    codebook = draft_of({name: table[:, place].tolist() for place, name in enumerate(["E1R", "E2", "E3"])})
    assert codebook.items["E1R"].reverse
    assert "17 people are too few" in codebook.items["E1R"].proposed
    assert not codebook.items["E1R"].confirm


def test_weak_correlations_are_not_sure() -> None:
    table = pd.DataFrame(answers(4), columns=list("abcd")).astype(float)
    table["e"] = np.random.default_rng(2).integers(1, 6, len(table)).astype(float)
    found = directions_of(table, {}, 3, 4)
    assert not found["e"].turn
    assert not found["e"].is_sure
    assert "not sure" in found["e"].reason
    assert found["a"].is_sure


def test_halves_that_run_against_one_another_are_left_to_a_person() -> None:
    table = pd.DataFrame(answers(4, noise=0.3), columns=list("abcd")).astype(float)
    table[["c", "d"]] = 6 - table[["c", "d"]]
    found = directions_of(table, {}, 3, 4)
    assert not any(each.turn for each in found.values())
    assert all("which half" in each.reason for each in found.values())


def test_a_first_wave_without_a_marker_is_proposed_and_asked(draft_of: Draft) -> None:
    table = answers(6)
    names = ["k1", "k2", "k3", "k1_after", "k2_after", "k3_after"]
    codebook = draft_of({name: table[:, place].tolist() for place, name in enumerate(names)})
    assert codebook.waves == ("before", "after")
    assert codebook.items["k1"].columns == {"before": "k1", "after": "k1_after"}
    assert set(codebook.items) == {"k1", "k2", "k3"}
    assert not any(item.confirm for item in codebook.items.values())
    assert "names no wave and is taken for the first" in codebook.items["k1"].proposed
    words = {"ja": 0, "nee": 1, "weet niet": 2}
    other = draft_of({"k1": table[:, 0].tolist(), "k1_after": [list(words)[n % 3] for n in range(200)]})
    assert other.waves == ()
