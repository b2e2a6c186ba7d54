"""Report and clinical context: the texts around a radiograph."""

import re
from dataclasses import dataclass, fields
from enum import StrEnum

_WORDS = r"FINDINGS?(?:\s+AND\s+IMPRESSION)?|IMPRESSION|CONCLUSION"
# Inside a line only a heading with a capital counts: "the following findings:" is none.
_HEADING = re.compile(rf"(?:^\s*|(?<=[\s.;])(?=[FIC]))(?P<heading>(?i:{_WORDS}))\s*:\s*", re.MULTILINE)


class Target(StrEnum):
    """The part of a report that a model learns to write, or that is scored against the same part of the reference."""

    FINDINGS = "findings"
    IMPRESSION = "impression"
    REPORT = "report"


@dataclass(frozen=True)
class Report:
    """What a radiologist writes about a film; either section may be empty."""

    findings: str = ""
    impression: str = ""

    @property
    def text(self) -> str:
        """Both sections under their headings, as a person would copy them; an empty section is left out."""
        sections = (("FINDINGS", self.findings), ("IMPRESSION", self.impression))
        return "\n\n".join(f"{heading}:\n{body}" for heading, body in sections if body)

    @property
    def empty(self) -> bool:
        """Whether there is no text in either section."""
        return not (self.findings.strip() or self.impression.strip())


@dataclass(frozen=True)
class ClinicalContext:
    """What is known before the film is read; every text may be empty.

    `hints` are the reader's own key words. The reference report is never part of it.
    """

    indication: str = ""
    history: str = ""
    technique: str = ""
    comparison: str = ""
    prior_report: str = ""
    hints: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isinstance(getattr(self, field.name), str):
                raise TypeError(f"{field.name} is a text, not {type(getattr(self, field.name)).__name__}")


SLOTS = tuple(field.name for field in fields(ClinicalContext))
"""The names of the texts that a context has: the slots of the prompt."""


def parse_sections(text: str) -> Report:
    """Split a text at its FINDINGS and IMPRESSION headings.

    Without any heading the whole text is findings, and so is what stands under a heading common to both. White space
    is folded; a heading without text gives an empty section; of a section that comes twice the parts are joined.
    """
    parts: dict[str, list[str]] = {"findings": [], "impression": []}
    at, section = 0, "findings"
    for match in _HEADING.finditer(text):
        parts[section].append(text[at : match.start()])
        section = "findings" if match["heading"].lower().startswith("finding") else "impression"
        at = match.end()
    parts[section].append(text[at:])
    findings, impression = (" ".join(" ".join(parts[name]).split()) for name in ("findings", "impression"))
    return Report(findings, impression)
