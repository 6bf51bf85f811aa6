"""No figure of R is passed over in silence: each case is claimed by a test, or listed as not claimed."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest


def claimed(tests: Path, module: str) -> set[str]:
    spec = importlib.util.spec_from_file_location(Path(module).stem, tests / module)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return set(loaded.CLAIMED)


@pytest.mark.parametrize(
    ("file", "modules"),
    [
        (
            "regression/three_way_global_warming.json",
            "model/test_reference.py model/test_slope_differences.py model/test_johnson_neyman.py "
            "model/test_regression_diagnostics.py",
        ),
        (
            "regression/cluster_robust_bh1996.json",
            "model/test_reference.py model/test_bias_reduced.py model/test_slope_differences.py "
            "model/test_johnson_neyman.py",
        ),
        (
            "regression/wild_cluster_bootstrap.json",
            "model/test_wild_bootstrap.py model/test_bias_reduced.py",
        ),
        (
            "reliability/reliability_bfi.json",
            "measurement/test_reliability.py measurement/test_omega.py measurement/test_general_factor.py "
            "measurement/test_two_halves.py measurement/test_polychoric.py "
            "measurement/test_item_description.py measurement/factors/test_sampling_adequacy.py",
        ),
        (
            "aggregation/icc_rwg.json",
            "measurement/test_agreement.py measurement/test_random_intercept.py",
        ),
        (
            "imputation/rubin_pooling.json",
            "model/missing/test_pooling.py survey/missing/test_missing.py",
        ),
        ("mixed/mixed_bh1996.json", "model/test_mixed_model.py"),
        ("sem/cfa_holzinger.json", "measurement/factors/test_lavaan.py"),
        ("sem/latent_three_way.json", "measurement/factors/test_latent_interaction.py"),
        (
            "sem/latent_two_way_modsem.json",
            "measurement/factors/test_latent_interaction.py measurement/factors/test_lms.py",
        ),
        ("qca/calibration.json", "model/configurations/test_reference.py"),
        ("qca/necessity.json", "model/configurations/test_reference.py"),
        ("qca/sufficiency.json", "model/configurations/test_reference.py"),
        ("nca/nca_estimates.json", "model/necessity/test_estimates_of_r.py"),
        ("nca/nca_edge.json", "model/necessity/test_estimates_of_r.py"),
        ("nca/nca_bottlenecks.json", "model/necessity/test_bottlenecks.py"),
        ("nca/nca_permutation.json", "model/necessity/test_permutation.py"),
        ("nca/nca_other.json", "model/necessity/test_necessity.py"),
    ],
)
def test_every_case_is_claimed_or_listed(shared: Path, project: Path, file: str, modules: str) -> None:
    content = json.loads((shared / "reference" / file).read_text("utf-8"))
    cases = {case["id"] for case in content["cases"]}
    text = (project / "tests/reference/not_claimed.md").read_text("utf-8")
    section = text.split(f"## {file}")[1].split("\n## ")[0]
    listed = {
        name for line in section.split("\n- ")[1:] for name in re.findall(r"`([^`]+)`", line.split(":")[0])
    }
    ours = {case for module in modules.split() for case in claimed(project / "tests", module)} & cases
    assert ours | listed == cases
    assert not ours & listed
