"""Which book of drafts the settings mean, and whether it may be used here."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from clinicalblip.errors import BookError
from clinicalblip.instructblip.book.draft_book import ABOUT, read_about, read_book
from clinicalblip.radiology.study import Study
from clinicalblip.settings import BOOK_BESIDE_BASE, Settings


def find_book(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of the book that the settings mean, None where they mean none.

    `auto` is the folder `book` beside the base's. Raises BookError for a book of credentialed data on a Space, where
    others could take it.
    """
    asked = settings.model.book
    if asked is None:
        return None
    if asked == BOOK_BESIDE_BASE:
        base = settings.locate(settings.model.base)
        if not (isinstance(base, Path) and (base.parent / "book" / ABOUT).is_file()):
            return None
        folder = base.parent / "book"
    else:
        folder = Path(settings.locate(asked))
    if read_about(folder).credentialed and environment.get("SPACE_ID"):
        raise BookError(
            "The book of drafts is made of data for credentialed people alone, and may not lie on a Space; "
            "set model.book to null."
        )
    return folder


def refuse_seen(settings: Settings, studies: Sequence[Study]) -> None:
    """Raise BookError where the settings' book was made from any of these studies that is not for training."""
    folder = find_book(settings)
    if folder is None:
        return
    book = read_book(folder, read_about(folder).vocabulary)
    if seen := book.saw(study for study in studies if study.split != "train"):
        raise BookError(
            f"The book of drafts was made from {len(seen)} of these studies, the first is {seen[0]}, which nothing "
            "that drafts them may have seen; give --no-book, or make the book without them."
        )
