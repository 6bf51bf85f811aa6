"""Several outcomes in a study: what may be named, what cannot be tested, and Holm over the planned ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.errors import StudyError
from si_research.model.outcome_sensitivity import outcome_sensitivity
from si_research.model.several_outcomes import planned_outcomes
from si_research.report.outcomes_findings import OutcomesFindings
from si_research.study.analysis import PreparedStudy, fit_study, prepare_study, roles_of, study_facts
from si_research.study.inputs import Inputs, read_inputs
from si_research.study.outcomes import lines_on_outcomes, outcome_measure, several_outcomes
from si_research.study.questions import check_names
from si_research.study.study_file import Analysis, Outcomes, StudyFile, read_study
from si_research.survey.codebook_file import read_codebook
from small_survey import LABELS, answers, change_text, with_column, write_study

SCALES = """\
variables: {cijfer: {kind: number, lowest: 1, highest: 10}}
scales:
  ideas: {construct: other, items: [d1, d2]}
  noise: {construct: other, items: [u1, u2]}
  few: {construct: other, items: [f1]}
  flat: {construct: other, items: [v1]}
  empty: {construct: other, items: [e1]}
  one_firm: {construct: other, items: [o1]}
  mark: {construct: other, score: cijfer}
"""
EXTRA = ("d1", "d2", "u1", "u2", "f1", "v1", "e1", "o1")
ASKED = "outcomes: {planned: [ideas, noise, few], exploratory: [flat, empty, one_firm, mark]}, "


def word(value: float) -> str:
    return LABELS[int(np.clip(np.round(value), 0, 4))]


def write_several(folder: Path) -> Path:
    """The small study with seven more outcomes: two that can be tested, five that cannot."""
    write_study(folder)
    rng, rows = np.random.default_rng(5), answers(240, 12, seed=3)
    points = np.array([[LABELS.index(each) for each in row[2:]] for row in rows], dtype="float64")
    scores = points.reshape(240, 4, 3).mean(axis=2) - 2
    base = 0.6 * scores[:, 3] + 0.35 * scores[:, :3].prod(axis=1) + 2
    first, second, mark = (base + rng.normal(0, 0.5, 240) for _ in range(3))
    cells: dict[str, Callable[[int], str]] = {
        "d1": lambda row: word(first[row]),
        "d2": lambda row: word(second[row]),
        "u1": lambda row: LABELS[row * 7 % 5],
        "u2": lambda row: LABELS[row * row % 11 % 5],
        "f1": lambda row: LABELS[row % 4] if row % 30 == 0 else "",
        "v1": lambda row: LABELS[3],
        "e1": lambda row: "",
        "o1": lambda row: LABELS[row % 5] if rows[row][1] == "B01" else "",
        "cijfer": lambda row: f"{np.clip(mark[row] * 2 + 1, 1, 10):.0f}" if row > 1 else "",
    }
    for name, cell in cells.items():
        with_column(folder / "survey.csv", name, cell)
    items = "".join(f"  {item}: {{format: agree_5}}\n" for item in EXTRA)
    change_text(folder / "codebook.yml", "scales:\n", items + SCALES)
    change_text(folder / "study.yml", "analysis: {", f"analysis: {{{ASKED}")
    return folder


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return read_inputs(write_several(tmp_path_factory.mktemp("several") / "study"), None)


@pytest.fixture(scope="module")
def ready(inputs: Inputs) -> PreparedStudy:
    check_names(inputs.study, inputs.codebook)
    return prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, done: None)


def outcomes_of(study: StudyFile, ready: PreparedStudy) -> OutcomesFindings:
    found = several_outcomes(study, ready, roles_of(study, (), ready.scores.table_))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def found(inputs: Inputs, ready: PreparedStudy) -> OutcomesFindings:
    return outcomes_of(inputs.study, ready)


def test_every_outcome_has_its_state(found: OutcomesFindings) -> None:
    assert found.states == {
        "innovative_behaviour": "tested",
        "ideas": "tested",
        "noise": "unreliable",
        "few": "too_few_people",
        "flat": "no_variation",
        "empty": "no_scores",
        "one_firm": "too_few_firms",
        "mark": "tested",
    }
    assert found.main == "innovative_behaviour"
    assert set(found.tested.fits) == {"innovative_behaviour", "ideas", "mark"}


def test_the_tests_are_those_of_the_model_and_holm_counts_all_four(
    ready: PreparedStudy, found: OutcomesFindings
) -> None:
    table = ready.scores.table()
    made = planned_outcomes(
        table,
        planned=["innovative_behaviour", "ideas", "noise", "few"],
        exploratory=["mark"],
        withheld=["noise", "few"],
        cluster="firm_id",
        draws=199,
        seed=7,
    )
    same = found.tested.outcomes.loc[["innovative_behaviour", "ideas", "mark"]]
    pd.testing.assert_frame_equal(same, made.outcomes.loc[same.index.unique()])
    for _, rows in found.tested.outcomes.groupby("test"):
        p = rows["p_value"]
        low, high = sorted((p["innovative_behaviour"], p["ideas"]))
        first = min(1, 4 * low)  # the smallest of four; the two that were not tested come last, as 1
        by_hand = {low: first, high: max(first, min(1, 3 * high))}
        for name in ("innovative_behaviour", "ideas"):
            assert rows["p_holm"][name] == pytest.approx(by_hand[p[name]])
        assert rows["p_holm"][["noise", "few", "mark"]].isna().all()


def test_a_changed_instrument_and_an_unreliable_one_that_is_wanted(
    inputs: Inputs, ready: PreparedStudy
) -> None:
    analysis = inputs.study.analysis.model_copy(update={"test_unreliable_scales": True})
    study = inputs.study.model_copy(update={"analysis": analysis})
    states = outcomes_of(study, replace(ready, changed_outcomes=frozenset({"ideas"}))).states
    assert (states["ideas"], states["noise"]) == ("instrument_changed", "tested")


def test_few_firms_leave_the_joint_test_out_and_a_copy_cannot_be_fitted(
    inputs: Inputs, ready: PreparedStudy
) -> None:
    scores = ready.scores.table_.assign(ideas=lambda frame: frame["kunnen"])
    firms = scores["firm_id"].map(lambda name: name if name in {"B01", "B02", "B03", "B04"} else None)
    few = replace(
        ready, scores=replace(ready.scores, table_=scores.assign(mark=scores["mark"].where(firms.notna())))
    )
    states = outcomes_of(inputs.study, few).states
    assert states["mark"] == "joint_untested"
    assert states["ideas"] == "not_possible"


def test_a_joint_test_with_a_note_beside_its_p_counts_as_tested(inputs: Inputs, ready: PreparedStudy) -> None:
    """People differ on a condition in one firm only, which so decides its products."""
    scores = ready.scores.table_.copy()
    scores["kunnen"] = scores["kunnen"].where(scores["firm_id"] == "B01", 3.0)
    found = outcomes_of(inputs.study, replace(ready, scores=replace(ready.scores, table_=scores)))
    joint = found.tested.tests["ideas"]
    assert (joint.note, joint.p_value > 0) == ("cluster_identifies_term", True)
    assert found.states["ideas"] == "tested"


def test_one_outcome_has_no_comparison(inputs: Inputs, ready: PreparedStudy) -> None:
    analysis = inputs.study.analysis.model_copy(update={"outcomes": Outcomes()})
    study = inputs.study.model_copy(update={"analysis": analysis})
    assert several_outcomes(study, ready, roles_of(study, (), ready.scores.table_)) is None
    assert list(lines_on_outcomes(study, ready, roles_of(study, (), ready.scores.table_))) == []


def test_check_says_what_will_not_be_tested(inputs: Inputs, ready: PreparedStudy) -> None:
    lines = list(lines_on_outcomes(inputs.study, ready, roles_of(inputs.study, (), ready.scores.table_)))
    assert lines[0].startswith(
        "planned outcomes, corrected together (Holm): innovative_behaviour, ideas, noise"
    )
    assert "exploratory outcomes, which confirm nothing: flat, empty" in lines[1]
    assert "few will not be tested: too few people have every score; it counts with p = 1" in lines
    assert "empty will not be tested: nobody has a score" in lines
    assert len(lines) == 2 + 5


def test_the_main_outcome_is_always_the_first_planned_one(inputs: Inputs) -> None:
    asked = Analysis(outcomes=Outcomes(planned=("ideas", "innovative_behaviour"), exploratory=("mark",)))
    assert asked.planned_outcomes == ("innovative_behaviour", "ideas")
    assert asked.other_outcomes == ("ideas", "mark")
    facts = study_facts(inputs.study, inputs.codebook)
    assert facts.outcomes[:3] == ("innovative_behaviour", "ideas", "noise")


@pytest.mark.parametrize(
    ("outcomes", "place", "said"),
    [
        (
            "{planned: [ideas], exploratory: [ideas]}",
            "exploratory[0]",
            "found `ideas` a second time. Name it once",
        ),
        (
            "{planned: [kunnen]}",
            "planned[0]",
            "found `kunnen`, which is a predictor. Leave `kunnen` out here.",
        ),
        (
            "{exploratory: [innovative_behaviour]}",
            "exploratory[0]",
            "`innovative_behaviour`, which is the main outcome, and planned",
        ),
        ("{planned: [idees]}", "planned[0]", "Did you mean `ideas`?"),
        ("{planned: [mark]}", "planned[0]", "found `cijfer`, in `mark` and in `cijfer`."),
        ("{planned: [cijfer]}", "planned[0]", "found `cijfer`, which is a control."),
    ],
)
def test_a_wrong_outcome_is_told_with_its_line(tmp_path: Path, outcomes: str, place: str, said: str) -> None:
    folder = write_several(tmp_path / "study")
    change_text(folder / "study.yml", ASKED, f"outcomes: {outcomes}, ")
    change_text(folder / "codebook.yml", "bedrijf}", "bedrijf, controls: [cijfer]}")
    study = read_study(folder)
    with pytest.raises(StudyError) as raised:
        check_names(study, read_codebook(folder / "codebook.yml"))
    assert f"line 7, analysis.outcomes.{place}" in str(raised.value)
    assert said in str(raised.value)
    assert (
        raised.value.expected == "outcomes of the codebook that are no predictor or control, each named once"
    )


def test_the_main_outcome_is_measured_in_other_ways(inputs: Inputs, ready: PreparedStudy) -> None:
    fit, scales = fit_study(inputs.study, (), ready.scores.table()), ready.scores.scales
    measure = outcome_measure(fit, scales)
    assert measure.state == "compared"
    assert measure.compared is not None
    step = 1 / 3  # a mean of three answers
    made = outcome_sensitivity(fit, lowest=1, highest=5, step=step)
    pd.testing.assert_frame_equal(measure.compared.outcomes, made.outcomes)
    halves = fit.rows.assign(
        innovative_behaviour=lambda rows: rows[fit.outcome].where(rows.index % 2 == 0, 2.5)
    )
    halves.iloc[:7, 0] = [
        1.0,
        1.5,
        2.5,
        3.0,
        3.5,
        4.5,
        5.0,
    ]  # the mean of two, where a question was left open
    left_open = outcome_measure(replace(fit, rows=halves), scales).compared
    assert left_open is not None
    assert left_open.offset == pytest.approx(step / 2)
    facts = scales[fit.outcome]
    for change, state in (
        ({"lowest": np.nan}, "open_ends"),
        ({"highest": 4.0}, "outside_ends"),
    ):
        assert outcome_measure(fit, {fit.outcome: replace(facts, **change)}).state == state
    two = fit.rows.assign(innovative_behaviour=(fit.rows["innovative_behaviour"] > 3) * 1.0 + 2)
    assert outcome_measure(replace(fit, rows=two), scales).state == "two_values"
