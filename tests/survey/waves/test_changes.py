"""Variables that stop, start or seem renamed, by the names of columns."""

from __future__ import annotations

from si_research.survey.waves.changes import check_wave_columns
from si_research.survey.waves.names import find_waves


def rows(names: str) -> list[tuple[str, ...]]:
    told = check_wave_columns(find_waves(names.split())).table()
    return list(told.itertuples(index=False, name=None))


def test_nothing_changed() -> None:
    check = check_wave_columns(find_waves(["k_2015", "w_2015", "k_2016", "w_2016"]))
    assert check.passed
    assert check.text == "Every variable is there in every wave."


def test_what_stops_starts_and_misses_a_wave() -> None:
    names = "k_2015 k_2016 k_2017 k_2018 a_2015 a_2016 b_2017 b_2018 c_2015 c_2017 c_2018 d_2016"
    assert rows(names) == [
        ("a", "stops", "2015", "2016", ""),
        ("b", "starts", "2017", "2018", ""),
        ("c", "gap", "2015", "2018", ""),
        ("d", "only", "2016", "2016", ""),
    ]


def test_a_renamed_variable_is_named_and_not_joined() -> None:
    names = "k_1999 k_2000 new_iq_how_empowered_1999 new_iq_how_empowering_2000"
    assert rows(names) == [
        ("new_iq_how_empowered", "renamed", "1999", "1999", "new_iq_how_empowering"),
        ("new_iq_how_empowering", "only", "2000", "2000", ""),
    ]
    found = find_waves(names.split())
    assert set(found.by_stem()) == {"k", "new_iq_how_empowered", "new_iq_how_empowering"}
    assert "perhaps one variable under another name; not joined" in check_wave_columns(found).text


def test_other_names_are_no_new_name() -> None:
    assert ("leaders", "only", "1999", "1999", "") in rows("k_1999 k_2000 leaders_1999 empowered_2000")


def test_without_waves_there_is_no_verdict() -> None:
    assert check_wave_columns(find_waves(["k1", "k2"])).passed is None
