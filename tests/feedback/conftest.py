"""Reviews to keep, as a page would make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.check_outcome import Check, CheckOutcome
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, ReportError, Significance
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate, SentenceReview

if TYPE_CHECKING:  # programs that tests start read this file as well, and need none of a server
    from tests.fixtures.postgresql_server import PostgresqlServer
    from tests.fixtures.review_places import PostgresqlPlace, ReviewPlace

IDENTITY = ModelIdentity(
    base="base",
    base_digest="b" * 64,
    adapter="adapter",
    adapter_digest="a" * 64,
    precision="fp32",
    reason="it fits",
    device="cpu",
    prompt_version="1",
)
DRAFT = Draft(
    report=Report("Draftword heart normal.", "Draftend."),
    prompt="Promptword: cough.",
    radiographs=("f" * 64, "e" * 64),
    model=IDENTITY,
    generation=GenerationOptions(max_new_tokens=220),
    seed=7,
    tokens=12,
    seconds=0.5,
    stopped=True,
    warnings=("Warningword was cut.",),
)
TEXTS = ReviewTexts(
    context=ClinicalContext(
        "Indicationword", "Historyword", "Techniqueword", "Comparisonword", "Priorword", "Hintword"
    ),
    draft=DRAFT.report,
    final=Report("Finalword heart enlarged.", "Finalend."),
    reference=Report("Referenceword.", "Referenceend."),
    comment="Commentword",
)
WORDS = (
    *("Indicationword", "Historyword", "Techniqueword", "Comparisonword", "Priorword", "Hintword", "Draftword"),
    *("Draftend", "Finalword", "Finalend", "Referenceword", "Referenceend", "Commentword", "Promptword"),
    "Warningword",
)

PARTS: dict[str, Any] = {
    "overall": None,
    "would_sign": False,
    "style_edits": 1,
    "content_edits": 2,
    "sentences": (
        SentenceReview(Section.FINDINGS, 0, 23, SentenceFate.EDITED, 0, 25, DecidedBy.TYPING),
        SentenceReview(Section.IMPRESSION, 0, 9, SentenceFate.DROPPED, None, None, DecidedBy.REST),
        SentenceReview(Section.IMPRESSION, None, None, None, 0, 9, None),
    ),
    "errors": (
        ReportError(
            ErrorCategory.SEVERITY,
            Section.FINDINGS,
            10,
            23,
            ErrorOrigin.PROPOSED,
            ErrorState.CHANGED,
            Significance.SIGNIFICANT,
            Observation.CARDIOMEGALY,
        ),
        ReportError(ErrorCategory.MISSING_FINDING, None, None, None, ErrorOrigin.BY_HAND, ErrorState.CONFIRMED),
        ReportError(ErrorCategory.FALSE_FINDING, Section.IMPRESSION, 0, 9, ErrorOrigin.PROPOSED, ErrorState.IGNORED),
    ),
    "checks": (CheckOutcome(Check.SIDE_CONFLICT, 2, 1),),
    "reading": Reading(
        saved_seconds=61.5,
        active_seconds=40.25,
        first_word_seconds=1.5,
        draft_ended_seconds=4.0,
        first_action_seconds=6.0,
        reference_opened_seconds=40.0,
        sentence_seconds=(30.0, None, 45.0),
        error_seconds=(50.0, None, None),
        characters_typed=12,
        characters_kept=20,
        windows=2,
        prior_viewed=True,
        never_zoomed=True,
        verdict_seconds=58.0,
    ),
}
"""What a review has beside a rating, as changes to one that has none of it."""


def make_review(second: int = 0, *, consent: bool = True, **changes: Any) -> Review:
    """A review of 2026-11-24, the given number of seconds after eight."""
    review = Review(
        draft=DRAFT,
        verdict=Verdict.MINOR_EDITS,
        overall=4,
        created=datetime(2026, 11, 24, 8, second // 60, second % 60, 123456, tzinfo=UTC),
        words_added=2,
        words_removed=1,
        editing_seconds=30.25,
        texts=TEXTS if consent else None,
    )
    return replace(review, **changes)


@pytest.fixture
def review() -> Callable[..., Review]:
    """The maker of reviews."""
    return make_review


@pytest.fixture
def parts() -> dict[str, Any]:
    """What a review has beside a rating."""
    return PARTS


@pytest.fixture
def words() -> tuple[str, ...]:
    """One word of every text of a review, each found nowhere else."""
    return WORDS


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the store of this test lies."""
    return tmp_path / "reviews.sqlite3"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, started by the first test that asks for it."""
    from tests.fixtures.postgresql_server import run_server

    with run_server() as server:
        yield server


@pytest.fixture
def postgresql_place(postgresql_server: PostgresqlServer) -> Iterator[PostgresqlPlace]:
    """An empty PostgreSQL database."""
    from tests.fixtures.review_places import PostgresqlPlace

    with postgresql_server.new_database() as name:
        yield PostgresqlPlace(postgresql_server, name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def place(request: pytest.FixtureRequest, database: Path) -> ReviewPlace:
    """Where the store of this test keeps its reviews: every test that asks for it runs in both databases."""
    from tests.fixtures.review_places import SqlitePlace

    if request.param == "sqlite":
        return SqlitePlace(database)
    found: PostgresqlPlace = request.getfixturevalue("postgresql_place")
    return found


@pytest.fixture
def store(place: ReviewPlace) -> Iterator[ReviewStore]:
    """An empty store, in either database."""
    with place.open() as opened:
        yield opened


@pytest.fixture
def sqlite_store(database: Path) -> Iterator[ReviewStore]:
    """An empty store in a file."""
    with ReviewStore(database) as opened:
        yield opened
