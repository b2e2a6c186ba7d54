"""The hints that the bundled model is judged by are well formed."""

from collections import Counter

import pytest

from clinicalblip.radiology.finding import Degree, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from research.mini.evaluation.hint_set import read_hints

HEADER = "kind\ttraining\thint\tfindings\n"


def test_there_are_four_hundred_hints_of_sixty_kinds():
    """Half of the kinds stay out of training, no hint stands twice, and no kind is a few hints only."""
    hints = read_hints()
    kinds = Counter(hint.kind for hint in hints)
    assert (len(hints), len(kinds)) == (400, 60)
    assert len({hint.kind for hint in hints if hint.never_in_training}) == 30
    assert len({" ".join(hint.text.lower().split()) for hint in hints}) == 400
    assert min(kinds.values()) >= 5
    assert all(len({hint.never_in_training for hint in hints if hint.kind == kind}) == 1 for kind in kinds)


def test_every_observation_and_attribute_is_hinted():
    """Nothing that a hint can say is left out of the judgement."""
    findings = [finding for hint in read_hints() for finding in hint.findings]
    assert {finding.observation for finding in findings} == set(Observation) - {Observation.NO_FINDING}
    assert {side for finding in findings for side in finding.sides} == set(Laterality)
    assert {zone for finding in findings for zone in finding.zones} == set(Zone)
    assert {finding.degree for finding in findings} == {*Degree, None}
    assert {finding.certainty for finding in findings} == set(Certainty)
    assert sum(not hint.findings for hint in read_hints()) >= 10


def test_a_denied_finding_is_not_hinted():
    """ "no pneumonia, heart big" hints a large heart alone."""
    (hint,) = (hint for hint in read_hints() if hint.text == "no pneumonia, heart big")
    assert [finding.observation for finding in hint.hinted] == [Observation.CARDIOMEGALY]


@pytest.mark.parametrize(
    "line",
    [
        "k\tsometimes\tptx\tpneumothorax",
        "k\tfree\t \tpneumothorax",
        "k\tfree\tptx\tpneumotorax",
        "k\tfree\tptx\tpneumothorax, rihgt",
        "k\tfree\tptx\tpneumothorax, small, large",
        "k\tfree\tbig heart\tcardiomegaly, left",
    ],
)
def test_a_line_that_says_something_unknown_is_refused(tmp_path, line):
    """A slip in the table is found where it is read."""
    file = tmp_path / "hints.tsv"
    file.write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError):
        read_hints(file)
