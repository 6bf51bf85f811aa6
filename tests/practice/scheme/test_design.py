"""The design told from roles, its rung, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.practice.scheme.design import (
    ASSUMPTIONS,
    BREAKS,
    KINDS,
    RUNGS,
    SchemeDesign,
    recognise_design,
)
from si_research.practice.scheme.panel import SchemeRoles, scheme_panel


def firms(waves: int = 2) -> pd.DataFrame:
    """Twelve firms with two people in each wave."""
    rows = pd.DataFrame(
        [(i, w) for i in range(12) for w in range(waves) for _ in range(2)], columns=["firm", "wave"]
    )
    rows["scheme"] = (rows["firm"] < 6).astype("int64")
    rows["applied"] = (rows["firm"] < 9).astype("int64")
    rows["sector"] = np.where(rows["firm"] % 2 == 0, "a", "b")
    rows["hours"] = rows["scheme"] * (rows["firm"] + 1.0)
    rows["start"] = np.where(rows["firm"] < 3, 1.0, np.where(rows["firm"] < 6, 2.0, np.nan))
    rows["mogen"] = rows["firm"] / 10 + rows["wave"]
    return rows


def design(scores: pd.DataFrame, changed: tuple[str, ...] = (), **roles: Any) -> SchemeDesign:
    given = SchemeRoles(**{"firm": "firm", "wave": "wave"} | roles)
    outcomes = ["mogen"] if "mogen" in scores else []
    return recognise_design(scheme_panel(scores, given, outcomes), given, outcomes=outcomes, changed=changed)


@pytest.mark.parametrize(
    ("roles", "waves", "kind", "rung"),
    [
        ({"treated": "scheme", "stratum": "sector"}, 2, "lottery", 1),
        ({"treated": "scheme", "lottery": True, "wave": None}, 1, "lottery", 1),
        ({"treated": "scheme", "lottery": True, "changed": ("mogen",)}, 2, "lottery", 1),
        ({"treated": "scheme"}, 2, "before_after_comparison", 2),
        ({"start": "start"}, 4, "staggered_start", 2),
        ({"treated": "scheme", "applied": "applied"}, 2, "rejected_applicants", 2),
        ({"dose": "hours"}, 2, "dose", 3),
    ],
)
def test_roles_tell_the_design_and_its_rung(roles: dict[str, Any], waves: int, kind: str, rung: int) -> None:
    found = design(firms(waves), **roles)
    assert (found.kind, found.rung, found.refusals) == (kind, rung, ())
    assert found.assumptions
    assert found.breaks
    assert found.n_treated == 6


def test_rejected_applicants_are_the_only_comparison() -> None:
    found = design(firms(), treated="scheme", applied="applied")
    assert (found.n_firms, found.n_comparison) == (9, 3)
    assert [(note.code, note.values["n"]) for note in found.notes] == [("rows_left_out", 12)]


@pytest.mark.parametrize(
    ("scores", "roles", "codes"),
    [
        (firms().query("firm < 6"), {"treated": "scheme"}, ["no_comparison"]),
        (firms().query("firm >= 6"), {"treated": "scheme"}, ["no_scheme"]),
        (firms(1), {"treated": "scheme"}, ["one_wave_without_lottery"]),
        (
            firms(3).assign(start=lambda d: np.where(d["firm"] < 6, 0.0, np.nan)),
            {"start": "start"},
            ["no_before_wave"],
        ),
        (firms(), {"treated": "scheme", "changed": ("mogen",)}, ["instrument_changed"]),
        (firms().drop(columns="mogen"), {"treated": "scheme"}, ["no_outcome"]),
    ],
)
def test_what_cannot_be_answered_is_refused_to_description(
    scores: pd.DataFrame, roles: dict[str, Any], codes: list[str]
) -> None:
    found = design(scores, **roles)
    assert [note.code for note in found.refusals] == codes
    assert (found.kind, found.rung, found.rung_name) == ("description", 4, "description")


def test_staggered_starts_without_firms_that_never_start_are_compared_with_later_ones() -> None:
    found = design(firms(4).query("firm < 6"), start="start")
    assert (found.kind, found.n_comparison, found.starts) == ("staggered_start", 0, ("1", "2"))
    assert [note.code for note in found.notes] == ["none_never_treated"]


def test_every_design_has_a_rung_and_words_for_what_it_needs() -> None:
    assert set(RUNGS) == set(ASSUMPTIONS) == set(BREAKS) == set(KINDS)


def test_a_list_of_grants_alone_gives_no_effect(shared: Path) -> None:
    folder = shared / "real_data" / "nl_subsidies_2015_ez"
    grants = pd.read_csv(next(folder.glob("*.csv")), sep=None, engine="python")
    amount = pd.to_numeric(grants["Realisatie"].astype("str").str.replace(",", "."), errors="coerce")
    got = pd.DataFrame({"firm": grants["Ontvanger"], "scheme": 1, "amount": amount})
    found = design(got, wave=None, treated="scheme")
    assert {"no_outcome", "no_comparison", "one_wave_without_lottery", "grants_only"} == {
        note.code for note in found.refusals
    }


def test_waves_in_words_need_an_order() -> None:
    scores = firms().assign(wave=lambda d: np.where(d["wave"] == 0, "nulmeting", "eindmeting"))
    with pytest.raises(SurveyDataError, match="whose order cannot be told"):
        design(scores, treated="scheme")
    ordered = pd.CategoricalDtype(["nulmeting", "eindmeting"], ordered=True)
    panel = scheme_panel(
        scores.astype({"wave": ordered}), SchemeRoles("firm", "wave", treated="scheme"), ["mogen"]
    )
    assert panel.waves == ("nulmeting", "eindmeting")
    numbered = scores.assign(wave=np.where(scores["wave"] == "nulmeting", "T1", "T2"))
    assert scheme_panel(numbered, SchemeRoles("firm", "wave", treated="scheme"), ["mogen"]).waves == (
        "T1",
        "T2",
    )


def test_a_constant_scheme_over_many_waves_needs_its_start() -> None:
    with pytest.raises(ModelSpecificationError, match="after"):
        design(firms(4), treated="scheme")
    assert design(firms(4), treated="scheme", after=2).starts == ("2",)
    varying = firms(4).assign(scheme=lambda d: (d["wave"] >= d["start"]).astype("int64"))
    assert design(varying, treated="scheme").starts == ("1", "2")


def test_staggered_starts_among_applicants_rest_on_rejection_too() -> None:
    found = design(firms(4), start="start", applied="applied")
    assert found.kind == "staggered_start"
    assert "rejection_unrelated_to_trend" in found.assumptions
    assert "rejection_unrelated_to_trend" not in design(firms(4), start="start").assumptions


def test_one_firm_with_most_of_the_people_is_told() -> None:
    scores = pd.concat([firms(), *[firms().query("firm == 1")] * 15])
    assert [note.code for note in design(scores, treated="scheme").notes] == ["one_firm_dominates"]
    assert design(scores, treated="scheme", weighting="firm").notes == ()


def test_a_scheme_that_ends_counts_from_its_start_on_and_is_told() -> None:
    once = firms(4).assign(scheme=lambda d: (d["wave"] == d["start"]).astype("int64"))
    found = design(once, treated="scheme")
    assert [(note.code, note.values["n_firms"]) for note in found.notes] == [("counted_from_first_start", 6)]
    kept = firms(4).assign(scheme=lambda d: (d["wave"] >= d["start"]).astype("int64"))
    assert design(kept, treated="scheme").notes == ()


def test_amounts_paid_back_are_no_dose() -> None:
    with pytest.raises(SurveyDataError, match="2 rows below 0"):
        design(firms().assign(hours=lambda d: d["hours"].where(d.index > 1, -3.0)), dose="hours")


def test_people_of_one_firm_cannot_differ_in_the_scheme() -> None:
    scores = firms()
    scores.loc[0, "scheme"] = 0
    with pytest.raises(SurveyDataError, match="1 firm-waves in which people differ"):
        design(scores, treated="scheme")
    with pytest.raises(SurveyDataError, match="1 firms with several"):
        design(firms(4).assign(start=lambda d: d["start"].where(d.index > 0, 3.0)), start="start")
