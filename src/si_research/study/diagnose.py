"""The diagnosis of a study: the bottleneck of each organisation and its parts, as printable pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from si_research.errors import SiResearchError
from si_research.practice.diagnosis.diagnosis import Diagnosis, diagnose
from si_research.practice.diagnosis.evidence import UntoldSpreadError
from si_research.practice.diagnosis.organisations import OrganisationDiagnosis, diagnose_organisations
from si_research.practice.diagnosis.size_class import CBS
from si_research.privacy.disclosure import disclosing, profile_in_force, profile_named
from si_research.study.analysis import PACKAGES, PreparedStudy, Progress, prepare_study, variable_facts
from si_research.study.diagnosis_groups import group_comparisons, group_facts
from si_research.study.diagnosis_roles import gap_of_roles
from si_research.study.diagnosis_waves import change_since, choose_wave, rows_of_wave, study_of_waves
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.manifest import write_manifest
from si_research.study.open_scales import open_scales, study_ends
from si_research.study.output import replacing
from si_research.study.questions import check_names
from si_research.study.reliability import refusal_of_unreliable
from si_research.study.unconfirmed import check_confirmed
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.scoring import score_columns

if TYPE_CHECKING:
    from si_research.report.diagnosis_findings import DiagnosisFindings

FOLDER: Final = "diagnosis"
"""Folder for the outputs, beside the study file, when none is named."""
ORGANISATION, WAVE = ROLE_COLUMNS["organisation"], ROLE_COLUMNS["wave"]
UNITS: Final = tuple(ROLE_COLUMNS[role] for role in ("organisation", "department", "team"))


class NoDiagnosisError(SiResearchError):
    """A sound file that cannot answer which condition is the lowest in which unit; nothing is written."""

    exit_code = 3


@dataclass(frozen=True, slots=True, eq=False)
class DiagnosedStudy:
    """What diagnosing a study ended in.

    Attributes
    ----------
    index : Path
        The page of all organisations.
    n_pages : int
        Pages of one organisation each.
    findings : DiagnosisFindings
        ``findings.found`` is the diagnosis itself.
    """

    index: Path
    n_pages: int
    findings: DiagnosisFindings


def diagnose_study(
    place: str | Path,
    *,
    target: float | None = None,
    wave: str | None = None,
    data: str | Path | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    profile: str = "internal",
    size_class: str = CBS,
    progress: Progress | None = None,
) -> DiagnosedStudy:
    """Say for each organisation, department and team which condition is the lowest, and write the pages.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    target : float, optional
        A level of the outcome, in its scale points: the pages then say how far each condition is from what
        goes with it.
    wave : str, optional
        Which of several waves, as the file has it; by default the one that the study selects, or the latest.
        The pages then say what changed since the wave before.
    data, output, language, progress
        As in :func:`~si_research.study.run.run_study`; the outputs stand in ``diagnosis``.
    profile : {"internal", "publication"}
        For whom the pages are. In a publication, in ``diagnosis_publication``, no unit is named,
        none of fewer than ten people is told, and counts are rounded.
    size_class : {"cbs", "rvo"}
        Whose definition makes the size classes, where the codebook has the role ``headcount``.

    Returns
    -------
    DiagnosedStudy
        In the folder of the index: ``index.html``, ``units/`` with a numbered page an organisation,
        ``units.csv`` and ``manifest.json``.

    Raises
    ------
    NoDiagnosisError
        The file cannot answer (exit code 3): no organisations, a condition missing or without answers that
        differ, scales too unreliable, or organisations without people or years.
    SiResearchError
        For input that cannot be used. Nothing is written after either.
    """
    tell = progress or (lambda step, done: None)
    inputs = read_inputs(place, data)
    own = FOLDER if profile == "internal" else f"{FOLDER}_{profile}"
    folder = Path(output) if output is not None else inputs.file.parent / own
    with disclosing(profile_named(profile)), replacing(folder, made_by="diagnose") as new:
        check_names(inputs.study, inputs.codebook)
        check_confirmed(inputs.study, inputs.codebook)
        _check_codebook(inputs.codebook, inputs.study.analysis.predictors)
        ready = prepare_study(
            study_of_waves(inputs.study, inputs.codebook),
            inputs.codebook,
            inputs.data,
            tell,
            as_written=inputs.study,
        )
        tell("diagnosing", 0.4)
        try:
            findings = _of_study(inputs, ready, target, wave, size_class)
        except UntoldSpreadError as error:
            raise NoDiagnosisError(
                expected=error.expected, found=error.found, where=error.where, todo=error.todo
            ) from error
        n_pages = _write(new, findings, inputs, language, tell)
    tell("done", 1.0)
    return DiagnosedStudy(folder / "index.html", n_pages, findings)


def _check_codebook(codebook: Codebook, predictors: Sequence[str]) -> None:
    if codebook.variable_of_role("organisation") is None:
        raise NoDiagnosisError(
            expected="a codebook that says which column names the organisation",
            found="no `organisation` under `roles`",
            where="codebook.yml",
            todo="name the column there, if the file has one",
        )
    if codebook.unit != "respondent" and codebook.variable_of_role("wave") is None:
        raise NoDiagnosisError(
            expected="people, or organisations over three years or more",
            found="a row an organisation (`unit: organisation`) and no column for the year",
            where="codebook.yml",
            todo="name the year as `wave` under `roles`; figures of one year do not tell how sure they are",
        )
    missing = [name for name in predictors if name not in score_columns(codebook)]
    if missing:
        raise NoDiagnosisError(
            expected=f"a scale or a score for each of {', '.join(predictors)}",
            found=f"none for {', '.join(missing)}",
            where="codebook.yml",
            todo="name it there, or two conditions that the file has as `predictors` in study.yml",
        )


def _of_study(
    inputs: Inputs, ready: PreparedStudy, target: float | None, wave: str | None, definition: str
) -> DiagnosisFindings:
    """Return the diagnosis that the rows of the file allow, and what stands beside it."""
    if inputs.codebook.unit != "respondent":
        return _findings(inputs, ready, _over_years(inputs, ready, target))
    _check_reliable(inputs, ready)
    chosen = choose_wave(inputs, ready.scores.table_, wave)
    table = rows_of_wave(ready.scores.table_, chosen)
    found = _of_people(inputs, ready, table, target)
    change, of_change = change_since(found, inputs, ready, chosen)
    gap, of_gap = gap_of_roles(found, table, ready, inputs.codebook)
    return replace(
        _findings(inputs, ready, found),
        groups=group_comparisons(found, table, ready, inputs.codebook, definition),
        wave=None if chosen is None else (chosen.name, chosen.n_waves),
        change=change,
        role_gap=gap,
        notes=(*of_change, *of_gap),
    )


def _of_people(inputs: Inputs, ready: PreparedStudy, table: pd.DataFrame, target: float | None) -> Diagnosis:
    """Return the diagnosis of the people of one wave."""
    asked, scales = inputs.study.analysis, ready.scores.scales
    outcome = asked.outcome if asked.outcome in scales else None
    names = (*asked.predictors, *([] if outcome is None else [outcome]))
    return diagnose(
        table,
        unit=[name for name in UNITS if name in table],
        target=target,
        predictors=asked.predictors,
        outcome=outcome,
        ends=study_ends(table, scales, names),
        conf_level=asked.confidence,
        minimum=profile_in_force().smallest_cell,
        seed=inputs.study.seed,
    )


def _check_reliable(inputs: Inputs, ready: PreparedStudy) -> None:
    """Refuse scales that tell hardly anything; that questions changed between waves does not hide it."""
    refusal, asked = ready.refusal, inputs.study.analysis
    if refusal is not None and refusal.code == "instrument_changed":
        used = {asked.outcome, *asked.predictors}
        refusal = refusal_of_unreliable(inputs.study, ready.scale_reliabilities, used)
    if refusal is not None and refusal.code == "unreliable_scales":
        raise NoDiagnosisError(
            expected="scales that measure something",
            found="scales of which alpha and omega lie below `reliability_floor`",
            where="the survey file",
            todo="see what `si-research check` says; `test_unreliable_scales: true` goes on all the same",
        )


def _over_years(inputs: Inputs, ready: PreparedStudy, target: float | None) -> OrganisationDiagnosis:
    """Return the diagnosis of organisations whose people are not in the file."""
    asked, table = inputs.study.analysis, ready.scores.table_
    if target is not None:
        raise NoDiagnosisError(
            expected="people, for what goes with a level of the outcome",
            found="a row an organisation and year",
            where="--target",
            todo="leave it out",
        )
    ends = study_ends(table, ready.scores.scales, asked.predictors)
    if len(set(ends.values())) > 1:
        raise NoDiagnosisError(
            expected="conditions on one scale, such as percentages",
            found="scales with different ends",
            where="codebook.yml",
            todo="give the scores of the conditions the same lowest and highest value",
        )
    return diagnose_organisations(
        table,
        unit=ORGANISATION,
        year=WAVE,
        predictors=asked.predictors,
        ends=next(iter(ends.values())),
        conf_level=asked.confidence,
    )


def _findings(
    inputs: Inputs, ready: PreparedStudy, found: Diagnosis | OrganisationDiagnosis
) -> DiagnosisFindings:
    """Return what the pages are made from."""
    from si_research.report.diagnosis_findings import DiagnosisFindings

    scales, study, codebook = ready.scores.scales, inputs.study, inputs.codebook
    return DiagnosisFindings(
        title=study.title,
        survey=codebook.title,
        found=found,
        scales=scales,
        variables={facts.name: facts for facts in variable_facts(codebook)} | group_facts(codebook),
        open_scales=open_scales(scales, found.predictors),
        synthetic=codebook.synthetic,
        version=version("si-research"),
        translations={str(language): words for language, words in study.translations.items()},
    )


def _write(
    folder: Path, findings: DiagnosisFindings, inputs: Inputs, language: str | None, tell: Progress
) -> int:
    """Write every output; the manifest last, because it holds the hashes of the others."""
    from si_research.report.diagnosis_pages import write_diagnosis

    chosen = language or inputs.study.language
    n_pages = write_diagnosis(
        findings, folder, chosen, progress=lambda done: tell("writing pages", 0.5 + 0.45 * done)
    )
    write_manifest(
        folder,
        inputs,
        language=chosen,
        versions={name: version(name) for name in PACKAGES},
        made_by="diagnose",
    )
    return n_pages
