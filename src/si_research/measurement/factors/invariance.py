"""Measurement invariance: is it the same instrument in each group?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.factors.answers import Missing, prepared
from si_research.measurement.factors.confirmatory import fit_structure, yardstick_of
from si_research.measurement.factors.estimation import has_information, likelihood, solve
from si_research.measurement.factors.factor_fit import Estimator, FactorFit
from si_research.measurement.factors.factor_model import Equal, Factors, checked_factors, factor_structure
from si_research.measurement.factors.structure import Array, Parameter, Structure, structure
from si_research.survey.check_result import CheckResult

Level = Literal["configural", "metric", "scalar", "strict"]
LEVELS: Final[dict[Level, tuple[Equal, ...]]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
COLUMNS: Final = [
    "level",
    "status",
    "chi_square",
    "df",
    "p_value",
    "cfi",
    "tli",
    "rmsea",
    "srmr",
    "aic",
    "bic",
    "chi_square_change",
    "df_change",
    "p_change",
    "cfi_change",
    "rmsea_change",
    "srmr_change",
    "holds",
]
LARGE: Final = 300
"""Respondents above which Chen's (2007) cut-offs for large samples hold."""
WORST_CFI: Final = 0.90
"""CFI below which the configural model itself does not fit, so that equality has no meaning."""
RULE: Final = (
    "a step holds while CFI falls by no more than .010 (.005 with 300 respondents or fewer) and not both "
    "RMSEA and SRMR rise beyond .015 and .030 (.010 and .025; SRMR from the scalar step on .010, .005); the "
    "configural model needs a CFI of .90. Cheung & Rensvold (2002), "
    "https://doi.org/10.1207/S15328007SEM0902_5; Chen (2007), https://doi.org/10.1080/10705510701301834"
)


@dataclass(frozen=True, slots=True, eq=False)
class Invariance:
    """The same factors in several groups, with more and more made equal. Made by :func:`fit_invariance`.

    Attributes
    ----------
    groups : mapping of str to int
        Group -> respondents used.
    levels : pandas.DataFrame
        A row a level (configural, metric, scalar, strict): status, chi_square, df, p_value, cfi, tli, rmsea,
        srmr, aic, bic; chi_square_change, df_change, p_change against the level before; the changes of cfi,
        rmsea and srmr; holds (missing where it cannot be said).
    items : pandas.DataFrame
        Which items moved: level, term, statistic, df, p_value of freeing that one again.
    fits : mapping of str to FactorFit
    estimator : str
        With MLR, chi-square is the scaled one, its change Satorra & Bentler's (2001), and cfi, tli and rmsea
        are the robust ones.
    n_rows, n_used : int
    """

    groups: Mapping[str, int]
    levels: pd.DataFrame = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    fits: Mapping[Level, FactorFit] = field(repr=False)
    estimator: Estimator
    n_rows: int
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the table of levels."""
        return self.levels.copy()

    def __str__(self) -> str:
        sizes = ", ".join(f"{name}: {size}" for name, size in self.groups.items())
        shown = self.levels[["level", "chi_square", "df", "cfi", "rmsea", "srmr", "cfi_change", "holds"]]
        return f"n = {self.n_used} of {self.n_rows} ({sizes})\n{shown.round(3).to_string(index=False)}"

    def _repr_html_(self) -> str:
        sizes = escape(", ".join(f"{name}: {size}" for name, size in self.groups.items()))
        head = f"n = {self.n_used} of {self.n_rows} ({sizes})"
        return f"<p>{head}</p>{self.levels.round(3).to_html(index=False)}"


def fit_invariance(
    answers: pd.DataFrame,
    factors: Factors,
    groups: pd.Series,
    *,
    estimator: Estimator = "MLR",
    missing: Missing = "listwise",
    clusters: pd.Series | None = None,
    until: Level = "strict",
) -> Invariance:
    """Fit the same factors in several groups: configural, metric, scalar and strict.

    Use it before groups are compared: waves, languages, arms of a scheme. Equal loadings (metric) are needed
    to compare what goes with what; equal intercepts too (scalar) to compare means.

    Parameters
    ----------
    answers : pandas.DataFrame
        Keyed answers.
    factors : mapping of str to sequence of str
        Factor -> items.
    groups : pandas.Series
        Group of each row; rows without one are left out.
    estimator, missing : str
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`.
    clusters : pandas.Series, or None
        Whose rows may be alike: the person, where the groups are waves, or the firm. Used by MLR.
    until : {"configural", "metric", "scalar", "strict"}
        The last level that is fitted.

    Returns
    -------
    Invariance

    Raises
    ------
    SurveyDataError
        For fewer than two groups, a group of no more respondents than items, clusters that are missing.

    Notes
    -----
    Factor variances are 1 in the first group (in all, at the configural level); factor means are 0 there and
    free elsewhere once intercepts are equal. ``items`` has the score test of freeing one loading, intercept
    or residual variance in the groups after the first, at the level where it was made equal.

    References
    ----------
    Meredith (1993), https://doi.org/10.1007/BF02294825; Satorra & Bentler (2001),
    https://doi.org/10.1007/BF02296192.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> factor = rng.normal(size=600)
    >>> items = pd.DataFrame({f"k{i}": factor + rng.normal(size=600) for i in range(4)})
    >>> wave = pd.Series(["before", "after"] * 300)
    >>> fit_invariance(items, {"kunnen": list(items)}, wave).table()["holds"].tolist()
    [True, True, True, True]
    """
    named = checked_factors(factors)
    items = [item for each in named.values() for item in each]
    offered = prepared(answers, items, missing, group=groups, clusters=clusters)
    if len(offered.groups) < 2:
        raise SurveyDataError(
            expected="two groups or more",
            found=str(len(offered.groups)),
            where="groups",
            todo="see the column",
        )
    fits: dict[Level, FactorFit] = {}
    against = None
    for level in levels_until(until):
        model = factor_structure(named, unit="variance", n_groups=len(offered.groups), equal=LEVELS[level])
        against = against or yardstick_of(model, offered, estimator)
        fits[level] = fit_structure(
            model, named, offered, estimator=estimator, missing=missing, against=against
        )
    return Invariance(
        groups={name: each.n_rows for name, each in zip(offered.groups, offered.data, strict=True)},
        levels=_levels(fits, estimator, offered.n_used),
        items=pd.concat([moved_items(fit, level) for level, fit in fits.items()], ignore_index=True),
        fits=fits,
        estimator=estimator,
        n_rows=offered.n_rows,
        n_used=offered.n_used,
    )


def check_invariance(
    answers: pd.DataFrame,
    factors: Factors,
    groups: pd.Series,
    *,
    needed: Level = "scalar",
    estimator: Estimator = "MLR",
    missing: Missing = "listwise",
    clusters: pd.Series | None = None,
) -> CheckResult:
    """Ask whether the instrument is the same in each group, as far as a comparison needs it.

    Parameters
    ----------
    answers, factors, groups, estimator, missing, clusters
        As :func:`fit_invariance`.
    needed : {"configural", "metric", "scalar", "strict"}
        ``metric`` to compare slopes, ``scalar`` to compare means.

    Returns
    -------
    CheckResult
        ``passed`` is None where the model was not found or does not fit even without equality: then nothing
        can be said. The table has a row a level.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> factor = rng.normal(size=600)
    >>> items = pd.DataFrame({f"k{i}": factor + rng.normal(size=600) for i in range(4)})
    >>> moved = items.assign(k0=items["k0"] + np.repeat([0.0, 1.5], 300))
    >>> wave = pd.Series(np.repeat(["before", "after"], 300))
    >>> check_invariance(moved, {"kunnen": list(items)}, wave).passed
    False
    """
    found = fit_invariance(answers, factors, groups, estimator=estimator, missing=missing, clusters=clusters)
    until = found.levels.iloc[: len(levels_until(needed))]
    passed = _passed(until["holds"].tolist())
    return CheckResult(
        name="invariance",
        question=f"Is it the same instrument in each group ({needed} invariance)?",
        passed=passed,
        table_=found.table(),
        text=_text(found, until, passed),
        rule=RULE,
    )


def levels_until(last: Level) -> list[Level]:
    """Return the levels in order, up to one of them."""
    levels = list(LEVELS)
    return levels[: levels.index(last) + 1]


def moved_items(fit: FactorFit, level: Level) -> pd.DataFrame:
    """Return the score test of freeing each parameter that this level made equal, largest first.

    One at a time, none applied: the information of the model with all of them free is worked out once, and
    those that stay equal are added up again.
    """
    from scipy import stats

    columns = ["level", "term", "statistic", "df", "p_value"]
    operator = {"metric": "=~", "scalar": "~1", "strict": "~~"}.get(level)
    rows = []
    if operator is not None and fit.status in {"estimated", "improper"}:
        wide, place, same = _freed(fit, operator)
        joined = likelihood(wide, fit.engine.likelihood.data)
        slope, information = (
            joined.value(place)[1],
            joined.information(place, expected=fit.missing == "listwise"),
        )
        shared = [each for each in fit.engine.likelihood.model.parameters if each.label and each.group == 0]
        for each in (each for each in shared if each.operator == operator):
            statistic, df = _score_test(slope, information, same, _own_places(wide, each))
            rows.append((level, each.term, statistic, df, float(stats.chi2.sf(statistic, df))))
    table = pd.DataFrame(rows, columns=columns).astype({"statistic": "float64", "p_value": "float64"})
    return table.sort_values("statistic", ascending=False, kind="stable", ignore_index=True)


def _freed(fit: FactorFit, operator: str) -> tuple[Structure, Array, npt.NDArray[np.intp]]:
    """Return the model with every parameter of a kind free in each group, its place, and what was one."""
    model, theta = fit.engine.likelihood.model, fit.engine.solution.theta
    freed = [
        replace(each, label="") if each.label and each.operator == operator and each.group > 0 else each
        for each in model.parameters
    ]
    wide = structure(model.observed, model.latent, freed, n_groups=len(model.groups))
    same = np.empty(wide.n_free, dtype=np.intp)
    same[wide.index[wide.index >= 0]] = model.index[wide.index >= 0]
    return wide, theta[same], same


def _own_places(wide: Structure, shared: Parameter) -> list[int]:
    """Return where the parameter stands in the groups after the first."""
    return [
        int(number)
        for each, number in zip(wide.parameters, wide.index, strict=True)
        if each.term == shared.term and each.group > 0
    ]


def _score_test(
    slope: Array, information: Array, same: npt.NDArray[np.intp], own: list[int]
) -> tuple[float, int]:
    """Test freeing the parameters at these places, all others as equal as they were."""
    q = int(same.max()) + 1
    column = same.copy()
    column[own] = q + np.arange(len(own))
    joined = np.zeros((len(same), q + len(own)))
    joined[np.arange(len(same)), column] = 1.0
    slope, information = joined.T @ slope, joined.T @ information @ joined
    return (float(slope @ solve(information, slope)) if has_information(information) else np.nan), len(own)


def _levels(fits: Mapping[Level, FactorFit], estimator: Estimator, n: int) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    before: FactorFit | None = None
    for level, fit in fits.items():
        row = _measures(fit, estimator) | {"level": level, "status": fit.status}
        last = rows[-1] if rows else None
        if before is not None and last is not None:
            row |= _difference(before, fit, estimator)
            row |= {f"{name}_change": row[name] - last[name] for name in ("cfi", "rmsea", "srmr")}  # type: ignore[operator]
        row["holds"] = _holds(level, row, fit, n, unknown=last is not None and last["holds"] is not True)
        rows.append(row)
        before = fit
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["holds"] = pd.array(table["holds"].tolist(), dtype="boolean")
    return table


def _measures(fit: FactorFit, estimator: Estimator) -> dict[str, object]:
    robust = estimator == "MLR"
    names = {
        "chi_square": "chi_square_scaled" if robust else "chi_square",
        "p_value": "p_value_scaled" if robust else "p_value",
        "cfi": "cfi_robust" if robust else "cfi",
        "tli": "tli_robust" if robust else "tli",
        "rmsea": "rmsea_robust" if robust else "rmsea",
    }
    names |= {name: name for name in ("df", "srmr", "aic", "bic")}
    return {ours: float(fit.fit[theirs]) for ours, theirs in names.items()}


def _difference(before: FactorFit, after: FactorFit, estimator: Estimator) -> dict[str, object]:
    """Return the chi-square difference; Satorra & Bentler's where it is scaled, missing if that fails."""
    from scipy import stats

    change = float(after.fit["chi_square"] - before.fit["chi_square"])
    df, df_before = float(after.fit["df"]), float(before.fit["df"])
    if estimator == "MLR":
        c_before = float(before.fit["scaling_factor"]) if df_before > 0 else 0.0
        scale = (df * float(after.fit["scaling_factor"]) - df_before * c_before) / (df - df_before)
        change = change / scale if scale > 0 else np.nan
    p_value = float(stats.chi2.sf(change, df - df_before))
    return {"chi_square_change": change, "df_change": df - df_before, "p_change": p_value}


def _holds(level: Level, row: dict[str, object], fit: FactorFit, n: int, *, unknown: bool) -> bool | None:
    if not fit.usable or unknown:
        return None
    if level == "configural":
        cfi = row["cfi"]
        return True if isinstance(cfi, float) and cfi >= WORST_CFI else None
    large = n > LARGE
    srmr_cut = (0.030 if large else 0.025) if level == "metric" else (0.010 if large else 0.005)
    cfi, rmsea, srmr = (np.float64(row[f"{name}_change"]) for name in ("cfi", "rmsea", "srmr"))  # type: ignore[arg-type]
    both = rmsea >= (0.015 if large else 0.010) and srmr >= srmr_cut
    return bool(cfi >= -(0.010 if large else 0.005) and not both)


def _passed(holds: list[object]) -> bool | None:
    """Return the verdict on steps of which the first that fails decides."""
    for each in holds:
        if each is pd.NA or each is None:
            return None
        if not each:
            return False
    return True


def _text(found: Invariance, until: pd.DataFrame, passed: bool | None) -> str:
    sizes = ", ".join(f"{name} ({size})" for name, size in found.groups.items())
    if passed:
        made_equal = " and ".join(LEVELS[until["level"].iloc[-1]])
        stays = (
            f"stays nearly the same when {made_equal} are made equal" if made_equal else "is the same model"
        )
        return f"{sizes}: the fit {stays}."
    first = until[~until["holds"].fillna(False)].iloc[0]
    if passed is None:
        reason = (
            f"CFI is {first['cfi']:.3f}"
            if first["status"] == "estimated"
            else f"the fit is {first['status']}"
        )
        return f"{sizes}: no verdict, at the {first['level']} level {reason}."
    moved = found.items[found.items["level"] == first["level"]].head(3)["term"].tolist()
    return (
        f"{sizes}: at the {first['level']} level CFI changes by {first['cfi_change']:.3f}. "
        f"What moved most: {', '.join(moved)}. Look at the wording of these items, and compare without them."
    )
