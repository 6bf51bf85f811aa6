"""The response format of a column, from its labels, its codes or its numbers; never from the alphabet."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from si_research.survey.drafting.facts import ColumnFacts, written
from si_research.survey.drafting.ladders import Ladder, labels_as_written, ladders_of
from si_research.survey.drafting.missing import MissingCells, reason_of_word
from si_research.survey.response_format import Option, ResponseFormat, normalise, one_line
from si_research.survey.survey_data import Code
from si_research.survey.undecided import ORDER_UNKNOWN

Shape = Literal["ladder", "coded", "numbered", "range", "words"]
_MOST_STEPS: Final = 11
_FEWEST_OF_THEIR_OWN: Final = 4
_FEWEST_STEPS: Final = 4
"""Steps of a scale whose ends may have numbers between them: yes and no have none."""
_USUAL_ENDS: Final = frozenset(
    {(1.0, 4.0), (1.0, 5.0), (1.0, 6.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0), (0.0, 4.0), (0.0, 6.0)}
)
_LEADING_NUMBER: Final = re.compile(
    r"\(?(-?\d{1,2})\s*[)=:.\-–]+\s*\S.*|\(?(-?\d{1,2})\)?(\s+\S.*)?", re.DOTALL
)
_MUCH: Final = re.compile(
    r"\b(agree|always|often|every day|satisfied|excellent|good|true|very|likely|important|"
    r"a lot|great deal|happy|"
    r"(mee )?eens|altijd|vaak|tevreden|goed|zeer|stimme|trifft|immer|oft|sehr|zufrieden|de "
    r"acuerdo|siempre|muy|"
    r"bueno|satisfecho|frecuentemente|todos los días|d'accord|toujours|très|satisfait|favor|support|much)\b",
    re.IGNORECASE,
)
_LITTLE: Final = re.compile(
    r"\b(disagree|never|not|rarely|seldom|dissatisfied|poor|bad|false|unlikely|unimportant|"
    r"none|oppose|hardly|unhappy|"
    r"(mee )?oneens|niet|nooit|zelden|ontevreden|slecht|nicht|nie|selten|unzufrieden|nada|"
    r"en desacuerdo|nunca|rara|"
    r"pocas|malo|insatisfecho|pequeñ[oa]|pas|jamais|little)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answers:
    """How a column is answered.

    Attributes
    ----------
    shape : str
        ladder (words in a known order), coded (labels of the file), numbered (labels with their number),
        range (numbers only), words (labels whose order is not known).
    name : str
        The format, built in or own.
    form : ResponseFormat or None
        None for a built-in one.
    reason : str
    is_sure : bool
        Whether the order, and the ends, are beyond doubt.
    descends : bool
        Whether a high code means little.
    """

    shape: Shape
    name: str
    form: ResponseFormat | None
    reason: str
    is_sure: bool = True
    descends: bool = False


def coded_answers(facts: ColumnFacts, missing: MissingCells) -> Answers | None:
    """Return the format of a column whose codes the file labels as degrees; None where it does not."""
    codes = answer_codes(facts, missing)
    if len(codes) < 3 or not all(isinstance(code, float) and code.is_integer() for code in codes):
        return None
    labels = [facts.labels[code] for code in codes]
    ladder = next(iter(ladders_of(labels)), None)
    degrees = sum(bool(_MUCH.search(label) or _LITTLE.search(label)) for label in labels)
    if ladder is None and degrees < max(2, len(labels) - 2):
        return None
    numbers = [float(code) for code in codes]
    first, last = _polarity(labels[0]), _polarity(labels[-1])
    places = ladder.places_of(labels) if ladder else None
    descends = places[labels[0]] > places[labels[-1]] if places else first > 0 > last
    within = {n for n in facts.numbers.values() if min(numbers) < n < max(numbers) and n.is_integer()}
    options = tuple(
        Option(value=n, labels=(one_line(facts.labels[n]),) if n in facts.labels else ())
        for n in sorted({*numbers, *within})
    )
    first_label, last_label = one_line(labels[0]), one_line(labels[-1])
    how = f"the file labels its codes, from {written(codes[0])} = `{first_label}` to {written(codes[-1])}"
    return Answers(
        "coded",
        "labels",
        ResponseFormat(options=options),
        f"{how} = `{last_label}`",
        is_sure=True,
        descends=descends,
    )


def answer_codes(facts: ColumnFacts, missing: MissingCells) -> list[Code]:
    """Return the codes of the file's own labels that are answers, in ascending order."""
    codes = [
        code
        for code, label in facts.labels.items()
        if not facts.is_declared_missing(code) and not missing.holds(code) and reason_of_word(label) is None
    ]
    return sorted(codes, key=lambda code: (isinstance(code, str), code))


def _polarity(label: str) -> int:
    return -1 if _LITTLE.search(label) else 1 if _MUCH.search(label) else 0


def worded_answers(ladder: Ladder, labels: Collection[str]) -> Answers:
    """Return the format of a column of words that are on a ladder, in the spelling of the file."""
    steps = len(ladder.steps)
    places = set((ladder.places_of(labels) or {}).values())
    has_an_end = not places.isdisjoint({0, steps - 1})
    if len(places) >= _FEWEST_OF_THEIR_OWN and not has_an_end:
        return _middle_of(ladder, labels)
    unused = steps - len(places)
    reason = f"its answers are on a scale of {steps} steps that surveys use, from `{ladder.steps[0][0]}` up"
    if unused:
        reason += f"; {unused} of the steps nobody chose"
    if ladder.two_ways:
        reason += "; which end is the high one depends on what the scale is about"
    form = None if ladder.built_in else ResponseFormat(labels=dict(labels_as_written(ladder, labels)))
    return Answers("ladder", ladder.name, form, reason, not ladder.two_ways and has_an_end)


def _middle_of(ladder: Ladder, labels: Collection[str]) -> Answers:
    """Return a format of the labels that occur: where both ends lack, they are more likely all there were."""
    places = ladder.places_of(labels) or {}
    spelt = {place: one_line(label) for label, place in places.items()}
    own = tuple(spelt[place] for place in sorted(spelt))
    reason = (
        f"its {len(own)} answers are the middle of a scale of {len(ladder.steps)} steps that surveys use, "
        "and nobody chose either end: they stand here as all there were; look in the questionnaire"
    )
    name = f"{ladder.name.rsplit('_', 1)[0]}_{len(own)}"
    form = ResponseFormat(labels={ladder.language: own})
    return Answers("ladder", name, form, reason, is_sure=False)


def ends_in_words(facts: ColumnFacts, missing: MissingCells) -> tuple[str, str, str, frozenset[float]] | None:
    """Return the low and high end, their language and the numbers between, of a column that words its ends.

    None where the texts are not both ends of a scale that surveys use, or the numbers could be ends too.
    """
    texts = texts_of(facts, missing)
    numbers = frozenset(
        number for cell, number in facts.numbers.items() if not missing.holds(cell) and number.is_integer()
    )
    if len(texts) != 2 or facts.labels or not 1 < len(numbers) <= _MOST_STEPS or min(numbers) < 1:
        return None
    for ladder in ladders_of(texts):
        places = ladder.places_of(texts) or {}
        n_steps = len(ladder.steps)
        if n_steps >= _FEWEST_STEPS and {*places.values()} == {0, n_steps - 1}:
            low, high = sorted(texts, key=lambda text: places[text])
            return one_line(low), one_line(high), ladder.language, numbers
    return None


def answers_with_ends(low: str, high: str, language: str, between: Collection[float]) -> Answers:
    """Return the format of questions of which only the two ends are in words, and the rest are numbers.

    Which end the low numbers lie next to cannot be seen: a person has to look.
    """
    first = 2 if min(between) > 1 else 1
    numbers = range(first, int(max(between)) + 1)
    steps = (low, *map(str, numbers), high)
    reason = (
        f"its numbers lie between two ends in words, taken as {numbers[0] - 1} = `{low}` and "
        f"{numbers[-1] + 1} = `{high}`: "
        "look in the questionnaire whether that is so, and not the other way round"
    )
    form = ResponseFormat(labels={language: steps}, lowest=float(numbers[0] - 1))
    name = f"ends_{numbers[0] - 1}_{numbers[-1] + 1}"
    return Answers("ladder", name, form, reason, is_sure=False)


def numbered_answers(cells: Sequence[str]) -> Answers | None:
    """Return the format of labels that carry their number (`1 = never`, `2`, `5 (always)`); None for others.

    Examples
    --------
    >>> numbered_answers(["5 (always)", "1 (never)", "2", "3", "4"]).form.values
    (1.0, 2.0, 3.0, 4.0, 5.0)
    >>> numbered_answers(["18-20", "21-29"]) is None
    True
    """
    by_number: dict[float, list[str]] = {}
    for cell in cells:
        found = _LEADING_NUMBER.fullmatch(one_line(cell))
        if found is None or re.match(r"\(?-?\d+\s*[-–]\s*\d", one_line(cell)):
            return None
        by_number.setdefault(float(found[1] or found[2]), []).append(one_line(cell))
    is_worded = any(not re.fullmatch(r"-?\d+", cell) for group in by_number.values() for cell in group)
    steps = range(int(min(by_number)), int(max(by_number)) + 1) if by_number else range(0)
    if (
        not is_worded
        or not 2 < len(steps) <= _MOST_STEPS
        or any(len(group) > 1 for group in by_number.values())
    ):
        return None
    options = tuple(Option(value=n, labels=tuple(_words_of(by_number.get(float(n), [])))) for n in steps)
    reason = f"its labels carry their number, from {steps[0]} to {steps[-1]}"
    return Answers(
        "numbered",
        f"numbered_{steps[0]}_{steps[-1]}".replace("-", "minus_"),
        ResponseFormat(options=options),
        reason,
    )


def _words_of(group: Sequence[str]) -> list[str]:
    return [cell for cell in group if not re.fullmatch(r"-?\d+", cell)]


def range_answers(numbers: Collection[float], n_columns: int) -> Answers:
    """Return the format of questions answered with whole numbers, from what all of them hold together.

    Parameters
    ----------
    numbers : collection of float
        The answers of all questions that belong together.
    n_columns : int
        How many these are.
    """
    low, high = min(numbers), max(numbers)
    lowest = 1.0 if 1 < low <= 3 and high > 3 else 0.0 if low == 0 else low
    wide = high > _MOST_STEPS
    if wide and low >= 0 and high <= 100:
        lowest, highest = 0.0, 100.0
    else:
        highest = high
    used = len({n for n in numbers if lowest <= n <= highest})
    is_sure = (lowest, highest) in _USUAL_ENDS and used == highest - lowest + 1
    reason = f"whole numbers from {low:g} to {high:g} in {n_columns} questions that belong together"
    if wide:
        reason += "; taken as 0 to 100"
    elif not is_sure:
        reason += f"; taken as {lowest:g} to {highest:g}: look in the questionnaire whether it had more steps"
    form = ResponseFormat(lowest=lowest, highest=highest, whole=not wide)
    name = f"range_{lowest:g}_{highest:g}".replace("-", "minus_")
    return Answers("range", name, form, reason, is_sure)


def unordered_answers(labels: Sequence[str], language: str) -> Answers:
    """Return the format of words whose order nobody can know from the file: as they first occur, and open.

    A number at the end of each label (`Answer 1`, `Answer 2`) gives the order to look at first.
    """
    tidy = list(dict.fromkeys(one_line(label) for label in labels))
    endings = [re.fullmatch(r"(.*\D)(\d{1,3})", label) for label in tidy]
    numbered = [int(found[2]) for found in endings if found]
    if len(numbered) == len(tidy) and len({found[1] for found in endings if found}) == 1:
        tidy = [label for _, label in sorted(zip(numbered, tidy, strict=True))]
        how = "the number at their end"
    else:
        how = "the order in which they first occur in the file, which says nothing"
    form = ResponseFormat(labels={language: tuple(tidy)})
    reason = f"{len(tidy)} answers {ORDER_UNKNOWN}; they stand here by {how}"
    return Answers("words", "words", form, reason, is_sure=False)


def texts_of(facts: ColumnFacts, missing: MissingCells) -> list[str]:
    """Return the answers of a column that are words, each spelling once."""
    return list({normalise(str(cell)): str(cell) for cell in facts.texts if not missing.holds(cell)}.values())


def whole_numbers(facts: ColumnFacts, missing: MissingCells) -> Mapping[float, int] | None:
    """Return the whole numbers of a column with their counts; None when it holds anything else."""
    counts: dict[float, int] = {}
    for cell, count in facts.counts.items():
        if missing.holds(cell) or facts.is_declared_missing(cell):
            continue
        number = facts.numbers.get(cell)
        if number is None or not number.is_integer():
            return None
        counts[number] = counts.get(number, 0) + count
    return counts or None
