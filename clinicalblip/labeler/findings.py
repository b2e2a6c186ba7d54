"""The observations that a report names, each present, absent or uncertain.

The rules are those of CheXpert's labeller (Irvin et al., AAAI 2019), from words alone: its mentions, its preference of
a present over an uncertain over an absent mention, its doubts (congestion alone is an uncertain edema, "A or B" doubts
both, "no new" is no denial, "likely" is no doubt). They differ in this:

- An infiltrate is a lung opacity, as there, and NIH's infiltration too. Emphysema, fibrosis and hernia stay themselves.
- Clear lungs deny opacity and consolidation, clear pleural spaces an effusion; for CheXpert neither is a mention.
- A cardiomediastinal silhouette of normal size denies cardiomegaly too: the heart is the larger part of it.
- A heart at the upper limit of normal is normal (IU's readers tag one in eight of them); a borderline one is uncertain.
- `No Finding` is never absent, only present or not there: present where nothing is present or uncertain, devices
  apart, no other abnormality is named (scoliosis, granuloma, ...), and something was said at all.
"""

import re
from typing import Final

from clinicalblip.labeler.mentions import find_mentions
from clinicalblip.labeler.scope import certainties
from clinicalblip.labeler.statements import sentences
from clinicalblip.radiology.observation import Certainty, Observation

_NORMAL: Final = re.compile(
    r"(?<!\w)(?:(?:no|negative for|without) (?:[\w-]{1,20},? ){0,6}(?:abnormalit|disease|process|finding)"
    r"|(?:normal|negative|unremarkable|clear) (?:[\w-]{1,20} )?(?:chest|exam|study|radiograph|x-?ray|film)"
    r"|chest (?:x-?\w{1,8} |radiograph |film )?(?:is )?(?:normal|negative|unremarkable|clear)(?!\w))"
)
_RANK: Final = (Certainty.ABSENT, Certainty.UNCERTAIN, Certainty.PRESENT)


def observations(text: str) -> dict[Observation, Certainty]:
    """Name the observations that a report speaks of, in the order of `Observation`.

    `text` is a report or one section of it; headings are no findings, and of a whole report its indication, history,
    technique and comparison are passed over. `XXXX`, where names were taken out, is a word like any other. An
    observation that is mentioned several times is present before uncertain before absent.
    """
    said: dict[Observation, Certainty] = {}
    abnormal = normal = False
    for sentence in sentences(text):
        mentions = find_mentions(sentence)
        for mention, certainty in zip(mentions, certainties(sentence, mentions), strict=True):
            if certainty is None:
                continue
            names = mention.observations
            abnormal = abnormal or (certainty is not Certainty.ABSENT and names != (Observation.SUPPORT_DEVICES,))
            for name in names:
                said[name] = max(said.get(name, Certainty.ABSENT), certainty, key=_RANK.index)
        normal = normal or bool(_NORMAL.search(sentence))
    if not abnormal and (normal or Certainty.ABSENT in said.values()):
        said[Observation.NO_FINDING] = Certainty.PRESENT
    return {name: said[name] for name in Observation if name in said}
