"""The bundled model's drafts of Phantom-IU's films, beside the reports that radiologists wrote of those studies."""

import json
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from clinicalblip.datasets.files.atomic import write_json_atomically
from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import track
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.study import Study
from clinicalblip.settings import Settings
from research.phantom.description import Phantom
from research.phantom.draw import draw
from research.phantom.phantom_iu import phantom_of

_SIZE: Final = 320  # Phantom-IU's own


def validation_studies(data: Path, number: int, seed: int = 0) -> list[Study]:
    """As many of the validation studies of R2Gen's split that have findings, drawn by the seed, in their order."""
    iu = data / "iu"
    prepared = prepare_iu_xray(iu, split_file=iu / "r2gen_annotation.json", without_images=True).studies
    found = [study for study in prepared if study.split == "validate" and study.reference.findings.strip()]
    chosen = np.random.default_rng(seed).choice(len(found), min(number, len(found)), replace=False)
    return [found[place] for place in sorted(chosen)]


def draft_findings(studies: list[Study], kept: Path | None = None) -> list[str]:
    """The findings that the bundled model drafts of each study's drawn films and of what was known before.

    `kept`: a JSON file of drafts by study, which is read where it is there, and written as they are made.
    """
    drafts: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept and kept.is_file() else {}
    missing = [study for study in studies if study.study_id not in drafts]
    if missing:
        reporter = load_reporter(Settings())
        for study in track(missing, "drafts", total=len(missing)):
            (draft,) = reporter.draft_many([(_films(study), study.context)], seed=0)
            drafts[study.study_id] = draft.report.findings
            if kept:
                write_json_atomically(kept, drafts)
    return [drafts[study.study_id] for study in studies]


def _films(study: Study) -> list[Radiograph]:
    """A frontal and a lateral film of what the study's tags say, read as an upload is."""
    phantom, _ = phantom_of(study)
    return [_film(phantom, view) for view in (phantom.projection, View.LATERAL)]


def _film(phantom: Phantom, view: View) -> Radiograph:
    greys = np.rint(draw(phantom, _SIZE, view).image * 255).astype(np.uint8)
    written = BytesIO()
    Image.fromarray(greys).save(written, format="PNG")
    return read_radiograph(written.getvalue(), ReadOptions.for_dataset()).with_view(view)
