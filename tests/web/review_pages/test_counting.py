"""The counts over all reviews: right whenever they are shown, and not made again for nothing."""

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.feedback.summary.counts import ALL, summarise_each
from clinicalblip.web.review_pages.counting import GROUPINGS, ReviewCounts
from tests.fixtures.generated_reviews import generated_reviews


def test_they_follow_every_review_and_every_withdrawal(store: ReviewStore) -> None:
    """What is counted is what the store has at that moment."""
    counts = ReviewCounts()
    assert counts.of(store)[None].groups == {}
    ids = [store.add(review) for review in generated_reviews(6)]
    before = counts.of(store)
    assert before == summarise_each(store.reviews(), GROUPINGS)
    assert before[None].groups[ALL].kept_shares
    for each in ids:
        store.forget(each)
        assert counts.of(store) == summarise_each(store.reviews(), GROUPINGS)
    assert counts.of(store)[None].groups[ALL].kept_shares == []


def test_where_nothing_changed_they_are_not_made_again(store: ReviewStore) -> None:
    """However often the page is loaded."""
    counts = ReviewCounts()
    for review in generated_reviews(2):
        store.add(review)
    assert counts.of(store) is counts.of(store)
