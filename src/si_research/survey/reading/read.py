"""The door of reading: a survey file and its codebook in, answers with a ledger out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from si_research.survey.codebook import Codebook
from si_research.survey.ledger import Ledger, Tally, record_step
from si_research.survey.reading.answers import Answers, read_answers
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.rules import ReadingRules, rules_for
from si_research.survey.survey_data import RawSurvey, Survey, tally


def read_survey(path: Path, codebook: Codebook) -> Survey:
    """Read a survey file as its codebook says; the file itself is never changed.

    The first step of every study. Labels go through the response formats of the codebook, missing
    codes become reasons, and three steps enter the ledger: read_file, missing_codes, map_labels.

    Parameters
    ----------
    path : Path
        The file as it left the survey tool.
    codebook : Codebook
        What its columns mean; made by ``read_codebook``.

    Returns
    -------
    Survey
        One column an item, variable or role of the codebook, one row a row of the file.

    Raises
    ------
    SurveyDataError
        The file is absent, empty, damaged, without rows, or not what its name says.
    CodebookError
        Columns that the codebook names and the file lacks; all at once.
    LabelError
        Answers that fit no label of their format; all at once, with count and nearest label.

    Notes
    -----
    A number outside its response format is not an error here: :func:`clean_survey` makes it
    missing with the reason ``out_of_range``, or refuses it, as the cleaning rules say.
    """
    raw = read_raw(path, codebook.source)
    return survey_of(raw, rules_for(raw, codebook))


def survey_of(raw: RawSurvey, rules: ReadingRules) -> Survey:
    """Apply reading rules to a raw file, and write down what that did.

    Parameters
    ----------
    raw : RawSurvey
        The file.
    rules : ReadingRules
        From :func:`rules_for`, or from a ledger.

    Returns
    -------
    Survey
    """
    answers = read_answers(raw, rules)
    signs = sorted({rule.decimal for rule in rules.answers.values() if rule.decimal})
    facts = replace(raw.facts, decimal=raw.facts.decimal or (signs[0] if len(signs) == 1 else None))
    return Survey(answers.values, answers.reasons, facts, _reading_steps(raw, rules, answers))


def _reading_steps(raw: RawSurvey, rules: ReadingRules, answers: Answers) -> Ledger:
    facts = raw.facts
    rows = len(answers.values)
    filled = Tally(rows, answers.n_filled)
    coded = Tally(rows, answers.n_filled - answers.n_coded.total())
    read = record_step(
        Ledger(),
        "read_file",
        f"{facts.name}: {facts.n_rows} rows, {len(rules.answers)} of {facts.n_columns} columns",
        "the raw file, which stays as it is",
        {"name": facts.name, "sha256": facts.sha256, "source": raw.options.model_dump(exclude_defaults=True)},
        before=filled,
        after=filled,
    )
    missing = record_step(
        read,
        "missing_codes",
        _listed("codes that are no answer", answers.n_coded),
        "listed in the codebook, or declared in the file",
        _dumped(rules, "missing"),
        before=filled,
        after=coded,
        cells_changed=answers.n_coded.total(),
    )
    return record_step(
        missing,
        "map_labels",
        f"{answers.n_labels} labels to the values of their response format; "
        + _listed("cells that should be a number and are not", answers.n_unreadable)
        + _advice(rules, answers),
        "the response formats of the codebook",
        _dumped(rules, "answers", "formats"),
        before=coded,
        after=tally(answers.values),
        cells_changed=answers.n_labels + answers.n_unreadable.total(),
    )


def _dumped(rules: ReadingRules, *parts: str) -> dict[str, Any]:
    return rules.model_dump(mode="json", include=set(parts), exclude_unset=True)


def _listed(what: str, counts: Counter[str]) -> str:
    each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return f"{what}: {counts.total()}" + (f" ({each})" if each else "")


def _advice(rules: ReadingRules, answers: Answers) -> str:
    """Say what to do about numbers that could not be read because the decimal sign is unknown."""
    undecided = [name for name in answers.n_unreadable if rules.answers[name].decimal is None]
    if not undecided:
        return ""
    return "; a number such as 1.234 can be two: state `decimal` under `source` in the codebook"
