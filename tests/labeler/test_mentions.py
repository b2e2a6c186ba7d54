"""What stands where: spans that are exact in the text as given, and what is said of a finding at each place."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.labeler import mentions, observations, sentences
from clinicalblip.radiology.finding import Finding, strongest
from clinicalblip.radiology.observation import Certainty, Observation

SAID: Final = {
    # Two findings of one name
    "Small left and moderate right pleural effusion.": [
        "Pleural Effusion present left small",
        "Pleural Effusion present right moderate",
    ],
    "Effusions, small on the left and moderate on the right.": [
        "Pleural Effusion present left small",
        "Pleural Effusion present right moderate",
    ],
    "The left effusion has increased and the right effusion is unchanged.": [
        "Pleural Effusion present left larger",
        "Pleural Effusion present right unchanged",
    ],
    "Small left and right effusions.": ["Pleural Effusion present left right small"],
    # Zones
    "RUL consolidation.": ["Consolidation present right upper"],
    "Lingular atelectasis.": ["Atelectasis present left middle"],
    "Opacity in the right upper and left lower lobes.": ["Lung Opacity present left right lower upper"],
    "Haziness at the base of the left lung.": ["Lung Opacity present left basal"],
    "Bibasilar atelectasis.": ["Atelectasis present left right basal"],
    "Small effusion at the left costophrenic angle.": ["Pleural Effusion present left basal small"],
    "Mild biapical pleural thickening.": ["Pleural Other present left right apical small"],
    "Retrocardiac opacity, likely atelectasis, is stable.": [
        "Lung Opacity present retrocardiac unchanged",
        "Atelectasis present retrocardiac",
    ],
    "Opacities throughout both lungs.": ["Lung Opacity present left right diffuse"],
    "Stimulator over the mid and lower thoracic spine.": ["Support Devices present"],
    # Degrees
    "Mild to moderate edema.": ["Edema present moderate"],
    "Small-to-moderate sized effusion.": ["Pleural Effusion present moderate"],
    "No large effusion or pneumothorax.": ["Pleural Effusion absent large", "Pneumothorax absent"],
    "The heart is mildly enlarged.": ["Cardiomegaly present small"],
    "The heart is large.": ["Cardiomegaly present"],
    "Effusion: tiny, right": ["Pleural Effusion present right trace"],
    "Mildly displaced rib fracture.": ["Fracture present"],
    "Small pericardial effusion and left pleural effusion.": ["Pleural Effusion present left"],
    "Pulmonary edema with moderate cardiomegaly.": ["Edema present", "Cardiomegaly present moderate"],
    "Borderline cardiomegaly and mild chronic changes.": ["Cardiomegaly uncertain"],
    "There is a small calcified nodule.": ["Lung Lesion present small"],
    # Changes
    "New consolidation.": ["Consolidation present new"],
    "The left effusion has resolved.": ["Pleural Effusion absent left resolved"],
    "The effusion is no longer seen.": ["Pleural Effusion absent resolved"],
    "Effusion, which has cleared.": ["Pleural Effusion absent resolved"],
    "Effusion, now resolved.": ["Pleural Effusion absent resolved"],
    "Resolution of right upper lobe pneumonia.": ["Pneumonia absent right upper resolved"],
    "Slightly larger right pneumothorax.": ["Pneumothorax present right larger"],
    "Slight interval decrease in the moderate effusion.": ["Pleural Effusion present moderate smaller"],
    "Interval increase in size of the right pneumothorax, now moderate.": [
        "Pneumothorax present right moderate larger"
    ],
    "Improved right mid lung and right basilar consolidation.": ["Consolidation present right basal middle smaller"],
    "The effusion has decreased but is still moderate.": ["Pleural Effusion present moderate smaller"],
    "Mild edema, improved from prior.": ["Edema present small smaller"],
    "No change in the moderate right effusion.": ["Pleural Effusion present right moderate unchanged"],
    "Persistent but smaller effusion.": ["Pleural Effusion present smaller"],
    "Chronic effusion.": ["Pleural Effusion present"],
    "Increased interstitial markings.": ["Lung Opacity present"],
    "Effusion has not changed.": ["Pleural Effusion present unchanged"],
    "Tiny pneumothorax, not seen on the prior study.": ["Pneumothorax present trace new"],
    "Left PICC is unchanged in position.": ["Support Devices present left unchanged"],
    "Mild edema is again noted.": ["Edema present small unchanged"],
    "The heart remains enlarged.": ["Cardiomegaly present unchanged"],
    "Near-complete resolution of the left effusion.": ["Pleural Effusion present left smaller"],
    "The edema has largely cleared.": ["Edema present smaller"],
    "Right basilar atelectasis has developed.": ["Atelectasis present right basal new"],
    "There has been clearing of left base opacities.": ["Lung Opacity absent left basal resolved"],
    "Interval resolution of the previously noted right-sided pleural effusion.": [
        "Pleural Effusion absent right resolved"
    ],
    "The heart is again mildly enlarged.": ["Cardiomegaly present small unchanged"],
    "Mild biapical scarring and minimal interstitial changes.": ["Lung Opacity present left right trace"],
    "Lungs remain clear.": ["Lung Opacity absent", "Consolidation absent"],
    "Worse right upper and left lower lobe opacities.": [
        "Lung Opacity present right upper larger",
        "Lung Opacity present left lower larger",
    ],
    # Without a name
    "The left effusion has increased while the right is unchanged.": [
        "Pleural Effusion present left larger",
        "Pleural Effusion present right unchanged",
    ],
    "Small right pneumothorax; none on the left.": ["Pneumothorax present right small", "Pneumothorax absent left"],
    "Effusion on the left is small.": ["Pleural Effusion present left small"],
    "Small effusion. The right is normal.": ["Pleural Effusion present small"],
    # Devices
    "Right IJ catheter, tip in the SVC.": ["Support Devices present right"],
    "Left pacemaker with leads in the right atrium.": ["Support Devices present left"],
    "Lines and tubes are unchanged.": ["Support Devices present unchanged"],
    "Devices: left PICC": ["Support Devices present left"],
    "No pneumothorax after removal of the left chest tube.": [
        "Pneumothorax absent",
        "Support Devices absent left resolved",
    ],
    # Headers, labels and templates
    "Left lung:\n- basal consolidation\n- no effusion\nRight lung:\n- large effusion": [
        "Consolidation present left basal",
        "Pleural Effusion absent left",
        "Pleural Effusion present right large",
    ],
    "No longer present:\n- small right effusion\nNew:\n- left effusion": [
        "Pleural Effusion absent right small resolved",
        "Pleural Effusion present left new",
    ],
    "No evidence of:\n1. edema\n2. effusion": ["Edema absent", "Pleural Effusion absent"],
    "RIGHT LUNG: Small effusion. No pneumothorax.": [
        "Pleural Effusion present right small",
        "Pneumothorax absent right",
    ],
    "[x] Effusion - left, small\n[ ] Edema\n\u2610 Pneumonia": [
        "Pleural Effusion present left small",
        "Edema absent",
        "Pneumonia absent",
    ],
    "Effusion: [ ] none [x] right [ ] left": ["Pleural Effusion present right"],
    "Edema: none / [mild] / severe": ["Edema present small"],
    "Finding: Effusion\nSide: Left\nSize: Small\nChange: New": ["Pleural Effusion present left small new"],
    "Finding: Pneumonia\nLocation: Left lower lobe\nCertainty: Possible": ["Pneumonia uncertain left lower"],
    "COMPARISON: 2 days earlier\nLUNGS: Right basal opacity.\nPLEURA: No effusion.": [
        "Lung Opacity present right basal",
        "Pleural Effusion absent",
    ],
    "Effusion: left, small\nPneumothorax: none\nAtelectasis: bibasilar, mild": [
        "Pleural Effusion present left small",
        "Pneumothorax absent",
        "Atelectasis present left right basal small",
    ],
    # A doubt within a denial
    "No consolidation in the setting of suspected infection.": ["Consolidation absent", "Pneumonia uncertain"],
}


def words(finding: Finding) -> str:
    """All that is said of a finding."""
    attributes = (*sorted(finding.sides), *sorted(finding.zones), finding.degree, finding.change)
    return " ".join([finding.observation.value, finding.certainty.value, *filter(None, attributes)])


@pytest.mark.parametrize("text", SAID)
def test_what_is_said_of_a_finding(text: str) -> None:
    """Each attribute goes to the finding that it is said of."""
    assert [words(mention.finding) for mention in mentions(text)] == SAID[text]


def spans(text: str) -> list[str]:
    """The words of every mention."""
    return [text[mention.start : mention.end] for mention in mentions(text)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("No pleural effusion.", ["effusion"]),
        ("FINDINGS:\n- No effussion\n- Mild  cardiomegally", ["effussion", "cardiomegally"]),
        (
            "Lungs: clear.\r\n\r\nPTX\u2014none; the HEART\nis  normal",
            ["Lungs: clear"] * 2 + ["PTX", "HEART\nis  normal"],
        ),
        ("1) Edema 2) Small left and large right effusion", ["Edema", "Small left", "large right effusion"]),
        ("\u0130\u0130 Effusion ..... no. Edema | yes", ["Effusion", "Edema"]),
        ("HISTORY: Edema.\nFINDINGS: Pneumonia, vs. atelectasis", ["Pneumonia", "atelectasis"]),
    ],
)
def test_spans_are_those_of_the_text_as_given(text: str, named: list[str]) -> None:
    """Neither headings nor bullets, line breaks, signs or corrected spellings shift them."""
    assert spans(text) == named


def test_a_sentence_has_its_full_stop_and_its_mentions() -> None:
    """A page can ask what a sentence says, and find it again."""
    text = "FINDINGS: The heart is enlarged. The study is limited.\nIMPRESSION:\n1. No effusion;\n2. Edema"
    assert [text[each.start : each.end] for each in sentences(text)] == [
        "The heart is enlarged.",
        "The study is limited.",
        "No effusion",
        "Edema",
    ]
    assert [[words(mention.finding) for mention in each.mentions] for each in sentences(text)] == [
        ["Cardiomegaly present"],
        [],
        ["Pleural Effusion absent"],
        ["Edema present"],
    ]


PIECES: Final = (
    *("no", "small", "left", "right", "moderate", "effusion", "opacities", "atelectais", "heart", "is", "enlarged"),
    *(
        "unchanged",
        "has resolved",
        "which has cleared",
        "lower lobe",
        "basilar",
        "new",
        "and",
        "or",
        "likely",
        "normal",
    ),
    *(
        ",",
        ".",
        ";",
        ":",
        " - ",
        "\u2014",
        "|",
        "\n",
        "\n\n",
        "\r\n",
        "- ",
        "1) ",
        "2. ",
        "FINDINGS:",
        "HISTORY:",
        "\u0130",
    ),
    *(
        "[ ] ",
        "[x] ",
        "\u2610",
        "Side: left",
        "Certainty: possible",
        "l > r",
        "none on the left",
        "the right is",
        "Left lung:\n",
    ),
    *("effusion: no", "..... yes", "? ", "FINAL REPORT", "vs.", "\t", "\u00a0", "\u2028", "x" * 40),
)
TEXTS: Final = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.text(max_size=200),
)


@settings(max_examples=400)
@given(TEXTS)
def test_spans_lie_within_their_sentences(text: str) -> None:
    """Sentences do not overlap and stand in the text, in order, and so do the mentions in them."""
    end, found = 0, sentences(text)
    for number, sentence in enumerate(found):
        assert end <= sentence.start < sentence.end <= len(text)
        end = sentence.end
        places = [(mention.start, mention.end) for mention in sentence.mentions]
        assert places == sorted(places)
        for mention in sentence.mentions:
            assert mention.sentence == number
            assert sentence.start <= mention.start < mention.end <= sentence.end
    assert mentions(text) == tuple(mention for sentence in found for mention in sentence.mentions)


def in_sum(text: str) -> dict[Observation, Certainty]:
    """What the mentions of a text say."""
    said: dict[Observation, list[Certainty]] = {}
    for finding in (mention.finding for mention in mentions(text)):
        said.setdefault(finding.observation, []).append(finding.certainty)
    return {name: strongest(certainties) for name, certainties in said.items()}


@settings(max_examples=300)
@given(TEXTS)
def test_observations_are_what_the_mentions_say(text: str) -> None:
    """But for No Finding, which is said of the whole text."""
    said = observations(text)
    said.pop(Observation.NO_FINDING, None)
    assert said == in_sum(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        *("small ", "small and ", "unchanged left ", "increase in size of the ", "effusion is new, ", "left lower "),
        *(
            "of the base ",
            "Side: l\n",
            "Left:\n- effusion\n",
            "[ ] a",
            "[x] no / ",
            ", / ",
            "line / ",
            "picc line and ",
        ),
        *(
            "the left is ",
            "none on the left ",
            "previously ",
            "effusion, likely ",
            "...... a",
            "Left: effusion. ",
            "i. a\n",
        ),
    ],
)
def test_long_texts_are_read(piece: str) -> None:
    """A text of 100,000 characters of one piece comes to an end."""
    mentions((piece * 50_000)[:100_000])
