"""No group of fewer than ten people can be worked out of all numbers of a publication together."""

from __future__ import annotations

import csv
import json
from typing import Any

import pandas as pd

from attacked_study import Attacked
from count_attack import CELL, Bounds, attacked, counts_of, of_run, of_units, parts_of, told
from hostile_survey import RARE, SCALES
from si_research.report.results_json import results_json

Groups = dict[str, dict[str, int]]


def small_groups(table: pd.DataFrame) -> Groups:
    """The groups of one to nine people of the first wave, by the table of the attack that they are in."""
    first = table[table["meting"] == "ronde 1"]
    scored = {
        name: ~(first[[f"{letter}{number}" for number in (1, 2, 3)]] == "").all(axis=1)
        for name, letter in SCALES.items()
    }
    controls = first[["functie", "contracturen", "afdeling"]].notna().all(axis=1)
    used = controls & pd.concat(scored, axis=1).all(axis=1)
    found: Groups = {"tested": {"none of these": int((~used).sum())}}
    for name, has in scored.items():
        found[f"score on {name}"] = {"none of these": int((~has).sum())}
    for name, rare in (("functie", "walvisvaarder"), ("afdeling", "luchtpost")):
        found[name] = {rare: int((first.loc[used, name] == rare).sum())}
    return found


def results(published: Attacked) -> dict[str, Any]:
    return dict(json.loads((published.folders["output"] / "results.json").read_text("utf-8")))


def units(published: Attacked) -> list[dict[str, str]]:
    text = (published.folders["diagnosis"] / "units.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return [row for row in rows if row["condition"] in ("", "kunnen")]


def test_every_number_of_people_is_rounded_and_none_is_small(published: Attacked) -> None:
    counts = list(counts_of(published.folders.values()))
    assert len(counts) > 300
    wrong = [(place, n) for place, n in counts if n % 5 or 0 < n < CELL]
    assert wrong == []


def test_no_small_group_of_the_run_can_be_told(published: Attacked) -> None:
    bounds = attacked(of_run(results(published)))
    small = {
        (name, group): n for name, each in small_groups(published.table).items() for group, n in each.items()
    }
    assert {n for n in small.values() if n} >= {1, 2, 7}
    for (name, group), n in small.items():
        where = set() if name == "tested" or name.startswith("score") else {("tested", "yes")}
        found = bounds.get(frozenset({(name, group), *where}), Bounds(0, CELL))
        assert found.lower <= n <= found.upper, (name, group, found)
        assert not found.tells and found.upper >= CELL - 1, (name, group, found)
    assert not [cell for cell, found in bounds.items() if found.tells]


def test_of_the_report_for_the_house_the_same_attack_tells_them(published: Attacked) -> None:
    """Exact numbers are not enough: seven people are not in the tests, and one has no score."""
    exact = json.loads(results_json(published.outcome.findings, "nl"))
    bounds = attacked(of_run(exact, base=1))
    assert bounds[frozenset({("tested", "none of these")})] == (7, 7)
    assert sum(found.tells for found in bounds.values()) >= 1


def test_rounded_numbers_alone_would_tell_them() -> None:
    """282 people of whom 275 are in the tests, rounded: 280 and 275."""
    rounded = parts_of("tested", {"yes": told(275)}, told(280))
    assert attacked([rounded])[frozenset({("tested", "none of these")})].lower >= 1


def firms_of(published: Attacked) -> pd.Series:
    first = published.table[published.table["meting"] == "ronde 1"]
    return first.groupby("bedrijf").size()


def test_no_small_unit_can_be_told(published: Attacked) -> None:
    sizes = firms_of(published)
    rows = [row for row in units(published) if not row["team_id"]]
    assert len(rows) <= (sizes >= CELL).sum() and all(row["n_people"] for row in rows)
    hidden = sizes.sum() - sum(sorted(sizes, reverse=True)[: len(rows)])
    assert hidden >= CELL and len(sizes) - len(rows) >= 2
    bounds = attacked([of_units(units(published), told(float(sizes.sum())))])
    rest = [found for cell, found in bounds.items() if ("firm", "rest") in cell or ("team", "rest") in cell]
    assert rest and not any(found.tells for found in rest)
    assert bounds[frozenset({("firm", "rest")})].upper >= hidden


def test_without_the_gate_small_units_are_told(published: Attacked) -> None:
    exact = [{"firm_id": name, "team_id": "", "n_people": str(n)} for name, n in firms_of(published).items()]
    without = [row for row in exact if int(row["n_people"]) != 3]
    whole = told(float(firms_of(published).sum()), base=1)
    bounds = attacked([of_units(without, whole, base=1)])
    assert bounds[frozenset({("firm", "rest")})] == (3, 3)


def test_arms_and_waves_of_the_evaluation_tell_of_nobody_few(published: Attacked) -> None:
    found = json.loads((published.folders["evaluation"] / "results.json").read_text("utf-8"))
    rows = pd.DataFrame(found["description"])
    whole = told(float(results(published)["flow"][0]["n"]))
    tables = []
    for outcome, own in rows.groupby("outcome"):
        groups = {
            f"{row['arm']} {row['wave']}": told(row["n"], of_all=True) for row in own.to_dict("records")
        }
        tables.append(parts_of(f"seen on {outcome}", groups, whole))
    bounds = attacked(tables)
    assert len(bounds) > 20 and not [cell for cell, each in bounds.items() if each.tells]


def test_rare_answers_are_no_group_of_their_own(published: Attacked) -> None:
    told_levels = {row["level"] for row in results(published)["sample"]}
    assert not told_levels & set(RARE) and "other" in told_levels
