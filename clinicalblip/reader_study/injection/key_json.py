"""The key to a report's errors as plain JSON values and back; no word of a report is in it."""

from collections.abc import Mapping
from typing import Any

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report_error import Significance
from clinicalblip.radiology.text_span import check_section, check_span
from clinicalblip.reader_study.injection.injected_error import InjectedError, InjectedKind
from clinicalblip.structured_report.document_json import finding_from_json, finding_to_json


def error_to_json(error: InjectedError) -> dict[str, Any]:
    """An error in dicts, lists, texts and numbers; `category` is CRIMSON's and is there for whoever reads the file."""
    return {
        "kind": error.kind.value,
        "category": error.category.value,
        "significance": error.significance.value,
        "before": finding_to_json(error.before) if error.before else None,
        "after": finding_to_json(error.after) if error.after else None,
        "section": error.section.value,
        "start": error.start,
        "end": error.end,
    }


def error_from_json(values: Mapping[str, Any]) -> InjectedError:
    """The error of such values; ValueError where they are none."""
    try:
        error = InjectedError(
            InjectedKind(values["kind"]),
            Significance(values["significance"]),
            finding_from_json(values["before"]) if values["before"] is not None else None,
            finding_from_json(values["after"]) if values["after"] is not None else None,
            Section(values["section"]),
            values["start"],
            values["end"],
        )
        check_section(error.section)
        if (error.start is None) is not (error.end is None):
            raise ValueError("a place of an error has both ends")
        if error.start is not None and error.end is not None:
            check_span(error.start, error.end)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError("the values are no error") from wrong
    return error
