"""The bottleneck of each organisation from its own figures over the years, where a file holds no people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS
from si_research.errors import SurveyDataError
from si_research.model.arguments import check_level, check_name, listed_names
from si_research.model.design import check_names, text_column
from si_research.model.fit_notes import Note
from si_research.model.response_ends import Pair
from si_research.practice.diagnosis.diagnosis_notes import bottleneck_not_told
from si_research.practice.diagnosis.evidence import Array, Evidence, UntoldSpreadError, evidence_of
from si_research.practice.diagnosis.people import People, people_of
from si_research.practice.diagnosis.posterior import level_posteriors
from si_research.practice.diagnosis.profile import (
    FEW_UNITS,
    bottleneck_of,
    condition_frame,
    person_spread,
    profile_columns,
    unit_frame,
)
from si_research.practice.diagnosis.spread import spread_table
from si_research.practice.diagnosis.tree_fit import TreeFit, fit_tree

PERCENTAGES: Final = (0.0, 100.0)
FEWEST_YEARS: Final = 3
TOO_FEW_YEARS: Final = "too_few_years"


@dataclass(frozen=True, slots=True, eq=False)
class OrganisationDiagnosis:
    """The bottleneck of each organisation over its years. Made by :func:`diagnose_organisations`.

    Attributes
    ----------
    unit, year : str
    predictors : tuple of str
    conf_level : float
    n_rows, n_used : int
        Rows offered; with an organisation, a year and all conditions, of organisations with enough years.
    n_incomplete : int
        Rows without one of these.
    units : pandas.DataFrame, indexed by ``unit``
        Its name, level, n_years, first_year, last_year, ``state`` (empty, or ``too_few_years``),
        ``bottleneck`` (or ``not_distinguishable``), p_bottleneck, and the same norm-referenced.
    conditions : pandas.DataFrame, indexed by ``unit`` and ``condition``
        n_used (years), raw_mean, estimate, std_error, conf_low, conf_high, p_lowest; normed (from the
        grand mean, in standard deviations of organisation-years) with normed_low, normed_high,
        p_lowest_normed. Nothing on shares of people: there are none in the file.
    spread : pandas.DataFrame
        As in :class:`~si_research.practice.diagnosis.diagnosis.Diagnosis`; sd_within is that between years.
    notes : tuple of Note
        ``years_for_sampling_error`` always: how many people stand behind a figure is not known, and how far
        an organisation's figures differ between years stands in for it; ``no_individuals`` always;
        ``years_alike`` with the correlation of one year with the next about an organisation's mean, by
        condition: where it is above 0 the intervals are too narrow; ``too_few_years``, ``incomplete_rows``;
        ``bottleneck_not_told`` with fewer than ten organisations.
    """

    unit: str
    year: str
    predictors: tuple[str, ...]
    conf_level: float
    n_rows: int
    n_used: int
    n_incomplete: int
    units: pd.DataFrame = field(repr=False)
    conditions: pd.DataFrame = field(repr=False)
    spread: pd.DataFrame = field(repr=False)
    notes: tuple[Note, ...]

    def table(self) -> pd.DataFrame:
        """Return a row an organisation and condition, with the name of the organisation."""
        names = [self.unit, "n_years", "state", "bottleneck"]
        whole = self.conditions.join(self.units[names], on="unit")
        return whole[[*names, *self.conditions.columns]].copy()

    def _head(self) -> str:
        n = int((self.units["state"] == "").sum())
        return f"Bottlenecks of {n} organisations over years; n = {self.n_used} of {self.n_rows} rows"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.units.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.units.round(3).to_html()}"


def diagnose_organisations(
    figures: pd.DataFrame,
    *,
    unit: str = "organisation",
    year: str = "year",
    predictors: Sequence[str] = CONDITIONS,
    ends: Pair = PERCENTAGES,
    conf_level: float = 0.95,
) -> OrganisationDiagnosis:
    """Say for each organisation which condition is the lowest over the years, from its own figures.

    Use it for published tables: a row an organisation in a year, such as percentages that agree. It speaks of
    organisations; what holds for their figures need not hold for any person in them.

    Parameters
    ----------
    figures : pandas.DataFrame
        Without rows that are a benchmark or a total.
    unit, year : str
    predictors : sequence of str
        Two or three conditions, all on one scale.
    ends : (lowest, highest)
        0 to 100 by default.
    conf_level : float, in (0, 1)

    Returns
    -------
    OrganisationDiagnosis

    Raises
    ------
    SurveyDataError
        For an organisation that is in a year twice, and where none has three years or figures do not differ.

    Notes
    -----
    The model is that of :func:`~si_research.practice.diagnosis.diagnosis.diagnose` with years in the place of
    people: an organisation's figures vary about its mean by N(0, S), organisations by N(0, T). Organisations
    with fewer than three years are left out of it.

    References
    ----------
    Robinson (1950) on inference from groups to people, https://doi.org/10.2307/2087176.
    """
    check_level(conf_level)
    rows, enough = _rows_and_enough(figures, unit, year, predictors)
    n_incomplete = len(figures) - len(rows)
    people = people_of(
        rows,
        unit=unit,
        predictors=predictors,
        outcome=None,
        ends=ends,
        where="diagnose_organisations",
    )
    used = people_of(
        rows[enough],
        unit=unit,
        predictors=predictors,
        outcome=None,
        ends=ends,
        where="diagnose_organisations",
    )
    evidence = evidence_of(used.percent, used.tree.of_rows[0], len(used.tree.units[0]), used.predictors)
    fit = fit_tree(evidence, used.tree.parents)
    units, conditions = _tables(people, used, (evidence, fit), rows[year], conf_level)
    return OrganisationDiagnosis(
        unit=unit,
        year=year,
        predictors=used.predictors,
        conf_level=conf_level,
        n_rows=len(figures),
        n_used=int(enough.sum()),
        n_incomplete=n_incomplete,
        units=units,
        conditions=conditions,
        spread=spread_table(used, evidence, fit),
        notes=tuple(_notes(units, used, rows.loc[enough, year], n_incomplete)),
    )


def _rows_and_enough(
    figures: pd.DataFrame, unit: str, year: str, predictors: Sequence[str]
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the complete rows, and which of them are of an organisation with enough years."""
    check_name(unit, "`unit` of diagnose_organisations")
    check_name(year, "`year` of diagnose_organisations")
    names = listed_names(predictors, "`predictors` of diagnose_organisations")
    check_names(figures, (unit, year, *names))
    complete = figures[[unit, year, *names]].notna().all(axis=1) & text_column(figures[unit]).notna()
    rows = figures[complete]
    _check_once(rows, unit, year)
    own = text_column(rows[unit])
    enough = own.groupby(own).transform("size") >= FEWEST_YEARS
    if not enough.any():
        raise UntoldSpreadError(
            expected=f"organisations with figures of {FEWEST_YEARS} years or more",
            found=f"none among {own.nunique()}",
            where=f"columns {unit!r} and {year!r} of the figures",
            todo="add years; one or two years do not tell how far figures differ by themselves",
        )
    return rows, enough


def _check_once(rows: pd.DataFrame, unit: str, year: str) -> None:
    twice = int(pd.DataFrame({"unit": text_column(rows[unit]), "year": rows[year]}).duplicated().sum())
    if twice:
        raise SurveyDataError(
            expected="each organisation once a year",
            found=f"{twice} row(s) of an organisation that is in that year already",
            where=f"columns {unit!r} and {year!r} of the figures",
            todo="leave one row for each; scores of people go to diagnose",
        )


def _tables(
    people: People, used: People, found: tuple[Evidence, TreeFit], years: pd.Series, conf_level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of all organisations, and the conditions of those with enough years."""
    (evidence, fit), names = found, used.predictors
    (posterior,) = level_posteriors(evidence, used.tree.parents, fit)
    columns = {"n_used": evidence.n_scores(), "raw_mean": evidence.raw_means()}
    columns |= profile_columns(posterior, person_spread(evidence, fit), conf_level)
    span = years.groupby(people.tree.of_rows[0]).agg(["size", "min", "max"])
    counts = {"n_years": span["size"], "first_year": span["min"], "last_year": span["max"]}
    whole = unit_frame(people.tree, 0, [0], {name: values.to_numpy() for name, values in counts.items()})
    name = people.tree.names[0]
    own = whole.index[whole[name].isin(used.tree.units[0][name])]
    whole["state"] = np.where(whole.index.isin(own), "", TOO_FEW_YEARS)
    for end, key in (("", "p_lowest"), ("_normed", "p_lowest_normed")):
        clear, p = bottleneck_of(columns[key], names, len(own))
        whole[f"bottleneck{end}"] = pd.Series(clear, index=own).reindex(whole.index, fill_value=TOO_FEW_YEARS)
        whole[f"p_bottleneck{end}"] = pd.Series(p, index=own).reindex(whole.index)
    return whole.drop(columns="parent"), condition_frame(own, names, columns)


def _notes(units: pd.DataFrame, used: People, years: pd.Series, n_incomplete: int) -> list[Note]:
    notes = [
        Note(
            "years_for_sampling_error",
            {"n_years": float(units.loc[units["state"] == "", "n_years"].median())},
        ),
        Note("no_individuals"),
        Note("years_alike", dict(zip(used.predictors, _next_year(used, years), strict=True))),
    ]
    n_units = int((units["state"] == "").sum())
    notes += bottleneck_not_told(n_units)
    if n_units < FEW_UNITS:
        notes.append(Note("few_units", {"n_units": n_units}))
    too_few = int((units["state"] == TOO_FEW_YEARS).sum())
    notes += [Note(TOO_FEW_YEARS, {"n": too_few, "needed": FEWEST_YEARS})] if too_few else []
    notes += [Note("incomplete_rows", {"n": n_incomplete})] if n_incomplete else []
    return notes


def _next_year(used: People, years: pd.Series) -> list[float]:
    """Return the correlation of an organisation's figures with those of its next year in the file.

    About the organisation's own mean, which pulls it below 0 where years are independent: by about one
    divided by the number of years.
    """
    unit = used.tree.of_rows[0]
    frame = pd.DataFrame(used.percent).assign(unit=unit, year=years.to_numpy()).sort_values(["unit", "year"])
    own = frame.groupby("unit")[list(range(len(used.predictors)))]
    left: Array = (frame[list(range(len(used.predictors)))] - own.transform("mean")).to_numpy()
    same = frame["unit"].to_numpy()[1:] == frame["unit"].to_numpy()[:-1]
    products = (left[1:] * left[:-1])[same].sum(axis=0)
    squares = np.sqrt((left[1:][same] ** 2).sum(axis=0) * (left[:-1][same] ** 2).sum(axis=0))
    return [float(value) for value in products / np.where(squares > 0, squares, np.nan)]
