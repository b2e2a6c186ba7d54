"""The batches of a stage: which studies come together, in which order, with which prompts and targets.

Everything here is a function of the seed, the epoch and the study, so that a stage that was interrupted goes on with
the batches that an undisturbed one has.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from clinicalblip.errors import StageError
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import IGNORE_INDEX, collate
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.radiology.report import SLOTS, ClinicalContext
from clinicalblip.radiology.study import Study
from clinicalblip.training.data.augmentation import augment
from clinicalblip.training.data.films import FilmLoader
from clinicalblip.training.data.prompts import build_training_prompt, select_sections
from clinicalblip.training.stage import Stage


@dataclass(frozen=True, eq=False)
class Example:
    """One study as a stage shows it to the model; nothing is learnt from one that is only `padding`."""

    films: list[NDArray[np.float32]]
    prompt: str
    target: str
    padding: bool = False


class BatchDataset(Dataset[list[Example]]):
    """All batches of a stage, over all its epochs, in order; a batch's studies have equally many films.

    Of several processes each takes every n-th batch. Where `processes` do not divide the batches, the last one is
    repeated as padding: all take as many steps, and what is learnt is what one process would learn.
    """

    def __init__(
        self,
        stage: Stage,
        studies: Sequence[Study],
        *,
        base: Base,
        load_films: FilmLoader,
        seed: int,
        without: frozenset[str] = frozenset(),
        processes: int = 1,
    ) -> None:
        self._processes = processes
        self._stage, self._studies, self._base = stage, studies, base
        self._load_films, self._seed, self._without = load_films, seed, without
        self._order = order_batches([len(s.shown) for s in studies], stage.epochs, stage.batch, seed)

    def __len__(self) -> int:
        return ceil(len(self._order) / self._processes) * self._processes

    def __getitem__(self, number: int) -> list[Example]:
        if number >= len(self):
            raise IndexError(number)
        padding = number >= len(self._order)
        epoch, members = self._order[-1 if padding else number]
        return [self._example(self._studies[member], epoch, padding) for member in members]

    def _example(self, study: Study, epoch: int, padding: bool) -> Example:
        films = self._load_films(study)
        if len(films) != len(study.shown):
            raise StageError(f"Study {study.study_id} names {len(study.shown)} films, and {len(films)} were loaded.")
        rng = random.Random(f"{self._seed} {epoch} {study.study_id}")
        context = drop_slots(study.context, self._stage.slot_dropout, self._without, rng)
        films = augment(films, self._stage.augmentation, rng)
        target = target_text(select_sections(study.reference, self._stage.target))
        return Example(films, build_training_prompt(study, context, target, self._base), target, padding)


@dataclass(frozen=True)
class Collator:
    """Makes the tensors of a batch, with a T5-type decoder's own input: there the labels serve the loss alone."""

    base: Base

    def __call__(self, items: Sequence[Sequence[Example]]) -> dict[str, Tensor]:
        """The tensors of one item of `BatchDataset`; the loader wraps it in a list."""
        (batch,) = items
        tensors = collate(
            self.base, [each.films for each in batch], [each.prompt for each in batch], [each.target for each in batch]
        )
        if not self.base.is_decoder_only:
            language = self.base.model.language_model
            tensors["decoder_input_ids"] = language.prepare_decoder_input_ids_from_labels(labels=tensors["labels"])
        if any(each.padding for each in batch):
            tensors["labels"].fill_(IGNORE_INDEX)
        return tensors


def order_batches(films: Sequence[int], epochs: float, batch: int, seed: int) -> list[tuple[int, list[int]]]:
    """The batches of all epochs, as the epoch and the numbers of the batch's studies.

    `films` is how many films each study has. Each epoch is a new permutation; studies wait until `batch` of them
    with equally many films are together, and what is left at an epoch's end makes smaller batches. Where the last
    epoch is a fraction, that fraction of the studies is seen, at least one.
    """
    ordered = []
    for epoch in range(ceil(epochs)):
        seen = np.random.default_rng([seed, epoch]).permutation(len(films))
        if epoch == floor(epochs):
            seen = seen[: max(1, round(len(films) * (epochs - epoch)))]
        waiting: dict[int, list[int]] = {}
        for study in seen.tolist():
            together = waiting.setdefault(films[study], [])
            together.append(study)
            if len(together) == batch:
                ordered.append((epoch, waiting.pop(films[study])))
        ordered.extend((epoch, together) for together in waiting.values())
    return ordered


def drop_slots(
    context: ClinicalContext, probability: float, without: frozenset[str], rng: random.Random
) -> ClinicalContext:
    """Empty the slots in `without`, and each other one with this probability."""
    dropped = {name for name in SLOTS if rng.random() < probability} | without
    return replace(context, **dict.fromkeys(dropped, ""))
