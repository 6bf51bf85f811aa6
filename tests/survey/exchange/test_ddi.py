"""DDI-Codebook 2.5: well-formed, and its elements in the order that the standard lays down."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings

from made_codebooks import codebooks
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook
from si_research.survey.exchange import write_ddi
from si_research.survey.labels import described_columns
from si_research.survey.survey_data import SourceFacts

SPACE = "{ddi:codebook:2_5}"
# The sequence of child elements in codebook.xsd of DDI-Codebook 2.5, as far as we write them.
ORDER = {
    "codeBook": ("docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"),
    "stdyDscr": ("citation", "studyAuthorization", "stdyInfo", "studyDevelopment", "method", "notes"),
    "citation": ("titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt", "verStmt", "biblCit", "holdings"),
    "titlStmt": ("titl", "subTitl", "altTitl", "parTitl", "IDNo"),
    "stdyInfo": ("studyBudget", "subject", "abstract", "sumDscr", "qualityStatement", "notes"),
    "fileDscr": ("fileTxt", "locMap", "notes"),
    "fileTxt": ("fileName", "fileCitation", "fileCont", "fileStrc", "dimensns", "fileType", "format"),
    "dimensns": ("caseQnty", "varQnty", "logRecL", "recPrCas", "recNumTot"),
    "dataDscr": ("varGrp", "nCubeGrp", "var", "nCube", "notes"),
    "varGrp": ("labl", "txt", "concept", "defntn", "universe", "notes"),
    "var": (
        "location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit", "qstn", "valrng",
        "invalrng", "undocCod", "universe", "TotlResp", "sumStat", "txt", "stdCatgry", "catgryGrp", "catgry",
        "codInstr", "verStmt", "concept", "derivation", "varFormat", "geoMap", "catLevel", "notes",
    ),
    "qstn": ("preQTxt", "qstnLit", "postQTxt", "forward", "backward", "ivuInstr"),
    "valrng": ("item", "range", "key", "notes"),
    "invalrng": ("item", "range", "key", "notes"),
    "catgry": ("catValu", "labl", "txt", "catStat", "mrow"),
}  # fmt: skip
REQUIRED = {
    "codeBook": {"stdyDscr"}, "stdyDscr": {"citation"}, "citation": {"titlStmt"}, "titlStmt": {"titl"},
}  # fmt: skip
LEAVES = {
    "titl", "abstract", "fileName", "caseQnty", "varQnty", "fileType", "labl", "concept", "qstnLit", "item",
    "range", "catValu", "codInstr", "varFormat",
}  # fmt: skip


def written(codebook: Codebook, facts: SourceFacts | None = None) -> Any:
    with TemporaryDirectory() as folder:
        return ElementTree.parse(write_ddi(codebook, Path(folder) / "codebook.xml", facts)).getroot()


def assert_in_order(element: Any) -> None:
    name = element.tag.removeprefix(SPACE)
    children = [child.tag.removeprefix(SPACE) for child in element]
    assert element.tag.startswith(SPACE)
    if name in LEAVES:
        assert not children
        return
    assert REQUIRED.get(name, set()) <= set(children), f"{name}: {children}"
    places = [ORDER[name].index(child) for child in children]
    assert places == sorted(places), f"{name}: {children}"
    for child in element:
        assert_in_order(child)


@settings(max_examples=35, deadline=None, suppress_health_check=list(HealthCheck))
@given(codebook=codebooks())
def test_every_codebook_gives_a_file_in_the_order_of_the_standard(codebook: Codebook) -> None:
    root = written(codebook)
    assert_in_order(root)
    variables = root.findall(f"{SPACE}dataDscr/{SPACE}var")
    columns = [column for name in codebook.used_names for column in described_columns(codebook, name)]
    names = ["".join(each.get("name").split()) for each in variables]
    assert names == ["".join(column.split()) for column in columns]
    ids = [each.get("ID") for each in root.iter() if each.get("ID")]
    assert len(set(ids)) == len(ids)
    for group in root.iter(f"{SPACE}varGrp"):
        assert set(group.get("var").split()) <= set(ids)


def test_an_item_has_its_question_answers_range_and_missing_codes(project: Path) -> None:
    facts = SourceFacts("survey.csv", "delimited", "", 1, 3000, 28)
    root = written(read_codebook(project / "data/example/codebook.yml"), facts)
    (variable,) = [each for each in root.iter(f"{SPACE}var") if each.get("name") == "w3"]
    assert variable.get("files") == "F1"
    assert [each.text for each in variable.iter(f"{SPACE}qstnLit")] == [
        "Voor mij hoeft er niets te veranderen.",
        "As far as I am concerned nothing needs to change.",
    ]
    assert variable.find(f"{SPACE}valrng/{SPACE}range").attrib == {"min": "1", "max": "5"}
    answers = [
        (each.findtext(f"{SPACE}catValu"), each.findtext(f"{SPACE}labl"), each.get("missing"))
        for each in variable.iter(f"{SPACE}catgry")
    ]
    assert answers[0] == ("1", "helemaal mee oneens", None)
    assert answers[5:] == [("weet niet", "does_not_know", "Y"), ("n.v.t.", "does_not_apply", "Y")]
    assert "turned when it is scored" in variable.findtext(f"{SPACE}codInstr")
    group = next(root.iter(f"{SPACE}varGrp"))
    assert (group.get("name"), group.findtext(f"{SPACE}concept")) == ("kunnen", "kunnen")
    assert root.findtext(f"{SPACE}fileDscr/{SPACE}fileTxt/{SPACE}dimensns/{SPACE}caseQnty") == "3000"
    assert "nobody answered" in root.findtext(f"{SPACE}stdyDscr/{SPACE}stdyInfo/{SPACE}abstract")
