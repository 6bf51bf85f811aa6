"""Marking people whose answers look careless: several indices, cited lines, nobody left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook
from si_research.survey.screening.agreement import agreement_table
from si_research.survey.screening.cut_offs import CUT_OFFS, CutOff, Direction, ScreeningRules
from si_research.survey.screening.measures import MEASURES, Measure, material_of
from si_research.survey.screening.plan import FEWEST_ITEMS, ScreeningPlan, plan_screening
from si_research.survey.survey_data import Survey

USUAL_AT_LEAST: Final = 2
"""Kinds of evidence that it takes before the main result is shown without somebody."""


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """Who is marked by which index of careless responding. Made by :func:`flag_careless`.

    Attributes
    ----------
    values : pandas.DataFrame, shape (n, indices)
        One row a respondent, one column an index that could be computed. For further computation; no
        output shows it.
    flags : pandas.DataFrame of bool
        The same shape: on the careless side of the line. Without a value nobody is marked.
    indices : pandas.DataFrame, indexed by ``index``
        evidence (what the index is evidence of), status (``used``; ``no_cut_off``; else why it is not there
        or marks nobody), direction, cut_off (in the unit of the index), n_used, n_flagged, default (whether
        the line is the usual one), by_source (whether the line is the source's), source, doi.
    agreement : pandas.DataFrame
        From :func:`agreement_table`, for the indices that mark.
    counts : pandas.DataFrame
        at_least (kinds of evidence), n_flagged: how many people are marked by so many kinds.
    n_evidence : pandas.Series
        Kinds of evidence by which each respondent is marked.
    items : tuple of str
        The questions that were compared, in the order asked.
    all_one_way : bool
        Whether none of them is worded the other way round: a straight row may then be sincere.
    n_rows : int
    """

    values: pd.DataFrame = field(repr=False)
    flags: pd.DataFrame = field(repr=False)
    indices: pd.DataFrame = field(repr=False)
    agreement: pd.DataFrame = field(repr=False)
    counts: pd.DataFrame = field(repr=False)
    n_evidence: pd.Series[Any] = field(repr=False)
    items: tuple[str, ...]
    all_one_way: bool
    n_rows: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the indices with their lines and counts."""
        return self.indices.copy()

    def __str__(self) -> str:
        shown = self.indices[["evidence", "status", "cut_off", "n_used", "n_flagged"]].round(3)
        return f"{self.n_rows} respondents, {len(self.items)} items\n{shown.to_string()}"

    def _repr_html_(self) -> str:
        head = f"<p>{self.n_rows} respondents, {len(self.items)} items</p>"
        return f"{head}{self.indices.round(3).to_html()}<pre>{escape(str(self.counts))}</pre>"


def flag_careless(survey: Survey, codebook: Codebook, rules: ScreeningRules | None = None) -> Screening:
    """Mark whose answers look careless; leave out nobody.

    Use it after :func:`clean_survey`. No index tells careless from unusual by itself: look at who is marked
    by two kinds of evidence or more, and compare the result with and without them.

    Parameters
    ----------
    survey : Survey
        Cleaned answers; they stay as they are.
    codebook : Codebook
    rules : ScreeningRules, optional
        The lines; by default those of the literature, or conventions, as the result says.

    Returns
    -------
    Screening

    Raises
    ------
    SurveyDataError
        There are fewer than five questions with one range, or ``items`` of the rules does not fit.

    Notes
    -----
    Longstring, variability, distance, synonyms and person-total look at the answers as given, in the order
    of the codebook (or of ``items``); even-odd at items turned into one direction. Even-odd needs five
    scales, synonyms and antonyms five pairs. Whoever answered fewer than five questions is not judged by
    these. An index that marks more than ``most_marked`` of the people tells only noise and marks nobody.
    Longstring and variability are one kind of evidence: a straight row of an enthusiast is one sign, not two.

    References
    ----------
    Meade & Craig (2012), https://doi.org/10.1037/a0028085. Curran (2016),
    https://doi.org/10.1016/j.jesp.2015.07.006.
    """
    return screen(survey, plan_screening(codebook, rules))


def screen(survey: Survey, plan: ScreeningPlan) -> Screening:
    """Mark by a plan alone, without a codebook; see :func:`flag_careless`."""
    if len(plan.items) < FEWEST_ITEMS:
        raise SurveyDataError(
            expected=f"at least {FEWEST_ITEMS} questions with one lowest and highest answer, to screen",
            found=str(len(plan.items)),
            where=survey.facts.name,
            todo="leave the screening out, or add the other questions to the codebook",
        )
    material = material_of(survey, plan)
    measures = {cut_off.index: MEASURES[cut_off.index](material) for cut_off in CUT_OFFS}
    found = {name: measure.values for name, measure in measures.items() if measure.values is not None}
    values = pd.DataFrame(found, index=survey.values.index, columns=list(found)).astype("float64")
    marks, status = {}, {}
    for cut_off in CUT_OFFS:
        if cut_off.index in values:
            marks[cut_off.index], status[cut_off.index] = _marks(cut_off, measures[cut_off.index], plan.rules)
    flags = pd.DataFrame(marks, index=values.index, columns=list(values))
    indices = _index_table(measures, status, values, flags, plan.rules)
    used = list(indices.index[indices["status"] == "used"])
    n_evidence = _kinds_of_evidence(flags, indices)
    return Screening(
        values=values,
        flags=flags,
        indices=indices,
        agreement=agreement_table(flags[used], values[used].notna()),
        counts=_counts(n_evidence, indices),
        n_evidence=n_evidence,
        items=plan.items,
        all_one_way=not plan.turned,
        n_rows=len(values),
    )


def _marks(cut_off: CutOff, measure: Measure, rules: ScreeningRules) -> tuple[npt.NDArray[np.bool_], str]:
    """Return who is on the careless side of a line; nobody where the index marks too many to tell."""
    assert measure.values is not None
    values = measure.values.to_numpy(dtype="float64")
    line = measure.cut_off if measure.lines is None else measure.lines.to_numpy(dtype="float64")
    marked = _beyond(values, line, cut_off.direction)
    most = rules.most_marked if cut_off.most is None else cut_off.most
    if marked.sum() > most * max(int(np.isfinite(values).sum()), 1):
        return np.zeros_like(marked), "marks_too_many"
    return marked, measure.status


def _beyond(values: Any, line: Any, direction: Direction) -> npt.NDArray[np.bool_]:
    """Compare with a line; a missing value is on neither side."""
    with np.errstate(invalid="ignore"):
        beyond = {
            "at_least": np.greater_equal,
            "above": np.greater,
            "at_most": np.less_equal,
            "below": np.less,
        }[direction](values, line)
    return np.asarray(beyond, dtype=bool)


def _index_table(
    measures: dict[Any, Measure],
    status: dict[Any, str],
    values: pd.DataFrame,
    flags: pd.DataFrame,
    rules: ScreeningRules,
) -> pd.DataFrame:
    usual = ScreeningRules()
    rows = {
        each.index: {
            "evidence": each.evidence,
            "status": status.get(each.index, measures[each.index].status),
            "direction": each.direction,
            "cut_off": measures[each.index].cut_off,
            "n_used": int(values[each.index].count()) if each.index in values else 0,
            "n_flagged": int(flags[each.index].sum()) if each.index in flags else 0,
            "default": not each.rule or getattr(rules, each.rule) == getattr(usual, each.rule),
            "by_source": each.by_source,
            "source": each.source,
            "doi": each.doi,
        }
        for each in CUT_OFFS
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("index")


def _kinds_of_evidence(flags: pd.DataFrame, indices: pd.DataFrame) -> pd.Series[Any]:
    evidence: dict[str, list[str]] = {}
    for name, kind in indices["evidence"].items():
        if name in flags:
            evidence.setdefault(kind, []).append(str(name))
    n = np.zeros(len(flags), dtype="int64")
    for names in evidence.values():
        n += flags[names].to_numpy().any(axis=1)
    return pd.Series(n, flags.index, name="n_evidence")


def _counts(n_evidence: pd.Series[Any], indices: pd.DataFrame) -> pd.DataFrame:
    most = indices.loc[indices["status"] == "used", "evidence"].nunique()
    rows = [(least, int((n_evidence >= least).sum())) for least in range(1, most + 1)]
    return pd.DataFrame(rows, columns=["at_least", "n_flagged"])


def careless_rows(screening: Screening, at_least: int = USUAL_AT_LEAST) -> pd.Series[Any]:
    """Return who is marked by so many kinds of evidence.

    Parameters
    ----------
    screening : Screening
    at_least : int
        Kinds of evidence.

    Returns
    -------
    pandas.Series of bool
        Index as in the survey.
    """
    return (screening.n_evidence >= at_least).rename("careless")
