"""Where a block of questions that share their answers is more than one scale: by titles and by answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.drafting.meaning import construct_at_start
from si_research.survey.drafting.names import stem_of
from si_research.survey.drafting.reversals import FEWEST

if TYPE_CHECKING:
    import pandas as pd

_TITLE: Final = re.compile(
    r"(?:\d+[.)]\s*)?(?P<title>[^\W\d][^:\[\]|?!]{0,40}?)[\s\d.]*(?::\s|\s[-–—]\s|\[).*\S", re.DOTALL
)
_MOST_WORDS: Final = 4
_FEWEST_ITEMS: Final = 4
_WITHIN: Final = 0.4
"""Mean absolute correlation inside each cluster, at least; between clusters at most half of it."""


def title_of(text: str) -> str:
    """Return the title before a question: what stands before a colon, a dash or a bracket; else nothing.

    Examples
    --------
    >>> title_of("Kunnen: Ik heb de kennis"), title_of("Mogen 2 - Ik mag fouten maken"), title_of("Q1: Age")
    ('Kunnen', 'Mogen', '')
    """
    found = _TITLE.fullmatch(text.strip())
    if found is None or len(found["title"].split()) > _MOST_WORDS:
        return ""
    stem = stem_of(f"{found['title']}1")
    return "" if stem.generic and stem.stem else " ".join(found["title"].split())


def parts_by_title(columns: tuple[str, ...], facts: Mapping[str, ColumnFacts]) -> dict[str, list[str]]:
    """Part columns by the construct or the title at the start of their question or name.

    Returns
    -------
    dict of str to list of str
        By title, at least two columns each; under an empty title the columns that share none. Empty when no
        two columns share a title.
    """
    spelt: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    for column in columns:
        texts = (facts[column].text, column)
        said = (construct_at_start(text)[1] or title_of(text) for text in texts if text)
        title = next((each for each in said if each), "")
        shown = spelt.setdefault(title.casefold(), title)
        parts.setdefault(shown, []).append(column)
    shared = {title: part for title, part in parts.items() if title and len(part) > 1}
    taken = {column for part in shared.values() for column in part}
    rest = [column for column in columns if column not in taken]
    if not shared:
        return {}
    return {**shared, **({"": rest} if rest else {})}


def parts_by_answers(items: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Part the items of a block where their answers fall into clearly separate clusters.

    Parameters
    ----------
    items : pandas.DataFrame
        Numbers, one column an item, in whatever direction.

    Returns
    -------
    tuple of tuple of str
        At least two items each; one part when the clusters are not clear, or people are few.

    Notes
    -----
    Average linkage on one minus the absolute correlation. Clusters are clear when the mean absolute
    correlation inside each is 0.4 or more, and between any two at most half of the smaller of theirs.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    names = tuple(map(str, items))
    size = items.corr(min_periods=FEWEST).abs().to_numpy(copy=True)
    if len(names) < _FEWEST_ITEMS or len(items) < FEWEST or np.isnan(size).any():
        return (names,)
    np.fill_diagonal(size, 1.0)
    tree = linkage(squareform(np.clip(1 - size, 0, 1), checks=False), "average")
    best: tuple[tuple[str, ...], ...] = (names,)
    margin = 0.0
    for n_parts in range(2, len(names) // 2 + 1):
        labels = fcluster(tree, n_parts, "maxclust")
        clear = _margin(size, labels)
        if clear > margin:
            groups = dict.fromkeys(labels)
            pairs = list(zip(names, labels, strict=True))
            best = tuple(tuple(name for name, own in pairs if own == each) for each in groups)
            margin = clear
    return best


def _margin(
    size: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    labels: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> float:
    """Return by how much clusters stand apart; 0 when they do not stand clearly apart."""
    places = [np.flatnonzero(labels == each) for each in np.unique(labels)]
    if len(places) < 2 or min(map(len, places)) < 2:
        return 0.0
    within = [float(size[np.ix_(own, own)][np.triu_indices(len(own), 1)].mean()) for own in places]
    between = max(float(size[np.ix_(one, other)].mean()) for one, other in combinations(places, 2))
    is_clear = min(within) >= _WITHIN and between <= min(within) / 2
    return min(within) - between if is_clear else 0.0
