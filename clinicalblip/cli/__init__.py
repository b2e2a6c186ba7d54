"""The command line: for each subject one file with the options that its commands take and what they do.

It knows every room, and no room knows it. What a command does beyond reading its options and printing its result
belongs to the room that does it.
"""

from clinicalblip.cli.dispatch import main

__all__ = ["main"]
