"""Files that are no YAML, or YAML with a twist: one clear problem each, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codebook_sample import SOUND, problems_of
from si_research.errors import CodebookError
from si_research.survey.codebook_file import read_codebook
from si_research.survey.yaml_file import read_yaml


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "codebook.yml"
    path.write_text(SOUND, "utf-8")
    return path


UNREADABLE = {
    "empty": (b"", "keys with values", "an empty file", None),
    "only a remark": (b"# nothing yet\n", "keys with values", "an empty file", None),
    "a list": (b"- a\n", "title, items, scales", "a list", None),
    "a text": (b"title", "title, items, scales", "a text without keys", None),
    "another encoding": ("title: t\nlabel: één\n".encode("cp1252"), "UTF-8", "another encoding", 2),
    "UTF-16": ("title: t".encode("utf-16"), "UTF-8", "text in UTF-16", None),
    "a workbook": (b"PK\x03\x04\x14\x00", "UTF-8", "a NUL byte", 1),
    "a control character": (b"title: \x07", "valid YAML", "a control character", None),
    "a tab": (b"title: t\nitems:\n\tk1: 1\n", "valid YAML", "cannot start any token", 3),
    "an open bracket": (b"title: t\nitems: [a,\nb\nc: 1\n", "valid YAML", "that starts on line 2", None),
    "a colon in a text": (b"title: t: u\n", "valid YAML", "mapping values", 1),
    "two documents": (b"title: t\n---\ntitle: u\n", "valid YAML", "another document", 2),
    "an unknown alias": (b"title: *t\n", "valid YAML", "undefined alias", 1),
    "a loop": (b"a: &a {<<: {<<: *a}}\n", "a few levels", "a loop", None),
    "a thousand levels": (b"[" * 5000, "a few levels", "hundreds of levels", None),
}


@pytest.mark.parametrize("kind", list(UNREADABLE))
def test_a_file_that_is_no_codebook_is_one_clear_problem(written: Path, kind: str) -> None:
    raw, expected, found, line = UNREADABLE[kind]
    written.write_bytes(raw)
    (problem,) = problems_of(written)
    assert expected in problem.expected
    assert found in problem.found
    assert line is None or problem.line == line


@pytest.mark.parametrize(
    ("name", "found"), [("absent.yml", "no file"), ("", "a folder"), ("codebook.yml/x", "cannot")]
)
def test_a_path_that_leads_to_no_file_is_one_clear_problem(written: Path, name: str, found: str) -> None:
    (problem,) = problems_of(written.parent / name)
    assert found in problem.found


def test_a_byte_order_mark_is_no_problem(written: Path) -> None:
    written.write_bytes(b"\xef\xbb\xbf" + SOUND.encode())
    assert read_codebook(written).title == "Proef"


def test_an_alias_of_aliases_does_not_explode(written: Path) -> None:
    levels = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 30))
    written.write_text(f"x0: &x0 [a]\n{levels}", "utf-8")
    assert {problem.found for problem in problems_of(written)} >= {"`x1`", "`x29`"}


LINES = SOUND.splitlines()
DEBRIS = ["", "null", "[", "}", "-", "[1, [2]]", "{a: {b: c}}", "'", "&a x", "*a", "<<: x", "!t", "\n", "5"]
PLACES = st.integers(0, len(LINES) - 1)
DAMAGE = st.tuples(PLACES, st.sampled_from(["value", "line", "twice"]), st.sampled_from(DEBRIS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(DAMAGE, min_size=1, max_size=4))
def test_a_damaged_codebook_is_read_or_refused_with_problems(
    written: Path, damage: list[tuple[int, str, str]]
) -> None:
    lines = list(LINES)
    for index, kind, debris in damage:
        line = lines[index]
        lines[index] = {
            "value": f"{line.split(':')[0]}: {debris}",
            "line": debris,
            "twice": f"{line}\n{line}",
        }[kind]
    written.write_text("\n".join(lines), "utf-8")
    try:
        assert read_codebook(written).used_names
    except CodebookError as error:
        assert all(problem.where and problem.expected and problem.found for problem in error.problems)


def test_a_folded_text_holds_nothing_that_nobody_typed(tmp_path: Path) -> None:
    path = tmp_path / "folded.yml"
    path.write_text("title: >-\n  one line\n  and another\n\n  a new paragraph\n", "utf-8")
    assert read_yaml(path).tree == {"title": "one line and another\na new paragraph"}
