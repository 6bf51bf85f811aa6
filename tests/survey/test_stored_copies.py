"""Several files with the same numbers: downloads of one form, or a form for each department."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import CodebookError, SurveyDataError
from si_research.survey.cleaning import CleaningRules, SystemRows, clean_survey
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.reading.several import read_surveys
from si_research.survey.replay import replay
from si_research.survey.survey_data import Survey
from tool_exports import qualtrics

ITEMS = ("Ik kan dat", "Ik wil dat", "Ik mag dat", "Ik doe dat")
LIMESURVEY = ("Response ID", "Date submitted", "Last page", "Start language", "Seed")
MICROSOFT = ("ID", "Start time", "Completion time", "Email", "Name")


def book(number: str | None = None) -> Codebook:
    items = {f"k{n}": Item(column=text, format="agree_5") for n, text in enumerate(ITEMS, 1)}
    variables = {"nr": Variable(column=number, kind="identifier")} if number else {}
    return Codebook(
        title="x",
        items=items,
        variables=variables,
        scales={"kunnen": Scale(construct="kunnen", items=tuple(items))},
        roles=Roles(respondent="nr") if number else Roles(),
    )


def answers(person: int) -> list[str]:
    return [str(person * step % 7 % 5 + 1) for step in (1, 2, 3, 5)]


def write(path: Path, header: tuple[str, ...], rows: list[list[str]]) -> Path:
    path.write_text("\n".join(",".join(row) for row in [[*header, *ITEMS], *rows]) + "\n")
    return path


def limesurvey(path: Path, people: range, first: int = 1, seed: bool = True) -> Path:
    """Responses numbered from ``first`` on; people never share a seed."""
    rows = [
        [
            str(n),
            "2026-01-10 10:00:00",
            "5",
            "nl",
            *([str(10**8 + 7919 * person)] if seed else []),
            *answers(person),
        ]
        for n, person in enumerate(people, first)
    ]
    return write(path, LIMESURVEY if seed else LIMESURVEY[:-1], rows)


def cleaned(
    paths: list[Path], codebook: Codebook | None = None, rules: CleaningRules | None = None
) -> Survey:
    codebook = codebook or book()
    survey = clean_survey(read_surveys(paths, codebook), codebook, rules)
    again = replay(survey.ledger, paths[::-1], codebook)
    pd.testing.assert_frame_equal(again.values, survey.values)
    return survey


@pytest.mark.parametrize("number", [None, "Response ID"])
def test_two_departments_that_each_count_from_1_are_both_kept(tmp_path: Path, number: str | None) -> None:
    paths = [limesurvey(tmp_path / "a.csv", range(80)), limesurvey(tmp_path / "b.csv", range(80, 160))]
    survey = cleaned(paths, book(number))
    assert len(survey.values) == 160
    step = survey.ledger.steps.set_index("step").loc["system_rows"]
    assert step["rule"].endswith("of one number in several files, and kept as other people: 160")


@pytest.mark.parametrize("number", [None, "Response ID"])
def test_downloads_of_one_form_count_once(tmp_path: Path, number: str | None) -> None:
    paths = [
        limesurvey(tmp_path / "a.csv", range(30)),
        limesurvey(tmp_path / "b.csv", range(10, 60), first=11),
    ]
    assert list(cleaned(paths, book(number)).values.index) == [*range(1, 11), *range(31, 81)]


@pytest.mark.parametrize(("people", "n"), [(range(40), 40), (range(100, 140), 70)])
def test_without_a_seed_all_answers_tell(tmp_path: Path, people: range, n: int) -> None:
    paths = [
        limesurvey(tmp_path / "a.csv", range(30), seed=False),
        limesurvey(tmp_path / "b.csv", people, seed=False),
    ]
    if n == 70:
        rows = [[str(nr), "2026-01-10 10:00:00", "5", "nl", "1", "5", "1", "5"] for nr in range(1, 41)]
        write(paths[1], LIMESURVEY[:-1], rows)
    assert len(cleaned(paths).values) == n


def test_what_is_not_clear_is_asked(tmp_path: Path) -> None:
    """Half of the numbers have the same answers in both files."""
    first = limesurvey(tmp_path / "a.csv", range(20), seed=False)
    lines = first.read_text().splitlines()
    other = [line[:-7] + "1,5,1,5" if n % 2 else line for n, line in enumerate(lines[1:])]
    second = tmp_path / "b.csv"
    second.write_text("\n".join([lines[0], *other]) + "\n")
    with pytest.raises(SurveyDataError, match=r"(?s)40 that share a number.*response_within: survey"):
        cleaned([first, second])
    for within, n in (("survey", 20), ("file", 40)):
        rules = CleaningRules.model_validate({"system_rows": {"response_within": within}})
        assert len(cleaned([first, second], rules=rules).values) == n


def test_one_start_with_other_answers_at_another_time_is_asked(tmp_path: Path) -> None:
    paths = []
    for name, minute, step in (("a", 10, 0), ("b", 40, 1)):
        rows = [
            [
                str(n),
                f"2026-01-{n:02d} 09:00:00",
                f"2026-01-{n:02d} 09:{minute}:00",
                "anonymous",
                "",
                *answers(n + step),
            ]
            for n in range(1, 11)
        ]
        paths.append(write(tmp_path / f"{name}.csv", MICROSOFT, rows))
    with pytest.raises(SurveyDataError, match="20 that share a number"):
        cleaned(paths)


def google(path: Path, people: range, form: str = "{:02d}") -> Path:
    rows = [[f"2026/05/{1 + n // 20:02d} 10:{n % 20:02d}:07 AM GMT+2", *answers(n)] for n in people]
    return write(path, ("Timestamp",), rows)


def test_without_numbers_a_row_with_its_time_counts_once(tmp_path: Path) -> None:
    paths = [google(tmp_path / "a.csv", range(10)), google(tmp_path / "b.csv", range(20))]
    survey = cleaned(paths)
    assert len(survey.values) == 20
    step = survey.ledger.steps.set_index("step").loc["system_rows"]
    assert (step["rows_before"], step["rows_after"]) == (30, 20)
    rules = CleaningRules(system_rows=SystemRows(downloads="keep_all"))
    assert len(cleaned(paths, rules=rules).values) == 30


def plain(path: Path, people: range, name: str | None = None) -> Path:
    header = (name,) if name else ("team",)
    return write(path, header, [[str(n) if name else f"t{n}", *answers(n)] for n in people])


def test_a_plain_table_that_holds_another_counts_once(tmp_path: Path) -> None:
    paths = [plain(tmp_path / "a.csv", range(30)), plain(tmp_path / "b.csv", range(50))]
    assert len(cleaned(paths).values) == 50


def test_people_who_happen_to_agree_are_kept(tmp_path: Path) -> None:
    paths = [plain(tmp_path / "a.csv", range(30)), plain(tmp_path / "b.csv", range(28, 90))]
    assert len(cleaned(paths).values) == 92


def test_rows_that_look_alike_are_asked(tmp_path: Path) -> None:
    """Four answers of five options: within a file people agree by chance, and one file is in the other."""
    paths = [write(tmp_path / f"{n}.csv", (), [answers(p) for p in range(n)]) for n in (40, 60)]
    with pytest.raises(SurveyDataError, match="keep_all"):
        cleaned(paths)


def test_numbers_of_a_plain_table_that_begin_again_are_asked(tmp_path: Path) -> None:
    first = plain(tmp_path / "a.csv", range(1, 31), "nr")
    second = write(tmp_path / "b.csv", ("nr",), [[str(n), *answers(n + 1)] for n in range(1, 31)])
    with pytest.raises(SurveyDataError, match=r"(?s)30 numbers in several files.*respondent_within: file"):
        cleaned([first, second], book("nr"))
    rules = CleaningRules(respondent_within="file")
    assert len(cleaned([first, second], book("nr"), rules).values) == 60
    rules = CleaningRules(respondent_within="survey")
    assert len(cleaned([first, second], book("nr"), rules).values) == 30


def qualtrics_file(path: Path, turned: range, words: bool) -> Path:
    """Forty responses, as text or as numbers; the numbers of some are turned."""
    labels = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
    rows = []
    for person in range(40):
        numbers = [int(cell) for cell in answers(person)]
        first = 6 - numbers[0] if person in turned else numbers[0]
        cells = [labels[n - 1] for n in numbers] if words else [str(n) for n in (first, *numbers[1:])]
        rows.append(["2026-01-05", "0", "", "100", "1", f"R_{person}", *cells])
    path.write_text(qualtrics(rows, [(text, f"{text} hier", f"QID{n}") for n, text in enumerate(ITEMS, 1)]))
    return path


def test_texts_and_numbers_that_contradict_each_other_are_refused_by_item(tmp_path: Path) -> None:
    texts = qualtrics_file(tmp_path / "texts.csv", range(0), words=True)
    numbers = qualtrics_file(tmp_path / "numbers.csv", range(40), words=False)
    with pytest.raises(CodebookError) as raised:
        read_surveys([texts, numbers], book())
    (problem,) = raised.value.problems
    middle = sum(answers(person)[0] == "3" for person in range(40))
    assert (problem.where, problem.found.split(" responses")[0]) == (
        "k1",
        f"another answer for {40 - middle} of the 40",
    )
    assert len(cleaned([texts, qualtrics_file(numbers, range(0), words=False)]).values) == 40
    assert len(cleaned([texts, qualtrics_file(numbers, range(1, 3), words=False)]).values) == 40
