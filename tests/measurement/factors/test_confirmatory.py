"""Confirmatory factor analysis: known truth, units, missing answers, and what it refuses or names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_factor_answers import LOADINGS, answers, items_of
from si_research import Codebook
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.factors import estimation
from si_research.measurement.factors.confirmatory import fit_factors, fit_models
from si_research.measurement.factors.factor_model import factors_of, one_factor
from si_research.survey.codebook import Item, Option, ResponseFormat, Scale


def finding_names(fit: object) -> list[str]:
    return [each.name for each in fit.findings]  # type: ignore[attr-defined]


def loadings(fit: object) -> pd.Series:
    table = fit.standardised  # type: ignore[attr-defined]
    return table[table["operator"] == "=~"].set_index("right")["estimate"]


def test_a_known_truth_is_found() -> None:
    fit = fit_factors(answers(20_000, seed=1), items_of())
    assert fit.status == "estimated"
    assert fit.findings == ()
    np.testing.assert_allclose(loadings(fit), LOADINGS * 3, atol=0.02)
    table = fit.standardised
    between = table[(table["operator"] == "~~") & (table["left"] != table["right"])]
    np.testing.assert_allclose(between["estimate"], 0.4, atol=0.03)
    assert fit.fit["cfi"] > 0.995
    one = fit_factors(answers(20_000, seed=1), one_factor(items_of()))
    assert one.fit["cfi"] < 0.7
    assert one.fit["bic"] > fit.fit["bic"]


def test_with_as_many_parameters_as_moments_the_model_is_the_data() -> None:
    """Three items of one factor: loading of the first = sqrt(s12·s13/s23), and nothing left to test."""
    data = answers(300, seed=2, n_factors=1, n_items=3)
    fit = fit_factors(data, {"kunnen": list(data)}, unit="variance")
    S = np.cov(data.T, ddof=0)
    first = fit.estimates.set_index("term").loc["kunnen =~ k1", "estimate"]
    assert first == pytest.approx(np.sqrt(S[0, 1] * S[0, 2] / S[1, 2]), rel=1e-9)
    assert finding_names(fit) == ["saturated"]
    assert fit.fit["df"] == 0
    assert fit.fit["chi_square"] == pytest.approx(0, abs=1e-8)
    assert fit.fit[["p_value", "rmsea", "tli", "chi_square_scaled"]].isna().all()


def test_the_unit_of_an_item_or_a_factor_changes_no_standardised_figure() -> None:
    data = answers(400, seed=3)
    plain = fit_factors(data, items_of())
    other = fit_factors(data * np.geomspace(1e-4, 1e6, data.shape[1]), items_of(), unit="variance")
    columns = ["estimate", "std_error", "statistic"]
    free = (plain.standardised["operator"] == "=~").to_numpy()
    ours, theirs = (each.standardised.loc[free, columns] for each in (plain, other))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    same = ["chi_square", "chi_square_scaled", "cfi_robust", "rmsea_robust", "srmr"]
    np.testing.assert_allclose(plain.fit[same], other.fit[same], rtol=1e-6)


def test_a_marker_that_measures_little_does_not_lead_the_search_astray() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.integers(1, 6, size=(2000, 12)), columns=list("abcdefghijkl"))
    by_variance = fit_factors(data, {"all": list(data)}, unit="variance")
    by_marker = fit_factors(data, {"all": list(data)})
    assert by_marker.status == by_variance.status
    assert by_marker.fit["chi_square"] == pytest.approx(by_variance.fit["chi_square"], rel=1e-6)


def test_full_information_without_gaps_is_the_complete_fit() -> None:
    data = answers(300, seed=4)
    listwise, full = (fit_factors(data, items_of(), missing=each) for each in ("listwise", "fiml"))
    same = ["chi_square", "df", "chi_square_scaled", "cfi", "rmsea_robust", "log_likelihood"]
    np.testing.assert_allclose(full.fit[same], listwise.fit[same], rtol=1e-8)
    table = full.standardised.set_index("term")
    for term, row in listwise.standardised.set_index("term").iterrows():
        assert table.loc[term, "estimate"] == pytest.approx(row["estimate"], abs=1e-8)
        assert table.loc[term, "std_error"] == pytest.approx(row["std_error"], abs=1e-8)


def test_full_information_repairs_what_listwise_deletion_bends() -> None:
    """Those low on k1 leave out other items: means of complete rows are too high, those of FIML are not."""
    data = answers(6000, seed=5, n_factors=2)
    gone = data["k1"] < 0
    data.loc[gone, ["k2", "w1", "w2"]] = np.nan
    data.loc[0] = np.nan
    fit = fit_factors(data, items_of(2), missing="fiml")
    assert (fit.n_rows, fit.n_used) == (6000, 5999)
    means = fit.estimates[fit.estimates["operator"] == "~1"].set_index("left")["estimate"]
    assert means["k2"] == pytest.approx(0, abs=0.06)
    assert data["k2"].mean() > 0.3
    np.testing.assert_allclose(loadings(fit), LOADINGS * 2, atol=0.05)
    assert fit_factors(data, items_of(2)).n_used == int((~gone).sum() - (not gone[0]))


def test_clusters_widen_the_errors_of_answers_that_are_alike() -> None:
    rng = np.random.default_rng(6)
    firm = pd.Series(np.repeat(np.arange(60), 10))
    one = answers(60, seed=7, n_factors=1)
    data = one.loc[firm].reset_index(drop=True) + 0.3 * rng.normal(size=(600, 4))
    alone, together = (fit_factors(data, items_of(1), clusters=each) for each in (None, firm))
    ratio = together.estimates["std_error"] / alone.estimates["std_error"]
    assert (ratio[together.estimates["free"]] > 1.5).all()
    assert together.fit["scaling_factor"] > 2 * alone.fit["scaling_factor"]
    np.testing.assert_allclose(together.estimates["estimate"], alone.estimates["estimate"])


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_a_cluster_for_every_row_is_no_cluster(missing: str) -> None:
    """Also that Mardia's kurtosis is what the unrestricted model says of complete answers."""
    data = answers(300, seed=13, n_factors=2) ** 3
    alone = pd.Series(np.random.default_rng(1).permutation(300))
    fits = [
        fit_factors(data, items_of(2), missing=missing, clusters=each)  # type: ignore[arg-type]
        for each in (None, alone)
    ]
    np.testing.assert_allclose(fits[0].fit, fits[1].fit, rtol=1e-8)
    assert fits[0].fit["scaling_factor"] > 1.2
    np.testing.assert_allclose(fits[0].estimates["std_error"], fits[1].estimates["std_error"], rtol=1e-8)


def test_a_heywood_case_is_named() -> None:
    """s12·s13/s23 of a above its own variance: no residual variance above 0 can give that."""
    S = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]])
    rows = np.vstack([np.eye(3), -np.eye(3)]) * np.sqrt(3) @ np.linalg.cholesky(S).T
    data = pd.DataFrame(np.tile(rows, (30, 1)), columns=["a", "b", "c"])
    fit = fit_factors(data, {"f": ["a", "b", "c"]})
    assert fit.status == "improper"
    assert not fit.usable
    assert fit.findings[0].name == "negative_variance"
    assert fit.findings[0].where == ("a",)
    residual = fit.estimates.set_index("term").loc["a ~~ a", "estimate"]
    assert residual == pytest.approx(1 - 0.8 * 0.8 / 0.5)
    assert "negative_variance: a" in str(fit)


def test_factors_that_correlate_beyond_one_are_named() -> None:
    """Items of one factor called two, with answers that lean the other way by chance."""
    found = [
        fit_factors(answers(150, seed=seed, correlation=0.999, n_factors=2), items_of(2)) for seed in range(8)
    ]
    beyond = [fit for fit in found if "correlation_beyond_one" in finding_names(fit)]
    assert beyond
    assert {fit.status for fit in beyond} == {"improper"}
    assert beyond[0].findings[0].where == ("kunnen with willen",)


def test_a_fit_that_is_not_found_has_no_figures() -> None:
    """Answers without any structure: the likelihood of three factors has no top."""
    rng = np.random.default_rng(7)
    data = pd.DataFrame(rng.normal(size=(200, 9)), columns=[f"x{i}" for i in range(9)])
    fit = fit_factors(data, {name: [f"x{3 * k + i}" for i in range(3)] for k, name in enumerate("abc")})
    assert fit.status == "not converged"
    assert finding_names(fit) == ["not_converged"]
    figures = [
        fit.estimates.loc[fit.estimates["free"], "estimate"],
        fit.standardised["estimate"],
        fit.fit,
        fit.r2,
    ]
    assert all(each.isna().all() for each in figures)
    assert "not converged" in str(fit)
    assert "not converged" in fit._repr_html_()


def test_two_items_need_another_factor() -> None:
    data = answers(500, seed=8, n_factors=2)
    factors = {"kunnen": ["k1", "k2"], "willen": ["w1", "w2", "w3"]}
    beside = fit_factors(data, factors)
    assert beside.status == "estimated"
    assert beside.findings[0].name == "two_item_factor"
    assert beside.findings[0].where == ("kunnen",)
    apart = fit_factors(data, factors, correlated=False)
    assert apart.status == "not identified"
    assert apart.fit.isna().all()
    with pytest.raises(ModelSpecificationError, match="Spearman-Brown"):
        fit_factors(data, {"kunnen": ["k1", "k2"]})
    with pytest.raises(ModelSpecificationError, match="two items or more"):
        fit_factors(data, {"kunnen": ["k1"], "willen": ["w1", "w2", "w3"]})
    with pytest.raises(ModelSpecificationError, match="each item in one factor"):
        fit_factors(data, {"kunnen": ["k1", "k2"], "willen": ["k1", "w2", "w3"]})


def test_whole_numbers_that_may_be_missing_are_numbers() -> None:
    data = np.clip(np.rint(3 + answers(300, seed=14, n_factors=2)), 1, 5)
    data.loc[:9, "k1"] = np.nan
    whole = fit_factors(data.astype("Int64"), items_of(2), missing="fiml")
    np.testing.assert_array_equal(whole.fit, fit_factors(data, items_of(2), missing="fiml").fit)
    assert whole.n_used == 300


def test_few_rows_are_named() -> None:
    assert "few_rows" in finding_names(fit_factors(answers(60, seed=9), items_of()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.assign(k1=3.0), "no difference in k1"),
        (lambda data: data.assign(k1=data["k2"]), "k1, k2 do"),
        (lambda data: data.head(8), "more respondents than the 8 items"),
        (lambda data: data.drop(columns="k3"), "none for k3"),
        (lambda data: data.assign(k1="eens"), "other values in k1"),
        (lambda data: data.assign(k1=data["k1"].where(data.index > 0, np.inf)), "infinite ones in k1"),
        (lambda data: data.assign(k1=np.nan), "more respondents"),
    ],
)
def test_answers_that_no_model_can_be_fitted_to(change: object, message: str) -> None:
    data = change(answers(100, seed=10, n_factors=2))  # type: ignore[operator]
    with pytest.raises(SurveyDataError, match=message):
        fit_factors(data, items_of(2))


def test_items_that_nobody_answered_together_are_refused() -> None:
    data = answers(200, seed=11, n_factors=2)
    data.loc[:99, "k1"] = np.nan
    data.loc[100:, "w1"] = np.nan
    with pytest.raises(SurveyDataError, match="fewer for k1 and w1"):
        fit_factors(data, items_of(2), missing="fiml")


@pytest.mark.parametrize(
    "choice", [{"estimator": "WLS"}, {"missing": "mean"}, {"unit": "x"}, {"conf_level": 95}]
)
def test_choices_that_are_none(choice: dict[str, object]) -> None:
    with pytest.raises(ModelSpecificationError):
        fit_factors(answers(100, seed=12), items_of(), **choice)  # type: ignore[arg-type]


def test_the_factors_of_a_codebook_are_its_scales_of_items() -> None:
    names = ["k1", "k2", "w1"]
    codebook = Codebook(
        title="made up",
        formats={"five": ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6)))},
        items={name: Item(format="five") for name in names},
        scales={
            "kunnen": Scale(construct="kunnen", items=("k1", "k2")),
            "willen": Scale(construct="willen", items=("w1",)),
        },
    )
    assert factors_of(codebook) == {"kunnen": ("k1", "k2")}
    assert factors_of(codebook, ["willen"]) == {"willen": ("w1",)}


def test_random_answers_end_the_search_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 people, 40 questions without any structure: factors have nothing to hold them in their place."""
    rng = np.random.default_rng(2)
    points = rng.integers(1, 6, (5000, 40)).astype(float)
    data = pd.DataFrame(points, columns=[f"q{i}" for i in range(40)])
    factors = {f"scale{i}": list(data.columns[10 * i : 10 * i + 10]) for i in range(4)}
    steps = []
    information = estimation.Likelihood.information

    def counted(self: estimation.Likelihood, theta: np.ndarray, *, expected: bool) -> np.ndarray:
        steps.append(expected)
        return information(self, theta, expected=expected)

    monkeypatch.setattr(estimation.Likelihood, "information", counted)
    fit = fit_factors(data, factors)
    assert fit.status == "not converged"
    assert finding_names(fit) == ["not_converged"]
    assert len(steps) < 160  # without giving up: more than 300


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_models_side_by_side_are_the_models_alone(missing: str) -> None:
    data = answers(300, seed=8)
    data = data.mask(np.random.default_rng(8).random(data.shape) < 0.05)
    firms = pd.Series(np.arange(300) % 30)
    models = {"one": one_factor(items_of()), "apart": items_of()}
    found = fit_models(data, models, missing=missing, clusters=firms)  # type: ignore[arg-type]
    assert list(found) == list(models)
    for name, factors in models.items():
        alone = fit_factors(data, factors, missing=missing, clusters=firms)  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(found[name].estimates, alone.estimates)
        pd.testing.assert_series_equal(found[name].fit, alone.fit)
    with pytest.raises(ModelSpecificationError, match="models of the same items"):
        fit_models(data, {"one": items_of(2), "apart": items_of()})
