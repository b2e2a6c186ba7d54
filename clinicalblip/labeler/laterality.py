"""On which side a text says that an observation is."""

from clinicalblip.labeler.mentions import mentions
from clinicalblip.radiology.finding import MIDLINE, Laterality
from clinicalblip.radiology.observation import Certainty, Observation


def lateralities(text: str) -> dict[Observation, frozenset[Laterality]]:
    """Each observation that the text affirms or doubts, with the sides said of it: an empty set where there are none.

    What the text denies, and what has no side (`MIDLINE`), is left out. An observation that is named several times has
    every side that is said of it.
    """
    said: dict[Observation, frozenset[Laterality]] = {}
    for finding in (mention.finding for mention in mentions(text)):
        if finding.certainty is not Certainty.ABSENT and finding.observation not in MIDLINE:
            said[finding.observation] = said.get(finding.observation, frozenset()) | finding.sides
    return {name: said[name] for name in Observation if name in said}
