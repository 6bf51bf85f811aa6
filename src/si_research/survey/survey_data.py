"""What a survey is on its way to scores: the raw file, and the answers with their ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final, Literal, get_args

import pandas as pd

from si_research.privacy.finding import IdentifierFinding
from si_research.privacy.stored_moments import StoredMoment
from si_research.survey.codebook import MissingReason, SourceOptions, SourceTool
from si_research.survey.ledger import Ledger, Tally

SourceKind = Literal["delimited", "excel", "spss", "spss_syntax", "stata", "parquet"]
SystemRole = Literal[
    "respondent",
    "started",
    "submitted",
    "recorded",
    "duration",
    "timing",
    "progress",
    "page",
    "finished",
    "status",
    "language",
    "ip_address",
    "location",
    "name",
    "email",
    "device",
    "other",
]
"""What a column that the survey tool adds by itself is about; none of them is a question."""
REASONS: Final[tuple[MissingReason, ...]] = get_args(MissingReason)
REASON_DTYPE: Final = pd.CategoricalDtype(list(REASONS))
REASON_LABELS: Final[Mapping[MissingReason, str]] = {
    reason: f"missing: {reason.replace('_', ' ')}" for reason in REASONS
}
"""How a code that stands for a reason is labelled in data written by ``write_cleaned``."""
REASON_SUFFIX: Final = "__reason"
"""Ends the name of a column that says why another has no answer, in data written by ``write_cleaned``."""
Code = float | str
"""A value as it stands in a file: a number, or a text."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of the file that was read. Names the file, never its folder.

    Attributes
    ----------
    name : str
        File name.
    kind : str
        ``delimited``, ``excel``, ``spss``, ``spss_syntax`` (text with its syntax beside it), ``stata`` or
        ``parquet``.
    sha256 : str
        Hash of the file, as hexadecimal digits.
    n_bytes, n_rows, n_columns : int
        Size of the file; rows without the header.
    encoding, separator, decimal, sheet : str or None
        How the file is written, where that applies.
    header_row : int
        Row that names the columns, counted from 1.
    tool : str
        The survey tool that wrote it, or ``plain``.
    detected : tuple of str
        What the reading found out or had to decide, a sentence each.
    repairs : Mapping of str to int
        What was mended or passed over, counted: ``renamed`` (columns whose name stands there twice),
        ``unnamed`` (columns without a name), ``rows_above`` (titles and texts above the answers),
        ``blank_rows`` (rows without any cell), ``rows_below`` (totals and notes).
        What did not occur is not there.
    """

    name: str
    kind: SourceKind
    sha256: str
    n_bytes: int
    n_rows: int
    n_columns: int
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    header_row: int = 1
    tool: SourceTool = "plain"
    detected: tuple[str, ...] = ()
    repairs: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class FilePart:
    """One of several files that were read as one: its facts, its rows there, and what its columns are called.

    Attributes
    ----------
    facts : SourceFacts
        The file by itself.
    options : SourceOptions
        How to read it again in the same way.
    first_row, last_row : int
        Its rows in the whole.
    columns : tuple of str
        The name of each of its columns in the whole, in the order of the file.
    """

    facts: SourceFacts
    options: SourceOptions
    first_row: int
    last_row: int
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file name."""
        return self.facts.name


@dataclass(frozen=True, slots=True, eq=False)
class RawSurvey:
    """A survey file as it stands: nothing recoded, nothing dropped. Made by :func:`read_raw`.

    Attributes
    ----------
    frame : pandas.DataFrame
        All columns; index = row in the file, the first row of data is 1. Delimited text: text.
        Excel: numbers where the cell holds a number, else text. SPSS, Stata and Parquet: numbers
        or text a column; Stata's extended missing values are the texts ``.a`` to ``.z``.
    facts : SourceFacts
        Where it comes from.
    options : SourceOptions
        How to read it again in the same way: as stated, with what was detected filled in.
    stated : SourceOptions
        How to read it, without what was detected: what a draft of its codebook repeats.
    value_labels : Mapping of str to Mapping
        By column: the labels that the file itself gives to its codes.
    missing_ranges : Mapping of str to tuple
        By column: the values that the file itself declares missing, each as (lowest, highest).
    error_cells : Mapping of str to tuple of str
        By column: the texts that stand for a cell that the spreadsheet could not work out.
    repeated : tuple of str
        Column names that stand more than once in the file.
    texts : Mapping of str to str
        By column: the question as asked, where the file says so.
    roles : Mapping of str to str
        By column that the survey tool adds: what it is about.
    parts : tuple of FilePart
        The files behind it, where several were joined; empty for one file.
    top : tuple of tuple of str
        The first rows of a text file or sheet as they stand, the header among them: to say where the names
        are when they are not where they were looked for. Empty for other files.
    withheld : Mapping of str to str
        By column: a header or question that tells of a person. To find the column again, and shown nowhere.
    moments : Mapping of str to str
        By column of SPSS or Stata that the file shows as a date or time: what its numbers count.
    """

    frame: pd.DataFrame = field(repr=False)
    facts: SourceFacts
    options: SourceOptions
    value_labels: Mapping[str, Mapping[Code, str]] = field(default_factory=dict, repr=False)
    missing_ranges: Mapping[str, tuple[tuple[Code, Code], ...]] = field(default_factory=dict, repr=False)
    error_cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    repeated: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    roles: Mapping[str, SystemRole] = field(default_factory=dict, repr=False)
    parts: tuple[FilePart, ...] = field(default=(), repr=False)
    top: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    withheld: Mapping[str, str] = field(default_factory=dict, repr=False)
    stated: SourceOptions = field(default_factory=SourceOptions)
    moments: Mapping[str, StoredMoment] = field(default_factory=dict, repr=False)

    @property
    def asked(self) -> dict[str, str]:
        """The question of each column, also where it is withheld: to recognise a column by, never to show."""
        return {**self.withheld, **self.texts}

    def table(self) -> pd.DataFrame:
        """Return one row a column: its name, how many cells are filled and how many differ."""
        filled = [(self.frame[name].notna() & (self.frame[name] != "")).sum() for name in self.frame]
        distinct = [self.frame[name].nunique() for name in self.frame]
        return pd.DataFrame({"column": list(self.frame), "n_filled": filled, "n_distinct": distinct})

    def __str__(self) -> str:
        facts = self.facts
        return f"{facts.name}: {facts.n_rows} rows, {facts.n_columns} columns ({facts.kind})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def rename_columns(raw: RawSurvey, names: Mapping[str, str]) -> RawSurvey:
    """Return a file with its columns under other names; what is known of each goes along.

    Parameters
    ----------
    raw : RawSurvey
    names : Mapping of str to str
        For every column its new name.
    """

    def by_new_name(part: Mapping[str, Any]) -> dict[str, Any]:
        return {names[name]: value for name, value in part.items()}

    return replace(
        raw,
        frame=raw.frame.set_axis([names[str(name)] for name in raw.frame], axis=1),
        value_labels=by_new_name(raw.value_labels),
        missing_ranges=by_new_name(raw.missing_ranges),
        error_cells=by_new_name(raw.error_cells),
        texts=by_new_name(raw.texts),
        roles=by_new_name(raw.roles),
        withheld=by_new_name(raw.withheld),
        moments=by_new_name(raw.moments),
    )


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """Who could be told from the columns of the file; never a value.

    Attributes
    ----------
    n_outside : int
        Columns that the codebook does not name, and that come into no output.
    kept_out, let_in : tuple of IdentifierFinding
        What tells of a person among these, and among the columns that the codebook names.
    """

    n_outside: int = 0
    kept_out: tuple[IdentifierFinding, ...] = ()
    let_in: tuple[IdentifierFinding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Answers by the names of the codebook, with the reason of each one that is missing.

    Made by :func:`read_survey`; each cleaning step returns a new one.

    Attributes
    ----------
    values : pandas.DataFrame
        Index ``row`` = row in the file (the first row of data is 1), or that row with its wave, as
        ``12 (t2)``, where the file holds the waves side by side; one column an item or
        variable. Items and numbers are float64, categories and identifiers text.
    reasons : pandas.DataFrame
        Same shape, categories of ``REASONS``: why the answer is missing, or nothing where there is one.
    facts : SourceFacts
        The file behind it.
    ledger : Ledger
        Every step since the file was read.
    responses : pandas.DataFrame or None
        What the survey tool says of each response in the file: kind, finished, response_id, recorded,
        duration (s); and wave, where the file holds the waves side by side. None for a file without
        columns of a tool.
    door : AtTheDoor
        Which columns of the file stayed outside, and what of them tells of a person.
    undecided : str
        What the codebook proposes and nobody decided on; empty where there is nothing of the kind.
    """

    values: pd.DataFrame = field(repr=False)
    reasons: pd.DataFrame = field(repr=False)
    facts: SourceFacts
    ledger: Ledger = field(repr=False)
    responses: pd.DataFrame | None = field(default=None, repr=False)
    door: AtTheDoor = AtTheDoor()
    undecided: str = ""

    def table(self) -> pd.DataFrame:
        """Return one row a variable: how many answered, and how many not, by reason."""
        counts = {name: self.reasons[name].value_counts().reindex(REASONS) for name in self.reasons}
        table = pd.DataFrame(counts, index=list(REASONS)).T.astype("int64")
        by_reason = table.loc[:, table.any()].sort_index(axis=1)
        answered = self.values.notna().sum().rename("n_answered")
        return pd.concat([answered, by_reason], axis=1).rename_axis("variable").reset_index()

    def __str__(self) -> str:
        rows, columns = self.values.shape
        said = f"not decided on: {self.undecided}\n" if self.undecided else ""
        return f"{self.facts.name}: {rows} respondents, {columns} variables\n{said}{self.ledger}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def tally(values: pd.DataFrame) -> Tally:
    """Count the rows and the answers that are not missing."""
    return Tally(len(values), int(values.notna().to_numpy().sum()))


def rows_in_file(survey: Survey) -> pd.Series[Any]:
    """Return the row in the file of each row of a survey, the first row of data being 1.

    Returns
    -------
    pandas.Series of int64
        Index as in the survey; a row of the file comes back once for each of its waves.
    """
    index = survey.values.index
    if index.dtype == "int64":
        return pd.Series(index.to_numpy(), index=index)
    return pd.Series(index.str.split(" ", n=1).str[0].astype("int64").to_numpy(), index=index)
