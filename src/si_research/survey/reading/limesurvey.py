"""LimeSurvey: system columns by code or by their full text, in the language of the survey."""

from __future__ import annotations

import re
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
    "datum verstuurd": "submitted",
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
    if header[:1] == ["id"] and {"submitdate", "lastpage", "startlanguage"} <= set(header):
        roles = tuple(_role_of_code(name, set(header)) for name in header)
        nothing = ("",) * len(header)
        how = "LimeSurvey, as it has the columns id, submitdate and lastpage"
        return Layout("limesurvey", tuple(header), nothing, roles, 1, 2, how)
    known = [name for name in header[:_ENOUGH] if _FULL_TEXTS.get(normalise(name))]
    if len(known) < _ENOUGH:
        return None
    by_text = roles_by_name(header, {**_FULL_TEXTS, "seed": "other"}, _TIMINGS)
    how = f"LimeSurvey with full question texts, as it begins with {', '.join(known)}"
    return Layout("limesurvey", tuple(header), tuple(header), by_text, 1, 2, how)


def _role_of_code(name: str, header: set[str]) -> SystemRole | None:
    """Timing columns are named after a group, or after a question that stands in the file too."""
    if name in _CODES:
        return _CODES[name]
    if not _TIMING_CODE.fullmatch(name):
        return None
    asked = name.removesuffix("Time")
    is_timing = name.startswith("groupTime") or any(
        other == asked or other.startswith(f"{asked}[") for other in header
    )
    return "timing" if is_timing else None
