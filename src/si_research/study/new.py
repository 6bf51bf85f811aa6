"""A study folder to start from."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from si_research.errors import SurveyDataError
from si_research.study.study_file import StudyFile


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

        write_example(folder)
    else:
        _fill_template(folder)
    _write_schemas(folder)
    return folder


def _fill_template(folder: Path) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    template = files("si_research.study").joinpath("template")
    for entry in template.iterdir():
        target = ".gitignore" if entry.name == "gitignore" else entry.name
        (folder / target).write_bytes(entry.read_bytes())


def _write_schemas(folder: Path) -> None:
    """Write what lets an editor check both files while they are typed."""
    from si_research.survey.codebook import codebook_schema

    schemas = {"codebook": codebook_schema(), "study": StudyFile.model_json_schema()}
    for what, schema in schemas.items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{what}.schema.json").write_text(text, "utf-8")
