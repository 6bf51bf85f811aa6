"""The verdict on hardly more people than terms: what is undefined is left out, and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.model.forms.comparison import compare_forms
from si_research.model.forms.compensation import fit_compensation
from si_research.model.verdict.evidence import limit_of
from si_research.model.verdict.rule import VerdictRule, against_necessary
from si_research.model.verdict.verdict import Verdict, reach_verdict
from si_research.report.labels import Labels
from si_research.report.readings_notes import note_lines
from si_research.report.verdict_tables import readings_table
from si_research.report.voice import voice

NAMES = ["kunnen", "willen", "mogen"]


CONTROLS = [f"c{place}" for place in range(8)]


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    """22 people with 8 controls."""
    rng = np.random.default_rng(22)
    x = np.round(rng.uniform(1, 5, (22, 3)) * 4) / 4
    y = np.clip(x.mean(axis=1) + rng.normal(0, 0.25, 22), 1, 5)
    own = pd.DataFrame(x, columns=NAMES).assign(innovative_behaviour=y)
    return own.assign(**{name: rng.normal(size=22) for name in CONTROLS})


@pytest.fixture(scope="module")
def found(scores: pd.DataFrame) -> Verdict:
    """Of which 4 of 199 draws of p are undefined."""
    return reach_verdict(scores, controls=CONTROLS, draws=199, seed=1)


def test_undefined_draws_are_left_out_and_there_is_one_interval(found: Verdict) -> None:
    power, numbers = found.compensation, found.numbers
    assert power is not None
    assert numbers is not None
    assert np.isnan(power.draws).sum() == 4
    p_hat = numbers.p_hat
    assert (p_hat.estimate, p_hat.low, p_hat.high) == (power.p_hat, power.boot_low, power.boot_high)
    assert p_hat.low <= numbers.p_hat_above
    assert numbers.p_hat_below <= p_hat.high
    (note,) = [note for note in found.notes if note.code == "draws_undefined"]
    assert note.values == {"n": 4, "draws": 199}
    (said,) = note_lines([note], Labels(voice("en")))
    assert said.startswith("In 4 of 199 ")


def test_without_a_draw_that_is_defined_there_is_no_limit() -> None:
    assert limit_of(np.array([np.nan, -np.inf, 2.0, np.inf]), 0.5) == pytest.approx(2)
    assert np.isnan(limit_of(np.full(3, np.nan), 0.05))


def test_necessity_that_cannot_be_tested_is_named(found: Verdict) -> None:
    numbers = found.numbers
    assert numbers is not None
    assert "necessity_not_tested" in [note.code for note in found.notes]
    assert against_necessary(numbers, VerdictRule()) == ("necessity_not_tested",)
    one = replace(numbers, necessity_of_two=0.5)
    assert against_necessary(one, VerdictRule()) == ("necessity_not_found",)
    assert np.isnan(found.readings.loc["necessary", "estimate"])
    table = readings_table(found, Labels(voice("nl")))
    assert table is not None
    assert table.rows[3][2] == "niet getoetst"
    assert table.rows[3][4] == "het kon niet worden getoetst"


def test_a_power_outside_its_own_interval_is_named() -> None:
    """All but one are at the lowest point of one condition, and a third of the draws leave that one out."""
    rng = np.random.default_rng(5)
    x = np.round(rng.uniform(1, 5, (200, 3)) * 4) / 4
    x[:, 0] = np.where(np.arange(200) < 1, 2.0, 1.0)
    y = np.clip(3 + (x[:, 1:].min(axis=1) - 3) / 2 + rng.normal(0, 0.5, 200), 1, 5)
    scores = pd.DataFrame(x, columns=NAMES).assign(innovative_behaviour=y)
    power = fit_compensation(scores, draws=199, seed=1)
    assert power.p_hat < power.boot_low
    assert "p_outside_interval" in [note.code for note in power.notes]


def test_draws_that_a_form_fits_without_residuals_tell_nothing(scores: pd.DataFrame) -> None:
    in_firms = scores.assign(firm=np.arange(len(scores)) % 3)
    forms = compare_forms(in_firms, controls=CONTROLS, cluster="firm", draws=199, seed=1).forms
    assert np.isfinite(forms[["delta_low", "delta_high"]].to_numpy()).all()
    assert forms.groupby("family")["share_best"].sum().to_numpy() == pytest.approx(1)
