"""Who is in this file? Recognised by what the tool says, by name and by content."""

from __future__ import annotations

import pandas as pd

from si_research.privacy.identifiers import IdentifierFinding, find_identifiers


def test_what_the_survey_tool_says_of_its_own_columns() -> None:
    frame = pd.DataFrame({"IP": ["192.0.2.1", ""], "k1": ["1", "2"], "Mail": ["", ""]})
    found = find_identifiers(frame, roles={"IP": "ip_address", "Mail": "email", "Taal": "language"})
    assert found == (
        IdentifierFinding("IP", "ip_address", "tool", 1, "as the survey tool says"),
        IdentifierFinding("Mail", "email", "tool", 0, "as the survey tool says"),
    )
