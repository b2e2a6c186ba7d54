"""Generating a report token by token: the thread, the lock, stopping, loops, the finding bias, the check of hints."""
