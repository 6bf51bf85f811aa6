"""From one form of a codebook to another, by the ending of the file and the name of the form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from si_research.errors import SurveyDataError
from si_research.survey.codebook_file import read_codebook
from si_research.survey.codebook_writer import write_codebook
from si_research.survey.exchange.ddi import write_ddi
from si_research.survey.exchange.imported import ImportedCodebook
from si_research.survey.exchange.limesurvey_reading import read_limesurvey_structure
from si_research.survey.exchange.table_schema import write_table_schema
from si_research.survey.exchange.table_schema_reading import read_table_schema
from si_research.survey.exchange.xlsform import write_xlsform
from si_research.survey.exchange.xlsform_reading import read_xlsform
from si_research.survey.reading.limesurvey_structure import STRUCTURE_ENDINGS

ExchangeForm = Literal["codebook", "table-schema", "xlsform", "ddi"]
Language = Literal["nl", "en"]
_ENDINGS: Final[Mapping[ExchangeForm, tuple[str, ...]]] = {
    "codebook": (".yml", ".yaml"),
    "table-schema": (".json",),
    "xlsform": (".xlsx",),
    "ddi": (".xml",),
}


def exchange_codebook(
    source: Path, to: ExchangeForm, output: Path, *, language: Language = "nl"
) -> ImportedCodebook:
    """Read a codebook in one form and write it in another.

    Parameters
    ----------
    source : Path
        A codebook (``.yml``), a Table Schema (``.json``), an XLSForm (``.xlsx``) or the structure of a
        LimeSurvey questionnaire (``.lss``, ``.lsg``, ``.lsq``, or tab-separated: ``.txt``, ``.tsv``).
    to : {"codebook", "table-schema", "xlsform", "ddi"}
        What to write.
    output : Path
        The file to make, with the ending of its form (``.yml``, ``.json``, ``.xlsx``, ``.xml``); one that is
        there stays.
    language : {"nl", "en"}
        Of labels, where a form holds only one, or does not say which.

    Returns
    -------
    ImportedCodebook
        What was read, with what was not understood.

    Raises
    ------
    SurveyDataError
        Another ending, a file that is not what its name says, or a file of the name of ``output``.
    CodebookError
        A codebook with problems.
    """
    _refuse_other_ending(to, output)
    read = read_exchanged(source, language)
    if to == "codebook":
        write_codebook(read.codebook, output, heading=read.heading(source.name))
    elif to == "table-schema":
        write_table_schema(read.codebook, output, language=language)
    elif to == "xlsform":
        write_xlsform(read.codebook, output)
    else:
        write_ddi(read.codebook, output)
    return read


def _refuse_other_ending(to: ExchangeForm, output: Path) -> None:
    endings, ending = _ENDINGS[to], output.suffix
    if ending.lower() not in endings:
        raise SurveyDataError(
            expected=f"a name that ends in {' or '.join(endings)}, as `{to}` is written",
            found=f"`{ending}`" if ending else "a name without an ending",
            where=output.name,
            todo=f"write `--output {output.stem}{endings[0]}`, or choose another form with `--to`; "
            "nothing was made",
        )


def read_exchanged(source: Path, language: Language = "nl") -> ImportedCodebook:
    """Read a codebook in any form that can be read, told by the ending of its name."""
    ending = source.suffix.lower()
    if ending in (".yml", ".yaml"):
        return ImportedCodebook(read_codebook(source))
    if ending == ".json":
        return read_table_schema(source, language=language)
    if ending == ".xlsx":
        return read_xlsform(source, language=language)
    if ending in STRUCTURE_ENDINGS:
        return read_limesurvey_structure(source)
    raise SurveyDataError(
        expected="a codebook (.yml), a Table Schema (.json), an XLSForm (.xlsx) "
        "or a LimeSurvey structure (.lss)",
        found=f"`{ending}`" if ending else "a name without an ending",
        where=source.name,
        todo="name the file that holds the codebook",
    )
