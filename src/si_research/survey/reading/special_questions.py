"""Questions that measure nothing: attention checks, and the question whether somebody agrees to take part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from si_research.survey.codebook import normalise, number_of
from si_research.survey.reading.cells import text_of_number
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import RawSurvey

SpecialKind = Literal["attention_check", "consent"]
_MOST_ANSWERS: Final = 12
_MOST_CONSENT_ANSWERS: Final = 3
_FAR: Final = 60
"""Characters between "choose" and the answer that is to be chosen."""
_CHOOSE: Final = re.compile(
    r"\b(?:kies|selecteer|klik|kruis|vul|antwoord|select|choose|pick|click|tick|mark|check|answer|"
    r"wähle[n]?|klicke[n]?|kreuze[n]?|beantworte[n]?)\b"
)
_ATTENTION: Final = re.compile(
    r"attention check|aandachtscontrole|controlevraag om|instructional manipulation|bogus item|"
    r"(?:to show|om te laten zien|um zu zeigen)[^.?!]{0,40}(?:attention|reading|oplet|leest|aufmerksam)|"
    r"aufmerksamkeits(?:test|prüfung|kontrolle|check)"
)
_ATTENTION_NAME: Final = re.compile(
    r"(?:attn|att(?:ention)?_?ch(?:ec)?k|attention|aandacht(?:scontrole|svraag)?|imc|bogus|"
    r"aufmerksamkeit\w*)_?\d*"
)
_CONSENT: Final = re.compile(
    r"informed consent|toestemming|\bga(?:at)? (?:u |je |ik )?(?:hiermee )?akkoord|instemmen met deelname|"
    r"\bi (?:hereby )?(?:agree|consent|give (?:my )?(?:consent|permission))\b|"
    r"\byou (?:agree|consent) to (?:participate|take part)|(?:take part|participate) in (?:this|a|the|our) "
    r"(?:research|study|survey)|deel ?(?:te )?nemen aan (?:dit|het) onderzoek|"
    r"deelname aan (?:dit|het) onderzoek|"
    r"einwilligung|einverstanden|teilnahme an (?:dieser|der) (?:studie|befragung)"
)
_CONSENT_NAME: Final = re.compile(
    r"(?:informed_?)?consent\w*|toestemming\w*|akkoord\w*|einwilligung\w*|einverst\w+", re.ASCII
)
_YES: Final = re.compile(
    r"y|j|ja|yes|accept(?:ed)?|agree(?:d)?|consent|akkoord|mee eens|einverstanden|"
    r"(?:ja|yes)[, .].*|(?:ik ga|i agree|i consent|i accept|ich bin einverstanden|ich stimme|ik stem).*"
)


@dataclass(frozen=True, slots=True)
class SpecialQuestion:
    """A question that no scale should hold.

    Attributes
    ----------
    column : str
        Its column in the file.
    kind : str
        ``attention_check`` or ``consent``.
    how : str
        What says so: its text, or only its name.
    certain : bool
        False where only its name says so.
    expected : tuple of str
        The answers, as they stand in the file, of who paid attention or agreed; empty where unknown.
    """

    column: str
    kind: SpecialKind
    how: str
    certain: bool
    expected: tuple[str, ...]


def special_questions(raw: RawSurvey) -> tuple[SpecialQuestion, ...]:
    """Return the attention checks and the questions for consent in a file; it changes and drops nothing.

    To propose them in a draft codebook. A check says which answer to choose, and that answer occurs in the
    column; "choose yes or no" names two, and is none.

    Parameters
    ----------
    raw : RawSurvey
        The file.

    Returns
    -------
    tuple of SpecialQuestion
        In the order of the file.
    """
    return tuple(_found(raw))


def _found(raw: RawSurvey) -> Iterator[SpecialQuestion]:
    parts = {str(name): _last_part(str(name)) for name in raw.frame if name not in raw.roles}
    for name, part in parts.items():
        answers = _answers(raw, name)
        if not answers or len(answers) > _MOST_ANSWERS:
            continue
        text = normalise(one_line(raw.asked.get(name, name if " " in name else "")))  # a code is no text
        found = _consent(name, part, text, answers) or _attention(name, part, text, answers, parts)
        if found is not None:
            yield found


def _answers(raw: RawSurvey, name: str) -> dict[str, str]:
    """Return each answer that occurs, as it stands in the file, with its words; many are none of a choice."""
    cells = raw.frame[name].dropna().unique()
    if len(cells) > _MOST_ANSWERS:
        return {}
    labels = raw.value_labels.get(name, {})
    shown = {
        text_of_number(cell) if isinstance(cell, float) else str(cell).strip(): labels.get(cell, str(cell))
        for cell in cells
    }
    return {code: normalise(label) for code, label in shown.items() if code}


def _last_part(name: str) -> str:
    """Return what a column is called within its question: ``JC2[AC]`` is ``AC``.

    Examples
    --------
    >>> _last_part("JC2[AC]"), _last_part("group/consent"), _last_part("Q12_AC")
    ('AC', 'consent', 'AC')
    """
    return re.split(r"[\[\]/_]+", name.strip("[]/_"))[-1] if len(name) <= _FAR else ""


def _consent(name: str, part: str, text: str, answers: dict[str, str]) -> SpecialQuestion | None:
    """A question for consent has few answers, and its name or its text asks for it."""
    if len(answers) > _MOST_CONSENT_ANSWERS:
        return None
    yes = tuple(code for code, label in answers.items() if _YES.fullmatch(label))
    if not yes and len(answers) == 1 and number_of(next(iter(answers))) is not None:
        yes = tuple(answers)  # whoever did not agree never got further: only the code of agreeing is left
    by_name = _CONSENT_NAME.fullmatch(part.casefold()) or _CONSENT_NAME.fullmatch(name.casefold())
    if not yes or not (by_name or _CONSENT.search(text)):
        return None
    in_text = (bool(_CONSENT.search(text)) and text != normalise(name)[: len(text)]) or len(name) > _FAR
    how = "its text asks for consent" if in_text or not by_name else "its name asks for consent"
    return SpecialQuestion(name, "consent", how, in_text or not by_name, yes)


def _attention(
    name: str, part: str, text: str, answers: dict[str, str], parts: dict[str, str]
) -> SpecialQuestion | None:
    """An attention check asks for one answer, or is called so."""
    asked = _asked_for(text, answers)
    if len(asked) == 1:
        return SpecialQuestion(name, "attention_check", "its text asks for one answer", True, asked)
    if _ATTENTION.search(text):
        return SpecialQuestion(name, "attention_check", "its text says so", True, ())
    if any(_ATTENTION_NAME.fullmatch(each.casefold()) for each in (part, name)):
        return SpecialQuestion(name, "attention_check", "its name says so", False, ())
    numbered = any(re.fullmatch(r"AC_?\d+", other) for other in parts.values())
    if (
        part == "AC" and part != name and not numbered
    ):  # AC1, AC2, ... are a scale, affective commitment for one
        how = "its name is AC, as attention checks often are"
        return SpecialQuestion(name, "attention_check", how, False, ())
    return None


def _asked_for(text: str, answers: dict[str, str]) -> tuple[str, ...]:
    """Return the answers that a text tells to choose; the longest where one contains another."""
    found: list[tuple[int, int, str]] = []
    for verb in _CHOOSE.finditer(text):
        after = text[verb.end() : verb.end() + _FAR]
        for code, label in answers.items():
            quoted = rf"[\"'„“”«»‚‘’]{re.escape(label)}[\"'„“”«»‚‘’]"
            bare = rf"(?<![\w\"']){re.escape(label)}(?![\w\"'])"
            place = re.search(quoted if number_of(label) is not None else rf"{quoted}|{bare}", after)
            if place:
                start = verb.end() + place.start()
                found.append((start, start + len(place[0]), code))
    whole = [
        each
        for each in found
        if not any(
            other is not each and other[0] <= each[0] and each[1] <= other[1] and other[2] != each[2]
            for other in found
        )
    ]
    return tuple(dict.fromkeys(code for _, _, code in whole))
