"""The three files of a study, read together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from si_research.errors import ProblemsError, SeveralFilesError, SurveyDataError
from si_research.study.study_file import StudyFile, read_study, study_path
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a study and what they hold; the survey itself is not read yet."""

    file: Path
    study: StudyFile
    codebook_path: Path
    codebook: Codebook
    data: tuple[Path, ...]


def read_inputs(place: str | Path, data: str | Path | None = None) -> Inputs:
    """Read the study file and the codebook.

    Raises
    ------
    SiResearchError
        With the problems of both, or because the survey file is not there.
    """
    file = study_path(place)
    try:
        study = read_study(file)
    except ProblemsError as refused:
        raise _with_those_of_the_codebook(refused, file) from None
    codebook_path = file.parent / study.codebook
    codebook = read_codebook(codebook_path)
    names = study.data_names if data is None else (str(data),)
    surveys = tuple(Path(name) if data is not None else file.parent / name for name in names)
    absent = [name for name, survey in zip(names, surveys, strict=True) if not survey.exists()]
    if absent:
        listed = ", ".join(absent)
        raise SurveyDataError(
            expected="a survey file",
            found="no file of that name",
            where=listed if data is not None else f"{listed}, which {file.name} names as `data`",
            todo="put the export there, or name another file with --data",
        )
    return Inputs(file, study, codebook_path, codebook, surveys)


def _with_those_of_the_codebook(refused: ProblemsError, file: Path) -> ProblemsError | SeveralFilesError:
    """Add the problems of the codebook that usually goes with a study file that cannot be read."""
    codebook = file.parent / "codebook.yml"
    if codebook == file or not codebook.exists():
        return refused
    try:
        read_codebook(codebook)
    except ProblemsError as more:
        return SeveralFilesError([refused, more])
    return refused
