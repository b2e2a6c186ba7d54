"""Estimates with intervals from plain columns; nothing here knows a page, a file or an arm by name."""
