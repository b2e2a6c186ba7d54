"""Ticks change the sentences that say them and no other word, and give back what stood there."""

from random import Random
from typing import Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import FindingNotWritten
from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.origins import Origin, count_origins
from clinicalblip.structured_report.table import findings_of, place_of
from tests.fixtures.ticked_reports import SENTENCES, any_findings, reports

LEFT, RIGHT = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT})
PRESENT, ABSENT, UNCERTAIN = Certainty.PRESENT, Certainty.ABSENT, Certainty.UNCERTAIN
O: Final = Observation  # noqa: E741 - one letter keeps the tables below tables
NO_EFFUSION = Finding(O.PLEURAL_EFFUSION, ABSENT)
SMALL_LEFT_EFFUSION = Finding(O.PLEURAL_EFFUSION, PRESENT, LEFT, degree=Degree.SMALL)
MODERATE_RIGHT_EFFUSION = Finding(O.PLEURAL_EFFUSION, PRESENT, RIGHT, degree=Degree.MODERATE)
PNEUMONIA = Finding(O.PNEUMONIA, PRESENT)


def _edema(zone: Zone, degree: Degree) -> Finding:
    return Finding(O.EDEMA, PRESENT, zones=frozenset({zone}), degree=degree, change=Change.UNCHANGED)


def _heart(degree: Degree) -> Finding:
    return Finding(O.CARDIOMEGALY, PRESENT, degree=degree)


def _lesion(degree: Degree) -> Finding:
    return Finding(O.LUNG_LESION, PRESENT, degree=degree)


CHANGES: Final = {
    ("No pleural effusion.", NO_EFFUSION, SMALL_LEFT_EFFUSION): "There is a small left pleural effusion.",
    ("No effusion. The heart is normal.", NO_EFFUSION, None): "The heart is normal.",
    # One word for another
    ("Small left effusion tracking into the fissure.", SMALL_LEFT_EFFUSION, MODERATE_RIGHT_EFFUSION): (
        "Moderate right effusion tracking into the fissure."
    ),
    ("A SMALL EFFUSION IS SEEN ON THE LEFT.", SMALL_LEFT_EFFUSION, MODERATE_RIGHT_EFFUSION): (
        "A MODERATE EFFUSION IS SEEN ON THE RIGHT."
    ),
    ("Mild basilar edema, stable.", _edema(Zone.BASAL, Degree.SMALL), _edema(Zone.PERIHILAR, Degree.LARGE)): (
        "Severe perihilar edema, stable."
    ),
    ("The heart is mildly enlarged.", _heart(Degree.SMALL), _heart(Degree.LARGE)): "The heart is severely enlarged.",
    ("A small nodule.", _lesion(Degree.SMALL), _lesion(Degree.TRACE)): "A tiny nodule.",
    # Out of a list
    ("No effusion or pneumothorax.", NO_EFFUSION, None): "No pneumothorax.",
    ("No effusion or pneumothorax.", NO_EFFUSION, SMALL_LEFT_EFFUSION): (
        "No pneumothorax. There is a small left pleural effusion."
    ),
    ("No edema, effusion, or pneumothorax is seen.", NO_EFFUSION, None): "No edema or pneumothorax is seen.",
    ("There is no effusion, edema, or pneumothorax.", NO_EFFUSION, None): "There is no edema or pneumothorax.",
    ("No edema, pneumothorax or effusion.", NO_EFFUSION, None): "No edema or pneumothorax.",
    ("No effusion, no pneumothorax.", NO_EFFUSION, None): "No pneumothorax.",
    (
        "Lungs clear, without evidence of effusion or edema.",
        NO_EFFUSION,
        None,
    ): "Lungs clear, without evidence of edema.",
    ("NO EFFUSION OR EDEMA.", NO_EFFUSION, None): "NO EDEMA.",
    # Words that no row has stay
    ("The trachea is midline and there is no effusion.", NO_EFFUSION, None): "The trachea is midline.",
    ("Specifically, no effusion or edema.", NO_EFFUSION, None): "Specifically, no edema.",
    # Where a list would not be read so, one sentence for each
    ("Effusion and edema are seen.", Finding(O.PLEURAL_EFFUSION, PRESENT), None): "There is pulmonary edema.",
    ("Small left effusion with adjacent atelectasis.", SMALL_LEFT_EFFUSION, None): (
        "There is atelectasis in the left lung."
    ),
    ("Opacity at the base consistent with edema.", Finding(O.EDEMA, PRESENT, zones=frozenset({Zone.BASAL})), None): (
        "Opacity at the base."
    ),
    ("Right hydropneumothorax.", Finding(O.PLEURAL_EFFUSION, PRESENT, RIGHT), None): "There is a right pneumothorax.",
    # Templates and lists keep their shape
    ("Pleura: No effusion.\nHeart: Normal size.", NO_EFFUSION, SMALL_LEFT_EFFUSION): (
        "Pleura: There is a small left pleural effusion.\nHeart: Normal size."
    ),
    (
        "Heart: Normal.",
        Finding(O.CARDIOMEGALY, ABSENT),
        Finding(O.CARDIOMEGALY, PRESENT),
    ): "Heart: There is cardiomegaly.",
    ("- No effusion\n- Edema", None, PNEUMONIA): "- No effusion\n- Edema\n- There is pneumonia.",
    ("- No effusion\n- Edema", NO_EFFUSION, None): "- Edema",
    ("edema: no, effusion: no", NO_EFFUSION, SMALL_LEFT_EFFUSION): "edema: no. There is a small left pleural effusion.",
    # Headings and what is not of the film stay
    ("FINDINGS: No effusion. IMPRESSION: Edema.", NO_EFFUSION, None): "FINDINGS: IMPRESSION: Edema.",
    ("HISTORY: Effusion.\nFINDINGS: No effusion.", NO_EFFUSION, None): "HISTORY: Effusion.\nFINDINGS: ",
    # A new sentence stands with those of its region
    (
        "No edema. No effusion. Heart normal.",
        None,
        PNEUMONIA,
    ): "No edema. There is pneumonia. No effusion. Heart normal.",
    ("No effusion", None, PNEUMONIA): "No effusion. There is pneumonia.",
    ("HEART IS NORMAL.", None, PNEUMONIA): "HEART IS NORMAL. THERE IS PNEUMONIA.",
    ("", None, PNEUMONIA): "There is pneumonia.",
    ("FINDINGS:", None, PNEUMONIA): "FINDINGS: There is pneumonia.",
    ("HISTORY: fever", None, PNEUMONIA): "HISTORY: fever\n\nFINDINGS:\nThere is pneumonia.",
    ("Kein Pneumothorax.", None, PNEUMONIA): "Kein Pneumothorax. There is pneumonia.",
    # What is said again and again is said once when it is changed
    ("No effusion. " * 40, NO_EFFUSION, SMALL_LEFT_EFFUSION): "There is a small left pleural effusion. ",
}


@pytest.mark.parametrize(("text", "now", "new"), CHANGES)
def test_a_tick_changes_the_sentence_that_says_it(text: str, now: Finding | None, new: Finding | None) -> None:
    """And taking it back gives the text back to the letter."""
    document = Document.read(text)
    changed = document.tick(now, new)
    assert changed.text == CHANGES[text, now, new]
    assert changed.tick(new, now).text == text


def test_a_row_says_its_finding_where_the_other_one_stood() -> None:
    """Two effusions: each is changed in its own sentence, whichever is changed first."""
    document = Document.read("Small left effusion. The heart is normal. Moderate right effusion.")
    right = Finding(O.PLEURAL_EFFUSION, PRESENT, RIGHT, degree=Degree.MODERATE)
    large_right, large_left = (
        Finding(O.PLEURAL_EFFUSION, PRESENT, side, degree=Degree.LARGE) for side in (RIGHT, LEFT)
    )
    changed = document.tick(right, large_right).tick(SMALL_LEFT_EFFUSION, large_left)
    assert changed.text == "Large left effusion. The heart is normal. Large right effusion."


def test_what_cannot_be_ticked() -> None:
    """A row that is not there, what is said of a whole text, and what no words would be read as."""
    document = Document.read("No effusion.")
    with pytest.raises(ValueError, match="no row"):
        document.tick(PNEUMONIA, None)
    with pytest.raises(ValueError, match="whole text"):
        document.tick(None, Finding(O.NO_FINDING, PRESENT))
    with pytest.raises(FindingNotWritten, match="Nothing was changed"):
        document.tick(None, Finding(O.PNEUMONIA, ABSENT, change=Change.NEW))


def rows(document: Document) -> list[Finding]:
    """What is ticked, in a stable order."""
    return sorted(document.ticked, key=place_of)


def tick(document: Document, now: Finding | None, new: Finding | None) -> Document:
    """The document with this tick, or as it was where it is refused: rare, in texts whose sentences run together."""
    try:
        return document.tick(now, new)
    except FindingNotWritten:
        return document


@st.composite
def ticked_documents(draw: st.DrawFn) -> tuple[Document, Document]:
    """A document as it was read, and after some ticks."""
    read = document = Document.read(draw(reports))
    for _ in range(draw(st.integers(1, 4))):
        now = draw(st.sampled_from([None, *rows(document)]))
        new = draw(st.one_of(st.none(), any_findings()))
        document = tick(document, now, new)
    return read, document


@given(ticked_documents(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_ticks_taken_back_restore_the_words_in_any_order(documents: tuple[Document, Document], random: Random) -> None:
    """Whatever was ticked in between, and whatever is taken back first."""
    read, document = documents
    back: list[tuple[Finding | None, Finding | None]]
    back = [(finding, None) for finding in rows(document) if finding not in read.ticked]
    back += [(None, finding) for finding in rows(read) if finding not in document.ticked]
    random.shuffle(back)
    for now, new in back * 3:  # what is refused is taken back after the others
        if (now or new) and (now is None or now in document.ticked):
            document = tick(document, now, new)
    assume(document.ticked == read.ticked)
    assert document.text == read.text


@given(ticked_documents())
@settings(max_examples=40)
def test_what_is_read_is_what_is_ticked(documents: tuple[Document, Document]) -> None:
    """The labeler reads the rows that were ticked, and no other."""
    _, document = documents
    assert set(findings_of(read_sentences(document.text))) == document.ticked
    assert {row.finding for row in document.table.rows} - {None} == document.ticked


@given(reports, st.data())
@settings(max_examples=40)
def test_a_tick_leaves_every_other_sentence_as_it_is(text: str, data: st.DataObject) -> None:
    """Sentences that speak of other observations stand to the letter, in their order."""
    document = Document.read(text)
    now = data.draw(st.sampled_from([None, *rows(document)]))
    new = data.draw(st.one_of(st.none(), any_findings()))
    concerned = {finding.observation for finding in (now, new) if finding}
    changed, at = tick(document, now, new).text, 0
    for sentence in read_sentences(text):
        if not concerned & {finding.observation for finding in findings_of((sentence,))}:
            words = text[sentence.start : sentence.end]
            assert words in changed[at:]
            at = changed.index(words, at) + len(words)


@given(ticked_documents())
@settings(max_examples=30)
def test_the_way_to_the_ticks_makes_no_difference(documents: tuple[Document, Document]) -> None:
    """The same rows give the same text, in whatever order they were ticked."""
    read, document = documents
    again = read
    for finding in reversed(rows(read)):
        again = tick(again, finding, None)
    for finding in [*reversed(rows(document)), *rows(document)]:
        again = tick(again, None, finding)
    assume(again.ticked == document.ticked)
    assert again.text == document.text


@given(ticked_documents(), reports, st.data())
@settings(max_examples=40)
def test_what_is_typed_is_the_text(documents: tuple[Document, Document], typed: str, data: st.DataObject) -> None:
    """Typing anywhere in a ticked document gives the typed text, with its rows; typing nothing changes nothing."""
    _, document = documents
    assert document.sync(document.text) == document
    start = data.draw(st.integers(0, len(document.text)))
    end = data.draw(st.integers(start, len(document.text)))
    text = document.text[:start] + typed + document.text[end:]
    synced = document.sync(text)
    assert synced.text == text
    assert synced.ticked == set(findings_of(read_sentences(text)))
    assert sum(count_origins(synced.marked).values()) == len(text)


def test_sentences_that_still_stand_keep_their_memory() -> None:
    """After typing elsewhere a tick that is taken back still gives back what stood there."""
    document = Document.read("No effusion or pneumothorax. The heart is normal.")
    pneumothorax = Finding(O.PNEUMOTHORAX, ABSENT)
    ticked = document.tick(NO_EFFUSION, SMALL_LEFT_EFFUSION).tick(Finding(O.CARDIOMEGALY, ABSENT), None)
    typed = ticked.sync(ticked.text + " Old rib fracture.")
    assert typed.text == "No pneumothorax. There is a small left pleural effusion. Old rib fracture."
    back = typed.tick(SMALL_LEFT_EFFUSION, NO_EFFUSION).tick(None, Finding(O.CARDIOMEGALY, ABSENT))
    assert back.text == "No effusion or pneumothorax. The heart is normal. Old rib fracture."
    assert pneumothorax in back.ticked


def test_a_sentence_that_was_ticked_and_then_typed_is_the_readers() -> None:
    """Its words stand as typed, and no memory of another sentence comes back for it."""
    ticked = Document.read("No effusion. No edema.").tick(NO_EFFUSION, SMALL_LEFT_EFFUSION)
    typed = ticked.sync(ticked.text.replace("a small left", "some left"))
    some = Finding(O.PLEURAL_EFFUSION, PRESENT, LEFT)
    assert typed.text == "There is some left pleural effusion. No edema."
    assert typed.tick(some, None).tick(None, some).text == typed.text


FILLED: Final = {
    "": "The lungs are clear. There is no pleural effusion or pneumothorax. "
    "The cardiomediastinal silhouette is normal in size. There is no acute fracture.",
    "Small left effusion. Heart normal. Bones are intact.": (
        "Small left effusion. Heart normal. Bones are intact. The lungs are clear."
    ),
    "- No edema\n- Heart: normal\n- Blunted costophrenic angle\n": (
        "- No edema\n- Heart: normal\n- Blunted costophrenic angle\n- There is no acute fracture.\n"
    ),
    "LUNGS CLEAR. NO EFFUSION. HEART NORMAL.": "LUNGS CLEAR. NO EFFUSION. HEART NORMAL. THERE IS NO ACUTE FRACTURE.",
}


@pytest.mark.parametrize("text", FILLED)
def test_normal_sentences_fill_the_regions_that_are_not_mentioned(text: str) -> None:
    """Each once, never where any word of the region stands, and marked as filled in."""
    filled = Document.read(text).fill_in()
    assert filled.text == FILLED[text]
    assert filled.fill_in() == filled
    counts = count_origins(filled.marked)
    assert (counts[Origin.KEPT], counts[Origin.FILLED_IN]) == (len(text), len(filled.text) - len(text))


@given(ticked_documents())
@settings(max_examples=30)
def test_filling_in_changes_no_word_and_no_row(documents: tuple[Document, Document]) -> None:
    """It only adds."""
    _, document = documents
    try:
        filled = document.fill_in()
    except FindingNotWritten:
        return
    assert document.ticked <= filled.ticked
    at = 0
    for character in document.text:
        at = filled.text.index(character, at) + 1


def test_whose_the_words_are() -> None:
    """The draft's stay the draft's, also in a sentence that was changed in part; a tick taken back gives them back."""
    document = Document.read("No effusion or pneumothorax.")
    ticked = document.tick(NO_EFFUSION, SMALL_LEFT_EFFUSION)
    counts = count_origins(ticked.marked)
    assert counts[Origin.TICKED] >= len(" There is a small left pleural effusion.")
    assert counts[Origin.KEPT] >= len("No ")
    typed = ticked.sync(ticked.text + " Edema.")
    assert count_origins(typed.marked)[Origin.TYPED] == len(" Edema.")
    assert count_origins(typed.sync(typed.text + " Mass.", Origin.PASTED).marked)[Origin.PASTED] == len(" Mass.")
    assert set(ticked.tick(SMALL_LEFT_EFFUSION, NO_EFFUSION).marked.marks) == {"k"}


@pytest.mark.parametrize(
    "text",
    [
        ", ".join(["small left effusion", "no edema", "the heart is large", "and the lungs", "are clear"] * 215),
        " ".join(SENTENCES * 20)[:20_000],
        "The lungs are clear. " * 900,
    ],
    ids=["one sentence of 3,000 words", "20,000 characters", "a draft that loops"],
)
def test_long_texts(text: str) -> None:
    """They are ticked and taken back like others."""
    document = Document.read(text)
    finding = rows(document)[0]
    changed = document.tick(finding, None)
    assert set(findings_of(read_sentences(changed.text))) == document.ticked - {finding}
    assert changed.tick(None, finding).text == text
