"""Johnson-Neyman: for which values of one predictor can the effect of others be told from zero?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, ends_of, listed_points
from si_research.model.design import term_name
from si_research.model.inference import Array
from si_research.model.probed import Probed, check_probed
from si_research.model.probing import effect_parts, effect_weights, estimates, probe_points

CURVE_POINTS: Final = 201
FALSE_DISCOVERY_POINTS: Final = 1001
"""Values of the moderator over which discoveries are counted, as in R's interactions."""
ROUNDING: Final = 1e-12
"""Share of its two parts below which nothing but rounding is left of their difference."""
EVERYWHERE, NOWHERE, BETWEEN = "everywhere", "nowhere", "between the bounds"
OUTSIDE, ABOVE, BELOW = "outside the bounds", "above the bound", "below the bound"


@dataclass(frozen=True, slots=True, eq=False)
class JohnsonNeyman:
    """Where an effect differs from zero along one predictor; its tables and its curve are one computation.

    Every table starts with the value at which the remaining predictor is held, where there is one.

    Attributes
    ----------
    of, over : str
        The predictor or product whose coefficient it is, and the predictor that it is followed along.
    fdr : bool
        Whether false discoveries along the observed range are controlled.
    conf_level : float
    regions : pandas.DataFrame
        low and high of each region (infinite at its ends), whether the effect is ``significant`` there and
        its ``direction`` ("positive", "negative", "none"), ``n`` and ``share`` of the respondents used
        whose value lies in it; ``outside_data`` where it has no part of the observed range.
    bounds : pandas.DataFrame
        ``bound``: where |t| is the critical value, estimate to p_value there; ``outside_data``. No rows
        where there are none.
    lines : pandas.DataFrame
        ``critical`` value of |t|, ``significant_where`` ("everywhere", "nowhere", "between the bounds",
        "outside the bounds", "above the bound", "below the bound": on the whole line), ``n_significant``
        and ``share_significant`` of the respondents used; ``outside_data`` where the held value is.
    curve : pandas.DataFrame
        Along ``over``: estimate, std_error, statistic, df, p_value, conf_low, conf_high (at the
        critical value), ``significant``, ``outside_data``. The bounds are among its points.
    """

    of: str
    over: str
    fdr: bool
    conf_level: float
    regions: pd.DataFrame = field(repr=False)
    bounds: pd.DataFrame = field(repr=False)
    lines: pd.DataFrame = field(repr=False)
    curve: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the regions."""
        return self.regions.copy()

    def __str__(self) -> str:
        return f"{self.of} over {self.over}\n{self.regions.round(3).to_string(index=False)}"

    def _repr_html_(self) -> str:
        head = f"<p>{escape(f'{self.of} over {self.over}')}</p>"
        return f"{head}{self.regions.round(3).to_html(index=False)}"


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """An effect b0 + b1·u along u, the moderator as z-score, with the covariance of b0 and b1."""

    b: Array
    V: Array
    critical: float

    def quadratic(self) -> tuple[float, float, float]:
        """Return A, H, C: the effect squared minus the critical variance is A·u² + 2·H·u + C."""
        squared, t2 = np.outer(self.b, self.b), self.critical**2
        parts = squared - t2 * self.V
        parts[np.abs(parts) <= ROUNDING * (np.abs(squared) + t2 * np.abs(self.V))] = 0.0
        return float(parts[1, 1]), float(parts[0, 1]), float(parts[0, 0])

    def crossings(self) -> list[float]:
        """Return the u at which |t| is the critical value, from low to high."""
        A, H, C = self.quadratic()
        inner = H * H - A * C
        if inner <= 0:
            return []
        # the root that does not subtract two like numbers; the other follows from the product of the two
        q = -(H + np.copysign(np.sqrt(inner), H))
        return sorted({C / q, *([q / A] if A else [])})

    def starts_significant(self) -> bool:
        """Whether the effect is significant at the far left."""
        A, H, C = self.quadratic()
        return A > 0 if A else (H < 0 if H else C > 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Effect:
    """A coefficient along a moderator, the rest fixed: weights start + step·u, u the moderator's z-score."""

    fit: Probed
    term: str
    over: str
    fixed: Mapping[str, float]
    start: Array
    step: Array

    @property
    def centre(self) -> float:
        return self.fit.centres[self.over]

    @property
    def observed(self) -> tuple[float, float]:
        """Return the lowest and highest value of the moderator among the rows used."""
        column = self.fit.rows[self.over]
        return float(column.min()), float(column.max())

    def scale_points(self, u: Array) -> Array:
        """Return z-scores of the moderator in its own unit."""
        return np.asarray(self.centre + self.fit.std_devs[self.over] * u, dtype="float64")

    def along(self, values: Array) -> pd.DataFrame:
        """Return the effect at values of the moderator, and which of them lie beyond the rows used."""
        u = (values - self.centre) / self.fit.std_devs[self.over]
        weights = self.start + np.outer(u, self.step)
        table = estimates(self.fit, weights, [self.term] * len(values)).reset_index(drop=True)
        table.insert(0, self.over, values)
        low, high = self.observed
        table["outside_data"] = (values < low) | (values > high)
        return table


def johnson_neyman(
    fit: Probed,
    *,
    of: str,
    over: str,
    at: Mapping[str, Sequence[float]] | None = None,
    fdr: bool = False,
    scale: tuple[float, float] | None = None,
) -> JohnsonNeyman:
    """Return the regions of one predictor in which the effect of another, or of two others, is significant.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
    of : str
        A predictor ("kunnen": its slope) or the product of two ("kunnen:willen": how much each strengthens
        the other).
    over : str
        The predictor along which the effect changes; not a binary one.
    at : mapping of name to values, optional
        Values at which the remaining predictor is held, if there is one, in scale points: an analysis for
        each. By default its 16th, 50th and 84th percentile (both values of a binary one).
    fdr : bool
        Control the false discovery rate along the observed range of ``over`` in each analysis.
    scale : (low, high), optional
        Ends of the response format of ``over``: the curve then spans them, too.

    Returns
    -------
    JohnsonNeyman

    Raises
    ------
    ModelSpecificationError
        For effects and moderators that the fit does not have, a binary moderator, or values that are not
        finite.

    Notes
    -----
    Along the moderator z the effect is b0 + b1·z with variance v00 + 2·v01·z + v11·z², b and V those of the
    fit's recommended method. |t| passes the critical value t* where (b1² - t*²·v11)·z² +
    2·(b0·b1 - t*²·v01)·z + b0² - t*²·v00 = 0, solved in closed form on z-scores. With b1 itself significant
    (first coefficient above 0) the effect is significant outside two bounds, as somewhere it must be zero;
    else between two bounds, or nowhere. "Everywhere" is therefore possible in the data, on the whole line
    only where the effect does not change. A bound beyond the data says nothing that was observed.

    The plain regions test each value by itself. With ``fdr`` t* is that of Benjamini and Hochberg over 1,001
    even steps of the observed range, as in R's interactions (control.fdr); where nothing is discovered it is
    the value for the first of them. p_value stays that of one value.

    References
    ----------
    Johnson & Neyman (1936). Bauer & Curran (2005), https://doi.org/10.1207/s15327906mbr4003_5. Esarey &
    Sumner (2018), https://doi.org/10.1177/0010414017730080.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> fit = fit_interaction(simulate_scores(500, three_way=0.3, seed=1))
    >>> found = johnson_neyman(fit, of="kunnen:willen", over="mogen")
    >>> list(found.regions["direction"])
    ['negative', 'none', 'positive']
    """
    check_probed(fit, "johnson_neyman")
    parts = _parts(fit, of, over)
    held = [name for name in fit.predictors if name not in {*parts, over}]
    chosen = listed_points(at, "`at` of johnson_neyman")
    _check_values(held, chosen)
    scale = ends_of(scale, "`scale` of johnson_neyman")
    places = [{name: float(value)} for name in held for value in chosen.get(name, probe_points(fit, name))]
    pieces = [_analysis(_effect(fit, parts, over, fixed), fdr, scale) for fixed in places or [{}]]
    regions, bounds, lines, curve = (pd.concat(each, ignore_index=True) for each in zip(*pieces, strict=True))
    return JohnsonNeyman(of, over, fdr, fit.conf_level, regions, bounds, lines, curve)


def _parts(fit: Probed, of: str, over: str) -> tuple[str, ...]:
    """Return the predictors whose product the effect is, in the order of the fit."""
    parts = effect_parts(fit, of)
    if not parts or over not in fit.predictors or over in parts:
        raise ModelSpecificationError(
            expected=f"an effect of {', '.join(fit.predictors)} or two of them, over another one",
            found=f"{of if isinstance(of, str) else as_found(of)} over {over}",
            where="`of` or `over` of johnson_neyman",
            todo="name them as in of='kunnen', over='mogen', or of='kunnen:willen', over='mogen'",
        )
    if over in fit.squares_left_out:
        raise ModelSpecificationError(
            expected="a predictor with more than two values",
            found=f"{over}, which has two",
            where="`over` of johnson_neyman",
            todo="ask for simple_slopes, which shows the effect at both values",
        )
    return parts


def _check_values(held: Sequence[str], at: Mapping[str, Sequence[float]]) -> None:
    wrong = [name for name in at if name not in held]
    wrong += [f"values of {name}" for name in at if not len(at[name]) or not np.isfinite(at[name]).all()]
    if wrong:
        raise ModelSpecificationError(
            expected=f"finite values of {', '.join(held) or 'no further predictor'}",
            found=", ".join(wrong),
            where="`at` of johnson_neyman",
            todo="give scale points for the predictor that is neither in `of` nor in `over`",
        )


def _effect(fit: Probed, parts: tuple[str, ...], over: str, fixed: Mapping[str, float]) -> _Effect:
    centre = fit.centres[over]
    start = effect_weights(fit, parts, {**fixed, over: centre})
    step = effect_weights(fit, parts, {**fixed, over: centre + fit.std_devs[over]}) - start
    return _Effect(fit, term_name(parts), over, fixed, start, step)


def _analysis(
    effect: _Effect, fdr: bool, scale: tuple[float, float] | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return regions, bounds, line and curve with the remaining predictor at one value."""
    line = _line(effect, fdr)
    bounds = effect.scale_points(np.array(line.crossings()))
    regions = _region_table(effect, line, bounds)
    tables = (
        regions,
        effect.along(bounds).rename(columns={effect.over: "bound"}).drop(columns=["conf_low", "conf_high"]),
        _line_table(effect, line, regions),
        _curve_table(effect, line, regions, scale),
    )
    for table in tables:
        for name, value in effect.fixed.items():
            table.insert(0, name, value)
    return tables


def _line(effect: _Effect, fdr: bool) -> _Line:
    from scipy import stats

    fit = effect.fit
    weights = np.array([effect.start, effect.step])
    alpha = (1 - fit.conf_level) * (_discovered(effect) if fdr else 1.0)
    return _Line(
        b=weights @ fit.coefficients["estimate"].to_numpy(),
        V=weights @ fit.covariance.to_numpy() @ weights.T,
        critical=float(stats.t.isf(alpha / 2, fit.smallest_df(weights))),
    )


def _discovered(effect: _Effect) -> float:
    """Return the share of the observed range that Benjamini and Hochberg reject; one step at least."""
    from statsmodels.stats.multitest import multipletests

    steps = np.linspace(*effect.observed, FALSE_DISCOVERY_POINTS)
    p = effect.along(steps)["p_value"].to_numpy()
    rejected = multipletests(p, alpha=1 - effect.fit.conf_level, method="fdr_bh")[0]
    return max(int(rejected.sum()), 1) / len(steps)


def _region_table(effect: _Effect, line: _Line, bounds: Array) -> pd.DataFrame:
    low, high = np.append(-np.inf, bounds), np.append(bounds, np.inf)
    significant = np.arange(len(low)) % 2 == (0 if line.starts_significant() else 1)
    middles = (bounds[1:] + bounds[:-1]) / 2
    inside = np.concatenate([bounds[:1] - 1, middles, bounds[-1:] + 1]) if len(bounds) else [effect.centre]
    sign = np.where(effect.along(np.asarray(inside))["estimate"] > 0, "positive", "negative")
    people = np.bincount(np.searchsorted(bounds, effect.fit.rows[effect.over]), minlength=len(low))
    first, last = effect.observed
    return pd.DataFrame(
        {
            "low": low,
            "high": high,
            "significant": significant,
            "direction": np.where(significant, sign, "none"),
            "n": people,
            "share": people / effect.fit.n_used,
            "outside_data": (high < first) | (low > last),
        }
    )


def _line_table(effect: _Effect, line: _Line, regions: pd.DataFrame) -> pd.DataFrame:
    starts, n_bounds = line.starts_significant(), len(regions) - 1
    where = {0: (NOWHERE, EVERYWHERE), 1: (ABOVE, BELOW), 2: (BETWEEN, OUTSIDE)}[n_bounds][starts]
    n = int(regions["n"][regions["significant"]].sum())
    rows = effect.fit.rows
    return pd.DataFrame(
        {
            "critical": [line.critical],
            "significant_where": [where],
            "n_significant": [n],
            "share_significant": [n / effect.fit.n_used],
            "outside_data": [
                any(not rows[name].min() <= value <= rows[name].max() for name, value in effect.fixed.items())
            ],
        }
    )


def _curve_table(
    effect: _Effect, line: _Line, regions: pd.DataFrame, scale: tuple[float, float] | None
) -> pd.DataFrame:
    """Return the effect along the data and the scale; its interval excludes 0 where it is significant."""
    ends = [*effect.observed, *(scale or ())]
    bounds = regions["high"].to_numpy()[:-1]
    drawn = bounds[(bounds > min(ends)) & (bounds < max(ends))]
    values = np.unique(np.concatenate([np.linspace(min(ends), max(ends), CURVE_POINTS), ends, drawn]))
    table = effect.along(values)
    width = line.critical * table["std_error"]
    table["conf_low"], table["conf_high"] = table["estimate"] - width, table["estimate"] + width
    flags = regions["significant"].to_numpy()[np.searchsorted(bounds, values)]
    table["significant"] = flags & ~np.isin(values, bounds)
    table["outside_data"] = table.pop("outside_data")
    return table
