"""The rules by which raw cells become answers: made from codebook and file, kept in the ledger.

Everything that reading decides is written here as data first and done afterwards, so that the
ledger can hold it and a replay can do it again without deciding anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import pandas as pd
from pydantic import Field

from si_research.errors import CodebookError, SurveyDataError
from si_research.survey.choice_question import ChoiceQuestion
from si_research.survey.codebook import (
    Codebook,
    Item,
    MissingReason,
    Part,
    ResponseFormat,
    Variable,
    normalise,
    number_of,
)
from si_research.survey.codebook_file import check_codebook_against, find_columns
from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.choices import words_of_option
from si_research.survey.reading.header_doubt import doubt_about_header
from si_research.survey.reading.numbered_labels import labels_carry_numbers
from si_research.survey.reading.reason_words import LABELS_OF_MISSING, reason_in_words
from si_research.survey.reading.routing import RouteRule, routes_of
from si_research.survey.reading.stacking import WaveRule, name_of_cell, wave_rule_of
from si_research.survey.reading.written_numbers import (
    DecimalSign,
    decimal_of,
    makes_thousands,
    read_number,
    signs_within,
    without_percent,
)
from si_research.survey.survey_data import REASON_SUFFIX, REASONS, Code, RawSurvey
from si_research.survey.waves.markers import moment_of, words_for_waves

_LARGEST: Final = 1.7976931348623157e308


class DeclaredMissing(Part):
    """Values from ``low`` to ``high`` that the file itself declares missing."""

    low: float | str
    high: float | str
    reason: MissingReason

    def holds(self, code: Code) -> bool:
        """Return whether a value lies within."""
        if isinstance(code, str):
            return self.low == self.high == code
        return (
            not isinstance(self.low, str) and not isinstance(self.high, str) and self.low <= code <= self.high
        )


class MissingRule(Part):
    """Which values of a column are no answer: codes of the codebook first, then those of the file."""

    codes: dict[str, MissingReason] = Field(default_factory=dict)
    declared: tuple[DeclaredMissing, ...] = ()

    @cached_property
    def _numbers(self) -> dict[float, MissingReason]:
        numbers = {number_of(code): reason for code, reason in self.codes.items()}
        return {number: reason for number, reason in numbers.items() if number is not None}

    @property
    def has_only_words(self) -> bool:
        """Whether no number is a missing code, so that a text is one only if it is listed as it is."""
        return not self._numbers and not self.declared

    def reason_of(self, code: Code) -> MissingReason | None:
        """Return why a value is no answer; None when it is one. Numbers compare as numbers."""
        number = code if isinstance(code, float) else read_number(code) if self._numbers else None
        reason = self.codes.get(normalise(code)) if isinstance(code, str) else None
        if reason is None and number is not None:
            reason = self._numbers.get(number)
        if reason is not None:
            return reason
        return next((declared.reason for declared in self.declared if declared.holds(code)), None)


class AnswerRule(Part):
    """How a column is read: as answers on a format, as numbers, or as words."""

    column: str
    kind: Literal["item", "number", "category", "identifier"]
    format: str | None = None
    decimal: DecimalSign | None = None
    reasons_in: str | None = None
    """The column that says why this one has no answer, where the file has one."""
    words: dict[str, str] = Field(default_factory=dict)
    """A text as it is compared, and the value it stands for: a code, or the word of a code."""
    percent: bool = False
    """Whether the numbers run to 100, so that ``10%`` is ten."""
    share: bool = False
    """Whether the numbers run from 0 to 1, so that ``10%`` is a tenth."""
    numbered: bool = False
    """Whether a label that begins with its number, ``5 = always``, is read by it."""
    codes: dict[str, float] = Field(default_factory=dict)
    """A number as the file writes it, and the answer it stands for; empty where it stands for itself."""

    @cached_property
    def answer_of_code(self) -> dict[float, float]:
        """The answer behind each number that the file writes."""
        numbers = {number_of(code): answer for code, answer in self.codes.items()}
        return {number: answer for number, answer in numbers.items() if number is not None}


class ReadingRules(Part):
    """All rules of a file, by the names of the codebook."""

    missing: dict[str, MissingRule]
    answers: dict[str, AnswerRule]
    formats: dict[str, ResponseFormat] = Field(default_factory=dict)
    choices: tuple[ChoiceQuestion, ...] = ()
    routes: tuple[RouteRule, ...] = ()
    waves: WaveRule | None = None


def rules_for(raw: RawSurvey, codebook: Codebook) -> ReadingRules:
    """Work out by which rules a file becomes answers.

    Parameters
    ----------
    raw : RawSurvey
        The file.
    codebook : Codebook
        What its columns mean.

    Returns
    -------
    ReadingRules

    Raises
    ------
    CodebookError
        Columns that the codebook names and the file lacks, or holds more than once; all together.
    """
    cells = _cells_of(raw, codebook)
    signs = _decimal_signs(raw, codebook, cells)
    return ReadingRules(
        missing={key: _missing_rule(raw, codebook, *cell) for key, cell in cells.items()},
        answers={
            key: _with_reasons_of(raw, _answer_rule(raw, codebook, *cell, signs.get(key)))
            for key, cell in cells.items()
        },
        formats={codebook.items[name].format: codebook.format_of(name) for name in codebook.items},
        choices=codebook.multiple_choice,
        routes=routes_of(codebook),
        waves=wave_rule_of(codebook),
    )


class _Cell(NamedTuple):
    """A name of the codebook and the column in which it stands, in one wave or in all."""

    name: str
    column: str


def _cells_of(raw: RawSurvey, codebook: Codebook) -> dict[str, _Cell]:
    """Return the column of every name in the codebook and wave, or raise with all that are not there."""
    there = tuple(raw.frame.columns)
    problems = check_codebook_against((*there, *raw.repeated), codebook, raw.asked)
    if problems and len(there) == 1:
        _refuse_wrong_separator(raw)
    if problems:
        problems += doubt_about_header(raw, codebook)
        raise CodebookError(problems, where=raw.facts.name, expected="every column that the codebook names")
    return {
        name_of_cell(name, wave): _Cell(name, find_columns(there, wanted, raw.asked)[0])
        for name in codebook.used_names
        for wave, wanted in codebook.columns_of(name).items()
    }


def _refuse_wrong_separator(raw: RawSurvey) -> None:
    """One column whose name is full of separators is a file that was cut at the wrong sign."""
    (header,) = raw.frame.columns
    sign, count = max(((sign, str(header).count(sign)) for sign in ";,\t|"), key=lambda entry: entry[1])
    if count == 0 or raw.facts.separator in (None, sign):
        return
    name = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a bar"}[sign]
    raise SurveyDataError(
        expected="more than one column",
        found=f"one, whose header holds {name} {count} times",
        where=raw.facts.name,
        todo=f'under `source` in the codebook, write `separator: "{sign}"`, or leave it out: it is detected'
        if sign != "\t"
        else "leave `separator` out under `source` in the codebook: it is detected",
    )


def _entry_of(codebook: Codebook, name: str) -> Item | Variable:
    return codebook.items[name] if name in codebook.items else codebook.variable(name)


def _missing_rule(raw: RawSurvey, codebook: Codebook, name: str, column: str) -> MissingRule:
    entry = _entry_of(codebook, name)
    general = {
        code: why
        for code, why in codebook.missing_codes.items()
        if not _is_answer(codebook, name, code) and not _is_wave(raw, codebook, name, column, code)
    }
    codes: dict[str, MissingReason] = dict.fromkeys(raw.error_cells.get(column, ()), "unreadable")
    codes |= general | entry.missing_codes
    return MissingRule(
        codes={normalise(code): reason for code, reason in codes.items()},
        declared=(*_declared(raw, column), *_labelled(raw, codebook, name, column)),
    )


def _is_answer(codebook: Codebook, name: str, code: str) -> bool:
    """Return whether a code that means "no answer" in the file as a whole is an answer here.

    So is a value or a word that the variable itself has under its labels or spellings.
    A 9 that stands for *weet niet* everywhere is still a mark between 1 and 10, and the number of
    the ninth respondent. Only the item's own codes can say otherwise.
    """
    number = number_of(code)
    if name not in codebook.items and codebook.variable(name).names(code):
        return True
    if number is None:
        return False
    if name in codebook.items:
        return codebook.format_of(name).holds(number)
    variable = codebook.variable(name)
    if variable.kind == "number":
        ends = (variable.lowest, variable.highest)
        return None not in ends and bool(ends[0] <= number <= ends[1])  # type: ignore[operator]
    return variable.kind == "identifier"


def _is_wave(raw: RawSurvey, codebook: Codebook, name: str, column: str, code: str) -> bool:
    """Return whether a code names a measurement here: `na` beside nothing but `voor`."""
    if name in codebook.items or codebook.variable(name).kind != "category" or moment_of(code) is None:
        return False
    known = {normalise(each) for each in codebook.missing_codes_of(name)}
    texts = _texts_of(raw.frame[column])
    texts = tuple(text for text in texts if moment_of(text) is not None or normalise(text) not in known)
    waves = words_for_waves(texts, says_wave=name == codebook.roles.wave)
    return normalise(code) in map(normalise, waves)


def _declared(raw: RawSurvey, column: str) -> Iterator[DeclaredMissing]:
    """Give the values that the file declares missing; a label that names its reason goes first."""
    ranges = raw.missing_ranges.get(column, ())
    labels = raw.value_labels.get(column, {})
    for code, label in labels.items():
        reason = reason_in_words(label)
        if reason and any(
            DeclaredMissing(low=_finite(low), high=_finite(high), reason=reason).holds(code)
            for low, high in ranges
        ):
            yield DeclaredMissing(low=code, high=code, reason=reason)
    for low, high in ranges:
        yield DeclaredMissing(low=_finite(low), high=_finite(high), reason="declared_missing")


def _labelled(raw: RawSurvey, codebook: Codebook, name: str, column: str) -> Iterator[DeclaredMissing]:
    """Give the numbers that the file labels as no answer, unless the codebook has such an answer.

    A 0 "geen antwoord" that SPSS was never told to leave out would otherwise be the lowest answer.
    """
    if name not in codebook.items and codebook.variable(name).kind != "number":
        return
    form = codebook.format_of(name) if name in codebook.items else None
    for code, label in raw.value_labels.get(column, {}).items():
        reason = reason_in_words(label) or LABELS_OF_MISSING.get(normalise(label))
        if isinstance(code, float) and reason and (form is None or form.value_of(label) is None):
            yield DeclaredMissing(low=code, high=code, reason=reason)


def _finite(bound: Code) -> Code:
    """Return a bound that JSON can hold: SPSS writes LOWEST and HIGHEST as infinities."""
    return bound if isinstance(bound, str) else min(max(bound, -_LARGEST), _LARGEST)


def _answer_rule(
    raw: RawSurvey, codebook: Codebook, name: str, column: str, sign: DecimalSign | None
) -> AnswerRule:
    if name in codebook.items:
        item = codebook.items[name]
        rule = AnswerRule(column=column, kind="item", format=item.format, decimal=sign)
        rule = rule.model_copy(update={"codes": item.codes}) if item.codes else rule
        if any(name in question.items for question in codebook.multiple_choice):
            rule = rule.model_copy(update={"words": words_of_option(raw, column, item)})
        ends: ResponseFormat | Variable = codebook.format_of(name)
        if not item.codes and labels_carry_numbers(raw.frame[column], codebook.format_of(name)):
            rule = rule.model_copy(update={"numbered": True})
    else:
        ends = variable = codebook.variable(name)
        words = _words_of(raw, column, variable)
        rule = AnswerRule(column=column, kind=variable.kind, decimal=sign, words=words)
    if ends.lowest in (0, 1) and ends.highest == 100:
        return rule.model_copy(update={"percent": True})
    is_share = isinstance(ends, Variable) and (ends.lowest, ends.highest) == (0, 1)
    return rule.model_copy(update={"share": True}) if is_share else rule


def _with_reasons_of(raw: RawSurvey, rule: AnswerRule) -> AnswerRule:
    """Return a rule that heeds the column of reasons, if there is one and it holds nothing else."""
    column = f"{rule.column}{REASON_SUFFIX}"
    if column not in raw.frame or not set(_texts_of(raw.frame[column])) <= {"", *REASONS}:
        return rule
    return rule.model_copy(update={"reasons_in": column})


def _words_of(raw: RawSurvey, column: str, variable: Variable) -> dict[str, str]:
    """Return what the texts of a category stand for: one export writes the code, another its word."""
    spelt = [*variable.labels.items(), *((code, w) for code, ws in variable.spellings.items() for w in ws)]
    codes: dict[str, set[str]] = {}
    for code, word in spelt:
        codes.setdefault(normalise(word), set()).add(code)
    words = {word: found.pop() for word, found in codes.items() if len(found) == 1}
    words |= {normalise(code): code for code in (*variable.labels, *variable.spellings)}
    by_file = {  # a third export writes codes of its own, and says itself what they stand for
        normalise(text_of_number(code) if isinstance(code, float) else code): words[normalise(label)]
        for code, label in raw.value_labels.get(column, {}).items()
        if normalise(label) in words
    }
    return by_file | words


def _decimal_signs(
    raw: RawSurvey, codebook: Codebook, cells: Mapping[str, _Cell]
) -> dict[str, DecimalSign | None]:
    """Return the decimal sign of each column that holds numbers as text: stated, else by evidence.

    The evidence is the column's own; without any, its lowest and highest value, where one sign alone keeps
    all numbers between them; without that, what all these columns together use, or a point where commas
    separate the columns. That default never makes thousands of a column in which nothing says so: three
    decimals look the same. Else None: a text that could be two numbers is then unreadable.
    """
    texts = {
        key: _texts_of(raw.frame[cell.column])
        for key, cell in cells.items()
        if cell.name in codebook.items or codebook.variable(cell.name).kind == "number"
    }
    stated = codebook.source.decimal
    if stated is not None:
        return {name: stated for name, found in texts.items() if found}
    of_all = decimal_of(text for found in texts.values() for text in found)
    default = of_all or ("." if raw.facts.separator == "," else None)
    return {
        key: decimal_of(found) or _sign_without_evidence(found, _ends_of(codebook, cells[key].name), default)
        for key, found in texts.items()
        if found
    }


def _sign_without_evidence(
    texts: tuple[str, ...], ends: ResponseFormat | Variable, default: DecimalSign | None
) -> DecimalSign | None:
    """Return the sign of a column of which every number has two readings, or is whole."""
    signs = signs_within(texts, ends.lowest, ends.highest)
    if len(signs) == 1:
        return signs[0]
    return None if default is not None and makes_thousands(texts, default) else default


def _ends_of(codebook: Codebook, name: str) -> ResponseFormat | Variable:
    return codebook.format_of(name) if name in codebook.items else codebook.variable(name)


def _texts_of(column: pd.Series[Any]) -> tuple[str, ...]:
    if column.dtype == "float64":
        return ()
    return tuple(without_percent(text) for text in column.dropna().unique() if isinstance(text, str))
