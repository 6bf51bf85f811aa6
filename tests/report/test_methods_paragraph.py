"""The Method section: figures of the fit, alike in two languages; every source cited and none besides."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from si_research import corner_comparison, fit_interaction, joint_test, simple_slopes, simulate_scores
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import pool_interaction
from si_research.model.slope_differences import slope_differences
from si_research.report.findings import StudyFindings
from si_research.report.html import render_report
from si_research.report.methods_paragraph import RELEASED, methods_paragraph, references
from si_research.report.references import REFERENCES, Reference
from si_research.report.results_json import results_json
from small_survey import change_text, with_column

Small = Callable[..., StudyFindings]
Case = tuple[Any, dict[str, Any]]
CITED = re.compile(r"([A-Z][\w. &-]*?(?: et al\.| e\.a\.)?), (\d{4})")


def scores(n_firms: int = 12, n: int = 240) -> pd.DataFrame:
    table, rng = simulate_scores(n, three_way=0.3, seed=5), np.random.default_rng(5)
    table["firm_id"] = rng.integers(n_firms, size=n).astype(str)
    table["sector"] = rng.choice(["care & <b>cure</b>", "it", "it", "build"], n)
    table["age"] = rng.integers(20, 60, n)
    table["weight"] = rng.uniform(0.5, 2, n)
    return table


def case(table: pd.DataFrame, *, tests: bool = True, **roles: Any) -> Case:
    fit = fit_interaction(table, **roles)
    done = {
        "joint": joint_test(fit, draws=199, seed=8),
        "corners": corner_comparison(fit, smallest_difference=0.3),
        "slopes": simple_slopes(fit),
        "differences": slope_differences(fit),
    }
    return fit, done if tests else {}


def of_errors(table: pd.DataFrame, errors: Any) -> Case:
    fit = fit_interaction(table, errors=errors)
    products = [simple_slopes(fit, of="kunnen:willen"), simple_slopes(fit, of="mogen")]
    return fit, {"slopes": pd.concat(products), "joint": joint_test(fit, seed=8)}


def of_filled(table: pd.DataFrame, n_holes: int, **roles: Any) -> Case:
    """Two conditions of 120 people, some of them without a score on one, filled in."""
    few = table.iloc[:120].assign(kunnen=lambda each: each["kunnen"].where(each.index >= n_holes))
    filled = impute_scores(few, predictors=("kunnen", "mogen"), imputations=6, iterations=5, seed=1, **roles)
    fit = pool_interaction(filled)
    return fit, {"slopes": simple_slopes(fit), "differences": slope_differences(fit)}


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    table = scores()
    high = {name: (table[name] > 3).astype(float) for name in ("kunnen", "willen", "mogen")}
    holes = table.assign(mogen=table["mogen"].where(table.index >= 20), weight=table["weight"])
    return {
        "bare": case(table, tests=False),
        "people": case(holes, controls=["sector", "age"]),
        "firms": case(table, cluster="firm_id", controls=["sector"]),
        "many firms": case(scores(13), cluster="firm_id"),
        "three firms": case(scores(3), cluster="firm_id"),
        "one firm": case(table.assign(firm_id="a"), cluster="firm_id"),
        "two conditions": case(table, predictors=("kunnen", "mogen")),
        "binary": case(table.assign(**high)),
        **{errors: of_errors(table, errors) for errors in ("OLS", "HC0", "HC4")},
        "filled": of_filled(table, 20, cluster="firm_id", controls=["age"]),
        "few filled": of_filled(table, 3),
        "weighted": case(table, weight="weight", cluster="firm_id", conf_level=0.975),
    }


def test_a_paragraph_by_hand(cases: dict[str, Case]) -> None:
    """Every figure is worked out here from the scores: means, n, n less eight terms."""
    fit, _ = cases["bare"]
    table = scores()
    k, w, m = (f"{table[name].mean():.2f}" for name in ("kunnen", "willen", "mogen"))
    own = version("si-research")
    assert methods_paragraph(fit) == (
        "Scores on innovative behaviour were regressed on kunnen, willen and mogen, their three two-way "
        "products and their three-way product by ordinary least squares (Cohen et al., 2003). The "
        f"predictors were centred at their mean before they were multiplied (kunnen {k}, willen {w} and "
        f"mogen {m}). Terms were entered in this order: the conditions, the products of two and the product "
        "of three. All 240 rows of scores were analysed. Organisations were not taken into account; "
        "respondents counted as independent. Standard errors were of type HC3, which does not assume equal "
        "spread (MacKinnon & White, 1985), with t tests on 232 degrees of freedom. Intervals were 95% "
        f"intervals, and α was .05. The analysis was done with si_research {own} (The si_research "
        f"developers, {RELEASED}) in Python."
    )
    dutch = methods_paragraph(fit, "nl")
    assert f"(kunnen {k.replace('.', ',')}, willen {w.replace('.', ',')} en" in dutch
    assert "t-toetsen op 232 vrijheidsgraden. Intervallen waren 95%-intervallen en α was ,05." in dutch


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_citation_has_its_source_and_every_source_is_cited(
    cases: dict[str, Case], example: StudyFindings, language: str
) -> None:
    for name, (fit, done) in (cases | {"study": (example, {})}).items():
        text, listed = methods_paragraph(fit, language, **done), references(fit, language, **done)
        cited = {(re.split(r" & | et al| e\.a", names)[0], year) for names, year in CITED.findall(text)}
        first = {
            (each.partition(" (")[0].partition(",")[0].rstrip("."), re.findall(r"\((\d{4})\)", each)[0])
            for each in listed
        }
        assert cited == first, name
        assert len(first) == len(listed)
        assert listed == sorted(listed, key=str.casefold)


def test_every_source_of_the_list_is_used_by_a_method(cases: dict[str, Case], example: StudyFindings) -> None:
    used = {each for fit, done in cases.values() for each in references(fit, **done)}
    used |= set(references(example))
    assert {str(each) for each in REFERENCES.values()} <= used
    assert len(used) == len(REFERENCES) + 1


@pytest.mark.parametrize(
    ("name", "there", "absent"),
    [
        ("people", {"hc3", "probing", "holm", "slope_differences"}, {"bootstrap", "webb", "guide"}),
        ("firms", {"jackknife", "guide", "bootstrap", "webb"}, {"hc3", "weights"}),
        ("many firms", {"jackknife", "bootstrap"}, {"webb", "hc3"}),
        ("three firms", {"jackknife", "equivalence"}, {"bootstrap", "webb"}),
        ("one firm", {"hc3"}, {"jackknife", "bootstrap", "guide"}),
        ("weighted", {"weights", "jackknife"}, {"hc3"}),
        ("filled", {"smcfcs", "pooling", "pooled_joint", "jackknife", "probing"}, {"hc3", "bootstrap"}),
        ("OLS", {"hc3", "probing"}, {"hc0", "hc4"}),
        ("HC0", {"hc0", "hc3"}, {"hc4"}),
        ("HC4", {"hc4", "hc3"}, {"hc0"}),
        ("bare", {"regression", "hc3"}, {"probing", "equivalence", "holm", "slope_differences"}),
    ],
)
def test_the_sources_follow_what_was_done(
    cases: dict[str, Case], name: str, there: set[str], absent: set[str]
) -> None:
    fit, done = cases[name]
    listed = references(fit, **done)
    assert {key for key in there | absent if str(REFERENCES[key]) in listed} == there


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("people", ("Of 240 rows of scores, 220 (92%) were analysed", "Left out were 20: no score on mogen")),
        ("people", ("sector (reference category: it) and age (centred at its mean)", "The four products")),
        ("firms", ("12 organisations", "on 11 degrees", "199 draws and seed 8", "Webb's six weights")),
        ("many firms", ("13 organisations", "on 12 degrees", "one random sign")),
        ("three firms", ("at least 5 organisations", "eight corners", "0.30 points of the outcome")),
        ("one firm", ("All respondents worked in one organisation",)),
        (
            "two conditions",
            ("kunnen and mogen and their product by", "The product was tested", "four corners"),
        ),
        ("two conditions", ("the squares of kunnen and mogen in", "where the other condition is high")),
        ("binary", ("with no squares", "kunnen 0.00 and 1.00; willen 0.00 and 1.00; mogen 0.00 and 1.00")),
        (
            "OLS",
            ("were the classical ones", "product kunnen × willen was probed", "slopes of mogen were"),
        ),
        ("HC4", ("of type HC4, which does not", "with HC3 (MacKinnon & White, 1985)")),
        (
            "filled",
            ("Of these rows, 100 were complete", "in 6 times", "on 11 degrees", "Hotelling's form"),
        ),
        ("filled", ("All 120 rows", "(centred at its mean)", "The product was tested by the pooled")),
        ("few filled", ("in fewer than five of these rows was", "type HC3", "D1 (Reiter, 2007), with")),
        ("weighted", ("sampling weight, weight (Solon", "97.5% intervals, and α was .025")),
    ],
)
def test_each_fit_says_its_own(cases: dict[str, Case], name: str, said: tuple[str, ...]) -> None:
    fit, done = cases[name]
    text = methods_paragraph(fit, **done)
    for each in said:
        assert each in text


def test_dutch_and_english_hold_the_same_figures(cases: dict[str, Case]) -> None:
    for name, (fit, done) in cases.items():
        english, dutch = (methods_paragraph(fit, language, **done) for language in ("en", "nl"))
        english = re.sub(r"\d+th", lambda found: found[0][:-2], english)
        dutch = re.sub(r"\d+e\b", lambda found: found[0][:-1], dutch)
        count = [Counter(re.findall(r"\d+", text)) for text in (english, dutch)]
        assert count[0] == count[1], name
        assert english.count(". ") == dutch.count(". "), name
        assert not re.search(r"\*|\{|\}|  ", english + dutch)


def test_no_count_below_five_is_told() -> None:
    table = scores()
    few = table.assign(mogen=table["mogen"].where(table.index >= 3), sector="it")
    few.loc[few.index[:40], "sector"] = "build"
    few.loc[few.index[40:43], "sector"] = "fishing"
    text = methods_paragraph(fit_interaction(few, controls=["sector"]))
    assert "Left out were fewer than five: reason not shown." in text
    assert "no score" not in text
    assert "fishing" not in text
    rare = table.assign(sector=[f"s{row // 4}" for row in range(len(table))])
    assert "compared with the commonest category" in methods_paragraph(
        fit_interaction(rare, controls=["sector"])
    )
    firms = table.assign(firm_id=np.where(np.arange(len(table)) < 3, "a", table["firm_id"]))
    assert "from fewer than five to" in methods_paragraph(fit_interaction(firms, cluster="firm_id"))


def test_reasons_of_few_go_together() -> None:
    table = scores()
    table.loc[table.index[:3], "mogen"] = np.nan
    table.loc[table.index[3:6], "willen"] = np.nan
    table.loc[table.index[6:20], "firm_id"] = None
    text = methods_paragraph(fit_interaction(table, cluster="firm_id"))
    assert "no score on willen and no score on mogen, n = 6" in text
    assert "organisation unknown, n = 14" in text
    assert not re.search(r"n = [1-4]\b", text)


def test_a_source_is_written_as_the_manual_writes_it() -> None:
    names = ("Grady, J. S.", "Her, M.", "Moreno, G.")
    made = Reference(names, 2019, "Emotions?", "A Journal, 8(3), 1–2", "10.1/x")
    assert str(made) == (
        "Grady, J. S., Her, M., & Moreno, G. (2019). Emotions? A Journal, 8(3), 1–2. https://doi.org/10.1/x"
    )
    assert made.cited("et al.") == "Grady et al., 2019"
    assert replace(made, authors=("Holm, S.",), doi="").cited("e.a.") == "Holm, 2019"


def test_a_doi_is_that_of_the_method_itself(project: Path) -> None:
    """Each stands in the documentation of the function that uses the method, and once in the list."""
    folder = project / "src/si_research"
    documented = "".join(
        path.read_text("utf-8") for path in folder.rglob("*.py") if path.name != "references.py"
    )
    dois = [each.doi for each in REFERENCES.values() if each.doi]
    assert len(dois) == len(set(dois)) >= 7
    assert [doi for doi in dois if f"https://doi.org/{doi}" not in documented] == []


def test_the_toolkit_is_cited_as_it_asks(project: Path, cases: dict[str, Case]) -> None:
    asked = YAML(typ="safe").load((project / "CITATION.cff").read_text("utf-8"))
    (listed,) = (each for each in references(cases["bare"][0]) if each.startswith("The si_research"))
    name, year = asked["authors"][0]["name"], asked["date-released"].year
    assert listed.startswith(f"{name}. ({year}). {asked['title']} (")
    assert listed.endswith("[Computer software].")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_page_and_results_hold_the_paragraph(example: StudyFindings, language: str) -> None:
    text, listed = methods_paragraph(example, language), references(example, language)
    stored = json.loads(results_json(example, language))
    assert (stored["methods_paragraph"], stored["references"]) == (text, listed)
    page = unescape(re.sub(r"<[^>]+>", "", render_report(example, language)))
    flat = " ".join(page.replace("\N{NO-BREAK SPACE}", " ").split())
    assert text in flat
    assert all(each in flat for each in listed)
    assert example.fit is not None
    assert f"{example.fit.n_used:,}".replace(",", "." if language == "nl" else ",") in text
    assert ("verzonnen" if language == "nl" else "made up") in text


def a_hostile_control(folder: Path) -> None:
    with_column(folder / "survey.csv", "afdeling", lambda row: ["<script>x</script>", "a & b"][row % 2])
    change_text(folder / "codebook.yml", "bedrijf}", "bedrijf, controls: [afdeling]}")
    change_text(folder / "codebook.yml", "scales:\n", "variables: {afdeling: {}}\nscales:\n")


def test_names_are_escaped_on_the_page_and_plain_in_the_text(small: Small) -> None:
    found = small(change=a_hostile_control)
    text = methods_paragraph(found, "en")
    assert "afdeling (reference category: " in text
    assert ("<script>x</script>" in text) != ("a & b" in text)
    page = render_report(found, "en")
    assert "<script>" not in page
    assert "How to write it up" in page


def without_an_outcome(folder: Path) -> None:
    change_text(folder / "codebook.yml", "construct: innovative_behaviour", "construct: other")
    change_text(folder / "codebook.yml", "  innovative_behaviour:", "  gedrag:")


def test_a_refused_study_has_no_paragraph(small: Small) -> None:
    found = small(change=without_an_outcome)
    assert found.fit is None
    assert (methods_paragraph(found), references(found)) == ("", [])
    stored = json.loads(results_json(found))
    assert (stored["methods_paragraph"], stored["references"]) == (None, [])
    assert "Zo kunt u het opschrijven" not in render_report(found, "nl")


def test_the_example_of_the_page_writes_a_study_up(
    project: Path, example: StudyFindings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (project / "docs/your_survey.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n# write_up\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"findings": example}
    exec(block, names)
    assert names["text"] == methods_paragraph(example, "en")
    assert names["sources"] == references(example, "en")
    assert (tmp_path / "regression.xlsx").stat().st_size > 0
    assert "kunnen × willen × mogen" in names["table"]["Term"].to_list()
