"""Every mistake in a codebook is one problem, with its line and the nearest name; all come at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from codebook_sample import SOUND, line_with, problems_of
from si_research.errors import CodebookError
from si_research.survey.codebook import Codebook, Variable
from si_research.survey.codebook_checks import findings_in
from si_research.survey.codebook_file import read_codebook


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "codebook.yml"
    path.write_text(SOUND, "utf-8")
    return path


# what to replace, by what, the text that marks the line; then parts of place, expected, found, todo
MISTAKES = {
    "misspelt format": (
        ("cijfer: {format: mark_10}", "cijfer: {format: mark10}"),
        ("cijfer:", "items.cijfer.format", "built-in format", "`mark10`", "`mark_10`"),
    ),
    "unknown format": (
        ("cijfer: {format: mark_10}", "cijfer: {format: xyz}"),
        ("cijfer:", "items.cijfer.format", "one under `formats`", "`xyz`", "Built in: agree_5, agree_7"),
    ),
    "misspelt key": (
        ("    reverse: yes", "    reversed: yes"),
        ("reverse:", "items.k2.reversed", "one of the keys column, aliases", "`reversed`", "`reverse`"),
    ),
    "not yes or no": (
        ("    reverse: yes", "    reverse: soms"),
        ("reverse:", "items.k2.reverse", "yes or no", "`soms`", ""),
    ),
    "key twice": (
        ("    format: agree_5\n", "    format: agree_5\n    column: Q3\n"),
        ("reverse:", "items.k2.column", "each key once", "after line 11", "Keep one"),
    ),
    "missing reason misspelt": (
        ("n.v.t.: does_not_apply", "n.v.t.: not_applicable"),
        ("n.v.t.", "items.k2.missing_codes.n.v.t.", "'does_not_apply'", "`not_applicable`", ""),
    ),
    "missing format": (
        ("k1: {format: agree_5}", "k1: {column: Q1}"),
        ("k1: {", "items.k1.format", "the key `format`", "nothing", ""),
    ),
    "empty item": (
        ("k1: {format: agree_5}", "k1:"),
        ("k1: {", "items.k1", "keys with values", "nothing", ""),
    ),
    "name with a space": (
        ("  w1: {format: tevreden_4}", "  w1: {format: tevreden_4}\n  w 2: {format: agree_5}"),
        ("cijfer:", "items.w 2", "a letter, then letters", "`w 2`", ""),
    ),
    "unknown item": (
        ("      - k2", "      - k22"),
        ("      - k2", "scales.mogen.items[1]", "under `items`", "`k22`", "`k2`"),
    ),
    "variable among the items": (
        ("      - k2", "      - toets"),
        ("      - k2", "scales.mogen.items[1]", "under `items`", "`toets`", "write `score`"),
    ),
    "item twice": (
        ("      - k2", "      - k2\n      - k1"),
        ("min_answered: 2", "scales.mogen.items[2]", "each item once", "`k1` again", ""),
    ),
    "more answers than items": (
        ("min_answered: 2", "min_answered: 3"),
        ("min_answered: 2", "scales.mogen.min_answered", "from 1 to 2", "3", ""),
    ),
    "no answers": (
        ("min_answered: 2", "min_answered: 0"),
        ("min_answered: 2", "scales.mogen.min_answered", "from 1 to 2", "0", ""),
    ),
    "min_answered in words": (
        ("min_answered: 2", "min_answered: most"),
        ("min_answered: 2", "scales.mogen.min_answered", "a whole number or 'half' or 'all'", "`most`", ""),
    ),
    "neither items nor score": (
        ("    items: [w1]\n", ""),
        ("  willen:", "scales.willen", "either `items` or a `score`", "neither", ""),
    ),
    "items and score": (
        ("construct: kunnen, score: toets}", "construct: kunnen, score: toets, items: [k1]}"),
        ("score: toets", "scales.kunnen", "either `items` or a `score`", "both", ""),
    ),
    "unknown score": (
        ("score: toets", "score: toest"),
        ("score: toets", "scales.kunnen.score", "under `variables`", "`toest`", "`toets`"),
    ),
    "item as score": (
        ("score: toets", "score: cijfer"),
        ("score: toets", "scales.kunnen.score", "under `variables`", "`cijfer`", "write `items`"),
    ),
    "score that is no number": (
        ("score: toets", "score: sector"),
        ("score: toets", "scales.kunnen.score", "kind number", "kind category", "`kind: number`"),
    ),
    "score without range": (
        ("score: toets", "score: leeftijd"),
        (
            "score: toets",
            "scales.kunnen.score",
            "lowest and highest",
            "`leeftijd` without",
            "variables.leeftijd",
        ),
    ),
    "construct misspelt": (
        ("construct: mogen", "construct: moggen"),
        ("construct: mogen", "scales.mogen.construct", "'mogen'", "`moggen`", "`mogen`"),
    ),
    "scale named after another construct": (
        ("construct: mogen", "construct: other"),
        (
            "construct: mogen",
            "scales.mogen.construct",
            "mogen, for a scale of that name",
            "`other`",
            "Rename",
        ),
    ),
    "items of different ranges": (
        ("      - k2", "      - w1"),
        ("# of mogen", "scales.mogen.items", "one range", "1 to 5 and 1 to 4", ""),
    ),
    "item on a format without end": (
        ("w1: {format: tevreden_4}", "w1: {format: uren}"),
        ("w1: {", "items.w1.format", "lowest and highest, for an item of a scale", "leaves one open", ""),
    ),
    "reversed item on a format without end": (
        ("cijfer: {format: mark_10}", "cijfer: {format: uren, reverse: true}"),
        ("cijfer:", "items.cijfer.format", "lowest and highest, for a reversed item", "leaves one open", ""),
    ),
    "two names for one column": (
        ("cijfer: {format: mark_10}", "cijfer: {format: mark_10, column: Q2}"),
        ("cijfer:", "items.cijfer", "a column that nothing else names", "`Q2`, already that of `k2`", "once"),
    ),
    "an alias that is another's column": (
        ("sector: {column: Branche}", "sector: {column: Branche, aliases: [vraag 2]}"),
        ("sector:", "variables.sector", "a column that nothing else names", "`vraag 2`, already", ""),
    ),
    "a role that names a declared column": (
        ("organisation: bedrijf", "organisation: Branche"),
        (
            "organisation:",
            "roles.organisation",
            "nothing else names",
            "already that of `sector`",
            "Write `sector`",
        ),
    ),
    "item and variable of one name": (
        ("  leeftijd: {kind", "  k1: {column: x}\n  leeftijd: {kind"),
        ("leeftijd:", "variables.k1", "a name of its own", "an item too", ""),
    ),
    "a role played by an item": (
        ("organisation: bedrijf", "organisation: k1"),
        ("organisation:", "roles.organisation", "a variable or a column", "`k1`, which is an item", ""),
    ),
    "a role misspelt": (
        ("organisation: bedrijf", "organization: bedrijf"),
        (
            "organisation:",
            "roles.organization",
            "one of the keys respondent, organisation",
            "",
            "`organisation`",
        ),
    ),
    "one variable in two roles": (
        ("organisation: bedrijf", "organisation: bedrijf\n  team: bedrijf"),
        ("weight:", "roles.team", "a variable of its own", "already organisation", ""),
    ),
    "a weight that is no number": (
        ("weight: gewicht", "weight: sector"),
        ("weight:", "roles.weight", "kind number", "`sector`", "`kind: number`"),
    ),
    "a control twice": (
        ("controls: [sector, leeftijd]", "controls: [sector, leeftijd, sector]"),
        ("controls:", "roles.controls[2]", "each control once", "`sector` again", ""),
    ),
    "a scale as control": (
        ("controls: [sector, leeftijd]", "controls: [sector, mogen]"),
        ("controls:", "roles.controls[1]", "a variable or a column", "`mogen`, which is a scale", ""),
    ),
    "an identifier as control": (
        ("sector: {column: Branche}", "sector: {column: Branche, kind: identifier}"),
        ("controls:", "roles.controls[0]", "a number or a category", "an identifier", ""),
    ),
    "the firm as control": (
        ("controls: [sector, leeftijd]", "controls: [sector, bedrijf]"),
        ("controls:", "roles.controls[1]", "a number or a category", "the role organisation", "`cluster`"),
    ),
    "a scale with the name of a column of scores": (
        ("  kunnen_zelf:", "  weight:"),
        ("kunnen_zelf:", "scales.weight", "another name", "the column of role weight", ""),
    ),
    "a control with the name of a column of scores": (
        ("controls: [sector, leeftijd]", "controls: [sector, weight]"),
        ("controls:", "roles.controls[1]", "another name", "the column of role weight", ""),
    ),
    "built-in name for an own format": (
        ("  uren: {lowest: 0}", "  agree_5: {lowest: 0}"),
        ("  uren:", "formats.agree_5", "a name of its own", "which is built in", "Rename"),
    ),
    "one label for two answers": (
        ("tevreden, zeer tevreden]", "Ontevreden., zeer tevreden]"),
        (
            "  tevreden_4:",
            "formats.tevreden_4",
            "each label for one answer",
            "`Ontevreden.` for 2 and for 3",
            "",
        ),
    ),
    "a label that is another answer's number": (
        ("tevreden, zeer tevreden]", "tevreden, 1]"),
        ("  tevreden_4:", "formats.tevreden_4", "no other answer's number", "`1` as a label of 4", ""),
    ),
    "an empty label": (
        ("tevreden, zeer tevreden]", "tevreden, '']"),
        ("  tevreden_4:", "formats.tevreden_4", "labels with a text", "an empty label of 4", ""),
    ),
    "languages that do not match": (
        ("zeer tevreden]}", "zeer tevreden], en: [low, high]}"),
        ("  tevreden_4:", "formats.tevreden_4", "as many labels in each language", "nl 4, en 2", ""),
    ),
    "a range for a category": (
        ("sector: {column: Branche}", "sector: {column: Branche, lowest: 1}"),
        ("sector:", "variables.sector", "a number only", "kind category", "`kind: number`"),
    ),
    "a range of nothing": (
        ("lowest: 0, highest: 50", "lowest: 50, highest: 50"),
        ("toets:", "variables.toets", "below the highest", "50 and 50", ""),
    ),
    "a score with one end": (
        ("lowest: 0, highest: 50", "lowest: 0"),
        ("score: toets", "scales.kunnen.score", "lowest and highest", "`toets` without", "variables.toets"),
    ),
    "a control with the name of a scale": (
        ("controls: [sector, leeftijd]", "controls: [sector, kunnen]"),
        ("controls:", "roles.controls[1]", "a variable or a column", "`kunnen`, which is a scale", ""),
    ),
    "a range upside down": (
        ("lowest: 0, highest: 50", "lowest: 50, highest: 0"),
        ("toets:", "variables.toets", "below the highest", "50 and 0", ""),
    ),
    "a decimal comma in the codebook": (
        ("lowest: 0, highest: 50", "lowest: '0,5', highest: 50"),
        ("toets:", "variables.toets.lowest", "a decimal point", "`0,5`", ""),
    ),
    "a missing code that is an answer": (
        ("n.v.t.: does_not_apply", "'5': does_not_apply"),
        ("n.v.t.", "items.k2.missing_codes.5", "a code that is no answer", "`5`, which is one", ""),
    ),
    "a missing label that is an answer": (
        ("n.v.t.: does_not_apply", "Neutraal: does_not_apply"),
        ("n.v.t.", "items.k2.missing_codes.Neutraal", "a code that is no answer", "`Neutraal`", ""),
    ),
    "a missing code for all columns that is an answer of some": (
        ("99: refused", "9: refused"),
        (
            "missing_codes:",
            "missing_codes.9",
            "no answer anywhere",
            "answer of `cijfer` and 1 more",
            "under the items",
        ),
    ),
    "a missing code at the end of a range": (
        ("lowest: 0, highest: 50}", "lowest: 0, highest: 50, missing_codes: {50: refused}}"),
        ("toets:", "variables.toets.missing_codes.50", "a code that is no answer", "`50`, which is one", ""),
    ),
    "a missing code at the start of a range": (
        ("lowest: 0, highest: 50}", "lowest: 0, highest: 50, missing_codes: {0: refused}}"),
        ("toets:", "variables.toets.missing_codes.0", "a code that is no answer", "`0`, which is one", ""),
    ),
    "a missing code of one item with two reasons": (
        ("n.v.t.: does_not_apply", "n.v.t.: does_not_apply, N.V.T: refused"),
        ("n.v.t.", "items.k2.missing_codes.N.V.T", "one reason a code", "two reasons", ""),
    ),
    "a missing code with two reasons": (
        ("99: refused", "Weet niet.: refused"),
        ("missing_codes:", "missing_codes.Weet niet.", "one reason a code", "two reasons", ""),
    ),
    "an unknown section": (
        ("variables:", "variabels:"),
        ("variables:", "variabels", "one of the keys codebook, title", "`variabels`", "`variables`"),
    ),
    "another version": (
        ("codebook: 1", "codebook: 2"),
        (
            "codebook:",
            "codebook",
            "version 1, the one that this si_research understands",
            "version `2`",
            "Install",
        ),
    ),
    "a tag": (
        ("title: Proef", "title: !secret Proef"),
        ("title:", "title", "plain values", "the tag `!secret`", "Remove"),
    ),
}


# A section that is not recognised leaves everything that refers to it without a name.
WITH_CONSEQUENCES = {"an unknown section"}


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_each_mistake_is_one_problem_with_its_line(written: Path, mistake: str) -> None:
    (old, new), (marker, where, *parts) = MISTAKES[mistake]
    assert old in SOUND
    written.write_text(SOUND.replace(old, new, 1), "utf-8")
    problems = problems_of(written)
    problem = next(problem for problem in problems if problem.where == where)
    assert len(problems) == 1 or mistake in WITH_CONSEQUENCES, problems
    assert problem.line == line_with(marker)
    for text, part in zip((problem.expected, problem.found, problem.todo), parts, strict=True):
        assert part in text


def test_a_control_may_not_be_called_as_a_scale(written: Path) -> None:
    written.write_text(SOUND.replace("leeftijd", "mogen"), "utf-8")
    assert [(problem.where, problem.found) for problem in problems_of(written)] == [
        ("roles.controls[1]", "`mogen`, which is a scale too")
    ]


def test_one_item_that_a_code_hurts_is_named_alone(written: Path) -> None:
    text = SOUND.replace("99: refused", "8: refused").replace(
        "lowest: 0, highest: 50", "lowest: 20, highest: 50"
    )
    written.write_text(text, "utf-8")
    (problem,) = problems_of(written)
    assert problem.found == "`8`, which is an answer of `cijfer`"


def test_all_problems_come_at_once_in_the_order_of_the_file(written: Path) -> None:
    text = SOUND
    at_once = (
        "unknown format",
        "misspelt key",
        "key twice",
        "unknown item",
        "min_answered in words",
        "a control twice",
    )
    for mistake in at_once:
        (old, new), _ = MISTAKES[mistake]
        text = text.replace(old, new, 1)
    written.write_text(text, "utf-8")
    problems = problems_of(written)
    assert [problem.where for problem in problems] == [
        "items.k2.column",
        "items.k2.reversed",
        "items.cijfer.format",
        "scales.mogen.items[1]",
        "scales.mogen.min_answered",
        "roles.controls[2]",
    ]
    lines = [problem.line for problem in problems]
    assert lines == sorted(lines, key=int)


def test_the_message_has_four_parts_and_a_line_for_each_problem(written: Path) -> None:
    written.write_text(
        SOUND.replace("mark_10", "mark10").replace("weight: gewicht", "weigth: gewicht"), "utf-8"
    )
    with pytest.raises(CodebookError) as caught:
        read_codebook(written)
    message = str(caught.value).splitlines()
    assert [line.split(":")[0].strip() for line in message[:4]] == [
        "expected",
        "found",
        "where",
        "what to do",
    ]
    assert "2 problems" in message[1]
    assert message[2] == "where:      codebook.yml"  # no folder of this machine
    assert message[4] == (
        f"  - line {line_with('cijfer:')}, items.cijfer.format: "
        "expected a built-in format or one under `formats`; found `mark10`. Did you mean `mark_10`?"
    )
    assert "`weight`?" in message[5]


def test_a_word_that_stands_for_two_values_of_a_category_is_named() -> None:
    job = Variable(labels={"1": "monteur", "2": "stagiair"}, spellings={"2": ("Trainee", "Monteur")})
    codebook = Codebook(title="One category", variables={"job": job}, scales={})
    (finding,) = [each for each in findings_in(codebook) if each.steps[0] == "variables"]
    assert finding.steps == ("variables", "job", "spellings")
    assert finding.found == "`Monteur` for `1` and for `2`"
