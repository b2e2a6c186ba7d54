"""Whether a draft quotes its reader right: the bundled model begins with the hint that it answers, and may misread."""

import re
from typing import Final

from clinicalblip.radiology.report import Report

UNGIVEN_HINT: Final = "The draft answers a hint that was not given in these words: check the sentence that names it."
_HINTED: Final = re.compile(r"\bthe hinted (.+?) (?:is|are) (?:not )?(?:seen|confirmed)\b", re.IGNORECASE)


def answers_ungiven_hint(report: Report, prompt: str) -> bool:
    """Whether the report says of something that it was hinted, and no slot of the prompt has those words."""
    said = " ".join(prompt.lower().split())
    return any(name.lower() not in said for name in _HINTED.findall(" ".join(report.text.split())))
