"""A study that uses a proposal on which nobody decided is refused; what it does not use may stay open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from si_research.errors import CodebookError
from si_research.study.check import check_study
from si_research.study.run import run_study
from small_survey import with_column


def _changed(study: Path, old: str, new: str) -> int:
    """Change the codebook, and return the line on which the change stands."""
    path = study / "codebook.yml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return path.read_text("utf-8")[: path.read_text("utf-8").index(new)].count("\n") + 1


def _open_places(study: Path) -> list[tuple[str, int | None]]:
    with pytest.raises(CodebookError) as caught:
        check_study(study)
    with pytest.raises(CodebookError) as of_run:
        run_study(study)
    assert str(of_run.value) == str(caught.value)
    assert not (study / "output").exists()
    return [(problem.where, problem.line) for problem in caught.value.problems]


def test_an_open_item_and_scale_are_named_with_line_and_reason(small_study: Path) -> None:
    item = _changed(
        small_study,
        "  k1: {format: agree_5}",
        "  k1: {format: agree_5, confirm: false, proposed: It runs against the rest.}",
    )
    scale = _changed(
        small_study, "willen: {construct: willen,", "willen: {construct: willen, confirm: false,"
    )
    assert _open_places(small_study) == [("scales.willen", scale), ("items.k1", item)]
    with pytest.raises(CodebookError, match=r"It runs against the rest\).*--confirm"):
        check_study(small_study)


def test_a_role_that_is_open_is_refused(small_study: Path) -> None:
    _changed(small_study, "scales:\n", "variables: {bedrijf: {confirm: false}}\nscales:\n")
    assert [where for where, _ in _open_places(small_study)] == ["variables.bedrijf"]


def test_an_open_selection_is_refused(small_study: Path) -> None:
    _changed(small_study, "scales:\n", "variables: {extra: {confirm: false}}\nscales:\n")
    with_column(small_study / "survey.csv", "extra", lambda row: "1")
    assert check_study(small_study).passed
    select = 'cleaning: {select: [{variable: extra, keep: ["1"], reason: one}]}\n'
    with (small_study / "study.yml").open("a", encoding="utf-8") as study:
        study.write(select)
    assert [where for where, _ in _open_places(small_study)] == ["variables.extra"]


def test_what_no_test_uses_may_stay_open(small_study: Path, si_research: Callable[..., Result]) -> None:
    path = small_study / "codebook.yml"
    text = path.read_text("utf-8").replace(
        "scales:\n", "scales:\n  extra: {construct: other, items: [k1, k2], confirm: false}\n"
    )
    path.write_text(text, "utf-8")
    result = si_research("check", small_study)
    assert result.exit_code == 0, result.output


def test_a_column_is_used_or_kept_out(small_study: Path) -> None:
    line = _changed(small_study, "scales:\n", "kept_out: {bedrijf: a name}\nscales:\n")
    with pytest.raises(CodebookError) as caught:
        check_study(small_study)
    assert [(problem.where, problem.line) for problem in caught.value.problems] == [
        ("kept_out.bedrijf", line)
    ]


def test_a_codebook_without_scales_is_refused_by_the_run_and_not_as_a_mistake(
    small_study: Path, si_research: Callable[..., Result]
) -> None:
    path = small_study / "codebook.yml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("scales:")] + "scales: {}\n", "utf-8")
    assert si_research("check", small_study).exit_code == 3
    result = si_research("run", small_study)
    assert result.exit_code == 3, result.output
    assert (small_study / "output" / "report.html").exists()
