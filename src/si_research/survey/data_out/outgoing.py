"""What leaves: the columns that may, under the names of the codebook, and the codebook beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.privacy.pseudonyms import pseudonymise
from si_research.survey.codebook import ROLE_NAMES, Codebook, Item, SourceOptions, Variable
from si_research.survey.survey_data import REASON_SUFFIX, Survey

_Entry = TypeVar("_Entry", Item, Variable)
_FEWEST_FILLED: Final = 20
_MOSTLY_DIFFERENT: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """A survey as it will be written.

    Attributes
    ----------
    values, reasons : pandas.DataFrame
        As in :class:`~si_research.survey.survey_data.Survey`, with the columns that leave.
    codebook : Codebook
        What describes these columns; names a column only where its name in the file is another.
    left_out : tuple of str
        Identifiers that stay behind.
    """

    values: pd.DataFrame = field(repr=False)
    reasons: pd.DataFrame = field(repr=False)
    codebook: Codebook = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, as in the codebook."""
        return tuple(str(name) for name in self.values)

    @property
    def columns_with_reasons(self) -> tuple[str, ...]:
        """Names of the columns in which an answer is missing."""
        return tuple(name for name in self.names if self.reasons[name].notna().any())

    def side_by_side(self) -> pd.DataFrame:
        """Return the values, and right of them a column of reasons for each column that lacks an answer."""
        companions = {
            f"{name}{REASON_SUFFIX}": self.reasons[name].astype("str") for name in self.columns_with_reasons
        }
        return pd.concat([self.values, pd.DataFrame(companions, index=self.values.index)], axis=1)


def outgoing_of(survey: Survey, codebook: Codebook, key: bytes | None = None) -> Outgoing:
    """Take what may leave: all that the codebook names, but identifiers and texts that hardly two share.

    With a key, identifiers become pseudonyms and leave as well.

    Parameters
    ----------
    survey : Survey
    codebook : Codebook
        The codebook that the survey was read with.

    Returns
    -------
    Outgoing
    """
    there = [name for name in codebook.used_names if name in survey.values]
    identifiers = tuple(name for name in there if _is_identifier(codebook, name))
    alone = tuple(name for name in there if name not in identifiers and _tells_apart(survey, codebook, name))
    left_out = (*(identifiers if key is None else ()), *alone)
    names = [name for name in there if name not in left_out]
    taken = set(names) & {f"{name}{REASON_SUFFIX}" for name in names}
    if taken:
        raise SurveyDataError(
            expected=f"names that do not end in {REASON_SUFFIX}, which marks a column of reasons",
            found=", ".join(sorted(taken)),
            where="the codebook",
            todo="rename them in the codebook",
        )
    values = survey.values[names]
    if key is not None:
        values = pseudonymise(values, identifiers, key)
    return Outgoing(values, survey.reasons[names], described_by(codebook, names), left_out)


def _is_identifier(codebook: Codebook, name: str) -> bool:
    return name not in codebook.items and codebook.variable(name).kind == "identifier"


def _tells_apart(survey: Survey, codebook: Codebook, name: str) -> bool:
    """Whether hardly two people share a text, which is then a name or a code, whatever its kind."""
    column = survey.values[name]
    allowed = name not in codebook.items and codebook.variable(name).allow_personal
    places = codebook.roles.named_units
    if name in codebook.items or name in places or allowed or pd.api.types.is_numeric_dtype(column.dtype):
        return False
    n_filled = int(column.notna().sum())
    return n_filled >= _FEWEST_FILLED and int(column.nunique()) >= _MOSTLY_DIFFERENT * n_filled


def described_by(codebook: Codebook, names: list[str]) -> Codebook:
    """Return a codebook without the names that stay behind; each column goes by the name of the codebook.

    Parameters
    ----------
    codebook : Codebook
    names : list of str
        What leaves.

    Returns
    -------
    Codebook
        A role or control that names what stays behind is left out as well.
    """
    roles = {role: codebook.variable_of_role(role) for role in ROLE_NAMES}
    return codebook.model_copy(
        update={
            "source": SourceOptions(),
            "items": {name: _at_home(item) for name, item in codebook.items.items() if name in names},
            "variables": {name: _at_home(each) for name, each in codebook.variables.items() if name in names},
            "roles": codebook.roles.model_copy(
                update={
                    **{role: name if name in names else None for role, name in roles.items()},
                    "controls": tuple(name for name in codebook.roles.controls if name in names),
                    "covariates": tuple(name for name in codebook.roles.covariates if name in names),
                }
            ),
            "multiple_choice": (),  # done: an option that was not chosen is a 0
            "routing": (),  # done: what was not put to somebody has that as its reason
            "kept_out": {},
            "waves": (),
            "attention_checks": {
                name: right for name, right in codebook.attention_checks.items() if name in names
            },
        }
    )


def _at_home(entry: _Entry) -> _Entry:
    """Return an entry whose column has its own name and holds what was read, one row a wave."""
    home: dict[str, Any] = {"column": None, "aliases": (), "columns": {}}
    return entry.model_copy(update=home | ({"codes": {}} if isinstance(entry, Item) else {}))


def schema_beside(path: Path) -> Path:
    """Return the name of the Table Schema that goes with a CSV file."""
    return path.with_name(f"{path.name}.schema.json")


def with_columns(codebook: Codebook, column_of: Mapping[str, str]) -> Codebook:
    """Return a codebook that finds its columns under other names in the file.

    A role that names a bare column keeps that name; its column is found by its label.
    """

    def moved(entries: Mapping[str, _Entry]) -> dict[str, _Entry]:
        return {
            name: entry if column_of[name] == name else entry.model_copy(update={"column": column_of[name]})
            for name, entry in entries.items()
        }

    return codebook.model_copy(
        update={"items": moved(codebook.items), "variables": moved(codebook.variables)}
    )
