"""Which observations a report calls present, and how far two reports agree in that."""

from collections.abc import Sequence
from functools import lru_cache

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import CHEXPERT, Certainty, Observation
from clinicalblip.radiology.report import Report

_POSITIVE = (Certainty.PRESENT, Certainty.UNCERTAIN)


def positive_findings(report: Report) -> frozenset[Observation]:
    """Those of CheXpert's observations that a report calls present or uncertain, as `evaluation` counts them."""
    return _positive(report.text)


@lru_cache(maxsize=20_000)
def _positive(text: str) -> frozenset[Observation]:
    said = observations(text)
    return frozenset(name for name in CHEXPERT if said.get(name) in _POSITIVE)


def f1(found: frozenset[Observation], true: frozenset[Observation]) -> float | None:
    """The F1 score of one report's observations; None where neither report calls any present."""
    both = len(found) + len(true)
    return 2 * len(found & true) / both if both else None


def in_order(found: frozenset[Observation]) -> Sequence[str]:
    """Names of observations in CheXpert's order."""
    return [name.value for name in CHEXPERT if name in found]
