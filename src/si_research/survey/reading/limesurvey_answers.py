"""The answers of a LimeSurvey question as a response format, or as the words of a category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from si_research.survey.codebook import (
    MissingReason,
    Option,
    ResponseFormat,
    Variable,
    normalise,
    number_of,
)
from si_research.survey.reading.limesurvey_columns import ExportColumn, safe_name, wording_of
from si_research.survey.reading.limesurvey_structure import AnswerOption, as_printed
from si_research.survey.reading.reason_words import reason_in_words

WORDS: Final[Mapping[str, Mapping[str, tuple[str, str, str]]]] = {  # code: nl, en, de
    "Y": {"Y": ("Ja", "Yes", "Ja"), "N": ("Nee", "No", "Nein")},
    "G": {"F": ("Vrouw", "Female", "Weiblich"), "M": ("Man", "Male", "Männlich")},
}
"""Answers that LimeSurvey words itself, by the letter of the question."""
_OTHER: Final = ("-oth-", ("Anders", "Other", "Sonstiges"))


def options_of(answers: Sequence[AnswerOption]) -> tuple[tuple[Option, ...], dict[str, MissingReason]]:
    """Return the answers with their values, apart from those that mean no answer."""
    missing: dict[str, MissingReason] = {}
    real: list[AnswerOption] = []
    for answer in answers:
        reason = next((why for text in answer.texts.values() if (why := reason_in_words(text))), None)
        if reason is None:
            real.append(answer)
        else:
            missing |= dict.fromkeys([answer.code, *filter(None, answer.texts.values())], reason)
    codes = [number_of(answer.code) for answer in real]
    by_code = None not in codes and len(set(codes)) == len(codes)
    values = [float(code or 0) if by_code else float(place) for place, code in enumerate(codes, start=1)]
    return (
        tuple(
            Option(value=value, labels=_labels(answer, with_code=not by_code))
            for value, answer in zip(values, real, strict=True)
        ),
        missing,
    )


def _labels(answer: AnswerOption, *, with_code: bool) -> tuple[str, ...]:
    """Return every text that stands for an answer in an export: its code, and its text in each language."""
    texts = [*answer.texts.values(), *(each for html in answer.html.values() for each in as_printed(html))]
    seen: dict[str, str] = {}
    for text in [*([answer.code] if with_code else []), *texts]:
        if text.strip():
            seen.setdefault(normalise(text), text.strip())
    return tuple(seen.values())


def format_of(options: tuple[Option, ...], answers: Sequence[AnswerOption]) -> ResponseFormat:
    """Return the response format: labels by language where they are complete, else option by option."""
    real = [answer for answer in answers if not any(map(reason_in_words, answer.texts.values()))]
    languages = {language for answer in real for language in answer.texts}
    values = [option.value for option in options]
    complete = {
        language.partition("-")[0]: tuple(answer.texts.get(language, "") for answer in real)
        for language in sorted(languages)
    }
    known = {normalise(text) for texts in complete.values() for text in texts if text}
    if (
        values != [values[0] + step for step in range(len(values))]
        or not complete
        or not all(all(texts) for texts in complete.values())
    ):
        return ResponseFormat(options=options)
    first, *rest = complete.items()
    spellings = tuple(
        (text, *(label for label in option.labels if normalise(label) not in known))
        for text, option in zip(first[1], options, strict=True)
    )
    labels: dict[str, Any] = {first[0]: tuple(s[0] if len(s) == 1 else s for s in spellings), **dict(rest)}
    return ResponseFormat(labels=labels, lowest=values[0])


def category_of(column: ExportColumn, aliases: tuple[str, ...], language: str) -> Variable:
    """Return a category: each code with its word in the language of the survey, and its other words."""
    fixed = WORDS.get(column.question.type)
    words = dict(fixed) if fixed else {}
    labels = {code: _in_language(each, language) for code, each in words.items()}
    spellings: dict[str, tuple[str, ...]] = dict(words)
    missing: dict[str, MissingReason] = {}
    for answer in column.answers:
        reason = next((why for text in answer.texts.values() if (why := reason_in_words(text))), None)
        texts = _labels(answer, with_code=False)
        if reason is not None:
            missing |= dict.fromkeys([answer.code, *texts], reason)
        else:
            labels[answer.code] = answer.texts.get(language) or next(iter(texts), answer.code)
            spellings[answer.code] = texts
    if column.question.has_other:
        labels[_OTHER[0]], spellings[_OTHER[0]] = _in_language(_OTHER[1], language), _OTHER[1]
    others = {
        code: tuple(text for text in dict.fromkeys(texts) if normalise(text) != normalise(labels[code]))
        for code, texts in spellings.items()
    }
    return Variable(
        column=column.name if column.name != safe_name(column.name) else None,
        aliases=aliases,
        labels=labels,
        spellings={code: texts for code, texts in others.items() if texts},
        missing_codes=missing,
        **{f"label_{language}": text for language, text in wording_of(column).items()},
    )


def _in_language(words: tuple[str, str, str], language: str) -> str:
    return dict(zip(("nl", "en", "de"), words, strict=True)).get(language.partition("-")[0], words[1])
