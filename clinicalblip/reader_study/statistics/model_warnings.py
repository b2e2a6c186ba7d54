"""What a model's package warns of becomes part of the note of an estimate."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SAID: Final = {
    "The MLE may be on the boundary of the parameter space.": "a variance component is near 0",
}


@contextmanager
def collected(*categories: type[Warning]) -> Iterator[list[str]]:
    """Collect what is said under these categories, each sentence once; other warnings are passed on."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield said
    for warning in caught:
        if issubclass(warning.category, categories):
            sentence = str(warning.message)
            sentence = _SAID.get(sentence, sentence)
            if sentence not in said:
                said.append(sentence)
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
