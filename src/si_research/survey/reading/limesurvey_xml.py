"""Structures of LimeSurvey in XML: the present form, and the one before texts had tables of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from si_research.survey.reading.limesurvey_structure import (
    AnswerOption,
    Question,
    SubQuestion,
    SurveyStructure,
    Texts,
    structure_problem,
    without_tags,
)

_Row = Mapping[str, str]
_DOCUMENTS: Final = ("Survey", "Group", "Question")


def structure_in_xml(name: str, content: bytes) -> SurveyStructure:
    """Return the structure in the XML of an ``.lss``, ``.lsg`` or ``.lsq`` file.

    Raises
    ------
    SurveyDataError
        Damaged XML, entities or a document type of its own, or another document.
    """
    root = _root(name, content)
    tables: dict[str, list[_Row]] = {
        part.tag: [{cell.tag: cell.text or "" for cell in row} for row in part.iterfind("rows/row")]
        for part in root
    }
    languages = tuple(
        dict.fromkeys(each.text.strip() for each in root.iterfind("languages/language") if each.text)
    )
    base = next((row.get("language", "") for row in tables.get("surveys", [])), "")
    ordered = tuple(dict.fromkeys((*([base] if base in languages else []), *languages)))
    titles = {
        row.get("surveyls_language", ""): without_tags(row.get("surveyls_title", ""))
        for row in tables.get("surveys_languagesettings", [])
    }
    return SurveyStructure(name, titles, ordered, _questions(tables))


def _root(name: str, content: bytes) -> Any:
    """Parse without ever expanding an entity or fetching a document type."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        found = "XML with a document type or entities of its own, which are never opened"
        raise structure_problem(name, found) from error
    except (ParseError, ValueError, LookupError) as error:
        raise structure_problem(name, "XML that is damaged or cut off") from error
    if root.tag != "document" or root.findtext("LimeSurveyDocType", "").strip() not in _DOCUMENTS:
        raise structure_problem(name, "XML that LimeSurvey did not write as a survey, group or question")
    return root


def _questions(tables: Mapping[str, list[_Row]]) -> tuple[Question, ...]:
    groups = _texts(tables.get("groups", []), tables.get("group_l10ns", []), "gid", "group_name")
    asked = _texts(tables.get("questions", []), tables.get("question_l10ns", []), "qid", "question")
    asked |= _texts(tables.get("subquestions", []), tables.get("question_l10ns", []), "qid", "question")
    order = {row["gid"]: _number(row.get("group_order")) for row in tables.get("groups", []) if "gid" in row}
    rows = _first_by(tables.get("questions", []), "qid")
    ranked = sorted(
        rows, key=lambda row: (order.get(row.get("gid", ""), 0.0), _number(row.get("question_order")))
    )
    parts = _sub_questions(tables.get("subquestions", []), asked)
    answers = _answers(tables.get("answers", []), tables.get("answer_l10ns", []))
    settings: dict[str, dict[str, str]] = defaultdict(dict)
    for row in tables.get("question_attributes", []):
        settings[row.get("qid", "")].setdefault(row.get("attribute", ""), row.get("value", ""))
    return tuple(
        Question(
            code=row.get("title", "").strip(),
            type=row.get("type", "").strip(),
            html=asked.get(row["qid"], {}),
            sub_questions=parts.get(row["qid"], ()),
            answers=answers.get(row["qid"], ()),
            group=groups.get(row.get("gid", ""), {}),
            relevance=_condition(row.get("relevance", "")),
            mandatory=row.get("mandatory", "") in ("Y", "S"),
            has_other=row.get("other", "") == "Y",
            settings=dict(settings.get(row["qid"], {})),
        )
        for row in ranked
        if row.get("parent_qid", "0") in ("", "0")
    )


def _condition(relevance: str) -> str:
    """Return when a question is asked; always is the empty text."""
    return "" if relevance.strip() in ("", "1") else relevance.strip()


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _first_by(rows: Iterable[_Row], key: str) -> list[_Row]:
    """Return one row a key: the older form repeats a question for each language."""
    first: dict[str, _Row] = {}
    for row in rows:
        if key in row:
            first.setdefault(row[key], row)
    return list(first.values())


def _texts(rows: Iterable[_Row], texts: Iterable[_Row], key: str, column: str) -> dict[str, Texts]:
    """Return the text of each key by language, from the rows themselves or from the table of texts."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in (*rows, *texts):
        if key in row and column in row:
            found[row[key]][row.get("language", "")] = row[column]
    return dict(found)


def _sub_questions(rows: Iterable[_Row], texts: Mapping[str, Texts]) -> dict[str, tuple[SubQuestion, ...]]:
    by_parent: dict[str, list[_Row]] = defaultdict(list)
    for row in _first_by(rows, "qid"):
        by_parent[row.get("parent_qid", "")].append(row)
    return {
        parent: tuple(
            SubQuestion(row.get("title", "").strip(), texts.get(row["qid"], {}), _scale(row))
            for row in sorted(parts, key=lambda row: (_scale(row), _number(row.get("question_order"))))
        )
        for parent, parts in by_parent.items()
    }


def _scale(row: _Row) -> int:
    return int(_number(row.get("scale_id")))


def _answers(rows: list[_Row], texts: list[_Row]) -> dict[str, tuple[AnswerOption, ...]]:
    """Return the answers of each question in the order shown; the older form has a row a language."""
    by_answer = _texts([], texts, "aid", "answer")
    options: dict[tuple[str, int, str], dict[str, str]] = {}
    firsts: dict[tuple[str, int, str], _Row] = {}
    for row in rows:
        key = (row.get("qid", ""), _scale(row), row.get("code", "").strip())
        firsts.setdefault(key, row)
        own = {row.get("language", ""): row["answer"]} if "answer" in row else {}
        options.setdefault(key, {}).update({**own, **by_answer.get(row.get("aid", ""), {})})
    found: dict[str, list[AnswerOption]] = defaultdict(list)
    for key in sorted(firsts, key=lambda key: (key[1], _number(firsts[key].get("sortorder")))):
        row = firsts[key]
        worth = _number(row["assessment_value"]) if row.get("assessment_value") else None
        found[key[0]].append(AnswerOption(key[2], options[key], worth, key[1]))
    return {question: tuple(answers) for question, answers in found.items()}
