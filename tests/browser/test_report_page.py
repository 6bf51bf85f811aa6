"""The report in a real browser: it opens offline, nothing is cut off, and it prints on A4.

Run with ``pytest -m browser``; needs Chromium on the machine (Debian: ``apt-get install chromium``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from si_research.study.run import run_study
from small_survey import answers, write_csv, write_study

pytestmark = pytest.mark.browser
A4_COLUMN = 673  # pixels that A4 leaves between the margins of the page, 178 mm at 96 to the inch


@pytest.fixture(scope="session")
def pages(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example in both languages, a study of three firms, and a refusal."""
    folder = tmp_path_factory.mktemp("pages")
    found = {
        f"example-{language}": run_study(
            project / "data/example", output=folder / language, language=language
        ).report
        for language in ("nl", "en")
    }
    few = write_study(folder / "few")
    write_csv(few / "survey.csv", answers(90, 3, seed=3))
    found["few firms"] = run_study(few).report
    refused = write_study(folder / "refused")
    codebook = (refused / "codebook.yml").read_text("utf-8").splitlines()
    kept = [line for line in codebook if not line.startswith("  innovative_behaviour:")]
    (refused / "codebook.yml").write_text("\n".join(kept) + "\n", "utf-8")
    found["refusal"] = run_study(refused).report
    return found


NAMES = ["example-nl", "example-en", "few firms", "refusal"]


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_by_itself(browser: Any, pages: dict[str, Path], name: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(pages[name].as_uri())
    assert troubles == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    pictures = page.evaluate("[...document.images].map(each => each.naturalWidth)")
    assert len(pictures) == len(list((pages[name].parent / "figures").glob("*.svg"))) > 4
    assert all(width > 100 for width in pictures)
    page.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1920, 1280, 1121, 1120, 1000, 834])
def test_nothing_is_cut_off_on_a_screen(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(pages[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert overflowing(page) == []
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_on_a_telephone_only_tables_and_figures_scroll(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(pages[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_on_a4(browser: Any, pages: dict[str, Path], name: str) -> None:
    page = browser.new_page(viewport={"width": A4_COLUMN, "height": 900})
    page.emulate_media(media="print")
    page.goto(pages[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_COLUMN
    assert len(page.pdf(prefer_css_page_size=True)) > 20_000
    page.close()


def test_the_contents_lead_to_their_sections(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(pages["example-nl"].as_uri())
    links = page.locator("nav a")
    assert links.count() > 5
    for place in range(links.count()):
        links.nth(place).click()
        name = page.evaluate("location.hash").removeprefix("#")
        top = page.evaluate("name => document.getElementById(name).getBoundingClientRect().top", name)
        at_end = page.evaluate("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")
        assert at_end or -5 <= top <= 60, name
    page.close()


def test_tables_can_be_reached_with_the_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    """Every box that may scroll takes the focus and has a name for who hears the page."""
    page = browser.new_page()
    page.goto(pages["example-en"].as_uri())
    unnamed = page.evaluate(
        """[...document.querySelectorAll("figure.table .scroll")].filter(
            each => each.tabIndex !== 0 || !document.getElementById(each.getAttribute("aria-labelledby"))
        ).length"""
    )
    assert unnamed == 0
    page.close()


def overflowing(page: Any) -> list[str]:
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll(".scroll, p, h1, h2, td, th, .facts div")].filter(
            each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline"
        ).map(each => `${each.tagName} ${each.textContent.trim().slice(0, 40)}`)"""
    )
    return found
