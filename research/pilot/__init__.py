"""The project's own pilot of a reader study: drawn films with known truth, read over HTTP by simulated readers."""
