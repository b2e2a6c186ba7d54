"""Going through all studies of a split with a model, in batches, by one process or several, resumable."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import torch
from tqdm import tqdm

from clinicalblip.datasets.files.studies import digest_of
from clinicalblip.datasets.files.study_lines import StudyLines
from clinicalblip.errors import DatasetError, MalformedStudy, RadiographError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.distributed import processes, rank
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.draft import Examination, ModelIdentity
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import LimitSettings

BLANK_SIDE = 256

Said = TypeVar("Said")
Loaded = tuple[str, Examination | None]
"""A study's id, and its films and context; None where its films cannot be read."""


class FilmsGiven(StrEnum):
    """Which films the model is given: one that looks does worse with any but the right ones."""

    RIGHT = "right"
    SHUFFLED = "shuffled"
    BLANK = "blank"


@dataclass(frozen=True)
class Given:
    """What the model is given of each study.

    `films`: `shuffled` gives each study the films of another one with as many, dealt out by `seed`, and `blank` one
    film of even grey. `without` names slots of the prompt that stay empty.
    """

    films: FilmsGiven = FilmsGiven.RIGHT
    without: Collection[str] = ()
    seed: int = 0
    limits: LimitSettings = field(default_factory=LimitSettings)


def go_through(
    studies: Sequence[Study],
    given: Given,
    lines: StudyLines[Said],
    say: Callable[[Sequence[Loaded]], Iterable[tuple[str, Said]]],
    *,
    model: ModelIdentity,
    batch: int,
    **made_of: Any,
) -> dict[str, Said]:
    """Let `say` give its line for each study, in batches of equally many films; gives the lines by id.

    Called again, it goes on where it was. Under torchrun each process goes through its share. `made_of` are plain
    values that the file depends on beside model, studies and what is given. Raises DatasetError where the file was
    begun with anything else, MalformedStudy for two studies of one id or a study without a film.
    """
    _check(studies, given.films)
    images = _images(studies, given)
    mine, world = rank(), processes()
    with _company(world) as wait:
        if mine == 0:
            lines.begin({**_made_of(studies, given, model), **made_of})
        lines.mend(mine)
        wait()
        done = lines.written()
        share = [study for study in studies[mine::world] if study.study_id not in done]
        bar = tqdm(total=len(share), desc=lines.kind, unit="study", disable=None if mine == 0 else True)
        for loaded in _load_ahead(_together(share, images, batch), images, given):
            lines.add(mine, say(loaded))
            bar.update(len(loaded))
        bar.close()
        wait()
        written = lines.written()
        wait()
        if mine == 0:
            lines.finish(study.study_id for study in studies)
        wait()
    return written


def blank_film() -> Radiograph:
    """A film that shows nothing: even grey."""
    values = np.full((BLANK_SIDE, BLANK_SIDE), 128, dtype=np.uint16)
    return Radiograph(values, Window(128, 256, "linear_exact"), False, View.UNKNOWN, None, digest(values))


Images = Mapping[str, tuple[StudyImage, ...] | None]
"""The image files to be given with each study, by its id; None for a blank film."""


def _load_ahead(groups: Sequence[Sequence[Study]], images: Images, given: Given) -> Iterator[list[Loaded]]:
    """The studies of each batch, their films decoded while the batch before is with the model."""
    with ThreadPoolExecutor(1) as loader:
        waiting = [loader.submit(_load, group, images, given) for group in groups[:1]]
        for group in groups[1:]:
            ready = waiting.pop().result()
            waiting.append(loader.submit(_load, group, images, given))
            yield ready
        for last in waiting:
            yield last.result()


def _load(group: Sequence[Study], images: Images, given: Given) -> list[Loaded]:
    loaded: list[Loaded] = []
    for study in group:
        files = images[study.study_id]
        try:
            films = [blank_film()] if files is None else [_film(image, given.limits) for image in files]
        except (OSError, RadiographError):
            loaded.append((study.study_id, None))
        else:
            loaded.append((study.study_id, (films, replace(study.context, **dict.fromkeys(given.without, "")))))
    return loaded


def _film(image: StudyImage, limits: LimitSettings) -> Radiograph:
    radiograph = read_radiograph(image.path.read_bytes(), ReadOptions.for_dataset(limits))
    return radiograph if image.view is View.UNKNOWN else radiograph.with_view(image.view)


def _images(studies: Sequence[Study], asked: Given) -> Images:
    if asked.films is FilmsGiven.BLANK:
        return {study.study_id: None for study in studies}
    if asked.films is FilmsGiven.RIGHT:
        return {study.study_id: study.shown for study in studies}
    groups: dict[int, list[Study]] = defaultdict(list)
    for study in studies:
        groups[len(study.shown)].append(study)
    random = np.random.default_rng(asked.seed)
    given: dict[str, tuple[StudyImage, ...] | None] = {}
    for count, members in sorted(groups.items()):
        if len(members) == 1:
            raise DatasetError(
                f"Study {members[0].study_id} is the only one with {count} films, so that no other's can be given "
                "with it; leave it out, or give the right films."
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
        raise DatasetError("There is no study to give to the model; name a split that the studies file has.")
    if len({study.study_id for study in studies}) < len(studies):
        raise MalformedStudy("Two studies of the file have one study_id; ids must differ.")
    bare = [study for study in studies if not study.shown]
    if bare and films is not FilmsGiven.BLANK:
        raise MalformedStudy(
            f"{len(bare)} studies have no film, the first is {bare[0].study_id}; name studies that have, or ask "
            "for blank films."
        )


def _made_of(studies: Sequence[Study], given: Given, model: ModelIdentity) -> dict[str, Any]:
    said = "\n".join(digest_of(study) for study in studies)
    return {
        "model": {name: value for name, value in asdict(model).items() if name not in ("reason", "device")},
        "data": {"studies": len(studies), "digest": hashlib.sha256(said.encode()).hexdigest()},
        "films": str(given.films),
        "without": sorted(given.without),
        "seed": given.seed,
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
