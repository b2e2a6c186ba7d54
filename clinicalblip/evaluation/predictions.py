"""Predictions: the drafts of a file by study, and what is known of how they were made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from clinicalblip.datasets.files.json_lines import read_json_lines
from clinicalblip.datasets.files.predictions import PredictionsFile
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy
from clinicalblip.radiology.report import Report

_NAMED: Final = 5  # so many ids are named in a sentence, and the rest counted


class HintSource(StrEnum):
    """Where the key words in a draft's prompt came from."""

    NONE = "none"
    READER = "reader"
    ORACLE = "oracle"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Provenance:
    """What made a set of drafts, from what. None means not stated, which is not the same as nothing.

    `model` is the base with its adapter, by name, and `model_digest` both their digests; `films` is `right`,
    `shuffled` or `blank`; `without` the slots of the prompt that were left empty. `finding_bias` are the nats
    taken from words of denial. `other_texts`: the drafts were made from other texts than the scored studies have.
    """

    model: str | None = None
    model_digest: str | None = None
    films: str | None = None
    without: tuple[str, ...] | None = None
    finding_bias: float = 0.0
    other_texts: bool = False

    def leaves_out(self, slot: str) -> bool:
        """Whether it is known that the slot was empty."""
        return self.without is not None and slot in self.without


@dataclass(frozen=True)
class Predictions:
    """The drafts of a file by study id, in the file's order, and where they come from.

    `studies_digest` is the digest that `draft-all` noted of the studies it drafted, None where it is not stated.
    """

    drafts: Mapping[str, Report]
    provenance: Provenance
    studies_digest: str | None = None


def read_predictions(path: Path) -> Predictions:
    """Read `study_id`, `findings`, `impression` a line, and `<stem>.about.json` where it lies beside the file.

    Further fields are not looked at; one of the two texts may be absent where the other is there. Raises
    DatasetNotFound, MalformedStudy with the number of a broken line, and DatasetError where a study comes twice.
    """
    if not path.is_file():
        raise DatasetNotFound(
            "There is no predictions file at a place that was named; `python -m clinicalblip draft-all` writes one."
        )
    drafts: dict[str, Report] = {}
    twice: dict[str, None] = {}
    advice = "Each line is an object with study_id, findings and impression."
    for study_id, report in read_json_lines(path, _to_draft, kind="predictions", advice=advice):
        if study_id in drafts:
            twice[study_id] = None
        drafts[study_id] = report
    if twice:
        raise DatasetError(
            f"{name_studies(list(twice))} come more than once in the predictions file; leave one line a study."
        )
    if not drafts:
        raise DatasetError("The predictions file has no draft; write one a line, or name another file.")
    return Predictions(drafts, *_read_about(PredictionsFile(path).about))


def name_studies(study_ids: Sequence[str]) -> str:
    """How many studies, with the first few by name: `3 studies (a, b, c)`."""
    more = ", ..." if len(study_ids) > _NAMED else ""
    noun = "study" if len(study_ids) == 1 else "studies"
    return f"{len(study_ids)} {noun} ({', '.join(study_ids[:_NAMED])}{more})"


def _to_draft(fields: dict[str, Any]) -> tuple[str, Report]:
    study_id = fields.get("study_id")
    if not (isinstance(study_id, str) and study_id):
        raise ValueError("it has no study_id")
    texts = {name: fields[name] for name in ("findings", "impression") if name in fields}
    if not texts:
        raise ValueError("it has neither findings nor impression")
    if any(not isinstance(text, str) for text in texts.values()):
        raise ValueError("findings or impression is no text")
    return study_id, Report(**texts)


def _read_about(path: Path) -> tuple[Provenance, str | None]:
    if not path.is_file():
        return Provenance(), None
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return _given_of(about), str(about["data"]["digest"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedStudy(
            "The .about.json beside a predictions file cannot be read; draft anew, or take it away: how the drafts "
            "were made is then not stated in the card."
        ) from error


def _given_of(about: dict[str, Any]) -> Provenance:
    model, without, films = about["model"], about["without"], about["films"]
    if not (isinstance(without, list) and all(isinstance(slot, str) for slot in without) and isinstance(films, str)):
        raise TypeError
    parts = [str(model["base"]), *([str(model["adapter"])] if model["adapter"] else [])]
    digests = [str(model["base_digest"]), *([str(model["adapter_digest"])] if model["adapter_digest"] else [])]
    bias = float(about.get("generation", about).get("finding_bias", 0.0))  # older files have it by itself
    return Provenance(" + ".join(parts), " + ".join(digests), films, tuple(without), bias)
