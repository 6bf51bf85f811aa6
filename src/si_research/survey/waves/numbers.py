"""Bare numbers in names: of a wave, or of an item? Only structure can tell, and not always."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from si_research.survey.waves.markers import Marked

_IN_ARRAY: Final = re.compile(r"(?P<base>.*[^\d])(?P<number>\d+)\[(?P<part>[^\]]+)\]")
_AT_THE_END: Final = re.compile(r"(?P<base>.*[^\d])(?P<number>\d+)")
_MOST_WAVES: Final = 6


@dataclass(frozen=True, slots=True)
class Numbered:
    """A name with a number where a wave might stand."""

    base: str
    """What stands before the number."""
    stem: str
    """The name without the number."""
    number: int
    is_array: bool
    has_own_number: bool
    """Whether the stem has the number of its item already."""


@dataclass(frozen=True, slots=True)
class NumberedWaves:
    """What the numbers turned out to be; ``marked`` is empty when they are no waves, or not clearly."""

    how: str
    pattern: str = ""
    marked: Mapping[str, Marked] = field(default_factory=dict)


def numbers_in(names: Sequence[str]) -> dict[str, Numbered]:
    """Return the names that have a number where a wave might stand."""
    found = {}
    for name in names:
        tidy = name.strip()
        array, end = _IN_ARRAY.fullmatch(tidy), _AT_THE_END.fullmatch(tidy)
        match = array or end
        if match is None or (len(match["number"]) > 1 and match["number"].startswith("0")):
            continue  # 01 is the number of an item
        base, number = match["base"].rstrip("_. "), match["number"]
        if not base:
            continue
        part = re.sub(rf"^{number}(?=[A-Za-z])", "", array["part"]) if array else ""
        stem = f"{base}[{part}]" if array else base
        has_own = not array and base[-1].isdigit()
        found[name] = Numbered(base, stem, int(number), array is not None, has_own)
    return found


def numbered_waves(names: Sequence[str], texts: Mapping[str, str]) -> NumberedWaves:
    """Tell whether bare numbers are waves.

    Parameters
    ----------
    names : sequence of str
        In the order of the file.
    texts : Mapping of str to str
        The question by column, normalised; where known.

    Returns
    -------
    NumberedWaves
    """
    every = numbers_in(names)
    for pattern, how, chosen in (
        ("x1", "the same question stands under each number", _same_question(every, texts)),
        ("x1[sub]", "array questions bear the number before their bracket", _arrays(every)),
        ("x_1", "the names have the number of their item already", _second_numbers(every)),
    ):
        if _is_structure(chosen) and not _texts_differ(chosen, texts):
            marked = {name: Marked(each.stem, str(each.number), each.number) for name, each in chosen.items()}
            return NumberedWaves(f"{how}, and the waves follow one another in the file", pattern, marked)
    repeated = sorted(base for base, numbers in _numbers_by_base(every).items() if len(numbers) > 1)
    if not repeated:
        return NumberedWaves("no name bears a wave")
    shown = ", ".join(repeated[:3]) + (", ..." if len(repeated) > 3 else "")
    return NumberedWaves(
        f"ambiguous: the numbers after {shown} may be those of items as well as of waves; nothing was picked"
    )


def _numbers_by_base(every: Mapping[str, Numbered]) -> dict[str, frozenset[int]]:
    numbers: dict[str, set[int]] = {}
    for each in every.values():
        numbers.setdefault(each.base, set()).add(each.number)
    return {base: frozenset(found) for base, found in numbers.items()}


def _same_question(every: Mapping[str, Numbered], texts: Mapping[str, str]) -> dict[str, Numbered]:
    """Return the variables whose columns all carry one question, which no other variable carries."""
    by_stem: dict[str, set[str]] = {}
    for name, each in every.items():
        by_stem.setdefault(each.stem, set()).add(texts.get(name, ""))
    single = {stem: next(iter(found)) for stem, found in by_stem.items() if len(found) == 1}
    asked = list(single.values())
    own = {stem for stem, text in single.items() if text and asked.count(text) == 1}
    repeated = {stem for stem in own if len(_numbers_of(every, stem)) > 1}
    return {name: each for name, each in every.items() if each.stem in repeated}


def _numbers_of(every: Mapping[str, Numbered], stem: str) -> set[int]:
    return {each.number for each in every.values() if each.stem == stem}


def _arrays(every: Mapping[str, Numbered]) -> dict[str, Numbered]:
    """Return array questions that two or more bases have in the same numbers, and what goes with them."""
    numbers = _numbers_by_base(every)
    bases = {each.base for each in every.values() if each.is_array and len(numbers[each.base]) > 1}
    shared = {frozenset(numbers[base]) for base in bases}
    if len(bases) < 2 or len(shared) != 1:
        return {}
    return {name: each for name, each in every.items() if numbers[each.base] in shared}


def _second_numbers(every: Mapping[str, Numbered]) -> dict[str, Numbered]:
    """Return the names with two numbers: of the item, and then one more."""
    return {name: each for name, each in every.items() if each.has_own_number}


def _is_structure(chosen: Mapping[str, Numbered]) -> bool:
    """Whether two variables or more have the same few numbers, from 0 or 1, one number after the other."""
    numbers = _numbers_by_base(chosen)
    if len(numbers) < 2 or len(set(numbers.values())) != 1:
        return False
    waves = sorted(next(iter(numbers.values())))
    if not 2 <= len(waves) <= _MOST_WAVES or waves[0] > 1 or waves[-1] - waves[0] != len(waves) - 1:
        return False
    in_file = [each.number for each in chosen.values()]
    return in_file == sorted(in_file)


def _texts_differ(chosen: Mapping[str, Numbered], texts: Mapping[str, str]) -> bool:
    """Whether the file shows that no variable asks one question under two numbers: then these are items."""
    by_stem: dict[str, list[str]] = {}
    for name, each in chosen.items():
        if texts.get(name):
            by_stem.setdefault(each.stem, []).append(texts[name])
    several = [found for found in by_stem.values() if len(found) > 1]
    return bool(several) and all(len(set(found)) == len(found) for found in several)
