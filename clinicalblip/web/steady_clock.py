"""The hour of the day as it goes on from a moment on, whatever becomes of the machine's clock."""

import time


class SteadyClock:
    """Counts from the clock as it was when this was made: one that is set forward or back later moves it by nothing."""

    def __init__(self) -> None:
        self._began = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._began + time.monotonic()
