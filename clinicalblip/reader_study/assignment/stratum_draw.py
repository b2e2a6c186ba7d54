"""Drawing so many studies of each stratum, each study once, of different patients where that is possible."""

from collections import deque
from collections.abc import Mapping, Sequence

from clinicalblip.radiology.study import Study


class StratumDraw:
    """Draws from studies whose order is the lot; a study may belong to several strata, and is taken for one of them."""

    def __init__(self, studies: Sequence[Study], members: Mapping[str, Sequence[Study]]) -> None:
        self._studies, self._members = studies, members
        self._ids = {name: {study.study_id for study in of} for name, of in members.items()}
        self._used: set[str] = set()
        self._patients: set[str] = set()
        self.taken: dict[str, list[Study]] = {name: [] for name in members}

    def count(self, name: str) -> int:
        """How many studies a stratum has."""
        return len(self._members[name])

    def take(self, name: str, count: int) -> bool:
        """Take so many for a stratum; False where that cannot be, whatever other strata would have instead."""
        return all(self._take_one(name, True) or self._take_one(name, False) for _ in range(count))

    def take_rest(self, count: int) -> list[Study]:
        """Take so many of all that are left; there have to be enough."""
        drawn: list[Study] = []
        for new_patient in (True, False):
            for study in self._studies:
                if len(drawn) < count and self._is_free(study, new_patient):
                    self._use(study)
                    drawn.append(study)
        return drawn

    def _take_one(self, name: str, new_patient: bool) -> bool:
        """One more for a stratum, if need be one of another's, which then takes one more itself, and so on."""
        path: dict[str, tuple[str, Study] | None] = {name: None}
        waiting = deque([name])
        while waiting:
            at = waiting.popleft()
            free = next((study for study in self._members[at] if self._is_free(study, new_patient)), None)
            if free is not None:
                self._use(free)
                self._pass_on(at, free, path)
                return True
            for other, taken in self.taken.items():
                given = next((study for study in taken if study.study_id in self._ids[at]), None)
                if other not in path and given is not None:
                    path[other] = (at, given)
                    waiting.append(other)
        return False

    def _pass_on(self, at: str, study: Study, path: Mapping[str, tuple[str, Study] | None]) -> None:
        self.taken[at].append(study)
        while (step := path[at]) is not None:
            receiver, given = step
            self.taken[at].remove(given)
            self.taken[receiver].append(given)
            at = receiver

    def _is_free(self, study: Study, new_patient: bool) -> bool:
        return study.study_id not in self._used and not (new_patient and study.patient_id in self._patients)

    def _use(self, study: Study) -> None:
        self._used.add(study.study_id)
        if study.patient_id:
            self._patients.add(study.patient_id)
