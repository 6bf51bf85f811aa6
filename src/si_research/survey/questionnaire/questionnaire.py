"""A questionnaire to put to people: sections and questions in Dutch and English, with what they measure."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pydantic import Field

from si_research.errors import CodebookError
from si_research.survey.codebook import ConstructName, Name, Part, ResponseFormat
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.labels import answer_labels
from si_research.survey.reading.cells import text_of_number
from si_research.survey.yaml_model import read_yaml_model

LANGUAGES = ("nl", "en")


class Words(Part):
    """A text in both languages."""

    nl: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text in one language."""
        return self.nl if language == "nl" else self.en


class Question(Part):
    """One question: on the format of its section, out of a list, or a short text."""

    name: Name
    nl: str
    en: str
    list: str | None = None
    reverse: bool = False
    attention: str | None = None

    @property
    def words(self) -> Words:
        """The question in both languages."""
        return Words(nl=self.nl, en=self.en)


class AskedIf(Part):
    """To whom a section is put: who chose one answer to an earlier question."""

    question: str
    value: str


class Section(Part):
    """Questions that stand together; with a format, an array of statements."""

    name: Name
    title: Words
    questions: tuple[Question, ...] = Field(min_length=1)
    intro: Words | None = None
    format: str | None = None
    construct_name: ConstructName | None = Field(default=None, alias="construct")
    asked_if: AskedIf | None = None

    @property
    def answers(self) -> dict[str, Words]:
        """The answers of its format: number to words."""
        form: ResponseFormat = BUILT_IN_FORMATS[str(self.format)]
        by_language = {language: answer_labels(form, language) for language in LANGUAGES}
        return {
            text_of_number(value): Words(nl=by_language["nl"][value], en=by_language["en"][value])
            for value in form.values
        }


class Questionnaire(Part):
    """The whole questionnaire."""

    title: Words
    welcome: Words
    lists: dict[str, dict[str, Words]]
    sections: tuple[Section, ...]


def starter_questionnaire() -> Questionnaire:
    """Return the starter questionnaire of this toolkit: worded for it, and not validated.

    Returns
    -------
    Questionnaire

    Examples
    --------
    >>> [section.construct_name for section in starter_questionnaire().sections[2:]]
    ['kunnen', 'willen', 'mogen', 'innovative_behaviour']
    """
    path = Path(str(files("si_research.survey.questionnaire").joinpath("starter.yml")))
    return read_yaml_model(path, Questionnaire, CodebookError)
