"""What a file tells too little of is left out of a diagnosis, or refused with the right words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from firms_with_teams import pages, table_of
from si_research.study.diagnose import diagnose_study
from si_research.study.output import hashes_below
from small_survey import LABELS, change_text, with_column


def test_teams_of_one_person_are_left_out_and_the_page_says_so(small_study: Path) -> None:
    firms = table_of(diagnose_study(small_study))
    with_column(small_study / "survey.csv", "ploeg", lambda row: f"team {max(row, 5)}")
    change_text(small_study / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, team: ploeg")
    done = diagnose_study(small_study)
    assert table_of(done) == firms
    for text in pages(done).values():
        assert "Het niveau team is weggelaten: te weinig mensen delen een team." in text


@pytest.mark.parametrize(
    ("answer", "said", "todo"),
    [
        (lambda firm, item: LABELS[3], "the same score everywhere", "look at the answers"),
        (
            lambda firm, item: LABELS[firm // (item + 1) % 5],
            "for all people of each unit",
            "scores of people",
        ),
        (lambda firm, item: "", "no score at all", "look at the answers"),
    ],
)
def test_a_condition_that_tells_nothing_of_people_is_refused(
    small_study: Path,
    si_research: Callable[..., Result],
    answer: Callable[[int, int], str],
    said: str,
    todo: str,
) -> None:
    survey = small_study / "survey.csv"
    header, *rows = (line.split(";") for line in survey.read_text("utf-8").splitlines())
    for row in rows:
        row[8:11] = [answer(int(row[1][1:]), item) for item in range(3)]
    survey.write_text("\n".join(map(";".join, [header, *rows])) + "\n", "utf-8")
    assert header[8:11] == ["m1", "m2", "m3"]
    before = hashes_below(small_study)
    done = si_research("diagnose", small_study)
    assert (done.exit_code, hashes_below(small_study)) == (3, before), done.stderr
    assert said in done.stderr
    assert todo in done.stderr


@pytest.mark.parametrize("n_firms", [1, 8])
def test_with_few_organisations_no_bottleneck_is_named_and_the_pages_begin_with_why(
    small_study: Path, n_firms: int
) -> None:
    survey = small_study / "survey.csv"
    header, *rows = (line.split(";") for line in survey.read_text("utf-8").splitlines())
    for row in rows:
        row[1] = f"B{int(row[1][1:]) % n_firms}"
        row[8:11] = [LABELS[max(LABELS.index(each) - 2, 0)] if each in LABELS else each for each in row[8:11]]
    survey.write_text("\n".join(map(";".join, [header, *rows])) + "\n", "utf-8")
    done = diagnose_study(small_study, language="en")
    told = table_of(done)
    assert {row["bottleneck"] for row in told} == {"not_distinguishable"}
    assert max(float(row["p_bottleneck"]) for row in told) > 0.8
    for text in pages(done).values():
        first = text[text.index("<main>") : text.index("</section>")]
        assert "With fewer than 10 organisations it is not known how sure it is" in first
        assert "◆" not in text and 'class="mark lowest"' not in text and ">lowest<" not in text
        assert "no condition has a probability" not in text and "no single clear bottleneck<" not in text
    beside = [text for text in pages(done).values() if "Beside the average of all organisations" in text]
    assert bool(beside) is (n_firms == 8)
    for name, text in pages(done).items():
        drawn = name != "index.html" and 'class="average"' in text
        assert drawn is (name != "index.html" and n_firms == 8)
        assert ">None<" not in text and "With 1 organisations" not in text
        assert ("The tick is the average" in text) is drawn
    assert ("Organisations in this file: 1;" in pages(done)["index.html"]) is (n_firms == 1)
    assert {row["bottleneck_normed"] for row in told} == {"not_distinguishable" if n_firms == 8 else ""}
    figures = [cell for row in told for cell in row.values() if re.fullmatch(r"-?\d*\.\d+", cell)]
    assert figures and max(len(cell.partition(".")[2]) for cell in figures) <= 3
