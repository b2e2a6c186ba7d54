"""The ablations: the model's inputs, the stages of its adapter, and how its encoder is trained.

    OMP_NUM_THREADS=2 python -m research.benchmarks.ablations --data ../shared/data --run DIR [--mini-run DIR]
        [--only inputs stages encoder] [--seeds 3] [--films 400] [--phantoms 150] [--studies 800] [--steps 400]
        [--write docs/ablations.md]

inputs     the bundled model drafts validation films and Phantom-IU with less and with more input than it should have
stages     the bundled base is trained in one stage, two, three, and in all at once
encoder    new encoders are trained briefly: with and without the teacher, at three sizes, from less and more data

The folder of the run keeps every finished row; called again, the command goes on where it was, and makes again only the
rows of another model, other films or other settings. `--mini-run` is a run of `research.mini` whose table of films the
last two parts learn from; without it a table is made in the run's folder, which takes a quarter of an hour once.
`--write` writes the document, and its plot beside it, from all parts whose figures the run folder has.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.errors import ClinicalBlipError
from clinicalblip.progress import write_line
from clinicalblip.training.machine import describe_machine
from research.benchmarks.ablations.document import plot_parts, write_document
from research.benchmarks.ablations.encoder import run_encoders
from research.benchmarks.ablations.inputs import run_inputs
from research.benchmarks.ablations.stages import run_stages
from research.mini.films.prepare_films import prepare_films
from research.mini.films.table import Films, read_films
from research.mini.recipe import FULL

ROOT = Path(__file__).resolve().parents[2]

PARTS = ("inputs", "stages", "encoder")
NUMBERS = {
    "inputs": ("films", "phantoms"),
    "stages": ("films", "phantoms", "studies", "seeds"),
    "encoder": ("steps", "seeds"),
}


def films_table(data: Path, run: Path, mini_run: Path | None) -> Films:
    """The table of films of a finished run of `research.mini`, which is only read, or one made in this run's folder."""
    if mini_run is None:
        write_line("preparing the table of films")
        return prepare_films(data, run / "mini", FULL)
    folder = mini_run / "films"
    table = folder / "films.json"
    if not table.is_file() or json.loads(table.read_text("utf-8"))["fingerprint"]["size"] != FULL.size:
        raise SystemExit(f"There is no table of films of {FULL.size} pixels in the folder of --mini-run; leave it out.")
    return read_films(folder)


def figures_file(run: Path, part: str) -> Path:
    """Where the figures of a part lie."""
    return run / f"{part}.json"


def run_part(part: str, options: argparse.Namespace) -> dict[str, Any]:
    """Make the missing rows of one part; gives its figures."""
    data, run = options.data, options.run

    def table() -> Films:
        return films_table(data, run, options.mini_run)

    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "inputs": lambda: run_inputs(data, run, options.model, options.films, options.phantoms),
        "stages": lambda: run_stages(
            data,
            run,
            options.model,
            table(),
            options.films,
            options.phantoms,
            options.seeds,
            options.studies,
            options.vision_init,
        ),
        "encoder": lambda: run_encoders(run, table(), options.vision_init, options.seeds, options.steps),
    }
    began = time.monotonic()
    figures = parts[part]()
    return {
        **figures,
        "command": command_of(part, options),
        "machine": describe_machine("cpu"),
        "minutes": round((time.monotonic() - began) / 60, 2),
    }


def command_of(part: str, options: argparse.Namespace) -> str:
    """The command that makes a part again, with every number that its figures depend on."""
    words = [f"python -m research.benchmarks.ablations --data DIR --run DIR --only {part}"]
    return " ".join([*words, *(f"--{name} {getattr(options, name)}" for name in NUMBERS[part])])


def main() -> None:
    """Run the parts that were asked for, and write the document where it was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m research.benchmarks.ablations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder with radiographs/ and iu/")
    parser.add_argument("--run", type=Path, required=True, help="where every finished row is kept")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run; all of them if not given"
    )
    parser.add_argument(
        "--mini-run", type=Path, metavar="DIR", help="a run of research.mini with a table of films, only read"
    )
    parser.add_argument("--model", type=Path, default=ROOT / "assets" / "mini", help="the folder of base and adapter")
    parser.add_argument(
        "--vision-init",
        type=Path,
        default=ROOT / "research" / "assets" / "vision_init",
        help="the folder of the teacher",
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--films", type=int, default=400, help="real validation films at most")
    parser.add_argument("--phantoms", type=int, default=150, help="synthetic validation studies at most")
    parser.add_argument("--studies", type=int, default=800, help="composed studies that stages are trained on")
    parser.add_argument("--steps", type=int, default=400, help="steps of an encoder's training")
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the document, and its plot beside it")
    options = parser.parse_args()
    options.run.mkdir(parents=True, exist_ok=True)
    try:
        for part in options.only:
            figures = run_part(part, options)
            write_atomically(figures_file(options.run, part), json.dumps(figures, indent=1) + "\n")
            write_line(f"{part}: finished in {figures['minutes']} minutes")
    except ClinicalBlipError as error:
        raise SystemExit(str(error)) from error
    if options.write is not None:
        files = {part: figures_file(options.run, part) for part in PARTS}
        found = {part: json.loads(file.read_text("utf-8")) for part, file in files.items() if file.is_file()}
        picture = options.write.with_suffix(".svg")
        plot_parts(found, picture)
        write_atomically(options.write, write_document(found, picture.name))


if __name__ == "__main__":
    main()
