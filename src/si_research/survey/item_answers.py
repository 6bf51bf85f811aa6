"""How each question was answered: how many gave each answer, and why the others gave none."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.survey.codebook import Codebook
from si_research.survey.response_format import ResponseFormat
from si_research.survey.scoring import score_columns
from si_research.survey.survey_data import REASONS, Survey

MOST_ANSWERS: Final = 11
"""Different answers beyond which they are counted in ten classes of equal width."""
CLASSES: Final = 10


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """What could be answered: each possible answer, or each class of answers.

    Attributes
    ----------
    lows, highs : tuple of float
        Ends of each class, lowest first; the same where a class is one answer. A class holds its lower end
        and not its higher one, the last class both.
    labels_nl, labels_en : tuple of str
        What respondents read at each answer; empty for classes and where the codebook has none.
    """

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    labels_nl: tuple[str, ...] = ()
    labels_en: tuple[str, ...] = ()

    @property
    def is_classes(self) -> bool:
        """Whether answers are counted in classes."""
        return self.lows != self.highs


@dataclass(frozen=True, slots=True, eq=False)
class ItemAnswers:
    """The answers to each item, as they were given: before any item is turned. Made by :func:`item_answers`.

    Attributes
    ----------
    answers : pandas.DataFrame
        scale (column of the scores), item, reversed (in the codebook), format (number in ``formats``), place
        (number of the answer, lowest 0), n.
    missing : pandas.DataFrame, indexed by ``item``
        A column a reason that occurs: how many gave no answer for it.
    formats : tuple of AnswerFormat
    not_counted : tuple of str
        Items with a format that has no ends, of which no distribution is made.
    n_rows : int
        Respondents.
    """

    answers: pd.DataFrame = field(repr=False)
    missing: pd.DataFrame = field(repr=False)
    formats: tuple[AnswerFormat, ...] = field(repr=False)
    not_counted: tuple[str, ...]
    n_rows: int

    def table(self) -> pd.DataFrame:
        """Return one row an item and answer: scale, item, reversed, low, high, n."""
        places = list(zip(self.answers["format"], self.answers["place"], strict=True))
        ends = {
            "low": [self.formats[form].lows[place] for form, place in places],
            "high": [self.formats[form].highs[place] for form, place in places],
        }
        return self.answers.assign(**ends)[["scale", "item", "reversed", "low", "high", "n"]]

    def __str__(self) -> str:
        n_items = self.answers["item"].nunique()
        head = f"answers of {self.n_rows} respondents to {n_items} items"
        return f"{head}\n{self.table().to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def item_answers(survey: Survey, codebook: Codebook) -> ItemAnswers:
    """Count the answers to each item of each scale, and the reasons of those who gave none.

    Use it before any score: it shows ceilings, floors, answers that nobody chose, and questions that people
    could not or would not answer.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook

    Returns
    -------
    ItemAnswers
        Counts are exact: hide small ones before they are shown.
    """
    formats: list[AnswerFormat] = []
    rows: list[tuple[str, str, bool, int, int, int]] = []
    without: list[str] = []
    named: list[str] = []
    for column, scale in score_columns(codebook).items():
        for item in codebook.items_of(scale):
            form = _format(codebook.format_of(item))
            if form is None:
                without.append(item)
                continue
            if form not in formats:
                formats.append(form)
            number, turned = formats.index(form), codebook.items[item].reverse
            counted = _counts(survey.values[item].dropna().to_numpy("float64"), form)
            rows += [(column, item, turned, number, place, int(n)) for place, n in enumerate(counted)]
            named.append(item)
    columns = ["scale", "item", "reversed", "format", "place", "n"]
    return ItemAnswers(
        answers=pd.DataFrame(rows, columns=columns),
        missing=_missing(survey, named),
        formats=tuple(formats),
        not_counted=tuple(without),
        n_rows=len(survey.values),
    )


def _format(form: ResponseFormat) -> AnswerFormat | None:
    """Return the answers that a response format allows; None where it leaves an end open."""
    if form.options and len(form.options) <= MOST_ANSWERS:
        ordered = sorted(form.options, key=lambda option: option.value)
        values = tuple(option.value for option in ordered)
        return AnswerFormat(values, values, *(_labels(form, language) for language in ("nl", "en")))
    if form.lowest is None or form.highest is None:
        return None
    low, high = form.lowest, form.highest
    if form.whole and high - low < MOST_ANSWERS and float(low).is_integer() and float(high).is_integer():
        whole = tuple(float(value) for value in range(int(low), int(high) + 1))
        return AnswerFormat(whole, whole)
    edges = np.linspace(low, high, CLASSES + 1)
    return AnswerFormat(tuple(map(float, edges[:-1])), tuple(map(float, edges[1:])))


def _labels(form: ResponseFormat, language: str) -> tuple[str, ...]:
    """Return what stands at each answer, lowest first, in a language or as the codebook has it."""
    if language in form.labels:
        return tuple(label if isinstance(label, str) else label[0] for label in form.labels[language])
    ordered = sorted(form.options, key=lambda option: option.value)
    first = tuple(option.labels[0] if option.labels else "" for option in ordered)
    return first if all(first) else ()


def _counts(answers: np.ndarray, form: AnswerFormat) -> np.ndarray:
    """Return how many gave each answer; an answer between two possible ones counts with the nearest."""
    lows, highs = np.array(form.lows), np.array(form.highs)
    edges = lows[1:] if form.is_classes else (highs[:-1] + lows[1:]) / 2
    return np.bincount(np.searchsorted(edges, answers, side="right"), minlength=len(lows))


def _missing(survey: Survey, items: list[str]) -> pd.DataFrame:
    names = list(REASONS)
    counts = {item: survey.reasons[item].value_counts().reindex(names, fill_value=0) for item in items}
    table = pd.DataFrame(counts, index=names).T.astype("int64").rename_axis("item")
    return table.loc[:, table.any()]
