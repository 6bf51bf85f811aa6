"""Controls: those of the codebook are in the tests, and a report says when they are not."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from si_research.report.findings import StudyFindings
from si_research.report.html import render_report
from small_survey import change_text, with_column

Small = Callable[..., StudyFindings]


def text_of(findings: StudyFindings, language: str = "en") -> str:
    page = re.sub(r"<style>.*?</style>", "", render_report(findings, language), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def an_age(folder: Path) -> None:
    with_column(folder / "survey.csv", "leeftijd", lambda row: str(20 + row % 40))
    change_text(folder / "codebook.yml", "bedrijf}", "bedrijf, controls: [leeftijd]}")
    change_text(folder / "codebook.yml", "scales:\n", "variables: {leeftijd: {kind: number}}\nscales:\n")


def an_age_that_is_passed_over(folder: Path) -> None:
    an_age(folder)
    change_text(folder / "study.yml", "analysis: {", "analysis: {controls: [], ")


def without_an_outcome(folder: Path) -> None:
    change_text(folder / "codebook.yml", "construct: innovative_behaviour", "construct: other")
    change_text(folder / "codebook.yml", "  innovative_behaviour:", "  gedrag:")


def test_a_control_of_the_codebook_is_in_the_tests(small: Small) -> None:
    findings = small(change=an_age)
    assert findings.fit is not None
    assert findings.fit.controls == ("leeftijd",)
    assert "leeftijd" in findings.fit.coefficients.index
    page = text_of(findings)
    assert "All tests take leeftijd into account." in page
    assert "Controls at their mean." in page


def test_a_control_that_is_passed_over_is_named(small: Small) -> None:
    findings = small(change=an_age_that_is_passed_over)
    assert findings.fit is not None
    assert findings.fit.controls == ()
    page = text_of(findings)
    assert "The codebook calls leeftijd a control, but the study file does not ask for it." in page
    assert "All tests take" not in page
    assert "Controls at their mean." not in page
    assert "leeftijd" in text_of(findings, "nl")


def test_a_refusal_speaks_of_no_tests(small: Small) -> None:
    page = text_of(small(change=without_an_outcome))
    assert "Characteristics of the people in the tests" not in page
    assert "The conditions and the outcome" not in page
    assert "The distribution of each condition and of the outcome" not in page


@pytest.fixture(scope="module")
def readme(project: Path) -> tuple[list[str], dict[str, Any]]:
    """The examples of the page, run one after the other: their text, and what they leave behind."""
    blocks = re.findall(r"```python\n(.*?)```", (project / "README.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    with contextlib.chdir(project), contextlib.redirect_stdout(io.StringIO()) as printed:
        for place, block in enumerate(blocks):
            *steps, last = ast.parse(block).body
            assert isinstance(last, ast.Expr)
            exec(compile(ast.Module(steps, []), "README.md", "exec"), names)
            names[f"shown_{place}"] = eval(compile(ast.Expression(last.value), "README.md", "eval"), names)
    names["printed"] = printed.getvalue().splitlines()
    return blocks, names


def test_the_example_of_the_readme_gives_the_numbers_of_the_report(
    readme: tuple[list[str], dict[str, Any]], example: StudyFindings
) -> None:
    fit = readme[1]["shown_0"]
    assert example.fit is not None
    pd.testing.assert_frame_equal(fit.coefficients, example.fit.coefficients)


def test_the_verdict_of_the_readme_is_that_of_the_report(
    readme: tuple[list[str], dict[str, Any]], example: StudyFindings
) -> None:
    blocks, names = readme
    assert example.combination is not None
    assert names["verdict"].code == example.combination.verdict.code
    assert names["shown_1"].index.to_list() == example.combination.verdict.readings.index.to_list()
    told = re.findall(r"^print.*\) +# (.*)$", blocks[1], re.MULTILINE)
    assert len(told) == len(names["printed"]) == 2
    for said, printed in zip(told, names["printed"], strict=True):
        assert printed.startswith(said.removesuffix(" [...]"))
