"""Stages and plans: studies in, an adapter out."""
