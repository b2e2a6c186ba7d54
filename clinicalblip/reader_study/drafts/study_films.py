"""The films of a case, read as they are for every draft of it."""

from collections.abc import Mapping, Sequence

from clinicalblip.errors import RadiographError, ReaderStudyError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph_file
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.study import Study
from clinicalblip.settings import LimitSettings


def read_films(study: Study, limits: LimitSettings) -> Sequence[Radiograph]:
    """The films that are shown of a study, in their order. Raises RadiographError."""
    films = []
    for image in study.shown:
        film = read_radiograph_file(image.path, ReadOptions.for_dataset(limits))
        films.append(film if image.view is View.UNKNOWN else film.with_view(image.view))
    return films


def digest_films(studies: Mapping[int, Study], limits: LimitSettings) -> dict[int, tuple[str, ...]]:
    """The digests of each case's films. Raises ReaderStudyError where a case has none, or one that cannot be read."""
    digests: dict[int, tuple[str, ...]] = {}
    faults: dict[int, str] = {}
    for case, study in studies.items():
        try:
            digests[case] = tuple(film.digest for film in read_films(study, limits))
            if not digests[case]:
                faults[case] = "It has no film."
        except RadiographError as error:
            faults[case] = str(error)
    if faults:
        case, fault = next(iter(faults.items()))
        raise ReaderStudyError(
            f"{len(faults)} cases have films that cannot be read, the first is case {case}: {fault} Leave them out of "
            "the studies file, or mend them."
        )
    return digests
