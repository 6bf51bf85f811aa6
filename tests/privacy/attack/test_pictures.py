"""Pictures of a publication: no mark where fewer than ten people are, and every byte of the whole example."""

from __future__ import annotations

import shutil
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attacked_study import Attacked
from count_attack import counts_of
from published_files import found_in
from si_research.constructs import CONDITIONS
from si_research.privacy.disclosure import PUBLICATION, disclosing
from si_research.report import figures
from si_research.report.labels import labels_of
from si_research.study.diagnose import diagnose_study
from si_research.study.evaluate import evaluate_study
from si_research.study.run import StudyOutcome, run_study

Place = tuple[float, float]
OUTCOME = "innovative_behaviour"


def places_in(axis: Axes) -> set[Place]:
    """Everywhere that a line, a mark or the corner of an area is, in the units of the axes."""
    found = [np.asarray(line.get_xydata(), dtype=float) for line in axis.lines]
    for marks in axis.collections:
        found.append(np.asarray(marks.get_offsets(), dtype=float).reshape(-1, 2))
        found += [np.asarray(path.vertices, dtype=float) for path in marks.get_paths()]
    found += [np.asarray(patch.get_xy(), dtype=float).reshape(-1, 2) for patch in axis.patches]
    points = np.vstack(found) if found else np.zeros((0, 2))
    return {(round(float(x), 6), round(float(y), 6)) for x, y in points}


def peers(scores: pd.DataFrame, condition: str) -> set[Place]:
    """The people on the ceiling: nobody with as little of the condition has as much of the outcome."""
    best, found = -np.inf, set()
    for x, y in scores.groupby(condition)[OUTCOME].max().items():
        if y > best:
            best = y
            found.add((round(float(x), 6), round(float(y), 6)))  # type: ignore[arg-type]
    return found


def alone(scores: pd.DataFrame, condition: str) -> set[Place]:
    sizes = scores.groupby([condition, OUTCOME]).size()
    return {(round(x, 6), round(y, 6)) for x, y in sizes[sizes < 10].index}


def ceilings(outcome: StudyOutcome) -> Figure:
    findings = outcome.findings
    with disclosing(PUBLICATION, people=len(findings.scores.table_)), mpl.rc_context(figures.STYLE):
        return figures._FIGURES["necessity_ceilings"].draw(findings, labels_of(findings, "nl"))


def test_no_mark_of_a_ceiling_stands_where_few_people_are(published: Attacked) -> None:
    scores = published.outcome.findings.scores.table_.dropna(subset=[*CONDITIONS, OUTCOME])
    drawn = [axis for axis in ceilings(published.outcome).axes if places_in(axis)]
    assert len(drawn) >= len(CONDITIONS)
    few = set().union(*(alone(scores, name) & peers(scores, name) for name in CONDITIONS))
    assert len(few) >= 5
    for axis in drawn:
        assert not places_in(axis) & few


def test_a_ceiling_through_people_would_be_seen(published: Attacked) -> None:
    scores = published.outcome.findings.scores.table_
    axis = Figure().subplots()
    on_it = sorted(peers(scores.dropna(subset=["kunnen", OUTCOME]), "kunnen"))
    axis.plot(*zip(*on_it, strict=True), drawstyle="steps-post")
    assert places_in(axis) >= set(on_it) and len(on_it) >= 2


def rendered(draw: object, findings: object, labels: object) -> tuple[bytes, bytes]:
    assert callable(draw)
    with mpl.rc_context(figures.STYLE):
        return figures._rendered(draw(findings, labels))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_byte_of_the_whole_example_names_a_respondent_and_no_count_tells_of_few(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(figures, "_drawn", rendered)
    study = tmp_path / "example"
    shutil.copytree(
        project / "data/example", study, ignore=shutil.ignore_patterns("output*", "diagnosis*", "evaluation*")
    )
    raw = pd.read_csv(study / "survey_export_synthetic.csv", sep=";", dtype="str", encoding="windows-1252")
    run_study(study, profile="publication", language=language)
    diagnose_study(study, target=4, profile="publication", language=language)
    evaluate_study(study, cost=1234.56, profile="publication", language=language)
    names = ("output", "diagnosis", "evaluation")
    folders = {name: study / f"{name}_publication" for name in names}
    respondents, firms = set(raw["respondentnummer"].dropna()), set(raw["bedrijf"].dropna())
    assert len(respondents) > 1000 and len(firms) == 60
    assert len(list((folders["output"] / "figures").glob("*.png"))) > 10
    for folder in folders.values():
        assert found_in(folder, respondents | firms) == {}
    counts = list(counts_of(folders.values()))
    assert len(counts) > 500 and not [each for each in counts if each[1] % 5 or 0 < each[1] < 10]
