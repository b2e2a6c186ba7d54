"""Errors that are put into reports, and what became of them."""
