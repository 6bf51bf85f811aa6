"""Where the lines are drawn: the rules a study may change, and who drew the line for each index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from si_research.survey.codebook import Part
from si_research.survey.screening.indices import SYNONYMS_FROM

IndexName = Literal[
    "longstring",
    "average_longstring",
    "response_variability",
    "mahalanobis",
    "even_odd",
    "synonyms",
    "antonyms",
    "person_total",
    "seconds_per_item",
    "failed_checks",
    "share_missing",
]
Evidence = Literal["invariable", "unusual", "inconsistent", "fast", "inattentive", "incomplete"]
"""What an index is evidence of. Two indices of one kind are no two signs: a straight row has no spread."""
Direction = Literal["at_least", "above", "at_most", "below"]


class DropCareless(Part):
    """Who is left out for careless responding."""

    at_least: int = Field(default=2, ge=1)
    """Kinds of evidence that somebody must be marked by."""


class ScreeningRules(Part):
    """The `screening:` part of a study file: the lines, and whether anybody is left out.

    Examples
    --------
    >>> ScreeningRules().drop is None, ScreeningRules(seconds_per_item=1).seconds_per_item
    (True, 1.0)
    """

    items: tuple[str, ...] = ()
    """Questions in the order asked; default: those with the commonest range, as the codebook has them."""
    longstring_share: float = Field(default=0.5, gt=0, le=1)
    """Longest run of one answer, as a share of the questions that were put, from which somebody is marked."""
    variability_percentile: float = Field(default=5.0, gt=0, le=50)
    """Percentage of people with the least variation in their answers who are marked."""
    mahalanobis_p: float = Field(default=0.001, gt=0, lt=1)
    """p of the Mahalanobis distance below which somebody is marked."""
    even_odd: float = Field(default=-0.30, ge=-1, le=1)
    """Even-odd value (higher is more careless) above which somebody is marked."""
    synonyms: float = Field(default=0.22, ge=-1, le=1)
    """Correlation within psychometric synonyms below which somebody is marked."""
    antonyms: float = Field(default=-0.03, ge=-1, le=1)
    """Correlation within psychometric antonyms above which somebody is marked."""
    pairs_from: float = Field(default=SYNONYMS_FROM, gt=0, lt=1)
    """Correlation above which two items are synonyms; below its negative, antonyms."""
    person_total: float = Field(default=0.0, ge=-1, le=1)
    """Correlation with the mean answers below which somebody is marked."""
    seconds_per_item: float = Field(default=2.0, gt=0)
    """Seconds a question below which somebody is marked."""
    duration_unit: Literal["seconds", "minutes", "milliseconds"] = "seconds"
    """Unit of the variable with the role `duration`."""
    failed_checks: int = Field(default=1, ge=1)
    """Attention checks answered wrongly, from which somebody is marked."""
    share_missing: float = Field(default=0.25, gt=0, lt=1)
    """Share of the questions that were put and not answered, above which somebody is marked."""
    most_marked: float = Field(default=0.15, gt=0, le=1)
    """Share of the people above which an index that compares answers marks nobody: it then tells noise."""
    drop: DropCareless | None = None
    """Who is left out; nobody unless the study says so."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """The line of one index, and where it comes from.

    Attributes
    ----------
    index, evidence : str
    direction : str
        On which side of the line somebody is marked.
    rule : str
        The key of :class:`ScreeningRules` that holds the line; empty: the index is shown and marks nobody.
    source, doi : str
        Who proposed the index. Empty where there is nobody to name.
    by_source : bool
        Whether the line is the one that the source gives; else it is a convention.
    most : float or None
        Share above which the index marks nobody; None: ``most_marked`` of the rules.
    """

    index: IndexName
    evidence: Evidence
    direction: Direction
    rule: str
    source: str
    doi: str
    by_source: bool
    most: float | None


_CURRAN: Final = ("Curran (2016)", "10.1016/j.jesp.2015.07.006")
_MEADE: Final = ("Meade & Craig (2012)", "10.1037/a0028085")
_JOHNSON: Final = ("Johnson (2005)", "10.1016/j.jrp.2004.09.009")
_DUNN: Final = ("Dunn et al. (2018)", "10.1007/s10869-016-9479-0")
_HUANG: Final = ("Huang et al. (2012)", "10.1007/s10869-011-9231-8")
WHOLE: Final = 1.0
HALF: Final = 0.5
"""When half the people are too fast, it is rather the unit of the time that is wrong."""

CUT_OFFS: Final = (
    CutOff("longstring", "invariable", "at_least", "longstring_share", *_CURRAN, True, WHOLE),
    CutOff("average_longstring", "invariable", "at_least", "", *_CURRAN, False, WHOLE),
    CutOff("response_variability", "invariable", "at_most", "variability_percentile", *_DUNN, False, None),
    CutOff("mahalanobis", "unusual", "above", "mahalanobis_p", *_MEADE, False, None),
    CutOff("person_total", "unusual", "below", "person_total", *_CURRAN, False, None),
    CutOff("even_odd", "inconsistent", "above", "even_odd", *_JOHNSON, True, None),
    CutOff("synonyms", "inconsistent", "below", "synonyms", *_MEADE, False, None),
    CutOff("antonyms", "inconsistent", "above", "antonyms", *_MEADE, False, None),
    CutOff("seconds_per_item", "fast", "below", "seconds_per_item", *_HUANG, True, HALF),
    CutOff("failed_checks", "inattentive", "at_least", "failed_checks", *_MEADE, False, WHOLE),
    CutOff("share_missing", "incomplete", "above", "share_missing", "", "", False, WHOLE),
)
"""Every index, in the order in which it is shown."""
