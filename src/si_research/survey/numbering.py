"""Which questions stand behind bare codes? Found by the figures of the same groups, not by the nearest year.

A published table may hold nothing but codes (``B01`` to ``B62``) while another wave has the wordings. Numbers
shift as soon as a question comes in or goes out, so each code is checked: the figures of the same groups must
lie nearer to the question of that code than to any other question of that wave.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.published_tables import PublishedTable
from si_research.survey.question_text import spelling_of

FEWEST_GROUPS: Final = 20
"""Groups in both waves, below which nothing is concluded."""
LOWEST_CORRELATION: Final = 0.5
"""Of a question with itself in the other wave, over groups."""
MOST_BEATEN: Final = 3.0
"""Standard errors by which another question may lie nearer: among 70 questions, chance gives about that."""
LOWEST_SHARE: Final = 0.9
"""Share of the codes in both waves that must fit before a wave is used at all."""
_CODES: Final = (
    "code",
    "question",
    "figure",
    "fits",
    "difference",
    "correlation",
    "nearest_other",
    "beaten_by",
    "n_used",
)
_WAVES: Final = (
    "wave",
    "n_units",
    "n_codes",
    "n_fit",
    "share_fit",
    "median_difference",
    "n_other_wording",
    "n_fit_other_wording",
)


@dataclass(frozen=True, slots=True, eq=False)
class Numbering:
    """What the codes of one wave stand for. Made by :func:`find_numbering`.

    Attributes
    ----------
    wave, source : str
        The wave with codes only, and the wave whose numbering it follows.
    table_ : pandas.DataFrame
        One row a code: code, question and figure (as in ``source``; empty where the code cannot be mapped),
        fits, difference (mean absolute, in percentage points, over the groups in both waves), correlation
        (over these groups), nearest_other (code of the other question that lies nearest), beaten_by (standard
        errors by which that one lies nearer; negative where it lies further away), n_used (groups).
    candidates : pandas.DataFrame
        One row a wave with wordings: wave, n_units (groups in both), n_codes (in both), n_fit, share_fit,
        median_difference, n_other_wording (codes that stand for another question than in ``source``) and
        n_fit_other_wording (those of them that fit).
    """

    wave: str
    source: str
    table_: pd.DataFrame = field(repr=False)
    candidates: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the codes."""
        return self.table_.copy()

    def __str__(self) -> str:
        refused = self.table_.loc[~self.table_["fits"], "code"]
        (chosen,) = self.candidates[self.candidates["wave"] == self.source].to_dict("records")
        others = [
            f"{row.wave}: {row.n_fit} of {row.n_codes}"
            for row in self.candidates.itertuples()
            if row.wave != self.source
        ]
        return (
            f"{self.wave} holds codes only. It follows the numbering of {self.source}: "
            f"{chosen['n_fit']} of {chosen['n_codes']} shared codes fit, by the figures of "
            f"{chosen['n_units']} groups that are in both (others: {'; '.join(others) or 'none'}).\n"
            f"Cannot be mapped: {', '.join(refused) or 'none'}."
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def find_numbering(codes_only: PublishedTable, candidates: Sequence[PublishedTable]) -> Numbering:
    """Find the wave whose numbering a table of bare codes follows, and check every code.

    Parameters
    ----------
    codes_only : PublishedTable
        A wave without wordings.
    candidates : sequence of PublishedTable
        Waves with wordings, of the same groups.

    Returns
    -------
    Numbering
        A code fits when, over the groups in both waves, its figures correlate with those of the same code at
        .5 or more and no other question of that wave lies nearer. Where another one does, by less than 3
        standard errors (paired over groups), the codes before and after must fit.

    Raises
    ------
    SurveyDataError
        No wave in which 90% of the shared codes fit, or one that does not win clearly from a wave that gives
        other wordings: then the codes cannot be mapped.
    """
    checked = {each.wave: _codes(codes_only, each) for each in candidates}
    counts = {wave: int(codes["fits"].sum()) for wave, codes in checked.items()}
    best = max(counts, key=lambda wave: (counts[wave], -_median_difference(checked[wave])), default="")
    waves = pd.DataFrame(
        [_candidate(each, codes_only, checked, best) for each in candidates], columns=list(_WAVES)
    )
    _refuse_doubt(codes_only, waves, best)
    return Numbering(codes_only.wave, best, _mapped(codes_only, checked[best]), waves)


def with_questions(codes_only: PublishedTable, numbering: Numbering) -> PublishedTable:
    """Return a table of bare codes with the wordings that its figures prove; other codes stay without one."""
    known = numbering.table_[numbering.table_["fits"]].set_index("code")
    table = codes_only.table_
    named = table.assign(
        **{part: table["code"].map(known[part]).fillna("").astype("str") for part in ("question", "figure")}
    )
    return replace(codes_only, table_=named)


def _codes(codes_only: PublishedTable, candidate: PublishedTable) -> pd.DataFrame:
    """Return one row a code that is in both waves: does it stand for the same question?"""
    now, then = codes_only.by_unit(), candidate.by_unit()
    shared = now.index.intersection(then.index)
    now, then = now.loc[shared], then.loc[shared]
    first = candidate.table_.drop_duplicates("code")
    words = dict(zip(first["code"], zip(first["question"], first["figure"], strict=True), strict=True))
    rows = [
        (code, *words[code], False, *_distances(now[code], then, code))
        for code in map(str, now)
        if code in words and words[code][0]
    ]
    codes = pd.DataFrame(rows, columns=list(_CODES))
    return codes.assign(fits=_fitting(codes)).astype({"fits": bool})


def _distances(figures: pd.Series[Any], then: pd.DataFrame, code: str) -> tuple[Any, ...]:
    """Hold the figures of one code against all questions of another wave."""
    place = list(then.columns).index(code)
    distance = np.abs(then.to_numpy() - figures.to_numpy()[:, None])
    own = distance[:, place]
    n_used = int(np.isfinite(own).sum())
    beaten_by = _in_errors(own[:, None] - distance).drop(place).dropna()
    if beaten_by.empty or n_used < FEWEST_GROUPS:
        return math.nan, math.nan, "", math.nan, n_used
    nearest, correlation = (
        str(list(then.columns)[int(beaten_by.index[int(beaten_by.argmax())])]),
        float(figures.corr(then[code])),
    )
    return float(np.nanmean(own)), correlation, nearest, float(beaten_by.max()), n_used


def _in_errors(differences: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return the mean of each column in its standard errors; NaN where too few groups are in both."""
    known = np.isfinite(differences)
    n = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, differences, 0).sum(axis=0) / n
    squares = np.where(known, differences - mean, 0) ** 2
    error = np.sqrt(squares.sum(axis=0) / np.maximum(n - 1, 1) / n)
    enough = (n >= FEWEST_GROUPS) & (error > 0)
    return pd.Series(np.where(enough, mean / np.where(error > 0, error, 1), np.nan))


def _fitting(codes: pd.DataFrame) -> list[bool]:
    """Say which codes stand for the same question.

    Nearest of all is proof. Two questions that hardly differ may change places by chance: then the numbers
    before and after must be right, so that no other question can stand between them.
    """
    alike = codes["correlation"] >= LOWEST_CORRELATION
    surely = dict(zip(codes["code"], alike & (codes["beaten_by"] <= 0), strict=True))
    nearly = dict(zip(codes["code"], alike & (codes["beaten_by"] <= MOST_BEATEN), strict=True))
    return [
        surely[code] or (nearly[code] and all(surely.get(beside, False) for beside in _beside(code)))
        for code in codes["code"]
    ]


def _beside(code: str) -> tuple[str, str]:
    """Return the numbers before and after a code.

    Examples
    --------
    >>> _beside("B09"), _beside("C01_1")
    (('B08', 'B10'), ('C01_0', 'C01_2'))
    """
    start, digits = re.fullmatch(r"(.*?)(\d*)", code).groups()  # type: ignore[union-attr]
    number = int(digits or 0)
    before, after = (str(number + step).zfill(len(digits)) for step in (-1, 1))
    return start + before, start + after


def _median_difference(codes: pd.DataFrame) -> float:
    return float(codes["difference"].median())


def _candidate(
    candidate: PublishedTable, codes_only: PublishedTable, checked: dict[str, pd.DataFrame], best: str
) -> tuple[Any, ...]:
    codes = checked[candidate.wave]
    n_units = len(codes_only.by_unit().index.intersection(candidate.by_unit().index))
    wording = checked[best].set_index("code")["question"]
    both = codes[codes["code"].isin(wording.index)]
    pairs = zip(both["question"], wording[both["code"]], strict=True)
    same = [spelling_of(mine) == spelling_of(theirs) for mine, theirs in pairs]
    other = both[[not each for each in same]]
    share = codes["fits"].mean() if len(codes) else 0.0
    return (
        candidate.wave,
        n_units,
        len(codes),
        int(codes["fits"].sum()),
        float(share),
        _median_difference(codes),
        len(other),
        int(other["fits"].sum()),
    )


def _refuse_doubt(codes_only: PublishedTable, waves: pd.DataFrame, best: str) -> None:
    """Refuse when no wave fits, or when one that says otherwise fits as well."""
    known = waves.set_index("wave")
    if best and known["share_fit"].to_dict()[best] >= LOWEST_SHARE:
        rivals = known[(known["n_other_wording"] >= 0.1 * known["n_codes"]) & (known.index != best)]
        doubtful = rivals[rivals["n_fit_other_wording"] > 0.5 * rivals["n_other_wording"]]
        if doubtful.empty:
            return
        found = f"{best} and {', '.join(doubtful.index)}, which fit as well and give other wordings"
    else:
        tried = "; ".join(f"{row.wave}: {row.n_fit} of {row.n_codes} codes" for row in waves.itertuples())
        found = f"codes that cannot be mapped ({tried or 'no wave with wordings'})"
    raise SurveyDataError(
        expected=f"one wave whose numbering {codes_only.wave} follows, code by code",
        found=found,
        where=codes_only.facts.name,
        todo="get the list of questions of that wave; do not take the nearest year, numbers shift",
    )


def _mapped(codes_only: PublishedTable, codes: pd.DataFrame) -> pd.DataFrame:
    """Return every code of the table; without wording where it does not fit."""
    all_codes = pd.DataFrame({"code": codes_only.table_["code"].unique()})
    table = all_codes.merge(codes, on="code", how="left")
    fits = table["fits"].eq(True)
    texts = {part: table[part].where(fits, "").astype("str") for part in ("question", "figure")}
    return table.assign(**texts, fits=fits)
