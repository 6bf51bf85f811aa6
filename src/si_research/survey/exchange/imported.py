"""What comes of a file that others wrote: a codebook as far as it goes, and what was not understood."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, ResponseFormat
from si_research.survey.codebook_checks import findings_in
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.yaml_file import place

OWN_KEY: Final = "si_research"
"""Where an exchange file holds what only this toolkit knows: the whole codebook."""
NO_SCALES: Final = "which questions make a scale: write `scales`, and `roles`, in the codebook"
NOT_UNDERSTOOD: Final = "Not understood: "
CHANGED: Final = (
    "the part that only si_research reads: it no longer agrees with the rest, which another program changed"
)


@dataclass(frozen=True, slots=True, eq=False)
class ImportedCodebook:
    """A codebook made of another format.

    Attributes
    ----------
    codebook : Codebook
        Valid part by part; scales and roles are missing where the format has none.
    not_understood : tuple of str
        What the file says and a codebook could not take over, a phrase each, with its place.
    """

    codebook: Codebook = field(repr=False)
    not_understood: tuple[str, ...] = ()

    def heading(self, name: str) -> tuple[str, ...]:
        """Return what stands above a codebook that was made of a file."""
        return (f"Made from {name}.", *(f"{NOT_UNDERSTOOD}{each}." for each in self.not_understood))

    def __str__(self) -> str:
        book = self.codebook
        parts = f"{len(book.items)} items, {len(book.variables)} variables, {len(book.scales)} scales"
        return "\n".join(
            [f"{book.title}: {parts}", *(f"not understood: {each}" for each in self.not_understood)]
        )


def imported(tree: Mapping[str, Any], not_understood: Iterable[str], path: Path) -> ImportedCodebook:
    """Make a codebook of what was understood, and add what does not fit together to the list.

    Raises
    ------
    SurveyDataError
        The parts make no codebook.
    """
    try:
        codebook = Codebook.model_validate(tree)
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, each["loc"])) for each in error.errors()})[:5])
        raise SurveyDataError(
            expected="fields that make a codebook",
            found=f"what a codebook does not take, at {places}",
            where=path.name,
            todo="mend the file, or write the codebook by hand",
        ) from None
    misfits = [
        f"{place(each.steps)}: {each.expected}; found {each.found}"
        for each in findings_in(codebook)
        if each.steps != ("scales",)
    ]
    misfits += [] if codebook.scales else [NO_SCALES]
    return ImportedCodebook(codebook, (*not_understood, *misfits))


def digest_of(standard: Any) -> str:
    """Return a mark of the part of a file that others read, by which a later change shows."""
    text = json.dumps(standard, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def codebook_written(own: Any, standard: Any) -> Codebook | None:
    """Return the codebook that a file was written from; None when it is not ours, or was changed since."""
    if not isinstance(own, Mapping) or own.get("digest") != digest_of(standard):
        return None
    try:
        return Codebook.model_validate(own.get("codebook"))
    except ValidationError:
        return None


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Return a name that a codebook takes, as near as can be to the wanted one.

    Examples
    --------
    >>> free_name("Q1 [a]", ["Q1_a"]), free_name("2024", [])
    ('Q1_a_2', 'v2024')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", wanted).strip("_") or "column"
    plain = wanted if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", wanted) else plain
    plain = plain if plain[0].isalpha() else f"v{plain}"
    used, number, name = set(taken), 1, plain
    while name in used:
        number += 1
        name = f"{plain}_{number}"
    return name


def format_name(form: Mapping[str, Any], wanted: str, formats: dict[str, Any]) -> str:
    """Return the name of a response format: of a built-in or known one that is the same, else a new one."""
    own = ResponseFormat.model_validate(form)
    for name, known in BUILT_IN_FORMATS.items():
        if own.options and _is_part_of(own, known):
            return name
    same = (name for name, known in formats.items() if ResponseFormat.model_validate(known) == own)
    name = next(same, None) or free_name(wanted, {*formats, *BUILT_IN_FORMATS})
    formats[name] = form
    return name


def _is_part_of(own: ResponseFormat, known: ResponseFormat) -> bool:
    """Whether every label of a format stands for the same value in a built-in one with these values."""
    if own.values != known.values or not all(option.labels for option in own.options):
        return False
    return all(known.value_of(label) == option.value for option in own.options for label in option.labels)
