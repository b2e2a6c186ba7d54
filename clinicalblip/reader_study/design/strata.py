"""The names of strata: `normal`, and the observations."""

from typing import Final

from clinicalblip.radiology.observation import Observation

NORMAL: Final = "normal"
ANY: Final = "any"
"""The stratum of a case that was drawn from all studies."""

STRATA: Final = {NORMAL: Observation.NO_FINDING} | {
    str(name): name for name in Observation if name is not Observation.NO_FINDING
}
"""The observation that the reference of each stratum's studies names as present."""

_FOLDED: Final = {name.lower(): name for name in STRATA}


def find_stratum(name: str) -> str | None:
    """The stratum that is meant, whatever the case, and with `_` or `-` for a space; None where there is no such."""
    return _FOLDED.get(" ".join(name.replace("_", " ").replace("-", " ").lower().split()))
