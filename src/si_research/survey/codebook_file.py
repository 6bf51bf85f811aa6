"""Read a codebook from its YAML file, and hold it against the columns of a survey file.

Everything that is wrong is reported at once: the file, the parts, and how the parts fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from si_research.errors import CodebookError, Problem
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_checks import Declared, Finding, findings_in, place_of
from si_research.survey.response_format import did_you_mean, one_line
from si_research.survey.yaml_file import Steps, YamlFile, place, read_yaml
from si_research.survey.yaml_model import (
    in_file_order,
    kind_of_whole,
    problems_in,
    read_yaml_model,
    shown,
    steps_of,
)

__all__ = ["VERSION", "check_codebook_against", "find_columns", "read_codebook", "read_yaml_model"]

VERSION: Final = 1
_STAND_INS: Final[Mapping[str | int, Any]] = {"title": "", "scales": {}, "construct": "other"}
_LONGEST_COLUMN: Final = 60
_NO_CODEBOOK: Final = "Name a codebook; `si-research codebook FILE` makes one from a survey file."


def read_codebook(path: Path | str) -> Codebook:
    """Read and check a codebook.

    Parameters
    ----------
    path : path
        A YAML file in UTF-8.

    Returns
    -------
    Codebook
        Valid, and with parts that fit one another.

    Raises
    ------
    CodebookError
        When the file cannot be read or used; carries every problem with its line, what was
        expected, what was found and the nearest name.

    Notes
    -----
    A part that is invalid by itself is left out of the check of how the parts fit, but its name
    counts as known, so that one mistake is one problem.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "codebook.yml"
    ...     _ = path.write_text(
    ...         "title: Two questions\\n"
    ...         "items: {k1: {format: agree_5}, k2: {format: agree_5}}\\n"
    ...         "scales: {kunnen: {construct: kunnen, items: [k1, k2]}}\\n"
    ...     )
    ...     read_codebook(path).items_of("kunnen")
    ('k1', 'k2')
    """
    file = read_yaml(path)
    codebook, problems = _codebook_in(file)
    if codebook is None or problems:
        raise CodebookError(
            in_file_order(problems), where=Path(path).resolve().name, expected="a codebook without problems"
        )
    of_scales: tuple[Steps, ...] = tuple(("scales", name) for name in codebook.scales)
    places = (*(place_of(codebook, name) for name in codebook.used_names), *of_scales)
    return codebook.with_lines({place(steps): file.line_of(steps) or 1 for steps in places})


def check_codebook_against(
    columns: Sequence[str], codebook: Codebook, texts: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Return what a codebook asks for and a survey file does not have.

    A column is found by its exact name, by an alias, or by the exact question (line breaks and doubled
    spaces apart). Another case is not accepted silently; it is what the message proposes.

    Parameters
    ----------
    columns : sequence of str
        The columns of the survey file, as they stand there.
    codebook : Codebook
        The codebook.
    texts : Mapping of str to str, optional
        The question by column, where the file says so.

    Returns
    -------
    tuple of Problem
        One for each item or variable without a column, and for each column used that occurs
        twice; empty when the file has all.

    Examples
    --------
    >>> from si_research.survey.codebook import Item
    >>> codebook = Codebook(title="One question", items={"k1": Item(format="agree_5")}, scales={})
    >>> print(*check_codebook_against(["respondent", "K1"], codebook))
    items.k1: expected the column `k1`; found none of that name among the 2 of the file. Did you mean `K1`?
    """
    counts = Counter(columns)
    findings = []
    for name in codebook.used_names:
        for wave, wanted in codebook.columns_of(name).items():
            found = find_columns(tuple(counts), wanted, texts)
            if len(found) == 1 and (counts[found[0]] == 1 or found[0] not in wanted):
                continue  # a question is clear where the name above it occurs twice
            misfit = _misfit(codebook, name, wanted, counts, found)
            if wave is not None:
                misfit = replace(misfit, steps=(*misfit.steps, "columns", wave))
            findings.append(misfit)
    return tuple(_problem(finding, _line_of(codebook, finding.steps)) for finding in findings)


def _line_of(codebook: Codebook, steps: Steps) -> int | None:
    """Return the line of an item, variable or role; a column of one wave stands within its item."""
    return codebook.line_of(place(steps)) or codebook.line_of(place(steps[:2]))


def find_columns(
    columns: Sequence[str], wanted: Sequence[str], texts: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return the columns that are meant by any of some names: by exact name, else by exact question.

    Where a file has a name twice, ``Q63 (1)`` is the first column of that name, ``Q63 (2)`` the second.

    Examples
    --------
    >>> find_columns(["Q1", "Q2"], ["May you try things?"], {"Q1": "May you  try things?"})
    ('Q1',)
    """
    found: list[str] = []
    for name in wanted:
        first = name.removesuffix(" (1)")
        if name in columns:
            found.append(name)
        elif first != name and first in columns and f"{first} (2)" in columns:
            found.append(first)
        else:
            tidy = one_line(name)
            by_text = [column for column, text in (texts or {}).items() if one_line(text) == tidy]
            found.extend(by_text or [column for column in columns if one_line(column) == tidy])
    return tuple(dict.fromkeys(found))


def _misfit(
    codebook: Codebook, name: str, wanted: Sequence[str], counts: Counter[str], found: Sequence[str]
) -> Finding:
    """Return the finding for an item or variable that does not have one column."""
    steps = place_of(codebook, name)
    if not found:
        return _absent(codebook, name, wanted, tuple(counts))
    if len(found) > 1:
        listed = " and ".join(shown(each, _LONGEST_COLUMN) for each in found)
        todo = "Keep the right one as `column`, and leave out the alias."
        return Finding(steps, f"one column for `{name}`", f"{listed}, which are both there", todo)
    todo = "Rename them in the export, so that it is clear which is meant."
    return Finding(
        steps,
        f"one column {shown(found[0], _LONGEST_COLUMN)}",
        f"{counts[found[0]]} columns of that name",
        todo,
    )


def _absent(codebook: Codebook, name: str, wanted: Sequence[str], columns: tuple[str, ...]) -> Finding:
    """Return the finding for an item or variable that the file has no column for."""
    listed = " or ".join(shown(each, _LONGEST_COLUMN) for each in wanted)
    steps = place_of(codebook, name)
    questions = (did_you_mean(each, columns) for each in wanted)
    todo = next((question for question in questions if question), "")
    if steps[0] == "roles":
        todo = did_you_mean(name, codebook.variables) or todo
    found = f"none of that name among the {len(columns)} of the file"
    return Finding(steps, f"the column {listed}", found, todo)


def _codebook_in(file: YamlFile) -> tuple[Codebook | None, list[Problem]]:
    """Return the codebook of a file, as far as there is one, and every problem."""
    problems = list(file.problems)
    if file.root is None:
        return None, problems
    if not isinstance(file.tree, dict):
        expected = "keys with values: title, items, scales, ..."
        return None, [*problems, Problem(place(()), expected, kind_of_whole(file.tree), _NO_CODEBOOK)]
    version = str(file.tree.get("codebook") or VERSION)
    if version != str(VERSION):
        return None, [*problems, _other_version(version, file)]
    refused: tuple[Problem, ...] = ()
    try:
        codebook = Codebook.model_validate(file.tree)
    except ValidationError as error:
        refused = problems_in(error, Codebook, file)
        codebook = _sound_part(file.tree, error)
    findings = findings_in(codebook, _declared(file.tree))
    misfits = [_problem(finding, file.line_of(finding.steps)) for finding in findings]
    places = {problem.where for problem in refused}  # a stand-in that does not fit is no second problem
    return codebook, [*problems, *refused, *(misfit for misfit in misfits if misfit.where not in places)]


def _other_version(version: str, file: YamlFile) -> Problem:
    return Problem(
        where="codebook",
        expected=f"version {VERSION}, the one that this si_research understands",
        found=f"version {shown(version)}",
        todo=f"Install the si_research that wrote it, or write `codebook: {VERSION}` and check again.",
        line=file.line_of(("codebook",)),
    )


def _sound_part(tree: dict[str, Any], error: ValidationError) -> Codebook:
    """Return the codebook without what is invalid by itself: a key where that suffices, or an entry."""
    kept = deepcopy(tree)
    while True:
        refused = {(steps_of(detail, kept), detail["type"]) for detail in error.errors(include_url=False)}
        for steps, kind in refused:
            _leave_out(kept, steps, kind)
        try:
            return Codebook.model_validate(kept)
        except ValidationError as next_error:
            error = next_error


def _leave_out(tree: dict[str, Any], steps: Steps, kind: str) -> None:
    """Delete one refused part of a codebook, or put a stand-in where something is missing.

    Half a format, item or variable would only raise false findings, so these go as a whole; of a
    scale or a role the rest can still be checked.
    """
    by_entry = steps[0] in ("formats", "items", "variables") and kind != "extra_forbidden"
    in_a_list = any(isinstance(step, int) for step in steps)
    *around, last = steps[:2] if by_entry or in_a_list else steps
    part: Any = tree
    for step in around:
        part = part.get(step, {})
    if kind == "missing" and last in _STAND_INS:
        part[last] = _STAND_INS[last]
    else:
        part.pop(last, None)


def _declared(tree: dict[str, Any]) -> Declared:
    """Return the names that a file declares, whether or not the part behind a name is valid."""

    def names(section: str) -> frozenset[str] | None:
        part = tree.get(section) or {}
        return frozenset(part) if isinstance(part, dict) else None

    return Declared(names("formats"), names("items"), names("variables"))


def _problem(finding: Finding, line: int | None) -> Problem:
    return Problem(
        where=place(finding.steps),
        expected=finding.expected,
        found=finding.found,
        todo=finding.todo,
        line=line,
    )
