"""The door out: cleaned data as Parquet, CSV, Excel or SPSS, each with labels and missing reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final, Literal

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_writer import codebook_text
from si_research.survey.data_out.outgoing import Outgoing, outgoing_of, schema_beside
from si_research.survey.survey_data import Survey
from si_research.survey.whole_file import writing_whole

Language = Literal["nl", "en"]
Identifiers = Literal["leave_out", "pseudonyms"]
_Writer = Callable[[Outgoing, Path, Language], Codebook]
_WRITERS: Final[Mapping[str, str]] = {
    ".parquet": "parquet",
    ".csv": "delimited",
    ".xlsx": "excel",
    ".sav": "spss",
}


@dataclass(frozen=True, slots=True)
class CleanedFiles:
    """What was written.

    Attributes
    ----------
    data : Path
        The data.
    files : tuple of Path
        All files: the data, the codebook that reads them back (``NAME.csv.codebook.yml``), and for
        CSV a Table Schema (``NAME.csv.schema.json``).
    codebook : Codebook
        That codebook.
    n_rows : int
        Respondents.
    left_out : tuple of str
        Identifiers, and other texts that tell people apart, that stayed behind.
    """

    data: Path
    files: tuple[Path, ...]
    codebook: Codebook = field(repr=False)
    n_rows: int
    left_out: tuple[str, ...]

    def __str__(self) -> str:
        behind = f"; left out: {', '.join(self.left_out)}" if self.left_out else ""
        return f"{self.data.name}: {self.n_rows} respondents{behind}"


def write_cleaned(
    survey: Survey,
    codebook: Codebook,
    path: Path | str,
    *,
    language: Language = "nl",
    identifiers: Identifiers = "leave_out",
    key: bytes | None = None,
    overwrite: bool = False,
) -> CleanedFiles:
    """Write a survey with its labels and missing reasons, in the form that the ending of the name asks for.

    To go on in another program, or to archive what a study stands on. The ledger is not in it.

    Parameters
    ----------
    survey : Survey
        As read, or cleaned: what it holds is written.
    codebook : Codebook
        The codebook it was read with.
    path : path
        Ends in ``.parquet``, ``.csv``, ``.xlsx`` or ``.sav``.
    language : {"nl", "en"}
        Of the labels, where the codebook has both.
    identifiers : {"leave_out", "pseudonyms"}
        Whether variables of kind identifier stay behind, or leave as pseudonyms.
    key : bytes, optional
        The key of the pseudonyms, from :func:`si_research.privacy.pseudonyms.read_key`.
    overwrite : bool
        Whether files of these names may be replaced.

    Returns
    -------
    CleanedFiles
        With the codebook by which ``read_survey`` has the same values and reasons back, but for what Excel
        cannot hold (below).

    Raises
    ------
    SurveyDataError
        Another ending, a file of that name, or data that do not go into such a file.

    Notes
    -----
    Items stand as they were answered: a reversed item is turned when it is scored, not here. Numbers are
    numbers, categories are text, and identifiers stay behind unless pseudonyms are wanted. Texts of which at
    least 90 % of 20 or more differ stay behind too, since they tell people apart, unless the codebook says
    `allow_personal`, or they are the organisation or team.

    Parquet, CSV and Excel: an answer that is missing is an empty cell, and a column ``NAME__reason`` says
    why, in words that need no key (``does_not_know``). Each column that lacks an answer has one. Parquet
    holds the codebook as a Table Schema in its metadata too. In Excel no text is ever a formula;
    it keeps 15 to 16 digits of a number, and an end of line inside a text comes back as LF.

    SPSS: in numbers a reason is a code from -91 (not asked) to -99, declared user-missing and labelled; where
    such a number occurs, the codes are -991 to -999, and so on. Texts are empty, with ``NAME__reason``.
    """
    path = Path(path)
    module = _WRITERS.get(path.suffix.lower())
    if module is None:
        raise SurveyDataError(
            expected=f"a name that ends in {', '.join(_WRITERS)}",
            found=f"`{path.suffix}`" if path.suffix else "a name without an ending",
            where=path.name,
            todo="give the name the ending of the form that you want",
        )
    writer: _Writer = getattr(import_module(f"si_research.survey.data_out.{module}"), f"write_{module}")
    outgoing = outgoing_of(survey, codebook, _key_of(identifiers, key, path))
    files = _files(path)
    with writing_whole(files, overwrite=overwrite) as places:
        written = writer(outgoing, places[0], language)
        places[1].write_text(codebook_text(written, _heading(path, outgoing)), "utf-8", newline="\n")
    return CleanedFiles(path, files, written, len(outgoing.values), outgoing.left_out)


def _key_of(identifiers: Identifiers, key: bytes | None, path: Path) -> bytes | None:
    """Return the key where pseudonyms are wanted; raise where there is none."""
    if identifiers == "pseudonyms" and key is None:
        raise SurveyDataError(
            expected="a key for the pseudonyms",
            found="none",
            where=path.name,
            todo="read one with `read_key`, or leave identifiers out",
        )
    return key if identifiers == "pseudonyms" else None


def _files(path: Path) -> tuple[Path, ...]:
    beside = (schema_beside(path),) if path.suffix.lower() == ".csv" else ()
    return (path, codebook_beside(path), *beside)


def codebook_beside(path: Path) -> Path:
    """Return the name of the codebook that goes with a data file.

    Examples
    --------
    >>> codebook_beside(Path("cleaned.sav")).name
    'cleaned.sav.codebook.yml'
    """
    return path.with_name(f"{path.name}.codebook.yml")


def _heading(path: Path, outgoing: Outgoing) -> list[str]:
    lines = [f"The codebook of {path.name}: cleaned data, which are no raw file."]
    if outgoing.left_out:
        lines.append(f"Left out as identifiers: {', '.join(outgoing.left_out)}.")
    return lines
