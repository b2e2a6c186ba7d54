"""A draft as the object that programs get, from the command line and from the page's API."""

from typing import Any

from clinicalblip.radiology.draft import Draft


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Plain values under the contract's names; `seconds` are rounded to milliseconds."""
    return {
        "findings": draft.report.findings,
        "impression": draft.report.impression,
        "prompt": draft.prompt,
        "base": draft.model.base,
        "adapter": draft.model.adapter,
        "precision": draft.model.precision,
        "prompt_version": draft.model.prompt_version,
        "tokens": draft.tokens,
        "seconds": round(draft.seconds, 3),
        "warnings": list(draft.warnings),
    }
