"""The counts over all reviews that the owner's page shows, made anew only where reviews changed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.feedback.summary.counts import GroupBy, Summary, summarise_each

GROUPINGS: Final[tuple[GroupBy | None, ...]] = (None, GroupBy.DAY, GroupBy.VERSION)


@dataclass(frozen=True)
class _Counted:
    reviews: int
    withdrawn: int
    summaries: Mapping[GroupBy | None, Summary]


class ReviewCounts:
    """The summaries of a store by `GROUPINGS`; whoever asks while they are made waits for them.

    Reviews are read in batches, and none of their words is kept. They are only ever added or withdrawn, so that the
    numbers of both say whether anything changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: _Counted | None = None

    def of(self, store: ReviewStore) -> Mapping[GroupBy | None, Summary]:
        """The summaries as the store is now. Raises ReviewNotSaved where it cannot be read."""
        with self._lock:
            consents = store.consents()
            found = (len(consents), sum(consents.values()))
            if self._last is None or (self._last.reviews, self._last.withdrawn) != found:
                self._last = _Counted(*found, summarise_each(store.reviews(), GROUPINGS))
            return self._last.summaries
