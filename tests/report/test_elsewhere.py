"""The notes name the sections that hold a reservation; without any they claim no more than that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from si_research.measurement.factors.factor_fit import Finding
from si_research.report.elsewhere import elsewhere_sentence, reservations_elsewhere
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.sections import sections_of
from si_research.report.voice import voice

Small = Callable[..., StudyFindings]


def changed(findings: StudyFindings, **error: Any) -> StudyFindings:
    assert findings.measurement_error is not None
    return replace(findings, measurement_error=replace(findings.measurement_error, **error))


def with_finding(findings: StudyFindings, name: str) -> StudyFindings:
    """The same, with a finding in the model of all scales."""
    factors = findings.factors
    assert factors is not None
    models = {key: replace(fit, findings=()) for key, fit in factors.models.items()}
    models["apart"] = replace(models["apart"], findings=(Finding(name),))
    return replace(findings, factors=replace(factors, models=models, findings=()))


def test_each_reservation_is_named_by_its_section(small: Small) -> None:
    findings = small()
    assert reservations_elsewhere(with_finding(findings, "few_rows"))["factors"] == ("few_rows",)
    assert reservations_elsewhere(with_finding(findings, "not_converged"))["factors"] == ("useless_model",)
    assert "factors" not in reservations_elsewhere(with_finding(findings, "two_item_factor"))
    unknown = changed(findings, known="unknown", products=None)
    assert reservations_elsewhere(unknown)["measurement_error"] == ("error_unknown",)
    error = findings.measurement_error
    assert error is not None
    table = error.estimates.copy()
    table.loc["corrected", "status"] = "unstable"
    assert reservations_elsewhere(changed(findings, estimates=table))["measurement_error"] == (
        "not_corrected",
    )
    table = error.estimates.copy()
    table.loc["corrected", "std_error"] = 6 * float(table.loc["plain", "std_error"])
    assert reservations_elsewhere(changed(findings, estimates=table))["measurement_error"] == (
        "tells_nothing",
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_notes_hold_the_sentence(small: Small, language: str) -> None:
    findings = with_finding(small(), "few_rows")
    labels = labels_of(findings, language)
    (notes,) = [each for each in sections_of(findings, labels) if each.name == "notes"]
    said = elsewhere_sentence(findings, labels)
    assert voice(language).say("sections.factors") in said
    assert voice(language).say("elsewhere.few_rows") in said
    assert said in [line for block in notes.blocks for line in block.lines]


def test_every_code_has_its_words() -> None:
    codes = {"unreliable", "against", "no_factors", "useless_model", "few_rows", "few_firms", "instrument"}
    codes |= {"error_unknown", "error_overlap", "not_corrected", "tells_nothing", "corrections_apart"}
    for language in ("nl", "en"):
        assert set(voice(language).phrases["elsewhere"]) - {"all", "part"} == codes
