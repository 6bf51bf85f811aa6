"""Two exports of one survey, one with the answers as text and one as numbers: do they say the same?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, Item, ResponseFormat
from si_research.survey.codebook_file import find_columns
from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.column import CellReader, read_column
from si_research.survey.reading.responses import responses_of
from si_research.survey.reading.rules import ReadingRules, rules_for
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import RawSurvey

_PAIRS: Final = ("item", "answer", "code", "read_as", "n_used", "agrees")
TwinStatus = Literal["same", "turned", "recoded", "contradicts", "not compared"]
"""How the numbers of an item stand to its texts."""
_DIFFERING: Final[tuple[TwinStatus, ...]] = ("turned", "recoded", "contradicts")
_MOST_NAMED: Final = 12


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
        codebook gives to that number; NaN for none), n_used (respondents), agrees. Answer or code is NaN
        where one export alone has an answer. Text: each item as same, turned, recoded (other numbers than
        those of the format) or contradicts (no number stands for one text). Passed when both exports give
        every respondent the same answers, None when no answer can be compared.

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
    row_of = {side: _row_of_response(raw, codebook) for side, raw in (("texts", texts), ("numbers", numbers))}
    rows = _shared_rows(row_of, f"{texts.facts.name} and {numbers.facts.name}")
    rules = rules_for(texts, codebook), rules_for(numbers, codebook)
    keys = [key for key, answer in rules[0].answers.items() if answer.kind == "item"]
    pairs = [row for key in keys for row in _pairs(key, (texts, numbers), rules, rows)]
    table = pd.DataFrame(pairs, columns=list(_PAIRS))
    compared = table["answer"].notna() & table["code"].notna()
    lines = [*_on_responses(row_of, rows), *_sentences(table, keys, rules[0], codebook)]
    return CheckResult(
        name="twin_exports",
        question="Do the texts of one export and the numbers of the other say the same?",
        passed=bool(table["agrees"].all()) if compared.any() else None,
        table_=table,
        text="\n".join(lines),
        rule="each number, read as the codebook says, is the value of the text that stands beside it",
    )


def _shared_rows(row_of: dict[str, pd.Series[Any]], where: str) -> pd.DataFrame:
    """Return the row of each respondent in either file."""
    shared = pd.concat(row_of, axis=1, join="inner")
    if shared.empty:
        raise SurveyDataError(
            expected="two exports of the same respondents",
            found="no response that is in both",
            where=where,
            todo="export the same survey twice: once with texts, once with numbers",
        )
    return shared


def _on_responses(row_of: dict[str, pd.Series[Any]], shared: pd.DataFrame) -> Iterator[str]:
    """Say how many respondents are in both exports, and how many in one alone."""
    alone = [f"{len(rows) - len(shared)} in the {side} alone" for side, rows in row_of.items()]
    is_all = all(len(rows) == len(shared) for rows in row_of.values())
    yield f"{len(shared)} respondents are in both exports" + ("." if is_all else f"; {', '.join(alone)}.")


def _row_of_response(raw: RawSurvey, codebook: Codebook) -> pd.Series[Any]:
    """Return the row of each response by its number: that of the survey tool, or of the role `respondent`."""
    responses = responses_of(raw)
    if responses is not None and responses["response_id"].notna().any():
        known = responses[responses["response_id"].notna() & responses["kind"].isin(["answer", "unknown"])]
        known = known.drop_duplicates("response_id", keep="last")
        return pd.Series(known.index, index=known["response_id"])
    role = codebook.roles.respondent
    wanted = () if role is None else codebook.column_names(role)
    found = find_columns(tuple(raw.frame.columns), wanted, raw.texts)
    if not found:
        raise SurveyDataError(
            expected="a number for each response, as survey tools write it",
            found="none",
            where=raw.facts.name,
            todo="use the export as it left the survey tool, or name the column with it as `respondent` "
            "under `roles` in the codebook",
        )
    cells = raw.frame[found[0]].dropna()
    numbers = cells.map(lambda cell: cell.strip() if isinstance(cell, str) else text_of_number(cell))
    numbers = numbers[numbers != ""].drop_duplicates(keep=False)
    return pd.Series(numbers.index, index=numbers.to_numpy())


def _pairs(
    key: str,
    raws: tuple[RawSurvey, RawSurvey],
    rules: tuple[ReadingRules, ReadingRules],
    rows: pd.DataFrame,
) -> Iterator[tuple[Any, ...]]:
    """Give the answers and numbers of one item that occur together, or in one export alone."""
    answers, read = (
        _answers(raw, rule, key).loc[rows[side]].to_numpy(dtype=float)
        for raw, rule, side in zip(raws, rules, ("texts", "numbers"), strict=True)
    )
    codes = _numbers(raws[1].frame[rules[1].answers[key].column].loc[rows["numbers"]])
    found = pd.DataFrame({"answer": answers, "code": codes, "read_as": read})
    is_answer = found["answer"].notna() & found["code"].notna()
    is_alone = (found["answer"].notna() & found["code"].isna()) | (
        found["answer"].isna() & found["read_as"].notna()
    )
    found = found[is_answer | is_alone]
    counts = found.groupby(["answer", "code", "read_as"], dropna=False).size().reset_index(name="n_used")
    counts = counts.assign(agrees=counts["answer"] == counts["read_as"])
    for pair in counts.itertuples(index=False, name=None):
        yield key, *pair


def _answers(raw: RawSurvey, rules: ReadingRules, item: str) -> pd.Series[Any]:
    answer = rules.answers[item]
    form = rules.formats[str(answer.format)]
    labels = raw.value_labels.get(answer.column, {})
    reader = CellReader(rules.missing[item], answer, form, labels, answer.words)
    read = read_column(raw.frame[answer.column], reader).answers
    return read.where(read.isin(form.values)) if form.options else read


def _numbers(cells: pd.Series[Any]) -> np.ndarray[Any, Any]:
    if cells.dtype == "float64":
        return cells.to_numpy()
    number_of = {cell: read_number(cell) if isinstance(cell, str) else cell for cell in cells.unique()}
    return cells.map(number_of).to_numpy(dtype=float)


def _sentences(
    table: pd.DataFrame, keys: list[str], rules: ReadingRules, codebook: Codebook
) -> Iterator[str]:
    """Say of each item whether the numbers say the same, and what the codebook could say where not."""
    pairs = {key: table[table["item"] == key] for key in keys}
    forms = {key: rules.formats[str(rules.answers[key].format)] for key in keys}
    by_status: dict[TwinStatus, list[str]] = {}
    for key in keys:
        by_status.setdefault(_status(pairs[key], forms[key]), []).append(key)
    for status in get_args(TwinStatus):
        found = by_status.get(status, [])
        if found:
            named = ", ".join(found[:_MOST_NAMED])
            more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
            yield f"{status}: {len(found)} of {len(keys)} items ({named}{more})"
    for status in _DIFFERING:
        for key in by_status.get(status, []):
            yield _proposal(key, codebook.items[key.split(" (")[0]], forms[key], pairs[key])


def _status(pairs: pd.DataFrame, form: ResponseFormat) -> TwinStatus:
    both = pairs.dropna(subset=["answer", "code"])
    if both.empty and pairs.empty:
        return "not compared"
    if len(both) < len(pairs) or both["answer"].duplicated().any() or both["code"].duplicated().any():
        return "contradicts"
    if both["agrees"].all():
        return "same"
    return "turned" if _is_turned(both, form) else "recoded"


def _is_turned(both: pd.DataFrame, form: ResponseFormat) -> bool:
    if form.lowest is None or form.highest is None:
        return False
    return bool((both["answer"] + both["code"] == form.lowest + form.highest).all())


def _proposal(name: str, item: Item, form: ResponseFormat, pairs: pd.DataFrame) -> str:
    """Say in what way the numbers differ from the texts, and how the codebook brings them together."""
    n_alone = int(pairs.loc[pairs["answer"].isna() | pairs["code"].isna(), "n_used"].sum())
    pairs = pairs.dropna(subset=["answer", "code"])
    if pairs["answer"].duplicated().any() or pairs["code"].duplicated().any():
        return (
            f"`{name}`: a text stands beside several numbers, or a number beside several texts: export again."
        )
    if n_alone:
        return (
            f"`{name}`: {n_alone} respondents have an answer in one export alone: export again, or list the "
            "number or word that is no answer under `missing_codes`."
        )
    answer_of = dict(zip(pairs["code"], pairs["answer"], strict=True))
    is_turned = _is_turned(pairs, form)
    if is_turned and form.lowest is not None and form.highest is not None:
        answer_of = {float(form.lowest + form.highest - value): value for value in form.values}
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
    is_reordered = not is_turned and set(answer_of) == set(form.values)
    if is_reordered and not item.confirm:
        return f"`{name}`: {_order_of(answer_of, form)}"
    order = "; or its format has the labels in another order than the survey tool" if is_reordered else ""
    return f"`{name}`: {what}. Write `codes: {{{codes}}}`{more}{once}{turn}{order}."


def _order_of(answer_of: dict[float, float], form: ResponseFormat) -> str:
    """Say in which order the survey tool numbers labels whose order nobody has confirmed yet."""
    labels = {option.value: option.labels[0] if option.labels else "" for option in form.options}
    listed = ", ".join(f"`{labels[answer]}`" for _, answer in sorted(answer_of.items()))
    return (
        f"nobody has confirmed the order of its labels, and the survey tool numbers them otherwise: "
        f"{listed}. Look in the questionnaire which is the lowest."
    )
