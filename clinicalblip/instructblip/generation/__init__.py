"""Generating a report token by token: what chooses the words, loops, how far it is, and the check of hints."""
