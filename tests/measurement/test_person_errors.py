"""Error variances of people: by hand, and against alpha."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from noisy_scores import items_of, noisy_answers
from si_research.measurement.person_errors import person_error_variances
from si_research.measurement.reliability import cronbach_alpha


def test_by_hand_with_missing_answers() -> None:
    """Item means 2, 3 and 4; about them the second answers -1, 1 and -1: variance 4/3, of three answers."""
    items = pd.DataFrame({"a": [2, 1, 3, None], "b": [2, 4, None, 3], "c": [5, 3, None, 4]})
    found = person_error_variances(items)
    assert found[0] == pytest.approx(1 / 3)
    assert found[1] == pytest.approx(4 / 9)
    assert np.isnan(found[2])  # one answer
    assert found[3] == pytest.approx(0.0)


def test_their_mean_is_what_alpha_leaves_of_the_variance() -> None:
    items = noisy_answers(500, 0.7, seed=1)[items_of("kunnen")]
    expected = (1 - cronbach_alpha(items).alpha) * items.mean(axis=1).var()
    assert person_error_variances(items).mean() * 500 / 499 == pytest.approx(expected, rel=1e-12)


def test_near_an_end_there_is_less_room_for_error() -> None:
    answers = noisy_answers(20_000, 0.7, seed=2)
    items = answers[items_of("kunnen")]
    errors, scores = person_error_variances(items), items.mean(axis=1)
    assert errors[scores > 4.5].mean() < 0.6 * errors[scores.between(2.5, 3.5)].mean()
