"""Ladders of words, from little to much, that surveys in the field use; the built-in formats are the first.

An order is never guessed: a set of labels is on a ladder when each of its labels is, and no step is spelt
twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.response_format import Labels, normalise

_Steps = tuple[tuple[str, ...], ...]
_tidy = lru_cache(maxsize=4096)(normalise)


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Steps in words, the lowest first.

    Attributes
    ----------
    name : str
        The built-in format, or the name that an own format gets.
    language : str
    steps : tuple of tuple of str
        The spellings of each step.
    built_in : bool
    two_ways : bool
        Whether either end may be the high one (easy or difficult), so that a person must say.
    """

    name: str
    language: str
    steps: _Steps
    built_in: bool = False
    two_ways: bool = False

    def places_of(self, labels: Collection[str]) -> dict[str, int] | None:
        """Return the step of each label, from 0; None when one is not on it, or two are the same step."""
        known = _places(self)
        places = {label: known.get(_tidy(label)) for label in labels}
        found = {label: place for label, place in places.items() if place is not None}
        spelt = {_tidy(label) for label in labels}
        if len(found) < len(labels) or len(set(found.values())) < len(spelt):
            return None
        return found


def _split(*steps: str) -> _Steps:
    return tuple(tuple(step.split("|")) for step in steps)


def _built_in(name: str, language: str) -> _Steps:
    return tuple(
        tuple(group) if isinstance(group, tuple) else (group,)
        for group in BUILT_IN_FORMATS[name].labels[language]
    )


def _without(steps: _Steps, *left_out: int) -> _Steps:
    return tuple(step for place, step in enumerate(steps) if place not in left_out)


def _softened(step: Collection[str]) -> tuple[str, ...]:
    """Return the spellings of an end with their first word in brackets: `(helemaal) mee eens`."""
    return tuple(f"({first}) {rest}" for first, _, rest in (label.partition(" ") for label in step))


def _own() -> Iterator[Ladder]:
    for language in ("nl", "en"):
        five, seven = _built_in("agree_5", language), _built_in("agree_7", language)
        yield Ladder("agree_4", language, _without(five, 2))
        yield Ladder("agree_6", language, _without(seven, 3))
        yield Ladder("frequency_4", language, _without(_built_in("frequency_5", language), 1))
        softened = (_softened(five[0]), *five[1:4], _softened(five[4]))
        yield Ladder("agree_5_softened", language, softened)
        yield Ladder("agree_4_softened", language, _without(softened, 2))
        yield Ladder("agree_3_softened", language, _without(softened, 1, 3))
    for (name, language), steps in _STATED.items():
        yield Ladder(name, language, _split(*steps))
    for (name, language), steps in _TWO_WAYS.items():
        yield Ladder(name, language, _split(*steps), two_ways=True)


_STATED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("satisfied_5", "nl"): (
        "zeer ontevreden|heel ontevreden|helemaal niet tevreden",
        "ontevreden|niet tevreden|enigszins ontevreden",
        "neutraal|niet tevreden, niet ontevreden|niet tevreden en niet ontevreden|noch "
        "tevreden, noch ontevreden",
        "tevreden|enigszins tevreden",
        "zeer tevreden|heel tevreden",
    ),
    ("satisfied_5", "en"): (
        "very dissatisfied|extremely dissatisfied|very unsatisfied",
        "dissatisfied|somewhat dissatisfied|unsatisfied",
        "neutral|neither satisfied nor dissatisfied|neither",
        "satisfied|somewhat satisfied",
        "very satisfied|extremely satisfied",
    ),
    ("applies_5", "nl"): (
        "helemaal niet van toepassing|helemaal niet|totaal niet",
        "niet van toepassing op mij|nauwelijks van toepassing|een beetje|nauwelijks",
        "enigszins van toepassing|enigszins|in enige mate|gedeeltelijk van toepassing",
        "van toepassing|grotendeels van toepassing|in hoge mate|grotendeels|tamelijk",
        "helemaal van toepassing|volledig van toepassing|in zeer hoge mate|helemaal|volledig",
    ),
    ("extent_5", "nl"): (
        "helemaal niet|in het geheel niet|niet",
        "in geringe mate|in kleine mate|weinig",
        "in enige mate|in redelijke mate|enigszins",
        "in hoge mate|in grote mate|veel",
        "in zeer hoge mate|in zeer grote mate|zeer veel|heel veel",
    ),
    ("extent_5", "en"): (
        "not at all|to no extent|to a very small extent",
        "a little|slightly|to a small extent|a little bit",
        "somewhat|moderately|to some extent|to a moderate extent",
        "a lot|very|quite a bit|to a great extent|to a large extent|very much|a great deal",
        "extremely|to a very great extent|to a very large extent|completely",
    ),
    ("true_4", "en"): ("not at all true", "not too true|a little true", "somewhat true", "very true"),
    ("likely_5", "en"): (
        "very unlikely|extremely unlikely",
        "unlikely|somewhat unlikely",
        "neutral|neither likely nor unlikely",
        "likely|somewhat likely",
        "very likely|extremely likely",
    ),
    ("likely_5", "nl"): (
        "zeer onwaarschijnlijk|heel onwaarschijnlijk",
        "onwaarschijnlijk",
        "neutraal|niet waarschijnlijk, niet onwaarschijnlijk",
        "waarschijnlijk",
        "zeer waarschijnlijk|heel waarschijnlijk",
    ),
    ("quality_5", "en"): (
        "very poor|very bad|terrible",
        "poor|bad",
        "fair|average|neutral",
        "good",
        "very good|excellent",
    ),
    ("quality_5", "nl"): (
        "zeer slecht|heel slecht",
        "slecht",
        "matig|neutraal|voldoende|redelijk",
        "goed",
        "zeer goed|heel goed|uitstekend",
    ),
    ("important_5", "en"): (
        "not at all important|not important at all|unimportant",
        "slightly important|not very important",
        "moderately important|somewhat important|neutral",
        "important|very important",
        "extremely important",
    ),
    ("important_5", "nl"): (
        "helemaal niet belangrijk|zeer onbelangrijk",
        "niet belangrijk|onbelangrijk",
        "neutraal|enigszins belangrijk",
        "belangrijk",
        "zeer belangrijk|heel belangrijk",
    ),
    ("applies_5", "de"): (
        "trifft gar nicht zu|trifft überhaupt nicht zu|trifft nicht zu|trifft absolut nicht zu",
        "trifft eher nicht zu|trifft wenig zu|trifft kaum zu|trifft weniger zu",
        "teils, teils|teils teils|teils/teils|teils-teils|teils / teils|weder noch|neutral|unentschieden",
        "trifft teilweise zu|trifft eher zu|trifft ziemlich zu|trifft überwiegend zu|trifft weitgehend zu",
        "trifft voll zu|trifft voll und ganz zu|trifft völlig zu|trifft vollkommen zu|trifft "
        "zu|trifft genau zu",
    ),
    ("agree_5", "de"): (
        "stimme gar nicht zu|stimme überhaupt nicht zu|stimme nicht zu",
        "stimme eher nicht zu|stimme wenig zu",
        "teils, teils|teils teils|teils/teils|weder noch|neutral|unentschieden",
        "stimme eher zu|stimme teilweise zu|stimme überwiegend zu",
        "stimme voll zu|stimme voll und ganz zu|stimme völlig zu|stimme zu",
    ),
    ("satisfying_5", "de"): (
        "gar nicht zufriedenstellend|überhaupt nicht zufriedenstellend",
        "eher nicht zufriedenstellend",
        "teils, teils|teils teils",
        "eher zufriedenstellend",
        "voll zufriedenstellend|voll und ganz zufriedenstellend",
    ),
    ("satisfied_5", "de"): (
        "sehr unzufrieden",
        "unzufrieden|eher unzufrieden",
        "teils, teils|weder noch|neutral",
        "zufrieden|eher zufrieden",
        "sehr zufrieden",
    ),
    ("frequency_5", "de"): (
        "nie|niemals",
        "selten",
        "manchmal|gelegentlich",
        "oft|häufig",
        "immer|sehr oft|sehr häufig|fast immer",
    ),
    ("agree_5", "fr"): (
        "pas du tout d'accord|tout à fait en désaccord",
        "plutôt pas d'accord|pas d'accord|en désaccord",
        "ni d'accord ni pas d'accord|neutre|ni d'accord, ni pas d'accord",
        "plutôt d'accord|d'accord",
        "tout à fait d'accord",
    ),
    ("agree_5", "es"): (
        "totalmente en desacuerdo|muy en desacuerdo|nada de acuerdo",
        "en desacuerdo",
        "ni de acuerdo ni en desacuerdo|ni en desacuerdo ni en acuerdo|neutral|neutro",
        "de acuerdo",
        "totalmente de acuerdo|muy de acuerdo",
    ),
}
"""Stated ladders by name and language; a bar parts the spellings of one step."""
_TWO_WAYS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("easy_5", "de"): (
        "extrem schwierig|sehr schwierig|sehr schwer",
        "eher schwierig|eher schwer|schwierig",
        "teils, teils|teils teils|weder noch",
        "eher leicht|eher einfach|leicht",
        "extrem leicht|sehr leicht|sehr einfach",
    ),
    ("easy_5", "en"): (
        "very difficult|extremely difficult",
        "difficult|somewhat difficult",
        "neutral|neither easy nor difficult",
        "easy|somewhat easy",
        "very easy|extremely easy",
    ),
    ("easy_5", "nl"): (
        "zeer moeilijk|heel moeilijk",
        "moeilijk",
        "neutraal|niet makkelijk, niet moeilijk",
        "makkelijk|gemakkelijk",
        "zeer makkelijk|heel makkelijk|zeer gemakkelijk",
    ),
}


@cache
def ladders() -> tuple[Ladder, ...]:
    """Return every ladder, those with the fewest steps first, built-in ones before own ones."""
    built_in = [
        Ladder(name, language, _built_in(name, language), built_in=True)
        for name, form in BUILT_IN_FORMATS.items()
        for language in form.labels
    ]
    return tuple(sorted([*built_in, *_own()], key=lambda ladder: (len(ladder.steps), not ladder.built_in)))


@cache
def _places(ladder: Ladder) -> Mapping[str, int]:
    return {_tidy(label): place for place, step in enumerate(ladder.steps) for label in step}


def ladders_of(labels: Collection[str]) -> tuple[Ladder, ...]:
    """Return the ladders that hold all labels, each on a step of its own.

    Examples
    --------
    >>> [ladder.name for ladder in ladders_of(["Agree", "Strongly agree", "Disagree"])]
    ['agree_4', 'agree_5', 'agree_6', 'agree_7']
    >>> [ladder.name for ladder in ladders_of(["Trifft voll zu", "Teils, teils"])]
    ['applies_5']
    """
    if not labels:
        return ()
    return tuple(ladder for ladder in ladders() if ladder.places_of(labels) is not None)


def ladder_for(labels: Collection[str], around: Collection[Ladder]) -> Ladder:
    """Return the ladder with the fewest steps that holds all labels, or a longer one that the neighbours use.

    Four steps of agreement are four of five where the neighbours have five.

    Parameters
    ----------
    labels : collection of str
        The answers of a column; some ladder must hold them.
    around : collection of Ladder
        Of the questions around it, the nearest first.
    """
    possible = ladders_of(labels)
    longer = (each for each in around if each in possible and len(each.steps) > len(possible[0].steps))
    return next(longer, possible[0])


def labels_as_written(ladder: Ladder, seen: Collection[str]) -> Labels:
    """Return the steps of a ladder in the spelling of the file, or a common one where the file has none."""
    places = ladder.places_of(seen) or {}
    spelt = {place: label.strip() for label, place in places.items()}
    return {ladder.language: tuple(spelt.get(place, step[0]) for place, step in enumerate(ladder.steps))}
