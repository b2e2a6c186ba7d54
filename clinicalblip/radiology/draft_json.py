"""A draft as the object that programs get, from the command line and from the page's API."""

from dataclasses import asdict
from typing import Any

from clinicalblip.radiology.draft import Draft


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Plain values under the contract's names; `seconds` are rounded to milliseconds.

    `generation` says how the words were chosen: its options and the seed.
    """
    return {
        "findings": draft.report.findings,
        "impression": draft.report.impression,
        "prompt": draft.prompt,
        "base": draft.model.base,
        "adapter": draft.model.adapter,
        "precision": draft.model.precision,
        "prompt_version": draft.model.prompt_version,
        "generation": {**asdict(draft.generation), "seed": draft.seed},
        "tokens": draft.tokens,
        "seconds": round(draft.seconds, 3),
        "warnings": list(draft.warnings),
    }
