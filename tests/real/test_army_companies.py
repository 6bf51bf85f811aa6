"""Soldiers in three waves, whose file holds each measure twice: long, and wide beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from si_research.survey.codebook import Codebook, Roles, Scale, Variable
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.waves.names import find_waves
from si_research.survey.waves.presence import describe_waves
from si_research.survey.waves.stored_twice import check_stored_twice


def test_univbct_holds_each_measure_twice(shared: Path) -> None:
    raw = read_raw(shared / "real_data" / "army_companies" / "univbct.csv")
    check = check_stored_twice(raw.frame)
    told = check.table().set_index("column")
    assert check.passed is False
    assert told["wide_columns"].to_dict() == {
        "JSAT": "JOBSAT1, JOBSAT2, JOBSAT3",
        "COMMIT": "COMMIT1, COMMIT2, COMMIT3",
        "READY": "READY1, READY2, READY3",
    }
    assert set(told["wave_column"]) == {"TIME"}
    assert (set(told["n_rows"]), set(told["n_respondents"])) == ({1485}, {495})
    assert find_waves(list(raw.frame)).pattern is None  # the numbers alone do not tell


def test_univbct_has_495_respondents_in_three_waves(shared: Path) -> None:
    path = shared / "real_data" / "army_companies" / "univbct.csv"
    measures = ("JSAT", "COMMIT", "READY")
    codebook = Codebook(
        title="univbct",
        variables={name: Variable(kind="number", lowest=1, highest=5) for name in measures},
        scales={name.lower(): Scale(construct="other", score=name) for name in measures},
        roles=Roles(respondent="SUBNUM", wave="TIME", organisation="COMPANY"),
    )
    survey = read_survey(path, codebook)
    assert survey.values["SUBNUM"].nunique() == 495
    presence = describe_waves(survey, codebook)
    by_hand = pd.read_csv(path).set_index("SUBNUM")[list(measures)].notna().any(axis=1)
    n_waves = by_hand.groupby(level=0).sum().value_counts()  # 2 soldiers answered in none
    assert presence.times["n_respondents"].tolist() == n_waves.drop(0).sort_index().tolist()
    assert (presence.n_respondents, presence.n_empty) == (495 - n_waves[0], 1485 - by_hand.sum())
    assert n_waves[0] == 2
    wide = pd.read_csv(path)[
        [f"{name}{wave}" for name in ("JOBSAT", "COMMIT", "READY") for wave in (1, 2, 3)]
    ]
    missing = wide.isna().sum()
    assert (missing.min(), missing.max()) == (69, 105)


def test_univbct_is_the_same_side_by_side_and_below_one_another(shared: Path, tmp_path: Path) -> None:
    """One row a soldier with three columns a measure, or three rows a soldier: the same answers."""
    told = pd.read_csv(shared / "real_data" / "army_companies" / "univbct.csv", dtype=str)
    one_row = tmp_path / "wide.csv"
    told[told["TIME"] == "0.0"].drop(columns=["TIME", "JSAT", "COMMIT", "READY"]).to_csv(one_row, index=False)
    sets = {"JSAT": "JOBSAT", "COMMIT": "COMMIT", "READY": "READY"}
    number = {"kind": "number", "lowest": 1, "highest": 5}
    wide = {
        name: Variable(**number, columns={f"{wave}.0": f"{stem}{wave + 1}" for wave in range(3)})
        for name, stem in sets.items()
    }
    scales = {name.lower(): Scale(construct="other", score=name) for name in sets}
    side = Codebook(title="a", variables=wide, scales=scales, roles=Roles(respondent="SUBNUM"))
    below = Codebook(
        title="b",
        variables={name: Variable(**number) for name in sets},
        scales=scales,
        roles=Roles(respondent="SUBNUM", wave="TIME"),
    )
    whole = shared / "real_data" / "army_companies" / "univbct.csv"
    frames = [read_survey(one_row, side).values, read_survey(whole, below).values]
    frames[0] = frames[0].rename(columns={"wave": "TIME"})
    tables = [
        frame.set_index(["SUBNUM", "TIME"])[list(sets)].dropna(how="all").sort_index() for frame in frames
    ]
    assert len(tables[1]) > 1000
    pd.testing.assert_frame_equal(*tables, check_dtype=False)
