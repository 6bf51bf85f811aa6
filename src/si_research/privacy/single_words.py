"""Columns of single words: first names, surnames or initials that nobody announced, or words of people's own.

Sixty different words with a capital may be names from anywhere. Where some are first names that many people
bear, the others are names too; else they are own words at least, unless places, firms or jobs are among them.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from si_research.privacy.cells import Cells, Mask
from si_research.privacy.name_shapes import NOBODY, says_something_else
from si_research.privacy.person_names import CAPITAL, FIRM, FIRST, LETTERS, PARTICLES

_ONE_WORD: Final = (
    rf"^((?i:van|von|de|der|den|ter|ten|'t|el|al)[ -])*[{LETTERS}][{LETTERS}'’-]{{2,}}( {CAPITAL}\.?)?$"
)
_KNOWN_FIRST: Final = rf"(?i)^({FIRST})( [A-Z]\.?)?$"
_INITIALS: Final = rf"^{CAPITAL}\.? ?(({PARTICLES[2:-2]}|[a-z]{{1,3}})\.? ?)?({CAPITAL}[a-z]?\.? ?){{1,3}}$"
_ELSEWHERE: Final = (
    # places and countries
    r"(?i)^(amsterdam|rotterdam|utrecht|eindhoven|groningen|tilburg|almere|breda|nijmegen|apeldoorn|arnhem|haarlem|"
    r"enschede|amersfoort|zwolle|leiden|maastricht|dordrecht|delft|deventer|leeuwarden|assen|friesland|drenthe|"
    r"gelderland|limburg|zeeland|overijssel|flevoland|antwerpen|brussel|gent|london|paris|parijs|berlin|berlijn|"
    r"hamburg|m[uü]nchen|wien|wenen|rome|madrid|nederland|belgi[eë]|duitsland|frankrijk|spanje|itali[eë]|polen|"
    r"portugal|turkije|marokko|suriname|netherlands|belgium|germany|france|spain|italy|poland|turkey|morocco|"
    r"europa|europe|deutschland|frankreich|belgien|niederlande|"
    # firms
    r"asml|philips|shell|kpn|ing|rabobank|heineken|unilever|coolblue|bol|booking|ahold|jumbo|lidl|aldi|ikea|hema|"
    r"postnl|google|microsoft|apple|amazon|siemens|bosch|vodafone|ziggo|tennet|akzonobel|stork|fugro|deloitte|"
    # jobs and trades
    r"timmerman|kok|schilder|elektricien|loodgieter|bakker|slager|kapper|advocaat|notaris|tandarts|huisarts|"
    r"architect|journalist|boekhouder|lasser|metselaar|receptionist\w*|postbode|agent|politie|militair|student\w*|"
    r"gepensioneerd|werkloos|zzp\w*|electrician|plumber|carpenter|lawyer|baker|chef|clerk|pilot|retired|teacher|"
    # languages, months and days, studies, faiths
    r"engels|frans|duits|spaans|italiaans|english|french|german|spanish|dutch|nederlands|january|februar[iy]|"
    r"maart|march|april|mei|may|jun[ei]|jul[iy]|augustus|september|oktober|november|december|"
    r"maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|friday|"
    r"rechten|psychologie|economie|geneeskunde|geschiedenis|biologie|scheikunde|natuurkunde|wiskunde|informatica|"
    r"psychology|economics|law|medicine|history|biology|physics|mathematics|"
    r"rood|blauw|groen|geel|zwart|wit|red|blue|green|yellow|black|white)$"
)
"""Words of lists that people choose from: where three of them stand, the others are of that list."""
_WHO_ALONE: Final = re.compile(
    r"(naam|name|wie|who|medewerk(er|ster)|werknem(er|ster)|collega|leidinggevende|manager|chef|teamleider|mentor|"
    r"respondent|deelnem(er|ster)|persoon|invuller|employee|colleague|supervisor|participant|person|coworker|"
    r"mitarbeiter(in)?|kolleg(e|in)|vorgesetzte[rn]?|teilnehmer(in)?)( \d+)?"
)
_FEWEST_NAMES: Final = 10
_FEWEST_WORDS: Final = 15
_FEWEST_SAID: Final = 5
_KNOWN: Final = 3
_SHARE: Final = 0.8
_DIFFERENT: Final = 0.2
"""Different words as share of the cells from which a list to choose from is no longer likely."""


def asks_who_it_is(words: str) -> bool:
    """Whether a column is called by nothing but a word for a person: employee, colleague, name.

    Examples
    --------
    >>> asks_who_it_is("medewerker"), asks_who_it_is("collega 2"), asks_who_it_is("tevreden medewerker")
    (True, True, False)
    """
    return _WHO_ALONE.fullmatch(words) is not None


def said_to_be_people(cells: Cells, words: str) -> Mask:
    """Mark single words and initials in a column that is called by nothing but a word for a person."""
    if not asks_who_it_is(words) or len(cells.texts) < max(_FEWEST_SAID, _DIFFERENT * cells.n_filled):
        return _none(cells)
    return _if_most(cells, (cells.matching(_ONE_WORD) | cells.matching(_INITIALS)) & ~_others(cells))


def first_names(cells: Cells) -> Mask:
    """Mark single words among which there are first names that many people bear: so are the others."""
    if len(cells.texts) < _FEWEST_NAMES or cells.matching(_KNOWN_FIRST).sum() < _KNOWN:
        return _none(cells)
    return _if_most(cells, cells.matching(_ONE_WORD) & ~_others(cells))


def single_own_words(cells: Cells, words: str) -> Mask:
    """Mark single words that differ from person to person, of which nothing says what they are.

    Words without a small letter are codes, of firms or of answers.
    """
    fewest = max(_FEWEST_WORDS, _DIFFERENT * cells.n_filled)
    if len(cells.texts) < fewest or says_something_else(words):
        return _none(cells)
    return _if_most(cells, cells.matching(_ONE_WORD) & cells.matching("[a-zß-öø-ÿ]") & ~_others(cells))


def _others(cells: Cells) -> Mask:
    """Mark the words of answers, jobs, firms and places."""
    return np.asarray(cells.matching(NOBODY) | cells.matching(FIRM) | cells.matching(_ELSEWHERE))


def _if_most(cells: Cells, marked: Mask) -> Mask:
    """Return the mark where most cells have it, and no list to choose from shows itself in the others."""
    is_list = cells.matching(_ELSEWHERE).sum() >= _KNOWN
    return _none(cells) if is_list or cells.n_cells(marked) < _SHARE * cells.n_filled else marked


def _none(cells: Cells) -> Mask:
    return np.zeros(len(cells.texts), bool)
