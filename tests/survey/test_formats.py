"""Labels to values: the words of the field, the traps between them, and formats of one's own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from si_research.survey.codebook import (
    Option,
    ResponseFormat,
    did_you_mean,
    nearest_label,
    normalise,
    number_of,
)
from si_research.survey.formats import BUILT_IN_FORMATS, mixed_spellings

EVERY_LABEL = [
    (name, option.value, label)
    for name, built_in in BUILT_IN_FORMATS.items()
    for option in built_in.options
    for label in option.labels
]


def test_the_six_formats_that_a_codebook_may_name() -> None:
    ranges = {name: (each.lowest, each.highest, len(each.values)) for name, each in BUILT_IN_FORMATS.items()}
    assert ranges == {
        "agree_5": (1, 5, 5),
        "agree_7": (1, 7, 7),
        "frequency_5": (1, 5, 5),
        "frequency_7": (1, 7, 7),
        "yes_no": (0, 1, 2),
        "mark_10": (1, 10, 10),
    }


# Written out from questionnaires, not from the module: order by hand, lowest first.
QUESTIONNAIRES = {
    "agree_5": [
        "Helemaal mee oneens|Mee oneens|Niet mee eens, niet mee oneens|Mee eens|Helemaal mee eens",
        "helemaal niet mee eens|niet mee eens|neutraal|mee eens|helemaal mee eens",
        "Zeer mee oneens|Oneens|Noch mee eens, noch mee oneens|Eens|Zeer mee eens",
        "volledig mee oneens|enigszins mee oneens|neutraal|enigszins mee eens|volledig mee eens",
        "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree",
        "Strongly disagree|Somewhat disagree|Neither agree nor disagree|Somewhat agree|Strongly agree",
        "Totally disagree|Disagree|Neutral|Agree|Totally agree",
    ],
    "agree_7": [
        "Helemaal mee oneens|Mee oneens|Enigszins mee oneens|Neutraal|Enigszins mee eens|Mee eens|"
        "Helemaal mee eens",
        "zeer mee oneens|mee oneens|een beetje mee oneens|niet mee eens, niet mee oneens|een beetje mee eens|"
        "mee eens|zeer mee eens",
        "Strongly disagree|Disagree|Somewhat disagree|Neither agree nor disagree|Somewhat agree|Agree|"
        "Strongly agree",
        "Strongly disagree|Disagree|Slightly disagree|Neutral|Slightly agree|Agree|Strongly agree",
    ],
    "frequency_5": [
        "Nooit|Zelden|Soms|Vaak|Altijd",
        "(bijna) nooit|zelden|soms|vaak|(bijna) altijd",
        "never|seldom|sometimes|often|always",
        "Never/hardly ever|Rarely|Sometimes|Often|Always",
    ],
    "frequency_7": [
        "nooit|sporadisch|af en toe|regelmatig|dikwijls|zeer dikwijls|altijd",
        "Nooit|Bijna nooit|Zelden|Soms|Vaak|Heel vaak|Altijd",
        "Never|Almost never|Rarely|Sometimes|Often|Very often|Always",
    ],
}


@pytest.mark.parametrize(
    ("name", "wording"),
    [(name, wording) for name, wordings in QUESTIONNAIRES.items() for wording in wordings],
)
def test_a_questionnaire_of_the_field_is_read_in_its_order(name: str, wording: str) -> None:
    labels = wording.split("|")
    built_in = BUILT_IN_FORMATS[name]
    assert [built_in.value_of(label) for label in labels] == [
        float(step) for step in range(1, len(labels) + 1)
    ]
    assert mixed_spellings(name, labels) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("frequency_5", "regelmatig"),  # third after nooit and soms, fourth after zelden and soms
        ("frequency_5", "bijna nooit"),
        ("frequency_5", "very often"),
        ("frequency_7", "occasionally"),
        ("agree_7", "moderately agree"),
        ("agree_5", "geen mening"),
        ("agree_5", "weet niet"),
    ],
)
def test_a_word_with_two_places_in_the_field_has_none_here(name: str, text: str) -> None:
    assert BUILT_IN_FORMATS[name].value_of(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("Nee", 0), ("ja", 1), ("No", 0), ("Yes", 1), ("TRUE", 1), ("0", 0)]
)
def test_yes_and_no(text: str, value: float) -> None:
    assert BUILT_IN_FORMATS["yes_no"].value_of(text) == value


@pytest.mark.parametrize("name", ["agree_5", "agree_7"])
def test_agreement_is_never_mistaken_for_its_denial(name: str) -> None:
    agree = BUILT_IN_FORMATS[name]
    highest = agree.highest or 0
    assert agree.value_of("helemaal niet mee eens") == 1
    assert agree.value_of("niet mee eens") == 2
    assert agree.value_of("mee oneens") == 2
    assert agree.value_of("mee eens") == highest - 1
    assert agree.value_of("helemaal mee eens") == highest
    # Half a wording, a joined wording, an unknown wording: no answer, however near.
    for near in (
        "(helemaal) niet mee eens",
        "(helemaal) mee oneens",
        "mee",
        "eens?",
        "mee eens/oneens",
        "mee eens!!x",
    ):
        assert agree.value_of(near) is None


@pytest.mark.parametrize("name", ["agree_5", "agree_7"])
@pytest.mark.parametrize(("denial", "consent"), [("mee oneens", "mee eens"), ("disagree", "agree")])
def test_a_denial_mirrors_its_consent(name: str, denial: str, consent: str) -> None:
    agree = BUILT_IN_FORMATS[name]
    mirrored = 0
    for option in agree.options:
        for label in option.labels:
            if denial in label and consent not in label.replace(denial, ""):
                counterpart = agree.value_of(label.replace(denial, consent))
                assert counterpart is not None, label
                assert option.value + counterpart == agree.values[0] + agree.values[-1], label
                mirrored += 1
    assert mirrored >= 8


@pytest.mark.parametrize("name", list(BUILT_IN_FORMATS))
def test_no_label_stands_for_two_answers(name: str) -> None:
    labels = [normalise(label) for option in BUILT_IN_FORMATS[name].options for label in option.labels]
    assert len(labels) == len(set(labels))


@given(st.sampled_from(EVERY_LABEL), st.data())
def test_one_letter_off_is_another_label_or_nothing(
    entry: tuple[str, float, str], data: st.DataObject
) -> None:
    name, _, label = entry
    place = data.draw(st.integers(0, len(label) - 1))
    letter = data.draw(st.sampled_from(["", "x", "e", "n"]))
    wrong = label[:place] + letter + label[place + 1 :]
    spelt = {
        normalise(each): option.value for option in BUILT_IN_FORMATS[name].options for each in option.labels
    }
    assert BUILT_IN_FORMATS[name].value_of(wrong) == spelt.get(normalise(wrong))


@pytest.mark.parametrize(
    "text",
    [
        "  Mee eens ",
        "MEE EENS",
        "Mee\u00a0eens",
        "mee\u2009 eens.",
        "Mee eens:",
        "mee\teens ;",
        "\ufeffMee eens",
        "Mee\nEens",
    ],
)
def test_case_space_and_closing_punctuation_do_not_count(text: str) -> None:
    assert BUILT_IN_FORMATS["agree_5"].value_of(text) == 4


def test_an_accent_may_be_one_sign_or_two() -> None:
    own = ResponseFormat(labels={"nl": ("géén", "één")})
    assert own.value_of("e\u0301e\u0301n") == 2


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert normalise("Don’t know") == normalise("don't know")


@pytest.mark.parametrize("code", [".", "...", "?", "-"])
def test_a_code_of_punctuation_is_not_emptied(code: str) -> None:
    assert normalise(code) == code


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("text", ["3", "3,0", "3.0", " 3 ", "+3", "03", "3.00"])
def test_a_number_matches_its_value(text: str) -> None:
    assert BUILT_IN_FORMATS["agree_5"].value_of(text) == 3


@pytest.mark.parametrize(
    "text", ["0", "6", "3,5", "-3", "", " ", "3 = neutraal", "1 = helemaal mee oneens", "3/5"]
)
def test_what_is_no_answer_of_five_is_none(text: str) -> None:
    assert BUILT_IN_FORMATS["agree_5"].value_of(text) is None


def test_a_number_with_a_label_matches_only_where_it_is_listed() -> None:
    own = ResponseFormat(
        options=(
            Option(value=1, labels=("1 = helemaal mee oneens",)),
            Option(value=5, labels=("5 = helemaal mee eens",)),
        )
    )
    assert own.value_of("1 = Helemaal mee oneens") == 1
    assert own.value_of("helemaal mee oneens") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7,5", 7.5),
        ("7.5", 7.5),
        (",5", 0.5),
        (".5", 0.5),
        ("-0,25", -0.25),
        ("100", 100.0),
        ("1.000,5", None),
        ("1,000.5", None),
        ("1 000", None),
        ("5.", None),
        ("1e3", None),
        ("75%", None),
        ("nan", None),
        ("inf", None),
        ("1_0", None),
        ("٣", None),
        ("--1", None),
        ("", None),
    ],
)
def test_numbers_are_read_strictly(text: str, number: float | None) -> None:
    assert number_of(text) == number


def test_a_mark_is_a_whole_number_from_1_to_10() -> None:
    mark = BUILT_IN_FORMATS["mark_10"]
    assert [mark.value_of(text) for text in ("1", "10", "10,0", "0", "11", "7,5")] == [
        1,
        10,
        10,
        None,
        None,
        None,
    ]


def test_a_percentage_takes_every_number_in_its_range() -> None:
    share = ResponseFormat(lowest=0, highest=100, whole=False)
    assert share.values == ()
    assert [share.value_of(text) for text in ("0", "33,3", "33.3", "100", "100,1", "-1")] == [
        0,
        33.3,
        33.3,
        100,
        None,
        None,
    ]
    assert ResponseFormat(lowest=0, highest=100).value_of("33,3") is None


def test_labels_by_language_give_options_lowest_and_highest() -> None:
    own = ResponseFormat(
        labels={"nl": ("oneens", ("eens", "akkoord")), "en": ("disagree", "agree")}, lowest=0
    )
    assert own.options == (
        Option(value=0, labels=("oneens", "disagree")),
        Option(value=1, labels=("eens", "akkoord", "agree")),
    )
    assert (own.lowest, own.highest, own.values) == (0, 1, (0, 1))
    assert own.model_fields_set == {"labels", "lowest"}
    assert ResponseFormat.model_validate(own.model_dump()) == own


def test_values_ascend_also_where_the_first_option_is_the_highest() -> None:
    own = ResponseFormat(
        options=(Option(value=4, labels=("very true",)), Option(value=1, labels=("not at all",)))
    )
    assert (own.values, own.lowest, own.highest) == ((1, 4), 1, 4)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "expected options, labels, or lowest and highest; found none of these"),
        ({"lowest": 5, "highest": 5}, "expected a lowest value below the highest; found 5 and 5"),
        ({"options": [{"value": 1}]}, "expected at least two answers; found one"),
        (
            {"options": [{"value": 1}, {"value": 1}]},
            "expected each value once; found the same value for two options",
        ),
        (
            {"labels": {"nl": ["a", "b"], "en": ["a"]}},
            "expected as many labels in each language; found nl 2, en 1",
        ),
        (
            {"labels": {"nl": ["a", "b"]}, "highest": 3},
            "expected options from lowest to highest, here 1 to 2",
        ),
        (
            {"labels": {"nl": ["a", "b"]}, "options": [{"value": 1}, {"value": 9}]},
            "either `options` or `labels`",
        ),
        ({"lowest": float("nan"), "highest": 1}, "finite number"),
    ],
)
def test_a_format_that_does_not_add_up_is_refused(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ResponseFormat.model_validate(written)


def test_two_spellings_of_one_answer_in_a_column_mean_another_format() -> None:
    seven = ["helemaal mee eens", "Zeer mee eens", "mee eens", "neutraal", "strongly agree", "5"]
    assert mixed_spellings("agree_5", seven) == {5.0: ("helemaal mee eens", "zeer mee eens")}
    assert mixed_spellings("own_format", seven) == {}


def test_the_nearest_label_is_for_messages_and_keeps_its_spelling() -> None:
    assert nearest_label("Mee  ens", ["Mee oneens", "Mee Eens"]) == "Mee Eens"
    assert nearest_label("xyz", ["Mee eens"]) is None
    assert did_you_mean("agre_5", BUILT_IN_FORMATS) == "Did you mean `agree_5`?"
    assert did_you_mean("xyz", BUILT_IN_FORMATS) == ""
    assert did_you_mean("a question", ["A\nquestion"]) == r"Did you mean `A\nquestion`?"


def _columns(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(zip(*list(csv.reader(file))[3:], strict=True))


def test_texts_of_a_real_export_give_the_numbers_of_its_numeric_twin(shared: Path) -> None:
    """One Qualtrics survey exported twice; its README names Q2 (recoded), Q4 and Q8 (turned)."""
    folder = shared / "real_data" / "qualtrics_choice_vs_numeric"
    texts, numbers = (
        _columns(folder / "engagement_choice_text.csv"),
        _columns(folder / "engagement_numeric.csv"),
    )
    q2, turned = 19, (21, 25)
    plain = [("agree_5", c) for c in (18, 20, *range(22, 29), *range(98, 102)) if c not in turned]
    for name, column in [*plain, *(("frequency_7", c) for c in range(29, 46))]:
        built_in = BUILT_IN_FORMATS[name]
        assert [built_in.value_of(text) for text in texts[column]] == [
            float(each) for each in numbers[column]
        ]
        assert mixed_spellings(name, texts[column]) == {}
    agree = BUILT_IN_FORMATS["agree_5"]
    for column in turned:
        assert [agree.value_of(text) for text in texts[column]] == [
            6 - float(each) for each in numbers[column]
        ]
    assert {agree.value_of(text) for text in numbers[q2]} == {1, 2, 3, None}  # 6 and 7 are no answers of five
    six_points = range(46, 86)
    assert all(mixed_spellings("agree_5", texts[column]) for column in six_points)
