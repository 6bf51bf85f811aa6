"""For whom a result is meant: the disclosure profiles, and the one in force while outputs are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, NamedTuple

from si_research.errors import SurveyDataError


class Dominance(NamedTuple):
    """When few decide a sum: the ``k`` largest contributions hold more than ``share`` of it."""

    k: int
    share: float


@dataclass(frozen=True, slots=True)
class DisclosureProfile:
    """For whom a result is meant, and so what may be told.

    Attributes
    ----------
    name : str
        As in the study file: ``internal`` or ``publication``.
    smallest_cell : int
        People in the smallest group of which anything is told, and the least width of the bounds of a
        hidden count.
    smallest_df : int
        Residual degrees of freedom of the smallest model that may be told.
    dominance : Dominance or None
        Rule for sums and means of amounts; None: no such rule.
    rounding_base : int
        Counts that are told rounded are multiples of it; 1 leaves them.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley. doi:10.1002/9781118348239
    Bond, S., Brandt, M. & de Wolf, P.-P. (2015). Guidelines for the checking of output based on microdata
    research. https://ec.europa.eu/eurostat/cros/system/files/dwb_standalone-document_output-checking-guidelines.pdf
    """

    name: str
    smallest_cell: int
    smallest_df: int
    dominance: Dominance | None
    rounding_base: int


INTERNAL: Final = DisclosureProfile("internal", 5, 1, None, 1)
"""For the organisation itself: five people (decision 0010)."""
PUBLICATION: Final = DisclosureProfile("publication", 10, 10, Dominance(2, 0.90), 5)
"""For everybody: ten people, ten residual degrees of freedom, as the guidelines for output checking ask."""

_IN_FORCE: Final[ContextVar[DisclosureProfile]] = ContextVar("disclosure_profile", default=INTERNAL)


def profile_in_force() -> DisclosureProfile:
    """Return the profile that pages, figures and tables are made under; :data:`INTERNAL` unless said.

    Examples
    --------
    >>> profile_in_force().name
    'internal'
    """
    return _IN_FORCE.get()


@contextmanager
def disclosing(profile: DisclosureProfile) -> Iterator[DisclosureProfile]:
    """Put a profile in force for what is made inside.

    Parameters
    ----------
    profile : DisclosureProfile

    Examples
    --------
    >>> with disclosing(PUBLICATION):
    ...     profile_in_force().smallest_cell
    10
    >>> profile_in_force().smallest_cell
    5
    """
    before = _IN_FORCE.set(profile)
    try:
        yield profile
    finally:
        _IN_FORCE.reset(before)


def profile_named(name: str) -> DisclosureProfile:
    """Return the profile of a name, as it stands in the study file or on the command line.

    Parameters
    ----------
    name : {"internal", "publication"}

    Raises
    ------
    SurveyDataError
        For another name.

    Examples
    --------
    >>> profile_named("publication").smallest_cell
    10
    """
    known = {each.name: each for each in (INTERNAL, PUBLICATION)}
    if name not in known:
        raise SurveyDataError(
            expected="internal or publication",
            found="another name",
            where="the disclosure profile",
            todo="choose internal (for the organisation itself) or publication (for everybody)",
        )
    return known[name]
