"""One response in several files with other answers: an export as text beside one as numbers, most often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from si_research.errors import CodebookError, Problem
from si_research.survey.codebook import Codebook
from si_research.survey.reading.stacking import name_of_cell
from si_research.survey.survey_data import Survey

_FEWEST = 3
_SHARE = 0.1


def refuse_contradictions(survey: Survey, codebook: Codebook) -> None:
    """Refuse joined exports of which one gives other answers to an item than another, for the same responses.

    Parameters
    ----------
    survey : Survey
        Several exports, read as one and not yet cleaned.
    codebook : Codebook

    Raises
    ------
    CodebookError
        Every item of which a tenth of the responses, and three at least, differ between two files although
        they were stored at the same moment. One or two are edits, of which the latest stays.
    """
    responses = survey.responses
    if responses is None or "file" not in responses:
        return
    known = responses[responses["response_id"].notna() & ~responses["is_doubtful"]]
    key = [name for name in ("response", "wave") if name in known]
    moment = known[["recorded", "finished"]].astype("object").fillna("")
    groups = [known[name] for name in key] + [moment["recorded"], moment["finished"]]
    in_several = known.groupby(groups, sort=False)["file"].transform("nunique") > 1
    if not in_several.any():
        return
    rows = [each[in_several] for each in groups]
    problems = tuple(_contradictions(survey.values.loc[known.index[in_several]], rows, codebook))
    if problems:
        raise CodebookError(
            problems, where=survey.facts.name, expected="the same answers of a response in every file"
        )


def _contradictions(
    values: pd.DataFrame, groups: list[pd.Series[Any]], codebook: Codebook
) -> Iterator[Problem]:
    cells = {name_of_cell(item, wave) for item in codebook.items for wave in codebook.columns_of(item)}
    for name in values:
        if name not in cells and name not in codebook.items:
            continue
        answers = values[name].groupby(groups, sort=False).agg(["count", "nunique"])
        both = answers[answers["count"] > 1]
        n_other = int((both["nunique"] > 1).sum())
        if n_other >= max(_FEWEST, _SHARE * len(both)):
            yield Problem(
                where=str(name),
                expected="one answer for each response, whichever file it is in",
                found=f"another answer for {n_other} of the {len(both)} responses that several files hold",
                todo="Name one of the files under `data`: they are one export as text and one as numbers, of "
                "which the numbers are turned or have gaps; `check_twin_exports` says what `codes` to write.",
            )
