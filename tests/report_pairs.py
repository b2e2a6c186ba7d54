"""What to measure metrics with: drafts and references of our own making, and the test split that everyone scores on."""

import random
from pathlib import Path

from clinicalblip.datasets.iu_xray import prepare_iu_xray
from clinicalblip.radiology.study import Study

SENTENCES = (
    "the heart is of normal size",
    "the cardiac silhouette is enlarged",
    "lungs are clear on both sides",
    "there is a small effusion on the left",
    "no effusion is seen",
    "no pneumothorax",
    "a nodule of 8 mm lies in the right upper lobe",
    "streaky opacities at the bases suggest atelectasis",
    "the aorta is tortuous",
    "bones show degenerative changes",
    "old fractures of the ribs have healed",
    "a pacemaker is in place with its leads unchanged",
    "the mediastinum is not wide",
    "xxxx",
)
CONSTANT_FINDINGS = (
    "The heart size and mediastinal contours are within normal limits. The lungs are clear. There is no focal "
    "consolidation, pleural effusion or pneumothorax. No acute bony abnormality."
)
CONSTANT_IMPRESSION = "No acute cardiopulmonary abnormality."
_OTHER_WORDS = ("normal", "hearts", "the", "is", "pleural", "clearing", "3", "x-ray", "mild", "no")


def draw_pairs(number: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Cleaned drafts and references, as many of each: sentences put together, words of the drafts changed.

    Some are equal, some quite unalike; all have one to a dozen sentences.
    """
    draws = random.Random(seed)
    drafts, references = [], []
    for _ in range(number):
        said = draws.choices(SENTENCES, k=draws.randint(1, 9))
        references.append(_join(said))
        kept = [sentence for sentence in said if draws.random() < 0.7] + draws.choices(SENTENCES, k=draws.randint(0, 3))
        if draws.random() < 0.1:
            drafts.append(references[-1])
            continue
        draws.shuffle(kept)
        words = [
            draws.choice(_OTHER_WORDS) if draws.random() < 0.1 else word for word in _join(kept or said[:1]).split()
        ]
        drafts.append(" ".join(words))
    return drafts, references


def read_r2gen_test_split(source: Path) -> list[Study]:
    """The 590 studies of IU X-RAY that published figures are of, in the reports' order, without films."""
    preparation = prepare_iu_xray(source, split_file=source / "r2gen_annotation.json", without_images=True)
    return [study for study in preparation.studies if study.split == "test"]


def _join(sentences: list[str]) -> str:
    return " . ".join(sentences) + " ."
