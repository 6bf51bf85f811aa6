"""Waves of which the first bears no marker: `kan` beside `kan_after`, `score` beside `score_T2`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from si_research.survey.waves.markers import MARKERS, Marker

_FIRST_OF: Final[Mapping[str, str]] = {
    "after": "before",
    "post": "pre",
    "posttest": "pretest",
    "endline": "baseline",
    "na": "voor",
    "nameting": "voormeting",
    "eindmeting": "beginmeting",
}
"""What the wave before is called, by the word for the wave after."""


def unmarked_first_wave(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return wave to column by stem, where every name with a marker has its stem beside it without one.

    It is a proposal, for a person to decide on: a bare name may as well be something else. Years say nothing
    of a name without one.

    Examples
    --------
    >>> unmarked_first_wave(["id", "kan", "kan_after"])
    {'kan': {'before': 'kan', 'after': 'kan_after'}}
    >>> unmarked_first_wave(["score", "score_T2", "score_T3"])
    {'score': {'t1': 'score', 't2': 'score_T2', 't3': 'score_T3'}}
    >>> unmarked_first_wave(["kan", "kan_after", "wil_after"]), unmarked_first_wave(["k", "k_2015"])
    ({}, {})
    """
    found = [stems for marker in MARKERS if (stems := _by_marker(marker, names))]
    return found[0] if len(found) == 1 else {}


def _by_marker(marker: Marker, names: Sequence[str]) -> dict[str, dict[str, str]]:
    marked = {name: mark for name in names if (mark := marker.read(name)) is not None}
    later = sorted({(mark.order, mark.wave) for mark in marked.values()})
    first = _first_before(later[0][1]) if later else None
    if first is None or any(mark.stem not in names or mark.stem in marked for mark in marked.values()):
        return {}
    stems: dict[str, dict[str, str]] = {mark.stem: {first: mark.stem} for mark in marked.values()}
    for _, wave in later:
        for name, mark in marked.items():
            if mark.wave == wave and stems[mark.stem].setdefault(wave, name) != name:
                return {}
    if max(map(len, stems.values())) <= len(later):
        return {}  # no variable stands in all waves, so their order is not clear
    rivals = any(marker.is_rival(name, frozenset(stems)) for name in names if name not in marked)
    return {} if rivals else stems


def _first_before(wave: str) -> str | None:
    """Return what the first wave is called, by the one after it; None where that may be the first."""
    if wave in _FIRST_OF:
        return _FIRST_OF[wave]
    numbered = re.fullmatch(r"(\D+)2", wave)
    return f"{numbered[1]}1" if numbered else None
