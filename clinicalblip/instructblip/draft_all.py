"""Drafting every study of a split into a predictions file: in batches, by one process or several, resumable."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from clinicalblip.datasets.predictions import PredictionsFile
from clinicalblip.datasets.studies import digest_of
from clinicalblip.errors import DatasetError, MalformedStudy, RadiographError
from clinicalblip.imaging.digest import digest
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.company import processes, rank
from clinicalblip.radiology.draft import Reporter
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import LimitSettings

BLANK_SIDE = 256


class FilmsGiven(StrEnum):
    """Which films the model is given: one that looks drafts worse from any but the right ones."""

    RIGHT = "right"
    SHUFFLED = "shuffled"
    BLANK = "blank"


def draft_all(
    reporter: Reporter,
    studies: Sequence[Study],
    output: Path,
    *,
    films: FilmsGiven = FilmsGiven.RIGHT,
    without: Collection[str] = (),
    batch: int = 8,
    seed: int = 0,
    limits: LimitSettings | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Draft each study once and write the predictions when all are there; gives how many came out empty.

    `films`: `shuffled` gives each study the films of another one with as many, dealt out by `seed`, and `blank` one
    film of even grey. `without` names slots of the prompt that stay empty. Called again, it goes on where it was.
    Under torchrun each process drafts its share.

    A study whose films cannot be read, or of which the model wrote nothing, is named by `say`, and its line has empty
    texts. Raises DatasetError where the file was begun with another model, other studies or other films, MalformedStudy
    for two studies of one id or a study without a film, and ModelError.
    """
    _check(studies, films)
    images = _images(studies, films, seed)
    mine, world = rank(), processes()
    predictions = PredictionsFile(output)
    with _company(world) as wait:
        if mine == 0:
            predictions.begin(_made_of(reporter, studies, films, without, seed))
        predictions.mend(mine)
        wait()
        done = predictions.drafted()
        share = [study for study in studies[mine::world] if study.study_id not in done]
        bar = tqdm(total=len(share), desc="drafts", unit="study", disable=None if mine == 0 else True)
        for loaded in _load_ahead(_together(share, images, batch), images, limits or LimitSettings()):
            predictions.add(mine, _draft(reporter, loaded, without, seed, say))
            bar.update(len(loaded))
        bar.close()
        wait()
        empty = sum(report.empty for report in predictions.drafted().values())
        wait()
        if mine == 0:
            predictions.finish(study.study_id for study in studies)
        wait()
    return empty


def blank_film() -> Radiograph:
    """A film that shows nothing: even grey."""
    values = np.full((BLANK_SIDE, BLANK_SIDE), 128, dtype=np.uint16)
    return Radiograph(values, Window(128, 256, "linear_exact"), False, View.UNKNOWN, None, digest(values))


Images = Mapping[str, tuple[StudyImage, ...] | None]
"""The image files to be given with each study, by its id; None for a blank film."""

Loaded = list[tuple[Study, list[Radiograph] | None]]
"""Studies of one batch with their films; None where they cannot be read."""


def _draft(
    reporter: Reporter, loaded: Loaded, without: Collection[str], seed: int, say: Callable[[str], None]
) -> Iterator[tuple[str, Report]]:
    examinations = []
    for study, films in loaded:
        if films is None:
            say(f"Study {study.study_id} has a film that cannot be read; its line is empty.")
            yield study.study_id, Report()
        else:
            examinations.append((study.study_id, films, replace(study.context, **dict.fromkeys(without, ""))))
    if not examinations:
        return
    drafts = reporter.draft_many([(films, context) for _, films, context in examinations], seed=seed)
    for (study_id, _, _), draft in zip(examinations, drafts, strict=True):
        if draft.report.empty:
            say(f"Of study {study_id} the model wrote nothing; its line is empty.")
        yield study_id, draft.report


def _load_ahead(groups: Sequence[Sequence[Study]], images: Images, limits: LimitSettings) -> Iterator[Loaded]:
    """The films of each batch, decoded while the one before is drafted."""
    with ThreadPoolExecutor(1) as loader:
        waiting = [loader.submit(_load, group, images, limits) for group in groups[:1]]
        for group in groups[1:]:
            ready = waiting.pop().result()
            waiting.append(loader.submit(_load, group, images, limits))
            yield ready
        for last in waiting:
            yield last.result()


def _load(group: Sequence[Study], images: Images, limits: LimitSettings) -> Loaded:
    loaded: Loaded = []
    for study in group:
        given = images[study.study_id]
        try:
            films = [blank_film()] if given is None else [_film(image, limits) for image in given]
        except (OSError, RadiographError):
            loaded.append((study, None))
        else:
            loaded.append((study, films))
    return loaded


def _film(image: StudyImage, limits: LimitSettings) -> Radiograph:
    radiograph = read_radiograph(image.path.read_bytes(), limits=limits, allow_burned_in=True)
    return radiograph if image.view is View.UNKNOWN else radiograph.with_view(image.view)


def _images(studies: Sequence[Study], films: FilmsGiven, seed: int) -> Images:
    if films is FilmsGiven.BLANK:
        return {study.study_id: None for study in studies}
    if films is FilmsGiven.RIGHT:
        return {study.study_id: study.shown for study in studies}
    groups: dict[int, list[Study]] = defaultdict(list)
    for study in studies:
        groups[len(study.shown)].append(study)
    random = np.random.default_rng(seed)
    given: dict[str, tuple[StudyImage, ...] | None] = {}
    for count, members in sorted(groups.items()):
        if len(members) == 1:
            raise DatasetError(
                f"Study {members[0].study_id} is the only one with {count} films, so that no other's can be given "
                "with it; leave it out, or draft from the right films."
            )
        order = [members[number] for number in random.permutation(len(members))]
        for study, other in zip(order, order[1:] + order[:1], strict=True):
            given[study.study_id] = other.shown
    return given


def _together(studies: Sequence[Study], images: Images, batch: int) -> list[list[Study]]:
    """Batches of studies with equally many films."""
    groups: dict[int, list[Study]] = defaultdict(list)
    for study in studies:
        groups[len(images[study.study_id] or (None,))].append(study)
    return [members[at : at + batch] for members in groups.values() for at in range(0, len(members), batch)]


def _check(studies: Sequence[Study], films: FilmsGiven) -> None:
    if not studies:
        raise DatasetError("There is no study to draft; name a split that the studies file has.")
    if len({study.study_id for study in studies}) < len(studies):
        raise MalformedStudy("Two studies of the file have one study_id; ids must differ.")
    bare = [study for study in studies if not study.shown]
    if bare and films is not FilmsGiven.BLANK:
        raise MalformedStudy(
            f"{len(bare)} studies have no film, the first is {bare[0].study_id}; draft from studies that have, or ask "
            "for blank films."
        )


def _made_of(
    reporter: Reporter, studies: Sequence[Study], films: FilmsGiven, without: Collection[str], seed: int
) -> dict[str, Any]:
    identity = asdict(reporter.identity)
    said = "\n".join(digest_of(study) for study in studies)
    return {
        "model": {name: value for name, value in identity.items() if name not in ("reason", "device")},
        "data": {"studies": len(studies), "digest": hashlib.sha256(said.encode()).hexdigest()},
        "films": str(films),
        "without": sorted(without),
        "seed": seed,
    }


@contextmanager
def _company(world: int) -> Iterator[Callable[[], None]]:
    """The processes that torchrun started; gives a function that waits until all of them have come to it."""
    if world == 1:
        yield lambda: None
        return
    torch.distributed.init_process_group("gloo")
    try:
        yield torch.distributed.barrier
    finally:
        torch.distributed.destroy_process_group()
