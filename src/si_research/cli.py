"""``si-research``: the command line. Every command is thin; the work is done by ``study``.

Exit codes: 0 an answer, 2 bad input, 3 a refusal (the report says what is missing), 1 a fault of ours.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from si_research.codebook_command import codebook, codebook_of
from si_research.errors import SiResearchError

if TYPE_CHECKING:
    from si_research.study.analysis import Progress

EXIT_FAULT, EXIT_REFUSAL = 1, 3
LANGUAGES = click.Choice(["nl", "en"])
PROFILES = click.Choice(["internal", "publication"])


class Group(click.Group):
    """A group whose commands end in one clear message instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn the toolkit's own errors into their message and exit code."""
        try:
            return super().invoke(ctx)
        except SiResearchError as error:
            click.echo(f"si-research cannot go on.\n{error}", err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own to end; of a pipe that nobody reads (`| head`) it says nothing
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            click.echo(
                f"si-research met a fault of its own ({type(error).__name__}). Nothing was written.\n"
                "Run again with `si-research --debug ...` and report what it shows; "
                "read it first: it may hold parts of your data.",
                err=True,
            )
            ctx.exit(EXIT_FAULT)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="si-research", prog_name="si-research")
@click.option("--debug", is_flag=True, help="Show the traceback of a fault.")
def main(debug: bool) -> None:
    """Test whether people innovate when they kunnen, willen and mogen.

    From a survey export to a report:

    \b
      si-research new my-study --data export.csv   a study, with a draft of its codebook
      si-research codebook --confirm my-study      decide on what the draft proposes
      si-research check my-study                   what is wrong, and what a run will do
      si-research run my-study                     the report
      si-research diagnose my-study                a page an organisation
      si-research evaluate my-study                a page on a scheme
    """
    del debug  # read from the context by Group.invoke


@main.command()
@click.argument("name", type=click.Path(path_type=Path))
@click.option(
    "--data", type=click.Path(path_type=Path), help="A survey export: copied, and its codebook drafted."
)
@click.option(
    "--codebook",
    type=click.Path(path_type=Path),
    help="With --data: a codebook, or a LimeSurvey structure, instead of a draft.",
)
@click.option("--sheet", metavar="NAME", help="With --data: the sheet of a workbook with the answers.")
@click.option("--example", is_flag=True, help="Fill the folder with the synthetic example survey.")
@click.option("--questionnaire", is_flag=True, help="Fill it with a questionnaire to field (not validated).")
def new(
    name: Path,
    data: Path | None,
    codebook: Path | None,
    sheet: str | None,
    example: bool,
    questionnaire: bool,
) -> None:
    """Make a study folder to start from."""
    from si_research.study.new import new_study

    if codebook is not None and data is None:
        raise click.UsageError("--codebook goes with --data: the survey file that it describes")
    if sheet is not None and (data is None or codebook is not None):
        raise click.UsageError("--sheet goes with --data, to draft from; a codebook names it under `source`")
    new_study(name, example=example, questionnaire=questionnaire, data=data, codebook=codebook, sheet=sheet)
    typed = shlex.quote(str(name))
    click.echo(f"Made {name}.")
    if data is not None:
        _say_what_is_asked(name, "Its codebook" if codebook is not None else "Its codebook is a draft")
    elif questionnaire:
        click.echo("The questionnaire is not validated; README.md says what that would need.")
        click.echo(f"Next: import {name / 'questionnaire_limesurvey.txt'} in LimeSurvey, or")
        click.echo(f"{name / 'questionnaire_xlsform.xlsx'} in KoboToolbox or ODK;")
        click.echo(f"put the export in {name / 'data'} and name it in {name / 'study.yml'}.")
        click.echo(f"Then: si-research check {typed}")
    elif not example:
        click.echo(f"Next: put the survey export in {name / 'data'}, name it in {name / 'study.yml'},")
        click.echo(f"and say in {name / 'codebook.yml'} what its columns mean.")
        click.echo(f"Then: si-research check {typed}")
    else:
        click.echo(f"Next: si-research check {typed}, then si-research run {typed}")


def _say_what_is_asked(study: Path, what: str) -> None:
    from si_research.survey.codebook_file import read_codebook
    from si_research.survey.drafting import describe_draft
    from si_research.survey.drafting.questions import open_questions
    from si_research.survey.exchange.imported import NOT_UNDERSTOOD

    book, typed = read_codebook(study / "codebook.yml"), shlex.quote(str(study))
    click.echo(f"{what}: {describe_draft(book)}")
    for line in (study / "codebook.yml").read_text("utf-8").splitlines():
        if line.startswith(f"# {NOT_UNDERSTOOD}"):
            click.echo(line.removeprefix("# "))
    if open_questions(book):
        click.echo(f"Next: si-research codebook --confirm {typed}")
        click.echo(f"Then: si-research check {typed}, and si-research run {typed}")
    else:
        click.echo(f"Next: si-research check {typed}, and then si-research run {typed}")


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default=".")
@click.option("--data", type=click.Path(path_type=Path), help="Another data file than study.yml names.")
@click.option(
    "--twin",
    type=click.Path(path_type=Path),
    help="Compare only: the same survey exported as texts or numbers.",
)
def check(study: Path, data: Path | None, twin: Path | None) -> None:
    """Hold study.yml and codebook.yml against the survey file. STUDY is a folder or a study.yml."""
    from si_research.study.check import check_study
    from si_research.study.twin import check_twin

    result = check_study(study, data=data) if twin is None else check_twin(study, twin, data=data)
    click.echo(result.text)
    if not result.passed:
        sys.exit(EXIT_REFUSAL)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default=".")
@click.option("--data", type=click.Path(path_type=Path), help="Another data file than study.yml names.")
@click.option("--output", type=click.Path(path_type=Path), help="Another folder for the outputs.")
@click.option("--language", type=LANGUAGES, help="Language of the report; default as study.yml says.")
@click.option("--profile", type=PROFILES, default="internal", help="Whom the report is for.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def run(study: Path, quiet: bool, **asked: Any) -> None:
    """Do everything: read, clean, score, test, report. STUDY is a folder or a study.yml."""
    with _progress(quiet) as progress:
        from si_research.study.run import run_study  # what it needs takes seconds to load

        outcome = run_study(study, progress=progress, **asked)
    if not quiet:
        if outcome.refusal is not None:
            click.echo("This file cannot answer the question; the report says what is missing.")
            for line in outcome.what_would_help:
                click.echo(line)
        click.echo(f"report: {_shown(outcome.report)}")
        if outcome.withheld is not None:
            click.echo(f"withheld, as confidential as the raw file: {_shown(outcome.withheld)}")
    if outcome.refusal is not None:
        sys.exit(EXIT_REFUSAL)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default=".")
@click.option("--target", type=float, help="A level of the outcome, in scale points, to aim at.")
@click.option("--data", type=click.Path(path_type=Path), help="Another data file than study.yml names.")
@click.option("--output", type=click.Path(path_type=Path), help="Another folder than `diagnosis`.")
@click.option("--wave", help="Which of several waves; default the latest.")
@click.option("--size-class", type=click.Choice(["cbs", "rvo"]), default="cbs", help="Whose size classes.")
@click.option("--profile", type=PROFILES, default="internal", help="Whom the pages are for.")
@click.option("--language", type=LANGUAGES, help="Language of the pages; default as study.yml says.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def diagnose(study: Path, quiet: bool, **asked: Any) -> None:
    """Write a page on the bottleneck of each organisation. STUDY is a folder or a study.yml."""
    with _progress(quiet) as progress:
        from si_research.study.diagnose import diagnose_study

        done = diagnose_study(study, progress=progress, **asked)
    if not quiet:
        click.echo(f"pages of {done.n_pages} organisations; all of them: {_shown(done.index)}")


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default=".")
@click.option("--after", metavar="WAVE", help="The first wave after the start, if there are over two.")
@click.option("--cost", type=float, help="Mean cost of an organisation with the scheme.")
@click.option("--data", type=click.Path(path_type=Path), help="Another data file than study.yml names.")
@click.option("--output", type=click.Path(path_type=Path), help="Another folder than `evaluation`.")
@click.option("--profile", type=PROFILES, default="internal", help="Whom the pages are for.")
@click.option("--language", type=LANGUAGES, help="Language of the page; default as study.yml says.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def evaluate(study: Path, quiet: bool, **asked: Any) -> None:
    """Write a page on what a scheme for organisations did. STUDY is a folder or a study.yml."""
    with _progress(quiet) as progress:
        from si_research.study.evaluate import evaluate_study

        done = evaluate_study(study, progress=progress, **asked)
    if not quiet:
        if done.refused:
            click.echo("This file cannot say whether the scheme worked; the page says what is missing.")
        click.echo(f"page: {_shown(done.page)}")
    if done.refused:
        sys.exit(EXIT_REFUSAL)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default=".")
@click.option("--to", multiple=True, metavar="FILE", help="Cleaned data as .parquet, .csv, .xlsx or .sav.")
@click.option("--cells", is_flag=True, help="Log every changed cell too; it holds what people typed.")
@click.option("--identifiers", type=click.Choice(["leave-out", "pseudonyms"]), default="leave-out")
@click.option("--data", type=click.Path(path_type=Path), help="Another data file than study.yml names.")
@click.option("--output", type=click.Path(path_type=Path), help="Another folder than `cleaned`.")
@click.option("--replay", type=click.Path(path_type=Path), metavar="LEDGER", help="Prove a ledger instead.")
def clean(study: Path, replay: Path | None, **asked: Any) -> None:
    """Read and clean, and write the ledger and the cleaned data; or prove a ledger with --replay.

    STUDY is a folder or a study.yml. FILE is a name without a folder, and may be given several times.
    """
    from si_research.study.clean import clean_study, prove_ledger

    if replay is not None:
        if asked["to"] or asked["cells"] or asked["output"]:
            raise click.UsageError("--replay writes nothing: leave out --to, --cells and --output")
        click.echo(prove_ledger(replay, study, data=asked["data"]))
        return
    done = clean_study(study, **asked)
    click.echo(str(done.flow))
    if done.undecided:
        click.echo(f"not decided on: {done.undecided}")
    click.echo(f"outputs: {_shown(done.folder)}")
    if not asked["to"]:
        click.echo("The cleaned data are not among them; `--to cleaned.csv` writes them too.")
    if asked["cells"]:
        click.echo(
            "cells.parquet and rows.parquet hold what people typed: keep them as you keep the raw file."
        )


main.add_command(codebook)


@main.command()
@click.argument("codebook", type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Choice(["codebook", "table-schema", "xlsform", "ddi"]))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The file to make.")
@click.option("--language", type=LANGUAGES, default="nl", help="Of labels, where a form holds only one.")
def exchange(codebook: Path, to: str, output: Path, language: str) -> None:
    """Turn a codebook into what other tools read, or back.

    CODEBOOK is a codebook (.yml), the folder of a study, a Table Schema (.json), an XLSForm (.xlsx) or the
    structure of a LimeSurvey questionnaire (.lss, .lsg, .lsq, tab-separated .txt or .tsv).
    """
    from si_research.survey.drafting.questions import open_questions
    from si_research.survey.exchange import exchange_codebook

    read = exchange_codebook(codebook_of(codebook), to, output, language=language)  # type: ignore[arg-type]
    click.echo(f"{read}\nMade {_shown(output)}.")
    if to == "codebook" and open_questions(read.codebook):
        click.echo(f"Next: si-research codebook --confirm {shlex.quote(str(output))}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell (bash: `eval "$(si-research completion bash)"`)."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None, shell
    click.echo(found(main, {}, "si-research", "_SI_RESEARCH_COMPLETE").source())


def _shown(path: Path) -> str:
    """A path as the user would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _progress(quiet: bool) -> AbstractContextManager[Progress | None]:
    """A progress bar with the time left, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        return nullcontext(None)
    return _Bar()


class _Bar:
    """The bar of rich behind the plain callback that the study calls."""

    def __enter__(self) -> Callable[[str, float], None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description:<22}"), BarColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self.bar.start()
        self.task = self.bar.add_task("starting", total=1.0)
        return lambda step, done: self.bar.update(self.task, description=step, completed=done)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


if __name__ == "__main__":
    main(prog_name="si-research")
