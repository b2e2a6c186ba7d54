"""The reader's key words reach the model in one form, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.hints import read_hints, write_hints
from clinicalblip.instructblip.prompt import HINTS_AS_WRITTEN, build_prompt
from clinicalblip.labeler import findings
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("large heart, wet", "cardiomegaly; pulmonary edema"),
        ("effusion R, pneumonia LLL?", "right pleural effusion; possible pneumonia in the left lower lung"),
        ("small bilateral effusions", "small bilateral pleural effusions"),
        ("no ptx", "no pneumothorax"),
        ("2 cm nodule RUL\nmass left hilum", "nodule in the right upper lung; mass in the left perihilar region"),
        ("pacemaker left; ett", "pacemaker on the left; endotracheal tube"),
        ("rib # left", "rib fracture on the left"),
        ("calcified granuloma left apex", "calcified granuloma at the left apex"),
        ("mild scoliosis to the right", "mild scoliosis on the right"),
        ("elevated right hemidiaphragm", "elevation of the diaphragm on the right"),
        ("severe pneumonia rll", "severe pneumonia in the right lower lung"),
        ("new effusion on the left", "left pleural effusion"),
        ("effusion, Effusion", "pleural effusion"),
        ("since Monday, effusion", '"since Monday"; pleural effusion'),
        ("derrame pleural izquierdo", '"derrame pleural izquierdo"'),
        ('he said "fluid" 😀', "pleural effusion"),
        (" ... ", ""),
        ("", ""),
    ],
)
def test_key_words_are_named_as_a_report_names_them(written, read):
    """Side, zone, degree and doubt are kept, the kind of device or lesion too; what is unknown stands in quotes."""
    assert write_hints(written) == (read, ())


def test_what_is_named_outweighs_what_is_denied():
    """Contradicting hints are one finding and a warning; a denial of another side is none."""
    words, warnings = write_hints("no effusion, large effusion")
    assert words == "large pleural effusion"
    assert warnings == ("The hints both name and deny pleural effusion; the model is told that it is there.",)
    assert write_hints("no left effusion, large right effusion")[1] == ()


def test_a_name_beside_a_finding_does_not_reach_the_model():
    """Of a word with a finding only the finding is passed on."""
    assert write_hints("Mrs Miller effusion")[0] == "pleural effusion"


@given(st.text(max_size=300))
def test_any_text_can_be_a_hint(text):
    """Nothing is raised; what is known is said in a sentence, and what is not stands in quotation marks."""
    hints, _ = read_hints(text)
    for hint in hints:
        assert hint.words.strip() == hint.words != ""
        assert bool(hint.sentence) != hint.words.startswith('"')
    assert len(hints) == len(set(hints))


@given(
    st.lists(st.sampled_from(("effusion R", "no edema", "big heart", "since Monday", "mass LUL?", "copd")), max_size=5)
)
def test_the_sentence_of_a_hint_says_the_hint(words):
    """The labeler reads from each hint's sentence the finding that it read in the key words."""
    for hint in read_hints(", ".join(words))[0]:
        if hint.finding:
            assert hint.finding in findings(hint.sentence)


def test_the_prompt_holds_hints_in_the_form_that_the_model_was_trained_with():
    """A model of the first version reads the reader's own words."""
    context = ClinicalContext(indication="big heart", hints="big heart")

    def prompt(**version):
        return build_prompt(context, (View.PA,), count_tokens=len, budget=1000, **version).text

    assert "Indication: big heart\nHints: cardiomegaly\n" in prompt()
    assert "Hints: big heart\n" in prompt(version=HINTS_AS_WRITTEN)


def hints_line(context, budget):
    """The hints of a prompt of so many words, and its warnings."""
    prompt = build_prompt(context, (View.PA,), count_tokens=lambda text: len(text.split()), budget=budget)
    assert "Indication: cough" in prompt.text
    assert len(prompt.text.split()) <= budget
    (line,) = (line for line in prompt.text.splitlines() if line.startswith("Hints: "))
    return line.removeprefix("Hints: "), prompt.warnings


def test_two_hundred_words_are_cut_to_whole_hints():
    """The cut is told, no hint is cut through, and the other slots stay."""
    zones = [
        f"{degree} consolidation {zone}" for degree in ("patchy", "large", "small") for zone in ("RUL", "LLL", "RLL")
    ]
    context = ClinicalContext(indication="cough", hints=", ".join([*zones, *(f"word {n}" for n in range(90))]))
    line, warnings = hints_line(context, 42)
    assert write_hints(context.hints)[0].startswith(f"{line}; ")
    assert [warning for warning in warnings if "The hints were cut to" in warning]


def test_hints_are_read_no_further_than_could_fit():
    """A text of a million characters takes no minute, and the reader is told."""
    context = ClinicalContext(indication="cough", hints="small left effusion, " * 50_000)
    line, warnings = hints_line(context, 42)
    assert line == "small left pleural effusion"
    assert [warning for warning in warnings if "The hints were read to their first" in warning]


def test_doubt_and_denial_are_told_apart():
    """A question is no statement, and a denial no finding."""
    hints, _ = read_hints("pneumonia?, no effusion, edema")
    said = [hint.finding.certainty for hint in hints]
    assert said == [Certainty.UNCERTAIN, Certainty.ABSENT, Certainty.PRESENT]
