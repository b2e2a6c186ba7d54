"""The prompts that the bundled model is trained and evaluated with: the product's own, of whatever length."""

from __future__ import annotations

from collections.abc import Sequence

from clinicalblip.instructblip.prompt import build_prompt
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext

PROMPT_VIEWS: tuple[tuple[View, ...], ...] = ((View.FRONTAL,), (View.PA,), (View.AP,), (View.UNKNOWN,), ())
"""The views that a training prompt names, one of these at random."""


def write_prompt(context: ClinicalContext, views: Sequence[View]) -> str:
    """The prompt of a study, never shortened: the training texts are short."""
    return build_prompt(context, views, count_tokens=len, budget=100_000).text
