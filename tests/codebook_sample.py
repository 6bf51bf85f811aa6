"""A codebook without problems, which the tests of the codebook break in one place at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import CodebookError, Problem
from si_research.survey.codebook_file import read_codebook

SOUND = """\
codebook: 1
title: Proef
missing_codes: {weet niet: does_not_know, 99: refused}
formats:
  tevreden_4:
    labels: {nl: [zeer ontevreden, ontevreden, tevreden, zeer tevreden]}
  uren: {lowest: 0}
items:
  k1: {format: agree_5}
  k2:
    column: Q2
    aliases: [Q2_1, Q2_1, vraag 2]
    format: agree_5
    reverse: yes
    missing_codes: {n.v.t.: does_not_apply}
  w1: {format: tevreden_4}
  cijfer: {format: mark_10}
variables:
  toets: {kind: number, lowest: 0, highest: 50}
  sector: {column: Branche}
  leeftijd: {kind: number}
scales:
  kunnen: {construct: kunnen, score: toets}
  willen:
    construct: willen
    items: [w1]
    min_answered: 1
  mogen:
    construct: mogen
    items:  # of mogen
      - k1
      - k2
    min_answered: 2
  kunnen_zelf: {construct: kunnen, items: [k1, k2], min_answered: all}
roles:
  respondent: Respons ID
  organisation: bedrijf
  weight: gewicht
  controls: [sector, leeftijd]
"""


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Every problem of a codebook that has some."""
    with pytest.raises(CodebookError) as caught:
        read_codebook(path)
    return tuple(problem for problem in caught.value.problems if isinstance(problem, Problem))


def line_with(text: str) -> int:
    """The line of the sound codebook that holds a text."""
    return next(number for number, line in enumerate(SOUND.splitlines(), start=1) if text in line)
