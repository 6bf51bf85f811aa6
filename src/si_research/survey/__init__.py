"""From the raw file to scores: codebook, reading, cleaning with a ledger, scoring."""
