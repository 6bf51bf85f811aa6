"""Codebooks made up by hypothesis: valid as a whole, with awkward words everywhere that words may stand."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from si_research.survey.codebook import Codebook, MissingReason
from si_research.survey.codebook_checks import findings_in

AWKWARD = (
    "no", "yes", "null", "~", "true", "1.0", "007", "1:30", "=1+1", "a: b", "# c", "- d", "{e}", "[f]", "'g'",
    '"h"', "i\nj", " k ", "<<", "&l", "*m", "!n", "é ö ß", "?", "eens, noch oneens", "50%", "|", ">",
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
)
REASONS = st.sampled_from(get_args(MissingReason))
CODES = st.dictionaries(WORDS, REASONS, max_size=3)
NUMBERS = st.one_of(
    st.integers(-100, 100).map(float), st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)
)
ITEMS = ("k1", "k2", "w1", "m_1", "ig1")
FIRM = st.sampled_from(["firm", "Naam bedrijf"])
CONTROLS = ("uren", "sector")
VARIABLES = ("firm", "nummer", "uren", "sector", "score")


@st.composite
def _formats(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["labels", "options", "range", "open"]))
    if kind == "labels":
        n = draw(st.integers(2, 5))
        step = st.one_of(WORDS, st.lists(WORDS, min_size=1, max_size=2))
        languages = draw(st.lists(st.sampled_from(["nl", "en", "de"]), min_size=1, unique=True))
        labels = {each: draw(st.lists(step, min_size=n, max_size=n)) for each in languages}
        return {"labels": labels, "lowest": draw(st.integers(-2, 2))}
    if kind == "options":
        values = draw(st.lists(NUMBERS, min_size=2, max_size=4, unique=True))
        return {"options": [{"value": each, "labels": draw(st.lists(WORDS, max_size=2))} for each in values]}
    ends = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
    whole = draw(st.booleans())
    if kind == "range":
        return {"lowest": ends[0], "highest": ends[1], "whole": whole}
    return {draw(st.sampled_from(["lowest", "highest"])): ends[0], "whole": whole}


@st.composite
def _items(draw: st.DrawFn, name: str, formats: list[str]) -> dict[str, Any]:
    entry = {
        "format": draw(st.sampled_from(["agree_5", "frequency_7", "yes_no", "mark_10", *formats])),
        "reverse": draw(st.booleans()),
        "missing_codes": draw(CODES),
        "aliases": draw(st.lists(WORDS.map(lambda word: f"{name} {word}"), max_size=2)),
        "wording_nl": draw(st.one_of(st.just(""), WORDS)),
        "wording_en": draw(st.one_of(st.just(""), WORDS)),
    }
    if draw(st.booleans()):
        entry["column"] = f"{name}: {draw(WORDS)}"
    return entry


@st.composite
def _variables(draw: st.DrawFn, name: str) -> dict[str, Any]:
    if name in ("uren", "score"):
        ends = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
        return {"kind": "number", "lowest": ends[0], "highest": ends[1], "missing_codes": draw(CODES)}
    if name == "nummer":
        return {"kind": "identifier"}
    return {
        "labels": draw(st.dictionaries(WORDS, WORDS, max_size=3)),
        "label_nl": draw(st.one_of(st.just(""), WORDS)),
        "label_en": draw(st.one_of(st.just(""), WORDS)),
        "missing_codes": draw(CODES),
    }


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    """A codebook that can be used: every part valid, and the parts fit."""
    formats = {name: draw(_formats()) for name in draw(st.sampled_from([(), ("own",), ("own", "Eigen 2")]))}
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, unique=True))
    variables = draw(st.lists(st.sampled_from(VARIABLES), unique=True))
    routes: list[dict[str, Any]] = (
        [{"items": [items[0]], "reason": "not_asked"}] if draw(st.booleans()) else []
    )
    if "sector" in variables:
        routes.append({"items": [items[-1]], "variable": "sector", "values": [draw(WORDS)]})
    scales: dict[str, Any] = {
        f"scale_{name}": {
            "construct": "other",
            "items": [name],
            "min_answered": draw(st.sampled_from([1, "all"])),
        }
        for name in items
    }
    if "score" in variables:
        scales["toets"] = {"construct": "kunnen", "score": "score", "label_nl": draw(WORDS)}
    tree = {
        "title": draw(WORDS),
        "synthetic": draw(st.booleans()),
        "missing_codes": draw(CODES),
        "formats": formats,
        "items": {name: draw(_items(name, list(formats))) for name in items},
        "variables": {name: draw(_variables(name)) for name in variables},
        "scales": scales,
        "roles": {"organisation": draw(FIRM), "controls": [name for name in variables if name in CONTROLS]},
        "routing": routes,
        "source": draw(st.sampled_from([{}, {"decimal": ","}, {"separator": ";", "header_row": 2}])),
    }  # fmt: skip
    try:
        codebook = Codebook.model_validate(tree)
    except ValidationError:  # labels of two languages that do not agree, say
        assume(False)
        raise
    assume(not findings_in(codebook))
    return codebook
