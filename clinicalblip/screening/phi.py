"""What is typed is looked through for what names somebody, before it is used or kept."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from clinicalblip.deid.identifiers import Identifier, find_identifiers, mask_identifiers
from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import wording


class PhiAction(StrEnum):
    """What is to be done about texts that may name somebody."""

    ASK = ""
    MASK = "mask"
    KEEP = "keep"


@dataclass(frozen=True)
class PhiMatch:
    """A text that may name somebody: the label of its box, and what stands where in it."""

    label: str
    text: str
    found: tuple[Identifier, ...]


def find_phi(texts: Mapping[str, str], *, as_is: Collection[str] = ()) -> tuple[PhiMatch, ...]:
    """The texts, by the label that a reader sees, in which something names somebody; those in `as_is` are left out."""
    looked = ((label, text, find_identifiers(text)) for label, text in texts.items() if text and text not in as_is)
    return tuple(PhiMatch(label, text, found) for label, text, found in looked if found)


def describe_phi(naming: Collection[PhiMatch]) -> str:
    """What was found in which boxes, without its words."""
    parts = []
    for named in naming:
        kinds = dict.fromkeys(found.kind.value for found in named.found)
        parts.append(wording.PHI_IN.format(kinds=wording.listed(kinds), label=named.label))
    return wording.PHI_FOUND.format(found="; ".join(parts))


def refuse_phi(naming: Collection[PhiMatch], way_out: str) -> None:
    """Raise IdentifiableText where something was found; `way_out` says what can be done."""
    if naming:
        raise IdentifiableText(f"{describe_phi(naming)} {way_out}")


def mask_phi(text: str) -> str:
    """The text without what names somebody."""
    return mask_identifiers(text, find_identifiers(text))


def mask_report(report: Report) -> Report:
    """The report without what names somebody."""
    return Report(mask_phi(report.findings), mask_phi(report.impression))


def mask_context(context: ClinicalContext) -> ClinicalContext:
    """What is known, without what names somebody."""
    return ClinicalContext(**{part.name: mask_phi(getattr(context, part.name)) for part in fields(context)})


def mask_draft(draft: Draft, context: ClinicalContext) -> Draft:
    """A draft to be kept: neither its prompt nor its report has what names somebody in the context it was made with."""
    prompt, report = mask_phi(draft.prompt), mask_report(draft.report)
    for part in fields(context):
        text = getattr(context, part.name)
        # The prompt folds white space and cuts, so that a name may no longer be known by what stood around it.
        for found in find_identifiers(text):
            words = " ".join(text[found.start : found.end].split())
            prompt = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", f"[{found.kind}]", prompt)
    return replace(draft, prompt=prompt, report=report)
