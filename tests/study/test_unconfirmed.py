"""A study that uses a proposal on which nobody decided is refused; what it does not use may stay open."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from si_research.errors import CodebookError
from si_research.study.analysis import PreparedStudy, prepare_study
from si_research.study.check import check_study
from si_research.study.clean import prove_ledger
from si_research.study.inputs import read_inputs
from si_research.study.run import run_study
from si_research.survey.cleaning import scale_columns
from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.questions import open_questions
from si_research.survey.screening.plan import plan_screening
from si_research.survey.undecided import ORDER_UNKNOWN
from small_survey import with_column, write_study


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


def _with_open_block(study: Path, *, is_open: bool) -> None:
    """Add twelve questions of a scale that no test uses; two in three people did not answer them."""
    decision = ", confirm: false" if is_open else ""
    items = "".join(f"  p{n}: {{format: agree_5{decision}}}\n" for n in range(1, 13))
    listed = ", ".join(f"p{n}" for n in range(1, 13))
    extra = f"  pers: {{construct: other, items: [{listed}]{decision}}}\n"
    path = study / "codebook.yml"
    path.write_text(path.read_text("utf-8").replace("scales:\n", f"{items}scales:\n{extra}"), "utf-8")
    for n in range(1, 13):
        with_column(study / "survey.csv", f"p{n}", lambda row: "" if row % 3 else "neutraal")
    with (study / "study.yml").open("a", encoding="utf-8") as file:
        file.write(
            "screening: {drop: {at_least: 1}}\ncleaning: {unfinished: {minimum_share_answered: 0.6}}\n"
        )


def _ready(study: Path) -> PreparedStudy:
    inputs = read_inputs(study)
    return prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, done: None)


def test_open_items_decide_about_nobody_and_check_says_so(tmp_path: Path) -> None:
    plain, opened = write_study(tmp_path / "plain"), write_study(tmp_path / "opened")
    decided = write_study(tmp_path / "decided")
    for study in (plain, opened, decided):
        _with_open_block(study, is_open=study != decided)
    path = plain / "codebook.yml"  # the same file without a word of the block
    text = re.sub(r"  p\d+: .*\n|  pers: .*\n", "", path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    expected = list(_ready(plain).survey.values.index)
    assert list(_ready(opened).survey.values.index) == expected
    block = {f"p{n}" for n in range(1, 13)}
    book = read_inputs(decided).codebook
    assert block < set(plan_screening(book).items)
    assert block < set(scale_columns(book))
    assert "not decided on yet: items 12, scales 1; these count neither" in check_study(opened).text


def test_an_open_attention_check_is_refused(small_study: Path) -> None:
    with_column(small_study / "survey.csv", "let_op", lambda row: "neutraal")
    _changed(
        small_study,
        "scales:\n",
        "  let_op: {format: agree_5, confirm: false}\nattention_checks: {let_op: ['3']}\nscales:\n",
    )
    assert [where for where, _ in _open_places(small_study)] == ["items.let_op"]
    (question,) = open_questions(read_codebook(small_study / "codebook.yml"))
    assert question.is_used


def test_an_open_item_that_the_study_lists_for_screening_is_refused(small_study: Path) -> None:
    with_column(small_study / "survey.csv", "x1", lambda row: "neutraal")
    _changed(small_study, "scales:\n", "  x1: {format: agree_5, confirm: false}\nscales:\n")
    assert check_study(small_study).passed
    with (small_study / "study.yml").open("a", encoding="utf-8") as study:
        study.write("screening: {items: [k1, k2, k3, w1, x1]}\n")
    assert [where for where, _ in _open_places(small_study)] == ["items.x1"]


def test_a_scale_in_an_order_that_nobody_decided_has_no_score_in_a_run(small_study: Path) -> None:
    for name in ("p1", "p2"):
        with_column(small_study / "survey.csv", name, lambda row: ("rood", "groen", "blauw")[row % 3])
    item = f"{{format: words, confirm: false, proposed: 3 answers {ORDER_UNKNOWN}}}"
    _changed(
        small_study,
        "scales:\n",
        f"  p1: {item}\n  p2: {item}\nformats: {{words: {{labels: {{nl: [rood, groen, blauw]}}}}}}\n"
        "scales:\n  kleur: {construct: other, items: [p1, p2]}\n",
    )
    ready = _ready(small_study)
    assert "kleur" not in ready.scores.scales
    assert "kunnen" in ready.scores.scales
    outcome = run_study(small_study)
    assert "kleur" not in (outcome.report.parent / "results.json").read_text("utf-8")
    assert "same values" in prove_ledger(outcome.report.parent / "ledger.csv", small_study)
    _changed(small_study, "construct: kunnen, items: [k1, k2, k3]", "construct: kunnen, items: [p1, p2]")
    shutil.rmtree(small_study / "output")
    assert [where for where, _ in _open_places(small_study)] == ["items.p1", "items.p2"]
