"""Names that many people bear, of which a column has only a few: repeated, in any capitals, in a text.

What :mod:`si_research.privacy.person_names` finds among many different cells, this finds where a handful of
names is repeated, as those of managers and coaches are. A column of which only some cells may be names is
left to whoever confirms the codebook.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from si_research.privacy.cells import Cells, Mask
from si_research.privacy.name_shapes import NOBODY, asks_for_a_person
from si_research.privacy.person_names import CAPITAL, FIRM, FIRST, LETTERS, PARTICLES

_LAST: Final = (
    "jans+en|de jong|de vries|van den berg|van dijk|bakker|visser|smits?|meijer|meyer|"
    "de boer|mulder|de groot|vos|"
    "peters|hendriks|van leeuwen|dekker|brouwer|de wit|dijkstra|de graaf|van der meer|jacobs|van der linden|"
    "vermeulen|de haan|van den broek|de bruij?n|van der heijden|schouten|van beek|willems|van vliet|hoekstra|"
    "verhoeven|koster|van dam|blom|huisman|peeters|kuipers|veenstra|postma|martens|kramer|de ruiter|"
    "gerritsen|müller|schmidt|schneider|fischer|weber|wagner|smith|jones|williams|taylor|davies|johnson|y[iı]lmaz|kaya|"
    "demir|nguyen|singh|patel|khan|el amrani"
)
"""Surnames that many people bear; some are trades too, so that they never decide by themselves."""
_LETTER: Final = r"( [A-Z]\.?)?"
_A_NAME: Final = rf"(?i)^({FIRST}){_LETTER}$|^(([A-Z]\. ?)*)({_LAST})((, | )([A-Z]\. ?)+)?$"
_FIRST_ALONE: Final = rf"(?i)^({FIRST}){_LETTER}$"
_FULL: Final = rf"(?i)^({FIRST})(-[a-z]+)?( [a-z]\.)*{PARTICLES} [{LETTERS}'’-]{{2,}}$"
_WORD: Final = rf"{CAPITAL}[{LETTERS}'’-]+"
_WITHIN: Final = (
    rf"(^|[^{LETTERS}0-9])({FIRST})(-{CAPITAL}[a-z]+)?( {CAPITAL}\.)*{PARTICLES} "
    rf"{_WORD}( {_WORD})?($|[^{LETTERS}0-9])"
)
_AROUND: Final = re.compile(r"(?<![A-Za-zÀ-ž'’-])[a-zà-ÿ]{2,}(?![A-Za-zÀ-ž'’-])")
_LINKS: Final = frozenset(PARTICLES.strip("()* ").split("|"))
_FEWEST_WORDS: Final = 2
_FEWEST: Final = 3
_FEW: Final = 2
_SHARE: Final = 0.8
_SOME: Final = 0.5


def known_names(cells: Cells, words: str) -> Mask:
    """Mark the cells of a column in which most are first names, or full names in whatever capitals.

    Parameters
    ----------
    cells : Cells
    words : str
        The name of the column, as :func:`words_of` gives it: one that asks for a person needs fewer names,
        and surnames do there too.
    """
    asks = asks_for_a_person(words)
    marked = cells.matching(_FULL) & ~_others(cells)
    if _are_most(cells, marked, _FEW):
        return marked
    marked |= cells.matching(_A_NAME if asks else _FIRST_ALONE)
    return marked if _are_most(cells, marked, _FEW if asks else _FEWEST) else np.zeros(len(marked), bool)


def name_somebody(cells: Cells) -> Mask:
    """Mark texts with a full name among other words: what somebody wrote, however often it stands there."""
    marked = _holding_a_name(cells)
    if marked.any():
        own = [_n_words(text) >= _FEWEST_WORDS for text in cells.only(marked).as_list]
        marked[marked] = own
    return marked


def may_be_known_names(cells: Cells) -> Mask:
    """Mark what may be somebody's name where that is not sure: some of the texts, or a surname alone."""
    full = _holding_a_name(cells)
    marked = cells.matching(_A_NAME)
    return full | marked if marked.sum() >= max(_FEW, _SOME * len(marked)) else full


def _holding_a_name(cells: Cells) -> Mask:
    marked = cells.matching(_WITHIN)
    if marked.any():
        names = cells.only(marked).found(_WITHIN)
        marked[marked] = [not _is_other(name) for name in names]
        marked &= ~cells.matching(FIRM)
    return marked


def _n_words(text: str) -> int:
    """Count the words without a capital that are no part of a name."""
    return sum(word not in _LINKS for word in _AROUND.findall(text))


def _is_other(text: str) -> bool:
    return re.search(NOBODY, text) is not None or re.search(FIRM, text) is not None


def _others(cells: Cells) -> Mask:
    return np.asarray(cells.matching(NOBODY) | cells.matching(FIRM))


def _are_most(cells: Cells, marked: Mask, fewest: int) -> bool:
    enough = marked.sum() >= max(fewest, _SHARE * len(marked))
    return bool(enough and cells.n_cells(marked) >= _SHARE * cells.n_filled)
