"""What changes the logits before a token is chosen."""

from typing import Any, Final

from transformers import LogitsProcessorList
from transformers.generation.logits_process import (
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from clinicalblip.instructblip.generation.finding_bias import FindingBiasLogitsProcessor
from clinicalblip.radiology.draft import GenerationOptions

TOP_K: Final = 50
"""What transformers' `generate` samples from where nothing else is said."""


def make_processors(options: GenerationOptions, tokenizer: Any) -> LogitsProcessorList:
    """The processors that the options ask for, in the order of `generate`; none for plain greedy decoding."""
    processors = LogitsProcessorList()
    if options.repetition_penalty != 1:
        processors.append(RepetitionPenaltyLogitsProcessor(options.repetition_penalty))
    if options.finding_bias:
        processors.append(FindingBiasLogitsProcessor(tokenizer, options.finding_bias))
    if options.temperature > 0:
        if options.temperature != 1:
            processors.append(TemperatureLogitsWarper(options.temperature))
        processors.append(TopKLogitsWarper(TOP_K))
        if options.top_p < 1:
            processors.append(TopPLogitsWarper(options.top_p))
    return processors
