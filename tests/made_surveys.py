"""Surveys made up by hypothesis, for a codebook made up as well: awkward texts, zeros, and every reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import strategies as st

from made_codebooks import AWKWARD, NUMBERS, WORDS, codebooks
from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.reading import read_survey
from si_research.survey.survey_data import REASONS, Survey

MORE = ("", "1", "2", "-91", "#N/A", "_x0041_", "+31 6", "@a")


@dataclass(frozen=True)
class Made:
    codebook: Codebook
    survey: Survey


def _cells(codebook: Codebook, name: str) -> st.SearchStrategy[str]:
    """What may stand in a column: an answer, or nothing."""
    number = st.one_of(NUMBERS, st.just(0.0)).map(repr)
    if name in codebook.items:
        form = codebook.format_of(name)
        answers = st.sampled_from([repr(value) for value in form.values]) if form.options else number
        return st.one_of(answers, st.just(""))
    if codebook.variable(name).kind == "number":
        return st.one_of(number, st.just(""))
    return st.one_of(
        WORDS, st.sampled_from([*AWKWARD, "", "1", "2", "-91", "#N/A", "_x0041_", "+31 6", "@a"])
    )


@st.composite
def surveys(draw: st.DrawFn) -> Made:
    """A survey as it was read, in which any answer may then have become missing for any reason."""
    codebook = draw(codebooks())
    n = draw(st.integers(1, 5))
    names = codebook.used_names
    frame = pd.DataFrame(
        {
            codebook.column_names(name)[0]: draw(st.lists(_cells(codebook, name), min_size=n, max_size=n))
            for name in names
        },
        dtype="str",
    )
    stated = codebook.model_copy(update={"source": SourceOptions(decimal=".")})
    with TemporaryDirectory() as folder:
        frame.to_parquet(Path(folder) / "raw.parquet")
        survey = read_survey(Path(folder) / "raw.parquet", stated)
    values, reasons = survey.values, survey.reasons
    for name in names:
        lost = pd.Series(
            draw(st.lists(st.sampled_from([None, None, *REASONS]), min_size=n, max_size=n)), values.index
        )
        values = values.assign(**{name: values[name].mask(lost.notna())})
        reasons = reasons.assign(**{name: reasons[name].mask(lost.notna(), lost.astype(reasons[name].dtype))})
    return Made(codebook, replace(survey, values=values, reasons=reasons))
