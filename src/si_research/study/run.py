"""A whole study: read, clean, score, test, report; written at once or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from si_research.errors import SurveyDataError
from si_research.privacy.profiles import disclosing, profile_in_force, profile_named
from si_research.report.withheld import Withheld, logging_withheld, withheld_table
from si_research.study.after_refusal import what_would_help
from si_research.study.analysis import Progress, analyse_study
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.manifest import write_manifest
from si_research.study.output import replacing
from si_research.survey.codebook import ROLE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from si_research.report.findings import Refusal, StudyFindings

WAVE, RESPONDENT = ROLE_COLUMNS["wave"], ROLE_COLUMNS["respondent"]
WITHHELD: Final = "withheld_from_publication.csv"


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
    withheld : Path or None
        Of a publication: the log of what it withholds, beside the raw file and as confidential.
    """

    report: Path
    refusal: Refusal | None
    findings: StudyFindings
    what_would_help: tuple[str, ...] = ()
    withheld: Path | None = None


def run_study(
    place: str | Path,
    *,
    data: str | Path | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    profile: str = "internal",
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
    profile : {"internal", "publication"}
        For whom the outputs are. A publication stands in a folder of its own (``output_publication``), tells
        nothing of fewer than ten people, and rounds numbers of people (decision 0017).
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
    meant, spoken = profile_named(profile), language or inputs.study.language
    made_by = f"run --profile {profile}" if meant.is_coarse else "run"
    own = f"{inputs.study.output}_{profile}" if meant.is_coarse else inputs.study.output
    target = Path(output) if output is not None else inputs.file.parent / own
    with disclosing(meant), logging_withheld() as log, replacing(target, made_by) as folder:
        findings = analyse_study(inputs.study, inputs.codebook, inputs.data, tell)
        if meant.is_coarse:
            _check_one_answer_a_person(findings.scores.table_)
        with disclosing(meant, people=_everybody(findings)):
            _write(folder, findings, inputs, spoken, tell, None if made_by == "run" else made_by)
        withheld = _write_log(log, inputs) if meant.is_coarse else None
    tell("done", 1.0)
    refusal = findings.refusal
    helps: tuple[str, ...] = ()
    if refusal is not None:
        helps = (*what_would_help(refusal, inputs.codebook, findings.direction, place),)
    return StudyOutcome(target / "report.html", refusal, findings, helps, withheld)


def _check_one_answer_a_person(table: pd.DataFrame) -> None:
    """Refuse to publish waves of the same people together: ten answers may be those of five people."""
    n_waves = table[WAVE].dropna().nunique() if WAVE in table else 1
    all_differ = RESPONDENT in table and table[RESPONDENT].is_unique
    if n_waves > 1 and not all_differ:
        raise SurveyDataError(
            expected="one answer a person: a publication hides groups of fewer than ten people",
            found=f"{n_waves} waves together, which the same people may have answered",
            where="the scores after cleaning",
            todo="choose one wave with `select`, under `cleaning` in study.yml",
        )


def _everybody(findings: StudyFindings) -> int:
    """Return how many people there are; the rows of the file, where the cleaning left out few."""
    n, offered = len(findings.scores.table_), int(findings.ledger.steps["rows_before"].iloc[0])
    return offered if 0 < offered - n < profile_in_force().smallest_cell else n


def _write(
    folder: Path,
    findings: StudyFindings,
    inputs: Inputs,
    language: str,
    tell: Progress,
    made_by: str | None,
) -> None:
    """Write every output; the manifest last, because it holds the hashes of the others."""
    from si_research.report.figures import write_figures
    from si_research.report.html import render_report
    from si_research.report.published import ledger_text
    from si_research.report.results_json import results_json

    tell("drawing", 0.7)
    pictures = write_figures(findings, folder / "figures", language)
    tell("writing", 0.85)
    page = render_report(findings, language, pictures=pictures)
    (folder / "report.html").write_bytes(page.encode("utf-8"))
    (folder / "results.json").write_bytes(results_json(findings, language).encode("utf-8"))
    if made_by is None:
        findings.ledger.to_csv(folder / "ledger.csv")
    else:
        (folder / "ledger.csv").write_bytes(ledger_text(findings))
    write_manifest(folder, inputs, language=language, versions=findings.versions, made_by=made_by)


def _write_log(log: Counter[Withheld], inputs: Inputs) -> Path:
    """Write what a publication withholds beside the raw file: it holds the true numbers."""
    place = inputs.data[0].resolve().parent / WITHHELD
    text = withheld_table(log).to_csv(index=False, lineterminator="\n")
    try:
        place.write_bytes(text.encode("utf-8"))
    except OSError:
        raise SurveyDataError(
            expected=f"room for {WITHHELD}, the log of what a publication withholds, beside the raw file",
            found="no right to write it there, or a folder of that name",
            where=inputs.data[0].name,
            todo="put a copy of the raw file where you may write, and name it with --data",
        ) from None
    return place
