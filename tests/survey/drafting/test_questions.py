"""What is shown to a person who decides on a draft."""

from __future__ import annotations

from si_research.survey.codebook import Codebook
from si_research.survey.drafting.questions import count_questions, open_questions, scale_in_short

WORDINGS = ("I like it", "Ik kan het", "", "Three", "Four", "Five", "Six", "Seven")


def _book(wordings: tuple[str, ...]) -> Codebook:
    items = {
        f"a{n}": {"format": "agree_5", "wording_nl" if n == 2 else "wording_en": wording}
        for n, wording in enumerate(wordings, start=1)
    }
    scale = {"construct": "other", "items": list(items), "confirm": False, "proposed": "one name"}
    return Codebook.model_validate({"title": "", "items": items, "scales": {"A": scale}})


def test_a_scale_shows_all_its_questions_with_their_wordings() -> None:
    (question,) = open_questions(_book(WORDINGS))
    assert question.members == tuple(f"a{n}" for n in range(1, 9))
    assert question.shown[:3] == ("a1: I like it", "a2: Ik kan het", "a3")
    assert question.takes_numbers("split")
    assert question.takes_numbers("out")
    assert not question.takes_numbers("yes")


def test_the_list_shows_three_wordings_of_a_scale_that_is_not_of_the_model_and_all_of_one_that_is() -> None:
    first, *shown = scale_in_short(_book(WORDINGS), "A").splitlines()
    assert first == "`A` measures nothing of the model: a1, a2, a3, a4, a5, a6 and 2 more"
    assert [line.strip() for line in shown] == ["a1: I like it", "a2: Ik kan het", "a4: Three", "and 4 more"]
    book = _book(WORDINGS)
    named = book.scales["A"].model_copy(update={"construct_name": "kunnen"})
    first, *shown = scale_in_short(book.model_copy(update={"scales": {"A": named}}), "A").splitlines()
    assert first.endswith("measures kunnen: a1, a2, a3, a4, a5, a6, a7, a8")
    assert len(shown) == 7


def test_what_all_questions_begin_with_stands_once_and_their_different_ends_are_seen() -> None:
    stem = "How far do the following statements apply to your work?"
    book = _book(tuple(f"{stem} [I may {what}]" for what in ("try", "err", "ask", "stop")))
    _, *shown = scale_in_short(book, "A").splitlines()
    assert [line.strip() for line in shown[:2]] == [f"{stem} …", "a1: … [I may try]"]
    (question,) = open_questions(book)
    assert question.shown[3] == "a4: … [I may stop]"
    short = _book(("I may try.", "I may err."))
    assert open_questions(short)[0].shown == ("a1: I may try.", "a2: I may err.")


def test_a_header_that_is_the_question_is_shown_as_one() -> None:
    book = _book(("", ""))
    items = {name: item.model_copy(update={"column": f"May I {name}?"}) for name, item in book.items.items()}
    (question,) = open_questions(book.model_copy(update={"items": items}))
    assert question.shown == ("a1: May I a1?", "a2: May I a2?")


def _open_items(**scales: list[str]) -> Codebook:
    items = {
        name: {"format": "agree_5", "confirm": False, "reverse": name == "a2", "proposed": f"same; of {name}"}
        for name in ("a1", "a2", "b1", "c1")
    }
    parts = {name: {"construct": name, "items": of} for name, of in scales.items()}
    return Codebook.model_validate({"title": "", "items": items, "scales": parts})


def test_the_open_items_of_a_scale_are_one_question_that_shows_each_with_its_own_reason() -> None:
    asked = open_questions(_open_items(kunnen=["a1", "a2"], willen=["b1"]))
    assert [each.names for each in asked] == [("a1", "a2"), ("b1",), ("c1",)]
    assert [each.is_used for each in asked] == [True, True, False]
    assert asked[0].reason == "same"
    turned, own = asked[0].shown[1].splitlines()
    assert (turned, own.strip()) == ("`a2` turned", "of a2")
    assert "`a1` not turned" in asked[0].shown[0]


def test_items_that_are_put_apart_are_asked_one_by_one() -> None:
    asked = open_questions(_open_items(kunnen=["a1", "a2"]), apart=("a1", "a2"))
    assert [each.names for each in asked][:2] == [("a1",), ("a2",)]


def test_scales_that_are_several_count_as_one_question() -> None:
    book = _open_items(kunnen=["a1", "a2"], willen=["b1"])
    open_scales = {name: each.model_copy(update={"confirm": False}) for name, each in book.scales.items()}
    book = book.model_copy(update={"scales": open_scales})
    assert len(open_questions(book)) == 5
    assert count_questions(book) == 4
