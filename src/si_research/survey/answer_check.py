"""Do the answers fit the codebook? What became missing because it did not, and names that nearly agree."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, normalise
from si_research.survey.firm_names import (
    firms_and_teams,
    names_without_answer,
    say_no_answers,
    say_spellings,
    spellings_in,
    spellings_of_one_name,
)
from si_research.survey.survey_data import Survey

_WORDS = {
    "unreadable": "taken as missing, cells that should be a number and are not",
    "out_of_range": "taken as missing, numbers outside their format or range",
    "spellings": "names that differ only in capitals or spaces, and count as different",
}


def check_answers(survey: Survey, codebook: Codebook) -> CheckResult:
    """Count the answers that became missing because they fit no number or range, and names that nearly agree.

    Use it on the cleaned survey. It changes nothing: mend the codebook or the file.

    Parameters
    ----------
    survey : Survey
    codebook : Codebook

    Returns
    -------
    CheckResult
        Table: problem (``unreadable``, ``out_of_range``; of firms and teams ``no_answer``, names that read as
        none; ``spellings``), variable, n (cells, rows, or spellings too many). Passed when there is none.
    """
    rows = [*_missing(survey), *_no_answers(survey, codebook), *_spellings(survey, codebook)]
    table = pd.DataFrame(rows, columns=["problem", "variable", "n"])
    named = tuple(firms_and_teams(survey, codebook))
    lines = []
    for problem, words in _WORDS.items():
        found = table[(table["problem"] == problem)]
        found = found[~found["variable"].isin(named)] if problem == "spellings" else found
        if len(found):
            listed = ", ".join(f"{name} {n}" for name, n in zip(found["variable"], found["n"], strict=True))
            lines.append(f"{words}: {int(found['n'].sum())} ({listed})")
    lines += [line for name in named for line in _on_names(survey, codebook, name)]
    return CheckResult(
        name="answers",
        question="Do the answers fit the codebook?",
        passed=table.empty,
        table_=table,
        text="\n".join(lines) or "Every answer fits.",
        rule="no number outside its format or range, no text for a number, no two spellings of one name, no "
        "firm whose name reads as no answer",
    )


def _missing(survey: Survey) -> Iterator[tuple[str, str, int]]:
    for problem in ("unreadable", "out_of_range"):
        counts = (survey.reasons == problem).sum()
        yield from ((problem, str(name), int(n)) for name, n in counts.items() if n)


def _no_answers(survey: Survey, codebook: Codebook) -> Iterator[tuple[str, str, int]]:
    for name in firms_and_teams(survey, codebook):
        found = _without_answer(survey, codebook, name)
        if found:
            yield "no_answer", name, sum(found.values())


def _without_answer(survey: Survey, codebook: Codebook, name: str) -> dict[str, int]:
    counts = {str(word): int(n) for word, n in survey.values[name].value_counts().items()}
    return names_without_answer(counts, codebook.variable(name).labels)


def _spellings(survey: Survey, codebook: Codebook) -> Iterator[tuple[str, str, int]]:
    """Names of firms, teams and groups only: capitals in a respondent's code may well mean something."""
    named = tuple(firms_and_teams(survey, codebook))
    for name in named:
        groups = spellings_of_one_name(spellings_in(survey, name))
        if groups:
            yield "spellings", name, sum(len(group) - 1 for group in groups)
    for name in codebook.roles.listed:
        if name in named or name not in survey.values or survey.values[name].dtype == "float64":
            continue
        names = survey.values[name].dropna().unique()
        extra = len(names) - len({normalise(each) for each in names})
        if extra:
            yield "spellings", name, extra


def _on_names(survey: Survey, codebook: Codebook, name: str) -> Iterator[str]:
    """Say of a firm or team what reads as no answer, or as one name twice, and what to write about it."""
    found, labels = _without_answer(survey, codebook, name), codebook.variable(name).labels
    if found:
        yield (
            f"`{name}`: {say_no_answers(found, labels)}. Each counts as one {_role(codebook, name)}: "
            f"write these `missing_codes` under `variables: {name}` in the codebook, or a label where it is "
            "a name after all"
        )
    groups = spellings_of_one_name(spellings_in(survey, name))
    if groups:
        yield (
            f"`{name}`: {say_spellings(groups)}. Each counts apart; where they are one, write under "
            f"`variables: {name}` in the codebook `spellings: {{the right one: [the others]}}`"
        )


def _role(codebook: Codebook, name: str) -> str:
    roles = {codebook.roles.organisation: "organisation", codebook.roles.department: "department"}
    return roles.get(name, "team")
