"""LimeSurvey: system columns by code or by their full text, in the language of the survey."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from si_research.survey.codebook import normalise
from si_research.survey.reading.layout import Layout, Rows, one_line, roles_by_name
from si_research.survey.survey_data import SystemRole

_CODES: Final[dict[str, SystemRole]] = {
    "id": "respondent",
    "submitdate": "submitted",
    "lastpage": "page",
    "startlanguage": "language",
    "seed": "other",
    "startdate": "started",
    "datestamp": "recorded",
    "token": "other",
    "ipaddr": "ip_address",
    "refurl": "other",
    "interviewtime": "duration",
    "firstname": "name",
    "lastname": "name",
    "email": "email",
}
_FULL_TEXTS: Final[dict[str, SystemRole]] = {
    # English
    "response id": "respondent",
    "date submitted": "submitted",
    "last page": "page",
    "start language": "language",
    "date started": "started",
    "date last action": "recorded",
    "ip address": "ip_address",
    "referrer url": "other",
    "access code": "other",
    "total time": "duration",
    # Dutch
    "respons id": "respondent",
    "antwoord id": "respondent",
    "antwoord-id": "respondent",
    "respons-id": "respondent",
    "datum verstuurd": "submitted",
    "datum ingestuurd": "submitted",
    "datum ingediend": "submitted",
    "laatste pagina": "page",
    "begin taal": "language",
    "starttaal": "language",
    "startdatum": "started",
    "datum laatste actie": "recorded",
    "ip-adres": "ip_address",
    "verwijzer-url": "other",
    "toegangscode": "other",
    "totaaltijd": "duration",
    # German
    "antwort id": "respondent",
    "datum abgeschickt": "submitted",
    "letzte seite": "page",
    "start-sprache": "language",
    "zufallsgeneratorstartwert": "other",
    "datum gestartet": "started",
    "datum letzte aktivität": "recorded",
    "ip-adresse": "ip_address",
    "weiterleitungs-url": "other",
    "zugangscode": "other",
    "gesamtzeit": "duration",
}
_TIMINGS: Final[dict[str, SystemRole]] = dict.fromkeys(
    ("group time:", "question time:", "groep tijd:", "vraag tijd:", "gruppenzeit:", "fragenzeit:"), "timing"
)
_TIMING_CODE: Final = re.compile(r"groupTime\d+|.+Time")
_ENOUGH: Final = 3


def recognise(rows: Rows) -> Layout | None:
    """Return the layout of a LimeSurvey export with question codes or full texts as header, or None."""
    header = [one_line(cell) for cell in rows[0]] if rows else []
    if {"id", "submitdate", "lastpage", "startlanguage"} <= set(header):
        roles = tuple(_role_of_code(name, set(header)) for name in header)
        nothing = ("",) * len(header)
        how = "LimeSurvey, as it has the columns id, submitdate and lastpage"
        own = _where_the_tool_writes(roles, header.index("id"), ("timing", "duration"))
        return Layout("limesurvey", tuple(header), nothing, own, 1, 2, how)
    known = [name for name in header[:_ENOUGH] if _FULL_TEXTS.get(normalise(name))]
    if len(known) < _ENOUGH or _FULL_TEXTS[normalise(header[0])] != "respondent":
        return None
    by_text = roles_by_name(header, {**_FULL_TEXTS, "seed": "other"}, _TIMINGS)
    how = f"LimeSurvey with full question texts, as it begins with {', '.join(known)}"
    own = _where_the_tool_writes(by_text, 0, ("timing",))
    return Layout("limesurvey", tuple(header), tuple(header), own, 1, 2, how)


def _where_the_tool_writes(
    roles: Sequence[SystemRole | None], first: int, anywhere: tuple[SystemRole, ...]
) -> tuple[SystemRole | None, ...]:
    """Keep the roles in front of and behind the questions: a question may be called "Startdatum" itself."""
    last = next((place for place in range(first, len(roles)) if roles[place] is None), len(roles))
    behind = len(roles)
    while behind > last and roles[behind - 1] in ("duration", "timing"):
        behind -= 1
    return tuple(
        role if place < last or place >= behind or role in anywhere else None
        for place, role in enumerate(roles)
    )


def _role_of_code(name: str, header: set[str]) -> SystemRole | None:
    """Timing columns are named after a group, or after a question that stands in the file too."""
    if name in _CODES:
        return _CODES[name]
    if name.startswith("attribute_"):
        return "other"
    if not _TIMING_CODE.fullmatch(name):
        return None
    asked = name.removesuffix("Time")
    is_timing = name.startswith("groupTime") or any(
        other == asked or other.startswith(f"{asked}[") for other in header
    )
    return "timing" if is_timing else None
