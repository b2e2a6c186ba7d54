"""The command `serve`, and what app.py does: settings, then the reporter, then the page."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Final

from clinicalblip.cli.options import add_config
from clinicalblip.cli.parser import add_command
from clinicalblip.heap import bound_heaps
from clinicalblip.settings import read_settings

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.radiology.draft import Reporter
    from clinicalblip.settings import Settings
    from clinicalblip.worklist.work_list import WorkList


def add_commands(commands: Commands) -> None:
    """Add `serve`."""
    parser = add_command(
        commands,
        "serve",
        lambda options: serve(options.config, studies=options.studies),
        "serve the page until it is stopped",
        ("", "--config spaces_config.yaml", "--studies studies.jsonl"),
    )
    add_config(parser)
    parser.add_argument(
        "--studies", type=Path, metavar="F", help="a studies file or a folder of DICOM films that readers go through"
    )


_SAID_SECONDS: Final = 3.0
"""How long the page stays where the model cannot be loaded, so that who has it open reads why."""


def serve(config: Path, *, studies: Path | None = None) -> None:
    """Serve the page that a settings file describes until it is stopped; the model is loaded once the page is there.

    `studies`: the work list, instead of the settings'. Raises ClinicalBlipError: settings, reviews, list or model are
    not as they have to be.
    """
    settings = read_settings(config)
    if studies is not None:
        worklist = settings.worklist.model_copy(update={"studies": studies.absolute()})
        settings = settings.model_copy(update={"worklist": worklist})
    bound_heaps()

    from clinicalblip.imaging.sandbox.pool import shared_pool

    shared_pool().warm()  # what reads films starts while the model is loaded

    from clinicalblip.feedback.storage_path import find_storage_path
    from clinicalblip.feedback.store import ReviewStore
    from clinicalblip.web.loading import LoadingReporter
    from clinicalblip.web.page import build_page, launch_arguments
    from clinicalblip.worklist.reading_progress import ReadingProgress

    location = find_storage_path(settings)
    store = ReviewStore(location.path)
    reporter = LoadingReporter(lambda: _load_reporter(settings))
    if _is_zero_gpu():  # it lends a GPU to forks of a process that has the model
        reporter.start()
        reporter.wait()
    work_list = _read_work_list(settings, location.path.parent)
    progress = ReadingProgress(location.path.parent / "reading-progress" if work_list else None)
    page = build_page(settings, reporter, store, location, work_list=work_list, progress=progress)
    page.launch(**launch_arguments(settings), prevent_thread_lock=True)
    if not reporter.is_ready:
        reporter.start()  # after the page is there, which importing the model's packages would delay
        try:
            reporter.wait()
        except Exception:
            sleep(_SAID_SECONDS)
            raise
    page.block_thread()


def _read_work_list(settings: Settings, reviews: Path) -> WorkList | None:
    """The studies that the settings name, with the key that lies beside the reviews; None for the sample cases."""
    if settings.worklist.studies is None:
        return None
    from clinicalblip.worklist.list_key import read_or_make_key
    from clinicalblip.worklist.read import read_work_list

    source, key = settings.folder / settings.worklist.studies, read_or_make_key(reviews / "worklist.key")
    shuffled = settings.worklist.order == "shuffled"
    work_list = read_work_list(source, key, settings.limits, shuffled=shuffled)
    print(work_list.summary)
    return work_list


def _load_reporter(settings: Settings) -> Reporter:
    from clinicalblip.instructblip.reporter import load_reporter

    return load_reporter(settings)


def _is_zero_gpu() -> bool:
    from clinicalblip.instructblip.generation.zerogpu import is_zero_gpu

    return is_zero_gpu()
