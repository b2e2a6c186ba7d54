"""Measurements: `python -m research.benchmarks.NAME`. Timings stand here and never in tests."""
