"""What a film is in the study that a report is drafted for."""

from enum import StrEnum


class FilmRole(StrEnum):
    """What a film is in its study. The model sees the films in this order."""

    FRONTAL = "frontal"
    LATERAL = "lateral"
    PRIOR = "prior"
