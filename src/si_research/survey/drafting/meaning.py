"""What a scale seems to measure, and in which language: by words that say so, never by likeness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from si_research.survey.codebook import ConstructName

_WORDS: Final[Mapping[ConstructName, re.Pattern[str]]] = {
    "kunnen": re.compile(
        r"\b(kunnen|ability to innovate|innovation skills|kunnen vernieuwen)\b", re.IGNORECASE
    ),
    "willen": re.compile(
        r"\b(willen|motivation to innovate|willen vernieuwen|vernieuwingsbereidheid)\b", re.IGNORECASE
    ),
    "mogen": re.compile(
        r"\b(mogen|opportunity to innovate|mogen vernieuwen|room to innovate)\b", re.IGNORECASE
    ),
    "innovative_behaviour": re.compile(
        r"\b(innovati(ef|ve)[ _](werk[ _]?)?(gedrag|behaviou?r)|innovative[ _]work[ "
        r"_]behaviou?r|iwb|innovatiegedrag)\b",
        re.IGNORECASE,
    ),
    "quality_of_work": re.compile(
        r"\b(kwaliteit[ _]van[ _](de[ _]arbeid|het[ _]werk)|quality[ _]of[ _]work)\b", re.IGNORECASE
    ),
    "labour_relations": re.compile(r"\b(arbeidsverhoudingen|labou?r[ _]relations)\b", re.IGNORECASE),
    "organisational_performance": re.compile(
        r"\b(organisatieprestaties?|bedrijfsprestaties?|organi[sz]ational[ _]performance)\b", re.IGNORECASE
    ),
}
_TITLES: Final[Mapping[ConstructName, str]] = {
    "kunnen": "kunnen vernieuwen|kunnen|can",
    "willen": "willen vernieuwen|willen|want",
    "mogen": "mogen vernieuwen|mogen|may",
    "innovative_behaviour": (
        r"innovati(?:ef|ve)[ _](?:werk[ _]?|work[ _])?(?:gedrag|behaviou?r)|innovatiegedrag|iwb"
    ),
    "quality_of_work": r"kwaliteit[ _]van[ _](?:de[ _]arbeid|het[ _]werk)|quality[ _]of[ _]work",
    "labour_relations": r"arbeidsverhoudingen|labou?r[ _]relations",
    "organisational_performance": (
        r"organisatieprestaties?|bedrijfsprestaties?|organi[sz]ational[ _]performance"
    ),
}
_AT_START: Final[Mapping[ConstructName, re.Pattern[str]]] = {
    construct: re.compile(rf"(?:\d+[.)]\s*)?({words})(?=[\s_]*(?:[:\[(\d|]|[-–—_]|$))", re.IGNORECASE)
    for construct, words in _TITLES.items()
}
_NEW: Final = re.compile(r"idee|idea|vernieuw|verbeter|innov|improve|\bnew\b|\bneue|verbesser", re.IGNORECASE)
_MOST_OF: Final = 0.75
_COMMON: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "nl": "de het een ik mijn van niet met is dat voor op aan te u uw zijn en hoe wat",
        "en": "the a i my of not with is that for on to you your are and how what this",
        "de": "der die das ein ich mein meine von nicht mit ist dass für auf sie und zu wie im den",
        "es": "el la los las un una mi de no con es que por en y se su del para",
        "fr": "le la les un une je mon de ne pas avec est que pour en et vous votre du des",
    }.items()
}
_FEWEST: Final = 2


def construct_of(name: str, questions: Iterable[str]) -> tuple[ConstructName, str]:
    """Return what the name of a scale, or the title above its questions, says that it measures.

    A question about skills or about new ideas is no proof: only the words of the model itself count, and a
    person has to confirm even these.

    Returns
    -------
    tuple of (str, str)
        The construct, ``other`` where nothing says so; and the word that says it.

    Examples
    --------
    >>> construct_of("Kunnen", []), construct_of("skills", ["I have the skills that I need"])
    (('kunnen', 'Kunnen'), ('other', ''))
    """
    at_start = construct_at_start(name)
    if at_start[1]:
        return at_start
    readable = re.sub(r"[_\d]+", " ", name)
    titles = [question for question in questions if len(question.split()) <= 4]
    for text in (name, readable, *titles):
        for construct, pattern in _WORDS.items():
            word = pattern.search(text)
            if word:
                return construct, word[0]
    return "other", ""


def construct_at_start(text: str) -> tuple[ConstructName, str]:
    """Return the construct of the model that a question or the name of a column begins with, as a title.

    `Can you ...?` is a question, and no title: what follows must be a colon, a dash, a bracket or a number.

    Examples
    --------
    >>> construct_at_start("Mogen: Ik mag fouten maken"), construct_at_start("want_2")
    (('mogen', 'Mogen'), ('willen', 'want'))
    >>> construct_at_start("May we ask for your age?")
    ('other', '')
    """
    for construct, pattern in _AT_START.items():
        found = pattern.match(text.strip())
        if found:
            return construct, found[1]
    return "other", ""


def speaks_of_new_ideas(questions: Iterable[str]) -> bool:
    """Whether most questions speak of ideas, of renewal or of improvement: no proof of what they measure."""
    asked = list(questions)
    return sum(_NEW.search(question) is not None for question in asked) >= _MOST_OF * max(len(asked), 1)


def language_of(texts: Iterable[str]) -> str | None:
    """Return the language of questions and labels by their commonest words; None when they do not tell.

    Examples
    --------
    >>> language_of(["Ik heb de kennis om mijn werk te doen"]), language_of(["A1"])
    ('nl', None)
    """
    words = [word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold())]
    counts = {language: sum(word in common for word in words) for language, common in _COMMON.items()}
    best = max(counts, key=lambda language: counts[language])
    rivals = [count for language, count in counts.items() if language != best]
    return best if counts[best] >= _FEWEST and counts[best] > max(rivals) else None
