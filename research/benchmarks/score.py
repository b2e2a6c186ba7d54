"""How well `score` separates real films by the labels of NIH's validation patients, and whether it is calibrated.

    OMP_NUM_THREADS=1 python -m research.benchmarks.score --data ../shared/data
        [--films N] [--base B --adapter A] [--write]

AUROC counts pairs of films of one set and size only. Calibration is measured on patients that nothing was fitted on;
`--write` then fits temperature and biases on all the films and keeps them beside the base's weights.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from clinicalblip.instructblip.checkpoint_files import find_checkpoint
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.instructblip.scoring.score import SCALE_FILE, ScoreScale, write_scale
from clinicalblip.progress import track
from clinicalblip.radiology.observation import CHEXPERT
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.settings import Settings, read_settings
from research.mini.evaluation.evaluate_scores import chexpert_table, fit_scores, labelled, measure_scores
from research.mini.evaluation.validation_films import films_of, validation_rows

ROOT = Path(__file__).resolve().parents[2]


def margins_of(reporter: InstructBlipReporter, data: Path, rows: list) -> np.ndarray:
    """The margins of these films, (films, 14), no slot of the prompt filled."""
    found = []
    for film in track(films_of(data, rows), "films", total=len(rows), unit="film"):
        margins = reporter.margins([film], ClinicalContext())
        found.append([margins[what] for what in CHEXPERT])
    return np.array(found)


def show(figures: dict, seconds: float) -> None:
    """Print the tables."""
    print("| observation | films that have it | AUROC within sizes |\n|---|---|---|")
    for name, found in figures["observations"].items():
        print(f"| {name} | {found['positives']} | {found['auroc']:.3f} |")
    counted = f"macro over {figures['counted_observations']} observations with 30 films or more: "
    if figures["macro_auroc"] is None:
        counted += "not measured"
    else:
        low, high = figures["macro_auroc_interval"]
        counted += f"{figures['macro_auroc']:.3f} (95 % interval {low:.3f} to {high:.3f} over patients); "
        counted += f"with another's film {figures['macro_auroc_of_another_film']:.3f}"
    print(f"\n{figures['films']} films of {figures['patients']} patients; {counted}.")
    for name, error in figures["calibration_error"].items():
        print(f"Calibration error, {name.replace('_', ' ')}: {error:.3f}")
    print(f"{1000 * seconds / figures['films']:.0f} ms a film.")


def settings_of(options: argparse.Namespace) -> Settings:
    """The repository's settings, or those of another model."""
    settings = read_settings(ROOT / "spaces_config.yaml")
    if not options.base:
        return settings
    model = settings.model.model_copy(update={"base": str(options.base), "adapter": options.adapter})
    return settings.model_copy(update={"model": model})


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model, and where the data is."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with radiographs/")
    parser.add_argument("--base", metavar="B", help="(default: the settings')")
    parser.add_argument("--adapter", metavar="A")


def main() -> None:
    """Score, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--films", type=int, metavar="N", help="at most so many (default: all)")
    parser.add_argument("--write", action="store_true", help=f"keep temperature and biases in the base's {SCALE_FILE}")
    parser.add_argument("--json", type=Path, metavar="F", help="keep the figures")
    options = parser.parse_args()
    settings = settings_of(options)
    reporter = load_reporter(settings)
    rows = validation_rows(options.data, options.films)
    began = time.perf_counter()
    margins = margins_of(reporter, options.data, rows)
    seconds = time.perf_counter() - began
    truth = chexpert_table(np.array([row.labels for row in rows], dtype=np.float32))
    figures = measure_scores(margins, truth, [row.group for row in rows], [row.patient for row in rows])
    show(figures, seconds)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.write:
        identity = reporter.identity
        scale = fit_scores(margins, truth)
        folder = find_checkpoint(settings.folder / settings.model.base)
        write_scale(ScoreScale(identity.base_digest, identity.adapter_digest, scale, labelled(truth)), folder)
        print(f"Temperature {scale.temperature:.3f} written to {SCALE_FILE}.")


if __name__ == "__main__":
    main()
