"""Readers drawn from stated parameters, whose truth is known."""
