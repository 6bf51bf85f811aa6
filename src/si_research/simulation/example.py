"""The embedded example: a synthetic Dutch MKB survey as a survey tool would export it.

Nobody answered it. Its truth is stated in ``TRUTH`` and in the README that is written beside it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.simulation.worlds import (
    Array,
    World,
    firm_sizes,
    item_answers,
    true_conditions,
    true_outcome,
)

SEED: Final = 20261123
TRUTH: Final = World(form="additive", n_employees=1500, n_firms=60, r_squared=0.35, icc=0.05, n_items=4)
SCHEME_LIFT: Final = 0.30  # what the scheme adds to mogen in the second wave, in scale points
SURVEY_FILE: Final = "survey_export_synthetic.csv"
TEMPLATES: Final = ("codebook.yml", "study.yml", "README.md")
AGREE: Final = ("helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens")
FREQUENCY: Final = ("nooit", "zelden", "soms", "vaak", "altijd")
SECTORS: Final = ("industrie", "bouw", "coördinatie en logistiek", "zorg", "zakelijke diensten")
AGE_CLASSES: Final = ("15-24", "25-34", "35-44", "45-54", "55-67")
REVERSED: Final = "w3"
ITEMS: Final = {"k": 4, "w": 4, "m": 4, "ig": 5}


def write_example(folder: str | Path) -> Path:
    """Write the example survey with its codebook, study file and README.

    Parameters
    ----------
    folder : str or Path
        New or existing; files of the same names are replaced.

    Returns
    -------
    Path
        The folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     sorted(path.name for path in write_example(place).iterdir())
    ['README.md', 'codebook.yml', 'study.yml', 'survey_export_synthetic.csv']
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    (place / SURVEY_FILE).write_bytes(export_bytes(simulate_export(seed=SEED)))
    for name in TEMPLATES:
        text = files("si_research.simulation").joinpath("example_template", name).read_text("utf-8")
        (place / name).write_bytes(text.encode("utf-8"))
    return place


def export_bytes(export: pd.DataFrame) -> bytes:
    """Return the file as Dutch survey tools write it: semicolons, CRLF, Windows-1252."""
    text = export.to_csv(sep=";", index=False, lineterminator="\r\n")
    return text.encode("cp1252")


def simulate_export(*, seed: int) -> pd.DataFrame:
    """Return both waves as text cells, in the order in which people answered."""
    rng = np.random.default_rng(seed)
    sizes = firm_sizes(rng, TRUTH.n_employees, TRUTH.n_firms)
    firms = np.repeat(np.arange(TRUTH.n_firms), sizes)
    in_scheme = rng.permutation(TRUTH.n_firms) < TRUTH.n_firms // 3
    people = _people(rng, firms, in_scheme)
    conditions = true_conditions(rng, TRUTH, firms)
    waves = [_wave(rng, "nulmeting", people, conditions, firms)]
    later = _second_wave(rng, conditions, in_scheme[firms])
    waves.append(_wave(rng, "effectmeting", people, later, firms))
    export = pd.concat(waves, ignore_index=True)
    return _with_duplicates(rng, _with_unfinished(rng, export))


def _people(
    rng: np.random.Generator, firms: npt.NDArray[np.intp], in_scheme: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    n = len(firms)
    sector = rng.integers(len(SECTORS), size=TRUTH.n_firms)[firms]
    hours = np.clip(np.rint(rng.normal(31, 8, size=n) * 2) / 2, 8, 40)
    return pd.DataFrame(
        {
            "respondentnummer": [f"R{number:05d}" for number in rng.permutation(n) + 1],
            "bedrijf": [f"B{firm + 1:02d}" for firm in firms],
            "regeling": np.where(in_scheme[firms], "ja", "nee"),
            "sector": np.array(SECTORS)[sector],
            "leeftijdsklasse": np.array(AGE_CLASSES)[rng.choice(5, size=n, p=[0.1, 0.24, 0.26, 0.24, 0.16])],
            "contracturen": [f"{value:.1f}".replace(".", ",") for value in hours],
            "leidinggevend": np.where(rng.random(n) < 0.14, "ja", "nee"),
        }
    )


def _second_wave(rng: np.random.Generator, conditions: Array, in_scheme: npt.NDArray[np.bool_]) -> Array:
    """Return the conditions a year later: much as they were, mogen higher in the scheme."""
    mean, spread, stay = TRUTH.mean, TRUTH.std_dev, 0.7
    drift = spread * np.sqrt(1 - stay**2) * rng.normal(size=conditions.shape)
    later = mean + stay * (conditions - mean) + drift
    later[in_scheme, 2] += SCHEME_LIFT
    return np.asarray(np.clip(later, 1, 5))


def _wave(
    rng: np.random.Generator,
    wave: str,
    people: pd.DataFrame,
    conditions: Array,
    firms: npt.NDArray[np.intp],
) -> pd.DataFrame:
    outcome = true_outcome(rng, TRUTH, conditions, firms)
    export = people.copy()
    export.insert(1, "meting", wave)
    truths = [*conditions.T, outcome]
    for (letter, n_items), truth in zip(ITEMS.items(), truths, strict=True):
        block = item_answers(rng, truth, n_items=n_items, reliability=TRUTH.reliability).astype(int)
        for item in range(n_items):
            name = f"{letter}{item + 1}"
            points = 6 - block[:, item] if name == REVERSED else block[:, item]
            labels = np.array(FREQUENCY if letter == "ig" else AGREE)[points - 1]
            export[name] = _with_non_answers(rng, labels, may_not_apply=name in {"m4", "ig5"})
    mark = np.clip(5.8 + 0.9 * (outcome - 3) + 0.8 * rng.normal(size=len(firms)), 1, 10)
    export["rapportcijfer"] = [f"{value:.1f}".replace(".", ",") for value in mark]
    export.loc[rng.choice(len(export), 2, replace=False), "rapportcijfer"] = "75"  # typed for 7,5
    export["duur_seconden"] = np.rint(rng.lognormal(6.0, 0.4, size=len(firms))).astype(int).astype(str)
    export["afgerond"] = "ja"
    return export.sample(frac=1, random_state=int(rng.integers(2**31)))


def _with_non_answers(
    rng: np.random.Generator, labels: npt.NDArray[np.str_], *, may_not_apply: bool
) -> npt.NDArray[np.object_]:
    cells = labels.astype(object)
    draw = rng.random(len(cells))
    cells[draw < 0.015] = "weet niet"
    cells[(draw >= 0.015) & (draw < 0.025)] = ""
    if may_not_apply:
        cells[(draw >= 0.025) & (draw < 0.055)] = "n.v.t."
    return cells


def _with_unfinished(rng: np.random.Generator, export: pd.DataFrame) -> pd.DataFrame:
    """Some people stop after the first block of items."""
    stopped = rng.choice(len(export), 70, replace=False)
    first = export.columns.get_loc("w1")
    assert isinstance(first, int)
    export.iloc[stopped, first:] = ""
    export.loc[export.index[stopped], "duur_seconden"] = "95"
    export.loc[export.index[stopped], "afgerond"] = "nee"
    return export


def _with_duplicates(rng: np.random.Generator, export: pd.DataFrame) -> pd.DataFrame:
    """Some people sent the form twice; the first time of half of them was not complete."""
    twice = export.iloc[np.sort(rng.choice(len(export), 36, replace=False))].copy()
    half = twice.index[::2]
    export.loc[half, "m1":"ig5"] = ""
    export.loc[half, "afgerond"] = "nee"
    return pd.concat([export, twice], ignore_index=True)
