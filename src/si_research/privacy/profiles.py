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
        As the commands take it: ``internal`` or ``publication``.
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

    @property
    def is_coarse(self) -> bool:
        """Whether counts are told rounded, and with them shares, means and degrees of freedom."""
        return self.rounding_base > 1

    def rounded(self, count: float) -> int:
        """Return a count as it is told: to the base, half upwards.

        Examples
        --------
        >>> [PUBLICATION.rounded(n) for n in (12, 13, 1463)], INTERNAL.rounded(1463)
        ([10, 15, 1465], 1463)
        """
        return int((count / self.rounding_base + 0.5) // 1) * self.rounding_base

    def share_step(self, n_all: float | None = None) -> float:
        """Return how finely a share of so many people may be told: no finer than the smallest cell.

        With finer ones, beside a mean and a spread, the counts of a few answers could be solved for.

        Parameters
        ----------
        n_all : float, optional
            People; a share of nobody knows how many is told in steps of a tenth.

        Examples
        --------
        >>> [PUBLICATION.share_step(n) for n in (1465, 240, 60, 12)], PUBLICATION.share_step()
        ([0.01, 0.05, 0.2, 0.5], 0.1)
        """
        if n_all is None:
            return 0.1
        return next((step for step in _STEPS if step * n_all >= self.smallest_cell), 0.5)


_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
INTERNAL: Final = DisclosureProfile("internal", 5, 1, None, 1)
"""For the organisation itself: five people (decision 0010)."""
PUBLICATION: Final = DisclosureProfile("publication", 10, 10, Dominance(2, 0.90), 5)
"""For everybody: ten people, ten residual degrees of freedom, as the guidelines for output checking ask."""

_IN_FORCE: Final[ContextVar[DisclosureProfile]] = ContextVar("disclosure_profile", default=INTERNAL)
_PEOPLE: Final[ContextVar[int | None]] = ContextVar("people_of_the_disclosure_profile", default=None)


def profile_in_force() -> DisclosureProfile:
    """Return the profile that pages, figures and tables are made under; :data:`INTERNAL` unless said.

    Examples
    --------
    >>> profile_in_force().name
    'internal'
    """
    return _IN_FORCE.get()


def people_in_force() -> int | None:
    """Return of how many people what is made tells, where that was said to :func:`disclosing`."""
    return _PEOPLE.get()


def told_people(count: float) -> int:
    """Return a number of people as the profile in force tells it: that of all, where it leaves out few.

    Rounded alone, 282 people of whom 277 are in a test would be 280 and 275: one to nine are not.

    Parameters
    ----------
    count : float

    Examples
    --------
    >>> with disclosing(PUBLICATION, people=282):
    ...     [told_people(n) for n in (282, 277, 271)]
    [280, 280, 270]
    """
    profile, everybody = profile_in_force(), people_in_force()
    if profile.is_coarse and everybody is not None and 0 < everybody - count < profile.smallest_cell:
        count = everybody
    return profile.rounded(count)


@contextmanager
def disclosing(profile: DisclosureProfile, *, people: int | None = None) -> Iterator[DisclosureProfile]:
    """Put a profile in force for what is made inside.

    Parameters
    ----------
    profile : DisclosureProfile
    people : int, optional
        How many people it tells of, which decides how finely a publication tells shares; in steps of a tenth
        where it is not said.

    Examples
    --------
    >>> with disclosing(PUBLICATION):
    ...     profile_in_force().smallest_cell
    10
    >>> profile_in_force().smallest_cell
    5
    """
    before, people_before = _IN_FORCE.set(profile), _PEOPLE.set(people)
    try:
        yield profile
    finally:
        _IN_FORCE.reset(before)
        _PEOPLE.reset(people_before)


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
