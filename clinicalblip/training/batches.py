"""Studies to the batches of a stage: which come together, in which order, with which prompts and targets.

Everything here is a function of the seed, the epoch and the study, so that a stage that was interrupted goes on with
the batches that an undisturbed one has.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from clinicalblip.datasets.files.studies import digest_of
from clinicalblip.errors import ModelUnavailable, StageError
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import IGNORE_INDEX, collate
from clinicalblip.instructblip.prompt import build_prompt, target_text
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report, Target
from clinicalblip.radiology.study import Study
from clinicalblip.training.augmentation import vary
from clinicalblip.training.films import LoadFilms
from clinicalblip.training.stage import Stage

BROKEN = "with a film that cannot be read"
"""Why a study is left out whose films were looked at."""


@dataclass(frozen=True, eq=False)
class Example:
    """One study as a stage shows it to the model; nothing is learnt from one that does not count."""

    films: list[NDArray[np.float32]]
    prompt: str
    target: str
    counts: bool = True


class Batches(Dataset[list[Example]]):
    """All batches of a stage, over all its epochs, in order; a batch's studies have equally many films.

    Of several processes each takes every n-th batch. `processes` that do not divide them get the last batch once more,
    which then does not count: all take as many steps, and what is learnt is what one process would learn.
    """

    def __init__(
        self,
        stage: Stage,
        studies: Sequence[Study],
        *,
        base: Base,
        load_films: LoadFilms,
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
        counts = number < len(self._order)
        epoch, members = self._order[number if counts else -1]
        return [self._example(self._studies[member], epoch, counts) for member in members]

    def _example(self, study: Study, epoch: int, counts: bool) -> Example:
        films = self._load_films(study)
        if len(films) != len(study.shown):
            raise StageError(f"Study {study.study_id} names {len(study.shown)} films, and {len(films)} were loaded.")
        draw = random.Random(f"{self._seed} {epoch} {study.study_id}")
        context = drop_slots(study.context, self._stage.slot_dropout, self._without, draw)
        films = vary(films, self._stage.augmentation, draw)
        target = target_text(section_to_learn(study.reference, self._stage.target))
        return Example(films, prompt_for(study, context, target, self._base), target, counts)


@dataclass(frozen=True)
class Collate:
    """Makes tensors of a batch, among them what a T5-type decoder reads: the labels are for the loss alone."""

    base: Base

    def __call__(self, items: Sequence[Sequence[Example]]) -> dict[str, Tensor]:
        """The tensors of one item of `Batches`; the loader wraps it in a list."""
        (batch,) = items
        tensors = collate(
            self.base, [each.films for each in batch], [each.prompt for each in batch], [each.target for each in batch]
        )
        if not self.base.is_decoder_only:
            language = self.base.model.language_model
            tensors["decoder_input_ids"] = language.prepare_decoder_input_ids_from_labels(labels=tensors["labels"])
        if not all(each.counts for each in batch):
            tensors["labels"].fill_(IGNORE_INDEX)
        return tensors


def order_batches(films: Sequence[int], epochs: float, batch: int, seed: int) -> list[tuple[int, list[int]]]:
    """The batches of all epochs, as the epoch and the numbers of the batch's studies.

    `films` is how many films each study has. Each epoch is a new permutation; studies wait until `batch` of them
    with equally many films are together, and what is left at an epoch's end makes smaller batches. Of a last epoch
    that is a fraction, that share of the studies is seen, at least one.
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


def drop_slots(context: ClinicalContext, share: float, without: frozenset[str], draw: random.Random) -> ClinicalContext:
    """Empty the slots in `without`, and each other one with the probability `share`."""
    dropped = {name for name in SLOTS if draw.random() < share} | without
    return replace(context, **dict.fromkeys(dropped, ""))


def section_to_learn(report: Report, target: Target) -> Report:
    """The report with nothing but what the stage teaches to write."""
    if target == Target.FINDINGS:
        return Report(findings=report.findings)
    return Report(impression=report.impression) if target == Target.IMPRESSION else report


def prompt_for(study: Study, context: ClinicalContext, target: str, base: Base) -> str:
    """The prompt that leaves room for the target. Raises ModelUnavailable where not even the instruction fits."""
    budget = base.prompt_budget(len(study.shown), base.count_tokens(target) + 1)
    prompt = build_prompt(
        context,
        [image.view for image in study.shown],
        count_tokens=base.count_tokens,
        budget=budget,
        special_tokens=base.special_tokens,
    )
    return prompt.text


def choose_studies(studies: Sequence[Study], target: Target, base: Base) -> tuple[list[Study], dict[str, int]]:
    """The train-split studies that a stage can learn from, and how many were left out for which reason.

    Raises StageError where none is left, or two have one id.
    """
    if twice := [name for name, count in Counter(study.study_id for study in studies).items() if count > 1]:
        raise StageError(f"{len(twice)} study ids come more than once, the first is {twice[0]}; ids must differ.")
    chosen, left_out = [], Counter[str]()
    for study in studies:
        reason = _reason_to_leave_out(study, target, base)
        if reason:
            left_out[reason] += 1
        else:
            chosen.append(study)
    if not chosen:
        counts = ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "there are no studies"
        raise StageError(f"No study is left to train on: {counts}.")
    return chosen, dict(left_out)


def choose_to_validate(studies: Sequence[Study], target: Target, base: Base, most: int) -> list[Study]:
    """At most so many studies of the validate split, the same ones every time, whatever their order."""
    able = [study for study in studies if _reason_to_leave_out(study, target, base, "validate") is None]
    return sorted(able, key=digest_of)[:most]


def leave_out_broken(
    chosen: tuple[list[Study], dict[str, int]], broken: Collection[str]
) -> tuple[list[Study], dict[str, int]]:
    """The same choice without the studies of these ids, whose films cannot be read. Raises StageError for none left."""
    studies, left_out = chosen
    kept = [study for study in studies if study.study_id not in broken]
    if not kept:
        raise StageError(f"No study is left to train on: {len(studies)} with a film that cannot be read.")
    return kept, left_out | ({BROKEN: len(studies) - len(kept)} if len(kept) < len(studies) else {})


def _reason_to_leave_out(study: Study, target: Target, base: Base, split: str = "train") -> str | None:
    if study.split != split:
        return f"not of the {split} split"
    if not study.shown:
        return "without a film"
    text = target_text(section_to_learn(study.reference, target))
    if not text:
        return f"without a text for the target {target}"
    try:
        prompt_for(study, ClinicalContext(), text, base)
    except ModelUnavailable:
        return "with a report longer than the base has room for"
    return None


def digest_studies(studies: Iterable[Study]) -> str:
    """One SHA-256 in hexadecimal over what studies say and the views of their films, whatever their order.

    Where the image files lie is not part of it, nor what is in them.
    """
    each = sorted(" ".join([digest_of(study), *(str(image.view) for image in study.shown)]) for study in studies)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()
