"""The baselines' drafts for the studies that are scored, or why a baseline is absent."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from clinicalblip.evaluation.baselines import (
    NORMAL_FINDINGS,
    NORMAL_IMPRESSION,
    Embed,
    Neighbours,
    ReportBank,
    find_medoid,
    nearest_by_film,
    nearest_by_indication,
)
from clinicalblip.evaluation.request import EvaluationRequest
from clinicalblip.evaluation.scorecard.scorecard import AbsentRow, RowKind
from clinicalblip.evaluation.scoring import DraftSet
from clinicalblip.evaluation.target import scored_text
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study


def draft_baselines(
    request: EvaluationRequest, studies: Sequence[Study], bank: ReportBank, embed: Embed | None
) -> Iterator[DraftSet | AbsentRow]:
    """Yield the baselines' drafts, one set at a time; those that cannot be made, with the reason."""
    count = len(studies)
    normal = scored_text(Report(NORMAL_FINDINGS, NORMAL_IMPRESSION), request.target)
    yield DraftSet(RowKind.CONSTANT, [normal] * count)
    if why := _why_no_train_reports(request, bank):
        yield from (AbsentRow(kind, why) for kind in (RowKind.MEDOID, RowKind.BY_INDICATION, RowKind.BY_FILM))
        return
    medoid = find_medoid(bank.texts)
    note = f"The medoid is {bank.studies[medoid].study_id}'s report."
    yield DraftSet(RowKind.MEDOID, [bank.texts[medoid]] * count, note=note)

    def drafts_of(kind: RowKind, found: Neighbours, lacking: str) -> DraftSet:
        note = f"{found.without} of {count} studies {lacking} and have the medoid's report." if found.without else ""
        return DraftSet(kind, found.texts(bank, medoid), note=note)

    yield drafts_of(
        RowKind.BY_INDICATION,
        nearest_by_indication(studies, bank),
        "have no indication, or none with a word of a train indication,",
    )
    if not any(_has_film(study) for study in studies) or not any(_has_film(study) for study in bank.studies):
        yield AbsentRow(RowKind.BY_FILM, "the films of the scored or of the train studies are not on this machine")
    elif embed is None:
        yield AbsentRow(RowKind.BY_FILM, "no vision encoder was named: name a base with --base")
    else:
        yield drafts_of(RowKind.BY_FILM, nearest_by_film(studies, bank, embed), "have no film that can be read")


def _why_no_train_reports(request: EvaluationRequest, bank: ReportBank) -> str | None:
    """Why there are no drafts from train reports; None where there are."""
    if request.split == "train":
        return "the scored split is the train split"
    if not bank.texts:
        return f"the studies file has no train split with a text for the target {request.target}"
    if find_spec("sklearn") is None:
        return "scikit-learn is not installed: pip install scikit-learn"
    return None


def _has_film(study: Study) -> bool:
    return any(image.path.is_file() for image in study.shown)
