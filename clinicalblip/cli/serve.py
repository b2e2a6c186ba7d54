"""The command `serve`, and what app.py does: settings, then the reporter, then the page."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path
from time import sleep
from types import FrameType
from typing import TYPE_CHECKING, Final

from clinicalblip.cli.options import add_config
from clinicalblip.cli.parser import add_command
from clinicalblip.cli.reporter import make_loader
from clinicalblip.heap import bound_heaps
from clinicalblip.profiles import is_zero_gpu
from clinicalblip.settings import StorageSettings, read_settings

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.radiology.draft import Reporter
    from clinicalblip.settings import Settings
    from clinicalblip.web.served_study.served_study import ServedStudy
    from clinicalblip.worklist.work_list import WorkList


_log = logging.getLogger(__name__)


def add_commands(commands: Commands) -> None:
    """Add `serve`."""
    parser = add_command(
        commands,
        "serve",
        lambda options: serve(options.config, studies=options.studies, reader_study=options.reader_study),
        "serve the page until it is stopped",
        ("", "--config spaces_config.yaml", "--studies studies.jsonl", "--reader-study study"),
    )
    add_config(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--studies", type=Path, metavar="F", help="a studies file or a folder of DICOM films that readers go through"
    )
    what.add_argument(
        "--reader-study",
        type=Path,
        metavar="DIR",
        help="a reader study, as `reader-study prepare` made it: it is read by its readers' links, and nothing else is",
    )


_STUDY_HOURS: Final = 24.0 * 120
"""How long a reader of a study stays signed in, and what they have not saved is kept."""

_RESTORING_SECONDS: Final = 60.0
"""How long the page waits for a bucket to fill a disk that was lost, before readers come."""

_ASKING_SECONDS: Final = 5.0
"""How long it waits to hear that the bucket can be used, where nothing was lost."""

_SAID_SECONDS: Final = 3.0
"""How long the page stays where the model cannot be loaded, so that who has it open reads why."""


def serve(config: Path, *, studies: Path | None = None, reader_study: Path | None = None) -> None:
    """Serve the page that a settings file describes until it is stopped; the model is loaded once the page is there.

    With `model.at` nothing is loaded here, and the replicas there draft.

    `studies`: the work list, instead of the settings'. `reader_study`: the folder of a study that is read; its drafts
    were made before, so that no model is loaded, and all that readers do is kept in that folder. Raises
    ClinicalBlipError: settings, reviews, list, study or model are not as they have to be.
    """
    settings = read_settings(config)
    if studies is not None:
        worklist = settings.worklist.model_copy(update={"studies": studies.absolute()})
        settings = settings.model_copy(update={"worklist": worklist})
    if reader_study is not None:
        settings = _settings_of_study(settings, reader_study)
    is_json = settings.server.logs == "json"
    if is_json:
        from clinicalblip.web.lifespan.json_lines import log_as_json

        log_as_json()
    study = None if reader_study is None else _open_study(reader_study)
    load = make_loader(settings) if study is None else _no_model
    bound_heaps()

    from clinicalblip.imaging.sandbox.pool import shared_pool

    shared_pool().warm()  # what reads films starts while the model is loaded

    from clinicalblip.feedback.bucket.copies import BucketCopies
    from clinicalblip.feedback.open_store import open_bucket, open_spool, open_store, space_name
    from clinicalblip.feedback.storage_path import find_storage_path
    from clinicalblip.web.ending import end_page
    from clinicalblip.web.loading import LoadingReporter
    from clinicalblip.web.page import build_page, launch_arguments
    from clinicalblip.worklist.reading_progress import ReadingProgress

    location = find_storage_path(settings)
    bucket = open_bucket(settings)
    spool = open_spool(location)
    store = open_store(settings, location, spool)
    if bucket is not None:
        copies = BucketCopies(store, spool, bucket, space_name())
        copies.start(_ASKING_SECONDS if store.consents() else _RESTORING_SECONDS)
    reporter = LoadingReporter(load)
    if study is not None or is_zero_gpu(os.environ):  # on ZeroGPU the model is built in this thread, before the launch
        reporter.load_here()
    work_list = _read_work_list(settings, location.path.parent) if study is None else None
    is_kept = work_list is not None or study is not None
    progress = ReadingProgress(location.path.parent / "reading-progress" if is_kept else None)
    page = build_page(
        settings,
        reporter,
        store,
        location,
        work_list=work_list,
        progress=progress,
        bucket=bucket,
        spool=spool,
        study=study,
    )
    before = signal.signal(signal.SIGTERM, _end)
    page.launch(**launch_arguments(settings), prevent_thread_lock=True, quiet=is_json)
    _log.info("the page is served")
    try:
        if not reporter.is_ready:
            reporter.start()  # after the page is there, which importing the model's packages would delay
            try:
                reporter.wait()
            except Exception:
                sleep(_SAID_SECONDS)
                raise
        page.block_thread()
    except _Ended:
        end_page(page)
    finally:
        signal.signal(signal.SIGTERM, before)


def _settings_of_study(settings: Settings, folder: Path) -> Settings:
    """The settings with which a study is read: what readers do lies in its own folder and nowhere else.

    Sign-ins and unsaved work last as long as a study does, for a link works once.
    """
    kept = StorageSettings(reviews=folder.absolute() / "reviews.sqlite3")
    session = settings.session.model_copy(update={"hours": _STUDY_HOURS, "journal": True})
    nowhere = settings.worklist.model_copy(update={"studies": None})
    return settings.model_copy(update={"storage": kept, "session": session, "worklist": nowhere})


def _no_model() -> Reporter:
    from clinicalblip.web.served_study.silent_reporter import SilentReporter

    return SilentReporter()


def _open_study(folder: Path) -> ServedStudy:
    """The study, with the key that lies in its folder. Raises ReaderStudyError, and DatasetError for the key."""
    from clinicalblip.reader_study.study_folder import StudyFolder
    from clinicalblip.web.served_study.served_study import ServedStudy
    from clinicalblip.worklist.list_key import read_or_make_key

    study = ServedStudy(StudyFolder.open(folder), read_or_make_key(folder / "worklist.key", of="the study"))
    study.begin()
    return study


class _Ended(BaseException):
    """The process was told to end."""


def _end(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending already
    raise _Ended


def _read_work_list(settings: Settings, reviews: Path) -> WorkList | None:
    """The studies that the settings name, with the key that lies beside the reviews; None for the sample cases."""
    if settings.worklist.studies is None:
        return None
    from clinicalblip.worklist.list_key import read_or_make_key
    from clinicalblip.worklist.read import read_work_list

    source, key = settings.folder / settings.worklist.studies, read_or_make_key(reviews / "worklist.key")
    shuffled = settings.worklist.order == "shuffled"
    work_list = read_work_list(source, key, settings.limits, shuffled=shuffled)
    if settings.server.logs == "json":
        _log.info("%s", work_list.summary)
    else:
        print(work_list.summary)
    return work_list
