"""A document as plain JSON values and back, for the session and its journal. The words in it are the reader's."""

from collections.abc import Mapping
from typing import Any, Final

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.origins import MarkedText
from clinicalblip.structured_report.rendering import Care
from clinicalblip.structured_report.segments import Segment
from clinicalblip.structured_report.table import place_of

_VERSION: Final = 1


def document_to_json(document: Document) -> dict[str, Any]:
    """The document in dicts, lists, texts and numbers; the same document gives the same values."""
    return {
        "version": _VERSION,
        "segments": [
            {
                "gap": _text_to_json(segment.gap),
                "original": _text_to_json(segment.original),
                "findings": [finding_to_json(finding) for finding in segment.findings],
            }
            for segment in document.segments
        ],
        "tail": _text_to_json(document.tail),
        "ticked": [finding_to_json(finding) for finding in sorted(document.ticked, key=place_of)],
        "care": int(document.care),
    }


def document_from_json(values: Mapping[str, Any]) -> Document:
    """The document of such values; ValueError where they are none of this version."""
    if not isinstance(values, Mapping) or values.get("version") != _VERSION:
        raise ValueError(f"a document of version {_VERSION} was expected")
    try:
        return Document(
            tuple(
                Segment(
                    _text_from_json(segment["gap"]),
                    _text_from_json(segment["original"]),
                    tuple(finding_from_json(finding) for finding in segment["findings"]),
                )
                for segment in values["segments"]
            ),
            _text_from_json(values["tail"]),
            frozenset(finding_from_json(finding) for finding in values["ticked"]),
            Care(values["care"]),
        )
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError("the values are no document") from wrong


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """A finding with its words as texts; sides and zones in their order."""
    return {
        "observation": finding.observation.value,
        "certainty": finding.certainty.value,
        "sides": [side.value for side in Laterality if side in finding.sides],
        "zones": [zone.value for zone in Zone if zone in finding.zones],
        "degree": finding.degree.value if finding.degree else None,
        "change": finding.change.value if finding.change else None,
    }


def finding_from_json(values: Mapping[str, Any]) -> Finding:
    """The finding of such values; ValueError for a word that is none of the field's."""
    return Finding(
        Observation(values["observation"]),
        Certainty(values["certainty"]),
        frozenset(Laterality(side) for side in values["sides"]),
        frozenset(Zone(zone) for zone in values["zones"]),
        Degree(values["degree"]) if values["degree"] is not None else None,
        Change(values["change"]) if values["change"] is not None else None,
    )


def _text_to_json(text: MarkedText) -> list[str]:
    return [text.text, text.runs]


def _text_from_json(values: list[str]) -> MarkedText:
    text, runs = values
    return MarkedText.from_runs(text, runs)
