"""What is wrong with the labels of an item: unknown ones, and ones that contradict the codebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from si_research.errors import Problem
from si_research.survey.formats import mixed_spellings
from si_research.survey.reading.column import CellReader, ColumnReading
from si_research.survey.reading.numbered_labels import steps_of
from si_research.survey.reading.text_problems import texts_among_numbers

_LONGEST: Final = 40
_LISTED: Final = 10
_FEWEST_SHOWN: Final = 5
"""What fewer people answered is shown only if it looks like a label; it may be somebody's own words."""

_NEAR_BELOW, _NEAR_ABOVE = 1, 2
"""How far outside a format a number may still be an answer under another number."""
_OFTEN: Final = 0.02
"""Share of the numbers from which on those outside are no slips."""


def problems_with(name: str, reader: CellReader, column: ColumnReading) -> Iterator[Problem]:
    """Give what an item's column holds and its format does not, or not in that way."""
    form = reader.form
    if form is None:
        return
    if not reader.answer.codes:
        found = (_counted_from_elsewhere, _counted_with_gaps, _often_just_outside)
        yield from islice(
            (problem for check in found for problem in check(name, reader, column)), 1
        )  # the first says it best
    if not form.options:
        yield from texts_among_numbers(name, reader, column)
        return
    yield from _unknown(name, reader, column)
    yield from _contradictions(name, reader)
    labels = [cell for cell in column.distinct if isinstance(cell, str)]
    for value, spellings in mixed_spellings(reader.answer.format or "", labels).items():
        yield Problem(
            where=f"column {reader.answer.column}",
            expected=f"one label for the answer {value:g} of `{reader.answer.format}`",
            found=" and ".join(f"`{spelling}`" for spelling in spellings),
            todo=f"Give `{name}` an own format under `formats`, in which each label has its value.",
        )


def _unknown(name: str, reader: CellReader, column: ColumnReading) -> Iterator[Problem]:
    """Give the texts that fit no label, the most frequent first, each with the nearest one."""
    assert reader.form is not None
    texts = zip(column.distinct, column.readings, strict=True)
    fitting = [cell for cell, reading in texts if isinstance(cell, str) and reading.how != "unknown"]
    found = [
        (count, str(cell), reader.form.nearest(str(cell), beside=fitting))
        for cell, reading, count in zip(column.distinct, column.readings, column.counts, strict=True)
        if reading.how == "unknown"
    ]
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    shown = [each for each in found if _may_be_shown(*each)][:_LISTED]
    where = f"column {reader.answer.column}" + (f" (item {name})" if name != reader.answer.column else "")
    expected = f"a label of `{reader.answer.format}`" + (
        ", or a number of `codes`" if reader.answer.codes else ""
    )
    for count, text, nearest in shown:
        advice = (
            f"The nearest is `{nearest}`." if nearest else "If it means no answer, list it in missing_codes."
        )
        yield Problem(where, expected, f"`{' '.join(text.split())}`, {_times(count)}", advice)
    rest = sum(count for count, _, _ in found) - sum(count for count, _, _ in shown)
    if rest:
        n_texts = len(found) - len(shown)
        what = f"{n_texts} {'other ' if shown else ''}text{'s' if n_texts > 1 else ''}"
        advice = "Not shown, as they may be somebody's own words. Is this column an item with that format?"
        yield Problem(where, expected, f"{what}, {_times(rest)}", advice)


def _may_be_shown(count: int, text: str, nearest: str | None) -> bool:
    """Whether a text is a label that went wrong, and not what one person wrote."""
    return len(text) <= _LONGEST and (nearest is not None or count >= _FEWEST_SHOWN)


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


def _counted_from_elsewhere(name: str, reader: CellReader, column: ColumnReading) -> Iterator[Problem]:
    """Give a column whose numbers all lie one off: 0 to 4 where the format has 1 to 5, say."""
    values = _steps_of(reader)
    if not values:
        return
    counts = _counts_of_numbers(column)
    for shift in (-1.0, 1.0):
        shifted = {value + shift for value in values}
        outside = shifted - set(values)
        if (
            counts
            and set(counts) <= shifted
            and sum(counts.get(value, 0) for value in outside) >= _FEWEST_SHOWN
        ):
            yield Problem(
                where=f"column {reader.answer.column}",
                expected=f"numbers from {values[0]:g} to {values[-1]:g}, as in `{reader.answer.format}`",
                found=f"numbers from {min(shifted):g} to {max(shifted):g}",
                todo=f"Give `{name}` a format with the file's own numbers (`lowest: {min(shifted):g}`), "
                "or list the number under missing_codes if it means no answer.",
            )


def _counts_of_numbers(column: ColumnReading) -> dict[float, int]:
    """Return how often each number occurs that stands for itself."""
    read = zip(column.readings, column.counts, strict=True)
    counts: Counter[float] = Counter()
    for each, count in read:
        if isinstance(each.value, float) and each.how == "as_is":
            counts[each.value] += count
    return dict(counts)


def _counted_with_gaps(name: str, reader: CellReader, column: ColumnReading) -> Iterator[Problem]:
    """Give a column with as many numbers as answers, of which some lie outside: 1, 2, 3, 6 and 7 for five.

    A questionnaire that was changed while it was built keeps the old numbers. Read as they stand, its highest
    answers would be missing.
    """
    values, counts = _steps_of(reader), _counts_of_numbers(column)
    if not values:
        return
    outside = sorted(set(counts) - set(values))
    if not outside or len(counts) != len(values) or min(counts[number] for number in outside) < _FEWEST_SHOWN:
        return
    if outside[-1] > values[-1] + len(values) or outside[0] < values[0] - len(values):
        return  # far away, as codes for "no answer" are
    yield Problem(
        where=f"column {reader.answer.column}",
        expected=f"numbers from {values[0]:g} to {values[-1]:g}, as in `{reader.answer.format}`",
        found=f"{', '.join(f'{number:g}' for number in sorted(counts))}: as many numbers, but other ones",
        todo=f"Write under `{name}` which answer each number stands for (`codes`); the export with texts "
        "tells. A number that means no answer belongs under missing_codes.",
    )


def _often_just_outside(name: str, reader: CellReader, column: ColumnReading) -> Iterator[Problem]:
    """Give a column in which many people gave a number just outside the format: answers, not slips.

    A number further off, or below zero where the answers are not, is how files write "no answer".
    """
    values, counts = _steps_of(reader), _counts_of_numbers(column)
    if not values:
        return
    low = values[0] - _NEAR_BELOW if values[0] <= 0 else max(0.0, values[0] - _NEAR_BELOW)
    near = {
        number: count
        for number, count in counts.items()
        if number not in values and low <= number <= values[-1] + _NEAR_ABOVE and number.is_integer()
    }
    n_outside, total = sum(near.values()), sum(counts.values())
    if n_outside < _FEWEST_SHOWN or n_outside < _OFTEN * total:
        return
    listed = ", ".join(f"{number:g}" for number in sorted(near))
    yield Problem(
        where=f"column {reader.answer.column}",
        expected=f"numbers from {values[0]:g} to {values[-1]:g}, as in `{reader.answer.format}`",
        found=f"{listed}, {n_outside} of {total} times: too often for slips",
        todo=f"If it means no answer, list it under missing_codes. Else give `{name}` the format with as "
        "many answers as were offered, or write which answer each number stands for (`codes`).",
    )


def _steps_of(reader: CellReader) -> tuple[float, ...]:
    assert reader.form is not None
    return steps_of(reader.form)


def _contradictions(name: str, reader: CellReader) -> Iterator[Problem]:
    """Give the codes whose label in the file stands for another value in the codebook.

    Which of the two is right decides the direction of the item, so nobody should guess it.
    """
    assert reader.form is not None
    for code, label in reader.labels.items():
        value = reader.form.value_of(label)
        meant = reader.answer.answer_of_code.get(code, code) if isinstance(code, float) else code
        if (
            isinstance(code, float | int)
            and value not in (None, meant)
            and not reader.missing.reason_of(code)
        ):
            yield Problem(
                where=f"column {reader.answer.column}",
                expected=f"{value:g} for `{label}`, as in `{reader.answer.format}`",
                found=f"{code:g}: the file gives that label to another code",
                todo=f"Write under `{name}` which answer each number stands for "
                f"(`codes: {{{code:g}: {value:g}, ...}}`), or give it a format with the file's own codes.",
            )
