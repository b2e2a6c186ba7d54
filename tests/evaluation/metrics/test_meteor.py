"""METEOR 1.5 by its own program, what happens where that cannot run, and NLTK's METEOR with WordNet."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nltk.corpus
import numpy as np
import pytest
from pycocoevalcap.meteor.meteor import Meteor

from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean
from clinicalblip.evaluation.metrics.meteor_java import LONGEST, MeteorJava
from clinicalblip.evaluation.metrics.registry import measure
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, Statistic, bootstrap_intervals
from tests.fixtures.report_pairs import CONSTANT_FINDINGS, draw_pairs, read_r2gen_test_split

COCO, NLTK = "meteor-coco-1.5", "meteor-nltk-wordnet"
ROOT = Path(__file__).parents[3]

needs_java = pytest.mark.skipif(
    shutil.which("java") is None and not os.environ.get("CI"), reason="Java is not on this machine"
)
"""Where CI runs Java has to be: without it, the tests fail there."""


@pytest.fixture(scope="module")
def java() -> Iterator[MeteorJava]:
    """METEOR's program, started once for all tests."""
    with MeteorJava() as program:
        yield program


def measured(drafts: list[str], references: list[str], java: MeteorJava) -> Statistic:
    """METEOR 1.5, which may not be missing."""
    found = measure((COCO,), drafts, references, java=java)[COCO]
    assert isinstance(found, Statistic), found.reason
    return found


def missing(drafts: list[str], references: list[str], java: MeteorJava) -> str:
    """Why METEOR 1.5 is missing."""
    found = measure((COCO,), drafts, references, java=java)[COCO]
    assert isinstance(found, MissingStatistic)
    return found.reason


@needs_java
@pytest.mark.system
def test_meteor_is_cocos(java: MeteorJava) -> None:
    """Of each study, and of all together: its own evaluation of the counts is ours."""
    drafts, references = draw_pairs(60)
    drafts += ["", "über die lunge", "clear . " * 300, "a"]
    references += ["clear .", "über der lunge", "clear .", "b"]
    theirs = Meteor()
    try:
        corpus, studies = theirs.compute_score(
            {study: [text] for study, text in enumerate(references)},
            {study: [text] for study, text in enumerate(drafts)},
        )
    finally:
        for pipe in (theirs.meteor_p.stdout, theirs.meteor_p.stderr):
            pipe.close()
        theirs.__del__()
    found = measured(drafts, references, java)
    assert found.value() == pytest.approx(corpus, rel=1e-12)
    np.testing.assert_allclose(found.each(), studies, rtol=1e-12, atol=1e-15)


@needs_java
def test_a_draft_equal_to_its_reference_has_1(java: MeteorJava) -> None:
    """Alone and among others: what matches as a whole has no penalty."""
    _, references = draw_pairs(40)
    found = measured(references, references, java)
    assert found.value() == pytest.approx(1)
    np.testing.assert_allclose(found.each(), 1)


@needs_java
def test_the_order_of_studies_and_every_study_twice_change_nothing(java: MeteorJava) -> None:
    """The figure is of the counts' sums."""
    drafts, references = draw_pairs(30)
    once = measured(drafts, references, java)
    assert measured(drafts[::-1], references[::-1], java).value() == pytest.approx(once.value(), rel=1e-12)
    assert measured(drafts * 2, references * 2, java).value() == pytest.approx(once.value(), rel=1e-12)
    (interval,) = bootstrap_intervals({COCO: once}).values()
    assert interval.low < once.value() < interval.high


@needs_java
def test_what_would_part_the_programs_input_does_not(java: MeteorJava) -> None:
    """New lines, its own sign between texts, and halves of characters: as many answers as texts, in their order."""
    drafts = ["lungs\nclear .", "lungs ||| clear |||", "\ud800 clear\r.", "\u2028\x85", "|||", "no effusion ."]
    references = ["lungs clear .", "lungs |||clear", "clear .", "clear .", "", "no effusion ."]
    found = measured(drafts, references, java).each()
    assert found[[0, 1, 5]] == pytest.approx([1, 1, 1])
    assert 0 < found[2] < 1
    assert found[[3, 4]] == pytest.approx([0, 0])


@pytest.mark.shared_data
@needs_java
def test_the_constant_report_scores_what_is_known(shared_data: Path, java: MeteorJava) -> None:
    """On the 590 studies that published figures are of, against whole references."""
    references = [
        clean(study.reference.findings, Cleaning.R2GEN) for study in read_r2gen_test_split(shared_data / "iu")
    ]
    drafts = [clean(CONSTANT_FINDINGS, Cleaning.R2GEN)] * len(references)
    assert measured(drafts, references, java).value() == pytest.approx(0.225, abs=0.003)


def test_a_text_that_the_aligner_cannot_hold_is_named(java: MeteorJava) -> None:
    """Before anything is started; the study is said, and its text is not."""
    reason = missing(["clear .", "loop " * LONGEST], ["clear .", "clear ."], java)
    assert "study 2 of 2" in reason
    assert "20,000" in reason
    assert "loop" not in reason


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a shell script in the place of Java; it notes each start in the file that is handed back."""

    def put(script: str) -> Path:
        java, starts = tmp_path / "java", tmp_path / "starts"
        java.write_text(f'#!/bin/sh\necho started >> "{starts}"\n{script}\n', encoding="utf-8")
        java.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return starts

    return put


def test_java_is_started_once_for_several_sets_of_drafts(program: Callable[[str], Path]) -> None:
    """And not before it is asked."""
    starts = program("while read -r line; do echo 1 1 0 0 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1; done")
    with MeteorJava() as java:
        assert not starts.exists()
        for _ in range(3):
            assert measured(["a"] * 200, ["a"] * 200, java).value() == pytest.approx(1)
    assert starts.read_text().count("started") == 1


def test_a_program_that_dies_is_said_and_started_anew(program: Callable[[str], Path]) -> None:
    """With its own complaint; the next set of drafts gets another try."""
    starts = program("read -r line; echo 'java.lang.OutOfMemoryError: Java heap space' >&2; exit 3")
    with MeteorJava() as java:
        for _ in range(2):
            reason = missing(["a " * 9000] * 50, ["b"] * 50, java)
            assert "at study 1 of 50 (java.lang.OutOfMemoryError: Java heap space)" in reason
    assert starts.read_text().count("started") == 2


@pytest.mark.parametrize("script", ["kill -9 $$", "exec 0<&-; echo 0.5; sleep 30"], ids=["killed", "other words"])
def test_a_program_that_says_something_else_is_no_figure(program: Callable[[str], Path], script: str) -> None:
    """Nothing, or what METEOR would never print."""
    program(script)
    with MeteorJava() as java:
        assert "METEOR 1.5 ended at study 1 of 1" in missing(["a"], ["a"], java)


def test_a_silent_program_is_given_up(program: Callable[[str], Path]) -> None:
    """After the time that is set, even where it has not read what it was asked."""
    program("exec sleep 30")
    with MeteorJava(patience=0.2) as java:
        assert "did not answer at study 1 of 40 within 0.2 s" in missing(["a " * 9000] * 40, ["a"] * 40, java)


def test_a_program_that_cannot_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of that name that no machine runs."""
    (tmp_path / "java").write_bytes(b"\x7fELF")
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with MeteorJava() as java:
        assert "see that `java -version` works" in missing(["a"], ["a"], java)


def test_without_java_the_way_to_get_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And other figures are there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = measure((COCO, "bleu-1"), ["a"], ["a"])
    assert isinstance(found[COCO], MissingStatistic)
    assert "apt-get install default-jre-headless" in found[COCO].reason
    assert isinstance(found["bleu-1"], Statistic)


def test_without_the_package_that_has_the_program_it_is_named(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """METEOR's jar is pycocoevalcap's."""
    starts = program("exit 1")
    monkeypatch.setattr("clinicalblip.evaluation.metrics.meteor_java.find_spec", lambda name: None)
    with MeteorJava() as java:
        assert "pip install pycocoevalcap" in missing(["a"], ["a"], java)
    assert not starts.exists()


def test_without_wordnet_the_way_to_get_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its METEOR is missing, and not measured without synonyms under the same name."""
    nowhere = nltk.corpus.LazyCorpusLoader("no-such-wordnet", nltk.corpus.reader.WordNetCorpusReader, None)
    monkeypatch.setattr(nltk.corpus, "wordnet", nowhere)
    found = measure((NLTK, "meteor-nltk-no-wordnet"), ["a"], ["a"])
    assert isinstance(found[NLTK], MissingStatistic)
    assert "nltk.downloader wordnet" in found[NLTK].reason
    assert isinstance(found["meteor-nltk-no-wordnet"], Statistic)


@pytest.mark.shared_data
def test_meteor_with_wordnet_is_nltks(shared_data: Path) -> None:
    """In a Python of its own, which finds WordNet by NLTK_DATA and nothing else."""
    program = (
        "from nltk.translate.meteor_score import single_meteor_score\n"
        "from tests.fixtures.report_pairs import draw_pairs\n"
        "from clinicalblip.evaluation.metrics.registry import measure\n"
        "drafts, references = draw_pairs(60)\n"
        "drafts, references = [*drafts, 'the rib cage is large'], [*references, 'the costa cage is big']\n"
        "found = measure(['meteor-nltk-wordnet', 'meteor-nltk-no-wordnet'], drafts, references)\n"
        "scores = [single_meteor_score(b.split(), a.split()) for a, b in zip(drafts, references)]\n"
        "print(found['meteor-nltk-wordnet'].each().tolist() == scores)\n"
        "print(found['meteor-nltk-no-wordnet'].each()[-1] < scores[-1])\n"
    )
    environment = os.environ | {"NLTK_DATA": str(shared_data.parent / "nltk_data")}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "True\nTrue\n"
