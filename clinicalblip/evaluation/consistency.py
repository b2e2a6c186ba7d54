"""Predictions files that stand in one card: whether each is what it is said to be, and they belong together."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from clinicalblip.datasets.files.studies import digest_studies, read_studies
from clinicalblip.errors import DatasetError
from clinicalblip.evaluation.predictions import HintSource, Predictions, Provenance
from clinicalblip.evaluation.scorecard.scorecard import ABLATIONS, RowKind


def check_consistency(files: Mapping[RowKind, Predictions]) -> None:
    """Compare what the files' `.about.json` say. Raises DatasetError where a file is not what it was given as.

    Companions of a headline are of the same model, and differ from it in nothing but what they are named for. What is
    not stated is not held against a file: its row says so.
    """
    head = files[RowKind.SCORED].given
    for kind, predicted in files.items():
        if kind in ABLATIONS and (fault := _fault(kind, head, predicted.given)):
            raise DatasetError(
                f"The predictions given as the row '{kind}' {fault}, by the .about.json beside them; "
                "name the file that `draft-all` wrote for that row."
            )


def find_hint_source(given: Provenance, hinted: bool, said: HintSource | None) -> HintSource:
    """Where a row's hints came from: from the references, unless it is said or known that it is not so.

    `hinted`: whether any scored study has hints. `said` holds only where hints were, or may have been, given.
    """
    if given.leaves_out("hints") or not (hinted or given.other_texts):
        return HintSource.NONE
    return said or (HintSource.ORACLE if hinted else HintSource.UNKNOWN)


def mark_other_texts(files: Mapping[RowKind, Predictions], path: Path, split: str) -> dict[RowKind, Predictions]:
    """The same files, those marked that were drafted from other texts than a split, or all, of the studies file has.

    Prompts with other texts, hints among them, may have given away what is scored. Files of which it is not stated
    are left as they are.
    """
    stated = {predicted.studies_digest for predicted in files.values()} - {None}
    known = {digest_studies(read_studies(path, split))} if stated else set()
    if stated - known:
        known.add(digest_studies(read_studies(path)))
    return {
        kind: replace(
            predicted,
            given=replace(predicted.given, other_texts=predicted.studies_digest not in {None, *known}),
        )
        for kind, predicted in files.items()
    }


def _fault(kind: RowKind, head: Provenance, own: Provenance) -> str | None:
    if head.model_digest and own.model_digest and head.model_digest != own.model_digest:
        return "were drafted by another model than the headline's"
    if head.finding_bias != own.finding_bias:
        return "were drafted with another finding bias than the headline's"
    if kind is RowKind.WITHOUT_PRIOR:
        if own.without is not None and head.without is not None and set(own.without) <= set(head.without):
            return "had no slot left empty that the headline's had"
        return "had other films than the headline's" if _differ(head.films, own.films) else None
    wanted = "shuffled" if kind is RowKind.SHUFFLED else "blank"
    if _differ(own.films, wanted):
        return f"had films that were {own.films}, not {wanted}"
    return "left other slots empty than the headline's" if _differ(head.without, own.without) else None


def _differ(first: object, second: object) -> bool:
    return first is not None and second is not None and first != second
