"""Public data sets become studies, and the files between commands; no model, no metric."""
