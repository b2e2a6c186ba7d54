"""What a reader may want to look at once more before a report is saved: contradictions, wrong sides, gaps.

Nothing here hinders saving. The sentences that say it belong to `web`, finding what a text says to `labeler`, and what
identifies a patient to `screening`.
"""

from clinicalblip.proofreading.checks import Remark, ReportContext, proofread

__all__ = ["Remark", "ReportContext", "proofread"]
