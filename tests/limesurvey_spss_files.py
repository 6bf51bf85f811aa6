"""The made-up survey of ``limesurvey_files`` as LimeSurvey exports it for SPSS: data and syntax.

Three ways of writing: ``new`` (labels joined with +, quotes doubled, empty cells, numbers without quotes),
``old`` (version 1: quotes after a backslash, every cell within quotes) and ``list`` (DATA LIST).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from limesurvey_files import ANSWERS, Made, bare, columns, stored

Style = Literal["new", "old", "list"]
DATA, SYNTAX = "survey_12_SPSS_data_file.dat", "survey_12_SPSS_syntax_file.sps"
YES_NO = (("1", "Ja"), ("2", "Nee"))
CHOSEN = (("1", "Ja"), ("0", "Niet geselecteerd"))
CODES = {"JN": {"Y": "1", "N": "2"}, "MID[mail]": {"Y": "1", "N": "0"}, "MID[tel]": {"Y": "1", "N": "0"}}


class Column(NamedTuple):
    """One variable: what it is called at first and at last, its type, label, value labels."""

    first: str
    last: str
    type: str
    label: str
    labels: tuple[tuple[str, str], ...]


def spss_columns() -> Iterator[Column]:
    system = (("id", "F7"), ("submitdate", "DATETIME23.2"), ("lastpage", "F7"), ("startlanguage", "A20"))
    for place, (name, kind) in enumerate(system, start=1):
        yield Column(f"V{place}", name, kind, name, ())
    for place, (code, above, made, scale) in enumerate(columns(), start=len(system) + 1):
        name = code.replace("][", "#").replace("[", "_").replace("]", "")
        if made.type == "1":
            name = f"{made.code}_{code.split('[')[1][:-1]}#{scale}"
        answers = tuple((answer[0], bare(answer[1])) for answer in made.answers.get(scale, ()))
        fixed = {"Y": YES_NO, "M": CHOSEN}.get(made.type, answers)
        labels = () if code.endswith("[other]") else fixed
        yield Column(f"V{place}", name, kind_of(made, labels), f'{above[0]} - zeg "ja"', labels)


def kind_of(made: Made, labels: tuple[tuple[str, str], ...]) -> str:
    if made.type in ("N", "K"):
        return "F5.2"
    if made.type in ("5", "Y") or (labels and all(code.isdigit() for code, _ in labels)):
        return "F1"
    return "A40"


def spss_cell(column: Column, value: str, style: Style) -> str:
    if not value:
        return "''" if style == "old" else ""
    if column.type.startswith("F") and style != "old":
        return f"{float(value):.2f}" if "." in column.type else value
    return "'" + value.replace("'", "''") + "'"


def spss_data(style: Style) -> str:
    listed = list(spss_columns())
    codes = [code for code, *_ in columns()]
    lines = []
    for number, person in enumerate(ANSWERS, start=1):
        told = {code: stored(code, person) for code in codes}
        answers = [CODES.get(code, {}).get(value, value) for code, value in told.items()]
        values = [str(number), "05-01-2026 10:00:00", "3", "nl", *answers]
        lines.append(",".join(spss_cell(c, v, style) for c, v in zip(listed, values, strict=True)))
    return ("\ufeff" if style == "new" else "") + "\n".join(lines) + "\n"


def spss_syntax(style: Style) -> str:
    listed = list(spss_columns())
    lines = [definition(listed, style), "*Define Variable Properties."]
    for each in listed:
        if style == "old":
            lines.append(f'VARIABLE LABELS {each.first} "{each.label.replace(chr(34), chr(92) + chr(34))}".')
        else:
            text = each.label.replace('"', '""')
            lines.append(f'VARIABLE LABELS {each.first} "{text[:9]}"+\n"{text[9:]}".')
    lines.append("*Define Value labels.")
    for each in listed:
        if each.labels:
            quote = "" if each.type.startswith("F") else '"'
            body = "\n".join(f' {quote}{code}{quote} "{text}"' for code, text in each.labels)
            lines.append(f"VALUE LABELS  {each.first}\n{body}.")
    lines.append(f"VARIABLE LEVEL {listed[0].first}(SCALE).")
    command = "RENAME VARIABLE" if style == "old" else "RENAME VARIABLES"
    lines += [f"{command} ( {each.first} = {each.last} )." for each in listed]
    if style == "new":
        lines.append("RESTORE LOCALE.")
    return ("\ufeff" if style == "new" else "") + "\n".join(lines) + "\n"


def definition(listed: list[Column], style: Style) -> str:
    if style == "list":
        variables = " ".join(f"{each.first}({each.type})" for each in listed)
        return f"DATA LIST LIST (\",\") FILE='C:\\exports\\{DATA}' / {variables}."
    indent = " " if style == "new" else ""
    variables = "".join(f"\n {each.first} {each.type}" for each in listed)
    head = "*$Rev: 1 $ filter 2.\nSET UNICODE=ON.\n" + ("SHOW LOCALE.\nPRESERVE LOCALE.\n" if indent else "")
    program = "begin program.\nimport spss,os\nos.remove('x')\nend program.\n" if indent else ""
    parts = ("/TYPE=TXT", f"/FILE='{DATA}'", "/DELCASE=LINE", '/DELIMITERS=","', '/QUALIFIER="\'"',
             "/ARRANGEMENT=DELIMITED", "/FIRSTCASE=1", "/IMPORTCASE=ALL", "/VARIABLES=")  # fmt: skip
    return (
        head
        + program
        + "GET DATA\n"
        + "\n".join(indent + part for part in parts)
        + variables
        + ".\nCACHE.\nEXECUTE."
    )
