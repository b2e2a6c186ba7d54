"""How a film is to be read."""

from dataclasses import dataclass, field
from typing import Self

from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import LimitSettings


@dataclass(frozen=True)
class ReadOptions:
    """What may be read, and what is known or wanted besides the file.

    `limits`: sizes, and the time and memory that reading may take. `allow_burned_in`: whether a film whose tags say
    that text is burned into it is read with a warning instead of refused. `view`: what the reader says the view is;
    it overrides what the file says. `keep_age_and_sex`: whether the patient's age group and sex leave with the film.

    PNG and JPEG say nothing about burned-in text or a patient: there `allow_burned_in` and `keep_age_and_sex` have no
    effect.
    """

    limits: LimitSettings = field(default_factory=LimitSettings)
    allow_burned_in: bool = False
    view: View | None = None
    keep_age_and_sex: bool = False

    @classmethod
    def for_dataset(cls, limits: LimitSettings | None = None) -> Self:
        """The options for films of a data set, the same in training, drafting and search.

        Burned-in text is allowed: the publisher has de-identified the pixels, and often leaves the tag as the machine
        wrote it. To refuse by the tag would train on other films than are scored, and leave studies out of a split
        whose published scores count them.
        """
        return cls(limits=limits or LimitSettings(), allow_burned_in=True)
