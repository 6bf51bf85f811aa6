"""The scheme as the roles of a codebook tell it: who had it, was drawn or applied, when, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.study.analysis import PreparedStudy
from si_research.survey.codebook import ROLE_COLUMNS, Codebook, RoleName

ORGANISATION, WAVE, ARM, ASSIGNMENT, STRATUM, APPLICATION, START, DOSE = (
    ROLE_COLUMNS[role]
    for role in (
        *("organisation", "wave", "arm", "assignment", "stratum", "application", "scheme_start", "dose"),
    )
)
TELLING: Final[tuple[RoleName, ...]] = ("arm", "assignment", "application", "scheme_start", "dose")
"""Roles of which one must say which organisations had the scheme."""
WITH: Final = frozenset({"1", "1.0", "ja", "yes", "true", "waar"})
WITHOUT: Final = frozenset({"0", "0.0", "nee", "no", "false", "onwaar"})
DRAWN: Final = frozenset({"ingeloot", "drawn", "won", "treatment"})
NOT_DRAWN: Final = frozenset({"uitgeloot", "not drawn", "lost", "control"})
GRANTED: Final = frozenset({"toegekend", "gehonoreerd", "granted", "awarded", "approved"})
REJECTED: Final = frozenset({"afgewezen", "niet gehonoreerd", "rejected", "denied", "not granted"})
NOT_APPLIED: Final = frozenset({"niet aangevraagd", "geen aanvraag", "did not apply", "not applied"})
NEVER: Final = frozenset({"nooit", "never"})


@dataclass(frozen=True, slots=True, eq=False)
class SchemeColumns:
    """The table of an evaluation and which of its columns plays which part. Made by :func:`scheme_columns`.

    Attributes
    ----------
    table : pandas.DataFrame
        Scores and roles, with words as 0 and 1 and waves in their order.
    roles : mapping of str to object
        Arguments of :func:`~si_research.practice.scheme.evaluation.evaluate_scheme`.
    by_dose : mapping of str to object
        The same for the line through doses, where there is a dose beside what says who had the scheme; else
        empty.
    took_part : mapping of arm to (n, of)
        Of a lottery with ``arm`` beside it: how many organisations of each arm took part.
    """

    table: pd.DataFrame = field(repr=False)
    roles: Mapping[str, Any] = field(repr=False)
    by_dose: Mapping[str, Any] = field(repr=False)
    took_part: Mapping[str, tuple[int, int]]


def scheme_columns(ready: PreparedStudy, codebook: Codebook, after: str | None) -> SchemeColumns:
    """Return the columns of the scheme, and the part that each plays.

    Lots count before what became of them: who was drawn is compared with who was not, whoever took part.

    Raises
    ------
    SurveyDataError
        For words that do not say who had the scheme, a start that is no wave, or a start and an arm that
        contradict each other; no value is printed.
    """
    table = ready.scores.table()
    order = _in_order(table, codebook)
    played = {role: role in TELLING and codebook.variable_of_role(role) is not None for role in TELLING}
    for role in ("arm", "assignment"):
        if played[role]:
            table[ROLE_COLUMNS[role]] = _yes_or_no(table, codebook, role)
    if played["application"]:
        _applied(table, codebook, with_arm=played["arm"])
    if played["scheme_start"]:
        _starts(table, codebook, order)
    roles: dict[str, Any] = {"firm": ORGANISATION, "wave": WAVE if WAVE in table else None, "after": after}
    if played["assignment"]:
        stratum = STRATUM if STRATUM in table else None
        roles |= {"treated": ASSIGNMENT, "lottery": True, "stratum": stratum}
    elif played["scheme_start"]:
        roles |= {"start": START}
    elif ARM in table:
        roles |= {"treated": ARM}
    if played["application"]:
        roles |= {"applied": APPLICATION}
    told = "treated" in roles or "start" in roles
    if played["dose"] and not told:
        roles |= {"dose": DOSE}
    elif played["dose"] and "treated" in roles:
        table[DOSE] = table[DOSE].where(table[DOSE].notna() | (table[roles["treated"]] != 0), 0.0)
    _check_after(table, roles)
    roles |= {"covariates": codebook.roles.covariates}
    by_dose = {**roles, "dose": DOSE, "lottery": False, "stratum": None} if played["dose"] and told else {}
    took_part = _took_part(table) if played["assignment"] and ARM in table else {}
    return SchemeColumns(table, roles, by_dose, took_part)


def _took_part(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    firms = table.groupby(ORGANISATION)[[ASSIGNMENT, ARM]].max().dropna()
    names = ((1.0, "treated"), (0.0, "comparison"))
    own = {name: firms.loc[firms[ASSIGNMENT] == drawn, ARM] for drawn, name in names}
    return {name: (int(arm.sum()), len(arm)) for name, arm in own.items()}


def _in_order(table: pd.DataFrame, codebook: Codebook) -> list[str]:
    """Put the waves in the order that the codebook gives; return it, empty where it gives none."""
    name = codebook.variable_of_role("wave")
    if name is None:
        return []
    variable = codebook.variables.get(name)
    order = list(map(str, codebook.wave_order or (variable.labels if variable is not None else ())))
    if not order or not set(table[WAVE].dropna().astype("str")) <= set(order):
        return []
    words = table[WAVE].astype("str").where(table[WAVE].notna())
    table[WAVE] = pd.Categorical(words, categories=order, ordered=True)
    return order


def _words(table: pd.DataFrame, column: str) -> pd.Series:
    return table[column].astype("str").str.strip().str.lower().where(table[column].notna())


def _refuse_others(told: pd.Series, known: frozenset[str], codebook: Codebook, role: RoleName) -> None:
    unknown = told.dropna()[~told.dropna().isin(known)].nunique()
    if unknown:
        raise SurveyDataError(
            expected=_EXPECTED[role],
            found=f"answers that are neither ({unknown} different ones)",
            where=f"column {codebook.variable_of_role(role)}, which plays the role `{role}`",
            todo="recode it in the export, or name other words for these under `spellings` of that variable",
        )


_EXPECTED: Final[Mapping[RoleName, str]] = {
    "arm": "`ja` and `nee`, `yes` and `no`, or 1 and 0: whether the firm had the scheme",
    "assignment": "`ja` and `nee`, `ingeloot` and `uitgeloot`, `drawn` and `not drawn`, or 1 and 0: the lots",
    "application": "`toegekend`, `afgewezen` and `niet aangevraagd`, `granted`, `rejected` and `did not "
    "apply`, or with `arm` beside it `ja` and `nee`: the application",
}


def _yes_or_no(table: pd.DataFrame, codebook: Codebook, role: RoleName) -> pd.Series:
    """Return a column of yes and no as 1 and 0."""
    told = _words(table, ROLE_COLUMNS[role])
    yes, no = (WITH | DRAWN, WITHOUT | NOT_DRAWN) if role == "assignment" else (WITH, WITHOUT)
    _refuse_others(told, yes | no, codebook, role)
    return told.isin(yes).astype("float64").where(told.notna())


def _applied(table: pd.DataFrame, codebook: Codebook, *, with_arm: bool) -> None:
    """Put 1 where the firm applied, 0 where not; whether it was granted is the arm, where nothing else is."""
    told = _words(table, APPLICATION)
    plain = WITH if with_arm or ASSIGNMENT in table or START in table else frozenset()
    _refuse_others(told, GRANTED | REJECTED | NOT_APPLIED | plain | WITHOUT, codebook, "application")
    if not with_arm:
        table[ARM] = told.isin(GRANTED).astype("float64").where(told.notna())
    applied = told.isin(GRANTED | REJECTED | plain)
    table[APPLICATION] = applied.astype("float64").where(told.notna())


def _starts(table: pd.DataFrame, codebook: Codebook, order: list[str]) -> None:
    """Put the start of each firm in the terms of the waves; empty for never."""
    told = _words(table, START)
    never = told.isna() | told.isin(NEVER)
    table[START] = table[START].where(~never)
    if order:
        words = table[START].map(_as_typed, na_action="ignore").astype("str").where(~never)
        if not set(words.dropna()) <= set(order):
            raise SurveyDataError(
                expected="for each firm one of the waves, or nothing for never",
                found="starts that are no wave",
                where=f"column {codebook.variable_of_role('scheme_start')}, the role `scheme_start`",
                todo="write the first wave in which the firm had the scheme, as the file writes that wave",
            )
        table[START] = pd.Categorical(words, categories=order, ordered=True)
    if ARM in table:
        firms = table.assign(never=never).groupby(ORGANISATION).agg({ARM: "max", "never": "all"})
        apart = int(((firms[ARM] == 1) == firms["never"])[firms[ARM].notna()].sum())
        if apart:
            raise SurveyDataError(
                expected="a start for the firms with the scheme, and none for the others",
                found=f"{apart} firms for which `arm` and `scheme_start` contradict each other",
                where="the roles of the scheme",
                todo="mend one of the two columns, or leave the role `arm` out",
            )


def _as_typed(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _check_after(table: pd.DataFrame, roles: Mapping[str, Any]) -> None:
    """Refuse a start that is not named, or is no wave; names of waves, which may be typed, are not said."""
    after, treated = roles["after"], roles.get("treated", roles.get("dose"))
    named = table[WAVE].dropna().unique() if WAVE in table else ()
    waves = {_as_typed(each) for each in named}
    told = treated is None
    if treated is not None:
        had = table[treated] > 0
        told = bool((had.where(table[treated].notna()).groupby(table[ORGANISATION]).nunique() > 1).any())
    if (after is None and (told or len(waves) < 3)) or after in waves:
        return
    raise SurveyDataError(
        expected="the first wave in which the scheme had started",
        found=f"no such wave among the {len(waves)} of the file" if after is not None else "no wave named",
        where="--after"
        if after is not None
        else f"{len(waves)} waves, and who has the scheme is the same in all of them",
        todo="name that wave with --after as the file has it, have `arm` turn from 0 to 1 in it, or name the "
        "role `scheme_start`",
    )
