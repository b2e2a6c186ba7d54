"""Phantom-IU: the studies of IU X-RAY with films computed from their MeSH tags, for controlled experiments.

No film of it is of a person, and whatever is passed on says so: the studies' ids, the films' paths and
their PNG text, and a tag of each study. Figures on it say nothing of how a model does on patients.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.datasets.files.json_lines import write_json_lines
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.datasets.workers import map_in_order
from clinicalblip.errors import DatasetError
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.study import Study, StudyImage
from research.phantom.choosing import seen_apart
from research.phantom.description import Kind, Phantom
from research.phantom.draw import draw
from research.phantom.mesh_tags import findings_of
from research.phantom.reports.report import describe

PREFIX: Final = "phantom-iu-"
SYNTHETIC_TAG: Final = "synthetic:phantom"
NOTICE: Final = "Synthetic. Computed by ClinicalBLIP's phantoms; not a radiograph of anybody."
STUDIES_FILE: Final = "studies.jsonl"
PHANTOMS_FILE: Final = "phantoms.jsonl"
_FIRST_SEED: Final = 10_000_000  # beyond the seeds of training; counterfactuals begin at twenty million


@dataclass(frozen=True)
class PhantomIuCounts:
    """Counts of studies by split, findings by kind, and tags that nothing was drawn for by their first term.

    `hidden` counts the studies in which one finding hides another.
    """

    studies: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    hidden: int = 0

    @property
    def table(self) -> str:
        """The counts as lines to print."""
        rows = [("studies drawn (synthetic)", self.studies.total())]
        rows += [(f"  {name}", count) for name, count in sorted(self.studies.items())]
        rows += [("findings drawn", self.findings.total())]
        rows += [(f"  {name}", count) for name, count in self.findings.most_common()]
        rows += [("studies with one finding under another", self.hidden)]
        rows += [("tags that are not drawn", self.left_out.total())]
        rows += [(f"  {name}", count) for name, count in self.left_out.most_common()]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {count:>6,}" for name, count in rows)


@dataclass(frozen=True)
class _Job:
    """One film to draw."""

    phantom: Phantom
    view: View
    path: Path


def write_phantom_iu(
    source: Path,
    split_file: Path,
    output: Path,
    *,
    size: int = 320,
    lateral: bool = True,
    composed: bool = False,
    workers: int = 1,
) -> PhantomIuCounts:
    """Write `studies.jsonl`, `phantoms.jsonl` and a frontal and a lateral film of every study into the folder `output`.

    `source` and `split_file` are those of `prepare iu-xray`; its films are not needed. Reports, indications and splits
    are IU's; with `composed` a report says what was drawn and no more. `phantoms.jsonl` has the findings of each study.
    A film that is there is not drawn again. Raises what `prepare_iu_xray` raises, and DatasetError where the folder
    cannot be written to.
    """
    counts = PhantomIuCounts()
    studies: list[Study] = []
    phantoms: dict[str, Phantom] = {}
    hidden = 0
    for study in prepare_iu_xray(source, split_file=split_file, without_images=True).studies:
        phantom, left_out = phantom_of(study)
        counts.studies[study.split] += 1
        counts.findings.update(str(finding.kind) for finding in phantom.findings)
        counts.left_out.update(tag.partition("/")[0] for tag in left_out)
        hidden += not seen_apart(phantom.in_order)
        synthetic = _synthetic(study, phantom, output, lateral, composed)
        phantoms[synthetic.study_id] = phantom
        studies.append(synthetic)
    try:
        (output / "films").mkdir(parents=True, exist_ok=True)
        for _ in map_in_order(partial(_draw_film, size=size), _missing(studies, phantoms), workers):
            pass
        write_json_lines(starmap(_to_fields, phantoms.items()), output / PHANTOMS_FILE)
    except OSError as error:
        raise DatasetError(
            f"Phantom-IU cannot be written ({error.strerror or type(error).__name__}); "
            "name a folder that can be written to and has room, and start again: films that are there are kept."
        ) from error
    write_studies(studies, output / STUDIES_FILE)
    return replace(counts, hidden=hidden)


def phantom_of(study: Study) -> tuple[Phantom, tuple[str, ...]]:
    """What is drawn for a study of IU X-RAY, and the tags that nothing is drawn for; the same each time."""
    seed = _FIRST_SEED + zlib.crc32(study.study_id.encode())
    drawn = findings_of(study.tags, seed)
    intubated = any(finding.kind is Kind.ENDOTRACHEAL_TUBE for finding in drawn.findings)
    return Phantom(seed, drawn.findings, View.AP if intubated else View.PA), tuple(drawn.left_out)


def _synthetic(study: Study, phantom: Phantom, output: Path, lateral: bool, composed: bool) -> Study:
    """The study under its synthetic name, with the films that will be drawn for it."""
    name = f"{PREFIX}{study.study_id}"
    views = (phantom.projection, View.LATERAL) if lateral else (phantom.projection,)
    return replace(
        study,
        study_id=name,
        patient_id=f"{PREFIX}{study.patient_id}",
        images=tuple(StudyImage(output / "films" / f"{name}-{view.lower()}.png", view) for view in views),
        reference=describe(phantom) if composed else study.reference,
        tags=(*study.tags, SYNTHETIC_TAG),
    )


def _missing(studies: list[Study], phantoms: dict[str, Phantom]) -> Iterator[_Job]:
    for study in studies:
        for image in study.images:
            if not image.path.is_file():
                yield _Job(phantoms[study.study_id], image.view, image.path)


def _draw_film(job: _Job, size: int) -> None:
    greys = np.rint(draw(job.phantom, size, job.view).image * 255).astype(np.uint8)
    notice = PngInfo()
    notice.add_text("Description", NOTICE)
    with open_atomically(job.path, "wb", sync=False) as file:  # what is lost is drawn again
        Image.fromarray(greys).save(file, format="PNG", pnginfo=notice)


def _to_fields(name: str, phantom: Phantom) -> dict[str, Any]:
    findings = [asdict(finding) for finding in phantom.in_order]
    return {"study_id": name, "seed": phantom.seed, "projection": phantom.projection, "findings": findings}
