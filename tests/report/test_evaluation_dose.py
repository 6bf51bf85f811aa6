"""What goes with one unit more of a scheme is told to the digits that show it: a unit may be a euro."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from made_schemes import made_scheme
from si_research.practice.scheme.evaluation import evaluate_scheme
from si_research.privacy.disclosure import INTERNAL, PUBLICATION, DisclosureProfile, disclosing
from si_research.report.evaluation_findings import EvaluationFindings
from si_research.report.evaluation_page import write_evaluation


@pytest.fixture(scope="module")
def by_euro() -> EvaluationFindings:
    """Firms with 0, 5,000, 10,000 or 15,000 euros of a scheme."""
    scores = made_scheme(n_firms=60, people=12, names=("kunnen", "mogen"), seed=3)
    places = {firm: place for place, firm in enumerate(sorted(scores["firm"].unique()))}
    scores["euros"] = scores["firm"].map(lambda firm: 5_000.0 * (places[firm] % 4))
    roles = {"firm": "firm", "wave": "wave", "dose": "euros", "after": 1, "outcomes": ("kunnen", "mogen")}
    return EvaluationFindings(
        title="Een regeling",
        survey="Een vragenlijst",
        found=evaluate_scheme(scores, **roles, cost=9_000, draws=199, seed=1),  # type: ignore[arg-type]
        by_dose=None,
        took_part={},
        unreliable=False,
        all_waves=False,
        people=True,
        scales={},
        variables={},
        synthetic=True,
        version="0",
        translations={},
    )


@pytest.mark.parametrize("profile", [INTERNAL, PUBLICATION])
def test_the_effect_of_a_euro_is_no_zero(
    by_euro: EvaluationFindings, profile: DisclosureProfile, tmp_path: Path
) -> None:
    with disclosing(profile):
        write_evaluation(by_euro, tmp_path, "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "[0.00, 0.00]" not in page and "0.00 points" not in page
    assert "effect per unit [95%]" in page and "in standard deviations, per unit" in page
    assert "What a point cost is not told here" in page and "cost of a point" not in page
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    table, exact = pd.read_csv(tmp_path / "effects.csv"), by_euro.found.table()
    assert results["costs"] == []
    for rows in (table, pd.DataFrame(results["effects"])):
        own = rows.set_index("outcome")
        for name in ("kunnen", "mogen"):
            error = float(exact.loc[name, "std_error"])
            assert 0 < error < 0.0001
            for column in ("estimate", "std_error", "conf_low", "conf_high"):
                assert own.loc[name, column] == pytest.approx(exact.loc[name, column], abs=error / 15)
    if profile is PUBLICATION:
        told = table[["std_error", "effect_sd"]].to_numpy().ravel()
        assert all(float(f"{value:.1e}") == value for value in told)
