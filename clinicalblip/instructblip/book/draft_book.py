"""A book of drafts on disk: a folder that is memory-mapped, so that processes on one machine share it.

book/book.json        what it is made of, of which vocabulary, and the digests of the files beside it
book/keys.npy         runs of tokens, sorted (ngrams.py)
book/token_ids.npy    what follows each most often; counts.npy and totals.npy how often
book/studies.npy      the studies that it was made from, the first 64 bits of each one's digest, sorted
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.datasets.files.atomic import make_folder_atomically, write_json_atomically
from clinicalblip.datasets.files.studies import digest_study
from clinicalblip.errors import BookError
from clinicalblip.instructblip.book.ngrams import LONGEST_CONTEXT, START, Continuations, context_key
from clinicalblip.radiology.study import Study

ABOUT: Final = "book.json"
FORMAT: Final = 1
_ARRAYS: Final = {"keys": "<u8", "token_ids": "<i4", "counts": "<u4", "totals": "<u4", "studies": "<u8"}
_LARGEST_ABOUT: Final = 1 << 20  # bytes
_AGAIN: Final = "make it again with `clinicalblip book`, or set model.book to null"


@dataclass(frozen=True)
class BookAbout:
    """What a book is made of.

    `vocabulary` is the digest of the tokenizer whose tokens it counts; `texts` how many drafts and reports it was made
    from, and `kinds` which of the two; `terms` those of the data inside, in the words of whoever made it;
    `credentialed`: the data may be used by credentialed people alone. `digests` are those of the arrays' files.
    """

    vocabulary: str
    texts: int
    kinds: tuple[str, ...]
    terms: str = ""
    credentialed: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True)
class Continuation:
    """A token that may follow, and how often it did, as a fraction of the times that any did."""

    token_id: int
    probability: float


class DraftBook:
    """Which token follows which in drafts; safe to use in several threads."""

    def __init__(self, about: BookAbout, continuations: Continuations, studies: NDArray[np.uint64]) -> None:
        self.about = about
        self._found, self._studies = continuations, studies

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over what it says."""
        return hashlib.sha256(json.dumps(asdict(self.about), sort_keys=True).encode()).hexdigest()

    def next(self, written: Sequence[int]) -> Continuation | None:
        """What follows most often in a report that begins with these tokens, or None where the book does not know.

        The longest run at their end that the book has decides.
        """
        end = written[-LONGEST_CONTEXT:] if len(written) >= LONGEST_CONTEXT else (START, *written)
        for length in range(min(LONGEST_CONTEXT, len(end)), 0, -1):
            key = np.uint64(context_key(end[-length:]))
            place = int(np.searchsorted(self._found.keys, key))
            if place < len(self._found.keys) and self._found.keys[place] == key:
                share = int(self._found.counts[place]) / (int(self._found.totals[place]) + 1)
                return Continuation(int(self._found.token_ids[place]), share)
        return None

    def saw(self, studies: Iterable[Study]) -> list[str]:
        """The ids of those of these studies that it was made from."""
        kept = set(self._studies.tolist())
        return [study.study_id for study in studies if _short(digest_study(study)) in kept]


def write_book(folder: Path, about: BookAbout, continuations: Continuations, studies: Iterable[Study] = ()) -> None:
    """Write a book as a folder that is whole or not there.

    Raises BookError where something else is there, or the disk does not take it.
    """
    own = np.unique(np.array([_short(digest_study(study)) for study in studies], dtype="<u8"))
    arrays = {**continuations.arrays, "studies": own}
    try:
        with make_folder_atomically(folder) as part:
            for name, kind in _ARRAYS.items():
                np.save(part / f"{name}.npy", arrays[name].astype(kind), allow_pickle=False)
            digests = {name: _digest(part / f"{name}.npy") for name in _ARRAYS}
            write_json_atomically(part / ABOUT, asdict(about) | {"digests": digests})
    except OSError as error:
        raise BookError(
            f"The book of drafts cannot be written ({error.strerror or type(error).__name__}); "
            "name a folder that is not there yet, where there is room."
        ) from error


def read_book(folder: Path, vocabulary: str) -> DraftBook:
    """Read the book in a folder, for a tokenizer with this digest.

    Raises BookError where there is none, or it is cut, altered, empty, of another format or of another vocabulary.
    """
    about = read_about(folder)
    if about.vocabulary != vocabulary:
        raise BookError(f"The book of drafts was made for another model's vocabulary; {_AGAIN}.")
    arrays = {name: _read_array(folder, name, about) for name in _ARRAYS}
    studies = arrays.pop("studies")
    try:
        continuations = Continuations(**arrays)
    except ValueError as error:
        raise BookError(f"The book of drafts is no list of continuations: {error}; {_AGAIN}.") from error
    if not len(continuations.keys):
        raise BookError(f"The book of drafts is empty; {_AGAIN}.")
    return DraftBook(about, continuations, studies)


def read_about(folder: Path) -> BookAbout:
    """What the book in a folder is made of. Raises BookError."""
    path = folder / ABOUT
    if not path.is_file():
        raise BookError(
            f"There is no book of drafts in that folder, for it has no {ABOUT}; make one with `clinicalblip book`, "
            "or set model.book to null."
        )
    try:
        if path.stat().st_size > _LARGEST_ABOUT:
            raise ValueError("too large")
        values = json.loads(path.read_text("utf-8"))
        if values.get("format") != FORMAT:
            raise BookError(f"The book of drafts has the format {values.get('format')}, not {FORMAT}; {_AGAIN}.")
        about = BookAbout(**{**values, "kinds": tuple(values["kinds"])})
        if set(about.digests) != set(_ARRAYS):
            raise ValueError("other files")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BookError(f"The {ABOUT} of the book of drafts is not what this version writes; {_AGAIN}.") from error
    return about


def _read_array(folder: Path, name: str, about: BookAbout) -> NDArray[Any]:
    file = folder / f"{name}.npy"
    try:
        if _digest(file) != about.digests[name]:
            raise ValueError("another file than was written")
        values: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
        if values.ndim != 1 or values.dtype != np.dtype(_ARRAYS[name]):
            raise ValueError("another shape or type")
    except (OSError, ValueError, EOFError) as error:
        raise BookError(f"The file {name}.npy of the book of drafts is missing, cut or altered; {_AGAIN}.") from error
    return values


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _short(digest: str) -> int:
    return int(digest[:16], 16)


def digest_vocabulary(tokenizer: Any) -> str:
    """SHA-256, in hexadecimal, over the tokens of a tokenizer and their numbers."""
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: (item[1], item[0]))
    return hashlib.sha256(json.dumps(vocabulary).encode()).hexdigest()
