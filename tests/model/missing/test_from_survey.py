"""From answers to pooled coefficients: what was not asked is never filled, what was left open is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import pool_interaction
from si_research.simulation.worlds import CONDITIONS, World, simulate_survey
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Roles, Scale, Variable
from si_research.survey.ledger import Ledger
from si_research.survey.missing.describe import describe_missing
from si_research.survey.missing.reasons import score_reasons
from si_research.survey.scoring import score_scales
from si_research.survey.survey_data import REASON_DTYPE, SourceFacts, Survey

SCALES = (*CONDITIONS, "innovative_behaviour")
N = 800


@pytest.fixture(scope="module")
def book() -> Codebook:
    return Codebook(
        title="made",
        formats={"five": ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6)))},
        items={f"{name}_{item:02d}": Item(format="five") for name in SCALES for item in range(1, 5)},
        variables={"firm_id": Variable()},
        scales={
            name: Scale(construct=name, items=tuple(f"{name}_{item:02d}" for item in range(1, 5)))
            for name in SCALES
        },
        roles=Roles(organisation="firm_id"),
    )


@pytest.fixture(scope="module")
def survey() -> Survey:
    """Nobody in the first 200 rows was asked about mogen; a fifth of all left kunnen open."""
    answers = simulate_survey(World(n_employees=N, n_firms=20), seed=1).rename_axis("row")
    reasons = pd.DataFrame(index=answers.index, columns=answers.columns, dtype=object)
    mogen = [name for name in answers if name.startswith("mogen")]
    kunnen = [name for name in answers if name.startswith("kunnen")]
    reasons.loc[:199, mogen] = "not_asked"
    open_ = np.random.default_rng(1).random(N) < 0.2
    reasons.loc[open_, kunnen[:3]] = "unanswered"
    values = answers.mask(reasons.notna())
    facts = SourceFacts(name="made.csv", kind="delimited", sha256="", n_bytes=0, n_rows=N, n_columns=17)
    return Survey(values, reasons.astype(REASON_DTYPE), facts, Ledger())


def test_a_block_that_was_not_asked_is_never_filled(survey: Survey, book: Codebook) -> None:
    scores = score_scales(survey, book)
    reasons = score_reasons(survey, book, scores)
    imputed = impute_scores(
        scores.table(), cluster="firm_id", reasons=reasons, imputations=5, iterations=10, seed=1
    )
    assert imputed.left_out.to_dict() == {"mogen: not_asked": 200}
    assert list(imputed.draws) == ["kunnen"]
    assert imputed.rows.index.min() == 200
    assert len(imputed.draws["kunnen"]) == scores.table().loc[200:, "kunnen"].isna().sum() > 80
    pooled = pool_interaction(imputed)
    assert pooled.n_rows == N
    assert pooled.n_used == 600
    assert pooled.n_complete == 600 - len(imputed.draws["kunnen"])


def test_it_is_described_before_it_is_filled(survey: Survey, book: Codebook) -> None:
    found = describe_missing(survey, book, score_scales(survey, book))
    assert found.blocks[["reason", "n_variables", "n_rows"]].to_numpy().tolist() == [["not_asked", 4, 200]]
    assert found.reasons.loc["mogen", ["n_missing", "n_absent"]].tolist() == [0, 200]
    assert found.person_mean.loc["mogen", "n_absent"] == 200
    assert found.person_mean.loc["kunnen", "n_too_few"] == N - found.person_mean.loc["kunnen", "n_scored"]
