"""Necessary Condition Analysis: ceilings, effect sizes, bottlenecks, permutation tests, outliers."""
