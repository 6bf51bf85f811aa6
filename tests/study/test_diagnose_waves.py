"""A diagnosis of one of several waves, what changed since the one before, and what managers answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from firms_with_teams import pages
from si_research.study.analysis import prepare_study
from si_research.study.diagnose import DiagnosedStudy, diagnose_study
from si_research.study.diagnosis_waves import change_since, choose_wave, study_of_waves
from si_research.study.inputs import read_inputs
from si_research.study.output import hashes_below
from small_survey import answers, change_text, write_csv, write_study

ROLES = "organisation: bedrijf, wave: meting, manager: leidt"
WAVES = "variables:\n  meting: {kind: category, labels: {voor: nulmeting, na: eindmeting}}\nscales:\n"
GONE = ("B03", "B07")
"""Firms of which hardly anybody is in the first wave."""


def waves_and_managers(folder: Path) -> Path:
    """240 people twice; every third one manages others. In the second wave mogen is higher for everybody."""
    first, second = answers(240, 12, seed=3), answers(240, 12, seed=3)
    rng = np.random.default_rng(5)
    for row in second:
        row[2:] = [row[2:][place] if rng.random() < 0.7 else "neutraal" for place in range(12)]
        row[8:11] = ["mee eens"] * 3 if rng.random() < 0.5 else row[8:11]
    kept = [row for place, row in enumerate(first) if row[1] not in GONE or place < 25]
    write_csv(folder / "survey.csv", [*kept, *second])
    lines = (folder / "survey.csv").read_text("utf-8").splitlines()
    waves = ["meting", *["voor"] * len(kept), *["na"] * len(second)]
    leads = ["leidt", *("ja" if int(row[0]) % 3 == 0 else "nee" for row in [*kept, *second])]
    text = "\n".join(";".join(cells) for cells in zip(lines, waves, leads, strict=True)) + "\n"
    (folder / "survey.csv").write_text(text, "utf-8")
    change_text(folder / "codebook.yml", "organisation: bedrijf", ROLES)
    change_text(folder / "codebook.yml", "scales:\n", WAVES)
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return waves_and_managers(write_study(tmp_path_factory.mktemp("waves") / "studie"))


@pytest.fixture(scope="module")
def done(study: Path) -> DiagnosedStudy:
    return diagnose_study(study)


@pytest.fixture(scope="module")
def people(study: Path) -> pd.DataFrame:
    return pd.read_csv(study / "survey.csv", sep=";")


@pytest.fixture(scope="module")
def mogen(done: DiagnosedStudy) -> pd.DataFrame:
    table = pd.read_csv(done.index.parent / "units.csv")
    return table[table["condition"] == "mogen"].set_index("firm_id")


def test_the_latest_wave_is_diagnosed_and_named(
    done: DiagnosedStudy, people: pd.DataFrame, mogen: pd.DataFrame
) -> None:
    n = people[people["meting"] == "na"].groupby("bedrijf").size()
    assert (mogen["n_people"] == n.reindex(mogen.index)).all()
    assert (
        "Het bestand heeft 2 metingen; deze pagina&#39;s gaan over de meting ‘eindmeting’."
        in pages(done)["index.html"]
    )
    assert "meting: ‘eindmeting’</p>" in pages(done)["units/1.html"]


def test_a_change_is_told_of_firms_with_people_in_both_waves(
    done: DiagnosedStudy, people: pd.DataFrame, mogen: pd.DataFrame
) -> None:
    n = people[people["meting"] == "voor"].groupby("bedrijf").size().reindex(mogen.index)
    shown = mogen["change"].notna()
    assert not shown[(n < 5).to_numpy()].any() and shown.sum() >= 8
    assert (mogen["n_wave_before"] == n)[shown].all() and (n[~shown].sum() == 0 or n[~shown].sum() >= 5)
    page = pages(done)[f"units/{mogen.loc[shown, 'page'].iloc[0]}.html"]
    assert "Veranderd sinds ‘nulmeting’" in page and "beweging naar het gemiddelde" in page
    hidden = pages(done)[f"units/{mogen.loc[~shown, 'page'].iloc[0]}.html"]
    assert "te weinig mensen mee om een verandering" in hidden


def test_who_was_low_was_expected_to_rise_more(people: pd.DataFrame, mogen: pd.DataFrame) -> None:
    points = {label: 25 * place for place, label in enumerate(("helemaal mee oneens", "mee oneens"))}
    points |= {"neutraal": 50, "mee eens": 75, "helemaal mee eens": 100}
    scores = people[["m1", "m2", "m3"]].replace(points).astype(float).mean(axis=1)
    means = scores.groupby([people["meting"], people["bedrijf"]]).mean()
    raw = means["na"] - means["voor"]
    shown = mogen[mogen["change"].notna()]
    assert np.corrcoef(shown["regression_to_mean"], means["voor"].reindex(shown.index))[0, 1] < -0.95
    assert np.corrcoef(shown["change"], raw.reindex(shown.index))[0, 1] > 0.6
    rises = shown["expected_change"] - shown["regression_to_mean"]
    assert rises.to_numpy() == pytest.approx(float(rises.iloc[0]), abs=0.11), "the change of all, for each"
    assert 0 < rises.iloc[0] < 20


def test_employees_and_managers_are_told_of_where_there_are_enough_of_both(
    done: DiagnosedStudy, people: pd.DataFrame, mogen: pd.DataFrame
) -> None:
    now = people[people["meting"] == "na"]
    n = now.groupby(["bedrijf", "leidt"]).size()
    n = pd.DataFrame({role: n.xs(role, level="leidt") for role in ("ja", "nee")}).reindex(mogen.index)
    shown = mogen["employees_minus_managers"].notna()
    assert 3 < shown.sum() < len(mogen) and (n[shown] >= 5).all(axis=None)
    assert (mogen["n_managers"] == n["ja"])[shown].all() and (mogen["n_employees"] == n["nee"])[shown].all()
    assert mogen.loc[~shown, ["n_managers", "n_employees"]].isna().all(axis=None)
    texts = pages(done)
    told = [texts[f"units/{page}.html"] for page in mogen.loc[shown, "page"]]
    assert all("kans dat medewerkers hoger scoren" in text for text in told)


def test_every_column_of_change_and_roles_is_explained(mogen: pd.DataFrame, project: Path) -> None:
    guide = (project / "docs" / "your_survey.md").read_text("utf-8")
    assert "p_employees_above" in mogen and "regression_to_mean" in mogen
    assert not [column for column in mogen if f"`{column}`" not in guide]


def test_another_wave_can_be_asked_for(study: Path) -> None:
    inputs = read_inputs(study, None)
    ready = prepare_study(
        study_of_waves(inputs.study, inputs.codebook), inputs.codebook, inputs.data, lambda step, share: None
    )
    first = choose_wave(inputs, ready.scores.table_, "voor")
    assert first is not None and (first.name, first.before, first.n_waves) == ("voor", None, 2)
    assert change_since(None, inputs, ready, first) == (None, ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "asked", "said"),
    [
        ("voor: nulmeting", "voor: nulmeting", ("--wave", "straks"), "no such wave among the 2"),
        (", labels: {voor: nulmeting, na: eindmeting}", "", (), "name one with --wave"),
        ("manager: leidt", "manager: k1", (), "`k1`"),
    ],
)
def test_a_wave_that_nobody_can_choose_is_bad_input(
    study: Path, si_research: Callable[..., Result], old: str, new: str, asked: tuple[str, ...], said: str
) -> None:
    book = study / "codebook.yml"
    text = book.read_text("utf-8")
    change_text(book, old, new)
    before = hashes_below(study)
    try:
        refused = si_research("diagnose", study, *asked)
        assert (refused.exit_code, hashes_below(study)) == (2, before), refused.stderr
        assert (
            said in refused.stderr and "straks" not in refused.stderr and "eindmeting" not in refused.stderr
        )
    finally:
        book.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("how", "diagnosed"),
    [("keep: [nulmeting]", "voor"), ("drop: [na]", "voor"), ("keep: [voor, na]", "na")],
)
def test_what_the_study_selects_by_wave_is_what_is_diagnosed(study: Path, how: str, diagnosed: str) -> None:
    plan = study / "study.yml"
    text = plan.read_text("utf-8")
    plan.write_text(f"{text}cleaning:\n  select: [{{variable: meting, {how}, reason: zo}}]\n", "utf-8")
    try:
        inputs = read_inputs(study, None)
        chosen = choose_wave(inputs, pd.DataFrame({"wave": ["voor", "na"] * 9}), None)
        assert chosen is not None and chosen.name == diagnosed
    finally:
        plan.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("keep", "said"), [("straks", "selections on values that occur"), ("tussenmeting", "none of the 2")]
)
def test_a_selected_wave_that_is_not_there_is_bad_input(
    study: Path, si_research: Callable[..., Result], keep: str, said: str
) -> None:
    plan, book = study / "study.yml", study / "codebook.yml"
    texts = plan.read_text("utf-8"), book.read_text("utf-8")
    select = f"{{variable: meting, keep: [{keep}], reason: zo}}"
    plan.write_text(f"{texts[0]}cleaning:\n  select: [{select}]\n", "utf-8")
    change_text(book, "voor: nulmeting", "voor: nulmeting, tussen: tussenmeting")
    before = hashes_below(study)
    try:
        refused = si_research("diagnose", study)
        assert (refused.exit_code, hashes_below(study)) == (2, before), refused.stderr
        assert said in refused.stderr
    finally:
        plan.write_text(texts[0], "utf-8")
        book.write_text(texts[1], "utf-8")
