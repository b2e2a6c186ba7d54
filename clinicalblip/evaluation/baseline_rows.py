"""The baselines' drafts for the studies that are scored, or why one is not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from clinicalblip.evaluation.baselines import (
    NORMAL_FINDINGS,
    NORMAL_IMPRESSION,
    Bank,
    Embed,
    Neighbours,
    find_medoid,
    nearest_by_film,
    nearest_by_indication,
)
from clinicalblip.evaluation.request import Asked
from clinicalblip.evaluation.scorecard.scorecard import AbsentRow, Kind
from clinicalblip.evaluation.target import text_of
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study


@dataclass(frozen=True)
class Drafted:
    """One set of drafts, in the studies' order, and what has to be known of it."""

    kind: Kind
    texts: Sequence[str]
    note: str = ""


def draft_baselines(
    asked: Asked, studies: Sequence[Study], bank: Bank, embed: Embed | None
) -> Iterator[Drafted | AbsentRow]:
    """The baselines' drafts, one set at a time; those that cannot be made, with the reason."""
    count = len(studies)
    yield Drafted(Kind.CONSTANT, [text_of(Report(NORMAL_FINDINGS, NORMAL_IMPRESSION), asked.target)] * count)
    if why := _why_no_train_reports(asked, bank):
        yield from (AbsentRow(kind, why) for kind in (Kind.MEDOID, Kind.BY_INDICATION, Kind.BY_FILM))
        return
    medoid = find_medoid(bank.texts)
    yield Drafted(Kind.MEDOID, [bank.texts[medoid]] * count, f"The medoid is {bank.studies[medoid].study_id}'s report.")

    def drafted(kind: Kind, found: Neighbours, lacking: str) -> Drafted:
        note = f"{found.without} of {count} studies {lacking} and have the medoid's report." if found.without else ""
        return Drafted(kind, found.texts(bank, medoid), note)

    yield drafted(
        Kind.BY_INDICATION,
        nearest_by_indication(studies, bank),
        "have no indication, or none with a word of a train indication,",
    )
    if not any(_has_film(study) for study in studies) or not any(_has_film(study) for study in bank.studies):
        yield AbsentRow(Kind.BY_FILM, "the films of the scored or of the train studies are not on this machine")
    elif embed is None:
        yield AbsentRow(Kind.BY_FILM, "no vision encoder was named: name a base with --base")
    else:
        yield drafted(Kind.BY_FILM, nearest_by_film(studies, bank, embed), "have no film that can be read")


def _why_no_train_reports(asked: Asked, bank: Bank) -> str | None:
    """Why there are no drafts from train reports; None where there are."""
    if asked.split == "train":
        return "the scored split is the train split"
    if not bank.texts:
        return f"the studies file has no train split with a text for the target {asked.target}"
    if find_spec("sklearn") is None:
        return "scikit-learn is not installed: pip install scikit-learn"
    return None


def _has_film(study: Study) -> bool:
    return any(image.path.is_file() for image in study.shown)
