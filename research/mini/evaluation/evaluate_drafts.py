"""Whether the model's drafts depend on the film: validation drafts against the labels of their films, and of others.

A model that writes the same fluent report for every film scores as well with another patient's film as with the right
one. So every film is drafted once, and the drafts are also shuffled among films of the same set and size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.evaluation.metrics.finding_scores import average_statistics, measure_table
from clinicalblip.evaluation.statistics.statistic import Interval, bootstrap_difference, bootstrap_interval
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.labeler import observations
from clinicalblip.progress import track
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from research.mini.films.manifest import NIH_SETS
from research.mini.films.table import Films
from research.mini.prompts import write_prompt
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED

MAX_NEW_TOKENS = 220  # no draft of a trained model is as long
ANSWERS = re.compile(
    r"\bhinted\b|\b(?:larger|smaller|unchanged|stable|no longer|(?:is|are) new|resolved|prior)\b", re.IGNORECASE
)
"""What a draft says only where a hint or a prior film was given."""
SHUFFLES = 20  # of the drafts among the films
BATCH = 16


def evaluate_drafts(
    base: Base, model: Any, films: Films, number: int, seed: int = 0, tokens: int = MAX_NEW_TOKENS
) -> dict[str, Any]:
    """Draft `number` validation films, or all if there are fewer, and score the findings that the drafts affirm.

    The films are NIH's, of patients that no part was trained on; the prompt has no slot filled. The figures: micro F1
    with the right film, the mean with other films, their paired difference with a 95 % interval, the F1 of two constant
    reports (normal, and the commonest finding), F1 by observation, and how many drafts answer a hint or a prior film
    that was not given.
    """
    rows = films.rows("validation", NIH_SETS)
    rng = np.random.default_rng(seed)
    if len(rows) > number:
        rows = np.sort(rng.choice(rows, size=number, replace=False))
    drafts = draft_rows(base, model, films, rows, tokens)
    truth = observation_table(films.labels[rows])
    affirmed = affirmed_findings(drafts)
    groups = [films.groups[row] for row in rows]
    others = [affirmed[shuffle_within_groups(groups, rng)] for _ in range(SHUFFLES)]
    right = measure_table(affirmed, truth)["micro-f1"]
    shuffled = [measure_table(other, truth)["micro-f1"] for other in others]
    mean = average_statistics("micro-f1 of others", shuffled)
    commonest = int(np.nansum(truth, axis=0).argmax())
    constant = np.zeros_like(affirmed)
    constant[:, commonest] = True
    return {
        "films": len(rows),
        "patients": len({films.patients[row] for row in rows}),
        "right_film": score_findings(affirmed, truth, seed),
        "other_film": asdict(_mean([bootstrap_interval(other, seed=seed) for other in shuffled])),
        "difference": asdict(bootstrap_difference(right, mean, seed=seed)),
        "constant_normal_report": score_findings(np.zeros_like(affirmed), truth, seed),
        "constant_commonest_finding": {
            "finding": REPORTED[commonest].value,
            **score_findings(constant, truth, seed),
        },
        "by_observation": {
            what.value: {
                "positive": int(np.nansum(truth[:, number])),
                "said": int(affirmed[:, number].sum()),
                "right_film": score_findings(affirmed[:, [number]], truth[:, [number]], seed),
            }
            for number, what in enumerate(REPORTED)
        },
        "distinct_drafts": len(set(drafts)),
        "commonest_draft_share": max(drafts.count(draft) for draft in set(drafts)) / len(drafts),
        "answers_unasked": sum(bool(ANSWERS.search(draft)) for draft in drafts),
    }


def score_findings(affirmed: NDArray[np.bool_], truth: NDArray[np.float32], seed: int) -> dict[str, Any]:
    """Micro F1 with its 95 % interval, recall and precision over all known findings; 0 where nothing counts."""
    figures = measure_table(affirmed, truth)
    f1 = bootstrap_interval(figures["micro-f1"], seed=seed)
    return {
        "f1": {name: _or_zero(value) for name, value in asdict(f1).items()},
        "recall": _or_zero(figures["micro-recall"].value()),
        "precision": _or_zero(figures["micro-precision"].value()),
        "studies": len(affirmed),
    }


def _or_zero(value: float) -> float:
    return 0.0 if np.isnan(value) else value


def draft_rows(
    base: Base, model: Any, films: Films, rows: NDArray[np.int64], tokens: int = MAX_NEW_TOKENS
) -> list[str]:
    """The greedy drafts of these films, with no slot of the prompt filled."""
    drafts: list[str] = []
    starts = range(0, len(rows), BATCH)
    for start in track(starts, "drafts", total=len(starts)):
        pictures = films.pictures(rows[start : start + BATCH])
        shown = [[picture[0].numpy()] for picture in pictures]
        drafts.extend(draft(base, model, shown, [ClinicalContext()] * len(shown), tokens))
    return drafts


def draft(
    base: Base,
    model: Any,
    films: Sequence[Sequence[NDArray[np.float32]]],
    contexts: Sequence[ClinicalContext],
    tokens: int = MAX_NEW_TOKENS,
) -> list[str]:
    """The greedy drafts of studies that all have a frontal film, or all a frontal and a prior one."""
    drafts: list[str] = []
    for start in range(0, len(films), BATCH):
        shown = films[start : start + BATCH]
        prompts = [
            write_prompt(context, (View.FRONTAL,) * len(study))
            for study, context in zip(shown, contexts[start : start + BATCH], strict=True)
        ]
        batch = collate(base, shown, prompts)
        with torch.inference_mode(), base.autocast():
            token_ids = model.generate(
                **batch,
                max_new_tokens=tokens,
                do_sample=False,
                eos_token_id=base.eos_token_id,
                pad_token_id=base.pad_token_id,
            )
        answers = token_ids[:, batch["input_ids"].shape[1] :]  # a decoder-only model gives the prompt back as well
        drafts.extend(base.tokenizer.batch_decode(answers, skip_special_tokens=True))
    return drafts


def affirmed_findings(drafts: Sequence[str]) -> NDArray[np.bool_]:
    """Which findings each draft affirms, bool (drafts, 13) in the order of `REPORTED`."""
    labels = [observations(draft) for draft in drafts]
    return np.array([[each.get(what) is Certainty.PRESENT for what in REPORTED] for each in labels], dtype=bool)


def shuffle_within_groups(groups: Sequence[str], rng: np.random.Generator) -> NDArray[np.int64]:
    """For every film the number of another film of its group; its own where the group has no other."""
    others = np.arange(len(groups))
    for group in sorted(set(groups)):
        members = np.array([number for number, own in enumerate(groups) if own == group])
        order = rng.permutation(members)
        others[order] = np.roll(order, 1)
    return others


def _mean(intervals: Sequence[Interval]) -> Interval:
    values = np.array([[each.value, each.low, each.high] for each in intervals])
    return Interval(*(float(value) for value in values.mean(axis=0)))
