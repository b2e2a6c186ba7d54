"""A process that saves and uploads is killed in the middle: what was acknowledged is there, and nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.feedback.bucket.bucket import BucketRefused
from clinicalblip.feedback.bucket.objects import decode_review
from tests.fixtures.bucket_files import names
from tests.fixtures.odd_buckets import EveryThird

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

OpenPage = Callable[..., Any]
REVIEWS = 1000

_SAVE = """
import sys, threading
from pathlib import Path
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.copies import BucketCopies
from clinicalblip.feedback.bucket.folder_bucket import FolderBucket
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from tests.feedback.conftest import make_review
from tests.fixtures.odd_buckets import EveryThird, OddBucket

disk, bucket, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
spool = Spool(disk / "bucket-spool")
store = ReviewStore(disk / "reviews.sqlite3", spool.add)
copies = BucketCopies(store, spool, BucketFolder(OddBucket(FolderBucket(bucket), EveryThird()), "page"))
copies.start(0)
said = threading.Lock()

def save(start):
    for second in range(start, 1000, 4):
        number = store.add(make_review(second, consent=second % 2 == 0))
        with said:
            print(number, flush=True)

threads = [threading.Thread(target=save, args=(first + start,)) for start in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("all", flush=True)
threading.Event().wait()
"""


def test_sigkill_loses_no_acknowledged_review(tmp_path: Path, bucket_path: Path, open_page: OpenPage) -> None:
    """Killed twice during a thousand saves, with a bucket that refuses every third call; each is there exactly once."""
    disk = tmp_path / "disk"
    acknowledged: list[str] = []
    for until in (REVIEWS // 3, 2 * REVIEWS // 3, None):
        acknowledged += _save_until(disk, bucket_path, until)
    page = open_page("disk")
    page.bucket.before = EveryThird()
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        try:
            page.copies.sync()
        except BucketRefused:
            continue
        if not page.spool.waiting():
            break
    kept = [stored.id for stored in page.store.reviews()]
    assert len(set(kept)) == len(kept) == REVIEWS
    assert set(acknowledged) <= set(kept)
    assert names(bucket_path) == sorted(f"{each}.json" for each in kept)
    read = {decode_review(file.read_bytes()).id for file in (bucket_path / "page" / "reviews").iterdir()}
    assert read == set(kept)


def _save_until(disk: Path, bucket: Path, until: int | None) -> list[str]:
    """Save from the first on, and kill the process after so many ids, or when all are out; return what it said."""
    command = [sys.executable, "-c", _SAVE, str(disk), str(bucket), "0"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    ids = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "all\n":
                break
            ids.append(line.strip())
            if len(ids) == until:
                break
        process.send_signal(signal.SIGKILL)
        ids += [line.strip() for line in process.stdout if len(line) == len("0123456789abcdef\n")]
    assert len(ids) >= (until or REVIEWS)
    return ids
