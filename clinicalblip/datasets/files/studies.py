"""The studies file: one study a line of JSON, written all or not at all, read one line at a time."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from clinicalblip.datasets.files.json_lines import read_json_lines, write_json_lines
from clinicalblip.errors import DatasetError, DatasetNotFound
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.radiology.study import SPLITS, Study, StudyImage

_CONTEXT: Final = tuple(slot for slot in SLOTS if slot != "hints")  # data sets have no hints: they may be left out
_REPORT: Final = ("findings", "impression")
_TEXTS: Final = ("study_id", "patient_id", "split", *_CONTEXT, *_REPORT)


def write_studies(studies: Iterable[Study], output: Path) -> int:
    """Write a studies file that its owner alone can read, and return how many studies it has.

    Image paths under the file's folder are written relative to it, others absolute. The file takes its name only when
    the last study is on disk: what stood there before stays until then. Raises DatasetError where it cannot be written.
    """
    folder = output.absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_json_lines((_to_fields(study, folder) for study in studies), output, private=True)
    except OSError as error:
        raise DatasetError(
            f"The studies file cannot be written ({error.strerror or type(error).__name__}); "
            "name a folder that can be written to and has room."
        ) from error


def read_studies(path: Path, split: str | None = None, *, with_others: bool = False) -> Iterator[Study]:
    """Yield the studies of a file, or those of one split, in the file's order and in constant memory.

    With `with_others` those of other splits come too, while the named split must still have one. Relative image paths
    are taken from the file's folder; whether the images are there is not looked at. Raises DatasetNotFound where there
    is no such file, and at its end where the split has no study; MalformedStudy, with the number of the line, where a
    line breaks the format.
    """
    if not path.is_file():
        raise DatasetNotFound("There is no studies file at that place; `python -m clinicalblip prepare` writes one.")
    if split is not None and split not in SPLITS:
        raise DatasetNotFound(f"There is no split {split!r}; a studies file has {', '.join(SPLITS)}.")
    return _read(path, split, with_others)


def digest_study(study: Study) -> str:
    """SHA-256 in hexadecimal over the ids of a study and its texts.

    The split, the films and where they lie are not part of it: a study has one digest in every studies file.
    """
    parts = {"study_id": study.study_id, "patient_id": study.patient_id} | asdict(study.context)
    parts |= asdict(study.reference)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digest_studies(studies: Iterable[Study], *, with_views: bool = False, in_any_order: bool = False) -> str:
    """SHA-256 in hexadecimal over the digests of a set of studies, in their order or `in_any_order`.

    With `with_views` the views of their films are part of it. Where the image files lie never is, nor what is in them.
    """
    digests = (
        " ".join([digest_study(study), *(str(image.view) for image in study.shown if with_views)]) for study in studies
    )
    return hashlib.sha256("\n".join(sorted(digests) if in_any_order else digests).encode()).hexdigest()


def _read(path: Path, split: str | None, with_others: bool) -> Iterator[Study]:
    folder = path.absolute().parent
    found = False
    advice = "Mend it or prepare the file anew."
    for study in read_json_lines(path, partial(_to_study, folder=folder), kind="studies", advice=advice):
        in_split = study.split == split
        found = found or in_split
        if split is None or in_split or with_others:
            yield study
    if split is not None and not found:
        raise DatasetNotFound(
            f"The studies file has no study in the split {split!r}; prepare it with one, or name another."
        )


def _to_fields(study: Study, folder: Path) -> dict[str, Any]:
    images = [
        {"path": _path_from(folder, image.path), "view": str(image.view)} | ({"prior": True} if image.prior else {})
        for image in study.images
    ]
    fields: dict[str, Any] = {"study_id": study.study_id, "patient_id": study.patient_id, "split": study.split}
    fields["images"] = images
    fields |= {name: getattr(study.context, name) for name in _CONTEXT}
    fields |= {name: getattr(study.reference, name) for name in _REPORT}
    fields["tags"] = list(study.tags)
    if study.context.hints:
        fields["hints"] = study.context.hints
    return fields


def _path_from(folder: Path, path: Path) -> str:
    path = path.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _to_study(fields: dict[str, Any], folder: Path) -> Study:
    """The study of a line. Raises ValueError with a reason that quotes no text of the line."""
    if missing := [name for name in (*_TEXTS, "images", "tags") if name not in fields]:
        raise ValueError(f"it lacks {', '.join(missing)}")
    for name in (*_TEXTS, *({"hints"} & fields.keys())):
        if not isinstance(fields[name], str):
            raise ValueError(f"{name} is no text")
    if not (isinstance(fields["tags"], list) and all(isinstance(tag, str) for tag in fields["tags"])):
        raise ValueError("tags is no list of texts")
    if not isinstance(fields["images"], list):
        raise ValueError("images is no list")
    return Study(
        study_id=fields["study_id"],
        patient_id=fields["patient_id"],
        split=fields["split"],
        images=tuple(_to_image(image, folder) for image in fields["images"]),
        context=ClinicalContext(**{name: fields[name] for name in _CONTEXT}, hints=fields.get("hints", "")),
        reference=Report(fields["findings"], fields["impression"]),
        tags=tuple(fields["tags"]),
    )


def _to_image(fields: object, folder: Path) -> StudyImage:
    if not (isinstance(fields, dict) and isinstance(fields.get("path"), str) and fields["path"]):
        raise ValueError("an image has no path")
    view = fields.get("view", View.UNKNOWN)
    if view not in list(View):
        raise ValueError(f"an image has a view that is none of {', '.join(View)}")
    prior = fields.get("prior", False)
    if not isinstance(prior, bool):
        raise ValueError("prior of an image is neither true nor false")
    return StudyImage(folder / fields["path"], View(view), prior)
