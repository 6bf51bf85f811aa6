"""One study file runs all of it: check, analyse, report."""
