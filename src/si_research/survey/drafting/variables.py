"""Columns that are no questions on a format: amounts, groups, and the parts that they play."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd

from si_research.privacy.by_name import kinds_by_name, words_of
from si_research.privacy.cells import cells_of
from si_research.privacy.known_names import may_be_known_names
from si_research.privacy.single_words import single_own_words
from si_research.survey.codebook import MissingReason, RoleName, Variable, normalise
from si_research.survey.drafting.answers import whole_numbers
from si_research.survey.drafting.facts import ColumnFacts, written
from si_research.survey.drafting.missing import MissingCells, reason_of_word, waves_in
from si_research.survey.firm_names import (
    Spelling,
    names_without_answer,
    reason_without_answer,
    say_no_answers,
    say_spellings,
    spellings_of_one_name,
)
from si_research.survey.reading.special_questions import SpecialQuestion
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import Code
from si_research.survey.waves.markers import moment_of

_MOST_GROUPS: Final = 10
_PERCENT: Final = re.compile(r"(%|\bpercent|\bpct\b|procent|prozent)", re.IGNORECASE)
_MOST_LABELS: Final = 60


def variable_of(
    facts: ColumnFacts,
    missing: MissingCells,
    *,
    column: str | None,
    role: RoleName | None,
    codes: Sequence[Code],
) -> Variable:
    """Propose what a column is: an amount, or groups; and the part that it plays."""
    variable, reasons, is_sure = _kind_of(facts, missing, codes)
    if role is not None:
        reasons.append(f"its name says that it is the {role}")
        is_sure = False
        if role in ("weight", "duration"):
            variable = variable.model_copy(update={"kind": "number", "labels": {}})
        elif variable.kind == "number":
            variable = variable.model_copy(update={"kind": "category", "lowest": None, "highest": None})
    said = missing.said()
    no_names: dict[str, MissingReason] = {}
    if role in ("organisation", "department", "team"):
        no_names, remarks = _names_of(facts, missing)
        said += remarks
    return variable.model_copy(
        update={
            "column": column,
            "labels": {code: word for code, word in variable.labels.items() if code not in no_names},
            "missing_codes": missing.codes_as_written | no_names,
            "confirm": is_sure and not said,
            "proposed": "; ".join([*reasons, *said]),
        }
    )


def _names_of(facts: ColumnFacts, missing: MissingCells) -> tuple[dict[str, MissingReason], list[str]]:
    """Return the names of firms or teams that read as no answer, and what to look at in the others."""
    cells: Counter[str] = Counter()
    for cell, n in facts.counts.items():
        if cell not in missing.codes and not facts.is_declared_missing(cell):
            cells[written(cell)] += n
    labels = {written(code): label for code, label in facts.labels.items()}
    found = names_without_answer(cells, labels)
    reasons = {word: reason_without_answer(word, labels) for word in found}
    said = [f"{say_no_answers(found, labels)}, proposed as missing codes"] if found else []
    names = [Spelling(name, n) for name, n in cells.items() if normalise(name) not in found]
    groups = spellings_of_one_name(names)
    if groups:
        said.append(f"{say_spellings(groups)}; bring together what is one under `spellings`")
    return reasons, said


def _kind_of(
    facts: ColumnFacts, missing: MissingCells, codes: Sequence[Code]
) -> tuple[Variable, list[str], bool]:
    if codes and len(codes) >= len(set(facts.counts) - set(missing.codes)) / 2:
        labels = {written(code): one_line(facts.labels[code]) for code in codes[:_MOST_LABELS]}
        return Variable(labels=labels), ["groups, with the labels of the file"], True
    answers = [
        cell for cell in facts.counts if not missing.holds(cell) and not facts.is_declared_missing(cell)
    ]
    numbers = [facts.numbers[cell] for cell in answers if cell in facts.numbers]
    if not numbers or len(numbers) < len(answers):
        groups = f"{len(answers)} different texts" if len(answers) != 1 else "one text in all rows"
        waves = waves_in(facts)
        if waves:
            return _of_waves(waves, answers, groups)
        why = _why_perhaps_people(facts, answers)
        if why:
            return Variable(), [groups, f"{why}: if they are names of people, leave it out"], False
        return Variable(), [groups], True
    if facts.has_percent or (_PERCENT.search(facts.question) and min(numbers) >= 0 and max(numbers) <= 100):
        return _percentage(facts, numbers)
    whole = whole_numbers(facts, missing)
    if whole is not None and len(whole) <= _MOST_GROUPS and max(map(abs, whole)) < 1000:
        if len(whole) == 1:
            return Variable(), ["one number in all rows"], True
        reason = f"{len(whole)} different whole numbers without labels: groups, unless they count something"
        return Variable(), [reason], len(whole) == 2
    return Variable(kind="number"), ["numbers"], True


def _of_waves(
    waves: Collection[str], answers: Sequence[Code], groups: str
) -> tuple[Variable, list[str], bool]:
    """Return the measurements in order of time; as labels, so that `na` is not taken for no answer."""
    ordered = sorted(
        (str(cell) for cell in answers if cell in waves), key=lambda text: moment_of(text) or 0.0
    )
    labels = {one_line(text): one_line(text) for text in ordered}
    kept = ", ".join(f"`{one_line(text)}`" for text in ordered if reason_of_word(text))
    reasons = [f"{groups} that name measurements"]
    if kept:
        reasons.append(f"{kept} is a measurement here, and not no answer")
    return Variable(labels=labels), reasons, not kept


def _why_perhaps_people(facts: ColumnFacts, answers: Sequence[Code]) -> str:
    """Say why texts, however often repeated, may be names of people; nothing of labels, which are none."""
    if facts.labels:
        return ""
    words = words_of(f"{facts.name} {facts.text}")
    cells = cells_of(pd.Series(map(str, answers), dtype="str"))
    if single_own_words(cells, words).any():
        return "single words"
    if may_be_known_names(cells).any():
        return "some hold a name that many people bear"
    said = kinds_by_name(facts.name)
    return "its name speaks of people" if said.keys() & {"name", "respondent_code"} else ""


def _percentage(facts: ColumnFacts, numbers: Sequence[float]) -> tuple[Variable, list[str], bool]:
    if min(numbers) < 0 or max(numbers) > 100:
        return Variable(kind="category"), ["percentages that leave 0 to 100, kept as text"], False
    sign = ", of which some carry the sign" if facts.has_percent else ""
    return Variable(kind="number", lowest=0.0, highest=100.0), [f"percentages from 0 to 100{sign}"], True


def special_variable(question: SpecialQuestion, column: str | None) -> Variable:
    """Propose an attention check, or a question for consent, which a study file has to name."""
    if question.kind == "attention_check":
        reason = f"an attention check: {question.how}"
    else:
        given = ", ".join(question.expected)
        reason = f"consent: {question.how}; to leave out who did not agree, write `given: [{given}]` under "
        reason += "`cleaning: consent` in study.yml"
    return Variable(column=column, confirm=question.certain, proposed=reason)


def tool_variable(role: RoleName, facts: ColumnFacts, tool: str, column: str | None) -> Variable:
    """Propose a column that the survey tool adds; of a page nobody knows whether it is the last."""
    said = "how long each response took" if role == "duration" else "who finished"
    reason = f"{tool} says in it {said}"
    if facts.role in ("progress", "page"):
        reason = f"{tool} says in it how far each response came"
    if role == "completed":
        reason += "; to leave out who did not finish, name the values of who did as `completed_values` under "
        reason += "`cleaning: unfinished` in study.yml"
    is_sure = facts.role != "page"
    if role == "duration":
        return Variable(column=column, kind="number", confirm=is_sure, proposed=reason)
    return Variable(column=column, confirm=is_sure, proposed=reason)
