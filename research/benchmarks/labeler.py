"""How well the finding labeler agrees with the tags of IU X-RAY, beside a plain keyword search without negation.

    python -m research.benchmarks.labeler --iu DIR [--on train|held-out]

DIR holds NLMCXR_reports.tgz and R2Gen's r2gen_annotation.json. The rules were made on the train split; `held-out` is
every other report of the 3,955, those that no split has included. Findings and impression are read together. What is
counted as true is said in docs/labeler.md; a row of fewer than 20 positives gets no figure.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.labeler import observations
from clinicalblip.labeler.laterality import lateralities
from clinicalblip.radiology.finding import MIDLINE, Laterality
from clinicalblip.radiology.observation import Certainty, LabelSet, Observation, observation_of
from clinicalblip.radiology.study import Study

AUTOMATIC: Final = "automatic:"
NOT_INDEXED: Final = "No Indexing"
FEWEST: Final = 20
O = Observation  # noqa: E741

KEYWORDS: Final[Mapping[Observation, str]] = {
    O.ENLARGED_CARDIOMEDIASTINUM: "mediastin",
    O.CARDIOMEGALY: "cardiomegaly|enlarged heart|heart is enlarged|enlarged cardiac|heart size is enlarged",
    O.LUNG_OPACITY: "opacit|opacif|density|densities|airspace disease|infiltrat|interstitial markings",
    O.LUNG_LESION: "nodule|mass|lesion|tumor",
    O.EDEMA: "edema|heart failure|chf",
    O.CONSOLIDATION: "consolidat",
    O.PNEUMONIA: "pneumonia|infection",
    O.ATELECTASIS: "atelecta|collapse",
    O.PNEUMOTHORAX: "pneumothora",
    O.PLEURAL_EFFUSION: "effusion",
    O.PLEURAL_OTHER: "pleural thickening|pleural scar|pleural plaque",
    O.FRACTURE: "fracture",
    O.SUPPORT_DEVICES: "catheter|tube|pacemaker|picc|port|device|stent|line|wires",
    O.INFILTRATION: "infiltrat",
    O.EMPHYSEMA: "emphysema",
    O.FIBROSIS: "fibrosis|fibrotic",
    O.HERNIA: "hernia",
}


@dataclass(frozen=True)
class LabeledReport:
    """One report: the findings of its tags, and those that each method finds in its text."""

    tagged: frozenset[Observation]
    present: frozenset[Observation]
    doubted_too: frozenset[Observation]
    keywords: frozenset[Observation]


def search(text: str) -> frozenset[Observation]:
    """What a keyword search finds; No Finding where it finds nothing."""
    found = frozenset(what for what, words in KEYWORDS.items() if re.search(words, text.lower()))
    return found or frozenset({O.NO_FINDING})


def tagged(study: Study, automatic: bool) -> frozenset[Observation]:
    """What the readers' tags say is there and, with `automatic`, what a program's do."""
    by_readers = [tag for tag in study.tags if not tag.startswith(AUTOMATIC)]
    tags = [tag.removeprefix(AUTOMATIC) for tag in study.tags] if automatic else by_readers
    said = {what for tag in tags if (what := observation_of(tag, LabelSet.IU)) is not None}
    if O.INFILTRATION in said:
        said.add(O.LUNG_OPACITY)
    speaking = [tag for tag in by_readers if not tag.startswith("Technical Quality")]
    if {observation_of(tag, LabelSet.IU) for tag in speaking} <= {O.SUPPORT_DEVICES}:
        said.add(O.NO_FINDING)
    return frozenset(said)


def label(study: Study, automatic: bool) -> LabeledReport:
    """Label one report with every method."""
    said = observations(study.reference.text)
    return LabeledReport(
        tagged(study, automatic),
        frozenset(what for what, how in said.items() if how is Certainty.PRESENT),
        frozenset(what for what, how in said.items() if how is not Certainty.ABSENT),
        search(study.reference.text),
    )


def fraction(part: int, whole: int) -> str:
    """A fraction with its 95 % interval (Wilson)."""
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{part / whole:.3f} ({low:.3f} to {high:.3f})"


def table(reports: Sequence[LabeledReport]) -> str:
    """Precision and recall an observation, of the labeler, of the labeler with doubted findings, and of the search."""
    lines = [
        "| observation | n | precision | recall | doubted too: precision | recall | keywords: precision | recall |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    methods: tuple[Callable[[LabeledReport], frozenset[Observation]], ...] = (
        lambda report: report.present,
        lambda report: report.doubted_too,
        lambda report: report.keywords,
    )
    for what in Observation:
        positive = sum(what in report.tagged for report in reports)
        cells = ["under 20", *[""] * 5]
        if positive >= FEWEST:
            cells = []
            for method in methods:
                found = sum(what in method(report) for report in reports)
                right = sum(what in method(report) and what in report.tagged for report in reports)
                cells += [fraction(right, found), fraction(right, positive)]
        lines.append(f"| {what} | {positive} | {' | '.join(cells)} |")
    return "\n".join(lines)


def sides_table(studies: Sequence[Study]) -> str:
    """Precision and recall of sides, over the findings that both the readers' tags and the text have."""
    findings = right = said = true = 0
    for study in studies:
        tags: dict[Observation, set[Laterality]] = {}
        for tag in study.tags:
            what = None if tag.startswith(AUTOMATIC) else observation_of(tag, LabelSet.IU)
            if what is not None and what not in MIDLINE:
                words = set(tag.lower().split("/"))
                both = set(Laterality) if "bilateral" in words else set()
                lingula = {Laterality.LEFT} if "lingula" in words else set()
                tags.setdefault(what, set()).update({side for side in Laterality if side.value in words}, both, lingula)
        found = lateralities(study.reference.text)
        for what, expected in tags.items():
            if expected and what in found:
                findings += 1
                right += len(found[what] & expected)
                said += len(found[what])
                true += len(expected)
    precision, recall = fraction(right, said), fraction(right, true)
    return f"{findings} findings with {true} tagged sides: precision {precision}, recall {recall}"


def folded(study: Study) -> str:
    """The letters of a report, for finding the same one again: case, figures, signs and `XXXX` make no difference."""
    return " ".join(re.findall(r"[a-z]+", re.sub(r"xxxx|\d", " ", study.reference.text.lower())))


def all_reports(source: Path) -> tuple[list[Study], list[Study]]:
    """The studies of R2Gen's train split, and all others that have a text."""
    split_file = source / "r2gen_annotation.json"
    split = prepare_iu_xray(source, split_file=split_file, without_images=True).studies
    train = {study.study_id for study in split if study.split == "train"}
    every = list(prepare_iu_xray(source, without_images=True).studies)
    return [study for study in every if study.study_id in train], [s for s in every if s.study_id not in train]


def report_on(studies: Sequence[Study], seen: Iterable[str]) -> None:
    """Print what these studies show; `seen` are the folded texts that the rules were made on."""
    texts = set(seen)
    indexed = [study for study in studies if any(not tag.startswith((AUTOMATIC, NOT_INDEXED)) for tag in study.tags)]
    unseen = [study for study in indexed if folded(study) not in texts]
    print(f"{len(studies)} reports with a text, of them {len(studies) - len(indexed)} that nobody tagged")
    print(f"{len(indexed)} read; the text of {len(indexed) - len(unseen)} stands in train as well\n")
    kinds = [("Readers' tags", indexed, False), ("Readers' or automatic tags", indexed, True)]
    if len(unseen) < len(indexed):
        kinds.insert(1, ("Readers' tags, only texts that do not stand in train", unseen, False))
    for title, some, automatic in kinds:
        print(f"{title}: {len(some)} reports\n\n{table([label(study, automatic) for study in some])}\n")
    print(f"Sides, readers' tags: {sides_table(indexed)}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iu", type=Path, required=True, help="the folder with NLMCXR_reports.tgz")
    parser.add_argument("--on", choices=("train", "held-out"), default="held-out")
    arguments = parser.parse_args()
    train, held_out = all_reports(arguments.iu)
    if arguments.on == "train":
        report_on(train, ())
    else:
        report_on(held_out, map(folded, train))


if __name__ == "__main__":
    main()
