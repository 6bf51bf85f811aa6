"""The scales of a study as factors: which models, on whose answers, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.errors import StudyError
from si_research.measurement.factors.confirmatory import fit_factors
from si_research.report.factor_findings import StudyFactors
from si_research.study import factors as study_factors
from si_research.study import instruments
from si_research.study.analysis import prepare_study
from si_research.study.check import check_study
from si_research.study.factors import fit_study_factors, lines_on_factors
from si_research.study.inputs import read_inputs
from si_research.survey.scoring import keyed_items
from small_survey import ITEMS, LABELS, answers, change_text, with_column, write_csv

Change = Callable[[Path], None]


def factors_of_study(folder: Path) -> StudyFactors:
    inputs = read_inputs(folder, None)
    ready = prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, done: None)
    found = fit_study_factors(inputs.study, inputs.codebook, ready.survey, ready.scores, ready.refusal)
    assert found is not None
    return found


def lines_of_check(folder: Path) -> list[str]:
    inputs = read_inputs(folder, None)
    ready = prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, done: None)
    return list(lines_on_factors(inputs.study, inputs.codebook, ready.survey, ready.scores, ready.refusal))


def names(found: StudyFactors) -> list[str]:
    return [each.name for each in found.findings]


def random_answers(folder: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [[str(row), f"B{row % 12}", *rng.choice(LABELS, 12)] for row in range(240)]
    write_csv(folder / "survey.csv", rows)


def two_groups(folder: Path, *, moved: str = "") -> None:
    """300 people in two groups; in the second, everybody answers one question a point lower."""
    rows = answers(300, 30, seed=5)
    if moved:
        place = 2 + ITEMS.index(moved)
        for row in rows[150:]:
            row[place] = LABELS[max(LABELS.index(row[place]) - 1, 0)]
    write_csv(folder / "survey.csv", rows)
    with_column(folder / "survey.csv", "taal", lambda place: "nl" if place < 150 else "en")
    change_text(folder / "codebook.yml", "scales:", "variables:\n  taal: {kind: category}\nscales:")
    change_text(folder / "study.yml", "analysis:", "factors: {groups: [taal]}\nanalysis:")


def test_the_models_are_those_of_the_scales(small_study: Path) -> None:
    """Standing alone, each model gives the same figures; firms are too few to allow for."""
    found = factors_of_study(small_study)
    assert list(found.models) == ["one", "conditions", "apart"]
    assert [len(fit.factors) for fit in found.models.values()] == [1, 3, 4]
    assert names(found) == ["few_firms"]
    assert (found.missing, found.clusters, found.reason) == ("complete", "", "")
    inputs = read_inputs(small_study, None)
    survey = prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, done: None).survey
    scales = ("kunnen", "willen", "mogen")
    items = pd.concat([keyed_items(survey, inputs.codebook, scale) for scale in scales], axis=1)
    alone = fit_factors(items, {scale: list(inputs.codebook.items_of(scale)) for scale in scales})
    pd.testing.assert_series_equal(found.models["conditions"].fit, alone.fit)
    assert found.validity is not None
    assert found.htmt is not None
    assert found.main is not None
    assert found.main.fit["bic"] < found.models["one"].fit["bic"]
    assert found.instruments == ()


def test_firms_count_where_there_are_enough(small_study: Path) -> None:
    write_csv(small_study / "survey.csv", answers(240, 40, seed=3))
    found = factors_of_study(small_study)
    assert (found.clusters, names(found)) == ("organisation", [])
    errors = found.main.standardised["std_error"]  # type: ignore[union-attr]
    change_text(small_study / "study.yml", "{bootstrap", "{cluster: none, bootstrap")
    alone = factors_of_study(small_study)
    assert alone.clusters == ""
    assert not np.allclose(errors, alone.main.standardised["std_error"])  # type: ignore[union-attr]


def test_missing_answers_count_with_what_is_there(small_study: Path) -> None:
    rows = answers(240, 12, seed=3)
    for row in rows[:40]:
        row[2] = ""
    write_csv(small_study / "survey.csv", rows)
    whole = factors_of_study(small_study)
    assert whole.missing == "fiml"
    assert {fit.n_used for fit in whole.models.values()} == {240}
    assert whole.htmt is not None
    assert whole.htmt.n_used == 200
    change_text(small_study / "study.yml", "analysis:", "factors: {missing: listwise}\nanalysis:")
    part = factors_of_study(small_study)
    assert part.missing == "listwise"
    assert part.models["apart"].n_used == 200


def test_what_would_take_minutes_is_not_done_unasked(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = answers(240, 12, seed=3)
    for row in rows[:40]:
        row[2] = ""
    write_csv(small_study / "survey.csv", rows)
    monkeypatch.setattr(study_factors, "MOST_WORK", 1.0)
    found = factors_of_study(small_study)
    assert (found.missing, found.models["apart"].n_used) == ("listwise", 200)
    assert "too_many_patterns" in names(found)
    change_text(small_study / "study.yml", "analysis:", "factors: {missing: fiml}\nanalysis:")
    assert factors_of_study(small_study).missing == "fiml"


def scale_of(items: str) -> Change:
    def change(folder: Path) -> None:
        change_text(folder / "codebook.yml", "items: [ig1, ig2, ig3]", items)

    return change


def ready_made(folder: Path) -> None:
    with_column(folder / "survey.csv", "cijfer", lambda place: str(place % 11))
    change_text(
        folder / "codebook.yml",
        "scales:",
        "variables:\n  cijfer: {kind: number, lowest: 0, highest: 10}\nscales:",
    )
    change_text(folder / "codebook.yml", "items: [ig1, ig2, ig3]", "score: cijfer")


def everybody_alike(folder: Path) -> None:
    rows = answers(240, 12, seed=3)
    for row in rows:
        row[2] = LABELS[3]
    write_csv(folder / "survey.csv", rows)


def nobody_answers(folder: Path) -> None:
    rows = answers(240, 12, seed=3)
    for row in rows:
        row[2] = ""
    write_csv(folder / "survey.csv", rows)


@pytest.mark.parametrize(
    ("change", "name", "where", "models"),
    [
        (ready_made, "single_score", ("innovative_behaviour",), ["one", "apart"]),
        (scale_of("items: [ig1]"), "single_item", ("innovative_behaviour",), ["one", "apart"]),
        (everybody_alike, "no_variance", ("k1",), ["one", "conditions", "apart"]),
        (nobody_answers, "no_answers", ("k1",), ["one", "conditions", "apart"]),
    ],
)
def test_what_cannot_be_in_a_model_is_named(
    small_study: Path, change: Change, name: str, where: tuple[str, ...], models: list[str]
) -> None:
    change(small_study)
    found = factors_of_study(small_study)
    assert (name, where) in [(each.name, each.where) for each in found.findings]
    assert list(found.models) == models
    assert where[0] not in found.models["apart"].factors
    assert where[0] not in [item for items in found.models["apart"].factors.values() for item in items]


def test_two_questions_make_a_scale_that_leans_on_the_others(small_study: Path) -> None:
    scale_of("items: [ig1, ig2]")(small_study)
    found = factors_of_study(small_study)
    assert [each.name for each in found.models["apart"].findings] == ["two_item_factor"]
    assert found.models["conditions"].findings == ()


def few_people(folder: Path) -> None:
    write_csv(folder / "survey.csv", answers(12, 3, seed=3))


def hardly_more_people(folder: Path) -> None:
    write_csv(folder / "survey.csv", answers(16, 3, seed=3))


def two_questions_in_all(folder: Path) -> None:
    scale_of("items: [ig1]")(folder)
    for letter in ("k", "w"):
        change_text(folder / "codebook.yml", f"[{letter}1, {letter}2, {letter}3]", f"[{letter}1]")
    change_text(folder / "codebook.yml", "[m1, m2, m3]", "[m1, m2]")


def one_question_each(folder: Path) -> None:
    scale_of("items: [ig1]")(folder)
    for letter in ("k", "w", "m"):
        change_text(folder / "codebook.yml", f"[{letter}1, {letter}2, {letter}3]", f"[{letter}1]")


def one_follows_from_others(folder: Path) -> None:
    """In whole points: m3 is m1 - m2 + a constant, where that is an answer."""
    rows = [row for row in answers(600, 12, seed=3) if abs(_point(row, "m1") - _point(row, "m2")) < 2]
    for row in rows:
        row[2 + ITEMS.index("m3")] = LABELS[_point(row, "m1") - _point(row, "m2") + 2]
    write_csv(folder / "survey.csv", rows)
    change_text(folder / "study.yml", "{bootstrap", "{test_unreliable_scales: true, bootstrap")


def _point(row: list[str], item: str) -> int:
    return LABELS.index(row[2 + ITEMS.index(item)])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (few_people, "more_items_than_people"),
        (hardly_more_people, "too_few_people"),
        (two_questions_in_all, "two_items"),
        (one_question_each, "no_scales"),
        (one_follows_from_others, "collinear"),
        (random_answers, "unreliable_scales"),
    ],
)
def test_where_no_model_can_be_fitted_the_reason_has_a_name(
    small_study: Path, change: Change, reason: str
) -> None:
    change(small_study)
    found = factors_of_study(small_study)
    assert found.reason == reason
    assert not found.models
    assert found.main is None
    assert [line.partition(" (")[0] for line in lines_of_check(small_study)] in (
        ["factor models: none"],
        ["factor models: none, for the same reason as the tests"],
    )


def test_random_answers_that_are_tested_all_the_same_have_no_factors(small_study: Path) -> None:
    random_answers(small_study)
    change_text(small_study / "study.yml", "{bootstrap", "{test_unreliable_scales: true, bootstrap")
    found = factors_of_study(small_study)
    assert found.models["apart"].status in {"not converged", "improper"}
    assert found.validity is not None
    assert found.validity.table()["ave"].isna().all()


@pytest.mark.parametrize(("moved", "verdict"), [("", "same"), ("w2", "other_means")])
def test_the_instrument_in_two_groups(small_study: Path, moved: str, verdict: str) -> None:
    two_groups(small_study, moved=moved)
    (found,) = factors_of_study(small_study).instruments
    assert (found.name, found.verdict, found.n_left_out) == ("taal", verdict, 0)
    assert found.invariance is not None
    assert dict(found.invariance.groups) == {"en": 150, "nl": 150}
    assert found.moved["term"].tolist()[:1] == ([f"{moved} ~1"] if moved else [])


def test_groups_that_cannot_be_compared_say_why(small_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_groups(small_study)
    answered = (small_study / "survey.csv").read_text("utf-8")

    def language(change: Callable[[int], str]) -> StudyFactors:
        lines = answered.splitlines()
        rows = [f"{line.rpartition(';')[0]};{change(place)}" for place, line in enumerate(lines[1:])]
        (small_study / "survey.csv").write_text("\n".join([lines[0], *rows]) + "\n", "utf-8")
        return factors_of_study(small_study)

    monkeypatch.setattr(instruments, "MOST_GROUPS", 5)
    cases: list[tuple[Callable[[int], str], list[str]]] = [
        (lambda place: "nl", ["one_group"]),
        (lambda place: "nl" if place < 260 else "en", ["too_few_in_groups"]),
        (lambda place: f"taal {place // 50}", ["too_many_groups"]),
        (lambda place: ("nl" if place < 150 else "en") if place < 290 else "fy", ["small_groups"]),
    ]
    for change, expected in cases:
        (found,) = language(change).instruments
        assert [each.name for each in found.findings] == expected
        assert (found.invariance is None) == (expected != ["small_groups"])
        assert (found.verdict == "unknown") == (expected != ["small_groups"])
    assert found.n_left_out == 10


def test_a_group_that_answered_one_question_alike_cannot_be_compared(small_study: Path) -> None:
    two_groups(small_study)
    text = (small_study / "survey.csv").read_text("utf-8").splitlines()
    cells = [line.split(";") for line in text]
    for row in cells[151:]:
        row[2] = LABELS[3]
    (small_study / "survey.csv").write_text("\n".join(";".join(row) for row in cells) + "\n", "utf-8")
    (found,) = factors_of_study(small_study).instruments
    assert [(each.name, each.where) for each in found.findings] == [("group_no_variance", ("k1",))]


def test_groups_that_the_codebook_does_not_know_are_refused(small_study: Path) -> None:
    two_groups(small_study)
    change_text(small_study / "study.yml", "groups: [taal]", "groups: [tal]")
    with pytest.raises(StudyError, match="taal"):
        check_study(small_study)


def test_check_says_which_models_a_run_fits(small_study: Path) -> None:
    ready_made(small_study)
    (line,) = [line for line in check_study(small_study).text.splitlines() if line.startswith("factor")]
    assert line == (
        "factor models: 9 questions of kunnen, willen, mogen, n = 240 (nothing missing); "
        "not in them, because they are one score or question: innovative_behaviour"
    )
