"""The same answers, written in any mix of separators, encodings, titles, blank lines and quoting."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.survey.codebook import Codebook, Item, Scale, Variable
from si_research.survey.ledger import counts_of
from si_research.survey.reading import read_raw, read_survey

HEADER = ("nummer", "Ik kan – zo nodig – nieuwe ideeën bedenken", "uren per week", "opmerking")
LABELS = ("helemaal mee oneens", "mee oneens", "neutraal", "Mee eens ", "helemaal mee eens", "", "n.v.t.")
WORDS = "abc éëïö€’ ;,|\t\"'\n?!%-&<>="
BOOK = Codebook(
    title="Gemaakt",
    missing_codes={"n.v.t.": "does_not_apply"},
    items={"k1": Item(column=HEADER[1], format="agree_5")},
    variables={
        "nummer": Variable(kind="identifier"),
        "uren": Variable(column="uren per week", kind="number"),
    },
    scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
)

answers = st.lists(
    st.tuples(
        st.sampled_from(LABELS),
        st.sampled_from(("37,5", "40", "8,25", "0", "", "36,0")),
        st.text(WORDS, max_size=12).filter(lambda text: text == text.strip()),
    ),
    min_size=2,
    max_size=12,
)


@dataclass(frozen=True)
class Writing:
    """One way to write a table down."""

    separator: str
    encoding: str
    line_end: str
    quoting: int
    n_titles: int
    blank_line: str | None
    last_line_ends: bool
    announces: bool

    def write(self, rows: list[tuple[str, ...]]) -> bytes:
        out = io.StringIO()
        if self.announces:
            out.write(f"sep={self.separator}{self.line_end}")
        writer = csv.writer(out, delimiter=self.separator, lineterminator=self.line_end, quoting=self.quoting)
        for number in range(self.n_titles):
            out.write(f"Resultaten, deel {number}".replace(self.separator, " ") + self.line_end)
        writer.writerow(HEADER)
        for row in rows:
            if self.blank_line is not None:
                out.write(self.blank_line.replace(";", self.separator) + self.line_end)
            writer.writerow(row)
        text = out.getvalue()
        if not self.last_line_ends:
            text = text.removesuffix(self.line_end)
        return text.encode(self.encoding)


writings = st.builds(
    Writing,
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "windows-1252")),
    line_end=st.sampled_from(("\n", "\r\n")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)),
    n_titles=st.integers(0, 3),
    blank_line=st.sampled_from((None, "", ";;;", '"";"";"";""', '"";;;""')),
    last_line_ends=st.booleans(),
    announces=st.booleans(),
)


@settings(max_examples=120, deadline=None)
@given(given_answers=answers, writing=writings)
def test_the_same_answers_give_the_same_table(
    given_answers: list[tuple[str, str, str]], writing: Writing
) -> None:
    rows = [(str(number), *answer) for number, answer in enumerate(given_answers, start=101)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(writing.write(rows))
        raw = read_raw(path)
        survey = read_survey(path, BOOK)
    written = pd.DataFrame(rows, columns=list(HEADER), dtype="str", index=raw.frame.index)
    pd.testing.assert_frame_equal(raw.frame, written)
    n_blank = len(rows) if writing.blank_line is not None else 0
    assert counts_of(survey.ledger, 0)["file"].get("blank_rows", 0) == n_blank
    missing = {"": "unanswered", "n.v.t.": "does_not_apply"}
    expected = [None if label in missing else LABELS.index(label) + 1.0 for label, _, _ in given_answers]
    hours = [None if text == "" else float(text.replace(",", ".")) for _, text, _ in given_answers]
    assert [None if pd.isna(each) else each for each in survey.values["k1"]] == expected
    assert [None if pd.isna(each) else each for each in survey.values["uren"]] == hours
    assert survey.reasons["k1"].astype("str").fillna("").tolist() == [
        missing.get(label, "") for label, _, _ in given_answers
    ]
