"""The page: self-contained, escaped, nobody in it, and words that fit the case."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from si_research.model.interaction import fit_interaction
from si_research.report import figures
from si_research.report.findings import StudyFindings
from si_research.report.html import render_report
from si_research.report.results_json import results_json
from si_research.report.words import sentence

Small = Callable[..., StudyFindings]


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return change


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_is_fetched_and_nothing_runs(example: StudyFindings, language: str) -> None:
    drawn = render_report(example, language)
    page = Page(drawn)
    assert not {"script", "iframe", "link", "object", "embed", "form"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for place in (attributes.get("src"), attributes.get("href")):
            assert place is None or place.startswith(("data:image/svg+xml;base64,", "#")), place
    style = re.search(r"<style>(.*?)</style>", drawn, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_every_link_has_its_place_and_every_figure_its_words(example: StudyFindings) -> None:
    page = Page(render_report(example, "en"))
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    links = {str(each["href"]).removeprefix("#") for tag, each in page.tags if tag == "a"}
    assert links <= set(names)
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == sum(kind.fits(example) for kind in figures._FIGURES.values()) > 4
    assert all(len(str(each["alt"])) > 60 for each in pictures)


@pytest.mark.parametrize(("language", "word"), [("nl", "Figuur"), ("en", "Figure")])
def test_no_sentence_names_a_figure_by_a_number_that_may_be_of_another(
    example: StudyFindings, language: str, word: str
) -> None:
    """Figures are numbered as they come; which come hangs on the data."""
    page = Page(render_report(example, language)).text
    assert re.search(rf"{word} \d+\.", page)
    assert not re.search(rf"{word} \d+(?!\d|\.)", page)


@pytest.mark.parametrize(("language", "word"), [("nl", "Verzonnen gegevens"), ("en", "Made-up data")])
def test_the_example_says_that_it_is_made_up(example: StudyFindings, language: str, word: str) -> None:
    text = Page(render_report(example, language)).text
    assert word in text
    assert "synthe" in text


def test_the_other_language_has_no_word_of_the_first(example: StudyFindings) -> None:
    """The researcher's own words are translated too, where the study file translates them."""
    english = Page(render_report(example, "en")).text
    assert "nulmeting" not in english
    assert "Vragenlijst" not in english
    assert "only the first wave" in english
    assert "alleen de nulmeting" in Page(render_report(example, "nl")).text


def test_what_was_typed_is_escaped(small: Small) -> None:
    found = small(240, 12, edit("study.yml", "Een klein onderzoek", "'<script>alert(1)</script> & <b>'"))
    page = render_report(found, "nl")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page


def test_no_firm_and_no_respondent_is_named(small: Small) -> None:
    found = small()
    for text in (render_report(found, "nl"), results_json(found)):
        assert re.search(r"\bB\d\d\b", text) is None
    results = json.loads(results_json(found))
    assert "rows" not in results["fit"]
    assert "scores" not in results


def test_sizes_of_small_firms_are_hidden(small: Small) -> None:
    found = small(150, 60)
    assert found.fit is not None
    assert found.fit.clusters is not None
    assert found.fit.clusters.smallest < 5
    assert json.loads(results_json(found))["fit"]["clusters"]["smallest"] is None
    assert "< 5" in Page(render_report(found, "en")).text


def rare_level(folder: Path) -> None:
    """A control that two people have a value of their own for, and a second one with two values."""
    survey = (folder / "survey.csv").read_text("utf-8").splitlines()
    rows = [
        f"{row};{'zeldzaam' if place < 2 else 'ab'[place % 2]};{int(place in (3, 4, 5))}"
        for place, row in enumerate(survey[1:])
    ]
    (folder / "survey.csv").write_text("\n".join([survey[0] + ";functie;zeven", *rows]) + "\n", "utf-8")
    text = (folder / "codebook.yml").read_text("utf-8")
    text = text.replace("organisation: bedrijf", "organisation: bedrijf, controls: [functie, zeven]")
    text = text.replace("scales:", "variables:\n  zeven: {kind: number, lowest: 0, highest: 1}\nscales:")
    (folder / "codebook.yml").write_text(text, "utf-8")
    study = (folder / "study.yml").read_text("utf-8")
    study = study.replace("analysis: {", "analysis: {controls: [functie, zeven], ")
    (folder / "study.yml").write_text(study, "utf-8")


def test_a_value_that_few_have_is_in_the_model_and_in_no_output(small: Small) -> None:
    found = small(240, 12, rare_level)
    assert found.fit is not None
    assert {"functie[zeldzaam]", "zeven"} <= set(found.fit.coefficients.index)
    results = results_json(found)
    for text in (render_report(found, "nl"), results):
        assert "zeldzaam" not in text
    terms = {row["term"] for row in json.loads(results)["fit"]["coefficients"]}
    assert "zeven" not in terms
    assert any(term.startswith("functie[") for term in terms)
    assert "minder dan vijf mensen hebben, tellen mee" in Page(render_report(found, "nl")).text


def test_too_few_firms_for_the_joint_test_is_said_with_the_number_it_takes(small: Small) -> None:
    found = small(90, 3)
    text = Page(render_report(found, "en")).text
    assert "cannot be tested with 3 organisations" in text
    assert "at least 5" in text
    assert "no reason to assume more than a sum" not in text
    assert "bootstrap draws" not in text
    assert "takes at least 5 organisations" in sentence(found.joint, "en")


def test_two_conditions_have_their_own_words(small: Small) -> None:
    found = small(240, 12, edit("study.yml", "analysis: {", "analysis: {predictors: [kunnen, mogen], "))
    text = Page(render_report(found, "en")).text
    assert "With two conditions there is one product" in text
    assert "kunnen × mogen" in text
    assert "× willen" not in text
    assert "nearly blind" not in text


def test_a_refusal_shows_what_the_file_allows(small: Small) -> None:
    def without_outcome(folder: Path) -> None:
        text = (folder / "codebook.yml").read_text("utf-8")
        (folder / "codebook.yml").write_text(re.sub(r"\n  innovative_behaviour: .*", "", text), "utf-8")

    found = small(240, 12, without_outcome)
    for language, headline in (("en", "There is no outcome in this file"), ("nl", "Er is geen uitkomst")):
        page = Page(render_report(found, language))
        assert headline in page.text
        assert not {"tests", "slopes"} & {str(each.get("id")) for _, each in page.tags}
        mean = f"{found.items['mean'].iloc[0]:.3f}".replace(".", "." if language == "en" else ",")
        assert mean in page.text


def test_people_who_are_in_twice_are_mentioned(small: Small) -> None:
    def two_waves(folder: Path) -> None:
        survey = (folder / "survey.csv").read_text("utf-8").splitlines()
        waves = [[f"{row};{wave}" for row in survey[1:]] for wave in ("voor", "na")]
        rows = [survey[0] + ";meting", *waves[0], *waves[1]]
        (folder / "survey.csv").write_text("\n".join(rows) + "\n", "utf-8")
        text = (folder / "codebook.yml").read_text("utf-8")
        text = text.replace("organisation: bedrijf", "wave: meting, organisation: bedrijf")
        (folder / "codebook.yml").write_text(text, "utf-8")

    found = small(240, 12, two_waves)
    assert found.fit is not None
    assert found.fit.n_used == 480
    assert "Some people are in more than once" in Page(render_report(found, "en")).text
    assert "in more than once" not in Page(render_report(small(), "en")).text


def weigh(**options: bool) -> Callable[[Path], None]:
    """A survey with a weight; ``used=False`` asks not to use it."""

    def weighted(folder: Path) -> None:
        survey = (folder / "survey.csv").read_text("utf-8").splitlines()
        rows = [f"{row};{1 + place % 3}" for place, row in enumerate(survey[1:])]
        (folder / "survey.csv").write_text("\n".join([survey[0] + ";gewicht", *rows]) + "\n", "utf-8")
        text = (folder / "codebook.yml").read_text("utf-8")
        text = text.replace("organisation: bedrijf", "organisation: bedrijf, weight: gewicht")
        (folder / "codebook.yml").write_text(text, "utf-8")
        if not options.get("used", True):
            edit("study.yml", "analysis: {", "analysis: {weighted: false, ")(folder)

    return weighted


def test_the_weight_of_the_codebook_is_used_and_the_page_says_where(small: Small) -> None:
    plain, unused, used = small(), small(240, 12, weigh(used=False)), small(240, 12, weigh())
    assert plain.fit is not None
    assert unused.fit is not None
    assert used.fit is not None
    np.testing.assert_allclose(unused.fit.coefficients, plain.fit.coefficients)
    by_hand = fit_interaction(
        used.scores.table(),
        outcome=used.fit.outcome,
        predictors=used.fit.predictors,
        controls=used.fit.controls,
        cluster="firm_id",
        weight="weight",
    )
    np.testing.assert_allclose(used.fit.coefficients, by_hand.coefficients)
    assert not np.allclose(used.fit.coefficients["estimate"], plain.fit.coefficients["estimate"])
    for language, words, other in (
        ("en", "weigh people by the weight", "asks not to use it"),
        ("nl", "wegen mensen met het gewicht", "vraagt het niet te gebruiken"),
    ):
        assert words in Page(render_report(used, language)).text
        assert other in Page(render_report(unused, language)).text


def test_the_same_findings_give_the_same_page(small: Small) -> None:
    """The bytes of its figures are those of `test_figures`."""
    assert render_report(small(), "nl") == render_report(small(), "nl")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_sentences_repeat_the_numbers_of_the_results(example: StudyFindings, language: str) -> None:
    fit, joint = example.fit, example.joint
    assert fit is not None
    assert joint is not None
    estimate = float(fit.coefficients["estimate"][fit.tested_term])
    shown = f"{abs(estimate):.3f}".replace(".", "," if language == "nl" else ".")
    assert shown in sentence(fit, language)
    p = f"{joint.p_value:.3f}"[1:].replace(".", "," if language == "nl" else ".")
    assert p in sentence(joint, language)
    assert p in sentence(example, language)


def test_the_profile_is_that_of_the_people_in_the_tests(example: StudyFindings) -> None:
    fit = example.fit
    assert fit is not None
    results = json.loads(results_json(example))
    means = {row["term"]: row["mean"] for row in results["descriptives"]}
    for name in ("kunnen", "willen", "mogen", "innovative_behaviour"):
        assert means[name] == pytest.approx(np.mean(fit.rows[name]), abs=1e-12)
    r = {(row["term_1"], row["term_2"]): row["estimate"] for row in results["correlations"]}
    assert r["kunnen", "willen"] == pytest.approx(
        np.corrcoef(fit.rows["kunnen"], fit.rows["willen"])[0, 1], abs=1e-12
    )
