"""Time and peak memory against length: of predictions, of event assembly, of imports, and of preparing a run.

`python -m tests.benchmarks` runs all cases and prints a table for each, `--write` puts them into `docs/benchmarks.md`.
They are run by hand; `tests/test_benchmarks.py` only tries the smallest size of each.
"""
