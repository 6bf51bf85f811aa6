"""What a file tells too little of is left out of a diagnosis, or refused with the right words."""

from __future__ import annotations

from pathlib import Path

from firms_with_teams import pages, table_of
from si_research.study.diagnose import diagnose_study
from small_survey import change_text, with_column


def test_teams_of_one_person_are_left_out_and_the_page_says_so(small_study: Path) -> None:
    firms = table_of(diagnose_study(small_study))
    with_column(small_study / "survey.csv", "ploeg", lambda row: f"team {max(row, 5)}")
    change_text(small_study / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, team: ploeg")
    done = diagnose_study(small_study)
    assert table_of(done) == firms
    for text in pages(done).values():
        assert "Het niveau team is weggelaten: te weinig mensen delen een team." in text
