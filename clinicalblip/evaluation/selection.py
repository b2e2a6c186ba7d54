"""Which studies of a split are scored: those with a reference, and a draft in every predictions file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinicalblip.datasets.files.studies import digest_studies, read_studies
from clinicalblip.errors import DatasetError
from clinicalblip.evaluation.baselines import ReportBank
from clinicalblip.evaluation.predictions import Predictions, name_studies
from clinicalblip.evaluation.request import EvaluationRequest
from clinicalblip.evaluation.scorecard.scorecard import RowKind
from clinicalblip.evaluation.target import scored_text
from clinicalblip.radiology.report import Target
from clinicalblip.radiology.study import Study


@dataclass(frozen=True)
class EvaluationStudies:
    """What an evaluation needs of a studies file, by study id: the split that is scored, and the train split.

    `train` is empty where the train split itself is scored. `digests` are those of the scored split and of the whole
    file, as `draft-all` notes them beside drafts.
    """

    scored: Mapping[str, Study]
    train: Mapping[str, Study]
    digests: frozenset[str]


@dataclass(frozen=True)
class Selection:
    """The scored studies in the order of their ids, their references, and how many were left out for which reason.

    One study or more; every reference has a text. The selection does not depend on the order of the files.
    """

    studies: tuple[Study, ...]
    references: tuple[str, ...]
    left_out: Mapping[str, int]

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the scored studies, in hexadecimal."""
        return digest_studies(self.studies)


def read_evaluation_studies(path: Path, split: str) -> EvaluationStudies:
    """Read a studies file once. Raises DatasetError for an id that comes twice, and what `read_studies` raises."""
    scored: list[Study] = []
    train: list[Study] = []

    def sorted_out() -> Iterator[Study]:
        for study in read_studies(path, split, with_others=True):
            if study.split == split:
                scored.append(study)
            elif study.split == "train":
                train.append(study)
            yield study

    whole_file = digest_studies(sorted_out())
    return EvaluationStudies(_by_id(scored), _by_id(train), frozenset({digest_studies(scored), whole_file}))


def select_studies(
    studies: Mapping[str, Study], request: EvaluationRequest, files: Mapping[RowKind, Predictions]
) -> Selection:
    """Choose what is scored of a split, the same studies for every row of a card.

    Studies without a reference for the target are left out and counted. Drafts of studies that the split has not, and
    studies without a draft, are a DatasetError that names them; where the request allows missing ones, both are left
    out and counted.
    """
    scored = {each: study for each, study in studies.items() if scored_text(study.reference, request.target)}
    left_out: dict[str, int] = {}
    if without := len(studies) - len(scored):
        left_out[f"without {request.target} in the reference"] = without
    if not scored:
        raise DatasetError(
            f"No study of the split {request.split} has a reference for the target {request.target}; "
            "name another target or split."
        )
    for kind, predictions in files.items():
        unknown = [each for each in predictions.drafts if each not in studies]
        missing = [each for each in scored if each not in predictions.drafts]
        if (unknown or missing) and not request.allow_missing:
            raise _mismatch(kind, request.split, unknown, missing)
        if unknown:
            left_out[f"drafts of unknown studies ({kind})"] = len(unknown)
    for kind, predictions in files.items():
        without_draft = [each for each in scored if each not in predictions.drafts]
        if without_draft:
            left_out[f"without a draft ({kind})"] = len(without_draft)
        for each in without_draft:
            del scored[each]
    if not scored:
        raise DatasetError("No study has a draft in every predictions file; name files of the same split.")
    chosen = tuple(scored[each] for each in sorted(scored))
    return Selection(chosen, tuple(scored_text(study.reference, request.target) for study in chosen), left_out)


def collect_train_reports(train: Mapping[str, Study], target: Target) -> ReportBank:
    """The train studies that have a text for the target, with it."""
    texts = {each: scored_text(study.reference, target) for each, study in train.items()}
    kept = sorted(each for each, text in texts.items() if text)
    return ReportBank(tuple(train[each] for each in kept), tuple(texts[each] for each in kept))


def _by_id(studies: Sequence[Study]) -> dict[str, Study]:
    found: dict[str, Study] = {}
    for study in studies:
        if study.study_id in found:
            raise DatasetError(f"Study {study.study_id} comes more than once in the studies file; ids must differ.")
        found[study.study_id] = study
    return found


def _mismatch(kind: RowKind, split: str, unknown: Sequence[str], missing: Sequence[str]) -> DatasetError:
    faults = [f"drafts of {name_studies(unknown)} that the split {split} has not"] if unknown else []
    faults += [f"no draft of {name_studies(missing)}"] if missing else []
    return DatasetError(
        f"The predictions file ({kind}) has {' and '.join(faults)}; draft what is scored, or add --allow-missing "
        "to leave these out."
    )
