"""A questionnaire as an XLSForm, for KoboToolbox and ODK."""

from __future__ import annotations

from typing import Final

from si_research.survey.exchange.xlsform import CHOICES, LABELS, LANGUAGES, SETTINGS, SURVEY, Form, Row
from si_research.survey.questionnaire.questionnaire import Question, Questionnaire, Section, Words

_SURVEY: Final = (*SURVEY, "appearance")
_SETTINGS: Final = (*SETTINGS, "version")


def form_of_questionnaire(questionnaire: Questionnaire) -> Form:
    """Return the sheets of the form: a group a section, a list a response format."""
    survey: list[Row] = [{"type": "note", "name": "welcome", **_labels(questionnaire.welcome)}]
    choices: list[Row] = []
    for section in questionnaire.sections:
        survey.append(
            {"type": "begin_group", "name": section.name, **_labels(section.title), **_condition(section)}
        )
        if section.intro is not None:
            survey.append({"type": "note", "name": f"{section.name}_intro", **_labels(section.intro)})
        survey += [_question(section, question) for question in section.questions]
        survey.append({"type": "end_group"})
    formats = {section.format: section.answers for section in questionnaire.sections if section.format}
    for name, answers in {**questionnaire.lists, **formats}.items():
        choices += [
            {"list_name": str(name), "name": code, **_labels(words)} for code, words in answers.items()
        ]
    settings = {
        "form_title": f"{questionnaire.title.nl} / {questionnaire.title.en}",
        "form_id": "starter_questionnaire",
        "default_language": LANGUAGES["nl"],
        "version": "1",
    }
    columns = {"survey": _SURVEY, "choices": CHOICES, "settings": _SETTINGS}
    return Form(survey, choices, [settings], columns)


def _question(section: Section, question: Question) -> Row:
    answers = question.list or section.format
    kind = f"select_one {answers}" if answers else "text"
    row = {"type": kind, "name": question.name, **_labels(question.words)}
    return {**row, "appearance": "likert"} if section.format else row


def _condition(section: Section) -> Row:
    if section.asked_if is None:
        return {}
    return {"relevant": f"${{{section.asked_if.question}}} = '{section.asked_if.value}'"}


def _labels(words: Words) -> Row:
    return dict(zip(LABELS, (words.nl, words.en), strict=True))
