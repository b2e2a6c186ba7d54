"""Which studies of a split are scored: those with a reference, and a draft in every file that was given."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinicalblip.datasets.files.studies import digest_studies, read_studies
from clinicalblip.errors import DatasetError, DatasetNotFound
from clinicalblip.evaluation.baselines import ReportBank
from clinicalblip.evaluation.predictions import Predictions, name_studies
from clinicalblip.evaluation.scorecard.scorecard import RowKind
from clinicalblip.evaluation.target import scored_text
from clinicalblip.radiology.report import Target
from clinicalblip.radiology.study import Study


@dataclass(frozen=True)
class Selection:
    """The scored studies in the order of their ids, their references, and how many were left out for which reason.

    One study or more; every reference has a text. Whatever the order of the files, the selection is the same.
    """

    studies: tuple[Study, ...]
    references: tuple[str, ...]
    left_out: Mapping[str, int]

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the scored studies, in hexadecimal."""
        return digest_studies(self.studies)


def select_studies(
    path: Path, split: str, target: Target, files: Mapping[RowKind, Predictions], *, allow_missing: bool
) -> Selection:
    """Choose what is scored of a split, the same studies for every row of a card.

    Studies without a reference for the target are left out and counted. Drafts of studies that the split has not, and
    studies without a draft, are an error that names them; with `allow_missing` both are left out and counted. Raises
    DatasetError, and what `read_studies` raises.
    """
    studies = _by_id(read_studies(path, split))
    left_out: dict[str, int] = {}
    known = set(studies)
    scored = {each: study for each, study in studies.items() if scored_text(study.reference, target)}
    if without := len(studies) - len(scored):
        left_out[f"without {target} in the reference"] = without
    if not scored:
        raise DatasetError(
            f"No study of the split {split} has a reference for the target {target}; name another target or split."
        )
    for kind, predicted in files.items():
        _check(kind, predicted.drafts.keys(), known, scored, split, allow_missing, left_out)
    for kind, predicted in files.items():
        without_draft = [each for each in scored if each not in predicted.drafts]
        if without_draft:
            left_out[f"without a draft ({kind})"] = len(without_draft)
        for each in without_draft:
            del scored[each]
    if not scored:
        raise DatasetError("No study has a draft in every predictions file; name files of the same split.")
    chosen = tuple(scored[each] for each in sorted(scored))
    return Selection(chosen, tuple(scored_text(study.reference, target) for study in chosen), left_out)


def collect_train_reports(path: Path, target: Target) -> ReportBank:
    """The train studies that have a text for the target, with it; an empty bank where there are none."""
    try:
        studies = _by_id(read_studies(path, "train"))
    except DatasetNotFound:
        return ReportBank((), ())
    texts = {each: scored_text(study.reference, target) for each, study in studies.items()}
    kept = sorted(each for each, text in texts.items() if text)
    return ReportBank(tuple(studies[each] for each in kept), tuple(texts[each] for each in kept))


def _by_id(studies: Iterable[Study]) -> dict[str, Study]:
    found: dict[str, Study] = {}
    for study in studies:
        if study.study_id in found:
            raise DatasetError(f"Study {study.study_id} comes more than once in the studies file; ids must differ.")
        found[study.study_id] = study
    return found


def _check(
    kind: RowKind,
    drafted: Collection[str],
    known: Collection[str],
    scored: Collection[str],
    split: str,
    allow_missing: bool,
    left_out: dict[str, int],
) -> None:
    unknown = [each for each in drafted if each not in known]
    missing = [each for each in scored if each not in drafted]
    if (unknown or missing) and not allow_missing:
        faults = [f"drafts of {name_studies(unknown)} that the split {split} has not"] if unknown else []
        faults += [f"no draft of {name_studies(missing)}"] if missing else []
        raise DatasetError(
            f"The predictions file ({kind}) has {' and '.join(faults)}; draft what is scored, or add --allow-missing "
            "to leave these out."
        )
    if unknown:
        left_out[f"drafts of unknown studies ({kind})"] = len(unknown)
