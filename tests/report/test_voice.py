"""How Dutch and English write numbers, by hand; and phrases that both languages have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from si_research.errors import ModelSpecificationError
from si_research.report.voice import digits_for, sentence_case, voice

# Verbs that would claim a cause; a questionnaire at one moment shows what goes together.
CAUSAL = {
    "nl": r"\b(veroorza\w+|leid(t|en) tot|zorg(t|en) voor|effect(en)? van|beïnvloed\w*)\b",
    "en": r"\b(causes?|caused|leads? to|effects? of|affects?|influences?|because of the conditions?)\b",
}


def leaves(phrases: Mapping[str, Any], path: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in phrases.items():
        place = f"{path}.{key}" if path else str(key)
        found |= leaves(value, place) if isinstance(value, Mapping) else {place: str(value)}
    return found


@pytest.mark.parametrize(
    ("value", "digits", "dutch", "english"),
    [
        (1234567.891, 2, "1.234.567,89", "1,234,567.89"),
        (-0.5, 1, "−0,5", "−0.5"),
        (-0.004, 2, "0,00", "0.00"),
        (0.125, 2, "0,12", "0.12"),
        (float("nan"), 2, "–", "–"),
        (float("inf"), 2, "–", "–"),
    ],
)
def test_numbers(value: float, digits: int, dutch: str, english: str) -> None:
    assert voice("nl").number(value, digits) == dutch
    assert voice("en").number(value, digits) == english


@pytest.mark.parametrize(
    ("p", "dutch", "english"),
    [
        (0.0004, "p < ,001", "p < .001"),
        (0.001, "p = ,001", "p = .001"),
        (0.0496, "p = ,050", "p = .050"),
        (0.9996, "p > ,999", "p > .999"),
        (1.0, "p > ,999", "p > .999"),
        (0.0, "p < ,001", "p < .001"),
    ],
)
def test_p_values(p: float, dutch: str, english: str) -> None:
    assert voice("nl").p_value(p) == dutch
    assert voice("en").p_value(p) == english


def test_what_cannot_pass_one_has_no_leading_zero() -> None:
    speak = voice("nl")
    assert [speak.bounded(r) for r in (0.853, -0.2, 1.0)] == [",85", "−,20", "1,00"]
    assert speak.interval(-0.1, 1.5) == "[−0,10; 1,50]"
    assert voice("en").interval(0.71, 0.85, bounded=True) == "[.71, .85]"


def test_decimals_follow_the_standard_error() -> None:
    assert [digits_for(error, 2) for error in (3.0, 0.034, 0.0046, 1e-12, 0.0, float("nan"))] == [
        2,
        2,
        3,
        7,
        2,
        2,
    ]


def test_the_first_letter_may_be_marked() -> None:
    assert sentence_case("*kunnen* telt") == "*Kunnen* telt"


def test_both_languages_say_the_same_things() -> None:
    dutch, english = leaves(voice("nl").phrases), leaves(voice("en").phrases)
    assert dutch.keys() == english.keys()

    def slots(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert {key for key in dutch if slots(dutch[key]) != slots(english[key])} == set()
    alike = {key for key in dutch if dutch[key] == english[key] and len(dutch[key]) > 25}
    formulas = {"answer.products", "tests.statistic_f", "tests.statistic_wald", "tests.estimate"}
    assert alike <= formulas | {"outcomes.not_tested"}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_phrase_claims_a_cause(language: str) -> None:
    guilty = {
        key: text
        for key, text in leaves(voice(language).phrases).items()
        if re.search(CAUSAL[language], text, re.IGNORECASE)
    }
    assert guilty == {}


def test_no_phrase_is_left_that_nobody_says(project: Path) -> None:
    folder = project / "src/si_research/report"
    source = "".join(path.read_text("utf-8") for path in [*folder.glob("*.py"), *folder.glob("templates/*")])
    built = tuple(re.findall(r'"([\w.]+[._])\{', source))
    unsaid = {
        key
        for key in (each.removeprefix("organisations.") for each in leaves(voice("nl").phrases))
        if re.sub(r"\.(one|other)$", "", key) not in source
        and not key.startswith("numbers.")
        and not key.startswith(built)
    }
    assert unsaid == set()


def test_an_unknown_language_or_phrase_is_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="nl or en"):
        voice("de")
    with pytest.raises(KeyError, match="no phrase"):
        voice("nl").say("answer.nonsense")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_said_of_organisations_takes_the_place_of_a_phrase(language: str) -> None:
    phrases = voice(language).phrases
    others = {
        key: key.removeprefix("organisations.") for key in leaves(phrases) if key.startswith("organisations.")
    }
    assert others and set(others.values()) <= set(leaves(phrases))
    speak = voice(language, of_organisations=True)
    for key, place in others.items():
        assert speak._found(place) == voice(language)._found(key)
        assert speak._found(place) != voice(language)._found(place)
