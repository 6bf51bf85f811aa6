"""Which items run against the rest of their scale, what their names say, and what the file has turned.

Never turned twice: an item is turned only where it runs *against* the rest, whatever its name says. What the
data cannot tell is said, and left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.codebook import Item
from si_research.survey.direction import WEAK

_FEWEST_ROWS: Final = 10
_ENOUGH_ROWS: Final = 20
"""People who agree by chance in two different questions less often; fewer do where the names are alike."""
_FIRST_LOOK: Final = 5000
_ALIKE: Final = 0.9
_SAME: Final = 0.98
"""Share of the people in whose answers two columns agree, from which they are one question."""
FEWEST: Final = 30
"""People below whom a correlation of one item with the rest says too little of its direction."""
CLEAR: Final = 0.20
"""Item-rest correlation (after turning) from which an item is said to run against the rest."""
MOST_AT_ONCE: Final = 60
"""Items above which a block of questions is more than one scale, and has no one direction."""
_NEARBY: Final = 5
_ALREADY: Final = "it looks already turned, and is not turned again"
_MOST: Final = 0.5
"""Share of a side that names must call reversed to decide that it is the reversed one."""
_OUTLYING: Final = 0.35
"""Share of the range by which the mean of an item lies away from those of all others."""


@dataclass(frozen=True, slots=True)
class Direction:
    """What is proposed for one item.

    Attributes
    ----------
    turn : bool
        Whether to turn it (once more, if its format was turned already).
    reason : str
        Empty when there is nothing to say.
    is_sure : bool
        Whether nobody has to look at it.
    same_as : str or None
        The item that holds its answers already, so that a scale needs one of the two.
    """

    turn: bool
    reason: str = ""
    is_sure: bool = True
    same_as: str | None = None


def directions_of(
    items: pd.DataFrame,
    said: Mapping[str, str],
    midpoint: float,
    width: float,
    negated: Collection[str] | None = None,
) -> dict[str, Direction]:
    """Propose the direction of each item of a scale.

    Parameters
    ----------
    items : pandas.DataFrame
        Numbers, one column an item, in the direction in which the file has them.
    said : Mapping of str to str
        By item: what in its name says that it is reversed.
    midpoint, width : float
        Of the response format.
    negated : collection of str, optional
        The items whose wording denies something; None where the wordings are not known.

    Returns
    -------
    dict of str to Direction

    Notes
    -----
    The first principal component of the pairwise correlations parts the items in two sides. The side of
    which the names call most items reversed, else the smaller one, runs against the rest; each of its items
    must also correlate at least ``CLEAR`` with the mean of the others once that side is turned. A question
    that is stored twice, raw and turned, has one voice.
    """
    items = items.set_axis([str(name) for name in items], axis=1)
    n_people = int((items.notna().sum(axis=1) > 1).sum())
    twice = _stored_twice(items, said)
    if n_people < FEWEST:
        found = {name: _by_name_only(said.get(name, ""), n_people) for name in map(str, items)}
        return _with_copies(found, twice, said, is_seen=False)
    against, is_decided = _against(items.drop(columns=list(twice)), said, negated)
    against |= {
        copy for copy, (kept, is_turned) in twice.items() if is_decided and is_turned != (kept in against)
    }
    # of two sides either may be turned to see how well each item agrees with all others
    turning = against if is_decided else min(_sides(items.drop(columns=list(twice))), key=len)
    turned = items.assign(**{name: 2 * midpoint - items[name] for name in turning})
    rest = _item_rest(turned, twice)
    odd = _outlying(items, midpoint, width)
    found = {
        name: _direction(
            name in against,
            is_decided,
            rest[name],
            said.get(name, ""),
            name in odd,
            n_people,
            len(against),
            items.shape[1],
        )
        for name in map(str, items)
    }
    return _with_copies(found, twice, said, is_seen=True)


def directions_nearby(items: pd.DataFrame, said: Mapping[str, str]) -> dict[str, Direction]:
    """Propose the direction of items whose names call them reversed, in a block that is more than one scale.

    Each is held against its neighbours, five on either side; of all others nothing is said before the block
    is divided.
    """
    names = list(items.columns)
    found = {}
    for name in said:
        place = names.index(name)
        near = items[[*names[max(place - _NEARBY, 0) : place], *names[place + 1 : place + 1 + _NEARBY]]]
        rest = _correlation(items[name], near.mean(axis=1))
        found[name] = _beside_neighbours(said[name], rest)
    return found


def _beside_neighbours(said: str, rest: float) -> Direction:
    how = f"(r = {rest:.2f} with its neighbours)"
    if rest <= -CLEAR:
        return Direction(True, f"{said}, and it runs against the questions next to it {how}", is_sure=False)
    if rest >= CLEAR:
        text = f"{said}, yet it agrees with the questions next to it {how}: {_ALREADY}"
        return Direction(False, text, is_sure=False)
    return Direction(
        False, f"{said}; not sure of its direction before the block is divided into scales {how}", False
    )


def _by_name_only(said: str, n_people: int) -> Direction:
    if not said:
        return Direction(turn=False)
    reason = f"{said}; {n_people} people are too few to see whether the file has turned it already"
    return Direction(turn=True, reason=reason, is_sure=False)


def _direction(
    is_against: bool,
    is_decided: bool,
    rest: float,
    said: str,
    is_odd: bool,
    n_people: int,
    n_against: int,
    n_items: int,
) -> Direction:
    how = f"(r = {rest:.2f} with the rest, {n_people} people)"
    if math.isnan(rest):
        return Direction(
            False, f"{said}; its answers do not vary, so nothing can be seen" if said else "", not said
        )
    if is_against and rest >= CLEAR and is_decided:
        also = f"{said}, and it" if said else "it"
        text = f"{also} runs against the other items: turned, it agrees with them {how}"
        return Direction(True, text, is_sure=False)
    if is_against and not is_decided and rest >= CLEAR:
        return Direction(
            False,
            f"part of the items run against the others: once one part is turned, it agrees with them {how}; "
            "which half was asked the other way, neither the data nor the words tell: nothing is turned",
            False,
        )
    if is_against:
        return Direction(
            False, f"not sure of its direction: it hardly agrees with the other items either way {how}", False
        )
    if said and rest >= WEAK:
        text = f"{said}, yet it agrees with the other items {how}: {_ALREADY}"
        return Direction(False, text, is_sure=False)
    if rest < WEAK:
        also = f"{said}; " if said else ""
        text = f"{also}not sure of its direction: weak correlations with the other items {how}"
        return Direction(False, text, is_sure=False)
    if is_odd:
        text = (
            "people answer it on the other side of the middle than all other items, so it may be "
            "worded the other way; "
            f"yet it agrees with them {how}: {_ALREADY}"
        )
        return Direction(False, text, is_sure=False)
    return Direction(False)


def _stored_twice(items: pd.DataFrame, said: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
    """Return the items that hold the answers to another one again: which one that is, and whether turned.

    Of a raw and a turned one, the one whose name says that it is turned is the one to keep.
    """
    some = items.iloc[:: max(1, len(items) // _FIRST_LOOK)]
    alike = some.corr(min_periods=_FEWEST_ROWS).abs().to_numpy()
    places = zip(*np.nonzero(np.triu(alike >= _ALIKE, k=1)), strict=True)
    found: dict[str, tuple[str, bool]] = {}
    for first, second in places:
        kept, copy = str(items.columns[first]), str(items.columns[second])
        if kept not in said and copy in said:
            kept, copy = copy, kept
        together = items[[kept, copy]].dropna()
        is_turned = bool(together[kept].corr(together[copy]) < 0)
        fixed = together[kept] + together[copy] if is_turned else together[kept] - together[copy]
        if len(together) < _ENOUGH_ROWS and not kept.startswith(copy):
            continue
        is_copy = (fixed == fixed.mode()[0]).mean() >= _SAME and together[kept].nunique() >= 3
        if is_copy and not {kept, copy} & set(found):
            found[copy] = (kept, is_turned)
    return found


def _with_copies(
    found: dict[str, Direction],
    twice: Mapping[str, tuple[str, bool]],
    said: Mapping[str, str],
    is_seen: bool,
) -> dict[str, Direction]:
    """Say which items are one question; a name that says reversed was made by the file beside its raw one."""
    for copy, (kept, is_turned) in twice.items():
        turn, is_made = found[copy].turn, is_turned and kept in said
        if is_made and found[kept].turn != turn and not is_seen:
            text = f"{said[kept]}, and `{copy}` holds it as it was asked: {_ALREADY}"
            found[kept], turn = Direction(False, text, is_sure=False), True
        how = ", turned" if is_turned else ""
        reason = f"`{kept}` holds the same answers{how}: one question, of which a scale needs one"
        found[copy] = Direction(turn, reason, is_sure=False, same_as=kept)
    return found


def _against(
    items: pd.DataFrame, said: Mapping[str, str], negated: Collection[str] | None
) -> tuple[frozenset[str], bool]:
    """Return the items on the side that runs against the rest, and whether it is known which side that is.

    Turning either side fits the data equally well. Where the wordings are known, these decide: the side that
    denies more, when it is the smaller one or denies most; else the smaller side is the reversed one.
    """
    first, second = _sides(items)
    if not first or not second:
        return frozenset(), True
    shares = [sum(name in said for name in side) / len(side) for side in (first, second)]
    if shares[0] != shares[1] and max(shares) > _MOST:
        return (first if shares[0] > shares[1] else second), True
    if negated is not None:
        shares = [sum(name in negated for name in side) / len(side) for side in (first, second)]
        denying, other = (first, second) if shares[0] > shares[1] else (second, first)
        if shares[0] != shares[1] and (len(denying) < len(other) or max(shares) > _MOST):
            return denying, True
    if len(first) == len(second) or negated is not None:
        return first | second, False
    return min(first, second, key=len), True


def _sides(items: pd.DataFrame) -> tuple[frozenset[str], frozenset[str]]:
    correlations = items.corr(min_periods=3).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(correlations, 1.0)
    loadings = np.linalg.eigh(correlations)[1][:, -1]
    names = list(items.columns)
    above = frozenset(name for name, loading in zip(names, loadings, strict=True) if loading > 1e-9)
    below = frozenset(name for name, loading in zip(names, loadings, strict=True) if loading < -1e-9)
    return above, below


def _item_rest(items: pd.DataFrame, twice: Mapping[str, tuple[str, bool]]) -> dict[str, float]:
    """Correlate each item with the mean of all other questions, a copy with that of all but its own."""
    once = items.drop(columns=list(twice))
    found = {}
    for name in map(str, items):
        others = once.drop(columns=twice[name][0] if name in twice else name)
        found[name] = _correlation(items[name], others.mean(axis=1))
    return found


def _correlation(item: pd.Series[Any], rest: pd.Series[Any]) -> float:
    both = item.notna() & rest.notna() & np.isfinite(rest)
    first, second = item[both], rest[both]
    if len(first) < FEWEST or min(np.ptp(first), np.ptp(second)) < 1e-9:
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])


def _outlying(items: pd.DataFrame, midpoint: float, width: float) -> frozenset[str]:
    """Return the item whose mean lies on the other side of the middle than all others, and far from them."""
    means = items.mean() - midpoint
    found = set()
    for name in map(str, items):
        others = means.drop(name)
        if len(others) < 3 or not (np.sign(others) == -np.sign(means[name])).all():
            continue
        if np.abs(others - means[name]).min() > _OUTLYING * width / 2 and abs(means[name]) > 0.05 * width:
            found.add(name)
    return frozenset(found)


def with_direction(item: Item, direction: Direction) -> Item:
    """Return an item turned, or left, as its direction says, with the reason."""
    if not direction.reason:
        return item
    return item.model_copy(
        update={
            "reverse": item.reverse != direction.turn,
            "confirm": item.confirm and direction.is_sure,
            "proposed": f"{item.proposed}; {direction.reason}",
        }
    )
