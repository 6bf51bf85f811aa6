"""What stands below a table of a paper: n, what is centred, where errors and degrees of freedom come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from si_research.report.describe import reference_levels
from si_research.report.labels import Labels
from si_research.report.probing_tables import method_in_words

if TYPE_CHECKING:
    from si_research.model.interaction import InteractionFit
    from si_research.model.missing.pool import PooledInteraction


def about(labels: Labels, fit: InteractionFit | PooledInteraction) -> str:
    """Return n, what is centred and where the standard errors come from."""
    speak = labels.voice
    names = speak.listed([labels.of(name) for name in fit.predictors])
    n = {"n": fit.n_used, "n_rows": fit.n_rows}
    method = method_in_words(fit.method, labels)
    said = [speak.say("apa.about", names=names, outcome=labels.of(fit.outcome), **n)]
    if fit.clusters is None:
        said.append(speak.say("apa.errors", method=method))
    else:
        said.append(speak.say("apa.errors_firms", method=method, n_clusters=fit.clusters.n_clusters))
    if fit.weight is not None:
        said.append(speak.say("apa.weighted", weight=labels.of(fit.weight)))
    if type(fit).__name__ == "PooledInteraction":
        said.append(speak.say("apa.pooled", n_imputations=fit.n_imputations))  # type: ignore[union-attr]
    return " ".join(said)


def df_of_steps(labels: Labels, fit: InteractionFit) -> str:
    """Return the degrees of freedom of t: over people those that each step leaves, over firms one number."""
    if fit.clusters is None:
        return labels.voice.say("apa.df_steps")
    return labels.voice.say("apa.df", df=df_in_words(labels, fit.df))


def df_of(labels: Labels, table: pd.DataFrame) -> str:
    """Return the degrees of freedom of t, from the fewest to the most where they differ."""
    low, high = (df_in_words(labels, float(end)) for end in (table["df"].min(), table["df"].max()))
    df = low if low == high else labels.voice.say("apa.from_to", low=low, high=high)
    return labels.voice.say("apa.df", df=df)


def df_in_words(labels: Labels, df: float) -> str:
    """Return degrees of freedom, with decimals where they have any (Satterthwaite)."""
    return labels.voice.df(df, 0 if pd.isna(df) or round(float(df), 3).is_integer() else 1)


def squares_in_words(labels: Labels, fit: InteractionFit) -> str:
    """Return which squares a joint test allows for: ``the squares of a and b``."""
    names = labels.voice.listed([labels.of(name) for name in fit.squares])
    return labels.voice.say("apa.squares", count=len(fit.squares), names=names) if names else ""


def references_in_words(labels: Labels, fit: InteractionFit) -> list[str]:
    """Return what the dummies of the controls are compared with: ``Reference category: sector: care.``"""
    named = [labels.term(f"{name}[{level}]") for name, level in reference_levels(fit).items()]
    return [labels.voice.say("apa.reference", count=len(named), names="; ".join(named))] if named else []
