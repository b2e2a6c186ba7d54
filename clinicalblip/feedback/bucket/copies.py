"""The thread that keeps a bucket up with the store, whatever the bucket does."""

import logging
import threading
import time
from typing import Final

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.bucket.bucket import BucketRefused, BucketUnfit
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.objects import OwnerName
from clinicalblip.feedback.bucket.reconcile import reconcile
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.bucket.uploader import Uploader
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.store import ReviewStore

_log = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 2.0  # until what another process spooled is seen
_OWNER_SECONDS: Final = 60.0  # until it is asked again who writes here
_SNAPSHOT_SECONDS: Final = 600.0  # until it is asked again whether another day has begun
_LONGEST_PAUSE: Final = 300.0
_REFUSALS_IN_A_ROW: Final = 5  # after so many the bucket is left alone for a while


class BucketCopies:
    """Brings each review of a store to a bucket, from a thread of its own, so that no save waits for it."""

    def __init__(self, store: ReviewStore, spool: Spool, folder: BucketFolder, space: str = "") -> None:
        self._store, self._spool, self._folder, self._space = store, spool, folder, space
        self._uploader: Uploader | None = None
        self._private = False
        self._owner: OwnerName | None = None
        self._asked, self._snapshot_at = 0.0, -_SNAPSHOT_SECONDS
        self._stopping = threading.Event()
        self._tried = threading.Event()
        self._unfit: BucketUnfit | None = None
        self._thread = threading.Thread(target=self._run, name="bucket-copies", daemon=True)

    def start(self, seconds: float) -> None:
        """Start, and wait so long for the first try, in which a disk that was lost is filled again.

        Raises SettingsError where the bucket cannot be used as it is set up; one that does not answer is tried again.
        """
        self._thread.start()
        self._tried.wait(seconds)
        if self._unfit is not None:
            raise SettingsError(str(self._unfit)) from self._unfit

    def stop(self, seconds: float = 5.0) -> None:
        """End after what is being uploaded, or leave it behind after the seconds; what waits goes at the next start."""
        self._stopping.set()
        self._spool.wake()
        self._thread.join(seconds)

    def sync(self) -> None:
        """Bring what waits, once. Raises BucketRefused, ReviewNotSaved and OSError where some of it still waits."""
        snapshot_due = time.monotonic() - self._snapshot_at > _SNAPSHOT_SECONDS
        if self._uploader is not None and not snapshot_due and not self._spool.waiting():
            return
        uploader = self._ready()
        withdrawn: list[str] = []
        refusal, in_a_row = None, 0
        if snapshot_due:
            self._spool.add(uploader.withdrawn_with_words())
        try:
            for review_id in self._spool.waiting():
                if self._stopping.is_set():
                    return
                try:
                    if self._bring(uploader, review_id):
                        withdrawn.append(review_id)
                    in_a_row = 0
                except BucketRefused as error:
                    refusal, in_a_row = error, in_a_row + 1
                    if in_a_row == _REFUSALS_IN_A_ROW or isinstance(error, BucketUnfit):
                        raise
            if withdrawn or snapshot_due:
                uploader.bring_snapshot()
                self._snapshot_at, withdrawn = time.monotonic(), []
        finally:
            self._spool.add(withdrawn)  # snapshots may have their words still
        if refusal is not None:
            raise refusal

    def _bring(self, uploader: Uploader, review_id: str) -> bool:
        self._spool.done(review_id)  # before it is read: what is withdrawn from now on waits anew
        try:
            return uploader.bring(review_id)
        except BaseException:
            self._spool.add([review_id])
            raise

    def _ready(self) -> Uploader:
        """The uploader, once the bucket may be written and was compared with the store."""
        now = time.monotonic()
        if not self._private:
            self._folder.refuse_public()
            self._private = True
        if self._owner is None:
            self._owner = self._folder.claim(self._spool.writer, self._space)
            self._asked = now
        elif now - self._asked > _OWNER_SECONDS:
            self._folder.refuse_others(self._owner)
            self._asked = now
        if self._uploader is None:
            listing = reconcile(self._folder, self._store, self._spool)
            self._uploader = Uploader(self._folder, self._store, listing)
        return self._uploader

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._spool.uploading() as alone:
                    if alone:
                        self._upload()
            except OSError as error:
                _log.warning("The spool of the bucket cannot be used: %s.", reason_of(error))
            self._tried.set()
            self._stopping.wait(_LOOK_SECONDS)

    def _upload(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            before = len(self._spool.waiting())
            try:
                self.sync()
                pause, self._unfit = 0.0, None
            except BucketUnfit as error:
                _log.warning("%s", error)
                pause, self._unfit = _LONGEST_PAUSE, error
            except Exception as error:  # that a thread has ended is noticed by nobody
                _log.warning("The bucket did not take everything: %s.", type(error).__name__)
                pause = 0.5 if len(self._spool.waiting()) < before else min(max(1.0, 2 * pause), _LONGEST_PAUSE)
            self._tried.set()
            if pause:
                self._stopping.wait(pause)
            else:
                self._spool.wait(_LOOK_SECONDS)
