"""Ends of response formats: every analysis that takes them refuses a misspelt name and scores beyond them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.configurations.configurations import fit_configurations
from si_research.model.forms.comparison import compare_forms
from si_research.model.forms.compensation import fit_compensation
from si_research.model.necessity.beyond_correlation import beyond_correlation
from si_research.model.necessity.groups import compare_necessity
from si_research.model.necessity.necessity import describe_necessity
from si_research.model.response_ends import known_ends
from si_research.model.verdict.verdict import reach_verdict
from si_research.simulation.worlds import World, simulate_world_scores

OUTCOME = "innovative_behaviour"
Analysis = Callable[..., Any]
SCORES = simulate_world_scores(World(n_employees=120, n_firms=6), seed=1)
DRAWN: dict[str, Any] = {"draws": 199, "seed": 1}
STRICT: dict[Analysis, dict[str, Any]] = {
    fit_compensation: DRAWN,
    compare_forms: DRAWN,
    beyond_correlation: DRAWN,
    fit_configurations: DRAWN,
    reach_verdict: DRAWN,
}
WIDENING: dict[Analysis, dict[str, Any]] = {
    describe_necessity: {},
    compare_necessity: {"group": "half", **DRAWN},
}


def test_what_is_not_stated_is_1_to_5() -> None:
    names = ["kunnen", OUTCOME]
    assert known_ends(None, names, "a test") == dict.fromkeys(names, (1, 5))
    assert known_ends((0, 10), names, "a test") == dict.fromkeys(names, (0, 10))
    assert known_ends({"kunnen": (1, 7), OUTCOME: None}, names, "a test") == {
        "kunnen": (1, 7),
        OUTCOME: (1, 5),
    }


@pytest.mark.parametrize(("analyse", "options"), (STRICT | WIDENING).items())
def test_ends_of_a_misspelt_column_are_refused(analyse: Analysis, options: dict[str, Any]) -> None:
    half = SCORES.assign(half=SCORES.index % 2)
    with pytest.raises(ModelSpecificationError) as refused:
        analyse(half, ends={"kunen": (1, 7), "mogen": (1, 7)}, **options)
    assert refused.value.found == "ends of kunen"
    assert refused.value.expected == f"ends of {OUTCOME}, kunnen, willen, mogen"
    assert refused.value.where == f"`ends` of {analyse.__name__}"


@pytest.mark.parametrize(("analyse", "options"), STRICT.items())
@pytest.mark.parametrize("name", [OUTCOME, "kunnen"])
def test_scores_beyond_their_ends_are_refused(analyse: Analysis, options: dict[str, Any], name: str) -> None:
    """An outcome on 1 to 7 too, where ends were stated for the conditions only."""
    wide = SCORES.assign(**{name: 1 + (SCORES[name] - 1) * 1.5})
    others = {each: (1, 5) for each in ("kunnen", "willen", "mogen") if each != name}
    beyond = int((wide[name] > 5).sum())
    with pytest.raises(SurveyDataError) as refused:
        analyse(wide, ends=others, **options)
    assert refused.value.expected == f"scores of {name} from 1 to 5"
    assert refused.value.found == f"{beyond} score(s) beyond these ends"
    assert refused.value.where == f"column {name!r} of the scores"
    assert f"ends={{{name!r}: (lowest, highest)}}" in refused.value.todo
