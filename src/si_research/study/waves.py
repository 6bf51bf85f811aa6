"""What several waves mean for a study: changed instruments, the same people, and rows that are no people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.report.findings import Refusal
from si_research.report.suppression import is_small, merge_small_groups, smallest_cell
from si_research.study.study_file import StudyFile
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.nested_rows import check_nested_rows
from si_research.survey.reading.several import raw_of
from si_research.survey.scoring import Scores, score_columns
from si_research.survey.survey_data import Survey
from si_research.survey.waves.changes import check_wave_columns
from si_research.survey.waves.instruments import check_instruments
from si_research.survey.waves.names import COLUMNS, WaveColumns
from si_research.survey.waves.presence import describe_waves
from si_research.survey.waves.stored_twice import check_stored_twice

RARE_WAVE: Final = "rare_wave"
"""Stands for the name of a wave of fewer than five people: a name in the wrong column looks like one."""
NAMELESS: Final = "(a wave of fewer than 5)"
_MOST_LINES: Final = 12


def check_waves(
    study: StudyFile,
    codebook: Codebook,
    survey: Survey,
    data: Sequence[Path],
    names: Sequence[str] | None = None,
) -> CheckResult | None:
    """Tell whether the scales of a study were the same instrument in the waves that it takes together.

    ``names`` are columns of the scores; by default the main outcome and the predictors.

    Returns
    -------
    CheckResult or None
        None where the cleaned survey holds fewer than two waves.
    """
    wave = codebook.variable_of_role("wave")
    if wave is None or survey.values[wave].nunique() < 2:
        return None
    columns = score_columns(codebook)
    asked = (study.analysis.outcome, *study.analysis.predictors) if names is None else names
    used = [columns[name] for name in asked if name in columns]
    raw = raw_of(data, codebook) if codebook.wave_order else None
    return check_instruments(codebook, raw=raw, survey=survey, scales=used)


def changed_instruments(instruments: CheckResult, scores: Scores) -> Refusal:
    """Return the refusal of a study that takes waves together in which a scale changed."""
    table = instruments.table()
    by_scale = {facts.name: column for column, facts in scores.scales.items()}
    scales = tuple(by_scale.get(name, name) for name in table["scale"].drop_duplicates())
    answered = scores.table().get(ROLE_COLUMNS["wave"])
    rare = frozenset() if answered is None else _rare(answered)
    named = (RARE_WAVE if wave in rare else wave for pair in ("wave", "next_wave") for wave in table[pair])
    waves = tuple(dict.fromkeys(named))
    return Refusal("instrument_changed", {"scales": scales, "waves": waves})


def changed_outcomes(
    study: StudyFile, codebook: Codebook, survey: Survey, data: Sequence[Path]
) -> frozenset[str]:
    """Return the outcomes beside the main one that were not the same instrument in these waves."""
    checks = {
        name: check_waves(study, codebook, survey, data, [name])
        for name in study.analysis.other_outcomes
        if name in score_columns(codebook)
    }
    return frozenset(name for name, check in checks.items() if check is not None and check.passed is False)


def lines_on_waves(
    instruments: CheckResult | None, codebook: Codebook, survey: Survey, data: Sequence[Path]
) -> Iterator[str]:
    """Say who was there how often, what changed, and where rows are no people."""
    if instruments is not None:
        rare = _rare_waves(codebook, survey)
        yield _without(instruments.text, rare)
        yield from _presence(codebook, survey, rare)
    yield from _columns_that_change(codebook, _rare_waves(codebook, survey))
    frame = raw_of(data, codebook).frame
    for check in (check_stored_twice(frame), check_nested_rows(frame)):
        if not check.passed:
            yield check.text


def _columns_that_change(codebook: Codebook, rare: frozenset[str]) -> Iterator[str]:
    """Say which questions and variables of the codebook are not there in every wave."""
    check = check_wave_columns(_wave_columns(codebook))
    lines = check.text.splitlines() if check.passed is False else []
    yield from (_without(line, rare) for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"and {len(lines) - _MOST_LINES} more columns that are not there in every wave"


def _wave_columns(codebook: Codebook) -> WaveColumns:
    """Return the columns that a codebook names by wave, as if their names told it."""
    rows = [
        (names[0], name, wave, "", "", "")
        for name in codebook.used_names
        for wave, names in codebook.columns_of(name).items()
        if wave is not None
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return WaveColumns("columns", codebook.wave_order, table, (), "the codebook says so")


def _rare_waves(codebook: Codebook, survey: Survey) -> frozenset[str]:
    """Return the waves of which hardly a row is left."""
    wave = codebook.variable_of_role("wave")
    if wave is None or wave not in survey.values:
        return frozenset()
    return _rare(survey.values[wave])


def _rare(waves: pd.Series[Any]) -> frozenset[str]:
    counts = waves.value_counts()
    return frozenset(
        f"{each:g}" if isinstance(each, float) else str(each) for each in counts.index[counts.map(is_small)]
    )


def _without(text: str, rare: frozenset[str]) -> str:
    """Return a text in which waves of fewer than five people have no name."""
    for wave in sorted(rare, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(wave)}(?!\w)", NAMELESS, text)
    return text


def _presence(codebook: Codebook, survey: Survey, rare: frozenset[str]) -> Iterator[str]:
    """Say who was there in how many waves, and who dropped out; small counts are hidden."""
    if codebook.variable_of_role("respondent") is None and not codebook.wave_order:
        return
    found = describe_waves(survey, codebook)
    counts = found.times.set_index(found.times["n_waves"].astype("str"))["n_respondents"]
    times = [
        f"in {' or '.join(group)}: {_count(counts[list(group)].sum())}"
        for group in merge_small_groups(counts)
    ]
    yield f"respondents: {found.n_respondents} (number of waves: {', '.join(times)})"
    later = found.waves.iloc[1:]
    lost = [
        f"{NAMELESS if wave in rare else wave} {_count(n)}"
        for wave, n in zip(later["wave"], later["n_dropped"], strict=True)
    ]
    gone = ", ".join(lost) if later["n_dropped"].any() else "none"
    yield f"not there any more, of those in the wave before: {gone}"
    if found.n_empty:
        yield f"rows of a wave that hold no answer, and in which nobody is counted: {_count(found.n_empty)}"


def _count(number: float) -> str:
    if number == 0:
        return "none"
    return f"fewer than {smallest_cell()}" if is_small(number) else f"{number:.0f}"
