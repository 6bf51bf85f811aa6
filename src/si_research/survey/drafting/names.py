"""Names of columns: what a codebook may call them, and which stem and number they are made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

_LONGEST: Final = 30
_GENERIC: Final = frozenset(
    {
        "q",
        "qid",
        "v",
        "var",
        "variable",
        "vraag",
        "item",
        "question",
        "frage",
        "column",
        "col",
        "kolom",
        "sq",
        "p",
    }
)
"""Stems that number the questions of a whole questionnaire and say nothing of a scale."""
_AGAIN: Final = re.compile(r"(?P<name>.*\S) (?P<number>\(\d+\))", re.DOTALL)
_ARRAY: Final = re.compile(r"(?P<stem>[^\[\]|]+?)\s*(?:\[(?P<sub>[^\[\]]+)\]|\|\s*(?P<part>.+))$", re.DOTALL)
_NUMBERED: Final = re.compile(
    r"(?P<stem>.*?[A-Za-z\]])[ _.\-]?(?P<number>\d{1,3})(?P<wave>[tT]\d)?(?P<tail>R|r|_r|"
    r"_R|rev|_rev|_rec|\*)?$"
)
_UNDERSCORED: Final = re.compile(r"(?P<stem>.*\d)_(?P<number>\d{1,3})(?P<tail>R|r|_r|_R|rev|_rev|_rec|\*)?$")
_LEADING: Final = re.compile(
    r"\s*(?:q|v|vraag|question|item)?\s*(?P<number>\d{1,3})\s*[.):]\s*(?=[^\W\d])", re.I
)
"""The number before the text of a question."""
_LETTERED: Final = re.compile(r"(?P<stem>.*\d)(?P<number>[a-z])$")


@dataclass(frozen=True, slots=True)
class Stem:
    """What the name of a column is made of.

    Attributes
    ----------
    stem : str
        What it shares with its neighbours; empty when it shares nothing.
    generic : bool
        Whether the stem only numbers the questions.
    is_array : bool
        Whether it is the question above a list of questions.
    """

    stem: str
    generic: bool
    is_array: bool = False


def stem_of(name: str) -> Stem:
    """Return the stem of a name.

    Examples
    --------
    >>> names = ("A1", "X1_2", "NEO[E1R]", "CMV[SQ001]", "D_Q11a", "sEM01t2", "gender")
    >>> [stem_of(name).stem for name in names]
    ['A', 'X1', 'NEO E', 'CMV', 'D_Q11', 'sEM t2', '']
    >>> stem_of("Q12").generic, stem_of("k1").generic
    (True, False)
    """
    again = _AGAIN.fullmatch(name.strip())
    if again:
        first = stem_of(again["name"])
        return first if first.generic else replace(first, stem=f"{first.stem} {again['number']}")
    array = _ARRAY.match(name.strip())
    if array:
        whole = " ".join(array["stem"].split())
        sub = stem_of(array["sub"]) if array["sub"] and len(array["sub"]) <= _LONGEST else Stem("", True)
        inner = "" if sub.generic or sub.stem.casefold() == whole.casefold() else sub.stem
        return Stem(f"{whole} {inner}".strip(), generic=False, is_array=True)
    for pattern in (_UNDERSCORED, _NUMBERED, _LETTERED):
        found = pattern.fullmatch(name.strip())
        if found and len(found["stem"]) <= _LONGEST:
            wave = found.groupdict().get("wave")
            stem = found["stem"].rstrip("_-. ")
            return Stem(f"{stem} {wave}" if wave else stem, stem.casefold() in _GENERIC)
    return Stem("", generic=True)


def valid_name(name: str, place: int, taken: Collection[str], by_place: str = "q") -> str:
    """Return a name that a codebook can use: the column's own where possible, else its place in the file.

    Examples
    --------
    >>> valid_name("NEO[E1R]", 4, ()), valid_name("Hoe vaak probeert u in uw werk iets nieuws uit?", 4, ())
    ('NEO_E1R', 'q5')
    >>> valid_name("1b", 0, ()), valid_name("A 1", 0, ("A_1",))
    ('q1b', 'A_1_2')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    tidy = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    if len(tidy) > _LONGEST or not tidy:
        tidy = f"{by_place}{place + 1}"
    if not tidy[0].isalpha():
        tidy = f"q{tidy}"
    unique, number = tidy, 2
    while unique in taken:
        unique, number = f"{tidy}_{number}", number + 1
    return unique


def names_for(places: Mapping[str, int]) -> dict[str, str]:
    """Return a name for each column that a codebook can use, so that a number in it means one thing.

    Where headers are numbered (``3. Ik weet hoe``) and every number occurs once, the number names the
    question, and no other column is named by its place. Where numbers occur twice, names are without them.

    Parameters
    ----------
    places : Mapping of str to int
        Columns with their place in the file, from 0.

    Examples
    --------
    >>> names_for({"1. Ik weet hoe": 4, "2. Ik mag het": 5, "leeftijd": 6})
    {'1. Ik weet hoe': 'q1', '2. Ik mag het': 'q2', 'leeftijd': 'leeftijd'}
    >>> names_for({"1. Ik weet hoe": 4, "1. Ik mag het": 5})
    {'1. Ik weet hoe': 'Ik_weet_hoe', '1. Ik mag het': 'Ik_mag_het'}
    """
    found = {name: match for name in places if (match := _LEADING.match(name))}
    numbers = {name: f"q{int(match['number'])}" for name, match in found.items()}
    own_names = {
        valid_name(name, place, (), "column_").casefold()
        for name, place in places.items()
        if name not in found
    }
    once = len(set(numbers.values())) == len(numbers) > 1 and own_names.isdisjoint(numbers.values())
    names: dict[str, str] = {}
    for name, place in places.items():
        taken = set(names.values())
        if name in found and len(found) > 1:
            own = numbers[name] if once else name[found[name].end() :]
            names[name] = valid_name(own, place, taken)
        else:
            names[name] = valid_name(name, place, taken, by_place="column_" if once else "q")
    return names


def scale_name(stem: str, names: Sequence[str], taken: Collection[str]) -> str:
    """Return the name of a scale: its stem, or its first and last item; as a codebook can use it."""
    proposed = stem if stem and len(stem) <= _LONGEST else f"{names[0]}_to_{names[-1]}"
    return valid_name(proposed[:_LONGEST], 0, taken)


def readable_title(name: str) -> str:
    """Return the name of a file or folder as a title: words apart, with a capital.

    Examples
    --------
    >>> readable_title("mkb_survey-2024"), readable_title("Antwoorden formulier (1)"), readable_title("__")
    ('Mkb survey 2024', 'Antwoorden formulier (1)', '__')
    """
    words = re.sub(r"[_\s]+|(?<=\w)-(?=\w)", " ", name).strip() or name
    return words[:1].upper() + words[1:]


_REVERSED_NAME: Final = re.compile(
    r"(.*\d\]?_?R\]?|.*\d_?r|.*[_ .](rev|rec|reversed|recoded|omgekeerd|rc|inv)\]?|.*\*)$"
)
_REVERSED_WORD: Final = re.compile(
    r"\b(reverse[d]?|recoded|reverse[- ]?(scored|coded|keyed)|omgekeerd|omgepoold|"
    r"gespiegeld|umgepolt|invertido)\b",
    re.IGNORECASE,
)


def says_reversed(name: str, text: str) -> str:
    """Return what in a name or question says that an item is (to be) turned; empty when nothing does.

    Examples
    --------
    >>> says_reversed("NEO[E1R]", ""), says_reversed("A1", "Doubts (reversed)"), says_reversed("HR", "")
    ('its name ends in R', 'its label says "reversed"', '')
    """
    if _REVERSED_NAME.fullmatch(name.strip()):
        return f"its name ends in {_ending(name.strip())}"
    word = _REVERSED_WORD.search(text)
    return f'its label says "{word[0].lower()}"' if word else ""


_NEGATED: Final = re.compile(
    r"\b(niet|niets|geen|nooit|zonder|nauwelijks|amper|zelden|liever|"
    r"not|no|never|nothing|without|hardly|rather|cannot|\w+n['’]t|"
    r"nicht|nichts|kein\w*|nie|niemals|ohne|kaum|lieber|"
    # what is lacking
    r"mis|missen|ontbreekt|ontbreken|gebrek|tekort|te weinig|onvoldoende|"
    r"lack|lacks|lacking|too (?:little|few)|insufficient(?:ly)?|unable|"
    r"fehlt|fehlen|mangelt|zu wenig|unzureichend|ungenügend|"
    # what is hard: `a difficult task` may well be liked
    r"moeilijk|lastig|moeite (?:met|om|mee)|(?:difficult|hard) (?:to|for)|difficulty|"
    r"difficulties|trouble|schwer|schwierig)\b",
    re.IGNORECASE,
)


def is_negated(question: str) -> bool:
    """Whether the wording of a Dutch, English or German question denies, misses or prefers another thing.

    Examples
    --------
    >>> is_negated("Ik weet niet hoe"), is_negated("I don't dare to"), is_negated("Ich habe neue Ideen")
    (True, True, False)
    >>> is_negated("Ik mis de kennis"), is_negated("It is hard to change"), is_negated("I work hard")
    (True, True, False)
    """
    return _NEGATED.search(question) is not None


def _ending(name: str) -> str:
    if name.endswith("*"):
        return "*"
    return re.split(r"[\d_ .]", name.rstrip("]"))[-1]
