"""Qualtrics: names, question texts and import ids above the answers; two rows in the legacy form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from si_research.survey.codebook import normalise
from si_research.survey.reading.layout import Layout, Rows, one_line
from si_research.survey.survey_data import SystemRole

_BY_IMPORT_ID: Final[dict[str, SystemRole]] = {
    "startDate": "started",
    "endDate": "submitted",
    "status": "status",
    "ipAddress": "ip_address",
    "progress": "progress",
    "duration": "duration",
    "finished": "finished",
    "recordedDate": "recorded",
    "_recordId": "respondent",
    "recipientLastName": "name",
    "recipientFirstName": "name",
    "recipientEmail": "email",
    "externalDataReference": "other",
    "locationLatitude": "location",
    "locationLongitude": "location",
    "distributionChannel": "other",
    "userLanguage": "language",
}
_BY_LEGACY_NAME: Final[dict[str, SystemRole]] = {
    "ResponseID": "respondent",
    "ResponseSet": "other",
    "Name": "name",
    "ExternalDataReference": "other",
    "EmailAddress": "email",
    "IPAddress": "ip_address",
    "Status": "status",
    "StartDate": "started",
    "EndDate": "submitted",
    "Finished": "finished",
    "LocationLatitude": "location",
    "LocationLongitude": "location",
    "LocationAccuracy": "location",
}
_MARKS: Final = frozenset({"StartDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId"})
_BY_NAME: Final[dict[str, SystemRole]] = {
    **_BY_LEGACY_NAME,
    "ResponseId": "respondent",
    "Progress": "progress",
    "Duration (in seconds)": "duration",
    "Duration__in_seconds_": "duration",
    "RecordedDate": "recorded",
    "RecipientLastName": "name",
    "RecipientFirstName": "name",
    "RecipientEmail": "email",
    "ExternalReference": "other",
    "DistributionChannel": "other",
    "UserLanguage": "language",
}
_TEXTS: Final[dict[str, frozenset[str]]] = {
    "StartDate": frozenset({"start date", "startdatum", "begindatum"}),
    "EndDate": frozenset({"end date", "einddatum", "enddatum"}),
    "Status": frozenset({"response type", "reactietype", "type reactie", "antworttyp"}),
    "Progress": frozenset({"progress", "voortgang", "fortschritt"}),
    "Finished": frozenset({"finished", "voltooid", "beendet", "abgeschlossen"}),
    "RecordedDate": frozenset({"recorded date", "registratiedatum", "datum van vastlegging"}),
    "ResponseId": frozenset({"response id", "reactie-id", "antwoord-id", "antwort-id"}),
}
"""What stands below a system name where a row of texts follows the names, in English, Dutch and German."""
_FEWEST_TEXTS: Final = 2
_ENDINGS: Final[dict[str, SystemRole]] = {
    "_FIRST_CLICK": "timing",
    "_LAST_CLICK": "timing",
    "_PAGE_SUBMIT": "timing",
    "_CLICK_COUNT": "timing",
    "_BROWSER": "device",
    "_VERSION": "device",
    "_OPERATING_SYSTEM": "device",
    "_RESOLUTION": "device",
}


def recognise(rows: Rows) -> Layout | None:
    """Return the layout of a Qualtrics export, or None.

    The present form has a third row of import ids, which are the same in every language; the legacy form
    has its system names on the second row, above columns ``V1``, ``V2``, ...
    """
    return _present(rows) or _legacy(rows) or _names_only(rows)


def _present(rows: Rows) -> Layout | None:
    if len(rows) < 3 or not rows[2]:
        return None
    ids = [_import_id(cell) for cell in rows[2]]
    if sum(each is not None for each in ids) < len(rows[0]) / 2:
        return None
    texts = tuple(one_line(cell) for cell in rows[1])
    roles = tuple(None if each is None else _role(each) for each in ids)
    names = tuple(cell.strip() for cell in rows[0])
    return Layout("qualtrics", names, texts, roles, 1, 4, "Qualtrics, as its third row holds import ids")


def _names_only(rows: Rows) -> Layout | None:
    """An export without import ids: names alone, such as Qualtrics writes for SPSS, or names and texts."""
    names = tuple(cell.strip() for cell in rows[0]) if rows else ()
    if not set(names) >= _MARKS:
        return None
    roles = tuple(_BY_NAME.get(name) for name in names)
    how = f"Qualtrics, as it has the columns {', '.join(name for name in names if name in _MARKS)}"
    if _holds_texts(names, rows[1] if len(rows) > 1 else ()):
        texts = tuple(one_line(cell) for cell in (*rows[1], *[""] * len(names))[: len(names)])
        return Layout("qualtrics", names, texts, roles, 1, 3, f"{how}, with the questions on its second row")
    return Layout("qualtrics", names, ("",) * len(names), roles, 1, 2, how)


def _holds_texts(names: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row tells in words what the system columns are, and so is nobody's answers."""
    cells = dict(zip(names, row, strict=False))
    said = sum(normalise(cells.get(name, "")) in words for name, words in _TEXTS.items())
    return said >= _FEWEST_TEXTS


def _import_id(cell: str) -> str | None:
    if "ImportId" not in cell:
        return None
    try:
        found = json.loads(cell)
    except ValueError:
        return None
    return str(found["ImportId"]) if isinstance(found, dict) and "ImportId" in found else None


def _role(import_id: str) -> SystemRole | None:
    ending = next((role for end, role in _ENDINGS.items() if import_id.endswith(end)), None)
    return _BY_IMPORT_ID.get(import_id) or ending


def _legacy(rows: Rows) -> Layout | None:
    if len(rows) < 2 or len(rows[1]) < 2 or rows[0][:1] != ["V1"] or rows[1][0].strip() != "ResponseID":
        return None
    names = tuple(
        system.strip() if system.strip() in _BY_LEGACY_NAME else name.strip()
        for name, system in zip(rows[0], (*rows[1], *[""] * len(rows[0])), strict=False)
    )
    roles = tuple(_BY_LEGACY_NAME.get(name) for name in names)
    texts = tuple(one_line(cell) for cell in rows[1])
    how = "Qualtrics in its legacy form, as its second row begins with ResponseID"
    return Layout("qualtrics", names, texts, roles, 1, 3, how)
