"""What the attacks know: the raw file of the hostile study, and the folders that were published of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hostile_survey import hostile_table, write_hostile_study
from si_research.study.diagnose import diagnose_study
from si_research.study.evaluate import evaluate_study
from si_research.study.run import StudyOutcome, run_study


@dataclass(frozen=True)
class Attacked:
    """A study, its raw file, and the folder of each command."""

    study: Path
    table: pd.DataFrame
    outcome: StudyOutcome
    folders: dict[str, Path]


def publish(folder: Path) -> Attacked:
    """Write the hostile study in a new folder, and publish it with all three commands."""
    study = write_hostile_study(folder)
    outcome = run_study(study, profile="publication")
    diagnose_study(study, target=4, profile="publication")
    evaluate_study(study, cost=1234.56, profile="publication")
    names = ("output", "diagnosis", "evaluation")
    return Attacked(study, hostile_table(), outcome, {name: study / f"{name}_publication" for name in names})
