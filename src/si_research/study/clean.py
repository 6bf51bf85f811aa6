"""Cleaning alone: the ledger, the cleaned data in the forms that are asked for, and the proof of a ledger."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from si_research.errors import SurveyDataError
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.output import MANIFEST, hashes_below, hashes_of, replacing
from si_research.study.questions import check_selections
from si_research.survey.cleaning import clean_survey
from si_research.survey.flow import Flow, flow_of
from si_research.survey.ledger import Ledger, read_ledger
from si_research.survey.reading.several import read_surveys
from si_research.survey.replay import replay
from si_research.survey.screening.drop import drop_careless
from si_research.survey.seal import SEAL, seal_ledger
from si_research.survey.survey_data import Survey

Identifiers = Literal["leave-out", "pseudonyms"]
LEDGER: Final = "ledger.csv"
FOLDER: Final = "cleaned"
"""Folder for the outputs, beside the study file, when none is named."""


@dataclass(frozen=True, slots=True, eq=False)
class CleanedStudy:
    """What cleaning a study wrote.

    Attributes
    ----------
    folder : Path
        Where it stands.
    flow : Flow
        Who left at which step.
    n_rows : int
        Rows that stay.
    undecided : str
        What the codebook proposes and nobody decided on; empty where there is nothing of the kind.
    """

    folder: Path
    flow: Flow
    n_rows: int
    undecided: str = ""


def clean_study(
    place: str | Path,
    *,
    data: str | Path | None = None,
    output: str | Path | None = None,
    to: Sequence[str] = (),
    cells: bool = False,
    identifiers: Identifiers = "leave-out",
) -> CleanedStudy:
    """Read and clean the survey of a study, and write its ledger and the cleaned data.

    Use it to go on in another program, or to hand over the ledger; nothing is scored or tested.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    data : str or Path, optional
        Another data file than the study file names.
    output : str or Path, optional
        Folder for the outputs; by default ``cleaned`` beside the study file.
    to : sequence of str
        Names of files for the cleaned data, without a folder; the ending decides: .parquet, .csv, .xlsx or
        .sav.
    cells : bool
        Whether to write every cell that was changed, and every row that left, too. Those two files hold what
        respondents typed.
    identifiers : {"leave-out", "pseudonyms"}
        What becomes of columns that say who answered: they stay behind, or go out as pseudonyms made with the
        key of this machine.

    Returns
    -------
    CleanedStudy

    Raises
    ------
    SiResearchError
        For input that cannot be used, a name that will not do, or a folder that holds anything else; then
        nothing is written.
    """
    _check_names(to)
    inputs = read_inputs(place, data)
    target = Path(output) if output is not None else inputs.file.parent / FOLDER
    with replacing(target, made_by="clean") as folder:
        survey = _cleaned(inputs)
        ledger = seal_ledger(survey)
        ledger.to_csv(folder / LEDGER)
        for name in to:
            _write_data(folder / name, survey, inputs, identifiers)
        if cells:
            from si_research.survey.change_log import write_change_log

            write_change_log(folder, ledger, inputs.data, inputs.codebook)
        _write_manifest(folder, inputs)
    return CleanedStudy(target, flow_of(ledger), len(survey.values), survey.undecided)


def prove_ledger(ledger: str | Path, place: str | Path, *, data: str | Path | None = None) -> str:
    """Do a ledger again on the raw file of a study, and say in a line that it gives the same.

    Parameters
    ----------
    ledger : str or Path
        A ``ledger.csv`` of :func:`clean_study` or of a run.
    place, data
        As in :func:`clean_study`.

    Returns
    -------
    str
        The line.

    Raises
    ------
    SiResearchError
        Another file, another codebook, or a ledger that does not give the same: with the first difference.
    """
    recorded = read_ledger(Path(ledger))
    inputs = read_inputs(place, data)
    _refuse_unsealed(recorded, Path(ledger).name)
    survey = replay(recorded, inputs.data, inputs.codebook)
    rows, columns = survey.values.shape
    return f"same values, same reasons: {rows} rows, {columns} variables, after {len(recorded.steps)} steps"


def _refuse_unsealed(ledger: Ledger, name: str) -> None:
    if SEAL not in set(ledger.steps["step"]):
        raise SurveyDataError(
            expected="a ledger with a seal, which holds fingerprints of values and reasons",
            found="one without: it cannot be told whether they are the same",
            where=name,
            todo="give the ledger.csv of `si-research clean` or `si-research run`, whole and unchanged",
        )


def _cleaned(inputs: Inputs) -> Survey:
    survey = read_surveys(inputs.data, inputs.codebook)
    check_selections(inputs.study, inputs.codebook, survey)
    survey = clean_survey(survey, inputs.codebook, inputs.study.cleaning)
    if inputs.study.screening.drop is None:
        return survey
    return drop_careless(survey, inputs.codebook, inputs.study.screening)


def _check_names(names: Sequence[str]) -> None:
    """Refuse names with a folder, names that stand there twice and names of our own files."""
    own = {LEDGER, MANIFEST, "cells.parquet", "rows.parquet"}
    for name in names:
        if Path(name).name != name or name in own or names.count(name) > 1:
            raise SurveyDataError(
                expected="a file name of its own, without a folder, such as answers.sav",
                found=f"`{name}`" + (" twice" if names.count(name) > 1 else ""),
                where="--to",
                todo="name the folder with --output, and each file once",
            )


def _write_data(path: Path, survey: Survey, inputs: Inputs, identifiers: Identifiers) -> None:
    from si_research.survey.data_out import write_cleaned

    language = inputs.study.language
    if identifiers == "leave-out":
        write_cleaned(survey, inputs.codebook, path, language=language)
        return
    key = _key_of_pseudonyms(inputs.file.parent)
    write_cleaned(survey, inputs.codebook, path, language=language, identifiers="pseudonyms", key=key)


def _key_of_pseudonyms(study: Path) -> bytes:
    """Return the key of this machine; the first time it is made, outside every study."""
    from si_research.privacy.key_file import KEY_VARIABLE, default_key_path, make_key, read_key

    path = default_key_path()
    if path.exists() or KEY_VARIABLE in os.environ:
        return read_key(path, study=study)
    return make_key(path, study=study)


def _write_manifest(folder: Path, inputs: Inputs) -> None:
    """Write what went in and came out, with their hashes; last, because it holds those of the others."""
    manifest = {
        "made_by": "clean",
        "title": inputs.study.title,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("si-research", "numpy", "pandas", "pyarrow")},
        "inputs": hashes_of((inputs.file, inputs.codebook_path, *inputs.data)),
        "outputs": hashes_below(folder),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_bytes(text.encode("utf-8"))
