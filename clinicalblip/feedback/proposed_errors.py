"""The errors of a draft that a reader's edit points to, proposed to the reader and nothing more.

What the labeler reads in both texts decides where it can: a finding that went was false, one that came was missing, and
another side, degree, certainty or change is an error of that attribute. Within a sentence that was edited, or one that
another took the place of, words tell the rest: a diagnosis that became a finding, something general that became
something particular, other qualities, measures and levels. A finding is wrong once, wherever the report says it again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.feedback import error_words
from clinicalblip.feedback.draft_edit import GENERAL, DraftEdit, SentenceEdit, is_said, lost_words, word_names
from clinicalblip.feedback.error_words import Word, found, measures
from clinicalblip.feedback.finding_comparison import FindingChange, FindingDifference
from clinicalblip.labeler import names_abnormality
from clinicalblip.radiology.finding import Change, Finding, Sentence
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import NAMED_BY, Certainty, Observation
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, ReportError
from clinicalblip.radiology.text_span import REPORT_SECTIONS

C = ErrorCategory
D = FindingDifference
O = Observation  # noqa: E741 - one letter keeps the tables below tables

_LUNG: Final = frozenset(
    {
        *(O.LUNG_OPACITY, O.INFILTRATION, O.CONSOLIDATION, O.ATELECTASIS, O.LUNG_LESION),
        *(O.EDEMA, O.PNEUMONIA, O.FIBROSIS, O.EMPHYSEMA),
    }
)


@dataclass(frozen=True)
class EditKinds:
    """How many edited, dropped and own sentences say something else than before, and how many the same otherwise."""

    content: int
    style: int


def propose_errors(edit: DraftEdit) -> tuple[ReportError, ...]:
    """What an edit says that is wrong with a draft; each error once, in the draft's order, missing findings last."""
    changes = list(edit.changes)
    errors: list[ReportError] = []
    for sentence in edit.edits:
        errors += _in_sentence(sentence, changes)
    for change in changes:
        errors += _of_change(edit, change)
    errors += _of_devices(edit)
    errors += _without_observation(edit)
    return _each_once(edit, errors)


def count_edits_by_kind(edit: DraftEdit) -> EditKinds:
    """Tell edits of the content from those of the style: what a sentence says of findings, measures and qualities."""
    changed = {change.observation for change in edit.changes if _categories(change)}
    content = style = 0
    for sentence in edit.edits:
        said = {mention.finding.observation for mention in (*sentence.old.mentions, *sentence.new.mentions)}
        is_content = bool(said & changed) or any(_of_words(sentence))
        content, style = content + is_content, style + (not is_content)
    for (section, other), text, stems in (
        *((each, edit.draft, edit.stands) for each in edit.dropped),
        *((each, edit.final, edit.stood) for each in edit.own),
    ):
        words = text[section][other.start : other.end]
        said = {mention.finding.observation for mention in other.mentions}
        is_content = bool(said & changed) or (not said and names_abnormality(words) and not is_said(words, stems))
        content, style = content + is_content, style + (not is_content)
    return EditKinds(content, style)


def _error(
    category: ErrorCategory,
    observation: Observation | None,
    section: Section | None = None,
    start: int | None = None,
    end: int | None = None,
) -> ReportError:
    return ReportError(category, section, start, end, ErrorOrigin.PROPOSED, ErrorState.IGNORED, observation=observation)


def _error_in(sentence: SentenceEdit, category: ErrorCategory, word: Word | None = None) -> ReportError:
    """An error in the draft's sentence: of one word, or of the whole."""
    start, end = (word.start, word.end) if word else (0, len(sentence.before))
    place = sentence.section, sentence.old.start + start, sentence.old.start + end
    return _error(category, sentence.observation, *place)


# What the labeler reads


def _of_change(edit: DraftEdit, change: FindingChange) -> Iterator[ReportError]:
    """The errors that a difference in one finding shows."""
    for category in _categories(change):
        if category is C.MISSING_FINDING or change.old is None:
            yield _error(C.MISSING_FINDING, change.observation)
            continue
        place = edit.place_of(change.old, whole=category is not C.FALSE_FINDING)
        if place is not None:
            yield _error(category, change.observation, place.section, place.start, place.end)


def _categories(change: FindingChange) -> list[ErrorCategory]:
    old, new, differences = change.old, change.new, set(change.differences)
    if D.REMOVED in differences and old is not None:
        return [] if old.certainty is Certainty.ABSENT else [C.FALSE_FINDING]
    if D.ADDED in differences and new is not None:
        return [] if new.certainty is Certainty.ABSENT else [C.MISSING_FINDING]
    if old is None or new is None:
        return []
    if D.DENIED in differences:
        return [C.TEMPORAL if new.change is Change.RESOLVED else C.FALSE_FINDING]
    if D.AFFIRMED in differences:
        return [C.TEMPORAL if old.change is Change.RESOLVED else C.MISSING_FINDING]
    if old.certainty is Certainty.ABSENT:
        return []
    return [
        category
        for category, is_wrong in (
            (C.CERTAINTY, bool(differences & {D.DOUBTED, D.CONFIRMED})),
            (C.LOCATION, D.SIDE in differences and bool(old.sides and new.sides)),
            (C.LOCATION, D.ZONE in differences and bool(old.zones and new.zones)),
            (C.SEVERITY, D.DEGREE in differences and new.degree is not None and old.degree is not None),
            (C.TEMPORAL, D.CHANGE in differences),
        )
        if is_wrong
    ]


# What words tell within a sentence that was edited or replaced


def _in_sentence(sentence: SentenceEdit, changes: list[FindingChange]) -> Iterator[ReportError]:
    """Errors of one sentence; the changes that they explain are taken out of `changes`."""
    said = {mention.finding.observation for mention in sentence.old.mentions}
    says = {mention.finding.observation for mention in sentence.new.mentions}
    gone = [
        c
        for c in changes
        if c.observation in said and not _denies(c.old) and (c.new is None or D.DOUBTED in c.differences)
    ]
    came = [c for c in changes if c.observation in says and c.old is None and not _denies(c.new)]
    one_side = [each for each in (*gone, *came) if each.observation in said & says and _came_or_went(each)]
    diagnoses = lost_words(error_words.DIAGNOSES, sentence.before, sentence.after)
    explained: list[FindingChange] = []
    if diagnoses and (sentence.replaced or says - said or not gone):
        yield _error_in(sentence, C.OVERINTERPRETATION)
        explained = [*gone, *came]
    elif sentence.replaced:
        yield _error_in(sentence, C.UNSPECIFIC)
        explained = [*gone, *came]
    elif one_side:
        yield _error_in(sentence, C.LOCATION)
        explained = one_side
    else:
        for old in gone:
            new = next((each for each in came if {each.observation, old.observation} <= _LUNG), None)
            if new is not None and old.new is None:
                quality = lost_words(error_words.QUALITIES, sentence.before, sentence.after)
                yield _error_in(
                    sentence, C.DESCRIPTOR if quality and old.observation is O.LUNG_LESION else C.UNSPECIFIC
                )
                explained += [old, new]
                came.remove(new)
            elif (
                new is None
                and old.observation is O.LUNG_LESION
                and lost_words(error_words.QUALITIES, sentence.before, sentence.after)
            ):
                explained.append(old)  # "nodular opacities" that became reticular ones
    for change in explained:
        if change in changes:
            changes.remove(change)
    if not sentence.replaced:
        yield from _of_words(sentence)


def _came_or_went(change: FindingChange) -> bool:
    """Whether a finding of one side came or went."""
    return any(
        one is not None and other is None and one.sides
        for one, other in ((change.old, change.new), (change.new, change.old))
    )


def _denies(finding: Finding | None) -> bool:
    return finding is None or finding.certainty is Certainty.ABSENT


_Words = Callable[[str], list[Word]]


def _of_words(sentence: SentenceEdit) -> Iterator[ReportError]:
    """Errors that the labeler's attributes do not show: other measures, qualities, levels, kinds, hedges."""
    mentions = sentence.old.mentions
    is_denied = bool(mentions) and all(mention.finding.certainty is Certainty.ABSENT for mention in mentions)
    if is_denied:
        if lost_words(error_words.FIRM_DENIALS, sentence.after, sentence.before):
            yield _error_in(sentence, C.CERTAINTY)
        elif lost_words(error_words.COMPARISONS, sentence.before, sentence.after):
            yield _error_in(sentence, C.TEMPORAL)
        return
    if len(measures(sentence.before)) == len(measures(sentence.after)) and (word := _first_other(measures, sentence)):
        yield _error_in(sentence, C.MEASUREMENT, word)
    if word := _first_other(lambda text: found(error_words.QUALITIES, text), sentence):
        yield _error_in(sentence, C.DESCRIPTOR, word)
    if word := _first_other(lambda text: found(error_words.LEVELS, text), sentence):
        yield _error_in(sentence, C.LOCATION, word)
    if not mentions:
        for category, pattern in (
            (C.LOCATION, error_words.SIDES),
            (C.SEVERITY, error_words.DEGREES),
            (C.TEMPORAL, error_words.COMPARISONS),
        ):
            if found(pattern, sentence.before) and word_names(pattern, sentence.before) != word_names(
                pattern, sentence.after
            ):
                yield _error_in(sentence, category)
                break
    if word_names(error_words.HEDGES, sentence.before) != word_names(error_words.HEDGES, sentence.after):
        yield _error_in(sentence, C.CERTAINTY)
    kinds = error_words.KINDS_OF_DEVICES
    if sentence.observation is O.SUPPORT_DEVICES and found(kinds, sentence.after) and not found(kinds, sentence.before):
        yield _error_in(sentence, C.UNSPECIFIC)


def _first_other(words: _Words, sentence: SentenceEdit) -> Word | None:
    """The first word of the draft's that another took the place of."""
    before, after = words(sentence.before), words(sentence.after)
    kept = {word.name for word in before} & {word.name for word in after}
    if all(word.name in kept for word in after):
        return None
    return next((word for word in before if word.name not in kept), None)


# Devices and what is no observation: the labeler counts neither


def _of_devices(edit: DraftEdit) -> Iterator[ReportError]:
    """A device whose kind only one of the texts names."""
    kinds = error_words.KINDS_OF_DEVICES
    stood, stands = (
        set[str]().union(*(word_names(kinds, text) for text in report.values())) for report in (edit.draft, edit.final)
    )
    for section, sentence in edit.dropped:
        if _has_device(sentence) and word_names(kinds, edit.draft[section][sentence.start : sentence.end]) - stands:
            yield _error(C.FALSE_FINDING, O.SUPPORT_DEVICES, section, sentence.start, sentence.end)
    for section, sentence in edit.own:
        if _has_device(sentence) and word_names(kinds, edit.final[section][sentence.start : sentence.end]) - stood:
            yield _error(C.MISSING_FINDING, O.SUPPORT_DEVICES)


def _has_device(sentence: Sentence) -> bool:
    return any(
        mention.finding.observation is O.SUPPORT_DEVICES and mention.finding.certainty is Certainty.PRESENT
        for mention in sentence.mentions
    )


def _without_observation(edit: DraftEdit) -> Iterator[ReportError]:
    """Sentences about something else that is abnormal: a scoliosis that went was false, one that came was missing."""
    for section, sentence in edit.dropped:
        words = edit.draft[section][sentence.start : sentence.end]
        if not sentence.mentions and names_abnormality(words) and not is_said(words, edit.stands):
            yield _error(C.FALSE_FINDING, None, section, sentence.start, sentence.end)
    for section, sentence in edit.own:
        words = edit.final[section][sentence.start : sentence.end]
        if not sentence.mentions and names_abnormality(words) and not is_said(words, edit.stood):
            yield _error(C.MISSING_FINDING, None)


# Each once


def _each_once(edit: DraftEdit, errors: Sequence[ReportError]) -> tuple[ReportError, ...]:
    """Leave out what says an error again: of the same sentence, in the impression, or in another finding's words."""
    kept: list[ReportError] = []
    for error in sorted(errors, key=_order):
        if not any(_repeats(edit, error, other) for other in kept):
            kept = [other for other in kept if not _names_less(edit, other, error)]
            kept.append(error)
    return tuple(kept)


def _order(error: ReportError) -> tuple[int, int]:
    if error.section is None or error.start is None:
        return len(REPORT_SECTIONS), 0
    return REPORT_SECTIONS.index(error.section), error.start


def _repeats(edit: DraftEdit, error: ReportError, other: ReportError) -> bool:
    if error.category is not other.category:
        return False
    if error.category is C.MISSING_FINDING:
        return error.observation is other.observation or _is_named_by(error, other)
    same_place = error.section is other.section and error.start == other.start
    if error.category is C.FALSE_FINDING:
        again = error.observation is other.observation or _names_each_other(error, other)
        return same_place or (again and (error.section is not other.section or error.observation is not None))
    # An impression says again what the findings say, often in other words.
    return same_place or _sentence_of(edit, error) == _sentence_of(edit, other) or error.section is not other.section


def _names_less(edit: DraftEdit, kept: ReportError, error: ReportError) -> bool:
    """Whether an error that was kept is said by this one in more exact words: the opacity of an atelectasis."""
    if kept.category is not error.category or not _is_named_by(kept, error):
        return False
    return kept.category is C.MISSING_FINDING or (
        kept.category is C.FALSE_FINDING and _sentence_of(edit, kept) == _sentence_of(edit, error)
    )


def _is_named_by(general: ReportError, exact: ReportError) -> bool:
    if general.observation is None or exact.observation is None:
        return False
    back = NAMED_BY.get(general.observation, frozenset())
    return general.observation in NAMED_BY.get(exact.observation, ()) and (
        exact.observation not in back or general.observation in GENERAL
    )


def _names_each_other(one: ReportError, other: ReportError) -> bool:
    if one.observation is None or other.observation is None:
        return False
    return other.observation in NAMED_BY.get(one.observation, ()) and one.section is not other.section


def _sentence_of(edit: DraftEdit, error: ReportError) -> tuple[Section, int] | None:
    if error.section is None or error.start is None:
        return None
    return error.section, edit.sentence_at(error.section, error.start)
