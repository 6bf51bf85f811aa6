"""Do the answers fit the codebook? What became missing because it did not, and names that nearly agree."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, normalise
from si_research.survey.survey_data import Survey

_WORDS = {
    "unreadable": "cells that should be a number and are not",
    "out_of_range": "numbers outside their format or range",
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
        Table: problem (``unreadable``, ``out_of_range``, ``spellings``), variable, n (cells, or spellings too
        many). Passed when there is none.
    """
    rows = [*_missing(survey), *_spellings(survey, codebook)]
    table = pd.DataFrame(rows, columns=["problem", "variable", "n"])
    lines = []
    for problem, words in _WORDS.items():
        found = table[table["problem"] == problem]
        if len(found):
            listed = ", ".join(f"{name} {n}" for name, n in zip(found["variable"], found["n"], strict=True))
            taken = "" if problem == "spellings" else "taken as missing, "
            lines.append(f"{taken}{words}: {int(found['n'].sum())} ({listed})")
    return CheckResult(
        name="answers",
        question="Do the answers fit the codebook?",
        passed=table.empty,
        table_=table,
        text="\n".join(lines) or "Every answer fits.",
        rule="no number outside its format or range, no text for a number, no two spellings of one name",
    )


def _missing(survey: Survey) -> Iterator[tuple[str, str, int]]:
    for problem in ("unreadable", "out_of_range"):
        counts = (survey.reasons == problem).sum()
        yield from ((problem, str(name), int(n)) for name, n in counts.items() if n)


def _spellings(survey: Survey, codebook: Codebook) -> Iterator[tuple[str, str, int]]:
    """Names of firms, teams and groups only: capitals in a respondent's code may well mean something."""
    roles = (codebook.roles.organisation, codebook.roles.team, *codebook.roles.controls)
    for name in dict.fromkeys(role for role in roles if role is not None and role in survey.values):
        if survey.values[name].dtype == "float64":
            continue
        names = survey.values[name].dropna().unique()
        extra = len(names) - len({normalise(each) for each in names})
        if extra:
            yield "spellings", name, extra
