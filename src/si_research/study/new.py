"""A study folder to start from."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

from si_research.errors import SurveyDataError
from si_research.study.study_file import StudyFile


def new_study(
    name: str | Path,
    *,
    example: bool = False,
    questionnaire: bool = False,
    data: str | Path | None = None,
    codebook: str | Path | None = None,
    sheet: str | None = None,
) -> Path:
    """Make a study folder to start from.

    Parameters
    ----------
    name : str or Path
        A folder that does not exist yet, or is empty.
    example : bool
        Fill it with the synthetic example survey instead of templates.
    questionnaire : bool
        Fill it with the starter questionnaire (not validated), ready for LimeSurvey, KoboToolbox and ODK,
        and with the codebook and study file that read what comes back.
    data : str or Path, optional
        A survey file: it is copied into the folder, and the codebook is drafted from it.
    codebook : str or Path, optional
        With ``data``: a codebook to copy instead of a draft, or the structure of a LimeSurvey questionnaire
        (``.lss``, ``.lsg``, ``.lsq``, tab-separated) to make it of.
    sheet : str, optional
        With ``data``, to draft from: the sheet of a workbook that holds the answers.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SurveyDataError
        When something is there already, the survey file cannot be read, or more than one of the three is
        asked for; then nothing is made.
    """
    if example + questionnaire + (data is not None) > 1:
        raise SurveyDataError(
            expected="one of --data, --example and --questionnaire",
            found="several",
            where=Path(name).name,
            todo="make a folder for each; what comes back of the questionnaire belongs in its `data` folder, "
            "named in its study.yml; nothing was made",
        )
    folder = Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SurveyDataError(
            expected="a name that is free, or an empty folder",
            found="something of that name",
            where=folder.name,
            todo="choose another name; nothing was changed",
        )
    if data is not None:
        _fill_with(folder, Path(data), None if codebook is None else Path(codebook), sheet)
    elif example:
        from si_research.simulation.example import write_example

        write_example(folder)
    elif questionnaire:
        from si_research.survey.questionnaire import starter_questionnaire, write_questionnaire

        _fill_template(folder, "questionnaire_template")
        write_questionnaire(starter_questionnaire(), folder)
    else:
        _fill_template(folder)
    _write_schemas(folder)
    return folder


def _fill_template(folder: Path, name: str = "template") -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    template = files("si_research.study").joinpath(name)
    for entry in template.iterdir():
        target = ".gitignore" if entry.name == "gitignore" else entry.name
        (folder / target).write_bytes(entry.read_bytes())


def _fill_with(folder: Path, data: Path, given: Path | None, sheet: str | None) -> None:
    """Fill a folder with a copy of a survey file, a study that names it, and its codebook."""
    from si_research.survey.codebook_file import read_codebook
    from si_research.survey.codebook_writer import codebook_text
    from si_research.survey.drafting import draft_codebook
    from si_research.survey.drafting.heading import HEADING
    from si_research.survey.drafting.names import readable_title
    from si_research.survey.exchange import read_exchanged
    from si_research.survey.reading import read_raw
    from si_research.survey.reading.excel_sheets import sheet_of
    from si_research.survey.reading.limesurvey_structure import is_structure

    if given is None:
        text = codebook_text(draft_codebook(read_raw(data, sheet_of(data, sheet))), HEADING)
    elif is_structure(given):
        read_raw(data)
        made = read_exchanged(given)
        text = codebook_text(made.codebook, (HEADING[0], *made.heading(given.name), HEADING[2]))
    else:
        read_raw(data, read_codebook(given).source)
        text = given.read_text("utf-8")
    _fill_template(folder)
    for file in (data, *_beside(data)):
        shutil.copyfile(file, folder / "data" / file.name)
    (folder / "codebook.yml").write_text(text, "utf-8", newline="\n")
    study = folder / "study.yml"
    lines = study.read_text("utf-8").splitlines()
    named = json.dumps(f"data/{data.name}", ensure_ascii=False)  # a name may hold what YAML reads otherwise
    title = json.dumps(readable_title(folder.resolve().name), ensure_ascii=False)
    ours = {"data:": f"data: {named}", "title:": f"title: {title}"}
    lines = [next((mine for key, mine in ours.items() if line.startswith(key)), line) for line in lines]
    study.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


def _beside(data: Path) -> list[Path]:
    """Return the other half of an export in two files: text beside SPSS syntax, or the syntax."""
    pairs = {".sps": (".dat", ".csv", ".txt"), ".dat": (".sps",)}
    return [other for end in pairs.get(data.suffix.lower(), ()) if (other := data.with_suffix(end)).is_file()]


def _write_schemas(folder: Path) -> None:
    """Write what lets an editor check both files while they are typed."""
    from si_research.survey.codebook import codebook_schema

    schemas = {"codebook": codebook_schema(), "study": StudyFile.model_json_schema()}
    for what, schema in schemas.items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{what}.schema.json").write_text(text, "utf-8")
