"""Questions that were not put to everybody: routing, split-half blocks, and zeros that are answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.cleaning import CleaningRules, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, Roles, Route, Scale, Variable
from si_research.survey.codebook_checks import findings_in
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay

TEXT = """\
nr;leidt;k1;k2;w1;w2;uren
1;ja;4;5;;;0
2;nee;;;3;2;12
3;;;5;;;
4;nee;2;;;;-99
5;ja;;;4;4;0
"""


def book(*routes: Route, **changes: object) -> Codebook:
    parts: dict[str, object] = {
        "title": "Made up",
        "items": {name: Item(format="agree_5") for name in ("k1", "k2", "w1", "w2")},
        "variables": {
            "leads": Variable(column="leidt", labels={"1": "ja", "2": "nee"}),
            "hours": Variable(column="uren", kind="number", missing_codes={"-99": "refused"}),
        },
        "scales": {
            "kunnen": Scale(construct="kunnen", items=("k1", "k2")),
            "willen": Scale(construct="willen", items=("w1", "w2")),
        },
        "roles": Roles(respondent="nr"),
        "routing": routes,
    }
    return Codebook.model_validate(parts | changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "survey.csv").write_text(TEXT)
    return tmp_path / "survey.csv"


LEADERS = Route(items=("k1", "k2"), variable="leads", values=("ja",))
BLOCK = Route(items=("w1", "w2"), reason="not_asked")


def test_an_empty_cell_is_routed_past_only_where_an_answer_led_around_it(path: Path) -> None:
    survey = read_survey(path, book(LEADERS))
    assert survey.reasons["k1"].astype("str").fillna("-").tolist() == [
        "-",
        "routed_past",
        "unanswered",
        "-",
        "unanswered",
    ]
    assert survey.reasons["k2"].astype("str").fillna("-").tolist() == [
        "-",
        "routed_past",
        "-",
        "routed_past",
        "unanswered",
    ]
    rule = survey.ledger.steps.set_index("step").loc["routing", "rule"]
    assert rule == (
        "empty because the question was not put: 3; answers to questions that were not put, by the route, "
        "and that stay: 1"
    )
    assert survey.values["k1"].tolist()[3] == 2.0


def test_a_block_that_somebody_left_wholly_empty_was_not_asked(path: Path) -> None:
    survey = read_survey(path, book(BLOCK))
    assert survey.reasons["w1"].astype("str").fillna("-").tolist() == [
        "not_asked", "-", "not_asked", "not_asked", "-",
    ]  # fmt: skip
    assert "that stay" not in survey.ledger.steps["rule"].iloc[-1]


def test_what_was_not_asked_does_not_count_as_unfinished(path: Path) -> None:
    rules = CleaningRules(unfinished=Unfinished(minimum_share_answered=1.0))
    with pytest.raises(SurveyDataError, match="nobody left"):
        clean_survey(read_survey(path, book()), book(), rules)
    routed = book(LEADERS, BLOCK)
    assert clean_survey(read_survey(path, routed), routed, rules).values.index.tolist() == [1, 2, 4]


def test_a_zero_stays_an_answer_and_a_code_keeps_its_reason(path: Path) -> None:
    survey = read_survey(path, book(LEADERS, BLOCK))
    assert survey.values["hours"].tolist()[0] == 0.0
    assert survey.values["hours"].tolist()[4] == 0.0
    assert survey.reasons["hours"].tolist()[2:4] == ["unanswered", "refused"]


def test_routes_are_replayed_and_another_route_is_another_codebook(path: Path) -> None:
    codebook = book(LEADERS, BLOCK)
    survey = clean_survey(read_survey(path, codebook), codebook)
    again = replay(survey.ledger, path, codebook)
    pd.testing.assert_frame_equal(again.reasons, survey.reasons)
    pd.testing.assert_frame_equal(again.values, survey.values)
    with pytest.raises(SurveyDataError, match="reads the routing in another way"):
        replay(survey.ledger, path, book(LEADERS))


def test_routes_that_name_what_is_not_there() -> None:
    wrong = book(
        Route(items=("k1", "k9"), variable="leads", values=("ja",)),
        Route(items=("k1",), variable="k1", values=("1",)),
    )
    assert [(finding.steps, finding.found) for finding in findings_in(wrong)] == [
        (("routing", 0), "`k9`"),
        (("routing", 1), "`k1` itself"),
    ]
    with pytest.raises(ValueError, match="both `variable` and `values`"):
        Route(items=("k1",), values=("1",))
