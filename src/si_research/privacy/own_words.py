"""Free text: what people typed in their own words, as against options that they chose from."""

from __future__ import annotations

from typing import Final

import numpy as np

from si_research.privacy.cells import Cells, Mask

_SENTENCE: Final = r"^\S+(\s+\S+){4}"
"""Five words at least."""
_RUNNING: Final = r"( [^ A-ZÀ-ÖØ-Þ0-9]{4,}.*){2}|[.!?]$"
"""Two words without a capital, or an end: the name of an organisation has its words in capitals."""
_LONG: Final = 25
_LOOKED_AT: Final = 2000


def free_texts(cells: Cells) -> Mask:
    """Mark the sentences that only one or two people wrote.

    Options are repeated, also when several were chosen and stand in one cell (``A; B; C``): then the parts
    are repeated. Among a handful of people even options may all differ, so that these must be longer.
    """
    own = cells.matching(_SENTENCE) & (cells.counts <= 2) & (cells.lengths >= _LONG)
    if cells.n_filled < 10:
        own &= cells.lengths >= 2 * _LONG
    if own.any():
        own &= cells.matching(_RUNNING)
    if not own.any() or _are_choices(cells.only(own)):
        return np.zeros(len(own), bool)
    return own


def _are_choices(cells: Cells) -> bool:
    """Whether the texts are combinations of the same few options."""
    sample = cells.as_list[:_LOOKED_AT]
    options = [
        part.strip()
        for text in sample
        for part in text.replace("|", ";").replace(",", ";").split(";")
        if part
    ]
    return len(options) > 1.5 * len(sample) and len(set(options)) < 0.5 * len(options)
