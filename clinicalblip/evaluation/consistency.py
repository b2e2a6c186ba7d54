"""Whether predictions files that stand in one card are what they are named as, and belong together."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from clinicalblip.errors import DatasetError
from clinicalblip.evaluation.predictions import HintSource, Predictions, Provenance
from clinicalblip.evaluation.scorecard.scorecard import ABLATIONS, RowKind


def check_consistency(files: Mapping[RowKind, Predictions]) -> None:
    """Compare the provenance of the files. Raises DatasetError where a file is not what it is named as.

    Ablations of a headline are of the same model, and differ from it in nothing but what they are named for. What is
    not stated is not held against a file: its row says so.
    """
    headline = files[RowKind.SCORED].provenance
    for kind, predictions in files.items():
        if kind in ABLATIONS and (fault := _fault(kind, headline, predictions.provenance)):
            raise DatasetError(
                f"The predictions given as the row '{kind}' {fault}, by the .about.json beside them; "
                "name the file that `draft-all` wrote for that row."
            )


def find_hint_source(provenance: Provenance, hinted: bool, stated: HintSource | None) -> HintSource:
    """Where a row's hints came from: from the references, unless something else is stated or known.

    `hinted`: whether any scored study has hints. `stated` holds only where the prompts had hints, or may have had.
    """
    if provenance.leaves_out("hints") or not (hinted or provenance.other_texts):
        return HintSource.NONE
    return stated or (HintSource.ORACLE if hinted else HintSource.UNKNOWN)


def mark_other_texts(files: Mapping[RowKind, Predictions], digests: Collection[str]) -> dict[RowKind, Predictions]:
    """The same files, with a mark on those that were drafted from studies of none of these digests.

    Prompts with other texts, hints among them, may have given away what is scored. Files of which it is not stated
    are left as they are.
    """
    return {
        kind: replace(
            predictions,
            provenance=replace(predictions.provenance, other_texts=predictions.studies_digest not in {None, *digests}),
        )
        for kind, predictions in files.items()
    }


def _fault(kind: RowKind, headline: Provenance, own: Provenance) -> str | None:
    if headline.model_digest and own.model_digest and headline.model_digest != own.model_digest:
        return "were drafted by another model than the headline's"
    if headline.finding_bias != own.finding_bias:
        return "were drafted with another finding bias than the headline's"
    if kind is RowKind.WITHOUT_PRIOR:
        if own.without is not None and headline.without is not None and set(own.without) <= set(headline.without):
            return "had no slot left empty that the headline's had"
        return "had other films than the headline's" if _differ(headline.films, own.films) else None
    wanted = "shuffled" if kind is RowKind.SHUFFLED else "blank"
    if _differ(own.films, wanted):
        return f"had films that were {own.films}, not {wanted}"
    return "left other slots empty than the headline's" if _differ(headline.without, own.without) else None


def _differ(first: object, second: object) -> bool:
    return first is not None and second is not None and first != second
