"""A served page with a bucket, and readers of it who each have a token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.folder_bucket import FolderBucket
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Review, ReviewTexts
from clinicalblip.settings import Settings
from clinicalblip.web.access.passwords import Role
from clinicalblip.web.access.signed_in import reader_key
from clinicalblip.web.access.tokens import COOKIE, make_token
from clinicalblip.web.app_context import app_of
from tests.fixtures.generated_reviews import generated_reviews
from tests.fixtures.odd_buckets import OddBucket
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page


@dataclass(frozen=True)
class Pages:
    """The served page, and the bucket that it has."""

    served: Served
    bucket: OddBucket
    bucket_path: Path
    spool: Spool

    @property
    def store(self) -> Any:
        """The store of its reviews."""
        return self.served.store


class ReaderOfPages:
    """Somebody with a token, or without one, who asks for pages."""

    def __init__(self, pages: Pages, token: str = "") -> None:
        self.pages, self.token = pages, token
        cookies = {COOKIE: token} if token else {}
        self.client = httpx.Client(base_url=pages.served.url, cookies=cookies, timeout=60)
        self.origin = pages.served.url.rstrip("/")

    @property
    def key(self) -> str:
        """What the reader's reviews carry."""
        return reader_key(self.token)

    def save(self, number: int = 0, **changes: Any) -> str:
        """Save an invented review as this reader, with texts unless they are taken away, and give its id."""
        return str(self.pages.store.add(made_review(number, reader_key=self.key, **changes)))

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page, as a link does."""
        return self.client.get(path, headers=headers)

    def post(self, path: str, **headers: str) -> httpx.Response:
        """Send a form as the page's own, unless headers say otherwise."""
        return self.client.post(path, headers={"origin": self.origin, **headers})


def made_review(number: int = 0, *, word: str = "Finalword", **changes: Any) -> Review:
    """One of a hundred invented reviews; its texts have the word."""
    (*_, review) = generated_reviews(number + 1, seed=number)
    draft = review.draft.report
    final = Report(f"{draft.findings} {word}", word)
    kept = ReviewTexts(ClinicalContext(indication=f"{word} indication"), draft, final, Report(), word)
    return replace(review, **{"texts": kept, **changes})


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A page with a bucket."""
    folder = tmp_path_factory.mktemp("pages")
    bucket, spool = OddBucket(FolderBucket(folder / "bucket")), Spool(folder / "bucket-spool")
    served = one_page(folder, Settings(), ScriptedReporter(), bucket=BucketFolder(bucket, "page"), spool=spool)
    with served as page:
        yield Pages(page, bucket, folder / "bucket", spool)


@pytest.fixture
def reader(pages: Pages) -> Iterator[ReaderOfPages]:
    """A reader who has saved nothing yet."""
    one = ReaderOfPages(pages, make_token())
    yield one
    one.client.close()


@pytest.fixture
def other(pages: Pages) -> Iterator[ReaderOfPages]:
    """Another one."""
    one = ReaderOfPages(pages, make_token())
    yield one
    one.client.close()


@pytest.fixture
def owner(pages: Pages) -> Iterator[ReaderOfPages]:
    """Somebody who signed in with the owners' password."""
    one = ReaderOfPages(pages, app_of(pages.served.blocks).access.begin(Role.OWNER))
    yield one
    one.client.close()


@pytest.fixture
def stranger(pages: Pages) -> Iterator[ReaderOfPages]:
    """Somebody without a token."""
    one = ReaderOfPages(pages)
    yield one
    one.client.close()
