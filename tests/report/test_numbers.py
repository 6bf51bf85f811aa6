"""Every number on the page is a number of ``results.json``, rounded; nothing is worked out on the way."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from si_research.report.findings import StudyFindings
from si_research.report.html import render_report
from si_research.report.results_json import results_json


class Cells(HTMLParser):
    """The text of every cell of every table."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        del attrs
        if tag == "td":
            self.inside = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data


def numbers_in(content: Any) -> list[float]:
    if isinstance(content, dict):
        return [number for value in content.values() for number in numbers_in(value)]
    if isinstance(content, list):
        return [number for value in content for number in numbers_in(value)]
    return [float(content)] if isinstance(content, int | float) and not isinstance(content, bool) else []


def written(cell: str, language: str) -> list[tuple[float, int]]:
    """The numbers of a cell with their decimals; bounds such as "< .001" and years of sources are none."""
    cell = re.sub(r"\(\d{4}\)|[<>] \S+", "", cell.replace("\N{NO-BREAK SPACE}", " ").replace("\u2009", ""))
    thousands, decimal = (",", ".") if language == "en" else (".", ",")
    cell = re.sub(rf"(?<=\d){re.escape(thousands)}(?=\d{{3}})", "", cell)
    found = []
    for text in re.findall(rf"−?\d*{re.escape(decimal)}?\d+", cell):
        plain = text.replace("−", "-").replace(decimal, ".")
        found.append((float(plain), len(plain.partition(".")[2])))
    return found


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_number_of_a_table_is_in_the_results(example: StudyFindings, language: str) -> None:
    known = numbers_in(json.loads(results_json(example)))
    known += [100 * number for number in known]
    reader = Cells()
    reader.feed(render_report(example, language))
    strangers = [
        cell
        for cell in reader.cells
        if not re.fullmatch(r"[a-z]+\d|\d+-\d+", cell)
        for value, digits in written(cell, language)
        if not any(abs(abs(number) - abs(value)) <= 0.5000001 * 10**-digits for number in known)
    ]
    assert len(reader.cells) > 300
    assert strangers == []
