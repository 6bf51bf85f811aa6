"""The response formats that every codebook can name without spelling them out.

Each step lists the words that surveys in the field use for it, in Dutch and in English. Words that
stand for different steps in different questionnaires are left out ("regelmatig" and "bijna nooit"
among five, "moderately agree" among seven): an error that asks is better than a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from si_research.survey.response_format import Labels, Option, ResponseFormat, normalise

_AGREE_ENDS_NL: Final = ("helemaal", "volledig", "geheel", "zeer", "sterk", "volkomen")
_AGREE_ENDS_EN: Final = ("strongly", "completely", "totally", "fully", "entirely")


def _with(adverbs: Iterable[str], *phrases: str) -> tuple[str, ...]:
    return tuple(f"{adverb} {phrase}" for phrase in phrases for adverb in adverbs)


_STRONGLY_DISAGREE_NL: Final = (
    *_with(_AGREE_ENDS_NL, "mee oneens", "oneens"),
    *_with(("helemaal", "volledig", "geheel"), "niet mee eens", "niet eens"),
)
_STRONGLY_AGREE_NL: Final = _with(_AGREE_ENDS_NL, "mee eens", "eens")
_STRONGLY_DISAGREE_EN: Final = (
    *_with(_AGREE_ENDS_EN, "disagree"),
    "disagree strongly",
    "disagree completely",
)
_STRONGLY_AGREE_EN: Final = (*_with(_AGREE_ENDS_EN, "agree"), "agree strongly", "agree completely")
_DISAGREE_NL: Final = ("mee oneens", "oneens", "niet mee eens", "niet eens")
_AGREE_NL: Final = ("mee eens", "eens")
_SOMEWHAT_NL: Final = ("enigszins", "een beetje", "beetje", "deels", "eerder", "gedeeltelijk")
_SOMEWHAT_DISAGREE_NL: Final = (
    *_with(_SOMEWHAT_NL, "mee oneens", "oneens"),
    *_with(("enigszins", "een beetje", "deels"), "niet mee eens"),
)
_SOMEWHAT_AGREE_NL: Final = _with(_SOMEWHAT_NL, "mee eens", "eens")
_SOMEWHAT_EN: Final = ("somewhat", "slightly", "partly")
_SOMEWHAT_DISAGREE_EN: Final = (
    *_with(_SOMEWHAT_EN, "disagree"),
    "disagree somewhat",
    "disagree slightly",
    "tend to disagree",
)
_SOMEWHAT_AGREE_EN: Final = (
    *_with(_SOMEWHAT_EN, "agree"),
    "agree somewhat",
    "agree slightly",
    "tend to agree",
)
_NEUTRAL_NL: Final = (
    "niet mee eens, niet mee oneens",
    "niet mee eens en niet mee oneens",
    "niet mee eens of oneens",
    "niet mee eens / niet mee oneens",
    "niet mee eens/niet mee oneens",
    "niet mee oneens, niet mee eens",
    "niet mee oneens/niet mee eens",
    "niet eens, niet oneens",
    "niet eens en niet oneens",
    "niet eens/niet oneens",
    "noch mee eens, noch mee oneens",
    "noch mee eens noch mee oneens",
    "noch mee oneens, noch mee eens",
    "noch mee oneens noch mee eens",
    "noch eens, noch oneens",
    "noch eens noch oneens",
    "mee eens noch mee oneens",
    "mee eens, noch mee oneens",
    "eens noch oneens",
    "neutraal",
)
_NEUTRAL_EN: Final = (
    "neither agree nor disagree",
    "neither disagree nor agree",
    "neither agree or disagree",
    "neither agree, nor disagree",
    "neither",
    "neutral",
)

_AGREE_5: Final[Labels] = {
    "nl": (
        _STRONGLY_DISAGREE_NL,
        (*_DISAGREE_NL, *_SOMEWHAT_DISAGREE_NL),
        _NEUTRAL_NL,
        (*_AGREE_NL, *_SOMEWHAT_AGREE_NL),
        _STRONGLY_AGREE_NL,
    ),
    "en": (
        _STRONGLY_DISAGREE_EN,
        ("disagree", *_SOMEWHAT_DISAGREE_EN),
        _NEUTRAL_EN,
        ("agree", *_SOMEWHAT_AGREE_EN),
        _STRONGLY_AGREE_EN,
    ),
}
_AGREE_7: Final[Labels] = {
    "nl": (
        _STRONGLY_DISAGREE_NL,
        (*_DISAGREE_NL, "grotendeels mee oneens", "grotendeels oneens"),
        _SOMEWHAT_DISAGREE_NL,
        _NEUTRAL_NL,
        _SOMEWHAT_AGREE_NL,
        (*_AGREE_NL, "grotendeels mee eens", "grotendeels eens"),
        _STRONGLY_AGREE_NL,
    ),
    "en": (
        _STRONGLY_DISAGREE_EN,
        ("disagree", "mostly disagree"),
        _SOMEWHAT_DISAGREE_EN,
        _NEUTRAL_EN,
        _SOMEWHAT_AGREE_EN,
        ("agree", "mostly agree"),
        _STRONGLY_AGREE_EN,
    ),
}
_FREQUENCY_5: Final[Labels] = {
    "nl": (
        ("nooit", "(bijna) nooit", "nooit of bijna nooit", "nooit/bijna nooit"),
        ("zelden",),
        ("soms", "af en toe"),
        ("vaak", "dikwijls"),
        ("altijd", "(bijna) altijd", "altijd of bijna altijd", "altijd/bijna altijd"),
    ),
    "en": (
        ("never", "(almost) never", "never or almost never", "never/almost never", "never/hardly ever"),
        ("rarely", "seldom"),
        ("sometimes", "occasionally"),
        ("often", "frequently"),
        ("always", "(almost) always", "always or almost always", "always/almost always"),
    ),
}
# Seven steps as in the work engagement scales; code them 0 to 6 with an own format.
_FREQUENCY_7: Final[Labels] = {
    "nl": (
        ("nooit",),
        ("bijna nooit", "sporadisch", "bijna nooit (een paar keer per jaar of minder)"),
        ("zelden", "af en toe", "zelden (eens per maand of minder)", "af en toe (eens per maand of minder)"),
        ("soms", "regelmatig", "soms (een paar keer per maand)", "regelmatig (een paar keer per maand)"),
        ("vaak", "dikwijls", "vaak (eens per week)", "dikwijls (eens per week)"),
        ("zeer vaak", "heel vaak", "zeer dikwijls", "zeer vaak (een paar keer per week)", "bijna altijd"),
        ("altijd", "altijd (dagelijks)", "altijd (elke dag)"),
    ),
    "en": (
        ("never",),
        ("almost never", "almost never (a few times a year or less)"),
        ("rarely", "seldom", "rarely (once a month or less)"),
        ("sometimes", "sometimes (a few times a month)"),
        ("often", "frequently", "often (once a week)"),
        ("very often", "very frequently", "very often (a few times a week)", "almost always"),
        ("always", "always (every day)"),
    ),
}
_YES_NO: Final[Labels] = {
    "nl": (("nee", "neen", "niet waar", "onwaar"), ("ja", "j", "waar")),
    "en": (("no", "n", "false"), ("yes", "y", "true")),
}


def _labelled(labels: Labels, lowest: float = 1) -> ResponseFormat:
    return ResponseFormat(labels=dict(labels), lowest=lowest)


BUILT_IN_FORMATS: Final = {
    "agree_5": _labelled(_AGREE_5),
    "agree_7": _labelled(_AGREE_7),
    "frequency_5": _labelled(_FREQUENCY_5),
    "frequency_7": _labelled(_FREQUENCY_7),
    "yes_no": _labelled(_YES_NO, lowest=0),
    "mark_10": ResponseFormat(options=tuple(Option(value=mark) for mark in range(1, 11))),
}
"""The formats by the name that an item gives; values start at 1 (yes_no: no 0, yes 1)."""


def mixed_spellings(format_name: str, answers: Iterable[str]) -> dict[float, tuple[str, ...]]:
    """Return the values that one column spells in two ways of the same language.

    A built-in format knows many spellings; one questionnaire uses one of each. "Zeer mee eens"
    next to "helemaal mee eens" in a column means that these are two steps there, and that the
    format of the codebook is the wrong one. Use it on the distinct answers of one column, for
    built-in formats; an own format lists its spellings on purpose and always passes.

    Parameters
    ----------
    format_name : str
        Name that the item gives.
    answers : iterable of str
        Answers of one column as in the file.

    Returns
    -------
    dict
        Value to its spellings (normalised, sorted); empty when nothing is mixed.

    Examples
    --------
    >>> mixed_spellings("agree_5", ["Zeer mee eens", "Helemaal mee eens", "Strongly agree"])
    {5.0: ('helemaal mee eens', 'zeer mee eens')}
    """
    built_in = BUILT_IN_FORMATS.get(format_name)
    if built_in is None:
        return {}
    found = {normalise(answer) for answer in answers}
    mixed: dict[float, tuple[str, ...]] = {}
    for steps in built_in.labels.values():
        for option, spellings in zip(built_in.options, steps, strict=True):
            used = found.intersection(map(normalise, spellings))
            if len(used) > 1:
                mixed[option.value] = tuple(sorted(used))
    return mixed
