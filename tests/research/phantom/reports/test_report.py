"""Reports of phantoms are true, say side, zone and degree, compare only with a prior film, and copy no report of IU."""

import re
from pathlib import Path

import numpy as np
import pytest

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from research.phantom.choosing import random_phantom
from research.phantom.description import BOTH_SIDED, SIDED, SIDES, ZONED, ZONES, Finding, Kind, Phantom
from research.phantom.pairs import before_and_now
from research.phantom.reports import phrases
from research.phantom.reports.report import Change, changes, describe, name_finding
from research.phantom.reports.truth import nih_label, observations_of

COMPARING = re.compile(
    r"\b(?:new|unchanged|change|larger|smaller|increase|decrease|prior|before|residual|any more)", re.I
)


def every_finding() -> list[Finding]:
    """Each kind on each of its sides, in each of its zones, in each degree."""
    found = []
    for kind in Kind:
        sides = SIDES if kind in BOTH_SIDED else SIDES[:2] if kind in SIDED else ("",)
        for side in sides:
            for zone in ZONES if kind in ZONED else ("",):
                found += [Finding(kind, side, zone, severity) for severity in (0.1, 0.5, 0.9)]
    return found


def check(text: str, phantom: Phantom) -> None:
    """The text affirms exactly what the phantom has and denies nothing of it."""
    said, truth = observations(text), observations_of(phantom)
    affirmed = {name for name, certainty in said.items() if certainty is Certainty.PRESENT}
    assert Certainty.UNCERTAIN not in said.values()
    assert {finding.observation for finding in phantom.findings} - {None} <= affirmed
    assert all(truth[name] for name in affirmed)
    assert not any(truth.get(name) for name, certainty in said.items() if certainty is Certainty.ABSENT)


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_a_report_names_exactly_the_findings(first):
    """Read back, both sections of each report say what was drawn and deny the rest, a normal chest included."""
    for seed in range(first, first + 100):
        phantom = random_phantom(seed)
        report = describe(phantom)
        check(report.findings, phantom)
        check(report.impression, phantom)


def test_every_phrase_is_true_of_its_finding():
    """Each finding in each of its wordings is read back as that finding alone, its side and zone in the sentence."""
    for finding in every_finding():
        phantom = Phantom(0, frozenset({finding}))
        rng = np.random.default_rng(0)
        for _ in range(4):
            report = describe(phantom, rng)
            check(report.findings, phantom)
            words = set(re.findall(r"\w+", report.findings.lower()))
            if finding.side:
                own = {"both", "bilateral"} if finding.side == "both" else {finding.side}
                assert words & own, report.findings
            if finding.side in ("right", "left") and finding.kind not in (Kind.PACEMAKER,):
                assert {"left": "right", "right": "left"}[finding.side] not in words
            if finding.zone:
                assert finding.zone in words


def test_degrees_and_sizes_are_said():
    """A small and a large effusion have other words; a nodule has its diameter."""
    small, large = (describe(Phantom(1, frozenset({Finding(Kind.EFFUSION, "left", severity=s)}))) for s in (0.1, 0.9))
    assert "small" in small.findings.lower()
    assert "large" in large.findings.lower()
    nodule = Finding(Kind.NODULE, "left", "upper", 0.6)
    assert f"{nodule.diameter_cm:.1f} cm" in describe(Phantom(1, frozenset({nodule}))).findings


def test_the_same_seed_is_the_same_report_and_wordings_vary():
    """A report is fixed by its phantom; other random numbers say the same otherwise."""
    phantom = Phantom(3, frozenset({Finding(Kind.EFFUSION, "right", severity=0.5)}))
    assert describe(phantom) == describe(phantom)
    assert len({describe(phantom, np.random.default_rng(seed)).findings for seed in range(20)}) > 12


def test_nothing_is_compared_without_a_prior_film():
    """No word of change stands in a report that has nothing to compare with."""
    for seed in range(300):
        assert not COMPARING.search(describe(random_phantom(seed)).text)


@pytest.mark.parametrize("change", list(Change), ids=str)
def test_a_change_is_said(change):
    """With a prior film the changed finding is called what it is, and the report stays true of the present film."""
    words = {
        Change.NEW: r"\bnew\b|not there before",
        Change.LARGER: r"increase|larger",
        Change.SMALLER: r"decrease|smaller",
        Change.UNCHANGED: r"unchanged|stable|no change|no interval change",
        Change.RESOLVED: r"\bno (?:remaining|residual)|any more",
    }
    tried = 0
    for seed in range(120):
        now, rng = random_phantom(seed), np.random.default_rng(seed)
        try:
            pair = before_and_now(now, change, rng)
        except ValueError:
            continue
        tried += 1
        report = describe(now, rng, pair.first)
        check(report.findings, now)
        check(report.impression, now)
        assert re.search(words[change], report.text, re.I)
    assert tried > 20


def test_changes_name_each_finding_once():
    """One grew, one shrank, one came, one went, one moved, one stayed."""
    prior = Phantom(
        4,
        frozenset(
            {
                Finding(Kind.CARDIOMEGALY, severity=0.5),
                Finding(Kind.EFFUSION, "left", severity=0.3),
                Finding(Kind.NODULE, "right", "upper", 0.5),
                Finding(Kind.CENTRAL_LINE, "right"),
            }
        ),
    )
    now = Phantom(
        4,
        frozenset(
            {
                Finding(Kind.CARDIOMEGALY, severity=0.55),
                Finding(Kind.EFFUSION, "left", severity=0.8),
                Finding(Kind.NODULE, "left", "upper", 0.5),
                Finding(Kind.ATELECTASIS, "right", "lower", 0.5),
            }
        ),
        exposure=1,
    )
    found = {(finding.kind, finding.side): change for finding, change in changes(now, prior).items()}
    assert found == {
        (Kind.CARDIOMEGALY, ""): Change.UNCHANGED,
        (Kind.EFFUSION, "left"): Change.LARGER,
        (Kind.NODULE, "right"): Change.RESOLVED,
        (Kind.NODULE, "left"): Change.NEW,
        (Kind.ATELECTASIS, "right"): Change.NEW,
        (Kind.CENTRAL_LINE, "right"): Change.RESOLVED,
    }


def test_another_persons_film_is_no_prior():
    """Films of two persons are not compared."""
    with pytest.raises(ValueError, match="person"):
        describe(Phantom(1), None, Phantom(2))


def test_findings_have_names():
    """Names for hints and comparisons carry the side."""
    assert name_finding(Finding(Kind.EFFUSION, "left")) == "left pleural effusion"
    assert name_finding(Finding(Kind.NODULE, "right", "upper")) == "nodule in the right upper zone"
    assert name_finding(Finding(Kind.CARDIOMEGALY)) == "cardiomegaly"


def test_what_a_film_cannot_decide_is_left_open():
    """A consolidation may be a pneumonia; a device alone leaves a chest without finding."""
    filled = Phantom(1, frozenset({Finding(Kind.CONSOLIDATION, "left", "lower")}))
    assert observations_of(filled)[Observation.PNEUMONIA] is None
    assert observations_of(filled)[Observation.LUNG_OPACITY] is True
    assert nih_label(filled, "Pneumonia") is None
    assert nih_label(filled, "Consolidation") is True
    wired = Phantom(1, frozenset({Finding(Kind.STERNOTOMY_WIRES)}))
    assert observations_of(wired)[Observation.NO_FINDING] is True
    assert observations_of(wired)[Observation.SUPPORT_DEVICES] is True
    assert nih_label(wired, "Mass") is False


@pytest.mark.shared_data
def test_no_longer_sentence_stands_in_iu(shared_data: Path):
    """Sentences of seven words and more are our own; shorter stock phrases are everybody's."""
    studies = prepare_iu_xray(
        shared_data / "iu", split_file=shared_data / "iu" / "r2gen_annotation.json", without_images=True
    ).studies
    theirs = {
        folded(sentence)
        for study in studies
        if study.split == "train"
        for text in (study.reference.findings, study.reference.impression)
        for sentence in re.split(r"(?<=[.!?])\s+", text)
    }
    ours = {sentence for pool in (phrases.CLEAR, phrases.BONES, phrases.MIDDLE, phrases.NORMAL) for sentence in pool}
    ours |= {sentence for pool in phrases.ABSENT.values() for sentence in pool}
    rng = np.random.default_rng(0)
    for finding in every_finding():
        for _ in range(12):
            report = describe(Phantom(0, frozenset({finding})), rng)
            ours |= set(re.split(r"(?<=[.!?])\s+", report.findings)) | {report.impression}
    copied = {sentence for sentence in ours if len(sentence.split()) > 6 and folded(sentence) in theirs}
    assert len(ours) > 400
    assert not copied


def folded(sentence: str) -> str:
    """A sentence without case, punctuation and white space that do not matter."""
    return " ".join(re.findall(r"[a-z0-9.]+", sentence.lower())).strip(". ")
