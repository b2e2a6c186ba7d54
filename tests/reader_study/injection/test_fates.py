"""What became of an error in a reader's report."""

import pytest

from clinicalblip.radiology.finding import Degree, Finding, Laterality
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import Significance
from clinicalblip.reader_study.injection.fates import ErrorFate, fates, sentence_numbers, wrongly_corrected
from clinicalblip.reader_study.injection.injected_error import InjectedError, InjectedKind, InjectedReport

K, F = InjectedKind, ErrorFate
_LEFT, _RIGHT = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT})


def _effusion(certainty: Certainty = Certainty.PRESENT, **said: object) -> Finding:
    return Finding(Observation.PLEURAL_EFFUSION, certainty, **said)  # type: ignore[arg-type]


_SMALL_LEFT = _effusion(sides=_LEFT, degree=Degree.SMALL)
_SMALL_RIGHT = _effusion(sides=_RIGHT, degree=Degree.SMALL)
_LARGE_LEFT = _effusion(sides=_LEFT, degree=Degree.LARGE)
_DOUBTED = _effusion(Certainty.UNCERTAIN, sides=_LEFT, degree=Degree.SMALL)
_DENIED = _effusion(Certainty.ABSENT)


def _injected(kind: InjectedKind, before: Finding | None, after: Finding | None) -> InjectedReport:
    error = InjectedError(kind, Significance.SIGNIFICANT, before, after, Section.FINDINGS, None, None)
    return InjectedReport(Report("The draft."), Report("The original."), (error,))


@pytest.mark.parametrize(
    ("kind", "before", "after", "final", "fate"),
    [
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "There is a small left pleural effusion.", F.CAUGHT),
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "Moderate left effusion.", F.CAUGHT),
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "There is a small right pleural effusion.", F.MISSED),
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "Small bilateral pleural effusions.", F.CHANGED),
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "Small pleural effusion.", F.CHANGED),
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "No pleural effusion.", F.CHANGED),
        (K.SIDE, _SMALL_LEFT, _SMALL_RIGHT, "", F.CHANGED),
        (K.DEGREE, _SMALL_LEFT, _LARGE_LEFT, "Small left effusion.", F.CAUGHT),
        (K.DEGREE, _SMALL_LEFT, _LARGE_LEFT, "Moderate left effusion.", F.CHANGED),
        (K.DEGREE, _SMALL_LEFT, _LARGE_LEFT, "Small left and large right effusion.", F.CAUGHT),
        (K.DEGREE, _SMALL_LEFT, _LARGE_LEFT, "Large left effusion.", F.MISSED),
        (K.CERTAINTY, _SMALL_LEFT, _DOUBTED, "Small left effusion.", F.CAUGHT),
        (K.CERTAINTY, _SMALL_LEFT, _DOUBTED, "Possible small left effusion.", F.MISSED),
        (K.NEGATION, _SMALL_LEFT, _DENIED, "Left effusion.", F.CAUGHT),
        (K.NEGATION, _SMALL_LEFT, _DENIED, "Large left effusion.", F.CHANGED),
        (K.NEGATION, _SMALL_LEFT, _DENIED, "Right effusion.", F.CHANGED),
        (K.NEGATION, _SMALL_LEFT, _DENIED, "No effusion.", F.MISSED),
        (K.NEGATION, _SMALL_LEFT, _DENIED, "The heart is normal.", F.MISSED),
        (K.MISSING_FINDING, _SMALL_LEFT, None, "Small left effusion.", F.CAUGHT),
        (K.MISSING_FINDING, _SMALL_LEFT, None, "Possible left effusion.", F.CHANGED),
        (K.MISSING_FINDING, _SMALL_LEFT, None, "Heart normal.", F.MISSED),
        (K.FALSE_FINDING, None, _SMALL_LEFT, "Heart normal.", F.CAUGHT),
        (K.FALSE_FINDING, _DENIED, _SMALL_LEFT, "No effusion.", F.CAUGHT),
        (K.FALSE_FINDING, None, _SMALL_LEFT, "Small left effusion.", F.MISSED),
        (K.FALSE_FINDING, None, _SMALL_LEFT, "Small right effusion.", F.CHANGED),
        (K.FALSE_FINDING, None, _SMALL_LEFT, "Possible small left effusion.", F.CHANGED),
    ],
)
def test_what_became_of_an_error(
    kind: InjectedKind, before: Finding | None, after: Finding | None, final: str, fate: ErrorFate
) -> None:
    """Caught where the report says what was right, changed where it says something else, missed as it was."""
    assert fates(_injected(kind, before, after), Report(final)) == (fate,)


def test_no_error_has_no_fate() -> None:
    """A draft without errors, and one that is empty in the end."""
    assert fates(InjectedReport(Report("Clear."), Report("Clear."), ()), Report()) == ()


def test_sentences_are_counted_through_the_report() -> None:
    """From 1 over findings and impression; what was taken away has none."""
    report = Report("Heart normal. Small left effusion.", "No change. Small left effusion.")
    places: list[tuple[Section, int | None, int | None]] = [
        (Section.FINDINGS, 14, 34),
        (Section.IMPRESSION, 11, 31),
        (Section.FINDINGS, None, None),
    ]
    errors = tuple(
        InjectedError(K.SIDE, Significance.SIGNIFICANT, _SMALL_RIGHT, _SMALL_LEFT, *place) for place in places
    )
    assert sentence_numbers(InjectedReport(report, report, errors)) == (2, 4, None)


_RIGHT_REPORT = Report("The heart is normal. Small left effusion. No pneumothorax. Mild right basilar atelectasis.")


@pytest.mark.parametrize(
    ("final", "wrong"),
    [
        (_RIGHT_REPORT.findings, ()),
        ("Small left pleural effusion. Right atelectasis.", ()),
        ("Small right effusion. Mild right basilar atelectasis.", (Observation.PLEURAL_EFFUSION,)),
        ("Mild right basilar atelectasis.", (Observation.PLEURAL_EFFUSION,)),
        (f"{_RIGHT_REPORT.findings} Small hiatal hernia.", ()),
        (
            "Cardiomegaly. Possible small left effusion. Large left pneumothorax. Mild right basilar atelectasis.",
            (Observation.CARDIOMEGALY, Observation.PNEUMOTHORAX, Observation.PLEURAL_EFFUSION),
        ),
        ("", (Observation.ATELECTASIS, Observation.PLEURAL_EFFUSION)),
    ],
)
def test_what_was_right_and_is_wrong(final: str, wrong: tuple[Observation, ...]) -> None:
    """A side, a certainty or a finding that went or turned round; not what was left out of a denial or added."""
    changes = wrongly_corrected(_RIGHT_REPORT, Report(final), _RIGHT_REPORT)
    assert tuple(change.observation for change in changes) == wrong


def test_what_was_wrong_before_is_not_wrongly_corrected() -> None:
    """A finding in which the draft was wrong counts in neither way."""
    draft, right = Report("Small right effusion."), Report("Small left effusion.")
    assert wrongly_corrected(draft, Report("Large right effusion."), right) == ()
