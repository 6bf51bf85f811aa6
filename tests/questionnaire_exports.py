"""Exports of the starter questionnaire as LimeSurvey, KoboToolbox and ODK write them, made up here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import numpy as np

from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.labels import answer_labels
from si_research.survey.questionnaire import Questionnaire
from si_research.survey.questionnaire.questionnaire import Question, Section

Cell = Callable[[Section, Question, str], str]
Person = dict[str, str]


def people(questionnaire: Questionnaire, n: int, seed: int = 5) -> list[Person]:
    """Coherent answers, as codes: three conditions that add up to the behaviour; the last does not agree."""
    rng = np.random.default_rng(seed)
    conditions = rng.normal(size=(n, 3))
    truth = np.column_stack([conditions, conditions.sum(axis=1) * 0.5 + rng.normal(size=n)])
    rows: list[Person] = []
    for person in range(n):
        row = {"consent": "yes", "organisation": f"F{person % 12:02d}", "team": f"T{person % 30:02d}"}
        row |= {"manager": "yes" if person % 7 == 0 else "no", "language": "nl"}
        for place, section in enumerate(each for each in questionnaire.sections if each.format):
            for question in section.questions:
                at = 3 + truth[person, place] * (-1 if question.reverse else 1) + 0.6 * rng.normal()
                row[question.name] = question.attention or str(int(np.clip(round(at), 1, 5)))
        rows.append(row)
    rows[1]["k2"] = ""
    rows.append(dict.fromkeys(rows[0], "") | {"consent": "no"})
    return rows


def words_of(questionnaire: Questionnaire, language: str) -> Callable[[Section, Question, str], str]:
    """Return what turns a code into the answer as people read it."""

    def words(section: Section, question: Question, code: str) -> str:
        if not code or (section.format is None and question.list is None):
            return code
        if question.list is not None:
            return questionnaire.lists[question.list][code].in_language(language)
        return answer_labels(BUILT_IN_FORMATS[str(section.format)], language)[float(code)]

    return words


def as_it_is(_: Section, __: Question, code: str) -> str:
    return code


def export(
    questionnaire: Questionnaire,
    rows: Sequence[Person],
    header: Callable[[Section, Question], str],
    cell: Cell,
    system: dict[str, Callable[[int], str]],
    *,
    after: bool = False,
    separator: str = ",",
) -> str:
    """Return an export as text: system columns before the questions, or after them."""
    asked = [(section, question) for section in questionnaire.sections for question in section.questions]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL)

    def put(own: list[str], questions: list[str]) -> None:
        writer.writerow([*questions, *own] if after else [*own, *questions])

    put(list(system), [header(section, question) for section, question in asked])
    for number, row in enumerate(rows, start=1):
        cells = [cell(section, question, row[question.name]) for section, question in asked]
        put([value(number) for value in system.values()], cells)
    return out.getvalue()


LIMESURVEY_CODES: dict[str, Callable[[int], str]] = {
    "id": str,
    "submitdate": lambda n: f"2026-03-{n % 28 + 1:02d} 10:00:00",
    "lastpage": lambda _: "6",
    "startlanguage": lambda _: "nl",
    "seed": lambda n: str(1000 + n),
}
LIMESURVEY_TEXTS: dict[str, Callable[[int], str]] = {
    "Respons ID": str,
    "Datum verstuurd": lambda n: f"2026-03-{n % 28 + 1:02d} 10:00:00",
    "Laatste pagina": lambda _: "6",
    "Begin taal": lambda _: "nl",
    "Seed": lambda n: str(1000 + n),
}
KOBO: dict[str, Callable[[int], str]] = {
    "_id": lambda n: str(500 + n),
    "_uuid": lambda n: f"uuid{n}",
    "_submission_time": lambda n: f"2026-03-{n % 28 + 1:02d}T10:00:00",
    "_index": str,
}
ODK: dict[str, Callable[[int], str]] = {
    "meta-instanceID": lambda n: f"uuid:{n}",
    "KEY": lambda n: f"uuid:{n}",
}
