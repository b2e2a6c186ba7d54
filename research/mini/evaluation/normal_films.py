"""Whether drafts of normal films read as radiologists' reports of normal films: BLEU-4 and ROUGE-L.

No film of IU X-RAY is here, so a draft of a normal NIH film (all fourteen labels absent) is compared with the report of
a normal IU study of the validation split, drawn at random; the mean of twenty draws, so that no figure hangs on who was
compared with whom. Findings and impression in one text, cleaned as R2Gen does. The same is measured of the constant
normal report, and of IU's normal validation reports against each other: more alike than those, drafts are a template.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean
from clinicalblip.evaluation.metrics.finding_scores import average_statistics
from clinicalblip.evaluation.metrics.registry import measure
from clinicalblip.evaluation.statistics.statistic import Statistic
from clinicalblip.radiology.report import Report, parse_sections
from clinicalblip.radiology.study import Study
from research.mini.evaluation.patients import interval_over_patients

METRICS: Final = ("bleu-4", "rouge-l-coco")
DRAWS: Final = 20


def normal_reports(studies: Sequence[Study]) -> list[Report]:
    """The reports of the studies that IU's readers tagged as normal, and nothing else."""
    return [
        study.reference
        for study in studies
        if [tag for tag in study.tags if not tag.startswith("automatic:")] == ["normal"]
    ]


def measure_normal_drafts(
    drafts: Sequence[str], patients: Sequence[str], references: Sequence[Report], seed: int = 0
) -> dict[str, Any]:
    """BLEU-4 and ROUGE-L with their intervals over patients."""
    return likeness([_joined(parse_sections(draft)) for draft in drafts], patients, references, seed)


def likeness_among(reports: Sequence[Report], seed: int = 0) -> dict[str, Any]:
    """BLEU-4 and ROUGE-L of reports against others of them."""
    return likeness(
        [_joined(report) for report in reports], [str(n) for n in range(len(reports))], reports, seed, own=True
    )


def likeness(
    texts: Sequence[str], patients: Sequence[str], references: Sequence[Report], seed: int = 0, *, own: bool = False
) -> dict[str, Any]:
    """The metrics of texts against references drawn at random; `own`: text n is never compared with reference n."""
    rng = np.random.default_rng(seed)
    wanted = [_joined(report) for report in references]
    found: dict[str, list[Statistic]] = {name: [] for name in METRICS}
    for _ in range(DRAWS):
        if own:
            step = int(rng.integers(1, len(wanted)))
            drawn = [(place + step) % len(wanted) for place in range(len(texts))]
        else:
            drawn = [int(place) for place in rng.integers(len(wanted), size=len(texts))]
        for name, figure in measure(METRICS, texts, [wanted[place] for place in drawn]).items():
            if not isinstance(figure, Statistic):
                raise TypeError(f"{name} needs no program, and was not measured")
            found[name].append(figure)
    means = {name: average_statistics(name, each) for name, each in found.items()}
    return {"texts": len(texts), **{name: interval_over_patients(each, patients) for name, each in means.items()}}


def _joined(report: Report) -> str:
    return clean(f"{report.findings} {report.impression}".strip(), Cleaning.R2GEN)
