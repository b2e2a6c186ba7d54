"""All simulated readers read a served study to its end, at the same time, each over a connection of their own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.reader_study.simulation.readers import Population, draw_readers
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web.page import build_page, launch_arguments
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.served_study import ServedStudy
from clinicalblip.web.served_study.silent_reporter import SilentReporter
from clinicalblip.worklist.list_key import read_or_make_key
from clinicalblip.worklist.reading_progress import ReadingProgress
from research.pilot.reading import TENDENCIES, Reader
from research.pilot.visitor import NotServed, Visitor

_HOME: Final = "/reader-study"
_PAIR: Final = "/reader-study/pair"
_QUESTIONS: Final = "/reader-study/questions"


def read_all(folder: Path, population: Population, *, seed: int, progress: Callable[[str], None]) -> None:
    """Serve the study, and let a reader for each row read it; `progress` is told of each reader who is through.

    Readers and cases are drawn from the seed, each reader's chances apart: the same whoever is faster. Raises NotServed
    with what the page refused.
    """
    with StudyFolder.open(folder) as study, _serve(study) as url:
        rng = np.random.default_rng((seed, 0))
        tendencies = rng.normal(size=(len(study.assignment.cases), TENDENCIES))
        drawn = draw_readers(population, study.assignment.rows, rng)
        tokens = [study.records.make_link(study.records.enrol(row).reader) for row in range(1, len(drawn) + 1)]

        def read(row: int) -> str:
            own = np.random.default_rng((seed, row))
            reader = Reader(row, drawn[row - 1], population, tendencies, study, own)
            with Visitor(url, tokens[row - 1]) as visitor:
                _read(visitor, reader)
            return reader.drawn.name

        with ThreadPoolExecutor(len(drawn)) as threads:
            for name in threads.map(read, range(1, len(drawn) + 1)):
                progress(name)


def _read(visitor: Visitor, reader: Reader) -> None:
    while (case := visitor.case())["number"] is not None:
        visitor.save(reader.read(case))
    pairs = {str(each.position): each for each in reader.study.assignment.pairs if each.row == reader.row}
    while (form := visitor.form(_PAIR, _PAIR)) is not None:
        pair = pairs[form.hidden["pair"]]
        choice, seconds = reader.choose(pair)
        visitor.send(_PAIR, pair=form.hidden["pair"], choice=choice, seconds=f"{seconds:.1f}", why="")
    while (form := visitor.form(_HOME, _QUESTIONS)) is not None:
        answers = {name: reader.answer(options) for name, options in form.options.items()}
        visitor.send(_QUESTIONS, **form.hidden, **answers)
    if wording.THANKS_TITLE not in visitor.page(_HOME):
        raise NotServed(f"{reader.drawn.name} has read everything, and the page does not say so.")


@contextmanager
def _serve(study: StudyFolder) -> Iterator[str]:
    """The page of the study, in this process, as `serve --reader-study` builds it; gives its address."""
    server = ServerSettings(name="127.0.0.1", port=_free_port())
    settings = Settings().model_copy(update={"server": server})
    store = ReviewStore(study.reviews)
    served = ServedStudy(study, read_or_make_key(study.path / "worklist.key", of="the study"))
    served.begin()
    location = StoragePath(study.reviews, persistent=True)
    progress = ReadingProgress(study.path / "reading-progress")
    page = build_page(settings, SilentReporter(), store, location, progress=progress, study=served)
    page.launch(**launch_arguments(settings), prevent_thread_lock=True, quiet=True)
    try:
        yield f"http://{server.name}:{server.port}"
    finally:
        page.close(verbose=False)
        store.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
