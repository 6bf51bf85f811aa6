"""Scoring: by hand on a survey of six, by law on drawn ones, by the READMEs on real ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import CodebookError
from si_research.survey.check_result import CheckResult
from si_research.survey.cleaning import CleaningRules, Selection, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Roles, Scale, Variable
from si_research.survey.ledger import Ledger
from si_research.survey.reading import read_survey
from si_research.survey.scoring import check_direction, keyed_items, pomp, score_scales
from si_research.survey.survey_data import SourceFacts, Survey

FACTS = SourceFacts(name="made.csv", kind="delimited", sha256="", n_bytes=0, n_rows=0, n_columns=0)
NAN = np.nan


def points(highest: int, lowest: int = 1) -> ResponseFormat:
    return ResponseFormat(options=tuple(Option(value=value) for value in range(lowest, highest + 1)))


def made(values: dict[str, list[object]]) -> Survey:
    frame = pd.DataFrame(values).rename_axis("row")
    return Survey(frame, frame.isna().replace({True: "unanswered", False: NAN}), FACTS, Ledger())


def book(scales: dict[str, Scale], reverse: tuple[str, ...] = (), **parts: object) -> Codebook:
    names = dict.fromkeys(name for scale in scales.values() for name in scale.items)
    return Codebook.model_validate(
        {
            "title": "made",
            "formats": {"five": points(5)},
            "items": {name: Item(format="five", reverse=name in reverse) for name in names},
            "scales": scales,
            **parts,
        }
    )


SIX = made(
    {
        "k1": [1.0, 5.0, NAN, 2.0, NAN, 3.0],
        "k2": [2.0, 4.0, 3.0, NAN, NAN, 3.0],
        "k3": [5.0, 1.0, 2.0, NAN, 4.0, NAN],
    }
)
KUNNEN = {"kunnen": Scale(construct="kunnen", items=("k1", "k2", "k3"))}


@pytest.mark.parametrize(
    ("min_answered", "expected", "needed"),
    [
        ("half", [4 / 3, 14 / 3, 3.5, NAN, NAN, 3.0], 2),
        ("all", [4 / 3, 14 / 3, NAN, NAN, NAN, NAN], 3),
        (1, [4 / 3, 14 / 3, 3.5, 2.0, 2.0, 3.0], 1),
    ],
)
def test_a_score_is_the_mean_of_the_keyed_items_when_enough_are_answered(
    min_answered: int | str, expected: list[float], needed: int
) -> None:
    """By hand, with k3 turned: 5 -> 1, 1 -> 5, 2 -> 4, 4 -> 2."""
    scale = {"kunnen": Scale(construct="kunnen", items=("k1", "k2", "k3"), min_answered=min_answered)}
    scores = score_scales(SIX, book(scale, reverse=("k3",)))
    np.testing.assert_allclose(scores.table_["kunnen"], expected, rtol=1e-15)  # one rounding of a mean
    facts = scores.scales["kunnen"]
    assert (facts.min_answered, facts.lowest, facts.highest) == (needed, 1.0, 5.0)
    assert (facts.reversed_items, facts.kind, scores.n_rows) == (("k3",), "items", 6)
    assert facts.n_scored == np.isfinite(expected).sum()
    assert facts.n_scored + facts.n_missing == 6


@pytest.mark.parametrize("n_items", range(1, 8))
def test_half_is_rounded_up(n_items: int) -> None:
    items = tuple(f"i{number}" for number in range(n_items))
    survey = made({item: [1.0] for item in items})
    facts = score_scales(survey, book({"willen": Scale(construct="willen", items=items)})).scales["willen"]
    assert facts.min_answered == [1, 1, 2, 2, 3, 3, 4][n_items - 1]


def test_more_answers_than_items_cannot_be_asked() -> None:
    scale = {"kunnen": Scale(construct="kunnen", items=("k1", "k2", "k3"), min_answered=4)}
    with pytest.raises(CodebookError, match="from 1 to 3"):
        score_scales(SIX, book(scale))


def test_a_reversed_item_gets_a_new_name_and_is_turned_once() -> None:
    codebook = book(KUNNEN, reverse=("k3",))
    keyed = keyed_items(SIX, codebook, "kunnen")
    assert list(keyed) == ["k1", "k2", "k3_reversed"]
    assert keyed["k3_reversed"].tolist()[:3] == [1.0, 5.0, 4.0]
    assert keyed_items(SIX, codebook, "kunnen").equals(keyed), "asking twice does not turn twice"
    assert SIX.values["k3"].tolist()[:3] == [5.0, 1.0, 2.0], "the answers themselves stay"


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(st.integers(0, 10), min_size=1, max_size=30),
    st.integers(-3, 3),
    st.integers(1, 7),
)
def test_turning_is_a_reflection_within_the_format(steps: list[int], lowest: int, width: int) -> None:
    form = points(lowest + width, lowest)
    values = [float(lowest + step % (width + 1)) for step in steps]
    codebook = Codebook(
        title="x",
        formats={"f": form},
        items={"a": Item(format="f", reverse=True)},
        scales={"s": Scale(construct="other", items=("a",))},
    )
    turned = keyed_items(made({"a": values}), codebook, "s")["a_reversed"]
    assert turned.between(lowest, lowest + width).all()
    again = keyed_items(made({"a": turned.tolist()}), codebook, "s")["a_reversed"]
    assert again.tolist() == values
    np.testing.assert_allclose(
        pomp(turned, form.lowest, form.highest),
        100 - pomp(pd.Series(values), form.lowest, form.highest),
        atol=1e-12,
    )  # percentages of at most 100 in double precision


def test_pomp_goes_by_the_format_and_not_by_the_sample() -> None:
    assert pomp(pd.Series([2.0, 3.0, NAN]), lowest=1, highest=5).tolist()[:2] == [25.0, 50.0]


def test_items_with_different_ends_are_not_averaged() -> None:
    formats = {"five": points(5), "seven": points(7), "other_five": points(5)}
    mixed = book(KUNNEN, formats=formats, items={
        "k1": Item(format="five"), "k2": Item(format="seven"), "k3": Item(format="five"),
    })  # fmt: skip
    with pytest.raises(CodebookError, match=r"1\.0 to 5\.0 .*1\.0 to 7\.0"):
        score_scales(SIX, mixed)
    alike = book(KUNNEN, formats=formats, items={
        "k1": Item(format="five"), "k2": Item(format="other_five"), "k3": Item(format="five"),
    })  # fmt: skip
    assert score_scales(SIX, alike).scales["kunnen"].n_scored == 4


def test_an_open_format_has_no_other_end_to_turn_to() -> None:
    codebook = book(KUNNEN, formats={"five": ResponseFormat(lowest=0)}, reverse=("k3",))
    with pytest.raises(CodebookError, match="a format with both ends"):
        score_scales(SIX, codebook)


def test_a_ready_made_score_is_taken_as_it_is() -> None:
    survey = made({"test": [210.5, NAN, 300.0]})
    for ends, expected in (({"lowest": 0, "highest": 500}, (0.0, 500.0)), ({}, (NAN, NAN))):
        codebook = Codebook(
            title="x",
            variables={"test": Variable(kind="number", **ends)},
            scales={"kunnen": Scale(construct="kunnen", score="test", label_nl="Kunnen")},
        )
        scores = score_scales(survey, codebook)
        facts = scores.scales["kunnen"]
        assert scores.table_["kunnen"].tolist()[::2] == [210.5, 300.0]
        np.testing.assert_equal((facts.lowest, facts.highest), expected)
        assert (facts.kind, facts.items, facts.min_answered, facts.n_missing) == ("score", (), 1, 1)
        assert facts.label_nl == "Kunnen"
        assert keyed_items(survey, codebook, "kunnen").shape == (3, 0)


def test_columns_are_named_by_construct_role_and_control() -> None:
    values = {name: [1.0, 2.0] for name in ("k1", "w1", "w2", "x1", "gewicht", "uren")}
    survey = made(
        {**values, "nr": ["1", "2"], "bedrijf": ["a", "b"], "meting": ["1", "1"], "sector": ["z", NAN]}
    )
    codebook = book(
        {
            "can": Scale(construct="kunnen", items=("k1",)),
            "drive": Scale(construct="willen", items=("w1",)),
            "energy": Scale(construct="willen", items=("w2",)),
            "trust": Scale(construct="other", items=("x1",)),
        },
        variables={"uren": Variable(kind="number")},
        roles=Roles(
            respondent="nr",
            organisation="bedrijf",
            wave="meting",
            weight="gewicht",
            controls=("sector", "uren"),
        ),
    )
    scores = score_scales(survey, codebook)
    assert list(scores.table_) == [
        "kunnen", "drive", "energy", "trust", "respondent_id", "firm_id", "wave", "weight", "sector", "uren",
    ]  # fmt: skip
    assert scores.scales["kunnen"].name == "can"
    assert (scores.table_.dtypes[["kunnen", "weight", "uren"]] == "float64").all()
    assert scores.table_["firm_id"].tolist() == ["a", "b"]
    copy = scores.table()
    copy["kunnen"] = 0.0
    assert scores.table_["kunnen"].tolist() == [1.0, 2.0]
    assert "kunnen: 2 scored, 0 not; from 1 to 5" in str(scores)
    assert "sector" not in repr(scores), "nobody's row is shown"


def test_an_item_that_runs_against_its_scale_is_reported_and_not_turned() -> None:
    """By hand: k1 and k2 rise together, k3 falls with them."""
    survey = made({"k1": [1.0, 2.0, 3.0, 4.0], "k2": [2.0, 2.0, 4.0, 5.0], "k3": [5.0, 4.0, 2.0, 1.0]})
    check = check_direction(survey, book(KUNNEN))
    table = check.table().set_index("item")
    expected = np.corrcoef([1, 2, 3, 4], [3.5, 3.0, 3.0, 3.0])[0, 1]
    np.testing.assert_allclose(table.loc["k1", "item_rest"], expected, rtol=1e-12)  # same sums, other order
    assert check.passed is False
    assert table["against"].to_dict() == {"k1": False, "k2": False, "k3": True}
    assert "k3: if the wording says the opposite of the scale, write `reverse: true`" in check.text
    turned = check_direction(survey, book(KUNNEN, reverse=("k3",)))
    assert turned.passed is True
    assert turned.table()["item_rest"].gt(0.9).all()
    assert turned.text == "No item runs against the rest of its scale."


def test_the_rest_is_the_mean_of_what_the_respondent_answered() -> None:
    """By hand: the rest of k1 is 2, (2 + 4) / 2, 4 and 5; the fifth answered nothing else."""
    survey = made(
        {
            "k1": [1.0, 3.0, 2.0, 5.0, 5.0],
            "k2": [2.0, 2.0, 4.0, NAN, NAN],
            "k3": [NAN, 4.0, NAN, 5.0, NAN],
        }
    )
    row = check_direction(survey, book(KUNNEN)).table().iloc[0]
    assert row["n_used"] == 4
    expected = np.corrcoef([1, 3, 2, 5], [2, 3, 4, 5])[0, 1]
    np.testing.assert_allclose(row["item_rest"], expected, rtol=1e-12)  # the same sums


def test_an_item_that_was_turned_twice_is_recognised() -> None:
    survey = made({"k1": [1.0, 2.0, 3.0, 4.0], "k2": [2.0, 2.0, 4.0, 5.0], "k3": [1.0, 2.0, 4.0, 5.0]})
    check = check_direction(survey, book(KUNNEN, reverse=("k3",)))
    assert "k3: the file may have turned them already; if so, leave out `reverse: true`" in check.text


def test_two_items_against_each_other_leave_open_which_to_turn() -> None:
    pair = {"kunnen": Scale(construct="kunnen", items=("k1", "k2"))}
    check = check_direction(made({"k1": [1.0, 2.0, 3.0], "k2": [3.0, 2.0, 1.0]}), book(pair))
    assert check.passed is False
    assert not check.table()["against"].any()
    assert "which of them, the data do not tell" in check.text


def test_no_verdict_where_nothing_can_be_compared() -> None:
    single = {"kunnen": Scale(construct="kunnen", items=("k1",))}
    assert check_direction(SIX, book(single)).passed is None
    constant = check_direction(made({"k1": [3.0] * 4, "k2": [2.0] * 4, "k3": [NAN] * 4}), book(KUNNEN))
    assert constant.passed is None
    assert "nothing can be said of k1, k2, k3" in constant.text


def bfi(reverse: tuple[str, ...] = ()) -> Codebook:
    scales = {
        letter: Scale(construct="other", items=tuple(f"{letter}{number}" for number in range(1, 6)))
        for letter in "ACENO"
    }
    return book(scales, reverse=reverse, formats={"five": points(6)})


REVERSED_IN_BFI = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
"""The README beside the data."""


def test_the_reversed_items_of_a_real_questionnaire_are_all_found_and_no_other(shared: Path) -> None:
    path = shared / "real_data/reversed_items/bfi.csv"
    check = check_direction(read_survey(path, bfi()), bfi())
    table = check.table()
    failed = table.groupby("scale")["flagged"].any()
    proposed = table.loc[table["against"] & table["scale"].map(failed), "item"]
    assert tuple(proposed) == REVERSED_IN_BFI
    assert not failed["N"]
    negative = table["item_rest"] < 0
    assert table["flagged"].equals(negative)
    assert table.loc[table["item_rest"].between(-0.02, 0), "item"].tolist() == ["C2", "E3"], (
        "flagged, if barely"
    )
    turned = bfi(REVERSED_IN_BFI)
    again = check_direction(read_survey(path, turned), turned)
    assert again.passed is True


def test_item_rest_correlations_and_keyed_means_are_those_of_r(shared: Path) -> None:
    """psych::alpha on the complete rows of each scale, turned items included."""
    folder = shared / "reference/reliability"
    cases = json.loads((folder / "reliability_bfi.json").read_text(encoding="utf-8"))["cases"]
    codebook = bfi(REVERSED_IN_BFI)
    survey = read_survey(shared / "real_data/reversed_items/bfi.csv", codebook)
    for scale in "ACENO":
        complete = survey.values[list(codebook.items_of(scale))].notna().all(axis=1)
        part = replace(survey, values=survey.values[complete], reasons=survey.reasons[complete])
        (case,) = (case for case in cases if case["id"] == f"alpha_listwise_{scale}")
        expected = case["result"]["item_stats"]
        rows = check_direction(part, codebook).table().query("scale == @scale")
        assert rows["n_used"].tolist() == expected["n"]
        np.testing.assert_allclose(rows["item_rest"], expected["r.drop"], rtol=1e-10)  # 15 digits, other sums
        means = keyed_items(part, codebook, scale).mean()
        np.testing.assert_allclose(means, expected["mean"], rtol=1e-13)  # 15 digits in the file


def test_the_turned_scales_have_the_alpha_of_the_readme(shared: Path) -> None:
    """Alpha .704, .729, .761, .603 turned and .431, -.289, -.624, -.157 not: one direction, once."""
    path = shared / "real_data/reversed_items/bfi.csv"
    for reverse, expected in (
        (REVERSED_IN_BFI, {"A": 0.704, "C": 0.729, "E": 0.761, "O": 0.603}),
        ((), {"A": 0.431, "C": -0.289, "E": -0.624, "O": -0.157}),
    ):
        codebook = bfi(reverse)
        survey = read_survey(path, codebook)
        for scale, alpha in expected.items():
            items = keyed_items(survey, codebook, scale).dropna()
            covariance = items.cov().to_numpy()
            found = 5 / 4 * (1 - np.trace(covariance) / covariance.sum())
            assert found == pytest.approx(alpha, abs=6e-4), "three decimals in the README"


def test_a_weak_item_that_is_already_turned_is_called_uncertain(shared: Path) -> None:
    names = ("Choose", "Decide", "Task", "Listen", "Help", "Accept", "Understand")
    codebook = book({"mogen": Scale(construct="mogen", items=names)})
    survey = read_survey(shared / "real_data/reversed_items/autonomySupport.csv", codebook)
    check = check_direction(survey, codebook)
    assert check.passed is True
    assert check.text == "`mogen`: the direction of Decide is not certain (weak correlations)."


def test_the_scale_scores_of_the_army_are_those_in_the_file(shared: Path) -> None:
    """lq2002 holds 11 leadership items and LEAD, the mean its authors made of them."""
    items = tuple(f"LEAD{number:02d}" for number in range(1, 12))
    codebook = book(
        {"mogen": Scale(construct="mogen", items=items)},
        variables={"LEAD": Variable(kind="number")},
        roles=Roles(organisation="COMPID"),
    )
    survey = read_survey(shared / "real_data/army_companies/lq2002.csv", codebook)
    scores = score_scales(survey, codebook)
    np.testing.assert_allclose(
        scores.table_["mogen"], survey.values["LEAD"], atol=5e-6
    )  # 6 decimals in the file
    assert scores.table_["firm_id"].nunique() == 49


@pytest.mark.parametrize(("min_answered", "n_complete"), [("all", 3902), ("half", 3929)])
def test_routing_and_sentinels_of_a_real_survey(shared: Path, min_answered: str, n_complete: int) -> None:
    """PIAAC, the Netherlands: the README gives n = 3,902 (all items) and 3,929 (half) employed people."""
    willen = tuple(f"I_Q04{letter}" for letter in "bdhjlm")
    mogen = tuple(f"D_Q11{letter}" for letter in "abcd")
    codebook = Codebook(
        title="PIAAC",
        formats={"five": points(5)},
        items={name: Item(format="five") for name in (*willen, *mogen, "F_Q05b")},
        variables={
            "PVLIT1": Variable(kind="number", lowest=0, highest=500),
            "employed": Variable(column="C_D05"),
            "ISIC1C": Variable(
                missing_codes={
                    "9995": "does_not_apply",
                    "9996": "routed_past",
                    "9997": "refused",
                    "9998": "does_not_know",
                    "9999": "unanswered",
                    ".": "not_asked",
                }
            ),
        },
        scales={
            "kunnen": Scale(construct="kunnen", score="PVLIT1"),
            "willen": Scale(construct="willen", items=willen, min_answered=min_answered),
            "mogen": Scale(construct="mogen", items=mogen, min_answered=min_answered),
            "innovative_behaviour": Scale(construct="innovative_behaviour", items=("F_Q05b",)),
        },
        roles=Roles(controls=("ISIC1C",)),
    )
    survey = read_survey(shared / "real_data/piaac_nl_adults/piaac_nld_subset.csv", codebook)
    employed = Selection(variable="employed", keep=("1",), reason="only people with a job have job items")
    rules = CleaningRules(select=(employed,), unfinished=Unfinished(drop=False))
    scores = score_scales(clean_survey(survey, codebook, rules), codebook).table_
    assert len(scores[["kunnen", "willen", "mogen", "innovative_behaviour"]].dropna()) == n_complete
    assert scores["ISIC1C"].dropna().str.fullmatch("[A-U]").all(), "letters of sectors, no sentinel"


def test_a_check_prints_itself_and_gives_away_copies() -> None:
    check = CheckResult("x", "Is a < b?", None, pd.DataFrame({"a": [1.0]}), "No data.", "none")
    assert "Is a < b? no verdict" in str(check)
    assert "Is a &lt; b?" in check._repr_html_()
    copy = check.table()
    copy["a"] = 2.0
    assert check.table()["a"].tolist() == [1.0]
