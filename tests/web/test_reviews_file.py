"""A review that the page saved, when the reviews file is removed under it."""

from pathlib import Path

import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.reviews import save_review


@pytest.fixture
def finished(app: AppContext) -> FinishedDraft:
    """A finished draft."""
    *_, draft = app.reporter.stream((), ClinicalContext(), stop=lambda: False)
    assert isinstance(draft, Draft)
    return FinishedDraft(draft, ClinicalContext(), {})


def test_saving_again_saves_what_was_lost_with_the_file(
    app: AppContext, finished: FinishedDraft, tmp_path: Path
) -> None:
    """Unchanged or changed, the review is saved as new, and not said to be there already."""
    form = ReviewForm(Report("mine"), 4, Verdict.MINOR_EDITS)
    save_review(app, finished, form)
    (tmp_path / "reviews.sqlite3").unlink()
    second = save_review(app, finished, form)
    assert [(kept.id, kept.replaces) for kept in app.store.reviews()] == [(second, None)]
    (tmp_path / "reviews.sqlite3").unlink()
    third = save_review(app, finished, ReviewForm(Report("mine"), 2, Verdict.REJECTED))
    assert [(kept.id, kept.replaces) for kept in app.store.reviews()] == [(third, None)]


def test_a_save_that_is_refused_can_be_repeated(app: AppContext, finished: FinishedDraft, tmp_path: Path) -> None:
    """With the disk gone the reader is told, and keeps what was written; with the disk back it is saved."""
    form = ReviewForm(Report("mine"), 4, Verdict.MINOR_EDITS)
    first = save_review(app, finished, form)
    aside = tmp_path.with_name(f"{tmp_path.name}-unmounted")
    tmp_path.rename(aside)
    changed = ReviewForm(Report("mine"), 2, Verdict.REJECTED)
    with pytest.raises(ReviewNotSaved, match="unmounted"):
        save_review(app, finished, changed)
    aside.rename(tmp_path)
    second = save_review(app, finished, changed)
    assert [(kept.id, kept.replaces) for kept in app.store.reviews()] == [(first, None), (second, first)]
