"""A study held against its file, without testing anything: what is wrong, and what a run will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from si_research.errors import SeveralFilesError, SiResearchError
from si_research.measurement.scale_reliability import known_figures
from si_research.model.interaction import InteractionFit
from si_research.report.suppression import is_small, smallest_cell
from si_research.study.after_refusal import figures_of, in_figures, what_would_help
from si_research.study.analysis import PreparedStudy, fit_study, prepare_study, roles_of
from si_research.study.factors import lines_on_factors
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.measurement_error import lines_on_measurement_error
from si_research.study.missing import lines_on_missing
from si_research.study.outcomes import lines_on_outcomes
from si_research.study.questions import check_names
from si_research.study.unconfirmed import check_confirmed, lines_on_unconfirmed
from si_research.study.waves import NAMELESS, RARE_WAVE, lines_on_waves
from si_research.survey.answer_check import check_answers
from si_research.survey.check_result import CheckResult
from si_research.survey.copies import check_copies
from si_research.survey.direction import check_direction
from si_research.survey.reading.door import in_words
from si_research.survey.reading.responses import NO_ANSWERS
from si_research.survey.screening.flags import USUAL_AT_LEAST, careless_rows


def check_study(place: str | Path, *, data: str | Path | None = None) -> CheckResult:
    """Hold the study file and the codebook against the survey file, without testing anything.

    Use it until it finds nothing, then run the study.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    data : str or Path, optional
        Another data file than the study file names.

    Returns
    -------
    CheckResult
        Passed when a run ends in an answer, not passed when it ends in a refusal. Table: scale, n_items,
        n_used, alpha, omega. Text: what was found, a line each.

    Raises
    ------
    SiResearchError
        With all problems of study file and codebook; once these are sound, with all that do not fit the file.
    """
    inputs = read_inputs(place, data)
    errors: list[SiResearchError] = []
    fit: InteractionFit | None = None
    for check in (check_names, check_confirmed):
        try:
            check(inputs.study, inputs.codebook)
        except SiResearchError as error:
            errors.append(error)
    try:
        ready = prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, done: None)
    except SiResearchError as error:
        errors.append(error)
    else:
        if ready.refusal is None:  # what the model cannot take, said before a run of minutes
            fit = fit_study(inputs.study, inputs.study.controls_of(inputs.codebook), ready.scores.table())
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralFilesError(errors)
    lines = [
        *_file(ready, inputs),
        *in_words(ready.survey.door),
        *_rows(ready),
        *_never_sent_in(ready, inputs),
        *_screening(ready, inputs),
        *lines_on_unconfirmed(inputs.codebook),
        *_answers(ready, inputs),
        *lines_on_waves(ready.instruments, inputs.codebook, ready.survey, inputs.data),
        *_tests(ready, inputs),
        *lines_on_measurement_error(inputs.study, ready),
        *lines_on_factors(inputs.study, inputs.codebook, ready.survey, ready.scores, ready.refusal),
        *([] if fit is None else lines_on_missing(inputs.study, inputs.codebook, ready, fit)),
        *_refusal(ready),
        *_help(ready, inputs, place),
    ]
    return CheckResult(
        name="study",
        question="Can this file answer the question of the study?",
        passed=ready.refusal is None,
        table_=pd.DataFrame(
            [
                (each.scale, each.alpha.n_items, each.alpha.n_used, each.alpha.alpha, each.omega.omega)
                for each in ready.scale_reliabilities
            ],
            columns=["scale", "n_items", "n_used", "alpha", "omega"],
        ),
        text="\n".join(lines),
        rule="the outcome and the conditions are there, of enough people, and no scale has both alpha and "
        f"omega below {inputs.study.analysis.reliability_floor:.2f}",
    )


def _file(ready: PreparedStudy, inputs: Inputs) -> Iterator[str]:
    facts, codebook = ready.survey.facts, inputs.codebook
    yield "; ".join([f"{facts.name}: {facts.n_rows} rows, {facts.n_columns} columns", *facts.detected])
    yield (
        f"codebook: {len(codebook.items)} items, {len(codebook.scales)} scales; "
        "every column it names is in the file, every label fits"
    )


def _rows(ready: PreparedStudy) -> Iterator[str]:
    """Who leaves, and why."""
    steps = ready.survey.ledger.steps
    left = steps["rows_before"] - steps["rows_after"]
    reasons = [f"{step} {count}" for step, count in zip(steps["step"], left, strict=True) if count > 0]
    listed = f" (left out: {', '.join(reasons)})" if reasons else ""
    yield f"after cleaning: {len(ready.survey.values)} rows{listed}"


def _never_sent_in(ready: PreparedStudy, inputs: Inputs) -> Iterator[str]:
    """Who did not send the questionnaire in, by the tool's own account, and whether they stay."""
    responses = ready.survey.responses
    if responses is None:
        return
    asked = responses[~responses["kind"].isin(NO_ANSWERS)]
    never = asked.index[asked["finished"].eq(False).fillna(False)]
    n_staying = len(never.intersection(ready.survey.values.index))
    if never.empty:
        return
    line = f"never sent in, by the account of the survey tool: {_shown(len(never))} of {len(asked)} rows"
    if not n_staying:
        yield f"{line}, who leave"
        return
    key = (
        "finished_only: true" if inputs.study.cleaning.unfinished.drop else "drop: true, finished_only: true"
    )
    yield (
        f"{line}; of these {_shown(n_staying)} answered enough and stay: `unfinished: {{{key}}}` under "
        "`cleaning` in study.yml leaves them out"
    )


def _shown(count: int) -> str:
    return f"fewer than {smallest_cell()}" if is_small(count) else str(count)


def _screening(ready: PreparedStudy, inputs: Inputs) -> Iterator[str]:
    """Who looks careless, and whether they leave."""
    screening, drop = ready.screening, inputs.study.screening.drop
    if screening is None and inputs.codebook.unit == "organisation":
        return
    if screening is None:
        yield "careless answers: too few questions with one range to tell"
        return
    least = USUAL_AT_LEAST if drop is None else drop.at_least
    n = int(careless_rows(screening, least).sum())
    used = int((screening.indices["status"] == "used").sum())
    yield (
        f"careless answers: {used} indices over {len(screening.items)} questions; marked by {least} or more "
        f"kinds of evidence: {_shown(n)} of {screening.n_rows}, who "
        + ("leave (`screening: drop`)" if drop is not None else "stay")
    )


def _answers(ready: PreparedStudy, inputs: Inputs) -> Iterator[str]:
    """Answers that do not fit, people who are in twice, whether a weight is used."""
    check = check_answers(ready.survey, inputs.codebook)
    if not check.passed:
        yield check.text
    roles = inputs.codebook.roles
    if roles.respondent is not None:
        numbers = ready.survey.values[roles.respondent].dropna()
        if numbers.duplicated().any():
            yield (
                f"rows of people who are in more than once: {int(numbers.duplicated(keep=False).sum())}; "
                "for one answer a person, choose one wave with `select`"
            )
    if roles.weight is not None:
        used = inputs.study.analysis.weighted
        yield (
            "the tests weigh people by the weight of the codebook (not with `weighted: false`)"
            if used
            else "the weight of the codebook is not used (`weighted: false`): everybody counts equally"
        )


def _tests(ready: PreparedStudy, inputs: Inputs) -> Iterator[str]:
    """What a run would put to the test."""
    study, codebook = inputs.study, inputs.codebook
    controls = study.controls_of(codebook)
    yield (
        f"to be tested: {study.analysis.outcome} on {', '.join(study.analysis.predictors)}; "
        f"controls: {', '.join(controls) or 'none'}"
    )
    if ready.refusal is None:
        yield from lines_on_outcomes(study, ready, roles_of(study, controls, ready.scores.table_))
    unused = [name for name in codebook.roles.controls if name not in controls]
    if unused:
        yield f"described, but not taken into account in the tests: {', '.join(unused)}"
    yield from _firms(ready, inputs)
    floor = study.analysis.reliability_floor
    figures = {each: figures_of(known_figures(each), floor) for each in ready.scale_reliabilities}
    known = [
        f"{each.scale} {shown or 'unknown'} (n = {_shown(each.alpha.n_used)})"
        for each, shown in figures.items()
    ]
    if known:
        yield f"reliability: {'; '.join(known)}"
    yield check_direction(ready.survey, codebook).text
    copies = check_copies(ready.survey, codebook)
    if not copies.passed:
        yield copies.text


def _firms(ready: PreparedStudy, inputs: Inputs) -> Iterator[str]:
    firm = inputs.codebook.variable_of_role("organisation")
    if inputs.study.analysis.cluster == "none":
        yield "organisations: not used (`cluster: none`)"
    elif firm is None:
        yield "organisations: the codebook has no role of that name, so people are taken as independent"
    else:
        n_firms = ready.survey.values[firm].nunique()
        yield f"organisations: {n_firms}"
        n_without = int(ready.survey.values[firm].isna().sum())
        if n_without:
            yield f"without an organisation: {_shown(n_without)}, whom the tests leave out"
        if n_firms == 1:
            yield "with one organisation the tests cannot allow for firms; the report says what that means"


def _refusal(ready: PreparedStudy) -> Iterator[str]:
    refusal = ready.refusal
    if refusal is None:
        return
    values = refusal.values
    yield {
        "no_respondents": "A run will refuse to answer: each row is an organisation, not a person "
        "(`unit` in the codebook).",
        "no_outcome": "A run will refuse to answer: the codebook has no scale for {missing}.",
        "missing_condition": "A run will refuse to answer: the codebook has no scale for {missing}.",
        "too_few_people": "A run will refuse to answer: the model takes at least {needed} people with "
        "every score, and there are {n}.",
        "no_variation": "A run will refuse to answer: "
        "everybody with every score has the same one on {scales}.",
        "instrument_changed": "A run will refuse to answer: {scales} changed between the waves {waves}. "
        "Choose one wave with `select`.",
        "unreliable_scales": "A run will refuse to answer: the reliability lies below {floor:.2f}: "
        "{reliabilities}.",
    }[refusal.code].format(
        **{
            name: ", ".join(value).replace(RARE_WAVE, NAMELESS)
            if isinstance(value, tuple)
            else in_figures(value, float(values["floor"]))  # type: ignore[arg-type]
            if isinstance(value, Mapping)
            else value
            for name, value in values.items()
        }
    )
    if refusal.code == "no_respondents" and "missing" in values:
        yield f"Nor has the codebook a scale for {', '.join(map(str, values['missing']))}."  # type: ignore[call-overload]


def _help(ready: PreparedStudy, inputs: Inputs, place: str | Path) -> Iterator[str]:
    if ready.refusal is not None:
        direction = check_direction(ready.survey, inputs.codebook)
        yield from what_would_help(ready.refusal, inputs.codebook, direction, place)
