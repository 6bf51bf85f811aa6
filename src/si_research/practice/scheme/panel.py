"""The panel of a scheme: firms with their start, and the mean of every score in each firm and wave.

A scheme is given to firms, so that firm-wave means with the number of people as weights hold all that an
estimate with firm and wave effects, and its errors clustered by firm, can take from the people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import as_found
from si_research.model.design import check_names, control_column, control_terms, numeric, text_column

Array = npt.NDArray[np.float64]
Weighting = Literal["person", "firm"]
NEVER: Final = float("inf")
DIGITS: Final = 9
"""Firms are put in the order of their own figures, as far as these do not hang on the order of sums."""


@dataclass(frozen=True, slots=True)
class SchemeRoles:
    """Which column plays which part in the evaluation of a scheme.

    Attributes
    ----------
    firm : str
    wave : str, optional
    treated : str, optional
        0 or 1 a firm: whether it got the scheme (constant), or had it by then (0 before, 1 from its start).
    start : str, optional
        The first wave in which the firm had the scheme; empty for never.
    after : optional
        The first wave after the start, where ``treated`` is constant and there are more than two waves.
    lottery : bool
        Whether ``treated`` was drawn by lot.
    stratum : str, optional
        Group within which lots were drawn; makes it a lottery.
    applied : str, optional
        0 or 1 a firm; where named, only firms that applied are compared.
    dose : str, optional
        How much of the scheme the firm got.
    cost : str, optional
        What the scheme cost for the firm.
    covariates : tuple of str
        Of the firm before the start; only the first wave of a firm is read.
    weighting : {"person", "firm"}
        Whether each person or each firm counts once.
    """

    firm: str
    wave: str | None = None
    treated: str | None = None
    start: str | None = None
    after: Any = None
    lottery: bool = False
    stratum: str | None = None
    applied: str | None = None
    dose: str | None = None
    cost: str | None = None
    covariates: tuple[str, ...] = ()
    weighting: Weighting = "person"

    @property
    def names(self) -> tuple[str, ...]:
        """All columns named."""
        given = (self.firm, self.wave, self.treated, self.start, self.stratum, self.applied)
        named = (name for name in (*given, self.dose, self.cost) if name is not None)
        return (*named, *self.covariates)


@dataclass(frozen=True, slots=True, eq=False)
class SchemePanel:
    """Firms, and firm-wave means. Made by :func:`scheme_panel`.

    Attributes
    ----------
    waves : tuple of str
        In order; a wave is a place in it.
    firms : pandas.DataFrame, a row a firm
        ``name``, ``start`` (a wave, infinite for never), ``ended`` (whether ``treated`` is 0 again later),
        and, where named, ``stratum``, ``dose``, ``cost`` and the columns of the covariates. Numbered in the
        order of their own figures.
    means, counts : pandas.DataFrame, indexed by ``firm``, ``wave``
        Mean of each outcome, and the people who have one.
    spread : pandas.Series
        Standard deviation between people of each outcome in the first wave.
    covariates : tuple of str
        Columns of ``firms``; numbers less their mean.
    centres : mapping of str to float
        That mean.
    weighting : str
    n_rows : int
    dropped : pandas.Series
        Rows left out, by reason: ``firm``, ``wave``, ``treated`` unknown, ``not_applied``.
    """

    waves: tuple[str, ...]
    firms: pd.DataFrame = field(repr=False)
    means: pd.DataFrame = field(repr=False)
    counts: pd.DataFrame = field(repr=False)
    spread: pd.Series = field(repr=False)
    covariates: tuple[str, ...]
    centres: Mapping[str, float]
    weighting: Weighting
    n_rows: int
    dropped: pd.Series = field(repr=False)

    def cells(self, outcome: str) -> pd.DataFrame:
        """Return a row a firm and wave with this outcome: firm, wave, start, y, n, weight."""
        people = self.counts[outcome].to_numpy(dtype="float64")
        there = people > 0
        index = self.means.index[there]
        firm = index.get_level_values("firm").to_numpy(dtype=np.intp)
        n = people[there]
        return pd.DataFrame(
            {
                "firm": firm,
                "wave": index.get_level_values("wave").to_numpy(dtype=np.intp),
                "start": self.firms["start"].to_numpy(dtype="float64")[firm],
                "y": self.means[outcome].to_numpy(dtype="float64")[there],
                "n": n,
                "weight": n if self.weighting == "person" else np.ones(len(n)),
            }
        )


def scheme_panel(scores: pd.DataFrame, roles: SchemeRoles, outcomes: Sequence[str]) -> SchemePanel:
    """Return the firms of a scheme and their mean on each outcome in each wave.

    Raises
    ------
    ModelSpecificationError, SurveyDataError
        For columns that are not there, a scheme that differs between people of one firm and wave, or waves
        of unknown order.
    """
    check_names(scores, (*roles.names, *outcomes))
    scores = scores.reset_index(drop=True)
    rows = pd.DataFrame({"firm": text_column(scores[roles.firm])})
    labels, rows["wave"] = _waves(scores, roles)
    _check_after(roles, labels)
    for name in ("treated", "applied", "dose"):
        column = getattr(roles, name)
        if column is not None:
            rows[name] = numeric(scores, column)
    if (rows.get("dose", pd.Series(dtype="float64")) < 0).any():
        raise SurveyDataError(
            expected="a dose of 0 or more",
            found=f"{int((rows['dose'] < 0).sum())} rows below 0",
            where=f"column {roles.dose}",
            todo="look whether these are amounts paid back; add them up for each firm first",
        )
    start = None if roles.start is None else _moments(scores, roles)
    if start is not None:
        rows["start"] = start
    kept, dropped = _kept(rows)
    rows = rows[kept]
    firm, names = pd.factorize(rows["firm"], sort=True)
    rows = rows.assign(firm=firm.astype(np.intp), wave=rows["wave"].astype(np.intp))
    values = pd.DataFrame({name: numeric(scores, name)[kept] for name in outcomes}, index=rows.index)
    grouped = values.groupby([rows["firm"], rows["wave"]])
    means, counts = grouped.mean(), grouped.count()
    firms = pd.DataFrame({"name": names, "start": _starts(rows, roles, labels)})
    firms["ended"] = _ended(rows, len(firms))
    if roles.dose is not None:
        firms["dose"] = rows.groupby("firm")["dose"].max().to_numpy()
    if roles.cost is not None:
        firms["cost"] = numeric(scores, roles.cost)[kept].groupby(rows["firm"]).max().to_numpy()
    firms, covariates, centres = _with_covariates(firms, scores[kept], rows, roles)
    first = rows["wave"].to_numpy() == 0
    spread = values[first].std() if outcomes else pd.Series(dtype="float64")
    firms, means, counts = _in_own_order(firms, means, counts)
    return SchemePanel(
        labels, firms, means, counts, spread, covariates, centres, roles.weighting, len(scores), dropped
    )


def _waves(scores: pd.DataFrame, roles: SchemeRoles) -> tuple[tuple[str, ...], pd.Series]:
    """Return the names of the waves in order, and the place of each row's wave (missing where unknown)."""
    if roles.wave is None:
        return ("",), pd.Series(0.0, index=scores.index)
    moments = moments_of(scores[roles.wave], roles.wave)
    known = np.sort(moments.dropna().unique())
    place = pd.Series(np.searchsorted(known, moments.to_numpy()), index=scores.index, dtype="float64")
    firsts = moments.drop_duplicates().dropna().sort_values().index
    labels = tuple(_label(value) for value in scores.loc[firsts, roles.wave])
    return labels, place.where(moments.notna())


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def moments_of(column: pd.Series, name: str) -> pd.Series:
    """Return waves as numbers that stand in their order; refuse words whose order nobody gave."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        codes = pd.Series(column.cat.codes.to_numpy(dtype="float64"), index=column.index)
        return codes.where(codes >= 0)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.astype("int64").astype("float64").where(column.notna())
    if pd.api.types.is_numeric_dtype(column.dtype):
        return numeric(pd.DataFrame({name: column}), name)
    texts = pd.Series(column.astype("str").where(column.notna()).unique()).dropna()
    numbers = {text: re.findall(r"\d+", text) for text in texts}
    order = {text: float(found[-1]) for text, found in numbers.items() if found}
    if len(order) < len(texts) or len(set(order.values())) < len(order):
        raise SurveyDataError(
            expected="waves as numbers, dates, texts that hold one number each, or an ordered category",
            found=f"{len(texts)} different texts, whose order cannot be told",
            where=f"column {name}",
            todo="number the waves, the first one lowest",
        )
    return column.astype("str").where(column.notna()).map(order).astype("float64")


def _moments(scores: pd.DataFrame, roles: SchemeRoles) -> pd.Series:
    """Return the place of each row's start among the waves: the first wave at or after it."""
    assert roles.start is not None
    if roles.wave is None:
        raise ModelSpecificationError(
            expected="`wave` beside `start`",
            found="no wave",
            where="the roles of the scheme",
            todo="name the column with the wave of each row",
        )
    waves = scores[roles.wave]
    start = scores[roles.start]
    if isinstance(waves.dtype, pd.CategoricalDtype):
        start = start.astype(waves.dtype)
    known = np.sort(moments_of(waves, roles.wave).dropna().unique())
    own = moments_of(start, roles.start)
    place = np.searchsorted(known, own.to_numpy()).astype("float64")
    return pd.Series(np.where(own.isna() | (place >= len(known)), NEVER, place), index=scores.index)


def _kept(rows: pd.DataFrame) -> tuple[npt.NDArray[np.bool_], pd.Series]:
    """Return which rows stay, and the others counted by the first thing that is wrong with them."""
    left: dict[str, int] = {}
    kept = np.ones(len(rows), dtype=bool)
    for name in ("firm", "wave", "treated", "applied", "dose"):
        if name in rows:
            bad = rows[name].isna().to_numpy() & kept
            left[name] = int(bad.sum())
            kept &= ~bad
    if "applied" in rows:
        bad = (rows["applied"] == 0).to_numpy() & kept
        left["not_applied"] = int(bad.sum())
        kept &= ~bad
    if not kept.any():
        raise SurveyDataError(
            expected="rows with a firm, a wave and the roles of the scheme",
            found="none" if len(rows) else "no rows at all",
            where="the scores",
            todo="look whether the right columns are named",
        )
    return kept, pd.Series({name: n for name, n in left.items() if n}, name="n", dtype="int64")


def _starts(rows: pd.DataFrame, roles: SchemeRoles, labels: tuple[str, ...]) -> Array:
    """Return the wave in which each firm starts; infinite for never."""
    if roles.start is not None:
        return _constant(rows, "start", roles.start)
    if roles.treated is None and roles.dose is None:
        return np.full(int(rows["firm"].max()) + 1, 0.0)
    had = rows["treated"] if roles.treated is not None else (rows["dose"] > 0).astype("float64")
    if not had.isin([0, 1]).all():
        raise SurveyDataError(
            expected="0 for without and 1 for with the scheme",
            found="other values",
            where=f"column {roles.treated}",
            todo="recode it, or name it as `dose`",
        )
    cells = had.groupby([rows["firm"], rows["wave"]]).agg(["min", "max"])
    if (cells["min"] != cells["max"]).any():
        raise SurveyDataError(
            expected="a scheme that is given to firms: the same for all people of a firm in a wave",
            found=f"{int((cells['min'] != cells['max']).sum())} firm-waves in which people differ",
            where=f"column {roles.treated or roles.dose}",
            todo="name the column that holds which firm had the scheme",
        )
    wave = cells.index.get_level_values("wave").to_numpy(dtype="float64")
    first = pd.Series(np.where(cells["max"] == 1, wave, NEVER), index=cells.index)
    by_firm = cells["max"].groupby(level="firm").agg(["min", "max"])
    if (by_firm["min"] != by_firm["max"]).any():
        return np.asarray(first.groupby(level="firm").min(), dtype="float64")
    common = _common_start(roles, labels)
    return np.asarray(np.where(by_firm["max"].to_numpy() == 1, common, NEVER), dtype="float64")


def _ended(rows: pd.DataFrame, n_firms: int) -> npt.NDArray[np.bool_]:
    """Return which firms had the scheme in some wave, and in a later one no more."""
    if "treated" not in rows:
        return np.zeros(n_firms, dtype=bool)
    lasts = [
        rows[rows["treated"] == value].groupby("firm")["wave"].max().reindex(range(n_firms))
        for value in (0, 1)
    ]
    return np.asarray(lasts[0] > lasts[1], dtype=bool)


def _common_start(roles: SchemeRoles, labels: tuple[str, ...]) -> float:
    """Return the wave in which all firms with the scheme start."""
    if roles.after is not None:
        return float(labels.index(_label(roles.after)))
    if len(labels) <= 2:
        return float(len(labels) - 1)
    raise ModelSpecificationError(
        expected="the first wave after the start of the scheme, as there are more than two waves",
        found="a column that is constant within firms, and no `after`",
        where="the roles of the scheme",
        todo="give `after`, or name a `start` column with the first wave of each firm",
    )


def _check_after(roles: SchemeRoles, labels: tuple[str, ...]) -> None:
    if roles.after is not None and _label(roles.after) not in labels:
        raise ModelSpecificationError(
            expected=f"one of the waves: {', '.join(labels)}",
            found=as_found(roles.after),
            where="`after` of the scheme",
            todo="name the first wave in which the scheme had started",
        )


def _constant(rows: pd.DataFrame, column: str, name: str) -> Array:
    """Return the one value of each firm, missing where none is known; refuse firms that have several."""
    ends = rows.groupby("firm")[column].agg(["min", "max"])
    several = ends["min"] < ends["max"]
    if several.any():
        raise SurveyDataError(
            expected="one value for each firm",
            found=f"{int(several.sum())} firms with several",
            where=f"column {name}",
            todo="look whether firms that share a name are one firm",
        )
    return ends["max"].to_numpy(dtype="float64")


def _with_covariates(
    firms: pd.DataFrame, scores: pd.DataFrame, rows: pd.DataFrame, roles: SchemeRoles
) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, float]]:
    """Return the firms with stratum and covariates as in each firm's first wave; words as dummies."""
    first = rows["wave"] == rows.groupby("firm")["wave"].transform("min")
    firm = rows.loc[first, "firm"]
    if roles.stratum is not None:
        codes = pd.Series(pd.factorize(scores[roles.stratum], sort=True)[0], index=scores.index)
        known = rows.assign(stratum=codes.where(codes >= 0))
        firms = firms.assign(stratum=_constant(known, "stratum", roles.stratum))
    own: dict[str, pd.Series] = {}
    for name in roles.covariates:
        column = control_column(scores, name)[first]
        numbers = pd.api.types.is_numeric_dtype(column)
        own[name] = column.groupby(firm).mean() if numbers else column.groupby(firm).first()
    if not own:
        return firms, (), {}
    terms = control_terms(pd.DataFrame(own), roles.covariates)
    centres = {str(name): float(own[name].mean()) for name in terms if name in own}
    return pd.concat([firms, terms.reset_index(drop=True)], axis=1), tuple(map(str, terms)), centres


def first_wave(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the first wave of a table a firm and wave, indexed by firm."""
    return table[table.index.get_level_values("wave") == 0].droplevel("wave")


def _in_own_order(
    firms: pd.DataFrame, means: pd.DataFrame, counts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Number the firms by what is in them, so that what is drawn a firm does not hang on names."""
    by_wave = [table.unstack("wave") for table in (means.round(DIGITS), counts)]  # noqa: PD010
    wide = pd.concat(by_wave, axis=1)
    keys = [firms["start"].to_numpy(), *wide.to_numpy(dtype="float64").T]
    order = np.lexsort(tuple(reversed(keys)))
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    index = pd.MultiIndex.from_arrays(
        [place[means.index.get_level_values("firm")], means.index.get_level_values("wave")],
        names=["firm", "wave"],
    )
    both = [table.set_axis(index).sort_index() for table in (means, counts)]
    return firms.iloc[order].reset_index(drop=True), both[0], both[1]
