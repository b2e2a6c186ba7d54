"""How long replicas that do not answer are asked again."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Final

from clinicalblip.errors import ModelError
from clinicalblip.serving.connection import CutOff

MOST_LOSSES: Final = 3
"""How many replicas may be lost at one and the same word: what ends three of them would end the next as well."""

_PAUSES: Final = (0.05, 0.2, 0.5, 1.0)
_LOOKS_AGAIN: Final = 0.1


class Patience:
    """Waits between attempts, until `seconds` of the monotonic clock have passed without any word."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self._attempts = self._losses = 0

    def restore(self) -> None:
        """There is something new: what was tried before does not count any more."""
        self._since, self._attempts, self._losses = None, 0, 0

    def wait(self, cut: CutOff, stop: Callable[[], bool]) -> None:
        """Wait before the next attempt, no longer than until `stop` turns true. Raises ModelError where it is over."""
        now = monotonic()
        self._since = now if self._since is None else self._since
        self._losses += cut.accepted
        if self._losses >= MOST_LOSSES:
            raise ModelError(
                f"{MOST_LOSSES} replicas of the model were lost over this request; try again, and tell whoever runs "
                "them if it fails again."
            )
        pause = _PAUSES[min(self._attempts, len(_PAUSES) - 1)]
        if now + pause - self._since > self._seconds:
            raise ModelError(
                f"No replica of the model has answered for {self._seconds:g} seconds ({cut}); try again, and look "
                "whether serve-model runs at the address that model.at names."
            )
        self._attempts += 1
        while (left := now + pause - monotonic()) > 0 and not stop():
            sleep(min(left, _LOOKS_AGAIN))
