"""Wordings are compared without what a tool or a hand adds to them, and with every word that they have."""

from __future__ import annotations

import pytest

from si_research.survey.question_text import question_of, spelling_of


@pytest.mark.parametrize(
    ("text", "code", "wording", "note"),
    [
        ("B01. I am in (% strongly agree or agree)", "B01", "I am in", "% strongly agree or agree"),
        ("B01", "B01", "", ""),
        ("C01_1", "C01_1", "", ""),
        ("E06_A", "E06_A", "", ""),
        ("12) Ik durf het", "12", "Ik durf het", ""),
        ("3. Ik durf het", "3", "Ik durf het", ""),
        ("k2 - Ik mis de kennis", "k2", "Ik mis de kennis", ""),
        ("I agree (in my team)", "", "I agree (in my team)", ""),
        ("How happy are you? (0 = not, 10 = very)", "", "How happy are you? (0 = not, 10 = very)", ""),
        ("<p>May I <b>try</b>&nbsp;it?</p>", "", "May I try it?", ""),
        ("Mag\n  ik  dat", "", "Mag ik dat", ""),
        ("My work theme score (B01-B05)", "", "My work theme score (B01-B05)", ""),
        ("Response rate", "", "Response rate", ""),
        ("5 of 10 is enough", "", "5 of 10 is enough", ""),
        ("a < b and b > a", "", "a < b and b > a", ""),
    ],
)  # fmt: skip
def test_a_question_is_taken_apart(text: str, code: str, wording: str, note: str) -> None:
    question = question_of(text)
    assert (question.code, question.text, question.note) == (code, wording, note)


def test_typography_is_no_difference_and_a_word_is() -> None:
    assert spelling_of("I say “we” – it’s  ours.") == spelling_of('i say "we" - it\'s ours')
    assert question_of("1. Ik mag dat").key == question_of("7. Ik mag dat").key
    for other in ("Ik mag dat niet", "Ik mag", "Ik mag dat?"):
        assert question_of(other).key != question_of("Ik mag dat").key
