"""What tells the responses of a survey apart where several files may hold one of them more than once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.ledger import Parameters
from si_research.survey.survey_data import Survey

_SHOWN: Final = 10
_ENOUGH: Final = 5
_HARDLY_ANY: Final = 0.1


def response_of_rows(responses: pd.DataFrame, parameters: Parameters, where: str) -> pd.Series[Any]:
    """Return what rows of one response share: its number; in several files, what these show or the user says.

    Parameters
    ----------
    responses : pandas.DataFrame
        From :func:`~si_research.survey.reading.responses.responses_of`.
    parameters : Mapping
        ``response_within``: ``survey``, ``file`` or None; ledgers of before it was asked lack it.
    where : str
        The files, for the message.

    Returns
    -------
    pandas.Series
        Index as given; missing where nothing tells the response.

    Raises
    ------
    SurveyDataError
        The files leave it open which rows are one response, and the user did not say.
    """
    number, within = responses["response_id"], parameters.get("response_within")
    if "response" not in responses or within == "survey":
        return number
    if within == "file":
        return (responses["file"].astype("str") + " " + number).where(number.notna())
    doubtful = responses["is_doubtful"]
    if doubtful.any():
        raise SurveyDataError(
            expected="rows of several files that are clearly one response, or clearly two",
            found=f"{int(doubtful.sum())} that share a number, or all their answers, with a row of another "
            f"file, and that may be either ({named_rows(doubtful)})",
            where=where,
            todo="write under `cleaning` in the study file `system_rows: {response_within: survey}` if the "
            "files are downloads of one form, `{response_within: file}` if each counts from 1 again, or "
            "`{downloads: keep_all}` if no response is in two files",
        )
    return responses["response"]


def n_other_people(responses: pd.DataFrame) -> int:
    """Count the rows of which the number stands for another response in another file."""
    if "file" not in responses:
        return 0
    numbered = responses[responses["response_id"].notna()]
    return int((numbered.groupby("response_id")["file"].transform("nunique") > 1).sum())


def with_people_apart(survey: Survey, respondent: str, within: str | None) -> Survey:
    """Return the survey with other numbers for people who share one over files.

    That is so where each file counts from 1: by the user's word (``file``), or where the respondent's number
    is that of the survey tool and the files showed which rows are one response.
    """
    responses = survey.responses
    if responses is None or "file" not in responses or within == "survey":
        return survey
    responses = responses.loc[survey.values.index]
    numbers = survey.values[respondent]
    known = numbers.notna()
    texts = numbers[known].astype("str").str.removesuffix(".0")
    apart = responses["file"].astype("str")
    if within != "file":
        if not (texts == responses.loc[known, "response_id"]).all():
            return survey
        apart = responses["response"].astype("str")
    both = (apart[known] + " " + texts).reindex(numbers.index)
    return replace(survey, values=survey.values.assign(**{respondent: both}))


def refuse_other_answers(survey: Survey, repeated: pd.DataFrame, key: list[str]) -> None:
    """Refuse numbers that stand in several files with quite other answers each time.

    Raises
    ------
    SurveyDataError
        For most of the numbers in several files no two files agree.
    """
    if survey.responses is None or "file" not in survey.responses:
        return
    file = survey.responses.loc[repeated.index, "file"]
    in_several = file.groupby([repeated[name] for name in key]).transform("nunique") > 1
    rows = repeated[in_several]
    groups = rows.groupby(key, sort=False)
    answers = [name for name in rows if name not in key]
    differ = (groups[answers].nunique() > 1).any(axis=1)
    if len(differ) >= _ENOUGH and differ.mean() > 1 - _HARDLY_ANY:
        raise SurveyDataError(
            expected="a respondent's number that stands for one person in all files",
            found=f"{len(differ)} numbers in several files, {int(differ.sum())} of them with other answers",
            where=survey.facts.name,
            todo="write under `cleaning` in the study file `respondent_within: file` if each counts from "
            "1 again, `respondent_within: survey` if the last row replaces the others; or give the "
            "codebook a variable with the role `wave`",
        )


def named_rows(marked: pd.Series[Any]) -> str:
    """Name the first rows that are marked, by their number in the file.

    Examples
    --------
    >>> named_rows(pd.Series([True, False, True], index=[1, 2, 3]))
    'rows 1, 3'
    """
    numbers = [str(number) for number in marked.index[marked][:_SHOWN]]
    more = int(marked.sum()) - len(numbers)
    return f"rows {', '.join(numbers)}" + (f" and {more} more" if more else "")
