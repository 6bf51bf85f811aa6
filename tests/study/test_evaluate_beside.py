"""What stands beside the effects: like ones afterwards, other errors and estimators, overlap, lots."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from si_research.study.evaluate import EvaluatedStudy, evaluate_study

OUTCOME = "organisational_performance"
CODEBOOK = """\
title: Cijfers van bedrijven
unit: organisation
variables:
  winst: {{kind: number, lowest: -20, highest: 40, label_nl: winst}}
  omvang: {{kind: number, label_nl: omvang}}
scales:
  winst: {{construct: organisational_performance, score: winst, label_nl: winst}}
roles: {{organisation: bedrijf, {roles}}}
"""
STUDY = """\
title: Een regeling
data: cijfers.csv
language: nl
seed: 7
analysis: {outcome: organisational_performance, bootstrap_draws: 199}
"""


GRANTS = """\
title: Training grants
unit: organisation
variables:
  hrsemp: {kind: number, lowest: 0, highest: 200}
  lscrap: {kind: number, lowest: -7, highest: 5}
scales:
  hours: {construct: other, score: hrsemp, label_en: hours}
  scrap: {construct: organisational_performance, score: lscrap, label_en: log scrap}
roles: {organisation: fcode, wave: year, arm: grant}
"""


def firms(n: int = 40) -> pd.DataFrame:
    """A row a firm: larger ones join more often, and have more profit; the scheme adds three."""
    rng = np.random.default_rng(6)
    size = rng.integers(5, 60, n).astype("float64")
    joined = rng.random(n) < 0.2 + size / 120
    profit = 2 + 0.1 * size + 3 * joined + 2 * rng.normal(size=n)
    names = [f"F{place:02d}" for place in range(n)]
    rows = {"bedrijf": names, "omvang": size, "regeling": np.where(joined, "ja", "nee"), "winst": profit}
    return pd.DataFrame(rows).round(3)


def written(folder: Path, table: pd.DataFrame, roles: str) -> Path:
    folder.mkdir()
    table.to_csv(folder / "cijfers.csv", index=False)
    (folder / "codebook.yml").write_text(CODEBOOK.format(roles=roles), "utf-8")
    (folder / "study.yml").write_text(STUDY, "utf-8")
    return folder


def text_of(done: EvaluatedStudy) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", done.page.read_text("utf-8").split("<main>")[1]))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> EvaluatedStudy:
    folder = tmp_path_factory.mktemp("once") / "studie"
    return evaluate_study(written(folder, firms(), "arm: regeling, covariates: [omvang]"))


def test_one_wave_is_adjusted_by_hand_as_well(once: EvaluatedStudy) -> None:
    """Regression on the firms without the scheme, and what those with it lie above it."""
    found, table = once.findings.found, firms()
    assert (found.design.kind, found.design.rung) == ("adjusted_comparison", 3)
    with_it = (table["regeling"] == "ja").to_numpy()
    line = np.polyfit(table["omvang"][~with_it], table["winst"][~with_it], 1)
    expected = float(np.mean(table["winst"][with_it] - np.polyval(line, table["omvang"][with_it])))
    rows = found.effects.set_index("estimator")
    assert rows.loc["regression adjustment", "estimate"] == pytest.approx(expected)
    assert rows["recommended"].to_dict() == {
        "doubly robust": True,
        "inverse probability": False,
        "regression adjustment": False,
    }


def test_one_wave_is_told_as_a_difference_and_never_as_what_the_scheme_did(once: EvaluatedStudy) -> None:
    text = text_of(once)
    row = once.findings.found.table().loc[OUTCOME]
    assert "Op winst is het verschil tussen organisaties met de regeling en vergelijkbare zonder" in text
    assert f"{row['estimate']:.2f}".replace(".", ",") in text and "punten" not in text.split("Hoe sterk")[0]
    assert "Niemand zag deze organisaties voor de start" in text and "Trede 3 van de vier" in text
    assert "maakte de regeling" not in text and "liepen beide groepen" not in text.lower()
    assert "de regeling de kenmerken veranderde, zoals de omvang" in text


def test_balance_has_the_means_of_the_file_and_overlap_the_middle_half(once: EvaluatedStudy) -> None:
    table, found = firms(), once.findings.found
    means = table.groupby("regeling")["omvang"].mean()
    own = found.balance.loc["omvang", ["mean_treated", "mean_comparison"]].to_list()
    assert own == pytest.approx([means["ja"], means["nee"]])
    text = text_of(once)
    assert f"{means['ja']:.2f}".replace(".", ",") in text and "Overlappen beide groepen?" in text
    shown = [f"{100 * found.overlap.loc['treated', key]:.0f}%" for key in ("q25", "median", "q75")]
    assert " ".join(shown) in text
    lowest, highest = (f"{100 * found.overlap.loc['treated', key]:.0f}%" for key in ("lowest", "highest"))
    assert {lowest, highest}.isdisjoint(text.split()), "the ends are of one organisation"
    results = json.loads((once.page.parent / "results.json").read_text("utf-8"))
    assert set(results["overlap"][0]) == {"arm", "q25", "median", "q75", "n", "n_effective"}


def test_characteristics_that_tell_the_groups_apart_are_a_refusal(
    tmp_path: Path, si_research: Callable[..., Result]
) -> None:
    table = firms()
    table["omvang"] += 1000 * (table["regeling"] == "ja")
    done = si_research("evaluate", written(tmp_path / "s", table, "arm: regeling, covariates: [omvang]"))
    assert done.exit_code == 3
    page = (tmp_path / "s/evaluation/report.html").read_text("utf-8")
    assert "scheiden beide groepen geheel; er is niets om mee te vergelijken" in page


def test_who_took_part_is_told_beside_the_lots(tmp_path: Path) -> None:
    table = firms().assign(lot=lambda rows: np.where(rows.index % 2 == 0, "drawn", "not drawn"))
    table["regeling"] = np.where(table.index % 4 == 0, "ja", "nee")
    table.loc[1:15:2, "regeling"] = "ja"
    done = evaluate_study(written(tmp_path / "s", table, "assignment: lot, arm: regeling"), language="en")
    assert done.findings.took_part == {"treated": (10, 20), "comparison": (8, 20)}
    text = text_of(done)
    assert "Of those drawn 50% took part, of the others 40%." in text
    assert "Organisations drawn: 20; not drawn: 20." in text and "p, lots drawn again" in text


def test_training_grants_are_told_as_they_are(shared: Path, tmp_path: Path) -> None:
    """Hours rose for sure; scrap probably fell, in 54 firms, with p = .058 in the simplest design."""
    table = pd.read_csv(shared / "real_data" / "jtrain_grants" / "jtrain.csv")
    study = written(tmp_path / "s", table[table["year"] < 1989], "")
    (study / "codebook.yml").write_text(GRANTS, "utf-8")
    asked = "outcome: organisational_performance, outcomes: {planned: [hours]},"
    text = STUDY.replace("outcome: organisational_performance,", asked)
    (study / "study.yml").write_text(text, "utf-8")
    done = evaluate_study(study, language="en")
    said = text_of(done)
    assert (
        "An effect is shown on hours." in said and "On hours the scheme made a difference of 27.88 [" in said
    )
    assert (
        "On log scrap the estimate points to a fall, by −0.32 [−0.66, 0.03], but that is weak evidence"
        in said
    )
    assert (
        "errors that allow for organisations p = .069, with the classical errors of a textbook p = .058"
        in said
    )
    assert "This rests on only 54 of the 138 organisations." in said
    rows = done.findings.found.effects.loc[OUTCOME].set_index("method")
    assert rows["recommended"].to_dict()["CR1S"] and not rows["recommended"].to_dict()["classical"]
    figures = rows.loc["classical", ["estimate", "std_error", "p_value"]].astype("float64").round(3)
    assert figures.to_list() == [-0.317, 0.164, 0.058]
