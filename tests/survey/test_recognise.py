"""Which tool wrote this table: small exports in the form of each tool, made up here."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions, SourceTool
from si_research.survey.reading import read_raw
from si_research.survey.reading.detect import separator_of
from si_research.survey.reading.layout import plain_layout
from si_research.survey.reading.recognise import TOOLS
from tool_exports import qualtrics

MADE: dict[SourceTool, tuple[str, dict[str, str], int]] = {
    "qualtrics": (
        qualtrics(
            [["2026-01-05 10:00:00", "0", "10.0.0.1", "100", "1", "R_1", "4", "12.5"]],
            [
                ("Q1_1", "I may\ntry things - mine", "QID1_1"),
                ("Q2_First Click", "Timing", "QID2_FIRST_CLICK"),
            ],
        ),
        {
            "StartDate": "started",
            "Status": "status",
            "IPAddress": "ip_address",
            "Progress": "progress",
            "Finished": "finished",
            "ResponseId": "respondent",
            "Q2_First Click": "timing",
        },
        1,
    ),
    "limesurvey": (
        "id,submitdate,lastpage,startlanguage,K[SQ001],K[SQ002],interviewtime,groupTime12,KTime,myTime\n"
        "7,2026-01-05 10:00:00,3,nl,A4,A2,80.5,40,20,9\n8,,1,nl,A1,,10,4,,\n",
        {
            "id": "respondent",
            "submitdate": "submitted",
            "lastpage": "page",
            "startlanguage": "language",
            "interviewtime": "duration",
            "groupTime12": "timing",
            "KTime": "timing",
        },
        2,
    ),
    "surveymonkey": (
        "Respondent ID,Collector ID,Start Date,IP Address,My work lets me,,How long?\n"
        ",,,,try things,ask others,Open-Ended Response\n"
        "901,1,01/05/2026,10.0.0.1,Agree,Disagree,2 years\n",
        {
            "Respondent ID": "respondent",
            "Collector ID": "other",
            "Start Date": "started",
            "IP Address": "ip_address",
        },
        1,
    ),
    "unipark": (
        "lfdn;external_lfdn;tester;dispcode;lastpage;v_1;v_2;duration;rts111\n"
        "5;0;0;31;200;4;2;300;17\n6;0;0;22;100;1;-77;20;9\n",
        {
            "lfdn": "respondent",
            "external_lfdn": "other",
            "tester": "status",
            "dispcode": "finished",
            "lastpage": "page",
            "duration": "duration",
            "rts111": "timing",
        },
        2,
    ),
    "kobotoolbox": (
        "start;end;deviceid;kunnen/k1;_id;_uuid;_submission_time;_index\n"
        "2026-01-05T10:00;2026-01-05T10:09;ab;4;31;u-1;2026-01-05T10:09;1\n",
        {
            "start": "started",
            "end": "submitted",
            "deviceid": "device",
            "_id": "respondent",
            "_uuid": "other",
            "_submission_time": "recorded",
            "_index": "other",
        },
        1,
    ),
    "microsoft_forms": (
        "Id,Begintijd,Tijd van voltooien,E-mail,Naam,Ik kan het,Name\n"
        "1,1/5/26 10:00,1/5/26 10:09,anonymous,,Mee eens,x\n",
        {
            "Id": "respondent",
            "Begintijd": "started",
            "Tijd van voltooien": "recorded",
            "E-mail": "email",
            "Naam": "name",
        },
        1,
    ),
    "google_forms": (
        "Tijdstempel,E-mailadres,Ik kan het [mijn werk],Score\n5-1-2026 10:00:00,a@b.nl,Mee eens,4\n",
        {"Tijdstempel": "recorded", "E-mailadres": "email"},
        1,
    ),
}


@pytest.mark.parametrize("tool", MADE)
def test_each_tool_is_recognised_says_how_and_names_its_own_columns(tmp_path: Path, tool: SourceTool) -> None:
    text, roles, n_rows = MADE[tool]
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    raw = read_raw(tmp_path / "export.csv")
    assert raw.facts.tool == tool
    assert raw.roles == roles
    assert len(raw.frame) == n_rows
    assert tool.replace("_", " ") in raw.facts.detected[0].casefold()
    stated = read_raw(tmp_path / "export.csv", SourceOptions(tool=tool))
    assert stated.frame.equals(raw.frame)
    plain = read_raw(tmp_path / "export.csv", SourceOptions(tool="plain"))
    assert plain.facts.tool == "plain"
    assert not plain.roles


@pytest.mark.parametrize("tool", MADE)
def test_a_stated_tool_that_did_not_write_the_file_is_refused(tmp_path: Path, tool: SourceTool) -> None:
    (tmp_path / "export.csv").write_text("k1,k2\n1,2\n")
    with pytest.raises(SurveyDataError, match=f"expected:   an export of {tool}"):
        read_raw(tmp_path / "export.csv", SourceOptions(tool=tool))


def test_questions_of_a_header_in_two_rows_carry_their_part(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(MADE["surveymonkey"][0])
    raw = read_raw(tmp_path / "export.csv")
    assert list(raw.frame)[4:] == [
        "My work lets me | try things",
        "My work lets me | ask others",
        "How long?",
    ]


def test_qualtrics_keeps_the_question_on_one_line_and_the_legacy_form_too(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(MADE["qualtrics"][0])
    new = read_raw(tmp_path / "new.csv")
    assert new.texts["Q1_1"] == "I may try things - mine"
    assert new.facts.header_row == 1
    (tmp_path / "old.csv").write_text(
        'V1,V5,V8,V10,Q1_1\nResponseID,EmailAddress,StartDate,Finished,"I may, try"\nR_1,a@b.nl,2026,1,4\n'
    )
    old = read_raw(tmp_path / "old.csv")
    assert list(old.frame) == ["ResponseID", "EmailAddress", "StartDate", "Finished", "Q1_1"]
    assert old.texts["Q1_1"] == "I may, try"
    assert old.frame["Q1_1"].tolist() == ["4"]


def test_a_column_that_ends_like_a_timing_is_one_only_beside_its_question(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(MADE["limesurvey"][0])
    assert "myTime" not in read_raw(tmp_path / "export.csv").roles


@pytest.mark.parametrize(
    ("rows", "header_row", "first_row", "names"),
    [
        ([["a", "b"], ["1", "2"]], 1, 2, ("a", "b")),
        (
            [["Results"], ["made in 2026", ""], [], ["a", "b", "c", "d"], ["1", "2", "3", "4"]],
            4,
            5,
            ("a", "b", "c", "d"),
        ),
        (
            [
                ["T"],
                ["Firm", "Year", "Work", "", "", ""],
                ["", "", "B1", "B2", "B3", "B4"],
                ["x", "1", "2", "3", "4", "5"],
            ],
            2,
            4,
            ("Firm", "Year", "B1", "B2", "B3", "B4"),
        ),
        ([["a", "b", "c", "", ""], ["x", "1", "2", "3", "4"]], 1, 2, ("a", "b", "c", "", "")),
        ([["a"], ["x"]], 1, 2, ("a",)),
    ],
    ids=["plain", "titles", "two rows", "nameless columns", "one column"],
)
def test_the_header_of_a_plain_table(
    rows: list[list[str]], header_row: int, first_row: int, names: tuple[str, ...]
) -> None:
    layout = plain_layout(rows)
    assert layout is not None
    assert (layout.header_row, layout.first_row, layout.names) == (header_row, first_row, names)


def test_rows_above_the_header_of_a_text_file_are_passed_over_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Resultaten 2026\n\nk1;k2;k3;k4\n1;2;3;4\n5;6;7;8\n")
    raw = read_raw(tmp_path / "a.csv")
    assert raw.frame.to_dict("list") == {
        "k1": ["1", "5"],
        "k2": ["2", "6"],
        "k3": ["3", "7"],
        "k4": ["4", "8"],
    }
    assert raw.facts.detected[0] == "column names on row 3, below 2 rows of titles"


def test_titles_above_a_narrow_table_are_no_header() -> None:
    rows = [
        ["Enquête innovatie 2024", "", ""],
        ["Afdeling P&O", "", ""],
        [],
        ["nr", "k1", "k2"],
        ["1", "4", "5"],
    ]
    layout = plain_layout(rows)
    assert layout is not None
    assert (layout.header_row, layout.first_row, layout.names) == (4, 5, ("nr", "k1", "k2"))
    lonely = plain_layout([["Ik kan dit", ""], ["4", "5"], ["3", "2"]])
    assert lonely is not None
    assert (lonely.header_row, lonely.names) == (1, ("Ik kan dit", "")), "a question is not a title"


QUALTRICS = ["StartDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId", "Q1"]


@pytest.mark.parametrize(
    "texts",
    [
        ["Start Date", "Response Type", "Progress", "Finished", "Recorded Date", "Response ID", "Ik kan dit"],
        [
            "Startdatum",
            "Reactietype",
            "Voortgang",
            "Voltooid",
            "Registratiedatum",
            "Reactie-ID",
            "Ik kan dit",
        ],
    ],
)
def test_qualtrics_with_questions_and_without_import_ids_has_no_respondent_made_of_them(
    texts: list[str],
) -> None:
    answers = ["2024-05-01 09:00:00", "0", "100", "1", "2024-05-01 09:05:00", "R_1", "4"]
    layout = TOOLS["qualtrics"]([QUALTRICS, texts, answers])
    assert layout is not None
    assert (layout.first_row, layout.texts[-1], layout.roles[-2]) == (3, "Ik kan dit", "respondent")
    bare = TOOLS["qualtrics"]([QUALTRICS, answers])
    assert bare is not None
    assert bare.first_row == 2


def test_signs_between_quotes_and_below_the_header_do_not_separate() -> None:
    quoted = "".join(f'"2024/05/{day:02d}","E-mail;Telefoon;Chat",{day % 5}\n' for day in range(1, 21))
    assert separator_of('Timestamp,"Welke middelen?","Ik kan dit"\n' + quoted) == ","
    bare = "".join(f"2024/05/{day:02d},E-mail;Telefoon;Chat,{day % 5}\n" for day in range(1, 21))
    assert separator_of("Timestamp,Welke middelen?,Ik kan dit\n" + bare) == ","
    assert separator_of("nr;uren;fte\n" + "1;37,5;0,8\n" * 20) == ";"
