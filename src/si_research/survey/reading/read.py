"""The door of reading: a survey file and its codebook in, answers with a ledger out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, get_args

from si_research.survey.codebook import Codebook, SourceOptions, SourceTool
from si_research.survey.ledger import Counts, Ledger, Tally, record_step
from si_research.survey.reading.answers import Answers, read_answers
from si_research.survey.reading.choices import apply_choices
from si_research.survey.reading.door import (
    counts_of_door,
    in_words,
    look_at,
    parameters_of_door,
    refuse_people,
)
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.responses import responses_of
from si_research.survey.reading.routing import apply_routes
from si_research.survey.reading.rules import ReadingRules, rules_for
from si_research.survey.reading.scale_spellings import refuse_two_spellings
from si_research.survey.reading.stacking import stack_waves
from si_research.survey.reading.written_numbers import Writing
from si_research.survey.survey_data import AtTheDoor, RawSurvey, SourceFacts, Survey, tally
from si_research.survey.undecided import said_of_undecided


def read_survey(
    path: Path, codebook: Codebook | None = None, *, source: SourceTool | SourceOptions | None = None
) -> Survey:
    """Read a survey file as its codebook says; the file itself is never changed.

    The first step of every study. Labels go through the response formats of the codebook, missing
    codes become reasons, and each step enters the ledger: read_file, keep_out, missing_codes, map_labels,
    tidy; stack_waves, multiple_choice and routing where the codebook has waves side by side, questions of
    which each option has a column, or routes.

    Parameters
    ----------
    path : Path
        The file as it left the survey tool.
    codebook : Codebook, optional
        What its columns mean; made by ``read_codebook``. Left out, it is drafted from the file
        (:func:`draft_codebook`): to look at a survey, not to test on; a replay needs that codebook too.
    source : str or SourceOptions, optional
        The survey tool, or how the file is written; goes before what is detected and what the codebook says.

    Returns
    -------
    Survey
        One column an item, variable or role of the codebook, one row a row of the file; or one row a
        respondent and wave, where the codebook gives a column for each wave.

    Raises
    ------
    SurveyDataError
        The file is absent, empty, damaged, without rows, or not what its name says.
    CodebookError
        Columns that the codebook names and the file lacks, or that tell who somebody is; all at once.
    LabelError
        Answers that fit no label of their format; all at once, with count and nearest label.

    Notes
    -----
    A number outside its response format is not an error here: :func:`clean_survey` makes it
    missing with the reason ``out_of_range``, or refuses it, as the cleaning rules say.
    """
    stated = SourceOptions(tool=source) if isinstance(source, str) else source or SourceOptions()
    known = codebook.source if codebook is not None else SourceOptions()
    options = known.model_copy(update=stated.model_dump(exclude_unset=True))
    raw = read_raw(path, options)
    if codebook is None:
        from si_research.survey.drafting import draft_codebook  # which reads, in its turn

        codebook = draft_codebook(raw)
    rules = rules_for(raw, codebook.model_copy(update={"source": options}))
    door = look_at(raw, rules)
    refuse_people(door, raw, rules, codebook)
    refuse_two_spellings(raw, codebook)
    return replace(survey_of(raw, rules, door), undecided=said_of_undecided(codebook))


def survey_of(raw: RawSurvey, rules: ReadingRules, door: AtTheDoor | None = None) -> Survey:
    """Apply reading rules to a raw file, and write down what that did.

    Parameters
    ----------
    raw : RawSurvey
        The file.
    rules : ReadingRules
        From :func:`rules_for`, or from a ledger.
    door : AtTheDoor, optional
        From :func:`look_at`, where that was done before.

    Returns
    -------
    Survey
    """
    *_, survey = reading_stages(raw, rules, door)
    return survey


def reading_stages(raw: RawSurvey, rules: ReadingRules, door: AtTheDoor | None = None) -> Iterator[Survey]:
    """Give the survey as its cells were read, then after each later step of reading."""
    door = door or look_at(raw, rules)
    answers = read_answers(raw, rules)
    signs = sorted({rule.decimal for rule in rules.answers.values() if rule.decimal})
    facts = replace(raw.facts, decimal=raw.facts.decimal or (signs[0] if len(signs) == 1 else None))
    ledger = _reading_ledger(raw, rules, answers, door)
    survey = Survey(answers.values, answers.reasons, facts, ledger, responses_of(raw), door)
    if rules.waves is not None:
        survey = stack_waves(survey, rules.waves)
    yield survey
    if rules.choices:
        survey = _choose(survey, rules)
        yield survey
    if rules.routes:
        yield _route(survey, rules)


def _choose(survey: Survey, rules: ReadingRules) -> Survey:
    """Tell options that were not chosen from questions that were not answered."""
    chosen = apply_choices(survey.values, survey.reasons, rules.choices)
    ledger = record_step(
        survey.ledger,
        "multiple_choice",
        f"options left empty by who chose another one, read as not chosen: {chosen.n_cells}",
        "the multiple-choice questions of the codebook",
        _dumped(rules, "choices"),
        before=tally(survey.values),
        after=tally(chosen.values),
        cells_changed=chosen.n_cells,
        counts={"cells": {"not_chosen": chosen.n_cells}},
    )
    return replace(survey, values=chosen.values, reasons=chosen.reasons, ledger=ledger)


def _route(survey: Survey, rules: ReadingRules) -> Survey:
    """Tell questions that were not put from those that were not answered."""
    routed = apply_routes(survey.values, survey.reasons, rules.routes)
    n_known = tally(survey.values)
    rule = f"empty because the question was not put: {routed.n_cells}"
    if routed.n_answers:
        rule += f"; answers to questions that were not put, by the route, and that stay: {routed.n_answers}"
    ledger = record_step(
        survey.ledger,
        "routing",
        rule,
        "the routes of the codebook",
        _dumped(rules, "routes"),
        before=n_known,
        after=n_known,
        cells_changed=routed.n_cells,
        counts={"cells": {"not_put": routed.n_cells}, "kept": {"answered": routed.n_answers}},
    )
    return replace(survey, reasons=routed.reasons, ledger=ledger)


class _Step(NamedTuple):
    """One step of reading: it drops no row, and makes some cells missing or another value."""

    step: str
    rule: str
    reason: str
    parameters: dict[str, Any]
    counts: Counts
    n_missing: int = 0


def _reading_ledger(raw: RawSurvey, rules: ReadingRules, answers: Answers, door: AtTheDoor) -> Ledger:
    ledger, n_rows, n_cells = Ledger(), len(answers.values), answers.n_filled
    for each in _steps(raw, rules, answers, door):
        before, n_cells = n_cells, n_cells - each.n_missing
        ledger = record_step(
            ledger,
            each.step,
            each.rule,
            each.reason,
            each.parameters,
            before=Tally(n_rows, before),
            after=Tally(n_rows, n_cells),
            cells_changed=sum(each.counts.get("cells", {}).values()),
            counts=each.counts,
        )
    return ledger


def _steps(raw: RawSurvey, rules: ReadingRules, answers: Answers, door: AtTheDoor) -> Iterator[_Step]:
    if raw.parts:
        for part in raw.parts:
            yield _read_file(part.facts, part.options, len(rules.answers))
        yield _join_files(raw)
    else:
        yield _read_file(raw.facts, raw.options, len(rules.answers))
    yield _Step(
        "keep_out",
        "; ".join(in_words(door)),
        "only what the codebook names comes in, and no person unasked",
        parameters_of_door(door),
        counts_of_door(door),
    )
    yield _Step(
        "missing_codes",
        _listed("codes that are no answer", answers.n_coded)
        + (f"; empty cells whose reason the file states: {answers.n_stated}" if answers.n_stated else ""),
        "listed in the codebook, or declared in the file",
        _dumped(rules, "missing"),
        {"cells": _sorted(answers.n_coded)},
        n_missing=answers.n_coded.total(),
    )
    unreadable = _listed("cells that should be a number and are not", answers.n_unreadable)
    yield _Step(
        "map_labels",
        f"labels turned into their value: {answers.n_labels}{_of_which(answers)}; "
        f"{_recoded(answers)}{unreadable}{_advice(answers)}",
        "the response formats of the codebook",
        _dumped(rules, "answers", "formats"),
        {"cells": _mapped(answers)},
        n_missing=answers.n_unreadable.total(),
    )
    yield _Step(
        "tidy",
        _listed("the same answer, written otherwise", answers.n_written),
        "spaces and the writing of numbers are no part of an answer",
        {"writing": list(get_args(Writing))},
        {"cells": _sorted(answers.n_written)},
    )


def _read_file(facts: SourceFacts, options: SourceOptions, n_used: int) -> _Step:
    return _Step(
        "read_file",
        f"{facts.name}: {facts.n_rows} rows, {n_used} of {facts.n_columns} columns",
        "the raw file, which stays as it is",
        {"name": facts.name, "sha256": facts.sha256, "source": options.model_dump(exclude_defaults=True)},
        {"file": {"rows": facts.n_rows, "columns": facts.n_columns, **facts.repairs}},
    )


def _join_files(raw: RawSurvey) -> _Step:
    """Say which rows are whose, and how many columns the files have in common."""
    rows = [[part.name, part.first_row, part.last_row] for part in raw.parts]
    listed = ", ".join(f"rows {first} to {last} from {name}" for name, first, last in rows)
    shared = set.intersection(*(set(part.columns) for part in raw.parts))
    n_others = raw.frame.shape[1] - len(shared)
    return _Step(
        "join_files",
        f"{listed}; columns in every file: {len(shared)}, in some: {n_others}",
        "exports of one survey; columns are joined by their question, never by their name",
        {"rows": rows},
        {"columns": {"joined": len(shared), "not_in_every_file": n_others}},
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts)}


def _mapped(answers: Answers) -> dict[str, int]:
    """Return what reading by the response formats did to cells, by how; what did not occur is left out."""
    counts = {
        "label": answers.n_labels - answers.n_cut_off - answers.n_numbered,
        "cut_off": answers.n_cut_off,
        "numbered": answers.n_numbered,
        "other_code": answers.n_recoded.total(),
        "unreadable": answers.n_unreadable.total(),
    }
    return {how: count for how, count in counts.items() if count}


def _of_which(answers: Answers) -> str:
    cut_off = f", of which cut off by the tool: {answers.n_cut_off}" if answers.n_cut_off else ""
    numbered = f", of which by the number before it: {answers.n_numbered}" if answers.n_numbered else ""
    return cut_off + numbered


def _recoded(answers: Answers) -> str:
    what = "numbers of the export read as the answer that the codebook gives them"
    return f"{_listed(what, answers.n_recoded)}; " if answers.n_recoded else ""


def _dumped(rules: ReadingRules, *parts: str) -> dict[str, Any]:
    return rules.model_dump(mode="json", include=set(parts), exclude_unset=True)


def _listed(what: str, counts: Counter[str]) -> str:
    each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return f"{what}: {counts.total()}" + (f" ({each})" if each else "")


def _advice(answers: Answers) -> str:
    """Say what to do about numbers that could not be read because the decimal sign is unknown."""
    if not answers.n_two_readings:
        return ""
    return (
        "; a number such as 1.234 can be two: state `decimal` under `source` in the codebook, or the "
        "`lowest` and `highest` value of that column"
    )
