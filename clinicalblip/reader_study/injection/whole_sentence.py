"""Whether a sentence says nothing but its findings, so that it can go or be replaced without anything else going."""

import re
from typing import Final

from clinicalblip.labeler.lexicon import find_phrases
from clinicalblip.structured_report.languages import read_sentences

_SEPARATOR: Final = re.compile(r"[,;:/()]|(?<!\w)(?:and|or|but|with|without|which|that|while|although)(?!\w)")
# What is said of a finding: where it is, how large, since when.
_OF_A_FINDING: Final = (
    "a acute again along also amount an angle anterior apex apical apices appear appearance appears are area "
    "as aspect at base bases basilar be been being bilateral bilaterally both by can cardiac "
    "cardiomediastinal chest chronic compared comparison contour contours costophrenic could decrease "
    "decreased decreasing degree demonstrated evident exam examination field fields film films focal for from "
    "grossly had has have heart hemithorax identified improved improving in increase increased increasing "
    "interval is it its large larger lateral left likely limits linear lobe lobes lower lung lungs marked may "
    "medial mediastinal mediastinum mid middle might mild mildly minimal moderate moderately near new normal "
    "noted now of on over patchy persistent pleural possible posterior present previous previously prior "
    "probable radiograph radiographs region remains right seen severe severely shadow side sided silhouette "
    "similar since size slight slightly small smaller some stable still studies study subsegmental than the "
    "there these this tiny to trace unchanged unremarkable upper visible visualized was were within worsened "
    "worsening xxxx zone zones"
)
_SAYS_NO_MORE: Final = frozenset(_OF_A_FINDING.split())
_WORD: Final = re.compile(r"\w+")


def names_more(sentence: str) -> bool:
    """Whether a sentence speaks of anything that is none of its findings: a scoliosis, engorged vessels.

    It does where it calls something else abnormal, and where one of its parts names no finding and is more than the
    place, the degree or the change of one.
    """
    small = sentence.lower()
    if any(not each.observations for each in find_phrases(small)):
        return True
    spans = [(each.start, each.end) for said in read_sentences(sentence) for each in said.mentions]
    at = 0
    for separator in (*_SEPARATOR.finditer(small), None):
        end = separator.start() if separator else len(small)
        names_one = any(start < end and at < last for start, last in spans)
        if not names_one and not set(_WORD.findall(small[at:end])) <= _SAYS_NO_MORE:
            return True
        at = separator.end() if separator else end
    return False


def says_only_findings(sentence: str) -> bool:
    """Whether all its words name findings, or deny them, or say where they are, how large and since when."""
    spans = [(each.start, each.end) for said in read_sentences(sentence) for each in said.mentions]
    words = (
        found[0]
        for found in _WORD.finditer(sentence.lower())
        if not any(start < found.end() and found.start() < end for start, end in spans)
    )
    return not any(word not in _SAYS_NO_MORE and word not in _DENIES for word in words)


_DENIES: Final = frozenset({"no", "not", "without", "negative", "evidence", "definite", "radiographic", "any", "or"})
