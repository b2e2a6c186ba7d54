"""The ablations of the bundled model: `python -m research.benchmarks.ablations`."""
