"""One study file runs all of it: check, analyse, report."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from si_research.errors import SurveyDataError
from si_research.study.output import MANIFEST, hashes_below, replacing, sha256_of
from si_research.study.study_file import Analysis, StudyFile, read_study, study_path

if TYPE_CHECKING:
    from si_research.report.findings import Refusal, StudyFindings
    from si_research.survey.codebook import Codebook

Progress = Callable[[str, float], None]

__all__ = [
    "Analysis",
    "Progress",
    "StudyFile",
    "StudyOutcome",
    "check_study",
    "new_study",
    "read_study",
    "run_study",
]


@dataclass(frozen=True, slots=True, eq=False)
class StudyOutcome:
    """What a run ended in.

    Attributes
    ----------
    report : Path
        The page.
    refusal : Refusal or None
        Why the file cannot answer the question.
    findings : StudyFindings
    """

    report: Path
    refusal: Refusal | None
    findings: StudyFindings


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The three files of a study."""

    file: Path
    study: StudyFile
    codebook_path: Path
    codebook: Codebook
    data: Path


def run_study(
    place: str | Path,
    *,
    data: str | Path | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    progress: Progress | None = None,
) -> StudyOutcome:
    """Run a whole study: read, clean, score, test, report.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    data, output : str or Path, optional
        Another data file or output folder than the study file names.
    language : str, optional
        "nl" or "en"; the study file's by default.
    progress : callable, optional
        Called with the name of a step and the share of the work that is done.

    Returns
    -------
    StudyOutcome
        The outputs stand in the folder of the report: ``report.html``, ``results.json``, ``ledger.csv``,
        ``figures/`` and ``manifest.json``.

    Raises
    ------
    SiResearchError
        For input that cannot be used; then nothing is written, and earlier outputs stay as they are.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from si_research import write_example
    >>> with TemporaryDirectory() as folder:
    ...     outcome = run_study(write_example(folder))
    ...     outcome.report.name, outcome.findings.fit.n_used
    ('report.html', 1465)
    """
    from si_research.study.analysis import analyse_study

    tell = progress or (lambda step, done: None)
    inputs = _read_inputs(place, data)
    target = Path(output) if output is not None else inputs.file.parent / inputs.study.output
    with replacing(target) as folder:
        findings = analyse_study(inputs.study, inputs.codebook, inputs.data, tell)
        _write(folder, findings, inputs, language or inputs.study.language, tell)
    tell("done", 1.0)
    return StudyOutcome(target / "report.html", findings.refusal, findings)


def _read_inputs(place: str | Path, data: str | Path | None) -> _Inputs:
    from si_research.survey.codebook_file import read_codebook

    file = study_path(place)
    study = read_study(file)
    codebook_path = file.parent / study.codebook
    codebook = read_codebook(codebook_path)
    survey = Path(data) if data is not None else file.parent / study.data
    if not survey.exists():
        raise SurveyDataError(
            expected="a survey file",
            found="no file of that name",
            where=str(data) if data is not None else f"{study.data}, which {file.name} names as `data`",
            todo="put the export there, or name another file with --data",
        )
    return _Inputs(file, study, codebook_path, codebook, survey)


def _write(folder: Path, findings: StudyFindings, inputs: _Inputs, language: str, tell: Progress) -> None:
    """Write every output; the manifest last, because it holds the hashes of the others."""
    from si_research.report.figures import write_figures
    from si_research.report.html import render_report
    from si_research.report.results_json import results_json

    tell("drawing", 0.7)
    write_figures(findings, folder / "figures", language)
    tell("writing", 0.85)
    (folder / "report.html").write_bytes(render_report(findings, language).encode("utf-8"))
    (folder / "results.json").write_bytes(results_json(findings).encode("utf-8"))
    findings.ledger.to_csv(folder / "ledger.csv")
    manifest = {
        "title": inputs.study.title,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "language": language,
        "seed": inputs.study.seed,
        "python": platform.python_version(),
        "versions": dict(findings.versions),
        "inputs": {path.name: sha256_of(path) for path in (inputs.file, inputs.codebook_path, inputs.data)},
        "outputs": hashes_below(folder),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_bytes(text.encode("utf-8"))


def check_study(place: str | Path, *, data: str | Path | None = None) -> list[str]:
    """Hold the codebook against the file, without analysing anything.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    data : str or Path, optional
        Another data file than the study file names.

    Returns
    -------
    list of str
        What was found, a line each; for people to read.

    Raises
    ------
    SiResearchError
        With all problems of the first of study file, codebook and data that has any.
    """
    from si_research.study.analysis import check_names
    from si_research.survey.cleaning import clean_survey
    from si_research.survey.direction import check_direction
    from si_research.survey.reading import read_survey

    inputs = _read_inputs(place, data)
    check_names(inputs.study, inputs.codebook)
    survey = read_survey(inputs.data, inputs.codebook)
    clean = clean_survey(survey, inputs.codebook, inputs.study.cleaning)
    facts = survey.facts
    lines = [
        f"{facts.name}: {facts.n_rows} rows, {facts.n_columns} columns; {'; '.join(facts.detected)}",
        f"codebook: {len(inputs.codebook.items)} items, {len(inputs.codebook.scales)} scales; "
        "every column it names is in the file, every answer fits",
        f"after cleaning: {len(clean.values)} rows",
    ]
    direction = check_direction(clean, inputs.codebook)
    return [*lines, direction.text]


def new_study(name: str | Path, *, example: bool = False) -> Path:
    """Make a study folder to start from.

    Parameters
    ----------
    name : str or Path
        A folder that does not exist yet, or is empty.
    example : bool
        Fill it with the synthetic example survey instead of templates.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SurveyDataError
        When something is there already.
    """
    folder = Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SurveyDataError(
            expected="a name that is free, or an empty folder",
            found="something of that name",
            where=folder.name,
            todo="choose another name; nothing was changed",
        )
    if example:
        from si_research.simulation.example import write_example

        return write_example(folder)
    _fill_template(folder)
    return folder


def _fill_template(folder: Path) -> None:
    from si_research.survey.codebook import codebook_schema

    (folder / "data").mkdir(parents=True, exist_ok=True)
    template = files("si_research.study").joinpath("template")
    for entry in template.iterdir():
        target = ".gitignore" if entry.name == "gitignore" else entry.name
        (folder / target).write_bytes(entry.read_bytes())
    schemas = {"codebook": codebook_schema(), "study": StudyFile.model_json_schema()}
    for what, schema in schemas.items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{what}.schema.json").write_text(text, "utf-8")
