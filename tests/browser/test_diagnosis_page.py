"""The pages of a diagnosis on a telephone: nothing slides sideways, nothing is cut off.

Run with ``pytest -m browser``; needs Chromium on the machine (Debian: ``apt-get install chromium``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from si_research.study.diagnose import diagnose_study

pytestmark = pytest.mark.browser
SLIDES = "[...document.querySelectorAll('.scroll')].map(each => each.scrollWidth - each.clientWidth)"
BEYOND = """[...document.querySelectorAll('svg text')].map(each => each.getBoundingClientRect().right
- (getComputedStyle(each.ownerSVGElement).overflow === 'visible' ? document.documentElement.clientWidth
   : each.ownerSVGElement.getBoundingClientRect().right))"""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_all_of_it_stands_on_a_telephone(browser: Any, project: Path, tmp_path: Path, language: str) -> None:
    done = diagnose_study(project / "data/example", output=tmp_path / "out", language=language)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    for path in (done.index, *(done.index.parent / "units" / f"{n}.html" for n in (2, 4))):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert not any(page.evaluate(SLIDES)), path.name
        assert all(beyond < 0 for beyond in page.evaluate(BEYOND)), path.name
    page.close()
