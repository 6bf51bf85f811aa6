"""Questions as they stand above columns: number, wording and note apart, so that wordings can be compared."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from si_research.survey.response_format import one_line

_INLINE: Final = re.compile(r"</?(?:a|b|em|font|i|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG: Final = re.compile(r"<(?:!--.*?--|/?[a-zA-Z][^<>]*)>", re.DOTALL)
_NUMBER: Final = re.compile(r"([A-Za-z]{0,3}\d{1,3}(?:[._]\d{1,2}|[a-z])?)(?:\s*[.:)]\s+|\s+[-–—]\s+)(?=\S)")
_CODE: Final = re.compile(r"[A-Za-z]{1,3}\d{1,3}(?:[._](?:\d{1,2}|[A-Za-z]))?")
_SHARE_NOTE: Final = re.compile(r"\s*\((?:%|percentage?\b|per cent\b)[^()]*\)\s*$", re.IGNORECASE)
_TYPOGRAPHY: Final = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
    | {"–": "-", "—": "-", "‐": "-", "\u200b": None, "\ufeff": None, "\u00ad": None}
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a tool or a table writes it.

    Attributes
    ----------
    code : str
        Its number in the questionnaire, such as ``B01``; empty where there is none.
    text : str
        The wording on one line, without number, markup and note; empty where only a number is given.
    note : str
        What the figures below it are, such as ``% strongly agree or agree``; empty for answers of people.
    """

    code: str
    text: str
    note: str

    @property
    def key(self) -> str:
        """The wording in the form in which wordings are compared."""
        return spelling_of(self.text)


def spelling_of(text: str) -> str:
    """Return a text without what differs by the hand that typed it: case, typography, spaces, last full stop.

    Examples
    --------
    >>> spelling_of(" I say “we”, not  “they”. ")
    'i say "we", not "they"'
    """
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY).casefold()
    joined = " ".join(plain.split())
    return joined.rstrip(" .:;,…") or joined


def question_of(text: str) -> Question:
    """Take a question apart. Only what is surely no wording leaves it: every word stays.

    Parameters
    ----------
    text : str
        What stands above a column, or in the list of questions.

    Returns
    -------
    Question

    Examples
    --------
    >>> question_of("B05. I have a  choice in my work (% agree)")
    Question(code='B05', text='I have a choice in my work', note='% agree')
    >>> question_of("B33"), question_of("<p>Do you like <b>it</b>?</p> (0 = not at all)").text
    (Question(code='B33', text='', note=''), 'Do you like it? (0 = not at all)')
    """
    plain = one_line(html.unescape(_TAG.sub(" ", _INLINE.sub("", text))))
    if _CODE.fullmatch(plain):
        return Question(plain, "", "")
    note = _SHARE_NOTE.search(plain)
    wording = plain[: note.start()] if note else plain
    number = _NUMBER.match(wording)
    return Question(
        code=number.group(1) if number else "",
        text=(wording[number.end() :] if number else wording).strip(),
        note=note.group().strip()[1:-1].strip() if note else "",
    )
