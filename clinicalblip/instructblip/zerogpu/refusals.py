"""What `spaces` raises where the hub lends no GPU, as one sentence for the reader."""

import re
from collections.abc import Mapping
from typing import Final

from clinicalblip.errors import ClinicalBlipError, GpuNotLent
from clinicalblip.instructblip.zerogpu import wording

_SENTENCES: Final[Mapping[str, str]] = {
    "ZeroGPU quota exceeded": wording.QUOTA,
    "ZeroGPU pending credits exceeded": wording.PENDING,
    "ZeroGPU illegal duration": wording.TOO_LONG,
    "ZeroGPU queue timeout": wording.NONE_FREE,
    "ZeroGPU worker error": wording.TAKEN_BACK,
}
"""By the titles of its errors (spaces/zero/client.py and wrappers.py)."""

_WAIT: Final = re.compile(r"Try again in (?P<wait>(?:\d+ days?, )?\d+:\d\d:\d\d)")


def as_refusal(error: Exception) -> ClinicalBlipError:
    """The error of the family for what a lent call raised; one of the family stays what it is.

    The hub's own words have links and offers in them, and are not passed on; how long to wait is.
    """
    if isinstance(error, ClinicalBlipError):
        return error
    title, message = str(getattr(error, "title", "")), str(getattr(error, "message", ""))
    sentence = _SENTENCES.get(title, wording.NOT_ASKED)
    if "No GPU was available" in message:
        sentence = wording.NONE_FREE
    elif message.startswith("Space app has reached its GPU limit"):
        sentence = wording.SPACE_QUOTA
    elif message == "Expired ZeroGPU proxy token":
        sentence = wording.SIGN_IN_ENDED
    elif sentence == wording.QUOTA and (found := _WAIT.search(message)):
        sentence = wording.QUOTA_UNTIL.format(wait=found["wait"])
    return GpuNotLent(sentence)
