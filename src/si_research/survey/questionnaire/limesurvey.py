"""A questionnaire as the tab-separated survey structure that LimeSurvey imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from si_research.survey.questionnaire.questionnaire import LANGUAGES, Question, Questionnaire, Section, Words

COLUMNS: Final = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "encrypted", "other", "default", "same_default",
)  # fmt: skip
_SETTINGS: Final = {
    "sid": "1",
    "format": "G",
    "language": LANGUAGES[0],
    "additional_languages": " ".join(LANGUAGES[1:]),
    "anonymized": "Y",
    "savetimings": "N",
    "datestamp": "N",
    "ipaddr": "N",
    "refurl": "N",
    "usecookie": "N",
    "allowprev": "Y",
    "showwelcome": "Y",
    "showprogress": "Y",
    "shownoanswer": "Y",
}
_Row = dict[str, str]


def array_code(section: Section) -> str:
    """Return the code of the question that holds the statements of a section."""
    return f"{section.name}Array"


def structure_text(questionnaire: Questionnaire) -> str:
    """Return the text of the structure; LimeSurvey wants it in UTF-8 with a byte order mark.

    Settings come first, then the texts of each language, then all groups once a language.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter="\t", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"class": "S", "name": name, "text": text} for name, text in _SETTINGS.items())
    for language in LANGUAGES:
        writer.writerows(_texts(questionnaire, language))
    for language in LANGUAGES:
        writer.writerows(_groups(questionnaire, language))
    return out.getvalue()


def _texts(questionnaire: Questionnaire, language: str) -> Iterator[_Row]:
    texts = {
        "surveyls_survey_id": "1",
        "surveyls_language": language,
        "surveyls_title": questionnaire.title.in_language(language),
        "surveyls_welcometext": questionnaire.welcome.in_language(language),
    }
    for name, text in texts.items():
        yield {"class": "SL", "name": name, "text": text, "language": language}


def _groups(questionnaire: Questionnaire, language: str) -> Iterator[_Row]:
    number = 0
    for order, section in enumerate(questionnaire.sections):
        relevance = "1"
        if section.asked_if is not None:
            relevance = f'{section.asked_if.question}.NAOK == "{section.asked_if.value}"'
        yield {
            "id": str(order + 1),
            "class": "G",
            "type/scale": str(order),
            "name": section.title.in_language(language),
            "relevance": relevance,
            "language": language,
        }
        for rows in _questions(questionnaire, section, language):
            number += 1
            yield from ({**row, "id": str(number), "language": language} for row in rows)


def _questions(questionnaire: Questionnaire, section: Section, language: str) -> Iterator[list[_Row]]:
    """Give the rows of each question: the question itself, its statements, its answers."""
    if section.format is None:
        for question in section.questions:
            answers = questionnaire.lists[question.list] if question.list else {}
            kind = "L" if question.list else "S"
            row = _question(kind, question.name, question.words, language)
            yield [row, *_answers(answers, language)]
        return
    row = _question("F", array_code(section), section.intro or section.title, language)
    statements = [_statement(question, language) for question in section.questions]
    yield [row, *statements, *_answers(section.answers, language)]


def _question(kind: str, code: str, words: Words, language: str) -> _Row:
    return {
        "class": "Q",
        "type/scale": kind,
        "name": code,
        "relevance": "1",
        "text": words.in_language(language),
        "mandatory": "N",
        "encrypted": "N",
        "other": "N",
        "same_default": "0",
    }


def _statement(question: Question, language: str) -> _Row:
    text = question.words.in_language(language)
    return {"class": "SQ", "type/scale": "0", "name": question.name, "relevance": "1", "text": text}


def _answers(answers: dict[str, Words], language: str) -> Iterator[_Row]:
    for code, words in answers.items():
        yield {"class": "A", "type/scale": "0", "name": code, "text": words.in_language(language)}
