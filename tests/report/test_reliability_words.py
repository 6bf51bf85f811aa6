"""What is odd about a scale, in words: no edge ends in a traceback or a silent number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.omega import omega_total, unknown_omega
from si_research.measurement.polychoric import polychoric_correlations
from si_research.measurement.reliability import cronbach_alpha, unknown_reliability
from si_research.measurement.scale_reliability import ScaleReliability
from si_research.measurement.two_halves import spearman_brown
from si_research.report.labels import Labels
from si_research.report.reliability_words import odd_sentences, omega_in_words
from si_research.report.voice import voice
from si_research.report.words import sentence

RNG = np.random.default_rng(5)
COMMON = RNG.normal(size=(60, 1))
GOOD = pd.DataFrame(COMMON + RNG.normal(size=(60, 3)), columns=["k1", "k2", "k3"])
TURNED = GOOD.assign(k2=-GOOD["k2"], k3=GOOD["k3"] + 2 * RNG.normal(size=60))
NOISE = pd.DataFrame(RNG.normal(size=(60, 4)), columns=["k1", "k2", "k3", "k4"])


def known(items: pd.DataFrame) -> ScaleReliability:
    return ScaleReliability(
        cronbach_alpha(items, scale="kunnen"),
        omega_total(items, scale="kunnen"),
        spearman_brown(items, scale="kunnen") if items.shape[1] == 2 else None,
    )


def heywood() -> pd.DataFrame:
    R = np.array([[1, 0.8, 0.8], [0.8, 1, 0.35], [0.8, 0.35, 1]])
    x = RNG.normal(size=(80, 3))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / 80)).T @ np.linalg.cholesky(R).T
    return pd.DataFrame(x, columns=["k1", "k2", "k3"])


def said(scale: ScaleReliability, language: str) -> str:
    return " ".join(text for _, text in odd_sentences((scale,), 0.5, Labels(voice(language))))


EDGES = {
    "two items": (known(GOOD[["k1", "k2"]]), "two questions", "twee vragen", "Spearman-Brown"),
    "negative": (known(TURNED[["k1", "k2"]]), "is negative", "is negatief", "\N{MINUS SIGN}"),
    "flat": (known(GOOD.assign(k4=3.0)), "the same answer to `k4`", "Op `k4`", "k4"),
    "cancelled": (
        known(pd.DataFrame({"k1": range(9), "k2": range(9, 0, -1)}, dtype="float64")),
        "cancel each other out",
        "heffen elkaar op",
        "kunnen",
    ),
    "heywood": (known(heywood()), "Heywood", "Heywood", "`k1`"),
    "twins": (known(GOOD.assign(k4=GOOD["k1"])), "follows wholly", "volgt geheel", "`k1`, `k4`"),
    "more items than people": (
        known(pd.DataFrame(RNG.normal(size=(6, 8)), columns=[f"k{i}" for i in range(8)])),
        "too few people answered all",
        "te weinig mensen",
        "mega",
    ),
}


@pytest.mark.parametrize("edge", EDGES)
def test_each_edge_has_its_sentence_in_both_languages(edge: str) -> None:
    scale, english, dutch, both = EDGES[edge]
    assert english in said(scale, "en")
    assert dutch in said(scale, "nl")
    assert both in said(scale, "en")
    assert "nan" not in said(scale, "en") + said(scale, "nl")


def test_a_good_scale_is_passed_over() -> None:
    scale = known(pd.DataFrame(COMMON + 0.3 * RNG.normal(size=(60, 4)), columns=["k1", "k2", "k3", "k4"]))
    assert said(scale, "en") == said(scale, "nl") == ""


def test_noise_is_below_the_floor_and_named_with_its_figures() -> None:
    scale = known(NOISE)
    text = said(scale, "en")
    assert text.startswith("All that is known of the reliability lies below .50 for *kunnen* (alpha ")
    assert voice("en").bounded(scale.alpha.alpha) in text


def test_one_figure_below_the_floor_is_a_reservation_and_no_refusal() -> None:
    scale = known(GOOD)
    middle = (scale.alpha.alpha + scale.omega.omega) / 2
    assert scale.alpha.alpha < scale.omega.omega
    (kind, text), *_ = odd_sentences((scale,), middle, Labels(voice("en")))
    assert kind == "text"
    assert "one figure lies below" in text


def test_no_ordinal_alpha_is_said() -> None:
    items = pd.DataFrame(
        {"k1": [1, 2, 3, 4] * 10, "k2": [1, 2, 3, 4] * 10, "k3": [1, 2, 2, 1, 3, 4, 3, 4] * 5}
    )
    scale = ScaleReliability(
        cronbach_alpha(items, scale="kunnen"),
        omega_total(items, scale="kunnen"),
        ordinal=polychoric_correlations(items),
    )
    assert "no ordinal alpha" in said(scale, "en")
    assert "`k1` – `k2`" in said(scale, "nl")


@pytest.mark.parametrize(
    "status", ["single score", "one item", "no variance", "not converged", "not identified"]
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_has_words(status: str, language: str) -> None:
    omega = unknown_omega(GOOD, scale="kunnen", status=status)  # type: ignore[arg-type]
    assert len(omega_in_words(omega, voice(language))) > 10
    assert "60" in sentence(omega, language)


def test_sentences_of_results_carry_their_numbers() -> None:
    omega, halves = omega_total(GOOD, scale="kunnen"), spearman_brown(GOOD[["k1", "k2"]], scale="willen")
    for language in ("nl", "en"):
        speak = voice(language)
        assert f"omega = {speak.bounded(omega.omega)}" in sentence(omega, language)
        assert speak.bounded(halves.reliability) in sentence(halves, language)
        assert "n = 60 " in sentence(halves, language)


def test_nothing_known_says_nothing_of_a_figure() -> None:
    score = GOOD[["k1"]]
    scale = ScaleReliability(
        unknown_reliability(score, scale="kunnen", status="single score"),
        unknown_omega(score, scale="kunnen", status="single score"),
    )
    assert said(scale, "nl") == ""


def figured(alpha: float, low: float, high: float, n: int = 7) -> ScaleReliability:
    """A scale with these figures and no omega."""
    found = replace(cronbach_alpha(GOOD, scale="kunnen"), alpha=alpha, conf_low=low, conf_high=high, n_used=n)
    return ScaleReliability(found, unknown_omega(GOOD, scale="kunnen", status="too few"))


def test_a_figure_just_below_the_floor_is_told_from_it() -> None:
    assert "(alpha .497)" in said(figured(0.497, -0.62, 0.90), "en")
    assert "(alfa ,497)" in said(figured(0.497, -0.62, 0.90), "nl")
    assert "(alpha .45)" in said(figured(0.45, -0.62, 0.90), "en")
    assert "(alpha .6996)" in said(figured(0.6996, 0.6, 0.90), "en")


@pytest.mark.parametrize(
    ("language", "interval", "words"),
    [("nl", "([−,62; ,90], n = 7)", "meer antwoorden"), ("en", "([−.62, .90], n = 7)", "more answers")],
)
def test_so_few_people_that_the_interval_holds_the_floor_cannot_tell(
    language: str, interval: str, words: str
) -> None:
    text = said(figured(0.45, -0.62, 0.90), language)
    assert interval in text
    assert words in text
    assert words not in said(figured(0.30, 0.10, 0.45, 200), language)


@pytest.mark.parametrize(
    ("language", "sure", "noise"),
    [("nl", "Waarschijnlijk is een vraag", "door toeval"), ("en", "Probably a question", "By chance")],
)
def test_a_negative_alpha_is_a_turned_question_only_where_its_interval_lies_below_zero(
    language: str, sure: str, noise: str
) -> None:
    turned, random = said(figured(-0.9, -1.4, -0.5), language), said(figured(-0.16, -0.52, 0.13), language)
    assert sure in turned
    assert noise not in turned
    assert noise in random
    assert sure not in random
