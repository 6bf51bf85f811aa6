"""SPSS: labels, measurement levels, and reasons as user-missing codes that its users know how to use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, MissingReason, SourceOptions, Variable, number_of
from si_research.survey.data_out.outgoing import Outgoing, with_columns
from si_research.survey.labels import answer_labels, label_of
from si_research.survey.reading.cells import text_of_number
from si_research.survey.survey_data import REASON_LABELS, REASON_SUFFIX, REASONS

_TENS: Final = (90, 990, 9_990, 99_990, 999_990, 9_999_990, 99_999_990)
"""Where the codes of the reasons may begin: -91 to -99, else -991 to -999, and so on."""
_LONGEST_NAME: Final = 64 - len(REASON_SUFFIX)
_LONGEST_TEXT: Final = 32_767
_LONGEST_TITLE: Final = 60
_RESERVED: Final = frozenset(
    ["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"]
)
_VALID: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{_LONGEST_NAME - 1}}}")


def write_spss(outgoing: Outgoing, path: Path, language: str) -> Codebook:
    """Write a survey as ``.sav``, and return the codebook that reads it.

    Raises
    ------
    SurveyDataError
        A text longer than SPSS holds, or numbers so spread that no codes are left for the reasons.
    """
    import pyreadstat

    codebook, column_of = outgoing.codebook, spss_names(outgoing.names)
    numeric = _numeric(outgoing)
    codes = reason_codes(codebook, numeric, path.name)
    labels: dict[str, Any] = {
        column: _labels_of_numbers(codebook, name, codes, language)
        if name in numeric
        else _labels_of_texts(codebook, name, outgoing.values[name])
        for name, column in column_of.items()
    }
    pyreadstat.write_sav(
        _frame(outgoing, column_of, numeric, codes, path.name),
        str(path),
        file_label=codebook.title[:_LONGEST_TITLE],
        column_labels={column: label_of(codebook, name, language) for name, column in column_of.items()},
        variable_value_labels={column: of for column, of in labels.items() if of},
        missing_ranges={
            column_of[name]: [{"lo": min(codes.values()), "hi": max(codes.values())}] for name in numeric
        },
        variable_measure={column: _measure(codebook, name) for name, column in column_of.items()},
    )
    return with_columns(_with_codes(codebook, codes), column_of)


def _numeric(outgoing: Outgoing) -> dict[str, pd.Series[Any]]:
    """Return the columns that are written as numbers."""
    columns = {name: _as_numbers(outgoing.codebook, outgoing.values, name) for name in outgoing.names}
    return {name: column for name, column in columns.items() if column is not None}


def _frame(
    outgoing: Outgoing,
    column_of: Mapping[str, str],
    numeric: Mapping[str, pd.Series[Any]],
    codes: Mapping[MissingReason, int],
    file: str,
) -> pd.DataFrame:
    """Return the table as SPSS stores it: reasons as codes in numbers, beside the texts in words."""
    columns: dict[str, pd.Series[Any]] = {}
    texts = [name for name in outgoing.names if name not in numeric]
    for name, column in column_of.items():
        if name in numeric:
            columns[column] = numeric[name].fillna(outgoing.reasons[name].map(codes).astype("float64"))
        else:
            _refuse_long_text(outgoing.values[name], file)
            columns[column] = outgoing.values[name].fillna("")
    for name in texts:
        if name in outgoing.columns_with_reasons:
            columns[f"{column_of[name]}{REASON_SUFFIX}"] = outgoing.reasons[name].astype("str").fillna("")
    return pd.DataFrame(columns)


def reason_codes(
    codebook: Codebook, numeric: Mapping[str, pd.Series[Any]], file: str
) -> dict[MissingReason, int]:
    """Return a code for each reason, outside every range and apart from every number and missing code.

    Parameters
    ----------
    codebook : Codebook
    numeric : Mapping of str to Series
        The columns that are written as numbers.
    file : str
        Name for the message.

    Returns
    -------
    dict
        Reason to code, in the order of ``REASONS``: -91, -92, ... unless these are taken.

    Raises
    ------
    SurveyDataError
        All are taken.
    """
    listed = [codebook.missing_codes, *(entry.missing_codes for entry in _entries(codebook))]
    numbers = [number for part in listed for code in part if (number := number_of(code)) is not None]
    for tens in _TENS:
        low, high = -(tens + len(REASONS)), -(tens + 1)
        taken = any(low <= number <= high for number in numbers)
        taken = taken or any(bottom <= high and top >= low for bottom, top in _ranges(codebook))
        if not taken and not any(column.between(low, high).any() for column in numeric.values()):
            return {reason: -(tens + place) for place, reason in enumerate(REASONS, start=1)}
    raise SurveyDataError(
        expected=f"numbers among which {len(REASONS)} codes can stand for reasons",
        found="none of the usual codes free, from -91 to -99999999",
        where=file,
        todo="write the data as .parquet, .csv or .xlsx, where reasons have columns of their own",
    )


def _entries(codebook: Codebook) -> Iterator[Item | Variable]:
    yield from codebook.items.values()
    yield from codebook.variables.values()


def _ranges(codebook: Codebook) -> Iterator[tuple[float, float]]:
    """Give the ranges that have both ends."""
    formats = (codebook.format_of(name) for name in codebook.items)
    ends = [(form.lowest, form.highest) for form in formats]
    ends += [(variable.lowest, variable.highest) for variable in codebook.variables.values()]
    yield from ((low, high) for low, high in ends if low is not None and high is not None)


def _as_numbers(codebook: Codebook, values: pd.DataFrame, name: str) -> pd.Series[Any] | None:
    """Return a column as numbers, also a category whose values are all plain numbers; None for a text."""
    column = values[name]
    if name in codebook.items or codebook.variable(name).kind == "number":
        return column
    distinct = column.dropna().unique()
    number_by_text = {text: number_of(text) for text in (*distinct, *codebook.variable(name).labels)}
    is_plain = all(n is not None and text_of_number(n) == text for text, n in number_by_text.items())
    if not is_plain or not len(distinct):
        return None
    return column.map(number_by_text).astype("float64")


def _labels_of_numbers(
    codebook: Codebook, name: str, codes: Mapping[MissingReason, int], language: str
) -> dict[float, str]:
    """Return what the numbers of a column stand for: its answers, and the reasons."""
    reasons = {float(code): REASON_LABELS[reason] for reason, code in codes.items()}
    if name in codebook.items:
        return {**answer_labels(codebook.format_of(name), language), **reasons}
    words = ((number_of(code), word) for code, word in codebook.variable(name).labels.items())
    return {**{number: word for number, word in words if number is not None}, **reasons}


def _labels_of_texts(codebook: Codebook, name: str, values: pd.Series[Any]) -> dict[str, str]:
    """Return what the texts of a column stand for; SPSS takes no code longer than the texts themselves."""
    longest = max((len(text.encode()) for text in values.dropna().unique()), default=0)
    labels = codebook.variable(name).labels
    return {code: word for code, word in labels.items() if len(code.encode()) <= longest}


def _measure(codebook: Codebook, name: str) -> str:
    if name in codebook.items:
        return "ordinal" if codebook.format_of(name).options else "scale"
    return "scale" if codebook.variable(name).kind == "number" else "nominal"


def _with_codes(codebook: Codebook, codes: Mapping[MissingReason, int]) -> Codebook:
    """Return a codebook whose missing codes are those of the file, and no others."""

    def bare(entries: Mapping[str, Any]) -> dict[str, Any]:
        return {name: entry.model_copy(update={"missing_codes": {}}) for name, entry in entries.items()}

    return codebook.model_copy(
        update={
            "source": SourceOptions(tool="plain"),
            "missing_codes": {str(code): reason for reason, code in codes.items()},
            "items": bare(codebook.items),
            "variables": bare(codebook.variables),
        }
    )


def spss_names(names: Iterable[str]) -> dict[str, str]:
    """Return a name that SPSS takes for each column: its own where that is one.

    Examples
    --------
    >>> spss_names(["k1", "K1", "Naam bedrijf", "by", "2024"])
    {'k1': 'k1', 'K1': 'K1_2', 'Naam bedrijf': 'Naam_bedrijf', 'by': 'by_v', '2024': 'v2024'}
    """
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = name if _VALID.fullmatch(name) else _plain_name(name)
        plain = f"{plain}_v" if plain.casefold() in _RESERVED else plain
        choices = (plain, *(f"{plain[: _LONGEST_NAME - 8]}_{number}" for number in range(2, 100_000)))
        given[name] = next(choice for choice in choices if choice.casefold() not in taken)
        taken |= {given[name].casefold(), f"{given[name]}{REASON_SUFFIX}".casefold()}
    return given


def _plain_name(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:_LONGEST_NAME].rstrip("_")
    return plain if plain[:1].isalpha() else f"v{plain}"


def _refuse_long_text(column: pd.Series[Any], file: str) -> None:
    if column.dropna().map(lambda text: len(text.encode())).max() > _LONGEST_TEXT:
        raise SurveyDataError(
            expected=f"texts of at most {_LONGEST_TEXT} bytes, which is what SPSS holds",
            found=f"a longer one in `{column.name}`",
            where=file,
            todo="write the data as .parquet or .csv",
        )
