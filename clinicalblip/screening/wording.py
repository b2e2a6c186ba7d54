"""What is said about films and texts that are screened, to a reader, to a program and at the command line."""

from collections.abc import Iterable

PHI_FOUND = "This may name somebody: {found}."
PHI_IN = "{kinds} in {label}"


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, in the order given."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
