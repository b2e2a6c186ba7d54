"""What a model is given of each study: the right films, another study's or a blank one, and which slots stay empty."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from clinicalblip.errors import DatasetError, RadiographError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.draft import Examination
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import LimitSettings

BLANK_SIDE = 256


class FilmCondition(StrEnum):
    """Which films the model is given. A model that looks does worse with any but the right ones."""

    RIGHT = "right"
    SHUFFLED = "shuffled"
    BLANK = "blank"


@dataclass(frozen=True)
class InputCondition:
    """What the model is given of each study.

    `films`: `shuffled` gives each study the films of another study with as many, permuted by `seed`; `blank` gives
    one film of even grey. `without` names slots of the prompt that stay empty.
    """

    films: FilmCondition = FilmCondition.RIGHT
    without: Collection[str] = ()
    seed: int = 0
    limits: LimitSettings = field(default_factory=LimitSettings)


@dataclass(frozen=True)
class LoadedStudy:
    """A study's id with its films and context; `examination` is None where its films cannot be read."""

    study_id: str
    examination: Examination | None


FilmFiles = Mapping[str, tuple[StudyImage, ...] | None]
"""The image files to be given with each study, by its id; None for a blank film."""


def assign_films(studies: Sequence[Study], condition: InputCondition) -> FilmFiles:
    """The files to be given with each study. Raises DatasetError where there is no other study to shuffle with."""
    if condition.films is FilmCondition.BLANK:
        return {study.study_id: None for study in studies}
    if condition.films is FilmCondition.RIGHT:
        return {study.study_id: study.shown for study in studies}
    groups: dict[int, list[Study]] = defaultdict(list)
    for study in studies:
        groups[len(study.shown)].append(study)
    rng = np.random.default_rng(condition.seed)
    files: dict[str, tuple[StudyImage, ...] | None] = {}
    for count, members in sorted(groups.items()):
        if len(members) == 1:
            raise DatasetError(
                f"Study {members[0].study_id} is the only one with {count} films, so that no other's can be given "
                "with it; leave it out, or give the right films."
            )
        order = [members[index] for index in rng.permutation(len(members))]
        for study, other in zip(order, order[1:] + order[:1], strict=True):
            files[study.study_id] = other.shown
    return files


def load_study(study: Study, files: Sequence[StudyImage] | None, condition: InputCondition) -> LoadedStudy:
    """Read the films that are given with a study; None stands for a blank film."""
    try:
        films = [make_blank_film()] if files is None else [_read_film(image, condition.limits) for image in files]
    except (OSError, RadiographError):
        return LoadedStudy(study.study_id, None)
    return LoadedStudy(study.study_id, (films, replace(study.context, **dict.fromkeys(condition.without, ""))))


def make_blank_film() -> Radiograph:
    """A film that shows nothing: even grey."""
    values = np.full((BLANK_SIDE, BLANK_SIDE), 128, dtype=np.uint16)
    return Radiograph(values, Window(128, 256, "linear_exact"), False, View.UNKNOWN, None, digest(values))


def _read_film(image: StudyImage, limits: LimitSettings) -> Radiograph:
    radiograph = read_radiograph(image.path.read_bytes(), ReadOptions.for_dataset(limits))
    return radiograph if image.view is View.UNKNOWN else radiograph.with_view(image.view)
