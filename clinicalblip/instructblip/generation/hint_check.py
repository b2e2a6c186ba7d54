"""Whether a draft answers a hint that nobody gave: the bundled model repeats each hint, and may misread it."""

import re
from typing import Final

from clinicalblip.radiology.report import Report

UNGIVEN_HINT: Final = "The draft answers a hint that was not given in these words: check the sentence that names it."
_HINTED: Final = re.compile(r"\bthe hinted (.+?) (?:is|are) (?:not )?(?:seen|confirmed)\b", re.IGNORECASE)


def answers_ungiven_hint(report: Report, prompt: str) -> bool:
    """Whether the report calls something hinted that stands in these words in no slot of the prompt."""
    given = " ".join(prompt.lower().split())
    return any(name.lower() not in given for name in _HINTED.findall(" ".join(report.text.split())))
