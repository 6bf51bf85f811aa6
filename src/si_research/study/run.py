"""A whole study: read, clean, score, test, report; written at once or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from si_research.study.after_refusal import what_would_help
from si_research.study.analysis import Progress, analyse_study
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.manifest import write_manifest
from si_research.study.output import replacing

if TYPE_CHECKING:
    from si_research.report.findings import Refusal, StudyFindings


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
    what_would_help : tuple of str
        After a refusal: what to type, or to write in the codebook, where the file holds the answer after all.
    """

    report: Path
    refusal: Refusal | None
    findings: StudyFindings
    what_would_help: tuple[str, ...] = ()


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
    tell = progress or (lambda step, done: None)
    inputs = read_inputs(place, data)
    target = Path(output) if output is not None else inputs.file.parent / inputs.study.output
    with replacing(target) as folder:
        findings = analyse_study(inputs.study, inputs.codebook, inputs.data, tell)
        _write(folder, findings, inputs, language or inputs.study.language, tell)
    tell("done", 1.0)
    refusal = findings.refusal
    helps: tuple[str, ...] = ()
    if refusal is not None:
        helps = (*what_would_help(refusal, inputs.codebook, findings.direction, place),)
    return StudyOutcome(target / "report.html", refusal, findings, helps)


def _write(folder: Path, findings: StudyFindings, inputs: Inputs, language: str, tell: Progress) -> None:
    """Write every output; the manifest last, because it holds the hashes of the others."""
    from si_research.report.figures import write_figures
    from si_research.report.html import render_report
    from si_research.report.results_json import results_json

    tell("drawing", 0.7)
    pictures = write_figures(findings, folder / "figures", language)
    tell("writing", 0.85)
    page = render_report(findings, language, pictures=pictures)
    (folder / "report.html").write_bytes(page.encode("utf-8"))
    (folder / "results.json").write_bytes(results_json(findings, language).encode("utf-8"))
    findings.ledger.to_csv(folder / "ledger.csv")
    write_manifest(folder, inputs, language=language, versions=findings.versions)
