"""How good a set of reports is."""
