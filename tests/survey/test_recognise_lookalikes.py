"""Tables, made up here, that look like a tool's export and are none, or whose questions have its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.survey.reading import read_raw

PLAIN = {
    "id, name and language": "id,name,language,k1\n1,Jan,nl,4\n",
    "response id first, then questions": "Response ID,How old are you?,Last page\n1,30,2\n",
    "dates of work under LimeSurvey's words": "Startdatum,Starttaal,Laatste pagina,k1\n2020,nl,3,4\n",
    "limesurvey's id and two of its columns": "id,submitdate,lastpage,k1\n1,2026-01-05,3,4\n",
    "timestamp of a machine": "timestamp,username,score,k1\n1767600000,u1,3,4\n",
    "timestamp and codes": "Timestamp,k1,k2\n2026/01/05 10:00:00,4,5\n",
    "timestamp that is no moment": "Timestamp,How is it?\nmorning,good\n",
    "respondent id with answers below": "Respondent ID,Q1,Q2\n1,Response,5\n2,Other,4\n",
    "respondent id not in front": "Firm,Respondent ID,Q1\n,,Response\nA,1,4\n",
    "half of unipark": "lfdn,duration,quality,k1\n1,30,1,4\n",
    "half of kobo": "start,end,_id,k1\n2026,2027,3,4\n",
    "half of forms": "ID,Start time,Name,k1\n1,10:00,Jan,4\n",
    "half of qualtrics": "StartDate,Status,Finished,k1\n2026,x,1,4\n",
    "qualtrics names over three rows": 'StartDate,k1\n"Start Date",Mag het?\n2026,4\n',
}


@pytest.mark.parametrize("case", PLAIN)
def test_a_table_that_only_looks_like_an_export_is_plain(tmp_path: Path, case: str) -> None:
    (tmp_path / "a.csv").write_text(PLAIN[case], encoding="utf-8")
    raw = read_raw(tmp_path / "a.csv")
    assert raw.facts.tool == "plain"
    assert not raw.roles
    assert len(raw.frame) == len(PLAIN[case].splitlines()) - 1


SAME_NAMES = {
    "limesurvey under full texts": (
        "Respons ID,Datum verstuurd,Laatste pagina,Begin taal,Mag het?,Startdatum,IP-adres,Totaaltijd,"
        "Groep tijd: Werk\n1,2026-01-05,3,nl,4,2019,ja,7,6\n",
        ["Startdatum", "IP-adres"],
    ),
    "limesurvey in newer Dutch": (
        "Antwoord-ID,Datum ingestuurd,Laatste pagina,Starttaal,Mag het?,Startdatum\n1,2026,3,nl,4,2019\n",
        ["Startdatum"],
    ),
    "limesurvey under codes": (
        "id,submitdate,lastpage,startlanguage,k1,token,startdate,interviewtime\n1,2026-01-05,3,nl,4,a,2019,7\n",
        ["token", "startdate"],
    ),
    "surveymonkey": (
        "Respondent ID,Start Date,When did you start?,Start Date,First Name\n"
        ",,Response,Open-Ended Response,Open-Ended Response\n1,01/05/2026,2019,2020,Jan\n",
        ["Start Date (2)", "First Name"],
    ),
    "unipark": ("lfdn;dispcode;rtsx;rts12\n1;31;4;9\n", ["rtsx"]),
    "microsoft forms": (
        "ID,Start time,Completion time,Email,Name,Mag het?,Language,Name2\n1,1/5/26,1/5/26,a,b,4,nl,x\n",
        ["Language"],
    ),
    "google forms": (
        "Tijdstempel,Mag het bij ons?,Kan het?,Score\n5-1-2026 10:00:00,ja,nee,4\n",
        ["Score"],
    ),
    "kobotoolbox": (
        "start;end;werk/start;werk/end;_id;_uuid;_submission_time\n2026;2026;8;17;1;u;2026\n",
        ["werk/start", "werk/end"],
    ),
}


@pytest.mark.parametrize("case", SAME_NAMES)
def test_a_question_with_the_name_of_a_system_column_stays_a_question(tmp_path: Path, case: str) -> None:
    text, questions = SAME_NAMES[case]
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    raw = read_raw(tmp_path / "a.csv")
    assert raw.facts.tool != "plain"
    assert raw.roles
    assert set(questions) <= set(raw.frame)
    assert not set(questions) & set(raw.roles)


def test_limesurvey_with_its_participants_in_front_and_behind(tmp_path: Path) -> None:
    names = "firstname,email,attribute_1,id,submitdate,lastpage,startlanguage,k1,interviewtime"
    text = f"{names}\na,b,c,1,,3,nl,4,9\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    roles = read_raw(tmp_path / "a.csv").roles
    assert (roles["firstname"], roles["email"], roles["attribute_1"]) == ("name", "email", "other")
    assert (roles["id"], roles["interviewtime"]) == ("respondent", "duration")


@pytest.mark.parametrize("last", ["Antwoord", "anderen vragen"])
def test_dutch_surveymonkey_also_with_nothing_but_rows(tmp_path: Path, last: str) -> None:
    names = "Respondent-ID,Begindatum,Einddatum,IP-adres,E-mailadres,Ik mag het,"
    answers = "1,01-05-2026,01-05-2026,10.0.0.1,,Mee eens,Oneens"
    text = f"{names}\n,,,,,dingen proberen,{last}\n{answers}\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    raw = read_raw(tmp_path / "a.csv")
    assert raw.facts.tool == "surveymonkey"
    assert list(raw.roles.values()) == ["respondent", "started", "recorded", "ip_address", "email"]
    assert list(raw.frame)[5] == "Ik mag het | dingen proberen"
