"""What is said of factor models: their fit, their validity, and whether an instrument stayed the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from si_research.report.describe import records
from si_research.report.factor_findings import InstrumentComparison
from si_research.report.labels import Labels

if TYPE_CHECKING:
    from si_research.measurement.factors.factor_fit import FactorFit
    from si_research.measurement.factors.hints import ModificationHints
    from si_research.measurement.factors.invariance import Invariance
    from si_research.measurement.factors.validity import HeterotraitMonotrait, Validity

Reading = Literal["close", "acceptable", "poor", "untested", "lost"]
LINES: Final[tuple[tuple[Reading, float, float, float], ...]] = (
    ("close", 0.95, 0.06, 0.08),
    ("acceptable", 0.90, 0.08, 0.10),
)
"""Lowest CFI, highest RMSEA and highest SRMR: Hu & Bentler's (1999) lines, and looser customary ones."""
ENOUGH_VARIANCE: Final = 0.50
ENOUGH_RELIABILITY: Final = 0.70
TOO_ALIKE: Final = 0.85
"""HTMT from which two scales are not told apart (Henseler et al. 2015, for what is to differ clearly)."""
MOST_HINTS: Final = 5


@dataclass(frozen=True, slots=True)
class ShownFit:
    """The fit measures that are shown of a model: the robust ones where they are known."""

    robust: bool
    chi_square: float
    df: float
    p_value: float
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmr: float
    aic: float
    bic: float


def shown_fit(fit: FactorFit) -> ShownFit:
    """Return the measures of a model: scaled and robust ones, where the scaling is known."""
    robust = fit.estimator == "MLR" and math.isfinite(fit.fit["chi_square_scaled"])
    names = {
        "chi_square": "chi_square_scaled",
        "p_value": "p_value_scaled",
        "cfi": "cfi_robust",
        "tli": "tli_robust",
        "rmsea": "rmsea_robust",
        "rmsea_low": "rmsea_robust_low",
        "rmsea_high": "rmsea_robust_high",
    }
    chosen = {ours: theirs if robust else ours for ours, theirs in names.items()}
    chosen |= {name: name for name in ("df", "srmr", "aic", "bic")}
    return ShownFit(robust, **{ours: float(fit.fit[theirs]) for ours, theirs in chosen.items()})


def reading_of(fit: FactorFit) -> Reading:
    """Return how well a model fits, by customary lines."""
    if fit.status in {"not converged", "not identified"}:
        return "lost"
    shown = shown_fit(fit)
    if shown.df == 0:
        return "untested"
    for reading, cfi, rmsea, srmr in LINES:
        if shown.cfi >= cfi and shown.rmsea <= rmsea and shown.srmr <= srmr:
            return reading
    return "poor"


def fit_sentence(fit: FactorFit, labels: Labels) -> str:
    """Return the measures of a model, and how well it fits."""
    speak, reading = labels.voice, reading_of(fit)
    counts = {"n_used": fit.n_used, "n_rows": fit.n_rows, "count": len(fit.factors)}
    if reading == "lost":
        return speak.say(f"factor_readings.{fit.status.replace(' ', '_')}", **counts)
    improper = speak.say("factor_readings.improper") if fit.status == "improper" else ""
    # how well a model fits is no news of one whose figures are not to be used
    said = "" if improper else speak.say(f"factor_readings.{reading}")
    if reading == "untested":
        return f"{said} {improper}".strip()
    shown = shown_fit(fit)
    figures = speak.say(
        "sentences.factors",
        df=speak.whole(shown.df),
        chi_square=speak.number(shown.chi_square, 1),
        p=speak.p_value(shown.p_value),
        cfi=speak.bounded(shown.cfi, 3),
        tli=speak.bounded(shown.tli, 3),
        rmsea=speak.bounded(shown.rmsea, 3),
        interval=speak.interval(shown.rmsea_low, shown.rmsea_high, digits=3, bounded=True),
        srmr=speak.bounded(shown.srmr, 3),
        **counts,
    )
    return f"{figures} {said or improper}"


def loadings_of(fit: FactorFit) -> pd.DataFrame:
    """Return the standardised loadings: factor, item, estimate, std_error, conf_low, conf_high, r2."""
    table = fit.standardised[fit.standardised["operator"] == "=~"]
    table = table.rename(columns={"left": "factor", "right": "item"}).reset_index(drop=True)
    columns = ["factor", "item", "estimate", "std_error", "conf_low", "conf_high"]
    return table[columns].assign(r2=fit.r2.reindex(table["item"]).to_numpy())


def validity_sentences(
    validity: Validity, htmt: HeterotraitMonotrait | None, labels: Labels
) -> Iterator[str]:
    """Say which scales are measured well, and which pairs are told apart."""
    speak = labels.voice
    if validity.status != "estimated":
        yield speak.say("factors.no_validity")
        return
    table = records(validity.table())
    for key, column, floor in (
        ("variance", "ave_standardised", ENOUGH_VARIANCE),
        ("reliability", "composite_reliability", ENOUGH_RELIABILITY),
    ):
        low = [labels.of(row["factor"]) for row in table if row[column] < floor]
        values: dict[str, Any] = {"floor": speak.bounded(floor), "scales": speak.listed(low)}
        yield speak.say(f"factors.{key}_low" if low else f"factors.{key}_enough", **values)
    if not validity.pairs.empty:
        yield _pairs_sentence(validity, htmt, labels)


def _pairs_sentence(validity: Validity, htmt: HeterotraitMonotrait | None, labels: Labels) -> str:
    speak = labels.voice
    alike = [
        speak.say("factors.pair", first=labels.of(row["first"]), second=labels.of(row["second"]))
        for row in records(pairs_of(validity, htmt))
        if not row["apart"]
    ]
    values = {"pairs": speak.listed(alike), "ceiling": speak.bounded(TOO_ALIKE)}
    key = "factors.pairs_alike" if alike else "factors.pairs_apart"
    return speak.say(key if htmt is not None else f"{key}_alone", **values)


def pairs_of(validity: Validity, htmt: HeterotraitMonotrait | None) -> pd.DataFrame:
    """Return the pairs of factors with HTMT, and whether they are told apart by both comparisons."""
    pairs = validity.pairs.assign(htmt=math.nan, htmt2=math.nan)
    if htmt is not None:
        known = htmt.table().set_index(["first", "second"])
        places = list(zip(pairs["first"], pairs["second"], strict=True))
        pairs = pairs.assign(
            htmt=known["htmt"].reindex(places).to_numpy(), htmt2=known["htmt2"].reindex(places).to_numpy()
        )
    alike = pairs["htmt"] >= TOO_ALIKE
    return pairs.assign(apart=pairs["fornell_larcker"].eq(True) & ~alike)


def large_hints(hints: ModificationHints) -> pd.DataFrame:
    """Return the hints that stand out among so many: at most five, none of them applied."""
    table = hints.table()
    return table[table["p_value"] < 0.05 / max(len(table), 1)].head(MOST_HINTS)


def hint_words(row: Mapping[str, Any], labels: Labels) -> str:
    """Say what a hint would change."""
    if row["operator"] == "=~":
        return labels.voice.say(
            "factors.hint_loading", item=f"`{row['right']}`", factor=labels.of(str(row["left"]))
        )
    return labels.voice.say("factors.hint_pair", first=f"`{row['left']}`", second=f"`{row['right']}`")


def hints_sentence(hints: ModificationHints, labels: Labels) -> str:
    """Name the hints that stand out, and say that none was applied."""
    speak, chosen = labels.voice, records(large_hints(hints))
    if not chosen:
        return speak.say("factors.no_hints", n=speak.whole(len(hints.hints)))
    listed = speak.listed([hint_words(row, labels) for row in chosen])
    return speak.say("factors.hints", listed=listed, n=speak.whole(len(hints.hints)), count=len(chosen))


def instrument_sentence(found: InstrumentComparison, labels: Labels) -> str:
    """Say whether the instrument stayed the same, and what that means for a comparison."""
    speak = labels.voice
    values = {"groups": labels.of(found.name)}
    if found.invariance is None:
        code = found.findings[0].name
        where = speak.listed([f"`{item}`" for item in found.findings[0].where])
        reason = speak.say(f"instrument_findings.{code}", where=where, **values)
        return speak.say("instruments.unknown_reason", reason=reason, **values)
    level = found.invariance.levels
    if found.verdict == "unknown":
        first = records(level)[0]
        misfits = first["status"] == "estimated" and pd.isna(first["holds"])
        key = "instruments.unknown" if misfits else "instruments.unknown_lost"
        return speak.say(key, cfi=speak.bounded(first["cfi"], 3), **values)
    said = speak.say(f"instruments.{found.verdict}", **values)
    moved = [f"`{str(row['term']).removesuffix(' ~1').split(' =~ ')[-1]}`" for row in records(found.moved)]
    if moved:
        said += " " + speak.say("instruments.moved", items=speak.listed(moved[:MOST_HINTS]), count=len(moved))
    return said


def invariance_sentence(found: Invariance, labels: Labels) -> str:
    """Say it of groups that have no name."""
    return instrument_sentence(InstrumentComparison(labels.voice.say("instruments.groups"), found), labels)
