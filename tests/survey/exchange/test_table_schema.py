"""Table Schema: exact both ways for our own, and as far as it goes for those of others."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from made_codebooks import codebooks
from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook
from si_research.survey.exchange import read_table_schema, table_schema_of, write_table_schema
from si_research.survey.exchange.imported import CHANGED, NO_SCALES

HAPPY = ((1, "no"), (2, "a bit"), (3, "yes"), (9, "Don't know"))
FOREIGN = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True}},
        {
            "name": "Q1 happy",
            "type": "integer",
            "title": "Are you happy?",
            "categories": [{"value": value, "label": label} for value, label in HAPPY],
            "categoriesOrdered": True,
            "missingValues": ["", {"value": "9", "label": "Don't know"}],
        },
        {
            "name": "Q2",
            "type": "string",
            "categories": ["low", "high"],
            "categoriesOrdered": True,
            "rdfType": "x",
        },
        {
            "name": "sector",
            "type": "string",
            "constraints": {"enum": ["care", "building"], "pattern": "[a-z]+"},
        },
        {
            "name": "hours",
            "type": "number",
            "constraints": {"minimum": 0, "maximum": 80},
            "missingValues": ["", "-1"],
        },
        {"name": "born", "type": "date", "format": "any"},
    ],
    "missingValues": ["", "NA"],
    "primaryKey": "id",
    "foreignKeys": [{"fields": "id", "reference": {"resource": "", "fields": "id"}}],
}


def put(folder: Path, tree: Any, name: str = "schema.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(tree), "utf-8")
    return path


@settings(max_examples=35, deadline=None, suppress_health_check=list(HealthCheck))
@given(codebook=codebooks())
def test_our_own_comes_back_exactly(codebook: Codebook) -> None:
    with TemporaryDirectory() as folder:
        again = read_table_schema(write_table_schema(codebook, Path(folder) / "schema.json"))
    assert again.codebook.model_dump() == codebook.model_dump()
    assert again.not_understood == ()


def test_what_the_standard_holds_is_in_the_standard_part(project: Path) -> None:
    codebook = read_codebook(project / "data/example/codebook.yml")
    schema = table_schema_of(codebook)
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["k1"] == {
        "name": "k1",
        "title": "Ik heb de kennis om mijn werk slimmer te doen.",
        "type": "integer",
        "categories": [
            {"value": 1, "label": "helemaal mee oneens"},
            {"value": 2, "label": "mee oneens"},
            {"value": 3, "label": "niet mee eens, niet mee oneens"},
            {"value": 4, "label": "mee eens"},
            {"value": 5, "label": "helemaal mee eens"},
        ],
        "categoriesOrdered": True,
    }
    assert fields["contracturen"]["constraints"] == {"minimum": 1, "maximum": 60}
    assert fields["meting"]["categories"][0] == {"value": "nulmeting", "label": "nulmeting"}
    assert schema["primaryKey"] == ["respondentnummer", "meting"]
    assert {"value": "weet niet", "label": "does_not_know"} in schema["missingValues"]


def test_a_schema_of_others_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    read = read_table_schema(put(tmp_path, FOREIGN))
    book = read.codebook
    assert list(book.items) == ["Q1_happy", "Q2"]
    assert book.items["Q1_happy"].column == "Q1 happy"
    assert book.items["Q1_happy"].wording_en == "Are you happy?"
    assert book.format_of("Q1_happy").value_of("a bit") == 2
    assert book.format_of("Q1_happy").values == (1, 2, 3)
    assert book.items["Q1_happy"].missing_codes == {"9": "does_not_know"}
    assert book.format_of("Q2").value_of("high") == 2
    assert (book.variables["hours"].lowest, book.variables["hours"].highest) == (0, 80)
    assert book.variables["sector"].labels == {"care": "care", "building": "building"}
    assert book.variables["id"].kind == "identifier"
    assert book.roles.respondent == "id"
    assert book.missing_codes == {"NA": "unanswered"}
    assert sorted(read.not_understood) == sorted(
        [
            "foreignKeys of the schema",
            "rdfType of Q2",
            "the numbers of the ordered texts of Q2: counted from 1",
            "constraint pattern of sector",
            "why -1 is missing in hours: declared_missing",
            "type date of born: read as text",
            NO_SCALES,
        ]
    )


def test_a_schema_that_another_program_changed_is_read_anew(tmp_path: Path, project: Path) -> None:
    codebook = read_codebook(project / "data/example/codebook.yml")
    schema = table_schema_of(codebook)
    schema["fields"][0]["title"] = "Changed"
    read = read_table_schema(put(tmp_path, schema), language="nl")
    assert read.codebook.items["k1"].wording_nl == "Changed"
    assert read.codebook.items["k1"].format == "agree_5"
    assert read.not_understood[0] == CHANGED


def test_a_data_package_of_one_table_will_do(tmp_path: Path) -> None:
    package = {"resources": [{"name": "t", "schema": FOREIGN}]}
    assert list(read_table_schema(put(tmp_path, package)).codebook.items) == ["Q1_happy", "Q2"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"fields": 1}', '{"fields": [{"title": "x"}]}', "\xff", "[" * 9999]
)
def test_what_is_no_schema_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(text, "latin-1")
    with pytest.raises(SurveyDataError, match="a Table Schema"):
        read_table_schema(path)
