"""Study by study, the figures are those of the libraries called directly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.translate.meteor_score import single_meteor_score
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from rouge_score.rouge_scorer import RougeScorer

from clinicalblip.evaluation.metrics.registry import measure
from clinicalblip.evaluation.metrics.rouge import count_common
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, Statistic
from tests.fixtures.report_pairs import draw_pairs

DRAFTS, REFERENCES = draw_pairs(60)
CAPTIONS = [{study: [text] for study, text in enumerate(some)} for some in (REFERENCES, DRAFTS)]
CLOSE = {"rel": 1e-12, "abs": 1e-12}


def measured(name: str, drafts: list[str] = DRAFTS, references: list[str] = REFERENCES) -> Statistic:
    """One figure."""
    (found,) = measure((name,), drafts, references).values()
    assert isinstance(found, Statistic)
    return found


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_bleu_is_cocos(order: int) -> None:
    """Of the corpus, and of each study alone."""
    corpus, studies = Bleu(4).compute_score(*CAPTIONS, verbose=0)
    assert measured(f"bleu-{order}").value() == pytest.approx(corpus[order - 1], **CLOSE)
    np.testing.assert_allclose(measured(f"bleu-{order}").each(), studies[order - 1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("name", "scorer"), [("rouge-l-coco", Rouge), ("cider-coco", Cider)])
def test_rouge_l_and_cider_are_cocos(name: str, scorer: type) -> None:
    """The mean, and each study."""
    corpus, studies = scorer().compute_score(*CAPTIONS)
    assert measured(name).value() == pytest.approx(corpus, **CLOSE)
    np.testing.assert_allclose(measured(name).each(), studies, rtol=1e-12, atol=1e-12)


def test_cocos_rouge_l_finds_an_empty_word_between_two_spaces() -> None:
    """As its own does, and as cleaned texts have them."""
    drafts, references = ["clear .  . normal .", "a  b"], ["clear .  normal .", "a b"]
    _, studies = Rouge().compute_score({0: [references[0]], 1: [references[1]]}, {0: [drafts[0]], 1: [drafts[1]]})
    np.testing.assert_allclose(measured("rouge-l-coco", drafts, references).each(), studies)


@pytest.mark.parametrize("kind", ["1", "2", "L"])
def test_rouge_score_is_the_packages(kind: str) -> None:
    """Exactly, on texts with signs and capitals too."""
    drafts = [*DRAFTS, "Chest X-ray: 3.5 mm, 'old'", "!!!", "a"]
    references = [*REFERENCES, "chest x ray 3 5 MM", "a", "a"]
    scorer = RougeScorer([f"rouge{kind}"], use_stemmer=False)
    scores = [scorer.score(*pair)[f"rouge{kind}"].fmeasure for pair in zip(references, drafts, strict=True)]
    found = measured(f"rouge-score-{kind.lower()}-f1", drafts, references)
    np.testing.assert_array_equal(found.each(), scores)


def test_meteor_without_wordnet_is_nltks() -> None:
    """Exactly, although stems are remembered from one study to the next."""

    class NoWordNet:
        def synsets(self, word: str) -> list[object]:
            return []

    scores = [
        single_meteor_score(reference.split(), draft.split(), wordnet=NoWordNet())
        for draft, reference in zip(DRAFTS, REFERENCES, strict=True)
    ]
    np.testing.assert_array_equal(measured("meteor-nltk-no-wordnet").each(), scores)


def test_cider_of_one_study_is_missing() -> None:
    """COCO's is 0 then, whatever the draft says."""
    (found,) = measure(("cider-coco",), ["clear ."], ["clear ."]).values()
    assert isinstance(found, MissingStatistic)
    assert "two studies or more" in found.reason


@given(*(st.lists(st.sampled_from("abcd"), max_size=130) for _ in range(2)))
@settings(max_examples=100)
def test_the_longest_common_subsequence_is_that_of_the_table(one: list[str], other: list[str]) -> None:
    """The bits of an integer find what filling a table finds, across the borders of machine words."""
    row = [0] * (len(other) + 1)
    for word in one:
        above = row.copy()
        for place, against in enumerate(other):
            row[place + 1] = above[place] + 1 if word == against else max(row[place], above[place + 1])
    assert count_common(one, other) == row[-1]
