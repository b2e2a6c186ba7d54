"""Joining film and text: the language model, the Q-Former, both together, and their checkpoint."""
