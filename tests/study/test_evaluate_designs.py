"""The design of an evaluation follows from the roles of the codebook, and the page says which it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from si_research.study.evaluate import EvaluatedStudy, evaluate_study
from si_research.survey.codebook_file import read_codebook
from small_survey import LABELS, change_text, with_column, write_study

N_TREATED = 6
FIRMS = 14
STATUS = ("toegekend",) * N_TREATED + ("afgewezen",) * 5 + ("niet aangevraagd",) * 3


def panel(folder: Path) -> pd.DataFrame:
    """The rows of the small study as numbers: firm, wave, and the mean of mogen."""
    rows = pd.read_csv(folder / "survey.csv", sep=";", dtype="str")
    points = {label: place for place, label in enumerate(LABELS, 1)}
    return pd.DataFrame(
        {
            "firm": rows["bedrijf"].str[1:].astype("int64"),
            "wave": (rows["meting"] == "2").astype("int64"),
            "mogen": rows[["m1", "m2", "m3"]].replace(points).astype("float64").mean(axis=1),
        }
    )


def weighted_change(rows: pd.DataFrame, treated: list[int], others: list[int]) -> float:
    """The change of the one minus that of the others by hand, firms by n0·n1/(n0 + n1) people."""
    cells = rows.groupby(["firm", "wave"])["mogen"].agg(["mean", "size"]).unstack()  # noqa: PD010
    change = cells["mean"][1] - cells["mean"][0]
    weight = cells["size"].prod(axis=1) / cells["size"].sum(axis=1)
    one, other = (np.average(change[firms], weights=weight[firms]) for firms in (treated, others))
    return float(one - other)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """280 people in 14 firms, half in each of two waves; in the second six firms answer the most on mogen."""
    folder = write_study(tmp_path / "studie")
    header, *lines = (folder / "survey.csv").read_text("utf-8").splitlines()
    cells = [line.split(";") for line in lines]
    for place, cell in enumerate(cells):
        cell[1] = f"B{place // 2 % FIRMS:02d}"
        if place % 2 and place // 2 % FIRMS < N_TREATED:
            cell[8:11] = [LABELS[-1]] * 3
    text = "\n".join([header, *(";".join(cell) for cell in cells)]) + "\n"
    (folder / "survey.csv").write_text(text, "utf-8")

    def add(name: str, answer: Callable[[int], object]) -> None:
        with_column(folder / "survey.csv", name, lambda row: str(answer(row // 2 % FIRMS)))

    with_column(folder / "survey.csv", "meting", lambda row: "2" if row % 2 else "1")
    add("loting", lambda firm: "ingeloot" if firm < N_TREATED else "uitgeloot")
    add("regio", lambda firm: "noord" if firm % 2 else "zuid")
    add("status", lambda firm: STATUS[firm])
    add("start", lambda firm: "2" if firm < N_TREATED else ("", "nooit")[firm % 2])
    add("uren", lambda firm: 10 * (firm % 3 + 1) if firm < N_TREATED else 0)
    add("omvang", lambda firm: firm * 7 % 11)
    variables = "variables:\n  omvang: {kind: number, label_nl: omvang}\nscales:\n"
    change_text(folder / "codebook.yml", "scales:\n", variables)
    return folder


def evaluated(study: Path, roles: str, language: str = "nl") -> tuple[EvaluatedStudy, str]:
    book = study / "codebook.yml"
    text = re.sub(
        r"organisation: bedrijf.*}",
        "organisation: bedrijf, wave: meting, " + roles + "}",
        book.read_text("utf-8"),
    )
    book.write_text(text, "utf-8")
    done = evaluate_study(study, language=language, output=study / "evaluation")
    return done, done.page.read_text("utf-8")


def test_lots_in_strata_make_the_first_rung(study: Path) -> None:
    done, page = evaluated(study, "assignment: loting, stratum: regio")
    found = done.findings.found
    assert (found.design.kind, found.design.rung) == ("lottery", 1)
    assert "Trede 1 van de vier" in page and "alleen het lot bepaalde wie werd ingeloot" in page
    assert "organisaties van lot ruilden" in page and "niet na te gaan" not in page
    assert "Organisaties die zijn ingeloot: 6; uitgeloot: 8." in page and "opnieuw geloot" in page
    row = found.table().loc["mogen"]
    assert row["method"].startswith("randomisation inference") and row["p_value"] < 0.05


def test_rejected_applicants_are_the_comparison_and_others_stay_out(study: Path) -> None:
    done, page = evaluated(study, "application: status", "en")
    found = done.findings.found
    assert (found.design.kind, found.design.n_treated, found.design.n_comparison) == (
        "rejected_applicants",
        6,
        5,
    )
    expected = weighted_change(panel(study), list(range(6)), list(range(6, 11)))
    assert found.table().loc["mogen", "estimate"] == pytest.approx(expected)
    n = int((panel(study)["firm"] >= 11).sum())
    assert f"Rows left out, the organisation did not apply: {n}." in page
    assert "the best plans were granted" in page


def test_a_start_is_a_wave_and_nothing_for_never(study: Path, si_research: Callable[..., Result]) -> None:
    done, page = evaluated(study, "scheme_start: start, covariates: [omvang]")
    found = done.findings.found
    assert found.design.kind == "before_after_comparison"
    expected = weighted_change(panel(study), list(range(6)), list(range(6, 14)))
    assert found.table().loc["mogen", "estimate"] == pytest.approx(expected)
    assert "omvang" in page and "Er is niet gecorrigeerd" not in page
    assert "doubly robust" in set(found.effects["estimator"])
    change_text(
        study / "codebook.yml", "variables:\n", "variables:\n  meting: {labels: {'1': voor, '2': na}}\n"
    )
    change_text(study / "survey.csv", ";toegekend;2;", ";toegekend;3;")
    refused = si_research("evaluate", study)
    assert refused.exit_code == 2 and "starts that are no wave" in refused.stderr


def test_a_dose_alone_is_told_without_verbs_of_cause(study: Path) -> None:
    done, page = evaluated(study, "dose: uren", "en")
    assert (done.findings.found.design.kind, done.findings.found.design.rung) == ("dose", 3)
    assert "for each unit more of the scheme" in page and "By itself this does not say what" in page
    assert "made a difference" not in page and "An effect is shown" not in page


def test_a_dose_beside_the_arm_has_its_own_part(study: Path) -> None:
    done, page = evaluated(study, "assignment: loting, dose: uren", "en")
    assert done.findings.found.design.kind == "lottery"
    part = page[page.index("Did more of the scheme go with more change?") :]
    line = done.findings.by_dose.table().loc["mogen", "estimate"]  # type: ignore[union-attr]
    assert f"organisations changed {line:.2f} points" in part and "By itself this does not say" in part
    assert "made a difference" not in part


def test_words_that_say_nothing_of_an_application_are_refused(
    study: Path, si_research: Callable[..., Result]
) -> None:
    text = (
        (study / "codebook.yml")
        .read_text("utf-8")
        .replace("organisation: bedrijf}", "organisation: bedrijf, wave: meting, application: loting}")
    )
    (study / "codebook.yml").write_text(text, "utf-8")
    done = si_research("evaluate", study)
    assert done.exit_code == 2 and "2 different ones" in done.stderr and "ingeloot" not in done.stderr


def test_strata_without_lots_are_refused(study: Path, si_research: Callable[..., Result]) -> None:
    change_text(study / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, stratum: regio")
    done = si_research("evaluate", study)
    assert done.exit_code == 2 and "`assignment` beside it" in done.stderr


def test_the_roles_on_the_page_for_users_are_valid(project: Path, study: Path) -> None:
    text = (project / "docs/your_survey.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n# scheme_roles\n(.*?)```", text, re.DOTALL)
    book = (study / "codebook.yml").read_text("utf-8")
    (study / "codebook.yml").write_text(book[: book.index("roles:")] + block, "utf-8")
    roles = read_codebook(study / "codebook.yml").roles
    assert (roles.assignment, roles.scheme_start, roles.covariates) == (
        "loting",
        "startmeting",
        ("sector", "omvang"),
    )


@pytest.mark.parametrize(
    ("both", "word"), [(4, "Er zijn meer organisaties nodig"), (0, "In geen enkele groep")]
)
def test_groups_drawn_as_a_whole_do_not_count(
    study: Path, si_research: Callable[..., Result], both: int, word: str
) -> None:
    """Six against eight on paper; in one group two against two, or none at all."""

    def group(firm: int) -> str:
        side = "ja" if firm < N_TREATED else "nee"
        return "samen" if abs(firm - N_TREATED + 0.5) < both / 2 else side

    with_column(study / "survey.csv", "groep", lambda row: group(row // 2 % FIRMS))
    book = (study / "codebook.yml").read_text("utf-8")
    roles = "organisation: bedrijf, wave: meting, assignment: loting, stratum: groep}"
    (study / "codebook.yml").write_text(re.sub(r"organisation: bedrijf.*}", roles, book), "utf-8")
    assert si_research("evaluate", study).exit_code == 3
    page = (study / "evaluation" / "report.html").read_text("utf-8")
    assert word in page and "geen effect aangetoond" not in page
    effects = pd.read_csv(study / "evaluation" / "effects.csv")
    assert effects["estimate"].isna().all()


def test_a_message_names_the_column_of_the_file(study: Path, si_research: Callable[..., Result]) -> None:
    text = (study / "codebook.yml").read_text("utf-8")
    roles = "organisation: bedrijf, wave: meting, dose: uren}"
    (study / "codebook.yml").write_text(re.sub(r"organisation: bedrijf.*}", roles, text), "utf-8")
    rows = pd.read_csv(study / "survey.csv", sep=";", dtype="str", keep_default_na=False)
    rows["uren"] = "-5"
    rows.to_csv(study / "survey.csv", sep=";", index=False)
    done = si_research("evaluate", study)
    assert done.exit_code == 2 and "column uren, which plays the role `dose`" in done.stderr


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ("assignment: loting", "Mensen zijn geteld vanaf de loting"),
        ("scheme_start: start", "Mensen zijn geteld over alle metingen"),
    ],
)
def test_what_is_said_of_the_number_of_people_is_true(study: Path, roles: str, told: str) -> None:
    done, page = evaluated(study, roles)
    rows = panel(study).dropna(subset=["mogen"])
    expected = int((rows["wave"] == 1).sum()) if "assignment" in roles else len(rows)
    assert done.findings.found.table().loc["mogen", "n_used"] == expected and told in page
    assert page.count("Mensen zijn geteld") == 1
