"""The codebook of a questionnaire: what comes back is read under every header that the tools write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.questionnaire.limesurvey import array_code, structure_text
from si_research.survey.questionnaire.questionnaire import Question, Questionnaire, Section
from si_research.survey.reading.limesurvey_columns import columns_of
from si_research.survey.reading.limesurvey_tabbed import structure_in_table

_RESPONDENT = ("id", "_id", "KEY", "Response ID", "Respons ID", "Antwoord ID")


def codebook_of_questionnaire(questionnaire: Questionnaire) -> Codebook:
    """Return the codebook that reads the exports of a questionnaire, with no mapping to be written.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    Codebook
        Each item and variable with the columns that LimeSurvey (codes, full texts), KoboToolbox and ODK
        (names, labels, group prefixes) give it.
    """
    printed = _limesurvey_headers(questionnaire)
    items: dict[str, Item] = {}
    variables: dict[str, Variable] = {
        "respondent": Variable(kind="identifier", column=_RESPONDENT[0], aliases=_RESPONDENT[1:])
    }
    checks: dict[str, tuple[str, ...]] = {}
    for section in questionnaire.sections:
        for question in section.questions:
            aliases = tuple(dict.fromkeys([*printed[question.name], *_kobo_headers(section, question)]))
            if section.format is not None:
                items[question.name] = _item(section, question, aliases)
            else:
                variables[question.name] = _variable(questionnaire, question, aliases)
            if question.attention is not None:
                checks[question.name] = (question.attention,)
    return Codebook(
        title=questionnaire.title.nl,
        items=items,
        variables=variables,
        scales={
            section.construct_name: Scale(
                construct_name=section.construct_name,
                items=tuple(question.name for question in section.questions if question.attention is None),
            )
            for section in questionnaire.sections
            if section.construct_name is not None
        },
        roles=Roles(respondent="respondent", organisation="organisation", team="team", controls=("manager",)),
        attention_checks=checks,
    )


def _item(section: Section, question: Question, aliases: tuple[str, ...]) -> Item:
    return Item(
        format=str(section.format),
        reverse=question.reverse,
        aliases=aliases,
        wording_nl=question.nl,
        wording_en=question.en,
    )


def _variable(questionnaire: Questionnaire, question: Question, aliases: tuple[str, ...]) -> Variable:
    answers = questionnaire.lists[question.list] if question.list else {}
    return Variable(
        aliases=aliases,
        labels={code: words.nl for code, words in answers.items()},
        spellings={code: (words.en,) for code, words in answers.items() if words.en != words.nl},
        label_nl=question.nl,
        label_en=question.en,
    )


def _limesurvey_headers(questionnaire: Questionnaire) -> dict[str, list[str]]:
    """Return what LimeSurvey writes above each question, by its own reading of the structure."""
    structure = structure_in_table("questionnaire.txt", structure_text(questionnaire).encode())
    arrays = {array_code(section) for section in questionnaire.sections}
    found: dict[str, list[str]] = {}
    for column in columns_of(structure):
        is_statement = column.question.code in arrays and column.row is not None
        name = column.row.code if is_statement and column.row is not None else column.question.code
        headers = [column.name, *column.joined, *column.printed]
        found[name] = [header for header in headers if header != name]
    return found


def _kobo_headers(section: Section, question: Question) -> Iterator[str]:
    """Give what KoboToolbox and ODK write: names or labels, with the group before them or without."""
    yield from (f"{section.name}/{question.name}", f"{section.name}-{question.name}")
    for language in ("nl", "en"):
        text = question.words.in_language(language)
        yield text
        yield f"{section.title.in_language(language)}/{text}"


def codebook_heading() -> list[str]:
    """Return what stands above the codebook of the starter questionnaire."""
    return [
        "The codebook of the starter questionnaire, NOT VALIDATED: README.md says what that would need.",
        "It reads the exports of LimeSurvey, KoboToolbox and ODK as they come, in Dutch and in English.",
    ]


def write_questionnaire(questionnaire: Questionnaire, folder: Path) -> tuple[Path, ...]:
    """Write a questionnaire in both forms with its codebook into a folder.

    Returns
    -------
    tuple of Path
        The LimeSurvey structure, the XLSForm and the codebook.
    """
    from si_research.survey.codebook_writer import write_codebook
    from si_research.survey.exchange.xlsform import write_form
    from si_research.survey.questionnaire.xlsform import form_of_questionnaire

    structure, form = folder / "questionnaire_limesurvey.txt", folder / "questionnaire_xlsform.xlsx"
    structure.write_text(structure_text(questionnaire), "utf-8-sig", newline="\n")
    write_form(form_of_questionnaire(questionnaire), form)
    codebook = codebook_of_questionnaire(questionnaire)
    return structure, form, write_codebook(codebook, folder / "codebook.yml", heading=codebook_heading())
