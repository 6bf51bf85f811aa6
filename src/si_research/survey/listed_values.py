"""Values that a person lists in a study file or codebook, found back among the answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from si_research.survey.codebook import Codebook, normalise, number_of


def value_in_survey(codebook: Codebook, name: str, value: str) -> str:
    """Return a listed value as the survey holds it: the number of an item's label, the code of a word.

    Parameters
    ----------
    codebook : Codebook
    name : str
        Item or variable; an unknown one leaves the value as it is.
    value : str
        As listed.
    """
    if name in codebook.items:
        number = codebook.format_of(name).value_of(value)
        return value if number is None else f"{number:g}"
    if name not in codebook.used_names:
        return value
    words = {normalise(word): code for code, word in codebook.variable(name).labels.items()}
    return words.get(normalise(value), value)


def is_one_of(answers: pd.Series[Any], values: Iterable[str]) -> pd.Series[Any]:
    """Mark the answers that are listed: compared as labels are, and numbers as numbers.

    Examples
    --------
    >>> is_one_of(pd.Series([1.0, 2.0]), ["1"]).tolist()
    [True, False]
    >>> is_one_of(pd.Series(["Ja ", "nee"]), ["ja"]).tolist()
    [True, False]
    """
    listed = list(values)
    texts = {normalise(value) for value in listed}
    numbers = {number for value in listed if (number := number_of(value)) is not None}
    fits = {
        answer: answer in numbers
        if isinstance(answer, float)
        else normalise(answer) in texts or number_of(answer) in numbers
        for answer in answers.dropna().unique()
    }
    return answers.map(fits).eq(True)
