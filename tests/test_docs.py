"""The pages of the documentation: their examples are read, and no key is passed over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from si_research.constructs import CONSTRUCTS
from si_research.study.questions import check_names
from si_research.study.study_file import (
    Analysis,
    FactorModels,
    FillingIn,
    MeasurementError,
    Outcomes,
    StudyFile,
    read_study,
)
from si_research.survey.cleaning import CleaningRules, Consent, Selection, SystemRows, Unfinished
from si_research.survey.codebook import (
    Codebook,
    Item,
    MissingReason,
    Roles,
    Route,
    Scale,
    SourceOptions,
    Variable,
)
from si_research.survey.codebook_file import read_codebook
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.screening.cut_offs import DropCareless, ScreeningRules
from si_research.survey.yaml_model import BaseModel

PAGE = "docs/your_survey.md"
# Named in the templates or in data/example only, to keep the page short.
ELSEWHERE = {"wording_nl", "wording_en", "labels", "codebook", "completed_values", "output", "question"}


@pytest.fixture
def examples(project: Path, tmp_path: Path) -> Path:
    text = (project / PAGE).read_text("utf-8")
    for name, block in re.findall(r"```yaml\n# (\w+)\n(.*?)```", text, re.DOTALL):
        (tmp_path / f"{name}.yml").write_text(block, "utf-8")
    return tmp_path


def test_the_examples_are_valid(examples: Path) -> None:
    codebook = read_codebook(examples / "codebook.yml")
    assert codebook.items["k2"].reverse
    assert read_codebook(examples / "waves.yml").wave_order == ("voor", "na")
    study = read_study(examples / "study.yml")
    assert [each.variable for each in study.cleaning.select] == ["functie", "leeftijd"]
    assert {each.variable for each in study.cleaning.select} <= set(codebook.variables)


def test_the_lines_of_the_screening_are_the_usual_ones(examples: Path) -> None:
    part = (examples / "screening.yml").read_text("utf-8")
    (examples / "with_screening.yml").write_text((examples / "study.yml").read_text("utf-8") + part, "utf-8")
    screening = read_study(examples / "with_screening.yml").screening
    assert screening == ScreeningRules(drop=DropCareless(at_least=2))


def test_missing_scores_are_filled_in_as_the_page_says(examples: Path) -> None:
    part = (examples / "missing.yml").read_text("utf-8")
    (examples / "with_missing.yml").write_text((examples / "study.yml").read_text("utf-8") + part, "utf-8")
    assert read_study(examples / "with_missing.yml").missing == FillingIn()


def test_several_outcomes_are_named_as_the_page_says(examples: Path) -> None:
    part = (examples / "outcomes.yml").read_text("utf-8")
    (examples / "several.yml").write_text(f"title: Een onderzoek\ndata: survey.csv\n{part}", "utf-8")
    study = read_study(examples / "several.yml")
    assert study.analysis.planned_outcomes == ("innovative_behaviour", "organisational_performance")
    assert study.analysis.outcomes.exploratory == ("ideeen_delen",)
    one = (examples / "one_question.yml").read_text("utf-8")
    (examples / "one.yml").write_text(f"codebook: 1\ntitle: Een\n{one}", "utf-8")
    scale = read_codebook(examples / "one.yml").scales["ideeen_delen"]
    assert (scale.items, scale.label_en) == (("ideeen",), "sharing ideas")
    items = "".join(f"  a{number}: {{format: agree_5}}\n" for number in range(1, 7))
    made = """\
scales:
  kunnen: {construct: kunnen, items: [a1]}
  willen: {construct: willen, items: [a2]}
  mogen: {construct: mogen, items: [a3]}
  innovative_behaviour: {construct: innovative_behaviour, items: [a4]}
  prestatie: {construct: organisational_performance, items: [a5]}
  ideeen_delen: {construct: other, items: [a6]}
"""
    (examples / "made.yml").write_text(f"title: Een codeboek\nitems:\n{items}{made}", "utf-8")
    check_names(study, read_codebook(examples / "made.yml"))


@pytest.mark.parametrize(
    "model",
    (
        Codebook,
        Item,
        Variable,
        Scale,
        Roles,
        SourceOptions,
        StudyFile,
        Analysis,
        Outcomes,
        MeasurementError,
        FactorModels,
        FillingIn,
        Route,
        CleaningRules,
        ScreeningRules,
        DropCareless,
        SystemRows,
        Consent,
        Selection,
        Unfinished,
    ),
)
def test_every_key_is_explained(project: Path, model: type[BaseModel]) -> None:
    text = (project / PAGE).read_text("utf-8")
    keys = {field.alias or name for name, field in model.model_fields.items()} - ELSEWHERE
    unexplained = {key for key in keys if not re.search(rf"\b{key}\b", text)}
    assert unexplained <= {"keep", "at_most", "identical_rows"}


def test_every_format_construct_and_reason_is_listed(project: Path) -> None:
    text = (project / PAGE).read_text("utf-8")
    for name in (*BUILT_IN_FORMATS, *CONSTRUCTS, *get_args(MissingReason)):
        assert name in text, name


def test_published_tables_are_combined_as_the_page_shows(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 2018 a question came in above the others; 2019 has codes only, and follows 2018."""
    words = ("I can", "I want", "I may", "I try", "I share", "I stay")
    rng = np.random.default_rng(4)
    level = pd.DataFrame(rng.uniform(10, 90, (30, len(words))), columns=list(words))
    orders = {"2017": words[1:], "2018": words, "2019": words}
    for year, asked in orders.items():
        figures = (level[list(asked)] + rng.normal(0, 2, (30, len(asked)))).round(1)
        headers = [
            f"B{n:02}" if year == "2019" else f"B{n:02}. {text} (% agree)" for n, text in enumerate(asked, 1)
        ]
        firms = [f"Organisation {n}" for n in range(30)]
        table = figures.set_axis(headers, axis=1).set_axis(pd.Index(firms, name="Organisation"))
        table.to_csv(tmp_path / f"{year}.csv")
    (block,) = re.findall(r"```python\n# published\n(.*?)```", (project / PAGE).read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {}
    exec(block, made)
    assert made["numbering"].source == "2018"
    combined = made["table"]
    assert combined.groupby("wave")["question"].agg(["nunique", "size"]).to_numpy().tolist() == [
        [5, 150],
        [6, 180],
        [6, 180],
    ]
    may = combined[(combined["question"] == "I may") & (combined["wave"] == "2019")]
    assert abs(may["percent"].to_numpy() - level["I may"].to_numpy()).max() < 10


def test_links_between_pages_lead_somewhere(project: Path) -> None:
    pages = [project / "README.md", project / "CONTRIBUTING.md", *(project / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
