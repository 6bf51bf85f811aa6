"""Questions of which each option has a column, made up here: who chose none, and who never saw it."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.survey.choice_question import ChoiceQuestion
from si_research.survey.codebook import Codebook, Item, Variable
from si_research.survey.codebook_checks import findings_in
from si_research.survey.ledger import counts_of
from si_research.survey.reading import read_raw
from si_research.survey.reading.choices import ChoiceBlock, choice_blocks
from si_research.survey.reading.read import read_survey
from si_research.survey.replay import replay

MONKEY = (
    "Respondent ID,Start Date,How do you share ideas?,,,Rate us,\n"
    ",,In a meeting,By e-mail,Other (please specify),Price,Speed\n"
    "1,01/05/2026,In a meeting,,,Good,Good\n2,01/05/2026,,By e-mail,,Good,Bad\n3,01/05/2026,,,,,\n"
    "4,01/05/2026,,,at the bar,Bad,Good\n"
)
QUESTION = "How do you share ideas?"
NAMES = {"meeting": "In a meeting", "mail": "By e-mail"}


def codebook_with(*also: str) -> Codebook:
    return Codebook(
        title="Options",
        items={name: Item(column=f"{QUESTION} | {part}", format="yes_no") for name, part in NAMES.items()},
        variables={"own": Variable(column=f"{QUESTION} | Other (please specify)", kind="identifier")},
        multiple_choice=(ChoiceQuestion(items=("meeting", "mail"), also=also),),
        scales={},
    )


def write(folder: Path, text: str) -> Path:
    (folder / "a.csv").write_text(text, encoding="utf-8")
    return folder / "a.csv"


@pytest.mark.parametrize(
    ("also", "meeting", "mail", "n_filled"),
    [((), [1, 0, -1, -1], [0, 1, -1, -1], 2), (("own",), [1, 0, -1, 0], [0, 1, -1, 0], 4)],
)
def test_an_empty_option_is_a_no_only_where_the_question_was_answered(
    tmp_path: Path, also: tuple[str, ...], meeting: list[int], mail: list[int], n_filled: int
) -> None:
    path = write(tmp_path, MONKEY)
    survey = read_survey(path, codebook_with(*also))
    assert survey.values["meeting"].fillna(-1).tolist() == meeting
    assert survey.values["mail"].fillna(-1).tolist() == mail
    assert survey.reasons.loc[3, "mail"] == "unanswered"
    assert survey.reasons["mail"].isna().tolist() == [value >= 0 for value in mail]
    place = list(survey.ledger.steps["step"]).index("multiple_choice")
    assert counts_of(survey.ledger, place)["cells"] == {"not_chosen": n_filled}
    assert replay(survey.ledger, path, codebook_with(*also)).values.equals(survey.values)


def test_a_file_that_writes_its_own_no_is_left_alone(tmp_path: Path) -> None:
    text = "nr,a,b\n1,Ja,Nee\n2,Ja,\n3,,\n"
    codebook = Codebook(
        title="Options",
        items={"a": Item(format="yes_no"), "b": Item(format="yes_no")},
        multiple_choice=(ChoiceQuestion(items=("a", "b")),),
        scales={},
    )
    assert read_survey(write(tmp_path, text), codebook).values["b"].fillna(-1).tolist() == [0, -1, -1]


def test_options_are_found_and_ratings_are_not(tmp_path: Path) -> None:
    found = choice_blocks(read_raw(write(tmp_path, MONKEY)))
    columns = tuple(f"{QUESTION} | {part}" for part in NAMES.values())
    assert found == (ChoiceBlock(QUESTION, columns, "each holds its own option or nothing"),)


def test_options_of_limesurvey_are_found(tmp_path: Path) -> None:
    head = "id,submitdate,lastpage,startlanguage"
    text = f"{head},M[a],M[b],M[other],K[a],K[b]\n1,,1,nl,Y,,,A1,A2\n2,,1,nl,,Y,iets,A1,A1\n"
    (found,) = choice_blocks(read_raw(write(tmp_path, text)))
    assert (found.question, found.columns) == ("M", ("M[a]", "M[b]"))


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (("meeting", "absent"), "`absent`"),
        (("meeting", "k1"), "`k1`"),
        (("meeting", "meeting"), "`meeting` again"),
    ],
)
def test_options_that_cannot_be_options_are_named(items: tuple[str, ...], found: str) -> None:
    base = codebook_with()
    codebook = base.model_copy(
        update={
            "items": {**base.items, "k1": Item(format="agree_5")},
            "multiple_choice": (ChoiceQuestion(items=items),),
        }
    )
    assert [each.found for each in findings_in(codebook) if each.steps[0] == "multiple_choice"] == [found]


def test_kobo_writes_its_own_zeros_and_keeps_its_groups(tmp_path: Path) -> None:
    text = (
        "start;end;werk/hoe;werk/hoe/mail;werk/hoe/tel;_id;_uuid;_submission_time\n"
        "2026-01-05;2026-01-05;mail;1;0;1;u1;2026-01-05\n2026-01-05;2026-01-05;;;;2;u2;2026-01-05\n"
    )
    raw = read_raw(write(tmp_path, text))
    assert raw.facts.tool == "kobotoolbox"
    codebook = Codebook(
        title="Kobo",
        items={
            "mail": Item(column="werk/hoe/mail", format="yes_no"),
            "tel": Item(column="werk/hoe/tel", format="yes_no"),
        },
        multiple_choice=(ChoiceQuestion(items=("mail", "tel")),),
        scales={},
    )
    survey = read_survey(tmp_path / "a.csv", codebook)
    assert survey.values["tel"].fillna(-1).tolist() == [0, -1]
    assert survey.reasons.loc[2, "tel"] == "unanswered"
