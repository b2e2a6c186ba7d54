"""Leaks: ways in which drafts can score well without the film being read, looked for in the data."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinicalblip.datasets.files.studies import digest_study
from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.evaluation.target import fold_text
from clinicalblip.radiology.report import SLOTS
from clinicalblip.radiology.study import Study

_SHORTEST: Final = 4  # words; "normal chest" stands in many indications without giving anything away


def digest_text(text: str) -> bytes:
    """A digest of 16 bytes that ignores case and white space."""
    return hashlib.blake2b(fold_text(text).encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Copies:
    """How many of a set of texts stand word for word among train reports, and equal their own reference.

    `in_train` is None where there are no train reports. Empty texts are not copies.
    """

    texts: int
    in_train: int | None
    equal_reference: int | None = None


def count_copies(
    texts: Sequence[str], train: Collection[bytes] | None, references: Sequence[str] | None = None
) -> Copies:
    """Look up texts among the digests of train texts, and compare each with its own reference."""
    digests = [digest_text(text) if text.strip() else None for text in texts]
    in_train = None if train is None else sum(digest in train for digest in digests if digest is not None)
    equal = None
    if references is not None:
        pairs = zip(digests, references, strict=True)
        equal = sum(digest == digest_text(reference) for digest, reference in pairs if digest is not None)
    return Copies(len(texts), in_train, equal)


def find_references_in_prompts(studies: Iterable[Study], without: Collection[str] = ()) -> dict[str, list[str]]:
    """The studies whose own reference stands in a slot of their own prompt, by slot.

    A section counts where it has four words or more and stands there as a whole. Slots in `without` were empty and are
    passed over.
    """
    found: dict[str, list[str]] = {slot: [] for slot in SLOTS if slot not in without}
    for study in studies:
        sections = [f" {fold_text(text)} " for text in (study.reference.findings, study.reference.impression)]
        sections = [section for section in sections if len(section.split()) >= _SHORTEST]
        for slot, ids in found.items():
            prompt = f" {fold_text(getattr(study.context, slot))} "
            if any(section in prompt for section in sections):
                ids.append(study.study_id)
    return {slot: ids for slot, ids in found.items() if ids}


@dataclass(frozen=True)
class HintCounts:
    """How many studies have hints, and how many have hints made of their own tags: those give the answer away."""

    hinted: int
    from_tags: int


def count_hints(studies: Iterable[Study]) -> HintCounts:
    """Count the studies with hints, and those whose hints have no word but those of the study's own tags."""
    hinted = from_tags = 0
    for study in studies:
        words = _words(study.context.hints)
        if words:
            hinted += 1
            from_tags += words <= set().union(*(_words(tag) for tag in study.tags))
    return HintCounts(hinted, from_tags)


def read_train_digests(path: Path) -> frozenset[str]:
    """The digests of training-studies.txt, one a line. Raises DatasetNotFound, MalformedStudy with a line's number."""
    if not path.is_file():
        raise DatasetNotFound(
            "There is no list of training studies at that place; a stage's run folder has training-studies.txt."
        )
    digests = set()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            digest = line.strip().decode("ascii", "replace")
            if digest and not (len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
                raise MalformedStudy(f"Line {number} of the list of training studies is no SHA-256 in hexadecimal.")
            digests.add(digest)
    return frozenset(digests - {""})


def find_trained_on(studies: Iterable[Study], digests: Collection[str]) -> list[str]:
    """The ids of the studies whose digest is among those that an adapter was trained on."""
    return [study.study_id for study in studies if digest_study(study) in digests]


def _words(text: str) -> set[str]:
    apart = "".join(letter if letter.isalnum() else " " for letter in text.lower())
    return set(apart.split())
