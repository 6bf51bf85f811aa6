"""Two exports of one survey, one with the answers as text and one as numbers: do they say the same?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, Item, ResponseFormat
from si_research.survey.reading.column import CellReader, read_column
from si_research.survey.reading.responses import responses_of
from si_research.survey.reading.rules import ReadingRules, rules_for
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import RawSurvey

_PAIRS: Final = ("item", "answer", "code", "read_as", "n_used", "agrees")


def check_twin_exports(texts: RawSurvey, numbers: RawSurvey, codebook: Codebook) -> CheckResult:
    """Tell whether the numbers of one export stand for the texts of the other, item by item.

    Use it where a survey tool can export both: it is the only sure way to see that a question was turned
    in the tool, or that its numbers have gaps. It changes nothing; the codebook says what a number means.

    Parameters
    ----------
    texts, numbers : RawSurvey
        The export with answers as text, and the one with answers as numbers.
    codebook : Codebook
        Items with the response format of the texts.

    Returns
    -------
    CheckResult
        Table, one row an item, answer and number that occur together: item, answer (value on the response
        format, from the text), code (the number in the file), read_as (value on the response format that the
        codebook gives to that number; NaN for none), n_used (respondents), agrees. Passed when both exports
        give every respondent the same answers, None when no answer can be compared.

    Raises
    ------
    SurveyDataError
        No respondent is in both, or the files do not number their responses.
    CodebookError
        Columns that the codebook names and a file lacks.

    Notes
    -----
    Only answers of respondents are compared, by the number of the response: previews and tests stay out.
    """
    rows = _shared_rows(texts, numbers)
    rules = rules_for(texts, codebook), rules_for(numbers, codebook)
    pairs = [row for item in codebook.items for row in _pairs(item, codebook, (texts, numbers), rules, rows)]
    table = pd.DataFrame(pairs, columns=list(_PAIRS))
    return CheckResult(
        name="twin_exports",
        question="Do the texts of one export and the numbers of the other say the same?",
        passed=bool(table["agrees"].all()) if len(table) else None,
        table_=table,
        text="\n".join(_sentences(table, codebook, len(rows))),
        rule="each number, read as the codebook says, is the value of the text that stands beside it",
    )


def _shared_rows(texts: RawSurvey, numbers: RawSurvey) -> pd.DataFrame:
    """Return the row of each respondent in either file."""
    row_of = [_row_of_response(raw) for raw in (texts, numbers)]
    shared = pd.concat(row_of, axis=1, join="inner", keys=["texts", "numbers"])
    if shared.empty:
        raise SurveyDataError(
            expected="two exports of the same respondents",
            found="no response that is in both",
            where=f"{texts.facts.name} and {numbers.facts.name}",
            todo="export the same survey twice: once with texts, once with numbers",
        )
    return shared


def _row_of_response(raw: RawSurvey) -> pd.Series[Any]:
    responses = responses_of(raw)
    known = pd.DataFrame() if responses is None else responses[responses["response_id"].notna()]
    if known.empty:
        raise SurveyDataError(
            expected="a number for each response, as survey tools write it",
            found="none",
            where=raw.facts.name,
            todo="use the export as it left the survey tool",
        )
    known = known[known["kind"].isin(["answer", "unknown"])].drop_duplicates("response_id", keep="last")
    return pd.Series(known.index, index=known["response_id"])


def _pairs(
    item: str,
    codebook: Codebook,
    raws: tuple[RawSurvey, RawSurvey],
    rules: tuple[ReadingRules, ReadingRules],
    rows: pd.DataFrame,
) -> Iterator[tuple[Any, ...]]:
    """Give the answers and numbers of one item that occur together."""
    answers, read = (
        _answers(raw, rule, item, codebook.format_of(item)).loc[rows[side]].to_numpy(dtype=float)
        for raw, rule, side in zip(raws, rules, ("texts", "numbers"), strict=True)
    )
    codes = _numbers(raws[1].frame[rules[1].answers[item].column].loc[rows["numbers"]])
    found = pd.DataFrame({"answer": answers, "code": codes, "read_as": read})
    found = found[found["answer"].notna() & found["code"].notna()]
    counts = found.groupby(["answer", "code", "read_as"], dropna=False).size().reset_index(name="n_used")
    counts = counts.assign(agrees=counts["answer"] == counts["read_as"])
    for pair in counts.itertuples(index=False, name=None):
        yield item, *pair


def _answers(raw: RawSurvey, rules: ReadingRules, item: str, form: ResponseFormat) -> pd.Series[Any]:
    answer = rules.answers[item]
    labels = raw.value_labels.get(answer.column, {})
    reader = CellReader(rules.missing[item], answer, form, labels, answer.words)
    read = read_column(raw.frame[answer.column], reader).answers
    return read.where(read.isin(form.values)) if form.options else read


def _numbers(cells: pd.Series[Any]) -> np.ndarray[Any, Any]:
    if cells.dtype == "float64":
        return cells.to_numpy()
    number_of = {cell: read_number(cell) if isinstance(cell, str) else cell for cell in cells.unique()}
    return cells.map(number_of).to_numpy(dtype=float)


def _sentences(table: pd.DataFrame, codebook: Codebook, n: int) -> Iterator[str]:
    """Say which items differ, and what the codebook could say of them."""
    differing = table.loc[~table["agrees"].astype(bool), "item"].unique()
    n_items = table["item"].nunique()
    yield f"{n} respondents are in both exports; {n_items - len(differing)} of {n_items} items say the same."
    for item in differing:
        yield _proposal(
            str(item), codebook.items[item], codebook.format_of(item), table[table["item"] == item]
        )


def _proposal(name: str, item: Item, form: ResponseFormat, pairs: pd.DataFrame) -> str:
    """Say in what way the numbers differ from the texts, and how the codebook brings them together."""
    if pairs["answer"].duplicated().any() or pairs["code"].duplicated().any():
        return (
            f"`{name}`: a text stands beside several numbers, or a number beside several texts: export again."
        )
    answer_of = dict(zip(pairs["code"], pairs["answer"], strict=True))
    ends = None if form.lowest is None or form.highest is None else form.lowest + form.highest
    is_turned = ends is not None and all(answer + code == ends for code, answer in answer_of.items())
    if is_turned:
        answer_of = {float(ends - value): value for value in form.values} if ends is not None else answer_of
    codes = ", ".join(f"{code:g}: {answer:g}" for code, answer in sorted(answer_of.items()))
    absent = [f"{value:g}" for value in form.values if value not in answer_of.values()]
    what = (
        "the numbers have been turned" if is_turned else "the numbers are other ones than those of the format"
    )
    more = f" (nobody gave {', '.join(absent)}: add the number behind it)" if absent else ""
    once = ", and keep `reverse: true`: it is then turned once" if is_turned and item.reverse else ""
    turn = (
        ", and `reverse: true` if the question says the opposite of its scale"
        if is_turned and not once
        else ""
    )
    return f"`{name}`: {what}. Write `codes: {{{codes}}}`{more}{once}{turn}."
