"""Doing a ledger again on the raw file: the proof that the clean data follow from it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.cleaning_steps import STEPS, apply_step
from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.ledger import Ledger, parameters_of
from si_research.survey.reading.detect import open_raw
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.read import survey_of
from si_research.survey.reading.rules import ReadingRules, rules_for
from si_research.survey.reading.several import join_raws
from si_research.survey.scoring import score_scales
from si_research.survey.scoring_steps import SCORING_STEPS
from si_research.survey.seal import SEAL, fingerprints_of, seal_ledger
from si_research.survey.survey_data import RawSurvey, Survey
from si_research.survey.undecided import without_unknown_orders


def replay(ledger: Ledger, path: Path | Sequence[Path], codebook: Codebook) -> Survey:
    """Do every step of a ledger again on the raw file.

    The values and the reasons are those of the survey that the ledger came from, bit for bit. Use
    it to check a study, or to have the clean data back from the raw file and ``ledger.csv``.

    Parameters
    ----------
    ledger : Ledger
        From a survey, or from :func:`read_ledger`.
    path : Path or sequence of Path
        The raw file; all of them, in any order, where several were joined.
    codebook : Codebook
        The codebook of the study: it must still say what it said.

    Returns
    -------
    Survey
        Its ledger holds the steps of reading and cleaning; those of scoring, and the seal, are checked.

    Raises
    ------
    SurveyDataError
        Another file (by its hash), a codebook that would read it otherwise, a ledger whose steps
        are unknown or no longer give its counts, or whose seal is broken.
    """
    as_read = survey_of(*read_again(ledger, path, codebook))
    ends = deque(chain([as_read], clean_again(ledger, as_read)), maxlen=1)  # one survey at a time
    survey = ends.pop()
    refuse_another_end(ledger, survey, codebook)
    return survey


def read_again(
    ledger: Ledger, path: Path | Sequence[Path], codebook: Codebook
) -> tuple[RawSurvey, ReadingRules]:
    """Return the raw file, and the rules by which the ledger says it was read.

    Raises
    ------
    SurveyDataError
        Another file, or a codebook that would read it in another way.
    """
    raw = _raw_of(ledger, [path] if isinstance(path, Path | str) else list(path), codebook)
    rules = ReadingRules.model_validate(
        {
            key: value
            for step in ("missing_codes", "map_labels", "stack_waves", "multiple_choice", "routing")
            if step in set(ledger.steps["step"])
            for key, value in parameters_of(ledger, step).items()
        }
    )
    _refuse_another_codebook(rules, raw, codebook)
    return raw, rules


def clean_again(ledger: Ledger, survey: Survey) -> Iterator[Survey]:
    """Give the survey after each step of cleaning in the ledger; ``survey`` is as it was read.

    Raises
    ------
    SurveyDataError
        A step that is not known, or that refuses.
    """
    for step in ledger.steps.iloc[len(survey.ledger.steps) :].itertuples():
        if step.step in (*SCORING_STEPS, SEAL):
            continue
        if step.step not in STEPS:
            raise _disagreement(f"a step {step.step}", "this version does not know it")
        survey = apply_step(survey, str(step.step), str(step.reason), json.loads(str(step.parameters)))
        yield survey


def _raw_of(ledger: Ledger, paths: Sequence[Path], codebook: Codebook) -> RawSurvey:
    """Read the raw files of a ledger again, in its order, whatever order they are given in."""
    reads = ledger.steps["step"] == "read_file"
    recorded = [json.loads(text) for text in ledger.steps.loc[reads, "parameters"]]
    if not recorded:
        parameters_of(ledger, "read_file")  # says what is missing
    if len(paths) != len(recorded):
        raise SurveyDataError(
            expected=f"the files of the ledger: {', '.join(each['name'] for each in recorded)}",
            found=f"{len(paths)} of {len(recorded)}",
            where="the ledger",
            todo="give every raw file that it names",
        )
    if len(recorded) == 1:
        return _same_file(recorded[0], Path(paths[0]))
    by_hash = {open_raw(Path(path)).sha256: Path(path) for path in paths}
    by_name = {Path(path).name: Path(path) for path in paths}
    chosen = [by_hash.get(each["sha256"]) or by_name.get(each["name"]) or Path(paths[0]) for each in recorded]
    raws = [_same_file(each, path) for each, path in zip(recorded, chosen, strict=True)]
    return join_raws(raws, codebook).raw


def _same_file(recorded: Mapping[str, Any], path: Path) -> RawSurvey:
    raw = read_raw(path, SourceOptions.model_validate(recorded["source"]))
    if raw.facts.sha256 != recorded["sha256"]:
        raise SurveyDataError(
            expected=f"the file of the ledger, sha256 {recorded['sha256']}",
            found=f"another one, sha256 {raw.facts.sha256}",
            where=raw.facts.name,
            todo="give the raw file as it was; a raw file is never changed",
        )
    return raw


def _refuse_another_codebook(rules: ReadingRules, raw: RawSurvey, codebook: Codebook) -> None:
    """Raise when the codebook of today would read the file in another way."""
    today = rules_for(raw, codebook)
    if today.model_dump() != rules.model_dump():
        names = [
            name
            for name in {**rules.answers, **today.answers}
            if rules.answers.get(name) != today.answers.get(name)
            or rules.missing.get(name) != today.missing.get(name)
        ]
        names += ["the routing"] if rules.routes != today.routes else []
        names += ["the waves"] if rules.waves != today.waves else []
        raise SurveyDataError(
            expected="the codebook with which the ledger was made",
            found=f"one that reads {', '.join(names) or 'a response format'} in another way",
            where="codebook",
            todo="give the codebook of that time, or run the study again",
        )


def refuse_another_end(ledger: Ledger, survey: Survey, codebook: Codebook) -> None:
    """Raise when a step has another outcome than the ledger says, or its seal is broken.

    Parameters
    ----------
    ledger : Ledger
        As it was given.
    survey : Survey
        What its steps lead to now.
    codebook : Codebook

    Raises
    ------
    SurveyDataError
        With the first step that differs, or the variables whose values or reasons do.
    """
    recorded = set(ledger.steps["step"])
    now = survey.ledger
    if recorded.intersection(SCORING_STEPS):
        now = score_scales(survey, without_unknown_orders(codebook)).ledger
    _refuse_other_steps(ledger.steps[ledger.steps["step"] != SEAL].reset_index(drop=True), now.steps)
    if SEAL in recorded:
        _refuse_broken_seal(parameters_of(ledger, SEAL), fingerprints_of(survey, now))
        if not ledger.steps.equals(seal_ledger(survey, now).steps):
            raise _disagreement("one seal, at its end", "another one, or at another place")


def _refuse_other_steps(before: pd.DataFrame, now: pd.DataFrame) -> None:
    if before.equals(now):
        return
    if len(before) != len(now):
        raise _disagreement(f"{len(before)} steps", f"{len(now)}, with other counts")
    place = int((before != now).any(axis=1).to_numpy().argmax())
    names = ", ".join(str(name) for name in before if before[name].iloc[place] != now[name].iloc[place])
    step = before["step"].iloc[place]
    raise _disagreement("the outcome of every step", f"other counts at step {place + 1}: {names} of {step}")


def _refuse_broken_seal(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise when the data or the steps are not those that were sealed."""
    found = []
    for what in ("values", "reasons"):
        was, is_now = before[what], now[what]
        names = [name for name in {**was, **is_now} if was.get(name) != is_now.get(name)]
        found += [f"other {what} of {', '.join(names)}"] if names else []
    found += ["other rows"] if before["rows"] != now["rows"] else []
    if not found and before["steps"] != now["steps"]:
        found = ["a step, parameter, reason or count that was changed since"]
    if found:
        raise _disagreement("the same values, the same reasons, the same steps", "; ".join(found))


def _disagreement(expected: str, found: str) -> SurveyDataError:
    return SurveyDataError(
        expected=f"{expected}, as the ledger says",
        found=found,
        where="the ledger",
        todo="give the ledger unchanged, with the codebook and the version of the toolkit of that run",
    )
