"""The shape of people's names: two or three words with a capital, and whether a question asks for one.

No list holds everybody's name, so that the shape has to do where no title, initials or common first name
stands. A firm, a job, a place or an answer can have that shape too: the words that these consist of, and
columns that say that they hold them, are left alone.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from si_research.privacy.cells import Cells, Mask
from si_research.privacy.person_names import CAPITAL, FIRM, LETTERS, PARTICLES

WORD: Final = rf"{CAPITAL}[a-zß-öø-žẠ-ỹ'’][{LETTERS}'’-]*"
FULL_NAME: Final = (
    rf"^{WORD}( {CAPITAL}\.)*{PARTICLES} {WORD}( {WORD})?$|^{WORD}( {WORD})?, {WORD}{PARTICLES}$"
)
_ONE_WORD: Final = rf"^{WORD}$"
NOBODY: Final = (
    # answers and degrees
    r"(?i)\b(eens|oneens|agree|disagree|neutra\w+|nooit|zelden|soms|vaak|meestal|altijd|never|rarely|seldom|"
    r"sometimes|often|usually|always|zeer|heel|erg|niet|wel|geen|weinig|veel|beetje|enigszins|tamelijk|redelijk|"
    r"nauwelijks|helemaal|volledig|totaal|gedeeltelijk|matig|goed|slecht|voldoende|onvoldoende|hoge?|lage?|"
    r"mate|sterk|zwak|very|not|no|none|little|much|some\w*|all|every\w*|strongly|slightly|extremely|moderately|"
    r"quite|fully|completely|partly|good|bad|poor|fair|excellent|high|low|ja|nee|yes|anders?|andere|overige?|"
    r"other|weet|know|onbekend|unknown|niemand|iedereen|nobody|anyone|ikzelf|mezelf|myself|sehr|nicht|kein\w*|"
    r"stimme|trifft|maand\w*|week|weken|dag|dagen|jaar|jaren|month|days?|years?|full|part|time|"
    # jobs
    r"\w*(manager|directeur|director|directrice|leider|leidster|coach|adviseur|medewerk\w+|assistent\w*|assistant|"
    r"analist|analyst|ingenieur|engineer|monteur|operator|secretar\w+|controller|accountant|developer|"
    r"programmeur|ontwerper|designer|consultant|officer|specialist\w*|expert|docent\w*|leraar|teacher|"
    r"verpleegkundige|nurse|verzorgende|arts|chauffeur|planner|inkoper|verkoper|eigenaar|owner|ondernemer|"
    r"stagiair\w*|trainee|intern|professor|onderzoeker|researcher|hoofd|head|chief|lead|leidinggevende|teamlead|"
    r"supervisor|baas|chef|boss|bestuurder|co[oö]rdinator|collega\w*|colleagues?|vriend\w*|friends?|partner|"
    r"familie|family|werknemer\w*|employee|kracht|beheerder|administrateur|administrator|technicus|kelner|"
    r"mitarbeiter\w*|leiter\w*|junior|senior|medior|executive|vice|president)|"
    # organisations and their parts
    r"team\w*|afdeling|department|division|unit|sector|directie|management|bestuur|raad|council|committee|"
    r"human|resources?|finance|financi\w+|marketing|sales|verkoop|inkoop|productie|production|research|"
    r"development|service|support|operations|administrati\w+|techniek|technologie|technology|communicati\w+|"
    r"logisti\w+|kwaliteit|quality|facilitair\w*|beleid|policy|juridisch\w*|legal|customer|klant\w*|public|"
    r"universi\w+|hogeschool|college|school|academ\w+|instituut|institute|ministerie|ministry|gemeente|provincie|"
    r"agency|office|centr\w+|center|bank|hotel|restaurant|caf[eé]|bakkerij|slagerij|apotheek|ziekenhuis|hospital|"
    r"zorg\w*|\w+zorg|bouw|bouwbedrijf|\w+bouw|\w*transport|\w*installati\w+|\w*beheer|\w*advies|makelaar\w*|energie|energy|"
    r"systems?|software|solutions?|media|design|studio|industri\w+|trading|logistics|foods?|retail|supermarkt\w*|"
    r"bedrijf|bedrijven|company|firma|unternehmen|federa\w+|national\w*|royal|koninklijke|"
    # places
    r"(noord|zuid|oost|west)(elijke?)?|(north|south|east|west)(ern)?|midden|regio|region|stad|city|new|nieuw|"
    r"sint|saint|united|republic|holland|brabant|kingdom|states|straat|laan|street|road)\b"
)
"""Words of answers, jobs, firms and places, in which no person's name is."""
_ASKS_WHO: Final = re.compile(
    r"^((q|v|vraag|frage|question) )?(\d+ )*((naar|aan|van|met|bij|door|to|with|from) )?"
    r"(wie|who|whom|wer|wem|wen)\b"
)
A_COLLEAGUE: Final = re.compile(
    r"\b(collega|leidinggevende|manager|baas|chef|teamleider|supervisor|colleague|boss|mentor|coach|buddy|"
    r"begeleider|vorgesetzte[rn]?|kolleg(e|in))\b"
)
_SAYS_SOMETHING_ELSE: Final = re.compile(
    r"\b(\w*bedrijf\w*|\w*organi[sz]ati\w+|\w*werkgever\w*|firm\w*|compan\w+|employer\w*|instelling\w*|school\w*|"
    r"\w*plaats\w*|stad|city|town|gemeente|municipality|provincie|province|regio|region|land|country|functie\w*|"
    r"function|job|rol|role|titel|title|beroep|occupation|profession|position|afdeling\w*|department\w*|team\w*|"
    r"unit|sector\w*|branche|industry|product\w*|project\w*|merk|brand|opleiding\w*|education|studie|study|type|"
    r"niveau|level|label\w*|variable|item|categor\w+|unternehmen|abteilung|beruf|ort)\b"
)
_LONGEST_LABEL: Final = 3
_LOOKED_AT: Final = 200
_FEWEST: Final = 10
_MOST_ALIKE: Final = 0.4
_SHARE: Final = 0.8


def have_names_shape(cells: Cells) -> Mask:
    """Mark full names by their shape, without the words of an answer, a job, a firm or a place."""
    return _without_others(cells, cells.matching(FULL_NAME))


def asked_for(cells: Cells, words: str) -> Mask:
    """Mark what are names when the column asks for a colleague or a manager, or asks who; else nothing.

    Parameters
    ----------
    cells : Cells
    words : str
        The name of the column or its question, as :func:`words_of` gives it.
    """
    asks_who = _ASKS_WHO.search(words) is not None
    if not asks_for_a_person(words):
        return np.zeros(len(cells.texts), bool)
    marked = have_names_shape(cells)
    if asks_who and not _are_most(cells, marked, 3):
        marked = _without_others(cells, cells.matching(FULL_NAME) | cells.matching(_ONE_WORD))
        return marked if _are_most(cells, marked, 5) else np.zeros(len(marked), bool)
    return marked if _are_most(cells, marked, 3) else np.zeros(len(marked), bool)


def asks_for_a_person(words: str) -> bool:
    """Whether a name or question asks who, or is short and speaks of a colleague or manager."""
    label = words.count(" ") < _LONGEST_LABEL + 1 and A_COLLEAGUE.search(words) is not None
    asks = label or _ASKS_WHO.search(words) is not None
    return asks and not says_something_else(words)


def differ_as_names_do(cells: Cells, words: str) -> Mask:
    """Mark the texts of a column of which nothing says that they are names, but nearly all have the shape.

    Names differ from person to person, in their first word as in their last; options are repeated, and the
    names of teams and functions share their words.
    """
    nothing = np.zeros(len(cells.texts), bool)
    if _SAYS_SOMETHING_ELSE.search(words) or len(cells.texts) < max(_FEWEST, cells.n_filled / 2):
        return nothing
    marked = have_names_shape(cells)
    if not _are_most(cells, marked, _FEWEST):
        return nothing
    sample = [text.split() for text in cells.only(marked).as_list[:_LOOKED_AT]]
    fewest = min(len({text[place] for text in sample}) for place in (0, -1))
    return marked if fewest >= _MOST_ALIKE * len(sample) else nothing


def are_mostly_names(cells: Cells) -> bool:
    """Whether most cells have the shape of full names."""
    return _are_most(cells, have_names_shape(cells), 3)


def says_something_else(words: str) -> bool:
    """Whether the name of a column or its question speaks of a firm, a place, a job or a thing."""
    return _SAYS_SOMETHING_ELSE.search(words) is not None


def _without_others(cells: Cells, marked: Mask) -> Mask:
    people: Mask = marked.copy()
    if people.any():
        some = cells.only(marked)
        people[marked] = ~some.matching(NOBODY) & ~some.matching(FIRM)
    return people


def _are_most(cells: Cells, marked: Mask, fewest: int) -> bool:
    return bool(marked.sum() >= fewest and cells.n_cells(marked) >= _SHARE * cells.n_filled)
