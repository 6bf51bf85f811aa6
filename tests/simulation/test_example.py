"""The embedded example: made again byte for byte, and as messy as its README says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from si_research.simulation.example import SURVEY_FILE, write_example
from si_research.survey.codebook_file import read_codebook


@pytest.fixture(scope="module")
def raw(project: Path) -> pd.DataFrame:
    return pd.read_csv(
        project / "data/example" / SURVEY_FILE, sep=";", encoding="cp1252", dtype=str, keep_default_na=False
    )


def test_it_is_made_again_byte_for_byte(project: Path, tmp_path: Path) -> None:
    made = write_example(tmp_path / "example")
    kept = project / "data/example"
    for path in made.iterdir():
        assert path.read_bytes() == (kept / path.name).read_bytes(), path.name


def test_a_diagnosis_of_it_can_tell_sectors_and_managers_apart(project: Path, raw: pd.DataFrame) -> None:
    roles = read_codebook(project / "data/example/codebook.yml").roles
    assert (roles.sector, roles.manager) == ("sector", "leidinggevend")
    words = (project / "data/example/study.yml").read_text("utf-8")
    assert all(f"    {sector}: " in words for sector in set(raw["sector"]))


def test_it_looks_like_an_export(project: Path) -> None:
    data = (project / "data/example" / SURVEY_FILE).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "coördinatie" in data.decode("cp1252")
    assert data.count(b"\r\n") == data.count(b"\n") == 3037
    assert b";28,5;" in data


def test_it_is_as_messy_as_it_says(raw: pd.DataFrame) -> None:
    waves = raw.drop_duplicates(["respondentnummer", "meting"])["meting"].value_counts()
    assert waves.to_dict() == {"nulmeting": 1500, "effectmeting": 1500}
    assert raw.duplicated(["respondentnummer", "meting"]).sum() == 36
    assert raw["bedrijf"].nunique() == 60
    assert raw.groupby("bedrijf")["regeling"].first().value_counts()["ja"] == 20
    assert (raw["rapportcijfer"] == "75").sum() == 4
    items = raw.loc[:, "k1":"ig5"]
    for word in ("weet niet", "n.v.t.", ""):
        assert (items == word).any(axis=None), word
    assert (raw["afgerond"] == "nee").sum() > 70


def test_it_says_that_it_is_synthetic(project: Path) -> None:
    for path in filter(Path.is_file, (project / "data/example").iterdir()):
        text = path.read_bytes().decode("cp1252")
        assert "synthetic" in path.name or "SYNTHETIC" in text.upper(), path.name


def test_its_scheme_lifts_mogen_and_nothing_else(raw: pd.DataFrame) -> None:
    """Difference in differences of raw labels turned to points; standard errors about .07."""
    points = {
        "helemaal mee oneens": 1,
        "mee oneens": 2,
        "neutraal": 3,
        "mee eens": 4,
        "helemaal mee eens": 5,
    }
    for letter, lift in (("k", 0.0), ("m", 0.30)):
        mean = raw.loc[:, f"{letter}1" : f"{letter}4"].apply(lambda column: column.map(points)).mean(axis=1)
        means = mean.groupby([raw["regeling"], raw["meting"]]).mean()
        change = means.xs("effectmeting", level="meting") - means.xs("nulmeting", level="meting")
        assert change["ja"] - change["nee"] == pytest.approx(lift, abs=0.15)
