"""Whether training makes a model look: a plan overfits a few drawn films, and the drafts follow shuffled films.

    OMP_NUM_THREADS=2 python -m research.benchmarks.overfit --run DIR [--studies 200] [--epochs 10 30 100] [--batch 8]
        [--own-wording]

Draws chests with known findings, writes each a report that is true of it, and trains the stages of the plan `mini` for
so many epochs each. Chests with the same findings on the same sides have the same report, which can be learnt by
looking; with `--own-wording` hardly two are worded alike, and each film has to be memorised. The studies have no
context, so that only the film distinguishes them. Then every study is drafted twice: from its own film, and from
another's. A model that overfits writes the reports it has learnt; one that looks writes, from another's film, the
other's. Films shuffled in training would prove nothing: a model overfits them as well.

The folder of the run keeps everything; called again, it goes on where it was.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from clinicalblip.datasets.files.json_lines import recover_json_lines
from clinicalblip.datasets.files.studies import read_studies, write_studies
from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.instructblip.batch.draft_all import draft_all
from clinicalblip.instructblip.batch.input_condition import FilmCondition, InputCondition
from clinicalblip.instructblip.named_base import load_named_base
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import write_line
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import Settings
from clinicalblip.training.machine import describe_machine
from clinicalblip.training.plans import MINI
from clinicalblip.training.train import train_plan
from research.phantom.choosing import random_finding, seen_apart
from research.phantom.description import Finding, Kind, Phantom
from research.phantom.draw import draw_chest

ROOT = Path(__file__).resolve().parents[2]

BASE = ROOT / "assets" / "mini" / "instructblip-mini"
SIZE = 320

PRESENT = {
    Kind.CARDIOMEGALY: ("The heart is enlarged.", "There is cardiomegaly.", "The cardiac silhouette is enlarged."),
    Kind.EFFUSION: ("There is a pleural effusion {side}.", "A pleural effusion is seen {side}."),
    Kind.PNEUMOTHORAX: ("There is a pneumothorax {side}.", "A pneumothorax is seen {side}."),
    Kind.CONSOLIDATION: ("There is consolidation {side}.", "An airspace consolidation is seen {side}."),
    Kind.NODULE: ("There is a lung nodule {side}.", "A nodule is seen {side}."),
}
ABSENT = {
    Kind.CARDIOMEGALY: ("The heart size is normal.", "The heart is not enlarged.", "The cardiac silhouette is normal."),
    Kind.EFFUSION: ("There is no pleural effusion.", "The pleural spaces are clear."),
    Kind.PNEUMOTHORAX: ("There is no pneumothorax.", "No pneumothorax is seen."),
    Kind.CONSOLIDATION: ("There is no consolidation.", "No airspace disease is seen."),
    Kind.NODULE: ("There is no nodule.", "No nodule is seen."),
}
SIDES = {"right": "on the right", "left": "on the left", "both": "on both sides"}


def few_findings(seed: int) -> Phantom:
    """A chest that has one, two or three of the five findings that this experiment describes."""
    draw = np.random.default_rng((seed, 11))
    wanted, findings = int(draw.choice((1, 2, 3), p=(0.35, 0.4, 0.25))), list[Finding]()
    for place in draw.permutation(len(PRESENT)):
        finding = random_finding(list(PRESENT)[place], draw)
        if len(findings) < wanted and seen_apart((*findings, finding)):
            findings.append(finding)
    return Phantom(seed, frozenset(findings))


def describe(phantom: Phantom, *, own_wording: bool) -> Report:
    """A report that is true of the phantom, in the first wording of each sentence or in one drawn from its seed."""
    draw = random.Random(phantom.seed) if own_wording else _First()
    findings, impression = [], []
    for name in PRESENT:
        drawn = phantom.finding(name)
        sentence = draw.choice(PRESENT[name] if drawn else ABSENT[name])
        sentence = sentence.format(side=SIDES.get(drawn.side, "") if drawn else "")
        findings.append(sentence)
        if drawn:
            impression.append(sentence)
    return Report(" ".join(findings), " ".join(impression) or draw.choice(("Normal chest.", "No acute disease.")))


class _First(random.Random):
    """Draws the first of everything."""

    def choice(self, seq: Sequence[str]) -> str:
        return seq[0]


def draw_studies(folder: Path, count: int, *, own_wording: bool) -> list[Study]:
    """So many studies of one drawn film each, all of the train split, in `folder`; what is there is read again."""
    file = folder / "studies.jsonl"
    if not file.is_file():
        (folder / "films").mkdir(parents=True, exist_ok=True)
        studies = []
        for number in range(count):
            phantom = few_findings(number)
            path = folder / "films" / f"{number}.png"
            Image.fromarray(np.rint(draw_chest(phantom, SIZE) * 255).astype(np.uint8)).save(path)
            images = (StudyImage(path, View.PA),)
            studies.append(
                Study(f"s{number}", f"p{number}", "train", images, reference=describe(phantom, own_wording=own_wording))
            )
        write_studies(studies, file)
    studies = list(read_studies(file))
    if len(studies) != count:
        raise SystemExit(f"The run was begun with {len(studies)} studies; go on with as many, or name another folder.")
    return studies


@dataclass(frozen=True)
class Found:
    """What the experiment found. Losses are means over the last tenth of each stage."""

    studies: int
    distinct_reports: int
    losses: dict[str, float]
    steps: dict[str, int]
    whole: dict[FilmCondition, int]
    sentences: dict[FilmCondition, int]
    all_sentences: int
    others: int

    def table(self, base: str) -> str:
        """The figures as Markdown."""
        lines = [
            f"{self.studies} studies with {self.distinct_reports} different reports, the plan mini on {base}, "
            f"{describe_machine('cpu')}",
            "",
            "| stage | steps | training loss at its end |",
            "|---|---|---|",
            *(f"| {name} | {self.steps[name]:,} | {loss:.3f} |" for name, loss in self.losses.items()),
            "",
            "| drafted from | reports reproduced word for word | of their sentences |",
            "|---|---|---|",
        ]
        for films, what in ((FilmCondition.RIGHT, "its own film"), (FilmCondition.SHUFFLED, "another's film")):
            whole, sentences = self.whole[films], self.sentences[films]
            lines.append(
                f"| {what} | {fraction(whole, self.studies)} | {sentences} of {self.all_sentences} "
                f"({sentences / self.all_sentences:.0%}) |"
            )
        lines += ["", f"From another's film, {fraction(self.others, self.studies)} were another study's report."]
        return "\n".join(lines)


def fraction(count: int, of: int) -> str:
    """A count with its share and Wilson's 95 % interval."""
    low, high = wilson(count, of)
    return f"{count} of {of} ({count / of:.0%}; 95 % interval {low:.0%} to {high:.0%})"


def overfit(
    run: Path,
    base: str,
    *,
    studies: int,
    epochs: tuple[float, float, float],
    batch: int = 16,
    faster: float = 1.0,
    own_wording: bool = False,
) -> Found:
    """Draw, train and draft, or go on with what the folder has."""
    drawn = draw_studies(run, studies, own_wording=own_wording)
    stages = tuple(
        replace(stage, epochs=each, batch=batch, learning_rate=stage.learning_rate * faster, slot_dropout=0.0)
        for stage, each in zip(MINI.stages, epochs, strict=True)
    )
    plan = replace(MINI, stages=stages)
    adapter = train_plan(plan, drawn, run / "training", load_named_base(base, "fp32", "cpu"), log=write_line)
    settings = Settings(folder=ROOT)
    model = settings.model.model_copy(update={"base": base, "adapter": str(adapter.resolve()), "precision": "fp32"})
    reporter = load_reporter(settings.model_copy(update={"model": model}))
    reports = {study.study_id: study.reference for study in drawn}
    written = {}
    for films in (FilmCondition.RIGHT, FilmCondition.SHUFFLED):
        file = run / f"predictions-{films}.jsonl"
        draft_all(reporter, drawn, file, InputCondition(films), batch=16, log=write_line)
        lines = recover_json_lines(file)
        written[films] = {line["study_id"]: Report(line["findings"], line["impression"]) for line in lines}
    logs = {stage.name: run / "training" / f"{n:02d}-{stage.name}" / "log.jsonl" for n, stage in enumerate(stages, 1)}
    losses, steps = {}, {}
    for name, log in logs.items():
        values = recover_json_lines(log)
        last = values[-max(1, len(values) // 10) :]
        losses[name], steps[name] = sum(line["loss"] for line in last) / len(last), values[-1]["steps"]
    elsewhere = set(reports.values())
    return Found(
        studies=studies,
        distinct_reports=len(elsewhere),
        losses=losses,
        steps=steps,
        whole={films: sum(reports[s] == draft for s, draft in drafts.items()) for films, drafts in written.items()},
        sentences={
            films: sum(len(sentences(reports[s]) & sentences(draft)) for s, draft in drafts.items())
            for films, drafts in written.items()
        },
        all_sentences=sum(len(sentences(report)) for report in reports.values()),
        others=sum(draft in elsewhere and draft != reports[s] for s, draft in written[FilmCondition.SHUFFLED].items()),
    )


def sentences(report: Report) -> set[str]:
    """The sentences of the findings."""
    return {f"{sentence.strip()}." for sentence in report.findings.split(".") if sentence.strip()}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="where the experiment is kept")
    parser.add_argument("--studies", type=int, default=200, metavar="N")
    parser.add_argument("--epochs", type=float, nargs=3, default=(10, 30, 100), metavar="N", help="of each stage")
    parser.add_argument("--batch", type=int, default=8, metavar="N", help="studies a step")
    parser.add_argument("--faster", type=float, default=4.0, metavar="X", help="times the plan's learning rates")
    parser.add_argument("--own-wording", action="store_true", help="word hardly two reports alike")
    parser.add_argument("--base", default=str(BASE), metavar="B")
    options = parser.parse_args()
    found = overfit(
        options.run,
        options.base,
        studies=options.studies,
        epochs=tuple(options.epochs),
        batch=options.batch,
        faster=options.faster,
        own_wording=options.own_wording,
    )
    print(found.table(Path(options.base).name))


if __name__ == "__main__":
    main()
