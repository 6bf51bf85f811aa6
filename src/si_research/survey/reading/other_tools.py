"""SurveyMonkey, Unipark, Google Forms, Microsoft Forms and KoboToolbox: the header and columns of each."""

from __future__ import annotations

import re
from typing import Final

from si_research.survey.codebook import SourceTool, normalise
from si_research.survey.reading.layout import Layout, Rows, one_line, roles_by_name
from si_research.survey.survey_data import SystemRole

_SURVEYMONKEY: Final[dict[str, SystemRole]] = {
    "respondent id": "respondent",
    "respondentid": "respondent",
    "collector id": "other",
    "collectorid": "other",
    "start date": "started",
    "date created": "started",
    "datecreated": "started",
    "end date": "recorded",
    "date modified": "recorded",
    "datemodified": "recorded",
    "ip address": "ip_address",
    "email address": "email",
    "first name": "name",
    "last name": "name",
    "custom data 1": "other",
    "respondent-id": "respondent",
    "collector-id": "other",
    "begindatum": "started",
    "einddatum": "recorded",
    "ip-adres": "ip_address",
    "e-mailadres": "email",
    "voornaam": "name",
    "achternaam": "name",
    "aangepaste gegevens 1": "other",
}
_SURVEYMONKEY_FIRST: Final = ("respondent id", "respondentid", "respondent-id")
_ENOUGH: Final = 3
"""System columns without a cell below them that show a header in two rows."""
_ANSWER_CELLS: Final = frozenset({"response", "open-ended response", "antwoord", "reactie", "open antwoord"})
_OWN_WORDS: Final = frozenset({"other (please specify)", "overige (geef nadere toelichting)"})
_UNIPARK: Final[dict[str, SystemRole]] = {
    "lfdn": "respondent",
    "external_lfdn": "other",
    "tester": "status",
    "dispcode": "finished",
    "lastpage": "page",
    "duration": "duration",
    "quality": "other",
    "browser": "device",
    "referer": "device",
    "device_type": "device",
    "participant_browser": "device",
    "participant_device": "device",
    "ip_addr": "ip_address",
    "session_id": "other",
    "language": "language",
    "cleaned": "other",
    "ats": "other",
    "quota": "other",
    "quota_assignment": "other",
    "quota_rejected_id": "other",
    "page_history": "other",
    "hflip": "other",
    "vflip": "other",
    "output_mode": "device",
    "javascript": "device",
    "flash": "device",
    "datetime": "started",
    "date_of_last_access": "recorded",
    "date_of_first_mail": "other",
}
_UNIPARK_TIME: Final = re.compile(r"rts\d+", re.IGNORECASE)
_MOMENT: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},?[ T]+\d{1,2}[:.]\d\d", re.ASCII)
"""The beginning of a date with its time, in any order."""
_GOOGLE: Final[dict[str, SystemRole]] = {
    "timestamp": "recorded",
    "tijdstempel": "recorded",
    "zeitstempel": "recorded",
    "email address": "email",
    "e-mailadres": "email",
    "username": "email",
    "gebruikersnaam": "email",
    "score": "other",
}
_MICROSOFT: Final[dict[str, SystemRole]] = {
    "id": "respondent",
    "start time": "started",
    "begintijd": "started",
    "startzeit": "started",
    "completion time": "recorded",
    "tijd van voltooien": "recorded",
    "fertigstellungszeit": "recorded",
    "email": "email",
    "e-mail": "email",
    "e-mailadres": "email",
    "name": "name",
    "naam": "name",
    "last modified time": "other",
    "tijd van laatste wijziging": "other",
    "language": "language",
    "taal": "language",
}
_KOBO: Final[dict[str, SystemRole]] = {
    "start": "started",
    "end": "submitted",
    "today": "other",
    "username": "name",
    "deviceid": "device",
    "phonenumber": "other",
    "subscriberid": "device",
    "simserial": "device",
    "audit": "other",
    "_id": "respondent",
    "_uuid": "other",
    "_submission_time": "recorded",
    "_validation_status": "other",
    "_notes": "other",
    "_status": "other",
    "_submitted_by": "name",
    "__version__": "other",
    "_tags": "other",
    "_index": "other",
    "meta/instanceid": "other",
    "meta/rootuuid": "other",
}


def recognise_surveymonkey(rows: Rows) -> Layout | None:
    """Return the layout of a SurveyMonkey export, or None: its header has questions above answers."""
    if len(rows) < 2 or normalise(rows[0][0] if rows[0] else "") not in _SURVEYMONKEY_FIRST:
        return None
    lower = (*rows[1], *[""] * len(rows[0]))
    own = next((place for place, cell in enumerate(lower) if cell.strip()), 0)
    in_front = [name for name in rows[0][:own] if normalise(name) in _SURVEYMONKEY]
    says_answer = bool((_ANSWER_CELLS | _OWN_WORDS) & {normalise(cell) for cell in rows[1]})
    if own == 0 or not (says_answer or len(in_front) >= _ENOUGH):
        return None
    names: list[str] = []
    question = ""
    for above, below in zip(rows[0], lower, strict=False):
        question = one_line(above) or question
        part = one_line(below)
        names.append(question if not part or normalise(part) in _ANSWER_CELLS else f"{question} | {part}")
    roles = (*roles_by_name(names[:own], _SURVEYMONKEY), *(None,) * len(names[own:]))
    how = "SurveyMonkey, as its second row names the kind of answer below each question"
    return Layout("surveymonkey", tuple(names), tuple(names), roles, 1, 3, how)


def recognise_unipark(rows: Rows) -> Layout | None:
    """Return the layout of a Unipark (EFS Survey) export, or None."""
    times = (
        [cell.strip().casefold() for cell in rows[0] if _UNIPARK_TIME.fullmatch(cell.strip())] if rows else []
    )
    known: dict[str, SystemRole] = {**_UNIPARK, **dict.fromkeys(times, "timing")}
    return _by_columns(rows, "unipark", "Unipark", ({"lfdn", "dispcode"},), known)


def recognise_kobotoolbox(rows: Rows) -> Layout | None:
    """Return the layout of a KoboToolbox export, or None."""
    needed = ({"_uuid", "_submission_time"},)
    return _by_columns(rows, "kobotoolbox", "KoboToolbox", needed, _KOBO)


def recognise_microsoft_forms(rows: Rows) -> Layout | None:
    """Return the layout of a Microsoft Forms export, or None."""
    needed = (
        {"id", "start time", "completion time"},
        {"id", "begintijd", "tijd van voltooien"},
        {"id", "startzeit", "fertigstellungszeit"},
    )
    layout = _by_columns(rows, "microsoft_forms", "Microsoft Forms", needed, _MICROSOFT, first=6)
    return layout and _with_texts(layout)


def recognise_google_forms(rows: Rows) -> Layout | None:
    """Return the layout of a Google Forms export, or None: the time of an answer, then questions in words."""
    if not rows or not rows[0] or rows[0][0].strip() not in ("Timestamp", "Tijdstempel", "Zeitstempel"):
        return None
    answers = next((row for row in rows[1:] if any(row)), None)
    in_words = any(normalise(name) not in _GOOGLE and set(name.strip()) & set(" ?[") for name in rows[0][1:])
    if not in_words or (answers is not None and not _MOMENT.match(answers[0].strip())):
        return None
    needed = ({normalise(rows[0][0])},)
    layout = _by_columns(rows, "google_forms", "Google Forms", needed, _GOOGLE, first=3)
    return layout and _with_texts(layout)


def _by_columns(
    rows: Rows,
    tool: SourceTool,
    title: str,
    needed: tuple[set[str], ...],
    known: dict[str, SystemRole],
    first: int | None = None,
) -> Layout | None:
    """Recognise a tool by columns that only it has; ``first`` limits where its system columns stand."""
    header = [one_line(cell) for cell in rows[0]] if rows else []
    tidy = [normalise(name) for name in header[:first]]
    found = next((columns for columns in needed if columns <= set(tidy)), None)
    if found is None:
        return None
    roles = roles_by_name(header, known)
    if first is not None:  # a question may be called "Name"
        roles = (*roles[:first], *(None,) * len(header[first:]))
    listed = ", ".join(name for name in header if normalise(name) in found)
    return Layout(
        tool, tuple(header), ("",) * len(header), roles, 1, 2, f"{title}, as it has the columns {listed}"
    )


def _with_texts(layout: Layout) -> Layout:
    """Take the names as the questions: these tools have no other."""
    return Layout(
        layout.tool, layout.names, layout.names, layout.roles, layout.header_row, layout.first_row, layout.how
    )
