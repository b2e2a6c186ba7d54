"""Public data sets become studies."""
