"""Characters that a text may not hold wherever it goes on to."""


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD for every half of a character, which neither a file nor an answer can hold.

    A browser sends one where an emoji was cut in two; two halves that belong together become their character.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
