"""The metrics together: by their names, loaded when asked for, and with what every one of them has to hold."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean
from clinicalblip.evaluation.metrics.registry import METRICS, measure
from clinicalblip.evaluation.statistics.statistic import (
    MissingStatistic,
    Statistic,
    bootstrap_difference,
    bootstrap_intervals,
)
from tests.fixtures.report_pairs import CONSTANT_FINDINGS, CONSTANT_IMPRESSION, draw_pairs, read_r2gen_test_split

QUICK = tuple(name for name in METRICS if name not in ("meteor-coco-1.5", "meteor-nltk-wordnet"))
"""What needs neither Java nor WordNet; METEOR 1.5 has tests of its own."""
OF_EACH_STUDY = tuple(name for name in QUICK if name != "cider-coco")
"""Figures that depend on no other study than those they are of."""
ROOT = Path(__file__).parents[3]

texts = st.lists(st.sampled_from(("the", "lungs", "are", "clear", "heart", "normal", ".")), max_size=9).map(" ".join)
pairs = st.lists(st.tuples(texts, texts), min_size=2, max_size=8)


def values(names: tuple[str, ...], drafts: list[str], references: list[str]) -> dict[str, float]:
    """The figures, of which none may be missing."""
    found = {}
    for name, each in measure(names, drafts, references).items():
        assert isinstance(each, Statistic)
        found[name] = each.value()
    return found


def test_every_metric_has_a_name_of_its_own_software() -> None:
    """Three METEORs and two ROUGE-Ls cannot be mixed up: no name is another's, or a metric's alone."""
    assert len(set(METRICS)) == len(METRICS) == 12
    assert not set(METRICS) & {"meteor", "rouge-l", "cider", "bleu"}


def test_figures_come_in_the_order_of_their_names() -> None:
    """What is asked for comes back, and nothing else."""
    assert list(measure(("rouge-l-coco", "bleu-2"), ["clear ."], ["clear ."])) == ["rouge-l-coco", "bleu-2"]


@pytest.mark.parametrize(
    ("names", "drafts", "references", "message"),
    [
        (("meteor",), ["a"], ["a"], "no metric meteor, only bleu-1"),
        (("bleu-1",), ["a", "b"], ["a"], "not 2 and 1"),
        (("bleu-1",), [], [], "not 0 and 0"),
    ],
    ids=["unknown", "unequal", "none"],
)
def test_what_cannot_be_measured_is_refused(
    names: tuple[str, ...], drafts: list[str], references: list[str], message: str
) -> None:
    """A wrong call is told apart from a figure that this machine cannot give."""
    with pytest.raises(ValueError, match=message):
        measure(names, drafts, references)


def test_bleu_loads_nothing_and_starts_nothing() -> None:
    """Neither the import nor COCO's figures load NLTK, rouge-score, scikit-learn or torch, or start a process."""
    program = (
        "import subprocess, sys\n"
        "subprocess.Popen = None\n"
        "from clinicalblip.evaluation.metrics.registry import measure\n"
        "measure(['bleu-4', 'rouge-l-coco', 'cider-coco'], ['a b', 'c'], ['a b', 'd'])\n"
        "heavy = 'nltk rouge_score pycocoevalcap sklearn scipy torch transformers matplotlib'.split()\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_an_empty_draft_has_nothing_right() -> None:
    """An empty text scores as empty, beside an empty reference too."""
    found = values(QUICK, ["", "", " "], ["the lungs are clear .", "", "."])
    assert set(found.values()) == {0.0}


def test_an_empty_draft_counts_among_others() -> None:
    """It halves a mean over two studies, and is not left out."""
    found = values(("rouge-l-coco", "rouge-score-1-f1"), ["clear .", ""], ["clear .", "clear ."])
    assert found == {"rouge-l-coco": 0.5, "rouge-score-1-f1": 0.5}


@given(pairs, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_studies_changes_nothing(drawn: list[tuple[str, str]], shuffling: random.Random) -> None:
    """Figures of a set of studies are of the set."""
    shuffled = list(drawn)
    shuffling.shuffle(shuffled)
    first = values(QUICK, [draft for draft, _ in drawn], [reference for _, reference in drawn])
    second = values(QUICK, [draft for draft, _ in shuffled], [reference for _, reference in shuffled])
    assert second == pytest.approx(first, rel=1e-12, abs=1e-12)


@given(pairs)
@settings(max_examples=30)
def test_every_study_twice_is_every_study_once(drawn: list[tuple[str, str]]) -> None:
    """But for CIDEr, in which an n-gram that no reference has weighs by how many references there are."""
    drafts, references = [draft for draft, _ in drawn], [reference for _, reference in drawn]
    once, twice = values(OF_EACH_STUDY, drafts, references), values(OF_EACH_STUDY, drafts * 2, references * 2)
    assert twice == pytest.approx(once, abs=1e-3)  # COCO's BLEU of no match is (1e-15 / n-grams)^(1/4)


def test_a_draft_equal_to_its_reference_has_the_most() -> None:
    """1, and 10 of CIDEr; NLTK's METEOR comes close to 1, as its penalty takes 0.5 / words^3 for the one chunk."""
    _, references = draw_pairs(40)
    found = values(QUICK, references, references)
    chunk = np.mean([0.5 / len(text.split()) ** 3 for text in references])
    assert found.pop("meteor-nltk-no-wordnet") == pytest.approx(1 - chunk)
    # one-word reports have no pair of words, and short ones no run of four
    long = [text for text in references if len(text.split()) >= 8]
    found |= values(("rouge-score-2-f1", "cider-coco"), long, long)
    assert found.pop("cider-coco") == pytest.approx(10)
    assert found == pytest.approx(dict.fromkeys(found, 1.0))


@given(texts, texts)
@settings(max_examples=50)
def test_nothing_scores_above_the_reference_itself(draft: str, reference: str) -> None:
    """Of one study, each figure is at least 0 and at most what the reference has."""
    most = values(OF_EACH_STUDY, [reference], [reference])
    for name, value in values(OF_EACH_STUDY, [draft], [reference]).items():
        assert 0 <= value <= most[name] + 1e-6


def test_the_same_studies_and_seed_give_the_same_intervals() -> None:
    """And an interval holds its figure."""
    drafts, references = draw_pairs(30)
    figures = {name: each for name, each in measure(QUICK, drafts, references).items() if isinstance(each, Statistic)}
    first = bootstrap_intervals(figures, seed=3)
    assert first == bootstrap_intervals(figures, seed=3)
    assert first != bootstrap_intervals(figures, seed=4)
    assert all(each.low <= each.value <= each.high for each in first.values())
    assert set(first) == set(QUICK)


def test_drafts_are_no_better_than_themselves() -> None:
    """The paired difference is 0, interval and all; that of different drafts is not."""
    drafts, references = draw_pairs(30)
    others = [" ".join(draft.split()[1:]) for draft in drafts]
    own, other = measure(QUICK, drafts, references), measure(QUICK, others, references)
    for name in QUICK:
        mine, theirs = own[name], other[name]
        assert isinstance(mine, Statistic)
        assert isinstance(theirs, Statistic)
        same = bootstrap_difference(mine, mine)
        assert (same.value, same.low, same.high) == (0, 0, 0)
        assert bootstrap_difference(mine, theirs).value == pytest.approx(mine.value() - theirs.value())


def test_texts_of_100_000_characters_are_scored() -> None:
    """A table of one text times the other would take minutes and gigabytes."""
    words = draw_pairs(600)[0]
    draft, reference = (" ".join(words[start:])[:100_000] for start in (0, 1))
    assert len(draft) == len(reference) == 100_000
    found = values(QUICK, [draft, "a " * 50_000, "clear ."], [reference, "a " * 49_999, "clear ."])
    assert {name: value for name, value in found.items() if not 0.5 < value < 10} == {}


def test_other_alphabets_have_words_but_for_rouge_score() -> None:
    """White space parts the words of the others."""
    text = "легкие чистые . сердце в норме ."
    found = values(("bleu-4", "rouge-l-coco", "rouge-score-l-f1"), [text], [text])
    assert found == pytest.approx({"bleu-4": 1, "rouge-l-coco": 1, "rouge-score-l-f1": 0})


@pytest.mark.parametrize(
    ("module", "name", "way"),
    [
        ("nltk.translate.meteor_score", "meteor-nltk-wordnet", "pip install nltk"),
        ("nltk.translate.meteor_score", "meteor-nltk-no-wordnet", "pip install nltk"),
        ("rouge_score.tokenize", "rouge-score-l-f1", "pip install rouge-score"),
    ],
)
def test_without_its_package_a_figure_is_missing_and_the_rest_is_there(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, way: str
) -> None:
    """The sentence says how to get it."""
    monkeypatch.setitem(sys.modules, module, None)  # what Python takes for a module that is not there
    found = measure((name, "bleu-1"), ["clear ."], ["clear ."])
    missing = found[name]
    assert isinstance(missing, MissingStatistic)
    assert way in missing.reason
    assert isinstance(found["bleu-1"], Statistic)


@pytest.mark.shared_data
def test_the_constant_report_scores_what_is_known(shared_data: Path) -> None:
    """On the 590 studies that published figures are of, against whole references."""
    studies = read_r2gen_test_split(shared_data / "iu")
    findings = [clean(study.reference.findings, Cleaning.R2GEN) for study in studies]
    found = values(QUICK, [clean(CONSTANT_FINDINGS, Cleaning.R2GEN)] * len(findings), findings)
    known = {
        "bleu-1": 0.523,
        "bleu-2": 0.367,
        "bleu-3": 0.267,
        "bleu-4": 0.201,
        "meteor-nltk-no-wordnet": 0.473,
        "rouge-l-coco": 0.417,
    }
    assert {name: found[name] for name in known} == pytest.approx(known, abs=0.003)
    impressions = [clean(study.reference.impression, Cleaning.R2GEN) for study in studies]
    constant = [clean(CONSTANT_IMPRESSION, Cleaning.R2GEN)] * len(impressions)
    assert values(("rouge-l-coco",), constant, impressions)["rouge-l-coco"] == pytest.approx(0.556, abs=0.003)
