"""Question by question: wordings as in the codebook, long tables in one place, links that go somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from si_research.report.findings import StudyFindings
from si_research.report.html import render_report
from si_research.report.labels import labels_of
from si_research.report.question_section import PLACE, questions_table
from si_research.report.sections import sections_of
from small_survey import change_text

WORDING = "Ik <b>weet</b> hoe ik in mijn werk iets nieuws kan bedenken & uitvoeren"
LONG_TABLES = {"questions", "item_answers", "items", "item_quality", "factor_loadings", "missing_items"}


def with_wording(folder: Path) -> None:
    change_text(
        folder / "codebook.yml",
        "  k1: {format: agree_5}",
        f"  k1: {{format: agree_5, wording_nl: '{WORDING}'}}",
    )
    change_text(
        folder / "codebook.yml", "  k2: {format: agree_5}", "  k2: {format: agree_5, wording_en: I know how}"
    )


@pytest.fixture(scope="module")
def worded(small: Callable[..., StudyFindings]) -> StudyFindings:
    return small(240, 12, with_wording)


def test_the_wording_is_that_of_the_codebook_in_the_language_of_the_report(worded: StudyFindings) -> None:
    dutch, english = (questions_table(worded, labels_of(worded, language)) for language in ("nl", "en"))
    assert dutch is not None
    assert english is not None
    assert [row[2] for row in dutch.rows[:3]] == [WORDING, "", ""]
    assert [row[2] for row in english.rows[:3]] == ["", "I know how", ""]
    assert questions_table(replace(worded, wordings={"en": {"k1": "I can"}}), labels_of(worded, "nl")) is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_long_tables_stand_in_the_appendix_and_links_go_there(worded: StudyFindings, language: str) -> None:
    sections = sections_of(worded, labels_of(worded, language))
    where = {
        block.table.name: section.name
        for section in sections
        for block in section.blocks
        if block.table is not None
    }
    assert {name for name in LONG_TABLES if where.get(name, "appendix") != "appendix"} == set()
    assert {"questions", "items", "item_answers", "item_quality"} <= set(where)
    linking = {section.name for section in sections for block in section.blocks if block.kind == "link"}
    assert {"items", "factors"} <= linking
    page = render_report(worded, language)
    assert page.count(f'id="{PLACE}"') == 1
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    numbers = [int(number) for number in re.findall(r"<b>(?:Tabel|Table) (\d+)", page)]
    assert numbers == list(range(1, len(numbers) + 1))
    if language == "nl":
        assert "Ik &lt;b&gt;weet&lt;/b&gt; hoe" in page
