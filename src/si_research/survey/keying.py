"""The items of a scale, keyed in one direction."""

from __future__ import annotations

import math

import pandas as pd

from si_research.errors import CodebookError, Problem
from si_research.survey.codebook import Codebook
from si_research.survey.survey_data import Survey


def keyed_items(survey: Survey, codebook: Codebook, scale: str) -> pd.DataFrame:
    """Return the items of a scale, all in one direction.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook
        The codebook.
    scale : str
        Key of a scale with items.

    Returns
    -------
    pandas.DataFrame
        Index as in the survey, one float column an item; a reversed item is called
        ``<item>_reversed``. Without columns for a ready-made score.

    Raises
    ------
    CodebookError
        As :func:`score_scales`.
    """
    low, high = ends_of(codebook, scale)
    items = codebook.items_of(scale)
    turned = [item for item in items if codebook.items[item].reverse]
    if turned and (math.isnan(low) or math.isnan(high)):
        raise wrong_scale(
            scale, "a format with both ends, to turn items", f"one without, and `{turned[0]}` reversed"
        )
    keyed = survey.values[list(items)]
    keyed = keyed.assign(**{item: low + high - keyed[item] for item in turned})
    return keyed.rename(columns={item: f"{item}_reversed" for item in turned})


def ends_of(codebook: Codebook, name: str) -> tuple[float, float]:
    """Return lowest and highest of a scale, the same for all its items; NaN where left open."""
    ends = {
        (form.lowest, form.highest): item
        for item in codebook.items_of(name)
        if (form := codebook.format_of(item))
    }
    if len(ends) > 1:
        found = ", ".join(f"{low} to {high} (`{item}`)" for (low, high), item in ends.items())
        raise wrong_scale(name, "items with the same lowest and highest answer", found)
    low, high = codebook.range_of(name) or (math.nan, math.nan)
    return low, high


def wrong_scale(scale: str, expected: str, found: str) -> CodebookError:
    """Return the error of a scale that cannot be scored as the codebook has it."""
    problem = Problem(
        where=f"scales.{scale}", expected=expected, found=found, todo="Mend the scale in the codebook."
    )
    return CodebookError([problem], where="codebook", expected="scales that can be scored")
