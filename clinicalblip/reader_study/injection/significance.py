"""How much an injected error matters.

The words are CRIMSON's (`radiology/report_error.py`): of a whole finding urgent, actionable, not actionable or benign,
of an attribute significant (it can change what is done) or negligible. CRIMSON's authors leave it to a model with a
guideline which finding is what, by age and indication as well; here it is this table, by the finding alone, whose
reasons are those of `structured_report/impression.py`'s order of urgency.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.finding import Change, Degree, Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report_error import Significance
from clinicalblip.reader_study.injection.injected_error import InjectedKind

O = Observation  # noqa: E741 - one letter keeps the tables below tables

OF_FINDING: Final[Mapping[Observation, Significance]] = MappingProxyType(
    {
        O.PNEUMOTHORAX: Significance.URGENT,  # a drain at once
        O.ENLARGED_CARDIOMEDIASTINUM: Significance.URGENT,  # it can be the aorta's
        O.EDEMA: Significance.URGENT,  # treated at once
        O.PNEUMONIA: Significance.ACTIONABLE,  # treated today
        O.CONSOLIDATION: Significance.ACTIONABLE,
        O.PLEURAL_EFFUSION: Significance.ACTIONABLE,  # drained, or its cause is looked for
        O.FRACTURE: Significance.ACTIONABLE,
        O.LUNG_LESION: Significance.ACTIONABLE,  # followed, or examined further
        O.INFILTRATION: Significance.ACTIONABLE,
        O.LUNG_OPACITY: Significance.ACTIONABLE,
        O.ATELECTASIS: Significance.NOT_ACTIONABLE,
        O.CARDIOMEGALY: Significance.NOT_ACTIONABLE,  # it changes slowly
        O.PLEURAL_OTHER: Significance.NOT_ACTIONABLE,
        O.SUPPORT_DEVICES: Significance.NOT_ACTIONABLE,  # those that are put in here are where they belong
        O.HERNIA: Significance.BENIGN,  # known, or no reason for the film
        O.EMPHYSEMA: Significance.BENIGN,  # it stays
        O.FIBROSIS: Significance.BENIGN,
    }
)
"""Of an error in a whole finding."""

_OF_CONSEQUENCE: Final = frozenset({Significance.URGENT, Significance.ACTIONABLE})
_RANKS: Final = tuple(Degree)


def of_attribute(kind: InjectedKind, before: Finding, after: Finding) -> Significance:
    """How much an error of this kind in an attribute matters.

    A wrong side is significant wherever the finding is not benign. The others are so only of findings that are urgent
    or actionable: a degree from moderate on instead of a smaller one or back, what is certain instead of doubted or
    back, and a change that turns a course round (new or larger instead of unchanged or smaller, or back).
    """
    of_finding = OF_FINDING[before.observation]
    if kind is InjectedKind.SIDE:
        return Significance.NEGLIGIBLE if of_finding is Significance.BENIGN else Significance.SIGNIFICANT
    matters = {
        InjectedKind.DEGREE: _is_large(before.degree) is not _is_large(after.degree),
        InjectedKind.CERTAINTY: (before.certainty is Certainty.PRESENT) is not (after.certainty is Certainty.PRESENT),
        InjectedKind.TEMPORAL: _is_worse(before.change) is not _is_worse(after.change),
    }[kind]
    return Significance.SIGNIFICANT if matters and of_finding in _OF_CONSEQUENCE else Significance.NEGLIGIBLE


def _is_large(degree: Degree | None) -> bool:
    return degree is not None and _RANKS.index(degree) >= _RANKS.index(Degree.MODERATE)


def _is_worse(change: Change | None) -> bool:
    return change in (Change.NEW, Change.LARGER)
