"""What is said after a refusal fits what the codebook lacks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pandas as pd

from si_research.report.findings import Refusal
from si_research.study.after_refusal import what_would_help
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook


def _said(refusal: Refusal, scales: dict[str, object], rows: list[tuple[object, ...]] | None = None) -> str:
    items = {f"k{n}": {"format": "agree_5"} for n in (1, 2, 3)}
    book = Codebook.model_validate({"title": "T", "items": items, "scales": scales})
    table = pd.DataFrame(rows or [], columns=["scale", "item", "reversed", "flagged", "against"])
    direction = cast("CheckResult", SimpleNamespace(table=lambda: table))
    return "\n".join(what_would_help(refusal, book, direction, "my study"))


def test_what_runs_against_an_unreliable_scale_is_named() -> None:
    rows: list[tuple[object, ...]] = [("A", f"k{n}", False, True, n == 3) for n in (1, 2, 3)]
    refusal = Refusal("unreliable_scales", {"scales": ("kunnen",), "floor": 0.5})
    said = _said(refusal, {"A": {"construct": "kunnen", "items": ["k1", "k2", "k3"]}}, rows)
    assert "`k3` runs against the rest of `kunnen`" in said
    assert "write `reverse: true` under `items: k3`" in said
    assert "--confirm 'my study'" in said
    assert "k1" not in said


def test_no_scale_and_another_scale_get_their_own_words() -> None:
    refusal = Refusal("no_outcome", {"outcome": "innovative_behaviour", "missing": ("mogen",)})
    assert "no scale at all" in _said(refusal, {})
    other = {"A": {"construct": "other", "items": ["k1", "k2"]}}
    assert "If one of `A` measures mogen" in _said(refusal, other)
    kunnen = {"A": {"construct": "kunnen", "items": ["k1", "k2"]}}
    assert "make a scale of them" in _said(refusal, kunnen)


def test_two_scales_of_one_construct_are_both_named() -> None:
    refusal = Refusal("missing_condition", {"missing": ("kunnen",)})
    two = {name: {"construct": "kunnen", "items": ["k1", "k2"]} for name in ("A", "B")}
    said = _said(refusal, two)
    assert "2 scales measure kunnen: `A`, `B`" in said
    assert "make a scale of them" not in said
