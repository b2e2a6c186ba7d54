"""Texts are looked through for what names somebody, before they are used or kept."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from clinicalblip.deid.identifiers import Identifier, find_identifiers, mask_identifiers
from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import wording
from clinicalblip.screening.wording import Door


class PhiAction(StrEnum):
    """What is to be done about texts that may name somebody: ask, mask what names them, or keep it."""

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
    searched = ((label, text, find_identifiers(text)) for label, text in texts.items() if text and text not in as_is)
    return tuple(PhiMatch(label, text, found) for label, text, found in searched if found)


def describe_phi(matches: Collection[PhiMatch], door: Door) -> str:
    """What kind of thing was found in which texts, without its words, and what can be done at this door."""
    parts = []
    for match in matches:
        kinds = dict.fromkeys(found.kind.value for found in match.found)
        parts.append(wording.PHI_IN.format(kinds=wording.listed(kinds), label=match.label))
    return f"{wording.PHI_FOUND.format(found='; '.join(parts))} {door.phi}"


def refuse_phi(matches: Collection[PhiMatch], door: Door) -> None:
    """Raise IdentifiableText where something was found; it says what was found, and what can be done at this door."""
    if matches:
        raise IdentifiableText(describe_phi(matches, door))


def mask_phi(text: str) -> str:
    """The text with what names somebody replaced by its kind, as `[name]`."""
    return mask_identifiers(text, find_identifiers(text))


def mask_report(report: Report) -> Report:
    """The report with both sections masked."""
    return Report(mask_phi(report.findings), mask_phi(report.impression))


def mask_context(context: ClinicalContext) -> ClinicalContext:
    """The clinical context with every text masked."""
    return ClinicalContext(**{slot.name: mask_phi(getattr(context, slot.name)) for slot in fields(context)})


def mask_draft(draft: Draft, context: ClinicalContext) -> Draft:
    """A draft to be kept: prompt and report are masked, also of what names somebody in `context`, its own."""
    prompt, report = mask_phi(draft.prompt), mask_report(draft.report)
    for slot in fields(context):
        text = getattr(context, slot.name)
        # The prompt folds white space and cuts, so that a name may no longer be known by what stood around it.
        for found in find_identifiers(text):
            words = " ".join(text[found.start : found.end].split())
            prompt = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", f"[{found.kind}]", prompt)
    return replace(draft, prompt=prompt, report=report)
