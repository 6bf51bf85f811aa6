"""Options of multiple-choice questions: an empty cell is a no only where the question was answered at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from si_research.survey.choice_question import ChoiceQuestion
from si_research.survey.codebook import Item, normalise
from si_research.survey.survey_data import RawSurvey

_YES = frozenset({"y", "yes", "ja"})
_PART = re.compile(r"(?P<question>.+?)(?: \| (?P<below>.+)|\s*\[(?P<row>[^\[\]]+)\])", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Values and reasons after the multiple-choice questions, and how many cells became a no."""

    values: pd.DataFrame
    reasons: pd.DataFrame
    n_cells: int


def apply_choices(values: pd.DataFrame, reasons: pd.DataFrame, questions: Iterable[ChoiceQuestion]) -> Chosen:
    """Read the empty options of whoever chose another option as not chosen.

    Parameters
    ----------
    values, reasons : pandas.DataFrame
        Answers as read.
    questions : iterable of ChoiceQuestion
        The multiple-choice questions of the codebook.

    Returns
    -------
    Chosen

    Notes
    -----
    Whoever left all options empty, and the words after *other* too, may never have seen the question: those
    cells stay as they are. A question of which the file writes a 0 for no itself is left alone.
    """
    n_cells = 0
    for question in questions:
        options = list(question.items)
        if (values[options] == 0).any(axis=None):
            continue
        answered = values[[*options, *question.also]].notna().any(axis=1)
        empty = (reasons[options] == "unanswered").mul(answered, axis=0)
        n_cells += int(empty.to_numpy().sum())
        values = values.assign(**{name: values[name].mask(empty[name], 0.0) for name in options})
        reasons = reasons.assign(**{name: reasons[name].mask(empty[name]) for name in options})
    return Chosen(values, reasons, n_cells)


def words_of_option(raw: RawSurvey, column: str, item: Item) -> dict[str, str]:
    """Return the texts that stand for "chosen" in the column of an option: its own words."""
    part = _PART.fullmatch(raw.texts.get(column, column))
    below = (part["below"] or part["row"]) if part else ""
    return {normalise(text): "1" for text in (item.wording_nl, item.wording_en, below) if text.strip()}


@dataclass(frozen=True, slots=True)
class ChoiceBlock:
    """Columns that look like the options of one multiple-choice question.

    Attributes
    ----------
    question : str
        The question above them.
    columns : tuple of str
        One an option.
    how : str
        What shows it.
    """

    question: str
    columns: tuple[str, ...]
    how: str


def choice_blocks(raw: RawSurvey) -> tuple[ChoiceBlock, ...]:
    """Return the columns that look like multiple-choice questions; it changes nothing.

    To propose them in a draft codebook. Two columns or more belong to one question, and each holds nothing
    but its own option, or nothing but yes.

    Parameters
    ----------
    raw : RawSurvey
        The file.

    Returns
    -------
    tuple of ChoiceBlock
        In the order of the file.
    """
    blocks: dict[str, dict[str, str]] = defaultdict(dict)
    for name in map(str, raw.frame):
        part = _PART.fullmatch(raw.texts.get(name, name)) or _PART.fullmatch(name)
        if part and name not in raw.roles:
            blocks[part["question"]][name] = part["below"] or part["row"]
    found = (_block(raw, question, options) for question, options in blocks.items())
    return tuple(block for block in found if block is not None)


def _block(raw: RawSurvey, question: str, options: dict[str, str]) -> ChoiceBlock | None:
    """Return the options among the columns of a question; a column of own words beside them is none."""
    held = {
        name: {normalise(str(cell)) for cell in raw.frame[name].dropna().unique()} - {""} for name in options
    }
    own = [name for name, option in options.items() if held[name] <= {normalise(option)}]
    yes = [name for name in options if held[name] <= _YES]
    for columns, how in ((own, "each holds its own option or nothing"), (yes, "each holds yes or nothing")):
        n_filled = sum(bool(held[name]) for name in columns)
        if len(columns) >= len(options) - 1 and len(columns) > 1 and n_filled:
            return ChoiceBlock(question, tuple(columns), how)
    return None
