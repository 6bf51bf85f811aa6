"""A group that is nearly all of two organisations tells of these, however many people it has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.model.interaction import fit_interaction
from si_research.privacy.profiles import INTERNAL, PUBLICATION, DisclosureProfile, disclosing
from si_research.report.describe import _levels, hidden_terms
from si_research.report.dominance import dominated_levels

FIRMS = pd.Series([f"firm {place % 12}" for place in range(240)])
SECTOR = pd.Series(["care"] * 130 + ["trade"] * 110).mask(FIRMS.isin(["firm 0", "firm 1"]), "harbour")
NEARLY = SECTOR.mask(pd.Series(range(240)).isin([2, 3, 4]), "harbour")
"""Of its 43 people 40, or 93 %, work at two organisations."""


@pytest.mark.parametrize("sector", [SECTOR, NEARLY])
def test_it_goes_together_with_another_group(sector: pd.Series) -> None:
    with disclosing(PUBLICATION):
        shown = _levels("sector", sector, 240, dominated_levels(sector, FIRMS))
    assert [row["level"] for row in shown] != []
    assert "harbour" not in {row["level"] for row in shown}
    assert sum(float(str(row["n"])) for row in shown) == 240


def test_three_organisations_may_be_a_group() -> None:
    """Two of three hold two thirds."""
    three = SECTOR.mask(FIRMS == "firm 2", "harbour")
    with disclosing(PUBLICATION):
        assert dominated_levels(three, FIRMS) == frozenset()


def test_people_of_two_organisations_are_told_of_as_a_whole() -> None:
    """Else nothing at all could be told of them."""
    two = FIRMS.isin(["firm 0", "firm 1"])
    with disclosing(PUBLICATION):
        assert dominated_levels(SECTOR[two].mask(FIRMS == "firm 0", "care"), FIRMS[two]) == frozenset()


@pytest.mark.parametrize(("profile", "hidden"), [(INTERNAL, set()), (PUBLICATION, {"sector[harbour]"})])
def test_its_coefficient_is_not_told(profile: DisclosureProfile, hidden: set[str]) -> None:
    rng = np.random.default_rng(3)
    names = ["kunnen", "willen", "mogen", "innovative_behaviour"]
    scores = pd.DataFrame(rng.normal(size=(240, 4)), columns=names)
    scores = scores.assign(sector=SECTOR, firm_id=FIRMS)
    fit = fit_interaction(scores, outcome=names[3], controls=["sector"], cluster="firm_id")
    with disclosing(profile):
        assert hidden_terms(fit) == hidden
