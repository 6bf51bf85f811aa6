"""Exports in the form of a survey tool, made up here, that several tests share."""

from __future__ import annotations

import csv
import io
import json

QUALTRICS_SYSTEM = (
    ("StartDate", "Begindatum", "startDate"),
    ("Status", "Reactietype", "status"),
    ("IPAddress", "IP-adres", "ipAddress"),
    ("Progress", "Voortgang", "progress"),
    ("Finished", "Voltooid", "finished"),
    ("ResponseId", "Antwoord-ID", "_recordId"),
)


def text_of(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def qualtrics(answers: list[list[str]], questions: list[tuple[str, str, str]]) -> str:
    columns = [*QUALTRICS_SYSTEM, *questions]
    header = [[column[n] for column in columns] for n in (0, 1)]
    return text_of([*header, [json.dumps({"ImportId": column[2]}) for column in columns], *answers])
