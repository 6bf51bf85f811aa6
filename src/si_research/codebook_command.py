"""``si-research codebook``: a draft from a file, and the walk through what a person has to decide."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from si_research.errors import SurveyDataError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--confirm", is_flag=True, help="Decide on the proposals. FILE is a study folder or a codebook."
)
@click.option(
    "--output", type=click.Path(path_type=Path), default="codebook.yml", help="Where to write the draft."
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook with the answers.")
@click.option("--force", is_flag=True, help="Write over a codebook that is there.")
def codebook(file: Path, confirm: bool, output: Path, sheet: str | None, force: bool) -> None:
    """Draft a codebook from a survey FILE, or decide on its proposals (--confirm)."""
    if confirm and sheet is not None:
        raise click.UsageError("--sheet is for a draft; a codebook names the sheet under `source`")
    if confirm:
        from si_research.codebook_walk import walk_through

        walk_through(_codebook_path(file), file)
    else:
        _draft(file, output, force, sheet)


def _draft(file: Path, output: Path, force: bool, sheet: str | None) -> None:
    from si_research.codebook_walk import say_how_to_a_report
    from si_research.survey.codebook_writer import write_codebook
    from si_research.survey.drafting import describe_draft, draft_codebook
    from si_research.survey.drafting.heading import heading_for
    from si_research.survey.drafting.questions import open_questions
    from si_research.survey.reading import read_raw
    from si_research.survey.reading.excel_sheets import sheet_of

    if output.exists() and not force:
        raise SurveyDataError(
            expected="a name that is free",
            found="a file of that name",
            where=output.name,
            todo="choose another --output, or write over it with --force; nothing was changed",
        )
    if not output.parent.is_dir():
        raise SurveyDataError(
            expected="a folder that is there",
            found="none of that name",
            where=str(output.parent),
            todo="make the folder, or choose another --output; nothing was changed",
        )
    raw = read_raw(file, sheet_of(file, sheet))
    drafted = draft_codebook(raw)
    write_codebook(drafted, output, heading=heading_for(file), overwrite=force)
    for line in raw.facts.detected:
        click.echo(line)
    click.echo(f"Made {output}: {describe_draft(drafted)}")
    if open_questions(drafted):
        click.echo(f"Next: si-research codebook --confirm {shlex.quote(str(output))}")
        say_how_to_a_report(file, output, first="Then")
    else:
        say_how_to_a_report(file, output)


def codebook_of(place: Path) -> Path:
    """Return the codebook of a study, by its folder or its file; any other file is the codebook itself."""
    from si_research.study.study_file import STUDY_FILE, read_study, study_path

    if place.is_dir() or place.name == STUDY_FILE:
        study = study_path(place)
        return study.parent / read_study(study).codebook
    return place


def _codebook_path(place: Path) -> Path:
    from si_research.survey.reading.detect import SURVEY_ENDINGS
    from si_research.survey.reading.limesurvey_structure import is_structure, no_answers_in

    if (path := codebook_of(place)) != place:
        return path
    if place.is_file() and is_structure(place):
        raise no_answers_in(place, "a study folder or a codebook, to decide on")
    if place.is_file() and place.suffix.casefold() in SURVEY_ENDINGS:
        raise SurveyDataError(
            expected="a study folder or a codebook, to decide on",
            found="a survey file",
            where=place.name,
            todo=f"draft a codebook first: si-research codebook {shlex.quote(str(place))}",
        )
    return place
