"""Which wave is diagnosed, and how organisations changed since the one before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.design import text_column
from si_research.model.fit_notes import Note
from si_research.practice.diagnosis.change import WaveChange, diagnose_change
from si_research.practice.diagnosis.diagnosis import Diagnosis
from si_research.report.suppression import is_small
from si_research.study.analysis import PreparedStudy
from si_research.study.inputs import Inputs
from si_research.study.open_scales import study_ends
from si_research.study.study_file import StudyFile
from si_research.study.waves import check_waves
from si_research.survey.cleaning import Selection
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.listed_values import is_one_of, value_in_survey

WAVE, RESPONDENT = ROLE_COLUMNS["wave"], ROLE_COLUMNS["respondent"]


@dataclass(frozen=True, slots=True)
class ChosenWave:
    """The wave that is diagnosed.

    Attributes
    ----------
    name : str
    before : str or None
        The one before it, where the order is known and there is one.
    n_waves : int
    """

    name: str
    before: str | None
    n_waves: int


def study_of_waves(study: StudyFile, codebook: Codebook) -> StudyFile:
    """Return the study of people with all its waves: without what it selects by wave."""
    names = ("wave", codebook.variable_of_role("wave"))
    others = tuple(each for each in study.cleaning.select if each.variable not in names)
    if codebook.unit != "respondent" or len(others) == len(study.cleaning.select):
        return study
    return study.model_copy(update={"cleaning": study.cleaning.model_copy(update={"select": others})})


def choose_wave(inputs: Inputs, table: pd.DataFrame, asked: str | None) -> ChosenWave | None:
    """Return the wave to diagnose: the one asked for, the one that the study selects, or the latest.

    Returns
    -------
    ChosenWave or None
        None for a file of one wave, of which nobody asked for another.

    Raises
    ------
    SurveyDataError
        For a wave that is not there, and where nothing says which of several is the latest. Names of waves,
        which may be typed, are not said.
    """
    words = text_column(table[WAVE]) if WAVE in table else pd.Series(dtype="str")
    counts = words.value_counts()
    waves = [str(name) for name, n in counts.items() if not is_small(n)]
    order = _in_order(inputs.codebook, waves)
    if asked is not None and asked not in waves:
        raise SurveyDataError(
            expected="a wave of enough people, as the file has it",
            found=f"no such wave among the {len(waves)} of the file",
            where="--wave",
            todo="write its name as the column of waves has it",
        )
    selected = _selected(inputs.study, inputs.codebook, order or waves)
    if asked is None and selected == []:
        raise SurveyDataError(
            expected="a selection that leaves a wave of enough people",
            found=f"none of the {len(waves)} of the file",
            where="`select` in study.yml",
            todo="keep a wave that the file has, or name one with --wave",
        )
    if asked is None and len(counts) < 2:
        return None
    if asked is None and len(selected or ()) != 1 and (order is None or not waves):
        raise SurveyDataError(
            expected="one wave, or waves of which the order is known",
            found=f"{len(counts)} waves",
            where="codebook.yml",
            todo="name one with --wave, or put them in order as `labels` of the variable of the wave",
        )
    name = asked or (selected or order or waves)[-1]
    place = order.index(name) if order is not None else 0
    return ChosenWave(name, order[place - 1] if order is not None and place else None, len(waves))


def _selected(study: StudyFile, codebook: Codebook, waves: Sequence[str]) -> list[str] | None:
    """Return the waves that the study selects, as cleaning would; None where it selects none by wave."""
    names = ("wave", codebook.variable_of_role("wave"))
    own = [each for each in study.cleaning.select if each.variable in names]
    if not own:
        return None
    left = pd.Series(list(waves), dtype="str")
    for each in own:
        left = left[_stays(left, each, codebook)]
    return [str(wave) for wave in left]


def _stays(waves: pd.Series, selection: Selection, codebook: Codebook) -> pd.Series:
    """Mark the waves that a selection leaves in."""
    name, listed = selection.variable, selection.keep or selection.drop
    if listed:
        fits = is_one_of(waves, [value_in_survey(codebook, name, value) for value in listed])
        return fits if selection.keep else ~fits
    low, high = selection.at_least, selection.at_most
    ends = (-math.inf if low is None else low, math.inf if high is None else high)
    return pd.to_numeric(waves, errors="coerce").between(*ends)


def _in_order(codebook: Codebook, waves: Sequence[str]) -> list[str] | None:
    """Return waves in order of time: as the codebook has them, or by number; None where neither tells."""
    name = codebook.variable_of_role("wave")
    variable = codebook.variables.get(name) if name is not None else None
    told = [str(each) for each in codebook.wave_order or (variable.labels if variable is not None else ())]
    if set(waves) <= set(told):
        return [wave for wave in told if wave in waves]
    numbers = pd.to_numeric(pd.Series(list(waves), dtype="str"), errors="coerce")
    return None if numbers.isna().any() else [waves[place] for place in numbers.argsort()]


def rows_of_wave(table: pd.DataFrame, chosen: ChosenWave | None) -> pd.DataFrame:
    """Return the scores of the wave that is diagnosed."""
    return table if chosen is None else table[(text_column(table[WAVE]) == chosen.name).to_numpy()]


def change_since(
    found: Diagnosis, inputs: Inputs, ready: PreparedStudy, chosen: ChosenWave | None
) -> tuple[WaveChange | None, tuple[Note, ...]]:
    """Return how organisations changed since the wave before, or why that is not told."""
    if chosen is None or chosen.before is None:
        return None, ()
    table, waves = ready.scores.table_, (chosen.before, chosen.name)
    if _asked_otherwise(inputs, ready, found.predictors, waves):
        return None, (Note("instrument_changed"),)
    try:
        change = diagnose_change(
            table,
            wave=WAVE,
            waves=waves,
            person=RESPONDENT if RESPONDENT in table else None,
            unit=found.unit[0],
            predictors=found.predictors,
            ends=study_ends(table, ready.scores.scales, found.predictors),
            conf_level=found.conf_level,
            minimum=found.minimum,
        )
    except SurveyDataError:
        return None, (Note("change_not_told"),)
    return change, ()


def _asked_otherwise(
    inputs: Inputs, ready: PreparedStudy, predictors: Sequence[str], waves: tuple[str, str]
) -> bool:
    """Whether a condition was another instrument in one of these waves."""
    check = check_waves(inputs.study, inputs.codebook, ready.survey, inputs.data, predictors)
    if check is None or check.passed is not False:
        return False
    table = check.table()
    changed = table[table["change"] != "seldom"]
    pairs = zip(text_column(changed["wave"]), text_column(changed["next_wave"]), strict=True)
    known = set(pairs)
    # waves that are compared stand side by side, unless one of few people lies between them
    return waves in known or not any(set(pair) <= set(waves) for pair in known)
