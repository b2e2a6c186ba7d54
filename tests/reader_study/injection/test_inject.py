"""Errors put into reports: exactly those of the key, in words that read like a radiologist's."""

from collections import Counter
from dataclasses import replace
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.feedback.finding_comparison import compare_findings
from clinicalblip.labeler import sentences
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import Significance
from clinicalblip.radiology.text_span import REPORT_SECTIONS, section_text
from clinicalblip.reader_study.design.design import ErrorsPart
from clinicalblip.reader_study.injection.fates import ErrorFate, fates, sentence_numbers
from clinicalblip.reader_study.injection.inject import inject_errors
from clinicalblip.reader_study.injection.injected_error import InjectedKind, InjectedReport
from tests.reader_study.injection.composed_reports import composed_reports

K = InjectedKind


def check_injected(injected: InjectedReport) -> None:
    """That the errors are all that differs, that they are where the key says, and that their fates are known."""
    original, changed = injected.original, injected.report
    different = [
        change
        for change in compare_findings(original.text, changed.text).different
        if change.observation is not Observation.NO_FINDING
    ]
    said = Counter((error.before, error.after) for error in injected.errors)
    assert Counter((change.old, change.new) for change in different) == said
    assert set(fates(injected, original)) == {ErrorFate.CAUGHT}
    assert set(fates(injected, changed)) == {ErrorFate.MISSED}
    for error, number in zip(injected.errors, sentence_numbers(injected), strict=True):
        assert (error.start is None) is (error.after is None)
        assert (number is None) is (error.after is None)
        if error.after is not None and error.start is not None:
            words = section_text(changed, error.section)[error.start : error.end]
            mentioned = {each.finding.observation for said in sentences(words) for each in said.mentions}
            assert error.after.observation in mentioned
    for section in REPORT_SECTIONS:
        _check_untouched(injected, section_text(original, section), section_text(changed, section))


def _check_untouched(injected: InjectedReport, before: str, after: str) -> None:
    """That sentences that say nothing of the errors' observations stand as they stood.

    Only lungs that were clear may be otherwise clear, what is not acute may be nothing other that is acute, a normal
    impression may go, and the numbers of a list are counted anew.
    """
    names = {(error.before or error.after).observation for error in injected.errors}  # type: ignore[union-attr]
    of_before = [before[each.start : each.end].rstrip(".") for each in sentences(before)]
    untouched = [
        words
        for words, said in zip(of_before, sentences(before), strict=True)
        if not names & {mention.finding.observation for mention in said.mentions}
        and not any(word in words.lower() for word in ("clear", "lung", "normal", "unremarkable"))
        and not any(word in words.lower() for word in ("acute", "active", "negative"))
        and words.strip("0123456789.) (")
    ]
    kept = [after[each.start : each.end].rstrip(".") for each in sentences(after)]
    matched = SequenceMatcher(None, untouched, kept, autojunk=False).get_matching_blocks()
    assert sum(block.size for block in matched) == len(untouched)


@given(composed_reports(), st.integers(0, 2**32 - 1), st.sets(st.sampled_from(InjectedKind), min_size=1))
@settings(max_examples=30)
def test_an_injected_error_is_exactly_what_the_comparison_of_findings_finds(
    report: Report, seed: int, kinds: set[InjectedKind]
) -> None:
    """Whatever the report, kinds and seed; other sentences stand, and the same is done twice."""
    errors = ErrorsPart(least=1, most=3, kinds=tuple(sorted(kinds)))
    try:
        injected = inject_errors(report, errors, seed)
    except ReaderStudyError:
        return
    assert 1 <= len(injected.errors) <= 3
    assert {error.kind for error in injected.errors} <= kinds
    assert inject_errors(report, errors, seed) == injected
    check_injected(injected)


@given(st.text(max_size=120), st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_takes_an_error_or_is_refused_in_a_sentence(findings: str, impression: str) -> None:
    """Whatever it is; nothing but that is raised."""
    try:
        injected = inject_errors(Report(findings, impression), ErrorsPart(most=2), 0)
    except ReaderStudyError:
        return
    assert set(fates(injected, injected.original)) == {ErrorFate.CAUGHT}


def _inject(report: Report, kind: InjectedKind, seed: int = 0) -> InjectedReport:
    injected = inject_errors(report, ErrorsPart(kinds=(kind,)), seed)
    check_injected(injected)
    return injected


_EFFUSION = Report(
    "The heart is normal in size. There is a small left pleural effusion. No pneumothorax.",
    "Small left pleural effusion.",
)


@pytest.mark.parametrize(
    ("kind", "report", "after", "significance"),
    [
        (
            K.SIDE,
            _EFFUSION,
            Report(
                "The heart is normal in size. There is a small right pleural effusion. No pneumothorax.",
                "Small right pleural effusion.",
            ),
            Significance.SIGNIFICANT,
        ),
        (
            K.MISSING_FINDING,
            _EFFUSION,
            Report("The heart is normal in size. No pneumothorax.", "No acute cardiopulmonary abnormality."),
            Significance.ACTIONABLE,
        ),
        (
            K.NEGATION,
            _EFFUSION,
            Report(
                "The heart is normal in size. There is no pleural effusion. No pneumothorax.",
                "No acute cardiopulmonary abnormality.",
            ),
            Significance.ACTIONABLE,
        ),
        (
            K.CERTAINTY,
            _EFFUSION,
            Report(
                "The heart is normal in size. There may be a small left pleural effusion. No pneumothorax.",
                "Possible small left pleural effusion.",
            ),
            Significance.SIGNIFICANT,
        ),
        (
            K.CERTAINTY,
            Report("There may be a small left pneumothorax.", "Possible small left pneumothorax."),
            Report("There is a small left pneumothorax.", "Small left pneumothorax."),
            Significance.SIGNIFICANT,
        ),
        (
            K.TEMPORAL,
            Report("Comparison with the prior film. A stable left pleural effusion."),
            None,
            None,
        ),
        (
            K.MISSING_FINDING,
            Report("", "1. Mild cardiomegaly. 2. Small hiatal hernia. 3. No pneumothorax."),
            None,
            None,
        ),
    ],
)
def test_each_kind_says_what_it_should(
    kind: InjectedKind, report: Report, after: Report | None, significance: Significance | None
) -> None:
    """In findings and impression, with every other word as it was."""
    injected = _inject(report, kind)
    if after is not None:
        assert injected.report == after
        assert [error.significance for error in injected.errors] == [significance]


def test_a_degree_is_two_steps_off_or_moderate_for_small() -> None:
    """In both sections, so that nobody takes the one for the other."""
    said = {_inject(_EFFUSION, K.DEGREE, seed).report.impression for seed in range(12)}
    assert said == {"Moderate left pleural effusion.", "Large left pleural effusion."}


def test_a_false_finding_is_contradicted_by_no_sentence() -> None:
    """What denied it denies it no more, lungs are otherwise clear, and nothing other is acute."""
    report = Report(
        "The lungs are clear. No pleural effusion or pneumothorax. Heart size is normal.", "No acute disease."
    )
    for seed in range(25):
        injected = _inject(report, K.FALSE_FINDING, seed)
        after, text = injected.errors[0].after, injected.report.findings
        assert after is not None
        if after.observation is Observation.PLEURAL_EFFUSION:
            assert "No pleural effusion" not in text
            assert "No pneumothorax." in text
        if after.observation in (Observation.LUNG_OPACITY, Observation.CONSOLIDATION, Observation.LUNG_LESION):
            assert "The lungs are otherwise clear." in text
            assert injected.report.impression.endswith("No other acute disease.")


def test_numbers_of_a_list_are_counted_anew() -> None:
    """A list from which an item went does not tell that one went."""
    report = Report("Mild cardiomegaly. Small hiatal hernia.", "1. Mild cardiomegaly. 2. Small hiatal hernia.")
    said = {_inject(report, K.MISSING_FINDING, seed).report.impression for seed in range(8)}
    assert said == {"1. Mild cardiomegaly.", "1. Small hiatal hernia."}


def test_a_device_is_put_into_a_report_without_one() -> None:
    """And into none that has one, of which the labeler would see no difference."""
    assert _inject(_EFFUSION, K.DEVICE).errors[0].before is None
    with pytest.raises(ReaderStudyError, match="it takes 0"):
        _inject(replace(_EFFUSION, findings=f"{_EFFUSION.findings} A right PICC is present."), K.DEVICE)


@pytest.mark.parametrize(
    ("kind", "report"),
    [
        (K.MISSING_FINDING, Report("There is patchy right airspace disease.", "Right lower lobe pneumonia.")),
        (K.NEGATION, Report("Lungs clear. Healed left rib fracture noted.")),
        (K.NEGATION, Report("There is minimal opacity in the lung bases. The lungs are otherwise clear.")),
        (K.DEGREE, Report("Lungs clear.", "Small nodules on the prior CT.")),
        (K.MISSING_FINDING, Report("Mild cardiomegaly/atelectasis is seen. No effusion.")),
    ],
)
def test_what_would_not_fit_the_rest_is_not_taken(kind: InjectedKind, report: Report) -> None:
    """An impression that nothing is acute beside an opacity, "no acute" where one had healed, "otherwise" than what."""
    with pytest.raises(ReaderStudyError, match="it takes 0"):
        inject_errors(report, ErrorsPart(kinds=(kind,)), 0)


def test_a_right_side_that_has_no_left_one_stays() -> None:
    """A left middle lobe would be seen through at once."""
    with pytest.raises(ReaderStudyError):
        _inject(Report("There is an opacity in the right middle lobe."), K.SIDE)


def test_sides_that_another_sentence_tells_apart_stay() -> None:
    """An opacity does not move to a lung that is called clear."""
    with pytest.raises(ReaderStudyError):
        _inject(Report("There is an opacity in the right lower lung. The left lung is clear."), K.SIDE)


def test_what_is_recommended_for_a_finding_keeps_it() -> None:
    """A nodule is not left out beside the CT that is to look at it."""
    with pytest.raises(ReaderStudyError):
        _inject(Report("There is a nodule in the right upper lobe.", "Recommend CT."), K.MISSING_FINDING)


def test_what_a_sentence_says_besides_does_not_go() -> None:
    """What the labeler does not name would go with it, and no key would say so."""
    injected = _inject(Report("The heart is large, and the vessels are engorged. No effusion."), K.MISSING_FINDING)
    assert injected.report.findings == "The vessels are engorged. No effusion."
    with pytest.raises(ReaderStudyError):
        _inject(Report("Cardiomegaly, which with engorged vessels was known. No effusion."), K.MISSING_FINDING)


def test_several_errors_are_about_several_observations() -> None:
    """As many as were asked for, of different kinds."""
    injected = inject_errors(_EFFUSION, ErrorsPart(least=3, most=3), 4)
    check_injected(injected)
    assert len({(error.before or error.after).observation for error in injected.errors}) == 3  # type: ignore[union-attr]
    assert len({error.kind for error in injected.errors}) == 3


def test_reports_under_one_seed_get_different_errors() -> None:
    """What a report gets depends on its words too."""
    got = {
        _inject(Report(f"The lungs are clear. There are {number} films.", ""), K.FALSE_FINDING).errors[0].after
        for number in range(12)
    }
    assert len(got) > 3


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (Report(), "The report is empty"),
        (Report(" \n", "\t"), "The report is empty"),
        (Report("Portable film."), "it takes 0"),
        (Report("\ud800\udfff \udc80"), "it takes 0"),
    ],
)
def test_a_report_that_takes_no_error_is_one_sentence(report: Report, sentence: str) -> None:
    """Nothing in it can be wrong in its side, degree or certainty."""
    with pytest.raises(ReaderStudyError, match=sentence) as refused:
        inject_errors(report, ErrorsPart(kinds=(K.SIDE, K.DEGREE, K.CERTAINTY)), 0)
    assert "\n" not in str(refused.value)


def test_halves_of_characters_are_kept() -> None:
    """They stand where they stood."""
    injected = _inject(Report("There is a small left pleural effusion. \ud800 \udfff."), K.SIDE)
    assert injected.report.findings == "There is a small right pleural effusion. \ud800 \udfff."


def test_a_report_of_two_hundred_sentences_takes_an_error() -> None:
    """And the others stay."""
    lines = [f"View {number} was obtained." for number in range(199)]
    injected = _inject(Report(" ".join([*lines, "There is a small left pleural effusion."])), K.SIDE)
    assert injected.report.findings == " ".join([*lines, "There is a small right pleural effusion."])


def test_fewer_errors_than_least_are_refused() -> None:
    """With how many it takes."""
    with pytest.raises(ReaderStudyError, match=r"2 errors of the kinds side .* it takes 1"):
        inject_errors(_EFFUSION, ErrorsPart(least=2, most=2, kinds=(K.SIDE,)), 0)


@pytest.mark.parametrize("errors", [ErrorsPart(least=2, most=1), ErrorsPart(kinds=())])
def test_an_impossible_wish_is_refused(errors: ErrorsPart) -> None:
    """More at least than at most, and no kind."""
    with pytest.raises(ReaderStudyError, match="cannot be put into a report"):
        inject_errors(_EFFUSION, errors, 0)


def test_what_is_absent_stays_absent_but_for_the_error() -> None:
    """A negation leaves the denials of others alone."""
    injected = _inject(_EFFUSION, K.NEGATION)
    found = {change.observation: change.after for change in compare_findings("", injected.report.text).same}
    found |= {change.observation: change.after for change in compare_findings("", injected.report.text).different}
    assert found[Observation.PNEUMOTHORAX] is Certainty.ABSENT
