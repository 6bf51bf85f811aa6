"""Words by which a file says itself why there is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from si_research.survey.codebook import MissingReason, normalise
from si_research.survey.survey_data import REASON_LABELS

_WORDS: Final[Mapping[MissingReason, str]] = {
    "does_not_apply": "iap|inap|inapplicable|not applicable|does not apply|n/a|n.a|n.v.t|nvt|"
    "niet van toepassing",
    "does_not_know": "dk|don't know|dont know|do not know|can't choose|cant choose|no opinion|weet niet|"
    "weet ik niet|weet het niet|geen idee|geen mening",
    "refused": "refused|refusal|prefer not to say|geweigerd|weigert|wil niet zeggen|wil ik niet zeggen|"
    "zeg ik liever niet|ik wil deze vraag niet beantwoorden|i do not want to answer this question",
    "unanswered": "na|no answer|not answered|geen antwoord|niet ingevuld",
    "not_asked": "not asked|niet gevraagd|niet voorgelegd",
    "routed_past": "valid skip|routed past",
}
"""Labels that name their reason themselves. In the General Social Survey NA stands for no answer."""
_REASON_OF_WORD: Final = {
    **{word: reason for reason, words in _WORDS.items() for word in words.split("|")},
    **{normalise(label): reason for reason, label in REASON_LABELS.items()},
}

LABELS_OF_MISSING: Final[Mapping[str, MissingReason]] = dict.fromkeys(
    ("missing", "ontbreekt", "ontbrekend"), "declared_missing"
)
"""What a label of a file may say beside these words; as an answer that somebody typed it says nothing."""


def reason_in_words(label: str) -> MissingReason | None:
    """Return why there is no answer where a label says so itself; None for a label that is an answer.

    Examples
    --------
    >>> reason_in_words("Weet niet"), reason_in_words("Mee eens")
    ('does_not_know', None)
    """
    return _REASON_OF_WORD.get(normalise(label))
