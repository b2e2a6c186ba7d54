"""The key to errors as JSON values and back."""

import json

import pytest

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report_error import Significance
from clinicalblip.reader_study.injection.injected_error import InjectedError, InjectedKind
from clinicalblip.reader_study.injection.key_json import error_from_json, error_to_json

_EFFUSION = Finding(
    Observation.PLEURAL_EFFUSION,
    Certainty.PRESENT,
    frozenset({Laterality.LEFT}),
    frozenset({Zone.BASAL}),
    Degree.SMALL,
    Change.NEW,
)
_KEY = (
    InjectedError(InjectedKind.FALSE_FINDING, Significance.ACTIONABLE, None, _EFFUSION, Section.FINDINGS, 4, 30),
    InjectedError(InjectedKind.MISSING_FINDING, Significance.BENIGN, _EFFUSION, None, Section.IMPRESSION, None, None),
)


@pytest.mark.parametrize("error", _KEY, ids=("said", "taken away"))
def test_an_error_comes_back_from_json(error: InjectedError) -> None:
    """An error is the same after a file, with and without a place."""
    assert error_from_json(json.loads(json.dumps(error_to_json(error)))) == error


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "a guess"),
        ("significance", 3),
        ("before", {"observation": "Effusion"}),
        ("after", "left"),
        ("section", "history"),
        ("start", None),
        ("end", 2),
        ("end", True),
    ],
)
def test_what_is_no_error_is_refused(field: str, value: object) -> None:
    """A field that is none of an error's is a ValueError, whichever it is."""
    with pytest.raises(ValueError, match=r"."):
        error_from_json({**error_to_json(_KEY[0]), field: value})


def test_an_error_without_a_field_is_refused() -> None:
    """A line that lacks a field is a ValueError."""
    values = error_to_json(_KEY[0])
    del values["section"]
    with pytest.raises(ValueError, match="no error"):
        error_from_json(values)
