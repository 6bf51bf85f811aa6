"""SPSS files: what its users see, and codes for reasons that are nobody's answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.data_out import write_cleaned
from si_research.survey.data_out.spss import reason_codes
from si_research.survey.reading import read_survey

CODEBOOK = Codebook(
    title="Klein",
    missing_codes={"weet niet": "does_not_know"},
    items={
        "k1": Item(format="agree_5", wording_nl="Kunt u het?", wording_en="Can you?"),
        "K1": Item(format="mark_10"),
    },
    variables={
        "uren": Variable(kind="number"),
        "sector": Variable(labels={"1": "zorg", "2": "bouw"}, label_nl="sector"),
        "by": Variable(labels={"a": "eerste"}),
    },
    scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    roles=Roles(organisation="Naam bedrijf"),
)
RAW = """\
k1,K1,uren,sector,by,Naam bedrijf
1,10,0,1,a,A
weet niet,,-5,weet niet,weet niet,B
"""


def written(folder: Path, codebook: Codebook = CODEBOOK, raw: str = RAW) -> Path:
    (folder / "raw.csv").write_text(raw, "utf-8")
    return write_cleaned(read_survey(folder / "raw.csv", codebook), codebook, folder / "out.sav").data


def test_a_user_of_spss_sees_labels_levels_and_user_missing_values(tmp_path: Path) -> None:
    path = written(tmp_path)
    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    assert list(frame) == ["k1", "K1_2", "uren", "sector", "by_v", "Naam_bedrijf", "by_v__reason"]
    assert frame["k1"].tolist() == [1.0, -94.0]
    assert frame["K1_2"].tolist() == [10.0, -96.0]
    assert frame["by_v"].tolist() == ["a", ""]
    assert frame["by_v__reason"].tolist() == ["", "does_not_know"]
    assert meta.column_names_to_labels["k1"] == "Kunt u het?"
    assert meta.column_names_to_labels["Naam_bedrijf"] == "Naam bedrijf"
    assert meta.variable_value_labels["k1"][5.0] == "helemaal mee eens"
    assert meta.variable_value_labels["k1"][-94.0] == "missing: does not know"
    assert meta.variable_value_labels["sector"][2.0] == "bouw"
    assert meta.variable_value_labels["by_v"] == {"a": "eerste"}
    assert meta.missing_ranges["k1"] == [{"lo": -99.0, "hi": -91.0}]
    assert set(meta.missing_ranges) == {"k1", "K1_2", "uren", "sector"}
    levels = [meta.variable_measure[name] for name in ("k1", "uren", "sector", "by_v")]
    assert levels == ["ordinal", "scale", "nominal", "nominal"]
    as_spss_computes, _ = pyreadstat.read_sav(str(path))
    assert as_spss_computes["k1"].isna().tolist() == [False, True]


def test_the_codebook_of_the_raw_file_reads_the_reasons_too(tmp_path: Path) -> None:
    codebook = CODEBOOK.model_copy(
        update={
            "items": {"k1": CODEBOOK.items["k1"]},
            "variables": {"uren": Variable(kind="number")},
            "roles": Roles(),
        }
    )
    path = written(tmp_path, codebook, "k1,uren\nweet niet,0\n,-5\n")
    again = read_survey(path, codebook)
    assert again.reasons["k1"].tolist() == ["does_not_know", "unanswered"]
    assert again.values["uren"].tolist() == [0.0, -5.0]


@pytest.mark.parametrize(
    ("taken", "first"),
    [
        ({"variables": {"uren": Variable(kind="number", lowest=-100, highest=0)}}, -991),
        ({"missing_codes": {"-95": "refused", "-999,0": "refused"}}, -9991),
        ({"variables": {"uren": Variable(kind="number", lowest=-2000)}}, -91),
    ],
)
def test_codes_move_out_of_the_way(taken: dict[str, object], first: int) -> None:
    codes = reason_codes(CODEBOOK.model_copy(update=taken), {}, "x")
    assert codes["not_asked"] == first
    assert list(codes.values()) == [first - step for step in range(9)]


def test_codes_are_nobody_s_number(tmp_path: Path) -> None:
    path = written(tmp_path, raw=RAW.replace(",-5,", ",-98.5,"))
    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    assert frame["uren"].tolist() == [0.0, -98.5]
    assert frame["k1"].tolist() == [1.0, -994.0]
    assert meta.missing_ranges["uren"] == [{"lo": -999.0, "hi": -991.0}]
    assert not pd.isna(pyreadstat.read_sav(str(path))[0]["uren"]).any()
