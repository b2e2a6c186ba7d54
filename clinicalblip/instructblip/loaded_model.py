"""What the settings name, loaded: base, adapter, what knows its training films, and what calibrates its scores."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clinicalblip.evaluation.statistics.calibration import Scale
from clinicalblip.instructblip.adapter import find_adapter, load_adapter
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.book.draft_book import DraftBook, digest_vocabulary, read_book
from clinicalblip.instructblip.book.find_book import find_book
from clinicalblip.instructblip.checkpoint_files import find_checkpoint
from clinicalblip.instructblip.lora_branch import replace_lora_layers
from clinicalblip.instructblip.named_base import is_shape, load_named_base
from clinicalblip.instructblip.prompt import PROMPT_VERSION
from clinicalblip.instructblip.provenance import read_provenance
from clinicalblip.instructblip.scoring.score import UNSCALED, ScoreScale, load_scale
from clinicalblip.instructblip.vision.ood import OodDetector, load_ood_detector
from clinicalblip.radiology.draft import ModelIdentity
from clinicalblip.radiology.observation import Observation
from clinicalblip.settings import Settings


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that drafts.

    `model` is the base's, with or without an adapter on it; `ood_detector` knows the base's training films, None
    where nothing does; `scale` calibrates the scores, of the observations in `calibrated`. `book`: what drafts are
    written faster with.
    """

    base: Base
    model: Any
    identity: ModelIdentity
    ood_detector: OodDetector | None = None
    scale: Scale = UNSCALED
    calibrated: frozenset[Observation] = frozenset()
    book: DraftBook | None = None


def load_model(settings: Settings) -> LoadedModel:
    """Load the base and the adapter that the settings name.

    Paths are relative to the settings' folder. In 32 bits the adapter is merged into the base's weights, which
    makes drafting a third faster; in fewer bits it stays beside them, because merging would round it away.
    Raises ModelUnavailable, OutOfMemory, AdapterNotFound, AdapterMismatch and BookError.
    """
    asked = settings.model
    name = settings.locate(asked.base)
    base = load_named_base(name, asked.precision, asked.device)
    checkpoint = None if is_shape(name) else find_checkpoint(name)
    ood_detector = load_ood_detector(checkpoint, base) if checkpoint else None
    identity = ModelIdentity(
        base=base.name,
        base_digest=base.digest,
        adapter=None,
        adapter_digest=None,
        precision=base.precision,
        reason=base.reason,
        device=base.device,
        prompt_version=PROMPT_VERSION,
    )
    model = base.model
    if asked.adapter is not None:
        folder = find_adapter(settings.locate(asked.adapter))
        model, digest = load_adapter(base, folder)
        if base.precision == "fp32":
            model.merge_adapter()
        replace_lora_layers(model)
        identity = replace(
            identity,
            adapter=Path(asked.adapter).name,
            adapter_digest=digest,
            prompt_version=read_provenance(folder).prompt_version,
        )
    measured = ScoreScale(identity.base_digest, identity.adapter_digest)
    if checkpoint:
        measured = load_scale(checkpoint, base, identity.adapter_digest)
    at = find_book(settings)
    book = read_book(at, digest_vocabulary(base.tokenizer)) if at else None
    return LoadedModel(base, model.eval(), identity, ood_detector, measured.scale, measured.calibrated, book)
