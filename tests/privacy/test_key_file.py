"""The key: made once, read by its owner only, and never inside a study folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from si_research.errors import SurveyDataError
from si_research.privacy.key_file import default_key_path, make_key, read_key

on_posix = pytest.mark.skipif(os.name != "posix", reason="this system knows no file modes")


def test_a_key_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "pseudonyms.key"
    key = make_key(path)
    assert len(key) == 32
    assert read_key(path) == key
    assert make_key(tmp_path / "other.key") != key


@on_posix
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(SurveyDataError, match="others can open"):
        read_key(path)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    key = make_key(path)
    with pytest.raises(SurveyDataError, match="stays as it is"):
        make_key(path)
    assert read_key(path) == key


@pytest.mark.parametrize("place", ["a.key", "data/a.key", "../studie/a.key"])
def test_a_key_inside_a_study_is_refused(tmp_path: Path, place: str) -> None:
    study = tmp_path / "studie"
    study.mkdir()
    (study / "study.yml").touch()
    path = study / place
    with pytest.raises(SurveyDataError, match="outside every study folder"):
        make_key(path)
    assert list(study.rglob("*.key")) == []
    outside = tmp_path / "a.key"
    make_key(outside)
    path.parent.mkdir(exist_ok=True)
    outside.rename(path)
    with pytest.raises(SurveyDataError, match="outside every study folder"):
        read_key(path)


def test_a_folder_that_is_named_as_the_study_counts_as_one(tmp_path: Path) -> None:
    with pytest.raises(SurveyDataError, match="outside every study folder"):
        make_key(tmp_path / "exports" / "a.key", study=tmp_path)


@on_posix
def test_a_link_out_of_the_study_leads_out_of_it(tmp_path: Path) -> None:
    """What counts is where the key lies, not where the link to it lies; and the other way round."""
    study = tmp_path / "studie"
    study.mkdir()
    (study / "study.yml").touch()
    key = make_key(tmp_path / "a.key")
    (study / "link.key").symlink_to(tmp_path / "a.key")
    assert read_key(study / "link.key") == key
    (tmp_path / "into").symlink_to(study)
    with pytest.raises(SurveyDataError, match="outside every study folder"):
        make_key(tmp_path / "into" / "b.key")


@pytest.mark.parametrize("content", [b"", b"zz" * 32, b"ab" * 31, b"ab" * 64, "sleutel é".encode()])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SurveyDataError, match="64 hexadecimal digits") as refused:
        read_key(path)
    assert "abab" not in str(refused.value)
    assert "sleutel" not in str(refused.value)


def test_no_key_at_all(tmp_path: Path) -> None:
    with pytest.raises(SurveyDataError, match="no file of that name"):
        read_key(tmp_path / "a.key")


@pytest.mark.parametrize(
    ("environment", "platform", "place"),
    [
        ({"SI_RESEARCH_KEY": "/keys/ours.key", "XDG_CONFIG_HOME": "/c"}, "linux", "/keys/ours.key"),
        ({"XDG_CONFIG_HOME": "/c"}, "linux", "/c/si-research/pseudonyms.key"),
        ({}, "linux", "~/.config/si-research/pseudonyms.key"),
        ({}, "darwin", "~/Library/Application Support/si-research/pseudonyms.key"),
        ({"APPDATA": "/roaming"}, "win32", "/roaming/si-research/pseudonyms.key"),
    ],
)
def test_where_the_key_lies(environment: dict[str, str], platform: str, place: str) -> None:
    assert default_key_path(environment, platform) == Path(place).expanduser()
