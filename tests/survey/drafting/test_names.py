"""Names of columns: a number in a name means one thing in the whole codebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.drafting.names import names_for
from si_research.survey.drafting.summary import describe_draft

Draft = Callable[[dict[str, Sequence[object]]], Codebook]
N = 40
SHORT, LONG = "Ik voer verbeteringen in", "Ik weet hoe ik in mijn werk iets nieuws kan uitproberen"


def test_the_number_before_a_question_names_it(draft_of: Draft) -> None:
    headers = [f"{n}. {SHORT if n == 13 else f'{LONG} ({n})'}" for n in range(1, 16)]
    columns: dict[str, Sequence[object]] = {
        "Tijdstempel": [f"2024-05-01 10:{row:02d}:00" for row in range(N)],
        "Wat is uw leeftijd, in hele jaren van uw leven?": [25 + row for row in range(N)],
        **{header: [1, 2, 3, 4, 5] * (N // 5) for header in headers},
    }
    codebook = draft_of(columns)
    assert {name: item.column for name, item in codebook.items.items()} == {
        f"q{n}": header for n, header in enumerate(headers, start=1)
    }
    assert [name for name in codebook.variables if name.startswith("q")] == []


@pytest.mark.parametrize(
    "headers",
    [
        [f"1. {LONG}", f"1. {SHORT}", f"2. {LONG} ook"],  # numbers start again
        [f"1. {LONG}", f"2. {SHORT}", "q2"],  # and another column has that name
    ],
)
def test_numbers_that_mean_two_things_stay_out_of_the_names(headers: list[str]) -> None:
    names = names_for({header: 4 + place for place, header in enumerate(headers)})
    assert names[f"1. {LONG}"] == "q5"
    assert "Ik_voer_verbeteringen_in" in names.values()
    assert len(set(names.values())) == len(headers)


def test_figures_are_no_numbers_of_questions() -> None:
    headers = ("1.5 uur of meer", "2.5 uur of meer", "3e vraag")
    assert list(names_for({header: place for place, header in enumerate(headers)}).values()) == [
        "q1_5_uur_of_meer",
        "q2_5_uur_of_meer",
        "q3e_vraag",
    ]


def test_one_scale_is_one_candidate(draft_of: Draft) -> None:
    pattern = [1, 2, 3, 4, 5] * (N // 5)
    codebook = draft_of(
        {"k1": pattern, "k2": pattern, "k3": [*pattern[1:], 1], "geslacht": ["m", "v"] * (N // 2)}
    )
    assert len(codebook.scales) == 1
    assert describe_draft(codebook).startswith(
        "3 questions, 1 other column, 1 candidate for a scale, 0 columns"
    )
