"""The role that the name of a column says: organisation, department, team, wave, weight and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from si_research.survey.codebook import RoleName
from si_research.survey.drafting.facts import ColumnFacts

_ROLE_WORDS: Final[Mapping[RoleName, re.Pattern[str]]] = {
    "organisation": re.compile(
        r"\b(organi[sz]atie|organi[sz]ation|bedrijf|bedrijfsnaam|werkgever|firm|firma|company|"
        r"employer|instelling|"
        r"institution|institución|institucion|organización|onderneming|unternehmen|empresa|"
        r"ontvanger|recipient)\b",
        re.IGNORECASE,
    ),
    "team": re.compile(r"\b(team|teamnaam|work ?group)\b", re.IGNORECASE),
    "department": re.compile(r"\b(afdeling|department|abteilung)\b", re.IGNORECASE),
    "wave": re.compile(
        r"\b(wave|golf|meting|meetmoment|tijdstip|time ?point|messzeitpunkt|jaar|year)\b", re.IGNORECASE
    ),
    "weight": re.compile(r"\b(weight|gewicht|weging|weegfactor|weights?|wt[a-z]*)\b", re.IGNORECASE),
    "duration": re.compile(
        r"\b(duration|duur|invulduur|tijdsduur|dauer|duur seconden|seconds|interviewtime)\b", re.IGNORECASE
    ),
    "completed": re.compile(r"\b(completed|finished|afgerond|voltooid|vollständig)\b", re.IGNORECASE),
}
_MOST_WORDS: Final = 3


def role_said_by(facts: ColumnFacts) -> RoleName | None:
    """Return the role that a short name or label says; None for questions and long texts.

    A whole question names an organisation or a year without asking which one.
    """
    for text in (facts.name, facts.text):
        words = re.sub(r"[_\-.]+", " ", text).strip()
        if words and len(words.split()) <= _MOST_WORDS:
            for role, pattern in _ROLE_WORDS.items():
                if pattern.search(words):
                    return role
    return None
