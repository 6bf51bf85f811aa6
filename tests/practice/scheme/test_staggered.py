"""Staggered starts against a brute force written from the definition, and against two-way fixed effects."""

from __future__ import annotations

import os
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.practice.scheme.difference import FirmSample, seen_twice
from si_research.practice.scheme.estimates import TWO_WAY
from si_research.practice.scheme.evaluation import evaluate_scheme
from si_research.practice.scheme.panel import SchemeRoles, Weighting, scheme_panel
from si_research.practice.scheme.staggered import ESTIMATOR, StaggeredEffects, staggered_effects

ROLES = {"firm": "firm", "wave": "wave", "start": "start"}


@pytest.fixture(scope="module")
def library() -> None:
    """diff-diff: must be there in CI; elsewhere the tests that need it are left out."""
    if find_spec("diff_diff") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("diff-diff must be there in CI: it is in the development requirements")
        pytest.skip("diff-diff is not installed here (extra `did`; set the environment up anew)")


def panel(seed: int = 1, waves: int = 5) -> pd.DataFrame:
    """Eighteen firms of 1 to 4 people, starts in waves 2 and 3, six never."""
    rng = np.random.default_rng(seed)
    cells = pd.DataFrame([(i, w) for i in range(18) for w in range(waves)], columns=["firm", "wave"])
    people = cells.loc[np.repeat(cells.index, rng.integers(1, 5, len(cells)))].reset_index(drop=True)
    people["start"] = np.select([people["firm"] < 6, people["firm"] < 12], [2.0, 3.0], np.nan)
    lift = (people["wave"] - people["start"] + 1).clip(lower=0).fillna(0)
    people["mogen"] = rng.normal(size=len(people)) + people["firm"] / 9 + 0.5 * lift
    return people


def found(scores: pd.DataFrame, weighting: Weighting = "person") -> tuple[StaggeredEffects, FirmSample]:
    whole = scheme_panel(scores, SchemeRoles("firm", "wave", start="start", weighting=weighting), ["mogen"])
    firms = seen_twice(whole, "mogen")
    effects = staggered_effects(firms, whole.waves)
    assert effects is not None
    return effects, firms


@pytest.mark.parametrize("weighting", ["person", "firm"])
@pytest.mark.usefixtures("library")
def test_a_brute_force_from_the_definition_gives_the_same(weighting: Weighting) -> None:
    effects, firms = found(panel(), weighting)
    cells = firms.cells
    Y = cells.pivot_table(index="firm", columns="wave", values="y").to_numpy()
    start = cells.groupby("firm")["start"].first().to_numpy()
    w = cells.groupby("firm")["weight"].mean().to_numpy()
    n = len(w)
    att, influence = {}, {}
    for g in (2, 3):
        for t in range(1, 5):
            base = g - 1 if t >= g else t - 1
            own, other = start == g, (start > max(t, base)) & (start != g)
            change = Y[:, t] - Y[:, base]
            means = {key: np.average(change[who], weights=w[who]) for key, who in ((1, own), (0, other))}
            att[g, t] = means[1] - means[0]
            influence[g, t] = np.zeros(n)
            influence[g, t][own] = (w * (change - means[1]))[own] / w[own].sum()
            influence[g, t][other] = -(w * (change - means[0]))[other] / w[other].sum()
    table = effects.group_time.set_index(["start", "wave"])
    for (g, t), value in att.items():
        row = table.loc[(str(g), str(t))]
        assert row["estimate"] == pytest.approx(value)
        assert row["std_error"] == pytest.approx(np.sqrt((influence[g, t] ** 2).sum() * n / (n - 1)))
    after = [(g, t) for g, t in att if t >= g]
    share = {g: w[start == g].sum() for g in (2, 3)}
    total = sum(share[g] for g, _ in after)
    mean = sum(share[g] * att[g, t] for g, t in after) / total
    # How the mean moves with a firm: through each effect, and through the firm's part in the weights.
    moved = sum(share[g] * influence[g, t] for g, t in after) / total
    moved = moved + sum((start == g) * w * (att[g, t] - mean) for g, t in after) / total
    row = effects.overall.iloc[0]
    assert row["estimate"] == pytest.approx(mean)
    assert row["std_error"] == pytest.approx(np.sqrt((moved**2).sum() * n / (n - 1)))
    assert (row["n_firms"], row["n_treated"], row["df"]) == (18, 12, 17)
    two_after = [(2, 4)]
    assert effects.event.loc[2, "estimate"] == pytest.approx(att[two_after[0]])
    assert effects.event.loc[2, "n_treated"] == 6


@pytest.mark.usefixtures("library")
def test_growing_effects_are_recovered_where_two_way_fixed_effects_is_off() -> None:
    """Without noise: the true mean after a start is known, and two-way fixed effects misses it."""
    scores = panel(waves=8)
    lift = (scores["wave"] - scores["start"] + 1).clip(lower=0).fillna(0)
    scores["mogen"] = scores["firm"] / 9 + 0.2 * scores["wave"] + 0.5 * lift
    table = evaluate_scheme(scores, **ROLES, outcomes=["mogen"], draws=199, seed=1).effects
    by = table.set_index("estimator")["estimate"]
    size = scores.groupby("firm").size() / 8
    share = [size[:6].sum(), size[6:12].sum()]
    truth = (share[0] * 0.5 * 21 + share[1] * 0.5 * 15) / (share[0] * 6 + share[1] * 5)
    assert by[ESTIMATOR] == pytest.approx(truth)
    assert abs(by[TWO_WAY] - truth) > 0.1
    assert table.set_index("estimator")["recommended"].to_dict() == {ESTIMATOR: True, TWO_WAY: False}
    assert table.set_index("estimator")["note"][TWO_WAY] == "warning_only"


@pytest.mark.usefixtures("library")
def test_few_firms_that_start_get_no_errors() -> None:
    scores = panel()
    effects, _ = found(scores[scores["firm"].isin([0, 1, 6, *range(12, 18)])])
    assert effects.overall["note"].to_list() == ["few_treated_refused"]
    for table in (effects.overall, effects.event, effects.group_time):
        assert table[["std_error", "p_value", "conf_low"]].isna().all(axis=None)
        assert table["estimate"].notna().all()


@pytest.mark.usefixtures("library")
def test_firms_unseen_in_some_wave_are_told() -> None:
    scores = panel()
    effects, _ = found(scores[~((scores["firm"] == 13) & (scores["wave"] == 2))])
    assert [note.code for note in effects.notes] == ["unbalanced"]


@pytest.mark.parametrize("change", ["rows", "names", "scale"])
@pytest.mark.usefixtures("library")
def test_order_names_and_scale_change_nothing(change: str) -> None:
    scores = panel(4)
    other = scores.copy()
    if change == "rows":
        other = other.sample(frac=1, random_state=2)
    elif change == "names":
        other["firm"] = (other["firm"] * 5 % 18).astype("str") + "x"
    else:
        other["mogen"] = other["mogen"] * 100 + 7
    first, second = (found(each)[0] for each in (scores, other))
    factor = 100 if change == "scale" else 1
    for part in ("overall", "event", "group_time"):
        for column in ("estimate", "std_error"):
            one, two = getattr(first, part)[column], getattr(second, part)[column]
            pd.testing.assert_series_equal(one * factor, two, rtol=1e-7)
    assert first.pre_trends["p_value"].item() == pytest.approx(second.pre_trends["p_value"].item())


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "diff_diff", None)
    with pytest.raises(SurveyDataError, match=r"si-research\[did\]"):
        found(panel())


def in_turn(waves: int = 4) -> pd.DataFrame:
    """Eight firms start in each of the waves 1, 2 and 3; nobody stays without."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame([(i, w) for i in range(24) for w in range(waves)], columns=["firm", "wave"])
    rows = rows.loc[np.repeat(rows.index, 3)].reset_index(drop=True)
    rows["start"] = rows["firm"] // 8 + 1.0
    return rows.assign(mogen=rng.normal(size=len(rows)) + rows["firm"] / 9)


@pytest.mark.usefixtures("library")
def test_only_firms_with_an_estimate_and_their_comparison_are_counted() -> None:
    """By hand: firms of wave 1 against both others, then against the last; the last have no effect."""
    effects, _ = found(in_turn())
    assert effects.overall[["n_used", "n_firms", "n_treated"]].to_numpy().tolist() == [[24 * 12, 24, 16]]
    expected = {0: (24, 16), 1: (16, 8), -1: (16, 8), -2: (16, 8)}
    for time, sizes in expected.items():
        row = effects.event.loc[time]
        assert (row["n_firms"], row["n_treated"]) == sizes, time
    assert set(effects.event.index) == set(expected)
    assert [(n.code, n.values["n_firms"]) for n in effects.notes if n.values] == [
        ("started_without_comparison", 8)
    ]
    cells = effects.group_time
    assert sorted(zip(cells["start"], cells["wave"], strict=True)) == [
        *(("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"), ("3", "1"))
    ], "a wave without a comparison has no row, and hides no other"
    gone = in_turn()
    gone = gone[~((gone["wave"] == 1) & gone["firm"].isin([0, 8, 9]))]
    fewer, _ = found(gone)
    assert fewer.event.loc[0, ["n_firms", "n_treated"]].to_list() == [24 - 3, 16 - 3]


@pytest.mark.usefixtures("library")
def test_leads_that_follow_from_one_another_are_tested_by_their_rank() -> None:
    """Firms of wave 2 and 3 are each other's only comparison in wave 1: one difference, told twice."""
    scores = in_turn()
    effects, firms = found(scores)
    Y = firms.cells.pivot_table(index="firm", columns="wave", values="y").to_numpy()
    change = Y[:, 1] - Y[:, 0]
    start = firms.cells.groupby("firm")["start"].first().to_numpy()
    one, other = change[start == 2], change[start == 3]
    V = (((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()) / 64 * 24 / 23
    row = effects.pre_trends.iloc[0]
    assert (row["df"], row["df_residual"]) == (1, 23)
    assert row["statistic"] == pytest.approx((one.mean() - other.mean()) ** 2 / V)


@pytest.mark.usefixtures("library")
def test_firms_that_always_had_it_are_told_once_with_the_true_reason() -> None:
    scores = in_turn()
    scores = scores.assign(start=scores["start"].where(scores["firm"] >= 4, 0.0))
    whole = evaluate_scheme(scores, **ROLES, outcomes=["mogen"], draws=199, seed=1)
    codes = [note.code for note in whole.notes]
    assert "firms_left_out" not in codes and codes.count("always_treated") == 1
    assert (whole.design.n_treated, whole.design.n_firms) == (20, 24)
    once = scores[scores["firm"].isin([*range(4), *range(16, 24)])].assign(
        start=lambda rows: rows["start"].where(rows["firm"] < 20, np.nan)
    )
    two = evaluate_scheme(once, **ROLES, outcomes=["mogen"], draws=199, seed=1)
    assert two.design.kind == "before_after_comparison" and two.design.n_treated == 4
    assert "firms_left_out" not in [note.code for note in two.notes]
