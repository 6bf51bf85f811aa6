"""What a study asks for, held against the codebook and the file: names and values that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from si_research.constructs import CONSTRUCTS
from si_research.errors import Problem, StudyError
from si_research.study.study_file import STUDY_FILE, StudyFile
from si_research.survey.cleaning import Selection
from si_research.survey.codebook import Codebook, normalise, number_of
from si_research.survey.response_format import did_you_mean
from si_research.survey.scoring import score_columns
from si_research.survey.survey_data import Survey
from si_research.survey.yaml_file import Steps, place

ABSENT_IS_REFUSAL: Final = tuple(CONSTRUCTS)
"""Constructs that a codebook may lack: that is no mistake but a reason to refuse."""
MOST_LISTED: Final = 12
MOST_GROUPS: Final = 10
"""Different numbers above which an undeclared control is more likely a number than a group."""


def check_names(study: StudyFile, codebook: Codebook) -> None:
    """Refuse an outcome, predictor, control or selection that the codebook does not know.

    Raises
    ------
    StudyError
        With every such name, its line and the nearest one.
    """
    roles = list(_other_outcomes(study, codebook))
    problems = [
        *_analysis_names(study, codebook),
        *roles,
        *_shared_items(study, codebook),
        *_selection_names(study, codebook),
        *_factor_groups(study, codebook),
    ]
    if problems:
        expected = "names that the codebook knows"
        if len(roles) == len(problems):
            expected = "outcomes of the codebook that are no predictor or control, each named once"
        raise StudyError(problems, where=STUDY_FILE, expected=expected)


def check_selections(study: StudyFile, codebook: Codebook, survey: Survey) -> None:
    """Refuse a selection on a value that neither the file nor the codebook has: a slip of the pen there
    changes who is in.

    Raises
    ------
    StudyError
        With every such value, its line and the nearest one.
    """
    problems = [
        problem
        for index, selection in enumerate(study.cleaning.select)
        for problem in _unknown_values(study, codebook, survey, selection, index)
    ]
    if problems:
        raise StudyError(problems, where=STUDY_FILE, expected="selections on values that occur")


def check_controls(study: StudyFile, codebook: Codebook, survey: Survey) -> None:
    """Refuse a control without a single number, or a number that the codebook lets pass for a category.

    Raises
    ------
    StudyError
        With every such control.
    """
    problems = [
        problem
        for name in study.controls_of(codebook)
        if name in survey.values
        for problem in _doubtful_control(study, codebook, survey, name)
    ]
    if problems:
        raise StudyError(problems, where=survey.facts.name, expected="controls that can be used")


def _doubtful_control(study: StudyFile, codebook: Codebook, survey: Survey, name: str) -> Iterator[Problem]:
    answers, steps = survey.values[name], ("analysis", "controls")
    unreadable = int((survey.reasons[name] == "unreadable").sum())
    if unreadable and not answers.notna().any():
        found = f"{unreadable} cells that are no number"
        todo = "Leave out units and signs such as % in the file, or write `kind: category`."
        yield Problem(place(steps), f"numbers in `{name}`", found, todo, study.line_of(steps))
    if name in codebook.variables or answers.dtype == "float64":
        return
    distinct = answers.dropna().unique()
    if len(distinct) > MOST_GROUPS and all(number_of(each) is not None for each in distinct):
        found = f"{len(distinct)} different numbers in a control that the codebook does not describe"
        todo = f"Under `variables` in the codebook, write `{name}: {{kind: number}}` (or `kind: category`)."
        yield Problem(place(steps), f"to know what `{name}` is", found, todo, study.line_of(steps))


def _analysis_names(study: StudyFile, codebook: Codebook) -> Iterator[Problem]:
    asked, scales = study.analysis, tuple(score_columns(codebook))
    for key, names, known in (
        ("outcome", (asked.outcome,), (*scales, *ABSENT_IS_REFUSAL)),
        ("predictors", asked.predictors, (*scales, *ABSENT_IS_REFUSAL)),
        ("controls", asked.controls or (), (*codebook.roles.controls, *scales)),
    ):
        expected = f"one of {', '.join(dict.fromkeys(known))}" if known else "a control named in `roles`"
        for name in names:
            if name not in known:
                todo = _a_role_first(codebook, name) if key == "controls" else ""
                yield _problem(study, ("analysis", key), expected, name, todo or did_you_mean(name, known))


def _a_role_first(codebook: Codebook, name: str) -> str:
    """Return what to write where a variable of the codebook is called a control and has no such role."""
    lower = {each.casefold(): each for each in codebook.variables}
    meant = lower.get(name.casefold())
    if meant is None:
        return ""
    return f"Write `controls: [{meant}]` under `roles` in the codebook; a study chooses among those."


def _other_outcomes(study: StudyFile, codebook: Codebook) -> Iterator[Problem]:
    """An outcome beside the main one that is unknown, named twice, or stands in the model already."""
    seen: set[str] = set()
    for key in ("planned", "exploratory"):
        for index, name in enumerate(getattr(study.analysis.outcomes, key)):
            steps: Steps = ("analysis", "outcomes", key, index)
            if name in seen:
                todo = "Name it once, as planned or as exploratory."
                found = f"`{name}` a second time"
                yield Problem(place(steps), "each outcome once", found, todo, study.line_of(steps))
            elif name != study.analysis.outcome or key != "planned":  # the main one may stand there as well
                yield from _doubtful_outcome(study, codebook, name, steps)
            seen.add(name)


def _doubtful_outcome(study: StudyFile, codebook: Codebook, name: str, steps: Steps) -> Iterator[Problem]:
    asked, known = study.analysis, tuple(score_columns(codebook))
    parts = {
        **dict.fromkeys(study.controls_of(codebook), "a control"),
        **dict.fromkeys(asked.predictors, "a predictor"),
        asked.outcome: "the main outcome, and planned",
    }
    if name in parts:
        expected, found = "an outcome that is nothing else in the model", f"`{name}`, which is {parts[name]}"
        yield Problem(place(steps), expected, found, f"Leave `{name}` out here.", study.line_of(steps))
    elif name not in known:
        todo = did_you_mean(name, known) or "Name it under `scales` in the codebook."
        yield _problem(study, steps, f"one of {', '.join(known)}", name, todo)
    elif shared := _shared_with_model(study, codebook, name):
        todo = "Name it in one scale."
        yield Problem(place(steps), "scales that share no question", shared, todo, study.line_of(steps))


def _shared_with_model(study: StudyFile, codebook: Codebook, outcome: str) -> str:
    """Return, in words, the first question of an outcome that a predictor holds too, or that is a control."""
    places = {name: name for name in study.controls_of(codebook)}
    places |= {item: name for name in study.analysis.predictors for item in _questions_of(codebook, name)}
    for item in _questions_of(codebook, outcome):
        if item in places:
            return f"`{item}`, in `{outcome}` and in `{places[item]}`"
    return ""


def _questions_of(codebook: Codebook, column: str) -> tuple[str, ...]:
    """Return the items of a scale, or the variable of its ready-made score."""
    columns = score_columns(codebook)
    if column not in columns:
        return ()
    scale = codebook.scales[columns[column]]
    return (*scale.items, *((scale.score,) if scale.score else ()))


def _factor_groups(study: StudyFile, codebook: Codebook) -> Iterator[Problem]:
    """Roles and variables over which the instrument is compared."""
    roles = [
        role
        for role in ("organisation", "department", "team", "wave", "arm")
        if codebook.variable_of_role(role)
    ]
    known = tuple(dict.fromkeys((*roles, *codebook.variables, *codebook.roles.controls)))
    for name in study.factors.groups or ():
        if name not in known:
            expected = f"one of {', '.join(known)}" if known else "a role or variable of the codebook"
            yield _problem(study, ("factors", "groups"), expected, name, did_you_mean(name, known))


def _shared_items(study: StudyFile, codebook: Codebook) -> Iterator[Problem]:
    """An item in two scales of one test makes them agree by itself."""
    first: dict[str, str] = {}
    for name in dict.fromkeys((*study.analysis.predictors, study.analysis.outcome)):
        for item in _questions_of(codebook, name):
            other = first.setdefault(item, name)
            if other != name:
                steps: Steps = ("analysis", "predictors")
                found = f"{item}, in {other} and in {name}"
                yield _problem(study, steps, "scales that share no question", found, "Name it in one scale.")


def _selection_names(study: StudyFile, codebook: Codebook) -> Iterator[Problem]:
    for index, selection in enumerate(study.cleaning.select):
        name = selection.variable
        if name not in codebook.used_names:
            todo = did_you_mean(name, codebook.used_names) or "Add it to `variables` in the codebook."
            steps = ("cleaning", "select", index, "variable")
            yield _problem(study, steps, "an item or variable of the codebook", name, todo)


def _unknown_values(
    study: StudyFile, codebook: Codebook, survey: Survey, selection: Selection, index: int
) -> Iterator[Problem]:
    name = selection.variable
    words = _words_of(codebook, name)
    answers = survey.values[name].dropna()
    texts = {normalise(word) for word in words}
    numbers = {number for word in words if (number := number_of(word)) is not None}
    if answers.dtype == "float64":
        numbers |= set(answers.unique())
        listed = tuple(words)
    else:
        texts |= {normalise(answer) for answer in answers.unique()}
        listed = tuple(dict.fromkeys((*words, *_frequent(answers))))
    for way in ("keep", "drop"):
        for value in getattr(selection, way):
            if normalise(value) in texts or number_of(value) in numbers:
                continue
            is_named = name in codebook.variables or name in codebook.items
            todo = did_you_mean(value, listed) or _choice(listed if is_named else ())
            steps = ("cleaning", "select", index, way)
            yield _problem(study, steps, f"a value of `{name}` in the file or the codebook", value, todo)


def _words_of(codebook: Codebook, name: str) -> list[str]:
    """Return the values that a codebook declares for an item or variable, as they may be written."""
    if name in codebook.items:
        options = codebook.format_of(name).options
        values = [f"{option.value:g}" for option in options]
        return [*values, *(label for option in options for label in option.labels)]
    labels = codebook.variable(name).labels
    return [*labels, *labels.values()]


def _frequent(answers: pd.Series[Any], fewest: int = 5) -> list[str]:
    """Return the answers that at least five people gave: others are not for a message."""
    counts = answers.value_counts()
    return [str(answer) for answer in counts.index[counts >= fewest]]


def _choice(listed: tuple[str, ...]) -> str:
    if not listed:
        return "Mend it, or leave it out."
    more = ", ..." if len(listed) > MOST_LISTED else ""
    return f"It has {', '.join(f'`{each}`' for each in listed[:MOST_LISTED])}{more}."


def _problem(study: StudyFile, steps: Steps, expected: str, found: str, todo: str) -> Problem:
    return Problem(place(steps), expected, f"`{found}`", todo, study.line_of(steps))
