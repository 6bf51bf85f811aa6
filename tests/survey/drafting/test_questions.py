"""What is shown to a person who decides on a draft."""

from __future__ import annotations

from si_research.survey.codebook import Codebook
from si_research.survey.drafting.questions import open_questions

WORDINGS = ("I like it", "Ik kan het", "", "Three", "Four", "Five", "Six", "Seven")


def _book(wordings: tuple[str, ...]) -> Codebook:
    items = {
        f"a{n}": {"format": "agree_5", "wording_nl" if n == 2 else "wording_en": wording}
        for n, wording in enumerate(wordings, start=1)
    }
    scale = {"construct": "other", "items": list(items), "confirm": False, "proposed": "one name"}
    return Codebook.model_validate({"title": "", "items": items, "scales": {"A": scale}})


def test_a_scale_shows_the_first_five_of_its_wordings_and_how_many_more() -> None:
    (question,) = open_questions(_book(WORDINGS))
    first, *shown = question.title.splitlines()
    assert first.startswith("scale `A` (a1, a2")
    assert shown == [
        "  a1: I like it",
        "  a2: Ik kan het",
        "  a4: Three",
        "  a5: Four",
        "  a6: Five",
        "  and 2 more",
    ]


def test_a_scale_without_wordings_is_one_line_and_five_wordings_have_no_more() -> None:
    (bare,) = open_questions(_book(("", "")))
    assert "\n" not in bare.title
    (five,) = open_questions(_book(WORDINGS[3:]))
    assert five.title.splitlines()[-1] == "  a5: Seven"
