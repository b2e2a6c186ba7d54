"""PreparedDraft: what a reader of an arm is shown of a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.observation import Observation


@dataclass(frozen=True)
class SentenceEvidence:
    """Where a sentence of a draft came from, in plain values.

    `drops`: for each film in the model's order rows of cells, by how many nats the sentence becomes less likely where
    the cell is hidden; see radiology/evidence.py.
    """

    sentence: str
    drops: tuple[tuple[tuple[float, ...], ...], ...]


@dataclass(frozen=True)
class PreparedDraft:
    """A draft that was made before the study began.

    `id`: 32 hexadecimal digits by lot, which say nothing of the arm. `scores`: how likely each observation is to the
    model, for arms that show it; `evidence`: where each sentence came from, for arms that show that. A report that no
    model wrote stands in a Draft too, whose model is named after its source; which is kept from readers like any other
    arm's.
    """

    id: str
    case: int
    arm: str
    draft: Draft
    scores: Mapping[Observation, float] | None = None
    evidence: tuple[SentenceEvidence, ...] | None = None
