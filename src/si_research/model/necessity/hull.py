"""The concave hull of the peers."""

from __future__ import annotations

from typing import Final

import numpy as np

from si_research.model.necessity.ceilings import Peers

STRAIGHT: Final = 1e-9
"""A place this close to a line, as a share of its length, is on it."""


def hull_of(peers: Peers) -> Peers:
    """Return the peers on the concave hull, those on a straight piece between two others among them.

    They change no area, but weigh in the line through the peers, as in R, where rounding decides on them.
    """
    kept: list[int] = []
    for place in range(len(peers.x)):
        while len(kept) > 1 and _lies_under(peers, kept[-2], kept[-1], place):
            kept.pop()
        kept.append(place)
    hull = np.array(kept)
    return Peers(peers.x[hull], peers.y[hull], peers.n[hull])


def _lies_under(peers: Peers, left: int, middle: int, right: int) -> bool:
    """Whether the middle place is below the line from left to right."""
    dx, dy = peers.x[right] - peers.x[left], peers.y[right] - peers.y[left]
    share_x, share_y = (peers.x[middle] - peers.x[left]) / dx, (peers.y[middle] - peers.y[left]) / dy
    return bool(share_y < share_x - STRAIGHT)
