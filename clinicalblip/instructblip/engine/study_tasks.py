"""What a loaded model is asked about one study beside a draft: its scores, and where it looked."""

from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine.batch import ADVICE
from clinicalblip.instructblip.engine.generation import Films
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.scoring.attribution import Method, attribute_sentences
from clinicalblip.instructblip.scoring.score import margins
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report


def study_margins(loaded: LoadedModel, films: Films, prompt: str) -> dict[Observation, float]:
    """The log-likelihood ratio of each observation, in nats. Raises OutOfMemory."""
    with catch_out_of_memory("The scores", ADVICE):
        return margins(loaded.base, loaded.model, collate(loaded.base, [films], [prompt]))


def study_evidence(loaded: LoadedModel, films: Films, prompt: str, report: Report, method: Method) -> list[Evidence]:
    """The evidence for each sentence of a report. Raises OutOfMemory, and ModelError for a method that it has not."""
    batch = collate(loaded.base, [films], [prompt])
    with catch_out_of_memory("The evidence", ADVICE):
        return attribute_sentences(loaded.base, loaded.model, batch, report, method=method)
