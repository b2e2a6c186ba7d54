"""On which side a finding is said to be: one sentence a trap, then what holds for every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.labeler import observations
from clinicalblip.labeler.laterality import lateralities
from clinicalblip.radiology.finding import MIDLINE, Laterality
from clinicalblip.radiology.observation import Certainty, Observation

L, R, LR, NONE = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT}), frozenset(Laterality), frozenset()
ATELECTASIS, OPACITY, EFFUSION = Observation.ATELECTASIS, Observation.LUNG_OPACITY, Observation.PLEURAL_EFFUSION
CONSOLIDATION, PNEUMONIA, EDEMA = Observation.CONSOLIDATION, Observation.PNEUMONIA, Observation.EDEMA
PNEUMOTHORAX, LESION, FRACTURE = Observation.PNEUMOTHORAX, Observation.LUNG_LESION, Observation.FRACTURE
DEVICES, PLEURAL_OTHER = Observation.SUPPORT_DEVICES, Observation.PLEURAL_OTHER

SAID = {
    # Before and behind
    "Left pleural effusion.": {EFFUSION: L},
    "Small right-sided pneumothorax.": {PNEUMOTHORAX: R},
    "There is an effusion on the left.": {EFFUSION: L},
    "Consolidation in the posterior right lower lobe.": {CONSOLIDATION: R},
    "At the left base, there is an opacity.": {OPACITY: L},
    "The right middle lobe is collapsed.": {ATELECTASIS: R},
    "RLL pneumonia.": {PNEUMONIA: R},
    "Lingular atelectasis.": {ATELECTASIS: L},
    "Pleural effusion.": {EFFUSION: NONE},
    "Atelectasis in the lung bases.": {ATELECTASIS: LR},
    "Fracture of multiple right ribs.": {FRACTURE: R},
    # Two findings
    "Streaky opacity left base compatible with atelectasis.": {OPACITY: L, ATELECTASIS: L},
    "Left pleural effusion and right lower lobe atelectasis.": {ATELECTASIS: R, EFFUSION: L},
    "Effusion on the left and atelectasis on the right.": {ATELECTASIS: R, EFFUSION: L},
    "Opacity in the left lower lobe and right pleural effusion.": {OPACITY: L, EFFUSION: R},
    "Left pleural effusion and atelectasis.": {ATELECTASIS: L, EFFUSION: L},
    "Left effusion with adjacent atelectasis.": {ATELECTASIS: L, EFFUSION: L},
    "Effusion and atelectasis at the right base.": {ATELECTASIS: R, EFFUSION: R},
    "Opacity at the right base, likely atelectasis.": {OPACITY: R, ATELECTASIS: R},
    "Left lower lobe opacity may represent pneumonia or atelectasis.": {OPACITY: L, PNEUMONIA: L, ATELECTASIS: L},
    "Right rib fracture. Left effusion.": {EFFUSION: L, FRACTURE: R},
    # Both
    "Bilateral effusions.": {EFFUSION: LR},
    "Bibasilar atelectasis.": {ATELECTASIS: LR},
    "Opacities in both lungs.": {OPACITY: LR},
    "Left and right pleural effusions.": {EFFUSION: LR},
    "Bilateral effusions, left greater than right.": {EFFUSION: LR},
    "Left greater than right pleural effusions.": {EFFUSION: LR},
    "Effusions, right larger than left, and edema.": {EDEMA: NONE, EFFUSION: LR},
    "Airspace opacities bilaterally.": {OPACITY: LR},
    "Opacities in the left lower and right upper lobes with an effusion.": {OPACITY: LR, EFFUSION: NONE},
    "Left effusion. The right effusion is smaller.": {EFFUSION: LR},
    # Denied
    "No left effusion.": {},
    "Right effusion without left effusion.": {EFFUSION: R},
    "No left effusion but a right pneumothorax.": {PNEUMOTHORAX: R},
    "Effusion on the right, none on the left.": {EFFUSION: R},
    "Possible left effusion.": {EFFUSION: L},
    # The other side is spoken of for another reason
    "The right lung is clear and there is a small effusion.": {EFFUSION: NONE},
    "The left lung is clear with a right pleural effusion.": {EFFUSION: R},
    "Consolidation obscures the right heart border.": {CONSOLIDATION: NONE},
    "Catheter tip in the right atrium.": {DEVICES: NONE},
    "Left subclavian catheter with its tip in the right atrium.": {DEVICES: L},
    "Effusion with mediastinal shift to the right.": {EFFUSION: NONE},
    "The patient is rotated to the left, and there is an opacity.": {OPACITY: NONE},
    "Right pneumothorax seen on the left lateral decubitus film.": {PNEUMOTHORAX: R},
    "Left ventricular enlargement with edema.": {EDEMA: NONE},
    "INDICATION: left pneumonia. FINDINGS: Right nodule.": {LESION: R},
    # What has no side
    "Cardiomegaly and left effusion.": {EFFUSION: L},
    "Left effusion and cardiomegaly.": {EFFUSION: L},
    "": {},
}


@pytest.mark.parametrize("text", SAID)
def test_side(text: str) -> None:
    """Each side goes to the finding that it is said of."""
    assert lateralities(text) == SAID[text]


@pytest.mark.parametrize("text", SAID)
def test_case_and_white_space_say_nothing(text: str) -> None:
    """Capitals and white space change no answer."""
    assert lateralities(text.upper().replace(" ", " \t ")) == SAID[text]


WORDS = (
    *("no", "left", "right", "bilateral", "greater than", "on the", "in the", "lower lobe", "heart", "there is"),
    *("effusion", "opacity", "atelectasis", "nodular", "and", "or", "with", "likely", "but", "clear", ",", ".", "is"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_it_speaks_of_what_the_labeler_finds(text: str) -> None:
    """What has a side is what the text affirms or doubts, however the words are thrown together."""
    said = {what for what, how in observations(text).items() if how is not Certainty.ABSENT}
    assert set(lateralities(text)) == said - MIDLINE


@given(st.text(max_size=300))
def test_any_text_gives_an_answer(text: str) -> None:
    """No text makes it fail."""
    lateralities(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["left ", "left effusion and ", "in the upper ", "shift a a ", "lower left and "])
def test_long_texts_are_read(piece: str) -> None:
    """A text of 100,000 characters of one piece comes to an end."""
    lateralities((piece * 50_000)[:100_000])
