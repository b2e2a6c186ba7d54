"""WorkList and ListedStudy: what is to be read, in which order."""

import hmac
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.worklist import wording


@dataclass(frozen=True, eq=False)
class ListedStudy:
    """One study of a work list.

    `number`: its place in the list as it was read, from 1; all that a page shows of who it is. `digest`: names it in
    reviews and readings. `title`: of a sample case. `fault`: the sentence that says why it cannot be opened. `missing`:
    sentences about films that it would have beside its frontal one.
    """

    number: int
    digest: str
    films: Mapping[FilmRole, StudyImage] = field(default_factory=dict)
    context: ClinicalContext = field(default_factory=ClinicalContext)
    reference: Report = field(default_factory=Report)
    title: str = ""
    fault: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkList:
    """The studies to be read, in the order in which they were read from their source.

    `shuffle_key`: each reader has an order of their own by it; empty leaves the list's order. `is_sample`: these are
    the cases that come with the page, of which nothing is kept. `summary`: sentences for whoever started the page.
    """

    studies: tuple[ListedStudy, ...] = ()
    shuffle_key: bytes = b""
    is_sample: bool = False
    summary: str = ""

    @cached_property
    def by_number(self) -> Mapping[int, ListedStudy]:
        """The studies by their numbers."""
        return {study.number: study for study in self.studies}

    @cached_property
    def by_digest(self) -> Mapping[str, ListedStudy]:
        """The studies by their digests; the first of several."""
        return {study.digest: study for study in reversed(self.studies)}

    def order_for(self, reader: str) -> tuple[ListedStudy, ...]:
        """The studies in the order of a reader, the same each time they come."""
        if not self.shuffle_key:
            return self.studies
        seed = hmac.new(self.shuffle_key, f"order\0{reader}".encode(), "sha256").digest()
        shuffled = list(self.studies)
        random.Random(seed).shuffle(shuffled)  # an order, no secret
        return tuple(shuffled)


def list_studies(studies: Sequence[Study], key: bytes) -> tuple[ListedStudy, ...]:
    """Number studies, and find out which can be opened: those with a frontal film that is there.

    A study with the id of one before it cannot.
    """
    listed: list[ListedStudy] = []
    numbers: dict[str, int] = {}
    for number, study in enumerate(studies, start=1):
        digest = hmac.new(key, f"listed\0{study.study_id}".encode(), "sha256").hexdigest()
        films = films_by_role(study)
        absent = [role for role, image in films.items() if not image.path.is_file()]
        fault = ""
        if study.study_id in numbers:
            fault = wording.SAME_ID.format(number=numbers[study.study_id])
        elif FilmRole.FRONTAL not in films:
            fault = wording.NO_FRONTAL
        elif FilmRole.FRONTAL in absent:
            fault = wording.FILM_MISSING.format(role=FilmRole.FRONTAL)
        numbers.setdefault(study.study_id, number)
        listed.append(
            ListedStudy(
                number=number,
                digest=digest,
                films={role: image for role, image in films.items() if role not in absent},
                context=study.context,
                reference=study.reference,
                fault=fault,
                missing=tuple(wording.FILM_MISSING.format(role=role) for role in absent),
            )
        )
    return tuple(listed)


def films_by_role(study: Study) -> dict[FilmRole, StudyImage]:
    """The films that a study shows, by their role: at most a frontal, a lateral and a prior one."""
    films: dict[FilmRole, StudyImage] = {}
    for image in study.shown:
        role = FilmRole.PRIOR if image.prior else FilmRole.LATERAL if image.view is View.LATERAL else FilmRole.FRONTAL
        films.setdefault(role, image)
    return films
