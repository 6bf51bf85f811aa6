"""What is nobody: answers, scores, amounts, years, firms. A false alarm would refuse an honest survey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.privacy.identifiers import find_identifiers
from si_research.survey.reading import read_raw

RNG = np.random.default_rng(11)
N = 300
FREQUENCY = [
    "nooit",
    "een paar keer per jaar of minder",
    "eens per maand of vaker, maar niet elke week",
    "dagelijks",
]
FIRMS = [
    "Jansen Techniek B.V.", "Van der Starre BV", "Gebr. Seerden B.V.", "Technische Universiteit Delft",
    "Albert Heijn", "De Roode Kikker BV", "P. de Boer Holding B.V.", "Ministerie van Binnenlandse Zaken",
    "Department for Business, Innovation and Skills", "Raad van State", "Booking.com", "A.S. Watson",
]  # fmt: skip


def some(values: list[str]) -> list[str]:
    return [values[place] for place in RNG.integers(len(values), size=N)]


NOBODY: dict[str, tuple[str, object]] = {
    "Likert codes": ("k1", RNG.integers(1, 6, N).astype(str)),
    "Likert numbers": ("k1", RNG.integers(1, 8, N).astype(float)),
    "Dutch labels": ("k1", some(["helemaal mee eens", "mee eens", "neutraal", "(helemaal) niet mee eens"])),
    "long labels": ("Q3", some(FREQUENCY)),
    "few people, long labels": ("Q3", ["Strongly agree with this statement", "Neither agree nor disagree"]),
    "choices in one cell": ("Q4", [
        "; ".join(RNG.permutation(["Tijd om te proberen", "Geld voor materiaal", "Steun van mijn chef"])[:3])
        for _ in range(N)
    ]),
    "years": ("geboortejaar", RNG.integers(1950, 2005, N).astype(str)),
    "a year of birth by another name": ("birth date", RNG.integers(1950, 2005, N).astype(float)),
    "numbers of respondents": ("respondentnummer", np.arange(1, N + 1).astype(str)),
    "long numbers of respondents": ("id", (np.arange(N) + 100_000_001).astype(str)),
    "numbers with zeros in front": ("id", [f"{number:08d}" for number in range(N)]),
    "codes of respondents": ("id", [f"B{number:04d}" for number in range(N)]),
    "employees numbered from 1": ("EmployeeID", np.arange(1, N + 1).astype(float)),
    "amounts": ("subsidie", RNG.integers(1_000, 90_000_000, N).astype(float)),
    "amounts as written": ("subsidie", [f"€ {n:,}".replace(",", ".") for n in RNG.integers(1, 9_999_999, N)]),
    "percentages": ("aandeel", [f"{share:.1f}%" for share in RNG.uniform(0, 100, N)]),
    "dates": ("datum in dienst", [f"2019-03-{day:02d}" for day in RNG.integers(1, 29, N)]),
    "dates at midnight": ("datum", [f"2024-03-{day:02d} 00:00:00" for day in RNG.integers(1, 29, N)]),
    "a start date without a time": ("startdatum", [f"2024-03-{day:02d}" for day in RNG.integers(1, 29, N)]),
    "times of day": ("begintijd werk", [f"{hour:02d}:30" for hour in RNG.integers(6, 10, N)]),
    "ranges": ("leeftijd", some(["18-24", "25-34", "35-44", "45-54", "55+"])),
    "areas": ("postcode", RNG.integers(1000, 9999, N).astype(str)),
    "versions": ("versie", some(["1.2.3.4", "1.0.0.2", "2.1.0.0"])),
    "branches": ("sector", some(["Industrie", "Bouw", "Groot- en detailhandel; reparatie van auto's"])),
    "firms": ("Naam bedrijf", some(FIRMS)),
    "firms, each once": ("bedrijf", FIRMS),
    "the employer": ("employer name", some(FIRMS)),
    "teams": ("team", some(["Team Noord", "Verkoop", "Jansen", "HR & Communicatie"])),
    "months": ("maand", some(["Jan", "Feb", "Mrt", "Apr", "Mei", "Jun"])),
    "job titles": ("functie", some(["adviseur", "manager", "directeur", "medewerker bediening"])),
    "names of countries": ("land", some(["Nederland", "België", "Duitsland"])),
    "an item about e-mail": ("email", some(["mee eens", "neutraal", "mee oneens"])),
    "an item about e-mail in codes": ("e-mail", RNG.integers(1, 6, N).astype(str)),
    "an item about a name": ("Mijn leidinggevende kent mijn naam", some(["ja", "nee"])),
    "hours on the telephone": ("telefoon", RNG.integers(0, 40, N).astype(float)),
    "an item about phones": ("mobile", some(["Yes", "No"])),
    "a scale called feedback": ("feedback", RNG.uniform(1, 5, N).round(3)),
    "a long form": ("long", some(["lang", "kort"])),
    "kinds of device, few": ("device", some(["mobile", "desktop"])),
    "remarks that nobody made": ("opmerkingen", RNG.integers(0, 2, N).astype(str)),
}  # fmt: skip


@pytest.mark.parametrize("case", NOBODY)
def test_nobody_is_found_where_nobody_is(case: str) -> None:
    name, cells = NOBODY[case]
    assert find_identifiers(pd.DataFrame({name: cells})) == ()


QUESTIONS = {
    "I answer e-mails from my manager at home": RNG.integers(1, 6, N).astype(str),
    "Mijn collega's noemen mij bij mijn voornaam": some(["mee eens", "neutraal", "mee oneens"]),
    "Does your employer have your home address?": some(["Yes", "No", "Don't know"]),
    "How often do you explain your ideas in your own words?": some(FREQUENCY),
}


def test_a_question_that_speaks_of_names_and_addresses_asks_for_none() -> None:
    frame = pd.DataFrame({f"Q{place}": cells for place, cells in enumerate(QUESTIONS.values())})
    texts = {f"Q{place}": question for place, question in enumerate(QUESTIONS)}
    assert find_identifiers(frame, texts=texts) == ()


def scores(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    "frame",
    [
        scores(kunnen=RNG.integers(3, 16, N) / 3, willen=RNG.integers(3, 16, N) / 3),
        scores(a=RNG.normal(0, 1, N).round(4), b=RNG.normal(0, 1, N).round(4)),
        scores(a=RNG.integers(0, 13, N) / 12 * 100, b=RNG.integers(0, 13, N) / 12 * 100),
        scores(a=RNG.uniform(0, 90, N), b=RNG.uniform(0, 90, N)),
        scores(PVLIT1=RNG.normal(280, 45, N), PVNUM1=RNG.normal(280, 45, N)),
        scores(lft=RNG.uniform(18, 67, N).round(3), dienst=RNG.uniform(0, 40, N).round(3)),
        scores(a=np.full(N, 52.3333), b=np.full(N, 4.3333)),
    ],
    ids=["scale means", "z-scores", "POMP", "percentages", "plausible values", "age and tenure", "constants"],
)
def test_scores_with_decimals_are_no_places(frame: pd.DataFrame) -> None:
    assert find_identifiers(frame) == ()
    assert find_identifiers(frame.astype("str")) == ()


@pytest.mark.parametrize(
    "path",
    [
        "piaac_nl_adults/piaac_nld_subset.csv", "reversed_items/bfi.csv", "reversed_items/acl.csv",
        "work_cognitions/nimon2021.csv", "army_companies/bhr2000.csv", "army_companies/lq2002.csv",
        "army_companies/univbct.csv", "gss2010_spss/gss2010.sav", "jobcrafting_chile/unete2_reduced.sav",
        "fairplayer_waves/fairplayer.csv", "pses_canada_units/dtPSES.csv", "csps_uk_orgs/raw_2010.csv",
        "csps_uk_orgs/raw_2019.xlsx", "fevs_agency_wide/full_FEVS_prototype.csv", "jtrain_grants/jtrain.csv",
        "pses_canada_units/dtDepartments.csv",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_real_files_without_people_stay_silent(shared: Path, path: str) -> None:
    raw = read_raw(shared / "real_data" / path)
    assert find_identifiers(raw.frame, texts=raw.texts, roles=raw.roles) == ()


def test_answers_of_many_people_are_no_identifiers() -> None:
    codes = RNG.integers(1, 6, (20_000, 40))
    frame = pd.DataFrame(codes).add_prefix("k").astype("float64")
    texts = pd.DataFrame({name: pd.Series(codes[:, 0].astype("U1"), dtype="str") for name in frame})
    for each in (frame, texts):
        assert find_identifiers(each) == ()
