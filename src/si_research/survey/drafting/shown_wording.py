"""The wordings of items as a person sees them in a list: what all begin with stands once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Final

from si_research.survey.codebook import Codebook, Item

_SHORTEST_CUT: Final = 25
_PARTS: Final = re.compile(r"[.:?!–-] +| (?=\[)")


def wording_of(item: Item) -> str:
    """Return what was asked, as far as the codebook tells: a wording, or the header where it is a text."""
    header = item.column if item.column is not None and " " in item.column else ""
    return item.wording_nl or item.wording_en or header


def shown_wordings(codebook: Codebook, names: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """Return what all wordings begin with, and each without it; items that have none are left out.

    Examples
    --------
    >>> items = {
    ...     f"k{n}": {"format": "agree_5", "wording_en": f"How far do you agree with this? [I {what}]"}
    ...     for n, what in enumerate(("can", "may"), start=1)
    ... }
    >>> book = Codebook(title="T", items=items, scales={})
    >>> beginning, wordings = shown_wordings(book, ["k1", "k2"])
    >>> beginning, wordings["k2"]
    ('How far do you agree with this?', '… [I may]')
    """
    whole = {name: text for name in names if (text := wording_of(codebook.items[name]))}
    cut = _length_of_beginning(list(whole.values()))
    if not cut:
        return "", whole
    beginning = next(iter(whole.values()))[:cut].strip()
    return beginning, {name: f"… {text[cut:].strip()}" for name, text in whole.items()}


def _length_of_beginning(texts: list[str]) -> int:
    """Count the characters that all have in common, up to the end of a sentence or else of a word."""
    if len(texts) < 2:
        return 0
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(min(texts), max(texts), strict=False))
    common = "".join(letter for letter, _ in alike)
    ends = [match.end() for match in _PARTS.finditer(common)] or [common.rfind(" ") + 1]
    long = ends[-1] if ends[-1] >= _SHORTEST_CUT else common.rfind(" ") + 1
    is_left = all(text[long:].strip() for text in texts)
    return long if long >= _SHORTEST_CUT and is_left else 0
