"""A survey made to be given away: few people in most firms, rare answers, few without an answer.

Everything that names somebody is made of words that occur nowhere else, so that one letter of it in an output
is found.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

COMMON = {"over", *(f"{letter}." for letter in "ABCDEFGH")}
LABELS = ("helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens")
ITEMS = tuple(f"{letter}{number}" for letter in ("k", "w", "m", "ig") for number in (1, 2, 3))
SCALES = {"kunnen": "k", "willen": "w", "mogen": "m", "innovative_behaviour": "ig"}
SIZES = (*range(1, 13), 9, 10, *range(14, 24))
"""People of each firm in a wave."""
FEW = {"functie": 1, "contracturen": 2, "afdeling": 1}
"""People of the first wave without an answer to each question."""
EXTREME = 57.3
"""Hours a week of one person."""
RARE = {"walvisvaarder": 3, "luchtpost": 4}
"""Answers of few, with their numbers."""
IDENTIFIERS = ("nummer", "naam", "mail", "telefoon", "ip", "breedte", "lengte", "begonnen", "toelichting")
STEMS = ("RSPQ7", "Qwibbel", "zvonkin", "zwx-post", "203.0.113", "Zegmaarwat", "Knorrepot", "+31 6")
"""What such words begin with, or hold: to be found inside other words too."""
UNIT_STEMS = ("Zwelgwater", "Vlierbosch")
HARD_NAMES = ("Qwibbelaar", "Zvonkina", "Oudkerxveld", "Tjoepstra", "Vlymscherp", "Hnatjuk")
CODEBOOK = """\
title: Een kleine vragenlijst
items:
{items}
variables:
  nummer: {{kind: identifier}}
  bedrijf: {{kind: category}}
  ploeg: {{kind: category}}
  meting: {{kind: category}}
  regeling: {{kind: category}}
  functie: {{kind: category}}
  contracturen: {{kind: number, lowest: 1, highest: 60}}
  afdeling: {{kind: category}}
scales:
{scales}
roles:
  respondent: nummer
  organisation: bedrijf
  team: ploeg
  wave: meting
  arm: regeling
  controls: [functie, contracturen, afdeling]
"""
STUDY = """\
study: 1
title: Een onderzoek bij kleine bedrijven
data: survey.csv
codebook: codebook.yml
language: {language}
seed: 5
cleaning:
  select: [{{variable: meting, keep: [ronde 1], reason: alleen de eerste meting}}]
analysis: {{bootstrap_draws: 199, needed_n_runs: 0}}
missing: {{imputations: 0}}
factors: {{missing: listwise, groups: []}}
measurement_error: {{simex: false}}
"""


def hostile_table(seed: int = 11) -> pd.DataFrame:
    """Return the survey as it was exported, both waves."""
    rng = np.random.default_rng(seed)
    sizes = np.array(SIZES)
    firm = np.tile(np.repeat(np.arange(len(sizes)), sizes), 2)
    n = len(firm)
    wave = np.repeat(["ronde 1", "ronde 2"], n // 2)
    truth = rng.normal(size=(n, 3)) + rng.normal(0, 0.3, (len(sizes), 3))[firm]
    outcome = 0.5 * truth.sum(axis=1) + rng.normal(size=n)
    points = np.column_stack([truth, outcome]).repeat(3, axis=1) + 0.6 * rng.normal(size=(n, 12))
    answers = np.clip(np.round(3 + points), 1, 5).astype(int) - 1
    table = _who(firm, wave, rng)
    table[list(ITEMS)] = np.array(LABELS)[answers]
    first = np.flatnonzero(wave == "ronde 1")
    return _with_rare_answers(table, rng.permutation(first))


def write_hostile_study(folder: Path, language: str = "nl") -> Path:
    """Write the study into a new folder."""
    folder.mkdir()
    items = "".join(f"  {item}: {{format: agree_5}}\n" for item in ITEMS)
    scales = "".join(
        f"  {name}: {{construct: {name}, items: [{letter}1, {letter}2, {letter}3]}}\n"
        for name, letter in SCALES.items()
    )
    (folder / "codebook.yml").write_text(CODEBOOK.format(items=items, scales=scales), "utf-8")
    (folder / "study.yml").write_text(STUDY.format(language=language), "utf-8")
    hostile_table().to_csv(folder / "survey.csv", sep=";", index=False)
    return folder


def names_of_people(table: pd.DataFrame) -> set[str]:
    """Return every word that tells who somebody is."""
    texts = [str(value) for name in IDENTIFIERS for value in table[name]]
    words = {word for each in texts for word in each.split() if any(letter.isalpha() for letter in word)}
    return ({*texts} | words) - COMMON


def names_of_units(table: pd.DataFrame) -> set[str]:
    """Return the names of firms and teams."""
    return {*table["bedrijf"], *table["ploeg"]}


def _who(firm: np.ndarray, wave: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    number = np.arange(len(firm))
    name = np.array(HARD_NAMES)[rng.integers(len(HARD_NAMES), size=len(firm))]
    return pd.DataFrame(
        {
            "nummer": [f"RSPQ{7001 + each}X" for each in number],
            "naam": [f"{'ABCDEFGH'[each % 8]}. {own}{each}" for each, own in zip(number, name, strict=True)],
            "mail": [f"{own.lower()}{each}@zwx-post.example" for each, own in zip(number, name, strict=True)],
            "telefoon": [f"+31 6 9{each:03d} {7919 * each % 10000:04d}" for each in number],
            "ip": [f"203.0.113.{each % 256}" for each in number],
            "breedte": [f"52.{830017 + 37 * each}" for each in number],
            "lengte": [f"4.{770013 + 91 * each}" for each in number],
            "begonnen": [
                f"2026-03-{1 + each % 28:02d} 07:{each % 60:02d}:{each * 13 % 60:02d}" for each in number
            ],
            "toelichting": [f"Zegmaarwat{each} over Knorrepot{each}" for each in number],
            "bedrijf": [f"Zwelgwater {each:02d} BV" for each in firm],
            "ploeg": [f"Vlierboschploeg {each:02d}{'ab'[at % 2]}" for at, each in enumerate(firm)],
            "meting": wave,
            "regeling": np.where(firm % 2 == 0, "ja", "nee"),
        }
    )


def _with_rare_answers(table: pd.DataFrame, people: np.ndarray) -> pd.DataFrame:
    """Give few people a rare answer, or none, in the first wave."""
    n = len(table)
    table["functie"] = np.where(np.arange(n) % 2 == 0, "uitvoerend", "leidend")
    table["contracturen"] = 20.0 + np.arange(n) % 17
    table["afdeling"] = np.resize(["kantoor", "werkplaats", "buiten"], n)
    table.loc[people[0:3], "functie"] = "walvisvaarder"
    table.loc[people[3:7], "afdeling"] = "luchtpost"
    table.loc[people[7], "contracturen"] = EXTREME
    at = 8
    for name, few in FEW.items():
        table.loc[people[at : at + few], name] = np.nan
        at += few
    table.loc[people[at : at + 2], ["m1", "m2", "m3"]] = ""
    table.loc[people[at + 2 : at + 3], ["ig1", "ig2", "ig3"]] = ""
    return table
