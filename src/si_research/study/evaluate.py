"""The evaluation of the scheme of a study: one page on what it did, and how far the file can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.constructs import CONDITIONS
from si_research.errors import SiResearchError, SurveyDataError
from si_research.practice.scheme.evaluation import evaluate_scheme
from si_research.practice.scheme.lottery import two_armed
from si_research.privacy.disclosure import disclosing, dominated, profile_in_force, profile_named
from si_research.report.findings import VariableFacts
from si_research.study.analysis import PACKAGES, PreparedStudy, Progress, prepare_study, variable_facts
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.manifest import write_manifest
from si_research.study.open_scales import study_ends
from si_research.study.output import replacing
from si_research.study.questions import check_names
from si_research.study.scheme_roles import (
    ARM,
    ASSIGNMENT,
    ORGANISATION,
    STRATUM,
    TELLING,
    scheme_columns,
)
from si_research.study.study_file import StudyFile
from si_research.study.unconfirmed import check_confirmed
from si_research.study.waves import check_waves
from si_research.survey.codebook import ROLE_COLUMNS, Codebook, RoleName
from si_research.survey.scoring import ScaleFacts, score_columns

if TYPE_CHECKING:
    from si_research.report.evaluation_findings import EvaluationFindings

FOLDER: Final = "evaluation"
"""Folder for the outputs, beside the study file, when none is named."""


class NoEvaluationError(SiResearchError):
    """A sound file without the roles that an evaluation needs; nothing is written."""

    exit_code = 3


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedStudy:
    """What evaluating a scheme ended in.

    Attributes
    ----------
    page : Path
    findings : EvaluationFindings
        ``findings.found`` is the evaluation itself.
    refused : bool
        Whether the page says what is missing instead of an effect.
    """

    page: Path
    findings: EvaluationFindings
    refused: bool


def evaluate_study(
    place: str | Path,
    *,
    after: str | None = None,
    cost: float | None = None,
    data: str | Path | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    profile: str = "internal",
    progress: Progress | None = None,
) -> EvaluatedStudy:
    """Evaluate the scheme that the roles of the codebook tell of, and write the page.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    after : str, optional
        The first wave in which the scheme had started, where there are more than two waves.
    cost : float, optional
        Mean cost of a firm with the scheme, in one currency.
    data, output, language, progress
        As in :func:`~si_research.study.run.run_study`; the outputs stand in ``evaluation``.
    profile : {"internal", "publication"}
        For whom the page is. In a publication, in ``evaluation_publication``, nothing is told of
        fewer than ten people or organisations, and counts are rounded.

    Returns
    -------
    EvaluatedStudy
        In the folder of the page: ``report.html``, ``effects.csv``, ``results.json`` and ``manifest.json``.

    Raises
    ------
    NoEvaluationError
        The codebook does not say which firm a row is of, or which firms had the scheme, or its conditions
        have unlike response formats (exit code 3).
    SiResearchError
        For input that cannot be used. Nothing is written after either.

    Notes
    -----
    A ``select`` on the wave is left out: the question of a study may be put to one wave, a scheme is judged
    over all of them.
    """
    tell = progress or (lambda step, done: None)
    inputs = read_inputs(place, data)
    own = FOLDER if profile == "internal" else f"{FOLDER}_{profile}"
    folder = Path(output) if output is not None else inputs.file.parent / own
    with disclosing(profile_named(profile)), replacing(folder, made_by="evaluate") as new:
        check_names(inputs.study, inputs.codebook)
        check_confirmed(inputs.study, inputs.codebook)
        _check_codebook(inputs.codebook, inputs.study)
        study = _of_all_waves(inputs.study, inputs.codebook)
        ready = prepare_study(study, inputs.codebook, inputs.data, tell, as_written=inputs.study)
        tell("evaluating", 0.5)
        findings = _findings(inputs, study, ready, after, cost)
        refused = _write(new, findings, inputs, language, tell)
    tell("done", 1.0)
    return EvaluatedStudy(folder / "report.html", findings, refused)


def _check_codebook(codebook: Codebook, study: StudyFile) -> None:
    needed: list[tuple[str, tuple[RoleName, ...]]] = [
        ("the firm that a row is of", ("organisation",)),
        ("whether that firm had the scheme", TELLING),
    ]
    for meaning, roles in needed:
        if not any(codebook.variable_of_role(role) for role in roles):
            others = f" (nor {', '.join(f'`{role}`' for role in roles[1:])})" if roles[1:] else ""
            raise NoEvaluationError(
                expected=f"a codebook that says which column holds {meaning}",
                found=f"no `{roles[0]}` under `roles`{others}",
                where="codebook.yml",
                todo=f"add `{roles[0]}:` with that column under `roles`, if the file has one",
            )
    if not _outcomes(codebook, study):
        raise NoEvaluationError(
            expected="a scale or a score for a condition or an outcome",
            found="none",
            where="codebook.yml",
            todo="name what the scheme was to raise as `outcome` in study.yml, with a scale in the codebook",
        )


def _outcomes(codebook: Codebook, study: StudyFile) -> tuple[str, ...]:
    """Return the planned outcomes: the conditions and those of the study, as far as they are there."""
    asked = study.analysis
    names = dict.fromkeys((*CONDITIONS, *asked.predictors, *asked.planned_outcomes))
    return tuple(name for name in names if name in score_columns(codebook))


def _of_all_waves(study: StudyFile, codebook: Codebook) -> StudyFile:
    """Return the study without what it selects by wave."""
    wave = codebook.variable_of_role("wave")
    kept = tuple(each for each in study.cleaning.select if each.variable not in ("wave", wave))
    return study.model_copy(update={"cleaning": study.cleaning.model_copy(update={"select": kept})})


def _check_one_format(table: pd.DataFrame, scales: Mapping[str, ScaleFacts]) -> None:
    """Refuse conditions of unlike response formats: in scale points the shortest would seem the lowest."""
    conditions = [name for name in CONDITIONS if name in scales]
    if len(set(study_ends(table, scales, conditions).values())) > 1:
        raise NoEvaluationError(
            expected="conditions with one response format, so that the lowest of them can be told",
            found="scales with different ends",
            where=", ".join(conditions),
            todo="in a copy of the codebook, keep the scales of the conditions that share a format",
        )


def _check_dominance(table: pd.DataFrame) -> None:
    """Refuse to publish on a side of a scheme of which two organisations have nearly all people."""
    sides = [name for name in (ASSIGNMENT, ARM) if name in table][:1]
    if sides == [ASSIGNMENT] and STRATUM in table:
        firms = table.groupby(ORGANISATION)[[ASSIGNMENT, STRATUM]].first()
        both = two_armed(firms[STRATUM], (firms[ASSIGNMENT] == 1).to_numpy())
        table = table[table[ORGANISATION].isin(firms.index[both])]
    sizes = [own.groupby(ORGANISATION).size() for _, own in table.groupby(sides)] if sides else []
    if any(dominated(each, profile_in_force()) for each in sizes):
        raise NoEvaluationError(
            expected="organisations of which no two have nearly all people of their side",
            found="a side of which two have over 90 %: its figures would be theirs",
            where="the survey after cleaning",
            todo="leave `--profile publication` out, for a page inside the house",
        )


def _findings(
    inputs: Inputs, study: StudyFile, ready: PreparedStudy, after: str | None, cost: float | None
) -> EvaluationFindings:
    """Return what the page is made from."""
    from si_research.report.evaluation_findings import EvaluationFindings

    codebook, asked = inputs.codebook, study.analysis
    planned = _outcomes(codebook, study)
    explored = [name for name in asked.outcomes.exploratory if name in ready.scores.scales]
    names = [*planned, *(name for name in explored if name not in planned)]
    scheme = scheme_columns(ready, codebook, after)
    _check_one_format(scheme.table, ready.scores.scales)
    _check_dominance(scheme.table)
    shared: dict[str, Any] = {
        "outcomes": planned,
        "changed": _changed(inputs, study, ready, names),
        "conf_level": asked.confidence,
        "draws": asked.bootstrap_draws,
        "seed": study.seed,
    }
    explored = names[len(planned) :]
    try:
        found = evaluate_scheme(scheme.table, **scheme.roles, **shared, exploratory=explored, cost=cost)
        by_dose = evaluate_scheme(scheme.table, **scheme.by_dose, **shared) if scheme.by_dose else None
    except SurveyDataError as error:
        raise _of_the_file(error, codebook) from error
    return EvaluationFindings(
        title=study.title,
        survey=codebook.title,
        found=found,
        by_dose=by_dose,
        took_part=scheme.took_part,
        unreliable=ready.refusal is not None and ready.refusal.code == "unreliable_scales",
        all_waves=study.cleaning.select != inputs.study.cleaning.select,
        people=codebook.unit == "respondent",
        scales=ready.scores.scales,
        variables=_words(codebook),
        synthetic=codebook.synthetic,
        version=version("si-research"),
        translations={str(language): words for language, words in study.translations.items()},
    )


def _of_the_file(error: SurveyDataError, codebook: Codebook) -> SurveyDataError:
    """Return an error on the column of a role as one on the column of the file that plays it."""
    for role, column in ROLE_COLUMNS.items():
        variable = codebook.variable_of_role(role)
        if variable is not None and error.where == f"column {column}":
            where = f"column {variable}, which plays the role `{role}`"
            return SurveyDataError(expected=error.expected, found=error.found, where=where, todo=error.todo)
    return error


def _words(codebook: Codebook) -> dict[str, VariableFacts]:
    """Return the words for waves, groups and characteristics of organisations."""
    found = {facts.name: facts for facts in variable_facts(codebook)}
    for name in codebook.roles.covariates:
        own = codebook.variable(name)
        found.setdefault(name, VariableFacts(name, own.label_nl, own.label_en, own.labels))
    return found


def _changed(inputs: Inputs, study: StudyFile, ready: PreparedStudy, names: list[str]) -> list[str]:
    """Return the outcomes of which the questions or answers were not the same in all waves."""
    checks = {name: check_waves(study, inputs.codebook, ready.survey, inputs.data, [name]) for name in names}
    return [name for name, check in checks.items() if check is not None and check.passed is False]


def _write(
    folder: Path, findings: EvaluationFindings, inputs: Inputs, language: str | None, tell: Progress
) -> bool:
    """Write every output; the manifest last, because it holds the hashes of the others."""
    from si_research.report.evaluation_page import write_evaluation

    chosen = language or inputs.study.language
    tell("writing", 0.9)
    refused = write_evaluation(findings, folder, chosen)
    write_manifest(
        folder,
        inputs,
        language=chosen,
        versions={name: version(name) for name in PACKAGES},
        made_by="evaluate",
    )
    return refused
