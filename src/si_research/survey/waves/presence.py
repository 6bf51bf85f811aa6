"""The same respondents over waves: who was there how often, and who dropped out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook
from si_research.survey.reading.stacking import NO_SIGN
from si_research.survey.survey_data import Survey, rows_in_file
from si_research.survey.waves.instruments import waves_in_order


@dataclass(frozen=True, slots=True, eq=False)
class WavePresence:
    """Who was there in which wave. Made by :func:`describe_waves`.

    Attributes
    ----------
    waves : pandas.DataFrame
        A row a wave, in order of time: wave, n (respondents), n_new (in no wave before), n_dropped (in the
        wave before, and not in this one), n_back (missed the wave before, but was there earlier).
    times : pandas.DataFrame
        n_waves, n_respondents: how many were there in one wave, in two, and so on.
    n_respondents : int
        Respondents in any wave.
    n_unknown : int
        Rows without a respondent or a wave, which are not counted.
    n_empty : int
        Rows of a respondent in a wave in which nothing was answered, which are not counted either.
    """

    waves: pd.DataFrame = field(repr=False)
    times: pd.DataFrame = field(repr=False)
    n_respondents: int
    n_unknown: int
    n_empty: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the waves."""
        return self.waves.copy()

    def __str__(self) -> str:
        each = ", ".join(f"{row.wave} {row.n}" for row in self.waves.itertuples())
        return f"{self.n_respondents} respondents in {len(self.waves)} waves ({each})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def describe_waves(survey: Survey, codebook: Codebook) -> WavePresence:
    """Count the same respondents over waves, and who dropped out.

    Use it before comparing waves: whoever stays may differ from who leaves. The counts are exact; a report
    hides those below five.

    Parameters
    ----------
    survey : Survey
        As read or as cleaned.
    codebook : Codebook
        With the role `wave`, and that of the respondent unless the file held the waves side by side.

    Returns
    -------
    WavePresence

    Raises
    ------
    SurveyDataError
        The codebook does not say which wave a row is, or who it is.

    Notes
    -----
    A row in which no question and no score has an answer, nor a reason of the respondent's own (does not
    know, refused, does not apply), is no sign that anybody was there: some files hold a row for each wave in
    which somebody could have taken part.
    """
    wave = codebook.variable_of_role("wave")
    if wave is None or wave not in survey.values:
        raise _unknown("a wave for each row", "none", "name the column under `roles` as `wave`")
    there = pd.DataFrame({"who": _people(survey, codebook), "wave": survey.values[wave]})
    empty = there.notna().all(axis=1) & ~_answered(survey, codebook)
    known = there[~empty].dropna().drop_duplicates()
    order = waves_in_order(codebook, survey.values[wave])
    present = pd.DataFrame(index=pd.Index(known["who"].unique(), name="who"))
    for name, value in order.items():
        present[name] = present.index.isin(known.loc[known["wave"] == value, "who"])
    times = present.sum(axis=1).value_counts().reindex(range(1, len(order) + 1), fill_value=0)
    return WavePresence(
        waves=_by_wave(present),
        times=times.rename_axis("n_waves").rename("n_respondents").reset_index(),
        n_respondents=len(present),
        n_unknown=int(there.isna().any(axis=1).sum()),
        n_empty=int(empty.sum()),
    )


def _answered(survey: Survey, codebook: Codebook) -> pd.Series[bool]:
    """Mark the rows with an answer, or a reason of one's own, to any question or in any score.

    Other variables, such as a sector, may come from elsewhere. Where the file held the waves side by side, no
    row was made without such a sign in any column of that wave.
    """
    scores = [scale.score for scale in codebook.scales.values() if scale.score is not None]
    names = [name for name in (*codebook.items, *scores) if name in survey.reasons]
    if codebook.wave_order or not names:
        return pd.Series(True, index=survey.values.index)
    return (~survey.reasons[names].isin(NO_SIGN)).any(axis=1)


def _people(survey: Survey, codebook: Codebook) -> pd.Series[Any]:
    """Return who each row is: by the role, else by the row in a file that had the waves side by side."""
    respondent = codebook.variable_of_role("respondent")
    if respondent is not None:
        return survey.values[respondent]
    if codebook.wave_order:
        return rows_in_file(survey)
    raise _unknown("a respondent for each row", "none", "name the column under `roles` as `respondent`")


def _by_wave(present: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for place, wave in enumerate(present.columns):
        here = present[wave]
        earlier = present.iloc[:, :place].any(axis=1)
        before = present.iloc[:, place - 1] if place else earlier
        rows.append(
            {
                "wave": wave,
                "n": int(here.sum()),
                "n_new": int((here & ~earlier).sum()),
                "n_dropped": int((before & ~here).sum()),
                "n_back": int((here & earlier & ~before).sum()),
            }
        )
    return pd.DataFrame(rows)


def _unknown(expected: str, found: str, todo: str) -> SurveyDataError:
    return SurveyDataError(expected=expected, found=found, where="codebook", todo=todo)
