"""The metrics of texts, by names that cannot be mixed up.

Texts are compared as they are handed in: clean them before (`cleaning.py`). What a metric needs is loaded when it is
asked for: BLEU, COCO's ROUGE-L and CIDEr need nothing, METEOR 1.5 starts Java, and NLTK's METEOR imports NLTK.
"""

from collections.abc import Sequence
from contextlib import nullcontext

from clinicalblip.evaluation.metrics.bleu import measure_bleu
from clinicalblip.evaluation.metrics.cider import measure_cider
from clinicalblip.evaluation.metrics.meteor import measure_meteor_coco, measure_meteor_nltk
from clinicalblip.evaluation.metrics.meteor_java import MeteorJava
from clinicalblip.evaluation.metrics.rouge import measure_rouge_l_coco, measure_rouge_score
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, Statistic

_BLEU = ("bleu-1", "bleu-2", "bleu-3", "bleu-4")
_METEOR_COCO = "meteor-coco-1.5"
_METEOR_NLTK = {"meteor-nltk-wordnet": True, "meteor-nltk-no-wordnet": False}
_ROUGE_L_COCO = "rouge-l-coco"
_ROUGE_SCORE = ("rouge-score-1-f1", "rouge-score-2-f1", "rouge-score-l-f1")
_CIDER = "cider-coco"

METRICS: tuple[str, ...] = (*_BLEU, _METEOR_COCO, *_METEOR_NLTK, _ROUGE_L_COCO, *_ROUGE_SCORE, _CIDER)
"""Every metric. Where several programs compute a metric differently, its name says with which one it agrees."""


def measure(
    names: Sequence[str], candidates: Sequence[str], references: Sequence[str], *, java: MeteorJava | None = None
) -> dict[str, Statistic | MissingStatistic]:
    """The named metrics of drafts against one reference each, in the order of the names; rows are the studies.

    An empty draft has 0 in every metric. What cannot be measured on this machine is a MissingStatistic. `java` is
    METEOR's program, shared by several sets of drafts; without it one is started for these alone. Raises
    ValueError for an unknown name, for no study, and for unequally many texts.
    """
    if unknown := [name for name in names if name not in METRICS]:
        raise ValueError(f"there is no metric {', '.join(unknown)}, only {', '.join(METRICS)}")
    if len(candidates) != len(references) or not references:
        raise ValueError(
            f"a draft and a reference of each study are needed, not {len(candidates)} and {len(references)}"
        )
    found: dict[str, Statistic | MissingStatistic] = {}
    if any(name in _BLEU for name in names):
        found |= measure_bleu(candidates, references)
    if _METEOR_COCO in names:
        with nullcontext(java) if java is not None else MeteorJava() as program:
            found[_METEOR_COCO] = measure_meteor_coco(_METEOR_COCO, candidates, references, program)
    for name, with_wordnet in _METEOR_NLTK.items():
        if name in names:
            found[name] = measure_meteor_nltk(name, candidates, references, with_wordnet=with_wordnet)
    if _ROUGE_L_COCO in names:
        found[_ROUGE_L_COCO] = measure_rouge_l_coco(_ROUGE_L_COCO, candidates, references)
    if wanted := [name for name in _ROUGE_SCORE if name in names]:
        found |= measure_rouge_score(wanted, candidates, references)
    if _CIDER in names:
        found[_CIDER] = measure_cider(_CIDER, candidates, references)
    return {name: found[name] for name in names}
