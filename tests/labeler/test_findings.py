"""What a report is taken to say: one sentence a trap, then what holds for every text."""

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import CHEXPERT, LABELS, Certainty, LabelSet, Observation, observation_of

P, A, U = Certainty.PRESENT, Certainty.ABSENT, Certainty.UNCERTAIN
EFFUSION = Observation.PLEURAL_EFFUSION
PNEUMOTHORAX, PNEUMONIA, EDEMA = Observation.PNEUMOTHORAX, Observation.PNEUMONIA, Observation.EDEMA
CONSOLIDATION, ATELECTASIS, OPACITY = Observation.CONSOLIDATION, Observation.ATELECTASIS, Observation.LUNG_OPACITY
CARDIOMEGALY, MEDIASTINUM = Observation.CARDIOMEGALY, Observation.ENLARGED_CARDIOMEDIASTINUM
LESION, FRACTURE, DEVICES = Observation.LUNG_LESION, Observation.FRACTURE, Observation.SUPPORT_DEVICES
INFILTRATION, PLEURAL_OTHER = Observation.INFILTRATION, Observation.PLEURAL_OTHER
NORMAL = Observation.NO_FINDING

SAID = {
    # Lists
    "No effusion, consolidation or pneumothorax.": {NORMAL: P, CONSOLIDATION: A, PNEUMOTHORAX: A, EFFUSION: A},
    "No pneumonia, effusions, edema, pneumothorax, nodules or masses.": {
        NORMAL: P, LESION: A, EDEMA: A, PNEUMONIA: A, PNEUMOTHORAX: A, EFFUSION: A,
    },
    "No pneumothorax, large pleural effusion, or mild edema.": {NORMAL: P, EDEMA: A, PNEUMOTHORAX: A, EFFUSION: A},
    "The lungs are clear of focal airspace disease, pneumothorax, or pleural effusion.": {
        NORMAL: P, OPACITY: A, PNEUMOTHORAX: A, EFFUSION: A,
    },
    "Neither effusion nor pneumothorax.": {NORMAL: P, PNEUMOTHORAX: A, EFFUSION: A},
    # A denial ends where something else begins
    "No pneumothorax, mild cardiomegaly.": {CARDIOMEGALY: P, PNEUMOTHORAX: A},
    "No pneumothorax but small effusion.": {PNEUMOTHORAX: A, EFFUSION: P},
    "No focal consolidation and the heart is enlarged.": {CARDIOMEGALY: P, CONSOLIDATION: A},
    "No acute disease except for mild cardiomegaly.": {CARDIOMEGALY: P},
    "No pneumothorax after chest tube placement.": {NORMAL: P, PNEUMOTHORAX: A, DEVICES: P},
    "Left effusion without pneumothorax.": {PNEUMOTHORAX: A, EFFUSION: P},
    "Cardiomegaly without heart failure.": {CARDIOMEGALY: P, EDEMA: A},
    # It is denied afterwards
    "Effusion is not seen.": {NORMAL: P, EFFUSION: A},
    "Effusion, consolidation, or pneumothorax is not identified.": {
        NORMAL: P, CONSOLIDATION: A, PNEUMOTHORAX: A, EFFUSION: A,
    },
    "There is cardiomegaly, effusion is not seen.": {CARDIOMEGALY: P, EFFUSION: A},
    "Pneumothorax: none.": {NORMAL: P, PNEUMOTHORAX: A},
    "The previously noted effusion is no longer seen.": {NORMAL: P, EFFUSION: A},
    "The chest tube has been removed.": {DEVICES: A, NORMAL: P},
    # Resolved, and not resolved
    "The left effusion has resolved.": {NORMAL: P, EFFUSION: A},
    "Interval resolution of pulmonary edema.": {NORMAL: P, EDEMA: A},
    "The effusion has not resolved.": {EFFUSION: P},
    "Nearly resolved left effusion.": {EFFUSION: P},
    # It looks like a denial
    "No change in the left effusion.": {EFFUSION: P},
    "No significant interval change in bibasilar atelectasis.": {ATELECTASIS: P},
    "Effusion is not significantly changed.": {EFFUSION: P},
    "Not without a small effusion.": {EFFUSION: P},
    "Not only effusion but pneumothorax.": {PNEUMOTHORAX: P, EFFUSION: P},
    # Doubt
    "Cannot exclude pneumonia.": {PNEUMONIA: U},
    "Pneumonia cannot be excluded.": {PNEUMONIA: U},
    "Pneumothorax is not entirely excluded.": {PNEUMOTHORAX: U},
    "Possible small left effusion.": {EFFUSION: U},
    "Opacity may represent pneumonia.": {OPACITY: P, PNEUMONIA: U},
    "Findings concerning for pneumonia.": {PNEUMONIA: U},
    "Effusion, less likely atelectasis.": {ATELECTASIS: U, EFFUSION: P},
    "Left base atelectasis or infiltrate.": {OPACITY: U, ATELECTASIS: U, INFILTRATION: U},
    "Pneumonia versus atelectasis.": {PNEUMONIA: U, ATELECTASIS: U},
    "Differential diagnosis includes pneumonia, edema, and atelectasis.": {EDEMA: U, PNEUMONIA: U, ATELECTASIS: U},
    "? pneumonia": {PNEUMONIA: U},
    "Left effusion is small, if any.": {EFFUSION: U},
    "Minimal if any pulmonary edema.": {EDEMA: U},
    "Nothing to suggest pneumonia.": {NORMAL: P, PNEUMONIA: A},
    "No new infiltrate.": {OPACITY: U, INFILTRATION: U},
    "No effusion, possible pneumonia.": {PNEUMONIA: U, EFFUSION: A},
    "No focal opacity to suggest pneumonia.": {NORMAL: P, OPACITY: A, PNEUMONIA: A},
    "Pulmonary vascular congestion.": {EDEMA: U},
    "Probable edema. There is pulmonary edema.": {EDEMA: P},
    # Heart, mediastinum, lungs: what they are called
    "Heart size is normal.": {NORMAL: P, CARDIOMEGALY: A},
    "The heart is not significantly enlarged.": {NORMAL: P, CARDIOMEGALY: A},
    "Heart size is at the upper limits of normal.": {NORMAL: P, CARDIOMEGALY: A},
    "Borderline heart size.": {CARDIOMEGALY: U},
    "The cardiac silhouette is mildly enlarged.": {CARDIOMEGALY: P},
    "Stable enlargement of the cardiac silhouette.": {CARDIOMEGALY: P},
    "The heart is mildly enlarged with normal pulmonary vascularity.": {CARDIOMEGALY: P},
    "Normal heart size and mediastinal contours.": {NORMAL: P, MEDIASTINUM: A, CARDIOMEGALY: A},
    "The heart, pulmonary XXXX and mediastinum are within normal limits.": {NORMAL: P, MEDIASTINUM: A, CARDIOMEGALY: A},
    "The cardiomediastinal silhouette is within normal limits.": {NORMAL: P, MEDIASTINUM: A, CARDIOMEGALY: A},
    "There is no mediastinal widening.": {NORMAL: P, MEDIASTINUM: A},
    "The mediastinum is widened.": {MEDIASTINUM: P},
    "Negative for cardiac enlargement.": {NORMAL: P, CARDIOMEGALY: A},
    "The lungs are clear.": {NORMAL: P, OPACITY: A, CONSOLIDATION: A},
    "Clear lungs, no pneumothorax.": {NORMAL: P, OPACITY: A, CONSOLIDATION: A, PNEUMOTHORAX: A},
    "The left lung is clear.": {},
    # Devices, and lines that are none
    "ET tube tip is 3 cm above the carina. No pneumothorax.": {NORMAL: P, PNEUMOTHORAX: A, DEVICES: P},
    "Median sternotomy with intact wires.": {DEVICES: P},
    "Right chest XXXX tip at the cavoatrial junction.": {DEVICES: P},
    "Kerley B lines are seen.": {},
    "The trachea is midline.": {},
    # Words that name something else
    "Small pericardial effusion.": {},
    "Subcutaneous emphysema.": {},
    "Soft tissue edema.": {},
    "Old granulomatous infection.": {},
    "Vertebral body collapse.": {},
    # The four that stay themselves
    "Emphysema, pulmonary fibrosis and a hiatal hernia.": {
        Observation.EMPHYSEMA: P, Observation.FIBROSIS: P, Observation.HERNIA: P,
    },
    "Right lower lobe infiltrate.": {OPACITY: P, INFILTRATION: P},
    # What was, and what was asked
    "History of pneumonia.": {},
    "INDICATION: pneumonia? FINDINGS: No effusion.": {NORMAL: P, EFFUSION: A},
    "CLINICAL HISTORY: fracture\nCOMPARISON: effusion in 2011\nIMPRESSION: Mild edema.": {EDEMA: P},
    # Everything normal, and normal but for something that is no observation
    "No acute cardiopulmonary abnormality.": {NORMAL: P},
    "Normal chest.": {NORMAL: P},
    "The lungs are clear. Thoracic scoliosis.": {OPACITY: A, CONSOLIDATION: A},
    "No comparison.": {},
    "": {},
    "XXXX XXXX.": {},
    # Spelling
    "No pneumothroax or pleural effussion.": {NORMAL: P, PNEUMOTHORAX: A, EFFUSION: A},
    "No effusion.Mild cardiomegaly.": {CARDIOMEGALY: P, EFFUSION: A},
    "Biapical pleural thickening; healed rib fractures.": {PLEURAL_OTHER: P, FRACTURE: P},
}  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_sentence(text: str) -> None:
    """Each trap is read as a radiologist means it."""
    assert observations(text) == SAID[text]


@pytest.mark.parametrize("text", SAID)
def test_case_and_white_space_say_nothing(text: str) -> None:
    """Capitals and white space change no answer."""
    assert observations(f"  {text.upper()}\n") == SAID[text]
    assert observations(text.replace(" ", " \t ").lower()) == SAID[text]


@pytest.mark.parametrize("text", [text for text in SAID if text])
def test_a_sentence_about_something_else_changes_nothing(text: str) -> None:
    """A sentence that names no observation adds and removes none, before and behind."""
    assert observations(f"The study was performed on Monday. {text}") == SAID[text]
    assert observations(f"{text} The study was performed on Monday.") == SAID[text]


def test_present_before_uncertain_before_absent() -> None:
    """Of several mentions the strongest stands, wherever it comes."""
    assert observations("No effusion. Possible effusion.")[EFFUSION] is U
    assert observations("There is an effusion. No effusion. Possible effusion.")[EFFUSION] is P


def test_answers_come_in_the_order_of_the_observations() -> None:
    """The dictionary has one order whatever the order of the text."""
    assert list(observations("Rib fracture. Effusion. Cardiomegaly.")) == [CARDIOMEGALY, EFFUSION, FRACTURE]


WORDS = (
    *("no", "not", "without", "possible", "may", "cannot be excluded", "has resolved", "is not seen", "?", "versus"),
    *("effusion", "pneumonia", "nodular", "pleural", "heart", "lungs", "is", "normal", "clear", "mild", "left", "the"),
    *(",", ".", ":", "(", "-", "/", "or", "and", "with", "but", "history:", "findings:", "xxxx"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_words_give_observations(text: str) -> None:
    """Whatever is written, the answer maps observations to certainties."""
    for observation, certainty in observations(text).items():
        assert isinstance(observation, Observation)
        assert isinstance(certainty, Certainty)


@given(st.text(max_size=300))
def test_any_text_gives_an_answer(text: str) -> None:
    """No text makes it fail."""
    observations(text)


REPORTS = st.lists(st.sampled_from([text for text in SAID if text.endswith(".")]), min_size=1, max_size=6)


CASES = st.sampled_from([str, str.upper, str.lower, str.title])


@settings(max_examples=300)
@given(REPORTS, st.integers(0, 6), CASES, st.sampled_from(["  ", "\u00a0", "\t "]))
def test_what_says_nothing_changes_nothing(lines: list[str], place: int, case: Callable[[str], str], gap: str) -> None:
    """Of a whole report neither case nor white space nor an unrelated sentence anywhere changes the answer."""
    said = observations(" ".join(lines))
    assert observations(case(" ".join(lines))) == said
    assert observations(gap.join(" ".join(lines).split(" "))) == said
    assert observations(" ".join([*lines[:place], "The study was performed on Monday.", *lines[place:]])) == said


@settings(max_examples=600)
@given(REPORTS, st.integers(40, 110), CASES, st.sampled_from(["", " ", "    "]))
def test_a_wrapped_text_says_the_same(lines: list[str], width: int, case: Callable[[str], str], indent: str) -> None:
    """A report wrapped to any width, indented or not, in capitals or small letters, is the same report."""
    wrapped = textwrap.fill(case(" ".join(lines)), width, initial_indent=indent, subsequent_indent=indent)
    assert observations(wrapped) == observations(" ".join(lines))


PIECES = (
    *(
        "no effusion, ",
        "neither ",
        "cannot ",
        "is ",
        "not seen on the ",
        "history of ",
        "findings: ",
        "? ",
        "differential ",
    ),
    *(
        "heart normal ",
        "lungs and ",
        "mediastinal and hilar ",
        "normal size of ",
        "tip a a a a a ",
        "small one ",
        "nodular a ",
    ),
    *(
        "opacity , seen , has ",
        "effusion or ",
        "or a b c d ",
        "atelectais ",
        "abcdefghijklmnop",
        "a",
        "(",
        "1.",
        "ab.cd",
        "-- ",
        *(".", "_", "-", ":", "=", "?", "|", "*", ">", "no", "n\n", " \n", "1)", ": no, ", "a: no "),
    ),
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", PIECES)
def test_long_texts_are_read(piece: str) -> None:
    """A text of 100,000 characters of one piece comes to an end: no rule takes more than its share for any."""
    observations((piece * 100_000)[:100_000])


@settings(max_examples=20)
@given(st.text(alphabet="no, efusi.?-/:lyart\n", min_size=1, max_size=12))
def test_long_texts_of_any_piece_are_read(piece: str) -> None:
    """Whatever the piece is, 50,000 characters of it come to an end."""
    observations((piece * 50_000)[:50_000])


@pytest.mark.parametrize(
    ("label", "label_set", "observation"),
    [
        ("Effusion", "nih", EFFUSION),
        ("Mass", "nih", LESION),
        ("Nodule", "nih", LESION),
        ("Pleural_Thickening", "nih", PLEURAL_OTHER),
        ("Infiltration", "nih", INFILTRATION),
        ("Hernia", "nih", Observation.HERNIA),
        ("No Finding", "nih", NORMAL),
        ("Pleural Effusion", "chexpert", EFFUSION),
        ("Opacity/lung/base/left/streaky", "iu", OPACITY),
        ("Thickening/pleura/apex/bilateral", "iu", PLEURAL_OTHER),
        ("Markings/lung/base/bilateral/interstitial", "iu", OPACITY),
        ("Mediastinum/right/prominent", "iu", MEDIASTINUM),
        ("Mediastinum/shift", "iu", None),
        ("Fractures, Bone/ribs/right", "iu", FRACTURE),
        ("normal", "iu", NORMAL),
        ("Scoliosis/thoracic vertebrae/right", "iu", None),
        ("Thickening/trachea", "iu", None),
    ],
)
def test_labels_of_every_set(label: str, label_set: str, observation: Observation | None) -> None:
    """Each set's labels reach the observation they mean."""
    assert observation_of(label, label_set) is observation


@pytest.mark.parametrize("label_set", ["nih", "chexpert"])
def test_unknown_labels_of_closed_sets_are_refused(label_set: str) -> None:
    """A label that NIH and CheXpert do not have is an error, not a silent None."""
    with pytest.raises(ValueError, match="no label of the set"):
        observation_of("Scoliosis", label_set)


def test_unknown_sets_are_refused() -> None:
    """A set that nobody knows is an error."""
    with pytest.raises(ValueError, match="padchest"):
        observation_of("Mass", "padchest")


def test_the_sets_have_all_their_labels() -> None:
    """NIH has fourteen and No Finding, CheXpert fourteen."""
    assert len(LABELS[LabelSet.NIH]) == 15
    assert tuple(LABELS[LabelSet.CHEXPERT].values()) == CHEXPERT
    assert len(CHEXPERT) == 14
