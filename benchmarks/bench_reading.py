"""How long reading, cleaning and scoring take, beside pandas reading the same file as text."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research import clean_survey, read_survey, score_scales
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.seal import seal_ledger

N_PEOPLE, N_ITEMS, N_FIRMS = 1_000_000, 40, 5_000
LABELS = ("helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens", "weet niet", "")
CONSTRUCTS = ("kunnen", "willen", "mogen", "innovative_behaviour")
Benchmark = Callable[..., Any]


def codebook() -> Codebook:
    names = [f"k{number}" for number in range(N_ITEMS)]
    step = N_ITEMS // len(CONSTRUCTS)
    return Codebook(
        title="Benchmark",
        missing_codes={"weet niet": "does_not_know"},
        items={name: Item(format="agree_5") for name in names},
        variables={"nummer": Variable(kind="identifier"), "bedrijf": Variable()},
        scales={
            construct: Scale(construct=construct, items=tuple(names[place * step : (place + 1) * step]))
            for place, construct in enumerate(CONSTRUCTS)
        },
        roles=Roles(respondent="nummer", organisation="bedrijf"),
    )


def write_export(path: Path) -> None:
    rng = np.random.default_rng(20261125)
    answers = np.array(LABELS)[rng.choice(len(LABELS), p=[0.1, 0.2, 0.25, 0.3, 0.1, 0.03, 0.02],
                                          size=(N_PEOPLE, N_ITEMS))]  # fmt: skip
    frame = pd.DataFrame(answers, columns=[f"k{number}" for number in range(N_ITEMS)])
    frame.insert(0, "bedrijf", [f"B{firm}" for firm in rng.integers(N_FIRMS, size=N_PEOPLE)])
    frame.insert(0, "nummer", np.arange(1, N_PEOPLE + 1))
    frame.to_csv(path, sep=";", index=False)


def read_clean_score(path: Path) -> pd.DataFrame:
    book = codebook()
    return score_scales(clean_survey(read_survey(path, book), book), book).table()


def read_clean_score_seal(path: Path) -> pd.DataFrame:
    """Do what the command ``clean`` does before it writes."""
    book = codebook()
    survey = clean_survey(read_survey(path, book), book)
    scores = score_scales(survey, book)
    return seal_ledger(survey, scores.ledger).steps


def read_as_text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", dtype=str)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "export.csv"
    write_export(path)
    return path


WORK = {
    "yardstick: pandas, dtype=str": read_as_text,
    "read, clean and score": read_clean_score,
    "read, clean, score and seal": read_clean_score_seal,
}


@pytest.mark.parametrize("name", WORK)
def test_reading(benchmark: Benchmark, export: Path, name: str) -> None:
    benchmark.pedantic(WORK[name], args=(export,), rounds=3, warmup_rounds=0)  # type: ignore[attr-defined]


def test_memory(export: Path) -> None:
    """The most memory that a process takes beyond its start, as a share of pandas' table of the same file."""
    table = read_as_text(export).memory_usage(deep=True).sum()
    peak = int(
        subprocess.run(
            [sys.executable, str(Path(__file__)), str(export)], capture_output=True, text=True, check=True
        ).stdout
    )
    print(f"\npeak {peak / 1e6:.0f} MB, table of pandas {table / 1e6:.0f} MB: ratio {peak / table:.2f}")
    assert peak > table / 10


def main(path: Path) -> None:
    """Print the bytes that the work adds to the peak of a process."""
    # The libraries are there before the work begins.
    read_clean_score_of_few(path)
    before = peak_memory()
    read_clean_score(path)
    print(peak_memory() - before)


def peak_memory() -> int:
    """Return the most bytes that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: on Linux a process begins with the peak of the one that started it.
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert found
        return int(found[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read_clean_score_of_few(path: Path) -> None:
    few = path.with_name("few.csv")
    with path.open("rb") as lines:
        few.write_bytes(b"".join(next(lines) for _ in range(200)))
    read_clean_score(few)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
