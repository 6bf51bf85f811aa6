"""Size classes of firms by two definitions that differ: that of RVO and the EU, and that of CBS."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.arguments import check_options
from si_research.model.design import numeric

RVO, CBS = "rvo", "cbs"
DEFINITIONS: Final = (RVO, CBS)
CLASSES: Final = {RVO: ("micro", "small", "medium", "large"), CBS: ("small", "medium", "large")}
BELOW: Final = {RVO: (10.0, 50.0, 250.0), CBS: (50.0, 250.0)}
"""A class holds firms with fewer people than this."""
TURNOVER: Final = (2.0, 10.0, 50.0)
BALANCE: Final = (2.0, 10.0, 43.0)
"""Million euro up to which a firm stays in a class of RVO."""


def size_class(
    firms: pd.DataFrame,
    people: str,
    *,
    definition: str,
    turnover: str | None = None,
    balance: str | None = None,
) -> pd.Series:
    """Return the size class of each firm, by a definition that is named.

    Use it to compare a firm with others of its size.

    Parameters
    ----------
    firms : pandas.DataFrame
        A row a firm, or a row a person with the figures of the firm repeated.
    people : str
        Column with the number of people: annual work units (full-time years) for RVO, persons employed for
        CBS.
    definition : {"rvo", "cbs"}
        ``rvo``: micro below 10, small below 50, medium below 250 annual work units, and a turnover of at most
        2, 10 or 50 or a balance of at most 2, 10 or 43 million euro. ``cbs``: small up to 49, medium 50 to
        249 persons employed, whatever the money.
    turnover, balance : str, optional
        Columns in million euro, for RVO. Without them the people alone decide, so that a firm may in fact be
        in a higher class; a missing figure counts as such.

    Returns
    -------
    pandas.Series of str
        ``micro`` (rvo only), ``small``, ``medium`` or ``large``; missing without a number of people. Its name
        is ``size_class_rvo`` or ``size_class_cbs``.

    Raises
    ------
    SurveyDataError
        For fewer than no people.

    References
    ----------
    RVO, Mkb-toets, https://www.rvo.nl/onderwerpen/subsidiespelregels/ezk/mkb-toets, after Commission
    Recommendation 2003/361/EC. CBS, MKB,
    https://www.cbs.nl/nl-nl/nieuws/2016/04/163-duizend-nieuwe-bedrijven-opgericht-in-2015/mkb.

    Examples
    --------
    >>> firms = pd.DataFrame({"fte": [9.5, 10, 49, 250], "turnover": [3, 1, 5, 5]})
    >>> size_class(firms, "fte", definition="rvo", turnover="turnover").tolist()
    ['small', 'small', 'small', 'large']
    >>> size_class(firms, "fte", definition="cbs").tolist()
    ['small', 'small', 'small', 'large']
    """
    check_options(definition, DEFINITIONS, "`definition` of size_class")
    n = numeric(firms, people).to_numpy()
    if (n < 0).any():
        raise SurveyDataError(
            expected="numbers of people, 0 or more",
            found=f"{int((n < 0).sum())} below 0",
            where=f"column {people!r}",
            todo="mend the numbers, or mark them as missing",
        )
    place = np.searchsorted(BELOW[definition], n, side="right")
    money = [
        (numeric(firms, column).to_numpy(), limits)
        for column, limits in ((turnover, TURNOVER), (balance, BALANCE))
        if column is not None
    ]
    if definition == RVO and money:
        # either figure may keep a firm in its class; one that is not known takes none out of it
        places = [
            np.where(np.isnan(value), np.inf, np.searchsorted(limits, value)) for value, limits in money
        ]
        least = np.minimum.reduce(places)
        place = np.maximum(place, np.where(np.isinf(least), 0, least).astype(int))
    names = np.array(CLASSES[definition], dtype=object)[np.where(np.isnan(n), 0, place).astype(int)]
    names[np.isnan(n)] = None
    return pd.Series(names, index=firms.index, name=f"size_class_{definition}", dtype="str")
