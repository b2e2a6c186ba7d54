"""Making a book of drafts, and what it may hold.

Drafts are the model's own words, and every n-gram of them is kept. Reports are other people's: of theirs only n-grams
that the reports of ten patients or more have, and none that touches what the identifier search finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clinicalblip.asset_folder import ASSETS
from clinicalblip.deid.identifiers import find_identifiers
from clinicalblip.errors import BookError
from clinicalblip.instructblip.book.draft_book import BookAbout, write_book
from clinicalblip.instructblip.book.ngrams import TokenText, count_continuations
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study

MIN_PATIENTS: Final = 10
"""Whose n-grams stand in ten patients' reports say nothing of one of them."""

_MIMIC_PATIENT: Final = re.compile(r"p\d{8}")

Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class BookSources:
    """What a book is made from.

    `drafts` by study id; `studies` are those that were drafted; `reports`: those of the studies are used as well.
    `terms`: those of the data, `credentialed`: they let credentialed people alone use it.
    """

    drafts: Mapping[str, Report]
    studies: Sequence[Study] = ()
    reports: bool = False
    terms: str = ""
    credentialed: bool = False
    patients: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patients", {study.study_id: study.patient_id for study in self.studies})
        if any(_MIMIC_PATIENT.fullmatch(patient) for patient in self.patients.values()):
            object.__setattr__(self, "credentialed", True)
        kept_back = [study.study_id for study in self.studies if study.split != "train"]
        if kept_back:
            raise BookError(
                f"{len(kept_back)} of the studies are not for training, the first is {kept_back[0]}; make a book of "
                "drafts of the split train."
            )
        if self.studies and (unknown := self.drafts.keys() - self.patients.keys()):
            raise BookError(
                f"{len(unknown)} of the drafts are of studies that the studies file does not have for training; "
                "give the file that was drafted."
            )
        if self.reports and not (self.studies and self.terms.strip()):
            raise BookError("A book with reports needs the studies that have them, and the terms of their data.")

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is made from, in words."""
        return (*(("drafts",) if self.drafts else ()), *(("reports",) if self.reports else ()))


def make_book(sources: BookSources, encode: Encode, eos_token_id: int, vocabulary: str, output: Path) -> int:
    """Write a book of drafts into a folder; gives how many runs of tokens it knows.

    `encode` gives the token ids of a text, and `vocabulary` is the digest of what they are ids in. Raises BookError for
    a folder that must not hold such a book, sources that have no text, and where the disk does not take it.
    """
    if ASSETS.resolve() in output.resolve().parents and (sources.reports or sources.credentialed):
        raise BookError(
            "What comes with the project holds no book of reports or of data for credentialed people; "
            "name another folder."
        )
    texts = list(_texts(sources, encode, eos_token_id))
    found = count_continuations(texts, MIN_PATIENTS)
    if not len(found.keys):
        raise BookError("There is no draft with words to make a book from; draft the studies first.")
    count = sum(text.is_beginning for text in texts)
    about = BookAbout(vocabulary, count, sources.kinds, sources.terms.strip(), sources.credentialed)
    write_book(output, about, found, sources.studies)
    return len(found.keys)


def _texts(sources: BookSources, encode: Encode, eos_token_id: int) -> Iterator[TokenText]:
    for study_id, draft in sources.drafts.items():
        yield from _pieces(draft, sources.patients.get(study_id, study_id), encode, eos_token_id, stands_alone=True)
    for study in sources.studies if sources.reports else ():
        yield from _pieces(study.reference, study.patient_id, encode, eos_token_id, stands_alone=False)


def _pieces(
    report: Report, patient: str, encode: Encode, eos_token_id: int, *, stands_alone: bool
) -> Iterator[TokenText]:
    """A report's text as the model writes it, cut where something could show who a patient is."""
    text = target_text(report)
    if not text:
        return
    at = 0
    for found in find_identifiers(text):
        if piece := text[at : found.start].rstrip():
            yield TokenText(tuple(encode(piece)), patient, at == 0, stands_alone)
        at = found.end
    yield TokenText((*encode(text[at:]), eos_token_id), patient, at == 0, stands_alone)
