"""The bundled model's drafts with other inputs: no training, the same films in every row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.evaluation.baselines import NORMAL_FINDINGS, NORMAL_IMPRESSION
from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean
from clinicalblip.evaluation.metrics.finding_scores import (
    average_statistics,
    measure_findings,
    measure_table,
    positives,
)
from clinicalblip.evaluation.metrics.meteor_java import MeteorJava
from clinicalblip.evaluation.metrics.registry import measure
from clinicalblip.evaluation.scorecard.scorecard import to_figure
from clinicalblip.evaluation.statistics.statistic import Statistic, bootstrap_difference, bootstrap_intervals
from clinicalblip.evaluation.target import one_line, scored_text
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.instructblip.prompt import SLOT_LABELS
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.progress import write_line
from clinicalblip.radiology.observation import CHEXPERT, Observation
from clinicalblip.radiology.report import ClinicalContext, Report, Target, parse_sections
from research.benchmarks.ablations.cache import cached
from research.mini.evaluation.drafting import BATCH, draft
from research.mini.evaluation.evaluate_drafts import SHUFFLES, affirmed_findings, shuffle_within_groups
from research.mini.evaluation.validation_films import films_of, validation_rows
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED
from research.phantom.phantom_iu import STUDIES_FILE, write_phantom_iu

TOKENS = 160
"""At most, in a draft; a report of the bundled model has a third of it."""

TEXT_METRICS = ("bleu-4", "meteor-coco-1.5", "rouge-l-coco")
REAL_FIGURES = ("micro-f1", "micro-precision", "micro-recall", "macro-f1")
PHANTOM_FIGURES = (*TEXT_METRICS, "findings-13-micro-f1", "findings-13-macro-f1", "findings-micro-f1")
FULL, NOTHING_BEFORE, HINTED, BLANK, SHUFFLED = (
    "right film, everything known",
    "right film, without prior",
    "right film, oracle hints",
    "blank film",
    "films shuffled",
)
NORMAL, COMMONEST = "constant normal report", "constant commonest finding"

_HINTED_AS = {Observation.LUNG_LESION: "nodule", Observation.PLEURAL_OTHER: "pleural thickening"}
_NOTHING = 0.5  # the grey of a blank film

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class RealFilms:
    """Films of validation patients: `truth` float32 (films, 13) in the order of `REPORTED`, NaN where unknown."""

    ids: tuple[str, ...]
    pictures: tuple[Picture, ...]
    truth: NDArray[np.float32]
    groups: tuple[str, ...]
    patients: int

    @property
    def hints(self) -> list[str]:
        """The films' labels as key words: oracle hints."""
        return [_name([what for what, there in zip(REPORTED, row, strict=True) if there == 1]) for row in self.truth]


@dataclass(frozen=True)
class PhantomIuStudies:
    """Studies of Phantom-IU's validation split, synthetic, with the texts that they are scored against."""

    ids: tuple[str, ...]
    pictures: tuple[Picture, ...]
    contexts: tuple[ClinicalContext, ...]
    references: tuple[str, ...]

    @property
    def hints(self) -> list[str]:
        """What the references affirm, as key words: oracle hints."""
        affirmed = positives(self.references)
        named = [what is not Observation.NO_FINDING for what in CHEXPERT]
        return [
            _name([what for what, there, name in zip(CHEXPERT, row, named, strict=True) if there and name])
            for row in affirmed
        ]


def read_real(data: Path, number: int, size: int) -> RealFilms:
    """At most `number` NIH films of validation patients, drawn by a seed, at the model's size."""
    rows = validation_rows(data, number)
    pictures = tuple(resize_to_square(film.pixels, size) for film in films_of(data, rows))
    truth = observation_table(np.array([row.labels for row in rows], dtype=np.float32))
    patients = len({row.patient for row in rows})
    return RealFilms(tuple(r.id for r in rows), pictures, truth, tuple(r.group for r in rows), patients)


def read_phantoms(data: Path, run: Path, number: int, size: int) -> PhantomIuStudies:
    """At most `number` studies of Phantom-IU's validation split, drawn into `run` with a frontal film each.

    Their split file names these studies and one of each other split, because no split may be empty.
    """
    folder = run / f"phantom-iu-{number}"
    if not (folder / STUDIES_FILE).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        splits = json.loads((data / "iu" / "r2gen_annotation.json").read_text("utf-8"))
        own = splits["val"]
        chosen = np.sort(np.random.default_rng(0).choice(len(own), min(number, len(own)), replace=False))
        kept = {"train": splits["train"][:1], "val": [own[place] for place in chosen], "test": splits["test"][:1]}
        split_file = folder / "split.json"
        split_file.write_text(json.dumps({s: [{"id": e["id"]} for e in entries] for s, entries in kept.items()}))
        write_line(f"drawing {len(chosen)} studies of Phantom-IU (synthetic)")
        write_phantom_iu(data / "iu", split_file, folder, lateral=False)
    studies = [s for s in read_studies(folder / STUDIES_FILE, "validate") if scored_text(s.reference, Target.REPORT)]
    pictures = []
    for study in studies:
        with Image.open(study.shown[0].path) as film:
            pictures.append(resize_to_square(np.asarray(film.convert("L"), dtype=np.float32) / np.float32(255), size))
    return PhantomIuStudies(
        tuple(study.study_id for study in studies),
        tuple(pictures),
        tuple(study.context for study in studies),
        tuple(scored_text(study.reference, Target.REPORT) for study in studies),
    )


def run_inputs(data: Path, run: Path, model_folder: Path, films: int, phantoms: int) -> dict[str, Any]:
    """Draft the missing rows, and give the part's figures."""
    base, model, digests = load_bundled(model_folder)
    size = base.image_size
    real, drawn = read_real(data, films, size), read_phantoms(data, run, phantoms, size)
    folder = run / "inputs"
    nothing = np.full((size, size), _NOTHING, dtype=np.float32)
    empty = [ClinicalContext()] * len(real.ids)
    hinted = [ClinicalContext(hints=hint) for hint in real.hints]

    def drafted(name: str, ids: Sequence[str], pictures: Sequence[Picture], contexts: Sequence[ClinicalContext]) -> Any:
        return draft_row(folder / f"{name}.json", base, model, digests, ids, pictures, contexts)

    of_real = {
        FULL: drafted("real-right", real.ids, real.pictures, empty),
        HINTED: drafted("real-hints", real.ids, real.pictures, hinted),
        BLANK: drafted("real-blank", real.ids[:1], [nothing], empty[:1]) * len(real.ids),
    }
    order = shuffle_within_groups([""] * len(drawn.ids), np.random.default_rng(0))
    without = [replace(context, **dict.fromkeys(SLOT_LABELS, "")) for context in drawn.contexts]
    hinted_contexts = [replace(context, hints=hint) for context, hint in zip(drawn.contexts, drawn.hints, strict=True)]
    others = [drawn.pictures[place] for place in order]
    of_drawn = {
        FULL: drafted("phantom-right", drawn.ids, drawn.pictures, drawn.contexts),
        NOTHING_BEFORE: drafted("phantom-without-prior", drawn.ids, drawn.pictures, without),
        HINTED: drafted("phantom-hints", drawn.ids, drawn.pictures, hinted_contexts),
        BLANK: drafted("phantom-blank", drawn.ids, [nothing] * len(drawn.ids), drawn.contexts),
        SHUFFLED: drafted("phantom-shuffled", drawn.ids, others, drawn.contexts),
    }
    own = {**of_real, SHUFFLED: of_real[FULL]}
    write_line("measuring what was drafted")
    measured = {name: measure_real(drafts, real) for name, drafts in of_real.items()}
    measured[SHUFFLED] = measure_shuffled(of_real[FULL], real)
    with MeteorJava() as java:
        texts = {name: measure_phantom(drafts, drawn, java) for name, drafts in of_drawn.items()}
        constants = phantom_constants(drawn, java)
    return {
        "model": digests,
        "real": {
            "films": len(real.ids),
            "patients": real.patients,
            "rows": rows_against(measured | real_constants(real), FULL, "micro-f1", REAL_FIGURES, own),
        },
        "phantom": {
            "studies": len(drawn.ids),
            "rows": rows_against(texts | constants, FULL, "findings-13-micro-f1", PHANTOM_FIGURES, of_drawn),
        },
    }


def load_bundled(folder: Path) -> tuple[Base, Any, dict[str, str]]:
    """The base in `folder` with its adapter folded in, and both digests."""
    base = load_base(folder / "instructblip-mini", "fp32", "cpu")
    return base, *with_adapter(base, folder / "clinicalblip-mini")


def with_adapter(base: Base, adapter: Path) -> tuple[Any, dict[str, str]]:
    """The base's model with an adapter folded in, ready to draft; and the digests of both."""
    model, digest = load_adapter(base, adapter)
    model.merge_adapter()
    return model.eval(), {"base": base.digest, "adapter": digest}


def draft_row(
    path: Path,
    base: Base,
    model: Any,
    digests: dict[str, str],
    ids: Sequence[str],
    pictures: Sequence[Picture],
    contexts: Sequence[ClinicalContext],
) -> list[str]:
    """The drafts of one row, kept in `path`: made again only for another model, other films or other contexts."""
    fingerprint = {
        "model": digests,
        "ids": list(ids),
        "films": [round(float(picture.mean()), 6) for picture in pictures],
        "contexts": [asdict(context) for context in contexts],
        "tokens": TOKENS,
    }

    def make() -> list[str]:
        drafts: list[str] = []
        for start in range(0, len(ids), 4 * BATCH):
            part = slice(start, start + 4 * BATCH)
            drafts += draft(base, model, [[p] for p in pictures[part]], contexts[part], TOKENS)
            write_line(f"{path.parent.name}/{path.stem}: {len(drafts)} of {len(ids)} drafts")
        return drafts

    return cached(path, fingerprint, make)


def measure_real(drafts: Sequence[str], real: RealFilms) -> dict[str, Statistic]:
    """Finding scores of these drafts against the films' labels."""
    return measure_table(affirmed_findings(drafts), real.truth)


def measure_shuffled(drafts: Sequence[str], real: RealFilms) -> dict[str, Statistic]:
    """The same with each film given the draft of another one of its set and size: the mean of twenty shuffles."""
    affirmed, rng = affirmed_findings(drafts), np.random.default_rng(0)
    shuffled = [measure_table(affirmed[shuffle_within_groups(real.groups, rng)], real.truth) for _ in range(SHUFFLES)]
    return mean_of_rows(shuffled)


def mean_of_rows(rows: Sequence[dict[str, Statistic]]) -> dict[str, Statistic]:
    """Each figure's mean over several sets of drafts of the same studies."""
    return {name: average_statistics(name, [row[name] for row in rows]) for name in rows[0]}


def measure_phantom(drafts: Sequence[str], drawn: PhantomIuStudies, java: MeteorJava) -> dict[str, Statistic]:
    """Text metrics and finding scores of these drafts against the reports of the studies."""
    texts = [scored_text(parse_sections(text), Target.REPORT) for text in drafts]
    cleaned = [[clean(one_line(text), Cleaning.R2GEN) for text in each] for each in (texts, drawn.references)]
    found = measure(TEXT_METRICS, *cleaned, java=java)
    figures = {name: each for name, each in found.items() if isinstance(each, Statistic)}
    return figures | measure_findings(texts, drawn.references)


def real_constants(real: RealFilms) -> dict[str, dict[str, Statistic]]:
    """What constant reports score: the normal one, and the commonest finding."""
    nothing = np.zeros(real.truth.shape, dtype=np.bool_)
    commonest = nothing.copy()
    commonest[:, int(np.nansum(real.truth, axis=0).argmax())] = True
    return {NORMAL: measure_table(nothing, real.truth), COMMONEST: measure_table(commonest, real.truth)}


def phantom_constants(drawn: PhantomIuStudies, java: MeteorJava) -> dict[str, dict[str, Statistic]]:
    """The same two for Phantom-IU; the commonest finding is one sentence and nothing else."""
    counts = positives(drawn.references).sum(axis=0)
    counts[CHEXPERT.index(Observation.NO_FINDING)] = 0
    texts = {
        NORMAL: Report(NORMAL_FINDINGS, NORMAL_IMPRESSION).text,
        COMMONEST: PHRASINGS[CHEXPERT[int(counts.argmax())]].affirming[0],
    }
    return {name: measure_phantom([text] * len(drawn.ids), drawn, java) for name, text in texts.items()}


def rows_against(
    measured: dict[str, dict[str, Statistic]],
    headline: str,
    compared: str,
    shown: Sequence[str],
    drafts: dict[str, list[str]],
) -> list[dict[str, Any]]:
    """Every row's figures with intervals, and the headline's compared figure less the row's, paired."""
    rows = []
    for name, figures in measured.items():
        own = bootstrap_intervals({each: figures[each] for each in shown if each in figures})
        less = None if name == headline else bootstrap_difference(measured[headline][compared], figures[compared])
        rows.append(
            {
                "row": name,
                "figures": {each: asdict(to_figure(value)) for each, value in own.items()},
                "headline_less_this": None if less is None else asdict(to_figure(less)),
                "distinct_drafts": len(set(drafts[name])) if name in drafts else None,
            }
        )
    return rows


def _name(findings: Sequence[Observation]) -> str:
    return ", ".join(_HINTED_AS.get(what, what.value.lower()) for what in findings)
