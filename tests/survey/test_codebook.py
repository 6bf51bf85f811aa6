"""The codebook: what it answers about itself, and how it is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from codebook_sample import SOUND, problems_of
from si_research.errors import CodebookError
from si_research.survey.codebook import (
    Codebook,
    Item,
    ResponseFormat,
    Roles,
    Scale,
    Variable,
    codebook_schema,
)
from si_research.survey.codebook_checks import findings_in
from si_research.survey.codebook_file import read_codebook
from si_research.survey.formats import BUILT_IN_FORMATS


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "codebook.yml"
    path.write_text(SOUND, "utf-8")
    return path


def test_a_sound_codebook_answers_every_question_about_itself(written: Path) -> None:
    codebook = read_codebook(written)
    implied = ("Respons ID", "bedrijf", "gewicht")
    assert codebook.used_names == ("k1", "k2", "w1", "cijfer", "toets", "sector", "leeftijd", *implied)
    assert codebook.column_names("k1") == ("k1",)
    assert codebook.column_names("k2") == ("Q2", "Q2_1", "vraag 2")
    assert codebook.column_names("sector") == ("Branche",)
    assert codebook.column_names("Respons ID") == ("Respons ID",)
    assert [codebook.variable(name).kind for name in implied] == ["identifier", "category", "number"]
    assert codebook.variable_of_role("organisation") == "bedrijf"
    assert codebook.variable_of_role("team") is None
    assert (codebook.scale_of("kunnen"), codebook.scale_of("innovative_behaviour")) == ("kunnen", None)
    assert (codebook.items_of("mogen"), codebook.items_of("kunnen")) == (("k1", "k2"), ())
    assert (codebook.range_of("kunnen"), codebook.range_of("willen")) == ((0, 50), (1, 4))
    assert codebook.format_of("k1") is BUILT_IN_FORMATS["agree_5"]
    assert codebook.format_of("w1").value_of("Tevreden") == 3
    assert codebook.items["k2"].reverse is True
    assert codebook.scales["mogen"].min_answered == 2
    assert codebook.missing_codes_of("k2") == {
        "weet niet": "does_not_know",
        "99": "refused",
        "n.v.t": "does_not_apply",
    }


def test_reading_twice_gives_the_same_codebook(written: Path) -> None:
    assert read_codebook(written) == read_codebook(str(written))


def test_a_codebook_never_changes(written: Path) -> None:
    codebook = read_codebook(written)
    with pytest.raises(ValidationError, match="frozen"):
        codebook.title = "anders"  # type: ignore[misc]


@pytest.mark.parametrize("question", ["format_of", "column_names", "variable", "items_of", "range_of"])
def test_an_unknown_name_is_answered_with_the_nearest(written: Path, question: str) -> None:
    name, nearest = {
        "format_of": ("k11", "k1"),
        "items_of": ("mogn", "mogen"),
        "range_of": ("mogn", "mogen"),
    }.get(question, ("secto", "sector"))
    with pytest.raises(CodebookError, match=f"`{name}`.*Did you mean `{nearest}`"):
        getattr(read_codebook(written), question)(name)


def test_words_that_yaml_would_turn_into_something_else_stay_as_typed(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yml"
    path.write_text(
        "title: 2026\n"
        "missing_codes: {007: refused, 08: refused, 1.50: refused, null: unanswered}\n"
        "formats:\n  ja_nee: {labels: {nl: [no, on], en: [off, yes]}, lowest: 0}\n"
        "  tijd: {labels: {nl: [1:30, 12]}}\n"
        "items: {a: {format: ja_nee, reverse: no}, b: {format: tijd}}\n"
        "scales: {s: {construct: other, items: [a]}}\n",
        "utf-8",
    )
    problems = problems_of(path)
    assert [(problem.line, problem.found) for problem in problems] == [(2, "an empty or compound key")]
    path.write_text(path.read_text("utf-8").replace(", null: unanswered", ""), "utf-8")
    codebook = read_codebook(path)
    assert codebook.title == "2026"
    assert list(codebook.missing_codes) == ["007", "08", "1.50"]
    assert codebook.format_of("a").options[0].labels == ("no", "off")
    assert codebook.format_of("b").options[0].labels == ("1:30",)
    assert codebook.items["a"].reverse is False


def test_an_alias_and_a_merged_part_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yml"
    path.write_text(
        "title: t\nitems:\n  a: &usual\n    format: agree_5\n    missing_codes: {9: refused}\n"
        "  b: {<<: *usual, reverse: true}\n  c: *usual\n"
        "scales: {s: {construct: other, items: [a, b, c]}}\n",
        "utf-8",
    )
    items = read_codebook(path).items
    assert items["a"] == items["c"]
    assert items["b"] == Item(format="agree_5", missing_codes={"9": "refused"}, reverse=True)


def test_a_codebook_made_in_python_can_be_checked_too() -> None:
    codebook = Codebook(
        title="t",
        items={"k1": Item(format="agree_6")},
        variables={"toets": Variable(kind="number")},
        scales={
            "kunnen": Scale(construct="kunnen", items=("k1",)),
            "willen": Scale(construct="willen", score="toets"),
        },
        roles=Roles(),
    )
    assert [finding.steps for finding in findings_in(codebook)] == [
        ("items", "k1", "format"),
        ("scales", "willen", "score"),
    ]
    assert codebook.range_of("willen") is None


def test_a_scale_with_one_open_end_has_no_range() -> None:
    codebook = Codebook(
        title="t",
        formats={"hours": ResponseFormat(lowest=0)},
        items={"k1": Item(format="hours")},
        variables={"test_score": Variable(kind="number", highest=50)},
        scales={
            "kunnen": Scale(construct="kunnen", items=("k1",)),
            "willen": Scale(construct="willen", score="test_score"),
            "mogen": Scale(construct="mogen"),
        },
    )
    assert [codebook.range_of(scale) for scale in codebook.scales] == [None, None, None]


def test_a_codebook_without_scales_is_refused(written: Path) -> None:
    written.write_text("title: t\nscales: {}\n", "utf-8")
    (problem,) = problems_of(written)
    assert (problem.where, problem.expected, problem.line) == ("scales", "at least one scale", 2)


def test_a_key_left_empty_is_asked_for_as_a_missing_one(written: Path) -> None:
    written.write_text(SOUND.replace("construct: mogen", "construct:"), "utf-8")
    (problem,) = problems_of(written)
    assert (problem.where, problem.found) == ("scales.mogen.construct", "nothing")


def test_everything_that_is_missing_is_asked_for_at_once(written: Path) -> None:
    written.write_text("codebook:\nitems: {k1: {format: agre_5}}\n", "utf-8")
    assert [problem.where for problem in problems_of(written)] == ["title", "scales", "items.k1.format"]


def test_the_stored_schema_is_the_schema_of_the_model(project: Path) -> None:
    stored = (project / "docs" / "codebook.schema.json").read_text("utf-8")
    now = json.dumps(codebook_schema(), indent=2, ensure_ascii=False) + "\n"
    assert stored == now, "the model changed: write this text to docs/codebook.schema.json"


def test_an_editor_is_told_what_every_key_is_for() -> None:
    schema = codebook_schema()
    for part in [schema, *schema["$defs"].values()]:
        assert part["description"].count("\n") == 0
        for key, about in part["properties"].items():
            assert "description" in about or "$ref" in about, key
    assert schema["$defs"]["Item"]["properties"]["format"]["examples"] == list(BUILT_IN_FORMATS)
    assert schema["$defs"]["Scale"]["properties"]["construct"]["enum"][0] == "kunnen"


@pytest.mark.parametrize(
    ("role", "kind"), [("arm", "category"), ("dose", "number"), ("respondent", "identifier")]
)
def test_an_item_in_a_role_is_to_be_made_a_variable(role: str, kind: str) -> None:
    """A questionnaire of yes and no: the column of the scheme looks like an item."""
    codebook = Codebook(
        codebook=1,
        title="x",
        scales={},
        items={"regeling": Item(format="yes_no")},
        variables={"afdeling": Variable()},
        roles=Roles.model_validate({role: "regeling"}),
    )
    (finding,) = findings_in(codebook)
    assert finding.steps == ("roles", role) and "`regeling`, which is an item" in finding.found
    assert "delete `regeling` under `items`" in finding.todo and f"`kind: {kind}`" in finding.todo
    assert "afdeling" not in finding.todo
