"""One publication of the hostile study, which all attacks share."""

from __future__ import annotations

import pytest

from attacked_study import Attacked, publish


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """Run, diagnosis and evaluation for everybody; figures in words only."""
    return publish(tmp_path_factory.mktemp("attack") / "studie")
