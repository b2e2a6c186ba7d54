"""Predictions files that stand in one card: whether each is what it is said to be, and they belong together."""

from collections.abc import Mapping

from clinicalblip.errors import DatasetError
from clinicalblip.evaluation.predicted import Given, Hints, Predicted
from clinicalblip.evaluation.scorecard import COMPANIONS, Kind


def check_together(files: Mapping[Kind, Predicted]) -> None:
    """Compare what the files' `.about.json` say. Raises DatasetError where a file is not what it was given as.

    Companions of a headline are of the same model, and differ from it in nothing but what they are named for. What is
    not stated is not held against a file: its row says so.
    """
    head = files[Kind.SCORED].given
    for kind, predicted in files.items():
        if kind in COMPANIONS and (fault := _fault(kind, head, predicted.given)):
            raise DatasetError(
                f"The predictions given as the row '{kind}' {fault}, by the .about.json beside them; "
                "name the file that `draft-all` wrote for that row."
            )


def hints_of(given: Given, hinted: bool, said: Hints | None) -> Hints:
    """Where a row's hints came from: from the references, unless it is said or known that it is not so.

    `hinted`: whether any scored study has hints. `said` holds only where hints were, or may have been, given.
    """
    if not hinted or given.leaves_out("hints"):
        return Hints.NONE
    return said or Hints.ORACLE


def _fault(kind: Kind, head: Given, own: Given) -> str | None:
    if head.model_digest and own.model_digest and head.model_digest != own.model_digest:
        return "were drafted by another model than the headline's"
    if kind is Kind.WITHOUT_PRIOR:
        if own.without is not None and head.without is not None and set(own.without) <= set(head.without):
            return "had no slot left empty that the headline's had"
        return "had other films than the headline's" if _differ(head.films, own.films) else None
    wanted = "shuffled" if kind is Kind.SHUFFLED else "blank"
    if _differ(own.films, wanted):
        return f"had films that were {own.films}, not {wanted}"
    return "left other slots empty than the headline's" if _differ(head.without, own.without) else None


def _differ(first: object, second: object) -> bool:
    return first is not None and second is not None and first != second
