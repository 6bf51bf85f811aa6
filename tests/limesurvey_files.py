"""A LimeSurvey questionnaire, its structure files and its exports, in Dutch and English, made up here."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NL, EN = "nl", "en"
LANGUAGES = (NL, EN)
SYSTEM = {
    "id": ("Respons ID", "Response ID"),
    "submitdate": ("Datum verstuurd", "Date submitted"),
    "lastpage": ("Laatste pagina", "Last page"),
    "startlanguage": ("Begin taal", "Start language"),
}
TIMES = {
    "interviewtime": ("Totaaltijd", "Total time"),
    "groupTime7": ("Groep tijd: Werk", "Group time: Work"),
}
WORDS = {"Y": ("Ja", "Yes"), "N": ("Nee", "No"), "-oth-": ("Anders", "Other")}

AGREE = (
    ("A1", "Helemaal <b>niet</b> mee eens", "Strongly disagree"),
    ("A2", "Niet mee eens", "Disagree"),
    ("A3", "Neutraal", "Neutral"),
    ("A4", "Mee eens", "Agree"),
    ("A5", "Helemaal mee eens", "Strongly agree"),
    ("A9", "Weet niet", "Don't know"),
)
OFTEN = (("0", "Nooit", "Never"), ("1", "Soms", "Sometimes"), ("2", "Vaak", "Often"))
WANTED = (("w1", "Minder", "Less"), ("w2", "Zo houden", "As it is"), ("w3", "Meer", "More"))
SECTOR = (("ind", "Industrie", "Industry"), ("bouw", "Bouw &amp; wonen", "Construction &amp; housing"))


@dataclass(frozen=True)
class Made:
    """One made-up question: code, letter, wording (nl, en), rows, answers by scale."""

    code: str
    type: str
    wording: tuple[str, str]
    rows: tuple[tuple[str, str, str], ...] = ()
    answers: Mapping[int, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    relevance: str = "1"
    other: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


QUESTIONS = (
    Made("WELKOM", "X", ("<p>Welkom</p>", "<p>Welcome</p>")),
    Made(
        "KUN",
        "F",
        ("<p>Hoe is het&nbsp;<em>op uw werk</em>?</p>", "<p>How is it <em>at work</em>?</p>"),
        (
            ("SQ001", "Ik kan nieuwe dingen bedenken", "I can think of new things"),
            ("SQ002", "Ik kan ze <u>uitwerken</u> ", "I can work them <u>out</u> "),
            ("SQ003", "Ik weet het; echt wel", "I know it; really"),
        ),
        {0: AGREE},
    ),
    Made(
        "ACT",
        "1",
        ("Wat doet u, en wat wilt u?", "What do you do, and want?"),
        (("a", "Proberen", "Trying"), ("b", "Overleggen", "Consulting")),
        {0: OFTEN, 1: WANTED},
    ),
    Made("SEC", "L", ("In welke sector?", "In which sector?"), answers={0: SECTOR}, other=True),
    Made("W1", "L", ("Ik <i>wil</i> het", "I <i>want</i> to"), answers={0: AGREE}),
    Made("W2", "!", ("Ik doe het graag", "I like to"), answers={0: AGREE}),
    Made("JN", "Y", ("Bent u in dienst?", "Are you employed?")),
    Made(
        "UREN", "N", ("Hoeveel uur?", "How many hours?"), relevance='JN.NAOK == "Y"'
    ),
    Made(
        "PCT", "K", ("Welk deel?", "What share?"), (("p", "Zelf bedacht", "Own ideas"),),
        settings={"slider_min": "0", "slider_max": "100"},
    ),
    Made("VIJF", "5", ("Hoe tevreden?", "How satisfied?")),
    Made("MID", "M", ("Waarmee?", "By what means?"),
         (("mail", "E-mail", "E-mail"), ("tel", "Telefoon", "Telephone")), other=True),
    Made("OPM", "T", ("Opmerkingen", "Remarks")),
)  # fmt: skip
ANSWERS: tuple[dict[str, str], ...] = (
    {"KUN[SQ001]": "A4", "KUN[SQ002]": "A1", "KUN[SQ003]": "A9", "ACT[a][1]": "0", "ACT[a][2]": "w3",
     "ACT[b][1]": "2", "ACT[b][2]": "w1", "SEC": "bouw", "W1": "A5", "W2": "A2", "JN": "Y", "UREN": "32",
     "PCT[p]": "80", "VIJF": "4", "MID[mail]": "Y", "OPM": "niets; of \"toch\""},
    {"KUN[SQ001]": "A5", "KUN[SQ002]": "A2", "KUN[SQ003]": "A3", "ACT[a][1]": "1", "ACT[a][2]": "w2",
     "ACT[b][1]": "1", "ACT[b][2]": "w2", "SEC": "-oth-", "SEC[other]": "Zorg", "W1": "A9", "W2": "A4",
     "JN": "N", "PCT[p]": "0", "VIJF": "1"},
    {"KUN[SQ001]": "A2", "ACT[a][1]": "2", "ACT[b][2]": "w3", "SEC": "ind", "W2": "A1", "JN": "Y",
     "UREN": "7.5", "PCT[p]": "100", "VIJF": "5", "MID[mail]": "Y", "MID[tel]": "Y"},
)  # fmt: skip
"""What three made-up people answered, by column; a column that is not there is empty."""


def bare(text: str) -> str:
    """The text as LimeSurvey prints it above a column: nothing stands for a tag."""
    return html.unescape(re.sub(r"<[^>]*>", "", text)).replace("\u00a0", " ")


def columns() -> Iterator[tuple[str, tuple[str, str], Made, int]]:
    """Each column: its code, its full text by language, its question and its scale."""
    for made in QUESTIONS:
        if made.type == "X":
            continue
        stems = (bare(made.wording[0]), bare(made.wording[1]))
        for code, *texts in made.rows:
            full = tuple(f"{stem} [{bare(text)}]" for stem, text in zip(stems, texts, strict=True))
            for scale in (0, 1) if made.type == "1" else (0,):
                end = f"[{scale + 1}]" if made.type == "1" else ""
                above = (full[0] + end.replace("[", "[Schaal "), full[1] + end.replace("[", "[Scale "))
                yield f"{made.code}[{code}]{end}", above, made, scale
        if not made.rows:
            yield made.code, stems, made, 0
        if made.other:
            yield f"{made.code}[other]", (f"{stems[0]} [Anders]", f"{stems[1]} [Other]"), made, 0


def export(*, texts: bool, full: bool, language: str = NL, separator: str = ",") -> str:
    """One export: answer codes or answer texts below question codes or full texts."""
    place = LANGUAGES.index(language)
    listed = list(columns())
    header = [
        *((names[place] if full else code) for code, names in SYSTEM.items()),
        *((above[place] if full else code) for code, above, _, _ in listed),
        *((names[place] if full else code) for code, names in TIMES.items()),
    ]
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, delimiter=separator)
    writer.writerow(header)
    for number, person in enumerate(ANSWERS, start=1):
        cells = [
            word_of(made, scale, stored(code, person), place) if texts else person.get(code, "")
            for code, _, made, scale in listed
        ]
        writer.writerow([str(number), "2026-01-05 10:00:00", "3", language, *cells, "80.5", "70.1"])
    return "\ufeff" + out.getvalue()


def stored(code: str, person: Mapping[str, str]) -> str:
    """The answer as LimeSurvey tells it: an option beside one that was chosen is a no, others are nothing."""
    is_option = code.startswith("MID[") and not code.endswith("[other]")
    seen = any(each.startswith("MID[") for each in person)
    return person.get(code, "N" if is_option and seen else "")


def word_of(made: Made, scale: int, code: str, place: int) -> str:
    """The text of an answer in a language."""
    for answer in made.answers.get(scale, ()):
        if answer[0] == code:
            return bare(answer[1 + place])
    return WORDS[code][place] if code in WORDS and made.type in ("Y", "L", "M") else code


def rows_of(table: str, rows: list[dict[str, str]]) -> str:
    body = "".join(
        "<row>" + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in row.items()) + "</row>"
        for row in rows
    )
    return f"<{table}><rows>{body}</rows></{table}>" if rows else ""


TABLES = ("questions", "subquestions", "question_l10ns", "answers", "answer_l10ns", "question_attributes")


def structure_xml(document: str = "Survey") -> str:
    """The questionnaire as LimeSurvey saves it: texts in tables of their own, rows in no order."""
    tables: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
    for order, made in enumerate(QUESTIONS, start=1):
        qid = str(100 * order)
        tables["questions"].append(
            {"qid": qid, "parent_qid": "0", "gid": "7", "type": made.type, "title": made.code,
             "other": "Y" if made.other else "N", "mandatory": "N", "question_order": str(order),
             "relevance": made.relevance}
        )  # fmt: skip
        for language, text in zip(LANGUAGES, made.wording, strict=True):
            tables["question_l10ns"].append({"qid": qid, "question": text, "language": language})
        for place, (code, *texts) in enumerate(made.rows, start=1):
            sub = str(100 * order + place)
            tables["subquestions"].append(
                {"qid": sub, "parent_qid": qid, "title": code, "question_order": str(place), "scale_id": "0"}
            )
            for language, text in zip(LANGUAGES, texts, strict=True):
                tables["question_l10ns"].append({"qid": sub, "question": text, "language": language})
        for scale, answers in made.answers.items():
            for place, (code, *texts) in enumerate(answers, start=1):
                aid = f"{qid}{scale}{place}"
                tables["answers"].append(
                    {"aid": aid, "qid": qid, "code": code, "sortorder": str(place),
                     "assessment_value": str(place), "scale_id": str(scale)}
                )  # fmt: skip
                for language, text in zip(LANGUAGES, texts, strict=True):
                    tables["answer_l10ns"].append({"aid": aid, "answer": text, "language": language})
        for key, value in made.settings.items():
            tables["question_attributes"].append({"qid": qid, "attribute": key, "value": value})
    survey = [{"sid": "1", "language": NL, "additional_languages": EN}] if document == "Survey" else []
    titles = [{"surveyls_language": NL, "surveyls_title": "Verzonnen onderzoek"}] if survey else []
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<document><LimeSurveyDocType>{document}</LimeSurveyDocType><DBVersion>495</DBVersion>"
        "<languages><language>en</language><language>nl</language></languages>"
        + rows_of("groups", [{"gid": "7", "group_order": "1"}])
        + rows_of("group_l10ns", [{"gid": "7", "group_name": "Werk", "language": NL}])
        + "".join(rows_of(name, rows[::-1]) for name, rows in tables.items())
        + rows_of("surveys", survey)
        + rows_of("surveys_languagesettings", titles)
        + "</document>"
    )


HEADER = ("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language",
          "validation", "mandatory", "other", "default", "same_default", "assessment_value", "slider_max",
          "slider_min")  # fmt: skip


def structure_table() -> str:
    """The same questionnaire as tab-separated text."""
    lines: list[dict[str, str]] = [
        {"class": "S", "name": "language", "text": NL},
        {"class": "SL", "name": "surveyls_title", "text": "Verzonnen onderzoek", "language": NL},
    ]
    for place, language in enumerate(LANGUAGES):
        lines.append({"class": "G", "type/scale": "0", "name": ("Werk", "Work")[place], "language": language})
        for made in QUESTIONS:
            lines.append(
                {"class": "Q", "type/scale": made.type, "name": made.code, "relevance": made.relevance,
                 "text": made.wording[place], "other": "Y" if made.other else "N", "language": language,
                 **made.settings}
            )  # fmt: skip
            lines += [
                {
                    "class": "SQ",
                    "type/scale": "0",
                    "name": row[0],
                    "text": row[1 + place],
                    "language": language,
                }
                for row in made.rows
            ]
            lines += [
                {"class": "A", "type/scale": str(scale), "name": answer[0], "text": answer[1 + place],
                 "language": language, "assessment_value": str(order)}
                for scale, answers in made.answers.items()
                for order, answer in enumerate(answers, start=1)
            ]  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, delimiter="\t", restval="")
    writer.writeheader()
    writer.writerows(lines)
    return "\ufeff" + out.getvalue()
