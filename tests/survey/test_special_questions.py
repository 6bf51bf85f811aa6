"""Attention checks and consent: made-up questions that are one, and look-alikes that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.survey.reading import read_raw
from si_research.survey.reading.special_questions import SpecialQuestion, special_questions
from tool_exports import qualtrics, text_of

AGREE = ["Mee eens", "Niet mee eens", "Mee eens", "Neutraal"]


def found_in(folder: Path, header: str, answers: list[str]) -> tuple[SpecialQuestion, ...]:
    rows = [[header, "id"], *([answer, str(n)] for n, answer in enumerate(answers))]
    (folder / "a.csv").write_text(text_of(rows), encoding="utf-8")
    return special_questions(read_raw(folder / "a.csv"))


@pytest.mark.parametrize(
    ("header", "answers", "expected"),
    [
        ("Kies hier 'Niet mee eens'.", AGREE, ("Niet mee eens",)),
        ("Mijn werk [Selecteer bij deze stelling niet mee eens]", AGREE, ("Niet mee eens",)),
        ("Please select Strongly agree for this item", ["Agree", "Strongly agree"], ("Strongly agree",)),
        ('Bitte wähle Option "trifft zu" aus', ["Trifft zu", "Trifft nicht zu"], ("Trifft zu",)),
        ("Please choose '4' here", ["4", "5", "4"], ("4",)),
        ("This is an attention check", AGREE, ()),
        ("Om te laten zien dat u nog oplet: wat is uw antwoord?", AGREE, ()),
    ],
)
def test_a_text_that_asks_for_one_answer_is_an_attention_check(
    tmp_path: Path, header: str, answers: list[str], expected: tuple[str, ...]
) -> None:
    (found,) = found_in(tmp_path, header, answers)
    assert (found.kind, found.certain, found.expected) == ("attention_check", True, expected)


@pytest.mark.parametrize(
    ("header", "answers"),
    [
        ("Kies ja of nee: heeft u leiding?", ["Ja", "Nee"]),
        ("Choose a number from 1 (never) to 5 (always)", ["1", "5"]),
        ("Select 2 options", ["1", "2", "3"]),
        ("Kies het antwoord dat het best past", AGREE),
        ("I can choose how I do my work", ["Agree", "Disagree"]),
        ("Hier let ik op", AGREE),
        ("AC", AGREE),
        ("Q1_AC2", AGREE),
        ("Kies 'Mee eens'", [f"eigen woorden {n}" for n in range(20)]),
    ],
)
def test_look_alikes_are_none(tmp_path: Path, header: str, answers: list[str]) -> None:
    assert not found_in(tmp_path, header, answers)


def test_a_name_alone_is_a_proposal_and_affective_commitment_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,submitdate,lastpage,startlanguage,K[K1],K[AC],imc_1\n1,,1,nl,a,b,c\n")
    found = special_questions(read_raw(tmp_path / "a.csv"))
    assert [(each.column, each.certain) for each in found] == [("K[AC]", False), ("imc_1", False)]
    assert "name" in found[0].how
    (tmp_path / "a.csv").write_text("id,submitdate,lastpage,startlanguage,K[AC],K[AC2]\n1,,1,nl,a,b\n")
    assert not special_questions(read_raw(tmp_path / "a.csv"))


@pytest.mark.parametrize(
    ("name", "text", "answers", "given"),
    [
        ("Q65", "We ask you to take part in a research study.\nYou may stop.", ["4", "4"], ("4",)),
        ("Q65", "We ask you to take part in a research study.", ["Accept", "Accept"], ("Accept",)),
        ("informedConsent", "Lees dit", ["Ja, ik ga akkoord met deelname!", "Nee"],
         ("Ja, ik ga akkoord met deelname!",)),
        ("toestemming", "Doet u mee?", ["ja", "nee"], ("ja",)),
        ("Q2", "Ik geef toestemming voor deelname aan dit onderzoek", ["Ja", "Nee"], ("Ja",)),
    ],
)  # fmt: skip
def test_consent_is_recognised_with_the_answer_that_gives_it(
    tmp_path: Path, name: str, text: str, answers: list[str], given: tuple[str, ...]
) -> None:
    rows = [["2026-01-05", "0", "10.0.0.1", "100", "1", f"R_{n}", each] for n, each in enumerate(answers)]
    (tmp_path / "a.csv").write_text(qualtrics(rows, [(name, text, "QID1")]), encoding="utf-8")
    (found,) = special_questions(read_raw(tmp_path / "a.csv"))
    assert (found.kind, found.column, found.expected) == ("consent", name, given)


@pytest.mark.parametrize(
    ("header", "answers"),
    [
        ("I agree that my manager trusts me", ["Never", "Always", "Often"]),
        ("Mijn leidinggevende geeft toestemming om iets te proberen", [*AGREE, "Helemaal mee eens"]),
        ("Consent form number", [str(n) for n in range(20)]),
    ],
)
def test_what_is_no_consent(tmp_path: Path, header: str, answers: list[str]) -> None:
    assert not [each for each in found_in(tmp_path, header, answers) if each.kind == "consent"]
