"""An edit in another program loses neither direction nor identifiers: they come back open, and are named."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.exchange.imported import ImportedCodebook
from si_research.survey.exchange.table_schema import table_schema_of
from si_research.survey.exchange.table_schema_reading import read_table_schema
from si_research.survey.exchange.xlsform import write_xlsform
from si_research.survey.exchange.xlsform_reading import read_xlsform

BOOK = Codebook(
    title="Made up here",
    items={
        "k1": Item(format="agree_5", wording_nl="Ik kan het"),
        "k2": Item(format="agree_5", wording_nl="Niet", reverse=True, missing_codes={"9": "refused"}),
    },
    variables={"code": Variable(kind="identifier")},
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    roles=Roles(respondent="code"),
    kept_out={"mail": "an e-mail address"},
)


def edited_schema(folder: Path) -> ImportedCodebook:
    schema = table_schema_of(BOOK)
    schema["fields"][0]["title"] = "Anders"
    path = folder / "schema.json"
    path.write_text(json.dumps(schema), "utf-8")
    return read_table_schema(path, language="nl")


def edited_form(folder: Path) -> ImportedCodebook:
    path = write_xlsform(BOOK, folder / "form.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook["survey"]["C2"] = "Anders"
    workbook.save(path)
    return read_xlsform(path)


@pytest.mark.parametrize("edit", [edited_schema, edited_form])
def test_direction_codes_and_identifiers_come_back_open(tmp_path: Path, edit) -> None:  # type: ignore[no-untyped-def]
    read = edit(tmp_path)
    items = read.codebook.items
    assert items["k2"].reverse
    assert not items["k2"].confirm
    assert items["k2"].missing_codes == {"9": "refused"}
    assert not items["k1"].reverse
    assert items["k1"].confirm
    assert read.codebook.variables["code"].kind == "identifier"
    assert read.codebook.kept_out == {"mail": "an e-mail address"}
    said = " ".join(read.not_understood)
    assert "reverse, missing_codes of `k2`" in said
    assert "kind of `code`" in said


def test_what_has_no_place_any_more_is_named(tmp_path: Path) -> None:
    schema = table_schema_of(BOOK)
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "k2"]
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema), "utf-8")
    read = read_table_schema(path, language="nl")
    assert any(each.startswith("lost") and "`k2`" in each for each in read.not_understood)
