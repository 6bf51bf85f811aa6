"""Questions that are answered in one way and seem to belong together: formats, and candidates for scales."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from si_research.survey.drafting.answers import (
    Answers,
    answers_with_ends,
    coded_answers,
    ends_in_words,
    numbered_answers,
    range_answers,
    texts_of,
    unordered_answers,
    whole_numbers,
    worded_answers,
)
from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.drafting.ladders import Ladder, ladder_for, ladders_of
from si_research.survey.drafting.missing import MissingCells
from si_research.survey.drafting.names import stem_of
from si_research.survey.drafting.parting import parts_by_title
from si_research.survey.drafting.reversals import MOST_AT_ONCE
from si_research.survey.drafting.slips import with_slips
from si_research.survey.response_format import normalise

_MOST_LABELS: Final = 11
_FEWEST_IN_WORDS: Final = 3
_SHORT_LIST: Final = 7
_FEWEST_PEOPLE: Final = 5
_NEAR: Final = 12
_MOST_NUMBERS: Final = 11
_MOST_AROUND_0: Final = 5.0
_FEWEST_LOOSE: Final = 3
"""Neighbours that must share their answers where no name says that they belong together."""
_GAP_IN_ARRAY: Final = 3
_FEWEST_WITH_WAVES: Final = 3
"""Stems with the same few numbers from which these may be numbers of waves."""
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Battery:
    """Columns that may make one scale.

    Attributes
    ----------
    stem : str
        What their names share; empty where they only stand next to one another.
    columns : tuple of str
    reason : str
    """

    stem: str
    columns: tuple[str, ...]
    reason: str


def answers_of(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells], language: str
) -> dict[str, Answers]:
    """Return how each question is answered, for the columns that are questions on a response format."""
    found: dict[str, Answers] = {}
    for name in names:
        answers = _by_itself(facts[name], missing[name])
        if answers is not None:
            found[name] = answers
    rest = [name for name in names if name not in found]
    found |= _on_ladders(rest, facts, missing)
    found |= _with_ends([name for name in rest if name not in found], facts, missing)
    rest = [name for name in rest if name not in found]
    found |= _in_numbers(rest, facts, missing)
    found |= _in_words([name for name in rest if name not in found], facts, missing, language)
    return {name: found[name] for name in names if name in found}


def _by_itself(facts: ColumnFacts, missing: MissingCells) -> Answers | None:
    if facts.labels:
        return coded_answers(facts, missing)
    cells = [str(cell) for cell in facts.counts if isinstance(cell, str) and not missing.holds(cell)]
    is_worded = any(cell not in facts.numbers for cell in cells)
    return numbered_answers(cells) if is_worded and len(cells) <= _MOST_LABELS else None


def _on_ladders(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> dict[str, Answers]:
    labels = {
        name: texts
        for name in names
        if 2 <= len(texts := texts_of(facts[name], missing[name])) <= _MOST_LABELS
        and not set(facts[name].numbers) - set(missing[name].codes)
    }
    smallest = {name: possible[0] for name, texts in labels.items() if (possible := ladders_of(texts))}
    chosen = {name: ladder_for(labels[name], _ladders_around(name, smallest, facts)) for name in smallest}
    spelt: dict[Ladder, list[str]] = {}
    for name, ladder in chosen.items():
        spelt.setdefault(ladder, []).extend(labels[name])
    found = {}
    for name, ladder in chosen.items():
        of_all = tuple({normalise(label): label for label in spelt[ladder]}.values())
        together = of_all if ladder.places_of(of_all) is not None else labels[name]
        found[name] = worded_answers(ladder, together)
    return found


def _ladders_around(
    name: str, smallest: Mapping[str, Ladder], facts: Mapping[str, ColumnFacts]
) -> list[Ladder]:
    """Return the ladders of the nearest questions under the same stem, the nearest first."""
    stem, place = stem_of(name), facts[name].place
    near = [
        other
        for other in smallest
        if other != name and abs(facts[other].place - place) <= _NEAR and stem_of(other) == stem
    ]
    return [smallest[other] for other in sorted(near, key=lambda other: abs(facts[other].place - place))]


def _with_ends(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> dict[str, Answers]:
    """Return the formats of numbers between two ends in words; questions with the same ends share one."""
    alike: dict[tuple[str, str, str], dict[str, frozenset[float]]] = {}
    for name in names:
        ends = ends_in_words(facts[name], missing[name])
        if ends is not None:
            alike.setdefault((normalise(ends[0]), normalise(ends[1]), ends[2]), {})[name] = ends[3]
    found: dict[str, Answers] = {}
    for (low, high, language), columns in alike.items():
        spelt = {normalise(text): text for name in columns for text in texts_of(facts[name], missing[name])}
        answers = answers_with_ends(spelt[low], spelt[high], language, frozenset().union(*columns.values()))
        found |= dict.fromkeys(columns, answers)
    return found


def _in_numbers(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> dict[str, Answers]:
    """Return the formats of whole numbers: questions that belong together share one range."""
    counts = {
        name: found
        for name in names
        if not facts[name].labels
        and (found := whole_numbers(facts[name], missing[name])) is not None
        and len(found) > 2
        and (min(found) >= 0 or -min(found) <= max(found) <= _MOST_AROUND_0)
    }
    few = {name: found for name, found in counts.items() if max(found) <= 10 and len(found) <= _MOST_NUMBERS}
    wide = {name: found for name, found in counts.items() if name not in few and max(found) == 100}
    found_answers: dict[str, Answers] = {}
    by_top: dict[float | None, list[str]] = {}
    for name in few:  # under a stem that says nothing, one range is what keeps questions together
        by_top.setdefault(_top_among(name, few) if stem_of(name).generic else None, []).append(name)
    for columns in (*by_top.values(), list(wide)):
        for group in _together(columns, facts, names):
            alike = _one_way(group, counts)
            if len(alike) > 1:
                pooled = [number for name in alike for number in counts[name]]
                found_answers |= dict.fromkeys(alike, range_answers(pooled, len(alike)))
    named = [name for name in counts if not stem_of(name).generic]
    return found_answers | with_slips(found_answers, tuple(_together(named, facts, names)), counts)


def _one_way(group: Sequence[str], counts: Mapping[str, Mapping[float, int]]) -> Sequence[str]:
    """Return the questions of one range: all where it lies around 0, else those without negative numbers."""
    numbers = {number for name in group for number in counts[name]}
    if min(numbers) == -max(numbers):
        return group
    return [name for name in group if min(counts[name]) >= 0]


def _top_among(name: str, counts: Mapping[str, Mapping[float, int]]) -> float:
    """Return the highest answer to a question, or to both its neighbours where these go higher alike."""
    names = list(counts)
    place, top = names.index(name), max(counts[name])
    around = {
        max(counts[other]) for other in (*names[max(place - 1, 0) : place], *names[place + 1 : place + 2])
    }
    return around.pop() if len(around) == 1 and max(around) == top + 1 else top


def _in_words(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells], language: str
) -> dict[str, Answers]:
    """Return open formats for labels in an unknown order, where at least three questions share them."""
    texts = {
        name: found
        for name in names
        if 2 < len(found := texts_of(facts[name], missing[name])) <= _MOST_LABELS
        and not facts[name].labels
        and not facts[name].numbers
    }
    by_labels: dict[frozenset[str], list[str]] = {}
    for name in sorted(texts, key=lambda each: (-len(texts[each]), facts[each].place)):
        tidy = frozenset(map(normalise, texts[name]))
        wider = next((known for known in by_labels if tidy <= known), tidy)
        by_labels.setdefault(wider, []).append(name)
    found_answers: dict[str, Answers] = {}
    for columns in by_labels.values():
        if len(columns) >= _FEWEST_IN_WORDS and _may_be_written(columns, facts):
            answers = unordered_answers([text for name in columns for text in texts[name]], language)
            found_answers |= dict.fromkeys(columns, answers)
    return found_answers


def _may_be_written(columns: Sequence[str], facts: Mapping[str, ColumnFacts]) -> bool:
    """Whether labels may stand in a codebook: a short list, or each of them given by five people.

    What one person typed is no label, and nobody else may read it.
    """
    most: dict[str, int] = {}
    for name in columns:
        here: dict[str, int] = {}
        for text in facts[name].texts:
            here[normalise(text)] = here.get(normalise(text), 0) + facts[name].counts[text]
        most |= {text: max(n, most.get(text, 0)) for text, n in here.items()}
    return len(most) <= _SHORT_LIST or min(most.values()) >= _FEWEST_PEOPLE


def _together(
    names: Sequence[str], facts: Mapping[str, ColumnFacts], all_names: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Give columns that belong together: by the stem of their name, else as neighbours without one."""
    stems: dict[tuple[str, bool], list[str]] = {}
    loose = []
    for name in sorted(names, key=lambda name: facts[name].place):
        stem = stem_of(name)
        if stem.generic:
            loose.append(name)
        else:
            stems.setdefault((stem.stem, stem.is_array), []).append(name)
    rank = {name: place for place, name in enumerate(all_names)}
    for (_, is_array), group in stems.items():
        yield from _runs(group, rank, gap=_GAP_IN_ARRAY) if is_array else (tuple(group),)
    yield from (run for run in _runs(loose, rank, gap=2) if len(run) >= _FEWEST_LOOSE)


def _runs(names: Sequence[str], rank: Mapping[str, int], gap: int) -> Iterator[tuple[str, ...]]:
    """Give runs of columns between which at most some others stand."""
    run: list[str] = []
    for name in names:
        if run and rank[name] - rank[run[-1]] > gap:
            yield tuple(run)
            run = []
        run.append(name)
    if run:
        yield tuple(run)


def batteries_of(
    answers: Mapping[str, Answers], facts: Mapping[str, ColumnFacts], all_names: Sequence[str]
) -> tuple[Battery, ...]:
    """Return candidates for scales: at least two questions with one format and one stem, or side by side.

    Columns whose order is unknown, or that are yes or no, are questions too; what they measure a person
    must say.
    """
    found: list[Battery] = []
    by_format: dict[tuple[str, str], list[str]] = {}
    for name, each in answers.items():
        by_format.setdefault((each.shape, each.name + repr(each.form)), []).append(name)
    for columns in by_format.values():
        for group in _together(columns, facts, all_names):
            if len(group) > 1:
                found.extend(_divided(group, facts))
    return tuple(sorted(found, key=lambda battery: facts[battery.columns[0]].place))


def _divided(group: tuple[str, ...], facts: Mapping[str, ColumnFacts]) -> Iterator[Battery]:
    """Give a group as one battery, or as several where the first words of its labels part it wholly."""
    stems = {stem_of(name) for name in group}
    stem = next(iter(stems)).stem if len(stems) == 1 and not next(iter(stems)).generic else ""
    shared = f"names that begin with `{_short(stem)}`" if stem else "places next to one another"
    titled = {} if stem else parts_by_title(group, facts)
    if titled:
        yield from _titled(titled, stem, shared)
        return
    parts = _by_first_words([(name, facts[name].text) for name in group])
    if parts is None:
        several = "; surely more than one scale: divide them" if len(group) > MOST_AT_ONCE else ""
        yield Battery(stem, group, f"{len(group)} questions with {shared} and the same answers{several}")
        return
    for words, columns in parts.items():
        reason = (
            f"{len(columns)} questions with {shared}, the same answers, and labels that begin with `{words}`"
        )
        yield Battery(f"{stem} {words}".strip(), tuple(columns), reason)


def _titled(parts: Mapping[str, Sequence[str]], stem: str, shared: str) -> Iterator[Battery]:
    """Give one battery for each title, and one for what has none where that may be a scale."""
    for title, columns in parts.items():
        if title:
            reason = f"{len(columns)} questions with the same answers and the title `{_short(title)}`"
            yield Battery(title, tuple(columns), reason)
        elif len(columns) >= (2 if stem else _FEWEST_LOOSE):
            yield Battery(
                stem, tuple(columns), f"{len(columns)} questions with {shared} and the same answers"
            )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _by_first_words(labelled: Sequence[tuple[str, str]]) -> dict[str, list[str]] | None:
    """Part columns by the first one or two words of their labels; None unless no column is left alone."""
    if len(labelled) < 4:
        return None
    for n_words in (1, 2):
        parts: dict[str, list[str]] = {}
        for name, text in labelled:
            words = [
                word for word in text.replace("+", " ").split() if not any(sign.isdigit() for sign in word)
            ]
            parts.setdefault(" ".join(words[:n_words]), []).append(name)
        if (
            1 < len(parts) <= len(labelled) / 2
            and "" not in parts
            and all(len(part) > 1 for part in parts.values())
        ):
            return parts
    return None


def at_several_times(batteries: Sequence[Battery]) -> dict[str, str]:
    """Return, by stem, the one that looks like the same questions at another time: `JC1 A` beside `JC2 A`."""
    alike: dict[tuple[str, str], list[str]] = {}
    for battery in batteries:
        key = _without_time(battery.stem)
        if key is not None:
            alike.setdefault(key, []).append(battery.stem)
    groups = [stems for stems in alike.values() if len(set(stems)) > 1]
    return {stem: next(other for other in stems if other != stem) for stems in groups for stem in stems}


def _without_time(stem: str) -> tuple[str, str] | None:
    """Return a stem without what may be the number of a measurement; None when it has no such number."""
    first, _, rest = stem.partition(" ")
    if re.fullmatch(r"t\d", rest, re.IGNORECASE):
        return first, ""
    if re.fullmatch(r".*[^\d]\d", first):
        return first[:-1], rest.lstrip("0123456789")
    return None


def perhaps_waves(batteries: Sequence[Battery]) -> dict[str, str]:
    """Return what to say of each battery where all of them end in the same two or three numbers.

    `JC1`, `JC2`, `SE1`, `SE2`, `AB1`, `AB2` may be three questions at two times as well as three scales of
    two items.
    """
    ends: dict[tuple[str, ...], list[Battery]] = {}
    for battery in batteries:
        found = [re.fullmatch(rf"{re.escape(battery.stem)}_?(\d)", name) for name in battery.columns]
        numbers = tuple(each[1] for each in found if each)
        if battery.stem and len(numbers) == len(found) and numbers in (("1", "2"), ("1", "2", "3")):
            ends.setdefault(numbers, []).append(battery)
    return {
        battery.stem: f"the numbers {', '.join(numbers)} stand after {len(alike)} names: they may be "
        "those of waves (one question at several times) and not of items; if so, it is no scale"
        for numbers, alike in ends.items()
        if len(alike) >= _FEWEST_WITH_WAVES and (len(numbers) == 2 or len(alike) > len(numbers))
        for battery in alike
    }


def without_times(batteries: Sequence[Battery]) -> tuple[Battery, ...]:
    """Leave out what is one question at several times: `SE1` and `SE2` where there are `JC1` and `JC2`."""
    times = {stem.partition(" ")[0][-1] for stem in at_several_times(batteries)}
    return tuple(
        battery
        for battery in batteries
        if not (len(battery.columns) == len(times) and {column[-1] for column in battery.columns} == times)
    )


def renamed(answers: Mapping[str, Answers]) -> dict[str, Answers]:
    """Return the answers with one name for each different own format."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    result = {}
    for column, each in answers.items():
        if each.form is None:
            result[column] = each
            continue
        key = repr(each.form)
        if key not in names:
            name, number = each.name, 2
            while name in taken:
                name, number = f"{each.name}_{number}", number + 1
            names[key] = name
            taken.add(name)
        result[column] = replace(each, name=names[key])
    return result
