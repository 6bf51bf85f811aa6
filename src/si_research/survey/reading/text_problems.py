"""Texts in a question that should hold numbers: too many for slips, they are labels, and no answer may go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from si_research.errors import Problem
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.reading.column import CellReader, ColumnReading
from si_research.survey.reading.numbered_labels import FEWEST, FEWEST_PEOPLE, LARGEST_SHARE, steps_of
from si_research.survey.reading.written_numbers import has_two_readings
from si_research.survey.response_format import normalise, one_line

_LONGEST: Final = 40
_LISTED: Final = 5


def texts_among_numbers(name: str, reader: CellReader, column: ColumnReading) -> Iterator[Problem]:
    """Give an item of which the format knows numbers only, and the cells hold texts that are no slips.

    That is one text given by five people, texts in 5 % of the cells, or no number at all.
    """
    cells = zip(column.distinct, column.readings, column.counts, strict=True)
    found = [(n, str(cell)) for cell, each, n in cells if each.how == "unreadable"]
    texts = [(n, cell) for n, cell in found if not has_two_readings(cell)]
    n_texts, n_filled = sum(n for n, _ in texts), sum(column.counts)
    has_numbers = any(each.value is not None for each in column.readings)
    is_often = any(n >= FEWEST_PEOPLE for n, _ in texts) or n_texts >= max(FEWEST, LARGEST_SHARE * n_filled)
    if not texts or (has_numbers and not is_often):
        return
    texts.sort(key=lambda entry: (-entry[0], entry[1]))
    yield Problem(
        where=f"column {reader.answer.column}" + (f" (item {name})" if name != reader.answer.column else ""),
        expected=f"{_numbers_of(reader)}, as in `{reader.answer.format}`",
        found=f"texts in {n_texts} of {n_filled} cells{'' if has_numbers else ', and no number'}"
        + _shown(texts),
        todo=_what_to_do(name, reader, column, [cell for _, cell in texts]),
    )


def _numbers_of(reader: CellReader) -> str:
    assert reader.form is not None
    low, high = reader.form.lowest, reader.form.highest
    if low is None or high is None:
        return "numbers"
    return f"numbers from {low:g} to {high:g}"


def _shown(texts: Sequence[tuple[int, str]]) -> str:
    """Return the texts that enough people gave to be labels; others may be somebody's own words."""
    labels = [(n, one_line(cell)) for n, cell in texts if n >= FEWEST_PEOPLE and len(cell) <= _LONGEST]
    listed = ", ".join(f"`{label}` {n} times" for n, label in labels[:_LISTED])
    return f": {listed}" + (" and others" if len(texts) > len(labels[:_LISTED]) else "") if listed else ""


def _what_to_do(name: str, reader: CellReader, column: ColumnReading, texts: Sequence[str]) -> str:
    ends = _ends_of(reader, column, texts)
    if ends is not None:
        return (
            f"They are the ends of a scale: give `{name}` an own format under `formats` that says which "
            f"number each stands for, such as `{ends}`; look in the questionnaire which end is the high one."
        )
    return (
        f"If they are labels, give `{name}` a format with these labels in order (`labels`) or with the "
        "number of each (`options`), or take the export with numbers. If they mean no answer, list "
        "them under missing_codes. If it is no question on a scale, leave it out of `items`."
    )


def _ends_of(reader: CellReader, column: ColumnReading, texts: Sequence[str]) -> str | None:
    """Return the format of a column with both ends of a built-in one as texts, and numbers between."""
    assert reader.form is not None
    steps = steps_of(reader.form)
    values = {each.value for each in column.readings if each.value is not None}
    if not steps or values & {steps[0], steps[-1]}:
        return None
    spelt = {normalise(text): one_line(text) for text in texts}
    for form in BUILT_IN_FORMATS.values():
        for groups in form.labels.values():
            low, high = (
                [spelt[label] for label in map(normalise, groups[place]) if label in spelt]
                for place in (0, -1)
            )
            if len(low) == len(high) == 1 and len(spelt) == 2:
                between = "".join(f"{{value: {value:g}}}, " for value in steps[1:-1])
                first, last = (
                    f"value: {steps[0]:g}, labels: [{low[0]}]",
                    f"value: {steps[-1]:g}, labels: [{high[0]}]",
                )
                return f"options: [{{{first}}}, {between}{{{last}}}]"
    return None
