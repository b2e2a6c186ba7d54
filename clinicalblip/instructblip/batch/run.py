"""Running a model over all studies of a split, in batches, by one process or several; an interrupted run resumes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, TypeVar

from clinicalblip.datasets.files.studies import digest_studies
from clinicalblip.datasets.files.study_results import StudyResultsFile
from clinicalblip.errors import DatasetError, MalformedStudy
from clinicalblip.instructblip.batch.input_condition import (
    FilmCondition,
    FilmFiles,
    InputCondition,
    LoadedStudy,
    assign_films,
    load_study,
)
from clinicalblip.instructblip.distributed import process_group, rank, world_size
from clinicalblip.progress import progress_bar
from clinicalblip.radiology.draft import ModelIdentity
from clinicalblip.radiology.study import Study

Result = TypeVar("Result")


def run_batches(
    studies: Sequence[Study],
    condition: InputCondition,
    lines: StudyResultsFile[Result],
    run: Callable[[Sequence[LoadedStudy]], Iterable[tuple[str, Result]]],
    *,
    model: ModelIdentity,
    batch: int,
    settings: Mapping[str, Any],
) -> dict[str, Result]:
    """Let `run` give a result for each study, in batches of equally many films; returns the results by study id.

    Called again, it resumes where it was. Under torchrun each process runs its part of the studies. `settings` are
    plain values that the results depend on beside model, studies and condition. Raises DatasetError where the file
    was begun with anything else, MalformedStudy for two studies of one id or a study without a film.
    """
    _check(studies, condition.films)
    files = assign_films(studies, condition)
    process, processes = rank(), world_size()
    with process_group() as barrier:
        if process == 0:
            lines.begin({**_fingerprint(studies, condition, model), **settings})
        lines.repair(process)
        barrier()
        done = lines.completed()
        todo = [study for study in studies[process::processes] if study.study_id not in done]
        bar = progress_bar(lines.kind, total=len(todo), unit="study", enabled=process == 0)
        for loaded in _load_ahead(_make_batches(todo, files, batch), files, condition):
            lines.append(process, run(loaded))
            bar.update(len(loaded))
        bar.close()
        barrier()
        results = lines.completed()
        barrier()
        if process == 0:
            lines.finish(study.study_id for study in studies)
        barrier()
    return results


def _load_ahead(
    batches: Sequence[Sequence[Study]], files: FilmFiles, condition: InputCondition
) -> Iterator[list[LoadedStudy]]:
    """The studies of each batch, their films decoded while the batch before is with the model."""

    def load(studies: Sequence[Study]) -> list[LoadedStudy]:
        return [load_study(study, files[study.study_id], condition) for study in studies]

    with ThreadPoolExecutor(1) as loader:
        waiting = [loader.submit(load, studies) for studies in batches[:1]]
        for studies in batches[1:]:
            ready = waiting.pop().result()
            waiting.append(loader.submit(load, studies))
            yield ready
        for last in waiting:
            yield last.result()


def _make_batches(studies: Sequence[Study], files: FilmFiles, size: int) -> list[list[Study]]:
    """Batches of studies with equally many films."""
    groups: dict[int, list[Study]] = defaultdict(list)
    for study in studies:
        groups[len(files[study.study_id] or (None,))].append(study)
    return [members[at : at + size] for members in groups.values() for at in range(0, len(members), size)]


def _check(studies: Sequence[Study], films: FilmCondition) -> None:
    if not studies:
        raise DatasetError("There is no study to give to the model; name a split that the studies file has.")
    if len({study.study_id for study in studies}) < len(studies):
        raise MalformedStudy("Two studies of the file have one study_id; ids must differ.")
    bare = [study for study in studies if not study.shown]
    if bare and films is not FilmCondition.BLANK:
        raise MalformedStudy(
            f"{len(bare)} studies have no film, the first is {bare[0].study_id}; name studies that have, or ask "
            "for blank films."
        )


def _fingerprint(studies: Sequence[Study], condition: InputCondition, model: ModelIdentity) -> dict[str, Any]:
    """What the results depend on, as plain values for the file beside them."""
    return {
        "model": {name: value for name, value in asdict(model).items() if name not in ("reason", "device")},
        "data": {"studies": len(studies), "digest": digest_studies(studies)},
        "films": str(condition.films),
        "without": sorted(condition.without),
        "seed": condition.seed,
    }
